/* AES-256-GCM (NIST SP 800-38D) with 96-bit nonces and 128-bit tags. */
#ifndef SONDE_GCM_H
#define SONDE_GCM_H

#include <bearssl.h>
#include <stdbool.h>

/* Made once for a key and used for any number of messages. */
typedef struct {
    br_aes_ct64_ctr_keys aes;
    uint8_t h[16]; /* GHASH key */
} sonde_gcm_key;

void sonde_gcm_init(sonde_gcm_key *key, const uint8_t secret[32]);

/* Encrypts in place and writes the tag. A nonce is used once for a key. */
void sonde_gcm_seal(const sonde_gcm_key *key, uint8_t tag[16], uint8_t *data,
                    size_t size, const uint8_t nonce[12], const uint8_t *aad,
                    size_t aad_size);

/* Decrypts in place if the tag is right; otherwise leaves `data` as it is and
 * returns false. */
bool sonde_gcm_open(const sonde_gcm_key *key, uint8_t *data, size_t size,
                    const uint8_t tag[16], const uint8_t nonce[12],
                    const uint8_t *aad, size_t aad_size);

#endif
