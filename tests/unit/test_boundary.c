/* tests/vectors/boundary.txt: raw host records and their status. The regions
 * are as large as in wasm, and end where their memory ends. */
#include "vector.h"

static const double NOW = 1700000000000.0;

enum { MOST_WORDS = SONDE_HEADER_WORDS + SONDE_NODE_WORDS * SONDE_MAX_NODES };

typedef struct {
    sonde_config config;
    uint32_t *words;
    uint8_t *text;
    uint32_t nodes;
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
};

static const struct {
    const char *name;
    uint32_t value;
} NAMES[] = {
    {"BYTES", SONDE_FLAG_BYTES},
    {"SEVERITY_NAME", SONDE_FLAG_SEVERITY_NAME},
    {"NOW", SONDE_FLAG_NOW},
    {"TRACE", SONDE_FLAG_TRACE},
};

static const char *const TYPES[] = {"NULL",  "STRING", "BOOL", "INT",  "DOUBLE",
                                    "BYTES", "ARRAY",  "MAP",  "INT64"};

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

/* node TYPE [id=N] [key=N] [N [N] | f=X] */
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

static void read_line(raw_case *c, const char *line) {
    vector_words w = vector_start(line);
    if (vector_at_end(&w) || vector_is(&w, "option"))
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
    return ctx;
}

/* A good record behind it is all that a new request holds. */
static void check_follower(sonde *ctx, uint64_t before) {
    sonde_action action;
    CHECK_INT(sonde_ledger_get(ctx, SONDE_SIGNAL_LOGS)->queued, before);
    (void)law_abandon(ctx);
    CHECK(law_log(ctx, NOW, 9, "next") >= 0);
    (void)law_flush(ctx, NOW, 0);
    CHECK_INT(law_next(ctx, NOW, &action), SONDE_ACTION_SEND);
    CHECK_INT(action.records, 1);
    CHECK_INT(action.size, 44);
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
    sonde *ctx = open_context(&c.config);
    sonde_record record = {c.words, MOST_WORDS, c.text,
                           c.config.max_record_bytes};
    CHECK_INT(law_emit(ctx, NOW, &record), vector_status(c.status));
    check_follower(ctx, vector_status(c.status) >= 0);
    law_close_memory(ctx);
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
