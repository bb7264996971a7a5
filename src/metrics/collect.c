/* Owns the encoding of metrics: Metric messages, written backwards like
 * everything else (design.md, section 5).
 *
 * Series are listed from the newest on, so that they stand in the order they
 * were made in when they have been written backwards. */
#include "metrics/metrics.h"

enum { ROOM = 256 }; /* of a point, beside its state and attributes */

/* Called from so many places that inlining them costs. */
#define SMALL static __attribute__((noinline))

SMALL uint8_t *put_length(uint8_t *p, const uint8_t *end, uint8_t tag) {
    p = sonde_back_varint(p, (size_t)(end - p));
    *--p = tag;
    return p;
}

SMALL uint8_t *put8(uint8_t *p, uint8_t tag, const void *value) {
    return sonde_back_fixed(p, tag, value, 8);
}

SMALL uint8_t *put_bytes(uint8_t *p, uint8_t tag, const void *data,
                         size_t size) {
    return put_length(sonde_back_put(p, data, size), p, tag);
}

static int64_t saturate(double value) {
#ifdef __wasm__
    return __builtin_wasm_trunc_saturate_s_i64_f64(value);
#else
    const double limit = 9223372036854775808.0;
    if (value >= -limit && value < limit)
        return (int64_t)value;
    return value < 0 ? INT64_MIN : INT64_MAX;
#endif
}

/* as_double under `tag`, or as_int. */
static uint8_t *put_number(uint8_t *p, const sonde_stream *stream, uint8_t tag,
                           double value) {
    if (stream->what & SONDE_INSTRUMENT_INTEGER) {
        int64_t whole = saturate(value);
        memcpy(&value, &whole, sizeof value);
        tag = 0x31;
    }
    return put8(p, tag, &value);
}

SMALL uint8_t *put_exemplar(uint8_t *p, const sonde_series *s) {
    static const uint8_t tags[] = {0x2A, 0x2A, 0x2A, 0x42, 0x5A};
    sonde_exemplar *e = s->exemplar;
    const uint8_t *end = p;
    if (e == NULL || e->offered == 0)
        return p;
    e->offered = 0;
    p = put_bytes(p, 0x2A, e->ids, 16);
    p = put_bytes(p, 0x22, e->ids + 16, 8);
    p = put_number(p, s->stream, 0x19, e->value);
    p = put8(p, 0x11, &e->time_ns);
    return put_length(p, end, tags[sonde_shape(s->stream)]);
}

static uint8_t *put_zigzag(uint8_t *p, uint8_t tag, int32_t value) {
    p = sonde_back_varint(p, (uint32_t)value << 1 ^ (uint32_t)(value >> 31));
    *--p = tag;
    return p;
}

static uint8_t *put_range(uint8_t *p, uint8_t tag, const sonde_range *range) {
    const uint8_t *end = p;
    if (range->used == 0)
        return p;
    for (uint32_t i = range->used; i-- > 0;)
        p = sonde_back_varint(p, range->counts[i]);
    p = put_length(p, end, 0x12);
    p = put_zigzag(p, 0x08, range->low);
    return put_length(p, end, tag);
}

static uint8_t *put_explicit(uint8_t *p, sonde_series *s) {
    uint32_t size = 8 * s->stream->bound_count;
    p = put_bytes(p, 0x3A, sonde_bounds(s->stream), size);
    return put_bytes(p, 0x32, s + 1, size + 8);
}

static uint8_t *put_exponential(uint8_t *p, const sonde_series *s) {
    const sonde_buckets *buckets = (const sonde_buckets *)(const void *)(s + 1);
    p = put_range(p, 0x4A, &buckets->ranges[1]);
    p = put_range(p, 0x42, &buckets->ranges[0]);
    p = put8(p, 0x39, &buckets->zero_count);
    return put_zigzag(p, 0x30, SONDE_MAX_SCALE - (int32_t)buckets->down);
}

static uint8_t *put_histogram(uint8_t *p, sonde_series *s) {
    bool exponential = sonde_shape(s->stream) == SONDE_KIND_EXPONENTIAL;
    uint8_t tag = exponential ? 0x61 : 0x59; /* of min; max is the next */
    if (s->stream->what & SONDE_INSTRUMENT_MIN_MAX) {
        p = put8(p, tag + 8, &s->max);
        p = put8(p, tag, &s->min);
    }
    p = exponential ? put_exponential(p, s) : put_explicit(p, s);
    if (!(s->min < 0))
        p = put8(p, 0x29, &s->sum);
    return put8(p, 0x21, &s->count);
}

/* With the preference for delta, up-down counters stay cumulative
 * (metrics/sdk_exporters/otlp.md of the specification). */
static bool is_cumulative(const sonde_metrics *m, const sonde_stream *stream) {
    return m->cumulative || sonde_shape(stream) == SONDE_KIND_UPDOWN;
}

static uint8_t *put_value(uint8_t *p, const sonde_metrics *m, sonde_series *s) {
    const sonde_stream *stream = s->stream;
    uint32_t shape = sonde_shape(stream);
    double value = s->sum;
    if (shape >= SONDE_KIND_HISTOGRAM)
        return put_histogram(p, s);
    if (!m->cumulative && shape == SONDE_KIND_COUNTER &&
        sonde_is_observable(stream)) {
        if (value >= s->min)
            value -= s->min;
        s->min = s->sum;
    }
    return put_number(p, stream, 0x21, value);
}

/* What was collected is gone, as far as it goes. */
static void clear(const sonde_metrics *m, sonde_series *s) {
    bool observable = sonde_is_observable(s->stream);
    bool cumulative = is_cumulative(m, s->stream);
    s->live = cumulative && !observable;
    if (!cumulative && !observable)
        memset(&s->sum, 0, s->stream->state);
}

static uint8_t *put_point(uint8_t *p, const sonde_metrics *m, sonde_series *s) {
    const uint8_t *end = p;
    sonde_stream *stream = s->stream;
    uint64_t start = is_cumulative(m, stream) ? s->start_ns : stream->start_ns;
    if (start > m->pass_ns)
        start = m->pass_ns;
    p = put_exemplar(p, s);
    p = put_value(p, m, s);
    p = put8(p, 0x19, &m->pass_ns);
    p = put8(p, 0x11, &start);
    p = sonde_back_put(p, sonde_attributes(s), s->attributes_size);
    clear(m, s);
    return put_length(p, end, 0x0A);
}

/* Has it room in front of `p`? Of 8 bytes of its state none takes more than 16:
 * a count with its bound, or two counts of buckets as varints. */
static bool fits(const sonde_series *s, const uint8_t *floor,
                 const uint8_t *p) {
    const sonde_stream *stream = s->stream;
    size_t size = ROOM + 2 * (size_t)stream->state + s->attributes_size +
                  stream->head_size;
    return (size_t)(p - floor) >= size;
}

static uint8_t *put_pair(uint8_t *p, uint32_t tag, uint32_t value) {
    *--p = (uint8_t)value;
    *--p = (uint8_t)tag;
    return p;
}

static void put_metric(sonde_metrics *m, uint8_t *scratch, uint8_t *end,
                       sonde_chunk *out) {
    static const uint8_t tags[] = {0x3A, 0x3A, 0x2A, 0x4A, 0x52};
    sonde_stream *stream = m->at_stream;
    sonde_series *s = m->at_series;
    uint32_t shape = sonde_shape(stream);
    uint8_t *p = end;
    if (shape == SONDE_KIND_COUNTER)
        p = put_pair(p, 0x18, 1);
    if (shape != SONDE_KIND_GAUGE)
        p = put_pair(p, 0x10, is_cumulative(m, stream) + 1u);
    for (; s != NULL && fits(s, scratch, p) &&
           (out->points == 0 ||
            (size_t)(end - p) + s->attributes_size + stream->state < m->most);
         s = s->next) {
        if (s->live) {
            p = put_point(p, m, s);
            out->points++;
        }
    }
    m->at_series = s;
    p = put_length(p, end, tags[shape]);
    p = sonde_back_put(
        p, (const uint8_t *)(sonde_bounds(stream) + stream->bound_count),
        stream->head_size);
    out->data = p;
    out->size = (uint32_t)(end - p);
    out->scope = stream->what >> SONDE_INSTRUMENT_SCOPE;
}

/* Its points have this time, as a pass may have to wait for the queue while
 * there are measurements. Series of the instrument behind such a wait keep it,
 * too: all of them start where the last pass ended. */
static void start_stream(sonde_metrics *m, sonde_stream *stream,
                         uint64_t now_ns) {
    m->pass_ns = now_ns;
    m->at_stream = stream;
    if (stream != NULL)
        m->at_series = stream->series;
}

/* Should series give way to others? Not if one has something that was
 * measured after it was collected. */
static bool is_crowded(const sonde_metrics *m) {
    return !m->cumulative && !m->measured &&
           (m->full ||
            m->low - sonde_metrics_floor(m) > 3 * (m->high - m->low));
}

int32_t sonde_metrics_next(sonde_metrics *m, uint8_t *scratch, uint32_t size,
                           uint64_t now_ns, sonde_chunk *out) {
    if (size < SONDE_CHUNK_LEAST)
        return SONDE_BAD_ARGUMENT;
    if (m->at_stream == NULL) {
        m->measured = false;
        start_stream(m, m->streams, now_ns);
    }
    for (out->points = 0; m->at_stream != NULL;) {
        put_metric(m, scratch, scratch + size, out);
        if (out->points > 0)
            return 1;
        m->at_stream->start_ns = m->pass_ns;
        start_stream(m, m->at_stream->next, now_ns);
    }
    if (is_crowded(m))
        sonde_metrics_reset(m);
    return 0;
}
