/* JSON text: a string writer, and a bounded, iterative reader. */
#ifndef SONDE_JSON_H
#define SONDE_JSON_H

#include "core/bytes.h"

/* Writes `text` in quotes, escaped as JSON.stringify does; ill-formed UTF-8
 * becomes U+FFFD. */
void sonde_json_string(sonde_writer *w, const uint8_t *text, size_t size);

/* The same without the quotes. */
void sonde_json_escape(sonde_writer *w, const uint8_t *text, size_t size);

/* Bytes at the start of `text` that stand for themselves in a JSON string:
 * ASCII but no quote, backslash or control character. */
size_t sonde_json_plain(const uint8_t *text, size_t size);

/* Letters behind a backslash and what they mean; "/" is last, for nobody has
 * to write it so. */
extern const uint8_t sonde_json_escapes[8][2];

/* A pull reader. Each call of sonde_json_next gives one token; the reader
 * checks the whole grammar (RFC 8259), including UTF-8, depth and what is
 * behind the value. */
enum { SONDE_JSON_DEPTH = 64 };

typedef enum {
    SONDE_JSON_ERROR,
    SONDE_JSON_END,
    SONDE_JSON_OBJECT,
    SONDE_JSON_OBJECT_END,
    SONDE_JSON_ARRAY,
    SONDE_JSON_ARRAY_END,
    SONDE_JSON_KEY,
    SONDE_JSON_STRING,
    SONDE_JSON_NUMBER,
    SONDE_JSON_TRUE,
    SONDE_JSON_FALSE,
    SONDE_JSON_NULL
} sonde_json_token;

/* `text`, `size`: of KEY and STRING what is between the quotes, still
 * escaped (sonde_json_unescape); of NUMBER its digits. `depth` counts the
 * arrays and objects open after the token. */
typedef struct {
    const uint8_t *p;
    const uint8_t *end;
    const uint8_t *text;
    size_t size;
    uint32_t depth;
    uint64_t objects; /* bit i: level i + 1 is an object */
    uint8_t want;
} sonde_json;

void sonde_json_init(sonde_json *json, const uint8_t *text, size_t size);

sonde_json_token sonde_json_next(sonde_json *json);

/* Unescapes KEY or STRING text into `to`, whole characters only, at most
 * `size` bytes; a lone surrogate becomes U+FFFD. `to` may be `text` itself.
 * Returns the bytes written. */
size_t sonde_json_unescape(uint8_t *to, size_t size, const uint8_t *text,
                           size_t text_size);

/* Passes over the value whose first token was `token`; false on error. */
SONDE_MUST_CHECK bool sonde_json_skip(sonde_json *json, sonde_json_token token);

#endif
