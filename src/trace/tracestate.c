/* Owns the header tracestate: see sonde_trace.h. It is cut into views of its
 * entries, of which one, `ot`, is OpenTelemetry's and may be written anew; what
 * is left of them is then joined. */
#include "trace/trace.h"

enum {
    MAX_ENTRIES = 32,
    MAX_PART = 256,   /* characters of a key, of a value */
    LONG_ENTRY = 128, /* characters; longer ones are the first to go */
    OT = 3,           /* "ot=" */
    RANDOM = 14,      /* digits of `rv`, and of `th` at most */
    NEW_TH = 18,      /* ";th:" and its digits */
};

#define BAD_NUMBER UINT64_MAX

typedef struct {
    const char *text;
    size_t size; /* 0: there is none */
} view;

/* Entry 0 is an `ot` that was changed. */
typedef struct {
    view entries[1 + MAX_ENTRIES];
    size_t count; /* of entries that may be in use */
    size_t ot;    /* which one it is as it came, or 0 */
    char changed[OT + MAX_PART + NEW_TH];
} list;

static bool is_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_key_mark(char c) {
    return c == '_' || c == '-' || c == '*' || c == '/' || c == '@';
}

/* key=value, by the grammar; there is no comma in it and no white space around
 * it. */
static bool is_entry(view entry) {
    size_t equals = 0;
    for (size_t i = 0; i < entry.size; i++) {
        char c = entry.text[i];
        if (equals > 0) {
            if (c < ' ' || c > '~' || c == '=')
                return false;
        } else if (c == '=') {
            equals = i;
            if (i == 0)
                return false;
        } else if (!is_alnum(c) && (i == 0 || !is_key_mark(c))) {
            return false;
        }
    }
    size_t value = entry.size - equals - 1;
    return equals > 0 && equals <= MAX_PART && value > 0 && value <= MAX_PART;
}

static bool is_white(char c) { return c == ' ' || c == '\t'; }

static view trimmed(view v) {
    while (v.size > 0 && is_white(v.text[v.size - 1]))
        v.size--;
    for (; v.size > 0 && is_white(*v.text); v.size--)
        v.text++;
    return v;
}

/* Takes what is before the next `mark` off *rest, with the mark. */
static view cut(view *rest, char mark) {
    view first = {rest->text, 0};
    while (first.size < rest->size && first.text[first.size] != mark)
        first.size++;
    size_t taken = first.size + (first.size < rest->size);
    rest->text += taken;
    rest->size -= taken;
    return first;
}

static bool starts(view v, const char prefix[3]) {
    return v.size >= 3 && memcmp(v.text, prefix, 3) == 0;
}

static bool list_get(list *l, view rest) {
    l->count = 1;
    l->ot = 0;
    l->entries[0] = (view){rest.text, 0};
    while (rest.size > 0) {
        view entry = trimmed(cut(&rest, ','));
        if (entry.size == 0)
            continue;
        if (l->count > MAX_ENTRIES || !is_entry(entry))
            return false;
        if (starts(entry, "ot=")) {
            if (l->ot > 0)
                entry.size = 0; /* counted, and not kept */
            else
                l->ot = l->count;
        }
        l->entries[l->count++] = entry;
    }
    return true;
}

static int32_t list_put(list *l, char *to) {
    size_t total = 0; /* with a comma behind each */
    for (size_t i = 0; i < l->count; i++)
        total += l->entries[i].size + (l->entries[i].size > 0);
    for (size_t most = LONG_ENTRY; total > SONDE_TRACESTATE_SIZE + 1; most = 0)
        for (size_t i = l->count; i-- > 0;) {
            size_t size = l->entries[i].size;
            if (size > most && total > SONDE_TRACESTATE_SIZE + 1) {
                total -= size + 1;
                l->entries[i].size = 0;
            }
        }
    char *start = to;
    for (size_t i = 0; i < l->count; i++) {
        if (l->entries[i].size == 0)
            continue;
        if (to > start)
            *to++ = ',';
        memcpy(to, l->entries[i].text, l->entries[i].size);
        to += l->entries[i].size;
    }
    return (int32_t)(to - start);
}

/* ---- The entry `ot` ------------------------------------------------------ */

/* "th:8" as 56 bits, the digits being the first of them. */
static uint64_t number(view item) {
    uint64_t value = 0;
    if (item.size <= OT || item.size > OT + RANDOM)
        return BAD_NUMBER;
    for (size_t i = OT; i < OT + RANDOM; i++) {
        uint32_t digit = i < item.size ? sonde_trace_digit(item.text[i]) : 0;
        if (digit > 15)
            return BAD_NUMBER;
        value = value << 4 | digit;
    }
    return value;
}

/* Appends an item to the list of them. */
static void item_put(view *ot, char *to, view item) {
    if (item.size == 0)
        return;
    if (ot->size > OT)
        to[ot->size++] = ';';
    memcpy(to + ot->size, item.text, item.size);
    ot->size += item.size;
}

/* What is in `ot`: written anew in `changed` but for these two. */
typedef struct {
    view text;
    view th;
    view rv;
} ot_items;

static ot_items ot_get(list *l, view rest) {
    ot_items ot = {.text = {l->changed, OT}};
    memcpy(l->changed, "ot=", OT);
    while (rest.size > 0) {
        view item = cut(&rest, ';');
        if (starts(item, "th:"))
            ot.th = item;
        else if (starts(item, "rv:"))
            ot.rv = item;
        else
            item_put(&ot.text, l->changed, item);
    }
    return ot;
}

/* R; an `rv` that is none goes. */
static uint64_t ot_random(ot_items *ot, const uint8_t trace_id[16]) {
    uint64_t random = number(ot->rv);
    if (random != BAD_NUMBER && ot->rv.size == OT + RANDOM)
        return random;
    ot->rv.size = 0;
    return sonde_trace_random(trace_id);
}

/* The `th` of a parent goes unless it says what its flag does. */
static bool ot_check(ot_items *ot, uint64_t random, uint8_t flags) {
    bool kept = (flags & SONDE_TRACE_SAMPLED) != 0;
    uint64_t threshold = number(ot->th);
    if (threshold == BAD_NUMBER || (random >= threshold) != kept)
        ot->th.size = 0;
    return kept;
}

/* The `th` of a new span, if it is kept and there is room. */
static bool ot_decide(ot_items *ot, const sonde_sampler *sampler,
                      uint64_t random) {
    bool kept = random >= sampler->threshold;
    ot->th.text = sampler->text + OT;
    ot->th.size = kept ? sampler->text_size - OT : 0;
    if (ot->text.size + 1 + ot->th.size > OT + MAX_PART)
        ot->th.size = 0;
    return kept;
}

/* What was changed goes to the front; when it is new there, the last entry
 * makes room for it. */
static void ot_replace(list *l, view text) {
    l->entries[l->ot].size = 0;
    if (text.size == OT)
        return;
    if (l->ot == 0)
        l->entries[MAX_ENTRIES].size = 0;
    l->entries[0] = text;
}

static bool ot_edit(list *l, const sonde_sampler *sampler,
                    const sonde_span_context *parent) {
    view old = l->entries[l->ot];
    size_t start = old.size > 0 ? OT : 0;
    ot_items ot = ot_get(l, (view){old.text + start, old.size - start});
    uint64_t random = ot_random(&ot, parent->trace_id);
    item_put(&ot.text, l->changed, ot.rv);
    bool kept = sampler == NULL ? ot_check(&ot, random, parent->flags)
                                : ot_decide(&ot, sampler, random);
    item_put(&ot.text, l->changed, ot.th);
    if (ot.text.size != old.size || (sampler != NULL && ot.th.size > 0))
        ot_replace(l, ot.text);
    return kept;
}

int32_t sonde_tracestate_edit(const sonde_sampler *sampler, int32_t *kept,
                              char *to, const sonde_span_context *parent,
                              const char *text, size_t size) {
    list l;
    if (!list_get(&l, (view){text, size}))
        return SONDE_BAD_INPUT;
    *kept = ot_edit(&l, sampler, parent);
    return list_put(&l, to);
}

int32_t sonde_tracestate_get(char to[SONDE_TRACESTATE_SIZE],
                             const sonde_span_context *parent, const char *text,
                             size_t size) {
    int32_t kept;
    return sonde_tracestate_edit(NULL, &kept, to, parent, text, size);
}
