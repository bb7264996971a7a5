/* Owns the lines of samples: name, labels, what belongs behind the value. The
 * labels of a series are put together once and then copied from the text
 * itself: a histogram has them on each bucket. */
#include "core/number.h"
#include "core/text.h"
#include "metrics/prometheus.h"

/* What a scope says is read again for each of its points. A request can make
 * that far more than its own size, and only such a one does. */
static void charge(sonde_prom *p, size_t size) {
    if (p->scope_bytes < size)
        p->w.status = SONDE_NO_SPACE;
    else
        p->scope_bytes -= size;
}

void sonde_prom_series_start(sonde_prom *p, sonde_slice point,
                             uint32_t attributes, sonde_slice reserved) {
    const sonde_prom_scope *scope = &p->scopes[p->entry->scope];
    sonde_prom_labels_start(&p->labels, reserved);
    sonde_prom_labels_take(&p->labels, point, attributes);
    if (!p->options.no_scope) {
        charge(p, scope->scope.size);
        sonde_prom_labels_scope(&p->labels, scope->scope);
        sonde_prom_labels_text(&p->labels, SLICE("otel_scope_schema_url"),
                               scope->schema_url);
    }
    if (p->has_job)
        sonde_prom_job_take(p, &p->resources[scope->resource]);
    p->has_labels = p->labels.count > 0;
    p->is_written = false;
}

static void put_labels(sonde_prom *p) {
    sonde_writer *w = &p->w;
    if (p->is_written) {
        if (w->status == SONDE_OK)
            sonde_writer_put(w, w->data ? w->data + p->labels_at : NULL,
                             p->labels_size);
        return;
    }
    p->labels_at = w->used;
    sonde_prom_labels_put(w, &p->labels);
    p->labels_size = w->used - p->labels_at;
    p->is_written = true;
}

static void put_name(sonde_prom *p, sonde_slice name, const char *suffix) {
    sonde_writer *w = &p->w;
    if (p->is_plain) {
        sonde_writer_put(w, name.data, name.size);
        sonde_writer_put(w, suffix, strlen(suffix));
        return;
    }
    SONDE_PUT(w, "{\"");
    sonde_prom_text_put(w, name);
    sonde_writer_put(w, suffix, strlen(suffix));
    sonde_writer_byte(w, '"');
}

void sonde_prom_line_start(sonde_prom *p, sonde_slice name, const char *suffix,
                           sonde_slice extra, double number) {
    sonde_writer *w = &p->w;
    uint8_t mark = p->is_plain ? '{' : ',';
    put_name(p, name, suffix);
    if (p->has_labels) {
        sonde_writer_byte(w, mark);
        put_labels(p);
        mark = ',';
    }
    if (extra.size > 0) {
        sonde_writer_byte(w, mark);
        sonde_writer_put(w, extra.data, extra.size);
        SONDE_PUT(w, "=\"");
        sonde_prom_double_put(w, number, p->is_openmetrics);
        sonde_writer_byte(w, '"');
        mark = ',';
    }
    if (mark == ',')
        sonde_writer_byte(w, '}');
    sonde_writer_byte(w, ' ');
}

/* What is only measured has no end of its own: labels of a scope come again
 * with each of its points, so that a small request may become a huge text. */
void sonde_prom_line_end(sonde_prom *p) {
    sonde_writer_byte(&p->w, '\n');
    if (p->w.used > INT32_MAX)
        p->w.status = SONDE_NO_SPACE;
    p->stats.samples++;
}

/* ---- Exemplars --------------------------------------------------------- */

static void exemplar_get(sonde_prom_exemplar *e, sonde_slice exemplar) {
    const uint8_t *p = exemplar.data, *end = p + exemplar.size;
    sonde_field it;
    *e = (sonde_prom_exemplar){.exemplar = exemplar};
    while (p < end && sonde_field_next(&it, &p, end)) {
        if (it.number == 2)
            e->time = it.value;
        else if (it.number == 3)
            memcpy(&e->value, &it.value, sizeof e->value);
        else if (it.number == 6)
            e->value = (double)(int64_t)it.value;
    }
}

static bool exemplar_before(const void *of, uint32_t a, uint32_t b) {
    const sonde_prom_exemplar *e = of;
    if (e[a].value < e[b].value || e[a].value > e[b].value)
        return e[a].value < e[b].value;
    return a < b;
}

void sonde_prom_exemplars_take(sonde_prom *p, sonde_slice point,
                               uint32_t number) {
    const uint8_t *at = point.data, *end = at + point.size;
    uint32_t count = 0;
    sonde_field it;
    while (p->is_openmetrics && count < p->exemplar_room && at < end &&
           sonde_field_next(&it, &at, end)) {
        if (it.number != number)
            continue;
        sonde_prom_exemplar *e = &p->exemplars[count];
        exemplar_get(e, (sonde_slice){it.data, it.size});
        p->exemplar_order[count] = count;
        count += e->value == e->value;
    }
    p->exemplar_count = count;
    sonde_prom_sort(p->exemplar_order, count, exemplar_before, p->exemplars);
}

static void put_id(sonde_writer *w, const char *key, const sonde_field *id) {
    if (w->used > 0)
        sonde_writer_byte(w, ',');
    sonde_writer_put(w, key, strlen(key));
    SONDE_PUT(w, "=\"");
    sonde_hex_put(w, id->data, id->size);
    sonde_writer_byte(w, '"');
}

static bool is_id(const sonde_field *it, size_t size) {
    uint8_t any = 0;
    for (size_t i = 0; i < it->size; i++)
        any |= it->data[i];
    return it->size == size && any != 0;
}

/* Characters of keys and values in the text of so many labels; more if there
 * are keys in quotes. */
static uint32_t characters(sonde_slice labels, uint32_t count) {
    enum { AROUND = 4 /* ="", */ };
    uint32_t sum = 1;
    for (size_t i = 0; i < labels.size; i++) {
        sum += (labels.data[i] & 0xC0) != 0x80;
        i += labels.data[i] == '\\';
    }
    return sum - AROUND * count;
}

/* Takes off the keys that the ids of the exemplar have. */
static void drop_ids(sonde_prom_labels *l) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < l->count; i++) {
        if (!sonde_slice_is(l->items[i].key, SLICE("trace_id")) &&
            !sonde_slice_is(l->items[i].key, SLICE("span_id")))
            l->items[kept++] = l->items[i];
    }
    l->count = kept;
}

/* The ids, and the attributes unless that would be over 128 characters. */
static void put_exemplar_labels(sonde_prom *p, sonde_slice exemplar) {
    enum { CHARACTERS = 128, ROOM = 1024 };
    uint8_t text[ROOM];
    sonde_writer w = {text, sizeof text, 0, 0};
    const uint8_t *at = exemplar.data, *end = at + exemplar.size;
    sonde_field it, trace = {.size = 0}, span = {.size = 0};
    while (at < end && sonde_field_next(&it, &at, end)) {
        if (it.number == 4)
            span = it;
        else if (it.number == 5)
            trace = it;
    }
    uint32_t count = 0;
    if (is_id(&trace, 16)) {
        put_id(&w, "trace_id", &trace);
        count++;
    }
    if (is_id(&span, 8)) {
        put_id(&w, "span_id", &span);
        count++;
    }
    size_t ids = w.used;
    sonde_prom_labels_start(&p->labels, SLICE(""));
    sonde_prom_labels_take(&p->labels, exemplar, 7);
    drop_ids(&p->labels);
    if (p->labels.count > 0) {
        if (ids > 0)
            sonde_writer_byte(&w, ',');
        count += sonde_prom_labels_put(&w, &p->labels);
        if (w.status != SONDE_OK ||
            characters((sonde_slice){text, w.used}, count) > CHARACTERS)
            w.used = ids;
    }
    sonde_writer_put(&p->w, text, w.used);
}

void sonde_prom_exemplar_put(sonde_prom *p, double from, double to) {
    const sonde_prom_exemplar *latest = NULL;
    uint32_t low = 0, high = p->exemplar_count;
    while (low < high) { /* the first one above `from` */
        uint32_t middle = low + (high - low) / 2;
        if (p->exemplars[p->exemplar_order[middle]].value > from)
            high = middle;
        else
            low = middle + 1;
    }
    for (; low < p->exemplar_count; low++) {
        const sonde_prom_exemplar *e = &p->exemplars[p->exemplar_order[low]];
        if (e->value > to)
            break;
        if (latest == NULL || e->time >= latest->time)
            latest = e;
    }
    if (latest == NULL)
        return;
    SONDE_PUT(&p->w, " # {");
    put_exemplar_labels(p, latest->exemplar);
    SONDE_PUT(&p->w, "} ");
    sonde_prom_double_put(&p->w, latest->value, true);
    if (latest->time > 0) {
        sonde_writer_byte(&p->w, ' ');
        sonde_prom_time_put(&p->w, latest->time);
    }
}
