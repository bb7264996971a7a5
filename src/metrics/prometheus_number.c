/* Owns how numbers are spelt: as Go does, which OpenMetrics calls canonical. */
#include "core/number.h"
#include "metrics/prometheus.h"

enum { DIGITS = 24 };

/* value = 0.d1 d2 ... dn * 10^point */
typedef struct {
    char digits[DIGITS];
    int32_t count;
    int32_t point;
} decimal;

static void set_digits(decimal *d, uint64_t value, int32_t shift) {
    char text[DIGITS];
    int32_t count = 0;
    for (; value > 0; value /= 10)
        text[count++] = (char)('0' + value % 10);
    d->point = count - shift;
    d->count = 0;
    for (; count > 0; count--)
        d->digits[d->count++] = text[count - 1];
    while (d->count > 1 && d->digits[d->count - 1] == '0')
        d->count--;
}

/* 128 bits, which not every compiler has. */
typedef struct {
    uint64_t high;
    uint64_t low;
} wide;

static wide times_ten(wide n) {
    uint64_t low = (n.low & UINT32_MAX) * 10;
    uint64_t middle = (n.low >> 32) * 10 + (low >> 32);
    return (wide){n.high * 10 + (middle >> 32),
                  middle << 32 | (low & UINT32_MAX)};
}

/* The whole number nearest to n / 2^shift, where it fits 64 bits. */
static uint64_t divide(wide n, uint32_t shift) {
    if (shift == 0)
        return n.low;
    if (shift > 64)
        return (n.high + (UINT64_C(1) << (shift - 65))) >> (shift - 64);
    uint64_t half = UINT64_C(1) << (shift - 1);
    n.low += half;
    n.high += n.low < half;
    if (shift == 64)
        return n.high;
    return n.high << (64 - shift) | n.low >> shift;
}

/* |n - q * 2^shift| * 2 */
static wide distance(wide n, uint64_t q, uint32_t shift) {
    wide near = {0, q};
    if (shift >= 64)
        near = (wide){q << (shift - 64), 0};
    else if (shift > 0)
        near = (wide){q >> (64 - shift), q << shift};
    n.high -= near.high + (n.low < near.low);
    n.low -= near.low;
    if (n.high >> 63) {
        n.low = 0 - n.low;
        n.high = ~n.high + (n.low == 0);
    }
    return (wide){n.high << 1 | n.low >> 63, n.low << 1};
}

/* The fewest digits behind the point that are nearer to the value than to its
 * neighbours, for values from 10^-5 or so up to 2^53: multiplied by ten again
 * and again these fit 128 bits, and it is a hundred times as fast as the way
 * for all of them. */
static bool set_short(decimal *d, uint64_t bits) {
    enum { SHIFT = 70, PLACES = 22 };
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    uint32_t shift = 1075 - (uint32_t)(bits >> 52 & 0x7FF);
    wide n = {0, fraction | UINT64_C(1) << 52}, ten = {0, 1};
    if (shift > SHIFT)
        return false;
    for (int32_t places = 0; places <= PLACES; places++) {
        uint64_t q = divide(n, shift);
        wide off = distance(n, q, shift);
        bool is_near =
            off.high < ten.high || (off.high == ten.high && off.low < ten.low);
        if (fraction == 0) /* neighbours are not equally far: only itself */
            is_near = off.high == 0 && off.low == 0 && q < 1000000000000000;
        if (is_near) {
            set_digits(d, q, places);
            return true;
        }
        n = times_ten(n);
        ten = times_ten(ten);
    }
    return false;
}

/* From the text of sonde_double_put: digits with a point, and an exponent. */
static void set_exact(decimal *d, double value) {
    uint8_t text[40];
    sonde_writer w = {text, sizeof text, 0, 0};
    int32_t exponent = 0, sign = 1, behind = 0;
    bool is_fraction = false;
    size_t i = 0;
    sonde_double_put(&w, value);
    d->count = 0;
    for (; i < w.used && text[i] != 'e'; i++) {
        if (text[i] == '.') {
            is_fraction = true;
            continue;
        }
        behind += is_fraction;
        if ((d->count > 0 || text[i] != '0') && d->count < DIGITS)
            d->digits[d->count++] = (char)text[i];
    }
    for (i++; i < w.used; i++) {
        if (text[i] == '-')
            sign = -1;
        else if (text[i] != '+')
            exponent = 10 * exponent + (text[i] - '0');
    }
    d->point = d->count - behind + sign * exponent;
    while (d->count > 1 && d->digits[d->count - 1] == '0')
        d->count--;
}

static void put_digits(sonde_writer *w, const decimal *d, int32_t from,
                       int32_t to) {
    for (int32_t i = from; i < to; i++)
        sonde_writer_byte(w,
                          i < 0 || i >= d->count ? '0' : (uint8_t)d->digits[i]);
}

static void put_scientific(sonde_writer *w, const decimal *d) {
    int32_t exponent = d->point - 1;
    put_digits(w, d, 0, 1);
    if (d->count > 1) {
        sonde_writer_byte(w, '.');
        put_digits(w, d, 1, d->count);
    }
    sonde_writer_byte(w, 'e');
    sonde_writer_byte(w, exponent < 0 ? '-' : '+');
    if (exponent < 0)
        exponent = -exponent;
    if (exponent < 10)
        sonde_writer_byte(w, '0');
    sonde_uint_put(w, (uint64_t)exponent);
}

static void put_plain(sonde_writer *w, const decimal *d, bool point) {
    if (d->point <= 0)
        sonde_writer_byte(w, '0');
    else
        put_digits(w, d, 0, d->point);
    if (d->count > d->point) {
        sonde_writer_byte(w, '.');
        put_digits(w, d, d->point, d->count);
    } else if (point) {
        SONDE_PUT(w, ".0");
    }
}

void sonde_prom_double_put(sonde_writer *w, double value, bool point) {
    uint64_t bits;
    decimal d;
    memcpy(&bits, &value, sizeof bits);
    if (value != value) {
        SONDE_PUT(w, "NaN");
        return;
    }
    bool is_finite = value - value == 0;
    if (bits >> 63)
        sonde_writer_byte(w, '-');
    else if (!is_finite)
        sonde_writer_byte(w, '+');
    if (!is_finite) {
        SONDE_PUT(w, "Inf");
        return;
    }
    value = bits >> 63 ? -value : value;
    if (value == 0) {
        sonde_writer_byte(w, '0');
        if (point)
            SONDE_PUT(w, ".0");
        return;
    }
    if (!set_short(&d, bits & INT64_MAX))
        set_exact(&d, value);
    if (d.point < -3 || d.point > 6)
        put_scientific(w, &d);
    else
        put_plain(w, &d, point);
}

void sonde_prom_time_put(sonde_writer *w, uint64_t nanoseconds) {
    uint32_t rest = (uint32_t)(nanoseconds % 1000000000);
    char digits[9];
    size_t count = sizeof digits;
    sonde_uint_put(w, nanoseconds / 1000000000);
    for (size_t i = count; i > 0; i--, rest /= 10)
        digits[i - 1] = (char)('0' + rest % 10);
    while (count > 0 && digits[count - 1] == '0')
        count--;
    if (count == 0)
        return;
    sonde_writer_byte(w, '.');
    sonde_writer_put(w, digits, count);
}
