/* OTLP JSON of others: what is accepted and what it means, what is not and
 * where it is wrong. */
#include "otlp.h"

/* ---- JSON: what is accepted, and what it means -------------------------- */

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
        uint8_t *out = otlp_run(&report, &status, JSON, SONDE_OTLP_ANY, JSON,
                                in, strlen(in), NULL);
        CHECK_TEXT(out, status < 0 ? 0u : (size_t)status, GOOD[i].out);
        if (status < 0)
            printf("%d, %s: %s\n", report.offset, report.path, report.what);
        free(out);
        out = otlp_run(&report, &status, PROTOBUF, SONDE_OTLP_ANY, JSON, in,
                       strlen(in), NULL);
        CHECK(status >= 0);
        if (status < 0)
            continue;
        int32_t signal = report.signal < 0 ? 0 : report.signal;
        uint8_t *json = otlp_run(&report, &back, JSON, signal, PROTOBUF, out,
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
        uint8_t *out = otlp_run(&report, &status, JSON, SONDE_OTLP_ANY, JSON,
                                in, strlen(in), NULL);
        CHECK_TEXT(out, status < 0 ? 0u : (size_t)status, want);
        free(out);
        out = otlp_run(&report, &status, PROTOBUF, SONDE_OTLP_ANY, JSON, in,
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

/* ---- JSON: what is refused, and where ----------------------------------- */

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
        free(otlp_run(&report, &status, PROTOBUF, SONDE_OTLP_ANY, JSON,
                      BAD[i].in, strlen(BAD[i].in), NULL));
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
            free(otlp_run(&report, &status, JSON, SONDE_OTLP_ANY, JSON,
                          GOOD[i].in, size, NULL));
            CHECK_INT(status, SONDE_BAD_INPUT);
            CHECK(report.offset <= size);
        }
    }
}

static size_t repeat(char *to, const char *text, uint32_t count) {
    size_t size = strlen(text);
    for (uint32_t i = 0; i < count; i++)
        memcpy(to + i * size, text, size);
    return count * size;
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
            CHECK_INT(sonde_otlp_transcode(otlp_memory(), &report, NULL, 0,
                                           JSON, SONDE_OTLP_ANY, JSON,
                                           (const uint8_t *)json,
                                           (size_t)(p - json), NULL),
                      half * (object ? 2u : 1u) > 512 ? SONDE_TOO_DEEP : 2);
        }
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
    CHECK_INT(sonde_otlp_transcode(otlp_memory(), &report, out, sizeof out,
                                   PROTOBUF, SONDE_OTLP_ANY, JSON,
                                   (uint8_t *)json, (size_t)(p - json), NULL),
              17);
    double value;
    memcpy(&value, out + 9, sizeof value);
    CHECK_DOUBLE(value, 1.0 / 9);
    free(json);
}

static const check_test TESTS[] = {
    {"good", good_json},
    {"texts", texts},
    {"bad", bad_json},
    {"truncated", truncated_json},
    {"unknown depth", unknown_depth},
    {"long number", long_number},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
