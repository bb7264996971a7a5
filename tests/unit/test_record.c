/* The trust boundary. Statuses case by case are in tests/vectors/boundary.txt;
 * here is what needs a loop: all words by all extreme values, all lengths. */
#include "context.h"
#include "law.h"

static const double NOW = 1700000000000.0;

enum { MAX_WORDS = 200, MAX_TEXT = 300 };

/* A record in memory that ends where it ends. */
typedef struct {
    uint32_t words[MAX_WORDS];
    uint8_t text[MAX_TEXT];
    sonde_record record;
} sample;

/* One of everything, with a character of each width. */
static void make_sample(sample *s) {
    static const char euro[] = "\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80";
    sonde_build b;
    sonde_build_init(&b, s->words, MAX_WORDS, s->text, MAX_TEXT);
    sonde_build_log(&b, 0, 9, 1);
    sonde_build_severity_text(&b, "Info", 4);
    sonde_build_time(&b, 1700000000, 5);
    sonde_build_string(&b, NULL, euro, sizeof euro - 1);
    sonde_build_string(&b, "s", "text", 4);
    sonde_build_bool(&b, "b", true);
    sonde_build_int(&b, "i", 7);
    sonde_build_double(&b, "d", 2.5);
    sonde_build_bytes(&b, "y", (const uint8_t *)"\x00\xFF", 2);
    sonde_build_null(&b, "n");
    sonde_build_int(&b, NULL, 1);
    sonde_build_string(&b, NULL, euro, sizeof euro - 1);
    sonde_build_array(&b, "a", 2);
    sonde_build_int(&b, "x", 1);
    sonde_build_map(&b, "y", 1);
    sonde_build_map(&b, "m", 1);
    sonde_build_trace(&b, "0123456789abcdef0123456789abcdef",
                      "0123456789abcdef", 1);
    sonde_build_event_name(&b, "event", 5);
    CHECK_INT(sonde_build_done(&b, &s->record), SONDE_OK);
}

static sonde *open_context(void) {
    sonde_config config;
    sonde_config_init(&config);
    sonde *ctx = law_open(&config, NOW, 1);
    CHECK_INT(sonde_key_put(ctx, "known", 5), 1);
    CHECK_INT(sonde_scope_put(ctx, "scope", 5, "1", 1), 1);
    return ctx;
}

/* Emits copies that end exactly where their memory ends. */
static int32_t emit_exact(sonde *ctx, const sonde_record *record) {
    sonde_record exact = *record;
    uint8_t *words = check_exact(record->words, 4 * record->word_count);
    uint8_t *text = check_exact(record->text, record->text_size);
    exact.words = (const uint32_t *)(const void *)words;
    exact.text = text;
    int32_t result = law_emit(ctx, NOW, &exact);
    free(words);
    free(text);
    return result;
}

/* After whatever came: a good record still gives the bytes it always gives,
 * and is alone in its request. */
static void check_next_unaffected(sonde *ctx, const sample *good,
                                  const uint8_t *want, uint32_t want_size) {
    sonde_action action;
    (void)law_abandon(ctx);
    CHECK(emit_exact(ctx, &good->record) >= 0);
    (void)law_flush(ctx, NOW, 0);
    CHECK_INT(law_next(ctx, NOW, &action), SONDE_ACTION_SEND);
    CHECK_INT(action.records, 1);
    CHECK_BYTES(action.body, action.size, want, want_size);
    CHECK_INT(law_answer(ctx, NOW, action.id, 200), SONDE_OK);
}

static uint8_t *good_body(const sample *good, uint32_t *size) {
    sonde *ctx = open_context();
    sonde_action action;
    CHECK(emit_exact(ctx, &good->record) >= 0);
    (void)law_flush(ctx, NOW, 0);
    CHECK_INT(law_next(ctx, NOW, &action), SONDE_ACTION_SEND);
    uint8_t *body = check_exact(action.body, action.size);
    *size = action.size;
    law_close_memory(ctx);
    return body;
}

static const uint32_t EXTREMES[] = {
    0,          1,          2,          3,          7,          8,
    9,          10,         16,         63,         64,         65,
    127,        128,        255,        256,        257,        2047,
    2048,       2049,       4096,       65535,      65536,      65537,
    999999999,  1000000000, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFF00,
    0xFFFFFFFE, 0xFFFFFFFF, 0x7FF00000, 0xFFF00000, 0x7FF80000, 0x43E00000};

/* Every single word of a good record by every extreme value. */
static void every_word(void) {
    static sample good, bad;
    make_sample(&good);
    uint32_t want_size, refused = 0;
    uint8_t *want = good_body(&good, &want_size);
    sonde *ctx = open_context();
    for (size_t w = 0; w < good.record.word_count; w++) {
        for (size_t i = 0; i < COUNT(EXTREMES); i++) {
            bad = good;
            bad.record.words = bad.words;
            bad.record.text = bad.text;
            bad.words[w] = EXTREMES[i];
            refused += emit_exact(ctx, &bad.record) < 0;
            bad.words[SONDE_HEADER_FLAGS] ^= SONDE_FLAG_BYTES;
            refused += emit_exact(ctx, &bad.record) < 0;
        }
        check_next_unaffected(ctx, &good, want, want_size);
    }
    CHECK(refused > 3000);
    law_close_memory(ctx);
    free(want);
}

/* Two words at once, at random. */
static void word_pairs(void) {
    static sample good, bad;
    make_sample(&good);
    check_random random = {17};
    uint32_t want_size;
    uint8_t *want = good_body(&good, &want_size);
    sonde *ctx = open_context();
    for (int i = 0; i < 20000; i++) {
        bad = good;
        bad.record.words = bad.words;
        bad.record.text = bad.text;
        for (int n = 0; n < 2; n++)
            bad.words[check_below(&random, (uint32_t)bad.record.word_count)] =
                EXTREMES[check_below(&random, COUNT(EXTREMES))];
        bad.text[check_below(&random, (uint32_t)bad.record.text_size)] =
            (uint8_t)check_next(&random);
        (void)emit_exact(ctx, &bad.record);
        if (i % 1000 == 0)
            check_next_unaffected(ctx, &good, want, want_size);
    }
    check_next_unaffected(ctx, &good, want, want_size);
    law_close_memory(ctx);
    free(want);
}

/* The region is shorter than the record says, by every number of words. */
static void short_regions(void) {
    static sample good;
    make_sample(&good);
    sonde *ctx = open_context();
    sonde_record record = good.record;
    for (record.word_count = 0; record.word_count < good.record.word_count;
         record.word_count++)
        CHECK_INT(emit_exact(ctx, &record), SONDE_BAD_RECORD);
    for (record.text_size = 0; record.text_size < good.record.text_size;
         record.text_size++)
        CHECK_INT(emit_exact(ctx, &record), SONDE_BAD_RECORD);
    CHECK(emit_exact(ctx, &record) >= 0);
    law_close_memory(ctx);
}

/* Words need not be aligned. */
static void unaligned(void) {
    static sample good;
    static uint8_t bytes[4 * MAX_WORDS + 4];
    make_sample(&good);
    sonde *ctx = open_context();
    for (size_t off = 1; off < 4; off++) {
        sonde_record record = good.record;
        memcpy(bytes + off, good.words, 4 * good.record.word_count);
        record.words = (const uint32_t *)(const void *)(bytes + off);
        CHECK(law_emit(ctx, NOW, &record) >= 0);
    }
    law_close_memory(ctx);
}

/* `depth` arrays or maps around a null, as an attribute or as the body. */
static int32_t emit_nested(sonde *ctx, uint32_t depth, bool map, bool body) {
    static uint32_t words[16 + 4 * 300];
    static uint8_t text[400];
    sonde_build b;
    sonde_record record;
    sonde_build_init(&b, words, COUNT(words), text, sizeof text);
    sonde_build_log(&b, 0, 9, 0);
    sonde_build_null(&b, map ? "k" : NULL);
    for (uint32_t i = 1; i <= depth; i++) {
        bool last = i == depth;
        const char *key = last && body ? NULL : last || map ? "k" : NULL;
        if (map)
            sonde_build_map(&b, key, 1);
        else
            sonde_build_array(&b, key, 1);
    }
    CHECK_INT(sonde_build_done(&b, &record), SONDE_OK);
    return emit_exact(ctx, &record);
}

static void depth(void) {
    sonde *ctx = open_context();
    for (int kind = 0; kind < 4; kind++) {
        for (uint32_t depth = 1; depth <= 64; depth++)
            CHECK(emit_nested(ctx, depth, kind & 1, kind & 2) >= 0);
        CHECK_INT(emit_nested(ctx, 65, kind & 1, kind & 2), SONDE_TOO_DEEP);
        CHECK_INT(emit_nested(ctx, 66, kind & 1, kind & 2), SONDE_TOO_DEEP);
        CHECK_INT(emit_nested(ctx, 290, kind & 1, kind & 2), SONDE_TOO_DEEP);
    }
    law_close_memory(ctx);
}

/* A record that grows letter by letter over what may be encoded: it is taken
 * whole or not at all. */
static void encoded_size(void) {
    sonde_config config;
    sonde_config_init(&config);
    config.max_record_bytes = 1024;
    sonde *ctx = law_open(&config, NOW, 1);
    for (size_t size = 900; size <= 1024; size++)
        CHECK_INT(law_sized(ctx, NOW, 9, size), SONDE_EMIT_QUEUED);
    for (size_t size = 1025; size <= 1400; size++)
        CHECK_INT(law_sized(ctx, NOW, 9, size), SONDE_TOO_LARGE);
    law_close_memory(ctx);
}

/* Many small values take more room encoded than as text: all the ways in
 * which the scratch memory may end inside a record. */
static void encoded_overflow(void) {
    static uint32_t words[16 + 4 * 200];
    static uint8_t text[1100];
    static const char letters[41] = "abcdefghijklmnopqrstuvwxyz01234567890123";
    sonde_config config;
    sonde_config_init(&config);
    config.max_record_bytes = 1024;
    sonde *ctx = law_open(&config, NOW, 1);
    uint32_t good = 0, large = 0;
    for (uint32_t lead = 0; lead < 40; lead++) {
        for (uint32_t count = 1; count < 190; count += 3) {
            sonde_build b;
            sonde_record record;
            sonde_build_init(&b, words, COUNT(words), text, sizeof text);
            sonde_build_log(&b, SONDE_FLAG_SEVERITY_NAME, 9, 0);
            for (uint32_t i = 0; i < count; i++) {
                if (i % 3 == 0)
                    sonde_build_double(&b, NULL, 1.0);
                else
                    sonde_build_bytes(&b, NULL, (const uint8_t *)"\xFF\xFF", 2);
            }
            sonde_build_array(&b, "k", count);
            sonde_build_string(&b, "s", letters, lead);
            CHECK_INT(sonde_build_done(&b, &record), SONDE_OK);
            int32_t result = emit_exact(ctx, &record);
            good += result >= 0;
            large += result == SONDE_TOO_LARGE;
        }
    }
    CHECK_INT(good + large, 40 * 63);
    CHECK(good > 100 && large > 100);
    law_close_memory(ctx);
}

/* The most nodes, all with different keys: bounded work, not a stall. */
static void many_keys(void) {
    static uint32_t words[16 + 4 * SONDE_MAX_NODES];
    static uint8_t text[30000];
    sonde_config config;
    sonde_config_init(&config);
    sonde *ctx = law_open(&config, NOW, 1);
    for (int same = 0; same < 2; same++) {
        sonde_build b;
        sonde_record record;
        sonde_build_init(&b, words, COUNT(words), text, sizeof text);
        for (int i = 0; i < SONDE_MAX_NODES; i++) {
            char key[16];
            (void)snprintf(key, sizeof key, "key.%07d", same ? 0 : i);
            sonde_build_int(&b, key, i);
        }
        CHECK_INT(sonde_build_done(&b, &record), SONDE_OK);
        CHECK(law_emit(ctx, NOW, &record) >= 0);
    }
    law_close_memory(ctx);
}

/* Encoded bytes of a body {"a": 1, <key>: 2}, whose text begins with its first
 * key. */
static uint32_t two_keys(const char *key) {
    uint32_t words[32];
    uint8_t text[8];
    sonde *ctx = open_context();
    sonde_build b;
    sonde_record record;
    sonde_build_init(&b, words, COUNT(words), text, sizeof text);
    sonde_build_log(&b, 0, 9, 0);
    sonde_build_int(&b, "a", 1);
    sonde_build_int(&b, key, 2);
    sonde_build_map(&b, NULL, 2);
    CHECK_INT(sonde_build_done(&b, &record), SONDE_OK);
    CHECK_INT(emit_exact(ctx, &record), SONDE_EMIT_QUEUED);
    uint32_t size = ctx->lanes[SONDE_SIGNAL_LOGS].queue.bytes;
    law_close_memory(ctx);
    return size;
}

/* No text is not the same key as text where that begins. */
static void empty_key(void) { CHECK_INT(two_keys("") + 1, two_keys("b")); }

static const check_test TESTS[] = {
    {"every word", every_word},
    {"word pairs", word_pairs},
    {"short regions", short_regions},
    {"unaligned", unaligned},
    {"depth", depth},
    {"encoded size", encoded_size},
    {"encoded overflow", encoded_overflow},
    {"many keys", many_keys},
    {"empty key", empty_key},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
