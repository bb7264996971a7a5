/* Owns the header tracestate: see sonde_trace.h. It is worked on in the
 * caller's memory, behind some room. First it is written without what means
 * nothing, each entry with a comma that marks its end. Then the entry `ot`,
 * which is OpenTelemetry's, is written anew in that room. Then what is too much
 * goes, and the rest moves together. No table of the entries: this is in the
 * web module, where each byte counts. */
#include "trace/trace.h"

enum {
    MAX_ENTRIES = 32,
    MAX_PART = 256,   /* characters of a key, of a value */
    LONG_ENTRY = 128, /* characters; longer ones are the first to go */
    TAG = 3,          /* characters of "ot=", "th:", "rv:" */
    RANDOM = 14,      /* digits of `rv`, and of `th` at most */
    ROOM = 280,       /* an `ot` and a new `th` */
};

#define BAD_NUMBER UINT64_MAX

typedef struct {
    char *start; /* of the entries */
    char *end;
    uint32_t count;
    char *ot; /* NULL: there is none */
    char *ot_end;
} entries;

/* At least three characters and a mark follow. */
static bool is_tag(const char *text, const char tag[4]) {
    uint32_t a = sonde_load32((const uint8_t *)text);
    return (a ^ sonde_load32((const uint8_t *)tag)) << 8 == 0;
}

/* ---- Entries ------------------------------------------------------------- */

static bool is_white(char c) { return c == ' ' || c == '\t'; }

static bool is_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_mark(char c) {
    return c == '_' || c == '-' || c == '*' || c == '/' || c == '@';
}

/* An entry of which this has been written is over. Returns where the next one
 * goes, or NULL if this is none. */
static char *entry_end(entries *e, char *start, const char *equals, char *p) {
    while (p > start && p[-1] == ' ')
        p--;
    if (p == start)
        return p;
    /* What is before equals is at least a character. */
    if (equals == NULL || equals - start > MAX_PART ||
        (size_t)(p - equals) - 2 >= MAX_PART || e->count++ == MAX_ENTRIES)
        return NULL;
    *p++ = ',';
    if (!is_tag(start, "ot="))
        return p;
    if (e->ot != NULL)
        return start; /* the first one is the newest */
    e->ot = start;
    e->ot_end = p;
    return p;
}

/* There is a comma at e->end, too. */
static bool entries_get(entries *e) {
    char *start = e->start, *p = start, *equals = NULL;
    for (const char *from = start; from <= e->end; from++) {
        char c = *from;
        if (c == ',') {
            p = start = entry_end(e, start, equals, p);
            if (p == NULL)
                return false;
            equals = NULL;
            continue;
        }
        if (p == start && is_white(c))
            continue;
        if (equals != NULL) {
            if (c == '\t') { /* white space is all that may follow */
                while (is_white(*from))
                    from++;
                if (*from-- != ',')
                    return false;
                continue;
            }
            if (c < ' ' || c > '~' || c == '=')
                return false;
        } else if (p > start && c == '=') {
            equals = p;
        } else if (!is_alnum(c) && (p == start || !is_mark(c))) {
            return false;
        }
        *p++ = c;
    }
    e->end = p;
    return true;
}

/* Whole entries go, from the end, the long ones first. */
static char *entries_cut(const char *start, char *end) {
    for (ptrdiff_t most = LONG_ENTRY + 1;
         end - start > SONDE_TRACESTATE_SIZE + 1; most = 0) {
        for (char *p = end;
             p > start && end - start > SONDE_TRACESTATE_SIZE + 1;) {
            char *behind = p;
            do
                p--;
            while (p > start && p[-1] != ',');
            if (behind - p <= most)
                continue;
            memmove(p, behind, (size_t)(end - behind));
            end -= behind - p;
        }
    }
    return end;
}

/* ---- The entry `ot` ------------------------------------------------------ */

typedef struct {
    const char *text;
    size_t size; /* 0: there is none */
} item;

/* The digits of an item as the first of 56 bits. */
static uint64_t number(item i) {
    uint64_t value = 0;
    if (i.size - TAG - 1 >= RANDOM)
        return BAD_NUMBER;
    for (size_t at = TAG; at < TAG + RANDOM; at++) {
        uint32_t digit = at < i.size ? sonde_trace_digit(i.text[at]) : 0;
        if (digit > 15)
            return BAD_NUMBER;
        value = value << 4 | digit;
    }
    return value;
}

static char *item_put(char *to, item i) {
    if (i.size == 0)
        return to;
    memcpy(to, i.text, i.size);
    to[i.size] = ';';
    return to + i.size + 1;
}

/* Writes all but `th` and `rv`. */
static char *items_get(char *to, const entries *e, item *th, item *rv) {
    memcpy(to, "ot=", TAG);
    to += TAG;
    for (const char *p = e->ot + TAG; p < e->ot_end; p++) {
        item i = {p, 0};
        while (*p != ';' && *p != ',')
            p++;
        i.size = (size_t)(p - i.text);
        if (i.size >= TAG && is_tag(i.text, "th:"))
            *th = i;
        else if (i.size >= TAG && is_tag(i.text, "rv:"))
            *rv = i;
        else
            to = item_put(to, i);
    }
    return to;
}

/* Both of what a tracestate is read for. Inlined for the one that the web
 * module has no use for not to cost anything there. */
static inline __attribute__((always_inline)) int32_t
edit(const sonde_sampler *sampler, int32_t *kept, char *to, size_t to_size,
     const sonde_span_context *parent, const char *text, size_t size) {
    entries e = {.start = to + ROOM, .end = to + ROOM + size};
    if (to_size < size + SONDE_TRACESTATE_MORE)
        return SONDE_NO_SPACE;
    memmove(e.start, text, size);
    *e.end = ',';
    if (!entries_get(&e))
        return SONDE_BAD_INPUT;
    if (e.ot == NULL)
        e.ot = e.ot_end = e.end;
    item th = {NULL, 0}, rv = {NULL, 0};
    char *p = items_get(to, &e, &th, &rv);
    uint64_t random = number(rv);
    if (rv.size != TAG + RANDOM || random == BAD_NUMBER)
        random = sonde_trace_random(parent->trace_id);
    else
        p = item_put(p, rv);
    if (sampler != NULL) {
        *kept = random >= sampler->threshold;
        th.text = sampler->text + TAG;
        th.size = *kept ? sampler->text_size - TAG : 0;
        if ((size_t)(p - to) + th.size > TAG + MAX_PART)
            th.size = 0;
        if (e.ot == e.end && th.size > 0 && e.count == MAX_ENTRIES) {
            do
                e.end--;
            while (e.end > e.start && e.end[-1] != ',');
            e.ot = e.ot_end = e.end;
        }
    } else {
        uint64_t threshold = number(th);
        if (threshold == BAD_NUMBER ||
            (random >= threshold) != (parent->flags & SONDE_TRACE_SAMPLED))
            th.size = 0;
    }
    p = item_put(p, th);
    p[-1] = ',';
    if (p - to == TAG)
        p = to;
    if (p - to == e.ot_end - e.ot && (sampler == NULL || th.size == 0)) {
        p = to;
        e.ot_end = e.ot;
    }
    memmove(p, e.start, (size_t)(e.ot - e.start));
    p += e.ot - e.start;
    memmove(p, e.ot_end, (size_t)(e.end - e.ot_end));
    p = entries_cut(to, p + (e.end - e.ot_end));
    return (int32_t)(p - to - (p > to)); /* without the last comma */
}

int32_t sonde_tracestate_get(char *to, size_t to_size,
                             const sonde_span_context *parent, const char *text,
                             size_t size) {
    return edit(NULL, NULL, to, to_size, parent, text, size);
}

int32_t sonde_sampler_decide(const sonde_sampler *sampler, int32_t *kept,
                             char *to, size_t to_size,
                             const sonde_span_context *parent, const char *text,
                             size_t size) {
    return edit(sampler, kept, to, to_size, parent, text, size);
}
