/* Owns the delays: see retry.h. */
#include "deliver/retry.h"

void sonde_retry_init(sonde_retry *retry, uint32_t seed) {
    retry->random = seed != 0 ? seed : 0x9E3779B9;
    retry->attempt = 0;
}

static uint32_t next_random(sonde_retry *retry) {
    uint32_t x = retry->random;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    retry->random = x;
    return x;
}

uint32_t sonde_retry_delay(sonde_retry *retry, const sonde_config *config) {
    uint32_t bound = config->retry_delay; /* the ranges bound its double */
    for (uint32_t i = 0; i < retry->attempt && bound < config->max_retry_delay;
         i++)
        bound *= 2;
    if (bound > config->max_retry_delay)
        bound = config->max_retry_delay;
    retry->attempt++;
    return (uint32_t)(next_random(retry) * ((uint64_t)bound + 1) >> 32);
}
