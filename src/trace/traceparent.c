/* Owns the header traceparent: see sonde_trace.h. All its digits are one run
 * of bytes with dashes in between: version, trace id, span id, flags. */
#include "core/text.h"
#include "trace/trace.h"

enum { BYTES = 26, TRACE_ID = 1, SPAN_ID = 17, FLAGS = 25 };
enum { KNOWN = SONDE_TRACE_SAMPLED | SONDE_TRACE_RANDOM };

/* Digits are told from dashes by their place. Capital letters, which
 * sonde_hex_get takes, are the only ones without bit 5. */
static bool is_lower(const char *text) {
    int bits = -1;
    for (size_t i = 0; i < SONDE_TRACEPARENT_SIZE; i++)
        bits &= text[i];
    return (bits & ' ') != 0;
}

int32_t sonde_traceparent_get(sonde_span_context *context, const char *text,
                              size_t size) {
    static const uint8_t zero[16];
    const uint8_t *digits = (const uint8_t *)text;
    uint8_t bytes[BYTES];
    if (size < SONDE_TRACEPARENT_SIZE || !is_lower(text) ||
        !sonde_hex_get(bytes, digits, 1) ||
        !sonde_hex_get(bytes + 1, digits + 3, 16) ||
        !sonde_hex_get(bytes + 17, digits + 36, 8) ||
        !sonde_hex_get(bytes + 25, digits + 53, 1) || text[2] != '-' ||
        text[35] != '-' || text[52] != '-' || bytes[0] == 0xFF ||
        memcmp(bytes + 1, zero, 16) == 0 || memcmp(bytes + 17, zero, 8) == 0)
        return SONDE_BAD_INPUT;
    if (size > SONDE_TRACEPARENT_SIZE &&
        (bytes[0] == 0 || text[SONDE_TRACEPARENT_SIZE] != '-'))
        return SONDE_BAD_INPUT;
    memcpy(context, bytes + 1, sizeof *context);
    context->flags &= KNOWN;
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
