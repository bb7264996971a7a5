/* What the fuzz targets share. A broken promise aborts. */
#ifndef FUZZ_H
#define FUZZ_H

#include "core/json.h"
#include "core/text.h"
#include "sonde.h"
#include "wasm/layout.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PROMISE(x)                                                             \
    do {                                                                       \
        if (!(x)) {                                                            \
            fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, \
                    #x);                                                       \
            abort();                                                           \
        }                                                                      \
    } while (0)

/* A copy that ends exactly where its memory ends. */
static inline void *fuzz_exact(const void *data, size_t size) {
    void *copy = malloc(size > 0 ? size : 1);
    PROMISE(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

static inline bool fuzz_is_utf8(const uint8_t *text, size_t size) {
    uint64_t replaced = 0;
    (void)sonde_text_copy(NULL, text, size, &replaced);
    return replaced == 0;
}

/* accepted = delivered + dropped + queued + in flight, of each signal */
static inline void fuzz_law(const sonde *ctx) {
    for (uint32_t signal = 0; signal < SONDE_SIGNAL_COUNT; signal++) {
        const sonde_ledger *l = sonde_ledger_get(ctx, signal);
        PROMISE(l->accepted == l->delivered + sonde_dropped_count(ctx, signal) +
                                   l->queued + l->in_flight);
    }
}

/* True if it is JSON; what is nested deeper than our reader goes counts. */
static inline bool fuzz_is_json(const uint8_t *text, size_t size) {
    sonde_json json;
    sonde_json_init(&json, text, size);
    for (;;) {
        sonde_json_token token = sonde_json_next(&json);
        if (token == SONDE_JSON_END)
            return true;
        if (token == SONDE_JSON_ERROR)
            return json.depth == SONDE_JSON_DEPTH;
    }
}

/* A context with this configuration, in memory of its own size. */
static inline sonde *fuzz_open(const sonde_config *config) {
    int32_t size = sonde_size(config);
    PROMISE(size > 0);
    void *mem = malloc((size_t)size);
    PROMISE(mem != NULL && (uintptr_t)mem % 16 == 0);
    PROMISE(sonde_init(mem, (size_t)size, config, 1.7e12, 1) == SONDE_OK);
    return mem;
}

/* A good record: 0 is a severity, too. */
static inline int32_t fuzz_log(sonde *ctx, double now, uint32_t severity,
                               size_t size) {
    static uint8_t text[4096];
    uint32_t words[20] = {1, (uint32_t)size, SONDE_FLAG_BYTES | SONDE_FLAG_NOW,
                          severity};
    memset(text, 'x', sizeof text);
    words[16] = SONDE_TYPE_STRING;
    words[18] = (uint32_t)size;
    sonde_record record = {words, 20, text, size};
    return sonde_emit(ctx, SONDE_SIGNAL_LOGS, now, &record);
}

#endif
