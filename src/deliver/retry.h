/* When to try again. */
#ifndef SONDE_RETRY_H
#define SONDE_RETRY_H

#include "core/bytes.h"
#include "sonde.h"

/* `random` is a xorshift32 state, never 0: jitter needs spread, not secrecy. */
typedef struct {
    uint32_t random;
    uint32_t attempt; /* failures in a row of the batch */
} sonde_retry;

void sonde_retry_init(sonde_retry *retry, uint32_t seed);

/* Milliseconds to wait after one more failure: "full jitter", a random share
 * of retry_delay * 2^attempt, which stops growing at max_retry_delay. */
uint32_t sonde_retry_delay(sonde_retry *retry, const sonde_config *config);

#endif
