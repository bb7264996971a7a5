/* Numbers as text. tests/wasm compares 10^5 random doubles with Node. */
#include "check.h"
#include "core/number.h"
#include <math.h>

static const struct {
    double value;
    const char *text;
} DOUBLES[] = {
    {0.0, "0"},
    {-0.0, "-0"},
    {1.0, "1"},
    {-1.0, "-1"},
    {0.1, "0.1"},
    {0.2, "0.2"},
    {0.3, "0.3"},
    {0.30000000000000004, "0.30000000000000004"},
    {1.0 / 3.0, "0.3333333333333333"},
    {2.0 / 3.0, "0.6666666666666666"},
    {1.5, "1.5"},
    {100.0, "100"},
    {123456789.0, "123456789"},
    {1e15, "1000000000000000"},
    {999999999999999.9, "999999999999999.9"},
    {1e20, "100000000000000000000"},
    {1e21, "1e+21"},
    {123456789012345680000.0, "123456789012345680000"},
    {1.2345678901234568e21, "1.2345678901234568e+21"},
    {999999999999999900000.0, "999999999999999900000"},
    {1e-5, "0.00001"},
    {1e-6, "0.000001"},
    {9.5e-7, "9.5e-7"},
    {1e-7, "1e-7"},
    {1.5e-7, "1.5e-7"},
    {0.000001234, "0.000001234"},
    {123e-20, "1.23e-18"},
    {9007199254740991.0, "9007199254740991"},
    {9007199254740992.0, "9007199254740992"},
    {9007199254740994.0, "9007199254740994"},
    {18014398509481984.0, "18014398509481984"},
    {9223372036854775808.0, "9223372036854776000"},
    {18446744073709551616.0, "18446744073709552000"},
    {5e-324, "5e-324"},
    {1e-323, "1e-323"},
    {2.2250738585072009e-308, "2.225073858507201e-308"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {1.7976931348623157e308, "1.7976931348623157e+308"},
    {-1.7976931348623157e308, "-1.7976931348623157e+308"},
    {8.98846567431158e307, "8.98846567431158e+307"},
    {1.1754943508222875e-38, "1.1754943508222875e-38"},
    {2.98023223876953125e-8, "2.9802322387695312e-8"},
    {9007199254740993e3, "9007199254740993000"},
    {4.35, "4.35"},
    {4.349999999999999, "4.349999999999999"},
    {1e23, "1e+23"},
    {8.41e21, "8.41e+21"},
    {2.0919495182368195e19, "20919495182368195000"},
    {5.0e-320, "5e-320"},
    {4.9406564584124654e-324, "5e-324"},
    {6.103515625e-5, "0.00006103515625"},
    {0.5, "0.5"},
    {1024.0, "1024"},
    {1.0000000000000002, "1.0000000000000002"},
    {0.9999999999999999, "0.9999999999999999"},
    {5e-5, "0.00005"},
    {123.456, "123.456"},
    {1700000000123.456, "1700000000123.456"},
};

static void write_double(double value, char text[64]) {
    sonde_writer w = {(uint8_t *)text, 63, 0, 0};
    sonde_double_put(&w, value);
    text[w.used] = '\0';
}

static void doubles(void) {
    char text[64];
    for (size_t i = 0; i < COUNT(DOUBLES); i++) {
        check_about(DOUBLES[i].text);
        write_double(DOUBLES[i].value, text);
        CHECK_TEXT(text, strlen(text), DOUBLES[i].text);
    }
}

static void not_finite(void) {
    char text[64];
    write_double((double)NAN, text);
    CHECK_TEXT(text, strlen(text), "\"NaN\"");
    write_double((double)-NAN, text);
    CHECK_TEXT(text, strlen(text), "\"NaN\"");
    write_double((double)INFINITY, text);
    CHECK_TEXT(text, strlen(text), "\"Infinity\"");
    write_double((double)-INFINITY, text);
    CHECK_TEXT(text, strlen(text), "\"-Infinity\"");
}

static uint32_t digits_of(const char *text) {
    uint32_t n = 0, zeros = 0;
    for (; *text != '\0' && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (n == 0 && *text == '0'))
            continue;
        n++;
        zeros = *text == '0' ? zeros + 1 : 0;
    }
    return n - zeros;
}

/* Reads back as the same bits, and no text with one digit less does. */
static bool is_shortest(double value) {
    char text[64], shorter[64];
    write_double(value, text);
    double back = strtod(text, NULL);
    if (memcmp(&back, &value, sizeof back) != 0)
        return false;
    uint32_t digits = digits_of(text);
    if (digits > 17)
        return false;
    if (digits <= 1)
        return true;
    (void)snprintf(shorter, sizeof shorter, "%.*e", (int)digits - 2, value);
    return strtod(shorter, NULL) != value;
}

static void powers_of_two(void) {
    for (int e = -1074; e < 1024; e++) {
        double value = ldexp(1.0, e);
        if (!is_shortest(value) || !is_shortest(nextafter(value, 0.0)) ||
            !is_shortest(nextafter(value, (double)INFINITY)))
            CHECK_INT(e, 9999);
    }
    for (int e = -323; e < 309; e++) {
        char text[16];
        (void)snprintf(text, sizeof text, "1e%d", e);
        if (!is_shortest(strtod(text, NULL)))
            CHECK_INT(e, 9999);
    }
    CHECK(true);
}

static void random_doubles(void) {
    check_random random = {1};
    for (uint32_t i = 0; i < 100000; i++) {
        uint64_t bits = (uint64_t)check_next(&random) << 32;
        bits |= check_next(&random);
        if ((bits >> 52 & 0x7FF) == 0x7FF)
            continue;
        double value;
        memcpy(&value, &bits, sizeof value);
        if (i % 4 == 0) /* few decimals: the fast way */
            value = (double)(bits >> 24) / 1000.0;
        if (!is_shortest(value))
            CHECK_DOUBLE(value, 0.0);
    }
    CHECK(true);
}

static const struct {
    int64_t value;
    const char *text;
} INTS[] = {
    {0, "0"},
    {-1, "-1"},
    {10, "10"},
    {INT64_MAX, "9223372036854775807"},
    {INT64_MIN, "-9223372036854775808"},
};

static void ints(void) {
    for (size_t i = 0; i < COUNT(INTS); i++) {
        uint8_t text[32];
        sonde_writer w = {text, sizeof text, 0, 0};
        sonde_int_put(&w, INTS[i].value);
        CHECK_TEXT(text, w.used, INTS[i].text);
    }
    uint8_t text[32];
    sonde_writer w = {text, sizeof text, 0, 0};
    sonde_uint_put(&w, UINT64_MAX);
    CHECK_TEXT(text, w.used, "18446744073709551615");
}

static const check_test TESTS[] = {
    {"doubles", doubles},      {"not finite", not_finite},
    {"powers", powers_of_two}, {"random doubles", random_doubles},
    {"integers", ints},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
