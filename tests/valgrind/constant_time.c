/* Run under valgrind's memcheck with the secrets marked as undefined: it then
 * tells of each branch and each address that depends on one, wherever the
 * compiler put it. What becomes public on the way: public.h here.
 *
 * With an argument it branches on a secret itself, to show that this is seen.
 */
#include "signed/gcm.h"
#include "sonde_signed.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/memcheck.h>

static const double NOW = 1.7e12;
static const uint8_t NONCE[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
static _Alignas(16) uint8_t memory[1 << 19];
static sonde_verifier *const v = (sonde_verifier *)(void *)memory;
static int failures;

static void expect(bool good, const char *what) {
    printf("%s: %s\n", good ? "ok" : "FAILED", what);
    failures += !good;
}

static void hide(void *data, size_t size) {
    (void)VALGRIND_MAKE_MEM_UNDEFINED(data, size);
}

static void start(void) {
    char one[] = "correct-horse-battery-staple-0123", two[sizeof one];
    sonde_signed_config config;
    sonde_signed_config_init(&config);
    config.max_body = 8192;
    expect(sonde_verifier_init(v, sizeof memory, &config) == 0, "init");
    memcpy(two, one, sizeof one);
    two[0] = 'C';
    hide(one, sizeof one - 1);
    hide(two, sizeof two - 1);
    expect(sonde_secret_put(v, two, sizeof two - 1) == 1, "first secret");
    expect(sonde_secret_put(v, one, sizeof one - 1) == 2, "second secret");
}

/* ---- The cipher, its text hidden, too -------------------------------------
 */

static void cipher(size_t size) {
    static uint8_t data[1024];
    uint8_t secret[32] = {7}, tag[16];
    sonde_gcm_key key;
    hide(secret, sizeof secret);
    hide(data, size);
    sonde_gcm_init(&key, secret);
    sonde_gcm_seal(&key, tag, data, size, NONCE, NULL, 0);
    expect(sonde_gcm_open(&key, data, size, tag, NONCE, NULL, 0), "cipher");
    tag[size % 16] ^= 1;
    expect(!sonde_gcm_open(&key, data, size, tag, NONCE, NULL, 0), "wrong tag");
}

/* ---- Tokens ---------------------------------------------------------------
 */

static void identity(size_t id_size) {
    char id[512], token[1024], again[512];
    memset(id, 'x', id_size);
    int32_t size =
        sonde_identity_seal(v, token, sizeof token, NONCE, id, id_size);
    expect(size > 0, "identity_seal");
    (void)VALGRIND_MAKE_MEM_DEFINED(token, (size_t)size);
    int32_t opened =
        sonde_identity_open(v, again, sizeof again, token, (size_t)size);
    expect(opened == (int32_t)id_size, "identity_open");
    token[20] = token[20] == 'A' ? 'B' : 'A';
    opened = sonde_identity_open(v, again, sizeof again, token, (size_t)size);
    expect(opened == SONDE_FORGED, "identity_open, forged");
}

static void render(void) {
    char token[SONDE_RENDER_TOKEN];
    double age;
    int32_t size = sonde_render_sign(v, token, sizeof token, NOW);
    expect(size > 0, "render_sign");
    expect(sonde_render_check(v, &age, NOW + 9000, token, (size_t)size) ==
               SONDE_RENDER_OK,
           "render_check");
    for (int at = 11; at < size; at += 9) {
        char was = token[at];
        token[at] = was == '0' ? '1' : '0';
        expect(sonde_render_check(v, &age, NOW + 9000, token, (size_t)size) ==
                   SONDE_RENDER_INVALID,
               "render_check, forged");
        token[at] = was;
    }
}

static void nonce(void) {
    char text[SONDE_BEACON_NONCE];
    int32_t size = sonde_nonce_seal(v, text, sizeof text, 1.7e9 + 9, NONCE,
                                    "sid", 3, "/p", 2);
    expect(size == sizeof text, "nonce_seal");
    expect(sonde_nonce_open(v, NOW, text, sizeof text, "sid", 3, "/p", 2) == 9,
           "nonce_open");
    expect(sonde_nonce_open(v, NOW, text, sizeof text, "Sid", 3, "/p", 2) ==
               SONDE_FORGED,
           "nonce_open, forged");
}

static void verify(void) {
    static const char type[] = "application/x-www-form-urlencoded";
    char token[128], signature[SONDE_RENDER_TOKEN], body[512];
    static uint8_t out[8192];
    sonde_verdict verdict;
    int32_t size = sonde_identity_seal(v, token, sizeof token, NONCE, "42", 2);
    int32_t signed_size =
        sonde_render_sign(v, signature, sizeof signature, NOW);
    int written = snprintf(
        body, sizeof body,
        "plain_connect_identity=%.*s&plain_connect_render_token=%.*s&message=m",
        (int)size, token, (int)signed_size, signature);
    sonde_submission s = {.body = (uint8_t *)body,
                          .body_size = (size_t)written,
                          .content_type = type,
                          .content_type_size = sizeof type - 1};
    expect(sonde_verify(v, &verdict, NOW + 9000, &s) == SONDE_ACCEPT, "verify");
    expect(verdict.identity == SONDE_IDENTITY_OK, "its identity");
    expect(sonde_verdict_put(&verdict, out, sizeof out) > 0, "verdict_put");
}

static int branch_on_secret(void) {
    volatile uint8_t secret[4] = {1, 2, 3, 4};
    hide((void *)(uintptr_t)secret, sizeof secret);
    return secret[1] == 7 ? 7 : 0;
}

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1)
        return branch_on_secret();
    static const size_t SIZES[] = {0, 1, 15, 16, 17, 47, 48, 49, 64, 300};
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++)
        cipher(SIZES[i]);
    start();
    for (size_t i = 1; i < sizeof SIZES / sizeof *SIZES; i++)
        identity(SIZES[i]);
    render();
    nonce();
    verify();
    return failures > 0;
}
