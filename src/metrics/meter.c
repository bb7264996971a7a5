/* Owns metrics as part of a context: see sonde_metrics.h. */
#include "context.h"
#include "core/text.h"
#include "otlp/header.h"
#include "sonde_metrics.h"

/* The last collection of all is when the context is closed. */
static const double NEVER = 1e300;

static void put_time(sonde *ctx, double now) {
    now = sonde_clock_put(ctx, now);
    ctx->metrics.now_ns = sonde_nanoseconds(now);
    ctx->encoder.replaced = &ctx->lanes[SONDE_SIGNAL_METRICS].ledger.replaced;
}

int32_t sonde_meter_put(sonde *ctx, double now,
                        const sonde_instrument *instrument) {
    put_time(ctx, now);
    if (ctx->closing)
        return SONDE_CLOSED;
    if (instrument->what >> SONDE_INSTRUMENT_SCOPE >= ctx->scopes.count)
        return SONDE_BAD_ARGUMENT;
    return sonde_instrument_put(&ctx->metrics, &ctx->encoder, instrument);
}

int32_t sonde_meter_series(sonde *ctx, double now, uint32_t instrument,
                           const sonde_record *attributes) {
    put_time(ctx, now);
    return sonde_series_put(&ctx->metrics, &ctx->encoder, instrument,
                            attributes);
}

int32_t sonde_meter_add(sonde *ctx, uint32_t handle, double value) {
    return sonde_measure(&ctx->metrics, handle, value);
}

int32_t sonde_meter_span(sonde *ctx, double now, const uint8_t *ids) {
    uint8_t bytes[24];
    put_time(ctx, now);
    if (ids != NULL && !sonde_id_get(bytes, ids, sizeof bytes))
        return SONDE_BAD_INPUT;
    sonde_exemplar_put(&ctx->metrics, ids == NULL ? NULL : bytes);
    return SONDE_OK;
}

void sonde_collect_more(sonde *ctx) {
    sonde_lane *lane = &ctx->lanes[SONDE_SIGNAL_METRICS];
    const sonde_queue *q = &lane->queue;
    uint8_t *end = ctx->encoder.scratch + ctx->encoder.scratch_size;
    sonde_chunk chunk;
    while (ctx->collecting && q->free_entries > 0 &&
           q->free_blocks >= SONDE_METRIC_CHUNK / SONDE_BLOCK) {
        bool more = sonde_metrics_next(&ctx->metrics, end - SONDE_METRIC_CHUNK,
                                       SONDE_METRIC_CHUNK,
                                       sonde_nanoseconds(ctx->now), &chunk) > 0;
        sonde_item item = {chunk.data, chunk.size, chunk.scope, SONDE_BAND_INFO,
                           chunk.points};
        if (more)
            sonde_enqueue(ctx, lane, &item);
        else
            ctx->collecting--;
    }
    lane->due_seq = q->seq;
}

void sonde_collect(sonde *ctx, double now) {
    put_time(ctx, now);
    /* A pass that is still going on does not come back to what it had. */
    ctx->collecting = ctx->collecting > 0 ? 2 : 1;
    ctx->collect_at =
        ctx->closing ? NEVER : ctx->clock + ctx->config.metric_interval;
    ctx->lanes[SONDE_SIGNAL_METRICS].ledger.refused = ctx->metrics.ignored;
    sonde_collect_more(ctx);
}
