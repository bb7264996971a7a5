/* Owns the memory of metrics: instruments, the table of series, resets.
 *
 * The table is never resized: its slots are numbered handles, and hosts keep
 * those. One key is always there, the overflow attribute of each instrument;
 * so the way out when there is no room is a search that cannot fail. */
#include "metrics/metrics.h"
#include "otlp/values.h"
#include <math.h> /* INFINITY; no function */

enum { GENERATIONS = 0x7FF, ALIGN = 8, SERIES_ABOUT = 64 };

void *sonde_metrics_take(sonde_metrics *m, uint32_t size, bool stays) {
    size = (size + ALIGN - 1) & ~(ALIGN - 1u);
    if (size > (size_t)(m->high - m->low))
        return NULL;
    uint8_t *taken = m->low;
    if (stays)
        taken = m->high -= size;
    else
        m->low += size;
    return memset(taken, 0, size);
}

static uint8_t *first_free(const sonde_metrics *m) {
    return (uint8_t *)(m->slots + m->slot_count);
}

static uint8_t *attributes(sonde_series *s) {
    return (uint8_t *)&s->sum + s->stream->state;
}

/* The place of these attributes: FNV-1a, then the next that is free. */
static uint32_t find(const sonde_metrics *m, const sonde_stream *stream,
                     const uint8_t *bytes, uint32_t size) {
    uint32_t hash = 2166136261u + stream->id;
    for (uint32_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    for (hash ^= hash >> 16;; hash++) {
        uint32_t slot = hash & (m->slot_count - 1);
        sonde_series *s = m->slots[slot];
        if (s == NULL || (s->stream == stream && s->attributes_size == size &&
                          memcmp(attributes(s), bytes, size) == 0))
            return slot;
    }
}

int32_t sonde_metrics_init(sonde_metrics *m, uint8_t *mem, uint32_t size,
                           uint32_t max_series, bool cumulative,
                           double start_now_ms) {
    if ((uintptr_t)mem % ALIGN != 0 || size > SONDE_METRICS_MOST)
        return SONDE_BAD_ARGUMENT;
    if (size < SONDE_METRICS_LEAST)
        return SONDE_NO_MEMORY;
    memset(m, 0, sizeof *m);
    m->now_ns = (uint64_t)(start_now_ms * 1000.0) * 1000;
    m->random = (uint32_t)m->now_ns | 1;
    m->max_series = max_series;
    m->cumulative = cumulative;
    m->slots = (sonde_series **)(void *)mem;
    m->slot_count = 1u << (31 - __builtin_clz(size / SERIES_ABOUT));
    m->high = mem + (size & ~(ALIGN - 1u));
    sonde_metrics_reset(m);
    return SONDE_OK;
}

void sonde_metrics_reset(sonde_metrics *m) {
    memset(m->slots, 0, m->slot_count * sizeof(sonde_series *));
    m->low = first_free(m);
    m->generation = (m->generation + 1) & GENERATIONS;
    m->used_slots = 0;
    m->full = false;
    m->at_stream = NULL;
    for (sonde_stream *it = m->streams; it != NULL; it = it->next) {
        while (!sonde_series_stays(m, it->series)) {
            it->series = it->series->next;
            it->series_count--;
        }
        for (sonde_series *s = it->series; s != NULL; s = s->next) {
            m->slots[find(m, it, attributes(s), s->attributes_size)] = s;
            m->used_slots++;
        }
    }
}

/* ---- Series -------------------------------------------------------------- */

static uint8_t attribute_tag(const sonde_stream *stream) {
    if (stream->kind == SONDE_KIND_EXPONENTIAL)
        return 0x0A;
    return stream->kind == SONDE_KIND_HISTOGRAM ? 0x4A : 0x3A;
}

static sonde_series *add_series(sonde_metrics *m, sonde_stream *stream,
                                uint32_t slot, const uint8_t *bytes,
                                uint32_t size, bool stays) {
    uint32_t head = offsetof(sonde_series, sum);
    if (m->used_slots >= m->slot_count / 4 * 3)
        return NULL;
    sonde_series *s = sonde_metrics_take(m, head + stream->state + size, stays);
    if (s == NULL)
        return NULL;
    m->slots[slot] = s;
    m->used_slots++;
    s->next = stream->series;
    stream->series = s;
    s->stream = stream;
    s->start_ns = sonde_is_observable(stream) ? stream->start_ns : m->now_ns;
    s->attributes_size = size;
    sonde_copy(attributes(s), bytes, size);
    return s;
}

/* The slot of the instrument's overflow series; made if it is free. */
static uint32_t overflow(sonde_metrics *m, sonde_stream *stream) {
    uint8_t bytes[] = "\0\x1A\x0A\x14otel.metric.overflow\x12\x02\x10\x01";
    uint32_t size = sizeof bytes - 1;
    bytes[0] = attribute_tag(stream);
    uint32_t slot = find(m, stream, bytes, size);
    if (m->slots[slot] == NULL)
        (void)add_series(m, stream, slot, bytes, size, true);
    return slot;
}

static uint32_t get_slot(sonde_metrics *m, sonde_stream *stream,
                         const uint8_t *bytes, uint32_t size) {
    uint32_t slot = find(m, stream, bytes, size);
    bool observable = sonde_is_observable(stream);
    if (m->slots[slot] != NULL)
        return slot;
    if (stream->series_count < m->max_series &&
        add_series(m, stream, slot, bytes, size, observable) != NULL) {
        stream->series_count++;
        return slot;
    }
    m->full |= !observable;
    return overflow(m, stream);
}

int32_t sonde_series_put(sonde_metrics *m, const sonde_encoder *encoder,
                         uint32_t instrument, const sonde_record *record) {
    sonde_encoded out;
    sonde_stream *stream = m->streams;
    while (stream != NULL && stream->id != instrument)
        stream = stream->next;
    if (stream == NULL)
        return SONDE_BAD_ARGUMENT;
    int32_t status =
        sonde_encode_attributes(encoder, &out, record, attribute_tag(stream));
    if (status != SONDE_OK)
        return status;
    if (out.size > SONDE_MAX_ATTRIBUTES)
        return SONDE_TOO_LARGE;
    uint32_t slot = get_slot(m, stream, out.data, out.size);
    return (int32_t)(m->generation << SONDE_SLOT_BITS | slot);
}

/* ---- Instruments --------------------------------------------------------- */

static bool bounds_fit(const sonde_instrument *it) {
    double before = -(double)INFINITY;
    if (it->bound_count > SONDE_MAX_BOUNDS)
        return false;
    for (uint32_t i = 0; i < it->bound_count; i++) {
        double bound = it->bounds[i];
        if (!(bound > before && bound < (double)INFINITY))
            return false;
        before = bound;
    }
    return true;
}

/* The first fields of Metric, in the encoder's memory; NULL if too large. */
static uint8_t *put_head(const sonde_encoder *encoder,
                         const sonde_instrument *it, uint8_t *end) {
    static const uint8_t tags[SONDE_INSTRUMENT_TEXTS] = {0x0A, 0x12, 0x1A};
    uint8_t *p = end;
    for (uint32_t i = SONDE_INSTRUMENT_TEXTS; i-- > 0 && p != NULL;) {
        if (it->text[i].size > 0)
            p = sonde_text_put(encoder, p, tags[i], &it->text[i]);
    }
    return p != NULL && end - p <= SONDE_MAX_HEAD ? p : NULL;
}

static bool is_same(const sonde_stream *stream, const sonde_instrument *it,
                    const uint8_t *head, uint32_t size) {
    return stream->kind == it->kind && stream->flags == it->flags &&
           stream->scope == it->scope && stream->head_size == size &&
           memcmp(sonde_bounds(stream) + stream->bound_count, head, size) == 0;
}

static uint32_t state_size(const sonde_instrument *it) {
    if (it->kind == SONDE_KIND_EXPONENTIAL)
        return SONDE_STATE_HISTOGRAM + sizeof(sonde_buckets);
    if (it->kind == SONDE_KIND_HISTOGRAM)
        return SONDE_STATE_HISTOGRAM + 8 * (it->bound_count + 1);
    return SONDE_STATE_NUMBER;
}

static int32_t add_stream(sonde_metrics *m, const sonde_instrument *it,
                          const uint8_t *head, uint32_t size) {
    uint32_t bounds_size = it->bound_count * (uint32_t)sizeof(double);
    uint32_t id = m->streams != NULL ? m->streams->id + 1u : 0;
    uint8_t *high = m->high;
    if (id == SONDE_MAX_INSTRUMENTS)
        return SONDE_TABLE_FULL;
    sonde_stream *stream = sonde_metrics_take(
        m, (uint32_t)sizeof *stream + bounds_size + size, true);
    if (stream == NULL)
        return SONDE_NO_MEMORY;
    stream->next = m->streams;
    stream->start_ns = m->now_ns;
    stream->state = state_size(it);
    stream->bound_count = it->bound_count;
    stream->head_size = size;
    stream->id = (uint16_t)id;
    stream->scope = (uint16_t)it->scope;
    stream->kind = (uint8_t)it->kind;
    stream->flags = (uint8_t)it->flags;
    uint8_t *bounds = (uint8_t *)(stream + 1);
    sonde_copy(bounds, (const uint8_t *)it->bounds, bounds_size);
    sonde_copy(bounds + bounds_size, head, size);
    (void)overflow(m, stream);
    if (stream->series == NULL) {
        m->high = high;
        return SONDE_NO_MEMORY;
    }
    m->streams = stream;
    return (int32_t)id;
}

int32_t sonde_instrument_put(sonde_metrics *m, const sonde_encoder *encoder,
                             const sonde_instrument *it) {
    uint8_t *end = encoder->scratch + encoder->scratch_size;
    if (it->kind > SONDE_KIND_EXPONENTIAL || it->scope > UINT16_MAX ||
        it->flags > (SONDE_INSTRUMENT_INTEGER | SONDE_INSTRUMENT_MIN_MAX) ||
        it->text[SONDE_NAME].size == 0 || !bounds_fit(it))
        return SONDE_BAD_ARGUMENT;
    const uint8_t *head = put_head(encoder, it, end);
    if (head == NULL)
        return SONDE_TOO_LARGE;
    uint32_t size = (uint32_t)(end - head);
    for (sonde_stream *s = m->streams; s != NULL; s = s->next) {
        if (is_same(s, it, head, size))
            return s->id;
    }
    return add_stream(m, it, head, size);
}
