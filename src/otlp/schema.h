/* Names for schema.def. */
#ifndef SONDE_SCHEMA_H
#define SONDE_SCHEMA_H

#include "wasm/layout.h"

/* SONDE_MESSAGE_... */
enum {
#define SONDE_MESSAGE(name) SONDE_MESSAGE_##name,
#define SONDE_FIELD(message, number, kind, name)
#include "otlp/schema.def"
#undef SONDE_MESSAGE
#undef SONDE_FIELD
    SONDE_MESSAGE_COUNT,

    /* plus a SONDE_SIGNAL_...: the messages of that signal */
    SONDE_MESSAGE_REQUEST = SONDE_MESSAGE_LOGS_REQUEST,
    SONDE_MESSAGE_RESOURCES = SONDE_MESSAGE_RESOURCE_LOGS,
    SONDE_MESSAGE_SCOPES = SONDE_MESSAGE_SCOPE_LOGS,
    SONDE_MESSAGE_RECORD = SONDE_MESSAGE_LOG_RECORD
};

/* If one numbers all fields as they come: where those of a message begin,
 * SONDE_FIRST_<message>, and how many there are, SONDE_FIELD_COUNT. */
enum {
#define SONDE_MESSAGE(name)                                                    \
    SONDE_FIRST_##name, SONDE_BEFORE_##name = SONDE_FIRST_##name - 1,
#define SONDE_FIELD(message, number, kind, name)                               \
    SONDE_FIELD_##message##_##number,
#include "otlp/schema.def"
#undef SONDE_MESSAGE
#undef SONDE_FIELD
    SONDE_FIELD_COUNT
};

#endif
