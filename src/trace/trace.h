/* What the files of this folder share. */
#ifndef SONDE_TRACE_TRACE_H
#define SONDE_TRACE_TRACE_H

#include "core/bytes.h"
#include "sonde_trace.h"

/* The value of a lower-case hexadecimal digit; 16 or more for what is none. */
static inline uint32_t sonde_trace_digit(char c) {
    uint32_t digit = (uint8_t)c - (uint32_t)'0';
    if (digit < 10)
        return digit;
    digit = (uint8_t)c - (uint32_t)'a';
    return digit < 6 ? digit + 10 : 16;
}

/* R of a trace id: its last 56 bits. */
static inline uint64_t sonde_trace_random(const uint8_t trace_id[16]) {
    uint64_t value = 0;
    for (size_t i = 9; i < 16; i++)
        value = value << 8 | trace_id[i];
    return value;
}

#endif
