/* AnyValue and KeyValue trees: the part of encoding that all messages share. */
#ifndef SONDE_VALUES_H
#define SONDE_VALUES_H

#include "otlp/encode.h"

/* Tags of the fields that hold trees. */
enum { SONDE_TAG_LOG_BODY = 0x2A, SONDE_TAG_LOG_ATTRIBUTE = 0x32,
       SONDE_TAG_RESOURCE_ATTRIBUTE = 0x0A };

typedef struct {
    uint32_t attribute_tag;
    uint32_t max_length; /* of attribute strings; 0: no limit */
    uint32_t skip;       /* attributes to leave out, from the end */
    uint32_t attributes; /* distinct ones seen */
    bool body;           /* one was seen */
} sonde_trees;

/* Writes all nodes of `walk`: attributes, and in front of them the body. */
SONDE_MUST_CHECK int32_t sonde_values_put(const sonde_encoder *encoder,
                                          sonde_back *b, sonde_walk *walk,
                                          sonde_trees *trees);

/* Writes text under `tag`, ill-formed runs replaced. */
void sonde_text_put(const sonde_encoder *encoder, sonde_back *b, uint8_t tag,
                    const sonde_piece *text);

#endif
