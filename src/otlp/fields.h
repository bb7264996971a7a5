/* The schema as a table for readers and writers of requests. */
#ifndef SONDE_FIELDS_H
#define SONDE_FIELDS_H

#include "otlp/schema.h"
#include <stdint.h>

typedef enum {
    SONDE_FIELD_NONE,
    SONDE_FIELD_BOOL,
    SONDE_FIELD_UINT32,
    SONDE_FIELD_DROPPED,
    SONDE_FIELD_ENUM,
    SONDE_FIELD_SINT32,
    SONDE_FIELD_INT64,
    SONDE_FIELD_UINT64,
    SONDE_FIELD_FIXED32,
    SONDE_FIELD_FIXED64,
    SONDE_FIELD_SFIXED64,
    SONDE_FIELD_DOUBLE,
    SONDE_FIELD_HEX8,
    SONDE_FIELD_HEX16,
    SONDE_FIELD_BASE64,
    SONDE_FIELD_STRING,
    SONDE_FIELD_STRINGS,
    SONDE_FIELD_ONE,
    SONDE_FIELD_MANY
} sonde_field_kind;

/* KEPT: written even if it is zero. */
enum { SONDE_FIELD_ONEOF = 1, SONDE_FIELD_KEPT = 2, SONDE_FIELD_PACKED = 4 };

typedef struct {
    const char *key; /* the name as JSON has it: in quotes, with a colon */
    uint8_t size;    /* of the name alone */
    uint8_t number;
    uint8_t kind; /* if packed, that of the elements */
    uint8_t flags;
    uint8_t message; /* of ONE and MANY */
} sonde_field_info;

/* Behind the last one is another, of kind NONE. */
extern const sonde_field_info sonde_fields[SONDE_FIELD_COUNT + 1];

/* Where the fields of a message begin; those of the next one end them. */
extern const uint8_t sonde_fields_first[SONDE_MESSAGE_COUNT + 1];

#endif
