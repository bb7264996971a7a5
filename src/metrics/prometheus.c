/* Owns the exposition as a whole: work memory, and the families one by one. */
#include "metrics/prometheus.h"

static bool are_options(const sonde_prometheus_options *o) {
    return o->format < SONDE_PROMETHEUS_FORMAT_COUNT &&
           o->strategy < SONDE_PROMETHEUS_STRATEGY_COUNT &&
           o->escaping < SONDE_PROMETHEUS_ESCAPING_COUNT;
}

/* ---- Work memory ------------------------------------------------------- */

/* Labels that no attribute makes: three of the scope, job, instance. */
enum { OWN_LABELS = 5, SCOPE_PREFIX = 11, KEY_MORE = SONDE_PROM_NAME_MORE };

/* Memory in pieces. Without any it only counts; what is over the end is not
 * handed out, and there is no end below 2^64 to overflow: a request has less
 * than 2^31 bytes, and each of them makes a few hundred at most. */
typedef struct {
    uint8_t *at;
    uint64_t size;
    uint64_t used;
} pieces;

static void *piece(pieces *m, uint64_t count, size_t size) {
    uint64_t start = m->used;
    m->used += (count * size + 7) & ~UINT64_C(7);
    return m->at != NULL && m->used <= m->size ? m->at + start : NULL;
}

static void carve_labels(sonde_prom_labels *l, pieces *m,
                         const sonde_prom_counts *n, uint64_t factor) {
    /* attributes of a point and of its scope */
    uint64_t labels = 2 * n->labels + OWN_LABELS;
    uint64_t keys = (factor + 1) * 2 * n->key_bytes +
                    labels * (factor * KEY_MORE + SCOPE_PREFIX) + n->key_bytes;
    l->items = piece(m, labels, sizeof *l->items);
    l->order = piece(m, labels, sizeof *l->order);
    l->keys = piece(m, keys, 1);
    l->room = (uint32_t)labels;
    l->keys_size = (size_t)keys;
}

static void carve(sonde_prom *p, pieces *m, const sonde_prom_counts *n) {
    uint64_t factor = sonde_prom_name_factor(&p->options);
    uint64_t names = factor * (n->name_bytes + n->metrics * KEY_MORE);
    uint64_t text = n->name_most > n->key_bytes ? n->name_most : n->key_bytes;
    p->entries = piece(m, n->metrics, sizeof *p->entries);
    p->order = piece(m, n->metrics, sizeof *p->order);
    p->scopes = piece(m, n->scopes, sizeof *p->scopes);
    p->resources = piece(m, n->resources, sizeof *p->resources);
    p->resource_order = piece(m, n->resources, sizeof *p->resource_order);
    p->names = piece(m, names, 1);
    p->names_size = (size_t)names;
    p->draft = piece(m, 3 * (text + SCOPE_PREFIX) + 2 * KEY_MORE, 1);
    p->exemplars = piece(m, n->exemplars, sizeof *p->exemplars);
    p->exemplar_order = piece(m, n->exemplars, sizeof *p->exemplar_order);
    p->exemplar_room = (uint32_t)n->exemplars;
    p->folded = piece(m, n->has_exponential ? 2 * SONDE_PROM_FOLDED : 0,
                      sizeof *p->folded);
    carve_labels(&p->labels, m, n, factor);
    p->labels.draft = p->draft;
    p->labels.options = &p->options;
}

/* Bytes needed, or a status. */
static int64_t prepare(sonde_prom *p, pieces *m,
                       const sonde_prometheus_options *options,
                       const uint8_t *request, size_t size) {
    sonde_prom_counts counts;
    *p = (sonde_prom){.options = *options};
    if (!are_options(options))
        return SONDE_BAD_OPTION;
    if (!sonde_prom_check(&counts, request, size))
        return SONDE_BAD_INPUT;
    carve(p, m, &counts);
    if (counts.has_exponential && m->used <= m->size)
        memset(p->folded, 0, 2 * SONDE_PROM_FOLDED * sizeof *p->folded);
    return m->used <= INT32_MAX ? (int64_t)m->used : SONDE_NO_MEMORY;
}

int32_t sonde_prometheus_work(const sonde_prometheus_options *options,
                              const uint8_t *request, size_t size) {
    sonde_prom p;
    pieces none = {NULL, 0, 0};
    return (int32_t)prepare(&p, &none, options, request, size);
}

/* ---- target_info ------------------------------------------------------- */

static bool is_target(sonde_slice key) {
    return sonde_slice_is(key, SLICE("service.name")) ||
           sonde_slice_is(key, SLICE("service.namespace")) ||
           sonde_slice_is(key, SLICE("service.instance.id"));
}

/* Job and instance stand for the attributes that they are made of. */
static void take_target(sonde_prom *p, const sonde_prom_resource *r) {
    sonde_prom_labels *l = &p->labels;
    uint32_t kept = 0;
    sonde_prom_labels_start(l, SLICE(""));
    sonde_prom_labels_take(l, r->attributes, 1);
    if (!p->has_job)
        return;
    for (uint32_t i = 0; i < l->count; i++) {
        if (!is_target(l->items[i].source))
            l->items[kept++] = l->items[i];
    }
    l->count = kept;
    sonde_prom_job_take(p, r);
}

static void put_target_head(sonde_prom *p) {
    if (p->stats.families++ > 0)
        return;
    if (p->is_openmetrics)
        SONDE_PUT(&p->w, "# HELP target Target metadata\n"
                         "# TYPE target info\n");
    else
        SONDE_PUT(&p->w, "# HELP target_info Target metadata\n"
                         "# TYPE target_info gauge\n");
}

static void put_targets(sonde_prom *p) {
    p->is_plain = true;
    for (uint32_t i = 0; i < p->resource_count && p->w.status == SONDE_OK;
         i++) {
        uint32_t at = p->resource_order[i];
        if (i > 0 && sonde_prom_same_target(p, p->resource_order[i - 1], at))
            continue;
        take_target(p, &p->resources[at]);
        if (p->labels.count == 0)
            continue;
        p->has_labels = true;
        p->is_written = false;
        put_target_head(p);
        sonde_prom_line_start(p, SLICE("target_info"), "", SLICE(""), 0);
        sonde_writer_byte(&p->w, '1');
        sonde_prom_line_end(p);
    }
    p->stats.families = p->stats.families > 0;
}

/* ---- Families ---------------------------------------------------------- */

static const char *type_text(const sonde_prom *p, sonde_prom_type type) {
    switch (type) {
    case SONDE_PROM_GAUGE:
        return "gauge";
    case SONDE_PROM_COUNTER:
        return "counter";
    case SONDE_PROM_HISTOGRAM:
        return "histogram";
    case SONDE_PROM_SUMMARY:
        return "summary";
    default:
        return p->is_openmetrics ? "unknown" : "untyped";
    }
}

static void put_comment(sonde_prom *p, const char *what, sonde_slice family) {
    sonde_writer *w = &p->w;
    bool is_plain = sonde_prom_is_plain(family, false);
    SONDE_PUT(w, "# ");
    sonde_writer_put(w, what, strlen(what));
    sonde_writer_byte(w, ' ');
    if (!is_plain)
        sonde_writer_byte(w, '"');
    sonde_prom_text_put(w, family);
    if (!is_plain)
        sonde_writer_byte(w, '"');
    sonde_writer_byte(w, ' ');
}

/* Only where the family's name ends with the unit, as OpenMetrics wants. */
static void put_unit(sonde_prom *p, const sonde_prom_entry *e,
                     sonde_slice unit) {
    uint32_t strategy = p->options.strategy;
    sonde_writer w = {p->draft, 3 * unit.size + KEY_MORE, 0, 0};
    sonde_prom_unit_put(&w, unit, e->type,
                        strategy <=
                            SONDE_PROMETHEUS_UnderscoreEscapingWithoutSuffixes);
    sonde_slice words = {w.data, w.used};
    if (w.used == 0 || e->family.size < words.size + 1 ||
        !sonde_prom_is_plain(words, false) ||
        !sonde_slice_ends(e->family, words) ||
        e->family.data[e->family.size - words.size - 1] != '_')
        return;
    put_comment(p, "UNIT", e->family);
    sonde_writer_put(&p->w, words.data, words.size);
    sonde_writer_byte(&p->w, '\n');
}

/* The first metric of a family that has a description, or a unit, gives it. */
static void put_help(sonde_prom *p, const sonde_prom_entry *e,
                     sonde_slice help) {
    put_comment(p, "HELP", e->family);
    sonde_prom_help_put(&p->w, help, p->is_openmetrics);
    sonde_writer_byte(&p->w, '\n');
}

static bool is_of_family(const sonde_prom *p, uint32_t at,
                         const sonde_prom_entry *first) {
    return at < p->entry_count &&
           sonde_slice_is(p->entries[p->order[at]].family, first->family);
}

static void put_head(sonde_prom *p, uint32_t at) {
    const sonde_prom_entry *first = &p->entries[p->order[at]];
    sonde_slice help = SLICE(""), unit = SLICE("");
    const char *type = type_text(p, first->type);
    sonde_prom_metric m;
    for (; is_of_family(p, at, first); at++) {
        const sonde_prom_entry *e = &p->entries[p->order[at]];
        if (e->is_left_out)
            continue;
        sonde_prom_metric_get(&m, e->metric);
        help = help.size > 0 ? help : m.description;
        unit = unit.size > 0 ? unit : m.unit;
    }
    if (help.size > 0)
        put_help(p, first, help);
    put_comment(p, "TYPE", first->family);
    sonde_writer_put(&p->w, type, strlen(type));
    sonde_writer_byte(&p->w, '\n');
    if (p->is_openmetrics)
        put_unit(p, first, unit);
    p->stats.families++;
}

static void put_families(sonde_prom *p) {
    const sonde_prom_entry *first = NULL;
    for (uint32_t i = 0; i < p->entry_count && p->w.status == SONDE_OK; i++) {
        const sonde_prom_entry *e = &p->entries[p->order[i]];
        if (e->is_left_out)
            continue;
        if (first == NULL || !sonde_slice_is(first->family, e->family)) {
            first = e;
            put_head(p, i);
        }
        sonde_prom_points_put(p, e);
    }
}

/* How much may be read of scopes, again and again, by the request's size. */
enum { SCOPE_TIMES = 8, SCOPE_MORE = 1 << 22 };

int32_t sonde_prometheus_put(uint8_t *to, size_t size,
                             sonde_prometheus_stats *stats,
                             const sonde_prometheus_options *options,
                             const uint8_t *request, size_t request_size,
                             void *work, size_t work_size) {
    sonde_prom p;
    pieces memory = {work, work_size, 0};
    int64_t need = prepare(&p, &memory, options, request, request_size);
    if (need < 0)
        return (int32_t)need;
    if ((uint64_t)need > work_size)
        return SONDE_NO_MEMORY;
    p.w = (sonde_writer){to, size, 0, SONDE_OK};
    p.scope_bytes = SCOPE_TIMES * (uint64_t)request_size + SCOPE_MORE;
    p.is_openmetrics = options->format >= SONDE_PROMETHEUS_OPENMETRICS_0_0_1;
    sonde_prom_index(&p, request, request_size);
    if (!options->no_target_info)
        put_targets(&p);
    put_families(&p);
    if (p.is_openmetrics)
        SONDE_PUT(&p.w, "# EOF\n");
    if (stats != NULL)
        *stats = p.stats;
    if (p.w.status == SONDE_OK && p.w.used > INT32_MAX)
        return SONDE_NO_SPACE; /* by what ends it */
    return p.w.status == SONDE_OK ? (int32_t)p.w.used : p.w.status;
}
