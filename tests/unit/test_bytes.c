/* Writers and varints. */
#include "check.h"
#include "core/bytes.h"
#include "core/wire.h"
#include "sonde.h"

static const struct {
    uint64_t value;
    const char *bytes;
    size_t size;
} VARINTS[] = {
    {0, "\0", 1},
    {1, "\x01", 1},
    {127, "\x7F", 1},
    {128, "\x80\x01", 2},
    {300, "\xAC\x02", 2},
    {16383, "\xFF\x7F", 2},
    {16384, "\x80\x80\x01", 3},
    {UINT32_MAX, "\xFF\xFF\xFF\xFF\x0F", 5},
    {INT64_MAX, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 9},
    {UINT64_MAX, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 10},
};

static void varints(void) {
    for (size_t i = 0; i < COUNT(VARINTS); i++) {
        uint8_t to[16];
        sonde_writer w = {to, sizeof to, 0, 0};
        sonde_writer_varint(&w, VARINTS[i].value);
        CHECK_BYTES(to, w.used, VARINTS[i].bytes, VARINTS[i].size);
        CHECK_INT(sonde_varint_size(VARINTS[i].value), VARINTS[i].size);
        uint8_t *end = to + sizeof to;
        uint8_t *p = sonde_back_varint(end, VARINTS[i].value);
        CHECK_BYTES(p, (size_t)(end - p), VARINTS[i].bytes, VARINTS[i].size);
    }
}

static void varints_in(void) {
    for (size_t i = 0; i < COUNT(VARINTS); i++) {
        for (size_t size = 0; size <= VARINTS[i].size; size++) {
            uint8_t *in = check_exact(VARINTS[i].bytes, size);
            const uint8_t *p = in;
            uint64_t value = 0;
            bool good = sonde_varint_get(&p, in + size, &value);
            CHECK_INT(good, size == VARINTS[i].size);
            if (good)
                CHECK(value == VARINTS[i].value);
            free(in);
        }
    }
}

static void varints_refused(void) {
    static const char *const bad[] = {
        "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02", /* 2^64 */
        "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F",
        "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", /* 11 bytes */
        "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        const uint8_t *p = (const uint8_t *)bad[i];
        uint64_t value = 0;
        CHECK(!sonde_varint_get(&p, p + strlen(bad[i]), &value));
    }
    const uint8_t *p = (const uint8_t *)"\x80\x00"; /* longer than needed */
    uint64_t value = 9;
    CHECK(sonde_varint_get(&p, p + 2, &value) && value == 0);
}

static void writer_is_sticky(void) {
    uint8_t to[9];
    memset(to, '.', sizeof to);
    sonde_writer w = {to, 8, 0, 0};
    SONDE_PUT(&w, "12345");
    SONDE_PUT(&w, "6789");
    CHECK_INT(w.status, SONDE_NO_SPACE);
    sonde_writer_byte(&w, 'x');
    CHECK_TEXT(to, sizeof to, "12345....");
    CHECK_INT(w.used, 5);
    sonde_writer exact = {to, 8, 0, 0};
    SONDE_PUT(&exact, "abcdefgh");
    CHECK_INT(exact.status, SONDE_OK);
    CHECK_TEXT(to, sizeof to, "abcdefgh.");
}

static void writer_sizes(void) {
    sonde_writer w = {0};
    SONDE_PUT(&w, "12345");
    sonde_writer_varint(&w, 300);
    CHECK_INT(w.used, 7);
    CHECK_INT(w.status, SONDE_OK);
}

static void backwards(void) {
    uint8_t to[16], *end = to + sizeof to;
    uint8_t *p = sonde_back_put(end, T("abc"));
    p = sonde_back_varint(p, 3);
    p = sonde_back_fixed(p, 0x15, "wxyz", 4);
    CHECK_TEXT(p, (size_t)(end - p),
               "\x15wxyz\x03"
               "abc");
}

static void copies(void) {
    uint8_t from[200], to[202];
    for (size_t i = 0; i < sizeof from; i++)
        from[i] = (uint8_t)i;
    for (size_t size = 0; size <= sizeof from; size++) {
        uint8_t *exact = check_exact(from, size);
        memset(to, 0xEE, sizeof to);
        sonde_copy(to + 1, exact, size);
        CHECK_BYTES(to + 1, size, from, size);
        CHECK(to[0] == 0xEE && to[size + 1] == 0xEE);
        free(exact);
    }
}

static const check_test TESTS[] = {
    {"varints", varints},
    {"varints in", varints_in},
    {"varints refused", varints_refused},
    {"writer is sticky", writer_is_sticky},
    {"writer sizes", writer_sizes},
    {"backwards", backwards},
    {"copies", copies},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
