/* Owns GCM over BearSSL's primitives. BearSSL's own br_gcm makes GHASH's key
 * for each message anew and asks for the tag's mask and the text separately:
 * its counter mode makes four blocks at a time, so that the mask and the first
 * 48 bytes cost as much as either, and a user id rarely has more. */
#include "signed/gcm.h"
#include "signed/wipe.h"

enum { BLOCK = 16, HEAD = 3 * BLOCK }; /* of the text, beside the mask */

static const uint8_t ZEROS[12];

SONDE_BELOW void sonde_gcm_init(sonde_gcm_key *key, const uint8_t secret[32]) {
    br_aes_ct64_ctr_init(&key->aes, secret, 32);
    memset(key->h, 0, sizeof key->h);
    br_aes_ct64_ctr_run(&key->aes, ZEROS, 0, key->h, sizeof key->h);
}

static size_t head_of(size_t size) { return size < HEAD ? size : HEAD; }

/* XORs the key stream into text[HEAD ...). */
static void crypt_tail(const sonde_gcm_key *key, uint8_t *data, size_t size,
                       const uint8_t nonce[12]) {
    if (size > HEAD)
        br_aes_ct64_ctr_run(&key->aes, nonce, 5, data + HEAD, size - HEAD);
}

static void put_bits(uint8_t to[8], uint64_t bytes) {
    for (int i = 0; i < 8; i++)
        to[i] = (uint8_t)(bytes * 8 >> (56 - 8 * i));
}

/* GHASH of the encrypted text, masked: section 7.1, steps 4 to 6. */
static void make_tag(const sonde_gcm_key *key, uint8_t tag[16],
                     const uint8_t mask[16], const uint8_t *data, size_t size,
                     const uint8_t *aad, size_t aad_size) {
    uint8_t lengths[BLOCK];
    put_bits(lengths, aad_size);
    put_bits(lengths + 8, size);
    memset(tag, 0, BLOCK);
    br_ghash_ctmul64(tag, key->h, aad, aad_size);
    br_ghash_ctmul64(tag, key->h, data, size);
    br_ghash_ctmul64(tag, key->h, lengths, sizeof lengths);
    for (int i = 0; i < BLOCK; i++)
        tag[i] ^= mask[i];
}

SONDE_BELOW void sonde_gcm_seal(const sonde_gcm_key *key, uint8_t tag[16],
                                uint8_t *data, size_t size,
                                const uint8_t nonce[12], const uint8_t *aad,
                                size_t aad_size) {
    uint8_t head[BLOCK + HEAD] = {0};
    size_t n = head_of(size);
    memcpy(head + BLOCK, data, n);
    br_aes_ct64_ctr_run(&key->aes, nonce, 1, head, BLOCK + n);
    memcpy(data, head + BLOCK, n);
    crypt_tail(key, data, size, nonce);
    make_tag(key, tag, head, data, size, aad, aad_size);
    sonde_wipe(head, sizeof head);
}

SONDE_BELOW bool sonde_gcm_open(const sonde_gcm_key *key, uint8_t *data,
                                size_t size, const uint8_t tag[16],
                                const uint8_t nonce[12], const uint8_t *aad,
                                size_t aad_size) {
    uint8_t head[BLOCK + HEAD] = {0}, want[BLOCK];
    size_t n = head_of(size);
    memcpy(head + BLOCK, data, n);
    br_aes_ct64_ctr_run(&key->aes, nonce, 1, head, BLOCK + n);
    make_tag(key, want, head, data, size, aad, aad_size);
    bool good = sonde_same(want, tag, BLOCK);
    if (good) {
        memcpy(data, head + BLOCK, n);
        crypt_tail(key, data, size, nonce);
    }
    sonde_wipe(head, sizeof head);
    sonde_wipe(want, sizeof want);
    return good;
}
