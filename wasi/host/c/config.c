/* The configuration of a guest: its defaults, and a copy of all its texts in
 * one piece of memory, to be overwritten at the end. */
#include "guest.h"

#include <stdlib.h>
#include <string.h>

const sonde_guest_option sonde_guest_options[SONDE_SIGNED_OPTION_COUNT] = {
#define SONDE_SIGNED_OPTION(name, value, least, most, unit, text)              \
    {#name, value, least, most},
#include "signed_options.def"
#undef SONDE_SIGNED_OPTION
};

void sonde_guest_config_init(sonde_guest_config *config) {
    *config = (sonde_guest_config){.memory_limit = 16 << 20};
    for (size_t i = 0; i < SONDE_SIGNED_OPTION_COUNT; i++)
        config->options[i] = sonde_guest_options[i].value;
}

/* Each text and list of a configuration, for `copy` below to walk over. */
enum { LISTS = 3, SINGLES = 3 };

static void find_texts(sonde_guest_config *config,
                       const sonde_host_text **lists[LISTS],
                       size_t counts[LISTS],
                       sonde_host_text *singles[SINGLES]) {
    lists[0] = &config->secrets;
    lists[1] = &config->origins;
    lists[2] = &config->nexts;
    counts[0] = config->secret_count;
    counts[1] = config->origin_count;
    counts[2] = config->next_count;
    singles[0] = &config->content_type;
    singles[1] = &config->origin;
    singles[2] = &config->endpoint;
}

static size_t size_of(sonde_guest_config *config) {
    const sonde_host_text **lists[LISTS];
    size_t counts[LISTS], size = 1;
    sonde_host_text *singles[SINGLES];
    find_texts(config, lists, counts, singles);
    for (size_t i = 0; i < LISTS; i++) {
        size += counts[i] * sizeof(sonde_host_text);
        for (size_t k = 0; k < counts[i]; k++)
            size += (*lists[i])[k].size;
    }
    for (size_t i = 0; i < SINGLES; i++)
        size += singles[i]->size;
    return size;
}

static void take(sonde_host_text *text, char **at) {
    if (text->text == NULL)
        return;
    if (text->size > 0)
        memcpy(*at, text->text, text->size);
    text->text = *at;
    *at += text->size;
}

/* The lists first, which want alignment, then all texts. */
bool sonde_guest_copy(sonde_guest *guest, const sonde_guest_config *config) {
    guest->config = *config;
    guest->texts_size = size_of(&guest->config);
    guest->texts = malloc(guest->texts_size);
    if (guest->texts == NULL)
        return false;
    const sonde_host_text **lists[LISTS];
    size_t counts[LISTS];
    sonde_host_text *singles[SINGLES], *copies[LISTS];
    find_texts(&guest->config, lists, counts, singles);
    char *at = guest->texts;
    for (size_t i = 0; i < LISTS; i++) {
        copies[i] = (sonde_host_text *)(void *)at;
        at += counts[i] * sizeof(sonde_host_text);
        for (size_t k = 0; k < counts[i]; k++)
            copies[i][k] = (*lists[i])[k];
        *lists[i] = copies[i];
    }
    for (size_t i = 0; i < LISTS; i++) {
        for (size_t k = 0; k < counts[i]; k++)
            take(&copies[i][k], &at);
    }
    for (size_t i = 0; i < SINGLES; i++)
        take(singles[i], &at);
    return true;
}
