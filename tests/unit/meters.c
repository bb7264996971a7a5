/* See meters.h. */
#include "meters.h"
#include "core/wire.h"
#include "sonde_metrics.h"

enum { SHOWN = 8 };

/* NAME, or NAME1 for the first of several. */
static void name_of(char to[64], const char *name, uint32_t i, uint32_t times) {
    if (times == 0)
        (void)snprintf(to, 64, "%.31s", name);
    else
        (void)snprintf(to, 64, "%.25s%u", name, i + 1);
}

/* [xN]; 0 if there is none. */
static uint32_t take_times(vector_words *w) {
    if (vector_at_end(w) || *w->p != 'x')
        return 0;
    w->p++;
    return (uint32_t)vector_number(w);
}

int32_t meters_make(meters *m, sonde *ctx, double now, vector_words *w) {
    char word[64], name[64];
    int32_t id = 0;
    vector_word(w, word);
    uint32_t times = take_times(w);
    for (uint32_t i = 0; i == 0 || i < times; i++) {
        name_of(name, word, i, times);
        sonde_instrument counter = {
            .text = {{(const uint8_t *)name, (uint32_t)strlen(name), false}}};
        id = sonde_meter_put(ctx, now, &counter);
        if (id < 0)
            return id;
        CHECK_INT(id, m->count);
        if (m->count == METERS_MOST)
            vector_bad(w);
        (void)snprintf(m->names[m->count++], 32, "%.31s", name);
    }
    return id;
}

static uint32_t find(const meters *m, const char *name) {
    uint32_t i = 0;
    while (i < m->count && strcmp(m->names[i], name) != 0)
        i++;
    return i;
}

static int32_t add_one(sonde *ctx, double now, uint32_t id, double value,
                       int64_t attribute) {
    uint32_t words[SONDE_HEADER_WORDS + SONDE_NODE_WORDS];
    uint8_t text[8];
    sonde_build b;
    sonde_record record;
    sonde_build_init(&b, words, COUNT(words), text, sizeof text);
    if (attribute >= 0)
        sonde_build_int(&b, "k", attribute);
    CHECK_INT(sonde_build_done(&b, &record), SONDE_OK);
    int32_t handle = sonde_meter_series(ctx, now, id, &record);
    return handle < 0 ? handle : sonde_meter_add(ctx, (uint32_t)handle, value);
}

int32_t meters_add(const meters *m, sonde *ctx, double now, vector_words *w) {
    char word[64], name[64];
    int32_t result = 0;
    int64_t attribute = -1;
    double value = vector_number(w);
    vector_word(w, word);
    uint32_t times = take_times(w);
    if (vector_is(w, "series"))
        attribute = (w->p++, (int64_t)vector_number(w));
    for (uint32_t i = 0; i == 0 || i < times; i++) {
        name_of(name, word, i, times);
        result = add_one(ctx, now, find(m, name), value, attribute);
    }
    return result;
}

/* ---- Requests ------------------------------------------------------------ */

typedef struct {
    char *to;
    size_t size;
    uint32_t metrics;
    uint32_t points;
    double sum;
} view;

static void add(view *v, const char *text, size_t size) {
    size_t used = strlen(v->to);
    (void)snprintf(v->to + used, v->size - used, "%.*s", (int)size, text);
}

/* One Metric: its name comes before its points. */
static void show_point(view *v, const sonde_field *point, bool first) {
    const uint8_t *p = point->data, *end = p + point->size;
    sonde_field field;
    char text[40];
    double value = 0;
    while (p < end && CHECK(sonde_field_next(&field, &p, end))) {
        if (field.number == 4)
            memcpy(&value, &field.value, sizeof value);
    }
    v->points++;
    v->sum += value;
    (void)snprintf(text, sizeof text, "%s%.15g", first ? "=" : "/", value);
    add(v, text, strlen(text));
}

static void show_metric(view *v, const sonde_field *metric) {
    const uint8_t *p = metric->data, *end = p + metric->size;
    sonde_field field, point;
    if (v->metrics++ > 0)
        add(v, ",", 1);
    while (p < end && CHECK(sonde_field_next(&field, &p, end))) {
        const uint8_t *q = field.data, *sum = q;
        if (field.number == 1)
            add(v, (const char *)q, field.size);
        while (field.number == 7 && q < sum + field.size &&
               CHECK(sonde_field_next(&point, &q, sum + field.size))) {
            if (point.number == 1)
                show_point(v, &point, point.data - sum < 4);
        }
    }
}

/* Through the fields 1 (resource) and 2 (scope) to the metrics, field 2. */
static void show_level(view *v, const uint8_t *p, size_t size) {
    const uint8_t *end = p + size;
    sonde_field resource, scope, metric;
    while (p < end && CHECK(sonde_field_next(&resource, &p, end))) {
        const uint8_t *q = resource.data, *q_end = q + resource.size;
        while (q < q_end && CHECK(sonde_field_next(&scope, &q, q_end))) {
            const uint8_t *r = scope.data, *r_end = r + scope.size;
            while (scope.number == 2 && r < r_end &&
                   CHECK(sonde_field_next(&metric, &r, r_end))) {
                if (metric.number == 2)
                    show_metric(v, &metric);
            }
        }
    }
}

void meters_show(const sonde_action *action, char *to, size_t size) {
    static char text[1 << 14];
    view v = {text, sizeof text, 0, 0, 0};
    text[0] = '\0';
    show_level(&v, action->body, action->size);
    CHECK_INT(v.metrics, action->records);
    if (v.metrics <= SHOWN)
        (void)snprintf(to, size, "%s", text);
    else
        (void)snprintf(to, size, "%u metrics, %u points, sum=%.15g", v.metrics,
                       v.points, v.sum);
}
