/* Most doubles as their shortest decimals, without big integers: see number.h.
 * A decimal of up to 15 digits that reads back as the double is the only one
 * of so few digits, so the one nearest to the double is tried, then those of 16
 * and of 17 digits: all by whole numbers of 128 bits. */
#include "core/number.h"

enum { FRACTION_BITS = 52 };
enum { FEWEST = 15, MOST = 17 };

static uint64_t power(uint64_t base, int32_t exponent) {
    uint64_t sum = 1;
    while (exponent-- > 0)
        sum *= base;
    return sum;
}

/* value * 2^-by to the nearest whole number, even if in the middle; the
 * result fits 64 bits. */
static uint64_t shifted(uint64_t high, uint64_t low, int32_t by) {
    uint64_t kept = 0, rest = 0, more = 0;
    if (by == 0)
        return low;
    if (by < 64) {
        kept = high << (64 - by) | low >> by;
        rest = low << (64 - by);
    } else if (by == 64) {
        kept = high;
        rest = low;
    } else if (by < 128) {
        kept = high >> (by - 64);
        rest = high << (128 - by) | low >> (by - 64);
        more = low << (128 - by);
    }
    const uint64_t HALF = UINT64_C(1) << 63;
    bool up = rest > HALF || (rest == HALF && (more != 0 || (kept & 1)));
    return kept + up;
}

/* fraction * 2^exponent * 10^places, rounded. */
static uint64_t scaled(uint64_t fraction, int32_t exponent, int32_t places) {
    uint64_t by = power(places < 0 ? 10 : 5, places < 0 ? -places : places);
    if (places < 0) { /* a whole number, for it has more digits than that */
        uint64_t value =
            exponent < 0 ? fraction >> -exponent : fraction << exponent;
        uint64_t whole = value / by, rest = value % by;
        return whole + (rest * 2 > by || (rest * 2 == by && (whole & 1)));
    }
    uint64_t low = (uint32_t)fraction * (by & UINT32_MAX);
    uint64_t mid = (fraction >> 32) * (by & UINT32_MAX) + (low >> 32);
    uint64_t mid2 = (uint32_t)fraction * (by >> 32) + (uint32_t)mid;
    uint64_t high = (fraction >> 32) * (by >> 32) + (mid >> 32) + (mid2 >> 32);
    low = mid2 << 32 | (uint32_t)low;
    int32_t shift = exponent + places; /* to the left */
    if (shift > 0)
        return low << shift; /* it fits, for the result does */
    return shifted(high, low, -shift);
}

bool sonde_double_short(uint64_t bits, uint64_t *digits, int32_t *exponent) {
    int32_t biased = (int32_t)(bits >> FRACTION_BITS & 0x7FF);
    uint64_t fraction = bits & ((UINT64_C(1) << FRACTION_BITS) - 1);
    /* from 2^-19 (1.9e-6) to 2^53; next to a power of two the space below is
     * narrower than above, and the nearest one may not be the shortest */
    if (biased < 1023 - 19 || biased > 1023 + 53 || fraction == 0)
        return false;
    fraction |= UINT64_C(1) << FRACTION_BITS;
    int32_t scale = biased - 1075;
    int32_t tens = (biased - 1023) * 1233 >> 12; /* log10, or one less */
    for (int32_t count = FEWEST; count <= MOST; count++) {
        int32_t places = count - 1 - tens;
        uint64_t sum = scaled(fraction, scale, places);
        if (sum >= power(10, count))
            sum = scaled(fraction, scale, --places);
        if (sonde_double_near(sum, -places) != bits)
            continue;
        for (; sum % 10 == 0; sum /= 10)
            places--;
        *digits = sum;
        *exponent = -places;
        return true;
    }
    return false;
}
