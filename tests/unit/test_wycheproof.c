/* Wycheproof's AES-256-GCM and HMAC-SHA-256: the cipher alone, the whole way
 * of an identity token with the key put below the hashing of the secret, and
 * the MAC as all that is signed uses it. */
#include "check.h"
#include "core/text.h"
#include "signed/verifier.h"
#include "signed/wipe.h"
#include "vector.h"

enum { ROOM = 2048 };

typedef struct {
    uint8_t data[ROOM];
    size_t size;
} bytes;

static void get(vector_words *w, bytes *b) {
    if (vector_is(w, "-"))
        b->size = 0;
    else
        b->size = vector_hex(w, b->data, ROOM);
}

/* "tcId result …"; true if the result is "valid". */
static bool start(vector_words *w) {
    static char about[64], result[64];
    vector_word(w, about);
    vector_word(w, result);
    check_about(about);
    return strcmp(result, "valid") == 0;
}

static size_t each(const char *path, void (*run)(vector_words *w)) {
    size_t count = 0;
    vector_file file = vector_open(path);
    for (size_t i = 0; i < file.count; i++) {
        vector_words w = vector_start(file.lines[i]);
        if (vector_at_end(&w))
            continue;
        run(&w);
        count++;
    }
    vector_close(&file);
    return count;
}

/* ---- AES-GCM ------------------------------------------------------------- */

typedef struct {
    bool valid;
    bytes key, iv, aad, msg, ct, tag;
} gcm_case;

static void get_gcm(vector_words *w, gcm_case *c) {
    c->valid = start(w);
    get(w, &c->key);
    get(w, &c->iv);
    get(w, &c->aad);
    get(w, &c->msg);
    get(w, &c->ct);
    get(w, &c->tag);
    CHECK(c->key.size == 32 && c->iv.size == 12 && c->tag.size == 16);
}

static void cipher(vector_words *w) {
    gcm_case c;
    uint8_t tag[16];
    get_gcm(w, &c);
    sonde_gcm_key key;
    sonde_gcm_init(&key, c.key.data);
    uint8_t *aad = check_exact(c.aad.data, c.aad.size);
    uint8_t *text = check_exact(c.ct.data, c.ct.size);
    bool good = sonde_gcm_open(&key, text, c.ct.size, c.tag.data, c.iv.data,
                               aad, c.aad.size);
    CHECK_INT(good, c.valid);
    const bytes *want = good ? &c.msg : &c.ct;
    CHECK_BYTES(text, c.ct.size, want->data, want->size);
    memcpy(text, c.msg.data, c.msg.size);
    sonde_gcm_seal(&key, tag, text, c.msg.size, c.iv.data, aad, c.aad.size);
    CHECK_BYTES(text, c.msg.size, c.ct.data, c.ct.size);
    CHECK_INT(memcmp(tag, c.tag.data, 16) == 0, c.valid);
    free(text);
    free(aad);
}

static sonde_verifier *keyed(const bytes *key) {
    sonde_signed_config config;
    sonde_signed_config_init(&config);
    int32_t size = sonde_verifier_size(&config);
    sonde_verifier *v = malloc((size_t)size);
    CHECK_INT(sonde_verifier_init(v, (size_t)size, &config), SONDE_OK);
    sonde_gcm_init(&v->secrets[0].cipher, key->data);
    v->secret_count = 1;
    return v;
}

static bool is_text(const bytes *b) {
    uint64_t replaced = 0;
    (void)sonde_text_copy(NULL, b->data, b->size, &replaced);
    return replaced == 0;
}

/* A tag that does not fit is FORGED; what fits and is no id, MALFORMED. */
static int32_t token_result(const gcm_case *c) {
    if (c->msg.size == 0)
        return SONDE_MALFORMED;
    if (!c->valid)
        return SONDE_FORGED;
    return is_text(&c->msg) ? (int32_t)c->msg.size : SONDE_MALFORMED;
}

static size_t tokens;

static void token(vector_words *w) {
    gcm_case c;
    uint8_t text[2 * ROOM];
    char id[SONDE_MAX_ID];
    get_gcm(w, &c);
    if (c.aad.size > 0)
        return;
    tokens++;
    sonde_verifier *v = keyed(&c.key);
    sonde_writer to = {text, sizeof text, 0, SONDE_OK};
    uint8_t sealed[ROOM + 28];
    memcpy(sealed, c.iv.data, 12);
    memcpy(sealed + 12, c.ct.data, c.ct.size);
    memcpy(sealed + 12 + c.ct.size, c.tag.data, 16);
    sonde_base64url_put(&to, sealed, c.ct.size + 28);
    int32_t result =
        sonde_identity_open(v, id, sizeof id, (char *)text, to.used);
    CHECK_INT(result, token_result(&c));
    if (result > 0)
        CHECK_BYTES(id, (size_t)result, c.msg.data, c.msg.size);
    free(v);
}

/* More than 65,536 blocks, so that the counter carries twice; Wycheproof has
 * none as long. Tag and hash are those of OpenSSL, by Python's `cryptography`:
 * key SHA-256("app-secret"), nonce 0 ... 11, AAD 0 ... 19. */
static void long_text(void) {
    enum { SIZE = 1100000 };
    static const char TAG[] = "dc406dc603ed8d43369c0c48bbb42378";
    static const char HASH[] = "551786fbe074a207470eb966543107a4"
                               "29461a62cf235a13228c76e27b6cedea";
    uint8_t secret[32], tag[16], hash[32], want[32], count[20];
    uint8_t *text = malloc(SIZE);
    for (uint32_t i = 0; i < SIZE; i++)
        text[i] = (uint8_t)(i * 31 >> 3);
    for (size_t i = 0; i < sizeof count; i++)
        count[i] = (uint8_t)i;
    br_sha256_context sha;
    br_sha256_init(&sha);
    br_sha256_update(&sha, "app-secret", 10);
    br_sha256_out(&sha, secret);
    sonde_gcm_key key;
    sonde_gcm_init(&key, secret);
    sonde_gcm_seal(&key, tag, text, SIZE, count, count, sizeof count);
    CHECK(sonde_hex_get(want, (const uint8_t *)TAG, 16));
    CHECK_BYTES(tag, 16, want, 16);
    br_sha256_init(&sha);
    br_sha256_update(&sha, text, SIZE);
    br_sha256_out(&sha, hash);
    CHECK(sonde_hex_get(want, (const uint8_t *)HASH, 32));
    CHECK_BYTES(hash, 32, want, 32);
    CHECK(sonde_gcm_open(&key, text, SIZE, tag, count, count, sizeof count));
    CHECK(text[SIZE - 1] == (uint8_t)((SIZE - 1) * UINT32_C(31) >> 3));
    free(text);
}

/* ---- HMAC ---------------------------------------------------------------- */

static void mac(vector_words *w) {
    bytes key, msg, tag;
    uint8_t have[32];
    bool valid = start(w);
    get(w, &key);
    get(w, &msg);
    get(w, &tag);
    sonde_keys keys;
    sonde_keys_init(&keys, key.data, key.size);
    for (size_t cut = 0; cut <= msg.size; cut += 1 + msg.size / 4) {
        sonde_part parts[] = {{msg.data, cut},
                              {msg.data + cut, msg.size - cut}};
        sonde_keys_sign(&keys, have, parts, 2);
        CHECK_INT(sonde_same(have, tag.data, 32), valid);
    }
}

/* ---- All ----------------------------------------------------------------- */

static void all_ciphers(void) {
    CHECK_INT(each("tests/vectors/wycheproof/aes_256_gcm.txt", cipher), 66);
}

static void all_tokens(void) {
    each("tests/vectors/wycheproof/aes_256_gcm.txt", token);
    CHECK(tokens > 30);
}

static void all_macs(void) {
    CHECK_INT(each("tests/vectors/wycheproof/hmac_sha256.txt", mac), 87);
}

static const check_test TESTS[] = {{"AES-256-GCM", all_ciphers},
                                   {"identity tokens", all_tokens},
                                   {"a long text", long_text},
                                   {"HMAC-SHA-256", all_macs}};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
