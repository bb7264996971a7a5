/* AnyValue and KeyValue trees: the part of encoding that all messages share. */
#ifndef SONDE_VALUES_H
#define SONDE_VALUES_H

#include "otlp/encode.h"

/* Tags of the fields that hold trees. */
enum {
    SONDE_TAG_LOG_BODY = 0x2A,
    SONDE_TAG_LOG_ATTRIBUTE = 0x32,
    SONDE_TAG_SPAN_ATTRIBUTE = 0x4A,
    SONDE_TAG_RESOURCE_ATTRIBUTE = 0x0A
};

enum { SONDE_HEAD = 32 }; /* more than tags and lengths around one value */

typedef struct {
    uint32_t attribute_tag;
    uint32_t max_length; /* of attribute strings; 0: no limit */
    uint32_t skip;       /* attributes to leave out, from the end */
    uint32_t attributes; /* distinct ones seen */
    bool parts;          /* events and links are allowed */
    bool body;           /* one was seen */
    int32_t status;      /* why NULL was returned */
} sonde_trees;

/* Writes all nodes of `walk` in front of `p`: attributes, and in front of
 * them the body. Returns the new front, or NULL with trees->status. */
uint8_t *sonde_values_put(const sonde_encoder *encoder, uint8_t *p,
                          sonde_walk *walk, sonde_trees *trees);

/* Is there room for `size` bytes and what goes around them? */
static inline bool sonde_has_room(const sonde_encoder *encoder,
                                  const uint8_t *p, size_t size) {
    return (size_t)(p - encoder->scratch) >= size + SONDE_HEAD;
}

/* Puts tag and length of what reaches from `p` to `end` in front of it. */
static inline __attribute__((always_inline)) uint8_t *
sonde_back_head(uint8_t *p, const uint8_t *end, uint8_t tag) {
    p = sonde_back_varint(p, (size_t)(end - p));
    *--p = tag;
    return p;
}

/* Writes text under `tag`, ill-formed runs replaced; NULL if it is too
 * large. */
uint8_t *sonde_text_put(const sonde_encoder *encoder, uint8_t *p, uint8_t tag,
                        const sonde_piece *text);

/* Takes `length` units of text and writes the AnyValue of a string or of bytes,
 * cut at trees->max_length. NULL if it fails, with trees->status unless it is
 * too large. */
uint8_t *sonde_odd_put(const sonde_encoder *encoder, uint8_t *p,
                       sonde_walk *walk, sonde_trees *trees, bool bytes,
                       uint32_t length);

#endif
