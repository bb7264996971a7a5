/* An instance with its configuration; see sonde_host.h. */
#ifndef SONDE_GUEST_INTERNAL_H
#define SONDE_GUEST_INTERNAL_H

#include "host.h"

/* A part of the instance's memory. */
typedef struct {
    uint32_t at;
    uint32_t size;
} sonde_region;

struct sonde_guest {
    sonde_host *host;
    sonde_guest_config config; /* its texts lie in `texts` */
    char *texts;
    size_t texts_size;
    wasmtime_store_t *store; /* NULL: the instance could not be replaced */
    wasmtime_context_t *context;
    wasmtime_memory_t memory;
    wasmtime_func_t exports[EXPORT_COUNT];
    sonde_region in, out;
    uint32_t in_used, out_used; /* the most of them so far */
    uint64_t traps;
    sonde_host_message message;
};

/* Bytes of a header that the module may look at; and what the rest of a frame
 * takes beside its body, at most. */
enum { SONDE_HEADER_MOST = 1024, SONDE_FRAME_ROOM = 4096 };

typedef struct {
    const char *name;
    double value, least, most;
} sonde_guest_option;

extern const sonde_guest_option sonde_guest_options[SONDE_SIGNED_OPTION_COUNT];

/* Copies a configuration with all its texts into the guest; false when there
 * is no memory for it (config.c). */
bool sonde_guest_copy(sonde_guest *guest, const sonde_guest_config *config);

static inline wasmtime_val_raw_t sonde_i32(size_t value) {
    return (wasmtime_val_raw_t){.i32 = (int32_t)value};
}
static inline wasmtime_val_raw_t sonde_f64(double value) {
    return (wasmtime_val_raw_t){.f64 = value};
}

/* Calls an export. The result, or SONDE_HOST_TRAP and the message; it leaves
 * the instance as it is. */
int32_t sonde_guest_try(sonde_guest *guest, int export,
                        const wasmtime_val_raw_t *args, size_t count);

/* The same for users' calls: says what a status means, and replaces an
 * instance that trapped. */
int32_t sonde_guest_call(sonde_guest *guest, int export,
                         const wasmtime_val_raw_t *args, size_t count);

/* Before `in` is written to: false when there is no instance and none can be
 * made. */
bool sonde_guest_ready(sonde_guest *guest);

/* The first `size` bytes of a region, or NULL if it has not so many. They are
 * overwritten when the guest is closed. sonde_guest_ready has been called. */
uint8_t *sonde_guest_in(sonde_guest *guest, size_t size);
const uint8_t *sonde_guest_out(sonde_guest *guest, size_t size);

/* The module's answer makes no sense: replaces it and says so. */
int32_t sonde_guest_wrong(sonde_guest *guest, int export);

/* An argument that the module was not even asked about. */
int32_t sonde_guest_refuse(sonde_guest *guest, const char *why);

#endif
