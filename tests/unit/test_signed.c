/* Tokens, nonces and submissions: the vectors of wire-formats.md, and what a
 * table of bytes cannot say. */
#include "check.h"
#include "core/text.h"
#include "sonde_signed.h"

static const uint8_t NONCES[][12] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
    {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255},
    {32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43},
    {12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23},
};

static const struct {
    const uint8_t *nonce;
    const char *id, *token;
} IDENTITIES[] = {
    {NONCES[0], "42", "AAECAwQFBgcICQoLTn4DijnGJWPu9CAXr0X8t2fR"},
    {NONCES[1], "7", "________________Aa9vc0gaI5dFo_klwNBAMYE="},
    {NONCES[2], "user-\xC3\xA9-\xF0\x9F\x98\x80",
     "ICEiIyQlJicoKSorSd6O4v9fBdz_jq70pJfdFTjvZFLQiKIroJbUdw=="},
};

static const struct {
    double now;
    const char *token;
} RENDERS[] = {
    {0, "0.8f7d20d249ea1b0c34a5dd22a9bb0b631127cb10a1b60794c1f4987b28d2a9e9"},
    {1700000000, "1700000000.654f7e64257f91fff31252fc8eba65ec"
                 "024f2c017fcdd94cd8def9f0232cc57d"},
    {1763661600, "1763661600.5054ff372c5688231a2f0369dc640461"
                 "e4830dff19595ee07f165613d1c0dda6"},
};

static const double NOW = 1763661617e3;

/* A verifier with these options and the secret of the vectors, or none. */
static sonde_verifier *open_with(sonde_signed_config *config,
                                 const char *secret) {
    config->allow_weak_secret = 1;
    int32_t size = sonde_verifier_size(config);
    CHECK(size > 0);
    sonde_verifier *v = malloc((size_t)size);
    CHECK_INT(sonde_verifier_init(v, (size_t)size, config), SONDE_OK);
    if (secret != NULL)
        CHECK_INT(sonde_secret_put(v, secret, strlen(secret)), 1);
    return v;
}

static sonde_verifier *open_default(const char *secret) {
    sonde_signed_config config;
    sonde_signed_config_init(&config);
    return open_with(&config, secret);
}

static void close_verifier(sonde_verifier *v) {
    sonde_verifier_wipe(v);
    free(v);
}

/* ---- Tokens -------------------------------------------------------------- */

static void identities(void) {
    sonde_verifier *v = open_default("app-secret");
    for (size_t i = 0; i < COUNT(IDENTITIES); i++) {
        char text[64], id[32];
        const char *want = IDENTITIES[i].id;
        check_about(want);
        int32_t size = sonde_identity_seal(
            v, text, sizeof text, IDENTITIES[i].nonce, want, strlen(want));
        CHECK_TEXT(text, (size_t)size, IDENTITIES[i].token);
        int32_t back =
            sonde_identity_open(v, id, sizeof id, text, (size_t)size);
        CHECK_TEXT(id, (size_t)back, want);
    }
    close_verifier(v);
}

static void every_bit(void) {
    sonde_verifier *v = open_default("app-secret");
    uint8_t bytes[64];
    const char *token = IDENTITIES[2].token;
    int32_t size =
        sonde_base64url_get(bytes, (const uint8_t *)token, strlen(token));
    for (int32_t bit = 0; bit < size * 8; bit++) {
        uint8_t text[64];
        char id[32] = "untouched";
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        sonde_writer w = {text, sizeof text, 0, 0};
        sonde_base64url_put(&w, bytes, (size_t)size);
        CHECK_INT(sonde_identity_open(v, id, sizeof id, (char *)text, w.used),
                  SONDE_FORGED);
        CHECK_TEXT(id, 9, "untouched");
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    close_verifier(v);
}

static void every_truncation(void) {
    sonde_verifier *v = open_default("app-secret");
    const char *token = IDENTITIES[2].token;
    size_t whole = strlen(token);
    for (size_t size = 0; size < whole; size++) {
        char id[32];
        char *in = (char *)check_exact(token, size);
        int32_t got = sonde_identity_open(v, id, sizeof id, in, size);
        CHECK(got == SONDE_MALFORMED || got == SONDE_FORGED ||
              size == whole - 2 /* the padding */);
        free(in);
    }
    close_verifier(v);
}

static void identity_statuses(void) {
    sonde_verifier *v = open_default(NULL);
    char text[6000], id[SONDE_MAX_ID + 1];
    memset(id, 'x', sizeof id);
    CHECK_INT(sonde_identity_open(v, id, 9, text, 40), SONDE_NO_SECRET);
    CHECK_INT(sonde_identity_seal(v, text, sizeof text, NONCES[0], "42", 2),
              SONDE_NO_SECRET);
    CHECK_INT(sonde_secret_put(v, "app-secret", 10), 1);
    static const uint8_t zeros[12];
    CHECK_INT(sonde_identity_seal(v, text, sizeof text, zeros, "42", 2),
              SONDE_BAD_ARGUMENT);
    CHECK_INT(sonde_identity_seal(v, text, sizeof text, NONCES[0], "", 0),
              SONDE_BAD_ARGUMENT);
    CHECK_INT(sonde_identity_seal(v, text, sizeof text, NONCES[0], "\xFF", 1),
              SONDE_BAD_ARGUMENT);
    CHECK_INT(sonde_identity_seal(v, text, 39, NONCES[0], "42", 2),
              SONDE_NO_SPACE);
    CHECK_INT(sonde_identity_seal(v, text, sizeof text, NONCES[0], id,
                                  SONDE_MAX_ID + 1),
              SONDE_BAD_ARGUMENT);
    CHECK_INT(
        sonde_identity_seal(v, text, sizeof text, NONCES[0], id, SONDE_MAX_ID),
        SONDE_MAX_TOKEN);
    memset(id, 0, sizeof id);
    CHECK_INT(
        sonde_identity_open(v, id, SONDE_MAX_ID - 1, text, SONDE_MAX_TOKEN),
        SONDE_NO_SPACE);
    CHECK_INT(id[0], 0);
    CHECK_INT(sonde_identity_open(v, id, SONDE_MAX_ID, text, SONDE_MAX_TOKEN),
              SONDE_MAX_ID);
    CHECK_INT(id[SONDE_MAX_ID - 1], 'x');
    CHECK_INT(
        sonde_identity_open(v, id, SONDE_MAX_ID, text, SONDE_MAX_TOKEN + 1),
        SONDE_MALFORMED);
    close_verifier(v);
}

static void secrets(void) {
    sonde_signed_config config;
    sonde_signed_config_init(&config);
    sonde_verifier *v = open_with(&config, NULL);
    static char long_one[SONDE_MAX_SECRET + 1];
    memset(long_one, 's', sizeof long_one);
    CHECK_INT(sonde_secret_put(v, "", 0), SONDE_BAD_ARGUMENT);
    CHECK_INT(sonde_secret_put(v, long_one, sizeof long_one),
              SONDE_BAD_ARGUMENT);
    CHECK_INT(sonde_secret_put(v, long_one, SONDE_MAX_SECRET), 1);
    CHECK_INT(sonde_secret_put(v, "app-secret", 10), 2);
    char id[8]; /* rotation: an older secret still opens */
    CHECK_INT(sonde_identity_open(v, id, sizeof id, IDENTITIES[0].token, 40),
              2);
    for (int i = 3; i <= SONDE_MAX_SECRETS; i++)
        CHECK_INT(sonde_secret_put(v, "again", 5), i);
    CHECK_INT(sonde_secret_put(v, "again", 5), SONDE_TABLE_FULL);
    close_verifier(v);

    config.allow_weak_secret = 0;
    size_t size = (size_t)sonde_verifier_size(&config);
    v = malloc(size);
    CHECK_INT(sonde_verifier_init(v, size - 1, &config), SONDE_NO_MEMORY);
    CHECK_INT(sonde_verifier_init(v, size, &config), SONDE_OK);
    CHECK_INT(sonde_secret_put(v, "fifteen-bytes--", 15), SONDE_WEAK_SECRET);
    CHECK_INT(sonde_secret_put(v, "sixteen-bytes---", 16), 1);
    close_verifier(v);
}

static void renders(void) {
    sonde_verifier *v = open_default("app-secret");
    for (size_t i = 0; i < COUNT(RENDERS); i++) {
        char token[SONDE_RENDER_TOKEN];
        double age, now = RENDERS[i].now * 1000 + 999;
        int32_t size = sonde_render_sign(v, token, sizeof token, now);
        CHECK_TEXT(token, (size_t)size, RENDERS[i].token);
        CHECK_INT(sonde_render_check(v, &age, now + 17e3, token, (size_t)size),
                  SONDE_RENDER_OK);
        CHECK_DOUBLE(age, 17);
    }
    close_verifier(v);
    v = open_default(NULL);
    CHECK_INT(sonde_render_sign(v, NULL, 0, 0), 0);
    close_verifier(v);
}

static void nonces(void) {
    sonde_verifier *v = open_default("app-secret");
    char nonce[SONDE_BEACON_NONCE];
    CHECK_INT(sonde_nonce_seal(v, nonce, sizeof nonce, 1763661900, NONCES[0],
                               "sid", 3, "/t", 2),
              SONDE_BEACON_NONCE);
    CHECK_INT(sonde_nonce_open(v, NOW, nonce, sizeof nonce, "sid", 3, "/t", 2),
              283);
    CHECK_INT(sonde_nonce_open(v, 1763661900e3, nonce, sizeof nonce, "sid", 3,
                               "/t", 2),
              0);
    CHECK_INT(sonde_nonce_open(v, 1763661900e3 + 1, nonce, sizeof nonce, "sid",
                               3, "/t", 2),
              SONDE_EXPIRED);
    CHECK_INT(sonde_nonce_open(v, NOW, nonce, sizeof nonce, "sid/", 4, "t", 1),
              SONDE_FORGED);
    CHECK_INT(sonde_nonce_open(v, NOW, nonce, 42, "sid", 3, "/t", 2),
              SONDE_MALFORMED);
    close_verifier(v);
}

/* ---- Submissions --------------------------------------------------------- */

static int32_t verify(sonde_verifier *v, char *out, size_t size, double now,
                      const char *type, const char *body) {
    static const char origin[] = "https://app.example";
    uint8_t *copy = check_exact(body, strlen(body));
    sonde_submission s = {copy,   strlen(body),      type, strlen(type),
                          origin, sizeof origin - 1, NULL, 0};
    sonde_verdict verdict;
    int32_t kind = sonde_verify(v, &verdict, now, &s);
    int32_t used = sonde_verdict_put(&verdict, (uint8_t *)out, size - 1);
    CHECK(used > 0 && (size_t)used <= sonde_verdict_size(v, strlen(body)));
    out[used > 0 ? used : 0] = '\0';
    free(copy);
    return kind;
}

static void submissions(void) {
    sonde_verifier *v = open_default("app-secret");
    char out[4096], body[1024];
    CHECK_INT(sonde_next_put(v, "https://app.example", 19), 1);
    snprintf(body, sizeof body,
             "{\"plain_connect_render_token\":\"%s\","
             "\"plain_connect_identity\":\"%s\",\"plain_connect_check\":\"\","
             "\"name\":\"Ada\",\"email\":\"ada@example.com\","
             "\"message\":\"It \\\"works\\\"\\n\",\"form_slug\":\"help\","
             "\"_next\":\"https://app.example/thanks\",\"plan\":7}",
             RENDERS[2].token, IDENTITIES[0].token);
    CHECK_INT(verify(v, out, sizeof out, NOW, "application/json", body),
              SONDE_ACCEPT);
    CHECK_TEXT(
        out, strlen(out),
        "{\"verdict\":\"accept\",\"reason\":null,\"render\":\"ok\","
        "\"age_seconds\":17,\"user_id\":\"42\",\"identity\":\"ok\","
        "\"name\":\"Ada\",\"email\":\"ada@example.com\","
        "\"message\":\"It \\\"works\\\"\\n\",\"form_slug\":\"help\","
        "\"next\":\"https://app.example/thanks\",\"extras\":{\"plan\":\"7\"}}");
    CHECK_INT(verify(v, out, sizeof out, NOW,
                     "application/x-www-form-urlencoded; charset=UTF-8",
                     "message=hi&plain_connect_check=x"),
              SONDE_DISCARD);
    CHECK_TEXT(
        out, strlen(out),
        "{\"verdict\":\"discard\",\"reason\":null,\"render\":\"missing\","
        "\"age_seconds\":null,\"user_id\":null,\"identity\":\"absent\","
        "\"name\":null,\"email\":null,\"message\":null,"
        "\"form_slug\":null,\"next\":null,\"extras\":{}}");
    close_verifier(v);
}

/* Without a secret only the body counts: reason "" is accepted. */
static const struct {
    const char *body, *reason;
} BODIES[] = {
    {"message=hi", ""},
    {"message=%20%C2%A0%E3%80%80+%09", "message_missing"},
    {"", "message_missing"},
    {"message=hi&message=ho", "duplicate_field"},
    {"message=hi&Message=ho&Message=hu", ""},
    {"message=hi&name=a%0Db", "name_invalid"},
    {"message=hi&name=a%00b", "nul_character"},
    {"message=hi&email=a@b%0Abcc:c@d", "email_invalid"},
    {"message=hi&email=a@b@c", "email_invalid"},
    {"message=hi&email=@b", "email_invalid"},
    {"message=hi&email=a@", "email_invalid"},
    {"message=hi&email=a@b,c", "email_invalid"},
    {"message=hi&email=", ""},
    {"message=hi&form_slug=Help", "form_slug_invalid"},
    {"message=hi&_next=%0A", "next_invalid"},
};

static void bodies(void) {
    sonde_verifier *v = open_default(NULL);
    char out[4096], want[64];
    for (size_t i = 0; i < COUNT(BODIES); i++) {
        const char *reason = BODIES[i].reason;
        check_about(BODIES[i].body);
        CHECK_INT(verify(v, out, sizeof out, NOW,
                         "application/x-www-form-urlencoded", BODIES[i].body),
                  *reason == '\0' ? SONDE_ACCEPT : SONDE_REJECT);
        snprintf(want, sizeof want, "\"reason\":\"%s\",", reason);
        CHECK(strstr(out, *reason == '\0' ? "\"reason\":null" : want) != NULL);
        CHECK(strstr(out, "\"render\":\"unverified\"") != NULL);
    }
    close_verifier(v);
}

static void replay(void) {
    sonde_signed_config config;
    sonde_signed_config_init(&config);
    config.max_uses = 2;
    config.max_age = 60;
    sonde_verifier *v = open_with(&config, "app-secret");
    char out[1024], body[256];
    snprintf(body, sizeof body, "message=hi&plain_connect_render_token=%s",
             RENDERS[2].token);
    static const struct {
        double now;
        int32_t kind;
    } steps[] = {
        {NOW, SONDE_ACCEPT},
        {NOW + 1e3, SONDE_ACCEPT},
        {NOW + 2e3, SONDE_REJECT},
        {NOW - 3e3, SONDE_REJECT},
        {NOW + 1000e3, SONDE_REJECT}, /* stale */
        {NOW, SONDE_REJECT} /* the clock went back: no more is known of it */,
    };
    for (size_t i = 0; i < COUNT(steps); i++)
        CHECK_INT(verify(v, out, sizeof out, steps[i].now,
                         "application/x-www-form-urlencoded", body),
                  steps[i].kind);
    close_verifier(v);
}

static void lines(void) {
    sonde_verifier *v = open_default(NULL);
    char in[] =
        "{\"id\":7,\"body\":\"{\\\"message\\\":\\\"a\\\"}\",\"now\":1.5}\n"
        "\n"
        "oops\n"
        "{\"id\":\"x\\u0041\",\"content_type\":"
        "\"application/x-www-form-urlencoded\",\"body\":\"message=b\"}";
    static uint8_t out[8192];
    sonde_submission defaults = {0};
    sonde_lines l = {.in = (uint8_t *)in,
                     .size = strlen(in),
                     .first_line = 1,
                     .envelope = true,
                     .defaults = &defaults};
    int32_t used = sonde_lines_verify(v, &l, NOW, out, sizeof out);
    CHECK(used > 0);
    CHECK_INT(l.lines, 3);
    CHECK_INT(l.counts[SONDE_ACCEPT], 1);
    CHECK_INT(l.counts[SONDE_REJECT], 1);
    out[used] = '\0';
    CHECK(strstr((char *)out, "{\"id\":7,\"verdict\":\"accept\"") ==
          (char *)out);
    CHECK(strstr((char *)out, "bad_json") != NULL);
    CHECK(strstr((char *)out, "\"line\":3}\n") != NULL);
    l.in += l.taken;
    l.size -= l.taken;
    l.first_line += (double)l.lines;
    CHECK_INT(sonde_lines_verify(v, &l, NOW, out, sizeof out), 0);
    CHECK_INT(l.taken, 0);
    l.last = true;
    used = sonde_lines_verify(v, &l, NOW, out, sizeof out);
    CHECK(used > 0 &&
          memcmp(out, "{\"id\":\"x\\u0041\",\"verdict\":\"accept\"", 34) == 0);
    close_verifier(v);
}

/* Of any size: one that is too long is not taken, however it begins. */
static void long_types(void) {
    sonde_verifier *v = open_default(NULL);
    static const char start[] = "application/json;";
    char out[1024], type[1026];
    memset(type, ' ', sizeof type);
    memcpy(type, start, sizeof start - 1);
    type[1024] = '\0';
    CHECK_INT(verify(v, out, sizeof out, NOW, type, "{\"message\":\"m\"}"),
              SONDE_ACCEPT);
    type[1024] = ' ';
    type[1025] = '\0';
    CHECK_INT(verify(v, out, sizeof out, NOW, type, "{\"message\":\"m\"}"),
              SONDE_REJECT);
    CHECK(strstr(out, "\"reason\":\"content_type\"") != NULL);
    close_verifier(v);
}

static const check_test TESTS[] = {
    {"identity tokens", identities},
    {"every bit of a token", every_bit},
    {"every truncation of a token", every_truncation},
    {"statuses of identity tokens", identity_statuses},
    {"secrets", secrets},
    {"render tokens", renders},
    {"beacon nonces", nonces},
    {"submissions", submissions},
    {"bodies", bodies},
    {"long content types", long_types},
    {"replay filter", replay},
    {"lines", lines},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
