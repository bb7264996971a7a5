/* Numbers as decimal text, and back. */
#ifndef SONDE_NUMBER_H
#define SONDE_NUMBER_H

#include "core/bytes.h"

void sonde_uint_put(sonde_writer *w, uint64_t value);
void sonde_int_put(sonde_writer *w, int64_t value);

/* The shortest decimal that reads back as the same double, laid out as
 * ECMAScript's Number::toString does (so JSON.parse and JSON.stringify give
 * the same text); -0 is "-0" and what is not finite is "NaN", "Infinity",
 * "-Infinity", in quotes: the caller is JSON. */
void sonde_double_put(sonde_writer *w, double value);

/* What reading gave: a number of JSON's grammar is FINE, has a FRACTION where
 * none belongs, or is out of RANGE; anything else is BAD. */
typedef enum {
    SONDE_NUMBER_FINE,
    SONDE_NUMBER_FRACTION,
    SONDE_NUMBER_RANGE,
    SONDE_NUMBER_BAD
} sonde_number;

/* Reads a whole number; 1e3 and 1.0 are such, too. */
SONDE_MUST_CHECK sonde_number sonde_whole_get(uint64_t *magnitude,
                                              bool *negative,
                                              const uint8_t *text, size_t size);

/* Reads the double nearest to the text, the even one of two; RANGE if it would
 * be infinite. `bits` are those of the double. */
SONDE_MUST_CHECK sonde_number sonde_double_get(uint64_t *bits,
                                               const uint8_t *text,
                                               size_t size);

/* ---- For servers: fast, and larger (number_short.c) ---------------------- */

/* The shortest decimal of a finite double above 0, as digits * 10^exponent
 * without zeros at the end; the nearest one of several. */
void sonde_double_short(uint64_t bits, uint64_t *digits, int32_t *exponent);

/* Writes the same text as sonde_double_put. */
void sonde_double_write(sonde_writer *w, double value);

/* The upper 64 bits of a * b, and the lower ones. */
static inline uint64_t sonde_multiply(uint64_t a, uint64_t b, uint64_t *low) {
    uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
    uint64_t mid = ah * bl + (al * bl >> 32);
    uint64_t mid2 = al * bh + (uint32_t)mid;
    *low = mid2 << 32 | (uint32_t)(al * bl);
    return ah * bh + (mid >> 32) + (mid2 >> 32);
}

/* The first 128 bits of 10^exponent, rounded up; |exponent| <= 350. */
void sonde_power_get(uint64_t power[2], int32_t exponent);

#endif
