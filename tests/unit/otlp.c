/* See otlp.h. */
#include "otlp.h"
#include "vector.h"

enum { ROOM = 1 << 16 };

sonde_otlp *otlp_memory(void) {
    static sonde_otlp *mem;
    if (mem == NULL)
        mem = malloc(sonde_otlp_size());
    return mem;
}

uint8_t *otlp_run(sonde_otlp_report *report, int32_t *status, uint32_t to,
                  int32_t signal, uint32_t from, const void *in, size_t size,
                  const sonde_otlp_limits *limits) {
    sonde_otlp_report sizing;
    uint8_t *exact = check_exact(in, size);
    int32_t need = sonde_otlp_transcode(otlp_memory(), &sizing, NULL, 0, to,
                                        signal, from, exact, size, limits);
    size_t room = need >= 0 ? (size_t)need : ROOM;
    /* lengths are put behind what they tell: one byte more on the way */
    uint8_t *out = malloc(room + 16);
    *status = sonde_otlp_transcode(otlp_memory(), report, out, room + 16, to,
                                   signal, from, exact, size, limits);
    CHECK_INT(*status, need);
    if (need > 0) {
        uint8_t *small = malloc(room);
        CHECK_INT(sonde_otlp_transcode(otlp_memory(), &sizing, small, room - 1,
                                       to, signal, from, exact, size, limits),
                  SONDE_NO_SPACE);
        free(small);
    }
    free(exact);
    return out;
}

int32_t otlp_signal(const char *line) {
    vector_words w = vector_start(line);
    return vector_is(&w, "traces")    ? SONDE_OTLP_TRACES
           : vector_is(&w, "metrics") ? SONDE_OTLP_METRICS
                                      : SONDE_OTLP_LOGS;
}
