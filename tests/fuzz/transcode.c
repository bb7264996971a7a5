/* Any bytes as OTLP protobuf. Input: the kind of message, the message. */
#include "otlp/transcode.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1)
        return 0;
    uint32_t message = data[0] % SONDE_MESSAGE_COUNT;
    size--;
    uint8_t *in = fuzz_exact(data + 1, size);
    sonde_writer sizing = {0};
    int32_t status = sonde_transcode(&sizing, message, in, size);
    PROMISE(status == SONDE_OK || status == SONDE_BAD_INPUT);
    uint8_t *out = malloc(sizing.used + 1);
    PROMISE(out != NULL);
    sonde_writer w = {out, sizing.used, 0, SONDE_OK};
    PROMISE(sonde_transcode(&w, message, in, size) == status);
    if (status == SONDE_OK) {
        PROMISE(w.used == sizing.used);
        PROMISE(fuzz_is_utf8(out, w.used));
        PROMISE(fuzz_is_json(out, w.used));
        sonde_writer small = {out, w.used - 1, 0, SONDE_OK};
        PROMISE(sonde_transcode(&small, message, in, size) == SONDE_NO_SPACE);
    }
    free(out);
    free(in);
    return 0;
}
