/* What the files that read OTLP JSON share. Each function gets where reading is
 * and returns where it goes on, or NULL once it has told what is wrong. */
#ifndef SONDE_REQUEST_JSON_H
#define SONDE_REQUEST_JSON_H

#include "core/json.h"
#include "otlp/request.h"

typedef const uint8_t *cursor;

static inline cursor fail(sonde_request *r, cursor p, const char *what) {
    sonde_request_fail(r, SONDE_BAD_INPUT, p, what);
    return NULL;
}

static inline cursor space(const sonde_request *r, cursor p) {
    while (p < r->end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
        p++;
    return p;
}

/* The byte at `p`, 0 at the end, which stands for no byte of JSON. */
static inline uint8_t byte_at(const sonde_request *r, cursor p) {
    return p < r->end ? *p : 0;
}

static inline bool is_word(const sonde_request *r, cursor p, const char *word,
                           size_t size) {
    return (size_t)(r->end - p) >= size && memcmp(p, word, size) == 0;
}

/* Where a number of JSON that begins at `p` ends at the latest. */
static inline cursor number_end(const sonde_request *r, cursor p) {
    while (p < r->end && ((*p >= '0' && *p <= '9') || *p == '-' || *p == '+' ||
                          *p == '.' || *p == 'e' || *p == 'E'))
        p++;
    return p;
}

/* What stands between the quotes. */
typedef struct {
    const uint8_t *data;
    size_t size;
    bool escaped; /* there is a backslash */
} text;

/* The longest name, number or id that is read when it has escapes: an id of
 * nothing else. */
enum { SCRATCH = 6 * 32 };

/* Takes the escapes out of what is no text; such are never needed. */
static inline bool unescape(text *s, uint8_t scratch[SCRATCH]) {
    if (!s->escaped)
        return true;
    if (s->size > SCRATCH)
        return false;
    s->size = sonde_json_unescape(scratch, SCRATCH, s->data, s->size);
    s->data = scratch;
    return true;
}

/* Reads a string from behind its first quote to behind its last. */
cursor sonde_request_string(sonde_request *r, cursor p, text *s);

/* Reads a value of kind STRING or BASE64 and writes it. */
cursor sonde_request_text(sonde_request *r, cursor p, sonde_request_frame *f,
                          const sonde_field_info *field);

/* The same of any scalar, and of a list of them. */
cursor sonde_request_scalar(sonde_request *r, cursor p, sonde_request_frame *f,
                            const sonde_field_info *field);
cursor sonde_request_list(sonde_request *r, cursor p, sonde_request_frame *f,
                          const sonde_field_info *field);

/* Passes over a value of any kind. */
cursor sonde_request_skip(sonde_request *r, cursor p);

#endif
