/* Short names of the severities: logs/data-model.md of the specification. */
#include "otlp/severity.h"
#include <string.h>

uint32_t sonde_severity_name(uint8_t name[6], uint32_t severity) {
    static const char names[] = "TRACEDEBUGINFO WARN ERRORFATAL";
    uint32_t band = (severity - 1) / 4, step = (severity - 1) % 4;
    uint32_t size = 5;
    memcpy(name, names + 5 * band, 5);
    if (name[4] == ' ')
        size = 4;
    if (step > 0)
        name[size++] = (uint8_t)('1' + step);
    return size;
}
