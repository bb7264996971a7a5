/* What calls leave behind: each runs on a stack of its own, which is searched
 * afterwards, as is the verifier.
 *
 * Two ways. Needles: no 8 bytes of a secret, of a key or of what was opened.
 * Pairs: the same call with two secrets, the input being the same, leaves the
 * same bytes, so that nothing there was made from the secret. */
#define _XOPEN_SOURCE 700
#include "check.h"
#include "signed/verifier.h"
#include <ucontext.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define INSTRUMENTED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define INSTRUMENTED 1
#endif

enum { STACK = 1 << 18, MEMORY = 1 << 19 };

static const char *const SECRETS[] = {"correct-horse-battery-staple-0123",
                                      "another-secret-of-the-same-length"};
static const char ID[] = "user-with-a-rather-long-and-telling-id-000042-and-so";
static const uint8_t NONCE[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
static const double NOW = 1.7e12;

static uint8_t stack[STACK];
static _Alignas(16) uint8_t memory[MEMORY];
static sonde_verifier *const v = (sonde_verifier *)(void *)memory;

/* What calls take and give, none of it on the stack. */
static char secret[64];
static char token[SONDE_MAX_TOKEN], other_token[SONDE_MAX_TOKEN];
static char render[SONDE_RENDER_TOKEN], nonce[SONDE_BEACON_NONCE];
static int32_t token_size, other_size, render_size, result;
static char out[8192], body[8192];
static size_t body_size;

/* ---- Calls --------------------------------------------------------------- */

static void put_secret(void) {
    result = sonde_secret_put(v, secret, strlen(secret));
}

static void open_good(void) {
    result = sonde_identity_open(v, out, sizeof out, token, (size_t)token_size);
}

static void open_forged(void) {
    result = sonde_identity_open(v, out, sizeof out, other_token,
                                 (size_t)other_size);
}

static void open_short(void) { /* NO_SPACE comes after the tag was checked */
    result = sonde_identity_open(v, out, 5, token, (size_t)token_size);
}

static void seal(void) {
    result = sonde_identity_seal(v, out, sizeof out, NONCE, ID, sizeof ID - 1);
}

static void sign_render(void) {
    result = sonde_render_sign(v, out, sizeof out, NOW);
}

static void check_render(void) {
    static double age;
    result =
        sonde_render_check(v, &age, NOW + 1000, render, (size_t)render_size);
}

static void seal_nonce(void) {
    result = sonde_nonce_seal(v, out, sizeof out, 1.7e9, NONCE, "s", 1, "/", 1);
}

static void open_nonce(void) {
    result = sonde_nonce_open(v, NOW, nonce, sizeof nonce, "s", 1, "/", 1);
}

static void verify(void) {
    static const char type[] = "application/x-www-form-urlencoded";
    static sonde_verdict verdict;
    sonde_submission s = {.body = (uint8_t *)body,
                          .body_size = body_size,
                          .content_type = type,
                          .content_type_size = sizeof type - 1};
    result = sonde_verify(v, &verdict, NOW + 9000, &s);
    result = sonde_verdict_put(&verdict, (uint8_t *)out, sizeof out);
}

/* The same as lines: a verifier keeps an id only as long as its verdict. */
static void verify_lines(void) {
    static const char type[] = "application/x-www-form-urlencoded";
    static const sonde_submission defaults = {
        .content_type = type, .content_type_size = sizeof type - 1};
    sonde_lines lines = {.in = (uint8_t *)body,
                         .size = body_size,
                         .last = true,
                         .defaults = &defaults};
    result = sonde_lines_verify(v, &lines, NOW + 9000, (uint8_t *)out, 1 << 30);
}

/* ---- Running ------------------------------------------------------------- */

static ucontext_t outside, inside;

static void run(void (*call)(void)) {
    memset(stack, 0xA5, sizeof stack);
    memset(out, 0, sizeof out);
    CHECK_INT(getcontext(&inside), 0);
    inside.uc_stack.ss_sp = stack;
    inside.uc_stack.ss_size = sizeof stack;
    inside.uc_link = &outside;
    makecontext(&inside, call, 0);
    CHECK_INT(swapcontext(&outside, &inside), 0);
}

static void init(const char *with) {
    sonde_signed_config config;
    sonde_signed_config_init(&config);
    config.max_body = 8192;
    (void)snprintf(secret, sizeof secret, "%s", with);
    memset(memory, 0x5A, sizeof memory);
    CHECK_INT(sonde_verifier_init(v, sizeof memory, &config), SONDE_OK);
}

/* Tokens of `made_with`, and a verifier with `with`. */
static void prepare(const char *made_with, const char *with) {
    init(made_with);
    put_secret();
    token_size =
        sonde_identity_seal(v, token, sizeof token, NONCE, ID, sizeof ID - 1);
    render_size = sonde_render_sign(v, render, sizeof render, NOW);
    CHECK(sonde_nonce_seal(v, nonce, sizeof nonce, 1.7e9 + 9, NONCE, "s", 1,
                           "/", 1) > 0);
    body_size = (size_t)snprintf(
        body, sizeof body,
        "plain_connect_identity=%.*s&plain_connect_render_token=%.*s&message=m",
        (int)token_size, token, (int)render_size, render);
    memcpy(other_token, token, sizeof token);
    other_size = token_size;
    other_token[30] ^= 1;
    init(with);
    put_secret();
}

/* ---- Needles ------------------------------------------------------------- */

typedef struct {
    const char *name;
    uint8_t data[64];
    size_t size;
} needle;

static needle needles[12];
static size_t needle_count;

static void add_needle(const char *name, const void *data, size_t size) {
    needle *n = &needles[needle_count++];
    n->name = name;
    n->size = size < 64 ? size : 64;
    memcpy(n->data, data, n->size);
}

static void add_words(const char *name, const uint8_t data[32]) {
    uint8_t turned[32];
    for (size_t i = 0; i < 32; i++)
        turned[i] = data[i ^ 3];
    add_needle(name, turned, 32);
}

static void add_pad(const char *name, uint8_t with) {
    uint8_t pad[64];
    size_t size = strlen(secret);
    for (size_t i = 0; i < 64; i++)
        pad[i] = with ^ (uint8_t)(i < size ? secret[i] : 0);
    add_needle(name, pad, size);
    for (size_t i = 0; i < 64; i++)
        pad[i] = with ^ (uint8_t)(i < size ? secret[i ^ 3] : 0);
    add_needle(name, pad, size & ~(size_t)3);
}

static void add_key(void) {
    uint8_t key[32];
    br_sha256_context hash;
    br_sha256_init(&hash);
    br_sha256_update(&hash, secret, strlen(secret));
    br_sha256_out(&hash, key);
    add_needle("key", key, 32);
    add_words("key, as words", key);
}

static void make_needles(bool with_id) {
    needle_count = 0;
    add_needle("secret", secret, strlen(secret));
    add_key();
    add_pad("inner pad", 0x36);
    add_pad("outer pad", 0x5C);
    if (with_id)
        add_needle("id", ID, sizeof ID - 1);
}

static bool holds(const uint8_t *area, size_t size, const needle *n) {
    for (size_t from = 0; from + 8 <= n->size; from++) {
        for (size_t i = 0; i + 8 <= size; i++) {
            if (area[i] == n->data[from] &&
                memcmp(area + i, n->data + from, 8) == 0)
                return true;
        }
    }
    return false;
}

static void search(const char *call, const uint8_t *area, size_t size,
                   const char *where) {
    char about[128];
    for (size_t i = 0; i < needle_count; i++) {
        (void)snprintf(about, sizeof about, "%s: %s in the %s", call,
                       needles[i].name, where);
        check_about(about);
        CHECK(!holds(area, size, &needles[i]));
    }
}

static void search_stack(const char *call) {
#ifndef INSTRUMENTED /* which has frames of other sizes, and shadows */
    size_t first = 0;
    while (first < STACK && stack[first] == 0xA5)
        first++;
    CHECK(first < STACK); /* it did run there */
    search(call, stack + first, STACK - first, "stack");
#else
    (void)call;
#endif
}

/* ---- Tests --------------------------------------------------------------- */

static const struct {
    const char *name;
    void (*call)(void);
    bool good;     /* returns more than 0 */
    bool gives;    /* what it made from the secret: that may stay, too */
    bool keeps_id; /* until the verifier is used again */
} CALLS[] = {
    {"secret_put", put_secret, .good = true},
    {"identity_open", open_good, .good = true},
    {"identity_open, forged", open_forged, .good = false},
    {"identity_open, no space", open_short, .good = false},
    {"identity_seal", seal, .good = true, .gives = true},
    {"render_sign", sign_render, .good = true, .gives = true},
    {"render_check", check_render, .good = true}, /* too fresh */
    {"nonce_seal", seal_nonce, .good = true, .gives = true},
    {"nonce_open", open_nonce, .good = true},
    {"verify", verify, .good = true, .keeps_id = true},
    {"lines_verify", verify_lines, .good = true},
};

static void no_needles(void) {
    for (size_t i = 0; i < COUNT(CALLS); i++) {
        prepare(SECRETS[0], SECRETS[0]);
        run(CALLS[i].call);
        check_about(CALLS[i].name);
        CHECK_INT(result > 0, CALLS[i].good);
        make_needles(true);
        search_stack(CALLS[i].name);
        make_needles(!CALLS[i].keeps_id);
        search(CALLS[i].name, memory, sizeof memory, "verifier");
    }
}

/* Where the two first differ; `size` if nowhere. */
static size_t difference(const uint8_t *a, const uint8_t *b, size_t size) {
    size_t i = 0;
    while (i < size && a[i] == b[i])
        i++;
    return i;
}

/* The verifier without its keys. */
static void compare_memory(const uint8_t *was) {
    size_t keys = offsetof(sonde_verifier, secrets);
    size_t behind = keys + sizeof v->secrets;
    CHECK_INT(difference(was, memory, keys), keys);
    CHECK_INT(difference(was + behind, memory + behind, MEMORY - behind),
              MEMORY - behind);
}

/* Tokens of a third secret: the same way through the code with both. */
static void same_remains(void) {
    static const char third[] = "a-third-secret-that-made-the-tokens";
    static uint8_t was_stack[STACK], was_memory[MEMORY];
    for (size_t i = 0; i < COUNT(CALLS); i++) {
        prepare(third, SECRETS[0]);
        run(CALLS[i].call);
        memcpy(was_stack, stack, sizeof stack);
        memcpy(was_memory, memory, sizeof memory);
        prepare(third, SECRETS[1]);
        run(CALLS[i].call);
        check_about(CALLS[i].name);
        compare_memory(was_memory);
#ifndef INSTRUMENTED
        if (!CALLS[i].gives)
            CHECK_INT(difference(was_stack, stack, STACK), STACK);
#endif
    }
}

static void wiped(void) {
    static const uint8_t zeros[MEMORY];
    prepare(SECRETS[0], SECRETS[0]);
    verify();
    int32_t size = sonde_verifier_size(&v->config);
    sonde_verifier_wipe(v);
    CHECK_BYTES(memory, (size_t)size, zeros, (size_t)size);
}

static const check_test TESTS[] = {{"no needles", no_needles},
                                   {"same remains", same_remains},
                                   {"wiped", wiped}};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
