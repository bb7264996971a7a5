/* What is kept of a secret: the keys made from it. */
#ifndef SONDE_KEYS_H
#define SONDE_KEYS_H

#include "signed/gcm.h"

typedef struct {
    sonde_gcm_key cipher;    /* of SHA-256(secret): identity tokens */
    br_hmac_key_context mac; /* of the secret itself: all that is signed */
} sonde_keys;

void sonde_keys_init(sonde_keys *keys, const uint8_t *secret, size_t size);

/* HMAC-SHA-256 over the parts, one after the other. */
typedef struct {
    const void *data;
    size_t size;
} sonde_part;

void sonde_keys_sign(const sonde_keys *keys, uint8_t mac[32],
                     const sonde_part *parts, size_t count);

#endif
