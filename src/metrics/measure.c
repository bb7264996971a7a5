/* Owns what a measurement does: the hot path of metrics.
 *
 * A series' state is all zero bytes when nothing was measured, so that a reset
 * is one memset for any kind. */
#include "metrics/metrics.h"

int32_t sonde_exponential_index(double value, int32_t scale) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits &= INT64_MAX;
    if (bits < UINT64_C(1) << 52)
        bits = UINT64_C(1) << 52;
    bits--; /* a boundary belongs to the bucket below it */
    int32_t index = (int32_t)(bits >> 52) - 1023;
    /* The logarithm bit by bit: squared, 1 <= x < 2 is over 2 or not. */
    uint64_t x = (bits >> 21 & UINT32_MAX) | UINT64_C(1) << 31;
    for (; scale > 0; scale--) {
        x *= x;
        uint32_t bit = (uint32_t)(x >> 63);
        x >>= 31 + bit;
        index = 2 * index + (int32_t)bit;
    }
    return index >> -scale;
}

/* One scale down: neighbours become one. */
static void halve(sonde_range *range) {
    int32_t low = range->low >> 1;
    uint32_t to = 0;
    for (uint32_t i = 0; i < range->used; i++) {
        uint32_t count = range->counts[i];
        to = (uint32_t)(((range->low + (int32_t)i) >> 1) - low);
        range->counts[i] = 0;
        range->counts[to] += count;
    }
    range->low = low;
    if (range->used > 0)
        range->used = to + 1;
}

/* Counts the bucket, if it fits in with the others. Inlined it would be larger
 * by more than it is faster. */
static __attribute__((noinline)) bool count_bucket(sonde_range *range,
                                                   int32_t index) {
    if (range->used == 0)
        range->low = index;
    uint32_t at = (uint32_t)index - (uint32_t)range->low;
    uint32_t below = 0 - at; /* buckets that are missing there */
    if (index < range->low) {
        if (below > SONDE_MAX_BUCKETS - range->used)
            return false;
        memmove(range->counts + below, range->counts,
                range->used * sizeof *range->counts);
        memset(range->counts, 0, below * sizeof *range->counts);
        range->low = index;
        range->used += below;
        at = 0;
    }
    if (at >= SONDE_MAX_BUCKETS)
        return false;
    if (at >= range->used)
        range->used = at + 1;
    range->counts[at]++;
    return true;
}

static bool put_exponential(sonde_series *s, double value) {
    sonde_buckets *buckets = (sonde_buckets *)(void *)(s + 1);
    sonde_range *ranges = buckets->ranges;
    if (s->count == UINT32_MAX)
        return false; /* no bucket overflows */
    if (value == 0) {
        buckets->zero_count++;
        return true;
    }
    int32_t index = sonde_exponential_index(value, SONDE_MAX_SCALE -
                                                       (int32_t)buckets->down);
    for (; !count_bucket(&ranges[value < 0], index); index >>= 1) {
        buckets->down++;
        halve(&ranges[0]);
        halve(&ranges[1]);
    }
    return true;
}

static bool put_explicit(sonde_series *s, double value) {
    uint64_t *counts = (uint64_t *)(void *)(s + 1);
    const double *bounds = sonde_bounds(s->stream);
    uint32_t left = s->stream->bound_count;
    while (left > 0) { /* [bounds, bounds + left) may still be below */
        uint32_t half = left / 2;
        if (value > bounds[half]) {
            bounds += half + 1;
            left -= half + 1;
        } else {
            left = half;
        }
    }
    counts[bounds - sonde_bounds(s->stream)]++;
    return true;
}

static bool put_histogram(sonde_series *s, double value) {
    if (!(sonde_shape(s->stream) == SONDE_KIND_EXPONENTIAL
              ? put_exponential(s, value)
              : put_explicit(s, value)))
        return false;
    if (s->count++ == 0)
        s->min = s->max = value;
    if (value < s->min)
        s->min = value;
    if (value > s->max)
        s->max = value;
    s->sum += value;
    return true;
}

static bool put_value(sonde_series *s, double value) {
    uint32_t shape = sonde_shape(s->stream);
    if (shape >= SONDE_KIND_HISTOGRAM)
        return put_histogram(s, value);
    if (shape == SONDE_KIND_COUNTER && value < 0)
        return false;
    if ((s->stream->what & 15) < SONDE_KIND_GAUGE)
        value += s->sum;
    s->sum = value;
    return true;
}

/* Keeps it with a probability of 1 / offered. The generator is a linear one,
 * of which only the high bits count here. */
static void offer(sonde_metrics *m, sonde_series *s, double value) {
    sonde_exemplar *e = s->exemplar;
    if (e == NULL)
        e = s->exemplar =
            sonde_metrics_take(m, sizeof *e, sonde_series_stays(m, s));
    if (e == NULL)
        return;
    uint32_t offered = ++e->offered;
    m->random = m->random * 1664525 + 1013904223;
    if ((uint64_t)m->random * offered >> 32 > 0)
        return;
    *e = m->offer;
    e->offered = offered;
    e->value = value;
}

int32_t sonde_measure(sonde_metrics *m, uint32_t series, double value) {
    sonde_series *s = m->slots[series & m->mask];
    if (s == NULL || s->handle != series)
        return SONDE_BAD_ARGUMENT;
    if (!sonde_is_finite(value) || !put_value(s, value)) {
        m->ignored++;
        return SONDE_OK;
    }
    s->live = m->measured = true;
    if (m->offer.offered)
        offer(m, s, value);
    return SONDE_OK;
}

void sonde_exemplar_put(sonde_metrics *m, const uint8_t ids[24]) {
    m->offer.offered = ids != NULL;
    m->offer.time_ns = m->now_ns;
    if (ids != NULL)
        memcpy(m->offer.ids, ids, sizeof m->offer.ids);
}
