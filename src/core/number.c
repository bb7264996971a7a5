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

/* value = R / S; its neighbours are LOW and HIGH away, in the same unit, and
 * all in between reads back as the value (with the bounds, if it is even).
 * What is scaled together lies together: no carry leaves a number. */
enum { R, LOW, HIGH, S, ZERO, REST, NUMBERS };

typedef struct {
    uint32_t n[NUMBERS][LIMBS];
    int even;
} dragon;

/* Multiplies `count` numbers from `first` on. */
static void times(dragon *g, uint32_t first, uint32_t count, uint32_t factor) {
    uint64_t carry = 0;
    uint32_t *limb = g->n[first];
    for (uint32_t i = 0; i < count * LIMBS; i++) {
        carry += (uint64_t)limb[i] * factor;
        limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* The same by a power of two. */
static void shift(dragon *g, uint32_t first, uint32_t count, uint32_t by) {
    for (; by > 31; by -= 31)
        times(g, first, count, 1u << 31);
    times(g, first, count, 1u << by);
}

/* REST = a + b - c; returns its sign: -1, 0, 1. */
static int sum(dragon *g, uint32_t a, uint32_t b, uint32_t c) {
    int64_t carry = 0;
    uint32_t any = 0;
    for (uint32_t i = 0; i < LIMBS; i++) {
        carry += (int64_t)g->n[a][i] + g->n[b][i] - g->n[c][i];
        g->n[REST][i] = (uint32_t)carry;
        any |= (uint32_t)carry;
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

static void dragon_init(dragon *g, uint64_t bits) {
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    uint32_t exponent = (uint32_t)(bits >> 52 & 0x7FF);
    uint32_t near = fraction == 0 && exponent > 1; /* the lower neighbour */
    if (exponent == 0)
        exponent = 1;
    else
        fraction |= UINT64_C(1) << 52;
    memset(g, 0, sizeof *g);
    g->even = !(fraction & 1);
    fraction <<= 1 + near;
    g->n[R][0] = (uint32_t)fraction;
    g->n[R][1] = (uint32_t)(fraction >> 32);
    g->n[S][0] = 2u << near;
    g->n[LOW][0] = 1;
    g->n[HIGH][0] = 1u << near;
    if (exponent > 1075)
        shift(g, R, 3, exponent - 1075);
    else
        shift(g, S, 1, 1075 - exponent);
}

/* Does the value, or its upper bound, reach 1? */
static bool reaches_one(dragon *g) { return sum(g, R, HIGH, S) > -g->even; }

static void decimal_set(decimal *d, dragon *g) {
    bool low, high;
    d->count = d->point = 0;
    for (; reaches_one(g); d->point++)
        times(g, S, 1, 10);
    do {
        char digit = '0';
        times(g, R, 3, 10);
        for (; sum(g, R, ZERO, S) >= 0; digit++)
            memcpy(g->n[R], g->n[REST], sizeof g->n[R]);
        low = sum(g, R, ZERO, LOW) < g->even;
        high = reaches_one(g);
        /* half way, ECMA-262 wants the even digit */
        if (high && (!low || sum(g, R, R, S) >= !(digit & 1)))
            digit++; /* never beyond 9: the digit before would have stopped */
        if (digit == '0' && d->count == 0)
            d->point--;
        else
            d->digits[d->count++] = digit;
    } while (!low && !high && d->count < MAX_DIGITS);
}

/* ECMA-262, Number::toString: an exponent behind one digit and the point if
 * the number would become long. */
static void put_decimal(sonde_writer *w, const decimal *d) {
    int32_t point = d->point, exponent = 0;
    if (point <= -6 || point > 21) {
        exponent = point - 1;
        point = 1;
    }
    int32_t start = point > 0 ? 0 : point - 1;
    for (int32_t i = start; i < d->count || i < point; i++) {
        if (i == point && i > start)
            sonde_writer_byte(w, '.');
        sonde_writer_byte(w,
                          i < 0 || i >= d->count ? '0' : (uint8_t)d->digits[i]);
    }
    if (exponent == 0)
        return;
    sonde_writer_byte(w, 'e');
    if (exponent > 0)
        sonde_writer_byte(w, '+');
    sonde_int_put(w, exponent);
}

static void put_positive(sonde_writer *w, uint64_t bits) {
    dragon g;
    decimal d;
    dragon_init(&g, bits);
    decimal_set(&d, &g);
    put_decimal(w, &d);
}

void sonde_double_put(sonde_writer *w, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bool finite = value - value == 0;
    if (!finite)
        sonde_writer_byte(w, '"');
    if (bits >> 63 && value == value)
        sonde_writer_byte(w, '-');
    if (value != value)
        SONDE_PUT(w, "NaN");
    else if (!finite)
        SONDE_PUT(w, "Infinity");
    else if (value == 0)
        sonde_writer_byte(w, '0');
    else
        put_positive(w, bits);
    if (!finite)
        sonde_writer_byte(w, '"');
}
