/* Short names of the severities: logs/data-model.md of the specification. */
#include "otlp/severity.h"
#include <string.h>

uint8_t *sonde_severity_put(uint8_t *p, uint32_t severity) {
    static const char names[] = "TRACEDEBUG INFO WARNERRORFATAL";
    uint32_t band = (severity - 1) / 4, step = (severity - 1) % 4;
    if (step > 0)
        *--p = (uint8_t)('1' + step);
    p -= 5;
    memcpy(p, names + 5 * band, 5);
    return *p == ' ' ? p + 1 : p;
}
