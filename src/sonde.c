/* Owns the context's memory and the way of a record into the queue. The step
 * loop is in deliver/deliver.c. */
#include "sonde.h"
#include "context.h"
#include "core/text.h"
#include "otlp/severity.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Sonde reads host records and writes fixed fields little-endian"
#endif

enum {
    KEY_BYTES = 8192,
    SCOPE_BYTES = 16384,
    RESOURCE_BYTES = 8192,
    MAX_KEY = 255,
    SCRATCH_EXTRA = 256, /* the tags of a record with no room to spare */
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

typedef struct {
    uint32_t value, least, most;
} option_range;

static const option_range RANGES[SONDE_OPTION_COUNT] = {
#define SONDE_OPTION(name, value, least, most, unit, text) {value, least, most},
#include "sonde_options.def"
#undef SONDE_OPTION
};

void sonde_config_init(sonde_config *config) {
    uint32_t *fields = (uint32_t *)config;
    for (uint32_t id = 0; id < SONDE_OPTION_COUNT; id++)
        fields[id] = RANGES[id].value;
}

int32_t sonde_config_put(sonde_config *config, uint32_t id, double value) {
    if (id >= SONDE_OPTION_COUNT ||
        !(value >= RANGES[id].least && value <= RANGES[id].most) ||
        (double)(uint32_t)value != value)
        return SONDE_BAD_OPTION;
    ((uint32_t *)config)[id] = (uint32_t)value;
    return SONDE_OK;
}

static bool config_fits(const sonde_config *config) {
    const uint32_t *fields = (const uint32_t *)config;
    for (uint32_t id = 0; id < SONDE_OPTION_COUNT; id++) {
        if (fields[id] < RANGES[id].least || fields[id] > RANGES[id].most)
            return false;
    }
    return true;
}

/* ---- Memory ------------------------------------------------------------ */

static uint64_t aligned(uint64_t size) {
    return (size + ALIGN - 1) & ~(uint64_t)(ALIGN - 1);
}

static uint32_t resource_room(const sonde_config *config) {
    uint32_t room = config->max_batch_bytes / 4;
    return room < RESOURCE_BYTES ? room : RESOURCE_BYTES;
}

int32_t sonde_size(const sonde_config *config) {
    if (!config_fits(config))
        return SONDE_BAD_OPTION;
    uint64_t size =
        aligned(sizeof(sonde)) + KEY_BYTES + SCOPE_BYTES +
        aligned(SONDE_MAX_NODES * sizeof(sonde_seen)) +
        aligned(resource_room(config)) + aligned(config->max_batch_bytes) +
        aligned((uint64_t)config->max_record_bytes + SCRATCH_EXTRA) +
        sonde_queue_size(config->max_queue_records, config->max_queue_bytes);
    return (int32_t)size; /* the ranges keep it far below 2^31 */
}

static uint8_t *carve(uint8_t **at, uint64_t size) {
    uint8_t *start = *at;
    *at += aligned(size);
    return start;
}

static void carve_regions(sonde *ctx) {
    const sonde_config *config = &ctx->config;
    uint8_t *at = (uint8_t *)ctx;
    carve(&at, sizeof(sonde));
    sonde_intern_init(&ctx->keys, carve(&at, KEY_BYTES), KEY_BYTES);
    sonde_intern_init(&ctx->scopes, carve(&at, SCOPE_BYTES), SCOPE_BYTES);
    ctx->seen = (sonde_seen *)(void *)carve(
        &at, SONDE_MAX_NODES * sizeof(sonde_seen));
    ctx->resource_room = resource_room(config);
    ctx->resource = carve(&at, ctx->resource_room);
    ctx->body = carve(&at, config->max_batch_bytes);
    ctx->scratch_size = config->max_record_bytes + SCRATCH_EXTRA;
    ctx->scratch = carve(&at, ctx->scratch_size);
    sonde_queue_init(&ctx->queue, at, config->max_queue_records,
                     config->max_queue_bytes);
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
    sonde_retry_init(&mem->retry, seed);
    sonde_list_clear(&mem->batch.list);
    mem->max_body = config->max_batch_bytes;
    sonde_clock_put(mem, now);
    mem->clock = 0;
    int32_t unnamed = sonde_scope_put(mem, "", 0, "", 0);
    return unnamed < 0 ? unnamed : SONDE_OK;
}

double sonde_clock_put(sonde *ctx, double now) {
    if (!(now >= 0 && now < 1e16))
        now = ctx->now;
    if (now > ctx->now)
        ctx->clock += now - ctx->now;
    ctx->now = now;
    return now;
}

/* ---- Keys, scopes, resource --------------------------------------------- */

/* Texts that hosts intern are small; they are made well-formed on the way. */
static void put_text_field(sonde *ctx, sonde_writer *w, uint8_t tag,
                           const char *text, size_t size) {
    const uint8_t *bytes = (const uint8_t *)text;
    size_t sane = sonde_text_size(bytes, size, &ctx->ledger.replaced);
    if (sane + 4 > w->size - w->used) {
        w->status = SONDE_NO_SPACE;
        return;
    }
    sonde_writer_byte(w, tag);
    sonde_writer_varint(w, sane);
    sonde_text_copy(w->data + w->used, bytes, size);
    w->used += sane;
}

int32_t sonde_key_put(sonde *ctx, const char *key, size_t size) {
    uint8_t entry[3 * MAX_KEY + 8];
    sonde_writer w = {entry, sizeof entry, 0, SONDE_OK};
    if (size == 0 || size > MAX_KEY)
        return SONDE_BAD_ARGUMENT;
    put_text_field(ctx, &w, 0x0A, key, size);
    /* Ids start at 1, so the table of 256 has one place too many. */
    if (ctx->keys.count == SONDE_INTERN_MAX - 1)
        return SONDE_TABLE_FULL;
    int32_t id = sonde_intern_put(&ctx->keys, entry, (uint32_t)w.used);
    return id < 0 ? id : id + 1;
}

int32_t sonde_scope_put(sonde *ctx, const char *name, size_t name_size,
                        const char *version, size_t version_size) {
    uint8_t entry[512];
    sonde_writer w = {entry, sizeof entry, 0, SONDE_OK};
    if (name_size > 0)
        put_text_field(ctx, &w, 0x0A, name, name_size);
    if (version_size > 0)
        put_text_field(ctx, &w, 0x12, version, version_size);
    if (w.status != SONDE_OK)
        return SONDE_TOO_LARGE;
    return sonde_intern_put(&ctx->scopes, entry, (uint32_t)w.used);
}

static sonde_encoder encoder_of(sonde *ctx) {
    sonde_encoder encoder = {
        .keys = &ctx->keys,
        .max_attributes = ctx->config.max_attributes,
        .max_value_length = ctx->config.max_value_length,
        .max_text = ctx->config.max_record_bytes,
        .seen = ctx->seen,
        .scratch = ctx->scratch,
        .scratch_size = ctx->scratch_size,
        .replaced = &ctx->ledger.replaced,
    };
    return encoder;
}

int32_t sonde_resource_put(sonde *ctx, const sonde_record *record) {
    sonde_encoder encoder = encoder_of(ctx);
    sonde_encoded out;
    encoder.max_value_length = 0;
    int32_t status = sonde_encode_resource(&encoder, &out, record);
    if (status != SONDE_OK)
        return status;
    if (out.size > ctx->resource_room)
        return SONDE_TOO_LARGE;
    memcpy(ctx->resource, out.data, out.size);
    ctx->resource_size = out.size;
    if (!ctx->batch.on_wire)
        ctx->batch.body_size = 0; /* a waiting body gets the new one */
    return SONDE_OK;
}

/* ---- Records ------------------------------------------------------------- */

static bool batch_is_due(const sonde *ctx) {
    return sonde_queue_count(&ctx->queue) >= ctx->config.max_batch_records ||
           ctx->queue.bytes >= ctx->max_body;
}

static int32_t enqueue(sonde *ctx, const sonde_encoded *encoded) {
    uint32_t band = sonde_severity_band(encoded->severity);
    ctx->ledger.accepted++;
    bool kept = sonde_queue_put(
        &ctx->queue, encoded->data, encoded->size, encoded->scope, band,
        (uint32_t)(uint64_t)ctx->clock,
        ctx->ledger.dropped[SONDE_DROP_QUEUE_FULL]);
    sonde_ledger_sum(ctx);
    if (!kept)
        return SONDE_EMIT_DROPPED;
    if (band >= SONDE_BAND_ERROR)
        ctx->due_seq = ctx->queue.seq;
    return band >= SONDE_BAND_ERROR || batch_is_due(ctx) ? SONDE_EMIT_DUE
                                                         : SONDE_EMIT_QUEUED;
}

int32_t sonde_emit(sonde *ctx, double now, const sonde_record *record) {
    sonde_encoder encoder = encoder_of(ctx);
    sonde_encoded encoded;
    int32_t status = SONDE_CLOSED;
    now = sonde_clock_put(ctx, now);
    if (!ctx->closing)
        status = sonde_encode_log(&encoder, &encoded, now, record);
    if (status == SONDE_OK && encoded.scope >= ctx->scopes.count)
        status = SONDE_BAD_RECORD;
    if (status != SONDE_OK) {
        if (status != SONDE_BAD_CUT) /* which the host sends again */
            ctx->ledger.refused++;
        return status;
    }
    return enqueue(ctx, &encoded);
}

/* ---- Ledger --------------------------------------------------------------- */

void sonde_ledger_sum(sonde *ctx) {
    ctx->ledger.queued = sonde_queue_count(&ctx->queue);
    ctx->ledger.in_flight = ctx->batch.list.count;
}

const sonde_ledger *sonde_ledger_get(const sonde *ctx) { return &ctx->ledger; }

uint64_t sonde_dropped_count(const sonde *ctx) {
    uint64_t sum = 0;
    for (uint32_t reason = 0; reason < SONDE_LEDGER_REASONS; reason++) {
        for (uint32_t band = 0; band < SONDE_LEDGER_COLUMNS; band++)
            sum += ctx->ledger.dropped[reason][band];
    }
    return sum;
}

int32_t sonde_state(const sonde *ctx) {
    return ctx->closing ? SONDE_STATE_CLOSED : ctx->state;
}
