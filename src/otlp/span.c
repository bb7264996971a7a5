/* Owns Span, with its events and links. Fields are in the order of their
 * numbers, but for the counts of what was dropped: these come behind the links,
 * where the header is read anyway. */
#include "otlp/span.h"
#include "core/text.h"
#include "otlp/header.h"

enum {
    PARENT_DIGITS = 16,

    TAG_TRACE_ID = 0x0A, /* of spans and links */
    TAG_SPAN_ID = 0x12,
    TAG_TRACE_STATE = 0x1A,
    TAG_PARENT = 0x22,
    TAG_NAME = 0x2A,
    TAG_KIND = 0x30,
    TAG_START = 0x39,
    TAG_END = 0x41,
    TAG_DROPPED_ATTRIBUTES = 0x50,
    TAG_DROPPED_EVENTS = 0x60,
    TAG_DROPPED_LINKS = 0x70,
    TAG_STATUS = 0x7A,
    TAG_STATUS_MESSAGE = 0x12,
    TAG_STATUS_CODE = 0x18,
    TAG_FLAGS = 0x85, /* and a byte more: 16 */

    TAG_EVENT_TIME = 0x09,
    TAG_EVENT_NAME = 0x12,
    TAG_EVENT_DROPPED = 0x20,
    TAG_LINK_DROPPED = 0x28,
    TAG_LINK_FLAGS = 0x35
};

/* ---- Events and links -------------------------------------------------- */

uint8_t *sonde_part_tail(uint8_t *p, uint32_t type, const uint8_t *node,
                         uint32_t dropped) {
    uint32_t flags = sonde_load32(node + 8);
    if (type == SONDE_TYPE_EVENT)
        return sonde_count_put(p, TAG_EVENT_DROPPED, dropped);
    if (flags != 0)
        p = sonde_back_fixed(p, TAG_LINK_FLAGS, &flags, 4);
    return sonde_count_put(p, TAG_LINK_DROPPED, dropped);
}

static uint8_t *put_piece(const sonde_encoder *encoder, uint8_t *p, uint8_t tag,
                          const sonde_piece *text) {
    return text->size == 0 ? p : sonde_text_put(encoder, p, tag, text);
}

uint8_t *sonde_part_front(const sonde_encoder *encoder, uint8_t *p,
                          uint32_t type, const uint8_t *node,
                          const sonde_piece *text, int32_t *status) {
    uint32_t nanos = sonde_load32(node + 12); /* of a link, 0 */
    if (type == SONDE_TYPE_EVENT && nanos <= SONDE_MAX_NANOS) {
        uint64_t time = sonde_load32(node + 8) * UINT64_C(1000000000) + nanos;
        p = put_piece(encoder, p, TAG_EVENT_NAME, text);
        return p == NULL ? p : sonde_time_put(p, TAG_EVENT_TIME, time);
    }
    if (type == SONDE_TYPE_LINK && text->size >= SONDE_ID_DIGITS) {
        sonde_piece state = {text->data + SONDE_ID_DIGITS,
                             text->size - SONDE_ID_DIGITS, text->ascii};
        p = put_piece(encoder, p, TAG_TRACE_STATE, &state);
        if (p == NULL || !sonde_has_room(encoder, p, SONDE_FIXED_FIELDS))
            return NULL;
        p = sonde_ids_put(p, TAG_TRACE_ID, TAG_SPAN_ID, text->data);
        if (p != NULL)
            return p;
    }
    *status = SONDE_BAD_RECORD;
    return NULL;
}

/* ---- Spans ------------------------------------------------------------- */

static uint8_t *put_status(const sonde_encoder *encoder, uint8_t *p,
                           sonde_walk *walk, int32_t *status) {
    uint8_t *end = p;
    uint32_t code =
        sonde_walk_header(walk, SONDE_HEADER_KIND) >> SONDE_STATUS_SHIFT;
    p = sonde_count_put(p, TAG_STATUS_CODE, code);
    p = sonde_header_text(encoder, p, walk, SONDE_HEADER_STATUS_MESSAGE,
                          TAG_STATUS_MESSAGE, status);
    if (p == NULL || !sonde_has_room(encoder, p, SONDE_FIXED_FIELDS))
        return NULL;
    return sonde_count_put(p, TAG_STATUS, (uint64_t)(end - p)); /* its length */
}

uint8_t *sonde_span_tail(const sonde_encoder *encoder, uint8_t *p,
                         sonde_walk *walk, uint32_t dropped, int32_t *status) {
    uint32_t flags = sonde_walk_header(walk, SONDE_HEADER_TRACE_FLAGS);
    if (flags != 0) {
        p = sonde_back_fixed(p, 1, &flags, 4);
        *--p = TAG_FLAGS;
    }
    p = put_status(encoder, p, walk, status);
    if (p == NULL)
        return NULL;
    p = sonde_count_put(p, TAG_DROPPED_LINKS,
                        sonde_walk_header(walk, SONDE_HEADER_DROPPED_LINKS));
    p = sonde_count_put(p, TAG_DROPPED_EVENTS,
                        sonde_walk_header(walk, SONDE_HEADER_DROPPED_EVENTS));
    return sonde_count_put(p, TAG_DROPPED_ATTRIBUTES, dropped);
}

/* In the text: trace id, span id, trace state, parent's span id, name. */
static uint8_t *put_parent(uint8_t *p, sonde_walk *walk) {
    sonde_piece digits;
    uint8_t id[8];
    if (!(sonde_walk_header(walk, SONDE_HEADER_FLAGS) & SONDE_FLAG_PARENT))
        return p;
    if (sonde_walk_text(walk, PARENT_DIGITS, &digits) != SONDE_OK ||
        digits.size != PARENT_DIGITS || !sonde_id_get(id, digits.data, 8))
        return NULL;
    p = sonde_back_fixed(p, 8, id, 8);
    *--p = TAG_PARENT;
    return p;
}

static uint8_t *put_ids(const sonde_encoder *encoder, uint8_t *p,
                        sonde_walk *walk, int32_t *status) {
    *status = SONDE_BAD_RECORD;
    p = put_parent(p, walk);
    if (p == NULL)
        return NULL;
    *status = SONDE_TOO_LARGE;
    p = sonde_header_text(encoder, p, walk, SONDE_HEADER_TRACE_STATE,
                          TAG_TRACE_STATE, status);
    if (p == NULL || !sonde_has_room(encoder, p, SONDE_FIXED_FIELDS))
        return NULL;
    *status = SONDE_BAD_RECORD;
    if (walk->text_end - walk->text != SONDE_ID_DIGITS)
        return NULL;
    return sonde_ids_put(p, TAG_TRACE_ID, TAG_SPAN_ID, walk->text);
}

uint8_t *sonde_span_front(const sonde_encoder *encoder, uint8_t *p,
                          sonde_walk *walk, int32_t *status) {
    uint32_t kind = sonde_walk_header(walk, SONDE_HEADER_KIND);
    uint64_t start = sonde_header_time(walk, SONDE_HEADER_START);
    uint64_t end = sonde_header_time(walk, SONDE_HEADER_END);
    if (end < start) /* the clock went back: no duration is negative */
        end = start;
    p = sonde_time_put(p, TAG_END, end);
    p = sonde_time_put(p, TAG_START, start);
    p = sonde_count_put(p, TAG_KIND, kind & ((1 << SONDE_STATUS_SHIFT) - 1));
    p = sonde_header_text(encoder, p, walk, SONDE_HEADER_NAME, TAG_NAME,
                          status);
    if (p == NULL || !sonde_has_room(encoder, p, SONDE_FIXED_FIELDS))
        return NULL;
    return put_ids(encoder, p, walk, status);
}
