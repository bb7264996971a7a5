/* Metrics as a test sees them: instruments and series made in one line, and
 * what a collection gives, decoded by nanopb. */
#ifndef METRIC_H
#define METRIC_H

#include "check.h"
#include "metrics.pb.h"
#include "metrics/metrics.h"
#include "record/build.h"

/* Nanoseconds in a millisecond, and the time that metrics are made at. */
#define MS UINT64_C(1000000)
#define START (UINT64_C(1700000000000) * MS)

enum { METRIC_KEPT = 64 };

typedef struct {
    char name[64];
    uint32_t field; /* of Metric: 5, 7, 9, 10 */
    int32_t temporality;
    bool monotonic;
    uint32_t scope;
    uint32_t chunk; /* counted from 0 */
    uint32_t attributes_count;
    char key[64];
    char value[64]; /* of the first attribute, as text */
    uint64_t start, time;
    bool has_double, has_int, has_sum, has_min, has_max;
    double as_double, sum, min, max;
    int64_t as_int;
    uint64_t count, zero_count;
    uint32_t bucket_count, bound_count;
    uint64_t buckets[257];
    double bounds[256];
    int32_t scale;
    sonde_Buckets positive, negative;
    uint32_t exemplars;
    sonde_Exemplar exemplar;
} metric_point;

/* The points of a pass, the first METRIC_KEPT of them whole. */
typedef struct {
    metric_point points[METRIC_KEPT];
    uint32_t count;
    uint32_t chunks;
    uint32_t overflows; /* points with the overflow attribute */
    double sum;         /* of all numbers, or counts of histograms */
    uint32_t largest;   /* chunk, in bytes */
} metric_pass;

extern metric_pass metric_seen;

/* An encoder and a sonde_metrics in memory that ends where it should. */
typedef struct {
    sonde_metrics m;
    uint8_t *mem;
    sonde_encoder encoder;
    sonde_intern keys;
    uint64_t replaced;
} metric_world;

metric_world *metric_open(uint32_t size, uint32_t max_series, bool cumulative);
void metric_close(metric_world *w);

/* Of scope 7, with unit "ms" and a description. */
uint32_t metric_instrument(metric_world *w, uint32_t kind, const char *name,
                           uint32_t flags, const double *bounds,
                           uint32_t count);

/* The handle of the series with `key` = `value`; none with NULL. */
int32_t metric_series(metric_world *w, uint32_t instrument, const char *key,
                      const char *value);

/* Resolves the attributes and measures. */
void metric_put(metric_world *w, uint32_t instrument, const char *key,
                const char *value, double measured);

/* One whole pass in chunks of `size`, decoded and checked for what holds for
 * any. */
void metric_collect(metric_world *w, uint64_t now_ns, uint32_t size);

/* The point of the last pass with this name and value of the first attribute
 * ("" if there are none); NULL if there is none, or more than one. */
const metric_point *metric_find(const char *name, const char *value);

#endif
