/* The wasm boundary of Prometheus text. Work memory and text have the sizes
 * that requests turn out to need, so memory grows here after the start, unlike
 * elsewhere: hosts look at memory.buffer anew after each call. README.md here
 * describes the calls. */
#include "sonde_prometheus.h"
#include "wasm/memory.h"

#ifdef __wasm__

enum { NO_SCOPE = 1, NO_TARGET_INFO = 2, NO_CREATED = 4, JOB = 8, FLAGS = 15 };
enum { LEAST_INPUT = 4096, MOST_INPUT = 64 * 1024 * 1024, TIMES = 4 };

/* What prometheus_start returns. */
static struct {
    uint8_t *in;
    uint32_t in_size;
    uint8_t *out; /* the text, after prometheus_put */
    char *type;   /* the Content-Type, after prometheus_accept */
    sonde_prometheus_stats stats;
} regions;

static char type[SONDE_PROMETHEUS_TYPE_SIZE];
static sonde_prometheus_options options;
static uint8_t *arena; /* work memory, then text */
static uint32_t arena_size;

/* Makes the arena so large. What nobody took behind it is added to it; else it
 * moves, and where it was is lost. */
static bool reserve(uint64_t size) {
    if (size <= arena_size)
        return true;
    if (size > INT32_MAX)
        return false;
    bool is_last = arena != NULL && sonde_memory_next == arena + arena_size;
    uint32_t padding =
        is_last ? 0 : -(uint32_t)(uintptr_t)sonde_memory_next & 15;
    uint32_t more = (uint32_t)size - (is_last ? arena_size : 0);
    uint8_t *piece = sonde_memory_take(padding + more);
    if (piece == NULL)
        return false;
    if (!is_last)
        arena = piece + padding;
    arena_size = (uint32_t)size;
    return true;
}

int32_t prometheus_start(uint32_t max_input);
int32_t prometheus_start(uint32_t max_input) {
    if (regions.in != NULL)
        return SONDE_BUSY;
    if (max_input < LEAST_INPUT || max_input > MOST_INPUT)
        return SONDE_BAD_ARGUMENT;
    uint8_t *in = sonde_memory_take(max_input);
    if (in == NULL)
        return SONDE_NO_MEMORY;
    regions.in = in;
    regions.in_size = max_input;
    regions.type = type;
    return (int32_t)(uintptr_t)&regions;
}

int32_t prometheus_accept(uint32_t size);
int32_t prometheus_accept(uint32_t size) {
    if (regions.in == NULL || size > regions.in_size)
        return SONDE_BAD_ARGUMENT;
    sonde_prometheus_accept(&options, (const char *)regions.in, size);
    return sonde_prometheus_type(type, sizeof type, &options);
}

static int32_t put(uint32_t size, uint32_t work, uint32_t room) {
    uint8_t *out = room > 0 ? arena + work : NULL;
    regions.out = out;
    return sonde_prometheus_put(out, room, &regions.stats, &options, regions.in,
                                size, arena, work);
}

int32_t prometheus_put(uint32_t size, uint32_t strategy, uint32_t flags);
int32_t prometheus_put(uint32_t size, uint32_t strategy, uint32_t flags) {
    if (regions.in == NULL || size > regions.in_size || flags > FLAGS)
        return SONDE_BAD_ARGUMENT;
    options.strategy = strategy;
    options.no_scope = flags & NO_SCOPE;
    options.no_target_info = flags & NO_TARGET_INFO;
    options.no_created = flags & NO_CREATED;
    options.job = flags & JOB;
    int32_t need = sonde_prometheus_work(&options, regions.in, size);
    if (need < 0)
        return need;
    uint32_t work = ((uint32_t)need + 15) & ~UINT32_C(15);
    if (!reserve((uint64_t)work + TIMES * (uint64_t)size + LEAST_INPUT))
        return SONDE_NO_MEMORY;
    int32_t used = put(size, work, arena_size - work);
    if (used != SONDE_NO_SPACE)
        return used;
    used = put(size, work, 0);
    if (used < 0)
        return used;
    if (!reserve((uint64_t)work + (uint32_t)used))
        return SONDE_NO_MEMORY;
    return put(size, work, (uint32_t)used);
}

#endif
