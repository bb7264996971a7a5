/* Owns the index: each metric with the name and family that it goes out as,
 * in the order of families, and what is left out because an earlier one has
 * the name. The request has been checked: fields are of their types. */
#include "metrics/prometheus.h"

enum { NO_RECORDED_VALUE = 1, CUMULATIVE = 2 };

void sonde_prom_data_get(sonde_slice data, uint64_t *temporality,
                         bool *is_monotonic) {
    const uint8_t *p = data.data, *end = p + data.size;
    sonde_field it;
    *temporality = 0;
    *is_monotonic = false;
    while (p < end && sonde_field_next(&it, &p, end)) {
        if (it.number == 2)
            *temporality = it.value;
        else if (it.number == 3)
            *is_monotonic = it.value != 0;
    }
}

bool sonde_prom_is_unrecorded(sonde_slice point, uint32_t kind) {
    bool is_number = kind == SONDE_METRIC_GAUGE || kind == SONDE_METRIC_SUM;
    uint32_t flags = is_number || kind == SONDE_METRIC_SUMMARY ? 8 : 10;
    const uint8_t *p = point.data, *end = p + point.size;
    bool has_value = !is_number, is_flagged = false;
    sonde_field it;
    while (p < end && sonde_field_next(&it, &p, end)) {
        if (it.number == flags)
            is_flagged = it.value & NO_RECORDED_VALUE;
        else if (it.number == 4 || it.number == 6)
            has_value = true;
    }
    return is_flagged || !has_value;
}

/* ---- Metrics ----------------------------------------------------------- */

/* The metadata prometheus.type of a metric that came from Prometheus. */
static bool says_unknown(sonde_slice metadata) {
    const uint8_t *p = metadata.data, *end = p + metadata.size;
    bool is_type = false, is_unknown = false;
    sonde_field it;
    while (p < end && sonde_field_next(&it, &p, end)) {
        sonde_slice bytes = {it.data, it.size};
        if (it.number == 1)
            is_type = sonde_slice_is(bytes, SLICE("prometheus.type"));
        else if (it.number == 2)
            is_unknown =
                sonde_slice_is(sonde_prom_string(bytes), SLICE("unknown"));
    }
    return is_type && is_unknown;
}

void sonde_prom_metric_get(sonde_prom_metric *m, sonde_slice metric) {
    const uint8_t *p = metric.data, *end = p + metric.size;
    sonde_field it;
    *m = (sonde_prom_metric){.name = SLICE(""),
                             .description = SLICE(""),
                             .unit = SLICE(""),
                             .data = SLICE("")};
    while (p < end && sonde_field_next(&it, &p, end)) {
        sonde_slice bytes = {it.data, it.size};
        switch (it.number) {
        case 1:
            m->name = bytes;
            break;
        case 2:
            m->description = bytes;
            break;
        case 3:
            m->unit = bytes;
            break;
        case 12:
            m->is_unknown |= says_unknown(bytes);
            break;
        case SONDE_METRIC_GAUGE:
        case SONDE_METRIC_SUM:
        case SONDE_METRIC_HISTOGRAM:
        case SONDE_METRIC_EXPONENTIAL:
        case SONDE_METRIC_SUMMARY:
            m->kind = it.number;
            m->data = bytes;
            break;
        default:
            break;
        }
    }
}

/* False, and they are counted, if none of its points was recorded. */
static bool has_points(sonde_prom *p, const sonde_prom_metric *m) {
    const uint8_t *at = m->data.data, *end = at + m->data.size;
    uint32_t unrecorded = 0; /* of others, counted as they are written */
    sonde_field it;
    while (at < end && sonde_field_next(&it, &at, end)) {
        if (it.number != 1)
            continue;
        if (!sonde_prom_is_unrecorded((sonde_slice){it.data, it.size}, m->kind))
            return true;
        unrecorded++;
    }
    p->stats.unrecorded += unrecorded;
    return false;
}

static sonde_prom_type type_of(const sonde_prom_metric *m, bool is_monotonic) {
    switch (m->kind) {
    case SONDE_METRIC_HISTOGRAM:
    case SONDE_METRIC_EXPONENTIAL:
        return SONDE_PROM_HISTOGRAM;
    case SONDE_METRIC_SUMMARY:
        return SONDE_PROM_SUMMARY;
    default:
        if (m->kind == SONDE_METRIC_SUM && is_monotonic)
            return SONDE_PROM_COUNTER;
        return m->is_unknown ? SONDE_PROM_UNKNOWN : SONDE_PROM_GAUGE;
    }
}

static void name_entry(sonde_prom *p, sonde_prom_entry *e,
                       const sonde_prom_metric *m) {
    sonde_writer w = {p->names + p->names_used, p->names_size - p->names_used,
                      0, 0};
    sonde_prom_name_put(&w, &p->options, m->name, m->unit, e->type, p->draft);
    e->name = e->family = (sonde_slice){w.data, w.used};
    p->names_used += w.used;
    if (!p->is_openmetrics || e->type != SONDE_PROM_COUNTER)
        return;
    if (e->name.size > 6 && sonde_slice_ends(e->name, SLICE("_total")))
        e->family.size -= 6;
    else
        e->type = SONDE_PROM_UNKNOWN; /* OpenMetrics has no such counter */
}

static void take_metric(sonde_prom *p, sonde_slice metric) {
    sonde_prom_metric m;
    uint64_t temporality;
    bool is_monotonic;
    sonde_prom_metric_get(&m, metric);
    if (m.kind == 0 || !has_points(p, &m))
        return;
    sonde_prom_data_get(m.data, &temporality, &is_monotonic);
    if (temporality != CUMULATIVE && m.kind != SONDE_METRIC_GAUGE &&
        m.kind != SONDE_METRIC_SUMMARY) {
        p->stats.delta++;
        return;
    }
    sonde_prom_entry *e = &p->entries[p->entry_count];
    *e = (sonde_prom_entry){.metric = metric,
                            .scope = p->scope_count - 1,
                            .type = type_of(&m, is_monotonic)};
    name_entry(p, e, &m);
    if (e->name.size == 0)
        p->stats.unnamed++;
    else
        p->entry_count++;
}

/* ---- Resources and scopes ---------------------------------------------- */

static void take_scope(sonde_prom *p, sonde_slice metrics) {
    const uint8_t *at = metrics.data, *end = at + metrics.size;
    sonde_prom_scope *scope = &p->scopes[p->scope_count++];
    sonde_field it;
    *scope = (sonde_prom_scope){SLICE(""), SLICE(""), p->resource_count - 1};
    while (at < end && sonde_field_next(&it, &at, end)) {
        sonde_slice bytes = {it.data, it.size};
        if (it.number == 1)
            scope->scope = bytes;
        else if (it.number == 2)
            take_metric(p, bytes);
        else if (it.number == 3)
            scope->schema_url = bytes;
    }
}

static void take_attribute(sonde_prom_resource *r, sonde_slice attribute) {
    const uint8_t *at = attribute.data, *end = at + attribute.size;
    sonde_slice key = SLICE(""), value = SLICE("");
    sonde_field it;
    while (at < end && sonde_field_next(&it, &at, end)) {
        if (it.number == 1)
            key = (sonde_slice){it.data, it.size};
        else if (it.number == 2)
            value = sonde_prom_string((sonde_slice){it.data, it.size});
    }
    if (sonde_slice_is(key, SLICE("service.name")))
        r->service = value;
    else if (sonde_slice_is(key, SLICE("service.namespace")))
        r->space = value;
    else if (sonde_slice_is(key, SLICE("service.instance.id")))
        r->instance = value;
}

static void take_resource(sonde_prom *p, sonde_slice metrics) {
    const uint8_t *at = metrics.data, *end = at + metrics.size;
    sonde_prom_resource *r = &p->resources[p->resource_count++];
    sonde_field it, attribute;
    *r = (sonde_prom_resource){SLICE(""), SLICE(""), SLICE(""), SLICE("")};
    while (at < end && sonde_field_next(&it, &at, end)) {
        if (it.number == 2)
            take_scope(p, (sonde_slice){it.data, it.size});
        if (it.number != 1)
            continue;
        const uint8_t *q = it.data, *q_end = q + it.size;
        r->attributes = (sonde_slice){it.data, it.size};
        while (q < q_end && sonde_field_next(&attribute, &q, q_end)) {
            if (attribute.number == 1)
                take_attribute(r,
                               (sonde_slice){attribute.data, attribute.size});
        }
    }
}

static int compare_targets(const sonde_prom_resource *a,
                           const sonde_prom_resource *b) {
    int order = sonde_slice_compare(a->space, b->space);
    if (order == 0)
        order = sonde_slice_compare(a->service, b->service);
    return order != 0 ? order : sonde_slice_compare(a->instance, b->instance);
}

static bool target_before(const void *of, uint32_t a, uint32_t b) {
    const sonde_prom_resource *r = of;
    int order = compare_targets(&r[a], &r[b]);
    return order != 0 ? order < 0 : a < b;
}

bool sonde_prom_same_target(const sonde_prom *p, uint32_t a, uint32_t b) {
    return compare_targets(&p->resources[a], &p->resources[b]) == 0;
}

static void sort_targets(sonde_prom *p) {
    for (uint32_t i = 0; i < p->resource_count; i++)
        p->resource_order[i] = i;
    sonde_prom_sort(p->resource_order, p->resource_count, target_before,
                    p->resources);
    p->has_job = p->options.job;
    if (p->resource_count > 0 &&
        !sonde_prom_same_target(p, p->resource_order[0],
                                p->resource_order[p->resource_count - 1]))
        p->has_job = true;
}

/* <service.namespace>/<service.name> */
void sonde_prom_job_take(sonde_prom *p, const sonde_prom_resource *of) {
    sonde_prom_labels *l = &p->labels;
    uint32_t count = l->count;
    sonde_prom_labels_text(l, SLICE("job"), of->service);
    if (l->count > count)
        l->items[count].space = of->space;
    sonde_prom_labels_text(l, SLICE("instance"), of->instance);
}

/* ---- Families ---------------------------------------------------------- */

static bool entry_before(const void *of, uint32_t a, uint32_t b) {
    const sonde_prom_entry *e = of;
    int order = sonde_slice_compare(e[a].family, e[b].family);
    return order != 0 ? order < 0 : a < b;
}

/* The place in the order where a family begins, or would. */
static uint32_t find(const sonde_prom *p, sonde_slice family) {
    uint32_t low = 0, high = p->entry_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (sonde_slice_compare(p->entries[p->order[middle]].family, family) <
            0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void leave_out(sonde_prom *p, sonde_slice family, sonde_prom_type keep) {
    for (uint32_t i = find(p, family); i < p->entry_count; i++) {
        sonde_prom_entry *e = &p->entries[p->order[i]];
        if (!sonde_slice_is(e->family, family))
            return;
        if (e->is_left_out || e->type == keep)
            continue;
        e->is_left_out = true;
        p->stats.conflicts++;
    }
}

/* Samples that a family of a type has beside those of its own name. */
static const struct {
    const char *suffix;
    uint32_t types; /* bits */
    bool only_openmetrics;
} SUFFIXES[] = {
    {"_bucket", 1u << SONDE_PROM_HISTOGRAM, false},
    {"_count", 1u << SONDE_PROM_HISTOGRAM | 1u << SONDE_PROM_SUMMARY, false},
    {"_sum", 1u << SONDE_PROM_HISTOGRAM | 1u << SONDE_PROM_SUMMARY, false},
    {"_total", 1u << SONDE_PROM_COUNTER, true},
    {"_created",
     1u << SONDE_PROM_HISTOGRAM | 1u << SONDE_PROM_SUMMARY |
         1u << SONDE_PROM_COUNTER,
     true},
};

/* A family x_count, and a histogram x: the later one is left out. */
static void settle_samples(sonde_prom *p, uint32_t at) {
    const sonde_prom_entry *e = &p->entries[p->order[at]];
    for (uint32_t i = 0; i < sizeof SUFFIXES / sizeof *SUFFIXES; i++) {
        size_t size = strlen(SUFFIXES[i].suffix);
        sonde_slice end = {(const uint8_t *)SUFFIXES[i].suffix, size};
        if (!sonde_slice_ends(e->family, end) ||
            (SUFFIXES[i].only_openmetrics && !p->is_openmetrics))
            continue;
        sonde_slice other = {e->family.data, e->family.size - size};
        uint32_t found = find(p, other);
        if (found == p->entry_count)
            continue;
        const sonde_prom_entry *o = &p->entries[p->order[found]];
        if (o->is_left_out || !sonde_slice_is(o->family, other) ||
            !(SUFFIXES[i].types >> o->type & 1))
            continue;
        bool is_later = p->order[at] > p->order[found];
        leave_out(p, is_later ? e->family : other, (sonde_prom_type)-1);
    }
}

static void settle(sonde_prom *p) {
    for (uint32_t i = 0; i < p->entry_count;) {
        const sonde_prom_entry *first = &p->entries[p->order[i]];
        uint32_t next = i + 1;
        bool differs = false;
        for (; next < p->entry_count; next++) {
            const sonde_prom_entry *e = &p->entries[p->order[next]];
            if (!sonde_slice_is(e->family, first->family))
                break;
            differs |= e->type != first->type;
        }
        if (differs)
            leave_out(p, first->family, first->type);
        if (!first->is_left_out)
            settle_samples(p, i);
        i = next;
    }
    if (p->options.no_target_info)
        return;
    leave_out(p, SLICE("target_info"), (sonde_prom_type)-1);
    if (p->is_openmetrics)
        leave_out(p, SLICE("target"), (sonde_prom_type)-1);
}

void sonde_prom_index(sonde_prom *p, const uint8_t *request, size_t size) {
    const uint8_t *at = request, *end = at + size;
    sonde_field it;
    while (at < end && sonde_field_next(&it, &at, end)) {
        if (it.number == 1)
            take_resource(p, (sonde_slice){it.data, it.size});
    }
    for (uint32_t i = 0; i < p->entry_count; i++)
        p->order[i] = i;
    sonde_prom_sort(p->order, p->entry_count, entry_before, p->entries);
    settle(p);
    sort_targets(p);
}
