/* Owns LogRecord and Resource, and the way of each record. A record is encoded
 * once, to its final bytes.
 *
 * nanopb is not used here: it writes forwards, so it sizes each nested message
 * by encoding it twice. The tests have it as an oracle. */
#include "otlp/encode.h"
#include "core/text.h"
#include "otlp/header.h"
#include "otlp/severity.h"
#include "otlp/span.h"

enum {
    MAX_SEVERITY = 24,
    MAX_KIND = 5,
    MAX_STATUS = 2,
    TAG_TIME = 0x09,
    TAG_SEVERITY = 0x10,
    TAG_SEVERITY_TEXT = 0x1A,
    TAG_DROPPED = 0x38,
    TAG_FLAGS = 0x45,
    TAG_TRACE_ID = 0x4A,
    TAG_SPAN_ID = 0x52,
    TAG_OBSERVED = 0x59,
    TAG_EVENT_NAME = 0x62
};

/* Ids only when they come from a real span: both, and not all zero. */
static uint8_t *put_trace(uint8_t *p, sonde_walk *walk, int32_t *status) {
    sonde_piece digits;
    uint32_t flags = sonde_walk_header(walk, SONDE_HEADER_TRACE_FLAGS) & 0xFF;
    *status = sonde_walk_text(walk, SONDE_ID_DIGITS, &digits);
    if (*status != SONDE_OK)
        return NULL;
    *status = SONDE_BAD_RECORD;
    if (digits.size != SONDE_ID_DIGITS)
        return NULL;
    p = sonde_ids_put(p, TAG_TRACE_ID, TAG_SPAN_ID, digits.data);
    return p == NULL || flags == 0 ? p
                                   : sonde_back_fixed(p, TAG_FLAGS, &flags, 4);
}

/* The fields behind the attributes. */
static uint8_t *put_tail(const sonde_encoder *encoder, uint8_t *p,
                         sonde_walk *walk, double now, int32_t *status) {
    uint32_t flags = sonde_walk_header(walk, SONDE_HEADER_FLAGS);
    p = sonde_header_text(encoder, p, walk, SONDE_HEADER_EVENT_NAME,
                          TAG_EVENT_NAME, status);
    if (p == NULL || !sonde_has_room(encoder, p, SONDE_FIXED_FIELDS))
        return NULL;
    uint64_t observed = sonde_header_time(walk, SONDE_HEADER_OBSERVED);
    if (observed == 0 || (flags & SONDE_FLAG_NOW))
        observed = sonde_nanoseconds(now);
    p = sonde_time_put(p, TAG_OBSERVED, observed);
    return flags & SONDE_FLAG_TRACE ? put_trace(p, walk, status) : p;
}

static uint8_t *put_severity(uint8_t *p, uint32_t severity, bool named) {
    const uint8_t *end = p;
    if (severity == 0)
        return p;
    if (named) {
        p = sonde_severity_put(p, severity);
        uint8_t size = (uint8_t)(end - p);
        *--p = size;
        *--p = TAG_SEVERITY_TEXT;
    }
    *--p = (uint8_t)severity;
    *--p = TAG_SEVERITY;
    return p;
}

/* The fields in front of the body. */
static uint8_t *put_front(const sonde_encoder *encoder, uint8_t *p,
                          sonde_walk *walk, double now, int32_t *status) {
    uint32_t flags = sonde_walk_header(walk, SONDE_HEADER_FLAGS);
    uint32_t severity = sonde_walk_header(walk, SONDE_HEADER_SEVERITY);
    p = sonde_header_text(encoder, p, walk, SONDE_HEADER_SEVERITY_TEXT,
                          TAG_SEVERITY_TEXT, status);
    if (p == NULL || !sonde_has_room(encoder, p, SONDE_FIXED_FIELDS))
        return NULL;
    p = put_severity(p, severity, flags & SONDE_FLAG_SEVERITY_NAME);
    p = sonde_time_put(p, TAG_TIME,
                       flags & SONDE_FLAG_NOW
                           ? sonde_nanoseconds(now)
                           : sonde_header_time(walk, SONDE_HEADER_TIME));
    *status = SONDE_BAD_RECORD; /* if there is text that nobody took */
    return walk->text_end == walk->text ? p : NULL;
}

static uint32_t tail_dropped(const sonde_walk *walk, const sonde_trees *trees) {
    uint64_t dropped = trees->skip;
    dropped += sonde_walk_header(walk, SONDE_HEADER_DROPPED);
    return dropped > UINT32_MAX ? UINT32_MAX : (uint32_t)dropped;
}

static uint8_t *put_log(const sonde_encoder *encoder, uint8_t *p,
                        sonde_walk *walk, sonde_trees *trees, double now) {
    p = put_tail(encoder, p, walk, now, &trees->status);
    if (p == NULL)
        return NULL;
    p = sonde_count_put(p, TAG_DROPPED, tail_dropped(walk, trees));
    p = sonde_values_put(encoder, p, walk, trees);
    return p != NULL ? put_front(encoder, p, walk, now, &trees->status) : NULL;
}

static uint8_t *put_span(const sonde_encoder *encoder, uint8_t *p,
                         sonde_walk *walk, sonde_trees *trees) {
    p = sonde_span_tail(encoder, p, walk, tail_dropped(walk, trees),
                        &trees->status);
    if (p == NULL)
        return NULL;
    p = sonde_values_put(encoder, p, walk, trees);
    return p != NULL ? sonde_span_front(encoder, p, walk, &trees->status)
                     : NULL;
}

static bool times_fit(const sonde_walk *walk) {
    return sonde_walk_header(walk, SONDE_HEADER_TIME + 1) <= SONDE_MAX_NANOS &&
           sonde_walk_header(walk, SONDE_HEADER_OBSERVED + 1) <=
               SONDE_MAX_NANOS;
}

static bool log_fits(const sonde_walk *walk) {
    uint32_t flags = sonde_walk_header(walk, SONDE_HEADER_FLAGS);
    return sonde_walk_header(walk, SONDE_HEADER_SEVERITY) <= MAX_SEVERITY &&
           (!(flags & SONDE_FLAG_SEVERITY_NAME) ||
            sonde_walk_header(walk, SONDE_HEADER_SEVERITY_TEXT) == 0);
}

static bool span_fits(const sonde_walk *walk) {
    uint32_t kind = sonde_walk_header(walk, SONDE_HEADER_KIND);
    return (kind & ((1u << SONDE_STATUS_SHIFT) - 1)) <= MAX_KIND &&
           kind >> SONDE_STATUS_SHIFT <= MAX_STATUS;
}

static uint32_t band_of(const sonde_walk *walk, bool span) {
    uint32_t word = sonde_walk_header(walk, SONDE_HEADER_SEVERITY);
    if (span)
        return word >> SONDE_STATUS_SHIFT == MAX_STATUS ? SONDE_BAND_ERROR
                                                        : SONDE_BAND_INFO;
    return sonde_severity_band(word);
}

/* Which attributes are too many is known only at the first one, which is
 * written last: the rare record that has too many is written twice. */
int32_t sonde_encode_record(const sonde_encoder *encoder, sonde_encoded *out,
                            uint32_t signal, double now,
                            const sonde_record *record) {
    bool span = signal == SONDE_SIGNAL_TRACES;
    sonde_trees trees = {.attribute_tag = span ? SONDE_TAG_SPAN_ATTRIBUTE
                                               : SONDE_TAG_LOG_ATTRIBUTE,
                         .max_length = encoder->max_value_length,
                         .parts = span};
    uint8_t *end = encoder->scratch + encoder->scratch_size;
    uint64_t replaced = *encoder->replaced;
    for (;;) {
        uint8_t *p = NULL;
        sonde_walk walk;
        int32_t status =
            sonde_walk_init(&walk, record, encoder->keys, encoder->max_text);
        if (status == SONDE_OK) {
            trees.status = SONDE_BAD_RECORD;
            if (times_fit(&walk) &&
                (span ? span_fits(&walk) : log_fits(&walk))) {
                trees.status = SONDE_TOO_LARGE;
                p = span ? put_span(encoder, end, &walk, &trees)
                         : put_log(encoder, end, &walk, &trees, now);
            }
            status = trees.status;
        }
        if (p == NULL || (span && trees.body)) {
            *encoder->replaced = replaced;
            return p == NULL ? status : SONDE_BAD_RECORD;
        }
        if (trees.attributes <= encoder->max_attributes + trees.skip) {
            out->data = p;
            out->size = (uint32_t)(end - p);
            out->band = band_of(&walk, span);
            out->scope = sonde_walk_header(&walk, SONDE_HEADER_SCOPE);
            return SONDE_OK;
        }
        *encoder->replaced = replaced;
        trees.skip = trees.attributes - encoder->max_attributes;
    }
}

int32_t sonde_encode_attributes(const sonde_encoder *encoder,
                                sonde_encoded *out, const sonde_record *record,
                                uint8_t tag) {
    sonde_trees trees = {.attribute_tag = tag};
    uint8_t *end = encoder->scratch + encoder->scratch_size;
    sonde_walk walk;
    int32_t status =
        sonde_walk_init(&walk, record, encoder->keys, encoder->max_text);
    if (status != SONDE_OK)
        return status;
    uint8_t *p = sonde_values_put(encoder, end, &walk, &trees);
    if (p == NULL)
        return trees.status;
    if (trees.body || walk.text_end != walk.text)
        return SONDE_BAD_RECORD;
    out->data = p;
    out->size = (uint32_t)(end - p);
    return SONDE_OK;
}

int32_t sonde_encode_resource(const sonde_encoder *encoder, sonde_encoded *out,
                              const sonde_record *record) {
    return sonde_encode_attributes(encoder, out, record,
                                   SONDE_TAG_RESOURCE_ATTRIBUTE);
}
