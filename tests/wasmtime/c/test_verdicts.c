/* The core inside Wasmtime against the same core natively: byte for byte the
 * same verdicts and tokens. Wants the real module: SONDE_EDGE, or
 * dist/edge/sonde-edge.wasm. */
#include "check.h"
#include "modules.h"
#include "sonde_host.h"

static const double NOW = 1700000000000;

static const sonde_host_text SECRETS[] = {{"a new secret, rotated in", 24},
                                          {"an older secret, still ok", 25}};
static const sonde_host_text ORIGINS[] = {{"https://app.example", 19}};
static const sonde_host_text NEXTS[] = {{"/thanks", 7}};

/* The two sides, of one configuration. */
static sonde_host *host;
static sonde_guest *guest;
static sonde_verifier *native;

/* $R: a good render token; $I: an identity token, $O: one of the old secret */
static char render[SONDE_RENDER_TOKEN + 1];
static char identity[SONDE_MAX_TOKEN + 1], old_identity[SONDE_MAX_TOKEN + 1];

static void put_all(sonde_verifier *v, size_t first) {
    for (size_t i = first; i < COUNT(SECRETS); i++)
        CHECK(sonde_secret_put(v, SECRETS[i].text, SECRETS[i].size) > 0);
    CHECK_INT(sonde_origin_put(v, ORIGINS[0].text, ORIGINS[0].size), 1);
    CHECK_INT(sonde_next_put(v, NEXTS[0].text, NEXTS[0].size), 1);
}

static sonde_verifier *make_native(size_t first) {
    sonde_signed_config config;
    sonde_signed_config_init(&config);
    int32_t size = sonde_verifier_size(&config);
    sonde_verifier *v = aligned_alloc(16, ((size_t)size + 15) & ~(size_t)15);
    CHECK_INT(sonde_verifier_init(v, (size_t)size, &config), 0);
    put_all(v, first);
    return v;
}

static void make_tokens(void) {
    static const uint8_t nonce[12] = {1, 2, 3};
    int32_t size =
        sonde_render_sign(native, render, sizeof render, NOW - 60000);
    CHECK(size > 0);
    render[size > 0 ? size : 0] = '\0';
    size =
        sonde_identity_seal(native, identity, sizeof identity, nonce, "42", 2);
    CHECK(size > 0);
    identity[size > 0 ? size : 0] = '\0';
    sonde_verifier *old = make_native(1);
    size = sonde_identity_seal(old, old_identity, sizeof old_identity, nonce,
                               "user-7", 6);
    CHECK(size > 0);
    old_identity[size > 0 ? size : 0] = '\0';
    free(old);
}

static sonde_guest_config guest_config(void) {
    sonde_guest_config config;
    sonde_guest_config_init(&config);
    config.secrets = SECRETS;
    config.secret_count = COUNT(SECRETS);
    config.origins = ORIGINS;
    config.origin_count = COUNT(ORIGINS);
    config.nexts = NEXTS;
    config.next_count = COUNT(NEXTS);
    return config;
}

static void open_both(uint64_t fuel) {
    const char *path = getenv("SONDE_EDGE");
    sonde_host_message message = {""};
    sonde_host_config config;
    sonde_host_config_init(&config);
    config.fuel = fuel;
    host = sonde_host_load(
        &config, path != NULL ? path : "dist/edge/sonde-edge.wasm", &message);
    sonde_guest_config both = guest_config();
    guest = host == NULL ? NULL : sonde_guest_open(host, &both, &message);
    if (guest == NULL) {
        printf("%s\n", message.text);
        abort();
    }
    native = make_native(0);
    make_tokens();
}

static void close_both(void) {
    sonde_guest_close(guest);
    sonde_host_close(host);
    free(native);
}

/* ---- Submissions ------------------------------------------------------- */

#define JSON "application/json"
#define FORM "application/x-www-form-urlencoded"
#define GOOD "\"plain_connect_render_token\":\"$R\",\"message\":\"Hello\""
#define ORIGIN "https://app.example"

static const struct {
    const char *type, *origin, *endpoint, *body;
} TABLE[] = {
    {JSON, ORIGIN, "plain_sf_abc123", "{" GOOD "}"},
    {JSON, ORIGIN, "", "{" GOOD ",\"plain_connect_identity\":\"$I\"}"},
    {JSON, ORIGIN, "", "{" GOOD ",\"plain_connect_identity\":\"$O\"}"},
    {JSON, ORIGIN, "", "{" GOOD ",\"plain_connect_identity\":\"AAAA$I\"}"},
    {JSON, ORIGIN, "", "{" GOOD ",\"plain_connect_check\":\"bot\"}"},
    {JSON, ORIGIN, "",
     "{" GOOD ",\"name\":\"Zo\\u00eb \xF0\x9F\x98\x80\",\"email\":"
     "\"zoe@example.com\",\"form_slug\":\"contact\",\"n\":1e3,\"b\":true,"
     "\"__proto__\":\"x\",\"\\u0001\":\"<\\/script>\\ud800\"}"},
    {JSON, ORIGIN, "", "{" GOOD ",\"email\":\"a@b, c@d\"}"},
    {JSON, ORIGIN, "", "{" GOOD ",\"email\":\"a@b\",\"email\":\"a@b\"}"},
    {JSON, ORIGIN, "", "{" GOOD ",\"name\":\"a\\r\\nb\"}"},
    {JSON, ORIGIN, "", "{" GOOD ",\"_next\":\"/thanks/you\"}"},
    {JSON, ORIGIN, "", "{" GOOD ",\"_next\":\"//evil.example\"}"},
    {JSON, ORIGIN, "", "{" GOOD ",\"x\":{}}"},
    {JSON, ORIGIN, "", "{\"message\":\"Hello\"}"},
    {JSON, ORIGIN, "", "{\"plain_connect_render_token\":\"$R\"}"},
    {JSON, ORIGIN, "",
     "{\"plain_connect_render_token\":\"1$R\",\"message\":\"x\"}"},
    {JSON, ORIGIN, "", "{" GOOD},
    {JSON, ORIGIN, "", "[]"},
    {JSON, ORIGIN, "", ""},
    {JSON, NULL, "", "{" GOOD "}"},
    {JSON, "null", "", "{" GOOD "}"},
    {JSON, "", "", "{" GOOD "}"},
    {JSON, "https://evil.example", "", "{" GOOD "}"},
    {JSON, ORIGIN, "no such endpoint", "{" GOOD "}"},
    {"text/plain", ORIGIN, "", "{" GOOD "}"},
    {"", ORIGIN, "", "{" GOOD "}"},
    {JSON ";charset=utf-8", ORIGIN, "", "{" GOOD "}"},
    {FORM, ORIGIN, "",
     "plain_connect_render_token=$R&message=a+b%20%e2%82%ac%ff&x[y]=%zz"},
    {FORM, ORIGIN, "", "plain_connect_render_token=$R&message=%00"},
    {FORM, ORIGIN, "", "plain_connect_render_token=$R&message=+%09"},
    {FORM, ORIGIN, "", "&&==&"},
};

static char *expand(const char *text, size_t *size) {
    char *to = malloc(strlen(text) + 4 * SONDE_MAX_TOKEN), *at = to;
    if (to == NULL)
        abort();
    for (; *text != '\0'; text++) {
        const char *token = NULL;
        if (text[0] == '$')
            token = text[1] == 'R'   ? render
                    : text[1] == 'I' ? identity
                                     : old_identity;
        if (token != NULL) {
            at += sprintf(at, "%s", token);
            text++;
        } else {
            *at++ = *text;
        }
    }
    *size = (size_t)(at - to);
    return to;
}

/* The verdict of the native library, and a line end. To be freed. */
static char *verify_here(const sonde_host_submission *s, size_t *size) {
    sonde_submission here = {.body = check_exact(s->body.text, s->body.size),
                             .body_size = s->body.size,
                             .content_type = s->content_type.text,
                             .content_type_size = s->content_type.size,
                             .origin = s->origin.text,
                             .origin_size = s->origin.size,
                             .endpoint =
                                 s->endpoint.size > 0 ? s->endpoint.text : NULL,
                             .endpoint_size = s->endpoint.size};
    sonde_verdict verdict;
    size_t room = sonde_verdict_size(native, s->body.size) + 1;
    char *json = malloc(room);
    CHECK(sonde_verify(native, &verdict, s->now, &here) >= 0);
    int32_t written = sonde_verdict_put(&verdict, (uint8_t *)json, room - 1);
    CHECK(written > 0);
    *size = (size_t)written + 1;
    json[written] = '\n';
    free(here.body);
    return json;
}

static sonde_host_text text_of(const char *text) {
    return (sonde_host_text){text, text != NULL ? strlen(text) : 0};
}

static void fill_list(sonde_host_submission list[COUNT(TABLE)]) {
    for (size_t i = 0; i < COUNT(TABLE); i++) {
        list[i] = (sonde_host_submission){.now = NOW + (double)i};
        list[i].body.text = expand(TABLE[i].body, &list[i].body.size);
        list[i].content_type = text_of(TABLE[i].type);
        list[i].origin = text_of(TABLE[i].origin);
        list[i].endpoint = text_of(TABLE[i].endpoint);
    }
}

static void free_list(const sonde_host_submission list[COUNT(TABLE)]) {
    for (size_t i = 0; i < COUNT(TABLE); i++)
        free((void *)(uintptr_t)list[i].body.text);
}

/* One by one, then all in as few calls as it takes. */
static void same_verdicts(void) {
    sonde_host_submission list[COUNT(TABLE)];
    open_both(0);
    fill_list(list);
    char *all = malloc(1 << 22);
    size_t all_size = 0;
    for (size_t i = 0; i < COUNT(TABLE); i++) {
        check_about(TABLE[i].body);
        size_t size;
        char *want = verify_here(&list[i], &size);
        sonde_host_verdicts have;
        CHECK_INT(sonde_guest_verify(guest, &have, &list[i], 1), 1);
        CHECK_BYTES(have.text, have.size, want, size);
        memcpy(all + all_size, want, size);
        all_size += size;
        free(want);
    }
    check_about("all at once");
    size_t at = 0, done = 0, calls = 0;
    while (done < COUNT(TABLE)) {
        sonde_host_verdicts have;
        int32_t count =
            sonde_guest_verify(guest, &have, list + done, COUNT(TABLE) - done);
        if (!CHECK(count > 0))
            break;
        CHECK(have.size <= all_size - at &&
              memcmp(all + at, have.text, have.size) == 0);
        at += have.size;
        done += (size_t)count;
        calls++;
    }
    CHECK_INT(at, all_size);
    CHECK(calls < 3);
    free(all);
    free_list(list);
    close_both();
}

static void too_large(void) {
    open_both(0);
    static char large[200000];
    memset(large, 'x', sizeof large);
    static const size_t sizes[] = {65535, 65536, 65537, 65538, 200000};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        const sonde_host_submission one = {.now = NOW,
                                           .body = {large, sizes[i]},
                                           .content_type = text_of(JSON),
                                           .origin = text_of(ORIGIN)};
        size_t size;
        char *want = verify_here(&one, &size);
        sonde_host_verdicts have;
        CHECK_INT(sonde_guest_verify(guest, &have, &one, 1), 1);
        CHECK_BYTES(have.text, have.size, want, size);
        CHECK((strstr(want, "body_too_large") != NULL) == (sizes[i] > 65536));
        free(want);
    }
    close_both();
}

/* The guest hands in no more of a header than decides. */
static void long_headers(void) {
    static char text[1 << 20] = JSON ";";
    const sonde_host_text large = {text, sizeof text};
    memset(text + sizeof JSON, ' ', sizeof text - sizeof JSON);
    open_both(0);
    for (int which = 0; which < 3; which++) {
        sonde_host_submission one = {.now = NOW,
                                     .body = text_of("{\"message\":\"m\"}"),
                                     .content_type = text_of(JSON),
                                     .origin = text_of(ORIGIN)};
        *(which == 0   ? &one.content_type
          : which == 1 ? &one.origin
                       : &one.endpoint) = large;
        size_t size;
        char *want = verify_here(&one, &size);
        sonde_host_verdicts have;
        CHECK_INT(sonde_guest_verify(guest, &have, &one, 1), 1);
        CHECK_BYTES(have.text, have.size, want, size);
        free(want);
    }
    close_both();
}

/* ---- Lines ------------------------------------------------------------- */

/* Both sides on the same text, in as many calls as it takes. */
static void check_lines(const char *text, uint32_t flags) {
    size_t size, room = 1 << 20;
    char *in = expand(text, &size), *out = malloc(room), *have = malloc(room);
    sonde_submission none = {0};
    sonde_lines lines = {.in = check_exact(in, size),
                         .size = size,
                         .first_line = 7,
                         .envelope = flags & SONDE_LINES_ENVELOPE,
                         .last = flags & SONDE_LINES_LAST,
                         .defaults = &none};
    int32_t written =
        sonde_lines_verify(native, &lines, NOW, (uint8_t *)out, room);
    CHECK(written >= 0);
    size_t at = 0, used = 0;
    double line = 7;
    sonde_host_verdicts verdicts;
    int32_t taken;
    while ((taken = sonde_guest_lines(guest, &verdicts, NOW, in + at, size - at,
                                      line, flags)) > 0) {
        memcpy(have + used, verdicts.text, verdicts.size);
        used += verdicts.size;
        at += (size_t)taken;
        line += verdicts.count;
    }
    CHECK_INT(taken, 0);
    CHECK_INT(at, lines.taken);
    CHECK_DOUBLE(line, 7 + (double)lines.lines);
    CHECK_BYTES(have, used, out, (size_t)written);
    free(in);
    free(lines.in);
    free(out);
    free(have);
}

static void same_lines(void) {
    open_both(0);
    check_lines("{" GOOD "}\n\n{" GOOD "\nnot json\r\n\r\n{" GOOD "}", 0);
    check_lines("{" GOOD "}\n\n{" GOOD "}", SONDE_LINES_LAST);
    check_lines("{\"id\":7,\"body\":\"message=x\",\"content_type\":\"" FORM
                "\",\"origin\":\"" ORIGIN "\"}\n"
                "{\"id\":\"a\\\"b\",\"body\":\"{}\",\"now\":1.5}\n"
                "{\"body\":1}\n{\"id\":{}}\n7\n",
                SONDE_LINES_ENVELOPE);
    close_both();
}

static void line_defaults(void) {
    open_both(0);
    sonde_guest_close(guest);
    sonde_guest_config config = guest_config();
    config.content_type = text_of(FORM);
    config.origin = text_of(ORIGIN);
    config.endpoint = text_of("plain_sf_1");
    sonde_host_message message;
    guest = sonde_guest_open(host, &config, &message);
    size_t size;
    char *line = expand("plain_connect_render_token=$R&message=hello\n", &size);
    sonde_host_verdicts have;
    CHECK_INT(sonde_guest_lines(guest, &have, NOW, line, size, 1, 0), size);
    CHECK(have.size > 20 &&
          memcmp(have.text, "{\"verdict\":\"accept\"", 19) == 0);
    free(line);
    close_both();
}

/* ---- Tokens and traps --------------------------------------------------- */

static void same_tokens(void) {
    static const uint8_t nonce[12] = {9, 9, 9};
    open_both(0);
    char here[200], there[200], id[64];
    int32_t size = sonde_identity_seal(native, here, sizeof here, nonce,
                                       "user-\xC3\xA9", 7);
    CHECK_INT(sonde_guest_identity_seal(guest, there, sizeof there, nonce,
                                        "user-\xC3\xA9", 7),
              size);
    CHECK_BYTES(there, (size_t)size, here, (size_t)size);
    CHECK_INT(
        sonde_guest_identity_open(guest, id, sizeof id, here, (size_t)size), 7);
    CHECK_TEXT(id, 7, "user-\xC3\xA9");
    here[20] ^= 1;
    CHECK_INT(
        sonde_guest_identity_open(guest, id, sizeof id, here, (size_t)size),
        SONDE_FORGED);
    CHECK(strstr(sonde_guest_message(guest), "no secret fits") != NULL);
    CHECK_INT(sonde_guest_identity_open(guest, id, sizeof id, "", 0),
              SONDE_MALFORMED);
    CHECK_INT(
        sonde_guest_identity_seal(guest, there, sizeof there, NULL, "", 0),
        SONDE_BAD_ARGUMENT);

    check_about("random nonces differ");
    size = sonde_guest_identity_seal(guest, here, sizeof here, NULL, "42", 2);
    CHECK_INT(
        sonde_guest_identity_seal(guest, there, sizeof there, NULL, "42", 2),
        size);
    CHECK(memcmp(here, there, (size_t)size) != 0);

    check_about("render tokens");
    double age;
    size = sonde_render_sign(native, here, sizeof here, NOW);
    CHECK_INT(sonde_guest_render_sign(guest, there, sizeof there, NOW), size);
    CHECK_BYTES(there, (size_t)size, here, (size_t)size);
    CHECK_INT(
        sonde_guest_render_check(guest, &age, NOW + 9000, here, (size_t)size),
        SONDE_RENDER_OK);
    CHECK_DOUBLE(age, 9);
    CHECK_INT(
        sonde_guest_render_check(guest, &age, NOW + 1000, here, (size_t)size),
        SONDE_RENDER_TOO_FRESH);
    CHECK_INT(sonde_guest_render_check(guest, &age, NOW, "", 0),
              SONDE_RENDER_MISSING);
    close_both();
}

/* Opening an id takes little fuel, a batch of submissions much: the batch
 * traps, and what replaces the instance knows all secrets. */
static void secrets_stay(void) {
    open_both(300000);
    sonde_host_submission list[COUNT(TABLE)];
    fill_list(list);
    char id[64];
    for (uint64_t i = 1; i <= 3; i++) {
        sonde_host_verdicts have;
        CHECK_INT(sonde_guest_verify(guest, &have, list, COUNT(TABLE)),
                  SONDE_HOST_TRAP);
        CHECK_INT(sonde_guest_traps(guest), i);
        CHECK_INT(sonde_guest_identity_open(guest, id, sizeof id, identity,
                                            strlen(identity)),
                  2);
        CHECK_INT(sonde_guest_identity_open(guest, id, sizeof id, old_identity,
                                            strlen(old_identity)),
                  6);
    }
    free_list(list);
    close_both();
}

/* Each refusal names what was refused. */
static void refusals(void) {
    open_both(0);
    sonde_host_message message;
    sonde_guest_config config = guest_config();
    config.options[SONDE_SIGNED_OPTION_max_age] = 0;
    CHECK(sonde_guest_open(host, &config, &message) == NULL);
    CHECK(strstr(message.text, "max_age") != NULL);
    CHECK(strstr(message.text, "604800") != NULL);

    config = guest_config();
    const sonde_host_text weak[] = {SECRETS[0], {"hunter2", 7}};
    config.secrets = weak;
    CHECK(sonde_guest_open(host, &config, &message) == NULL);
    CHECK(strstr(message.text, "secret number 2") != NULL);
    CHECK(strstr(message.text, "hunter2") == NULL);
    config.options[SONDE_SIGNED_OPTION_allow_weak_secret] = 1;
    sonde_guest *other = sonde_guest_open(host, &config, &message);
    CHECK(other != NULL);
    sonde_guest_close(other);

    config = guest_config();
    const sonde_host_text origins[] = {ORIGINS[0], {"app.example/x", 13}};
    config.origins = origins;
    config.origin_count = 2;
    CHECK(sonde_guest_open(host, &config, &message) == NULL);
    CHECK(strstr(message.text, "origin number 2") != NULL);

    config = guest_config();
    const sonde_host_text nexts[] = {{"javascript:", 11}};
    config.nexts = nexts;
    CHECK(sonde_guest_open(host, &config, &message) == NULL);
    CHECK(strstr(message.text, "target number 1") != NULL);

    config = guest_config();
    config.memory_limit = 1 << 19;
    CHECK(sonde_guest_open(host, &config, &message) == NULL);
    CHECK(strstr(message.text, "memory") != NULL);
    close_both();
}

static const check_test TESTS[] = {
    {"same verdicts", same_verdicts}, {"too large", too_large},
    {"long headers", long_headers},   {"same lines", same_lines},
    {"line defaults", line_defaults}, {"same tokens", same_tokens},
    {"secrets stay", secrets_stay},   {"refusals", refusals},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
