/* Owns beacon nonces: wire-formats.md, section 6; see sonde_signed.h. */
#include "core/text.h"
#include "signed/verifier.h"
#include "signed/wipe.h"

enum { TIME = 4, RANDOM = 12, MAC = 16, BYTES = TIME + RANDOM + MAC };

static const char TAG[] = "beacon-nonce:";

/* What a nonce is bound to. */
typedef struct {
    const char *session;
    size_t session_size;
    const char *path;
    size_t path_size;
} bound;

static void sign(const sonde_keys *keys, uint8_t mac[32],
                 const uint8_t start[TIME + RANDOM], const bound *b) {
    uint8_t sizes[4] = {(uint8_t)(b->session_size >> 8),
                        (uint8_t)b->session_size, (uint8_t)(b->path_size >> 8),
                        (uint8_t)b->path_size};
    sonde_part parts[] = {{TAG, sizeof TAG - 1},
                          {start, TIME + RANDOM},
                          {sizes, 2},
                          {b->session, b->session_size},
                          {sizes + 2, 2},
                          {b->path, b->path_size}};
    sonde_keys_sign(keys, mac, parts, 6);
}

static int32_t check(const sonde_verifier *v, const bound *b) {
    if (v->secret_count == 0)
        return SONDE_NO_SECRET;
    if (b->session_size > SONDE_MAX_BOUND_TEXT ||
        b->path_size > SONDE_MAX_BOUND_TEXT)
        return SONDE_BAD_ARGUMENT;
    return SONDE_OK;
}

int32_t sonde_nonce_seal(sonde_verifier *v, char *nonce, size_t nonce_size,
                         double expiry, const uint8_t random[12],
                         const char *session, size_t session_size,
                         const char *path, size_t path_size) {
    bound b = {session, session_size, path, path_size};
    uint8_t bytes[TIME + RANDOM + 32], text[SONDE_BEACON_NONCE + 1];
    int32_t status = check(v, &b);
    if (status < 0)
        return status;
    if (!(expiry >= 0 && expiry <= UINT32_MAX))
        return SONDE_BAD_ARGUMENT;
    uint32_t seconds = (uint32_t)expiry;
    if ((double)seconds != expiry)
        return SONDE_BAD_ARGUMENT;
    if (nonce_size < SONDE_BEACON_NONCE)
        return SONDE_NO_SPACE;
    for (int i = 0; i < TIME; i++)
        bytes[i] = (uint8_t)(seconds >> (24 - 8 * i));
    memcpy(bytes + TIME, random, RANDOM);
    sign(&v->secrets[0], bytes + TIME + RANDOM, bytes, &b);
    sonde_writer w = {text, sizeof text, 0, SONDE_OK};
    sonde_base64url_put(&w, bytes, BYTES);
    memcpy(nonce, text, SONDE_BEACON_NONCE); /* no padding in a URL */
    sonde_wipe(bytes, sizeof bytes);
    sonde_wipe_stack();
    return SONDE_BEACON_NONCE;
}

static bool is_signed(const sonde_verifier *v, const uint8_t bytes[BYTES],
                      const bound *b) {
    int good = 0;
    for (uint32_t i = 0; i < v->secret_count; i++) {
        uint8_t mac[32];
        sign(&v->secrets[i], mac, bytes, b);
        good |= sonde_same(mac, bytes + TIME + RANDOM, MAC);
        sonde_wipe(mac, sizeof mac);
    }
    sonde_wipe_stack();
    return good;
}

int32_t sonde_nonce_open(const sonde_verifier *v, double now, const char *nonce,
                         size_t nonce_size, const char *session,
                         size_t session_size, const char *path,
                         size_t path_size) {
    bound b = {session, session_size, path, path_size};
    uint8_t bytes[BYTES + 1];
    int32_t status = check(v, &b);
    if (status < 0)
        return status;
    if (!sonde_is_time(now))
        return SONDE_BAD_ARGUMENT;
    if (nonce_size != SONDE_BEACON_NONCE ||
        sonde_base64url_get(bytes, (const uint8_t *)nonce, nonce_size) != BYTES)
        return SONDE_MALFORMED;
    if (!is_signed(v, bytes, &b))
        return SONDE_FORGED;
    double expiry = 0;
    for (int i = 0; i < TIME; i++)
        expiry = expiry * 256 + bytes[i];
    if (expiry * 1000 < now)
        return SONDE_EXPIRED;
    double left = expiry - now / 1000;
    return left > INT32_MAX ? INT32_MAX : (int32_t)left;
}
