/* Host records from C: fills the words and text that sonde_emit takes, in
 * memory that the caller gives.
 *
 *     uint32_t words[256];
 *     uint8_t text[1024];
 *     sonde_build build;
 *     sonde_record record;
 *     sonde_build_init(&build, words, 256, text, sizeof text);
 *     sonde_build_log(&build, SONDE_FLAG_SEVERITY_NAME | SONDE_FLAG_NOW, 9, 0);
 *     sonde_build_string(&build, NULL, "hello", 5);          the body
 *     sonde_build_string(&build, "user.name", "Ada", 3);     an attribute
 *     if (sonde_build_done(&build, &record) >= 0)
 *         result = sonde_emit(ctx, SONDE_SIGNAL_LOGS, now, &record);
 *
 * The builder is sticky: when something does not fit, the rest does nothing
 * and sonde_build_done returns TOO_LARGE. Lengths are bytes; keys are NULL
 * for the body and for elements of arrays, otherwise zero-terminated. */
#ifndef SONDE_BUILD_H
#define SONDE_BUILD_H

#include "sonde.h"
#include "wasm/layout.h"

typedef struct {
    uint32_t *words;
    size_t word_count;
    uint8_t *text;
    size_t text_size;
    size_t used;
    uint32_t nodes;
    int32_t status;
} sonde_build;

void sonde_build_init(sonde_build *b, uint32_t *words, size_t word_count,
                      uint8_t *text, size_t text_size);

/* Starts a log record: SONDE_FLAG_SEVERITY_NAME and SONDE_FLAG_NOW or 0,
 * severity number 0 ... 24, id from sonde_scope_put. The body is the first
 * value without a key; the attributes follow it. For a resource, add the
 * attributes at once. */
void sonde_build_log(sonde_build *b, uint32_t flags, uint32_t severity,
                     uint32_t scope);

/* Only directly behind sonde_build_log: the text of the severity. */
void sonde_build_severity_text(sonde_build *b, const char *text, size_t size);

void sonde_build_time(sonde_build *b, uint32_t seconds, uint32_t nanoseconds);
void sonde_build_observed(sonde_build *b, uint32_t seconds,
                          uint32_t nanoseconds);
void sonde_build_dropped(sonde_build *b, uint32_t attributes);

void sonde_build_null(sonde_build *b, const char *key);
void sonde_build_string(sonde_build *b, const char *key, const char *text,
                        size_t size);
void sonde_build_bool(sonde_build *b, const char *key, bool value);
void sonde_build_int(sonde_build *b, const char *key, int64_t value);
void sonde_build_double(sonde_build *b, const char *key, double value);
void sonde_build_bytes(sonde_build *b, const char *key, const uint8_t *data,
                       size_t size);

/* The last `children` values become an array or a map; of a map, they have
 * keys. */
void sonde_build_array(sonde_build *b, const char *key, uint32_t children);
void sonde_build_map(sonde_build *b, const char *key, uint32_t children);

/* Only behind all values, in this order: 32 and 16 hexadecimal digits. */
void sonde_build_trace(sonde_build *b, const char trace_id[32],
                       const char span_id[16], uint32_t trace_flags);
void sonde_build_event_name(sonde_build *b, const char *name, size_t size);

/* Starts a span: kind 0 ... 5 and status code 0 ... 2, as OTLP numbers them, id
 * from sonde_scope_put. */
void sonde_build_span(sonde_build *b, uint32_t kind, uint32_t status,
                      uint32_t scope);

/* Directly behind it, in this order, where only the ids must be: 32 and 16
 * hexadecimal digits, with the span's flags; trace state; the parent's span
 * id, 16 digits; name. */
void sonde_build_ids(sonde_build *b, const char trace_id[32],
                     const char span_id[16], uint32_t flags);
void sonde_build_trace_state(sonde_build *b, const char *text, size_t size);
void sonde_build_parent(sonde_build *b, const char span_id[16]);
void sonde_build_name(sonde_build *b, const char *name, size_t size);

void sonde_build_start(sonde_build *b, uint32_t seconds, uint32_t nanoseconds);
void sonde_build_end(sonde_build *b, uint32_t seconds, uint32_t nanoseconds);

/* Beside sonde_build_dropped: events and links. */
void sonde_build_dropped_parts(sonde_build *b, uint32_t events, uint32_t links);

/* Behind the span's attributes: events, and behind these links. The last
 * `children` values, at most 65,535, are the attributes of the part. */
void sonde_build_event(sonde_build *b, const char *name, size_t size,
                       uint32_t seconds, uint32_t nanoseconds,
                       uint32_t children);
void sonde_build_link(sonde_build *b, const char trace_id[32],
                      const char span_id[16], const char *trace_state,
                      size_t size, uint32_t flags, uint32_t children);

/* Only behind all of these. */
void sonde_build_status_message(sonde_build *b, const char *text, size_t size);

/* Fills *record; it points into the builder's memory. */
SONDE_CHECKED int32_t sonde_build_done(sonde_build *b, sonde_record *record);

#endif
