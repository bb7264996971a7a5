/* Metrics: instruments, their series, and OTLP Metric messages of them.
 *
 * Everything lies in one piece of memory that the caller gives. Instruments
 * and what must outlive a reset grow from its end, the other series from its
 * start behind the table of all series; nothing is ever moved.
 *
 * Specification: metrics/sdk.md and metrics/data-model.md of OpenTelemetry.
 * Where it leaves a choice:
 *
 * - A histogram takes negative values, but has no sum from the first one on,
 *   as metrics.proto asks for; OTel JS would send one that is no counter.
 * - Subnormal values count as the smallest normal one in exponential buckets.
 * - The buckets of an exponential histogram are exact for powers of two; a
 *   value less than 2^-29 of itself above a boundary may count below it.
 * - A point whose start would be after its time (the clock went back) starts
 *   at its time, which says that the start is not known. */
#ifndef SONDE_METRICS_H
#define SONDE_METRICS_H

#include "otlp/encode.h"

/* X(name, value). The low two bits are the kind of point: monotonic sum, sum,
 * gauge, histogram. */
#define SONDE_KINDS(X)                                                         \
    X(KIND_COUNTER, 0)                                                         \
    X(KIND_UPDOWN, 1)                                                          \
    X(KIND_GAUGE, 2)                                                           \
    X(KIND_HISTOGRAM, 3) /* explicit bounds */                                 \
    X(KIND_OBSERVABLE_COUNTER, 4)                                              \
    X(KIND_OBSERVABLE_UPDOWN, 5)                                               \
    X(KIND_OBSERVABLE_GAUGE, 6)                                                \
    X(KIND_EXPONENTIAL, 7)

enum {
#define SONDE_KIND_ENUM(name, value) SONDE_##name = (value),
    SONDE_KINDS(SONDE_KIND_ENUM)
#undef SONDE_KIND_ENUM
};

enum {
    SONDE_INSTRUMENT_INTEGER = 1, /* values go as as_int, saturating */
    SONDE_INSTRUMENT_MIN_MAX = 2  /* histograms: points have min and max */
};

enum {
    SONDE_MAX_INSTRUMENTS = 1024,
    SONDE_MAX_BOUNDS = 256,
    SONDE_MAX_HEAD = 2048,       /* name, description, unit; encoded */
    SONDE_MAX_ATTRIBUTES = 4096, /* of a series; encoded */
    SONDE_MAX_BUCKETS = 160,     /* of an exponential histogram, each sign */
    SONDE_MAX_SCALE = 20,
    SONDE_METRICS_LEAST = 2048, /* of `mem` */
    SONDE_METRICS_MOST = 1 << 26,
    SONDE_CHUNK_LEAST = 13312 /* any point fits that */
};

enum { SONDE_NAME, SONDE_DESCRIPTION, SONDE_UNIT, SONDE_INSTRUMENT_TEXTS };

typedef struct {
    uint32_t kind;  /* SONDE_KIND_... */
    uint32_t flags; /* SONDE_INSTRUMENT_... */
    uint32_t scope; /* 0 ... 65535; comes out again with the chunks */
    sonde_piece text[SONDE_INSTRUMENT_TEXTS]; /* only the name must be */
    const double *bounds; /* KIND_HISTOGRAM only; finite, rising */
    uint32_t bound_count; /* 0 ... MAX_BOUNDS; 0: one bucket */
} sonde_instrument;

/* The measurement kept as an example: one for each series. */
typedef struct {
    double value;
    uint64_t time_ns;
    uint32_t offered; /* since the last collection; 0: there is none */
    uint8_t ids[24];
} sonde_exemplar;

/* Buckets low ... low + used - 1; all others are 0. */
typedef struct {
    int32_t low;
    uint32_t used;
    uint32_t counts[SONDE_MAX_BUCKETS];
} sonde_range;

/* Behind it lies what else its kind counts: buckets; then the attributes, as
 * they go into the point. */
typedef struct sonde_series {
    struct sonde_series *next; /* older, of the same instrument */
    struct sonde_stream *stream;
    sonde_exemplar *exemplar; /* NULL until one was offered */
    sonde_range *negative;    /* NULL until there was such a value */
    uint32_t attributes_size;
    bool live; /* has something to collect */
    uint64_t start_ns;
    double sum; /* or the last value; from here on zero after a reset */
    double min; /* of an observable: the value collected last */
    double max; /* histograms only, like all that follows */
    uint64_t count;
} sonde_series;

/* An instrument; behind it lie its bounds and its head: the first fields of
 * the Metric message, as they go out. */
typedef struct sonde_stream {
    struct sonde_stream *next; /* older */
    sonde_series *series;      /* the newest */
    uint64_t start_ns;         /* made, or collected last */
    uint32_t series_count;     /* the overflow series not counted */
    uint32_t state;            /* bytes from `sum` to the attributes */
    uint32_t bound_count;
    uint32_t head_size;
    uint16_t id;
    uint16_t scope;
    uint8_t kind;
    uint8_t flags;
} sonde_stream;

typedef struct {
    uint64_t now_ns;  /* Unix time; set by the host before any call */
    uint64_t ignored; /* measurements that may not be, or found no room */

    sonde_series **slots; /* a hash table; a power of two */
    uint32_t slot_count;
    uint32_t used_slots;
    uint32_t generation;
    bool cumulative;
    bool has_ids;  /* an exemplar is offered with each measurement */
    bool full;     /* a synchronous instrument overflowed */
    bool measured; /* since the collection began */
    uint8_t *low;  /* free memory: [low, high) */
    uint8_t *high;
    uint8_t *end;
    uint32_t max_series;
    uint32_t random;
    sonde_stream *streams; /* the newest */

    sonde_stream *at_stream; /* what the collection comes to next */
    sonde_series *at_series;
    uint64_t pass_ns;
    uint8_t ids[24];
} sonde_metrics;

/* Makes it, with all its memory at `mem`, aligned to 8 bytes and the caller's.
 * A counter's series takes about 60 bytes (100 with pointers of 8) and its
 * attributes, with the default 16 buckets 130 bytes more, an exponential
 * histogram's 700, and 650 more with negative values, and 56 with an exemplar.
 * `max_series` is for each instrument; with `cumulative` values are those
 * since the start, otherwise since the last collection. BAD_ARGUMENT if
 * misaligned or over METRICS_MOST, NO_MEMORY below METRICS_LEAST. */
SONDE_MUST_CHECK int32_t sonde_metrics_init(sonde_metrics *m, uint8_t *mem,
                                            uint32_t size, uint32_t max_series,
                                            bool cumulative,
                                            double start_now_ms);

/* Makes an instrument, and its overflow series with it, so that there is room
 * for this one whatever comes. Returns its id (>= 0); the same for one with
 * the same scope, kind, flags, name, description and unit, whose bounds stay.
 * BAD_ARGUMENT for an unknown kind, no name, bad bounds; TOO_LARGE over
 * MAX_HEAD, TABLE_FULL over MAX_INSTRUMENTS, NO_MEMORY. The encoder lends its
 * scratch memory and counts repaired text. */
SONDE_MUST_CHECK int32_t sonde_instrument_put(sonde_metrics *m,
                                              const sonde_encoder *encoder,
                                              const sonde_instrument *it);

/* The series of an instrument with the attributes of `record`: a handle
 * (>= 0) for sonde_measure, the same for the same attributes IN THE SAME
 * ORDER, so that hosts sort the keys. All of them count: no limits of the
 * encoder but its memory apply. When there is no room for one more, or
 * max_series have been made, it is the instrument's overflow series, with the
 * attribute otel.metric.overflow = true; of an observable instrument only the
 * last value of those is kept. BAD_ARGUMENT for an unknown instrument,
 * TOO_LARGE over MAX_ATTRIBUTES, BAD_RECORD, BAD_CUT, TOO_DEEP. */
SONDE_MUST_CHECK int32_t sonde_series_put(sonde_metrics *m,
                                          const sonde_encoder *encoder,
                                          uint32_t instrument,
                                          const sonde_record *record);

/* Counters and up-down counters add the value, gauges and observable
 * instruments take it for the present one, histograms record it. What may not
 * be is ignored and counted: NaN, infinite; negative for either counter; an
 * exponential histogram's 2^32nd in one interval, or first negative one with
 * no memory left. BAD_ARGUMENT for a handle which is unknown or from before a
 * reset: get it anew, and forget all older ones (generations come back after
 * 2,048 resets). */
SONDE_MUST_CHECK int32_t sonde_measure(sonde_metrics *m, uint32_t series,
                                       double value);

/* From now on each measurement is offered as an exemplar with these ids (16
 * bytes trace, 8 bytes span), or none with NULL. A series keeps one of those
 * offered since the last collection, each with the same probability; if there
 * is memory. Set now_ns before. */
void sonde_exemplar_put(sonde_metrics *m, const uint8_t ids[24]);

/* One opentelemetry.proto.metrics.v1.Metric inside the scratch memory. */
typedef struct {
    const uint8_t *data;
    uint32_t size;
    uint32_t scope;
    uint32_t points;
} sonde_chunk;

/* Collects: writes the next points of one instrument, as many as fit, and
 * returns 1; or 0 when there are no more, which ends the pass. The first call
 * after that starts the next pass, whose points all have its `now_ns` as their
 * time. What was written counts as collected: see to room for it before the
 * call. BAD_ARGUMENT below CHUNK_LEAST, and nothing was done.
 *
 * Delta: only series with a measurement since the last pass, which are then
 * empty again; of observable counters the difference to the last pass that had
 * them, or the whole value if it is less (they started anew). Cumulative: all
 * series that ever had a measurement, observable ones only with a new
 * one; nothing changes but that, and exemplars are gone.
 *
 * Fields of Metric are in the order of their numbers; a point's attributes
 * come first, then the rest in order, an integer value before its exemplar.
 * Instruments, and their chunks, come from the newest to the oldest; the
 * series in a chunk in the order they were made in. Instruments and series
 * made during a pass are for the next one.
 *
 * The end of a delta pass is a sonde_metrics_reset if a synchronous instrument
 * overflowed in it, or less than a quarter of the memory is free: so attributes
 * that change all the time make room for new ones. */
SONDE_MUST_CHECK int32_t sonde_metrics_next(sonde_metrics *m, uint8_t *scratch,
                                            uint32_t size, uint64_t now_ns,
                                            sonde_chunk *out);

/* Drops all series of synchronous instruments, with what they hold, and ends
 * the pass. Those of observable instruments stay, for the difference to the
 * next value needs the last one. All handles are stale. */
void sonde_metrics_reset(sonde_metrics *m);

/* The bucket of a finite value other than 0, by its magnitude, for scales
 * -10 ... 20. */
int32_t sonde_exponential_index(double value, int32_t scale);

/* ---- Between the files of this part ------------------------------------ */

/* Behind the series of an exponential histogram. */
typedef struct {
    uint64_t zero_count;
    int32_t down; /* the scale is MAX_SCALE - down */
    sonde_range positive;
} sonde_buckets;

static inline bool sonde_is_observable(const sonde_stream *stream) {
    return (uint32_t)stream->kind - SONDE_KIND_OBSERVABLE_COUNTER <=
           SONDE_KIND_OBSERVABLE_GAUGE - SONDE_KIND_OBSERVABLE_COUNTER;
}

static inline uint32_t sonde_shape(const sonde_stream *stream) {
    return stream->kind & 3u;
}

static inline const double *sonde_bounds(const sonde_stream *stream) {
    return (const double *)(const void *)(stream + 1);
}

enum {
    SONDE_SLOT_BITS = 20, /* of a handle; above them, its generation */
    SONDE_STATE_NUMBER =
        offsetof(sonde_series, max) - offsetof(sonde_series, sum),
    SONDE_STATE_HISTOGRAM = sizeof(sonde_series) - offsetof(sonde_series, sum)
};

/* Memory of `size` zero bytes, or NULL; `stays` over a reset. */
void *sonde_metrics_take(sonde_metrics *m, uint32_t size, bool stays);

/* What belongs to a series stays as long as the series. */
static inline bool sonde_series_stays(const sonde_metrics *m,
                                      const sonde_series *s) {
    return (const uint8_t *)s >= m->high;
}

#endif
