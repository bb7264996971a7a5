/* Owns histograms: buckets become cumulative counts up to a bound.
 *
 * Exponential ones have no place in either text format, which leaves dropping
 * or converting them. They are folded into powers of two: these are exact
 * without a logarithm, are bounds at each scale of 0 and more (so that a
 * change of scale moves no bound), and are about as far apart as the usual
 * bounds of explicit ones. */
#include "core/number.h"
#include "metrics/prometheus.h"

static const double INFINITE = (double)1e300 * 1e300;

static double as_double(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* ---- Repeated numbers, packed or not ----------------------------------- */

typedef struct {
    const uint8_t *p;
    const uint8_t *end;
    const uint8_t *chunk;
    const uint8_t *chunk_end;
    uint32_t number;
    bool is_varint;
} series;

static series series_of(sonde_slice message, uint32_t number, bool is_varint) {
    const uint8_t *p = message.data;
    return (series){p, p + message.size, p, p, number, is_varint};
}

static bool series_next(series *s, uint64_t *value) {
    sonde_field it;
    while (s->chunk == s->chunk_end) {
        if (s->p == s->end || !sonde_field_next(&it, &s->p, s->end))
            return false;
        if (it.number != s->number)
            continue;
        if (it.wire != SONDE_WIRE_BYTES) {
            *value = it.value;
            return true;
        }
        s->chunk = it.data;
        s->chunk_end = it.data + it.size;
    }
    if (s->is_varint)
        return sonde_varint_get(&s->chunk, s->chunk_end, value);
    *value = sonde_load64(s->chunk);
    s->chunk += 8;
    return true;
}

/* False if it does not fit 64 bits. */
static bool add(uint64_t *sum, uint64_t value) {
    *sum += value;
    return *sum >= value;
}

/* ---- What both kinds end with ------------------------------------------ */

typedef struct {
    uint64_t start;
    uint64_t count;
    double sum;
    bool has_sum;
    bool has_negative; /* bounds */
} totals;

static void totals_get(totals *t, sonde_slice point) {
    const uint8_t *p = point.data, *end = p + point.size;
    sonde_field it;
    *t = (totals){0};
    while (p < end && sonde_field_next(&it, &p, end)) {
        if (it.number == 2)
            t->start = it.value;
        else if (it.number == 4)
            t->count = it.value;
        if (it.number != 5)
            continue;
        t->sum = as_double(it.value);
        t->has_sum = true;
    }
}

static void put_bucket(sonde_prom *p, double from, double to, uint64_t count) {
    sonde_prom_line_start(p, p->entry->name, "_bucket", SLICE("le"), to);
    sonde_uint_put(&p->w, count);
    sonde_prom_exemplar_put(p, from, to);
    sonde_prom_line_end(p);
}

/* OpenMetrics has a count only beside a sum, and a sum only where it can never
 * fall. */
static void put_totals(sonde_prom *p, const totals *t) {
    bool has_sum = t->has_sum;
    if (p->is_openmetrics && (t->has_negative || !(t->sum >= 0)))
        has_sum = false;
    if (has_sum) {
        sonde_prom_line_start(p, p->entry->name, "_sum", SLICE(""), 0);
        sonde_prom_double_put(&p->w, t->sum, p->is_openmetrics);
        sonde_prom_line_end(p);
    }
    if (has_sum || !p->is_openmetrics) {
        sonde_prom_line_start(p, p->entry->name, "_count", SLICE(""), 0);
        sonde_uint_put(&p->w, t->count);
        sonde_prom_line_end(p);
    }
    sonde_prom_created_put(p, t->start);
    p->stats.points++;
}

/* ---- Explicit bounds --------------------------------------------------- */

enum { COUNTS = 6, BOUNDS = 7 };

/* Bounds must ascend and be one less than the counts, or neither be there. */
static bool is_sound(totals *t, sonde_slice point) {
    series counts = series_of(point, COUNTS, false);
    series bounds = series_of(point, BOUNDS, false);
    uint64_t bits, count, sum = 0, count_of = 0, bound_of = 0;
    double last = 0;
    for (; series_next(&bounds, &bits); bound_of++) {
        double bound = as_double(bits);
        if (bound != bound || (bound_of > 0 && bound <= last))
            return false;
        t->has_negative |= bound < 0;
        last = bound;
    }
    for (; series_next(&counts, &count); count_of++) {
        if (!add(&sum, count))
            return false;
    }
    if (count_of == 0)
        return bound_of == 0;
    t->count = sum;
    return count_of == bound_of + 1;
}

void sonde_prom_histogram_put(sonde_prom *p, sonde_slice point) {
    totals t;
    totals_get(&t, point);
    if (!is_sound(&t, point)) {
        p->stats.bad_points++;
        return;
    }
    series counts = series_of(point, COUNTS, false);
    series bounds = series_of(point, BOUNDS, false);
    uint64_t bits, count, sum = 0;
    double from = -INFINITE;
    sonde_prom_series_start(p, point, 9, SLICE("le"));
    sonde_prom_exemplars_take(p, point, 8);
    while (series_next(&bounds, &bits) && series_next(&counts, &count)) {
        double bound = as_double(bits);
        if (bound >= INFINITE)
            break;
        sum += count;
        put_bucket(p, from, bound, sum);
        from = bound;
    }
    put_bucket(p, from, INFINITE, t.count);
    put_totals(p, &t);
}

/* ---- Exponential ------------------------------------------------------- */

enum { LEAST_SCALE = -10 };

/* Buckets of one sign, and their counts by the exponent of the power of two
 * at their upper end: those from `least` to `most` are in use. */
typedef struct {
    sonde_slice buckets;
    uint64_t *counts;
    uint64_t sum;
    int32_t least;
    int32_t most;
    int32_t step;   /* exponents from one bound to the next */
    uint32_t shift; /* of an index, from its scale to 0 */
} side;

typedef struct {
    sonde_slice point;
    uint64_t zero_count;
    double zero; /* the threshold */
    side negative;
    side positive;
    bool is_sound;
} exponential;

static int64_t unzigzag(uint64_t value) {
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static side side_of(uint64_t *counts, int64_t scale) {
    side s = {.buckets = SLICE(""), .counts = counts, .step = 1};
    s.least = SONDE_PROM_MOST + 1;
    s.most = SONDE_PROM_LEAST - 1;
    if (scale > 0)
        s.shift = scale < 62 ? (uint32_t)scale : 62;
    else if (scale >= LEAST_SCALE)
        s.step = 1 << -scale;
    return s;
}

static void exponential_get(exponential *e, sonde_prom *p, sonde_slice point) {
    const uint8_t *at = point.data, *end = at + point.size;
    sonde_slice negative = SLICE(""), positive = SLICE("");
    int64_t scale = 0;
    sonde_field it;
    *e = (exponential){.point = point};
    while (at < end && sonde_field_next(&it, &at, end)) {
        if (it.number == 6)
            scale = unzigzag((uint32_t)it.value);
        else if (it.number == 7)
            e->zero_count = it.value;
        else if (it.number == 8)
            positive = (sonde_slice){it.data, it.size};
        else if (it.number == 9)
            negative = (sonde_slice){it.data, it.size};
        else if (it.number == 14)
            e->zero = as_double(it.value);
    }
    e->negative = side_of(p->folded, scale);
    e->negative.buckets = negative;
    e->positive = side_of(p->folded + SONDE_PROM_FOLDED, scale);
    e->positive.buckets = positive;
    e->is_sound = scale >= LEAST_SCALE && e->zero >= 0 && e->zero < INFINITE;
}

static uint64_t *count_at(const side *s, int32_t exponent) {
    return &s->counts[exponent - SONDE_PROM_LEAST];
}

/* False if the counts do not fit 64 bits. */
static bool fold(side *s) {
    int32_t lowest = SONDE_PROM_LEAST / s->step * s->step;
    const uint8_t *p = s->buckets.data, *end = p + s->buckets.size;
    int64_t index = 0;
    uint64_t count;
    sonde_field it;
    while (p < end && sonde_field_next(&it, &p, end)) {
        if (it.number == 1)
            index = unzigzag((uint32_t)it.value);
    }
    series counts = series_of(s->buckets, 2, true);
    for (; series_next(&counts, &count); index++) {
        if (count == 0)
            continue;
        /* each compiler that there is keeps the sign here: rounds down */
        int64_t bound = ((index >> s->shift) + 1) * s->step;
        int32_t exponent = bound < lowest            ? lowest
                           : bound > SONDE_PROM_MOST ? SONDE_PROM_MOST
                                                     : (int32_t)bound;
        if (!add(&s->sum, count))
            return false;
        *count_at(s, exponent) += count;
        s->least = exponent < s->least ? exponent : s->least;
        s->most = exponent > s->most ? exponent : s->most;
    }
    return true;
}

/* All is zero again, for the next point. */
static void clear(const side *s) {
    for (int32_t i = s->least; i <= s->most; i++)
        *count_at(s, i) = 0;
}

static double power(int32_t exponent) {
    if (exponent >= -1022)
        return as_double((uint64_t)(exponent + 1023) << 52);
    return as_double(UINT64_C(1) << (exponent - SONDE_PROM_LEAST));
}

static bool is_bound(int32_t exponent) {
    return exponent >= SONDE_PROM_LEAST && exponent < SONDE_PROM_MOST;
}

typedef struct {
    double from; /* the last bound written */
    uint64_t count;
} progress;

static void put_bound(sonde_prom *p, progress *at, double bound) {
    if (bound <= at->from)
        return;
    put_bucket(p, at->from, bound, at->count);
    at->from = bound;
}

static void put_negative(sonde_prom *p, progress *at, const side *s) {
    for (int32_t i = s->most; i >= s->least; i -= s->step) {
        at->count += *count_at(s, i);
        if (is_bound(i - s->step))
            put_bound(p, at, -power(i - s->step));
    }
}

/* With the bound below the lowest: what is in there is above it. */
static void put_positive(sonde_prom *p, progress *at, const side *s) {
    if (s->least > s->most)
        return;
    if (is_bound(s->least - s->step))
        put_bound(p, at, power(s->least - s->step));
    for (int32_t i = s->least; i <= s->most; i += s->step) {
        at->count += *count_at(s, i);
        if (is_bound(i))
            put_bound(p, at, power(i));
    }
}

/* Both sides, or neither. */
static bool fold_all(exponential *e, totals *t) {
    uint64_t sum = e->zero_count;
    bool is_good = fold(&e->negative) && fold(&e->positive) &&
                   add(&sum, e->negative.sum) && add(&sum, e->positive.sum);
    if (sum > 0)
        t->count = sum;
    t->has_negative = e->negative.sum > 0;
    return is_good;
}

static void put_exponential(sonde_prom *p, const exponential *e,
                            const totals *t) {
    progress at = {-INFINITE, 0};
    sonde_prom_series_start(p, e->point, 1, SLICE("le"));
    sonde_prom_exemplars_take(p, e->point, 11);
    put_negative(p, &at, &e->negative);
    at.count += e->zero_count;
    if (at.count > 0)
        put_bound(p, &at, e->zero);
    put_positive(p, &at, &e->positive);
    put_bucket(p, at.from, INFINITE, t->count);
    put_totals(p, t);
}

void sonde_prom_exponential_put(sonde_prom *p, sonde_slice point) {
    exponential e;
    totals t;
    totals_get(&t, point);
    exponential_get(&e, p, point);
    if (e.is_sound && fold_all(&e, &t))
        put_exponential(p, &e, &t);
    else
        p->stats.bad_points++;
    clear(&e.negative);
    clear(&e.positive);
}
