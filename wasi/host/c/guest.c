/* One instance: made, configured, called, and made anew when it has trapped.
 * What the module says of its memory is checked before it is believed. */
#include "guest.h"

#include <stdlib.h>
#include <string.h>

/* ---- Calls ------------------------------------------------------------- */

static bool set_limits(sonde_guest *guest) {
    const sonde_host *host = guest->host;
    if (host->config.deadline_ms > 0)
        wasmtime_context_set_epoch_deadline(guest->context, host->ticks);
    if (host->config.fuel == 0)
        return true;
    wasmtime_error_t *error =
        wasmtime_context_set_fuel(guest->context, host->config.fuel);
    sonde_host_say_why(&guest->message, "the fuel", error, NULL, NULL);
    return error == NULL;
}

int32_t sonde_guest_try(sonde_guest *guest, int export,
                        const wasmtime_val_raw_t *args, size_t count) {
    wasmtime_val_raw_t values[4]; /* arguments, then the result */
    for (size_t i = 0; i < count; i++)
        values[i] = args[i];
    if (!set_limits(guest))
        return SONDE_HOST_TRAP;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error =
        wasmtime_func_call_unchecked(guest->context, &guest->exports[export],
                                     values, count > 0 ? count : 1, &trap);
    if (error == NULL && trap == NULL)
        return values[0].i32;
    sonde_host_say_why(&guest->message, sonde_export_names[export], error, trap,
                       &guest->host->config);
    return SONDE_HOST_TRAP;
}

static uint8_t *region_at(const sonde_guest *guest,
                          const sonde_region *region) {
    size_t size = wasmtime_memory_data_size(guest->context, &guest->memory);
    if (region->at > size || region->size > size - region->at)
        return NULL;
    return wasmtime_memory_data(guest->context, &guest->memory) + region->at;
}

static uint8_t *part(const sonde_guest *guest, const sonde_region *region,
                     uint32_t *used, size_t size) {
    if (size > region->size)
        return NULL;
    if (size > *used)
        *used = (uint32_t)size;
    return region_at(guest, region);
}

uint8_t *sonde_guest_in(sonde_guest *guest, size_t size) {
    return part(guest, &guest->in, &guest->in_used, size);
}

const uint8_t *sonde_guest_out(sonde_guest *guest, size_t size) {
    return part(guest, &guest->out, &guest->out_used, size);
}

/* ---- Making an instance ------------------------------------------------ */

static bool instantiate(sonde_guest *guest) {
    guest->store = wasmtime_store_new(guest->host->engine, NULL, NULL);
    guest->context = wasmtime_store_context(guest->store);
    wasmtime_store_limiter(guest->store, (int64_t)guest->config.memory_limit,
                           -1, 1, -1, 1);
    if (!set_limits(guest))
        return false;
    wasmtime_instance_t instance;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_instance_pre_instantiate(
        guest->host->pre, guest->context, &instance, &trap);
    sonde_host_say_why(&guest->message, "the module cannot be instantiated",
                       error, trap, &guest->host->config);
    if (error != NULL || trap != NULL)
        return false;
    for (size_t i = 0; i < EXPORT_COUNT; i++) {
        wasmtime_extern_t item;
        const char *name = sonde_export_names[i];
        if (!wasmtime_instance_export_get(guest->context, &instance, name,
                                          strlen(name), &item))
            return false;
        guest->exports[i] = item.of.func;
    }
    wasmtime_extern_t item;
    bool found = wasmtime_instance_export_get(guest->context, &instance,
                                              "memory", 6, &item);
    guest->memory = item.of.memory;
    return found;
}

/* An option of the module's default needs no call. */
static bool set_options(sonde_guest *guest) {
    for (size_t i = 0; i < SONDE_SIGNED_OPTION_COUNT; i++) {
        const sonde_guest_option *o = &sonde_guest_options[i];
        double value = guest->config.options[i];
        if (value >= o->value && value <= o->value)
            continue;
        wasmtime_val_raw_t args[] = {sonde_i32(i), sonde_f64(value)};
        int32_t result = sonde_guest_try(guest, EXPORT_signed_option, args, 2);
        if (result >= 0)
            continue;
        if (result != SONDE_HOST_TRAP)
            sonde_host_say(&guest->message,
                           "the option %s must be a whole number from %.0f to "
                           "%.0f",
                           o->name, o->least, o->most);
        return false;
    }
    return true;
}

static bool start(sonde_guest *guest) {
    int32_t result = sonde_guest_try(guest, EXPORT_signed_start, NULL, 0);
    if (result == SONDE_HOST_TRAP)
        return false;
    if (result <= 0) {
        sonde_host_say(&guest->message, "the module does not start: %s",
                       sonde_host_status_text(result));
        return false;
    }
    const sonde_region table = {(uint32_t)result, 16};
    const uint8_t *bytes = region_at(guest, &table);
    uint32_t words[4] = {0};
    for (size_t i = 0; bytes != NULL && i < 16; i++)
        words[i / 4] |= (uint32_t)bytes[i] << 8 * (i % 4);
    guest->in = (sonde_region){words[0], words[1]};
    guest->out = (sonde_region){words[2], words[3]};
    bool fits = guest->in.size >= 4096 && guest->out.size > 8 &&
                region_at(guest, &guest->in) != NULL &&
                region_at(guest, &guest->out) != NULL;
    if (!fits)
        sonde_host_say(&guest->message,
                       "the module gave regions outside of "
                       "its memory: it is not sonde-edge.wasm");
    return fits;
}

/* Otherwise a body could come that gets no verdict. */
static bool has_room(sonde_guest *guest) {
    double body = guest->config.options[SONDE_SIGNED_OPTION_max_body];
    size_t least = (size_t)body + SONDE_FRAME_ROOM;
    if (guest->in.size >= least)
        return true;
    sonde_host_say(&guest->message,
                   "the option max_input must be at least max_body + %d, which "
                   "is %zu",
                   SONDE_FRAME_ROOM, least);
    return false;
}

static const char *wanted(int export) {
    switch (export) {
    case EXPORT_signed_secret:
        return "a secret has 16 to 1024 bytes";
    case EXPORT_signed_origin:
        return "an origin is as browsers write it: https://app.example";
    default:
        return "a target is an origin, such as https://app.example, or a "
               "path, such as /thanks";
    }
}

/* Hands in each text of a list; names a refused one by its number, because
 * secrets must not be shown. */
static bool put_list(sonde_guest *guest, int export, const char *what,
                     const sonde_host_text *list, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int32_t result = SONDE_BAD_ARGUMENT;
        uint8_t *in = sonde_guest_in(guest, list[i].size);
        if (in != NULL) {
            memcpy(in, list[i].text, list[i].size);
            wasmtime_val_raw_t args[] = {sonde_i32(list[i].size)};
            result = sonde_guest_try(guest, export, args, 1);
        }
        if (result >= 0)
            continue;
        if (result == SONDE_TABLE_FULL)
            sonde_host_say(&guest->message, "there are more than %zu %ss", i,
                           what);
        else if (result == SONDE_BAD_ARGUMENT)
            sonde_host_say(&guest->message, "%s number %zu is refused: %s",
                           what, i + 1, wanted(export));
        else if (result != SONDE_HOST_TRAP)
            sonde_host_say(&guest->message, "%s number %zu: %s", what, i + 1,
                           sonde_host_status_text(result));
        return false;
    }
    return true;
}

static bool put_defaults(sonde_guest *guest) {
    const sonde_host_text *parts[] = {&guest->config.content_type,
                                      &guest->config.origin,
                                      &guest->config.endpoint};
    size_t all = 0;
    for (size_t i = 0; i < 3; i++)
        all += parts[i]->size;
    uint8_t *in = sonde_guest_in(guest, all);
    for (size_t i = 0; i < 3 && in != NULL; i++) {
        if (parts[i]->size > 0)
            memcpy(in, parts[i]->text, parts[i]->size);
        in += parts[i]->size;
    }
    bool has_origin = guest->config.origin.text != NULL;
    wasmtime_val_raw_t args[] = {
        sonde_i32(parts[0]->size),
        sonde_i32(has_origin ? parts[1]->size : UINT32_MAX),
        sonde_i32(parts[2]->size)};
    int32_t result =
        in == NULL ? SONDE_BAD_ARGUMENT
                   : sonde_guest_try(guest, EXPORT_signed_defaults, args, 3);
    if (result < 0 && result != SONDE_HOST_TRAP)
        sonde_host_say(&guest->message,
                       "the content type, origin or endpoint of lines that do "
                       "not say: %s",
                       sonde_host_status_text(result));
    return result >= 0;
}

static bool make_instance(sonde_guest *guest) {
    const sonde_guest_config *c = &guest->config;
    return instantiate(guest) && set_options(guest) && start(guest) &&
           has_room(guest) &&
           put_list(guest, EXPORT_signed_secret, "secret", c->secrets,
                    c->secret_count) &&
           put_list(guest, EXPORT_signed_origin, "origin", c->origins,
                    c->origin_count) &&
           put_list(guest, EXPORT_signed_next, "target", c->nexts,
                    c->next_count) &&
           put_defaults(guest);
}

/* Where secrets, ids and submissions can be. An instance that trapped may have
 * them anywhere; else keys and stack lie below the regions. Not by signed_wipe,
 * which would touch, and so allocate, every page of them. */
static void wipe_memory(const sonde_guest *guest, bool trapped) {
    uint8_t *memory = wasmtime_memory_data(guest->context, &guest->memory);
    size_t size = wasmtime_memory_data_size(guest->context, &guest->memory);
    if (trapped || guest->in.size == 0 || guest->in.at > size ||
        guest->in_used > size - guest->in.at || guest->out.at > size ||
        guest->out_used > size - guest->out.at) {
        sonde_host_wipe(memory, size);
    } else {
        sonde_host_wipe(memory, guest->in.at);
        sonde_host_wipe(memory + guest->in.at, guest->in_used);
        sonde_host_wipe(memory + guest->out.at, guest->out_used);
    }
}

static void drop_instance(sonde_guest *guest, bool trapped) {
    if (guest->store == NULL)
        return;
    if (guest->memory.store_id != 0)
        wipe_memory(guest, trapped);
    wasmtime_store_delete(guest->store);
    guest->store = NULL;
    guest->in_used = guest->out_used = 0;
    memset(&guest->memory, 0, sizeof guest->memory);
}

static void replace(sonde_guest *guest) {
    sonde_host_message why = guest->message;
    guest->traps++;
    drop_instance(guest, true);
    if (make_instance(guest)) {
        guest->message = why;
        return;
    }
    drop_instance(guest, true);
    sonde_host_message both;
    sonde_host_say(&both, "%.200s; and no new instance could be made: %.200s",
                   why.text, guest->message.text);
    guest->message = both;
}

/* ---- For calls.c ------------------------------------------------------- */

bool sonde_guest_ready(sonde_guest *guest) {
    if (guest->store != NULL)
        return true;
    if (make_instance(guest))
        return true;
    drop_instance(guest, true);
    return false;
}

int32_t sonde_guest_call(sonde_guest *guest, int export,
                         const wasmtime_val_raw_t *args, size_t count) {
    int32_t result = sonde_guest_try(guest, export, args, count);
    if (result == SONDE_HOST_TRAP)
        replace(guest);
    else if (result < 0)
        sonde_host_say(&guest->message, "%s: %s", sonde_export_names[export],
                       sonde_host_status_text(result));
    return result;
}

int32_t sonde_guest_wrong(sonde_guest *guest, int export) {
    sonde_host_say(&guest->message,
                   "%s gave an answer that makes no sense: use the host and "
                   "the module of one version",
                   sonde_export_names[export]);
    replace(guest);
    return SONDE_HOST_WRONG;
}

int32_t sonde_guest_refuse(sonde_guest *guest, const char *why) {
    sonde_host_say(&guest->message, "%s", why);
    return SONDE_BAD_ARGUMENT;
}

/* ---- For users --------------------------------------------------------- */

sonde_guest *sonde_guest_open(sonde_host *host,
                              const sonde_guest_config *config,
                              sonde_host_message *message) {
    sonde_guest *guest = calloc(1, sizeof *guest);
    if (guest == NULL ||
        (guest->host = host, !sonde_guest_copy(guest, config))) {
        sonde_host_say(message, "out of memory");
        free(guest);
        return NULL;
    }
    if (make_instance(guest))
        return guest;
    *message = guest->message;
    sonde_guest_close(guest);
    return NULL;
}

void sonde_guest_close(sonde_guest *guest) {
    if (guest == NULL)
        return;
    drop_instance(guest, false);
    sonde_host_wipe(guest->texts, guest->texts_size);
    free(guest->texts);
    free(guest);
}

const char *sonde_guest_message(const sonde_guest *guest) {
    return guest->message.text;
}

uint64_t sonde_guest_traps(const sonde_guest *guest) { return guest->traps; }

size_t sonde_guest_room(const sonde_guest *guest) { return guest->in.size; }
