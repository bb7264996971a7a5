/* The wasm boundary of telemetry: one context per instance, in globals.
 * README.md here describes each call and region. */
#include "context.h"
#include "record/record.h"
#include "sonde.h"
#include "sonde_metrics.h"
#include "sonde_trace.h"
#include "wasm/memory.h"

#ifdef __wasm__

extern uint8_t __heap_base; /* set by the linker, aligned */
uint8_t *sonde_memory_next = &__heap_base;

enum { OUT_BYTES = 1024 };
enum { WORDS = SONDE_HEADER_WORDS + SONDE_NODE_WORDS * SONDE_MAX_NODES };

static _Alignas(16) uint32_t words[WORDS];
static _Alignas(16) uint8_t out[OUT_BYTES];

/* What wasm_start returns. */
static struct {
    uint8_t *text;
    uint32_t text_size;
    uint32_t *words;
    uint32_t max_nodes;
    uint8_t *out;
    uint32_t out_size;
} regions = {.words = words,
             .max_nodes = SONDE_MAX_NODES,
             .out = out,
             .out_size = OUT_BYTES};

static sonde_config config = {
#define SONDE_OPTION(name, value, least, most, unit, text) .name = value,
#include "sonde_options.def"
#undef SONDE_OPTION
};

static sonde_record record = {.words = words, .word_count = WORDS};

static sonde *ctx; /* NULL until wasm_start */

static sonde_sampler sampler;

int32_t wasm_option(uint32_t id, double value);
int32_t wasm_option(uint32_t id, double value) {
    if (ctx != NULL)
        return SONDE_BUSY;
    return sonde_config_put(&config, id, value);
}

/* The context, and the text behind it. */
int32_t wasm_start(double now, uint32_t seed);
int32_t wasm_start(double now, uint32_t seed) {
    if (ctx != NULL)
        return SONDE_BUSY;
    int32_t size = sonde_size(&config);
    if (size < 0)
        return size;
    uint8_t *memory =
        sonde_memory_take((uint32_t)size + config.max_record_bytes);
    if (memory == NULL)
        return SONDE_NO_MEMORY;
    uint8_t *text = memory + size;
    sonde *mem = (sonde *)(void *)memory;
    int32_t status = sonde_init(mem, (size_t)size, &config, now, seed);
    if (status < 0)
        return status;
    regions.text = text;
    regions.text_size = config.max_record_bytes;
    record.text = text;
    record.text_size = config.max_record_bytes;
    ctx = mem;
    return (int32_t)(uintptr_t)&regions;
}

/* Calls before wasm_start find no context. */
#define STARTED()                                                              \
    do {                                                                       \
        if (ctx == NULL)                                                       \
            return SONDE_BAD_ARGUMENT;                                         \
    } while (0)

/* True if these lengths, which follow each other, lie in the text region. */
static bool in_text(uint32_t a, uint32_t b) {
    return (uint64_t)a + b <= regions.text_size;
}

int32_t wasm_resource(void);
int32_t wasm_resource(void) {
    STARTED();
    return sonde_resource_put(ctx, &record);
}

int32_t wasm_key(uint32_t size);
int32_t wasm_key(uint32_t size) {
    STARTED();
    if (!in_text(size, 0))
        return SONDE_BAD_ARGUMENT;
    return sonde_key_put(ctx, (const char *)regions.text, size);
}

int32_t wasm_scope(uint32_t name, uint32_t version);
int32_t wasm_scope(uint32_t name, uint32_t version) {
    STARTED();
    if (!in_text(name, version))
        return SONDE_BAD_ARGUMENT;
    const char *text = (const char *)regions.text;
    return sonde_scope_put(ctx, text, name, text + name, version);
}

int32_t wasm_emit(uint32_t signal, double now);
int32_t wasm_emit(uint32_t signal, double now) {
    STARTED();
    return sonde_emit(ctx, signal, now, &record);
}

/* Bounds come where the nodes of a record do; name, description and unit
 * follow each other in the text. */
int32_t wasm_meter(double now, uint32_t what, uint32_t name,
                   uint32_t description, uint32_t unit, uint32_t bounds);
int32_t wasm_meter(double now, uint32_t what, uint32_t name,
                   uint32_t description, uint32_t unit, uint32_t bounds) {
    STARTED();
    const uint8_t *text = regions.text;
    if (!in_text(name, description) || !in_text(name + description, unit))
        return SONDE_BAD_ARGUMENT;
    sonde_instrument it = {
        what,
        {{text, name, false},
         {text + name, description, false},
         {text + name + description, unit, false}},
        (const double *)(const void *)(words + SONDE_HEADER_WORDS),
        bounds};
    return sonde_meter_put(ctx, now, &it);
}

int32_t wasm_series(double now, uint32_t instrument);
int32_t wasm_series(double now, uint32_t instrument) {
    STARTED();
    return sonde_meter_series(ctx, now, instrument, &record);
}

int32_t wasm_measure(uint32_t handle, double value);
int32_t wasm_measure(uint32_t handle, double value) {
    STARTED();
    return sonde_meter_add(ctx, handle, value);
}

/* 48 digits are in the text if `sampled`. */
int32_t wasm_span(double now, uint32_t sampled);
int32_t wasm_span(double now, uint32_t sampled) {
    STARTED();
    return sonde_meter_span(ctx, now, sampled ? regions.text : NULL);
}

int32_t wasm_collect(double now);
int32_t wasm_collect(double now) {
    STARTED();
    sonde_collect(ctx, now);
    return SONDE_OK;
}

/* The request is where a body would be: at wasm_scraped. */
int32_t wasm_scrape(double now);
int32_t wasm_scrape(double now) {
    STARTED();
    ctx->body_lane = NULL;
    return sonde_scrape(ctx, now, ctx->body, ctx->config.max_batch_bytes);
}

int32_t wasm_scraped(void);
int32_t wasm_scraped(void) {
    STARTED();
    return (int32_t)(uintptr_t)ctx->body;
}

/* The sampler's tracestate is in `out`; its length is returned. */
int32_t wasm_sampler(double probability);
int32_t wasm_sampler(double probability) {
    STARTED();
    int32_t status =
        sonde_sampler_init(&sampler, probability, SONDE_SAMPLER_PRECISION);
    if (status < 0)
        return status;
    memcpy(out, sampler.text, sampler.text_size);
    return (int32_t)sampler.text_size;
}

/* sonde_sampler_keeps, of the last eight bytes of a trace id: the first of them
 * does not count. */
int32_t wasm_sample(uint32_t high, uint32_t low);
int32_t wasm_sample(uint32_t high, uint32_t low) {
    STARTED();
    return ((uint64_t)high << 40 >> 8 | low) >= sampler.threshold;
}

/* A traceparent and a tracestate follow each other in the text. Returns the
 * flags, + 256 times the length of the tracestate to be kept, which is in
 * `out`. */
int32_t wasm_extract(uint32_t parent, uint32_t state);
int32_t wasm_extract(uint32_t parent, uint32_t state) {
    STARTED();
    sonde_span_context context;
    char *text = (char *)regions.text;
    if (!in_text(parent, state))
        return SONDE_BAD_ARGUMENT;
    int32_t status = sonde_traceparent_get(&context, text, parent);
    if (status < 0)
        return status;
    text += parent;
    int32_t size = sonde_tracestate_get(text, regions.text_size - parent,
                                        &context, text, state);
    if (size > 0)
        memcpy(out, text, (uint32_t)size);
    return context.flags + (size > 0 ? size << 8 : 0);
}

int32_t wasm_flush(uint32_t signal, double now, uint32_t limit);
int32_t wasm_flush(uint32_t signal, double now, uint32_t limit) {
    STARTED();
    return sonde_flush(ctx, signal, now, limit);
}

int32_t wasm_next(uint32_t signal, double now);
int32_t wasm_next(uint32_t signal, double now) {
    STARTED();
    return sonde_next(ctx, signal, now, (sonde_action *)(void *)out);
}

int32_t wasm_done(uint32_t signal, double now, uint32_t id, int32_t status,
                  double retry_after, double rejected);
int32_t wasm_done(uint32_t signal, double now, uint32_t id, int32_t status,
                  double retry_after, double rejected) {
    STARTED();
    sonde_answer answer = {status, retry_after, rejected};
    return sonde_done(ctx, signal, now, id, &answer);
}

int32_t wasm_enable(double now);
int32_t wasm_enable(double now) {
    STARTED();
    return sonde_enable(ctx, now);
}

int32_t wasm_close(double now);
int32_t wasm_close(double now) {
    STARTED();
    return sonde_close(ctx, now);
}

int32_t wasm_abandon(void);
int32_t wasm_abandon(void) {
    STARTED();
    return sonde_abandon(ctx);
}

int32_t wasm_stats(uint32_t signal);
int32_t wasm_stats(uint32_t signal) {
    STARTED();
    if (signal >= SONDE_SIGNAL_COUNT)
        return SONDE_BAD_ARGUMENT;
    /* The ledger is nothing but 64-bit counters, in the order of its fields. */
    const uint64_t *counters = (const uint64_t *)sonde_ledger_get(ctx, signal);
    uint32_t count = sizeof(sonde_ledger) / sizeof *counters;
    double *to = (double *)(void *)out;
    *to++ = sonde_state(ctx, signal);
    for (uint32_t i = 0; i < count; i++)
        *to++ = (double)counters[i];
    return (int32_t)count + 1;
}

#endif
