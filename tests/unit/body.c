/* See body.h. */
#include "body.h"
#include <bearssl.h>

static const double NOW = 1700000000123.25;

enum { MAX_BODY = 1 << 18 };

/* The lines of one case: those between `case` and the next one. */
typedef struct {
    char **lines;
    size_t count;
} part;

static uint32_t words[SONDE_HEADER_WORDS + 4 * SONDE_MAX_NODES];
static uint8_t text[MAX_BODY];

static void end_record(body_runner *r) {
    sonde_record record;
    if (!r->open)
        return;
    r->open = false;
    CHECK_INT(sonde_build_done(&r->b, &record), SONDE_OK);
    CHECK(law_emit(r->ctx, NOW, &record) >= 0);
}

void body_start(body_runner *r) {
    end_record(r);
    sonde_build_init(&r->b, words, COUNT(words), text, sizeof text);
    r->open = true;
}

static void put_resource(body_runner *r, vector_words *w) {
    sonde_build b;
    sonde_record record;
    sonde_build_init(&b, words, COUNT(words), text, sizeof text);
    (void)vector_entries(w, &b);
    CHECK_INT(sonde_build_done(&b, &record), SONDE_OK);
    CHECK_INT(law_resource(r->ctx, &record), SONDE_OK);
}

static void put_scope(body_runner *r, vector_words *w) {
    uint8_t name[512], version[512];
    end_record(r);
    size_t name_size = vector_string(w, name, sizeof name);
    size_t version_size = vector_string(w, version, sizeof version);
    int32_t id = sonde_scope_put(r->ctx, (const char *)name, name_size,
                                 (const char *)version, version_size);
    CHECK(id >= 0);
    r->scope = (uint32_t)id;
}

static void run_line(body_runner *r, const char *line, body_line *record) {
    vector_words w = vector_start(line);
    if (vector_at_end(&w) || record(r, &w))
        return;
    if (vector_is(&w, "scope"))
        put_scope(r, &w);
    else if (vector_is(&w, "resource"))
        put_resource(r, &w);
    else if (!vector_is(&w, "option") && !vector_is(&w, "pb") &&
             !vector_is(&w, "pb-sha256") && !vector_is(&w, "json") &&
             !vector_is(&w, "json-sha256") && !vector_is(&w, "replaced") &&
             !vector_is(&w, "key"))
        vector_bad(&w);
}

static sonde *open_case(const part *c, uint32_t encoding) {
    sonde_config config;
    sonde_config_init(&config);
    config.encoding = encoding;
    for (size_t i = 0; i < c->count; i++) {
        vector_words w = vector_start(c->lines[i]);
        if (vector_is(&w, "option"))
            vector_option(&w, &config);
    }
    return law_open(&config, NOW, 1);
}

/* True if the case has a line that starts with `word`; *w is behind it. */
static bool find_line(const part *c, const char *word, vector_words *w) {
    for (size_t i = 0; i < c->count; i++) {
        *w = vector_start(c->lines[i]);
        if (vector_is(w, word))
            return true;
    }
    return false;
}

/* Compares with the `pb` lines or the `json` line, or with their SHA-256. */
static void check_body(const part *c, uint32_t encoding,
                       const sonde_action *action) {
    static uint8_t want[MAX_BODY];
    uint8_t digest[32];
    size_t size = 0;
    vector_words w;
    if (find_line(c, encoding ? "json-sha256" : "pb-sha256", &w)) {
        br_sha256_context hash;
        br_sha256_init(&hash);
        br_sha256_update(&hash, action->body, action->size);
        br_sha256_out(&hash, digest);
        size = vector_hex(&w, want, sizeof want);
        CHECK_BYTES(digest, sizeof digest, want, size);
        return;
    }
    for (size_t i = 0; encoding == 0 && i < c->count; i++) {
        w = vector_start(c->lines[i]);
        if (vector_is(&w, "pb"))
            size += vector_hex(&w, want + size, MAX_BODY - size);
    }
    if (encoding == 1 && find_line(c, "json", &w)) {
        size = strlen(w.p + 1);
        memcpy(want, w.p + 1, size);
    }
    CHECK_BYTES(action->body, action->size, want, size);
}

static void check_replaced(const part *c, const sonde *ctx) {
    vector_words w;
    bool any = find_line(c, "replaced", &w);
    CHECK_INT(sonde_ledger_get(ctx, law_signal)->replaced,
              any ? vector_number(&w) : 0);
}

static void run_case(const part *c, uint32_t encoding, body_line *record) {
    body_runner r = {.ctx = open_case(c, encoding)};
    sonde_action action = {0};
    for (size_t i = 0; i < c->count; i++)
        run_line(&r, c->lines[i], record);
    end_record(&r);
    (void)law_flush(r.ctx, NOW, 0);
    CHECK_INT(law_next(r.ctx, NOW, &action), SONDE_ACTION_SEND);
    check_body(c, encoding, &action);
    check_replaced(c, r.ctx);
    law_close_memory(r.ctx);
}

size_t body_cases(const char *path, uint32_t signal, body_line *record) {
    vector_file file = vector_open(path);
    size_t cases = 0;
    law_signal = signal;
    for (size_t i = 0; i < file.count; i++) {
        if (strncmp(file.lines[i], "case ", 5) != 0)
            continue;
        part c = {file.lines + i + 1, 0};
        while (i + 1 + c.count < file.count &&
               strncmp(c.lines[c.count], "case ", 5) != 0)
            c.count++;
        check_about(file.lines[i]);
        run_case(&c, 0, record);
        run_case(&c, 1, record);
        cases++;
    }
    vector_close(&file);
    return cases;
}
