/* Owns the memory of a verifier and what is put into it once: see
 * sonde_signed.h. */
#include "signed/verifier.h"
#include "signed/target.h"
#include "signed/wipe.h"

enum { ALIGN = 16 };

/* ---- Options ------------------------------------------------------------ */

static const struct {
    const char *name;
    uint32_t value, least, most;
} OPTIONS[SONDE_SIGNED_OPTION_COUNT] = {
#define SONDE_SIGNED_OPTION(name, value, least, most, unit, text)              \
    {#name, value, least, most},
#include "signed_options.def"
#undef SONDE_SIGNED_OPTION
};

void sonde_signed_config_init(sonde_signed_config *config) {
    for (uint32_t id = 0; id < SONDE_SIGNED_OPTION_COUNT; id++)
        ((uint32_t *)config)[id] = OPTIONS[id].value;
}

static bool in_range(uint32_t id, double value) {
    return value >= OPTIONS[id].least && value <= OPTIONS[id].most;
}

int32_t sonde_signed_config_put(sonde_signed_config *config, uint32_t id,
                                double value) {
    if (id >= SONDE_SIGNED_OPTION_COUNT || !in_range(id, value) ||
        (double)(uint32_t)value != value)
        return SONDE_BAD_OPTION;
    ((uint32_t *)config)[id] = (uint32_t)value;
    return SONDE_OK;
}

int32_t sonde_signed_option_get(const char *name, size_t size) {
    for (int32_t id = 0; id < SONDE_SIGNED_OPTION_COUNT; id++) {
        if (strlen(OPTIONS[id].name) == size &&
            memcmp(OPTIONS[id].name, name, size) == 0)
            return id;
    }
    return SONDE_BAD_OPTION;
}

static bool fits(const sonde_signed_config *config) {
    for (uint32_t id = 0; id < SONDE_SIGNED_OPTION_COUNT; id++) {
        if (!in_range(id, ((const uint32_t *)config)[id]))
            return false;
    }
    return config->min_age <= config->max_age;
}

/* ---- Memory ------------------------------------------------------------- */

static size_t aligned(size_t size) {
    return (size + ALIGN - 1) & -(size_t)ALIGN;
}

/* Lays the regions out behind each other; NULL only measures. */
static size_t carve(sonde_verifier *v, const sonde_signed_config *config) {
    size_t fields = aligned(sizeof *v);
    size_t repaired =
        fields + aligned(config->max_fields * sizeof(sonde_field));
    size_t uses = repaired + aligned(3 * (size_t)config->max_body);
    if (v != NULL) {
        uint8_t *mem = (uint8_t *)v;
        v->fields = (sonde_field *)(void *)(mem + fields);
        v->repaired = mem + repaired;
        v->uses = mem + uses;
    }
    return uses + aligned(config->max_uses > 0 ? sonde_window(config) : 0);
}

int32_t sonde_verifier_size(const sonde_signed_config *config) {
    if (config == NULL || !fits(config))
        return SONDE_BAD_OPTION;
    return (int32_t)carve(NULL, config);
}

int32_t sonde_verifier_init(sonde_verifier *mem, size_t size,
                            const sonde_signed_config *config) {
    int32_t need = sonde_verifier_size(config);
    if (need < 0)
        return need;
    if (mem == NULL || (uintptr_t)mem % ALIGN != 0)
        return SONDE_BAD_ARGUMENT;
    if (size < (size_t)need)
        return SONDE_NO_MEMORY;
    memset(mem, 0, (size_t)need);
    mem->config = *config;
    carve(mem, config);
    return SONDE_OK;
}

void sonde_verifier_wipe(sonde_verifier *v) {
    sonde_wipe(v, carve(NULL, &v->config));
}

/* ---- Secrets and allow-lists -------------------------------------------- */

int32_t sonde_secret_put(sonde_verifier *v, const char *secret, size_t size) {
    if (secret == NULL || size == 0 || size > SONDE_MAX_SECRET)
        return SONDE_BAD_ARGUMENT;
    if (size < SONDE_MIN_SECRET && !v->config.allow_weak_secret)
        return SONDE_WEAK_SECRET;
    if (v->secret_count == SONDE_MAX_SECRETS)
        return SONDE_TABLE_FULL;
    sonde_keys_init(&v->secrets[v->secret_count++], (const uint8_t *)secret,
                    size);
    sonde_wipe_stack();
    return (int32_t)v->secret_count;
}

static int32_t allow(sonde_allowed *list, const char *text, size_t size) {
    if (list->count == SONDE_MAX_ALLOWED)
        return SONDE_TABLE_FULL;
    memcpy(list->texts[list->count], text, size);
    list->sizes[list->count++] = (uint8_t)size;
    return (int32_t)list->count;
}

int32_t sonde_origin_put(sonde_verifier *v, const char *origin, size_t size) {
    if (size > SONDE_MAX_ALLOW || !sonde_origin_fits(origin, size))
        return SONDE_BAD_ARGUMENT;
    return allow(&v->origins, origin, size);
}

int32_t sonde_next_put(sonde_verifier *v, const char *target, size_t size) {
    if (size > SONDE_MAX_ALLOW || !sonde_target_fits(target, size))
        return SONDE_BAD_ARGUMENT;
    return allow(&v->targets, target, size);
}
