/* Response bodies in both encodings; protobuf against nanopb, too. */
#include "check.h"
#include "core/text.h"
#include "response.pb.h"
#include "sonde.h"
#include <pb_decode.h>

enum { PB = 0, JSON = 1, REFUSED = -99 };

static const struct {
    const char *what;
    uint32_t encoding;
    int32_t status;
    const char *body;
    size_t size;
    int64_t rejected; /* or REFUSED */
    const char *message;
} ROWS[] = {
#define ROW(what, encoding, status, body, rejected, message)                   \
    {what, encoding, status, body, sizeof(body) - 1, rejected, message}
    ROW("nothing", PB, 200, "", 0, ""),
    ROW("nothing, json", JSON, 200, "", 0, ""),
    ROW("no partial", PB, 200, "\x0A\0", 0, ""),
    ROW("partial", PB, 200,
        "\x0A\x07\x08\x03\x12\x03"
        "bad",
        3, "bad"),
    ROW("partial, other order", PB, 200,
        "\x0A\x07\x12\x03"
        "bad\x08\x03",
        3, "bad"),
    ROW("only a warning", PB, 202,
        "\x0A\x06\x12\x04"
        "slow",
        0, "slow"),
    ROW("rejected -1", PB, 200,
        "\x0A\x0B\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", -1, ""),
    ROW("unknown fields", PB, 200,
        "\x12\x01x\x0A\x06\x18\x05\x08\x02\x30\x01\x28\x07", 2, ""),
    ROW("partial twice, merged", PB, 200, "\x0A\x02\x08\x05\x0A\x03\x12\x01x",
        5, "x"),
    ROW("bad utf-8", PB, 200, "\x0A\x04\x12\x02\xFFz", 0, "\xEF\xBF\xBDz"),
    ROW("cut", PB, 200,
        "\x0A\x07\x08\x03\x12\x03"
        "ba",
        REFUSED, ""),
    ROW("inner over outer", PB, 200,
        "\x0A\x02\x12\x03"
        "abc",
        REFUSED, ""),
    ROW("html", PB, 200, "<!doctype html><p>hello</p>", REFUSED, ""),
    ROW("garbage", PB, 200, "\xFF\xFF\xFF\xFF", REFUSED, ""),
    ROW("json in protobuf", PB, 200, "{}", REFUSED, ""),
    ROW("status", PB, 503,
        "\x08\x0E\x12\x04"
        "busy",
        0, "busy"),
    ROW("status without code", PB, 400,
        "\x12\x04"
        "what",
        0, "what"),
    ROW("status, details", PB, 400, "\x12\x01m\x1A\x03xyz", 0, "m"),
    ROW("status garbage", PB, 500, "Internal", REFUSED, ""),

    ROW("{}", JSON, 200, "{}", 0, ""),
    ROW("null", JSON, 200, "{\"partialSuccess\":null}", 0, ""),
    ROW("empty partial", JSON, 200, "{\"partialSuccess\":{}}", 0, ""),
    ROW("string count", JSON, 200,
        "{\"partialSuccess\":{\"rejectedLogRecords\":\"12\","
        "\"errorMessage\":\"n\\u00e9 \\ud83d\\ude00\"}}",
        12, "n\xC3\xA9 \xF0\x9F\x98\x80"),
    ROW("number count", JSON, 200,
        " { \"partialSuccess\" : { \"rejectedLogRecords\" : 7 } } ", 7, ""),
    ROW("spans", JSON, 200, "{\"partialSuccess\":{\"rejectedSpans\":\"3\"}}", 3,
        ""),
    ROW("data points", JSON, 200,
        "{\"partialSuccess\":{\"rejectedDataPoints\":4}}", 4, ""),
    ROW("profiles", JSON, 200, "{\"partialSuccess\":{\"rejectedProfiles\":4}}",
        0, ""),
    ROW("nulls", JSON, 200,
        "{\"partialSuccess\":{\"rejectedLogRecords\":null,"
        "\"errorMessage\":null}}",
        0, ""),
    ROW("unknown members", JSON, 200,
        "{\"x\":[{\"partialSuccess\":1}],\"partialSuccess\":{\"y\":{\"z\":[]},"
        "\"rejectedLogRecords\":\"1\"},\"w\":false}",
        1, ""),
    ROW("snake case is another name", JSON, 200,
        "{\"partial_success\":{\"rejected_log_records\":1}}", 0, ""),
    ROW("count out of range", JSON, 200,
        "{\"partialSuccess\":{\"rejectedLogRecords\":"
        "\"99999999999999999999\"}}",
        REFUSED, ""),
    ROW("count is text", JSON, 200,
        "{\"partialSuccess\":{\"rejectedLogRecords\":\"many\"}}", REFUSED, ""),
    ROW("empty count", JSON, 200,
        "{\"partialSuccess\":{\"rejectedLogRecords\":\"\"}}", REFUSED, ""),
    ROW("partial is a list", JSON, 200, "{\"partialSuccess\":[]}", REFUSED, ""),
    ROW("a list", JSON, 200, "[]", REFUSED, ""),
    ROW("a word", JSON, 200, "ok", REFUSED, ""),
    ROW("cut", JSON, 200, "{\"partialSuccess\":{", REFUSED, ""),
    ROW("trailing", JSON, 200, "{}{}", REFUSED, ""),
    ROW("bad utf-8", JSON, 200, "{\"a\":\"\xFF\"}", REFUSED, ""),
    ROW("html", JSON, 502, "<html>502</html>", REFUSED, ""),
    ROW("status", JSON, 429,
        "{\"code\":8,\"message\":\"slow \\\"down\\\"\",\"details\":[]}", 0,
        "slow \"down\""),
    ROW("status, message is a number", JSON, 400, "{\"message\":5}", 0, ""),
    ROW("partial in a status", JSON, 400,
        "{\"partialSuccess\":{\"rejectedLogRecords\":3}}", 0, ""),
    ROW("lone surrogate", JSON, 400, "{\"message\":\"\\ud800!\"}", 0,
        "\xEF\xBF\xBD!"),
#undef ROW
};

static void rows(void) {
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        sonde_reply reply;
        memset(&reply, 0xAA, sizeof reply);
        uint8_t *body = check_exact(ROWS[i].body, ROWS[i].size);
        check_about(ROWS[i].what);
        bool refused = ROWS[i].rejected == REFUSED;
        CHECK_INT(sonde_reply_get(&reply, ROWS[i].encoding, ROWS[i].status,
                                  body, ROWS[i].size),
                  refused ? SONDE_BAD_INPUT : SONDE_OK);
        CHECK_INT(reply.rejected, refused ? 0 : ROWS[i].rejected);
        CHECK_TEXT(reply.message, reply.size, ROWS[i].message);
        free(body);
    }
}

/* All prefixes: a status, and what was refused leaves nothing. */
static void truncations(void) {
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        check_about(ROWS[i].what);
        for (size_t size = 0; size < ROWS[i].size; size++) {
            sonde_reply reply;
            uint8_t *body = check_exact(ROWS[i].body, size);
            int32_t status = sonde_reply_get(&reply, ROWS[i].encoding,
                                             ROWS[i].status, body, size);
            CHECK(status == SONDE_OK || status == SONDE_BAD_INPUT);
            if (status != SONDE_OK)
                CHECK(reply.size == 0 && reply.rejected == 0);
            if (ROWS[i].encoding == JSON && size > 0 &&
                ROWS[i].rejected != REFUSED && ROWS[i].body[size - 1] != '}')
                CHECK_INT(status, SONDE_BAD_INPUT);
            free(body);
        }
    }
}

/* A message of n letters and then characters of 1 ... 4 bytes, which is more
 * than fits: the cut falls between characters. */
static void long_messages(void) {
    static const char *const characters[] = {"x", "\xC3\xA9", "\xE2\x82\xAC",
                                             "\xF0\x9F\x98\x80"};
    for (size_t c = 0; c < COUNT(characters); c++) {
        size_t width = strlen(characters[c]);
        for (size_t letters = 248; letters <= 258; letters++) {
            char text[512] = {0}, body[600];
            memset(text, 'a', letters);
            for (int i = 0; i < 10; i++)
                strcat(text, characters[c]);
            size_t room = SONDE_MESSAGE_SIZE, want = letters;
            while (want + width <= room)
                want += width;
            want = want > room ? room : want;
            sonde_reply reply;
            int n = snprintf(body, sizeof body, "{\"message\":\"%s\"}", text);
            CHECK_INT(
                sonde_reply_get(&reply, JSON, 400, (uint8_t *)body, (size_t)n),
                SONDE_OK);
            CHECK_BYTES(reply.message, reply.size, text, want);
            size_t size = strlen(text);
            n = snprintf(body, sizeof body, "\x12%c%c%s",
                         (int)(0x80 | (size & 0x7F)), (int)(size >> 7), text);
            CHECK_INT(
                sonde_reply_get(&reply, PB, 400, (uint8_t *)body, (size_t)n),
                SONDE_OK);
            CHECK_BYTES(reply.message, reply.size, text, want);
        }
    }
}

static void ten_megabytes(void) {
    size_t size = 10u << 20;
    uint8_t *body = malloc(size);
    sonde_reply reply;
    memset(body, 0xFF, size);
    CHECK_INT(sonde_reply_get(&reply, PB, 500, body, size), SONDE_BAD_INPUT);
    CHECK_INT(sonde_reply_get(&reply, JSON, 500, body, size), SONDE_BAD_INPUT);
    memset(body, '[', size);
    memcpy(body, "{\"a\":", 5);
    CHECK_INT(sonde_reply_get(&reply, JSON, 200, body, size), SONDE_BAD_INPUT);
    memset(body, ' ', size);
    memcpy(body, "{\"message\":\"", 12);
    memcpy(body + size - 2, "\"}", 2);
    CHECK_INT(sonde_reply_get(&reply, JSON, 500, body, size), SONDE_OK);
    CHECK_INT(reply.size, SONDE_MESSAGE_SIZE);
    free(body);
}

/* ---- nanopb as the oracle ---------------------------------------------- */

static bool keep(pb_istream_t *stream, const pb_field_t *field, void **arg) {
    sonde_reply *reply = *arg;
    (void)field;
    reply->size = (uint32_t)stream->bytes_left;
    return pb_read(stream, reply->message, stream->bytes_left);
}

static bool by_nanopb(sonde_reply *reply, bool success, const uint8_t *body,
                      size_t size) {
    pb_istream_t stream = pb_istream_from_buffer(body, size);
    pb_callback_t text = {.funcs.decode = keep, .arg = reply};
    memset(reply, 0, sizeof *reply);
    if (!success) {
        sonde_Status answer = sonde_Status_init_zero;
        answer.message = text;
        return pb_decode(&stream, sonde_Status_fields, &answer);
    }
    sonde_ExportLogsServiceResponse answer =
        sonde_ExportLogsServiceResponse_init_zero;
    answer.partial_success.error_message = text;
    bool good = pb_decode_ex(&stream, sonde_ExportLogsServiceResponse_fields,
                             &answer, PB_DECODE_NOINIT);
    reply->rejected = answer.partial_success.rejected_log_records;
    return good;
}

/* Random fields, mostly of the right kind. What nanopb takes, we take, with
 * the same result. (It refuses more: wrong wire types of known fields.) */
static void against_nanopb(void) {
    check_random random = {11};
    uint32_t both = 0;
    for (int i = 0; i < 200000; i++) {
        uint8_t body[40];
        size_t size = check_below(&random, sizeof body);
        static const uint8_t likely[] = {0x0A, 0x08, 0x12, 0x00, 0x02, 0x04,
                                         0x06, 0x01, 0x18, 'x',  0x80, 0x1A};
        for (size_t at = 0; at < size; at++)
            body[at] = likely[check_below(&random, sizeof likely)];
        bool success = i % 2 == 0;
        sonde_reply want, have;
        if (!by_nanopb(&want, success, body, size))
            continue;
        both++;
        int32_t status =
            sonde_reply_get(&have, PB, success ? 200 : 400, body, size);
        uint64_t replaced = 0;
        size_t sane = sonde_text_copy(NULL, want.message, want.size, &replaced);
        if (status != SONDE_OK || have.rejected != want.rejected ||
            have.size != sane ||
            (replaced == 0 && memcmp(have.message, want.message, sane) != 0))
            CHECK_BYTES(body, size, "", 0);
    }
    CHECK(both > 1000);
}

static const check_test TESTS[] = {
    {"rows", rows},
    {"truncations", truncations},
    {"long messages", long_messages},
    {"ten megabytes", ten_megabytes},
    {"against nanopb", against_nanopb},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
