/* Owns LogRecord and Resource. A record is encoded once, to its final bytes.
 *
 * nanopb is not used here: it writes forwards, so it sizes each nested message
 * by encoding it twice. The tests have it as an oracle. */
#include "otlp/encode.h"
#include "core/text.h"
#include "otlp/severity.h"
#include "otlp/values.h"

enum {
    MAX_SEVERITY = 24,
    TAG_TIME = 0x09,
    TAG_SEVERITY = 0x10,
    TAG_SEVERITY_TEXT = 0x1A,
    TAG_DROPPED = 0x38,
    TAG_FLAGS = 0x45,
    TAG_TRACE_ID = 0x4A,
    TAG_SPAN_ID = 0x52,
    TAG_OBSERVED = 0x59,
    TAG_EVENT_NAME = 0x62,
    FIXED_FIELDS = 128 /* more than all fields of fixed size take */
};

static uint64_t header_time(const sonde_walk *walk, uint32_t word) {
    return (uint64_t)sonde_walk_header(walk, word) * UINT64_C(1000000000) +
           sonde_walk_header(walk, word + 1);
}

static uint64_t nanoseconds(double now) {
    uint64_t micro = (uint64_t)(now * 1000.0); /* a double holds no more */
    return micro * 1000;
}

static uint8_t *put_time(uint8_t *p, uint8_t tag, uint64_t time) {
    return time == 0 ? p : sonde_back_fixed(p, tag, &time, 8);
}

/* A text whose length is in the header; NULL with *status if it fails. */
static uint8_t *put_named_text(const sonde_encoder *encoder, uint8_t *p,
                               sonde_walk *walk, uint32_t word, uint8_t tag,
                               int32_t *status) {
    sonde_piece text;
    uint32_t length = sonde_walk_header(walk, word);
    if (length == 0)
        return p;
    int32_t taken = sonde_walk_text(walk, length, &text);
    if (taken == SONDE_OK)
        return sonde_text_put(encoder, p, tag, &text);
    *status = taken;
    return NULL;
}

/* Ids only when they come from a real span: both, and not all zero. */
static uint8_t *put_trace(uint8_t *p, sonde_walk *walk, int32_t *status) {
    static const uint8_t zero[16];
    uint8_t id[24];
    sonde_piece digits;
    uint32_t flags = sonde_walk_header(walk, SONDE_HEADER_TRACE_FLAGS) & 0xFF;
    *status = sonde_walk_text(walk, 48, &digits);
    if (*status != SONDE_OK)
        return NULL;
    *status = SONDE_BAD_RECORD;
    if (digits.size != 48 || !sonde_hex_get(id, digits.data, 24) ||
        memcmp(id, zero, 16) == 0 || memcmp(id + 16, zero, 8) == 0)
        return NULL;
    p = sonde_back_fixed(p, 8, id + 16, 8);
    *--p = TAG_SPAN_ID;
    p = sonde_back_fixed(p, 16, id, 16);
    *--p = TAG_TRACE_ID;
    return flags == 0 ? p : sonde_back_fixed(p, TAG_FLAGS, &flags, 4);
}

/* The fields behind the attributes. */
static uint8_t *put_tail(const sonde_encoder *encoder, uint8_t *p,
                         sonde_walk *walk, double now, int32_t *status) {
    uint32_t flags = sonde_walk_header(walk, SONDE_HEADER_FLAGS);
    p = put_named_text(encoder, p, walk, SONDE_HEADER_EVENT_NAME,
                       TAG_EVENT_NAME, status);
    if (p == NULL || !sonde_has_room(encoder, p, FIXED_FIELDS))
        return NULL;
    uint64_t observed = header_time(walk, SONDE_HEADER_OBSERVED);
    if (observed == 0 || (flags & SONDE_FLAG_NOW))
        observed = nanoseconds(now);
    p = put_time(p, TAG_OBSERVED, observed);
    return flags & SONDE_FLAG_TRACE ? put_trace(p, walk, status) : p;
}

static uint8_t *put_severity(uint8_t *p, uint32_t severity, bool named) {
    uint8_t name[6];
    if (severity == 0)
        return p;
    if (named) {
        uint32_t size = sonde_severity_name(name, severity);
        p = sonde_back_fixed(p, (uint8_t)size, name, size);
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
    p = put_named_text(encoder, p, walk, SONDE_HEADER_SEVERITY_TEXT,
                       TAG_SEVERITY_TEXT, status);
    if (p == NULL || !sonde_has_room(encoder, p, FIXED_FIELDS))
        return NULL;
    p = put_severity(p, severity, flags & SONDE_FLAG_SEVERITY_NAME);
    p = put_time(p, TAG_TIME,
                 flags & SONDE_FLAG_NOW ? nanoseconds(now)
                                        : header_time(walk, SONDE_HEADER_TIME));
    *status = SONDE_BAD_RECORD; /* if there is text that nobody took */
    return walk->text_end == walk->text ? p : NULL;
}

static int32_t check_header(const sonde_walk *walk) {
    uint32_t flags = sonde_walk_header(walk, SONDE_HEADER_FLAGS);
    bool named = flags & SONDE_FLAG_SEVERITY_NAME;
    uint32_t text = sonde_walk_header(walk, SONDE_HEADER_SEVERITY_TEXT);
    if (sonde_walk_header(walk, SONDE_HEADER_SEVERITY) > MAX_SEVERITY ||
        sonde_walk_header(walk, SONDE_HEADER_TIME + 1) > 999999999 ||
        sonde_walk_header(walk, SONDE_HEADER_OBSERVED + 1) > 999999999 ||
        (named && text > 0))
        return SONDE_BAD_RECORD;
    return SONDE_OK;
}

static uint8_t *put_log(const sonde_encoder *encoder, uint8_t *p,
                        sonde_walk *walk, sonde_trees *trees, double now) {
    trees->status = SONDE_TOO_LARGE;
    p = put_tail(encoder, p, walk, now, &trees->status);
    if (p == NULL)
        return NULL;
    uint64_t dropped = trees->skip;
    dropped += sonde_walk_header(walk, SONDE_HEADER_DROPPED);
    if (dropped > 0) {
        p = sonde_back_varint(p, dropped > UINT32_MAX ? UINT32_MAX : dropped);
        *--p = TAG_DROPPED;
    }
    p = sonde_values_put(encoder, p, walk, trees);
    return p != NULL ? put_front(encoder, p, walk, now, &trees->status) : NULL;
}

/* Which attributes are too many is known only at the first one, which is
 * written last: the rare record that has too many is written twice. */
int32_t sonde_encode_log(const sonde_encoder *encoder, sonde_encoded *out,
                         double now, const sonde_record *record) {
    sonde_trees trees = {.attribute_tag = SONDE_TAG_LOG_ATTRIBUTE,
                         .max_length = encoder->max_value_length};
    uint8_t *end = encoder->scratch + encoder->scratch_size;
    uint64_t replaced = *encoder->replaced;
    for (;;) {
        uint8_t *p = NULL;
        sonde_walk walk;
        int32_t status =
            sonde_walk_init(&walk, record, encoder->keys, encoder->max_text);
        if (status == SONDE_OK)
            status = check_header(&walk);
        if (status == SONDE_OK)
            p = put_log(encoder, end, &walk, &trees, now);
        if (p == NULL) {
            *encoder->replaced = replaced;
            return status != SONDE_OK ? status : trees.status;
        }
        if (trees.attributes <= encoder->max_attributes + trees.skip) {
            out->data = p;
            out->size = (uint32_t)(end - p);
            out->severity = sonde_walk_header(&walk, SONDE_HEADER_SEVERITY);
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
