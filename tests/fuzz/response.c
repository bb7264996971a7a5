/* Response bodies. Input: a byte of encoding and kind of status, the body.
 * What nanopb takes for protobuf, too, has the same count. (It passes over
 * unknown varints of more than 64 bits, which we refuse.) */
#include "fuzz.h"
#include "response.pb.h"
#include <pb_decode.h>

static bool skip(pb_istream_t *stream, const pb_field_t *field, void **arg) {
    (void)field;
    (void)arg;
    return pb_read(stream, NULL, stream->bytes_left);
}

static bool by_nanopb(bool success, const uint8_t *body, size_t size,
                      int64_t *rejected) {
    pb_istream_t stream = pb_istream_from_buffer(body, size);
    pb_callback_t text = {.funcs.decode = skip, .arg = NULL};
    *rejected = 0;
    if (!success) {
        sonde_Status answer = sonde_Status_init_zero;
        answer.message = text;
        return pb_decode(&stream, sonde_Status_fields, &answer);
    }
    sonde_ExportLogsServiceResponse answer =
        sonde_ExportLogsServiceResponse_init_zero;
    answer.partial_success.error_message = text;
    bool good = pb_decode_ex(&stream, sonde_ExportLogsServiceResponse_fields,
                             &answer, PB_DECODE_NOINIT);
    *rejected = answer.partial_success.rejected_log_records;
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1)
        return 0;
    uint32_t encoding = data[0] & 1;
    bool success = data[0] & 2;
    sonde_reply reply;
    int64_t rejected;
    size--;
    uint8_t *body = fuzz_exact(data + 1, size);
    int32_t status =
        sonde_reply_get(&reply, encoding, success ? 200 : 503, body, size);
    PROMISE(status == SONDE_OK || status == SONDE_BAD_INPUT);
    PROMISE(reply.size <= SONDE_MESSAGE_SIZE);
    PROMISE(fuzz_is_utf8(reply.message, reply.size));
    PROMISE(status == SONDE_OK || (reply.size == 0 && reply.rejected == 0));
    PROMISE(success || reply.rejected == 0);
    if (encoding == 0 && by_nanopb(success, body, size, &rejected))
        PROMISE(status != SONDE_OK || reply.rejected == rejected);
    if (encoding == 1 && status == SONDE_OK && size > 0)
        PROMISE(fuzz_is_json(body, size));
    free(body);
    return 0;
}
