/* Owns the reading of host records: see record.h, and src/wasm/README.md for
 * the layout. Everything that comes in is hostile until it has been checked
 * here; tests/fuzz/record.c attacks this file. */
#include "record/record.h"
#include "core/text.h"

enum { HEADER_BYTES = SONDE_HEADER_WORDS * 4, NODE_BYTES = 16 };

int32_t sonde_walk_init(sonde_walk *walk, const sonde_record *record,
                        const sonde_intern *keys, uint32_t max_text) {
    if (record->word_count < SONDE_HEADER_WORDS)
        return SONDE_BAD_RECORD;
    walk->words = (const uint8_t *)record->words;
    walk->nodes = sonde_walk_header(walk, SONDE_HEADER_NODES);
    uint32_t size = sonde_walk_header(walk, SONDE_HEADER_TEXT);
    if (walk->nodes > SONDE_MAX_NODES || size > max_text)
        return SONDE_TOO_LARGE;
    if (walk->nodes >
            (record->word_count - SONDE_HEADER_WORDS) / SONDE_NODE_WORDS ||
        size > record->text_size)
        return SONDE_BAD_RECORD;
    walk->text = record->text;
    walk->text_end = record->text + size;
    walk->keys = keys;
    walk->bytes =
        sonde_walk_header(walk, SONDE_HEADER_FLAGS) & SONDE_FLAG_BYTES;
    walk->ascii = walk->bytes && sonde_text_is_ascii(walk->text, size);
    return SONDE_OK;
}

int32_t sonde_walk_text(sonde_walk *walk, uint32_t length, sonde_piece *piece) {
    uint32_t left = (uint32_t)(walk->text_end - walk->text);
    if (length > left)
        return SONDE_BAD_RECORD;
    const uint8_t *start = walk->text_end - length;
    piece->ascii = walk->ascii || sonde_text_is_ascii(start, length);
    if (!walk->bytes && !piece->ascii) {
        start = sonde_text_cut(walk->text, walk->text_end, length);
        if (start == NULL)
            return SONDE_BAD_CUT;
    }
    piece->data = start;
    piece->size = (uint32_t)(walk->text_end - start);
    walk->text_end = start;
    return SONDE_OK;
}

/* INT travels as a double; 2^63 itself is out of range. */
static int32_t take_int(const uint8_t *at, sonde_node *node) {
    const double limit = 9223372036854775808.0;
    double value = sonde_load_double(at);
    if (!(value >= -limit && value < limit))
        return SONDE_BAD_RECORD;
    int64_t whole = (int64_t)value;
    if ((double)whole != value)
        return SONDE_BAD_RECORD;
    node->bits = (uint64_t)whole;
    return SONDE_OK;
}

static int32_t take_value(sonde_walk *walk, const uint8_t *at,
                          sonde_node *node) {
    uint32_t low = sonde_load32(at);
    node->bits = low;
    switch (node->type) {
    case SONDE_TYPE_NULL:
        return SONDE_OK;
    case SONDE_TYPE_STRING:
    case SONDE_TYPE_BYTES:
        return sonde_walk_text(walk, low, &node->text);
    case SONDE_TYPE_BOOL:
        return low <= 1 ? SONDE_OK : SONDE_BAD_RECORD;
    case SONDE_TYPE_INT:
        return take_int(at, node);
    case SONDE_TYPE_DOUBLE:
    case SONDE_TYPE_INT64:
        node->bits = sonde_load64(at);
        return SONDE_OK;
    case SONDE_TYPE_ARRAY:
    case SONDE_TYPE_MAP:
        node->children = low;
        return low <= walk->nodes ? SONDE_OK : SONDE_BAD_RECORD;
    default:
        return SONDE_BAD_RECORD;
    }
}

/* An entry of the table is a whole wire field: tag, length (two bytes from
 * 128 on), text. */
static int32_t take_key(sonde_walk *walk, uint32_t id, uint32_t length,
                        sonde_node *node) {
    node->wire_key = NULL;
    if (id == 0)
        return sonde_walk_text(walk, length, &node->key);
    if (length != 0 || id > walk->keys->count)
        return SONDE_BAD_RECORD;
    node->wire_key = sonde_intern_get(walk->keys, id - 1, &node->wire_key_size);
    uint32_t head = node->wire_key[1] < 0x80 ? 2 : 3;
    node->key.data = node->wire_key + head;
    node->key.size = node->wire_key_size - head;
    return SONDE_OK;
}

int32_t sonde_walk_prev(sonde_walk *walk, sonde_node *node) {
    walk->nodes--;
    const uint8_t *at =
        walk->words + HEADER_BYTES + (size_t)walk->nodes * NODE_BYTES;
    uint32_t word = sonde_load32(at);
    node->type = word & ((1u << SONDE_KEY_SHIFT) - 1);
    node->children = 0;
    int32_t status = take_value(walk, at + 8, node);
    if (status != SONDE_OK)
        return status;
    return take_key(walk, word >> SONDE_KEY_SHIFT, sonde_load32(at + 4), node);
}

int32_t sonde_bytes_get(uint8_t *to, const sonde_node *node) {
    const uint8_t *p = node->text.data, *end = p + node->text.size;
    int32_t count = 0;
    while (p < end) {
        int n = sonde_utf8_next(p, end);
        if (n < 1 || n > 2 || (n == 2 && *p > 0xC3))
            return SONDE_BAD_RECORD;
        to[count++] = (uint8_t)(n == 1 ? *p : *p << 6 | (p[1] & 0x3F));
        p += n;
    }
    return count;
}
