/* Spans to OTLP protobuf: what of them is not attributes. */
#ifndef SONDE_SPAN_H
#define SONDE_SPAN_H

#include "otlp/values.h"

/* Writes the fields behind the attributes of an event or link, then those in
 * front of them: `node` is its node, `text` its name, or its ids and trace
 * state. The front is NULL, with *status, if that is not what it should be. */
uint8_t *sonde_part_tail(uint8_t *p, uint32_t type, const uint8_t *node,
                         uint32_t dropped);
uint8_t *sonde_part_front(const sonde_encoder *encoder, uint8_t *p,
                          uint32_t type, const uint8_t *node,
                          const sonde_piece *text, int32_t *status);

/* The same for the span itself. */
uint8_t *sonde_span_tail(const sonde_encoder *encoder, uint8_t *p,
                         sonde_walk *walk, uint32_t dropped, int32_t *status);
uint8_t *sonde_span_front(const sonde_encoder *encoder, uint8_t *p,
                          sonde_walk *walk, int32_t *status);

#endif
