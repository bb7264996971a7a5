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

/* The quick way and the exact one write the same text. */
static void same_text(double value) {
    uint8_t quick[40], exact[40];
    sonde_writer q = {quick, sizeof quick, 0, 0},
                 e = {exact, sizeof exact, 0, 0};
    sonde_double_write(&q, value);
    sonde_double_put(&e, value);
    exact[e.used] = '\0';
    check_about((char *)exact);
    CHECK_BYTES(quick, q.used, exact, e.used);
}

static double double_of(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void short_doubles(void) {
    check_random random = {12};
    for (uint64_t exponent = 0; exponent <= 2047; exponent++) {
        uint64_t bits = exponent << 52;
        for (uint64_t i = 0; i < 4; i++) {
            same_text(double_of(bits + i));
            same_text(-double_of(bits - i - 1));
            same_text(double_of(bits | (check_next(&random) >> i)));
            same_text(
                double_of(bits | (uint64_t)(check_next(&random) >> 12) << 32));
            same_text(double_of(bits |
                                (uint64_t)(check_next(&random) >> 12) << 32 |
                                check_next(&random)));
        }
    }
    for (int i = 0; i < 20000; i++) {
        double tens = pow(10, (double)check_below(&random, 12));
        same_text((double)check_next(&random) / tens);
        same_text((double)check_below(&random, 1000) * tens * tens);
    }
}

static void whole_powers(void) {
    uint64_t power[2];
    sonde_power_get(power, 0);
    CHECK(power[0] == UINT64_C(1) << 63 && power[1] == 0);
    sonde_power_get(power, -1); /* 0.8 = 0xCCC... */
    CHECK(power[0] == UINT64_C(0xCCCCCCCCCCCCCCCC));
    CHECK(power[1] == UINT64_C(0xCCCCCCCCCCCCCCCD));
    sonde_power_get(power, -292);
    CHECK(power[0] == UINT64_C(0xFF77B1FCBEBCDC4F));
    CHECK(power[1] == UINT64_C(0x25E8E89C13BB0F7B));
    for (int32_t i = -350; i <= 350; i++) {
        sonde_power_get(power, i);
        CHECK(power[0] >> 63 && (power[1] != 0 || i == 0 || (i > 0 && i < 56)));
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
        {"1e-2684354559", 0}, /* more than 31 bits */
        {"0e2684354559", 0},
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

static void huge(void) {
    static const char *const rows[] = {"1e310", "1e2684354559",
                                       "0.1e3000000000", "-1e4294967297",
                                       "1e18446744073709551617"};
    for (size_t i = 0; i < COUNT(rows); i++) {
        const uint8_t *text = (const uint8_t *)rows[i];
        uint64_t value;
        bool negative;
        check_about(rows[i]);
        CHECK_INT(sonde_double_get(&value, text, strlen(rows[i])),
                  SONDE_NUMBER_RANGE);
        CHECK_INT(sonde_whole_get(&value, &negative, text, strlen(rows[i])),
                  SONDE_NUMBER_RANGE);
    }
}

static const check_test TESTS[] = {
    {"doubles", doubles},
    {"short doubles", short_doubles},
    {"powers of ten", whole_powers},
    {"edges", edges},
    {"huge", huge},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
