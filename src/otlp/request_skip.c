/* Owns passing over values of OTLP JSON that nobody knows or that a limit
 * leaves out: all of the grammar is checked, to a depth, with a bit a level. */
#include "core/number.h"
#include "otlp/request_json.h"

enum { SKIP_DEPTH = 512 };

/* Arrays and objects that are open while a value is passed over. */
typedef struct {
    uint8_t objects[SKIP_DEPTH / 8]; /* bit n: level n is an object */
    uint32_t depth;
} skipped;

static bool skip_push(skipped *s, bool object) {
    uint8_t bit = (uint8_t)(1u << (s->depth & 7));
    if (s->depth == SKIP_DEPTH)
        return false;
    uint8_t *at = &s->objects[s->depth++ >> 3];
    *at = (uint8_t)(object ? *at | bit : *at & ~bit);
    return true;
}

static bool skip_in_object(const skipped *s) {
    uint32_t level = s->depth - 1;
    return s->depth > 0 && (s->objects[level >> 3] >> (level & 7) & 1);
}

static cursor skip_word(sonde_request *r, cursor p) {
    uint64_t value;
    bool negative;
    if (is_word(r, p, "null", 4))
        return p + 4;
    if (is_word(r, p, "true", 4))
        return p + 4;
    if (is_word(r, p, "false", 5))
        return p + 5;
    cursor end = number_end(r, p);
    bool fits = sonde_whole_get(&value, &negative, p, (size_t)(end - p)) !=
                SONDE_NUMBER_BAD; /* it only looks at the grammar then */
    return fits ? end : fail(r, p, "not a value");
}

/* From the quote of a name to the value. */
static cursor skip_name(sonde_request *r, cursor p) {
    text s;
    if (byte_at(r, p) != '"')
        return fail(r, p, "not a name");
    p = sonde_request_string(r, p + 1, &s);
    if (p == NULL)
        return NULL;
    p = space(r, p);
    return byte_at(r, p) == ':' ? space(r, p + 1)
                                : fail(r, p, "no colon behind a name");
}

/* Ends what is open as long as ends come; then on to the next value. */
static cursor skip_ends(sonde_request *r, cursor p, skipped *s) {
    while (s->depth > 0) {
        bool object = skip_in_object(s);
        p = space(r, p);
        uint8_t c = byte_at(r, p);
        if (c == ',') {
            p = space(r, p + 1);
            return object ? skip_name(r, p) : p;
        }
        if (c != (object ? '}' : ']'))
            return fail(r, p, "neither a comma nor an end");
        p++;
        s->depth--;
    }
    return p;
}

cursor sonde_request_skip(sonde_request *r, cursor p) {
    skipped s;
    text ignored;
    s.depth = 0;
    do {
        uint8_t c = byte_at(r, p);
        if (c == '{' || c == '[') {
            if (!skip_push(&s, c == '{')) {
                sonde_request_fail(r, SONDE_TOO_DEEP, p,
                                   "unknown values are nested over 512 deep");
                return NULL;
            }
            p = space(r, p + 1);
            if (byte_at(r, p) != c + 2) { /* in ASCII, the end of either */
                p = c == '{' ? skip_name(r, p) : p;
                if (p == NULL)
                    return NULL;
                continue;
            }
        } else {
            p = c == '"' ? sonde_request_string(r, p + 1, &ignored)
                         : skip_word(r, p);
            if (p == NULL)
                return NULL;
        }
        p = skip_ends(r, p, &s);
    } while (p != NULL && s.depth > 0);
    return p;
}
