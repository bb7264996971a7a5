/* Owns the sampler: see sonde_trace.h. The threshold is made from the bits of
 * the probability, in integers: exact down to 2^-56, where doubles near 1 have
 * only 53, and without a library of mathematics. */
#include "trace/trace.h"

#define ALL (UINT64_C(1) << 56)

enum { DIGITS = 14, LEAST_EXPONENT = 56, BIAS = 1023, PREFIX = 6 };

/* Half up, to this many digits. The carry stays below 2^56: the digits are
 * enough to tell the threshold from it. */
static uint64_t rounded(uint64_t threshold, uint32_t digits) {
    uint32_t shift = digits < DIGITS ? 4 * (DIGITS - digits) : 0;
    threshold += (UINT64_C(1) << shift) >> 1;
    return threshold >> shift << shift;
}

/* Without the zeros at the end, but for the first. */
static void text_put(sonde_sampler *sampler) {
    uint64_t left = sampler->threshold << 8;
    uint32_t at = PREFIX;
    memcpy(sampler->text, "ot=th:", PREFIX);
    do {
        uint32_t digit = (uint32_t)(left >> 60);
        sampler->text[at++] = (char)(digit + (digit < 10 ? '0' : 'a' - 10));
        left <<= 4;
    } while (left > 0);
    sampler->text_size = at;
}

int32_t sonde_sampler_init(sonde_sampler *sampler, double probability,
                           uint32_t precision) {
    uint64_t bits;
    memcpy(&bits, &probability, sizeof bits);
    if (precision - 1 >= DIGITS)
        return SONDE_BAD_ARGUMENT;
    if (bits << 1 == 0) {
        sampler->threshold = ALL;
        sampler->text_size = 0;
        return SONDE_OK;
    }
    /* The probability is 1.fraction * 2^-n. Negative numbers and those that
     * are not finite have other n. */
    uint32_t n = BIAS - (uint32_t)(bits >> 52);
    if (n > LEAST_EXPONENT || probability > 1)
        return SONDE_BAD_ARGUMENT;
    uint64_t kept = ALL + (bits << 12 >> 8); /* 1.fraction */
    kept = (kept + ((UINT64_C(1) << n) >> 1)) >> n;
    sampler->threshold = rounded(ALL - kept, precision - 1 + (n + 3) / 4);
    text_put(sampler);
    return SONDE_OK;
}

int32_t sonde_sampler_keeps(const sonde_sampler *sampler,
                            const uint8_t trace_id[16]) {
    return sonde_trace_random(trace_id) >= sampler->threshold;
}
