/* Writers over memory that the caller gives, and unaligned loads.
 *
 * Both writers are sticky: the first error is kept in `status`, later writes
 * do nothing, and the caller looks once at the end. */
#ifndef SONDE_BYTES_H
#define SONDE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SONDE_MUST_CHECK __attribute__((warn_unused_result))

/* Forward writer. A NULL `data` makes a sizing pass: only `used` counts. */
typedef struct {
    uint8_t *data;
    size_t size;
    size_t used;
    int32_t status;
} sonde_writer;

/* Backward writer: fills [start, p) from the end. What has been written is
 * [p, end). Everything nested is complete before its length is written, so
 * lengths are free (design.md, section 5). */
typedef struct {
    uint8_t *start;
    uint8_t *p;
    int32_t status;
} sonde_back;

void sonde_writer_put(sonde_writer *w, const void *data, size_t size);
void sonde_writer_byte(sonde_writer *w, uint8_t byte);
#define SONDE_PUT(w, literal) sonde_writer_put((w), literal, sizeof literal - 1)
void sonde_writer_varint(sonde_writer *w, uint64_t value);

/* Bytes that `value` takes as a varint: 1 ... 10. */
uint32_t sonde_varint_size(uint64_t value);

static inline uint32_t sonde_load32(const uint8_t *p) {
    uint32_t v;
    memcpy(&v, p, sizeof v); /* little-endian hosts only: see sonde.c */
    return v;
}

static inline uint64_t sonde_load64(const uint8_t *p) {
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline double sonde_load_double(const uint8_t *p) {
    double v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* Copies short runs without a call; runs must not overlap. */
static inline void sonde_copy(uint8_t *to, const uint8_t *from, size_t size) {
    if (size >= 64) {
        memcpy(to, from, size);
        return;
    }
    if (size < 8) {
        while (size--)
            *to++ = *from++;
        return;
    }
    const uint8_t *last = from + size - 8;
    uint8_t *to_last = to + size - 8;
    for (; from < last; from += 8, to += 8)
        memcpy(to, from, 8);
    memcpy(to_last, last, 8);
}

/* True with room for `size` more bytes; otherwise the writer fails. */
static inline bool sonde_back_room(sonde_back *b, size_t size, int32_t status) {
    if ((size_t)(b->p - b->start) >= size)
        return true;
    b->start = b->p; /* nothing fits any more: the error is sticky */
    if (b->status == 0)
        b->status = status;
    return false;
}

/* These write without a check: ask sonde_back_room first. */
static inline void sonde_back_byte(sonde_back *b, uint8_t byte) {
    *--b->p = byte;
}

static inline void sonde_back_put(sonde_back *b, const uint8_t *data,
                                  size_t size) {
    b->p -= size;
    sonde_copy(b->p, data, size);
}

void sonde_back_varint_long(sonde_back *b, uint64_t value);

static inline void sonde_back_varint(sonde_back *b, uint64_t value) {
    if (value < 0x80)
        sonde_back_byte(b, (uint8_t)value);
    else
        sonde_back_varint_long(b, value);
}

static inline void sonde_back_fixed64(sonde_back *b, uint64_t value) {
    b->p -= 8;
    memcpy(b->p, &value, 8);
}

static inline void sonde_back_fixed32(sonde_back *b, uint32_t value) {
    b->p -= 4;
    memcpy(b->p, &value, 4);
}

#endif
