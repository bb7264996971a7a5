/* tests/vectors/metrics.txt: from measurements to request bodies, in both
 * encodings. The expected bytes are from tests/oracle/make_metrics.py. */
#include "sonde_metrics.h"
#include "vector.h"

static const double START = 1700000000000.0;

enum { MAX_BODY = 1 << 16, MAX_TEXT = 512 };

typedef struct {
    sonde *ctx;
    uint32_t encoding;
    uint32_t scope;
    double now;
} runner;

static uint32_t words[SONDE_HEADER_WORDS + 4 * 128];
static uint8_t text[MAX_BODY];

/* ---- Lines -----------------------------------------------------------------
 */

static void put_resource(runner *r, vector_words *w) {
    sonde_build b;
    sonde_record record;
    sonde_build_init(&b, words, COUNT(words), text, sizeof text);
    (void)vector_entries(w, &b);
    CHECK_INT(sonde_build_done(&b, &record), SONDE_OK);
    CHECK_INT(law_resource(r->ctx, &record), SONDE_OK);
}

static void put_scope(runner *r, vector_words *w) {
    uint8_t name[MAX_TEXT], version[MAX_TEXT];
    size_t name_size = vector_string(w, name, sizeof name);
    size_t version_size = vector_string(w, version, sizeof version);
    int32_t id = sonde_scope_put(r->ctx, (const char *)name, name_size,
                                 (const char *)version, version_size);
    CHECK(id >= 0);
    r->scope = (uint32_t)id;
}

/* KIND [integer] [min_max] */
static uint32_t take_what(vector_words *w) {
    static const struct {
        const char *name;
        uint32_t kind;
    } kinds[] = {
        {"counter", SONDE_KIND_COUNTER},
        {"updown", SONDE_KIND_UPDOWN},
        {"gauge", SONDE_KIND_GAUGE},
        {"histogram", SONDE_KIND_HISTOGRAM},
        {"exponential", SONDE_KIND_EXPONENTIAL},
        {"observable_counter", SONDE_KIND_OBSERVABLE_COUNTER},
        {"observable_updown", SONDE_KIND_OBSERVABLE_UPDOWN},
        {"observable_gauge", SONDE_KIND_OBSERVABLE_GAUGE},
    };
    size_t i = 0;
    while (i < COUNT(kinds) && !vector_is(w, kinds[i].name))
        i++;
    if (i == COUNT(kinds))
        vector_bad(w);
    uint32_t what = kinds[i].kind;
    if (vector_is(w, "integer"))
        what |= SONDE_INSTRUMENT_INTEGER;
    if (vector_is(w, "min_max"))
        what |= SONDE_INSTRUMENT_MIN_MAX;
    return what;
}

/* [0, 5, 10], or nothing. */
static uint32_t take_bounds(vector_words *w, double *bounds) {
    uint32_t count = 0;
    if (vector_at_end(w))
        return 0;
    while (*w->p == '[' || *w->p == ',') {
        w->p++;
        bounds[count++] = vector_number(w);
    }
    return count;
}

static void put_instrument(runner *r, vector_words *w) {
    uint8_t texts[SONDE_INSTRUMENT_TEXTS][MAX_TEXT];
    double bounds[SONDE_MAX_BOUNDS];
    sonde_instrument it = {.what = take_what(w) | r->scope
                                                      << SONDE_INSTRUMENT_SCOPE,
                           .bounds = bounds};
    for (uint32_t i = 0; i < SONDE_INSTRUMENT_TEXTS; i++) {
        it.text[i].data = texts[i];
        it.text[i].size = (uint32_t)vector_string(w, texts[i], MAX_TEXT);
    }
    it.bound_count = take_bounds(w, bounds);
    int32_t id = sonde_meter_put(r->ctx, r->now, &it);
    CHECK(id >= 0);
}

static void put_measurement(runner *r, vector_words *w) {
    sonde_build b;
    sonde_record record;
    uint32_t instrument = (uint32_t)vector_number(w);
    double value = vector_number(w);
    sonde_build_init(&b, words, COUNT(words), text, sizeof text);
    if (!vector_at_end(w))
        (void)vector_entries(w, &b);
    CHECK_INT(sonde_build_done(&b, &record), SONDE_OK);
    int32_t handle = sonde_meter_series(r->ctx, r->now, instrument, &record);
    CHECK(handle >= 0);
    CHECK_INT(sonde_meter_add(r->ctx, (uint32_t)handle, value), SONDE_OK);
}

/* HEX HEX, or none */
static void put_span(runner *r, vector_words *w) {
    char ids[96], span_id[64];
    const uint8_t *digits = NULL;
    vector_word(w, ids);
    if (strcmp(ids, "none") != 0) {
        vector_word(w, span_id);
        memcpy(ids + 32, span_id, 17);
        digits = (const uint8_t *)ids;
    }
    CHECK_INT(sonde_meter_span(r->ctx, r->now, digits), SONDE_OK);
}

/* ---- Requests ---------------------------------------------------------------
 */

/* The `pb` lines, or the `json` line, behind a `collect`; empty if `nothing`.
 */
static size_t take_expected(char **lines, size_t count, uint32_t encoding,
                            uint8_t *want) {
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        vector_words w = vector_start(lines[i]);
        if (vector_is(&w, "json")) {
            if (encoding == 0)
                return size;
            size = strlen(w.p + 1);
            memcpy(want, w.p + 1, size);
            return size;
        }
        if (!vector_is(&w, "pb"))
            return size;
        if (encoding == 0)
            size += vector_hex(&w, want + size, MAX_BODY - size);
    }
    return size;
}

static void collect(runner *r, char **lines, size_t count) {
    static uint8_t want[MAX_BODY];
    sonde_action action = {0};
    size_t size = take_expected(lines, count, r->encoding, want);
    law_collect(r->ctx, r->now);
    if (size == 0) {
        CHECK_INT(law_next(r->ctx, r->now, &action), SONDE_ACTION_WAIT);
        return;
    }
    CHECK_INT(law_next(r->ctx, r->now, &action), SONDE_ACTION_SEND);
    CHECK_BYTES(action.body, action.size, want, size);
    CHECK_INT(law_answer(r->ctx, r->now, action.id, 200), SONDE_OK);
    CHECK_INT(law_next(r->ctx, r->now, &action), SONDE_ACTION_WAIT);
}

/* ---- Cases
 * ------------------------------------------------------------------- */

static void run_line(runner *r, char **lines, size_t count) {
    vector_words w = vector_start(lines[0]);
    if (vector_at_end(&w))
        return;
    if (vector_is(&w, "resource"))
        put_resource(r, &w);
    else if (vector_is(&w, "scope"))
        put_scope(r, &w);
    else if (vector_is(&w, "at"))
        r->now = START + vector_number(&w);
    else if (vector_is(&w, "instrument"))
        put_instrument(r, &w);
    else if (vector_is(&w, "put"))
        put_measurement(r, &w);
    else if (vector_is(&w, "span"))
        put_span(r, &w);
    else if (vector_is(&w, "ignored"))
        CHECK_INT(sonde_ledger_get(r->ctx, law_signal)->refused,
                  vector_number(&w));
    else if (vector_is(&w, "collect"))
        collect(r, lines + 1, count - 1);
    else if (!vector_is(&w, "option") && !vector_is(&w, "pb") &&
             !vector_is(&w, "json") && !vector_is(&w, "nothing"))
        vector_bad(&w);
}

static void run_case(char **lines, size_t count, uint32_t encoding) {
    runner r = {.encoding = encoding, .now = START};
    sonde_config config;
    sonde_config_init(&config);
    config.encoding = encoding;
    for (size_t i = 0; i < count; i++) {
        vector_words w = vector_start(lines[i]);
        if (vector_is(&w, "option"))
            vector_option(&w, &config);
    }
    r.ctx = law_open(&config, START, 1);
    for (size_t i = 0; i < count; i++)
        run_line(&r, lines + i, count - i);
    law_close_memory(r.ctx);
}

static void vectors(void) {
    vector_file file = vector_open("tests/vectors/metrics.txt");
    size_t cases = 0;
    law_signal = SONDE_SIGNAL_METRICS;
    for (size_t i = 0; i < file.count; i++) {
        if (strncmp(file.lines[i], "case ", 5) != 0)
            continue;
        size_t count = 0;
        while (i + 1 + count < file.count &&
               strncmp(file.lines[i + 1 + count], "case ", 5) != 0)
            count++;
        check_about(file.lines[i]);
        run_case(file.lines + i + 1, count, 0);
        run_case(file.lines + i + 1, count, 1);
        cases++;
    }
    CHECK(cases > 50);
    vector_close(&file);
}

static const check_test TESTS[] = {{"vectors", vectors}};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
