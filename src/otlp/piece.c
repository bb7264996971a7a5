/* Owns the text that values.c does not write in its loop: what may be
 * ill-formed, has to be cut, or is bytes. */
#include "core/text.h"
#include "otlp/values.h"

/* Text that is not all ASCII: what is ill-formed takes another size. */
static SONDE_RARE uint8_t *put_repaired(const sonde_encoder *encoder,
                                        uint8_t *p, const sonde_piece *text) {
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

SONDE_RARE uint8_t *sonde_text_put(const sonde_encoder *encoder, uint8_t *p,
                                   uint8_t tag, const sonde_piece *text) {
    uint8_t *end = p;
    if (!sonde_has_room(encoder, p, text->size))
        return NULL;
    if (text->ascii)
        p = sonde_back_put(p, text->data, text->size);
    else
        p = put_repaired(encoder, p, text);
    return p != NULL ? sonde_back_head(p, end, tag) : NULL;
}

static SONDE_RARE uint8_t *put_bytes(const sonde_encoder *encoder, uint8_t *p,
                                     const sonde_piece *text, uint32_t limit,
                                     int32_t *status) {
    uint8_t *end = p;
    if (!sonde_has_room(encoder, p, text->size))
        return NULL;
    p -= text->size;
    int32_t count = sonde_bytes_get(p, text);
    if (count < 0) {
        *status = count;
        return NULL;
    }
    uint32_t size = (uint32_t)count;
    if (limit > 0 && size > limit)
        size = limit;
    memmove(end - size, p, size);
    return sonde_back_head(end - size, end, 0x3A);
}

SONDE_RARE uint8_t *sonde_odd_put(const sonde_encoder *encoder, uint8_t *p,
                                  sonde_walk *walk, sonde_trees *trees,
                                  bool bytes, uint32_t length) {
    uint32_t limit = trees->body ? 0 : trees->max_length;
    sonde_piece text;
    int32_t status = sonde_walk_text(walk, length, &text);
    if (status != SONDE_OK) {
        trees->status = status;
        return NULL;
    }
    if (bytes)
        return put_bytes(encoder, p, &text, limit, &trees->status);
    if (limit > 0)
        text.size = (uint32_t)sonde_text_prefix(text.data, text.size, limit);
    return sonde_text_put(encoder, p, 0x0A, &text);
}
