/* Owns the request that is made for whoever scrapes: see sonde_metrics.h. It
 * goes past queue and batch, so each chunk stands under a resource of its own:
 * no length has to be known before it is written. */
#include "context.h"
#include "otlp/header.h"
#include "sonde_metrics.h"

enum { TAG_FIRST = 0x0A, TAG_SECOND = 0x12 };

static void put_chunk(const sonde *ctx, sonde_writer *w,
                      const sonde_chunk *chunk) {
    uint32_t scope_size, resource_size = ctx->framer.resource_size;
    const uint8_t *scope =
        sonde_intern_get(&ctx->scopes, chunk->scope, &scope_size);
    uint32_t inner =
        sonde_field_size(scope_size) + sonde_field_size(chunk->size);
    sonde_head_put(w, TAG_FIRST,
                   sonde_field_size(resource_size) + sonde_field_size(inner));
    sonde_bytes_put(w, TAG_FIRST, ctx->resource, resource_size);
    sonde_head_put(w, TAG_SECOND, inner);
    sonde_bytes_put(w, TAG_FIRST, scope, scope_size);
    sonde_bytes_put(w, TAG_SECOND, chunk->data, chunk->size);
}

/* A pass of its own, which goes to its end even if there is no room. One that
 * waits for room in the queue goes on behind it: cumulative series neither go
 * nor start anew. */
int32_t sonde_scrape(sonde *ctx, double now, uint8_t *to, size_t size) {
    sonde_writer w = {to, size, 0, SONDE_OK};
    uint8_t *end = ctx->encoder.scratch + ctx->encoder.scratch_size;
    sonde_chunk chunk;
    sonde_metrics *m = &ctx->metrics;
    sonde_stream *at_stream = m->at_stream;
    sonde_series *at_series = m->at_series;
    uint64_t pass_ns = m->pass_ns;
    if (!m->cumulative)
        return SONDE_BAD_OPTION;
    uint64_t now_ns = sonde_nanoseconds(sonde_clock_put(ctx, now));
    m->at_stream = NULL;
    while (sonde_metrics_next(m, end - SONDE_METRIC_CHUNK, SONDE_METRIC_CHUNK,
                              now_ns, &chunk) > 0)
        put_chunk(ctx, &w, &chunk);
    m->at_stream = at_stream;
    m->at_series = at_series;
    m->pass_ns = pass_ns;
    return w.status != SONDE_OK ? w.status : (int32_t)w.used;
}
