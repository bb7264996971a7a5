/* OTLP protobuf to OTLP JSON (ProtoJSON with OTLP's deviations: hexadecimal
 * ids, enums as numbers). */
#ifndef SONDE_TRANSCODE_H
#define SONDE_TRANSCODE_H

#include "core/bytes.h"
#include "otlp/schema.h"

/* Writes the JSON of one message, SONDE_MESSAGE_...; all that is on the wire is
 * written, zeros as well, but unknown fields, which in the modules are all that
 * Sonde never writes. The bytes may come from anywhere: what is cut, of the
 * wrong wire type, nested over 64 arrays and maps, has two values where one
 * belongs or the elements of a repeated field apart is BAD_INPUT. It is meant
 * for bytes that this library made: sonde_otlp.h deals with whatever others may
 * write. NO_SPACE as the writer says. */
SONDE_MUST_CHECK int32_t sonde_transcode(sonde_writer *w, uint32_t message,
                                         const uint8_t *data, size_t size);

#endif
