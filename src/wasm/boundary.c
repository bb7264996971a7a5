/* The wasm boundary: the only file with globals, one context per instance.
 * README.md here describes each call and region. */
#include "context.h"
#include "record/record.h"
#include "sonde.h"

#ifdef __wasm__

extern uint8_t __heap_base; /* set by the linker */

enum { PAGE = 65536, OUT_BYTES = 1024, ALIGN = 16 };

/* What wasm_start returns. */
typedef struct {
    uint8_t *text;
    uint32_t text_size;
    uint8_t *words;
    uint32_t max_nodes;
    uint8_t *out;
    uint32_t out_size;
} region_table;

static struct {
    bool configured;
    sonde_config config;
    region_table regions;
    sonde_record record;
    sonde *ctx; /* NULL until wasm_start */
} the;

static sonde_config *config(void) {
    if (!the.configured)
        sonde_config_init(&the.config);
    the.configured = true;
    return &the.config;
}

int32_t wasm_option(uint32_t id, double value);
int32_t wasm_option(uint32_t id, double value) {
    if (the.ctx != NULL)
        return SONDE_BUSY;
    return sonde_config_put(config(), id, value);
}

static uint32_t aligned(uint32_t size) {
    return (size + ALIGN - 1) & ~(uint32_t)(ALIGN - 1);
}

/* Memory grows here, once; a failure leaves everything as it was. */
static uint8_t *reserve(uint32_t size) {
    uint32_t start = aligned((uint32_t)(uintptr_t)&__heap_base);
    uint64_t have = (uint64_t)__builtin_wasm_memory_size(0) * PAGE;
    uint64_t need = (uint64_t)start + size;
    if (need > have) {
        uint32_t pages = (uint32_t)((need - have + PAGE - 1) / PAGE);
        if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1)
            return NULL;
    }
    return (uint8_t *)(uintptr_t)start;
}

int32_t wasm_start(double now, uint32_t seed);
int32_t wasm_start(double now, uint32_t seed) {
    if (the.ctx != NULL)
        return SONDE_BUSY;
    int32_t size = sonde_size(config());
    if (size < 0)
        return size;
    region_table r = {.text_size = the.config.max_record_bytes,
                      .max_nodes = SONDE_MAX_NODES,
                      .out_size = OUT_BYTES};
    uint32_t words = 4 * SONDE_HEADER_WORDS + 16 * SONDE_MAX_NODES;
    uint8_t *at =
        reserve(aligned(r.text_size) + words + OUT_BYTES + (uint32_t)size);
    if (at == NULL)
        return SONDE_NO_MEMORY;
    r.text = at;
    r.words = r.text + aligned(r.text_size);
    r.out = r.words + words;
    sonde *ctx = (sonde *)(void *)(r.out + OUT_BYTES);
    int32_t status = sonde_init(ctx, (size_t)size, &the.config, now, seed);
    if (status < 0)
        return status;
    the.regions = r;
    the.record = (sonde_record){
        .words = (const uint32_t *)(const void *)r.words,
        .word_count = words / 4,
        .text = r.text,
        .text_size = r.text_size,
    };
    the.ctx = ctx;
    return (int32_t)(uintptr_t)&the.regions;
}

/* Calls before wasm_start find no context. */
#define STARTED()                                                              \
    do {                                                                       \
        if (the.ctx == NULL)                                                   \
            return SONDE_BAD_ARGUMENT;                                         \
    } while (0)

/* True if these lengths, which follow each other, lie in the text region. */
static bool in_text(uint32_t a, uint32_t b) {
    return (uint64_t)a + b <= the.regions.text_size;
}

int32_t wasm_resource(void);
int32_t wasm_resource(void) {
    STARTED();
    return sonde_resource_put(the.ctx, &the.record);
}

int32_t wasm_key(uint32_t size);
int32_t wasm_key(uint32_t size) {
    STARTED();
    if (!in_text(size, 0))
        return SONDE_BAD_ARGUMENT;
    return sonde_key_put(the.ctx, (const char *)the.regions.text, size);
}

int32_t wasm_scope(uint32_t name, uint32_t version);
int32_t wasm_scope(uint32_t name, uint32_t version) {
    STARTED();
    if (!in_text(name, version))
        return SONDE_BAD_ARGUMENT;
    const char *text = (const char *)the.regions.text;
    return sonde_scope_put(the.ctx, text, name, text + name, version);
}

int32_t wasm_emit(double now);
int32_t wasm_emit(double now) {
    STARTED();
    return sonde_emit(the.ctx, now, &the.record);
}

int32_t wasm_flush(double now, uint32_t limit);
int32_t wasm_flush(double now, uint32_t limit) {
    STARTED();
    return sonde_flush(the.ctx, now, limit);
}

int32_t wasm_next(double now);
int32_t wasm_next(double now) {
    STARTED();
    return sonde_next(the.ctx, now, (sonde_action *)(void *)the.regions.out);
}

int32_t wasm_done(double now, uint32_t id, int32_t status, double retry_after,
                  double rejected);
int32_t wasm_done(double now, uint32_t id, int32_t status, double retry_after,
                  double rejected) {
    STARTED();
    sonde_answer answer = {status, retry_after, rejected};
    return sonde_done(the.ctx, now, id, &answer);
}

int32_t wasm_enable(double now);
int32_t wasm_enable(double now) {
    STARTED();
    return sonde_enable(the.ctx, now);
}

int32_t wasm_close(double now);
int32_t wasm_close(double now) {
    STARTED();
    return sonde_close(the.ctx, now);
}

int32_t wasm_abandon(void);
int32_t wasm_abandon(void) {
    STARTED();
    return sonde_abandon(the.ctx);
}

int32_t wasm_stats(void);
int32_t wasm_stats(void) {
    STARTED();
    /* The ledger is nothing but 64-bit counters, in the order of its fields. */
    const uint64_t *counters = (const uint64_t *)sonde_ledger_get(the.ctx);
    uint32_t count = sizeof(sonde_ledger) / sizeof *counters;
    double *out = (double *)(void *)the.regions.out;
    *out++ = sonde_state(the.ctx);
    for (uint32_t i = 0; i < count; i++)
        *out++ = (double)counters[i];
    return (int32_t)count + 1;
}

#endif
