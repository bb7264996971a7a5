/* Requests of others: what is accepted and what is not, where it is wrong, what
 * limits do, and that nothing is read or written where it must not. */
#include "check.h"
#include "core/bytes.h"
#include "core/number.h"
#include "sonde_otlp.h"
#include "vector.h"
#include <math.h>

enum { JSON = SONDE_OTLP_JSON, PROTOBUF = SONDE_OTLP_PROTOBUF };
enum { ROOM = 1 << 16 };

static sonde_otlp *memory(void) {
    static sonde_otlp *mem;
    if (mem == NULL)
        mem = malloc(sonde_otlp_size());
    return mem;
}

/* From memory that ends where the input ends, to room that is just enough;
 * sizing, and too little room, on the way. Returns what is to be freed. */
static uint8_t *run(sonde_otlp_report *report, int32_t *status, uint32_t to,
                    int32_t signal, uint32_t from, const void *in, size_t size,
                    const sonde_otlp_limits *limits) {
    sonde_otlp_report sizing;
    uint8_t *exact = check_exact(in, size);
    int32_t need = sonde_otlp_transcode(memory(), &sizing, NULL, 0, to, signal,
                                        from, exact, size, limits);
    size_t room = need > 0 ? (size_t)need : 0;
    /* lengths are put behind what they tell: one byte more on the way */
    uint8_t *out = malloc(room + 16);
    *status = sonde_otlp_transcode(memory(), report, out, room + 16, to, signal,
                                   from, exact, size, limits);
    CHECK_INT(*status, need);
    if (need > 0) {
        uint8_t *small = malloc(room);
        CHECK_INT(sonde_otlp_transcode(memory(), &sizing, small, room - 1, to,
                                       signal, from, exact, size, limits),
                  SONDE_NO_SPACE);
        free(small);
    }
    free(exact);
    return out;
}

/* ---- Whole requests, against the official implementation -------------------- */

static void both_ways(int32_t signal, const uint8_t *bytes, size_t size,
                      const char *json) {
    sonde_otlp_report report;
    int32_t status;
    uint8_t *out =
        run(&report, &status, JSON, signal, PROTOBUF, bytes, size, NULL);
    CHECK_TEXT(out, (size_t)status, json);
    free(out);
    out = run(&report, &status, PROTOBUF, signal, PROTOBUF, bytes, size, NULL);
    CHECK_BYTES(out, (size_t)status, bytes, size);
    free(out);
    out = run(&report, &status, JSON, SONDE_OTLP_ANY, JSON, json, strlen(json),
              NULL);
    CHECK_TEXT(out, (size_t)status, json);
    CHECK_INT(report.signal, size > 0 ? signal : SONDE_OTLP_ANY);
    free(out);
    out = run(&report, &status, PROTOBUF, signal, JSON, json, strlen(json),
              NULL);
    CHECK_BYTES(out, (size_t)status, bytes, size);
    free(out);
}

static int32_t signal_named(const char *line) {
    vector_words w = vector_start(line);
    return vector_is(&w, "traces")    ? SONDE_OTLP_TRACES
           : vector_is(&w, "metrics") ? SONDE_OTLP_METRICS
                                      : SONDE_OTLP_LOGS;
}

static void vectors(void) {
    static uint8_t bytes[4096];
    vector_file file = vector_open("tests/vectors/otlp.txt");
    int32_t signal = 0;
    size_t size = 0;
    for (size_t i = 0; i < file.count; i++) {
        const char *line = file.lines[i];
        if (strncmp(line, "case ", 5) == 0)
            check_about(line + 5);
        if (strncmp(line, "signal ", 7) == 0)
            signal = signal_named(line + 7);
        if (strncmp(line, "pb ", 3) == 0) {
            vector_words w = vector_start(line + 3);
            size = *w.p == '\0' ? 0 : vector_hex(&w, bytes, sizeof bytes);
        }
        if (strncmp(line, "json ", 5) == 0)
            both_ways(signal, bytes, size, line + 5);
    }
    vector_close(&file);
}

static const check_test TESTS[] = {
    {"vectors", vectors},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
