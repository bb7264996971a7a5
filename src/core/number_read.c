/* Text as numbers: see number.h. All is done in whole numbers, for compilers
 * may keep more precision than a double has. Up to 19 digits with exponents of
 * up to 27, which is nearly all that there is, go through one multiplication
 * or division of 128 bits; the rest through big integers. */
#include "core/number.h"

/* ---- Grammar ------------------------------------------------------------ */

enum { KEPT_DIGITS = 19, SATURATED = 1 << 28 };

/* Value: `digits` * 10^exponent, and something more if `more`. */
typedef struct {
    uint64_t digits;
    int32_t exponent;
    int32_t point; /* digits in front of the point, exponent and all */
    bool negative;
    bool more; /* digits other than 0 were left out */
    const uint8_t *text;
    const uint8_t *end; /* of the digits, the point among them */
} decimal;

static bool is_digit(const uint8_t *p, const uint8_t *end) {
    return p < end && *p >= '0' && *p <= '9';
}

/* Digits in front of the point (`step` 1) or behind it (0). */
static const uint8_t *take_digits(decimal *d, const uint8_t *p,
                                  const uint8_t *end, int32_t step) {
    const uint64_t FULL = UINT64_C(1000000000000000000);
    const uint8_t *start = p;
    for (; is_digit(p, end); p++) {
        uint32_t digit = *p - (uint32_t)'0';
        if (d->digits < FULL) {
            d->digits = d->digits * 10 + digit;
            d->exponent += step - 1;
        } else {
            d->more |= digit != 0;
            d->exponent += step;
        }
    }
    if (step == 1)
        d->point = (int32_t)(p - start);
    return p > start ? p : NULL;
}

static const uint8_t *take_exponent(decimal *d, const uint8_t *p,
                                    const uint8_t *end) {
    bool negative = p < end && *p == '-';
    int32_t sum = 0;
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    if (!is_digit(p, end))
        return NULL;
    for (; is_digit(p, end); p++)
        sum = sum < SATURATED / 10 ? sum * 10 + (*p - '0') : SATURATED;
    d->exponent += negative ? -sum : sum;
    d->point += negative ? -sum : sum;
    return p;
}

static bool decimal_get(decimal *d, const uint8_t *text, size_t size) {
    const uint8_t *p = text, *end = text + size;
    *d = (decimal){.negative = size > 0 && *p == '-'};
    d->text = p += d->negative;
    if (size > SATURATED ||
        (is_digit(p, end) && *p == '0' && is_digit(p + 1, end)))
        return false;
    p = take_digits(d, p, end, 1);
    if (p != NULL && p < end && *p == '.')
        p = take_digits(d, p + 1, end, 0);
    if (p == NULL)
        return false;
    d->end = p;
    if (p < end && (*p == 'e' || *p == 'E'))
        p = take_exponent(d, p + 1, end);
    return p == end;
}

/* ---- Whole numbers ------------------------------------------------------ */

static bool push_digit(uint64_t *sum, uint32_t digit) {
    if (*sum > (UINT64_MAX - digit) / 10)
        return false;
    *sum = *sum * 10 + digit;
    return true;
}

/* Digit by digit, as far as the point. */
static sonde_number whole(uint64_t *magnitude, const decimal *d) {
    int32_t place = 0;
    uint64_t sum = 0;
    for (const uint8_t *p = d->text; p < d->end; p++) {
        if (*p == '.')
            continue;
        uint32_t digit = *p - (uint32_t)'0';
        if (place++ >= d->point) {
            if (digit != 0)
                return SONDE_NUMBER_FRACTION;
        } else if (!push_digit(&sum, digit)) {
            return SONDE_NUMBER_RANGE;
        }
    }
    for (; place < d->point && sum > 0; place++) {
        if (!push_digit(&sum, 0))
            return SONDE_NUMBER_RANGE;
    }
    *magnitude = sum;
    return SONDE_NUMBER_FINE;
}

sonde_number sonde_whole_get(uint64_t *magnitude, bool *negative,
                             const uint8_t *text, size_t size) {
    decimal d;
    if (!decimal_get(&d, text, size))
        return SONDE_NUMBER_BAD;
    *negative = d.negative;
    return whole(magnitude, &d);
}

/* ---- Rounding ----------------------------------------------------------- */

enum { FRACTION_BITS = 52, BIAS = 1075, LEAST_EXPONENT = -1074 };
#define INFINITE (UINT64_C(0x7FF) << FRACTION_BITS)

/* Leading zeros of what is not 0. */
static uint32_t zeros(uint64_t value) {
    return (uint32_t)__builtin_clzll(value);
}

/* Bits of the double nearest to value * 2^exponent, with `more` somewhat above
 * that; `value` has its first bit set. */
static uint64_t rounded(uint64_t value, int32_t exponent, bool more) {
    int32_t drop = 11; /* bits */
    if (exponent + drop < LEAST_EXPONENT)
        drop = LEAST_EXPONENT - exponent;
    if (drop > 64)
        return 0;
    uint64_t kept = drop == 64 ? 0 : value >> drop;
    uint64_t rest = drop == 64 ? value : value << (64 - drop);
    const uint64_t HALF = UINT64_C(1) << 63;
    if (rest > HALF || (rest == HALF && (more || (kept & 1))))
        kept++; /* may carry into the exponent, which is then right */
    int32_t biased = exponent + drop + BIAS;
    if (kept >> FRACTION_BITS == 0 || drop > 11)
        return kept;
    uint64_t bits = ((uint64_t)(uint32_t)(biased - 1) << FRACTION_BITS) + kept;
    return biased > 2046 || bits >= INFINITE ? INFINITE : bits;
}

/* ---- 128 bits ----------------------------------------------------------- */

/* One digit of 32 bits of the quotient (Knuth's algorithm D); *rest is below
 * `by`, whose first bit is set. */
static uint64_t divide_step(uint64_t *rest, uint32_t next, uint64_t by) {
    uint64_t high = by >> 32, low = (uint32_t)by;
    uint64_t guess = *rest / high, left = *rest % high;
    while (guess >> 32 || guess * low > (left << 32 | next)) {
        guess--;
        left += high;
        if (left >> 32)
            break;
    }
    *rest = (*rest << 32) + next - guess * by;
    return guess;
}

/* floor(value * 2^63 / by), both with their first bit set. */
static uint64_t divide(uint64_t value, uint64_t by, bool *more) {
    uint64_t rest = value >> 1, low = value << 63;
    uint64_t high = divide_step(&rest, (uint32_t)(low >> 32), by);
    uint64_t quotient = high << 32 | divide_step(&rest, (uint32_t)low, by);
    *more = rest != 0;
    return quotient;
}

static uint64_t power5(int32_t exponent) {
    uint64_t power = 1;
    while (exponent-- > 0)
        power *= 5;
    return power;
}

/* Bits of the double nearest to digits * 10^exponent, |exponent| <= 27. */
static uint64_t double_near(uint64_t digits, int32_t exponent) {
    if (digits == 0)
        return 0;
    int32_t shift = (int32_t)zeros(digits);
    uint64_t value = digits << shift, low;
    bool more;
    int32_t scale = exponent - shift; /* value * 2^scale * 5^exponent */
    uint64_t power = power5(exponent < 0 ? -exponent : exponent);
    uint32_t lead = zeros(power);
    power <<= lead;
    if (exponent >= 0) {
        value = sonde_multiply(value, power, &low);
        scale += 64 - (int32_t)lead;
        more = low != 0;
    } else {
        value = divide(value, power, &more);
        low = 0;
        scale += (int32_t)lead - 63;
    }
    if (value >> 63 == 0) {
        value = value << 1 | low >> 63;
        more = more && (low << 1 != 0 || exponent < 0);
        scale--;
    }
    return rounded(value, scale, more);
}

/* ---- Big integers ------------------------------------------------------- */

/* 800 digits are more than any number between two doubles has; what follows
 * only tells on which side it lies. */
enum { BIG_DIGITS = 800, LIMBS = 96 };

typedef struct {
    uint32_t limb[LIMBS];
    uint32_t used;
} big;

static void big_times(big *n, uint32_t factor, uint32_t plus) {
    uint64_t carry = plus;
    for (uint32_t i = 0; i < n->used; i++) {
        carry += (uint64_t)n->limb[i] * factor;
        n->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry > 0)
        n->limb[n->used++] = (uint32_t)carry;
}

static void big_times5(big *n, int32_t exponent) {
    for (; exponent >= 13; exponent -= 13)
        big_times(n, 1220703125, 0);
    big_times(n, (uint32_t)power5(exponent), 0);
}

static int32_t big_bits(const big *n) {
    return (int32_t)(32 * n->used) - __builtin_clz(n->limb[n->used - 1]);
}

static void big_shift(big *n, int32_t by) {
    for (; by >= 31; by -= 31)
        big_times(n, 1u << 31, 0);
    big_times(n, 1u << by, 0);
}

static bool big_less(const big *a, const big *b) {
    if (a->used != b->used)
        return a->used < b->used;
    for (uint32_t i = a->used; i-- > 0;) {
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i];
    }
    return false;
}

/* a -= factor * b, of `b->used` + 1 limbs; what is borrowed beyond them. */
static uint32_t big_minus(big *a, const big *b, uint32_t factor) {
    uint64_t carry = 0, borrow = 0;
    for (uint32_t i = 0; i <= b->used; i++) {
        carry += i < b->used ? (uint64_t)b->limb[i] * factor : 0;
        uint64_t left = (uint64_t)a->limb[i] - (uint32_t)carry - borrow;
        a->limb[i] = (uint32_t)left;
        borrow = left >> 63;
        carry >>= 32;
    }
    return (uint32_t)(carry + borrow);
}

static uint32_t big_plus(big *a, const big *b) {
    uint64_t carry = 0;
    for (uint32_t i = 0; i <= b->used; i++) {
        carry += (uint64_t)a->limb[i] + (i < b->used ? b->limb[i] : 0);
        a->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return (uint32_t)carry;
}

/* 32 bits of the quotient (Knuth's algorithm D, with a rougher guess); `a` is
 * below b * 2^32 before and below `b` after, and the first bit of `b` is set.
 */
static uint32_t big_step(big *a, const big *b) {
    uint32_t n = b->used;
    for (; a->used <= n; a->used++)
        a->limb[a->used] = 0;
    uint64_t lead = (uint64_t)a->limb[n] << 32 | a->limb[n - 1];
    uint64_t guess = lead / b->limb[n - 1];
    if (guess > UINT32_MAX)
        guess = UINT32_MAX;
    uint32_t below = big_minus(a, b, (uint32_t)guess);
    for (; below > 0; guess--)
        below -= big_plus(a, b);
    while (a->used > 0 && a->limb[a->used - 1] == 0)
        a->used--;
    return (uint32_t)guess;
}

/* The first 32 * `count` bits of a / b, highest first; `a` is left with the
 * rest. Returns the exponent of 2 that belongs to the first one of them. */
static int32_t big_divide(uint32_t *digits, uint32_t count, big *a, big *b) {
    int32_t lead = big_bits(a) - big_bits(b);
    big_shift(lead < 0 ? a : b, lead < 0 ? -lead : lead);
    if (big_less(a, b)) {
        big_times(a, 2, 0);
        lead--;
    }
    int32_t top = __builtin_clz(b->limb[b->used - 1]);
    big_shift(b, top);
    big_shift(a, top + 31);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            big_shift(a, 32);
        digits[i] = big_step(a, b);
    }
    return lead;
}

static uint64_t pair(const uint32_t digits[2]) {
    return (uint64_t)digits[0] << 32 | digits[1];
}

/* The digits of `d` without leading zeros; *exponent is that of the last. */
static void big_digits(big *n, const decimal *d, int32_t *exponent) {
    int32_t count = 0, place = 0;
    bool more = false;
    n->used = 0;
    for (const uint8_t *p = d->text; p < d->end; p++) {
        if (*p == '.')
            continue;
        place++;
        if (n->used == 0 && *p == '0')
            continue;
        if (count < BIG_DIGITS) {
            big_times(n, 10, *p - (uint32_t)'0');
            *exponent = d->point - place;
            count++;
        } else {
            more |= *p != '0';
        }
    }
    if (more) {
        big_times(n, 10, 1);
        --*exponent;
    }
}

static uint64_t double_big(const decimal *d) {
    big value, power = {{1}, 1};
    int32_t exponent = 0;
    big_digits(&value, d, &exponent);
    big_times5(exponent < 0 ? &power : &value,
               exponent < 0 ? -exponent : exponent);
    uint32_t digits[2];
    exponent += big_divide(digits, 2, &value, &power) - 63;
    return rounded(pair(digits), exponent, value.used > 0);
}

/* 2^0 / 5^n never ends, so that some is always left; 5^n may fit. */
void sonde_power_get(uint64_t power[2], int32_t exponent) {
    big value = {{1}, 1}, by = {{1}, 1};
    uint32_t digits[4];
    big_times5(exponent < 0 ? &by : &value,
               exponent < 0 ? -exponent : exponent);
    (void)big_divide(digits, 4, &value, &by);
    power[0] = pair(digits);
    power[1] = pair(digits + 2) + (value.used > 0); /* never carries: tested */
}

/* ---- Doubles ------------------------------------------------------------ */

sonde_number sonde_double_get(uint64_t *bits, const uint8_t *text,
                              size_t size) {
    enum { HIGHEST = 310, LOWEST = -345 }; /* beyond: infinite, and zero */
    decimal d;
    if (!decimal_get(&d, text, size))
        return SONDE_NUMBER_BAD;
    uint64_t magnitude = 0;
    if (d.digits > 0 && d.exponent > HIGHEST)
        magnitude = INFINITE;
    else if (!d.more && d.exponent >= -27 && d.exponent <= 27)
        magnitude = double_near(d.digits, d.exponent);
    else if (d.digits > 0 && d.exponent >= LOWEST)
        magnitude = double_big(&d);
    *bits = magnitude | (uint64_t)d.negative << 63;
    return magnitude == INFINITE ? SONDE_NUMBER_RANGE : SONDE_NUMBER_FINE;
}
