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
    uint8_t *end;    /* its content is [b->p, end) when it closes */
    uint32_t left;   /* children still to come */
    uint32_t seen;   /* its keys start at this place of `seen` */
    bool drop;       /* take it back when it closes */
    sonde_node node; /* type and key */
} level;

typedef struct {
    const sonde_encoder *encoder;
    sonde_back *b;
    sonde_trees *trees;
    uint32_t seen;  /* keys of all open maps */
    uint32_t depth; /* open arrays and maps */
    level levels[SONDE_MAX_DEPTH + 1];
} state;

enum { HEAD = 32 }; /* room for all tags and lengths around one value */

static void close_field(sonde_back *b, uint8_t tag, const uint8_t *end) {
    sonde_back_varint(b, (uint64_t)(end - b->p));
    sonde_back_byte(b, tag);
}

void sonde_text_put(const sonde_encoder *encoder, sonde_back *b, uint8_t tag,
                    const sonde_piece *text) {
    size_t size = text->size;
    if (!text->ascii)
        size = sonde_text_copy(NULL, text->data, size, encoder->replaced);
    if (!sonde_back_room(b, size + HEAD, SONDE_TOO_LARGE))
        return;
    if (size == text->size) {
        sonde_back_put(b, text->data, size);
    } else {
        uint64_t counted = 0;
        b->p -= size;
        sonde_text_copy(b->p, text->data, text->size, &counted);
    }
    sonde_back_varint(b, size);
    sonde_back_byte(b, tag);
}

static void put_string(state *s, sonde_node *node) {
    uint32_t limit = s->trees->max_length;
    if (limit > 0 && !s->trees->body)
        node->text.size = (uint32_t)sonde_text_prefix(
            node->text.data, node->text.size, limit);
    sonde_text_put(s->encoder, s->b, 0x0A, &node->text);
}

static int32_t put_bytes(state *s, const sonde_node *node) {
    sonde_back *b = s->b;
    if (!sonde_back_room(b, node->text.size + (size_t)HEAD, SONDE_TOO_LARGE))
        return b->status;
    uint8_t *to = b->p - node->text.size;
    int32_t count = sonde_bytes_get(to, node);
    if (count < 0)
        return count;
    uint32_t size = (uint32_t)count, limit = s->trees->max_length;
    if (limit > 0 && size > limit && !s->trees->body)
        size = limit;
    memmove(b->p - size, to, size);
    b->p -= size;
    sonde_back_varint(b, size);
    sonde_back_byte(b, 0x3A);
    return SONDE_OK;
}

/* The content of an AnyValue. Zero values are written too: presence in a
 * oneof is what says which kind of value it is. */
static int32_t put_scalar(state *s, sonde_node *node) {
    sonde_back *b = s->b;
    if (!sonde_back_room(b, HEAD, SONDE_TOO_LARGE))
        return b->status;
    switch (node->type) {
    case SONDE_TYPE_STRING:
        put_string(s, node);
        break;
    case SONDE_TYPE_BYTES:
        return put_bytes(s, node);
    case SONDE_TYPE_BOOL:
    case SONDE_TYPE_INT:
    case SONDE_TYPE_INT64:
        sonde_back_varint(b, node->bits);
        sonde_back_byte(b, node->type == SONDE_TYPE_BOOL ? 0x10 : 0x18);
        break;
    case SONDE_TYPE_DOUBLE:
        sonde_back_fixed64(b, node->bits);
        sonde_back_byte(b, 0x21);
        break;
    default: /* NULL: an AnyValue without a value */
        break;
    }
    return b->status;
}

static void put_key(state *s, const sonde_node *node) {
    if (node->wire_key == NULL)
        sonde_text_put(s->encoder, s->b, 0x0A, &node->key);
    else if (sonde_back_room(s->b, node->wire_key_size, SONDE_TOO_LARGE))
        sonde_back_put(s->b, node->wire_key, node->wire_key_size);
}

/* Puts what stands around the value that ends at `end`: an element of an
 * array, an entry of a map, an attribute, or the body. */
static void wrap(state *s, const sonde_node *node, const uint8_t *end) {
    sonde_back *b = s->b;
    const level *parent = &s->levels[s->depth];
    bool attribute = s->depth == 0;
    if (!sonde_back_room(b, HEAD, SONDE_TOO_LARGE))
        return;
    if (attribute && s->trees->body) {
        close_field(b, SONDE_TAG_LOG_BODY, end);
    } else if (!attribute && parent->node.type == SONDE_TYPE_ARRAY) {
        close_field(b, 0x0A, end);
    } else {
        close_field(b, 0x12, end);
        put_key(s, node);
        if (sonde_back_room(b, HEAD, SONDE_TOO_LARGE))
            close_field(b, attribute ? (uint8_t)s->trees->attribute_tag : 0x0A,
                        end);
    }
}

/* True if the map being written has this key already; else remembers it. */
static bool seen_before(state *s, const sonde_piece *key) {
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
static int32_t place(state *s, const sonde_node *node, bool *drop) {
    bool keyed = node->wire_key != NULL || node->key.size > 0;
    if (s->depth > 0 && s->levels[s->depth].node.type == SONDE_TYPE_ARRAY)
        return keyed ? SONDE_BAD_RECORD : SONDE_OK;
    if (s->depth == 0 && !keyed) {
        bool second = s->trees->body;
        s->trees->body = true;
        return second ? SONDE_BAD_RECORD : SONDE_OK;
    }
    if (s->depth == 0 && s->trees->body)
        return SONDE_BAD_RECORD; /* the body's tree is the first */
    *drop = seen_before(s, &node->key);
    if (s->depth == 0 && !*drop)
        *drop = s->trees->attributes++ < s->trees->skip;
    return SONDE_OK;
}

static int32_t open_level(state *s, const sonde_node *node, bool drop) {
    if (s->depth == SONDE_MAX_DEPTH)
        return SONDE_TOO_DEEP;
    level *opened = &s->levels[++s->depth];
    opened->end = s->b->p;
    opened->left = node->children;
    opened->seen = s->seen;
    opened->drop = drop;
    opened->node = *node;
    return SONDE_OK;
}

/* Closes each level that is complete, from the innermost on. */
static void close_levels(state *s) {
    sonde_back *b = s->b;
    while (s->depth > 0 && s->levels[s->depth].left == 0) {
        level *closed = &s->levels[s->depth--];
        s->seen = closed->seen;
        if (!sonde_back_room(b, HEAD, SONDE_TOO_LARGE))
            return;
        close_field(b, closed->node.type == SONDE_TYPE_ARRAY ? 0x2A : 0x32,
                    closed->end);
        wrap(s, &closed->node, closed->end);
        if (closed->drop)
            b->p = closed->end;
        if (s->depth > 0)
            s->levels[s->depth].left--;
    }
}

static int32_t put_node(state *s, sonde_node *node) {
    bool drop = false;
    int32_t status = place(s, node, &drop);
    if (status != SONDE_OK)
        return status;
    if (node->type == SONDE_TYPE_ARRAY || node->type == SONDE_TYPE_MAP) {
        status = open_level(s, node, drop);
    } else {
        uint8_t *end = s->b->p;
        status = put_scalar(s, node);
        wrap(s, node, end);
        if (drop)
            s->b->p = end;
        if (s->depth > 0)
            s->levels[s->depth].left--;
    }
    close_levels(s);
    return status != SONDE_OK ? status : s->b->status;
}

int32_t sonde_values_put(const sonde_encoder *encoder, sonde_back *b,
                         sonde_walk *walk, sonde_trees *trees) {
    state s; /* 64 levels: not cleared, only what is open is read */
    s.encoder = encoder;
    s.b = b;
    s.trees = trees;
    s.seen = 0;
    s.depth = 0;
    s.levels[0].seen = 0;
    trees->attributes = 0;
    trees->body = false;
    while (walk->nodes > 0) {
        sonde_node node;
        int32_t status = sonde_walk_prev(walk, &node);
        if (status == SONDE_OK)
            status = put_node(&s, &node);
        if (status != SONDE_OK)
            return status;
    }
    return s.depth == 0 ? SONDE_OK : SONDE_BAD_RECORD;
}
