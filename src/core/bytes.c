/* Owns the forward writer. It is so small that nanopb's streams, which call
 * through a pointer for each write and know no backward direction, would cost
 * both time and bytes here. */
#include "core/bytes.h"
#include "sonde.h"

enum { LONG = 512 };

void sonde_copy(uint8_t *to, const uint8_t *from, size_t size) {
    if (size < 8) {
        while (size--)
            *to++ = *from++;
        return;
    }
    if (size >= LONG) {
        memcpy(to, from, size);
        return;
    }
    uint64_t word, last = sonde_load64(from + size - 8);
    uint8_t *to_last = to + size - 8;
    for (; to < to_last; from += 8, to += 8) {
        word = sonde_load64(from);
        memcpy(to, &word, 8);
    }
    memcpy(to_last, &last, 8);
}

void sonde_writer_put(sonde_writer *w, const void *data, size_t size) {
    if (w->data != NULL) {
        if (size > w->size - w->used) {
            w->size = w->used; /* sticky */
            w->status = SONDE_NO_SPACE;
            return;
        }
        if (size > 0)
            memcpy(w->data + w->used, data, size);
    }
    w->used += size;
}

void sonde_writer_byte(sonde_writer *w, uint8_t byte) {
    sonde_writer_put(w, &byte, 1);
}

SONDE_RARE void sonde_writer_varint(sonde_writer *w, uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        sonde_writer_byte(w, (uint8_t)(value | 0x80));
    sonde_writer_byte(w, (uint8_t)value);
}

uint32_t sonde_varint_size(uint64_t value) {
    uint32_t size = 1;
    while (value >>= 7)
        size++;
    return size;
}

SONDE_RARE uint8_t *sonde_back_long(uint8_t *p, uint64_t value) {
    uint32_t shift = (63 - (uint32_t)__builtin_clzll(value | 1)) / 7 * 7;
    *--p = (uint8_t)(value >> shift);
    while (shift > 0) {
        shift -= 7;
        *--p = (uint8_t)(value >> shift | 0x80);
    }
    return p;
}
