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
    uint64_t tag, size;
    if (!sonde_varint_get(p, end, &tag) || tag >> 3 == 0 || tag > UINT32_MAX)
        return false;
    field->number = (uint32_t)tag >> 3;
    field->wire = (uint32_t)tag & 7;
    switch (field->wire) {
    case SONDE_WIRE_VARINT:
        return sonde_varint_get(p, end, &field->value);
    case SONDE_WIRE_64:
        size = 8;
        break;
    case SONDE_WIRE_32:
        size = 4;
        break;
    case SONDE_WIRE_BYTES:
        if (sonde_varint_get(p, end, &size))
            break;
        return false;
    default:
        return false;
    }
    if (size > (size_t)(end - *p))
        return false;
    field->data = *p;
    field->size = (size_t)size;
    *p += size;
    if (field->wire != SONDE_WIRE_BYTES) {
        field->value = 0;
        memcpy(&field->value, field->data, field->size);
    }
    return true;
}
