/* Metrics: any instruments, attributes, measurements, collections and resets.
 * Each measurement that was not ignored comes out once; no handle that was not
 * given out is accepted; every message is well-formed.
 * Input: the size of the memory, the limit of series, the temporality, then
 * operations. */
#include "metrics/metrics.h"
#include "core/wire.h"
#include "fuzz.h"
#include "record/build.h"

enum { SCRATCH = 4096, HANDLES = 64, CHUNK = SONDE_CHUNK_LEAST };

typedef struct {
    const uint8_t *data;
    size_t size;
} source;

static uint8_t take(source *from) {
    if (from->size == 0)
        return 0;
    from->size--;
    return *from->data++;
}

static double take_double(source *from) {
    double value;
    uint8_t bytes[8];
    uint8_t small = take(from);
    if (small < 200)
        return small - 20;
    for (uint32_t i = 0; i < 8; i++)
        bytes[i] = take(from);
    memcpy(&value, bytes, 8);
    return value;
}

typedef struct {
    sonde_metrics m;
    sonde_encoder encoder;
    sonde_intern keys;
    uint64_t replaced;
    uint64_t recorded; /* in histograms, not collected yet */
    uint64_t seen;     /* of those, in this pass */
    uint32_t handles[HANDLES];
    uint32_t kinds[HANDLES];
    uint32_t count;
} world;

static uint32_t kinds[SONDE_MAX_INSTRUMENTS];

static void put_instrument(world *w, source *from) {
    double bounds[8];
    uint8_t name[4];
    sonde_instrument it = {.what = take(from), .bounds = bounds};
    it.bound_count = take(from) & 7;
    for (uint32_t i = 0; i < it.bound_count; i++)
        bounds[i] = take(from) & 1 ? take_double(from) : i;
    for (uint32_t i = 0; i < sizeof name; i++)
        name[i] = take(from);
    it.text[SONDE_NAME] = (sonde_piece){name, name[0] & 3, false};
    it.text[SONDE_UNIT] = (sonde_piece){name + 3, name[0] >> 7, false};
    int32_t id = sonde_instrument_put(&w->m, &w->encoder, &it);
    PROMISE(id < (int32_t)w->m.stream_count);
    if (id >= 0)
        kinds[id] = it.what & 15;
}

static void put_series(world *w, source *from) {
    static uint32_t words[128];
    static uint8_t text[64];
    sonde_build b;
    sonde_record record;
    uint32_t instrument = take(from);
    sonde_build_init(&b, words, 128, text, sizeof text);
    sonde_build_log(&b, 0, 0, 0);
    uint8_t what = take(from);
    if (what & 1)
        sonde_build_int(&b, "k", what);
    if (what & 2)
        sonde_build_string(&b, "otel", (const char *)&what, 1);
    if (what == 255) /* an overflow series by its own name */
        sonde_build_init(&b, words, 128, text, sizeof text);
    if (what == 255)
        sonde_build_bool(&b, "otel.metric.overflow", true);
    if (sonde_build_done(&b, &record) != SONDE_OK)
        return;
    int32_t handle = sonde_series_put(&w->m, &w->encoder, instrument, &record);
    PROMISE((handle >= 0) == (instrument < w->m.stream_count));
    if (handle < 0)
        return;
    w->handles[w->count % HANDLES] = (uint32_t)handle;
    w->kinds[w->count++ % HANDLES] = kinds[instrument];
}

static void measure(world *w, source *from) {
    uint32_t at = take(from);
    if (at >= HANDLES || at >= w->count) {
        PROMISE(sonde_measure(&w->m, at * 0x01010101u, 0) <= 0);
        return;
    }
    uint64_t ignored = w->m.ignored;
    bool histogram = w->kinds[at] == SONDE_KIND_HISTOGRAM ||
                     w->kinds[at] == SONDE_KIND_EXPONENTIAL;
    int32_t status = sonde_measure(&w->m, w->handles[at], take_double(from));
    bool fresh = w->handles[at] >> SONDE_SLOT_BITS == w->m.generation;
    PROMISE(status == (fresh ? SONDE_OK : SONDE_BAD_ARGUMENT));
    if (fresh && histogram && w->m.ignored == ignored)
        w->recorded++;
}

/* The next field of a message that must be well-formed; false at its end. */
static bool next_field(sonde_field *field, const uint8_t **p,
                       const sonde_field *in) {
    const uint8_t *end = in->data + in->size;
    if (*p == end)
        return false;
    PROMISE(sonde_field_next(field, p, end));
    return true;
}

static void read_point(world *w, const sonde_field *point, bool histogram) {
    sonde_field field;
    const uint8_t *p = point->data;
    while (next_field(&field, &p, point)) {
        if (histogram && field.number == 4)
            w->seen += field.value;
    }
}

static void read_chunk(world *w, const sonde_chunk *chunk) {
    sonde_field all = {.data = chunk->data, .size = chunk->size}, data, point;
    const uint8_t *p = all.data, *q;
    uint32_t count = 0;
    while (next_field(&data, &p, &all)) {
        q = data.data;
        while (data.number >= 5 && next_field(&point, &q, &data)) {
            if (point.number != 1)
                continue;
            read_point(w, &point, data.number >= 9);
            count++;
        }
    }
    PROMISE(count == chunk->points && count > 0);
}

static bool next(world *w, uint64_t now) {
    uint8_t *scratch = fuzz_exact("", 0);
    scratch = realloc(scratch, CHUNK);
    PROMISE(scratch != NULL);
    sonde_chunk chunk;
    int32_t result = sonde_metrics_next(&w->m, scratch, CHUNK, now, &chunk);
    PROMISE(result == 0 || result == 1);
    if (result == 1)
        read_chunk(w, &chunk);
    free(scratch);
    return result == 1;
}

static void collect(world *w, uint64_t now) {
    while (next(w, now))
        continue;
    if (!w->m.cumulative) { /* also what part of a pass took before */
        PROMISE(w->seen <= w->recorded);
        w->recorded -= w->seen;
        w->seen = 0;
    }
    w->seen = 0;
    uint64_t before = w->recorded;
    while (next(w, now))
        continue;
    PROMISE(w->seen == before); /* a whole pass: all that was recorded */
    if (!w->m.cumulative)
        w->recorded = 0;
    w->seen = 0;
    PROMISE(w->m.low <= w->m.high);
}

/* Only what the overflow series hold is left. */
static void reset(world *w) {
    sonde_metrics_reset(&w->m);
    w->recorded = w->seen = 0;
    for (sonde_stream *it = w->m.streams; it != NULL; it = it->next) {
        bool histogram = sonde_shape(it) >= SONDE_KIND_HISTOGRAM;
        PROMISE(sonde_is_observable(it) || it->series->next == NULL);
        w->recorded += histogram ? it->series->count : 0;
    }
}

static void run(world *w, source *from) {
    while (from->size > 0) {
        switch (take(from) % 16) {
        case 0:
            put_instrument(w, from);
            break;
        case 1:
        case 2:
        case 3:
            put_series(w, from);
            break;
        case 4:
            collect(w, (uint64_t)take(from) << 56);
            break;
        case 5: /* part of a pass */
            (void)next(w, take(from));
            break;
        case 6:
            sonde_exemplar_put(&w->m, from->size >= 24 ? from->data : NULL);
            break;
        case 7:
            if (take(from) > 250) {
                reset(w);
            }
            break;
        default:
            measure(w, from);
        }
    }
    collect(w, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static sonde_seen seen[SONDE_MAX_NODES];
    static uint8_t scratch[SCRATCH], key_bytes[16];
    source from = {data, size};
    world w = {.encoder = {.keys = &w.keys,
                           .max_text = SCRATCH,
                           .seen = seen,
                           .scratch = scratch,
                           .scratch_size = SCRATCH,
                           .replaced = &w.replaced}};
    uint32_t room = SONDE_METRICS_LEAST + take(&from) * 64u;
    uint8_t limit = take(&from);
    uint8_t *mem = malloc(room);
    PROMISE(mem != NULL);
    memset(mem, 0xAA, room);
    sonde_intern_init(&w.keys, key_bytes, sizeof key_bytes, 1);
    PROMISE(sonde_metrics_init(&w.m, mem, room, limit & 127, limit >> 7, 1) ==
            SONDE_OK);
    run(&w, &from);
    free(mem);
    return 0;
}
