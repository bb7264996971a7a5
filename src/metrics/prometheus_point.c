/* Owns the samples of data points: of sums and gauges, and of summaries. */
#include "core/number.h"
#include "metrics/prometheus.h"

static const double INFINITE = (double)1e300 * 1e300;

static bool is_negative_or_nan(double value) { return !(value >= 0); }

static double as_double(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void sonde_prom_created_put(sonde_prom *p, uint64_t start) {
    if (!p->is_openmetrics || p->options.no_created || start == 0)
        return;
    sonde_prom_line_start(p, p->entry->family, "_created", SLICE(""), 0);
    sonde_prom_time_put(&p->w, start);
    sonde_prom_line_end(p);
}

/* ---- Numbers ----------------------------------------------------------- */

typedef struct {
    uint64_t start;
    uint64_t bits;
    bool is_int;
} number;

static void number_get(number *n, sonde_slice point) {
    const uint8_t *p = point.data, *end = p + point.size;
    sonde_field it;
    *n = (number){0};
    while (p < end && sonde_field_next(&it, &p, end)) {
        if (it.number == 2)
            n->start = it.value;
        if (it.number != 4 && it.number != 6)
            continue;
        n->bits = it.value;
        n->is_int = it.number == 6;
    }
}

static void put_number(sonde_prom *p, sonde_slice point) {
    bool is_counter = p->entry->type == SONDE_PROM_COUNTER;
    number n;
    number_get(&n, point);
    double value = n.is_int ? (double)(int64_t)n.bits : as_double(n.bits);
    if (is_counter && p->is_openmetrics && is_negative_or_nan(value)) {
        p->stats.bad_points++;
        return;
    }
    sonde_prom_series_start(p, point, 7, SLICE(""));
    sonde_prom_line_start(p, p->entry->name, "", SLICE(""), 0);
    if (n.is_int)
        sonde_int_put(&p->w, (int64_t)n.bits);
    else
        sonde_prom_double_put(&p->w, value, p->is_openmetrics);
    if (is_counter) {
        sonde_prom_exemplars_take(p, point, 5);
        sonde_prom_exemplar_put(p, -INFINITE, INFINITE);
    }
    sonde_prom_line_end(p);
    if (is_counter)
        sonde_prom_created_put(p, n.start);
    p->stats.points++;
}

/* ---- Summaries --------------------------------------------------------- */

typedef struct {
    uint64_t start;
    uint64_t count;
    double sum;
} summary;

/* False if the quantiles do not ascend from 0 to 1. */
static bool summary_get(summary *s, sonde_slice point) {
    const uint8_t *p = point.data, *end = p + point.size;
    double last = -1;
    sonde_field it, member;
    *s = (summary){0};
    while (p < end && sonde_field_next(&it, &p, end)) {
        if (it.number == 2)
            s->start = it.value;
        else if (it.number == 4)
            s->count = it.value;
        else if (it.number == 5)
            s->sum = as_double(it.value);
        if (it.number != 6)
            continue;
        const uint8_t *q = it.data, *q_end = q + it.size;
        double quantile = 0;
        while (q < q_end && sonde_field_next(&member, &q, q_end)) {
            if (member.number == 1)
                quantile = as_double(member.value);
        }
        if (!(quantile >= 0 && quantile <= 1 && quantile > last))
            return false;
        last = quantile;
    }
    return true;
}

static void put_quantile(sonde_prom *p, sonde_slice quantile) {
    const uint8_t *q = quantile.data, *end = q + quantile.size;
    double at = 0, value = 0;
    sonde_field it;
    while (q < end && sonde_field_next(&it, &q, end)) {
        if (it.number == 1)
            at = as_double(it.value);
        else if (it.number == 2)
            value = as_double(it.value);
    }
    if (p->is_openmetrics && value < 0)
        return; /* which it forbids */
    sonde_prom_line_start(p, p->entry->name, "", SLICE("quantile"),
                          at > 0 ? at : 0);
    sonde_prom_double_put(&p->w, value, p->is_openmetrics);
    sonde_prom_line_end(p);
}

static void put_summary(sonde_prom *p, sonde_slice point) {
    const uint8_t *at = point.data, *end = at + point.size;
    summary s;
    sonde_field it;
    if (!summary_get(&s, point)) {
        p->stats.bad_points++;
        return;
    }
    sonde_prom_series_start(p, point, 7, SLICE("quantile"));
    while (at < end && sonde_field_next(&it, &at, end)) {
        if (it.number == 6)
            put_quantile(p, (sonde_slice){it.data, it.size});
    }
    if (!p->is_openmetrics || !is_negative_or_nan(s.sum)) {
        sonde_prom_line_start(p, p->entry->name, "_sum", SLICE(""), 0);
        sonde_prom_double_put(&p->w, s.sum, p->is_openmetrics);
        sonde_prom_line_end(p);
    }
    sonde_prom_line_start(p, p->entry->name, "_count", SLICE(""), 0);
    sonde_uint_put(&p->w, s.count);
    sonde_prom_line_end(p);
    sonde_prom_created_put(p, s.start);
    p->stats.points++;
}

/* ---- Any --------------------------------------------------------------- */

static void put_point(sonde_prom *p, uint32_t kind, sonde_slice point) {
    if (sonde_prom_is_unrecorded(point, kind)) {
        p->stats.unrecorded++;
        return;
    }
    switch (kind) {
    case SONDE_METRIC_HISTOGRAM:
        sonde_prom_histogram_put(p, point);
        break;
    case SONDE_METRIC_EXPONENTIAL:
        sonde_prom_exponential_put(p, point);
        break;
    case SONDE_METRIC_SUMMARY:
        put_summary(p, point);
        break;
    default:
        put_number(p, point);
        break;
    }
}

void sonde_prom_points_put(sonde_prom *p, const sonde_prom_entry *entry) {
    sonde_prom_metric m;
    sonde_field it;
    sonde_prom_metric_get(&m, entry->metric);
    p->entry = entry;
    p->is_plain = sonde_prom_is_plain(entry->name, false);
    const uint8_t *at = m.data.data, *end = at + m.data.size;
    while (at < end && p->w.status == SONDE_OK &&
           sonde_field_next(&it, &at, end)) {
        if (it.number == 1)
            put_point(p, m.kind, (sonde_slice){it.data, it.size});
    }
}
