/* Linear memory behind the data, taken in pieces. */
#ifndef SONDE_MEMORY_H
#define SONDE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __wasm__

/* Where the next piece begins; in boundary.c. */
extern uint8_t *sonde_memory_next;

/* `size` bytes, or NULL if memory cannot grow so far: then nothing has
 * changed. Whoever is not the first to take any sees to its alignment. */
static inline uint8_t *sonde_memory_take(uint32_t size) {
    enum { PAGE = 65536 };
    uint8_t *start = sonde_memory_next, *end = start + size;
    uint32_t need = ((uint32_t)(uintptr_t)end + PAGE - 1) / PAGE;
    uint32_t have = __builtin_wasm_memory_size(0);
    if (need > have && __builtin_wasm_memory_grow(0, need - have) == (size_t)-1)
        return NULL;
    sonde_memory_next = end;
    return start;
}

#endif
#endif
