/* Protobuf to JSON: good messages, and everything that may be wrong. The
 * vectors compare whole requests; here are the rules one by one. */
#include "check.h"
#include "otlp/transcode.h"
#include "sonde.h"
#include "vector.h"

static const struct {
    const char *what;
    uint32_t message;
    const char *bytes;
    size_t size;
    const char *json;
} GOOD[] = {
#define ROW(what, message, bytes, json)                                        \
    {what, SONDE_MESSAGE_##message, bytes, sizeof(bytes) - 1, json}
    ROW("empty", LOG_RECORD, "", "{}"),
    ROW("empty value", ANY_VALUE, "", "{}"),
    ROW("empty string", ANY_VALUE, "\x0A\0", "{\"stringValue\":\"\"}"),
    ROW("string", ANY_VALUE,
        "\x0A\x03"
        "a\"b",
        "{\"stringValue\":\"a\\\"b\"}"),
    ROW("bad utf-8", ANY_VALUE, "\x0A\x02\xFFz",
        "{\"stringValue\":\"\xEF\xBF\xBDz\"}"),
    ROW("false", ANY_VALUE, "\x10\0", "{\"boolValue\":false}"),
    ROW("true", ANY_VALUE, "\x10\x05", "{\"boolValue\":true}"),
    ROW("int 0", ANY_VALUE, "\x18\0", "{\"intValue\":\"0\"}"),
    ROW("int -1", ANY_VALUE, "\x18\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01",
        "{\"intValue\":\"-1\"}"),
    ROW("int min", ANY_VALUE, "\x18\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
        "{\"intValue\":\"-9223372036854775808\"}"),
    ROW("double", ANY_VALUE, "\x21\0\0\0\0\0\0\xF8\x3F",
        "{\"doubleValue\":1.5}"),
    ROW("double 0", ANY_VALUE, "\x21\0\0\0\0\0\0\0\0", "{\"doubleValue\":0}"),
    ROW("nan", ANY_VALUE, "\x21\0\0\0\0\0\0\xF8\x7F",
        "{\"doubleValue\":\"NaN\"}"),
    ROW("-infinity", ANY_VALUE, "\x21\0\0\0\0\0\0\xF0\xFF",
        "{\"doubleValue\":\"-Infinity\"}"),
    ROW("bytes", ANY_VALUE, "\x3A\x03\xFF\xFE\x00",
        "{\"bytesValue\":\"//4A\"}"),
    ROW("no bytes", ANY_VALUE, "\x3A\0", "{\"bytesValue\":\"\"}"),
    ROW("empty array", ANY_VALUE, "\x2A\0", "{\"arrayValue\":{}}"),
    ROW("empty map", ANY_VALUE, "\x32\0", "{\"kvlistValue\":{}}"),
    ROW("array", ANY_VALUE, "\x2A\x08\x0A\x02\x18\x01\x0A\x02\x10\x01",
        "{\"arrayValue\":{\"values\":[{\"intValue\":\"1\"},"
        "{\"boolValue\":true}]}}"),
    ROW("array of null", ANY_VALUE, "\x2A\x02\x0A\0",
        "{\"arrayValue\":{\"values\":[{}]}}"),
    ROW("map", ANY_VALUE, "\x32\x09\x0A\x07\x0A\x01k\x12\x02\x18\x07",
        "{\"kvlistValue\":{\"values\":[{\"key\":\"k\",\"value\":"
        "{\"intValue\":\"7\"}}]}}"),
    ROW("times", LOG_RECORD,
        "\x09\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x59\x01\0\0\0\0\0\0\0",
        "{\"timeUnixNano\":\"18446744073709551615\","
        "\"observedTimeUnixNano\":\"1\"}"),
    ROW("severity", LOG_RECORD, "\x10\x09\x1A\x04INFO",
        "{\"severityNumber\":9,\"severityText\":\"INFO\"}"),
    ROW("ids", LOG_RECORD, "\x45\x01\0\0\0\x4A\x02\x0A\xFF\x52\x01\x10",
        "{\"flags\":1,\"traceId\":\"0aff\",\"spanId\":\"10\"}"),
    ROW("dropped", LOG_RECORD, "\x38\xFF\xFF\xFF\xFF\x0F",
        "{\"droppedAttributesCount\":4294967295}"),
    ROW("two attributes", LOG_RECORD,
        "\x32\x03\x0A\x01"
        "a\x32\x03\x0A\x01"
        "b",
        "{\"attributes\":[{\"key\":\"a\"},{\"key\":\"b\"}]}"),
    ROW("array then field", LOG_RECORD,
        "\x32\x03\x0A\x01"
        "a\x38\x02",
        "{\"attributes\":[{\"key\":\"a\"}],\"droppedAttributesCount\":2}"),
    ROW("unknown fields", LOG_RECORD,
        "\x78\x05\x79\0\0\0\0\0\0\0\0\x7A\x01x\x7D\0\0\0\0\x10\x01\xF8\x7F\x01",
        "{\"severityNumber\":1}"),
    ROW("scope", SCOPE, "\x0A\x01n\x12\x01v",
        "{\"name\":\"n\",\"version\":\"v\"}"),
    ROW("resource", RESOURCE, "\x0A\x03\x0A\x01k",
        "{\"attributes\":[{\"key\":\"k\"}]}"),
    ROW("repeated strings", ENTITY,
        "\x1A\x01k\x1A\0\x22\x01"
        "d",
        "{\"idKeys\":[\"k\",\"\"],\"descriptionKeys\":[\"d\"]}"),
    ROW("zigzag", BUCKETS, "\x08\x01", "{\"offset\":-1}"),
    ROW("least zigzag", BUCKETS, "\x08\xFF\xFF\xFF\xFF\x0F",
        "{\"offset\":-2147483648}"),
    ROW("packed varints", BUCKETS, "\x12\x03\x80\x01\0",
        "{\"bucketCounts\":[\"128\",\"0\"]}"),
    ROW("nothing packed", BUCKETS, "\x12\0", "{\"bucketCounts\":[]}"),
    ROW("packed fixed64", HISTOGRAM_POINT,
        "\x32\x10\x01\0\0\0\0\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
        "{\"bucketCounts\":[\"1\",\"18446744073709551615\"]}"),
    ROW("packed doubles", HISTOGRAM_POINT, "\x3A\x08\0\0\0\0\0\0\xF8\x7F",
        "{\"explicitBounds\":[\"NaN\"]}"),
    ROW("zeros that are present", HISTOGRAM_POINT,
        "\x29\0\0\0\0\0\0\0\0\x59\0\0\0\0\0\0\0\x80", "{\"sum\":0,\"min\":-0}"),
    ROW("sfixed64", NUMBER_POINT, "\x31\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
        "{\"asInt\":\"-1\"}"),
    ROW("field 16", SPAN, "\x85\x01\x01\x01\0\0\x8D\x01\0\0\0\0",
        "{\"flags\":257}"),
    ROW("a number that the protocol skips", METRIC, "\x22\0\x0A\0",
        "{\"name\":\"\"}"),
#undef ROW
};

static int32_t run(uint32_t message, const void *bytes, size_t size,
                   uint8_t *to, size_t room, size_t *used) {
    uint8_t *in = check_exact(bytes, size);
    sonde_writer w = {to, room, 0, 0};
    int32_t status = sonde_transcode(&w, message, in, size);
    *used = w.used;
    free(in);
    return status;
}

static void good(void) {
    uint8_t to[256];
    size_t used, sizing;
    for (size_t i = 0; i < COUNT(GOOD); i++) {
        check_about(GOOD[i].what);
        CHECK_INT(run(GOOD[i].message, GOOD[i].bytes, GOOD[i].size, to,
                      sizeof to, &used),
                  SONDE_OK);
        CHECK_TEXT(to, used, GOOD[i].json);
        CHECK_INT(
            run(GOOD[i].message, GOOD[i].bytes, GOOD[i].size, NULL, 0, &sizing),
            SONDE_OK);
        CHECK_INT(sizing, used);
        for (size_t room = 0; room < used; room++) {
            uint8_t *exact = malloc(room + 1);
            CHECK_INT(run(GOOD[i].message, GOOD[i].bytes, GOOD[i].size, exact,
                          room, &sizing),
                      SONDE_NO_SPACE);
            free(exact);
        }
    }
}

/* True if all of a prefix of some message may be a message by itself. */
static void truncations(void) {
    uint8_t to[256];
    size_t used;
    for (size_t i = 0; i < COUNT(GOOD); i++) {
        check_about(GOOD[i].what);
        for (size_t size = 0; size < GOOD[i].size; size++) {
            int32_t status =
                run(GOOD[i].message, GOOD[i].bytes, size, to, sizeof to, &used);
            CHECK(status == SONDE_OK || status == SONDE_BAD_INPUT);
            if (GOOD[i].message == SONDE_MESSAGE_ANY_VALUE && size > 0)
                CHECK_INT(status, SONDE_BAD_INPUT);
        }
    }
}

static const struct {
    const char *what;
    uint32_t message;
    const char *bytes;
    size_t size;
} BAD[] = {
#define ROW(what, message, bytes)                                              \
    {what, SONDE_MESSAGE_##message, bytes, sizeof(bytes) - 1}
    ROW("field 0", ANY_VALUE, "\x00\x01"),
    ROW("group", LOG_RECORD, "\x0B\x0C"),
    ROW("wire type 6", LOG_RECORD, "\x0E"),
    ROW("wire type 7", LOG_RECORD, "\x0F"),
    ROW("unknown group", LOG_RECORD, "\x7B\x7C"),
    ROW("string as varint", ANY_VALUE, "\x08\x01"),
    ROW("bool as bytes", ANY_VALUE, "\x12\x01\x01"),
    ROW("double as fixed32", ANY_VALUE, "\x25\0\0\0\0"),
    ROW("time as varint", LOG_RECORD, "\x08\x01"),
    ROW("body as varint", LOG_RECORD, "\x28\x01"),
    ROW("length over the end", ANY_VALUE,
        "\x0A\x05"
        "abcd"),
    ROW("length 2^31", ANY_VALUE, "\x0A\x80\x80\x80\x80\x08"),
    ROW("length 2^32-1", ANY_VALUE, "\x0A\xFF\xFF\xFF\xFF\x0F"),
    ROW("length 2^64-1", ANY_VALUE,
        "\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"),
    ROW("endless length", ANY_VALUE,
        "\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"),
    ROW("inner over outer", ANY_VALUE, "\x2A\x02\x0A\x02\x18\x01"),
    ROW("two values", ANY_VALUE, "\x10\x01\x18\x01"),
    ROW("the same value twice", ANY_VALUE, "\x10\x01\x10\x01"),
    ROW("key twice", KEY_VALUE,
        "\x0A\x01"
        "a\x0A\x01"
        "b"),
    ROW("body twice", LOG_RECORD, "\x2A\0\x2A\0"),
    ROW("a packed double cut", HISTOGRAM_POINT, "\x3A\x07\0\0\0\0\0\0\xF8"),
    ROW("a packed varint cut", BUCKETS, "\x12\x01\x80"),
    ROW("packed as varint", BUCKETS, "\x10\x01"),
    ROW("attributes apart", LOG_RECORD, "\x32\0\x38\x01\x32\0"),
#undef ROW
};

static void bad(void) {
    uint8_t to[256];
    size_t used;
    for (size_t i = 0; i < COUNT(BAD); i++) {
        check_about(BAD[i].what);
        CHECK_INT(run(BAD[i].message, BAD[i].bytes, BAD[i].size, to, sizeof to,
                      &used),
                  SONDE_BAD_INPUT);
    }
}

static uint8_t *wrap(uint8_t *p, const uint8_t *end, uint8_t tag) {
    p = sonde_back_varint(p, (uint64_t)(end - p));
    *--p = tag;
    return p;
}

/* `depth` arrays or maps inside each other, written from the inside out. */
static size_t nest(uint8_t *end, uint32_t depth, bool map) {
    uint8_t *p = end;
    for (uint32_t i = 0; i < depth; i++) {
        if (i > 0)
            p = wrap(p, end, map ? 0x12 : 0x0A);
        if (i > 0 && map)
            p = wrap(p, end, 0x0A);
        p = wrap(p, end, map ? 0x32 : 0x2A);
    }
    return (size_t)(end - p);
}

static void depth(void) {
    static uint8_t bytes[8000], to[200000];
    for (int map = 0; map < 2; map++) {
        static const uint32_t depths[] = {1, 63, 64, 65, 66, 96, 97, 300};
        for (size_t i = 0; i < COUNT(depths); i++) {
            size_t used, size = nest(bytes + sizeof bytes, depths[i], map);
            CHECK_INT(run(SONDE_MESSAGE_ANY_VALUE, bytes + sizeof bytes - size,
                          size, to, sizeof to, &used),
                      depths[i] <= 64 ? SONDE_OK : SONDE_BAD_INPUT);
        }
    }
}

/* Random bytes: only a status, never a crash, never more than the room. */
static void noise(void) {
    check_random random = {5};
    uint8_t bytes[64], to[512];
    for (int i = 0; i < 200000; i++) {
        size_t used, size = check_below(&random, sizeof bytes);
        for (size_t at = 0; at < size; at++)
            bytes[at] =
                (uint8_t)(check_next(&random) >> (check_below(&random, 3) * 3));
        int32_t status = run(check_below(&random, SONDE_MESSAGE_COUNT), bytes,
                             size, to, sizeof to, &used);
        if (status != SONDE_OK && status != SONDE_BAD_INPUT)
            CHECK_INT(status, SONDE_OK);
    }
    CHECK(true);
}

static uint32_t signal_named(const char *line) {
    vector_words w = vector_start(line);
    return vector_is(&w, "traces")    ? SONDE_SIGNAL_TRACES
           : vector_is(&w, "metrics") ? SONDE_SIGNAL_METRICS
                                      : SONDE_SIGNAL_LOGS;
}

/* Whole requests of all signals, against the official implementation. */
static void requests(void) {
    static uint8_t bytes[4096], to[8192];
    vector_file file = vector_open("tests/vectors/otlp.txt");
    uint32_t signal = 0, seen = 0;
    size_t size = 0, used;
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
        if (strncmp(line, "json ", 5) != 0)
            continue;
        CHECK_INT(run(SONDE_MESSAGE_REQUEST + signal, bytes, size, to,
                      sizeof to, &used),
                  SONDE_OK);
        CHECK_TEXT(to, used, line + 5);
        seen |= 1u << signal;
    }
    CHECK_INT(seen, 7);
    vector_close(&file);
}

static const check_test TESTS[] = {
    {"good", good},   {"truncations", truncations},
    {"bad", bad},     {"depth", depth},
    {"noise", noise}, {"requests", requests},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
