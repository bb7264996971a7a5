/* Tokens that were changed: each bit of what is sealed or signed, each
 * character of its text, each length. None opens, none is another's. */
#include "check.h"
#include "core/text.h"
#include "sonde_signed.h"

static const char SECRET[] = "correct-horse-battery-staple-0123";
static const uint8_t NONCE[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
static const double NOW = 1.7e12;

static sonde_verifier *new_verifier(void) {
    sonde_signed_config config;
    sonde_signed_config_init(&config);
    int32_t size = sonde_verifier_size(&config);
    sonde_verifier *v = malloc((size_t)size);
    CHECK_INT(sonde_verifier_init(v, (size_t)size, &config), SONDE_OK);
    CHECK_INT(sonde_secret_put(v, SECRET, sizeof SECRET - 1), 1);
    return v;
}

/* ---- Identity ------------------------------------------------------------ */

static char opened[SONDE_MAX_ID];

static int32_t open_text(sonde_verifier *v, const char *text, size_t size) {
    char *exact = (char *)check_exact(text, size);
    memset(opened, 0x5A, sizeof opened);
    int32_t result = sonde_identity_open(v, opened, sizeof opened, exact, size);
    free(exact);
    return result;
}

static bool untouched(void) {
    for (size_t i = 0; i < sizeof opened; i++) {
        if (opened[i] != 0x5A)
            return false;
    }
    return true;
}

static int32_t open_bytes(sonde_verifier *v, const uint8_t *sealed,
                          size_t size) {
    uint8_t text[SONDE_MAX_TOKEN];
    sonde_writer w = {text, sizeof text, 0, SONDE_OK};
    sonde_base64url_put(&w, sealed, size);
    return open_text(v, (char *)text, w.used);
}

static void flip_sealed(sonde_verifier *v, uint8_t *sealed, size_t size) {
    for (size_t bit = 0; bit < 8 * size; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK_INT(open_bytes(v, sealed, size), SONDE_FORGED);
        CHECK(untouched());
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void cut_sealed(sonde_verifier *v, const uint8_t *sealed, size_t size) {
    for (size_t n = 0; n < size; n++) {
        int32_t want = n <= 28 ? SONDE_MALFORMED : SONDE_FORGED;
        CHECK_INT(open_bytes(v, sealed, n), want);
        CHECK_INT(open_bytes(v, sealed + size - n, n), want);
    }
}

/* All that is left of the canonical text is its padding. */
static void cut_text(sonde_verifier *v, const char *text, size_t size) {
    size_t bare = size;
    while (text[bare - 1] == '=')
        bare--;
    for (size_t n = 0; n < bare; n++) {
        int32_t result = open_text(v, text, n);
        CHECK(result == SONDE_MALFORMED || result == SONDE_FORGED);
        CHECK(untouched());
    }
    CHECK(open_text(v, text, bare) > 0);
    if (size - bare == 2)
        CHECK_INT(open_text(v, text, bare + 1), SONDE_MALFORMED);
}

/* Each other byte in each place, of short ones. */
static void change_text(sonde_verifier *v, char *text, size_t size) {
    for (size_t at = 0; at < size; at++) {
        char was = text[at];
        for (int c = 0; c < 256; c++) {
            text[at] = (char)c;
            if (text[at] != was)
                CHECK(open_text(v, text, size) < 0 && untouched());
        }
        text[at] = was;
    }
}

static void identity(size_t id_size) {
    char id[SONDE_MAX_ID], token[SONDE_MAX_TOKEN];
    uint8_t sealed[SONDE_MAX_TOKEN];
    sonde_verifier *v = new_verifier();
    memset(id, 'x', id_size);
    int32_t size =
        sonde_identity_seal(v, token, sizeof token, NONCE, id, id_size);
    int32_t bytes = sonde_base64url_get(sealed, (uint8_t *)token, (size_t)size);
    CHECK_INT(bytes, id_size + 28);
    flip_sealed(v, sealed, (size_t)bytes);
    cut_sealed(v, sealed, (size_t)bytes);
    cut_text(v, token, (size_t)size);
    if (id_size < 20)
        change_text(v, token, (size_t)size);
    CHECK_INT(open_text(v, token, (size_t)size), id_size);
    free(v);
}

static void identities(void) {
    static const size_t SIZES[] = {1, 2, 3, 15, 16, 17, 47, 48, 49, 64, 113};
    for (size_t i = 0; i < COUNT(SIZES); i++)
        identity(SIZES[i]);
}

/* ---- Render tokens ------------------------------------------------------- */

static int32_t check_text(sonde_verifier *v, const char *text, size_t size) {
    double age;
    char *exact = (char *)check_exact(text, size);
    int32_t result = sonde_render_check(v, &age, NOW + 9000, exact, size);
    CHECK_DOUBLE(age, result == SONDE_RENDER_OK ? 9 : -1);
    free(exact);
    return result;
}

static void render(void) {
    char token[SONDE_RENDER_TOKEN + 1];
    sonde_verifier *v = new_verifier();
    size_t size = (size_t)sonde_render_sign(v, token, sizeof token, NOW);
    for (size_t at = 0; at < size; at++) {
        char was = token[at];
        for (int c = 0; c < 256; c++) {
            token[at] = (char)c;
            CHECK_INT(check_text(v, token, size), token[at] == was
                                                      ? SONDE_RENDER_OK
                                                      : SONDE_RENDER_INVALID);
        }
        token[at] = was;
        CHECK_INT(check_text(v, token, at),
                  at > 0 ? SONDE_RENDER_INVALID : SONDE_RENDER_MISSING);
    }
    free(v);
}

/* ---- Nonces -------------------------------------------------------------- */

static int32_t check_nonce(sonde_verifier *v, const char *text, size_t size) {
    char *exact = (char *)check_exact(text, size);
    int32_t left = sonde_nonce_open(v, NOW, exact, size, "sid", 3, "/p", 2);
    free(exact);
    return left;
}

static void nonce(void) {
    char text[SONDE_BEACON_NONCE];
    sonde_verifier *v = new_verifier();
    CHECK_INT(sonde_nonce_seal(v, text, sizeof text, 1.7e9 + 300, NONCE, "sid",
                               3, "/p", 2),
              SONDE_BEACON_NONCE);
    for (size_t at = 0; at < sizeof text; at++) {
        char was = text[at];
        for (int c = 0; c < 256; c++) {
            text[at] = (char)c;
            int32_t left = check_nonce(v, text, sizeof text);
            CHECK(text[at] == was
                      ? left == 300
                      : left == SONDE_MALFORMED || left == SONDE_FORGED);
        }
        text[at] = was;
        CHECK_INT(check_nonce(v, text, at), SONDE_MALFORMED);
    }
    free(v);
}

static const check_test TESTS[] = {{"identity tokens", identities},
                                   {"render tokens", render},
                                   {"nonces", nonce}};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
