/* Owns LogRecord and Resource. A record is encoded once, to its final bytes.
 *
 * nanopb is not used here: it writes forwards, so it sizes each nested message
 * by encoding it twice. The tests have it as an oracle. */
#include "otlp/encode.h"
#include "otlp/severity.h"
#include "core/text.h"
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

static void put_time(sonde_back *b, uint8_t tag, uint64_t time) {
    if (time == 0)
        return;
    sonde_back_fixed64(b, time);
    sonde_back_byte(b, tag);
}

static int32_t put_named_text(const sonde_encoder *encoder, sonde_back *b,
                              sonde_walk *walk, uint32_t word, uint8_t tag) {
    sonde_piece text;
    uint32_t length = sonde_walk_header(walk, word);
    if (length == 0)
        return SONDE_OK;
    int32_t status = sonde_walk_text(walk, length, &text);
    if (status == SONDE_OK)
        sonde_text_put(encoder, b, tag, &text);
    return status;
}

/* Ids only when they come from a real span: both, and not all zero. */
static int32_t put_trace(sonde_back *b, sonde_walk *walk, uint32_t flags) {
    static const uint8_t zero[16];
    uint8_t id[24];
    sonde_piece digits;
    if (!(flags & SONDE_FLAG_TRACE))
        return SONDE_OK;
    int32_t status = sonde_walk_text(walk, 48, &digits);
    if (status != SONDE_OK)
        return status;
    if (digits.size != 48 || !sonde_hex_get(id, digits.data, 24) ||
        memcmp(id, zero, 16) == 0 || memcmp(id + 16, zero, 8) == 0)
        return SONDE_BAD_RECORD;
    sonde_back_put(b, id + 16, 8);
    sonde_back_byte(b, 8);
    sonde_back_byte(b, TAG_SPAN_ID);
    sonde_back_put(b, id, 16);
    sonde_back_byte(b, 16);
    sonde_back_byte(b, TAG_TRACE_ID);
    uint32_t trace_flags = sonde_walk_header(walk, SONDE_HEADER_TRACE_FLAGS);
    if (trace_flags == 0)
        return SONDE_OK;
    sonde_back_fixed32(b, trace_flags & 0xFF);
    sonde_back_byte(b, TAG_FLAGS);
    return SONDE_OK;
}

/* The fields behind the attributes. */
static int32_t put_tail(const sonde_encoder *encoder, sonde_back *b,
                        sonde_walk *walk, double now) {
    uint32_t flags = sonde_walk_header(walk, SONDE_HEADER_FLAGS);
    int32_t status = put_named_text(encoder, b, walk, SONDE_HEADER_EVENT_NAME,
                                    TAG_EVENT_NAME);
    if (status != SONDE_OK)
        return status;
    if (!sonde_back_room(b, FIXED_FIELDS, SONDE_TOO_LARGE))
        return b->status;
    uint64_t observed = header_time(walk, SONDE_HEADER_OBSERVED);
    if (observed == 0 || (flags & SONDE_FLAG_NOW))
        observed = nanoseconds(now);
    put_time(b, TAG_OBSERVED, observed);
    return put_trace(b, walk, flags);
}

static void put_severity(const sonde_encoder *encoder, sonde_back *b,
                         uint32_t severity, bool named) {
    if (named && severity > 0) {
        uint8_t name[6];
        sonde_piece text = {name, sonde_severity_name(name, severity), true};
        sonde_text_put(encoder, b, TAG_SEVERITY_TEXT, &text);
    }
    if (severity > 0 && sonde_back_room(b, 2, SONDE_TOO_LARGE)) {
        sonde_back_byte(b, (uint8_t)severity);
        sonde_back_byte(b, TAG_SEVERITY);
    }
}

/* The fields in front of the body. */
static int32_t put_front(const sonde_encoder *encoder, sonde_back *b,
                         sonde_walk *walk, double now) {
    uint32_t flags = sonde_walk_header(walk, SONDE_HEADER_FLAGS);
    uint32_t severity = sonde_walk_header(walk, SONDE_HEADER_SEVERITY);
    int32_t status = put_named_text(encoder, b, walk,
                                    SONDE_HEADER_SEVERITY_TEXT,
                                    TAG_SEVERITY_TEXT);
    if (status != SONDE_OK)
        return status;
    put_severity(encoder, b, severity, flags & SONDE_FLAG_SEVERITY_NAME);
    if (!sonde_back_room(b, FIXED_FIELDS, SONDE_TOO_LARGE))
        return b->status;
    uint64_t time = flags & SONDE_FLAG_NOW
                        ? nanoseconds(now)
                        : header_time(walk, SONDE_HEADER_TIME);
    put_time(b, TAG_TIME, time);
    return walk->text_end == walk->text ? SONDE_OK : SONDE_BAD_RECORD;
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

static int32_t put_log(const sonde_encoder *encoder, sonde_back *b,
                       sonde_walk *walk, sonde_trees *trees, double now) {
    int32_t status = put_tail(encoder, b, walk, now);
    if (status != SONDE_OK)
        return status;
    uint64_t dropped = trees->skip;
    dropped += sonde_walk_header(walk, SONDE_HEADER_DROPPED);
    if (dropped > 0) {
        sonde_back_varint(b, dropped > UINT32_MAX ? UINT32_MAX : dropped);
        sonde_back_byte(b, TAG_DROPPED);
    }
    status = sonde_values_put(encoder, b, walk, trees);
    if (status != SONDE_OK)
        return status;
    return put_front(encoder, b, walk, now);
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
        sonde_back b = {encoder->scratch, end, SONDE_OK};
        sonde_walk walk;
        int32_t status =
            sonde_walk_init(&walk, record, encoder->keys, encoder->max_text);
        if (status == SONDE_OK)
            status = check_header(&walk);
        if (status == SONDE_OK)
            status = put_log(encoder, &b, &walk, &trees, now);
        if (status == SONDE_OK)
            status = b.status;
        if (status != SONDE_OK) {
            *encoder->replaced = replaced;
            return status;
        }
        if (trees.attributes <= encoder->max_attributes + trees.skip) {
            out->data = b.p;
            out->size = (uint32_t)(end - b.p);
            out->severity = sonde_walk_header(&walk, SONDE_HEADER_SEVERITY);
            out->scope = sonde_walk_header(&walk, SONDE_HEADER_SCOPE);
            return SONDE_OK;
        }
        *encoder->replaced = replaced;
        trees.skip = trees.attributes - encoder->max_attributes;
    }
}

int32_t sonde_encode_resource(const sonde_encoder *encoder, sonde_encoded *out,
                              const sonde_record *record) {
    sonde_trees trees = {.attribute_tag = SONDE_TAG_RESOURCE_ATTRIBUTE};
    uint8_t *end = encoder->scratch + encoder->scratch_size;
    sonde_back b = {encoder->scratch, end, SONDE_OK};
    sonde_walk walk;
    int32_t status =
        sonde_walk_init(&walk, record, encoder->keys, encoder->max_text);
    if (status == SONDE_OK)
        status = sonde_values_put(encoder, &b, &walk, &trees);
    if (status == SONDE_OK)
        status = b.status;
    if (status != SONDE_OK)
        return status;
    if (trees.body || walk.text_end != walk.text)
        return SONDE_BAD_RECORD;
    out->data = b.p;
    out->size = (uint32_t)(end - b.p);
    return SONDE_OK;
}
