/* tests/vectors/boundary.txt: raw host records and their status. The regions
 * are as large as in wasm, and end where their memory ends. */
#include "sonde_metrics.h"
#include "vector.h"

static const double NOW = 1700000000000.0;

enum { MOST_WORDS = SONDE_HEADER_WORDS + SONDE_NODE_WORDS * SONDE_MAX_NODES };

/* What is called with the words and the text. */
enum { CALL_EMIT, CALL_SERIES, CALL_METER, CALL_MEASURE, CALL_SPAN };

typedef struct {
    uint32_t call;
    double numbers[5]; /* of the call */
    bool only_wasm;
    sonde_config config;
    uint32_t *words;
    uint8_t *text;
    uint32_t nodes;
    uint32_t bounds;
    uint32_t used;
    uint32_t header[SONDE_HEADER_WORDS]; /* what the case sets itself */
    bool is_set[SONDE_HEADER_WORDS];
    char status[64];
} raw_case;

static const struct {
    const char *name;
    uint32_t word;
} HEADERS[] = {
    {"nodes", SONDE_HEADER_NODES},
    {"text", SONDE_HEADER_TEXT},
    {"flags", SONDE_HEADER_FLAGS},
    {"severity", SONDE_HEADER_SEVERITY},
    {"time0", SONDE_HEADER_TIME},
    {"time1", SONDE_HEADER_TIME + 1},
    {"observed0", SONDE_HEADER_OBSERVED},
    {"observed1", SONDE_HEADER_OBSERVED + 1},
    {"scope", SONDE_HEADER_SCOPE},
    {"severity_text", SONDE_HEADER_SEVERITY_TEXT},
    {"event_name", SONDE_HEADER_EVENT_NAME},
    {"trace_flags", SONDE_HEADER_TRACE_FLAGS},
    {"dropped", SONDE_HEADER_DROPPED},
    {"kind", SONDE_HEADER_KIND},
    {"start0", SONDE_HEADER_START},
    {"start1", SONDE_HEADER_START + 1},
    {"end0", SONDE_HEADER_END},
    {"end1", SONDE_HEADER_END + 1},
    {"name", SONDE_HEADER_NAME},
    {"status_message", SONDE_HEADER_STATUS_MESSAGE},
    {"trace_state", SONDE_HEADER_TRACE_STATE},
    {"dropped_events", SONDE_HEADER_DROPPED_EVENTS},
    {"dropped_links", SONDE_HEADER_DROPPED_LINKS},
};

static const struct {
    const char *name;
    uint32_t value;
} NAMES[] = {
    {"BYTES", SONDE_FLAG_BYTES},   {"SEVERITY_NAME", SONDE_FLAG_SEVERITY_NAME},
    {"NOW", SONDE_FLAG_NOW},       {"TRACE", SONDE_FLAG_TRACE},
    {"PARENT", SONDE_FLAG_PARENT},
};

static const char *const TYPES[] = {"NULL",   "STRING", "BOOL",  "INT",
                                    "DOUBLE", "BYTES",  "ARRAY", "MAP",
                                    "INT64",  "EVENT",  "LINK"};

static uint32_t take_number(vector_words *w) {
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        if (vector_is(w, NAMES[i].name))
            return NAMES[i].value;
    }
    return (uint32_t)vector_number(w);
}

static void put_header(raw_case *c, vector_words *w) {
    while (!vector_at_end(w)) {
        size_t i = 0;
        while (i < COUNT(HEADERS) && !vector_is(w, HEADERS[i].name))
            i++;
        if (i == COUNT(HEADERS) || *w->p++ != '=')
            vector_bad(w);
        c->header[HEADERS[i].word] = take_number(w);
        c->is_set[HEADERS[i].word] = true;
    }
}

static uint32_t *add_node(raw_case *c, uint32_t type) {
    uint32_t *node =
        c->words + SONDE_HEADER_WORDS + SONDE_NODE_WORDS * c->nodes++;
    node[0] = type;
    return node;
}

/* node TYPE [id=N] [key=N] [children=N] [N [N] | f=X] */
static void put_node(raw_case *c, vector_words *w) {
    uint32_t type = 0, at = 2;
    while (type < COUNT(TYPES) && !vector_is(w, TYPES[type]))
        type++;
    if (type == COUNT(TYPES))
        type = (uint32_t)vector_number(w);
    uint32_t *node = add_node(c, type);
    while (!vector_at_end(w)) {
        if (vector_is(w, "id")) {
            w->p++;
            node[0] |= (uint32_t)vector_number(w) << SONDE_KEY_SHIFT;
        } else if (vector_is(w, "key")) {
            w->p++;
            node[1] = (uint32_t)vector_number(w);
        } else if (vector_is(w, "children")) {
            w->p++;
            node[0] |= (uint32_t)vector_number(w) << SONDE_COUNT_SHIFT;
        } else if (vector_is(w, "f")) {
            w->p++;
            double value = vector_number(w);
            memcpy(node + 2, &value, sizeof value);
        } else {
            node[at++] = (uint32_t)vector_number(w);
        }
    }
}

static void put_text(raw_case *c, vector_words *w) {
    uint32_t room = c->config.max_record_bytes;
    c->used = (uint32_t)vector_string(w, c->text, room);
    if (vector_is(w, "fill")) {
        w->p++;
        uint32_t fill = (uint32_t)vector_number(w);
        for (; fill > 0; fill--, c->used++) {
            if (c->used < room)
                c->text[c->used] = 'x';
        }
    }
}

/* A null in so many arrays. */
static void put_nested(raw_case *c, uint32_t depth) {
    (void)add_node(c, SONDE_TYPE_NULL);
    uint32_t *node = NULL;
    for (; depth > 0; depth--) {
        node = add_node(c, SONDE_TYPE_ARRAY);
        node[2] = 1;
    }
    node[1] = 1;
    c->text[0] = 'k';
    c->used = 1;
}

/* So many doubles in one array. */
static void put_many(raw_case *c, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        (void)add_node(c, SONDE_TYPE_DOUBLE);
    uint32_t *node = add_node(c, SONDE_TYPE_ARRAY);
    node[1] = 1;
    node[2] = count;
    c->text[0] = 'k';
    c->used = 1;
}

/* A bound of a histogram, where nodes come otherwise; half a node each. */
static void put_bound(raw_case *c, vector_words *w) {
    double value = vector_number(w);
    memcpy(c->words + SONDE_HEADER_WORDS + 2 * c->bounds++, &value,
           sizeof value);
}

/* signal N, series N, meter N ..., measure N X, or span */
static bool put_call(raw_case *c, vector_words *w) {
    static const char *const calls[] = {"signal", "series", "meter", "measure",
                                        "span"};
    uint32_t call = 0;
    while (call < COUNT(calls) && !vector_is(w, calls[call]))
        call++;
    if (call == COUNT(calls))
        return false;
    c->call = call;
    for (size_t i = 0; !vector_at_end(w) && i < COUNT(c->numbers); i++)
        c->numbers[i] = vector_number(w);
    return true;
}

static void read_line(raw_case *c, const char *line) {
    vector_words w = vector_start(line);
    if (vector_at_end(&w) || vector_is(&w, "option") || put_call(c, &w))
        return;
    if (vector_is(&w, "header"))
        put_header(c, &w);
    else if (vector_is(&w, "node"))
        put_node(c, &w);
    else if (vector_is(&w, "text"))
        put_text(c, &w);
    else if (vector_is(&w, "nested"))
        put_nested(c, (uint32_t)vector_number(&w));
    else if (vector_is(&w, "many"))
        put_many(c, (uint32_t)vector_number(&w));
    else if (vector_is(&w, "bound"))
        put_bound(c, &w);
    else if (vector_is(&w, "wasm"))
        c->only_wasm = true;
    else if (vector_is(&w, "status"))
        vector_word(&w, c->status);
    else
        vector_bad(&w);
}

static void finish_header(raw_case *c) {
    c->words[SONDE_HEADER_NODES] = c->nodes;
    c->words[SONDE_HEADER_TEXT] = c->used;
    for (uint32_t i = 0; i < SONDE_HEADER_WORDS; i++) {
        if (c->is_set[i])
            c->words[i] = c->header[i];
    }
}

static sonde *open_context(const sonde_config *config) {
    sonde *ctx = law_open(config, NOW, 1);
    CHECK_INT(sonde_scope_put(ctx, "scope", 5, "1", 1), 1);
    CHECK_INT(sonde_key_put(ctx, "known", 5), 1);
    CHECK_INT(sonde_key_put(ctx,
                            "gr\xC3\xB6\xC3\x9F"
                            "e",
                            7),
              2);
    sonde_instrument counter = {.text = {{T("made"), true}}};
    CHECK_INT(sonde_meter_put(ctx, NOW, &counter), 0);
    return ctx;
}

/* A good record behind it is all that a new request holds. */
static void check_follower(sonde *ctx) {
    sonde_action action;
    (void)law_abandon(ctx);
    law_signal = SONDE_SIGNAL_LOGS;
    CHECK(law_log(ctx, NOW, 9, "next") >= 0);
    (void)law_flush(ctx, NOW, 0);
    CHECK_INT(law_next(ctx, NOW, &action), SONDE_ACTION_SEND);
    CHECK_INT(action.records, 1);
    CHECK_INT(action.size, 44);
}

static int32_t emit(const raw_case *c, sonde *ctx, const sonde_record *record) {
    uint32_t signal = (uint32_t)c->numbers[0];
    if (signal > SONDE_SIGNAL_TRACES)
        return sonde_emit(ctx, signal, NOW, record);
    law_signal = signal;
    int32_t result = law_emit(ctx, NOW, record);
    CHECK_INT(sonde_ledger_get(ctx, signal)->queued, result >= 0);
    return result;
}

/* meter WHAT, the lengths of name, description and unit, and more bounds than
 * there are. */
static int32_t meter(const raw_case *c, sonde *ctx) {
    const double *n = c->numbers;
    sonde_instrument it = {
        .what = (uint32_t)n[0],
        .bounds = (const double *)(const void *)(c->words + SONDE_HEADER_WORDS),
        .bound_count = n[4] > 0 ? (uint32_t)n[4] : c->bounds};
    const uint8_t *at = c->text;
    for (uint32_t i = 0; i < SONDE_INSTRUMENT_TEXTS; i++) {
        it.text[i].data = at;
        it.text[i].size = (uint32_t)n[1 + i];
        at += it.text[i].size;
    }
    return sonde_meter_put(ctx, NOW, &it);
}

static int32_t run_call(const raw_case *c, sonde *ctx,
                        const sonde_record *record) {
    switch (c->call) {
    case CALL_SERIES:
        return sonde_meter_series(ctx, NOW, (uint32_t)c->numbers[0], record);
    case CALL_METER:
        return meter(c, ctx);
    case CALL_MEASURE:
        return sonde_meter_add(ctx, (uint32_t)c->numbers[0], c->numbers[1]);
    case CALL_SPAN:
        return sonde_meter_span(ctx, NOW, c->text);
    default:
        return emit(c, ctx, record);
    }
}

/* A status, a number, or HANDLE for any result that is no status. */
static void check_result(const char *want, int32_t result) {
    if (strcmp(want, "HANDLE") == 0)
        CHECK(result >= 0);
    else if (want[0] >= '0' && want[0] <= '9')
        CHECK_INT(result, atoi(want));
    else
        CHECK_INT(result, vector_status(want));
}

static void run_raw(raw_case *c) {
    sonde *ctx = open_context(&c->config);
    sonde_record record = {c->words, MOST_WORDS, c->text,
                           c->config.max_record_bytes};
    check_result(c->status, run_call(c, ctx, &record));
    check_follower(ctx);
    law_close_memory(ctx);
}

static void run_case(char **lines, size_t count) {
    raw_case c = {.words = calloc(MOST_WORDS, 4)};
    sonde_config_init(&c.config);
    for (size_t i = 0; i < count; i++) {
        vector_words w = vector_start(lines[i]);
        if (vector_is(&w, "option"))
            vector_option(&w, &c.config);
    }
    c.text = calloc(c.config.max_record_bytes, 1);
    for (size_t i = 0; i < count; i++)
        read_line(&c, lines[i]);
    finish_header(&c);
    if (!c.only_wasm)
        run_raw(&c);
    free(c.words);
    free(c.text);
}

static void vectors(void) {
    vector_file file = vector_open("tests/vectors/boundary.txt");
    size_t cases = 0;
    for (size_t i = 0; i < file.count; i++) {
        if (strncmp(file.lines[i], "case ", 5) != 0)
            continue;
        size_t count = 0;
        while (i + 1 + count < file.count &&
               strncmp(file.lines[i + 1 + count], "case ", 5) != 0)
            count++;
        check_about(file.lines[i]);
        run_case(file.lines + i + 1, count);
        cases++;
    }
    CHECK(cases > 100);
    vector_close(&file);
}

static const check_test TESTS[] = {{"vectors", vectors}};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
