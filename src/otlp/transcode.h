/* OTLP protobuf to OTLP JSON (ProtoJSON with OTLP's deviations: hexadecimal
 * ids, enums as numbers). */
#ifndef SONDE_TRANSCODE_H
#define SONDE_TRANSCODE_H

#include "core/bytes.h"

enum {
    SONDE_MESSAGE_REQUEST,
    SONDE_MESSAGE_RESOURCE_LOGS,
    SONDE_MESSAGE_SCOPE_LOGS,
    SONDE_MESSAGE_LOG_RECORD,
    SONDE_MESSAGE_RESOURCE,
    SONDE_MESSAGE_SCOPE,
    SONDE_MESSAGE_KEY_VALUE,
    SONDE_MESSAGE_ANY_VALUE,
    SONDE_MESSAGE_ARRAY,
    SONDE_MESSAGE_KVLIST,
    SONDE_MESSAGE_COUNT
};

/* Writes the JSON of one message. Unknown fields are left out. The bytes may
 * come from anywhere: what is cut, of the wrong wire type, nested over 64
 * arrays and maps, has two values where one belongs or the elements of a
 * repeated field apart is BAD_INPUT. NO_SPACE as the writer says. */
SONDE_MUST_CHECK int32_t sonde_transcode(sonde_writer *w, uint32_t message,
                                         const uint8_t *data, size_t size);

#endif
