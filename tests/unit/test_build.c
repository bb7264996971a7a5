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

enum { WORDS = SONDE_HEADER_WORDS + 12 * SONDE_NODE_WORDS, TEXT = 100 };

static void exact(void) {
    fixture f;
    sonde_record record;
    open_build(&f, WORDS, TEXT);
    fill(&f.b);
    CHECK_INT(sonde_build_done(&f.b, &record), SONDE_OK);
    CHECK_INT(record.word_count, WORDS);
    CHECK_INT(record.text_size, TEXT);
    sonde_config config;
    sonde_config_init(&config);
    sonde *ctx = law_open(&config, 1000, 1);
    CHECK_INT(law_emit(ctx, 1000, &record), SONDE_EMIT_QUEUED);
    law_close_memory(ctx);
    CHECK_INT(close_build(&f, &record), SONDE_OK);
}

static void too_small(void) {
    for (size_t words = 0; words < WORDS; words++) {
        fixture f;
        sonde_record record;
        open_build(&f, words, TEXT);
        fill(&f.b);
        CHECK_INT(close_build(&f, &record), SONDE_TOO_LARGE);
    }
    for (size_t text = 0; text < TEXT; text++) {
        fixture f;
        sonde_record record;
        open_build(&f, WORDS, text);
        fill(&f.b);
        CHECK_INT(close_build(&f, &record), SONDE_TOO_LARGE);
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
    }
}

static const check_test TESTS[] = {
    {"exact", exact},
    {"too small", too_small},
    {"too many nodes", too_many_nodes},
    {"absurd sizes", absurd_sizes},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
