/* Owns the table: see fields.h. */
#include "otlp/fields.h"

/* Kind, flags and message, a byte each. */
enum {
    KIND_NONE = SONDE_FIELD_NONE,
    KIND_BOOL = SONDE_FIELD_BOOL,
    KIND_UINT32 = SONDE_FIELD_UINT32,
    KIND_DROPPED = SONDE_FIELD_DROPPED,
    KIND_ENUM = SONDE_FIELD_ENUM,
    KIND_SINT32 = SONDE_FIELD_SINT32,
    KIND_INT64 = SONDE_FIELD_INT64,
    KIND_UINT64 = SONDE_FIELD_UINT64,
    KIND_FIXED32 = SONDE_FIELD_FIXED32,
    KIND_FIXED64 = SONDE_FIELD_FIXED64,
    KIND_SFIXED64 = SONDE_FIELD_SFIXED64,
    KIND_DOUBLE = SONDE_FIELD_DOUBLE,
    KIND_HEX8 = SONDE_FIELD_HEX8,
    KIND_HEX16 = SONDE_FIELD_HEX16,
    KIND_BASE64 = SONDE_FIELD_BASE64,
    KIND_STRING = SONDE_FIELD_STRING,
    KIND_STRINGS = SONDE_FIELD_STRINGS
};

#define KIND_PACKED(kind) (KIND_##kind | SONDE_FIELD_PACKED << 8)
#define KIND_OPTIONAL(kind) (KIND_##kind | SONDE_FIELD_KEPT << 8)
#define KIND_ONEOF(kind)                                                       \
    (KIND_##kind | (SONDE_FIELD_KEPT | SONDE_FIELD_ONEOF) << 8)
#define KIND_ONE(name) ((int)SONDE_FIELD_ONE | (int)SONDE_MESSAGE_##name << 16)
#define KIND_MANY(name)                                                        \
    ((int)SONDE_FIELD_MANY | (int)SONDE_MESSAGE_##name << 16)

const sonde_field_info sonde_fields[SONDE_FIELD_COUNT + 1] = {
#define SONDE_MESSAGE(name)
#define SONDE_FIELD(message, number, kind, name)                               \
    {"\"" name "\":",   sizeof(name) - 1,       number,                        \
     KIND_##kind & 255, KIND_##kind >> 8 & 255, KIND_##kind >> 16},
#include "otlp/schema.def"
#undef SONDE_MESSAGE
#undef SONDE_FIELD
};

/* Names are compared by up to three words. */
#define SONDE_MESSAGE(name)
#define SONDE_FIELD(message, number, kind, name)                               \
    _Static_assert(sizeof(name) <= 25, "too long a name");
#include "otlp/schema.def"
#undef SONDE_MESSAGE
#undef SONDE_FIELD

const uint8_t sonde_fields_first[] = {
#define SONDE_MESSAGE(name) SONDE_FIRST_##name,
#define SONDE_FIELD(message, number, kind, name)
#include "otlp/schema.def"
#undef SONDE_MESSAGE
#undef SONDE_FIELD
    SONDE_FIELD_COUNT};
