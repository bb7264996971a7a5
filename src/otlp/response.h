/* Decoding of what a receiver answers, in both encodings. */
#ifndef SONDE_RESPONSE_H
#define SONDE_RESPONSE_H

#include "core/bytes.h"

enum { SONDE_MESSAGE_SIZE = 256 };

/* `message` is valid UTF-8, cut between characters. */
typedef struct {
    int64_t rejected;
    uint32_t size;
    uint8_t message[SONDE_MESSAGE_SIZE];
} sonde_reply;

/* Decodes an ExportLogsServiceResponse (`success`) or a google.rpc.Status.
 * No bytes at all are a success without a message. BAD_INPUT if it is
 * neither; *reply is then empty. */
SONDE_MUST_CHECK int32_t sonde_response_decode(sonde_reply *reply, bool json,
                                               bool success,
                                               const uint8_t *body,
                                               size_t size);

#endif
