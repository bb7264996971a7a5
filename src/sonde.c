/* Owns the context's memory and the way of a record into the queue. The step
 * loop is in deliver/deliver.c. */
#include "sonde.h"
#include "context.h"
#include "otlp/header.h"
#include "otlp/severity.h"
#include "otlp/values.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Sonde reads host records and writes fixed fields little-endian"
#endif

enum {
    MAX_KEY = 255,
    MAX_ENTRY = 511,     /* of the scopes */
    SCRATCH_EXTRA = 256, /* the tags of a record with no room to spare */
    METRIC_RECORDS = 64,
    METRIC_BYTES = 65536,
    SCRATCH_LEAST = 36864, /* over 9/16 of METRIC_BYTES: see otlp/frame.c */
    ALIGN = 16
};

const char *sonde_status_text(int32_t status) {
    switch (status) {
#define SONDE_STATUS(name, number, text)                                       \
    case number:                                                               \
        return text;
#include "sonde_status.def"
#undef SONDE_STATUS
    default:
        return "unknown status";
    }
}

/* ---- Options ----------------------------------------------------------- */

static const struct {
    uint32_t least, most;
} RANGES[SONDE_OPTION_COUNT] = {
#define SONDE_OPTION(name, value, least, most, unit, text) {least, most},
#include "sonde_options.def"
#undef SONDE_OPTION
};

void sonde_config_init(sonde_config *config) {
    static const sonde_config defaults = {
#define SONDE_OPTION(name, value, least, most, unit, text) .name = value,
#include "sonde_options.def"
#undef SONDE_OPTION
    };
    *config = defaults;
}

static bool in_range(uint32_t id, double value) {
    return value >= RANGES[id].least && value <= RANGES[id].most;
}

int32_t sonde_config_put(sonde_config *config, uint32_t id, double value) {
    if (id >= SONDE_OPTION_COUNT || !in_range(id, value) ||
        (double)(uint32_t)value != value)
        return SONDE_BAD_OPTION;
    ((uint32_t *)config)[id] = (uint32_t)value;
    return SONDE_OK;
}

static bool config_fits(const sonde_config *config) {
    const uint32_t *fields = (const uint32_t *)config;
    for (uint32_t id = 0; id < SONDE_OPTION_COUNT; id++) {
        if (!in_range(id, fields[id]))
            return false;
    }
    return true;
}

/* ---- Memory ------------------------------------------------------------ */

static uint32_t record_size(const sonde_config *config) {
    return config->max_record_bytes + SCRATCH_EXTRA;
}

/* A record or a metric being encoded, or what the transcoder reads. */
static uint32_t scratch_size(const sonde_config *config) {
    uint32_t size = record_size(config);
    return size > SCRATCH_LEAST ? size : SCRATCH_LEAST;
}

/* Places and bytes of a signal's queue. What metrics there are is collected
 * into theirs piece by piece, as requests leave. */
static void queue_room(const sonde_config *config, uint32_t signal,
                       uint32_t *records, uint32_t *bytes) {
    *records = METRIC_RECORDS;
    *bytes = METRIC_BYTES;
    if (signal == SONDE_SIGNAL_LOGS) {
        *records = config->max_queue_records;
        *bytes = config->max_queue_bytes;
    } else if (signal == SONDE_SIGNAL_TRACES) {
        *records = config->max_queue_spans;
        *bytes = config->max_span_bytes;
    }
}

static uint32_t metric_room(const sonde_config *config) {
    return config->max_metric_bytes & ~(ALIGN - 1u);
}

int32_t sonde_size(const sonde_config *config) {
    if (!config_fits(config))
        return SONDE_BAD_OPTION;
    uint32_t size = (uint32_t)sizeof(sonde) + config->max_batch_bytes +
                    scratch_size(config),
             records, bytes;
    for (uint32_t signal = 0; signal < SONDE_SIGNAL_COUNT; signal++) {
        queue_room(config, signal, &records, &bytes);
        size += sonde_queue_size(records, bytes);
    }
    size += metric_room(config);
    return (int32_t)((size + ALIGN - 1) &
                     ~(ALIGN - 1u)); /* by far no overflow */
}

/* Behind the context lie the queues and the metrics, which have to be aligned,
 * the body and the scratch memory. */
static void carve_regions(sonde *ctx) {
    const sonde_config *config = &ctx->config;
    uint32_t records, bytes;
    ctx->body = (uint8_t *)(ctx + 1);
    for (uint32_t signal = 0; signal < SONDE_SIGNAL_COUNT; signal++) {
        queue_room(config, signal, &records, &bytes);
        sonde_queue_init(&ctx->lanes[signal].queue, ctx->body, records, bytes);
        ctx->body += sonde_queue_size(records, bytes);
    }
    ctx->body += metric_room(config);
    uint8_t *scratch = ctx->body + config->max_batch_bytes;
    ctx->encoder.replaced = &ctx->lanes[SONDE_SIGNAL_LOGS].ledger.replaced;
    sonde_intern_init(&ctx->keys, ctx->key_bytes, SONDE_KEY_BYTES,
                      SONDE_INTERN_MAX - 1);
    sonde_intern_init(&ctx->scopes, ctx->scope_bytes, SONDE_SCOPE_BYTES,
                      SONDE_INTERN_MAX);
    ctx->encoder.keys = &ctx->keys;
    ctx->encoder.max_attributes = config->max_attributes;
    ctx->encoder.max_value_length = config->max_value_length;
    ctx->encoder.max_text = config->max_record_bytes;
    ctx->encoder.seen = ctx->seen;
    ctx->encoder.scratch_size = record_size(config);
    ctx->encoder.scratch = scratch + scratch_size(config) - record_size(config);
    ctx->framer.scopes = &ctx->scopes;
    ctx->framer.resource = ctx->resource;
    ctx->framer.scratch = scratch;
    ctx->framer.scratch_size = scratch_size(config);
    ctx->framer.json = config->encoding == 1;
}

int32_t sonde_init(sonde *mem, size_t size, const sonde_config *config,
                   double now, uint32_t seed) {
    if (mem == NULL || (uintptr_t)mem % ALIGN != 0)
        return SONDE_BAD_ARGUMENT;
    int32_t need = sonde_size(config);
    if (need < 0)
        return need;
    if (size < (size_t)need)
        return SONDE_NO_MEMORY;
    memset(mem, 0, sizeof *mem);
    mem->config = *config;
    carve_regions(mem);
    for (uint32_t signal = 0; signal < SONDE_SIGNAL_COUNT; signal++) {
        sonde_retry_init(&mem->lanes[signal].retry, seed + signal);
        sonde_reopen(mem, &mem->lanes[signal]);
    }
    now = sonde_clock_put(mem, now);
    mem->clock = 0;
    mem->collect_at = config->metric_interval;
    int32_t status = sonde_metrics_init(
        &mem->metrics, mem->body - metric_room(config), metric_room(config),
        config->max_series, config->temporality == 1, sonde_nanoseconds(now));
    if (status != SONDE_OK)
        return status;
    /* Even with every byte escaped in JSON, it fits a request. */
    mem->metrics.most = config->max_batch_bytes / 8;
    int32_t unnamed = sonde_scope_put(mem, "", 0, "", 0);
    return unnamed < 0 ? unnamed : SONDE_OK;
}

double sonde_clock_put(sonde *ctx, double now) {
    if (!(now >= 0 && now < 1.8e13)) /* its nanoseconds fit 64 bits */
        now = ctx->now;
    if (now > ctx->now)
        ctx->clock += now - ctx->now;
    ctx->now = now;
    return now;
}

/* ---- Keys, scopes, resource --------------------------------------------- */

/* Puts a text field in front of `p`, in the memory that records are encoded
 * in; nothing for no text. NULL if it is too large. */
static uint8_t *put_field(const sonde *ctx, uint8_t *p, uint8_t tag,
                          const char *text, size_t size) {
    sonde_piece piece = {(const uint8_t *)text, (uint32_t)size, false};
    if (p == NULL || size == 0)
        return p;
    return size <= MAX_ENTRY ? sonde_text_put(&ctx->encoder, p, tag, &piece)
                             : NULL;
}

static uint8_t *scratch_end(const sonde *ctx) {
    return ctx->encoder.scratch + ctx->encoder.scratch_size;
}

int32_t sonde_key_put(sonde *ctx, const char *key, size_t size) {
    uint8_t *end = scratch_end(ctx);
    if (size == 0 || size > MAX_KEY)
        return SONDE_BAD_ARGUMENT;
    uint8_t *p = put_field(ctx, end, 0x0A, key, size);
    int32_t id = sonde_intern_put(&ctx->keys, p, (uint32_t)(end - p));
    return id < 0 ? id : id + 1;
}

int32_t sonde_scope_put(sonde *ctx, const char *name, size_t name_size,
                        const char *version, size_t version_size) {
    uint8_t *end = scratch_end(ctx), *p;
    p = put_field(ctx, end, 0x12, version, version_size);
    p = put_field(ctx, p, 0x0A, name, name_size);
    if (p == NULL || end - p > MAX_ENTRY)
        return SONDE_TOO_LARGE;
    return sonde_intern_put(&ctx->scopes, p, (uint32_t)(end - p));
}

int32_t sonde_resource_put(sonde *ctx, const sonde_record *record) {
    sonde_encoded out;
    int32_t status = sonde_encode_resource(&ctx->encoder, &out, record);
    if (status != SONDE_OK)
        return status;
    if (out.size > SONDE_RESOURCE_BYTES ||
        out.size > ctx->config.max_batch_bytes / 4)
        return SONDE_TOO_LARGE;
    memcpy(ctx->resource, out.data, out.size);
    ctx->framer.resource_size = out.size;
    if (ctx->body_lane != NULL && !ctx->body_lane->batch.on_wire)
        ctx->body_lane = NULL; /* a waiting body gets the new one */
    return SONDE_OK;
}

/* ---- Records ------------------------------------------------------------- */

bool sonde_batch_is_full(const sonde *ctx, const sonde_lane *lane) {
    return lane->queue.count >= ctx->config.max_batch_records ||
           lane->queue.bytes >= lane->max_body;
}

int32_t sonde_enqueue(sonde *ctx, sonde_lane *lane, const sonde_item *item) {
    lane->ledger.accepted += item->items;
    bool kept =
        sonde_queue_put(&lane->queue, item, (uint32_t)(uint64_t)ctx->clock,
                        lane->ledger.dropped[SONDE_DROP_QUEUE_FULL]);
    sonde_ledger_sum(lane);
    if (!kept)
        return SONDE_EMIT_DROPPED;
    if (item->band >= SONDE_BAND_ERROR)
        lane->due_seq = lane->queue.seq;
    return item->band >= SONDE_BAND_ERROR || sonde_batch_is_full(ctx, lane)
               ? SONDE_EMIT_DUE
               : SONDE_EMIT_QUEUED;
}

int32_t sonde_emit(sonde *ctx, uint32_t signal, double now,
                   const sonde_record *record) {
    sonde_encoded encoded;
    int32_t status = SONDE_CLOSED;
    if (signal >= SONDE_SIGNAL_METRICS)
        return SONDE_BAD_ARGUMENT;
    sonde_lane *lane = &ctx->lanes[signal];
    uint64_t replaced = lane->ledger.replaced;
    now = sonde_clock_put(ctx, now);
    ctx->encoder.replaced = &lane->ledger.replaced;
    if (!ctx->closing)
        status =
            sonde_encode_record(&ctx->encoder, &encoded, signal, now, record);
    if (status == SONDE_OK && encoded.scope >= ctx->scopes.count)
        status = SONDE_BAD_RECORD;
    if (status != SONDE_OK) {
        if (status != SONDE_BAD_CUT) /* which the host sends again */
            lane->ledger.refused++;
        lane->ledger.replaced = replaced;
        return status;
    }
    sonde_item item = {encoded.data, encoded.size, encoded.scope, encoded.band,
                       1};
    return sonde_enqueue(ctx, lane, &item);
}

/* ---- Ledger ---------------------------------------------------------------
 */

void sonde_ledger_sum(sonde_lane *lane) {
    lane->ledger.queued = lane->queue.items;
    lane->ledger.in_flight = lane->batch.list.items;
}

const sonde_ledger *sonde_ledger_get(const sonde *ctx, uint32_t signal) {
    return &ctx->lanes[signal].ledger;
}

uint64_t sonde_dropped_count(const sonde *ctx, uint32_t signal) {
    const sonde_ledger *ledger = sonde_ledger_get(ctx, signal);
    uint64_t sum = 0;
    for (uint32_t reason = 0; reason < SONDE_LEDGER_REASONS; reason++) {
        for (uint32_t band = 0; band < SONDE_LEDGER_COLUMNS; band++)
            sum += ledger->dropped[reason][band];
    }
    return sum;
}

int32_t sonde_state(const sonde *ctx, uint32_t signal) {
    return ctx->closing ? SONDE_STATE_CLOSED : ctx->lanes[signal].state;
}
