/* OTLP protobuf of others: fields in any order and in pieces, and what is
 * wrong. */
#include "otlp.h"

/* ---- Protobuf ----------------------------------------------------------- */

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
            otlp_run(&report, &status, JSON, 0, PROTOBUF, bytes, size, NULL);
        CHECK_TEXT(out, status < 0 ? 0u : (size_t)status, GOOD_BYTES[i].json);
        free(out);
        uint8_t *anew = otlp_run(&report, &status, PROTOBUF, 0, PROTOBUF, bytes,
                                 size, NULL);
        out = otlp_run(&report, &again, JSON, 0, PROTOBUF, anew,
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
        free(otlp_run(&report, &status, JSON, 0, PROTOBUF, bytes, size, NULL));
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
        uint8_t *out = otlp_run(&report, &status, JSON, 2, PROTOBUF, bytes,
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

static const check_test TESTS[] = {
    {"good", good_protobuf},
    {"bad", bad_protobuf},
    {"packed", packed},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
