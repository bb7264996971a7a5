/* tests/vectors/signed.jsonl, natively: README.md there says what rows mean. */
#include "check.h"
#include "row.h"
#include "sonde_signed.h"
#include "vector.h"

static sonde_verifier *verifier;

/* ---- Set-up -------------------------------------------------------------- */

static void set_options(sonde_signed_config *config, row *r) {
    sonde_json json;
    sonde_signed_config_init(config);
    CHECK_INT(row_find(&json, r, "options"), SONDE_JSON_OBJECT);
    while (sonde_json_next(&json) == SONDE_JSON_KEY) {
        int32_t id =
            sonde_signed_option_get((const char *)json.text, json.size);
        CHECK_INT(sonde_json_next(&json), SONDE_JSON_NUMBER);
        double value = strtod((const char *)json.text, NULL);
        CHECK_INT(sonde_signed_config_put(config, (uint32_t)id, value),
                  SONDE_OK);
    }
}

typedef int32_t putter(sonde_verifier *, const char *, size_t);

static void put_all(row *r, const char *member, putter *put) {
    sonde_json json;
    char text[1100];
    size_t size;
    CHECK_INT(row_find(&json, r, member), SONDE_JSON_ARRAY);
    for (int32_t n = 1; row_next(&json, text, &size); n++) {
        char *exact = (char *)check_exact(text, size);
        CHECK_INT(put(verifier, exact, size), n);
        free(exact);
    }
}

static void set_up(row *r) {
    sonde_signed_config config;
    free(verifier);
    set_options(&config, r);
    int32_t size = sonde_verifier_size(&config);
    verifier = malloc((size_t)size);
    memset(verifier, 0xA5, (size_t)size);
    CHECK_INT(sonde_verifier_init(verifier, (size_t)size, &config), SONDE_OK);
    put_all(r, "secrets", sonde_secret_put);
    put_all(r, "origins", sonde_origin_put);
    put_all(r, "next", sonde_next_put);
}

/* ---- Calls --------------------------------------------------------------- */

/* What a call gave: a status, or bytes that must be those of a member. */
static void expect(row *r, int32_t result, const void *have,
                   const char *member) {
    if (row_has(r, "status")) {
        char status[64];
        row_text(r, "status", status);
        CHECK_INT(result, vector_status(status));
        return;
    }
    size_t size;
    uint8_t *want = row_data(r, member, &size);
    if (CHECK(result >= 0))
        CHECK_BYTES(have, (size_t)result, want, size);
    free(want);
}

static void seal(row *r) {
    size_t id_size, nonce_size;
    uint8_t *id = row_data(r, "id", &id_size);
    uint8_t *nonce = row_hex(r, "nonce_hex", &nonce_size);
    char *token = malloc(SONDE_MAX_TOKEN);
    int32_t result = sonde_identity_seal(verifier, token, SONDE_MAX_TOKEN,
                                         nonce, (char *)id, id_size);
    expect(r, result, token, "token");
    free(token);
    free(nonce);
    free(id);
}

static void open_token(row *r) {
    size_t size;
    char *id = malloc(SONDE_MAX_ID);
    char *token = (char *)row_data(r, "token", &size);
    memset(id, 0x5A, SONDE_MAX_ID);
    int32_t result =
        sonde_identity_open(verifier, id, SONDE_MAX_ID, token, size);
    expect(r, result, id, "id");
    for (size_t i = result < 0 ? 0 : (size_t)result; i < SONDE_MAX_ID; i++)
        CHECK(id[i] == 0x5A); /* nothing else was written */
    free(token);
    free(id);
}

static void render(row *r) {
    char token[SONDE_RENDER_TOKEN];
    expect(
        r,
        sonde_render_sign(verifier, token, sizeof token, row_number(r, "now")),
        token, "token");
}

static void check(row *r) {
    size_t size;
    double age;
    sonde_json json;
    char *token = (char *)row_data(r, "token", &size);
    int32_t result =
        sonde_render_check(verifier, &age, row_number(r, "now"), token, size);
    CHECK(row_is(r, "render", sonde_render_text(result)));
    bool none = row_find(&json, r, "age") == SONDE_JSON_END;
    CHECK_DOUBLE(age, none ? -1 : row_number(r, "age"));
    free(token);
}

static void nonce(row *r) {
    size_t random_size, session_size, path_size;
    char text[SONDE_BEACON_NONCE];
    uint8_t *random = row_hex(r, "nonce_hex", &random_size);
    char *session = (char *)row_data(r, "session", &session_size);
    char *path = (char *)row_data(r, "path", &path_size);
    int32_t result =
        sonde_nonce_seal(verifier, text, sizeof text, row_number(r, "expiry"),
                         random, session, session_size, path, path_size);
    expect(r, result, text, "nonce");
    free(path);
    free(session);
    free(random);
}

static void expect_count(row *r, int32_t result, const char *member) {
    if (row_has(r, "status"))
        expect(r, result, NULL, NULL);
    else
        CHECK_INT(result, row_number(r, member));
}

static void nonce_check(row *r) {
    size_t size, session_size, path_size;
    char *text = (char *)row_data(r, "nonce", &size);
    char *session = (char *)row_data(r, "session", &session_size);
    char *path = (char *)row_data(r, "path", &path_size);
    expect_count(r,
                 sonde_nonce_open(verifier, row_number(r, "now"), text, size,
                                  session, session_size, path, path_size),
                 "left");
    free(path);
    free(session);
    free(text);
}

static void put(row *r, putter *function) {
    size_t size;
    char *text = (char *)row_data(r, "text", &size);
    expect_count(r, function(verifier, text, size), "count");
    free(text);
}

static void put_secret(row *r) { put(r, sonde_secret_put); }
static void put_origin(row *r) { put(r, sonde_origin_put); }
static void put_next(row *r) { put(r, sonde_next_put); }

static void verify(row *r) {
    sonde_verdict verdict;
    sonde_submission s;
    char *type = (char *)row_data(r, "content_type", &s.content_type_size);
    char *origin = (char *)row_data(r, "origin", &s.origin_size);
    char *endpoint = (char *)row_data(r, "endpoint", &s.endpoint_size);
    s.body = row_data(r, "body", &s.body_size);
    s.content_type = type;
    s.origin = origin;
    s.endpoint = endpoint;
    int32_t kind = sonde_verify(verifier, &verdict, row_number(r, "now"), &s);
    CHECK_INT(kind, verdict.verdict);
    size_t size = sonde_verdict_size(verifier, s.body_size);
    uint8_t *text = malloc(size);
    expect(r, sonde_verdict_put(&verdict, text, size), text, "verdict");
    free(text);
    free(s.body);
    free(endpoint);
    free(origin);
    free(type);
}

/* Lines in a room for all of them at once. */
static void lines(row *r) {
    sonde_submission defaults = {0};
    sonde_lines l = {.first_line = row_number(r, "first"),
                     .envelope = row_number(r, "envelope") > 0,
                     .last = row_number(r, "last") > 0,
                     .defaults = &defaults};
    l.in = row_data(r, "in", &l.size);
    size_t room = 64 * sonde_lines_room(verifier, l.size);
    uint8_t *to = malloc(room);
    int32_t result =
        sonde_lines_verify(verifier, &l, row_number(r, "now"), to, room);
    expect(r, result, to, "out");
    free(to);
    free(l.in);
}

/* ---- All ----------------------------------------------------------------- */

static const struct {
    const char *call;
    void (*run)(row *r);
} CALLS[] = {
    {"seal", seal},         {"open", open_token},
    {"render", render},     {"check", check},
    {"nonce", nonce},       {"nonce_check", nonce_check},
    {"secret", put_secret}, {"origin", put_origin},
    {"next", put_next},     {"verify", verify},
    {"lines", lines},
};

static void run(row *r) {
    sonde_json json;
    char about[256] = {0};
    if (row_has(r, "setup")) {
        set_up(r);
        return;
    }
    row_find(&json, r, "name");
    memcpy(about, json.text, json.size < 255 ? json.size : 255);
    check_about(about);
    for (size_t i = 0; i < COUNT(CALLS); i++) {
        if (row_is(r, "call", CALLS[i].call)) {
            CALLS[i].run(r);
            return;
        }
    }
    check_fail(__FILE__, __LINE__, "no such call");
}

static void all(void) {
    vector_file file = vector_open("tests/vectors/signed.jsonl");
    for (size_t i = 0; i < file.count; i++)
        run(file.lines[i]);
    CHECK(file.count > 1000);
    free(verifier);
    verifier = NULL;
    vector_close(&file);
}

static const check_test TESTS[] = {{"all rows", all}};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
