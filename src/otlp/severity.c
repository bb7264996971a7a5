/* Short names of the severities: logs/data-model.md of the specification. */
#include "otlp/severity.h"

static const uint8_t NAMES[6][4][7] = {
    {"TRACE", "TRACE2", "TRACE3", "TRACE4"},
    {"DEBUG", "DEBUG2", "DEBUG3", "DEBUG4"},
    {"INFO", "INFO2", "INFO3", "INFO4"},
    {"WARN", "WARN2", "WARN3", "WARN4"},
    {"ERROR", "ERROR2", "ERROR3", "ERROR4"},
    {"FATAL", "FATAL2", "FATAL3", "FATAL4"},
};

const uint8_t *sonde_severity_name(uint32_t severity, uint32_t *size) {
    uint32_t band = (severity - 1) / 4, step = (severity - 1) % 4;
    *size = (band == SONDE_BAND_INFO || band == SONDE_BAND_WARN ? 4u : 5u) +
            (step > 0);
    return NAMES[band][step];
}
