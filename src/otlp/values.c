/* Owns the nodes of a host record: each is checked and written as AnyValue in
 * one step, which keeps both in registers. They come from the last to the
 * first, so an array or map is met before its children: a level is opened there
 * and closed, with its length known, when its last child has been written.
 *
 * A key may come twice in a map; the last one wins, which here is the one met
 * first. The later ones are written like any other and then taken back: that
 * is one assignment, and the text they own is consumed all the same. */
#include "otlp/values.h"
#include "otlp/span.h"

/* Parts of one loop, whose variables stay in registers: calls would cost a
 * third of the time. */
#define LOOP static inline __attribute__((always_inline))

/* A key's text. Of an interned one, the whole field, `wire_size` bytes, ends
 * where the text does. */
typedef struct {
    const uint8_t *data;
    uint32_t size;
    uint32_t wire_size; /* 0: not interned */
    bool ascii;
} key;

/* An open array or map, an event or link of a span, or the record itself
 * (level 0). */
typedef struct {
    uint8_t *end;  /* its content reaches to here when it closes */
    uint32_t left; /* children still to come */
    uint32_t seen; /* its keys start at this place of `seen` */
    uint32_t keep; /* children beyond the first so many are left out */
    uint32_t type;
    uint8_t tag;  /* of its entries */
    uint8_t bare; /* of values without a key, where these may be */
    bool drop;    /* take it back when it closes */
    const uint8_t *node;
    key key;
} level;

/* What the loop holds in registers: no function that is called has its
 * address. */
typedef struct {
    const sonde_encoder *encoder;
    sonde_walk *walk;
    sonde_trees *trees;
    level *levels;
    level *top;
    uint32_t seen; /* keys of all open maps */
    uint32_t last; /* the type of the last event or link; 0: none any more */
    uint32_t attributes;
    bool plain;   /* strings go as they are */
    bool spelled; /* some key is not interned */
} state;

LOOP uint8_t *fail(const state *s, int32_t status) {
    s->trees->status = status;
    return NULL;
}

LOOP uint8_t *put_text(const state *s, uint8_t *p, uint32_t type,
                       uint32_t length) {
    sonde_walk *walk = s->walk;
    if (!s->plain || type == SONDE_TYPE_BYTES)
        return sonde_odd_put(s->encoder, p, walk, s->trees,
                             type == SONDE_TYPE_BYTES, length);
    if (length > (uint32_t)(walk->text_end - walk->text))
        return fail(s, SONDE_BAD_RECORD);
    walk->text_end -= length;
    if (!sonde_has_room(s->encoder, p, length))
        return NULL;
    return sonde_back_head(sonde_back_put(p, walk->text_end, length), p, 0x0A);
}

/* INT travels as a double; 2^63 itself is out of range. */
LOOP uint8_t *put_int(const state *s, uint8_t *p, const uint8_t *at) {
    const double limit = 9223372036854775808.0;
    double value = sonde_load_double(at);
    if (!(value >= -limit && value < limit))
        return fail(s, SONDE_BAD_RECORD);
    int64_t whole = (int64_t)value;
    if ((double)whole != value)
        return fail(s, SONDE_BAD_RECORD);
    p = sonde_back_varint(p, (uint64_t)whole);
    *--p = 0x18;
    return p;
}

/* The content of an AnyValue. Zero values are written too: presence in a
 * oneof is what says which kind of value it is. */
LOOP uint8_t *put_scalar(const state *s, uint8_t *p, uint32_t type,
                         const uint8_t *at) {
    uint32_t low = sonde_load32(at);
    switch (type) {
    case SONDE_TYPE_STRING:
    case SONDE_TYPE_BYTES:
        return put_text(s, p, type, low);
    case SONDE_TYPE_BOOL:
        if (low > 1)
            return fail(s, SONDE_BAD_RECORD);
        *--p = (uint8_t)low;
        *--p = 0x10;
        return p;
    case SONDE_TYPE_INT:
        return put_int(s, p, at);
    case SONDE_TYPE_INT64:
        p = sonde_back_varint(p, sonde_load64(at));
        *--p = 0x18;
        return p;
    case SONDE_TYPE_DOUBLE:
        return sonde_back_fixed(p, 0x21, at, 8);
    case SONDE_TYPE_NULL: /* an AnyValue without a value */
        return p;
    default:
        return fail(s, SONDE_BAD_RECORD);
    }
}

/* Puts what stands around the value that reaches from `p` to `end`: an element
 * of an array, an entry of a map, an attribute, or the body. */
LOOP uint8_t *wrap(const state *s, uint8_t *p, const uint8_t *end,
                   const key *k) {
    bool bare = k->size == 0 && s->top->bare != 0;
    p = sonde_back_head(p, end, bare ? s->top->bare : 0x12);
    if (bare)
        return p;
    if (k->wire_size > 0) {
        if (!sonde_has_room(s->encoder, p, k->wire_size))
            return NULL;
        p = sonde_back_put(p, k->data + k->size - k->wire_size, k->wire_size);
    } else {
        sonde_piece text = {k->data, k->size, k->ascii};
        p = sonde_text_put(s->encoder, p, 0x0A, &text);
        if (p == NULL)
            return NULL;
    }
    return sonde_back_head(p, end, s->top->tag);
}

/* True if the map being written has this key already; else remembers it. Of
 * interned keys, the same are in the same place. */
LOOP bool seen_before(state *s, const key *k) {
    sonde_seen *seen = s->encoder->seen;
    s->spelled |= k->wire_size == 0;
    for (uint32_t i = s->top->seen; i < s->seen; i++) {
        if (seen[i].data == k->data)
            return true;
        if (s->spelled && seen[i].size == k->size &&
            memcmp(seen[i].data, k->data, k->size) == 0)
            return true;
    }
    seen[s->seen].data = k->data;
    seen[s->seen++].size = k->size;
    return false;
}

/* An entry of the table is a whole wire field: tag, length (two bytes from
 * 128 on), text. */
LOOP int32_t take_key(const state *s, key *k, uint32_t id, uint32_t length) {
    const sonde_intern *keys = s->walk->keys;
    k->data = s->walk->words; /* of no text, where no other is */
    k->size = 0;
    k->wire_size = 0;
    k->ascii = true;
    if (id == 0) {
        sonde_piece text;
        if (length == 0)
            return SONDE_OK;
        int32_t status = sonde_walk_text(s->walk, length, &text);
        if (status != SONDE_OK)
            return status;
        k->data = text.data;
        k->size = text.size;
        k->ascii = text.ascii;
        return SONDE_OK;
    }
    if (length != 0 || id > keys->count)
        return SONDE_BAD_RECORD;
    const uint8_t *wire = sonde_intern_get(keys, id - 1, &k->wire_size);
    uint32_t head = k->wire_size < 130 ? 2 : 3;
    k->data = wire + head;
    k->size = k->wire_size - head;
    return SONDE_OK;
}

/* Whether the node is to be taken back, and whether its key fits its place. */
LOOP int32_t place(state *s, const key *k, bool *drop) {
    *drop = false;
    if (k->size == 0 && s->top->bare != 0)
        return SONDE_OK;
    if (s->top->type == SONDE_TYPE_ARRAY)
        return SONDE_BAD_RECORD;
    *drop = s->top->left > s->top->keep || seen_before(s, k);
    if (s->top == s->levels && !*drop) {
        *drop = s->attributes++ < s->trees->skip;
        s->last = 0;
    }
    return SONDE_OK;
}

LOOP uint8_t *open_level(state *s, uint8_t *p, uint32_t type, uint32_t children,
                         const key *k, bool drop) {
    if (children > s->walk->nodes)
        return fail(s, SONDE_BAD_RECORD);
    if (s->top == s->levels + SONDE_MAX_DEPTH)
        return fail(s, SONDE_TOO_DEEP);
    level *opened = ++s->top;
    opened->end = p;
    opened->left = children;
    opened->seen = s->seen;
    opened->keep = UINT32_MAX;
    opened->type = type;
    opened->tag = 0x0A;
    opened->bare = type == SONDE_TYPE_ARRAY ? 0x0A : 0;
    opened->drop = drop;
    opened->key = *k;
    return p;
}

/* An event or a link, opened: attributes with a name or ids, and words of their
 * own. */
static __attribute__((noinline)) SONDE_RARE uint8_t *
open_part(const sonde_encoder *encoder, uint8_t *p, level *part,
          const uint8_t *node) {
    uint32_t limit = encoder->max_attributes;
    part->keep = limit;
    part->tag = part->type == SONDE_TYPE_EVENT ? 0x1A : 0x22;
    part->node = node;
    return sonde_part_tail(p, part->type, node,
                           part->left > limit ? part->left - limit : 0);
}

static __attribute__((noinline)) SONDE_RARE uint8_t *
close_part(const sonde_encoder *encoder, uint8_t *p, const level *part,
           int32_t *status) {
    sonde_piece text = {part->key.data, part->key.size, part->key.ascii};
    p = sonde_part_front(encoder, p, part->type, part->node, &text, status);
    if (p == NULL)
        return NULL;
    return sonde_back_head(p, part->end,
                           part->type == SONDE_TYPE_EVENT ? 0x5A : 0x6A);
}

/* Puts what belongs behind the children of a level. */
LOOP uint8_t *close_level(state *s, uint8_t *p, const level *closed) {
    s->seen = closed->seen;
    if (!sonde_has_room(s->encoder, p, 0))
        return NULL;
    if (closed->type >= SONDE_TYPE_EVENT)
        return close_part(s->encoder, p, closed, &s->trees->status);
    return sonde_back_head(p, closed->end,
                           closed->type == SONDE_TYPE_ARRAY ? 0x2A : 0x32);
}

/* A value, and then each level that it completes, from the innermost on. */
LOOP uint8_t *put_node(state *s, uint8_t *p, const uint8_t *at) {
    uint32_t word = sonde_load32(at), length = sonde_load32(at + 4);
    uint32_t type = word & ((1u << SONDE_KEY_SHIFT) - 1);
    uint32_t id = word >> SONDE_KEY_SHIFT, children = sonde_load32(at + 8);
    uint8_t *end = p;
    key k;
    bool drop = false, part = type >= SONDE_TYPE_EVENT;
    bool group = part || type == SONDE_TYPE_ARRAY || type == SONDE_TYPE_MAP;
    if (!sonde_has_room(s->encoder, p, 0))
        return NULL;
    if (part) {
        /* Fields stand together: links, events and attributes come in turn. */
        if (s->top != s->levels || type > s->last)
            return fail(s, SONDE_BAD_RECORD);
        s->last = type;
        id &= 0xFF;
        children = word >> SONDE_COUNT_SHIFT;
    } else if (s->top == s->levels) {
        if (s->trees->body)
            return fail(s, SONDE_BAD_RECORD); /* the body's tree is the first */
        s->trees->body = (id | length) == 0;
    }
    if (!group) {
        p = put_scalar(s, p, type, at + 8);
        if (p == NULL)
            return NULL;
    }
    int32_t status = take_key(s, &k, id, length);
    if (status == SONDE_OK && !part)
        status = place(s, &k, &drop);
    if (status != SONDE_OK)
        return fail(s, status);
    if (group) {
        p = open_level(s, p, type, children, &k, drop);
        if (p != NULL && part)
            p = open_part(s->encoder, p, s->top, at);
        if (p == NULL || children > 0)
            return p;
    }
    for (;; group = true) {
        if (group) {
            const level *closed = s->top--;
            end = closed->end;
            drop = closed->drop;
            part = closed->type >= SONDE_TYPE_EVENT;
            k = closed->key;
            p = close_level(s, p, closed);
        }
        if (p != NULL && !part)
            p = wrap(s, p, end, &k);
        if (p == NULL)
            return NULL;
        if (drop)
            p = end;
        if (--s->top->left > 0)
            return p;
    }
}

uint8_t *sonde_values_put(const sonde_encoder *encoder, uint8_t *p,
                          sonde_walk *walk, sonde_trees *trees) {
    level levels[SONDE_MAX_DEPTH + 1]; /* not cleared: what is open is read */
    state s = {.encoder = encoder,
               .walk = walk,
               .trees = trees,
               .levels = levels,
               .top = levels,
               .last = trees->parts ? SONDE_TYPE_LINK : 0,
               .plain = walk->ascii && trees->max_length == 0};
    levels->type = SONDE_TYPE_MAP;
    levels->seen = 0;
    levels->left = UINT32_MAX; /* level 0 is never complete */
    levels->keep = UINT32_MAX;
    levels->tag = (uint8_t)trees->attribute_tag;
    levels->bare = SONDE_TAG_LOG_BODY;
    trees->body = false;
    trees->status = SONDE_TOO_LARGE;
    const uint8_t *words = walk->words + 4 * SONDE_HEADER_WORDS;
    while (walk->nodes > 0 && p != NULL) {
        walk->nodes--;
        p = put_node(&s, p, words + 16 * (size_t)walk->nodes);
    }
    if (p != NULL && s.top != levels)
        p = fail(&s, SONDE_BAD_RECORD);
    trees->attributes = s.attributes;
    return p;
}
