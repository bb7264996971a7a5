/* What log records and spans have in common beside their trees: times, texts
 * and ids that the header of a host record describes. */
#ifndef SONDE_HEADER_H
#define SONDE_HEADER_H

#include "otlp/values.h"

enum { SONDE_FIXED_FIELDS = 128 }; /* more than those of fixed size take */

enum { SONDE_MAX_NANOS = 999999999 }; /* beside whole seconds */

/* Digits of a trace id with a span id. */
enum { SONDE_ID_DIGITS = 48 };

/* Nanoseconds in the two header words from `word` on. */
static inline uint64_t sonde_header_time(const sonde_walk *walk,
                                         uint32_t word) {
    return (uint64_t)sonde_walk_header(walk, word) * UINT64_C(1000000000) +
           sonde_walk_header(walk, word + 1);
}

/* Of a time in milliseconds, as exact as a double is. */
static inline uint64_t sonde_nanoseconds(double now) {
    return (uint64_t)(now * 1000.0) * 1000;
}

/* Writes a time; nothing for an unknown one, which is 0. */
uint8_t *sonde_time_put(uint8_t *p, uint8_t tag, uint64_t time);

/* Writes a number below 2^35 under a tag; nothing for 0. */
uint8_t *sonde_count_put(uint8_t *p, uint8_t tag, uint64_t count);

/* Takes a text whose length is in the header and writes it. NULL if it fails,
 * with *status unless it is too large. */
uint8_t *sonde_header_text(const sonde_encoder *encoder, uint8_t *p,
                           sonde_walk *walk, uint32_t word, uint8_t tag,
                           int32_t *status);

/* Writes a trace id and a span id under two tags of which the second is the
 * span id's; NULL if they are not digits, or one of them is all 0. */
uint8_t *sonde_ids_put(uint8_t *p, uint8_t trace_tag, uint8_t span_tag,
                       const uint8_t digits[SONDE_ID_DIGITS]);

#endif
