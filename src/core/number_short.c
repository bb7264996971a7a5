/* Doubles as their shortest decimals, without big integers for most: see
 * number.h. This is Raffaele Giulietti's "Schubfach": the double and the two
 * bounds of what reads back as it are multiplied by a power of ten of 128 bits
 * such that they differ by some units; then there is at most one multiple of
 * ten among them, which is shorter, or the unit nearest to the double. The
 * power is not from a table of 10 kB: those up to 10^27 are 5^27 at most, which
 * fits 64 bits, and others are made by long division, in half a microsecond.
 * sonde_double_put takes up to a hundred times that, which is too much for
 * input that others choose. */
#include "core/number.h"
#include "sonde.h"

enum { FRACTION_BITS = 52, BIAS = 1075, QUICK = 27 };

/* floor(log2(10^k)), floor(log10(2^q)), floor(log10(3/4 * 2^q)); exact for
 * the exponents of doubles. All compilers shift with the sign. */
static int32_t log2_of_power(int32_t k) { return k * 1741647 >> 19; }
static int32_t log10_of_double(int32_t q, bool narrow) {
    return (q * 1262611 - (narrow ? 524031 : 0)) >> 22;
}

static void power_get(uint64_t power[2], int32_t exponent) {
    if (exponent < 0 || exponent > QUICK) {
        sonde_power_get(power, exponent);
        return;
    }
    power[0] = 1;
    power[1] = 0;
    while (exponent-- > 0)
        power[0] *= 5;
    power[0] <<= __builtin_clzll(power[0]);
}

/* power * value / 2^128 with its last bit set if there is more. */
static uint64_t scaled(const uint64_t power[2], uint64_t value) {
    uint64_t low, rest, ignored;
    uint64_t high = sonde_multiply(power[0], value, &low);
    rest = low + sonde_multiply(power[1], value, &ignored);
    return (high + (rest < low)) | (rest > 1);
}

/* fraction * 2^exponent; `narrow`: the neighbour below is half as far as the
 * one above. All is in quarters of a unit. */
static uint64_t shortest(uint64_t fraction, int32_t exponent, bool narrow,
                         int32_t *tens) {
    uint64_t power[2], odd = fraction & 1;
    int32_t k = log10_of_double(exponent, narrow);
    int32_t shift = exponent + log2_of_power(-k) + 1;
    power_get(power, -k);
    uint64_t four = fraction * 4;
    uint64_t value = scaled(power, four << shift);
    uint64_t least = scaled(power, (four - 2 + narrow) << shift) + odd;
    uint64_t most = scaled(power, (four + 2) << shift) - odd;
    uint64_t unit = value / 4, ten = unit / 10;
    bool down = least <= 40 * ten, up = 40 * ten + 40 <= most;
    *tens = k + 1;
    if (unit >= 10 && down != up)
        return ten + up;
    *tens = k;
    down = least <= 4 * unit;
    up = 4 * unit + 4 <= most;
    if (down != up)
        return unit + up;
    uint64_t middle = 4 * unit + 2;
    return unit + (value > middle || (value == middle && (unit & 1)));
}

void sonde_double_short(uint64_t bits, uint64_t *digits, int32_t *exponent) {
    int32_t biased = (int32_t)(bits >> FRACTION_BITS);
    uint64_t fraction = bits & ((UINT64_C(1) << FRACTION_BITS) - 1);
    bool narrow = fraction == 0 && biased > 1;
    if (biased == 0)
        biased = 1;
    else
        fraction |= UINT64_C(1) << FRACTION_BITS;
    uint64_t sum = shortest(fraction, biased - BIAS, narrow, exponent);
    for (; sum % 10 == 0; sum /= 10)
        ++*exponent;
    *digits = sum;
}

/* ---- As ECMAScript spells them ------------------------------------------ */

static void put_zeros(sonde_writer *w, int32_t count) {
    while (count-- > 0)
        sonde_writer_byte(w, '0');
}

/* ECMA-262, Number::toString: an exponent behind one digit and the point if
 * the number would become long. `point`: digits in front of it. */
static void put_decimal(sonde_writer *w, const char *digits, int32_t count,
                        int32_t point) {
    bool is_long = point <= -6 || point > 21;
    int32_t whole = is_long ? 1 : point < 0 ? 0 : point;
    if (whole > count)
        whole = count;
    sonde_writer_put(w, digits, (size_t)whole);
    if (whole == 0)
        sonde_writer_byte(w, '0');
    if (!is_long)
        put_zeros(w, point - count);
    if (whole < count)
        sonde_writer_byte(w, '.');
    if (!is_long)
        put_zeros(w, -point);
    sonde_writer_put(w, digits + whole, (size_t)(count - whole));
    if (!is_long)
        return;
    sonde_writer_byte(w, 'e');
    if (point > 0)
        sonde_writer_byte(w, '+');
    sonde_int_put(w, point - 1);
}

void sonde_double_write(sonde_writer *w, double value) {
    char text[20];
    uint64_t bits, digits;
    int32_t exponent;
    memcpy(&bits, &value, sizeof bits);
    if (value == 0 || value - value != 0) {
        sonde_double_put(w, value);
        return;
    }
    if (bits >> 63)
        sonde_writer_byte(w, '-');
    sonde_double_short(bits & INT64_MAX, &digits, &exponent);
    sonde_writer all = {(uint8_t *)text, sizeof text, 0, SONDE_OK};
    sonde_uint_put(&all, digits);
    put_decimal(w, text, (int32_t)all.used, (int32_t)all.used + exponent);
}
