/* Requests of others: whole ones in both encodings, depth, limits, guesses, and
 * what happens when anything in them changes. */
#include "otlp.h"
#include "vector.h"
#include <math.h>

/* ---- Whole requests, against the official implementation ---------------- */

static void both_ways(int32_t signal, const uint8_t *bytes, size_t size,
                      const char *json) {
    sonde_otlp_report report;
    int32_t status;
    uint8_t *out =
        otlp_run(&report, &status, JSON, signal, PROTOBUF, bytes, size, NULL);
    CHECK_TEXT(out, (size_t)status, json);
    free(out);
    out = otlp_run(&report, &status, PROTOBUF, signal, PROTOBUF, bytes, size,
                   NULL);
    CHECK_BYTES(out, (size_t)status, bytes, size);
    free(out);
    out = otlp_run(&report, &status, JSON, SONDE_OTLP_ANY, JSON, json,
                   strlen(json), NULL);
    CHECK_TEXT(out, (size_t)status, json);
    CHECK_INT(report.signal, size > 0 ? signal : SONDE_OTLP_ANY);
    free(out);
    out = otlp_run(&report, &status, PROTOBUF, signal, JSON, json, strlen(json),
                   NULL);
    CHECK_BYTES(out, (size_t)status, bytes, size);
    free(out);
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
            signal = otlp_signal(line + 7);
        if (strncmp(line, "pb ", 3) == 0) {
            vector_words w = vector_start(line + 3);
            size = *w.p == '\0' ? 0 : vector_hex(&w, bytes, sizeof bytes);
        }
        if (strncmp(line, "json ", 5) == 0)
            both_ways(signal, bytes, size, line + 5);
    }
    vector_close(&file);
}

/* ---- Depth -------------------------------------------------------------- */

static size_t repeat(char *to, const char *text, uint32_t count) {
    size_t size = strlen(text);
    for (uint32_t i = 0; i < count; i++)
        memcpy(to + i * size, text, size);
    return count * size;
}

static size_t nested(char *to, uint32_t depth, bool map) {
    char *p = to + sprintf(to, "{\"resourceLogs\":[{\"scopeLogs\":[{"
                               "\"logRecords\":[{\"body\":");
    p += repeat(p,
                map ? "{\"kvlistValue\":{\"values\":[{\"value\":"
                    : "{\"arrayValue\":{\"values\":[",
                depth);
    p += sprintf(p, "{}");
    p += repeat(p, map ? "}]}}" : "]}}", depth);
    return (size_t)(p - to) + (size_t)sprintf(p, "}]}]}]}");
}

static void depth(void) {
    static const uint32_t depths[] = {1, 63, 64, 65, 66, 1000};
    static char json[80000];
    for (int map = 0; map < 2; map++) {
        for (size_t i = 0; i < COUNT(depths); i++) {
            sonde_otlp_report report;
            int32_t status, back;
            size_t size = nested(json, depths[i], map);
            uint8_t *out = otlp_run(&report, &status, PROTOBUF, SONDE_OTLP_ANY,
                                    JSON, json, size, NULL);
            if (depths[i] > 64) {
                CHECK_INT(status, SONDE_TOO_DEEP);
                CHECK_INT(strlen(report.path), SONDE_OTLP_PATH - 1);
                CHECK(strncmp(report.path, "...", 3) == 0);
            } else {
                uint8_t *same = otlp_run(&report, &back, JSON, 0, PROTOBUF, out,
                                         (size_t)status, NULL);
                CHECK_BYTES(same, (size_t)back, json, size);
                free(same);
            }
            free(out);
        }
    }
}

/* ---- Limits ------------------------------------------------------------- */

static void expect(const sonde_otlp_limits *limits, const char *in,
                   const char *want, sonde_otlp_report *report) {
    int32_t status, back;
    uint8_t *out = otlp_run(report, &status, JSON, SONDE_OTLP_ANY, JSON, in,
                            strlen(in), limits);
    CHECK_TEXT(out, status < 0 ? 0u : (size_t)status, want);
    free(out);
    /* and the same from protobuf */
    sonde_otlp_report again;
    out = otlp_run(&again, &status, PROTOBUF, SONDE_OTLP_ANY, JSON, in,
                   strlen(in), NULL);
    uint8_t *json = otlp_run(&again, &back, JSON, again.signal, PROTOBUF, out,
                             (size_t)status, limits);
    CHECK_TEXT(json, back < 0 ? 0u : (size_t)back, want);
    CHECK_INT(again.records, report->records);
    CHECK_INT(again.dropped_records, report->dropped_records);
    CHECK_INT(again.dropped_attributes, report->dropped_attributes);
    CHECK_INT(again.cut_values, report->cut_values);
    free(json);
    free(out);
}

#define KV(key) "{\"key\":\"" key "\"}"
#define TEXT(text) "{\"key\":\"k\",\"value\":{\"stringValue\":\"" text "\"}}"

static void limits(void) {
    sonde_otlp_limits limits;
    sonde_otlp_report report;
    sonde_otlp_limits_init(&limits);
    limits.max_records = 2;
    limits.max_attributes = 1;
    limits.max_value = 3;
    check_about("records");
    expect(&limits, LOG("{},{\"severityNumber\":1},{\"body\":{}},{}"),
           LOG("{},{\"severityNumber\":1}"), &report);
    CHECK_INT(report.records, 2);
    CHECK_INT(report.dropped_records, 2);
    check_about("attributes");
    expect(&limits,
           LOG("{\"attributes\":[" KV("a") "," KV("b") "," KV("c") "]}"),
           LOG("{\"attributes\":[" KV("a") "],\"droppedAttributesCount\":2}"),
           &report);
    CHECK_INT(report.dropped_attributes, 2);
    check_about("attributes, and some were dropped before");
    expect(&limits,
           LOG("{\"attributes\":[" KV("a") "," KV(
               "b") "],"
                    "\"droppedAttributesCount\":5}"),
           LOG("{\"attributes\":[" KV("a") "],\"droppedAttributesCount\":6}"),
           &report);
    check_about("values");
    expect(&limits,
           LOG("{\"body\":{\"stringValue\":\"abcdef\"},\"attributes\":[" TEXT(
               "ab\xC3\xA9"
               "d") "]}"),
           LOG("{\"body\":{\"stringValue\":\"abcdef\"},\"attributes\":[" TEXT(
               "ab\xC3\xA9") "]}"),
           &report);
    CHECK_INT(report.cut_values, 1);
    expect(&limits, LOG("{\"attributes\":[" TEXT("abc") "]}"),
           LOG("{\"attributes\":[" TEXT("abc") "]}"), &report);
    CHECK_INT(report.cut_values, 0);
    expect(&limits,
           LOG("{\"attributes\":[{\"value\":{\"bytesValue\":\"AAAAAA==\"}}]}"),
           LOG("{\"attributes\":[{\"value\":{\"bytesValue\":\"AAAA\"}}]}"),
           &report);
    check_about("a metric's attributes stay");
    expect(&limits, POINT("{\"attributes\":[" TEXT("abcd") "," KV("b") "]}"),
           POINT("{\"attributes\":[" TEXT("abcd") "," KV("b") "]}"), &report);
    limits.max_input = 3;
    CHECK_INT(sonde_otlp_transcode(otlp_memory(), &report, NULL, 0, JSON,
                                   SONDE_OTLP_ANY, JSON, T("{} "), &limits),
              2);
    CHECK_INT(sonde_otlp_transcode(otlp_memory(), &report, NULL, 0, JSON,
                                   SONDE_OTLP_ANY, JSON, T("{}  "), &limits),
              SONDE_TOO_LARGE);
}

/* Escaped texts are cut by characters, too, and keep whole escapes. */
static void cut_escapes(void) {
    sonde_otlp_limits limits;
    sonde_otlp_report report;
    int32_t status;
    const char *in =
        LOG("{\"attributes\":[" TEXT("\\uD83D\\uDE00\\n\\u0041tail") "]}");
    sonde_otlp_limits_init(&limits);
    CHECK_INT(sonde_otlp_limits_put(&limits, SONDE_OTLP_LIMIT_max_value, 3),
              SONDE_OK);
    uint8_t *out = otlp_run(&report, &status, JSON, SONDE_OTLP_ANY, JSON, in,
                            strlen(in), &limits);
    CHECK_TEXT(out, (size_t)status,
               LOG("{\"attributes\":[" TEXT("\\uD83D\\uDE00\\n\\u0041") "]}"));
    free(out);
    CHECK_INT(sonde_otlp_limits_put(&limits, SONDE_OTLP_LIMIT_COUNT, 3),
              SONDE_BAD_OPTION);
    CHECK_INT(sonde_otlp_limits_put(&limits, 0, 0), SONDE_BAD_OPTION);
    CHECK_INT(sonde_otlp_limits_put(&limits, 0, 1.5), SONDE_BAD_OPTION);
    CHECK_INT(sonde_otlp_limits_put(&limits, 0, (double)NAN), SONDE_BAD_OPTION);
}

static void spans_limits(void) {
    sonde_otlp_limits limits;
    sonde_otlp_report report;
#define SPAN(json)                                                             \
    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[" json "]}]}]}"
    sonde_otlp_limits_init(&limits);
    limits.max_events = 1;
    limits.max_links = 0;
    expect(&limits,
           SPAN("{\"events\":[{\"name\":\"a\"},{\"name\":\"b\"}],"
                "\"droppedEventsCount\":1,\"links\":[{},{}]}"),
           SPAN("{\"events\":[{\"name\":\"a\"}],\"droppedEventsCount\":2,"
                "\"droppedLinksCount\":2}"),
           &report);
    CHECK_INT(report.dropped_events, 1);
    CHECK_INT(report.dropped_links, 2);
}

/* ---- Arguments, guesses ------------------------------------------------- */

static void guesses(void) {
    static uint8_t bytes[4096];
    uint32_t from;
    vector_file file = vector_open("tests/vectors/otlp.txt");
    int32_t signal = 0;
    for (size_t i = 0; i < file.count; i++) {
        const char *line = file.lines[i];
        if (strncmp(line, "case ", 5) == 0)
            check_about(line + 5);
        if (strncmp(line, "signal ", 7) == 0)
            signal = otlp_signal(line + 7);
        if (strncmp(line, "pb 0a", 5) == 0) {
            vector_words w = vector_start(line + 3);
            size_t size = vector_hex(&w, bytes, sizeof bytes);
            if (size < 20)
                continue; /* envelopes are the same in all signals */
            CHECK_INT(sonde_otlp_guess(otlp_memory(), &from, bytes, size),
                      signal);
            CHECK_INT(from, PROTOBUF);
        }
        if (strncmp(line, "json {\"", 7) == 0) {
            CHECK_INT(sonde_otlp_guess(otlp_memory(), &from,
                                       (const uint8_t *)line + 5,
                                       strlen(line) - 5),
                      signal);
            CHECK_INT(from, JSON);
        }
    }
    vector_close(&file);
    check_about("others");
    CHECK_INT(sonde_otlp_guess(otlp_memory(), &from, T("\n{}")),
              SONDE_OTLP_ANY);
    CHECK_INT(from, JSON);
    CHECK_INT(sonde_otlp_guess(otlp_memory(), &from, T("hello")),
              SONDE_BAD_INPUT);
}

static void arguments(void) {
    sonde_otlp_report report;
    uint8_t out[16];
#define CALL(to, signal, from)                                                 \
    sonde_otlp_transcode(otlp_memory(), &report, out, sizeof out, to, signal,  \
                         from, T("{}"), NULL)
    CHECK_INT(CALL(JSON, 0, JSON), 2);
    CHECK_INT(CALL(JSON, 3, JSON), SONDE_BAD_ARGUMENT);
    CHECK_INT(CALL(JSON, -2, JSON), SONDE_BAD_ARGUMENT);
    CHECK_INT(CALL(2, 0, JSON), SONDE_BAD_ARGUMENT);
    CHECK_INT(CALL(JSON, 0, 2), SONDE_BAD_ARGUMENT);
    CHECK_INT(CALL(JSON, SONDE_OTLP_ANY, PROTOBUF), SONDE_BAD_ARGUMENT);
}

/* ---- Anything ----------------------------------------------------------- */

/* Each byte of each request changed in several ways: only a status, and what is
 * accepted reads back. */
static void flipped(void) {
    static uint8_t bytes[4096], out[1 << 16], again[1 << 16];
    vector_file file = vector_open("tests/vectors/otlp.txt");
    int32_t signal = 0;
    check_about("flipped");
    for (size_t i = 0; i < file.count; i++) {
        const char *line = file.lines[i];
        sonde_otlp_report report;
        if (strncmp(line, "signal ", 7) == 0)
            signal = otlp_signal(line + 7);
        bool json = strncmp(line, "json ", 5) == 0;
        if (!json && strncmp(line, "pb 0a", 5) != 0)
            continue;
        size_t size = strlen(line) - 5;
        if (json) {
            memcpy(bytes, line + 5, size);
        } else {
            vector_words w = vector_start(line + 3);
            size = vector_hex(&w, bytes, sizeof bytes);
        }
        for (size_t at = 0; at < 8 * size; at++) {
            bytes[at / 8] ^= (uint8_t)(1u << at % 8);
            uint8_t *in = check_exact(bytes, size);
            int32_t status = sonde_otlp_transcode(
                otlp_memory(), &report, out, sizeof out, PROTOBUF, signal,
                json ? JSON : PROTOBUF, in, size, NULL);
            free(in);
            bytes[at / 8] ^= (uint8_t)(1u << at % 8);
            if (status == SONDE_BAD_INPUT) {
                if (report.offset > size || report.what[0] == '\0')
                    CHECK(false);
                continue;
            }
            int32_t back = sonde_otlp_transcode(
                otlp_memory(), &report, again, sizeof again, PROTOBUF, signal,
                PROTOBUF, out, status < 0 ? 0 : (size_t)status, NULL);
            if (status < 0 || back != status)
                CHECK_INT(back, status);
        }
    }
    CHECK(true);
    vector_close(&file);
}

static const check_test TESTS[] = {
    {"vectors", vectors},
    {"depth", depth},
    {"limits", limits},
    {"cut escapes", cut_escapes},
    {"spans' limits", spans_limits},
    {"guesses", guesses},
    {"arguments", arguments},
    {"flipped", flipped},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
