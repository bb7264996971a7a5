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

static uint32_t resource_room(const sonde_config *config) {
    uint32_t room = config->max_batch_bytes / 4;
    return room < RESOURCE_BYTES ? room : RESOURCE_BYTES;
}

/* The regions behind the context, in this order. */
enum { SEEN, KEYS, SCOPES, RESOURCE, BODY, SCRATCH, QUEUE, REGIONS };

/* Fills in where each region starts, and where the last one ends. */
static uint32_t place_regions(uint32_t at[REGIONS],
                              const sonde_config *config) {
    const uint32_t sizes[REGIONS] = {
        [SEEN] = SONDE_MAX_NODES * sizeof(sonde_seen),
        [KEYS] = KEY_BYTES,
        [SCOPES] = SCOPE_BYTES,
        [RESOURCE] = resource_room(config),
        [BODY] = config->max_batch_bytes,
        [SCRATCH] = config->max_record_bytes + SCRATCH_EXTRA,
        [QUEUE] = sonde_queue_size(config->max_queue_records,
                                   config->max_queue_bytes),
    };
    uint32_t end = sizeof(sonde);
    for (uint32_t i = 0; i < REGIONS; i++) {
        at[i] = (end + ALIGN - 1) & ~(uint32_t)(ALIGN - 1);
        end = at[i] + sizes[i];
    }
    return end;
}

int32_t sonde_size(const sonde_config *config) {
    uint32_t at[REGIONS];
    if (!config_fits(config))
        return SONDE_BAD_OPTION;
    return (int32_t)place_regions(at, config); /* the ranges bound it */
}

static void carve_regions(sonde *ctx) {
    uint32_t at[REGIONS];
    uint8_t *mem = (uint8_t *)ctx;
    const sonde_config *config = &ctx->config;
    place_regions(at, config);
    sonde_intern_init(&ctx->keys, mem + at[KEYS], KEY_BYTES,
                      SONDE_INTERN_MAX - 1);
    sonde_intern_init(&ctx->scopes, mem + at[SCOPES], SCOPE_BYTES,
                      SONDE_INTERN_MAX);
    sonde_queue_init(&ctx->queue, mem + at[QUEUE], config->max_queue_records,
                     config->max_queue_bytes);
    ctx->body = mem + at[BODY];
    ctx->resource = mem + at[RESOURCE];
    ctx->resource_room = resource_room(config);
    ctx->encoder = (sonde_encoder){
        .keys = &ctx->keys,
        .max_attributes = config->max_attributes,
        .max_value_length = config->max_value_length,
        .max_text = config->max_record_bytes,
        .seen = (sonde_seen *)(void *)(mem + at[SEEN]),
        .scratch = mem + at[SCRATCH],
        .scratch_size = config->max_record_bytes + SCRATCH_EXTRA,
        .replaced = &ctx->ledger.replaced,
    };
    ctx->framer = (sonde_framer){
        .queue = &ctx->queue,
        .scopes = &ctx->scopes,
        .resource = ctx->resource,
        .scratch = mem + at[SCRATCH],
        .scratch_size = ctx->encoder.scratch_size,
        .json = config->encoding == 1,
    };
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
    mem->refused = mem->max_body + 1;
    sonde_clock_put(mem, now);
    mem->clock = 0;
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

/* Texts that hosts intern are small; they are made well-formed on the way. */
static void put_text_field(sonde *ctx, sonde_writer *w, uint8_t tag,
                           const char *text, size_t size) {
    const uint8_t *bytes = (const uint8_t *)text;
    uint64_t *replaced = &ctx->ledger.replaced, counted = 0;
    size_t sane = sonde_text_copy(NULL, bytes, size, replaced);
    if (sane + 4 > w->size - w->used) {
        w->status = SONDE_NO_SPACE;
        return;
    }
    sonde_writer_byte(w, tag);
    sonde_writer_varint(w, sane);
    w->used += sonde_text_copy(w->data + w->used, bytes, size, &counted);
}

int32_t sonde_key_put(sonde *ctx, const char *key, size_t size) {
    uint8_t entry[3 * MAX_KEY + 8];
    sonde_writer w = {entry, sizeof entry, 0, SONDE_OK};
    if (size == 0 || size > MAX_KEY)
        return SONDE_BAD_ARGUMENT;
    put_text_field(ctx, &w, 0x0A, key, size);
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

int32_t sonde_resource_put(sonde *ctx, const sonde_record *record) {
    sonde_encoded out;
    int32_t status = sonde_encode_resource(&ctx->encoder, &out, record);
    if (status != SONDE_OK)
        return status;
    if (out.size > ctx->resource_room)
        return SONDE_TOO_LARGE;
    memcpy(ctx->resource, out.data, out.size);
    ctx->framer.resource_size = out.size;
    if (!ctx->batch.on_wire)
        ctx->batch.body_size = 0; /* a waiting body gets the new one */
    return SONDE_OK;
}

/* ---- Records ------------------------------------------------------------- */

static bool batch_is_due(const sonde *ctx) {
    return ctx->queue.count >= ctx->config.max_batch_records ||
           ctx->queue.bytes >= ctx->max_body;
}

static int32_t enqueue(sonde *ctx, const sonde_encoded *encoded) {
    uint32_t band = sonde_severity_band(encoded->severity);
    ctx->ledger.accepted++;
    bool kept =
        sonde_queue_put(&ctx->queue, encoded->data, encoded->size,
                        encoded->scope, band, (uint32_t)(uint64_t)ctx->clock,
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
    sonde_encoded encoded;
    int32_t status = SONDE_CLOSED;
    uint64_t replaced = ctx->ledger.replaced;
    now = sonde_clock_put(ctx, now);
    if (!ctx->closing)
        status = sonde_encode_log(&ctx->encoder, &encoded, now, record);
    if (status == SONDE_OK && encoded.scope >= ctx->scopes.count)
        status = SONDE_BAD_RECORD;
    if (status != SONDE_OK) {
        if (status != SONDE_BAD_CUT) /* which the host sends again */
            ctx->ledger.refused++;
        ctx->ledger.replaced = replaced;
        return status;
    }
    return enqueue(ctx, &encoded);
}

/* ---- Ledger ---------------------------------------------------------------
 */

void sonde_ledger_sum(sonde *ctx) {
    ctx->ledger.queued = ctx->queue.count;
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
