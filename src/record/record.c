/* Owns the reading of a host record's header and text: see record.h, and
 * src/wasm/README.md for the layout. Everything that comes in is hostile until
 * it has been checked, here or, node by node, in otlp/values.c;
 * tests/fuzz/record.c attacks both. */
#include "record/record.h"
#include "core/text.h"

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

SONDE_RARE int32_t sonde_bytes_get(uint8_t *to, const sonde_piece *text) {
    const uint8_t *p = text->data, *end = p + text->size;
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
