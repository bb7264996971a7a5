/* Request bodies: queued records under their resource and scopes. */
#ifndef SONDE_FRAME_H
#define SONDE_FRAME_H

#include "deliver/queue.h"
#include "record/intern.h"

/* Fields of length-delimited type, written forwards. */
static inline uint32_t sonde_field_size(uint32_t size) {
    return 1 + sonde_varint_size(size) + size;
}

static inline void sonde_head_put(sonde_writer *w, uint8_t tag, size_t size) {
    sonde_writer_byte(w, tag);
    sonde_writer_varint(w, size);
}

static inline void sonde_bytes_put(sonde_writer *w, uint8_t tag,
                                   const uint8_t *data, uint32_t size) {
    sonde_head_put(w, tag, size);
    sonde_writer_put(w, data, size);
}

/* What a body is made of beside records. `scratch` takes a record that the JSON
 * transcoder reads; it lies right behind the body, and a protobuf request that
 * becomes JSON is put at the end of both. */
typedef struct {
    const sonde_queue *queue;
    uint32_t signal;
    const sonde_intern *scopes; /* see sonde_scope_put */
    const uint8_t *resource;
    uint32_t resource_size;
    uint8_t *scratch;
    uint32_t scratch_size;
    bool json;
} sonde_framer;

/* Bytes that a body takes at most without records, for one more scope, and
 * for one more record of the queue. */
uint32_t sonde_frame_base(const sonde_framer *framer);
uint32_t sonde_frame_scope_size(const sonde_framer *framer, uint32_t scope);
uint32_t sonde_frame_record_size(const sonde_framer *framer, uint32_t place);

/* Writes the body of the first `count` records of `list`: grouped by scope in
 * the order in which the scopes come, and in each in order of arrival.
 * Returns its size, or NO_SPACE. */
SONDE_MUST_CHECK int32_t sonde_frame_put(const sonde_framer *framer,
                                         uint8_t *body, size_t size,
                                         const sonde_list *list,
                                         uint32_t count);

#endif
