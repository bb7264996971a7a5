/* Host records to OTLP protobuf, written backwards (design.md, section 5). */
#ifndef SONDE_ENCODE_H
#define SONDE_ENCODE_H

#include "record/record.h"

/* A map that is being written may hold MAX_NODES keys at most. */
typedef struct {
    const uint8_t *data;
    uint32_t size;
} sonde_seen;

/* What encoding needs beside the record. `seen` has SONDE_MAX_NODES places;
 * [scratch, scratch + size) takes the result. */
typedef struct {
    const sonde_intern *keys;
    uint32_t max_attributes;
    uint32_t max_value_length;
    uint32_t max_text;
    sonde_seen *seen;
    uint8_t *scratch;
    uint32_t scratch_size;
    uint64_t *replaced;
} sonde_encoder;

/* The encoded message: [data, data + size) inside the scratch memory. */
typedef struct {
    const uint8_t *data;
    uint32_t size;
    uint32_t band;  /* of the queue */
    uint32_t scope; /* its id, not checked */
} sonde_encoded;

/* LogRecord of opentelemetry.proto.logs.v1 or Span of ...trace.v1, as `signal`
 * says. `now` is in milliseconds. */
SONDE_MUST_CHECK int32_t sonde_encode_record(const sonde_encoder *encoder,
                                             sonde_encoded *out,
                                             uint32_t signal, double now,
                                             const sonde_record *record);

/* The record's attributes, each under `tag`, in their order; BAD_RECORD if it
 * holds something else. No limits apply but `scratch_size`. */
SONDE_MUST_CHECK int32_t sonde_encode_attributes(const sonde_encoder *encoder,
                                                 sonde_encoded *out,
                                                 const sonde_record *record,
                                                 uint8_t tag);

/* opentelemetry.proto.resource.v1.Resource from the record's attributes. No
 * limits apply to it but `scratch_size` (common/README.md of the
 * specification exempts resources). */
SONDE_MUST_CHECK int32_t sonde_encode_resource(const sonde_encoder *encoder,
                                               sonde_encoded *out,
                                               const sonde_record *record);

#endif
