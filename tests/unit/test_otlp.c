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
    size_t room = need >= 0 ? (size_t)need : ROOM;
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

/* ---- Whole requests, against the official implementation --------------------
 */

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
    out =
        run(&report, &status, PROTOBUF, signal, JSON, json, strlen(json), NULL);
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

/* ---- JSON: what is accepted, and what it means
 * ------------------------------- */

#define LOG(json)                                                              \
    "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[" json "]}]}]}"
#define BODY(json) LOG("{\"body\":" json "}")
#define POINT(json)                                                            \
    "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"histogram\":{"  \
    "\"dataPoints\":[" json "]}}]}]}]}"
#define BUCKETS(json)                                                          \
    "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{"                 \
    "\"exponentialHistogram\":{\"dataPoints\":[{\"positive\":" json            \
    "}]}}]}]}]}"

static const struct {
    const char *what, *in, *out;
} GOOD[] = {
    {"an empty object", "{}", "{}"},
    {"white space", " \t\r\n{ \"resourceLogs\" :\n[ { } , {\t} ] } ",
     "{\"resourceLogs\":[{},{}]}"},
    {"nulls", "{\"resourceLogs\":[{\"resource\":null,\"scopeLogs\":null}]}",
     "{\"resourceLogs\":[{}]}"},
    {"an empty array", "{\"resourceLogs\":[]}", "{}"},
    {"defaults",
     LOG("{\"timeUnixNano\":\"0\",\"severityNumber\":0,"
         "\"severityText\":\"\",\"traceId\":\"\",\"flags\":0,"
         "\"attributes\":[]}"),
     LOG("{}")},
    {"unknown members",
     "{\"x\":[1,{\"a\":[true,false,null,\"\\u00e9\",-1.5e3]},[],{}],"
     "\"resourceLogs\":[{\"scope_logs\":{},\"y\":{\"z\":{}}}]}",
     "{\"resourceLogs\":[{}]}"},
    {"another signal's member",
     "{\"resourceLogs\":[{}],\"resourceSpans\":[{}]}",
     "{\"resourceLogs\":[{}]}"},
    {"an escaped name", "{\"resource\\u004cogs\":[{}]}",
     "{\"resourceLogs\":[{}]}"},
    {"ids of either case",
     LOG("{\"traceId\":\"00112233445566778899AABBCCDDEEff\","
         "\"spanId\":\"ABCDEF0123456789\"}"),
     LOG("{\"traceId\":\"00112233445566778899aabbccddeeff\","
         "\"spanId\":\"abcdef0123456789\"}")},
    {"an escaped id", LOG("{\"spanId\":\"\\u0030000000000000000\"}"),
     LOG("{\"spanId\":\"0000000000000000\"}")},
    {"whole numbers of 64 bits",
     LOG("{\"timeUnixNano\":18446744073709551615,"
         "\"observedTimeUnixNano\":\"1\"}"),
     LOG("{\"timeUnixNano\":\"18446744073709551615\","
         "\"observedTimeUnixNano\":\"1\"}")},
    {"whole numbers of 32 bits in quotes",
     LOG("{\"severityNumber\":\"9\",\"droppedAttributesCount\":"
         "\"4294967295\"}"),
     LOG("{\"severityNumber\":9,\"droppedAttributesCount\":4294967295}")},
    {"an exponent", BODY("{\"intValue\":1e3}"),
     BODY("{\"intValue\":\"1000\"}")},
    {"an exponent in quotes", BODY("{\"intValue\":\"1.5e3\"}"),
     BODY("{\"intValue\":\"1500\"}")},
    {"a fraction of zeros", BODY("{\"intValue\":-2.000}"),
     BODY("{\"intValue\":\"-2\"}")},
    {"a negative exponent", BODY("{\"intValue\":1200e-2}"),
     BODY("{\"intValue\":\"12\"}")},
    {"zero with an exponent", BODY("{\"intValue\":0e999999999}"),
     BODY("{\"intValue\":\"0\"}")},
    {"int64 extremes",
     BODY("{\"arrayValue\":{\"values\":[{\"intValue\":-9223372036854775808},"
          "{\"intValue\":\"9223372036854775807\"},"
          "{\"intValue\":9.223372036854775807E+18}]}}"),
     BODY(
         "{\"arrayValue\":{\"values\":[{\"intValue\":\"-9223372036854775808\"},"
         "{\"intValue\":\"9223372036854775807\"},"
         "{\"intValue\":\"9223372036854775807\"}]}}")},
    {"minus zero", BODY("{\"intValue\":-0}"), BODY("{\"intValue\":\"0\"}")},
    {"doubles",
     BODY(
         "{\"arrayValue\":{\"values\":[{\"doubleValue\":\"NaN\"},"
         "{\"doubleValue\":\"Infinity\"},{\"doubleValue\":\"-Infinity\"},"
         "{\"doubleValue\":-0},{\"doubleValue\":0.1},{\"doubleValue\":\"1e3\"},"
         "{\"doubleValue\":5e-324},{\"doubleValue\":1e-400},"
         "{\"doubleValue\":1.7976931348623157e308},"
         "{\"doubleValue\":0.30000000000000004},"
         "{\"doubleValue\":9007199254740993},"
         "{\"doubleValue\":0.000001234},{\"doubleValue\":123456789.125},"
         "{\"doubleValue\":4.35},{\"doubleValue\":1234567890123456.7}]}}"),
     BODY("{\"arrayValue\":{\"values\":[{\"doubleValue\":\"NaN\"},"
          "{\"doubleValue\":\"Infinity\"},{\"doubleValue\":\"-Infinity\"},"
          "{\"doubleValue\":-0},{\"doubleValue\":0.1},{\"doubleValue\":1000},"
          "{\"doubleValue\":5e-324},{\"doubleValue\":0},"
          "{\"doubleValue\":1.7976931348623157e+308},"
          "{\"doubleValue\":0.30000000000000004},"
          "{\"doubleValue\":9007199254740992},"
          "{\"doubleValue\":0.000001234},{\"doubleValue\":123456789.125},"
          "{\"doubleValue\":4.35},{\"doubleValue\":1234567890123456.8}]}}")},
    {"base64 of either alphabet",
     BODY("{\"arrayValue\":{\"values\":[{\"bytesValue\":\"--__\"},"
          "{\"bytesValue\":\"++//\"},{\"bytesValue\":\"AA\"},"
          "{\"bytesValue\":\"AA==\"},{\"bytesValue\":\"AAA\"},"
          "{\"bytesValue\":\"\"},{\"bytesValue\":\"\\/w==\"}]}}"),
     BODY("{\"arrayValue\":{\"values\":[{\"bytesValue\":\"++//\"},"
          "{\"bytesValue\":\"++//\"},{\"bytesValue\":\"AA==\"},"
          "{\"bytesValue\":\"AA==\"},{\"bytesValue\":\"AAA=\"},"
          "{\"bytesValue\":\"\"},{\"bytesValue\":\"/w==\"}]}}")},
    {"zeros in a oneof",
     LOG("{\"attributes\":[{\"key\":\"\",\"value\":{\"stringValue\":\"\"}},"
         "{\"value\":{\"boolValue\":false}},{\"value\":{\"intValue\":0}},"
         "{\"value\":{\"doubleValue\":0}},{\"value\":{}},{\"value\":null},"
         "{\"value\":{\"arrayValue\":{}}},{\"value\":{\"stringValue\":null}}]"
         "}"),
     LOG("{\"attributes\":[{\"value\":{\"stringValue\":\"\"}},"
         "{\"value\":{\"boolValue\":false}},{\"value\":{\"intValue\":\"0\"}},"
         "{\"value\":{\"doubleValue\":0}},{\"value\":{}},{},"
         "{\"value\":{\"arrayValue\":{}}},{\"value\":{}}]}")},
    {"optional zeros", POINT("{\"sum\":0,\"min\":0,\"count\":0}"),
     POINT("{\"sum\":0,\"min\":0}")},
    {"packed numbers",
     POINT("{\"bucketCounts\":[ 1 , \"18446744073709551615\" ,1e2],"
           "\"explicitBounds\":[\"-Infinity\",0,1.5]}"),
     POINT("{\"bucketCounts\":[\"1\",\"18446744073709551615\",\"100\"],"
           "\"explicitBounds\":[\"-Infinity\",0,1.5]}")},
    {"nothing packed", POINT("{\"bucketCounts\":[]}"), POINT("{}")},
    {"zigzag", BUCKETS("{\"offset\":-2147483648,\"bucketCounts\":[0,\"128\"]}"),
     BUCKETS("{\"offset\":-2147483648,\"bucketCounts\":[\"0\",\"128\"]}")},
};

/* The same from protobuf, if it has the same meaning. */
static void good_json(void) {
    sonde_otlp_report report;
    int32_t status, back;
    for (size_t i = 0; i < COUNT(GOOD); i++) {
        const char *in = GOOD[i].in;
        check_about(GOOD[i].what);
        uint8_t *out = run(&report, &status, JSON, SONDE_OTLP_ANY, JSON, in,
                           strlen(in), NULL);
        CHECK_TEXT(out, status < 0 ? 0u : (size_t)status, GOOD[i].out);
        if (status < 0)
            printf("%d, %s: %s\n", report.offset, report.path, report.what);
        free(out);
        out = run(&report, &status, PROTOBUF, SONDE_OTLP_ANY, JSON, in,
                  strlen(in), NULL);
        CHECK(status >= 0);
        if (status < 0)
            continue;
        int32_t signal = report.signal < 0 ? 0 : report.signal;
        uint8_t *json = run(&report, &back, JSON, signal, PROTOBUF, out,
                            (size_t)status, NULL);
        CHECK_TEXT(json, back < 0 ? 0u : (size_t)back, GOOD[i].out);
        free(json);
        free(out);
    }
}

/* Texts, whose spelling in JSON stays and whose meaning goes to protobuf. */
static const struct {
    const char *in, *json;
    const char *text;
    size_t size;
} TEXTS[] = {
#define ROW(in, json, text) {in, json, text, sizeof(text) - 1}
    ROW("", "", ""),
    ROW("plain", "plain", "plain"),
    ROW("12345678", "12345678", "12345678"),
    ROW("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\\\"\\\\\\/\\b\\f\\n\\r\\t",
        "\"\\/\b\f\n\r\t"),
    ROW("\\u0041\\u00e9\\u20AC", "\\u0041\\u00e9\\u20AC",
        "A\xC3\xA9\xE2\x82\xAC"),
    ROW("\\uD83D\\uDE00!", "\\uD83D\\uDE00!", "\xF0\x9F\x98\x80!"),
    ROW("a\\uD800b",
        "a\xEF\xBF\xBD"
        "b",
        "a\xEF\xBF\xBD"
        "b"),
    ROW("\\uDE00\\uD83D", "\xEF\xBF\xBD\xEF\xBF\xBD",
        "\xEF\xBF\xBD\xEF\xBF\xBD"),
    ROW("\\uD83D\\n", "\xEF\xBF\xBD\\n", "\xEF\xBF\xBD\n"),
    ROW("\\u0000", "\\u0000", "\0"),
    ROW("\xC3\xA9\xF0\x9F\x98\x80", "\xC3\xA9\xF0\x9F\x98\x80",
        "\xC3\xA9\xF0\x9F\x98\x80"),
    ROW("\x7F", "\x7F", "\x7F"),
#undef ROW
};

static void texts(void) {
    char in[256], want[256];
    uint8_t bytes[256];
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        sonde_otlp_report report;
        int32_t status;
        check_about(TEXTS[i].in);
        (void)snprintf(in, sizeof in, BODY("{\"stringValue\":\"%s\"}"),
                       TEXTS[i].in);
        (void)snprintf(want, sizeof want, BODY("{\"stringValue\":\"%s\"}"),
                       TEXTS[i].json);
        uint8_t *out = run(&report, &status, JSON, SONDE_OTLP_ANY, JSON, in,
                           strlen(in), NULL);
        CHECK_TEXT(out, status < 0 ? 0u : (size_t)status, want);
        free(out);
        out = run(&report, &status, PROTOBUF, SONDE_OTLP_ANY, JSON, in,
                  strlen(in), NULL);
        size_t n = TEXTS[i].size;
        uint8_t head[] = {10, (uint8_t)(n + 8), 18, (uint8_t)(n + 6),
                          18, (uint8_t)(n + 4), 42, (uint8_t)(n + 2),
                          10, (uint8_t)n};
        memcpy(bytes, head, sizeof head);
        memcpy(bytes + sizeof head, TEXTS[i].text, n);
        CHECK_BYTES(out, status < 0 ? 0u : (size_t)status, bytes,
                    sizeof head + n);
        free(out);
    }
}

/* ---- JSON: what is refused, and where
 * ------------------------------------------ */

#define L "resourceLogs[0].scopeLogs[0].logRecords[0]"

static const struct {
    const char *what, *in;
    uint32_t offset;
    const char *path;
} BAD[] = {
    {"nothing", "", 0, ""},
    {"white space", "  ", 2, ""},
    {"an array", "[]", 0, ""},
    {"a number", "1", 0, ""},
    {"byte order mark", "\xEF\xBB\xBF{}", 0, ""},
    {"no end", "{", 1, ""},
    {"no name", "{1:2}", 1, ""},
    {"single quotes", "{'a':1}", 1, ""},
    {"no colon", "{\"a\" 1}", 5, ""},
    {"no value", "{\"a\":}", 5, ""},
    {"a comma too many", "{\"a\":1,}", 7, ""},
    {"two commas", "{\"a\":1,,\"b\":2}", 7, ""},
    {"no comma", "{\"a\":1\"b\":2}", 6, ""},
    {"a comment", "{/**/}", 1, ""},
    {"garbage behind", "{}x", 2, ""},
    {"another object", "{} {}", 3, ""},
    {"a zero byte behind", "{}\v", 2, ""},
    {"an array's comma", "{\"resourceLogs\":[{},]}", 20, "resourceLogs[1]"},
    {"an array's end", "{\"resourceLogs\":[{}", 19, "resourceLogs[1]"},
    {"an array of numbers", "{\"resourceLogs\":[1]}", 17, "resourceLogs[0]"},
    {"an array with null", "{\"resourceLogs\":[null]}", 17, "resourceLogs[0]"},
    {"no array", "{\"resourceLogs\":{}}", 16, "resourceLogs"},
    {"no object", "{\"resourceLogs\":[{\"resource\":[]}]}", 29,
     "resourceLogs[0].resource"},
    {"a name twice", "{\"resourceLogs\":[],\"resourceLogs\":[]}", 34,
     "resourceLogs"},
    {"an escaped name again", "{\"resourceLogs\":[],\"\\u0072esourceLogs\":[]}",
     39, "resourceLogs"},
    {"a mismatched end", "{\"resourceLogs\":[}", 17, "resourceLogs[0]"},
    {"an unknown value's end", "{\"x\":[1}", 7, ""},
    {"an unknown value's word", "{\"x\":nul}", 5, ""},
    {"an unknown value's number", "{\"x\":01}", 5, ""},
    {"an unknown value's comma", "{\"x\":[1,]}", 8, ""},
    {"an unknown value's name", "{\"x\":{1:2}}", 6, ""},
    {"an unknown string's escape", "{\"x\":\"\\x\"}", 6, ""},
    {"bare NaN", BODY("{\"doubleValue\":NaN}"), 69, L ".body.doubleValue"},
    {"bare Infinity", BODY("{\"doubleValue\":Infinity}"), 69,
     L ".body.doubleValue"},
    {"infinite", BODY("{\"doubleValue\":1e99999}"), 69, L ".body.doubleValue"},
    {"hexadecimal", BODY("{\"doubleValue\":0x1}"), 70, L ".body"},
    {"a plus", BODY("{\"doubleValue\":+1}"), 69, L ".body.doubleValue"},
    {"no digits behind a point", BODY("{\"doubleValue\":1.}"), 69,
     L ".body.doubleValue"},
    {"no digits before a point", BODY("{\"doubleValue\":.5}"), 69,
     L ".body.doubleValue"},
    {"only a sign", BODY("{\"doubleValue\":-}"), 69, L ".body.doubleValue"},
    {"an empty exponent", BODY("{\"doubleValue\":1e}"), 69,
     L ".body.doubleValue"},
    {"space in a quoted number", BODY("{\"intValue\":\" 1\"}"), 66,
     L ".body.intValue"},
    {"an empty number", BODY("{\"intValue\":\"\"}"), 66, L ".body.intValue"},
    {"a leading zero", BODY("{\"intValue\":\"01\"}"), 66, L ".body.intValue"},
    {"a fraction", BODY("{\"intValue\":1.5}"), 66, L ".body.intValue"},
    {"a fraction by its exponent", BODY("{\"intValue\":15e-1}"), 66,
     L ".body.intValue"},
    {"over int64", BODY("{\"intValue\":9223372036854775808}"), 66,
     L ".body.intValue"},
    {"under int64", BODY("{\"intValue\":-9223372036854775809}"), 66,
     L ".body.intValue"},
    {"over uint64", LOG("{\"timeUnixNano\":18446744073709551616}"), 62,
     L ".timeUnixNano"},
    {"a negative time", LOG("{\"timeUnixNano\":-1}"), 62, L ".timeUnixNano"},
    {"over uint32", LOG("{\"droppedAttributesCount\":4294967296}"), 72,
     L ".droppedAttributesCount"},
    {"a large exponent", LOG("{\"flags\":1e400}"), 55, L ".flags"},
    {"over int32", LOG("{\"severityNumber\":2147483648}"), 64,
     L ".severityNumber"},
    {"an enumeration's name",
     LOG("{\"severityNumber\":\"SEVERITY_NUMBER_INFO\"}"), 64,
     L ".severityNumber"},
    {"a boolean in quotes", BODY("{\"boolValue\":\"true\"}"), 67,
     L ".body.boolValue"},
    {"a boolean of 1", BODY("{\"boolValue\":1}"), 67, L ".body.boolValue"},
    {"a text without quotes", LOG("{\"severityText\":INFO}"), 62,
     L ".severityText"},
    {"two values", BODY("{\"intValue\":1,\"stringValue\":\"\"}"), 82,
     L ".body.stringValue"},
    {"odd digits", LOG("{\"spanId\":\"012345678901234\"}"), 56, L ".spanId"},
    {"too many digits", LOG("{\"spanId\":\"01234567890123456\"}"), 56,
     L ".spanId"},
    {"digits that are none", LOG("{\"spanId\":\"012345678901234g\"}"), 56,
     L ".spanId"},
    {"a trace id of 16 digits", LOG("{\"traceId\":\"0123456789012345\"}"), 57,
     L ".traceId"},
    {"an id as a number", LOG("{\"spanId\":1}"), 56, L ".spanId"},
    {"base64 with a space", BODY("{\"bytesValue\":\"AA ==\"}"), 68,
     L ".body.bytesValue"},
    {"base64 of one digit", BODY("{\"bytesValue\":\"A\"}"), 68,
     L ".body.bytesValue"},
    {"base64, little padding", BODY("{\"bytesValue\":\"AA=\"}"), 68,
     L ".body.bytesValue"},
    {"base64, much padding", BODY("{\"bytesValue\":\"AAA==\"}"), 68,
     L ".body.bytesValue"},
    {"base64, padding inside", BODY("{\"bytesValue\":\"AA==AA\"}"), 68,
     L ".body.bytesValue"},
    {"base64, bits behind", BODY("{\"bytesValue\":\"AB\"}"), 68,
     L ".body.bytesValue"},
    {"a control character", BODY("{\"stringValue\":\"a\n\"}"), 71,
     L ".body.stringValue"},
    {"no such escape", BODY("{\"stringValue\":\"\\a\"}"), 70,
     L ".body.stringValue"},
    {"a short escape", BODY("{\"stringValue\":\"\\u12\"}"), 70,
     L ".body.stringValue"},
    {"an overlong character", BODY("{\"stringValue\":\"\xC0\x80\"}"), 70,
     L ".body.stringValue"},
    {"a surrogate", BODY("{\"stringValue\":\"\xED\xA0\x80\"}"), 70,
     L ".body.stringValue"},
    {"a cut character", BODY("{\"stringValue\":\"\xE2\x82\"}"), 70,
     L ".body.stringValue"},
    {"a character over U+10FFFF",
     BODY("{\"stringValue\":\"\xF4\x90\x80\x80\"}"), 70, L ".body.stringValue"},
    {"a text without end", "{\"resourceLogs\":[{\"schemaUrl\":\"x", 32,
     "resourceLogs[0].schemaUrl"},
    {"a packed text", POINT("{\"explicitBounds\":[1,\"a\"]}"), 98,
     "resourceMetrics[0].scopeMetrics[0].metrics[0].histogram.dataPoints[0]"
     ".explicitBounds[1]"},
    {"packed, a comma too many", POINT("{\"explicitBounds\":[1,]}"), 98,
     "resourceMetrics[0].scopeMetrics[0].metrics[0].histogram.dataPoints[0]"
     ".explicitBounds[1]"},
    {"packed null", POINT("{\"explicitBounds\":[null]}"), 96,
     "resourceMetrics[0].scopeMetrics[0].metrics[0].histogram.dataPoints[0]"
     ".explicitBounds[0]"},
};

static void bad_json(void) {
    for (size_t i = 0; i < COUNT(BAD); i++) {
        sonde_otlp_report report;
        int32_t status;
        check_about(BAD[i].what);
        free(run(&report, &status, PROTOBUF, SONDE_OTLP_ANY, JSON, BAD[i].in,
                 strlen(BAD[i].in), NULL));
        CHECK_INT(status, SONDE_BAD_INPUT);
        CHECK_INT(report.offset, BAD[i].offset);
        CHECK_TEXT(report.path, strlen(report.path), BAD[i].path);
        CHECK(report.what[0] != '\0');
    }
}

/* A part of a good request may be wrong only at its end or in its last word. */
static void truncated_json(void) {
    for (size_t i = 0; i < COUNT(GOOD); i++) {
        size_t size = strlen(GOOD[i].in);
        check_about(GOOD[i].what);
        while (size > 0 && GOOD[i].in[size - 1] != '}')
            size--;
        while (size-- > 0) {
            sonde_otlp_report report;
            int32_t status;
            free(run(&report, &status, JSON, SONDE_OTLP_ANY, JSON, GOOD[i].in,
                     size, NULL));
            CHECK_INT(status, SONDE_BAD_INPUT);
            CHECK(report.offset <= size);
        }
    }
}

/* ---- Protobuf
 * ----------------------------------------------------------------- */

/* A log record's bytes, in their envelopes. */
static size_t in_log(uint8_t *to, const void *bytes, size_t n) {
    uint8_t head[] = {10, (uint8_t)(n + 4), 18, (uint8_t)(n + 2),
                      18, (uint8_t)n};
    memcpy(to, head, sizeof head);
    memcpy(to + sizeof head, bytes, n);
    return n + sizeof head;
}

static const struct {
    const char *what, *bytes;
    size_t size;
    const char *json;
} GOOD_BYTES[] = {
#define ROW(what, bytes, json) {what, bytes, sizeof(bytes) - 1, LOG(json)}
    ROW("the last one counts", "\x10\x01\x10\x02", "{\"severityNumber\":2}"),
    ROW("any order", "\x1A\x01t\x10\x01",
        "{\"severityNumber\":1,\"severityText\":\"t\"}"),
    ROW("a negative enumeration",
        "\x10\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01",
        "{\"severityNumber\":-1}"),
    ROW("repeated ones apart",
        "\x32\x03\x0A\x01"
        "a\x10\x01\x32\x03\x0A\x01"
        "b",
        "{\"severityNumber\":1,\"attributes\":[{\"key\":\"a\"},{\"key\":\"b\"}]"
        "}"),
    ROW("a overlong varint", "\x10\x81\x80\x00", "{\"severityNumber\":1}"),
    ROW("a number over 32 bits", "\x38\x81\x80\x80\x80\x80\x01",
        "{\"droppedAttributesCount\":1}"),
    ROW("a member of a oneof after another", "\x2A\x05\x10\x01\x0A\x01x",
        "{\"body\":{\"stringValue\":\"x\"}}"),
    ROW("a member, another, and the first again",
        "\x2A\x0C\x2A\x04\x0A\x02\x10\x01\x10\x01\x2A\x02\x0A\x00",
        "{\"body\":{\"arrayValue\":{\"values\":[{}]}}}"),
    ROW("a message in pieces",
        "\x2A\x06\x2A\x04\x0A\x02\x10\x01\x10\x01"
        "\x2A\x06\x2A\x04\x0A\x02\x10\x00\x1A\x01t",
        "{\"severityNumber\":1,\"severityText\":\"t\",\"body\":{\"arrayValue\":"
        "{\"values\":[{\"boolValue\":true},{\"boolValue\":false}]}}}"),
    ROW("pieces of pieces",
        "\x2A\x0E\x32\x05\x0A\x03\x0A\x01"
        "a\x32\x05\x0A\x03\x0A\x01"
        "b\x10\x01\x2A\x07\x32\x05\x0A\x03\x0A\x01"
        "c",
        "{\"severityNumber\":1,\"body\":{\"kvlistValue\":{\"values\":[{\"key\":"
        "\"a\"},{\"key\":\"b\"},{\"key\":\"c\"}]}}}"),
    ROW("pieces in which the oneof changes",
        "\x2A\x06\x2A\x04\x0A\x02\x10\x01\x2A\x03\x0A\x01x",
        "{\"body\":{\"stringValue\":\"x\"}}"),
    ROW("unknown fields",
        "\x78\x01\x82\x01\x01x\x10\x01\xFD\x07\x01\x02\x03\x04",
        "{\"severityNumber\":1}"),
    ROW("empty ids", "\x4A\x00\x52\x00", "{}"),
    ROW("a long text",
        "\x1A\x1A"
        "abcdefghijklmnopqrstuvwxy\x01",
        "{\"severityText\":\"abcdefghijklmnopqrstuvwxy\\u0001\"}"),
#undef ROW
};

static void good_protobuf(void) {
    uint8_t bytes[256];
    for (size_t i = 0; i < COUNT(GOOD_BYTES); i++) {
        sonde_otlp_report report;
        int32_t status, again;
        check_about(GOOD_BYTES[i].what);
        size_t size = in_log(bytes, GOOD_BYTES[i].bytes, GOOD_BYTES[i].size);
        uint8_t *out =
            run(&report, &status, JSON, 0, PROTOBUF, bytes, size, NULL);
        CHECK_TEXT(out, status < 0 ? 0u : (size_t)status, GOOD_BYTES[i].json);
        free(out);
        uint8_t *anew =
            run(&report, &status, PROTOBUF, 0, PROTOBUF, bytes, size, NULL);
        out = run(&report, &again, JSON, 0, PROTOBUF, anew,
                  status < 0 ? 0u : (size_t)status, NULL);
        CHECK_TEXT(out, again < 0 ? 0u : (size_t)again, GOOD_BYTES[i].json);
        free(out);
        free(anew);
    }
}

static const struct {
    const char *what, *bytes;
    size_t size;
    uint32_t offset; /* behind the envelopes */
    const char *path;
} BAD_BYTES[] = {
#define ROW(what, offset, path, bytes)                                         \
    {what, bytes, sizeof(bytes) - 1, offset, path}
    ROW("field 0", 0, L, "\x00\x01"),
    ROW("a group", 0, L, "\x0B\x0C"),
    ROW("an unknown group", 0, L, "\x7B\x7C"),
    ROW("wire type 6", 0, L, "\x0E"),
    ROW("a tag over 32 bits", 0, L, "\x88\x80\x80\x80\x10\x01"),
    ROW("a cut tag", 0, L, "\x80"),
    ROW("a cut varint", 2, L, "\x10\x01\x10\x80"),
    ROW("a varint of 11 bytes", 0, L,
        "\x10\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"),
    ROW("a varint over 64 bits", 0, L,
        "\x10\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02"),
    ROW("a length over the end", 0, L, "\x1A\x05t"),
    ROW("a length of 2^31", 0, L, "\x1A\x80\x80\x80\x80\x08"),
    ROW("a length of 2^32-1", 0, L, "\x1A\xFF\xFF\xFF\xFF\x0F"),
    ROW("a length of 2^64-1", 0, L,
        "\x1A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"),
    ROW("a cut time", 0, L, "\x09\x01\x02\x03\x04\x05\x06\x07"),
    ROW("a time as varint", 0, L ".timeUnixNano", "\x08\x01"),
    ROW("a text as varint", 0, L ".severityText", "\x18\x01"),
    ROW("a number as text", 2, L ".severityNumber", "\x1A\x00\x12\x01x"),
    ROW("a body as varint", 0, L ".body", "\x28\x01"),
    ROW("flags as varint", 0, L ".flags", "\x40\x01"),
    ROW("text that is not UTF-8", 0, L ".severityText", "\x1A\x01\xFF"),
    ROW("an overlong character", 2, L ".body.stringValue",
        "\x2A\x04\x0A\x02\xC0\x80"),
    ROW("a short id", 0, L ".spanId",
        "\x52\x07"
        "1234567"),
    ROW("a long id", 0, L ".traceId",
        "\x4A\x11"
        "12345678901234567"),
    ROW("an inner length over the end", 2, L ".body", "\x2A\x03\x0A\x02x"),
    ROW("in the second attribute", 6, L ".attributes[1]",
        "\x32\x02\x0A\x00\x32\x02\x0A\x01"),
    ROW("in a value in pieces", 6, L ".body",
        "\x2A\x02\x10\x01\x2A\x02\x10\x80"),
#undef ROW
};

static void bad_protobuf(void) {
    uint8_t bytes[256];
    for (size_t i = 0; i < COUNT(BAD_BYTES); i++) {
        sonde_otlp_report report;
        int32_t status;
        check_about(BAD_BYTES[i].what);
        size_t size = in_log(bytes, BAD_BYTES[i].bytes, BAD_BYTES[i].size);
        free(run(&report, &status, JSON, 0, PROTOBUF, bytes, size, NULL));
        CHECK_INT(status, SONDE_BAD_INPUT);
        CHECK_INT(report.offset, BAD_BYTES[i].offset + 6);
        CHECK_TEXT(report.path, strlen(report.path), BAD_BYTES[i].path);
    }
}

/* Packed and unpacked, both, and cut. */
static void packed(void) {
    static const struct {
        const char *bytes;
        size_t size;
        const char *json; /* NULL: bad */
    } rows[] = {
#define ROW(bytes, json) {bytes, sizeof(bytes) - 1, json}
        ROW("\x12\x03\x01\x80\x01", "[\"1\",\"128\"]"),
        ROW("\x10\x01\x10\x80\x01", "[\"1\",\"128\"]"),
        ROW("\x12\x01\x01\x10\x02\x12\x00\x12\x02\x03\x04",
            "[\"1\",\"2\",\"3\",\"4\"]"),
        ROW("\x12\x01\x80", NULL),
        ROW("\x11\0\0\0\0\0\0\0\0", NULL),
#undef ROW
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t bytes[64], n = (uint8_t)rows[i].size;
        uint8_t head[] = {10, (uint8_t)(n + 10), 18, (uint8_t)(n + 8),
                          18, (uint8_t)(n + 6),  82, (uint8_t)(n + 4),
                          10, (uint8_t)(n + 2),  66, n};
        char want[256];
        sonde_otlp_report report;
        int32_t status;
        memcpy(bytes, head, sizeof head);
        memcpy(bytes + sizeof head, rows[i].bytes, n);
        uint8_t *out = run(&report, &status, JSON, 2, PROTOBUF, bytes,
                           sizeof head + n, NULL);
        CHECK((status >= 0) == (rows[i].json != NULL));
        if (status >= 0) {
            (void)snprintf(want, sizeof want, BUCKETS("{\"bucketCounts\":%s}"),
                           rows[i].json);
            CHECK_TEXT(out, (size_t)status, want);
        }
        free(out);
    }
}

/* ---- Depth
 * ------------------------------------------------------------------------ */

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
            uint8_t *out = run(&report, &status, PROTOBUF, SONDE_OTLP_ANY, JSON,
                               json, size, NULL);
            if (depths[i] > 64) {
                CHECK_INT(status, SONDE_TOO_DEEP);
                CHECK_INT(strlen(report.path), SONDE_OTLP_PATH - 1);
                CHECK(strncmp(report.path, "...", 3) == 0);
            } else {
                uint8_t *same = run(&report, &back, JSON, 0, PROTOBUF, out,
                                    (size_t)status, NULL);
                CHECK_BYTES(same, (size_t)back, json, size);
                free(same);
            }
            free(out);
        }
    }
}

/* What nobody knows is passed over, to a depth. */
static void unknown_depth(void) {
    static char json[4 << 20];
    static const uint32_t depths[] = {512, 513, 1000000};
    for (size_t i = 0; i < COUNT(depths); i++) {
        for (int object = 0; object < 2; object++) {
            sonde_otlp_report report;
            char *p = json + sprintf(json, "{\"x\":");
            uint32_t half = object ? depths[i] / 2 : depths[i];
            p += repeat(p, object ? "{\"\":[" : "[", half);
            p += repeat(p, object ? "]}" : "]", half);
            p += sprintf(p, "}");
            CHECK_INT(sonde_otlp_transcode(memory(), &report, NULL, 0, JSON,
                                           SONDE_OTLP_ANY, JSON,
                                           (const uint8_t *)json,
                                           (size_t)(p - json), NULL),
                      half * (object ? 2u : 1u) > 512 ? SONDE_TOO_DEEP : 2);
        }
    }
}

/* ---- Limits
 * ------------------------------------------------------------------------- */

static void expect(const sonde_otlp_limits *limits, const char *in,
                   const char *want, sonde_otlp_report *report) {
    int32_t status, back;
    uint8_t *out = run(report, &status, JSON, SONDE_OTLP_ANY, JSON, in,
                       strlen(in), limits);
    CHECK_TEXT(out, status < 0 ? 0u : (size_t)status, want);
    free(out);
    /* and the same from protobuf */
    sonde_otlp_report again;
    out = run(&again, &status, PROTOBUF, SONDE_OTLP_ANY, JSON, in, strlen(in),
              NULL);
    uint8_t *json = run(&again, &back, JSON, again.signal, PROTOBUF, out,
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
    CHECK_INT(sonde_otlp_transcode(memory(), &report, NULL, 0, JSON,
                                   SONDE_OTLP_ANY, JSON, T("{} "), &limits),
              2);
    CHECK_INT(sonde_otlp_transcode(memory(), &report, NULL, 0, JSON,
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
    uint8_t *out = run(&report, &status, JSON, SONDE_OTLP_ANY, JSON, in,
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

/* ---- Arguments, guesses
 * ------------------------------------------------------------- */

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
            signal = signal_named(line + 7);
        if (strncmp(line, "pb 0a", 5) == 0) {
            vector_words w = vector_start(line + 3);
            size_t size = vector_hex(&w, bytes, sizeof bytes);
            if (size < 20)
                continue; /* envelopes are the same in all signals */
            CHECK_INT(sonde_otlp_guess(memory(), &from, bytes, size), signal);
            CHECK_INT(from, PROTOBUF);
        }
        if (strncmp(line, "json {\"", 7) == 0) {
            CHECK_INT(sonde_otlp_guess(memory(), &from,
                                       (const uint8_t *)line + 5,
                                       strlen(line) - 5),
                      signal);
            CHECK_INT(from, JSON);
        }
    }
    vector_close(&file);
    check_about("others");
    CHECK_INT(sonde_otlp_guess(memory(), &from, T("\n{}")), SONDE_OTLP_ANY);
    CHECK_INT(from, JSON);
    CHECK_INT(sonde_otlp_guess(memory(), &from, T("hello")), SONDE_BAD_INPUT);
}

static void arguments(void) {
    sonde_otlp_report report;
    uint8_t out[16];
#define CALL(to, signal, from)                                                 \
    sonde_otlp_transcode(memory(), &report, out, sizeof out, to, signal, from, \
                         T("{}"), NULL)
    CHECK_INT(CALL(JSON, 0, JSON), 2);
    CHECK_INT(CALL(JSON, 3, JSON), SONDE_BAD_ARGUMENT);
    CHECK_INT(CALL(JSON, -2, JSON), SONDE_BAD_ARGUMENT);
    CHECK_INT(CALL(2, 0, JSON), SONDE_BAD_ARGUMENT);
    CHECK_INT(CALL(JSON, 0, 2), SONDE_BAD_ARGUMENT);
    CHECK_INT(CALL(JSON, SONDE_OTLP_ANY, PROTOBUF), SONDE_BAD_ARGUMENT);
}

/* ---- Numbers
 * ----------------------------------------------------------------------------
 */

/* Against the C library, whose reading is exact, too. */
static void doubles(void) {
    check_random random = {11};
    char text[64];
    for (int i = 0; i < 200000; i++) {
        uint64_t bits =
            (uint64_t)check_next(&random) << 32 | check_next(&random);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        (void)snprintf(text, sizeof text, "%.*e", (int)check_below(&random, 25),
                       value);
        double want = strtod(text, NULL);
        sonde_number status =
            sonde_double_get(&bits, (uint8_t *)text, strlen(text));
        memcpy(&value, &bits, sizeof value);
        check_about(text);
        if (isinf(want))
            CHECK_INT(status, SONDE_NUMBER_RANGE);
        else
            CHECK_DOUBLE(value, want);
    }
}

/* Both ways of spelling a double say the same. */
static void short_doubles(void) {
    check_random random = {12};
    for (int i = 0; i < 50000; i++) {
        uint64_t digits,
            bits = (uint64_t)check_next(&random) << 32 | check_next(&random);
        bits = (bits & ((UINT64_C(1) << 52) - 1)) |
               (uint64_t)(1000 + check_below(&random, 80)) << 52;
        int32_t exponent;
        double value;
        char text[40];
        uint8_t want[40];
        memcpy(&value, &bits, sizeof value);
        if (i % 2) {
            value = floor(value * 1000) / 1000;
            memcpy(&bits, &value, sizeof bits);
        }
        if (value == 0 || !sonde_double_short(bits, &digits, &exponent))
            continue;
        sonde_writer w = {want, sizeof want, 0, 0};
        sonde_double_put(&w, value);
        want[w.used] = '\0';
        (void)snprintf(text, sizeof text, "%llue%d", (unsigned long long)digits,
                       exponent);
        check_about(text);
        CHECK_DOUBLE(strtod(text, NULL), value);
        size_t have = strlen(text), longest = 0;
        for (size_t at = 0; at < w.used; at++)
            longest += want[at] >= '0' && want[at] <= '9';
        CHECK(strcspn(text, "e") <= longest && have > 0);
    }
}

static void edges(void) {
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        {"2.4703282292062327e-324", 0},
        {"2.4703282292062328e-324", 5e-324},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
        {"1.7976931348623158e308", 1.7976931348623157e308},
        {"9007199254740993", 9007199254740992},
        {"9007199254740993.0000000000000000000000000000000000001",
         9007199254740994},
        {"1e-99999999999999999999", 0},
        {"0e99999999999999999999", 0},
        {"0.000000000000000000000000000000000000001e39", 1},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint64_t bits;
        double value;
        check_about(rows[i].text);
        CHECK_INT(sonde_double_get(&bits, (const uint8_t *)rows[i].text,
                                   strlen(rows[i].text)),
                  SONDE_NUMBER_FINE);
        memcpy(&value, &bits, sizeof value);
        CHECK_DOUBLE(value, rows[i].value);
    }
}

/* A literal of ten million digits takes time in proportion, and no more. */
static void long_number(void) {
    enum { DIGITS = 10000000 };
    sonde_otlp_report report;
    char *json = malloc(DIGITS + 256);
    char *p = json + sprintf(json, "{\"resourceLogs\":[{\"scopeLogs\":[{"
                                   "\"logRecords\":[{\"body\":{"
                                   "\"doubleValue\":0.");
    memset(p, '1', DIGITS);
    p += DIGITS;
    p += sprintf(p, "}}]}]}]}");
    uint8_t out[64];
    CHECK_INT(sonde_otlp_transcode(memory(), &report, out, sizeof out, PROTOBUF,
                                   SONDE_OTLP_ANY, JSON, (uint8_t *)json,
                                   (size_t)(p - json), NULL),
              17);
    double value;
    memcpy(&value, out + 9, sizeof value);
    CHECK_DOUBLE(value, 1.0 / 9);
    free(json);
}

/* ---- Anything
 * ----------------------------------------------------------------------------
 */

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
            signal = signal_named(line + 7);
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
                memory(), &report, out, sizeof out, PROTOBUF, signal,
                json ? JSON : PROTOBUF, in, size, NULL);
            free(in);
            bytes[at / 8] ^= (uint8_t)(1u << at % 8);
            if (status == SONDE_BAD_INPUT) {
                if (report.offset > size || report.what[0] == '\0')
                    CHECK(false);
                continue;
            }
            int32_t back = sonde_otlp_transcode(
                memory(), &report, again, sizeof again, PROTOBUF, signal,
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
    {"good JSON", good_json},
    {"texts", texts},
    {"bad JSON", bad_json},
    {"truncated JSON", truncated_json},
    {"good protobuf", good_protobuf},
    {"bad protobuf", bad_protobuf},
    {"packed", packed},
    {"depth", depth},
    {"unknown depth", unknown_depth},
    {"limits", limits},
    {"cut escapes", cut_escapes},
    {"spans' limits", spans_limits},
    {"guesses", guesses},
    {"arguments", arguments},
    {"doubles", doubles},
    {"short doubles", short_doubles},
    {"edges", edges},
    {"long number", long_number},
    {"flipped", flipped},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
