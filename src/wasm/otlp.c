/* The wasm boundary of OTLP requests that others have made: one workspace per
 * instance, in globals. README.md here describes each call and region. */
#include "sonde_otlp.h"
#include "wasm/memory.h"

#ifdef __wasm__

enum { FLAG_CHECK = 1 };

/* JSON from protobuf takes about three times as much; with the input that is
 * four times the largest request. */
enum { OUT_FACTOR = 3, OUT_LEAST = 4096, MOST_INPUT = 1 << 28 };

static sonde_otlp_report report;

/* What otlp_start returns. */
static struct {
    uint8_t *in;
    uint32_t in_size;
    uint8_t *out;
    uint32_t out_size;
    sonde_otlp_report *report;
} regions = {.report = &report};

static sonde_otlp_limits limits = {
#define SONDE_OTLP_LIMIT(name, value, least, most, unit, text) .name = value,
#include "otlp_limits.def"
#undef SONDE_OTLP_LIMIT
};

static sonde_otlp *work; /* NULL until otlp_start */

int32_t otlp_limit(uint32_t id, double value);
int32_t otlp_limit(uint32_t id, double value) {
    return sonde_otlp_limits_put(&limits, id, value);
}

int32_t otlp_start(uint32_t max_input);
int32_t otlp_start(uint32_t max_input) {
    if (work != NULL)
        return SONDE_BUSY;
    if (max_input == 0 || max_input > MOST_INPUT)
        return SONDE_BAD_ARGUMENT;
    uint32_t padding = -(uint32_t)(uintptr_t)sonde_memory_next & 15;
    uint32_t size = ((uint32_t)sonde_otlp_size() + 15) & ~UINT32_C(15);
    uint32_t in_size = (max_input + 15) & ~UINT32_C(15);
    uint32_t out_size = OUT_FACTOR * in_size + OUT_LEAST;
    uint8_t *memory = sonde_memory_take(padding + size + in_size + out_size);
    if (memory == NULL)
        return SONDE_NO_MEMORY;
    limits.max_input = max_input;
    work = (sonde_otlp *)(void *)(memory + padding);
    regions.in = memory + padding + size;
    regions.in_size = in_size;
    regions.out = regions.in + in_size;
    regions.out_size = out_size;
    return (int32_t)(uintptr_t)&regions;
}

int32_t otlp_transcode(int32_t signal, uint32_t from, uint32_t to,
                       uint32_t size, uint32_t flags);
int32_t otlp_transcode(int32_t signal, uint32_t from, uint32_t to,
                       uint32_t size, uint32_t flags) {
    if (work == NULL || size > regions.in_size)
        return SONDE_BAD_ARGUMENT;
    uint8_t *out = flags & FLAG_CHECK ? NULL : regions.out;
    return sonde_otlp_transcode(work, &report, out, regions.out_size, to,
                                signal, from, regions.in, size, &limits);
}

#endif
