/* Overwriting what must not stay in memory. */
#ifndef SONDE_WIPE_H
#define SONDE_WIPE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* memset that the compiler may not leave out. */
static inline void sonde_wipe(void *data, size_t size) {
    memset(data, 0, size);
    __asm__ volatile("" : : "r"(data) : "memory");
}

/* Overwrites the stack below the caller's frame, where the functions that it
 * has called left round keys and hash states. Functions that leave any are
 * SONDE_BELOW: inlined, they would leave it in the frame of the caller. */
void sonde_wipe_stack(void);
#define SONDE_BELOW __attribute__((noinline))

/* True if they are the same; takes the same time wherever they differ. */
static inline int sonde_same(const uint8_t *a, const uint8_t *b, size_t size) {
    uint32_t difference = 0;
    for (size_t i = 0; i < size; i++)
        difference |= (uint32_t)a[i] ^ b[i];
    return (int)(1 & ((difference - 1) >> 8));
}

#endif
