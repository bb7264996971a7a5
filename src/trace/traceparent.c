/* Owns the header traceparent: see sonde_trace.h. All its digits are one run
 * of bytes with dashes in between: version, trace id, span id, flags. */
#include "core/text.h"
#include "trace/trace.h"

enum { BYTES = 26, TRACE_ID = 1, SPAN_ID = 17, FLAGS = 25 };
enum { KNOWN = SONDE_TRACE_SAMPLED | SONDE_TRACE_RANDOM };

static bool is_dash(size_t at) { return at == 2 || at == 35 || at == 52; }

/* `any` has the digits since the last dash: an id must have one that is not 0,
 * a version need not. */
static bool digits_get(uint8_t bytes[BYTES], const char *text) {
    uint32_t any = 1, count = 0;
    for (size_t i = 0; i < SONDE_TRACEPARENT_SIZE; i++) {
        uint32_t digit = sonde_trace_digit(text[i]);
        if (is_dash(i)) {
            if (text[i] != '-' || any == 0)
                return false;
            any = 0;
            continue;
        }
        if (digit > 15)
            return false;
        any |= digit;
        uint8_t *byte = bytes + count++ / 2;
        *byte = (uint8_t)((uint32_t)*byte << 4 | digit);
    }
    return true;
}

int32_t sonde_traceparent_get(sonde_span_context *context, const char *text,
                              size_t size) {
    uint8_t bytes[BYTES] = {0};
    if (size < SONDE_TRACEPARENT_SIZE || !digits_get(bytes, text) ||
        bytes[0] == 0xFF)
        return SONDE_BAD_INPUT;
    if (size > SONDE_TRACEPARENT_SIZE &&
        (bytes[0] == 0 || text[SONDE_TRACEPARENT_SIZE] != '-'))
        return SONDE_BAD_INPUT;
    memcpy(context->trace_id, bytes + TRACE_ID, sizeof context->trace_id);
    memcpy(context->span_id, bytes + SPAN_ID, sizeof context->span_id);
    context->flags = bytes[FLAGS] & KNOWN;
    return SONDE_OK;
}

void sonde_traceparent_put(char text[SONDE_TRACEPARENT_SIZE],
                           const sonde_span_context *context) {
    uint8_t flags = context->flags & KNOWN;
    sonde_writer w = {(uint8_t *)text, SONDE_TRACEPARENT_SIZE, 0, SONDE_OK};
    SONDE_PUT(&w, "00-");
    sonde_hex_put(&w, context->trace_id, sizeof context->trace_id);
    SONDE_PUT(&w, "-");
    sonde_hex_put(&w, context->span_id, sizeof context->span_id);
    SONDE_PUT(&w, "-");
    sonde_hex_put(&w, &flags, 1);
}
