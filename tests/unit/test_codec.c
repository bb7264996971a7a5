/* Hexadecimal, base64 and base64url. */
#include "check.h"
#include "core/text.h"
#include "sonde.h"

static void hex_out(void) {
    uint8_t to[16];
    sonde_writer w = {to, sizeof to, 0, 0};
    sonde_hex_put(&w, T("\x00\x0F\xA5\xFF"));
    CHECK_TEXT(to, w.used, "000fa5ff");
    CHECK_INT(w.status, SONDE_OK);
    sonde_hex_put(&w, T("\x00\x00\x00\x00\x00"));
    CHECK_INT(w.status, SONDE_NO_SPACE);
}

static void hex_in(void) {
    static const struct {
        const char *digits;
        bool good;
    } rows[] = {
        {"00", true},  {"fF", true},  {"aB", true},  {"0g", false},
        {"G0", false}, {" 0", false}, {"0x", false}, {"+1", false},
        {"@0", false}, {"`0", false}, {":0", false}, {"/0", false},
    };
    uint8_t to[8];
    for (size_t i = 0; i < COUNT(rows); i++) {
        check_about(rows[i].digits);
        uint8_t *in = check_exact(rows[i].digits, 2);
        CHECK_INT(sonde_hex_get(to, in, 1), rows[i].good);
        free(in);
    }
    CHECK(sonde_hex_get(to, (const uint8_t *)"0123456789abCDEF", 8));
    CHECK_BYTES(to, 8, "\x01\x23\x45\x67\x89\xAB\xCD\xEF", 8);
    CHECK(sonde_hex_get(to, NULL, 0));
}

/* Each byte at each place of a group of digits. */
static void id_in(void) {
    uint8_t in[16], to[8], want[8];
    for (uint32_t at = 0; at < sizeof in; at++) {
        for (int byte = 0; byte < 256; byte++) {
            const char all[] = "0123456789abcdef";
            const char *digit = memchr(all, byte | 0x20, 16);
            bool good =
                (byte >= '0' && byte <= '9') || (byte >= 'A' && digit != NULL);
            uint32_t value = good ? (uint32_t)(digit - all) : 0;
            memset(in, '7', sizeof in);
            memset(want, 0x77, sizeof want);
            in[at] = (uint8_t)byte;
            want[at / 2] = (uint8_t)(at % 2 ? 0x70 | value : value << 4 | 0x07);
            uint8_t *exact = check_exact(in, sizeof in);
            CHECK_INT(sonde_id_get(to, exact, sizeof to), good);
            if (good)
                CHECK_BYTES(to, 8, want, 8);
            free(exact);
        }
    }
    CHECK(sonde_id_get(to, NULL, 0));
}

static const struct {
    const char *plain, *standard, *url;
} PAIRS[] = {
    /* RFC 4648, section 10 */
    {"", "", ""},
    {"f", "Zg==", "Zg=="},
    {"fo", "Zm8=", "Zm8="},
    {"foo", "Zm9v", "Zm9v"},
    {"foob", "Zm9vYg==", "Zm9vYg=="},
    {"fooba", "Zm9vYmE=", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    {"\xFB\xEF\xBE", "++++", "----"},
    {"\xFF\xFF\xFF", "////", "____"},
    {"\xFF\xFE", "//4=", "__4="},
};

static void base64_out(void) {
    for (size_t i = 0; i < COUNT(PAIRS); i++) {
        uint8_t to[32];
        sonde_writer w = {to, sizeof to, 0, 0};
        const uint8_t *plain = (const uint8_t *)PAIRS[i].plain;
        check_about(PAIRS[i].standard);
        sonde_base64_put(&w, plain, strlen(PAIRS[i].plain));
        CHECK_TEXT(to, w.used, PAIRS[i].standard);
        w.used = 0;
        sonde_base64url_put(&w, plain, strlen(PAIRS[i].plain));
        CHECK_TEXT(to, w.used, PAIRS[i].url);
    }
}

static int32_t read_url(const char *text, size_t size, uint8_t to[64]) {
    uint8_t *in = check_exact(text, size);
    uint8_t *out = malloc(3 * ((size + 3) / 4) + 1);
    int32_t n = sonde_base64url_get(out, in, size);
    if (n > 0)
        memcpy(to, out, (size_t)n);
    free(out);
    free(in);
    return n;
}

static void base64url_in(void) {
    uint8_t to[64];
    for (size_t i = 0; i < COUNT(PAIRS); i++) {
        size_t size = strlen(PAIRS[i].url);
        check_about(PAIRS[i].url);
        int32_t n = read_url(PAIRS[i].url, size, to);
        CHECK_TEXT(to, (size_t)n, PAIRS[i].plain);
        while (size > 0 && PAIRS[i].url[size - 1] == '=')
            size--;
        n = read_url(PAIRS[i].url, size, to);
        CHECK_TEXT(to, (size_t)n, PAIRS[i].plain);
    }
}

/* protocol.md 4.2: one value has one spelling (and the same unpadded). */
static void base64url_strict(void) {
    static const char *const bad[] = {
        "Z",          "Zg=",     "Zg===",    "Zh==",    "Zh",       "Zm9=",
        "Zm9",        "====",    "=",        "==",      "Zg==Zg==", "Zm8==",
        "Zm9v=",      "Zm9v==",  "Zm9v====", "Z=g=",    "++++",     "////",
        "Zm9 v",      " Zm9v",   "Zm9v ",    "Zm9v\n",  "Zm9v\r\n", "Zm.v",
        "Zm\xC3\xA9", "Zm9\x80", "AAAA=",    "A===",    "AA=A",     "=AAA",
        "Zm9vY",      "*AAA",    "AAA,",     "AAA\x7F", "AA A=",    "Zm9v.",
    };
    uint8_t to[64];
    for (size_t i = 0; i < COUNT(bad); i++) {
        check_about(bad[i]);
        CHECK_INT(read_url(bad[i], strlen(bad[i]), to), SONDE_BAD_INPUT);
    }
    CHECK_INT(read_url("AAA\0", 4, to), SONDE_BAD_INPUT);
    CHECK_INT(read_url("\0", 1, to), SONDE_BAD_INPUT);
}

/* Every text of four characters is refused or is what is written back. */
static void base64url_canonical(void) {
    static const char some[] = "AQZagz059-_=+/";
    uint8_t to[64], back[64];
    char text[4];
    for (uint32_t i = 0; i < 14 * 14 * 14 * 14; i++) {
        text[0] = some[i % 14];
        text[1] = some[i / 14 % 14];
        text[2] = some[i / 196 % 14];
        text[3] = some[i / 2744];
        int32_t n = read_url(text, 4, to);
        if (n < 0)
            continue;
        sonde_writer w = {back, sizeof back, 0, 0};
        sonde_base64url_put(&w, to, (size_t)n);
        if (w.used != 4 || memcmp(back, text, 4) != 0)
            CHECK_TEXT(back, w.used, text);
    }
    CHECK(true);
}

static const check_test TESTS[] = {
    {"hex out", hex_out},
    {"hex in", hex_in},
    {"ids in", id_in},
    {"base64 out", base64_out},
    {"base64url in", base64url_in},
    {"base64url is strict", base64url_strict},
    {"base64url is canonical", base64url_canonical},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
