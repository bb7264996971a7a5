/* Any bytes as a request in protobuf. Input: limits, signal, the bytes. What is
 * accepted reads the same from JSON. */
#include "otlp.h"

/* NaN has one spelling in JSON, and many as bits. */
static bool has_nan(const uint8_t *json, size_t size) {
    for (size_t i = 0; i + 5 <= size; i++) {
        if (memcmp(json + i, "\"NaN\"", 5) == 0)
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    sonde_otlp_limits limits;
    sonde_otlp_report report;
    int32_t json_size, binary_size, back_size;
    if (size < 2)
        return 0;
    fuzz_limits(&limits, data[0]);
    int32_t signal = data[1] % 3;
    size -= 2;
    uint8_t *in = fuzz_exact(data + 2, size);
    uint8_t *binary = fuzz_otlp(&report, &binary_size, SONDE_OTLP_PROTOBUF,
                                signal, SONDE_OTLP_PROTOBUF, in, size, &limits);
    uint8_t *json = fuzz_otlp(&report, &json_size, SONDE_OTLP_JSON, signal,
                              SONDE_OTLP_PROTOBUF, in, size, &limits);
    PROMISE((json == NULL) == (binary == NULL));
    if (json != NULL) {
        fuzz_otlp_stable(SONDE_OTLP_PROTOBUF, signal, binary, binary_size);
        fuzz_otlp_stable(SONDE_OTLP_JSON, signal, json, json_size);
        uint8_t *back =
            fuzz_otlp(&report, &back_size, SONDE_OTLP_PROTOBUF, signal,
                      SONDE_OTLP_JSON, json, (size_t)json_size, NULL);
        PROMISE(back != NULL);
        PROMISE(back_size == binary_size);
        uint8_t *ordered =
            fuzz_otlp(&report, &back_size, SONDE_OTLP_PROTOBUF, signal,
                      SONDE_OTLP_PROTOBUF, back, (size_t)back_size, NULL);
        PROMISE(ordered != NULL && back_size == binary_size);
        PROMISE(has_nan(json, (size_t)json_size) ||
                memcmp(ordered, binary, (size_t)back_size) == 0);
        free(ordered);
        free(back);
    }
    free(json);
    free(binary);
    free(in);
    return 0;
}
