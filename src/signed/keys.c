/* Owns how keys come from a secret: wire-formats.md, sections 1 and 2. */
#include "signed/keys.h"
#include "signed/wipe.h"

/* More than any function of BearSSL that we call, and what it calls, takes:
 * the expanded AES key alone is 960 bytes. */
enum { STACK = 2560 };

SONDE_BELOW void sonde_wipe_stack(void) {
    uint8_t area[STACK];
    sonde_wipe(area, sizeof area);
}

static void digest(uint8_t to[32], const uint8_t *secret, size_t size) {
    br_sha256_context hash;
    br_sha256_init(&hash);
    br_sha256_update(&hash, secret, size);
    br_sha256_out(&hash, to);
    sonde_wipe(&hash, sizeof hash);
}

SONDE_BELOW void sonde_keys_init(sonde_keys *keys, const uint8_t *secret,
                                 size_t size) {
    uint8_t key[32];
    digest(key, secret, size);
    sonde_gcm_init(&keys->cipher, key);
    br_hmac_key_init(&keys->mac, &br_sha256_vtable, secret, size);
    sonde_wipe(key, sizeof key);
}

SONDE_BELOW void sonde_keys_sign(const sonde_keys *keys, uint8_t mac[32],
                                 const sonde_part *parts, size_t count) {
    br_hmac_context hmac;
    br_hmac_init(&hmac, &keys->mac, 32);
    for (size_t i = 0; i < count; i++)
        br_hmac_update(&hmac, parts[i].data, parts[i].size);
    br_hmac_out(&hmac, mac);
    sonde_wipe(&hmac, sizeof hmac);
}
