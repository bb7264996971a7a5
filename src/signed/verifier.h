/* The memory of a verifier: keys, allow-lists, and what a call works with. */
#ifndef SONDE_VERIFIER_H
#define SONDE_VERIFIER_H

#include "signed/keys.h"
#include "sonde_signed.h"

typedef struct {
    uint32_t count;
    uint8_t sizes[SONDE_MAX_ALLOWED];
    char texts[SONDE_MAX_ALLOWED][SONDE_MAX_ALLOW];
} sonde_allowed;

/* Bytes that base64url text of this size may become. */
static inline size_t sonde_decoded_size(size_t size) {
    return 3 * ((size + 3) / 4);
}

struct sonde_verifier {
    sonde_signed_config config;
    uint32_t secret_count;
    sonde_keys secrets[SONDE_MAX_SECRETS];
    sonde_allowed origins;
    sonde_allowed targets;
    uint8_t sealed[3 * (SONDE_MAX_TOKEN / 4)]; /* a token's bytes */
    /* behind the struct: */
    sonde_field *fields; /* [max_fields] */
    uint8_t *repaired;   /* [3 * max_body]: text that could not stay in place */
    uint8_t *uses;       /* [replay window], of render tokens by second */
    uint64_t uses_end;   /* the first second that has no place yet */
};

/* Seconds for which a render token may be good. */
static inline uint32_t sonde_window(const sonde_signed_config *config) {
    return config->max_age + config->max_skew + 1;
}

/* Unix time as hosts give it: false for NaN, negatives, or beyond 2^53. */
static inline bool sonde_is_time(double now) {
    return now >= 0 && now <= 9007199254740992.0;
}

/* Opens a token into v->sealed. Returns the size of the id there, which *id
 * points to, or a status; the caller wipes v->sealed. */
int32_t sonde_identity_unseal(sonde_verifier *v, const uint8_t **id,
                              const uint8_t *token, size_t size);

/* Counts a use of the pages rendered in this second; false if it had all. */
bool sonde_render_use(sonde_verifier *v, double now, uint64_t second);

/* sonde_render_check that also tells the second, if the token is good. */
int32_t sonde_render_read(const sonde_verifier *v, double *age,
                          uint64_t *second, double now, const uint8_t *token,
                          size_t size);

/* A verdict before anything is known. */
void sonde_verdict_init(const sonde_verifier *v, sonde_verdict *verdict);

#endif
