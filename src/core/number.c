/* Numbers as text. Doubles go through the exact free-format algorithm of
 * Steele and White ("Dragon4") on big integers of fixed size: some
 * microseconds a number, no tables. Ryu and Grisu are faster, but their tables
 * alone are larger than the whole transcoder, and doubles become text only in
 * JSON requests. */
#include "core/number.h"

void sonde_uint_put(sonde_writer *w, uint64_t value) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    sonde_writer_put(w, digits + at, sizeof digits - at);
}

void sonde_int_put(sonde_writer *w, int64_t value) {
    uint64_t magnitude = (uint64_t)value;
    if (value < 0) {
        sonde_writer_byte(w, '-');
        magnitude = 0 - magnitude;
    }
    sonde_uint_put(w, magnitude);
}

/* ---- Big integers, just enough --------------------------------------- */

/* 2^1076 * 10 and 2^53 * 10^309 both have fewer than 1,152 bits. */
enum { LIMBS = 36, MAX_DIGITS = 17 };

typedef uint32_t big[LIMBS];

static void big_set(big a, uint64_t value, uint32_t shift) {
    uint32_t at = shift / 32, by = shift % 32;
    memset(a, 0, sizeof(big));
    a[at] = (uint32_t)(value << by);
    a[at + 1] = (uint32_t)(value >> (32 - by));
    a[at + 2] = (uint32_t)(value >> 32 >> (32 - by));
}

static void big_times10(big a) {
    uint64_t carry = 0;
    for (uint32_t i = 0; i < LIMBS; i++) {
        carry += (uint64_t)a[i] * 10;
        a[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* out = a + b - c; returns its sign: -1, 0, 1. */
static int big_sum(big out, const big a, const big b, const big c) {
    int64_t carry = 0;
    uint32_t any = 0;
    for (uint32_t i = 0; i < LIMBS; i++) {
        carry += (int64_t)a[i] + b[i] - c[i];
        out[i] = (uint32_t)carry;
        any |= out[i];
        carry >>= 32;
    }
    return carry < 0 ? -1 : any != 0;
}

/* ---- Digits ---------------------------------------------------------- */

/* value = 0.d1 d2 ... dn * 10^point */
typedef struct {
    char digits[MAX_DIGITS + 1];
    int32_t count;
    int32_t point;
} decimal;

/* value = r / s; its neighbours are low and high away, in the same unit, and
 * all in between reads back as the value (with the bounds, if it is even). */
typedef struct {
    big r, s, low, high, rest;
    int even;
} dragon;

static void dragon_init(dragon *g, uint64_t bits) {
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    uint32_t exponent = (uint32_t)(bits >> 52 & 0x7FF);
    uint32_t near = fraction == 0 && exponent > 1; /* the lower neighbour */
    if (exponent == 0)
        exponent = 1;
    else
        fraction |= UINT64_C(1) << 52;
    uint32_t up = exponent > 1075 ? exponent - 1075 : 0;
    uint32_t down = exponent > 1075 ? 0 : 1075 - exponent;
    g->even = !(fraction & 1);
    big_set(g->r, fraction, up + 1 + near);
    big_set(g->s, 1, down + 1 + near);
    big_set(g->low, 1, up);
    big_set(g->high, 1, up + near);
}

/* Does the value, or its upper bound, reach 1? */
static bool reaches_one(dragon *g) {
    return big_sum(g->rest, g->r, g->high, g->s) > -g->even;
}

static void decimal_set(decimal *d, dragon *g) {
    static const big zero;
    bool low, high;
    d->count = d->point = 0;
    for (; reaches_one(g); d->point++)
        big_times10(g->s);
    do {
        char digit = '0';
        big_times10(g->r);
        big_times10(g->low);
        big_times10(g->high);
        for (; big_sum(g->rest, g->r, zero, g->s) >= 0; digit++)
            memcpy(g->r, g->rest, sizeof(big));
        low = big_sum(g->rest, g->r, zero, g->low) < g->even;
        high = reaches_one(g);
        /* half way, ECMA-262 wants the even digit */
        if (high &&
            (!low || big_sum(g->rest, g->r, g->r, g->s) >= !(digit & 1)))
            digit++; /* never beyond 9: the digit before would have stopped */
        if (digit == '0' && d->count == 0)
            d->point--;
        else
            d->digits[d->count++] = digit;
    } while (!low && !high && d->count < MAX_DIGITS);
}

/* ---- Layout: ECMA-262, Number::toString ------------------------------- */

static void put_digits(sonde_writer *w, const decimal *d, int32_t point) {
    int32_t end = d->count > point ? d->count : point;
    int32_t start = point > 0 ? 0 : point - 1;
    for (int32_t i = start; i < end; i++) {
        if (i == point && i > start)
            sonde_writer_byte(w, '.');
        sonde_writer_byte(w,
                          i < 0 || i >= d->count ? '0' : (uint8_t)d->digits[i]);
    }
}

static void put_decimal(sonde_writer *w, const decimal *d) {
    if (d->point > -6 && d->point <= 21) {
        put_digits(w, d, d->point);
        return;
    }
    put_digits(w, d, 1);
    sonde_writer_byte(w, 'e');
    if (d->point > 0)
        sonde_writer_byte(w, '+');
    sonde_int_put(w, d->point - 1);
}

void sonde_double_put(sonde_writer *w, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bool negative = bits >> 63;
    bits &= INT64_MAX;
    bool finite = bits < UINT64_C(0x7FF) << 52;
    if (!finite)
        sonde_writer_byte(w, '"');
    if (negative && value == value)
        sonde_writer_byte(w, '-');
    if (value != value) {
        SONDE_PUT(w, "NaN\"");
    } else if (!finite) {
        SONDE_PUT(w, "Infinity\"");
    } else if (bits == 0) {
        sonde_writer_byte(w, '0');
    } else {
        dragon g;
        decimal d;
        dragon_init(&g, bits);
        decimal_set(&d, &g);
        put_decimal(w, &d);
    }
}
