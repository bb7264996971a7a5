/* Owns how numbers are spelt: as Go does, which OpenMetrics calls canonical. */
#include "core/number.h"
#include "metrics/prometheus.h"

enum { DIGITS = 20 };

/* value = 0.d1 d2 ... dn * 10^point */
typedef struct {
    char digits[DIGITS];
    int32_t count;
    int32_t point;
} decimal;

static void decimal_get(decimal *d, uint64_t bits) {
    uint64_t digits;
    int32_t exponent;
    sonde_writer w = {(uint8_t *)d->digits, DIGITS, 0, 0};
    sonde_double_short(bits, &digits, &exponent);
    sonde_uint_put(&w, digits);
    d->count = (int32_t)w.used;
    d->point = d->count + exponent;
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
    if (value == 0) {
        sonde_writer_byte(w, '0');
        if (point)
            SONDE_PUT(w, ".0");
        return;
    }
    decimal_get(&d, bits & INT64_MAX);
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
