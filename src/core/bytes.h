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

/* In files that are optimized for speed: what few records run through. */
#ifdef __clang__
#define SONDE_RARE __attribute__((minsize))
#else
#define SONDE_RARE
#endif

/* Forward writer. A NULL `data` makes a sizing pass: only `used` counts. */
typedef struct {
    uint8_t *data;
    size_t size;
    size_t used;
    int32_t status;
} sonde_writer;

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

/* memcpy for short runs: engines call out of the module for each memory.copy,
 * which costs more than the copying of what a record consists of. */
void sonde_copy(uint8_t *to, const uint8_t *from, size_t size);

/* Writing backwards: each function puts something in front of `p` and returns
 * the new front; the caller has made sure of the room. Everything nested is
 * complete before its length is written, so lengths are free (design.md,
 * section 5). The front is a value and no field: a store of a byte could
 * change any field, so it would be read from memory again each time. */

#ifdef __wasm__
/* Whole 16 bytes from the end on. What is too much lands in front, where the
 * next bytes go: there is room for at least 16 more, and in linear memory all
 * that lies before `data` can be read. */
static inline uint8_t *sonde_back_put(uint8_t *p, const uint8_t *data,
                                      size_t size) {
    uint8_t *front = p - size;
    for (data += size; p > front;) {
        uint64_t last[2];
        data -= sizeof last;
        p -= sizeof last;
        memcpy(last, data, sizeof last);
        memcpy(p, last, sizeof last);
    }
    return front;
}
#else
static inline uint8_t *sonde_back_put(uint8_t *p, const uint8_t *data,
                                      size_t size) {
    p -= size;
    sonde_copy(p, data, size);
    return p;
}
#endif

/* Any value. */
uint8_t *sonde_back_long(uint8_t *p, uint64_t value);

/* Most are short, and this is in many places. */
static inline uint8_t *sonde_back_varint(uint8_t *p, uint64_t value) {
    if (value >= 0x80)
        return sonde_back_long(p, value);
    *--p = (uint8_t)value;
    return p;
}

static inline uint8_t *sonde_back_fixed(uint8_t *p, uint8_t tag,
                                        const void *value, size_t size) {
    p -= size;
    memcpy(p, value, size);
    *--p = tag;
    return p;
}

#endif
