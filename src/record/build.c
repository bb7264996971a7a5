/* Host records from C: see build.h. */
#include "record/build.h"
#include <string.h>

void sonde_build_init(sonde_build *b, uint32_t *words, size_t word_count,
                      uint8_t *text, size_t text_size) {
    memset(b, 0, sizeof *b);
    b->words = words;
    b->word_count = word_count;
    b->text = text;
    b->text_size = text_size;
    if (word_count < SONDE_HEADER_WORDS)
        b->status = SONDE_TOO_LARGE;
    else
        memset(words, 0, 4 * (size_t)SONDE_HEADER_WORDS);
}

static void put_header(sonde_build *b, uint32_t word, uint32_t value) {
    if (b->status == SONDE_OK)
        b->words[word] = value;
}

static void add_header(sonde_build *b, uint32_t word, uint32_t flag) {
    if (b->status == SONDE_OK)
        b->words[word] |= flag;
}

static void put_text(sonde_build *b, const void *text, size_t size) {
    if (b->status != SONDE_OK)
        return;
    if (size > b->text_size - b->used) {
        b->status = SONDE_TOO_LARGE;
        return;
    }
    if (size > 0)
        memcpy(b->text + b->used, text, size);
    b->used += size;
}

/* A text whose length is in the header. */
static void put_header_text(sonde_build *b, uint32_t word, const char *text,
                            size_t size) {
    put_header(b, word, (uint32_t)size);
    put_text(b, text, size);
}

void sonde_build_log(sonde_build *b, uint32_t flags, uint32_t severity,
                     uint32_t scope) {
    put_header(b, SONDE_HEADER_FLAGS, flags);
    put_header(b, SONDE_HEADER_SEVERITY, severity);
    put_header(b, SONDE_HEADER_SCOPE, scope);
}

void sonde_build_severity_text(sonde_build *b, const char *text, size_t size) {
    put_header_text(b, SONDE_HEADER_SEVERITY_TEXT, text, size);
}

void sonde_build_time(sonde_build *b, uint32_t seconds, uint32_t nanoseconds) {
    put_header(b, SONDE_HEADER_TIME, seconds);
    put_header(b, SONDE_HEADER_TIME + 1, nanoseconds);
}

void sonde_build_observed(sonde_build *b, uint32_t seconds,
                          uint32_t nanoseconds) {
    put_header(b, SONDE_HEADER_OBSERVED, seconds);
    put_header(b, SONDE_HEADER_OBSERVED + 1, nanoseconds);
}

void sonde_build_dropped(sonde_build *b, uint32_t attributes) {
    put_header(b, SONDE_HEADER_DROPPED, attributes);
}

/* A node of four words; `length` is that of the text which follows it. */
static void add_node(sonde_build *b, uint32_t first, size_t length,
                     uint64_t value) {
    size_t at = SONDE_HEADER_WORDS + (size_t)b->nodes * SONDE_NODE_WORDS;
    if (b->status != SONDE_OK)
        return;
    if (b->nodes == SONDE_MAX_NODES || b->word_count - at < SONDE_NODE_WORDS) {
        b->status = SONDE_TOO_LARGE;
        return;
    }
    b->words[at] = first;
    b->words[at + 1] = (uint32_t)length;
    b->words[at + 2] = (uint32_t)value;
    b->words[at + 3] = (uint32_t)(value >> 32);
    b->nodes++;
}

/* A value; its key's text comes in front of what the caller puts next. */
static void put_node(sonde_build *b, uint32_t type, const char *key,
                     uint64_t value) {
    size_t size = key != NULL ? strlen(key) : 0;
    add_node(b, type, size, value);
    put_text(b, key, size);
}

void sonde_build_null(sonde_build *b, const char *key) {
    put_node(b, SONDE_TYPE_NULL, key, 0);
}

void sonde_build_string(sonde_build *b, const char *key, const char *text,
                        size_t size) {
    put_node(b, SONDE_TYPE_STRING, key, size);
    put_text(b, text, size);
}

void sonde_build_bool(sonde_build *b, const char *key, bool value) {
    put_node(b, SONDE_TYPE_BOOL, key, value);
}

void sonde_build_int(sonde_build *b, const char *key, int64_t value) {
    put_node(b, SONDE_TYPE_INT64, key, (uint64_t)value);
}

void sonde_build_double(sonde_build *b, const char *key, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_node(b, SONDE_TYPE_DOUBLE, key, bits);
}

void sonde_build_bytes(sonde_build *b, const char *key, const uint8_t *data,
                       size_t size) {
    size_t length = size;
    for (size_t i = 0; i < size; i++)
        length += data[i] >= 0x80;
    put_node(b, SONDE_TYPE_BYTES, key, length);
    for (size_t i = 0; i < size; i++) {
        uint8_t pair[2] = {(uint8_t)(0xC0 | data[i] >> 6),
                           (uint8_t)(0x80 | (data[i] & 0x3F))};
        if (data[i] < 0x80)
            put_text(b, &data[i], 1);
        else
            put_text(b, pair, 2);
    }
}

void sonde_build_array(sonde_build *b, const char *key, uint32_t children) {
    put_node(b, SONDE_TYPE_ARRAY, key, children);
}

void sonde_build_map(sonde_build *b, const char *key, uint32_t children) {
    put_node(b, SONDE_TYPE_MAP, key, children);
}

void sonde_build_trace(sonde_build *b, const char trace_id[32],
                       const char span_id[16], uint32_t trace_flags) {
    add_header(b, SONDE_HEADER_FLAGS, SONDE_FLAG_TRACE);
    put_header(b, SONDE_HEADER_TRACE_FLAGS, trace_flags);
    put_text(b, trace_id, 32);
    put_text(b, span_id, 16);
}

void sonde_build_event_name(sonde_build *b, const char *name, size_t size) {
    put_header_text(b, SONDE_HEADER_EVENT_NAME, name, size);
}

/* ---- Spans ------------------------------------------------------------- */

void sonde_build_span(sonde_build *b, uint32_t kind, uint32_t status,
                      uint32_t scope) {
    put_header(b, SONDE_HEADER_KIND, kind | status << SONDE_STATUS_SHIFT);
    put_header(b, SONDE_HEADER_SCOPE, scope);
}

void sonde_build_ids(sonde_build *b, const char trace_id[32],
                     const char span_id[16], uint32_t flags) {
    put_header(b, SONDE_HEADER_TRACE_FLAGS, flags);
    put_text(b, trace_id, 32);
    put_text(b, span_id, 16);
}

void sonde_build_trace_state(sonde_build *b, const char *text, size_t size) {
    put_header_text(b, SONDE_HEADER_TRACE_STATE, text, size);
}

void sonde_build_parent(sonde_build *b, const char span_id[16]) {
    add_header(b, SONDE_HEADER_FLAGS, SONDE_FLAG_PARENT);
    put_text(b, span_id, 16);
}

void sonde_build_name(sonde_build *b, const char *name, size_t size) {
    put_header_text(b, SONDE_HEADER_NAME, name, size);
}

void sonde_build_start(sonde_build *b, uint32_t seconds, uint32_t nanoseconds) {
    put_header(b, SONDE_HEADER_START, seconds);
    put_header(b, SONDE_HEADER_START + 1, nanoseconds);
}

void sonde_build_end(sonde_build *b, uint32_t seconds, uint32_t nanoseconds) {
    put_header(b, SONDE_HEADER_END, seconds);
    put_header(b, SONDE_HEADER_END + 1, nanoseconds);
}

void sonde_build_dropped_parts(sonde_build *b, uint32_t events,
                               uint32_t links) {
    put_header(b, SONDE_HEADER_DROPPED_EVENTS, events);
    put_header(b, SONDE_HEADER_DROPPED_LINKS, links);
}

/* An event or a link. */
static void put_part(sonde_build *b, uint32_t type, uint32_t children,
                     size_t length, uint64_t value) {
    if (b->status == SONDE_OK && children > UINT16_MAX)
        b->status = SONDE_TOO_LARGE;
    add_node(b, type | children << SONDE_COUNT_SHIFT, length, value);
}

void sonde_build_event(sonde_build *b, const char *name, size_t size,
                       uint32_t seconds, uint32_t nanoseconds,
                       uint32_t children) {
    put_part(b, SONDE_TYPE_EVENT, children, size,
             seconds | (uint64_t)nanoseconds << 32);
    put_text(b, name, size);
}

void sonde_build_link(sonde_build *b, const char trace_id[32],
                      const char span_id[16], const char *trace_state,
                      size_t size, uint32_t flags, uint32_t children) {
    put_part(b, SONDE_TYPE_LINK, children, 48 + size, flags);
    put_text(b, trace_id, 32);
    put_text(b, span_id, 16);
    put_text(b, trace_state, size);
}

void sonde_build_status_message(sonde_build *b, const char *text, size_t size) {
    put_header_text(b, SONDE_HEADER_STATUS_MESSAGE, text, size);
}

/* ---- The end ------------------------------------------------------------ */

int32_t sonde_build_done(sonde_build *b, sonde_record *record) {
    put_header(b, SONDE_HEADER_NODES, b->nodes);
    put_header(b, SONDE_HEADER_TEXT, (uint32_t)b->used);
    add_header(b, SONDE_HEADER_FLAGS, SONDE_FLAG_BYTES);
    record->words = b->words;
    record->word_count =
        SONDE_HEADER_WORDS + (size_t)b->nodes * SONDE_NODE_WORDS;
    record->text = b->text;
    record->text_size = b->used;
    return b->status;
}
