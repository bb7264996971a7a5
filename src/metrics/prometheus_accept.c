/* Owns content negotiation: an Accept header to a format, and back. Escaping
 * goes with the clause that was chosen. */
#include "metrics/prometheus.h"

enum { HEADER = 4096 };

static const char *const TYPES[] = {
#define SONDE_TYPE(name, type) type,
    SONDE_PROMETHEUS_FORMATS(SONDE_TYPE)
#undef SONDE_TYPE
};

static const char *const STRATEGIES[] = {
#define SONDE_NAME(name) #name,
    SONDE_PROMETHEUS_STRATEGIES(SONDE_NAME)
#undef SONDE_NAME
};

static const char *const ESCAPINGS[] = {
#define SONDE_NAME(name, text) text,
    SONDE_PROMETHEUS_ESCAPINGS(SONDE_NAME)
#undef SONDE_NAME
};

static bool is(sonde_slice s, const char *text) {
    return sonde_slice_is(s,
                          (sonde_slice){(const uint8_t *)text, strlen(text)});
}

static int32_t find(const char *const *names, uint32_t count, sonde_slice s) {
    for (uint32_t i = 0; i < count; i++) {
        if (is(s, names[i]))
            return (int32_t)i;
    }
    return SONDE_BAD_OPTION;
}

int32_t sonde_prometheus_strategy(const char *name, size_t size) {
    return find(STRATEGIES, SONDE_PROMETHEUS_STRATEGY_COUNT,
                (sonde_slice){(const uint8_t *)name, size});
}

int32_t sonde_prometheus_escaping(const char *name, size_t size) {
    return find(ESCAPINGS, SONDE_PROMETHEUS_ESCAPING_COUNT,
                (sonde_slice){(const uint8_t *)name, size});
}

/* ---- Accept ------------------------------------------------------------ */

static sonde_slice trim(sonde_slice s) {
    for (; s.size > 0 && (*s.data == ' ' || *s.data == '\t'); s.data++)
        s.size--;
    while (s.size > 0 &&
           (s.data[s.size - 1] == ' ' || s.data[s.size - 1] == '\t'))
        s.size--;
    return s;
}

/* Cuts off what stands before the next mark, and the mark. */
static sonde_slice cut(sonde_slice *rest, uint8_t mark) {
    const uint8_t *at =
        rest->size > 0 ? memchr(rest->data, mark, rest->size) : NULL;
    sonde_slice first = *rest;
    if (at == NULL) {
        rest->data += rest->size;
        rest->size = 0;
        return trim(first);
    }
    first.size = (size_t)(at - first.data);
    rest->size -= first.size + 1;
    rest->data = at + 1;
    return trim(first);
}

/* q=0.5 in thousandths (RFC 9110, section 12.4.2); 0, and so none, for what
 * is no weight. */
static uint32_t weight(sonde_slice s) {
    static const uint32_t UNITS[] = {1000, 0, 100, 10, 1};
    uint32_t sum = 0;
    if (s.size == 0 || s.size > sizeof UNITS / sizeof *UNITS)
        return 0;
    for (size_t i = 0; i < s.size; i++) {
        uint32_t digit = (uint32_t)s.data[i] - '0';
        if (i == 1 ? s.data[i] != '.' : digit > 9)
            return 0;
        if (i != 1)
            sum += digit * UNITS[i];
    }
    return sum <= 1000 ? sum : 0;
}

typedef struct {
    sonde_slice type;
    sonde_slice version;
    uint32_t weight;
    int32_t escaping;
} clause;

static sonde_slice unquote(sonde_slice s) {
    bool is_quoted =
        s.size >= 2 && s.data[0] == '"' && s.data[s.size - 1] == '"';
    return is_quoted ? (sonde_slice){s.data + 1, s.size - 2} : s;
}

static clause clause_get(sonde_slice text) {
    clause c = {cut(&text, ';'), SLICE(""), 1000, SONDE_PROMETHEUS_UNDERSCORES};
    while (text.size > 0) {
        sonde_slice value = cut(&text, ';'), name = cut(&value, '=');
        value = unquote(trim(value));
        if (is(name, "q") || is(name, "Q"))
            c.weight = weight(value);
        else if (is(name, "version"))
            c.version = value;
        else if (is(name, "escaping"))
            c.escaping =
                find(ESCAPINGS, SONDE_PROMETHEUS_ESCAPING_COUNT, value);
    }
    if (c.escaping < 0)
        c.escaping = SONDE_PROMETHEUS_UNDERSCORES;
    return c;
}

/* The format that a clause takes, or -1. */
static int32_t format_of(const clause *c) {
    if (is(c->type, "*/*") || is(c->type, "text/*"))
        return SONDE_PROMETHEUS_TEXT_0_0_4;
    if (is(c->type, "text/plain")) {
        if (is(c->version, "1.0.0"))
            return SONDE_PROMETHEUS_TEXT_1_0_0;
        return c->version.size == 0 || is(c->version, "0.0.4")
                   ? SONDE_PROMETHEUS_TEXT_0_0_4
                   : -1;
    }
    if (!is(c->type, "application/openmetrics-text"))
        return -1;
    if (is(c->version, "1.0.0"))
        return SONDE_PROMETHEUS_OPENMETRICS_1_0_0;
    return c->version.size == 0 || is(c->version, "0.0.1")
               ? SONDE_PROMETHEUS_OPENMETRICS_0_0_1
               : -1;
}

void sonde_prometheus_accept(sonde_prometheus_options *options,
                             const char *accept, size_t size) {
    sonde_slice rest = SLICE("");
    uint32_t best = 0;
    if (accept != NULL)
        rest = (sonde_slice){(const uint8_t *)accept,
                             size < HEADER ? size : HEADER};
    options->format = SONDE_PROMETHEUS_TEXT_0_0_4;
    options->escaping = SONDE_PROMETHEUS_UNDERSCORES;
    while (rest.size > 0) {
        clause c = clause_get(cut(&rest, ','));
        int32_t format = format_of(&c);
        if (format < 0 || c.weight <= best)
            continue;
        best = c.weight;
        options->format = (uint32_t)format;
        options->escaping = (uint32_t)c.escaping;
    }
}

int32_t sonde_prometheus_type(char *to, size_t size,
                              const sonde_prometheus_options *o) {
    sonde_writer w = {(uint8_t *)to, size, 0, SONDE_OK};
    if (o->format >= SONDE_PROMETHEUS_FORMAT_COUNT ||
        o->escaping >= SONDE_PROMETHEUS_ESCAPING_COUNT)
        return SONDE_BAD_OPTION;
    sonde_writer_put(&w, TYPES[o->format], strlen(TYPES[o->format]));
    SONDE_PUT(&w, "; charset=utf-8; escaping=");
    sonde_writer_put(&w, ESCAPINGS[o->escaping],
                     strlen(ESCAPINGS[o->escaping]));
    return w.status == SONDE_OK ? (int32_t)w.used : w.status;
}
