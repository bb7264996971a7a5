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

/* Smaller so: each has several callers. */
#define NOT_INLINED static __attribute__((noinline))

typedef struct {
    char *start; /* of the entries */
    char *end;
    uint32_t count;
    char *ot; /* NULL: there is none */
    char *ot_end;
} entries;

/* True if text starts with these three characters. Reads a fourth: what is
 * read has its mark behind it, and `to` more room behind that. */
static bool is_tag(const char *text, const char tag[4]) {
    uint32_t a = sonde_load32((const uint8_t *)text);
    return (a ^ sonde_load32((const uint8_t *)tag)) << 8 == 0;
}

/* ---- Entries ------------------------------------------------------------- */

static bool is_white(char c) { return c == ' ' || c == '\t'; }

static bool is_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* One of * - / @, which are bits here, or _ */
static bool is_mark(char c) {
    uint32_t bit = (uint8_t)c - (uint32_t)'*';
    return c == '_' || (bit < 32 && (0x400029u >> bit & 1) != 0);
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
    ptrdiff_t most = LONG_ENTRY + 1;
    for (char *p = end; end - start > SONDE_TRACESTATE_SIZE + 1;) {
        char *behind = p;
        if (p == start) {
            most = 0;
            p = end;
            continue;
        }
        do
            p--;
        while (p > start && p[-1] != ',');
        if (behind - p <= most)
            continue;
        memmove(p, behind, (size_t)(end - behind));
        end -= behind - p;
    }
    return end;
}

/* ---- The entry `ot` ------------------------------------------------------ */

typedef struct {
    const char *text;
    size_t size; /* 0: there is none */
} item;

/* The digits of an item as the first of 56 bits. */
NOT_INLINED uint64_t number(const char *text, size_t size) {
    uint64_t value = 0;
    if (size - TAG - 1 >= RANDOM)
        return BAD_NUMBER;
    for (size_t i = TAG; i < TAG + RANDOM; i++) {
        uint32_t digit = i < size ? sonde_trace_digit(text[i]) : 0;
        if (digit > 15)
            return BAD_NUMBER;
        value = value << 4 | digit;
    }
    return value;
}

/* A space must not end up at the end of `ot`. */
NOT_INLINED char *item_put(char *to, const char *text, size_t size) {
    if (size == 0 || text[size - 1] == ' ')
        return to;
    memcpy(to, text, size);
    to[size] = ';';
    return to + size + 1;
}

/* Writes all but `th` and `rv`. */
static char *items_get(char *to, const entries *e, item *th, item *rv) {
    memcpy(to, "ot=", TAG);
    to += TAG;
    for (const char *p = e->ot + TAG; p < e->ot_end; p++) {
        const char *text = p;
        while (*p != ';' && *p != ',')
            p++;
        size_t size = (size_t)(p - text);
        if (is_tag(text, "th:"))
            *th = (item){text, size};
        else if (is_tag(text, "rv:"))
            *rv = (item){text, size};
        else
            to = item_put(to, text, size);
    }
    return to;
}

/* The new `ot` in [to, p), with a comma, then the others, unless it is the old
 * one that stays where it is. Returns the end. */
static char *join(char *to, char *p, const entries *e, bool set) {
    const char *rest = e->ot_end;
    p[-1] = ',';
    if (p - to == TAG)
        p = to;
    if (p - to == rest - e->ot && !set) {
        p = to;
        rest = e->ot;
    }
    size_t before = (size_t)(e->ot - e->start),
           behind = (size_t)(e->end - rest);
    memmove(p, e->start, before);
    memmove(p + before, rest, behind);
    return entries_cut(to, p + before + behind);
}

/* The last entry makes room for a new one. */
static void entries_pop(entries *e) {
    do
        e->end--;
    while (e->end > e->start && e->end[-1] != ',');
    e->ot = e->ot_end = e->end;
}

/* Sets the `th` of the parent to none unless it says what the flag does. */
static void th_check(item *th, uint64_t random, uint8_t flags) {
    uint64_t threshold = number(th->text, th->size);
    if (threshold == BAD_NUMBER ||
        (random >= threshold) != (flags & SONDE_TRACE_SAMPLED))
        th->size = 0;
}

/* Sets the `th` of a new span if it is kept and `used` leaves room for it. */
static int32_t th_decide(item *th, const sonde_sampler *sampler,
                         uint64_t random, size_t used) {
    bool kept = random >= sampler->threshold;
    th->text = sampler->text + TAG;
    th->size = kept ? sampler->text_size - TAG : 0;
    if (used + th->size > TAG + MAX_PART)
        th->size = 0;
    return kept;
}

/* Both of what a tracestate is read for; without a sampler, for the parent.
 * Inlined, so that the other one costs nothing in the web module. */
static inline __attribute__((always_inline)) int32_t
edit(const sonde_sampler *sampler, int32_t *kept, char *to, size_t to_size,
     const sonde_span_context *parent, const char *text, size_t size) {
    if (to_size < SONDE_TRACESTATE_MORE ||
        to_size - SONDE_TRACESTATE_MORE < size)
        return SONDE_NO_SPACE;
    entries e = {.start = to + ROOM, .end = to + ROOM + size};
    memmove(e.start, text, size);
    *e.end = ',';
    if (!entries_get(&e))
        return SONDE_BAD_INPUT;
    if (e.ot == NULL)
        e.ot = e.ot_end = e.end;
    item th = {NULL, 0}, rv = {NULL, 0};
    char *p = items_get(to, &e, &th, &rv);
    uint64_t random = number(rv.text, rv.size);
    if (rv.size != TAG + RANDOM || random == BAD_NUMBER)
        random = sonde_trace_random(parent->trace_id);
    else
        p = item_put(p, rv.text, rv.size);
    if (sampler == NULL) {
        th_check(&th, random, parent->flags);
    } else {
        *kept = th_decide(&th, sampler, random, (size_t)(p - to));
        if (th.size > 0 && e.ot == e.end && e.count == MAX_ENTRIES)
            entries_pop(&e);
    }
    p = item_put(p, th.text, th.size);
    p = join(to, p, &e, sampler != NULL && th.size > 0);
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
