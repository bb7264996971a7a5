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

/* Writes "TRACE", "TRACE2" ... "FATAL4" and returns the length;
 * 1 <= severity <= 24. */
uint32_t sonde_severity_name(uint8_t name[6], uint32_t severity);

#endif
