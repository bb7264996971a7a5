/* Owns the fields of fixed size: see header.h. */
#include "otlp/header.h"
#include "core/text.h"

uint8_t *sonde_time_put(uint8_t *p, uint8_t tag, uint64_t time) {
    return time == 0 ? p : sonde_back_fixed(p, tag, &time, 8);
}

uint8_t *sonde_count_put(uint8_t *p, uint8_t tag, uint64_t count) {
    if (count > 0) {
        p = sonde_back_varint(p, count);
        *--p = tag;
    }
    return p;
}

uint8_t *sonde_header_text(const sonde_encoder *encoder, uint8_t *p,
                           sonde_walk *walk, uint32_t word, uint8_t tag,
                           int32_t *status) {
    sonde_piece text;
    uint32_t length = sonde_walk_header(walk, word);
    if (length == 0)
        return p;
    int32_t taken = sonde_walk_text(walk, length, &text);
    if (taken == SONDE_OK)
        return sonde_text_put(encoder, p, tag, &text);
    *status = taken;
    return NULL;
}

uint8_t *sonde_ids_put(uint8_t *p, uint8_t trace_tag, uint8_t span_tag,
                       const uint8_t digits[SONDE_ID_DIGITS]) {
    uint64_t id[3];
    if (!sonde_id_get((uint8_t *)id, digits, sizeof id) ||
        (id[0] | id[1]) == 0 || id[2] == 0)
        return NULL;
    p = sonde_back_fixed(p, 8, id + 2, 8);
    *--p = span_tag;
    p = sonde_back_fixed(p, 16, id, 16);
    *--p = trace_tag;
    return p;
}
