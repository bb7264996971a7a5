/* Owns the memory of metrics: instruments, the table of series, resets.
 *
 * The table is never resized: its slots are numbered handles, and hosts keep
 * those. One key is always there, the overflow attribute of each instrument;
 * so the way out when there is no room is a search that cannot fail. */
#include "metrics/metrics.h"
#include "otlp/values.h"
#include <math.h> /* INFINITY; no function */

enum {
    GENERATIONS = 0x7FF,
    ALIGN = 8,
    SERIES_LEAST = 72 /* so the table is never full, whatever is in it */
};

_Static_assert(sizeof(sonde_series) + ALIGN >= SERIES_LEAST, "with a key");

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

/* The place of these attributes: FNV-1a, then the next that is free. */
static sonde_series **find(const sonde_metrics *m, const sonde_stream *stream,
                           const uint8_t *bytes, uint32_t size) {
    uint32_t hash = stream->id;
    for (uint32_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    for (;; hash++) {
        sonde_series **slot = m->slots + (hash & m->mask), *s = *slot;
        if (s == NULL || (s->stream == stream && s->attributes_size == size &&
                          memcmp(sonde_attributes(s), bytes, size) == 0))
            return slot;
    }
}

/* Puts a series into the table. */
static void place(sonde_metrics *m, sonde_series **slot, sonde_series *s) {
    *slot = s;
    s->handle = m->generation << SONDE_SLOT_BITS | (uint32_t)(slot - m->slots);
}

int32_t sonde_metrics_init(sonde_metrics *m, uint8_t *mem, uint32_t size,
                           uint32_t max_series, bool cumulative,
                           uint64_t now_ns) {
    if ((uintptr_t)mem % ALIGN != 0 || size < SONDE_METRICS_LEAST ||
        size > SONDE_METRICS_MOST)
        return SONDE_BAD_ARGUMENT;
    memset(m, 0, sizeof *m);
    m->now_ns = now_ns;
    m->max_series = max_series;
    m->most = UINT32_MAX;
    m->cumulative = cumulative;
    m->slots = (sonde_series **)(void *)mem;
    m->mask = UINT32_MAX >> __builtin_clz(size / SERIES_LEAST);
    m->high = mem + (size & ~(ALIGN - 1u));
    sonde_metrics_reset(m);
    return SONDE_OK;
}

void sonde_metrics_reset(sonde_metrics *m) {
    m->low = sonde_metrics_floor(m);
    memset(m->slots, 0, (size_t)(m->low - (uint8_t *)m->slots));
    m->generation = (m->generation + 1) & GENERATIONS;
    m->full = false;
    m->at_stream = NULL;
    for (sonde_stream *it = m->streams; it != NULL; it = it->next) {
        while (!sonde_series_stays(m, it->series)) {
            it->series = it->series->next;
            it->series_count--;
        }
        for (sonde_series *s = it->series; s != NULL; s = s->next)
            place(m, find(m, it, sonde_attributes(s), s->attributes_size), s);
    }
}

/* ---- Series -------------------------------------------------------------- */

static uint8_t attribute_tag(const sonde_stream *stream) {
    static const uint8_t tags[] = {0x3A, 0x3A, 0x3A, 0x4A, 0x0A};
    return tags[sonde_shape(stream)];
}

static sonde_series *add_series(sonde_metrics *m, sonde_stream *stream,
                                sonde_series **slot, const uint8_t *bytes,
                                uint32_t size, bool stays) {
    uint32_t head = offsetof(sonde_series, sum);
    sonde_series *s = sonde_metrics_take(m, head + stream->state + size, stays);
    if (s == NULL)
        return NULL;
    s->next = stream->series;
    stream->series = s;
    s->stream = stream;
    s->start_ns = sonde_is_observable(stream) ? stream->start_ns : m->now_ns;
    s->attributes_size = size;
    sonde_copy(sonde_attributes(s), bytes, size);
    place(m, slot, s);
    return s;
}

/* The instrument's overflow series, which is made if there is none; NULL then
 * only if there is no room. */
static sonde_series *overflow(sonde_metrics *m, const sonde_encoder *encoder,
                              sonde_stream *stream) {
    static const char key[] =
        "\x3A\x1A\x0A\x14otel.metric.overflow\x12\x02\x10\x01";
    uint8_t *bytes = encoder->scratch;
    uint32_t size = sizeof key - 1;
    memcpy(bytes, key, size);
    bytes[0] = attribute_tag(stream);
    sonde_series **slot = find(m, stream, bytes, size);
    return *slot != NULL ? *slot
                         : add_series(m, stream, slot, bytes, size, true);
}

static sonde_series *get_series(sonde_metrics *m, const sonde_encoder *encoder,
                                sonde_stream *stream, const uint8_t *bytes,
                                uint32_t size) {
    sonde_series **slot = find(m, stream, bytes, size), *s = *slot;
    bool stays =
        sonde_is_observable(stream) || sonde_shape(stream) == SONDE_KIND_UPDOWN;
    if (s != NULL)
        return s;
    if (stream->series_count < m->max_series)
        s = add_series(m, stream, slot, bytes, size, stays);
    if (s == NULL) {
        m->full |= !stays;
        return overflow(m, encoder, stream);
    }
    stream->series_count++;
    return s;
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
    return (int32_t)get_series(m, encoder, stream, out.data, out.size)->handle;
}

/* ---- Instruments --------------------------------------------------------- */

static bool is_right(const sonde_instrument *it) {
    enum { KINDS = 0x71F, FLAGS = 0xFFC0 };
    double before = -(double)INFINITY;
    if ((KINDS >> (it->what & 15) & 1) == 0 || (it->what & FLAGS) != 0 ||
        it->text[SONDE_NAME].size == 0 || it->bound_count > SONDE_MAX_BOUNDS)
        return false;
    for (uint32_t i = 0; i < it->bound_count; i++) {
        if (!(it->bounds[i] > before && it->bounds[i] < (double)INFINITY))
            return false;
        before = it->bounds[i];
    }
    return true;
}

/* The first fields of Metric, in the encoder's memory; NULL if too large. */
static uint8_t *put_head(const sonde_encoder *encoder,
                         const sonde_instrument *it, uint8_t *end) {
    uint8_t *p = end;
    uint8_t tag = 0x1A;
    for (uint32_t i = SONDE_INSTRUMENT_TEXTS; i-- > 0 && p != NULL; tag -= 8) {
        if (it->text[i].size > 0)
            p = sonde_text_put(encoder, p, tag, &it->text[i]);
    }
    return p;
}

static int32_t add_stream(sonde_metrics *m, const sonde_encoder *encoder,
                          const sonde_instrument *it, const uint8_t *head,
                          uint32_t size) {
    uint32_t bounds_size = it->bound_count * (uint32_t)sizeof(double);
    uint8_t *high = m->high;
    if (m->stream_count == SONDE_MAX_INSTRUMENTS)
        return SONDE_TABLE_FULL;
    sonde_stream *stream = sonde_metrics_take(
        m, (uint32_t)sizeof *stream + bounds_size + size, true);
    if (stream == NULL)
        return SONDE_NO_MEMORY;
    stream->next = m->streams;
    stream->start_ns = m->now_ns;
    stream->id = m->stream_count;
    stream->what = it->what;
    stream->state = sizeof(sonde_series) - offsetof(sonde_series, sum);
    if (sonde_shape(stream) == SONDE_KIND_EXPONENTIAL)
        stream->state += sizeof(sonde_buckets);
    if (sonde_shape(stream) == SONDE_KIND_HISTOGRAM)
        stream->state += bounds_size + 8;
    stream->bound_count = it->bound_count;
    stream->head_size = size;
    uint8_t *bounds = (uint8_t *)sonde_bounds(stream);
    sonde_copy(bounds, (const uint8_t *)it->bounds, bounds_size);
    sonde_copy(bounds + bounds_size, head, size);
    if (overflow(m, encoder, stream) == NULL) {
        m->high = high;
        return SONDE_NO_MEMORY;
    }
    m->streams = stream;
    return (int32_t)m->stream_count++;
}

int32_t sonde_instrument_put(sonde_metrics *m, const sonde_encoder *encoder,
                             const sonde_instrument *it) {
    uint8_t *end = encoder->scratch + encoder->scratch_size;
    if (!is_right(it))
        return SONDE_BAD_ARGUMENT;
    const uint8_t *head = put_head(encoder, it, end);
    if (head == NULL || end - head > SONDE_MAX_HEAD)
        return SONDE_TOO_LARGE;
    uint32_t size = (uint32_t)(end - head);
    for (sonde_stream *s = m->streams; s != NULL; s = s->next) {
        if (s->what == it->what && s->head_size == size &&
            memcmp(sonde_bounds(s) + s->bound_count, head, size) == 0)
            return (int32_t)s->id;
    }
    return add_stream(m, encoder, it, head, size);
}
