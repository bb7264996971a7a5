/* Severity numbers 0 ... 24, their names, and the bands of the queue. */
#ifndef SONDE_SEVERITY_H
#define SONDE_SEVERITY_H

#include <stdint.h>

enum {
    SONDE_BAND_TRACE,
    SONDE_BAND_DEBUG,
    SONDE_BAND_INFO,
    SONDE_BAND_WARN,
    SONDE_BAND_ERROR,
    SONDE_BAND_FATAL,
    SONDE_BAND_UNKNOWN
};

/* The band of a number; 0 (unspecified) counts as INFO, for it must neither
 * go first nor push out what is known to matter. */
static inline uint32_t sonde_severity_band(uint32_t severity) {
    return severity == 0 ? SONDE_BAND_INFO : (severity - 1) / 4;
}

/* Writes "TRACE", "TRACE2" ... "FATAL4" in front of `p`, where there is room
 * for 6 bytes, and returns the new front; 1 <= severity <= 24. */
uint8_t *sonde_severity_put(uint8_t *p, uint32_t severity);

#endif
