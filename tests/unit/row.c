/* See row.h. */
#include "row.h"
#include "check.h"
#include "core/text.h"
#include <math.h>

static void bad(row *r, const char *member) {
    printf("no good member %s in this row:\n%.300s\n", member, r);
    exit(2);
}

static bool named(const sonde_json *json, const char *name) {
    return json->size == strlen(name) &&
           memcmp(json->text, name, json->size) == 0;
}

/* In the object that is open. */
static sonde_json_token find(sonde_json *json, const char *member) {
    sonde_json_token token;
    while ((token = sonde_json_next(json)) == SONDE_JSON_KEY) {
        bool found = named(json, member);
        token = sonde_json_next(json);
        if (found)
            return token;
        if (!sonde_json_skip(json, token))
            return SONDE_JSON_ERROR;
    }
    return SONDE_JSON_ERROR;
}

sonde_json_token row_find(sonde_json *json, row *r, const char *member) {
    sonde_json_init(json, (const uint8_t *)r, strlen(r));
    if (sonde_json_next(json) != SONDE_JSON_OBJECT)
        bad(r, "(object)");
    sonde_json_token token = find(json, member);
    return token == SONDE_JSON_NULL ? SONDE_JSON_END : token;
}

bool row_has(row *r, const char *member) {
    sonde_json json;
    return row_find(&json, r, member) != SONDE_JSON_ERROR;
}

void row_text(row *r, const char *member, char to[64]) {
    sonde_json json;
    if (row_find(&json, r, member) != SONDE_JSON_STRING || json.size > 60)
        bad(r, member);
    to[sonde_json_unescape((uint8_t *)to, 63, json.text, json.size)] = '\0';
}

bool row_is(row *r, const char *member, const char *text) {
    char have[64];
    row_text(r, member, have);
    return strcmp(have, text) == 0;
}

double row_number(row *r, const char *member) {
    sonde_json json;
    sonde_json_token token = row_find(&json, r, member);
    if (token == SONDE_JSON_TRUE || token == SONDE_JSON_FALSE)
        return token == SONDE_JSON_TRUE;
    if (token != SONDE_JSON_NUMBER)
        bad(r, member);
    return strtod((const char *)json.text, NULL);
}

/* ---- Data ---------------------------------------------------------------- */

typedef struct {
    uint8_t *text;
    size_t size;
} data;

/* Makes room for as much again as a part has, that many times. */
static uint8_t *grow(data *d, size_t size, size_t times) {
    d->text = realloc(d->text, d->size + size * times + 1);
    return d->text + d->size;
}

static void add(data *d, const uint8_t *unit, size_t size, size_t times) {
    uint8_t *to = grow(d, size, times);
    for (size_t i = 0; i < times; i++)
        memcpy(to + i * size, unit, size);
    d->size += size * times;
}

static size_t from_hex(uint8_t *to, const uint8_t *text, size_t size) {
    return sonde_hex_get(to, text, size / 2) ? size / 2 : 0;
}

static void add_string(data *d, const sonde_json *json, bool hex,
                       size_t times) {
    uint8_t *unit = malloc(json->size + 1);
    size_t size =
        hex ? from_hex(unit, json->text, json->size)
            : sonde_json_unescape(unit, json->size, json->text, json->size);
    add(d, unit, size, times);
    free(unit);
}

/* {"text": "ab", "times": 3} or {"hex": "00ff"}, the object being open. */
static bool add_part(data *d, sonde_json *json) {
    sonde_json unit = {0};
    bool hex = false;
    double times = 1;
    while (sonde_json_next(json) == SONDE_JSON_KEY) {
        bool is_times = named(json, "times"), is_hex = named(json, "hex");
        sonde_json_token token = sonde_json_next(json);
        if (is_times && token == SONDE_JSON_NUMBER) {
            times = strtod((const char *)json->text, NULL);
        } else if (token == SONDE_JSON_STRING) {
            unit = *json;
            hex = is_hex;
        } else {
            return false;
        }
    }
    if (unit.text == NULL)
        return false;
    add_string(d, &unit, hex, (size_t)times);
    return true;
}

static bool add_parts(data *d, sonde_json *json) {
    for (;;) {
        sonde_json_token token = sonde_json_next(json);
        if (token == SONDE_JSON_ARRAY_END)
            return true;
        if (token == SONDE_JSON_STRING)
            add_string(d, json, false, 1);
        else if (token != SONDE_JSON_OBJECT || !add_part(d, json))
            return false;
    }
}

uint8_t *row_data(row *r, const char *member, size_t *size) {
    sonde_json json;
    data d = {0};
    sonde_json_token token = row_find(&json, r, member);
    *size = 0;
    if (token == SONDE_JSON_END)
        return NULL;
    grow(&d, 0, 0);
    if (token == SONDE_JSON_STRING)
        add_string(&d, &json, false, 1);
    else if (token != SONDE_JSON_ARRAY || !add_parts(&d, &json))
        bad(r, member);
    uint8_t *exact = check_exact(d.text, d.size);
    free(d.text);
    *size = d.size;
    return exact;
}

uint8_t *row_hex(row *r, const char *member, size_t *size) {
    sonde_json json;
    data d = {0};
    if (row_find(&json, r, member) != SONDE_JSON_STRING)
        bad(r, member);
    add_string(&d, &json, true, 1);
    *size = d.size;
    return d.text;
}

bool row_next(sonde_json *json, char to[1100], size_t *size) {
    if (sonde_json_next(json) != SONDE_JSON_STRING)
        return false;
    *size = sonde_json_unescape((uint8_t *)to, 1099, json->text, json->size);
    return true;
}
