/* The compiled module: how it comes to be, what it must export, and the thread
 * that keeps the time of deadlines. See sonde_host.h. */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const sonde_export_names[EXPORT_COUNT] = {
#define SONDE_EXPORT(name, params) #name,
#include "exports.def"
#undef SONDE_EXPORT
};

static const char *const PARAMS[EXPORT_COUNT] = {
#define SONDE_EXPORT(name, params) params,
#include "exports.def"
#undef SONDE_EXPORT
};

/* ---- Is it our module? ------------------------------------------------- */

static bool is_name(const wasm_name_t *name, const char *text) {
    return name->size == strlen(text) &&
           memcmp(name->data, text, name->size) == 0;
}

static bool has_type(const wasm_externtype_t *type, const char *params) {
    const wasm_functype_t *function = wasm_externtype_as_functype_const(type);
    if (function == NULL)
        return false;
    const wasm_valtype_vec_t *in = wasm_functype_params(function);
    const wasm_valtype_vec_t *out = wasm_functype_results(function);
    bool fits = in->size == strlen(params) && out->size == 1 &&
                wasm_valtype_kind(out->data[0]) == WASM_I32;
    for (size_t i = 0; fits && i < in->size; i++)
        fits = wasm_valtype_kind(in->data[i]) ==
               (params[i] == 'd' ? WASM_F64 : WASM_I32);
    return fits;
}

/* Unchecked calls rest on this: each export has exactly its type. */
static bool has_export(const wasm_exporttype_vec_t *exports, const char *name,
                       const char *params) {
    for (size_t i = 0; i < exports->size; i++) {
        const wasm_exporttype_t *export = exports->data[i];
        const wasm_externtype_t *type = wasm_exporttype_type(export);
        if (is_name(wasm_exporttype_name(export), name))
            return params == NULL
                       ? wasm_externtype_kind(type) == WASM_EXTERN_MEMORY
                       : has_type(type, params);
    }
    return false;
}

static const char *missing_export(const wasmtime_module_t *module) {
    const char *missing = NULL;
    wasm_exporttype_vec_t exports;
    wasmtime_module_exports(module, &exports);
    if (!has_export(&exports, "memory", NULL))
        missing = "memory";
    for (size_t i = 0; missing == NULL && i < EXPORT_COUNT; i++) {
        if (!has_export(&exports, sonde_export_names[i], PARAMS[i]))
            missing = sonde_export_names[i];
    }
    wasm_exporttype_vec_delete(&exports);
    return missing;
}

static bool check_module(const wasmtime_module_t *module,
                         sonde_host_message *message) {
    wasm_importtype_vec_t imports;
    wasmtime_module_imports(module, &imports);
    size_t count = imports.size;
    wasm_importtype_vec_delete(&imports);
    const char *missing = missing_export(module);
    if (count > 0)
        sonde_host_say(message,
                       "the module wants %zu imports: give sonde-edge.wasm, "
                       "which has none",
                       count);
    else if (missing != NULL)
        sonde_host_say(message,
                       "the module does not export %s as it should: give the "
                       "sonde-edge.wasm of this version (%s)",
                       missing, SONDE_VERSION);
    return count == 0 && missing == NULL;
}

/* ---- Deadlines --------------------------------------------------------- */

static int tick_of(uint32_t deadline_ms) {
    uint32_t tick = deadline_ms / 8;
    return tick < 1 ? 1 : tick > 1000 ? 1000 : (int)tick;
}

/* Ends when there is something in its pipe. */
static void *tick(void *arg) {
    const sonde_host *host = arg;
    struct pollfd stop = {.fd = host->stop[0], .events = POLLIN};
    int result;
    while ((result = poll(&stop, 1, tick_of(host->config.deadline_ms))) <= 0) {
        if (result == 0)
            wasmtime_engine_increment_epoch(host->engine);
    }
    return NULL;
}

static bool start_ticker(sonde_host *host, sonde_host_message *message) {
    uint32_t deadline = host->config.deadline_ms;
    uint32_t length = (uint32_t)tick_of(deadline);
    /* one more: the first tick may come at once */
    host->ticks = ((uint64_t)deadline + length - 1) / length + 1;
    if (deadline == 0)
        return true;
    int code = pipe(host->stop) == 0 ? 0 : errno;
    if (code == 0) {
        (void)fcntl(host->stop[0], F_SETFD, FD_CLOEXEC);
        (void)fcntl(host->stop[1], F_SETFD, FD_CLOEXEC);
        code = pthread_create(&host->ticker, NULL, tick, host);
        if (code != 0) {
            close(host->stop[0]);
            close(host->stop[1]);
        }
    }
    if (code != 0) {
        host->stop[1] = -1;
        sonde_host_say(message, "the thread for deadlines does not start: %s",
                       strerror(code));
    }
    return code == 0;
}

static void stop_ticker(sonde_host *host) {
    if (host->stop[1] < 0)
        return;
    /* closing is not enough: a child process may hold the other copy */
    (void)!write(host->stop[1], "", 1);
    close(host->stop[1]);
    (void)pthread_join(host->ticker, NULL);
    close(host->stop[0]);
}

/* ---- Opening ----------------------------------------------------------- */

void sonde_host_config_init(sonde_host_config *config) {
    *config = (sonde_host_config){.cache = NULL};
}

static wasm_engine_t *make_engine(const sonde_host_config *config) {
    wasm_config_t *settings = wasm_config_new();
    if (settings == NULL)
        return NULL;
    wasmtime_config_epoch_interruption_set(settings, config->deadline_ms > 0);
    wasmtime_config_consume_fuel_set(settings, config->fuel > 0);
    wasmtime_config_wasm_threads_set(settings, false);
    return wasm_engine_new_with_config(settings);
}

static bool get_module(sonde_host *host, const char *cache, const uint8_t *wasm,
                       size_t size, sonde_host_message *message) {
    sonde_host_config config = host->config;
    config.cache = cache;
    int folder = -1;
    if (cache != NULL)
        host->module = sonde_cache_get(&folder, &host->note, host->engine,
                                       &config, wasm, size);
    host->cached = host->module != NULL;
    if (!host->cached)
        sonde_host_say_why(
            message, "the module does not compile",
            wasmtime_module_new(host->engine, wasm, size, &host->module), NULL,
            NULL);
    if (host->module == NULL || !check_module(host->module, message)) {
        if (folder >= 0)
            close(folder);
        return false;
    }
    if (folder >= 0 && host->cached)
        close(folder);
    else if (folder >= 0)
        sonde_cache_put(folder, &host->note, host->module, &config, wasm, size);
    return true;
}

static bool prepare(sonde_host *host, sonde_host_message *message) {
    wasmtime_linker_t *linker = wasmtime_linker_new(host->engine);
    sonde_host_say_why(
        message, "the module cannot be instantiated",
        wasmtime_linker_instantiate_pre(linker, host->module, &host->pre), NULL,
        NULL);
    wasmtime_linker_delete(linker);
    return host->pre != NULL;
}

sonde_host *sonde_host_open(const sonde_host_config *config,
                            const uint8_t *wasm, size_t size,
                            sonde_host_message *message) {
    message->text[0] = '\0';
    sonde_host *host = calloc(1, sizeof *host);
    if (host == NULL) {
        sonde_host_say(message, "out of memory");
        return NULL;
    }
    host->config = *config;
    host->config.cache = NULL;
    host->stop[0] = host->stop[1] = -1;
    host->engine = make_engine(config);
    if (host->engine != NULL &&
        get_module(host, config->cache, wasm, size, message) &&
        prepare(host, message) && start_ticker(host, message))
        return host;
    sonde_host_close(host);
    return NULL;
}

sonde_host *sonde_host_load(const sonde_host_config *config, const char *path,
                            sonde_host_message *message) {
    size_t size = 0;
    errno = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    uint8_t *wasm = file < 0 ? NULL : sonde_host_read(file, &size);
    if (wasm == NULL)
        sonde_host_say(message, "%s cannot be read: %s", path,
                       errno != 0 ? strerror(errno) : "not a module");
    if (file >= 0)
        close(file);
    sonde_host *host =
        wasm == NULL ? NULL : sonde_host_open(config, wasm, size, message);
    free(wasm);
    return host;
}

bool sonde_host_cached(const sonde_host *host) { return host->cached; }

const char *sonde_host_note(const sonde_host *host) { return host->note.text; }

void sonde_host_close(sonde_host *host) {
    if (host == NULL)
        return;
    stop_ticker(host);
    if (host->pre != NULL)
        wasmtime_instance_pre_delete(host->pre);
    if (host->module != NULL)
        wasmtime_module_delete(host->module);
    if (host->engine != NULL)
        wasm_engine_delete(host->engine);
    free(host);
}
