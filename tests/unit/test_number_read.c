/* Decimal text to numbers, and the quick way back. */
#include "check.h"
#include "core/number.h"
#include <math.h>

/* ---- Numbers ------------------------------------------------------------ */

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
        {"1e-268435455", 0},
        {"1e-268435456", 0},
        {"0e2637033854", 0},
        {"0e2147483648", 0},
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

static const check_test TESTS[] = {
    {"doubles", doubles},
    {"short doubles", short_doubles},
    {"edges", edges},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
