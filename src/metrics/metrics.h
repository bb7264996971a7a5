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
#include <float.h>

/* X(name, value). The low three bits say which kind of points there are. */
#define SONDE_KINDS(X)                                                         \
    X(KIND_COUNTER, 0)                                                         \
    X(KIND_UPDOWN, 1)                                                          \
    X(KIND_GAUGE, 2)                                                           \
    X(KIND_HISTOGRAM, 3) /* explicit bounds */                                 \
    X(KIND_EXPONENTIAL, 4)                                                     \
    X(KIND_OBSERVABLE_COUNTER, 8)                                              \
    X(KIND_OBSERVABLE_UPDOWN, 9)                                               \
    X(KIND_OBSERVABLE_GAUGE, 10)                                               \
    X(INSTRUMENT_INTEGER, 16) /* values go as as_int, saturating */            \
    X(INSTRUMENT_MIN_MAX, 32) /* histograms: points have min and max */        \
    X(INSTRUMENT_SCOPE, 16)   /* bits below the scope */

enum {
#define SONDE_KIND_ENUM(name, value) SONDE_##name = (value),
    SONDE_KINDS(SONDE_KIND_ENUM)
#undef SONDE_KIND_ENUM
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
    uint32_t what; /* KIND_... | INSTRUMENT_... | scope << INSTRUMENT_SCOPE */
    sonde_piece text[SONDE_INSTRUMENT_TEXTS]; /* only the name must be */
    const double *bounds; /* for KIND_HISTOGRAM; finite, rising */
    uint32_t bound_count; /* 0 ... MAX_BOUNDS; 0: one bucket */
} sonde_instrument;

/* The measurement kept as an example: one for each series. */
typedef struct {
    uint32_t offered; /* since the last collection; 0: there is none */
    uint8_t ids[24];
    uint64_t time_ns;
    double value;
} sonde_exemplar;

/* Behind it lies what else its kind counts: buckets; then the attributes, as
 * they go into the point. */
typedef struct sonde_series {
    struct sonde_series *next; /* older, of the same instrument */
    struct sonde_stream *stream;
    sonde_exemplar *exemplar; /* NULL until one was offered */
    uint32_t attributes_size;
    uint32_t handle;
    bool live; /* has something to collect */
    uint64_t start_ns;
    double sum; /* or the last value; from here on zero after a reset */
    double min; /* of an observable: the value collected last */
    double max; /* histograms only, as all that follows */
    uint64_t count;
} sonde_series;

/* An instrument; behind it lie its bounds and its head: the first fields of
 * the Metric message, as they go out. */
typedef struct sonde_stream {
    struct sonde_stream *next; /* older */
    sonde_series *series;      /* the newest */
    uint64_t start_ns;         /* made, or collected last */
    uint32_t id;
    uint32_t what;
    uint32_t series_count; /* the overflow series not counted */
    uint32_t state;        /* bytes from `sum` to the attributes */
    uint32_t bound_count;
    uint32_t head_size;
} sonde_stream;

typedef struct {
    uint64_t now_ns;  /* Unix time; the host keeps it right */
    uint64_t ignored; /* measurements that may not be */

    sonde_series **slots; /* a hash table */
    uint32_t mask;        /* its size, a power of two, less 1 */
    uint32_t generation;  /* above the slot in each handle */
    bool cumulative;
    bool full;     /* a synchronous instrument overflowed */
    bool measured; /* something was, since the collection began */
    uint8_t *low;  /* free memory: [low, high) */
    uint8_t *high;
    uint32_t max_series;
    uint32_t most; /* bytes from which on a chunk takes no more points */
    uint32_t stream_count;
    sonde_stream *streams; /* the newest */

    sonde_stream *at_stream; /* what the collection comes to next */
    sonde_series *at_series;
    uint64_t pass_ns; /* time of its points */

    uint32_t random;
    sonde_exemplar offer; /* to each series measured, if `offered` */
} sonde_metrics;

/* Makes it, with all its memory at `mem`, aligned to 8 bytes and the caller's;
 * BAD_ARGUMENT if it is not, or less than METRICS_LEAST or more than
 * METRICS_MOST bytes. A tenth goes to the table; a series takes 64 bytes (80
 * with pointers of 8) and its attributes, a histogram's 8 more for each bucket,
 * an exponential one's 1,312 more, and one with an exemplar 48 more.
 * `max_series` is for each instrument; with `cumulative` values are those
 * since the start, otherwise since the last collection. */
SONDE_MUST_CHECK int32_t sonde_metrics_init(sonde_metrics *m, uint8_t *mem,
                                            uint32_t size, uint32_t max_series,
                                            bool cumulative, uint64_t now_ns);

/* Makes an instrument, and its overflow series with it, so that there is room
 * for this one whatever comes. Returns its id (>= 0); the same for one with
 * the same `what`, name, description and unit, whose bounds stay.
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
 * exponential histogram's 2^32nd in one interval. BAD_ARGUMENT for a handle
 * which is unknown or from before a reset: get it anew, and forget all older
 * ones (generations come back after 2,048 resets). */
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
 * after that starts the next pass. All points of an instrument have the
 * `now_ns` at which the pass came to it as their time, those behind a wait too.
 * What was written counts as collected: see to room for it before the call.
 * BAD_ARGUMENT below CHUNK_LEAST, and nothing was done.
 *
 * Delta: only series with a measurement since the last pass, which are then
 * empty again; of observable counters the difference to the last pass that had
 * them, or the whole value if it is less (they started anew). Cumulative: all
 * series that ever had a measurement, observable ones only with a new
 * one; nothing changes but that, and exemplars are gone. Up-down
 * counters are cumulative in both, as OTLP exporters that prefer delta have
 * them (metrics/sdk_exporters/otlp.md).
 *
 * Fields of Metric are in the order of their numbers; a point's attributes
 * come first, then the others in order, and its exemplar last.
 * Instruments, and their chunks, come from the newest to the oldest; the
 * series in a chunk in the order they were made in. Instruments and series
 * made during a pass are for the next one.
 *
 * The end of a delta pass is a sonde_metrics_reset if a synchronous instrument
 * overflowed, or series that can be dropped take over three quarters of what
 * the others leave: so attributes that change all the time make room for new
 * ones. It waits for a pass during which nothing was measured. */
SONDE_MUST_CHECK int32_t sonde_metrics_next(sonde_metrics *m, uint8_t *scratch,
                                            uint32_t size, uint64_t now_ns,
                                            sonde_chunk *out);

/* Drops the series of synchronous instruments, with what they hold, and ends
 * the pass. The overflow series stay, and those of observable instruments, for
 * the difference to the next value needs the last one. All handles are
 * stale. */
void sonde_metrics_reset(sonde_metrics *m);

/* The bucket of a finite value other than 0, by its magnitude, for scales
 * -10 ... 20. */
int32_t sonde_exponential_index(double value, int32_t scale);

/* ---- Between the files of this part ------------------------------------ */

/* Buckets low ... low + used - 1; all others are 0. */
typedef struct {
    int32_t low;
    uint32_t used;
    uint32_t counts[SONDE_MAX_BUCKETS];
} sonde_range;

/* Behind the series of an exponential histogram. */
typedef struct {
    uint64_t zero_count;
    sonde_range ranges[2]; /* positive, negative */
    uint32_t down;         /* the scale is MAX_SCALE - down */
} sonde_buckets;

enum { SONDE_SLOT_BITS = 20 };

static inline bool sonde_is_finite(double value) { return value - value == 0; }

static inline bool sonde_is_observable(const sonde_stream *stream) {
    return stream->what & SONDE_KIND_OBSERVABLE_COUNTER;
}

/* The kind, whether observable or not. */
static inline uint32_t sonde_shape(const sonde_stream *stream) {
    return stream->what & 7;
}

static inline double *sonde_bounds(sonde_stream *stream) {
    return (double *)(void *)(stream + 1);
}

static inline uint8_t *sonde_attributes(sonde_series *s) {
    return (uint8_t *)&s->sum + s->stream->state;
}

/* Where memory for what a reset drops begins. */
static inline uint8_t *sonde_metrics_floor(const sonde_metrics *m) {
    return (uint8_t *)(m->slots + m->mask + 1);
}

/* Memory of `size` zero bytes, or NULL; `stays` over a reset. */
void *sonde_metrics_take(sonde_metrics *m, uint32_t size, bool stays);

/* What belongs to a series stays as long as the series. */
static inline bool sonde_series_stays(const sonde_metrics *m,
                                      const sonde_series *s) {
    return (const uint8_t *)s >= m->high;
}

#endif
