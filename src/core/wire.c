/* Protobuf fields: see wire.h. */
#include "core/wire.h"

bool sonde_varint_get(const uint8_t **p, const uint8_t *end, uint64_t *value) {
    uint64_t sum = 0;
    for (unsigned shift = 0; shift < 70 && *p < end; shift += 7) {
        uint8_t byte = *(*p)++;
        if (shift == 63 && byte > 1)
            return false;
        sum |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *value = sum;
            return true;
        }
    }
    return false;
}

bool sonde_field_next(sonde_field *field, const uint8_t **p,
                      const uint8_t *end) {
    uint64_t *value = &field->value;
    if (!sonde_varint_get(p, end, value) || *value < 8 || *value > UINT32_MAX)
        return false;
    field->number = (uint32_t)*value >> 3;
    field->wire = (uint32_t)*value & 7;
    switch (field->wire) {
    case SONDE_WIRE_VARINT:
        return sonde_varint_get(p, end, value);
    case SONDE_WIRE_BYTES:
        if (!sonde_varint_get(p, end, value))
            return false;
        break;
    case SONDE_WIRE_64:
        *value = 8;
        break;
    case SONDE_WIRE_32:
        *value = 4;
        break;
    default:
        return false;
    }
    if (*value > (size_t)(end - *p))
        return false;
    field->data = *p;
    field->size = (size_t)*value;
    *p += field->size;
    if (field->wire == SONDE_WIRE_64)
        *value = sonde_load64(field->data);
    else if (field->wire == SONDE_WIRE_32)
        *value = sonde_load32(field->data);
    return true;
}
