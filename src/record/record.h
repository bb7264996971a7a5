/* The trust boundary: a host's record as checked views. Nothing behind this
 * file sees a length, count, type or id that was not checked. */
#ifndef SONDE_RECORD_H
#define SONDE_RECORD_H

#include "core/bytes.h"
#include "record/intern.h"
#include "sonde.h"
#include "wasm/layout.h"

/* A piece of text; `ascii` saves looking again. */
typedef struct {
    const uint8_t *data;
    uint32_t size;
    bool ascii;
} sonde_piece;

/* Reads a record from its end to its start. */
typedef struct {
    const uint8_t *words; /* may lie anywhere: read with sonde_load32 */
    uint32_t nodes;       /* still to come */
    const uint8_t *text;
    const uint8_t *text_end; /* end of the text still to come */
    const sonde_intern *keys;
    bool bytes; /* lengths are bytes */
    bool ascii;
} sonde_walk;

/* Checks the header and the total sizes. BAD_RECORD, TOO_LARGE. */
SONDE_MUST_CHECK int32_t sonde_walk_init(sonde_walk *walk,
                                         const sonde_record *record,
                                         const sonde_intern *keys,
                                         uint32_t max_text);

static inline uint32_t sonde_walk_header(const sonde_walk *walk,
                                         uint32_t word) {
    return sonde_load32(walk->words + 4 * (size_t)word);
}

/* Takes `length` units (or bytes) of text from the end. BAD_RECORD, BAD_CUT. */
SONDE_MUST_CHECK int32_t sonde_walk_text(sonde_walk *walk, uint32_t length,
                                         sonde_piece *piece);

/* Turns the characters of a BYTES value into bytes and returns their number;
 * `to` holds text->size bytes. BAD_RECORD for a character over U+00FF. */
SONDE_MUST_CHECK int32_t sonde_bytes_get(uint8_t *to, const sonde_piece *text);

#endif
