/* Owns the header tracestate: see sonde_trace.h. It is first written without
 * what means nothing, each entry with a comma behind it that marks its end.
 * Then the entry `ot`, which is OpenTelemetry's, is written anew beside it and
 * goes to the front if that changed it. Then what is too much goes. */
#include "trace/trace.h"

enum {
    MAX_ENTRIES = 32,
    MAX_PART = 256,   /* characters of a key, of a value */
    LONG_ENTRY = 128, /* characters; longer ones are the first to go */
    TAG = 3,          /* characters of "ot=", "th:", "rv:" */
    RANDOM = 14,      /* digits of `rv`, and of `th` at most */
    NEW_TH = 18,      /* ";th:" and its digits */
};

#define BAD_NUMBER UINT64_MAX

/* Sizes of entries are with the comma. */
typedef struct {
    char *to;
    size_t size;
    uint32_t count;
    char *ot; /* where it is, or the end */
    size_t ot_size;
    const char *th;
    size_t th_size;
    char *changed_end;
    char changed[TAG + MAX_PART + NEW_TH + 1];
} state;

/* At least three characters and a mark follow. */
static bool is_tag(const char *text, const char tag[3]) {
    return memcmp(text, tag, TAG) == 0;
}

/* ---- Entries ------------------------------------------------------------- */

static bool is_white(char c) { return c == ' ' || c == '\t'; }

static bool is_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_mark(char c) {
    return c == '_' || c == '-' || c == '*' || c == '/' || c == '@';
}

/* What has been written ends here; returns where the next entry goes, or NULL
 * if this is none. */
static char *entry_end(state *s, char *start, const char *equals, char *end) {
    while (end > start && is_white(end[-1]))
        end--;
    if (end == start)
        return end;
    /* There is at least one character of a key, and the value is no longer
     * than the entry without one. */
    if (equals == NULL || equals - start > MAX_PART ||
        (size_t)(end - equals) - 2 >= MAX_PART || s->count++ == MAX_ENTRIES)
        return NULL;
    *end++ = ',';
    if (!is_tag(start, "ot="))
        return end;
    if (s->ot_size > 0)
        return start; /* the first one is the last that was written */
    s->ot = start;
    s->ot_size = (size_t)(end - start);
    return end;
}

static bool entries_get(state *s, const char *text, size_t size) {
    char *start = s->to, *p = start, *equals = NULL;
    bool tab = false;
    for (size_t i = 0; i <= size; i++) {
        char c = i < size ? text[i] : ',';
        if (c == ',') {
            p = start = entry_end(s, start, equals, p);
            if (p == NULL)
                return false;
            equals = NULL;
            tab = false;
            continue;
        }
        if (p == start && is_white(c))
            continue;
        if (equals != NULL) {
            if (c == '\t')
                tab = true; /* good if nothing but white space follows */
            else if (c < ' ' || c > '~' || c == '=' || (tab && c != ' '))
                return false;
        } else if (p > start && c == '=') {
            equals = p;
        } else if (!is_alnum(c) && (p == start || !is_mark(c))) {
            return false;
        }
        *p++ = c;
    }
    s->size = (size_t)(p - s->to);
    return true;
}

/* Whole entries go, from the end, the long ones first. */
static void entries_cut(state *s) {
    while (s->size > SONDE_TRACESTATE_SIZE + 1) {
        char *end = s->to + s->size, *gone = end;
        size_t gone_size = 0, most = 0;
        for (char *p = s->to; p < end;) {
            char *start = p;
            while (*p++ != ',') {
            }
            size_t size = (size_t)(p - start);
            if (size <= most)
                continue;
            gone = start;
            gone_size = size;
            if (size > LONG_ENTRY + 1)
                most = LONG_ENTRY + 1;
        }
        s->size -= gone_size;
        memmove(gone, gone + gone_size, (size_t)(end - gone) - gone_size);
    }
}

/* ---- The entry `ot` ------------------------------------------------------ */

/* The digits of an item as the first of 56 bits. */
static uint64_t number(const char *item, size_t size) {
    uint64_t value = 0;
    if (size - TAG - 1 >= RANDOM)
        return BAD_NUMBER;
    for (size_t i = TAG; i < TAG + RANDOM; i++) {
        uint32_t digit = i < size ? sonde_trace_digit(item[i]) : 0;
        if (digit > 15)
            return BAD_NUMBER;
        value = value << 4 | digit;
    }
    return value;
}

static void item_put(state *s, const char *item, size_t size) {
    if (size == 0)
        return;
    memcpy(s->changed_end, item, size);
    s->changed_end += size;
    *s->changed_end++ = ';';
}

/* Writes all but `th`, and returns R. */
static uint64_t ot_get(state *s, const uint8_t trace_id[16]) {
    const char *rv = NULL, *end = s->ot + s->ot_size;
    size_t rv_size = 0;
    s->changed_end = s->changed;
    s->th_size = 0;
    memcpy(s->changed, "ot=", TAG);
    s->changed_end += TAG;
    for (const char *p = s->ot + TAG; p < end; p++) {
        const char *item = p;
        while (*p != ';' && *p != ',')
            p++;
        size_t size = (size_t)(p - item);
        if (size >= TAG && is_tag(item, "th:")) {
            s->th = item;
            s->th_size = size;
        } else if (size >= TAG && is_tag(item, "rv:")) {
            rv = item;
            rv_size = size;
        } else {
            item_put(s, item, size);
        }
    }
    uint64_t random = number(rv, rv_size);
    if (rv_size != TAG + RANDOM || random == BAD_NUMBER)
        return sonde_trace_random(trace_id);
    item_put(s, rv, rv_size);
    return random;
}

/* Puts the new `ot`, with its `th`, to the front if it is another one. */
static void ot_put(state *s, bool set) {
    item_put(s, s->th, s->th_size);
    s->changed_end[-1] = ',';
    size_t size = (size_t)(s->changed_end - s->changed);
    if (size == TAG)
        size = 0;
    if (size == s->ot_size && !set)
        return;
    char *end = s->to + s->size, *rest = s->ot + s->ot_size;
    memmove(s->ot + size, rest, (size_t)(end - rest));
    memmove(s->to + size, s->to, (size_t)(s->ot - s->to));
    memcpy(s->to, s->changed, size);
    s->size += size - s->ot_size;
}

static int32_t state_done(state *s) {
    entries_cut(s);
    return (int32_t)(s->size - (s->size > 0)); /* without the last comma */
}

int32_t sonde_tracestate_get(char *to, size_t to_size,
                             const sonde_span_context *parent, const char *text,
                             size_t size) {
    state s = {.to = to};
    if (to_size < size + SONDE_TRACESTATE_MORE)
        return SONDE_NO_SPACE;
    if (!entries_get(&s, text, size))
        return SONDE_BAD_INPUT;
    if (s.ot_size > 0) {
        uint64_t random = ot_get(&s, parent->trace_id);
        uint64_t threshold = number(s.th, s.th_size);
        if (threshold == BAD_NUMBER ||
            (random >= threshold) != (parent->flags & SONDE_TRACE_SAMPLED))
            s.th_size = 0;
        ot_put(&s, false);
    }
    return state_done(&s);
}

/* ---- Decisions ----------------------------------------------------------- */

/* The last entry makes room for a new one. */
static void entries_pop(state *s) {
    do
        s->size--;
    while (s->size > 0 && s->to[s->size - 1] != ',');
}

int32_t sonde_sampler_decide(const sonde_sampler *sampler, int32_t *kept,
                             char *to, size_t to_size,
                             const sonde_span_context *parent, const char *text,
                             size_t size) {
    state s = {.to = to};
    if (to_size < size + SONDE_TRACESTATE_MORE)
        return SONDE_NO_SPACE;
    if (!entries_get(&s, text, size))
        return SONDE_BAD_INPUT;
    s.ot = s.ot_size > 0 ? s.ot : to;
    *kept = ot_get(&s, parent->trace_id) >= sampler->threshold;
    s.th = sampler->text + TAG;
    s.th_size = *kept ? sampler->text_size - TAG : 0;
    if ((size_t)(s.changed_end - s.changed) + s.th_size > TAG + MAX_PART)
        s.th_size = 0;
    if (s.ot_size == 0 && s.th_size > 0 && s.count == MAX_ENTRIES)
        entries_pop(&s);
    ot_put(&s, s.th_size > 0);
    return state_done(&s);
}
