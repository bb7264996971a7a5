/* What the files of the host library share; sonde_host.h is for its users. */
#ifndef SONDE_HOST_INTERNAL_H
#define SONDE_HOST_INTERNAL_H

#include "sonde_host.h"

#include <pthread.h>
#include <wasmtime.h>

enum {
#define SONDE_EXPORT(name, params) EXPORT_##name,
#include "exports.def"
#undef SONDE_EXPORT
    EXPORT_COUNT
};

extern const char *const sonde_export_names[EXPORT_COUNT];

struct sonde_host {
    wasm_engine_t *engine;
    wasmtime_module_t *module;
    wasmtime_instance_pre_t *pre;
    sonde_host_config config; /* without the cache's name */
    bool cached;
    sonde_host_message note;
    pthread_t ticker; /* with a deadline only */
    int stop[2];      /* a pipe; a byte ends the ticker; -1: no ticker */
    uint64_t ticks;   /* of a deadline */
};

/* ---- Messages (message.c) ---------------------------------------------- */

void sonde_host_say(sonde_host_message *message, const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 2, 3)))
#endif
    ;

/* Says why, and frees whichever of the two there is. */
void sonde_host_say_why(sonde_host_message *message, const char *what,
                        wasmtime_error_t *error, wasm_trap_t *trap,
                        const sonde_host_config *config);

const char *sonde_host_status_text(int32_t status);

/* Overwrites with zeros, whatever the compiler thinks of it. */
void sonde_host_wipe(void *data, size_t size);

/* ---- Cache (cache.c) --------------------------------------------------- */

/* The compiled module of these bytes, or NULL, and then why in *note unless
 * it simply is not there. *folder gets the folder for sonde_cache_put, or -1.
 */
wasmtime_module_t *sonde_cache_get(int *folder, sonde_host_message *note,
                                   wasm_engine_t *engine,
                                   const sonde_host_config *config,
                                   const uint8_t *wasm, size_t size);

/* Keeps a compiled module; closes the folder. */
void sonde_cache_put(int folder, sonde_host_message *note,
                     wasmtime_module_t *module, const sonde_host_config *config,
                     const uint8_t *wasm, size_t size);

/* All of a file, allocated, or NULL. */
uint8_t *sonde_host_read(int file, size_t *size);

#endif
