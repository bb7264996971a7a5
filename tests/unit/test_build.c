/* The C builder: each size that does not fit is TOO_LARGE, and nothing is
 * written past what it was given. */
#include "law.h"

typedef struct {
    uint32_t *words;
    uint8_t *text;
    sonde_build b;
} fixture;

static void open_build(fixture *f, size_t words, size_t text) {
    f->words = malloc(words * 4 + 1);
    f->text = malloc(text + 1);
    sonde_build_init(&f->b, f->words, words, f->text, text);
}

static int32_t close_build(fixture *f, sonde_record *record) {
    int32_t status = sonde_build_done(&f->b, record);
    free(f->words);
    free(f->text);
    return status;
}

/* Every function once: 12 nodes, 100 bytes of text. */
static void fill(sonde_build *b) {
    static const uint8_t bytes[] = {0, 0x7F, 0x80, 0xFF};
    sonde_build_log(b, 0, 9, 0);
    sonde_build_severity_text(b, "Info", 4);
    sonde_build_time(b, 1, 2);
    sonde_build_observed(b, 3, 4);
    sonde_build_dropped(b, 5);
    sonde_build_string(b, NULL, "body", 4);
    sonde_build_null(b, "null");
    sonde_build_bool(b, "bool", true);
    sonde_build_int(b, "int", -5);
    sonde_build_double(b, "double", 0.5);
    sonde_build_bytes(b, "bytes", bytes, sizeof bytes);
    sonde_build_int(b, NULL, 1);
    sonde_build_string(b, NULL, "", 0);
    sonde_build_array(b, "array", 2);
    sonde_build_int(b, "x", 1);
    sonde_build_map(b, "map", 1);
    sonde_build_string(b, "s", "v", 1);
    sonde_build_trace(b, "0123456789abcdef0123456789abcdef", "0123456789abcdef",
                      1);
    sonde_build_event_name(b, "event", 5);
}

static const char TRACE_ID[] = "0123456789abcdef0123456789abcdef";
static const char SPAN_ID[] = "fedcba9876543210";

/* Every function of spans once: 5 nodes, 143 bytes of text. */
static void fill_span(sonde_build *b) {
    sonde_build_span(b, 3, 2, 0);
    sonde_build_ids(b, TRACE_ID, SPAN_ID, 0x301);
    sonde_build_trace_state(b, "a=b", 3);
    sonde_build_parent(b, "0011223344556677");
    sonde_build_name(b, "GET /", 5);
    sonde_build_start(b, 1, 2);
    sonde_build_end(b, 3, 4);
    sonde_build_dropped(b, 5);
    sonde_build_dropped_parts(b, 6, 7);
    sonde_build_int(b, "int", -5);
    sonde_build_bool(b, "x", true);
    sonde_build_event(b, "event", 5, 8, 9, 1);
    sonde_build_string(b, "k", "v", 1);
    sonde_build_link(b, TRACE_ID, SPAN_ID, "c=d", 3, 1, 1);
    sonde_build_status_message(b, "it failed", 9);
}

enum { WORDS = SONDE_HEADER_WORDS + 12 * SONDE_NODE_WORDS, TEXT = 100 };

static const struct {
    uint32_t signal;
    void (*fill)(sonde_build *b);
    size_t words;
    size_t text;
    int32_t emitted;
} KINDS[] = {
    {SONDE_SIGNAL_LOGS, fill, WORDS, TEXT, SONDE_EMIT_QUEUED},
    {SONDE_SIGNAL_TRACES, fill_span, SONDE_HEADER_WORDS + 5 * SONDE_NODE_WORDS,
     143, SONDE_EMIT_DUE},
};

static void exact(void) {
    for (size_t i = 0; i < COUNT(KINDS); i++) {
        fixture f;
        sonde_record record;
        open_build(&f, KINDS[i].words, KINDS[i].text);
        KINDS[i].fill(&f.b);
        CHECK_INT(sonde_build_done(&f.b, &record), SONDE_OK);
        CHECK_INT(record.word_count, KINDS[i].words);
        CHECK_INT(record.text_size, KINDS[i].text);
        sonde_config config;
        sonde_config_init(&config);
        sonde *ctx = law_open(&config, 1000, 1);
        law_signal = KINDS[i].signal;
        CHECK_INT(law_emit(ctx, 1000, &record), KINDS[i].emitted);
        law_signal = SONDE_SIGNAL_LOGS;
        law_close_memory(ctx);
        CHECK_INT(close_build(&f, &record), SONDE_OK);
    }
}

static void too_small(void) {
    for (size_t i = 0; i < COUNT(KINDS); i++) {
        fixture f;
        sonde_record record;
        for (size_t words = 0; words < KINDS[i].words; words++) {
            open_build(&f, words, KINDS[i].text);
            KINDS[i].fill(&f.b);
            CHECK_INT(close_build(&f, &record), SONDE_TOO_LARGE);
        }
        for (size_t text = 0; text < KINDS[i].text; text++) {
            open_build(&f, KINDS[i].words, text);
            KINDS[i].fill(&f.b);
            CHECK_INT(close_build(&f, &record), SONDE_TOO_LARGE);
        }
    }
}

/* A count that its 16 bits do not hold is no other count. */
static void too_many_children(void) {
    fixture f;
    sonde_record record;
    for (uint32_t children = 0xFFFF; children <= 0x10000; children++) {
        int32_t status = children > 0xFFFF ? SONDE_TOO_LARGE : SONDE_OK;
        open_build(&f, WORDS, TEXT);
        sonde_build_event(&f.b, "e", 1, 0, 0, children);
        CHECK_INT(close_build(&f, &record), status);
        open_build(&f, WORDS, TEXT);
        sonde_build_link(&f.b, TRACE_ID, SPAN_ID, "", 0, 0, children);
        CHECK_INT(close_build(&f, &record), status);
    }
}

static void too_many_nodes(void) {
    fixture f;
    sonde_record record;
    open_build(&f, SONDE_HEADER_WORDS + 4 * (SONDE_MAX_NODES + 10), 10000);
    for (int i = 0; i < SONDE_MAX_NODES; i++)
        sonde_build_null(&f.b, "k");
    CHECK_INT(sonde_build_done(&f.b, &record), SONDE_OK);
    sonde_build_null(&f.b, "k");
    CHECK_INT(sonde_build_done(&f.b, &record), SONDE_TOO_LARGE);
    CHECK_INT(close_build(&f, &record), SONDE_TOO_LARGE);
}

/* Sizes that no memory has are no reason to wrap around. */
static void absurd_sizes(void) {
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        fixture f;
        sonde_record record;
        open_build(&f, WORDS, TEXT);
        sonde_build_log(&f.b, 0, 9, 0);
        sonde_build_string(&f.b, NULL, "abc", 3);
        sonde_build_string(&f.b, "k", "abc", sizes[i]);
        CHECK_INT(close_build(&f, &record), SONDE_TOO_LARGE);
        open_build(&f, WORDS, TEXT);
        sonde_build_event_name(&f.b, "abc", sizes[i]);
        CHECK_INT(close_build(&f, &record), SONDE_TOO_LARGE);
        open_build(&f, WORDS, TEXT);
        sonde_build_event(&f.b, "abc", sizes[i], 0, 0, 0);
        CHECK_INT(close_build(&f, &record), SONDE_TOO_LARGE);
        open_build(&f, WORDS, TEXT);
        sonde_build_link(&f.b, TRACE_ID, SPAN_ID, "abc", sizes[i], 0, 0);
        CHECK_INT(close_build(&f, &record), SONDE_TOO_LARGE);
    }
}

static const check_test TESTS[] = {
    {"exact", exact},
    {"too small", too_small},
    {"too many nodes", too_many_nodes},
    {"too many children", too_many_children},
    {"absurd sizes", absurd_sizes},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
