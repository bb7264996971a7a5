/* Owns the writing of AnyValue trees. Nodes come from the last to the first,
 * so an array or map is met before its children: a level is opened there and
 * closed, with its length known, when its last child has been written.
 *
 * A key may come twice in a map; the last one wins, which here is the one met
 * first. The later ones are written like any other and then taken back: that
 * is one assignment, and the text they own is consumed all the same. */
#include "otlp/values.h"
#include "core/text.h"

/* An open array or map, or the record itself (level 0). */
typedef struct {
    uint8_t *end;    /* its content reaches to here when it closes */
    uint32_t left;   /* children still to come */
    uint32_t seen;   /* its keys start at this place of `seen` */
    bool drop;       /* take it back when it closes */
    sonde_node node; /* its type and key */
} level;

typedef struct {
    const sonde_encoder *encoder;
    sonde_trees *trees;
    uint32_t seen;  /* keys of all open maps */
    uint32_t depth; /* open arrays and maps */
    level levels[SONDE_MAX_DEPTH + 1];
} state;

static inline uint8_t *put_head(uint8_t *p, const uint8_t *end, uint8_t tag) {
    p = sonde_back_varint(p, (uint64_t)(end - p));
    *--p = tag;
    return p;
}

/* Text that is not all ASCII: what is ill-formed takes another size. */
static uint8_t *put_repaired(const sonde_encoder *encoder, uint8_t *p,
                             const sonde_piece *text) {
    uint64_t before = *encoder->replaced, counted = 0;
    size_t size =
        sonde_text_copy(NULL, text->data, text->size, encoder->replaced);
    if (!sonde_has_room(encoder, p, size))
        return NULL;
    if (*encoder->replaced == before)
        return sonde_back_put(p, text->data, size);
    p -= size;
    sonde_text_copy(p, text->data, text->size, &counted);
    return p;
}

uint8_t *sonde_text_put(const sonde_encoder *encoder, uint8_t *p, uint8_t tag,
                        const sonde_piece *text) {
    uint8_t *end = p;
    if (!sonde_has_room(encoder, p, text->size))
        return NULL;
    if (text->ascii)
        p = sonde_back_put(p, text->data, text->size);
    else
        p = put_repaired(encoder, p, text);
    return p != NULL ? put_head(p, end, tag) : NULL;
}

static uint8_t *fail(const state *s, int32_t status) {
    s->trees->status = status;
    return NULL;
}

static uint8_t *put_bytes(const state *s, uint8_t *p, const sonde_node *node,
                          uint32_t limit) {
    uint8_t *end = p;
    if (!sonde_has_room(s->encoder, p, node->text.size))
        return NULL;
    p -= node->text.size;
    int32_t count = sonde_bytes_get(p, node);
    if (count < 0)
        return fail(s, count);
    uint32_t size = (uint32_t)count;
    if (limit > 0 && size > limit)
        size = limit;
    memmove(end - size, p, size);
    return put_head(end - size, end, 0x3A);
}

/* The content of an AnyValue. Zero values are written too: presence in a
 * oneof is what says which kind of value it is. */
static inline uint8_t *put_scalar(const state *s, uint8_t *p,
                                  sonde_node *node) {
    uint32_t limit = s->trees->body ? 0 : s->trees->max_length;
    switch (node->type) {
    case SONDE_TYPE_STRING:
        if (limit > 0)
            node->text.size = (uint32_t)sonde_text_prefix(
                node->text.data, node->text.size, limit);
        return sonde_text_put(s->encoder, p, 0x0A, &node->text);
    case SONDE_TYPE_BYTES:
        return put_bytes(s, p, node, limit);
    case SONDE_TYPE_BOOL:
    case SONDE_TYPE_INT:
    case SONDE_TYPE_INT64:
        p = sonde_back_varint(p, node->bits);
        *--p = node->type == SONDE_TYPE_BOOL ? 0x10 : 0x18;
        return p;
    case SONDE_TYPE_DOUBLE:
        return sonde_back_fixed(p, 0x21, &node->bits, 8);
    default: /* NULL: an AnyValue without a value */
        return p;
    }
}

/* Puts what stands around the value that reaches from `p` to `end`: an element
 * of an array, an entry of a map, an attribute, or the body. There is room
 * for SONDE_HEAD bytes. */
static inline uint8_t *wrap(const state *s, uint8_t *p, const uint8_t *end,
                            const sonde_node *node) {
    const sonde_encoder *encoder = s->encoder;
    uint8_t tag = 0x0A;
    if (s->depth == 0) {
        if (s->trees->body)
            return put_head(p, end, SONDE_TAG_LOG_BODY);
        tag = (uint8_t)s->trees->attribute_tag;
    } else if (s->levels[s->depth].node.type == SONDE_TYPE_ARRAY) {
        return put_head(p, end, 0x0A);
    }
    p = put_head(p, end, 0x12);
    if (node->wire_key == NULL)
        p = sonde_text_put(encoder, p, 0x0A, &node->key);
    else if (sonde_has_room(encoder, p, node->wire_key_size))
        p = sonde_back_put(p, node->wire_key, node->wire_key_size);
    else
        return NULL;
    if (p == NULL || !sonde_has_room(encoder, p, 0))
        return NULL;
    return put_head(p, end, tag);
}

/* True if the map being written has this key already; else remembers it. */
static inline bool seen_before(state *s, const sonde_piece *key) {
    sonde_seen *seen = s->encoder->seen;
    for (uint32_t i = s->levels[s->depth].seen; i < s->seen; i++) {
        if (seen[i].size == key->size &&
            (seen[i].data == key->data ||
             memcmp(seen[i].data, key->data, key->size) == 0))
            return true;
    }
    seen[s->seen].data = key->data;
    seen[s->seen++].size = key->size;
    return false;
}

/* Whether `node` is to be taken back, and whether its key fits its place. */
static inline int32_t place(state *s, const sonde_node *node, bool *drop) {
    bool keyed = node->wire_key != NULL || node->key.size > 0;
    if (s->depth > 0 && s->levels[s->depth].node.type == SONDE_TYPE_ARRAY)
        return keyed ? SONDE_BAD_RECORD : SONDE_OK;
    if (s->depth == 0) {
        if (s->trees->body)
            return SONDE_BAD_RECORD; /* the body's tree is the first */
        s->trees->body = !keyed;
        if (!keyed)
            return SONDE_OK;
    }
    *drop = seen_before(s, &node->key);
    if (s->depth == 0 && !*drop)
        *drop = s->trees->attributes++ < s->trees->skip;
    return SONDE_OK;
}

static bool open_level(state *s, uint8_t *p, const sonde_node *node,
                       bool drop) {
    if (s->depth == SONDE_MAX_DEPTH)
        return false;
    level *opened = &s->levels[++s->depth];
    opened->end = p;
    opened->left = node->children;
    opened->seen = s->seen;
    opened->drop = drop;
    opened->node.type = node->type; /* all would be a call: sonde_copy */
    opened->node.key = node->key;
    opened->node.wire_key = node->wire_key;
    opened->node.wire_key_size = node->wire_key_size;
    return true;
}

/* Closes each level that is complete, from the innermost on. */
static inline uint8_t *close_levels(state *s, uint8_t *p) {
    while (s->depth > 0 && s->levels[s->depth].left == 0) {
        level *closed = &s->levels[s->depth--];
        s->seen = closed->seen;
        s->levels[s->depth].left--; /* level 0 counts nothing */
        if (!sonde_has_room(s->encoder, p, 0))
            return NULL;
        p = put_head(p, closed->end,
                     closed->node.type == SONDE_TYPE_ARRAY ? 0x2A : 0x32);
        p = wrap(s, p, closed->end, &closed->node);
        if (p == NULL)
            return NULL;
        if (closed->drop)
            p = closed->end;
    }
    return p;
}

static inline uint8_t *put_node(state *s, uint8_t *p, sonde_node *node) {
    bool drop = false;
    uint8_t *end = p;
    int32_t status = place(s, node, &drop);
    if (status != SONDE_OK)
        return fail(s, status);
    if (node->type == SONDE_TYPE_ARRAY || node->type == SONDE_TYPE_MAP)
        return open_level(s, p, node, drop) ? p : fail(s, SONDE_TOO_DEEP);
    if (!sonde_has_room(s->encoder, p, 0))
        return NULL;
    p = put_scalar(s, p, node);
    if (p != NULL && !sonde_has_room(s->encoder, p, 0))
        return NULL;
    if (p != NULL)
        p = wrap(s, p, end, node);
    s->levels[s->depth].left--;
    return drop && p != NULL ? end : p;
}

uint8_t *sonde_values_put(const sonde_encoder *encoder, uint8_t *p,
                          sonde_walk *walk, sonde_trees *trees) {
    state s; /* 64 levels: not cleared, only what is open is read */
    s.encoder = encoder;
    s.trees = trees;
    s.seen = 0;
    s.depth = 0;
    s.levels[0].seen = 0;
    s.levels[0].left = 0;
    trees->attributes = 0;
    trees->body = false;
    trees->status = SONDE_TOO_LARGE;
    while (walk->nodes > 0 && p != NULL) {
        sonde_node node;
        int32_t status = sonde_walk_prev(walk, &node);
        if (status != SONDE_OK)
            return fail(&s, status);
        p = put_node(&s, p, &node);
        if (p != NULL)
            p = close_levels(&s, p);
    }
    return p != NULL && s.depth > 0 ? fail(&s, SONDE_BAD_RECORD) : p;
}
