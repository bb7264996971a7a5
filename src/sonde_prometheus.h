/* Prometheus text and OpenMetrics from OTLP metrics. The rules of sonde.h
 * hold: no I/O, no clock, no allocation, no globals.
 *
 * INPUT is an ExportMetricsServiceRequest in protobuf with CUMULATIVE
 * temporality, from whichever source; it may come from outside. Output is a
 * whole exposition: families sorted by name, each once, whatever scopes it
 * comes from.
 *
 * NAMES and units are translated as the OpenTelemetry specification says
 * (compatibility/prometheus_and_openmetrics.md): first by the strategy, then
 * by the escaping scheme that the reader of the text asked for.
 *
 * WHAT CANNOT BE SAID in the format is left out and counted, never written
 * wrong: see sonde_prometheus_stats. */
#ifndef SONDE_PROMETHEUS_H
#define SONDE_PROMETHEUS_H

#include "sonde.h"

/* ---- Options ----------------------------------------------------------- */

/* Formats: name, Content-Type up to the escaping scheme. */
#define SONDE_PROMETHEUS_FORMATS(X)                                            \
    X(TEXT_0_0_4, "text/plain; version=0.0.4")                                 \
    X(TEXT_1_0_0, "text/plain; version=1.0.0")                                 \
    X(OPENMETRICS_0_0_1, "application/openmetrics-text; version=0.0.1")        \
    X(OPENMETRICS_1_0_0, "application/openmetrics-text; version=1.0.0")

/* Translation strategies. A counter foo.bar of unit By becomes:
 * foo_bar_bytes_total, foo_bar, foo.bar_bytes_total, foo.bar. */
#define SONDE_PROMETHEUS_STRATEGIES(X)                                         \
    X(UnderscoreEscapingWithSuffixes)                                          \
    X(UnderscoreEscapingWithoutSuffixes)                                       \
    X(NoUTF8EscapingWithSuffixes)                                              \
    X(NoTranslation)

/* Escaping schemes: how a name with other characters than [a-zA-Z0-9_:] goes
 * out. foo.bar_x becomes: foo_bar_x, "foo.bar_x", foo_dot_bar__x,
 * U__foo_2e_bar__x. */
#define SONDE_PROMETHEUS_ESCAPINGS(X)                                          \
    X(UNDERSCORES, "underscores")                                              \
    X(ALLOW_UTF_8, "allow-utf-8")                                              \
    X(DOTS, "dots")                                                            \
    X(VALUES, "values")

enum {
#define SONDE_ENUM(name, type) SONDE_PROMETHEUS_##name,
    SONDE_PROMETHEUS_FORMATS(SONDE_ENUM) SONDE_PROMETHEUS_FORMAT_COUNT
#undef SONDE_ENUM
};
enum {
#define SONDE_ENUM(name) SONDE_PROMETHEUS_##name,
    SONDE_PROMETHEUS_STRATEGIES(SONDE_ENUM) SONDE_PROMETHEUS_STRATEGY_COUNT
#undef SONDE_ENUM
};
enum {
#define SONDE_ENUM(name, text) SONDE_PROMETHEUS_##name,
    SONDE_PROMETHEUS_ESCAPINGS(SONDE_ENUM) SONDE_PROMETHEUS_ESCAPING_COUNT
#undef SONDE_ENUM
};

/* All zero is TEXT_0_0_4, UnderscoreEscapingWithSuffixes, UNDERSCORES, and
 * nothing left out: the specification's defaults. */
typedef struct {
    uint32_t format;
    uint32_t strategy;
    uint32_t escaping;
    bool no_scope;       /* no otel_scope_… labels. Series of two scopes that
                          * differ in nothing else are then written twice */
    bool no_target_info; /* no target_info */
    bool no_created;     /* OpenMetrics: no _created samples */
    bool job;            /* labels job and instance on each sample, as the
                          * Collector writes them; so it is in any case when
                          * the request has resources of several services or
                          * instances, which nothing else tells apart */
} sonde_prometheus_options;

/* Number of a strategy or an escaping scheme by its name (ASCII, of this
 * size), or BAD_OPTION. */
SONDE_CHECKED int32_t sonde_prometheus_strategy(const char *name, size_t size);
SONDE_CHECKED int32_t sonde_prometheus_escaping(const char *name, size_t size);

/* Sets format and escaping scheme by an Accept header; NULL or an empty one is
 * none. The best of what is accepted by its weight, the first of equals; if
 * nothing of it can be had, TEXT_0_0_4 with underscores. Never fails: a
 * header is input from outside. At most the first 4096 bytes count. */
void sonde_prometheus_accept(sonde_prometheus_options *options,
                             const char *accept, size_t size);

enum { SONDE_PROMETHEUS_TYPE_SIZE = 96 };

/* Writes the Content-Type, not terminated, and returns its length: at most
 * SONDE_PROMETHEUS_TYPE_SIZE. NO_SPACE, BAD_OPTION. */
SONDE_CHECKED int32_t sonde_prometheus_type(
    char *to, size_t size, const sonde_prometheus_options *options);

/* ---- Text -------------------------------------------------------------- */

/* What became of the request. */
typedef struct {
    uint32_t families;
    uint32_t samples; /* lines that are no comment */
    uint32_t points;  /* data points that were written */
    /* metrics left out as a whole: */
    uint32_t delta;     /* not cumulative */
    uint32_t conflicts; /* another type, or sample names, of a family that
                         * came before */
    uint32_t unnamed;   /* nothing is left of the name */
    /* points left out: */
    uint32_t unrecorded; /* flagged NO_RECORDED_VALUE, or without a value */
    uint32_t bad_points; /* bounds that do not ascend, counts that do not fit
                          * them, what OpenMetrics forbids (NaN or negative
                          * counters) */
} sonde_prometheus_stats;

/* Bytes of work memory that sonde_prometheus_put needs for this request: some
 * hundred bytes for each metric, and as many for each label of the longest
 * list. Reads all of the request: BAD_INPUT as there. BAD_OPTION; NO_MEMORY if
 * that would be 2 GiB or more. */
SONDE_CHECKED int32_t
sonde_prometheus_work(const sonde_prometheus_options *options,
                      const uint8_t *request, size_t size);

/* Writes the text, not terminated, and returns its size. With `to` NULL it
 * only measures, which takes as long. `work` is aligned to 8 bytes and holds
 * nothing worth keeping before and after. *stats may be NULL.
 *
 * NO_SPACE if `size` is too small (what was written is of no use), if the text
 * would have 2 GiB or more, or if the scopes, which come again with each point,
 * would have more than 8 times the request's size and 4 MiB. NO_MEMORY if
 * `work_size` is too small, BAD_OPTION, and BAD_INPUT if the request is no
 * protobuf of that message: cut, wrong wire types, values nested over 64 deep,
 * two values where one belongs, 2 GiB or more.
 *
 * - A monotonic sum is a counter, another sum and a gauge are a gauge (or
 *   `unknown`, where the metric's metadata has prometheus.type so), a summary
 *   is one.
 * - An exponential histogram becomes a histogram whose bounds are the powers
 *   of two from its lowest to its highest bucket in use: these stay the same
 *   when its scale changes, and tell any quantile to a factor of 2 at most.
 * - Timestamps of samples are not written: the reader sets them.
 * - Labels are sorted. Keys that become the same have their values joined by
 *   ";". A key that would begin with "__", or be the le or quantile of its own
 *   series, gets the prefix "exported_".
 * - A carriage return, which OpenMetrics forbids, becomes the two characters
 *   "\r"; ill-formed UTF-8 becomes U+FFFD. */
SONDE_CHECKED int32_t sonde_prometheus_put(
    uint8_t *to, size_t size, sonde_prometheus_stats *stats,
    const sonde_prometheus_options *options, const uint8_t *request,
    size_t request_size, void *work, size_t work_size);

#endif
