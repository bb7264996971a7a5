/* Owns the header traceparent: see sonde_trace.h. Its digits are, without the
 * dashes, a version byte and the bytes of the struct. */
#include "core/text.h"
#include "trace/trace.h"

enum { TRACE_ID = 1, SPAN_ID = 17, FLAGS = 25, BYTES = 26 };
enum { KNOWN = SONDE_TRACE_SAMPLED | SONDE_TRACE_RANDOM };

_Static_assert(sizeof(sonde_span_context) == BYTES - 1, "bytes, and no gaps");

/* False if there is a capital letter, which sonde_hex_get takes: of dashes,
 * digits and letters only those lack this bit. */
static bool is_lower(const char *text) {
    int bits = ' ';
    for (size_t i = 0; i < SONDE_TRACEPARENT_SIZE; i++)
        bits &= text[i];
    return bits != 0;
}

static bool bytes_get(uint8_t bytes[BYTES], const char *text) {
    const uint8_t *digits = (const uint8_t *)text;
    return is_lower(text) && sonde_hex_get(bytes, digits, 1) &&
           sonde_hex_get(bytes + TRACE_ID, digits + 3, 16) &&
           sonde_hex_get(bytes + SPAN_ID, digits + 36, 8) &&
           sonde_hex_get(bytes + FLAGS, digits + 53, 1) && text[2] == '-' &&
           text[35] == '-' && text[52] == '-';
}

int32_t sonde_traceparent_get(sonde_span_context *context, const char *text,
                              size_t size) {
    static const uint8_t zero[16];
    uint8_t bytes[BYTES];
    if (size < SONDE_TRACEPARENT_SIZE || !bytes_get(bytes, text) ||
        bytes[0] == 0xFF || memcmp(bytes + TRACE_ID, zero, 16) == 0 ||
        memcmp(bytes + SPAN_ID, zero, 8) == 0)
        return SONDE_BAD_INPUT;
    if (size > SONDE_TRACEPARENT_SIZE &&
        (bytes[0] == 0 || text[SONDE_TRACEPARENT_SIZE] != '-'))
        return SONDE_BAD_INPUT;
    memcpy(context, bytes + TRACE_ID, sizeof *context);
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
