/* Owns the labels of a series: gathered from attributes and scope, their keys
 * translated, sorted, and written once. */
#include "metrics/prometheus.h"

static const char PREFIX[] = "exported_", SCOPE[] = "otel_scope_";
enum { PREFIX_SIZE = sizeof PREFIX - 1, SCOPE_SIZE = sizeof SCOPE - 1 };

int sonde_slice_compare(sonde_slice a, sonde_slice b) {
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size > 0 ? memcmp(a.data, b.data, size) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

/* ---- Heap sort --------------------------------------------------------- */

typedef bool before_function(const void *of, uint32_t a, uint32_t b);

static void sift(uint32_t *n, uint32_t at, uint32_t count,
                 before_function *before, const void *of) {
    uint32_t moved = n[at], child = 2 * at + 1;
    while (child < count) {
        if (child + 1 < count && before(of, n[child], n[child + 1]))
            child++;
        if (!before(of, moved, n[child]))
            break;
        n[at] = n[child];
        at = child;
        child = 2 * at + 1;
    }
    n[at] = moved;
}

/* Few are the rule: labels of a series. */
static void insert(uint32_t *n, uint32_t count, before_function *before,
                   const void *of) {
    for (uint32_t i = 1; i < count; i++) {
        uint32_t moved = n[i], at = i;
        for (; at > 0 && before(of, moved, n[at - 1]); at--)
            n[at] = n[at - 1];
        n[at] = moved;
    }
}

void sonde_prom_sort(uint32_t *numbers, uint32_t count, before_function *before,
                     const void *of) {
    enum { FEW = 12 };
    if (count <= FEW) {
        insert(numbers, count, before, of);
        return;
    }
    for (uint32_t i = count / 2; i > 0; i--)
        sift(numbers, i - 1, count, before, of);
    for (uint32_t end = count - 1; end > 0; end--) {
        uint32_t last = numbers[end];
        numbers[end] = numbers[0];
        numbers[0] = last;
        sift(numbers, 0, end, before, of);
    }
}

/* ---- Gathering --------------------------------------------------------- */

void sonde_prom_labels_start(sonde_prom_labels *l, sonde_slice reserved) {
    l->count = 0;
    l->keys_used = 0;
    l->reserved = reserved;
}

/* The key's translation, with a prefix in front if readers keep the key for
 * themselves: two underscores, or what the series has. */
static sonde_slice translate(sonde_prom_labels *l, sonde_slice source) {
    sonde_writer w = {l->keys + l->keys_used, l->keys_size - l->keys_used, 0,
                      0};
    sonde_writer_put(&w, PREFIX, PREFIX_SIZE);
    sonde_prom_key_put(&w, l->options, source, l->draft);
    sonde_slice key = {w.data + PREFIX_SIZE, w.used - PREFIX_SIZE};
    l->keys_used += w.used;
    bool is_inner = key.size > 1 && key.data[0] == '_' && key.data[1] == '_';
    if (is_inner || sonde_slice_is(key, l->reserved))
        key = (sonde_slice){w.data, w.used};
    return key;
}

static void take(sonde_prom_labels *l, sonde_slice key, sonde_slice value,
                 bool is_text) {
    if (l->count < l->room)
        l->items[l->count++] = (sonde_prom_label){key, translate(l, key),
                                                  SLICE(""), value, is_text};
}

void sonde_prom_labels_text(sonde_prom_labels *l, sonde_slice key,
                            sonde_slice value) {
    if (value.size > 0)
        take(l, key, value, true);
}

/* The next attribute, field `number`, from *p on. */
static bool next(const uint8_t **p, const uint8_t *end, uint32_t number,
                 sonde_slice *key, sonde_slice *value) {
    sonde_field it, member;
    do {
        if (*p == end || !sonde_field_next(&it, p, end))
            return false;
    } while (it.number != number);
    *key = *value = SLICE("");
    const uint8_t *q = it.data, *q_end = q + it.size;
    while (q < q_end && sonde_field_next(&member, &q, q_end)) {
        if (member.number == 1)
            *key = (sonde_slice){member.data, member.size};
        else if (member.number == 2)
            *value = (sonde_slice){member.data, member.size};
    }
    return true;
}

void sonde_prom_labels_take(sonde_prom_labels *l, sonde_slice message,
                            uint32_t number) {
    const uint8_t *p = message.data, *end = p + message.size;
    sonde_slice key, value;
    while (next(&p, end, number, &key, &value))
        take(l, key, value, false);
}

/* ---- Scopes ------------------------------------------------------------ */

/* Does a scope's attribute become one of the labels that it has anyway? */
static bool is_own(sonde_prom_labels *l, sonde_slice key) {
    static const char *const OWN[] = {"otel_scope_name", "otel_scope_version",
                                      "otel_scope_schema_url"};
    for (uint32_t i = 0; i < sizeof OWN / sizeof *OWN; i++) {
        uint8_t text[5 * 32];
        sonde_writer w = {text, sizeof text, 0, 0};
        sonde_slice own = {(const uint8_t *)OWN[i], strlen(OWN[i])};
        sonde_prom_key_put(&w, l->options, own, l->draft);
        if (sonde_slice_is(key, (sonde_slice){text, w.used}))
            return true;
    }
    return false;
}

/* `keys` holds the key with its prefix, then its translation. */
static void take_prefixed(sonde_prom_labels *l, sonde_slice key,
                          sonde_slice value) {
    sonde_writer w = {l->keys + l->keys_used, l->keys_size - l->keys_used, 0,
                      0};
    sonde_writer_put(&w, SCOPE, SCOPE_SIZE);
    sonde_writer_put(&w, key.data, key.size);
    l->keys_used += w.used;
    take(l, (sonde_slice){w.data, w.used}, value, false);
    if (l->count > 0 && is_own(l, l->items[l->count - 1].key))
        l->count--;
}

void sonde_prom_labels_scope(sonde_prom_labels *l, sonde_slice scope) {
    const uint8_t *p = scope.data, *end = p + scope.size;
    sonde_field it;
    sonde_slice key, value;
    while (next(&p, end, 3, &key, &value))
        take_prefixed(l, key, value);
    p = scope.data;
    while (p < end && sonde_field_next(&it, &p, end)) {
        value = (sonde_slice){it.data, it.size};
        if (it.number == 1)
            sonde_prom_labels_text(l, SLICE("otel_scope_name"), value);
        else if (it.number == 2)
            sonde_prom_labels_text(l, SLICE("otel_scope_version"), value);
    }
}

/* ---- Writing ----------------------------------------------------------- */

static bool before(const void *of, uint32_t a, uint32_t b) {
    const sonde_prom_label *items = of;
    int order = sonde_slice_compare(items[a].key, items[b].key);
    if (order == 0)
        order = sonde_slice_compare(items[a].source, items[b].source);
    return order != 0 ? order < 0 : a < b;
}

static void put_key(sonde_writer *w, const sonde_prom_labels *l,
                    sonde_slice key) {
    bool is_plain = l->options->escaping != SONDE_PROMETHEUS_ALLOW_UTF_8 ||
                    sonde_prom_is_plain(key, true);
    if (is_plain) {
        sonde_writer_put(w, key.data, key.size);
    } else {
        sonde_writer_byte(w, '"');
        sonde_prom_text_put(w, key);
        sonde_writer_byte(w, '"');
    }
    SONDE_PUT(w, "=\"");
}

static void put_value(sonde_writer *w, const sonde_prom_label *it) {
    if (it->space.size > 0) {
        sonde_prom_text_put(w, it->space);
        sonde_writer_byte(w, '/');
    }
    if (it->is_text)
        sonde_prom_text_put(w, it->value);
    else
        sonde_prom_value_put(w, it->value);
}

uint32_t sonde_prom_labels_put(sonde_writer *w, sonde_prom_labels *l) {
    const sonde_prom_label *last = NULL;
    uint32_t written = 0;
    for (uint32_t i = 0; i < l->count; i++)
        l->order[i] = i;
    sonde_prom_sort(l->order, l->count, before, l->items);
    for (uint32_t i = 0; i < l->count; i++) {
        const sonde_prom_label *it = &l->items[l->order[i]];
        if (last != NULL && sonde_slice_is(last->key, it->key)) {
            sonde_writer_byte(w, ';');
        } else {
            if (last != NULL)
                SONDE_PUT(w, "\",");
            put_key(w, l, it->key);
            written++;
        }
        put_value(w, it);
        last = it;
    }
    if (last != NULL)
        sonde_writer_byte(w, '"');
    return written;
}
