/* Metrics of a context: the second half of sonde.h.
 *
 *     id = sonde_meter_put(ctx, now, &instrument);           once
 *     handle = sonde_meter_series(ctx, now, id, attributes); per attributes
 *     sonde_meter_add(ctx, handle, 1);                       per measurement
 *
 * What is measured is summed up in max_metric_bytes of memory, and collected
 * into the queue of SONDE_SIGNAL_METRICS each metric_interval: sonde_next for
 * that signal returns SONDE_ACTION_COLLECT, the host asks its observers, and
 * calls sonde_collect. If the queue has no room for all, the rest goes on
 * being summed up until it has; so nothing is lost while a server is away.
 *
 * Instruments, series, measurements, and what the specification leaves open:
 * metrics/metrics.h. */
#ifndef SONDE_SONDE_METRICS_H
#define SONDE_SONDE_METRICS_H

#include "metrics/metrics.h"
#include "sonde.h"

/* Makes an instrument, of a scope from sonde_scope_put. Returns its id; the
 * same for the same. See sonde_instrument_put; CLOSED. */
SONDE_CHECKED int32_t sonde_meter_put(sonde *ctx, double now,
                                      const sonde_instrument *instrument);

/* The handle of the series with these attributes, in the order of their keys.
 * See sonde_series_put. */
SONDE_CHECKED int32_t sonde_meter_series(sonde *ctx, double now,
                                         uint32_t instrument,
                                         const sonde_record *attributes);

/* A measurement. See sonde_measure: BAD_ARGUMENT asks for a new handle. */
SONDE_CHECKED int32_t sonde_meter_add(sonde *ctx, uint32_t handle,
                                      double value);

/* The sampled span that measurements are examples of from now on, or NULL for
 * none: 48 hexadecimal digits, its trace id and its span id. BAD_INPUT. */
SONDE_CHECKED int32_t sonde_meter_span(sonde *ctx, double now,
                                       const uint8_t *ids);

/* Collects what is measured into the queue, and when next to do so. */
void sonde_collect(sonde *ctx, double now);

/* Goes on with collecting while the queue has room; for the step loop. */
void sonde_collect_more(sonde *ctx);

/* Writes all that is measured as an ExportMetricsServiceRequest in protobuf,
 * for sonde_prometheus_put. It goes past the queue, and changes nothing but
 * that exemplars are taken and observers have to be asked again: a collection
 * that waits for room in the queue goes on without them. Returns its size.
 * BAD_OPTION unless `temporality` is cumulative, NO_SPACE. */
SONDE_CHECKED int32_t sonde_scrape(sonde *ctx, double now, uint8_t *to,
                                   size_t size);

#endif
