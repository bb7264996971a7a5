/* Any bytes as a request in JSON. Input: limits, signal, the text. */
#include "otlp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    sonde_otlp_limits limits;
    sonde_otlp_report report;
    int32_t json_size, binary_size;
    if (size < 2)
        return 0;
    fuzz_limits(&limits, data[0]);
    int32_t signal = data[1] % 4 - 1;
    size -= 2;
    uint8_t *in = fuzz_exact(data + 2, size);
    uint8_t *json = fuzz_otlp(&report, &json_size, SONDE_OTLP_JSON, signal,
                              SONDE_OTLP_JSON, in, size, &limits);
    uint8_t *binary = fuzz_otlp(&report, &binary_size, SONDE_OTLP_PROTOBUF,
                                signal, SONDE_OTLP_JSON, in, size, &limits);
    PROMISE((json == NULL) == (binary == NULL));
    if (binary != NULL) {
        signal = report.signal < 0 ? 0 : report.signal;
        fuzz_otlp_stable(SONDE_OTLP_JSON, signal, json, json_size);
        /* protobuf is not in the order of its numbers yet */
        int32_t ordered_size;
        uint8_t *ordered =
            fuzz_otlp(&report, &ordered_size, SONDE_OTLP_PROTOBUF, signal,
                      SONDE_OTLP_PROTOBUF, binary, (size_t)binary_size, NULL);
        PROMISE(ordered != NULL && ordered_size == binary_size);
        fuzz_otlp_stable(SONDE_OTLP_PROTOBUF, signal, ordered, ordered_size);
        free(ordered);
    }
    free(json);
    free(binary);
    free(in);
    return 0;
}
