/* Owns the test's view of metrics: see metric.h. */
#include "metric.h"
#include <pb_decode.h>

enum { SCRATCH = 8448 };

metric_pass metric_seen;

static sonde_seen seen_keys[SONDE_MAX_NODES];
static uint8_t scratch[SCRATCH];
static uint8_t key_bytes[64];

metric_world *metric_open(uint32_t size, uint32_t max_series, bool cumulative) {
    metric_world *w = calloc(1, sizeof *w);
    w->mem = malloc(size);
    memset(w->mem, 0xAA, size); /* what is read must have been written */
    sonde_intern_init(&w->keys, key_bytes, sizeof key_bytes, 1);
    w->encoder.keys = &w->keys;
    w->encoder.max_text = SCRATCH;
    w->encoder.seen = seen_keys;
    w->encoder.scratch = scratch;
    w->encoder.scratch_size = SCRATCH;
    w->encoder.replaced = &w->replaced;
    CHECK_INT(
        sonde_metrics_init(&w->m, w->mem, size, max_series, cumulative, START),
        SONDE_OK);
    CHECK(w->m.now_ns == START);
    return w;
}

void metric_close(metric_world *w) {
    free(w->mem);
    free(w);
}

static sonde_piece piece(const char *text) {
    return (sonde_piece){(const uint8_t *)text, (uint32_t)strlen(text), false};
}

uint32_t metric_instrument(metric_world *w, uint32_t kind, const char *name,
                           uint32_t flags, const double *bounds,
                           uint32_t count) {
    sonde_instrument it = {.what = kind | flags | 7 << SONDE_INSTRUMENT_SCOPE,
                           .text = {piece(name), piece("about"), piece("ms")},
                           .bounds = bounds,
                           .bound_count = count};
    int32_t id = sonde_instrument_put(&w->m, &w->encoder, &it);
    CHECK(id >= 0);
    return (uint32_t)id;
}

int32_t metric_series(metric_world *w, uint32_t instrument, const char *key,
                      const char *value) {
    static uint32_t words[SONDE_HEADER_WORDS + 4 * 8];
    static uint8_t text[SCRATCH];
    sonde_build b;
    sonde_record record;
    sonde_build_init(&b, words, COUNT(words), text, sizeof text);
    sonde_build_log(&b, 0, 0, 0);
    if (key != NULL)
        sonde_build_string(&b, key, value, strlen(value));
    CHECK_INT(sonde_build_done(&b, &record), SONDE_OK);
    return sonde_series_put(&w->m, &w->encoder, instrument, &record);
}

void metric_put(metric_world *w, uint32_t instrument, const char *key,
                const char *value, double measured) {
    int32_t series = metric_series(w, instrument, key, value);
    CHECK(series >= 0);
    CHECK_INT(sonde_measure(&w->m, (uint32_t)series, measured), SONDE_OK);
}

/* ---- Decoding -------------------------------------------------------------
 */

static void add_attributes(metric_point *p, const sonde_KeyValue *attributes,
                           uint32_t count) {
    p->attributes_count = count;
    if (count == 0)
        return;
    const sonde_AnyValue *value = &attributes->value;
    (void)snprintf(p->key, sizeof p->key, "%.60s", attributes->key);
    if (value->has_string_value)
        (void)snprintf(p->value, sizeof p->value, "%.60s", value->string_value);
    if (value->has_bool_value)
        (void)snprintf(p->value, sizeof p->value, "%s",
                       value->bool_value ? "true" : "false");
}

/* What all points have, and the totals. */
static void add(metric_point *p, double number) {
    if (strcmp(p->key, "otel.metric.overflow") == 0) {
        CHECK_TEXT(p->value, strlen(p->value), "true");
        CHECK_INT(p->attributes_count, 1);
        metric_seen.overflows++;
    }
    CHECK(p->start <= p->time && p->exemplars <= 1);
    CHECK(p->exemplars == 0 ||
          p->exemplar.has_as_double != p->exemplar.has_as_int);
    metric_seen.sum += number;
    if (metric_seen.count < METRIC_KEPT)
        metric_seen.points[metric_seen.count] = *p;
    metric_seen.count++;
}

#define COMMON(point)                                                          \
    do {                                                                       \
        p.start = (point).start_time_unix_nano;                                \
        p.time = (point).time_unix_nano;                                       \
        p.exemplars = (point).exemplars_count;                                 \
        p.exemplar = (point).exemplars[0];                                     \
        CHECK_INT((point).flags, 0);                                           \
        add_attributes(&p, (point).attributes, (point).attributes_count);      \
    } while (0)

static bool take_number(pb_istream_t *stream, const pb_field_t *field,
                        void **arg) {
    static sonde_NumberDataPoint point;
    static metric_point p;
    (void)field;
    (void)arg;
    memset(&point, 0, sizeof point);
    memset(&p, 0, sizeof p);
    if (!pb_decode(stream, sonde_NumberDataPoint_fields, &point))
        return false;
    COMMON(point);
    p.has_double = point.has_as_double;
    p.has_int = point.has_as_int;
    p.as_double = point.as_double;
    p.as_int = point.as_int;
    CHECK(p.has_double != p.has_int);
    add(&p, p.has_int ? (double)p.as_int : p.as_double);
    return true;
}

#define COMMON_HISTOGRAM(point)                                                \
    do {                                                                       \
        COMMON(point);                                                         \
        p.count = (point).count;                                               \
        p.has_sum = (point).has_sum;                                           \
        p.has_min = (point).has_min;                                           \
        p.has_max = (point).has_max;                                           \
        p.sum = (point).sum;                                                   \
        p.min = (point).min;                                                   \
        p.max = (point).max;                                                   \
        CHECK(p.has_min == p.has_max);                                         \
        CHECK(!p.has_min || p.has_sum == !(p.min < 0));                        \
    } while (0)

static bool take_histogram(pb_istream_t *stream, const pb_field_t *field,
                           void **arg) {
    static sonde_HistogramDataPoint point;
    static metric_point p;
    uint64_t sum = 0;
    (void)field;
    (void)arg;
    memset(&point, 0, sizeof point);
    memset(&p, 0, sizeof p);
    if (!pb_decode(stream, sonde_HistogramDataPoint_fields, &point))
        return false;
    COMMON_HISTOGRAM(point);
    p.bucket_count = point.bucket_counts_count;
    p.bound_count = point.explicit_bounds_count;
    memcpy(p.buckets, point.bucket_counts, sizeof p.buckets);
    memcpy(p.bounds, point.explicit_bounds, sizeof p.bounds);
    for (uint32_t i = 0; i < p.bucket_count; i++)
        sum += p.buckets[i];
    CHECK_INT(sum, p.count);
    CHECK_INT(p.bucket_count, p.bound_count + 1);
    add(&p, (double)p.count);
    return true;
}

static uint64_t bucket_sum(const sonde_Buckets *buckets) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < buckets->bucket_counts_count; i++)
        sum += buckets->bucket_counts[i];
    return sum;
}

static bool take_exponential(pb_istream_t *stream, const pb_field_t *field,
                             void **arg) {
    static sonde_ExponentialHistogramDataPoint point;
    static metric_point p;
    (void)field;
    (void)arg;
    memset(&point, 0, sizeof point);
    memset(&p, 0, sizeof p);
    if (!pb_decode(stream, sonde_ExponentialHistogramDataPoint_fields, &point))
        return false;
    COMMON_HISTOGRAM(point);
    p.scale = point.scale;
    p.zero_count = point.zero_count;
    p.positive = point.positive;
    p.negative = point.negative;
    CHECK_INT(bucket_sum(&p.positive) + bucket_sum(&p.negative) + p.zero_count,
              p.count);
    add(&p, (double)p.count);
    return true;
}

static void decode(const sonde_chunk *chunk) {
    static sonde_Metric metric;
    memset(&metric, 0, sizeof metric);
    uint32_t before = metric_seen.count;
    uint8_t *bytes = check_exact(chunk->data, chunk->size);
    pb_istream_t stream = pb_istream_from_buffer(bytes, chunk->size);
    metric.gauge.data_points.funcs.decode = take_number;
    metric.sum.data_points.funcs.decode = take_number;
    metric.histogram.data_points.funcs.decode = take_histogram;
    metric.exponential_histogram.data_points.funcs.decode = take_exponential;
    CHECK(
        pb_decode_ex(&stream, sonde_Metric_fields, &metric, PB_DECODE_NOINIT));
    CHECK_INT(metric_seen.count - before, chunk->points);
    CHECK_INT(metric.has_gauge + metric.has_sum + metric.has_histogram +
                  metric.has_exponential_histogram,
              1);
    for (uint32_t i = before; i < metric_seen.count && i < METRIC_KEPT; i++) {
        metric_point *p = &metric_seen.points[i];
        (void)snprintf(p->name, sizeof p->name, "%.60s", metric.name);
        p->chunk = metric_seen.chunks;
        p->scope = chunk->scope;
        p->monotonic = metric.sum.is_monotonic;
        p->field = metric.has_gauge ? 5 : metric.has_sum ? 7 : 9;
        p->temporality = metric.sum.aggregation_temporality;
        if (metric.has_histogram)
            p->temporality = metric.histogram.aggregation_temporality;
        if (metric.has_exponential_histogram) {
            p->field = 10;
            p->temporality =
                metric.exponential_histogram.aggregation_temporality;
        }
    }
    free(bytes);
}

void metric_collect(metric_world *w, uint64_t now_ns, uint32_t size) {
    uint8_t *room = malloc(size);
    sonde_chunk chunk;
    int32_t result;
    memset(&metric_seen, 0, sizeof metric_seen);
    while ((result = sonde_metrics_next(&w->m, room, size, now_ns, &chunk)) ==
           1) {
        CHECK(chunk.data >= room && chunk.points > 0 &&
              chunk.data + chunk.size == room + size);
        decode(&chunk);
        metric_seen.chunks++;
        if (chunk.size > metric_seen.largest)
            metric_seen.largest = chunk.size;
    }
    CHECK_INT(result, 0);
    free(room);
}

const metric_point *metric_find(const char *name, const char *value) {
    const metric_point *found = NULL;
    for (uint32_t i = 0; i < metric_seen.count && i < METRIC_KEPT; i++) {
        const metric_point *p = &metric_seen.points[i];
        if (strcmp(p->name, name) != 0 || strcmp(p->value, value) != 0)
            continue;
        if (found != NULL)
            return NULL;
        found = p;
    }
    return found;
}
