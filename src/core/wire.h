/* Protobuf off the wire, field by field.
 *
 * nanopb's pb_decode would do this too, but takes 3 kB of the web module's 10
 * (gzip) for the three fields of a response; it is the oracle of our tests. */
#ifndef SONDE_WIRE_H
#define SONDE_WIRE_H

#include "core/bytes.h"

enum {
    SONDE_WIRE_VARINT = 0,
    SONDE_WIRE_64 = 1,
    SONDE_WIRE_BYTES = 2,
    SONDE_WIRE_32 = 5
};

/* Reads a varint of at most 10 bytes at *p; false if it is cut or longer. */
SONDE_MUST_CHECK bool sonde_varint_get(const uint8_t **p, const uint8_t *end,
                                       uint64_t *value);

/* One field: number, wire type, and its value, or its bytes. */
typedef struct {
    uint32_t number;
    uint32_t wire;
    uint64_t value;
    const uint8_t *data;
    size_t size;
} sonde_field;

/* Reads the field at *p and moves *p behind it; false if it is cut, has the
 * number 0 or is a group. */
SONDE_MUST_CHECK bool sonde_field_next(sonde_field *field, const uint8_t **p,
                                       const uint8_t *end);

#endif
