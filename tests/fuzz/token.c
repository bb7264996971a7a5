/* Identity tokens, render tokens and nonces. Input: the token. None that was
 * not made with the secret is good, no other spelling of a good one is, and
 * what is sealed opens again. */
#include "fuzz.h"
#include "sonde_signed.h"

static const char SECRET[] = "correct-horse-battery-staple-0123";
static const uint8_t NONCE[12] = {1, 2, 3};

static sonde_verifier *open_verifier(void) {
    sonde_signed_config config;
    sonde_signed_config_init(&config);
    int32_t size = sonde_verifier_size(&config);
    sonde_verifier *v = malloc((size_t)size);
    PROMISE(sonde_verifier_init(v, (size_t)size, &config) == SONDE_OK);
    PROMISE(sonde_secret_put(v, SECRET, sizeof SECRET - 1) == 1);
    return v;
}

/* A good one has the only spelling there is, padded or not. */
static void check_identity(sonde_verifier *v, const char *text, size_t size) {
    char id[SONDE_MAX_ID], token[SONDE_MAX_TOKEN];
    memset(id, 0x5A, sizeof id);
    int32_t id_size = sonde_identity_open(v, id, sizeof id, text, size);
    if (id_size < 0) {
        PROMISE(id_size == SONDE_MALFORMED || id_size == SONDE_FORGED);
        for (size_t i = 0; i < sizeof id; i++)
            PROMISE(id[i] == 0x5A);
        return;
    }
    PROMISE(fuzz_is_utf8((uint8_t *)id, (size_t)id_size));
    uint8_t nonce[12] = {0};
    PROMISE(size >= 16 &&
            sonde_base64url_get(nonce, (const uint8_t *)text, 16) == 12);
    int32_t made =
        sonde_identity_seal(v, token, sizeof token, nonce, id, (size_t)id_size);
    PROMISE(made >= (int32_t)size && memcmp(token, text, size) == 0);
    for (size_t i = size; i < (size_t)made; i++)
        PROMISE(token[i] == '=');
}

static void check_seal(sonde_verifier *v, const char *id, size_t size) {
    char token[SONDE_MAX_TOKEN], again[SONDE_MAX_ID];
    int32_t made = sonde_identity_seal(v, token, sizeof token, NONCE, id, size);
    bool good = size > 0 && size <= SONDE_MAX_ID &&
                fuzz_is_utf8((const uint8_t *)id, size);
    PROMISE(good == (made > 0));
    if (made < 0)
        return;
    PROMISE(sonde_identity_open(v, again, sizeof again, token, (size_t)made) ==
            (int32_t)size);
    PROMISE(memcmp(again, id, size) == 0);
}

static void check_render(sonde_verifier *v, const char *text, size_t size) {
    double age, now = 1.7e12;
    char token[SONDE_RENDER_TOKEN];
    int32_t render = sonde_render_check(v, &age, now, text, size);
    PROMISE(render >= 0 && render < SONDE_RENDER_UNVERIFIED);
    PROMISE((size == 0) == (render == SONDE_RENDER_MISSING));
    if (render != SONDE_RENDER_OK && render != SONDE_RENDER_STALE)
        return;
    int32_t made = sonde_render_sign(v, token, sizeof token, now - age * 1000);
    PROMISE(made == (int32_t)size && memcmp(token, text, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static sonde_verifier *v;
    if (v == NULL)
        v = open_verifier();
    char *text = fuzz_exact(data, size);
    check_identity(v, text, size);
    check_seal(v, text, size);
    check_render(v, text, size);
    int32_t left = sonde_nonce_open(v, 1.7e12, text, size, "s", 1, "/", 1);
    PROMISE(left >= 0 || left == SONDE_MALFORMED || left == SONDE_FORGED ||
            left == SONDE_EXPIRED);
    free(text);
    return 0;
}
