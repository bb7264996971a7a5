/* Owns attribute values as text: strings as they are, what is nested as JSON,
 * and all of it escaped for the place between two quotes. */
#include "core/json.h"
#include "core/number.h"
#include "core/text.h"
#include "metrics/prometheus.h"
#include "wasm/layout.h"

/* Bytes that stand for themselves both in JSON and here; then the rest of
 * them one by one. */
static void put_text(sonde_writer *w, sonde_slice text, bool quotes) {
    const uint8_t *p = text.data, *end = p + text.size;
    while (p < end) {
        size_t run = sonde_json_plain(p, (size_t)(end - p));
        if (run > 0) {
            sonde_writer_put(w, p, run);
            p += run;
            continue;
        }
        int length = sonde_utf8_next(p, end);
        if (length < 0)
            SONDE_PUT(w, "\xEF\xBF\xBD");
        else if (*p == '\n')
            SONDE_PUT(w, "\\n");
        else if (*p == '\r')
            SONDE_PUT(w, "\\\\r");
        else if (*p == '\\')
            SONDE_PUT(w, "\\\\");
        else if (*p == '"' && quotes)
            SONDE_PUT(w, "\\\"");
        else
            sonde_writer_put(w, p, (size_t)length);
        p += length < 0 ? -length : length;
    }
}

void sonde_prom_text_put(sonde_writer *w, sonde_slice text) {
    put_text(w, text, true);
}

void sonde_prom_help_put(sonde_writer *w, sonde_slice text, bool quotes) {
    put_text(w, text, quotes);
}

/* ---- Scalars ----------------------------------------------------------- */

enum { STRING = 1, BOOL, INT, DOUBLE, LIST, MAP, BINARY };

/* The value's field; 0: it is empty. */
static uint32_t any_get(sonde_field *it, sonde_slice value) {
    const uint8_t *p = value.data, *end = p + value.size;
    while (p < end && sonde_field_next(it, &p, end)) {
        if (it->number >= STRING && it->number <= BINARY)
            return it->number;
    }
    return 0;
}

sonde_slice sonde_prom_string(sonde_slice value) {
    sonde_field it;
    if (any_get(&it, value) != STRING)
        return SLICE("");
    return (sonde_slice){it.data, it.size};
}

/* A JSON string, chunk by chunk: escaped twice, it may become 12 times as
 * long, and there is no memory for the whole. */
static void put_string(sonde_writer *w, sonde_slice text) {
    enum { CHARACTERS = 16, ROOM = CHARACTERS * 4 * 6 };
    uint8_t chunk[ROOM];
    SONDE_PUT(w, "\\\"");
    while (text.size > 0) {
        size_t size = sonde_text_prefix(text.data, text.size, CHARACTERS);
        sonde_writer json = {chunk, sizeof chunk, 0, 0};
        sonde_json_escape(&json, text.data, size);
        sonde_prom_text_put(w, (sonde_slice){chunk, json.used});
        text.data += size;
        text.size -= size;
    }
    SONDE_PUT(w, "\\\"");
}

static void put_double(sonde_writer *w, double value, bool nested) {
    uint8_t text[40];
    sonde_writer json = {text, sizeof text, 0, 0};
    sonde_double_write(&json, value);
    sonde_slice all = {text, json.used};
    if (!nested && text[0] == '"')
        all = (sonde_slice){text + 1, json.used - 2};
    sonde_prom_text_put(w, all);
}

static void put_scalar(sonde_writer *w, uint32_t number, const sonde_field *it,
                       bool nested) {
    double value;
    switch (number) {
    case STRING:
        if (nested)
            put_string(w, (sonde_slice){it->data, it->size});
        else
            sonde_prom_text_put(w, (sonde_slice){it->data, it->size});
        break;
    case BOOL:
        sonde_writer_put(w, it->value ? "true" : "false", it->value ? 4 : 5);
        break;
    case INT:
        sonde_int_put(w, (int64_t)it->value);
        break;
    case DOUBLE:
        memcpy(&value, &it->value, sizeof value);
        put_double(w, value, nested);
        break;
    case BINARY:
        if (nested)
            SONDE_PUT(w, "\\\"");
        sonde_base64_put(w, it->data, it->size);
        if (nested)
            SONDE_PUT(w, "\\\"");
        break;
    default:
        if (nested)
            SONDE_PUT(w, "null");
        break;
    }
}

/* ---- Arrays and maps --------------------------------------------------- */

typedef struct {
    const uint8_t *p;
    const uint8_t *end;
    bool is_map;
    bool is_started;
} level;

/* The next element, and its key in a map. */
static bool next(level *l, sonde_slice *key, sonde_slice *value) {
    sonde_field it, member;
    do {
        if (l->p == l->end || !sonde_field_next(&it, &l->p, l->end))
            return false;
    } while (it.number != 1);
    *key = *value = SLICE("");
    if (!l->is_map) {
        *value = (sonde_slice){it.data, it.size};
        return true;
    }
    const uint8_t *p = it.data, *end = p + it.size;
    while (p < end && sonde_field_next(&member, &p, end)) {
        if (member.number == 1)
            *key = (sonde_slice){member.data, member.size};
        else if (member.number == 2)
            *value = (sonde_slice){member.data, member.size};
    }
    return true;
}

static void put_element(sonde_writer *w, level *l, sonde_slice key) {
    if (l->is_started)
        sonde_writer_byte(w, ',');
    l->is_started = true;
    if (!l->is_map)
        return;
    put_string(w, key);
    sonde_writer_byte(w, ':');
}

void sonde_prom_value_put(sonde_writer *w, sonde_slice value) {
    level levels[SONDE_MAX_DEPTH];
    uint32_t depth = 0;
    bool has_value = true;
    sonde_field it;
    while (has_value || depth > 0) {
        if (has_value) {
            uint32_t number = any_get(&it, value);
            if ((number != LIST && number != MAP) || depth == SONDE_MAX_DEPTH) {
                put_scalar(w, number, &it, depth > 0);
            } else {
                levels[depth++] =
                    (level){it.data, it.data + it.size, number == MAP, false};
                sonde_writer_byte(w, number == MAP ? '{' : '[');
            }
            has_value = false;
            continue;
        }
        level *l = &levels[depth - 1];
        sonde_slice key;
        has_value = next(l, &key, &value);
        if (has_value) {
            put_element(w, l, key);
        } else {
            sonde_writer_byte(w, l->is_map ? '}' : ']');
            depth--;
        }
    }
}
