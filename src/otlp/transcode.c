/* Owns the transcoder. Messages are tables; one loop walks the bytes with a
 * stack of open messages, so there is neither recursion nor a tree. */
#include "otlp/transcode.h"
#include "core/json.h"
#include "core/number.h"
#include "core/text.h"
#include "core/wire.h"
#include "sonde.h"
#include "wasm/layout.h"

/* How a field is written. The low three bits are the wire type that it must
 * have, the high four tell the message or the way of writing a scalar, and
 * between them WRAPPED puts something around: brackets around the elements of
 * a repeated message, quotes around a scalar. */
enum { WIRE = 7, WRAPPED = 8, WAY = 4 };

#define MESSAGE(name) (SONDE_WIRE_BYTES | SONDE_MESSAGE_##name << WAY)
#define MESSAGES(name) (MESSAGE(name) | WRAPPED)
#define SCALAR(wire, way)                                                      \
    (SONDE_WIRE_##wire | (SONDE_MESSAGE_COUNT + (way)) << WAY)

enum {
    STRING = SCALAR(BYTES, 0),
    BASE64 = SCALAR(BYTES, 1) | WRAPPED,
    HEX = SCALAR(BYTES, 2) | WRAPPED,
    BOOL = SCALAR(VARINT, 0),
    UINT32 = SCALAR(VARINT, 1),
    INT64 = SCALAR(VARINT, 2) | WRAPPED,
    FIXED64 = SCALAR(64, 0) | WRAPPED,
    DOUBLE = SCALAR(64, 1),
    FIXED32 = SCALAR(32, 0)
};

/* The fields of all messages: message, number, kind, name. */
#define FIELD_LIST(X)                                                          \
    X(REQUEST, 1, MESSAGES(RESOURCE_LOGS), "resourceLogs")                     \
    X(RESOURCE_LOGS, 1, MESSAGE(RESOURCE), "resource")                         \
    X(RESOURCE_LOGS, 2, MESSAGES(SCOPE_LOGS), "scopeLogs")                     \
    X(SCOPE_LOGS, 1, MESSAGE(SCOPE), "scope")                                  \
    X(SCOPE_LOGS, 2, MESSAGES(LOG_RECORD), "logRecords")                       \
    X(LOG_RECORD, 1, FIXED64, "timeUnixNano")                                  \
    X(LOG_RECORD, 2, UINT32, "severityNumber")                                 \
    X(LOG_RECORD, 3, STRING, "severityText")                                   \
    X(LOG_RECORD, 5, MESSAGE(ANY_VALUE), "body")                               \
    X(LOG_RECORD, 6, MESSAGES(KEY_VALUE), "attributes")                        \
    X(LOG_RECORD, 7, UINT32, "droppedAttributesCount")                         \
    X(LOG_RECORD, 8, FIXED32, "flags")                                         \
    X(LOG_RECORD, 9, HEX, "traceId")                                           \
    X(LOG_RECORD, 10, HEX, "spanId")                                           \
    X(LOG_RECORD, 11, FIXED64, "observedTimeUnixNano")                         \
    X(LOG_RECORD, 12, STRING, "eventName")                                     \
    X(RESOURCE, 1, MESSAGES(KEY_VALUE), "attributes")                          \
    X(RESOURCE, 2, UINT32, "droppedAttributesCount")                           \
    X(SCOPE, 1, STRING, "name")                                                \
    X(SCOPE, 2, STRING, "version")                                             \
    X(SCOPE, 3, MESSAGES(KEY_VALUE), "attributes")                             \
    X(SCOPE, 4, UINT32, "droppedAttributesCount")                              \
    X(KEY_VALUE, 1, STRING, "key")                                             \
    X(KEY_VALUE, 2, MESSAGE(ANY_VALUE), "value")                               \
    X(ANY_VALUE, 1, STRING, "stringValue")                                     \
    X(ANY_VALUE, 2, BOOL, "boolValue")                                         \
    X(ANY_VALUE, 3, INT64, "intValue")                                         \
    X(ANY_VALUE, 4, DOUBLE, "doubleValue")                                     \
    X(ANY_VALUE, 5, MESSAGE(ARRAY), "arrayValue")                              \
    X(ANY_VALUE, 6, MESSAGE(KVLIST), "kvlistValue")                            \
    X(ANY_VALUE, 7, BASE64, "bytesValue")                                      \
    X(ARRAY, 1, MESSAGES(ANY_VALUE), "values")                                 \
    X(KVLIST, 1, MESSAGES(KEY_VALUE), "values")

typedef struct {
    uint8_t id; /* 16 * message + number */
    uint8_t kind;
} field;

static const field FIELDS[] = {
#define FIELD(message, number, kind, name)                                     \
    {SONDE_MESSAGE_##message << 4 | number, kind},
    FIELD_LIST(FIELD)
#undef FIELD
};

/* In one piece and in the same order: pointers would not compress. */
static const char NAMES[] =
#define NAME(message, number, kind, name) name "\0"
    FIELD_LIST(NAME)
#undef NAME
    ;

enum { FIELD_COUNT = sizeof FIELDS / sizeof *FIELDS, MAX_NUMBER = 15 };

/* Each array or map is at most three messages: AnyValue, ArrayValue or
 * KeyValueList, KeyValue. */
enum { STACK = 3 * SONDE_MAX_DEPTH + 8 };

typedef struct {
    const uint8_t *end;
    uint32_t message;
    uint32_t done; /* bit n: field n was written */
    uint32_t open; /* the repeated field whose array is open, or 0 */
} frame;

typedef struct {
    sonde_writer *w;
    const uint8_t *p;
    uint32_t depth;  /* frames in use */
    uint32_t nested; /* arrays and maps among them */
    frame frames[STACK];
} transcoder;

static void put_scalar(sonde_writer *w, uint8_t kind, const sonde_field *it) {
    double number;
    if (kind & WRAPPED)
        sonde_writer_byte(w, '"');
    switch (kind) {
    case STRING:
        sonde_json_string(w, it->data, it->size);
        break;
    case BASE64:
        sonde_base64_put(w, it->data, it->size);
        break;
    case HEX:
        sonde_hex_put(w, it->data, it->size);
        break;
    case BOOL:
        sonde_writer_put(w, it->value ? "true" : "false", it->value ? 4 : 5);
        break;
    case INT64:
        sonde_int_put(w, (int64_t)it->value);
        break;
    case FIXED64:
        sonde_uint_put(w, it->value);
        break;
    case DOUBLE:
        memcpy(&number, &it->value, sizeof number);
        sonde_double_put(w, number);
        break;
    default:
        sonde_uint_put(w, (uint32_t)it->value);
        break;
    }
    if (kind & WRAPPED)
        sonde_writer_byte(w, '"');
}

static void push(transcoder *t, uint32_t message, const sonde_field *it) {
    frame *f = &t->frames[t->depth++];
    t->nested += message >= SONDE_MESSAGE_ARRAY; /* or KVLIST */
    f->message = message;
    f->end = it->data + it->size;
    f->done = 0;
    f->open = 0;
    t->p = it->data;
    sonde_writer_byte(t->w, '{');
}

static void pop(transcoder *t, const frame *f) {
    t->depth--;
    t->nested -= f->message >= SONDE_MESSAGE_ARRAY;
    if (f->open)
        sonde_writer_byte(t->w, ']');
    sonde_writer_byte(t->w, '}');
}

static void put_key(sonde_writer *w, const field *fd) {
    const char *name = NAMES;
    for (size_t skip = (size_t)(fd - FIELDS); skip > 0; name++)
        skip -= *name == '\0';
    sonde_writer_byte(w, '"');
    while (*name != '\0')
        sonde_writer_byte(w, (uint8_t)*name++);
    SONDE_PUT(w, "\":");
}

/* Writes what stands in front of a value: commas, name, brackets. False if
 * the field was complete already, or is a second value of an AnyValue. */
static bool put_name(sonde_writer *w, frame *f, const field *fd,
                     uint32_t number) {
    if (f->open == number) {
        sonde_writer_byte(w, ',');
        return true;
    }
    if ((f->done >> number & 1) ||
        (f->done && f->message == SONDE_MESSAGE_ANY_VALUE))
        return false;
    if (f->open)
        sonde_writer_byte(w, ']');
    if (f->done)
        sonde_writer_byte(w, ',');
    f->done |= 1u << number;
    f->open = 0;
    put_key(w, fd);
    return true;
}

static const field *find(uint32_t message, uint32_t number) {
    uint32_t id = message << 4 | number;
    for (uint32_t i = 0; i < FIELD_COUNT && number <= MAX_NUMBER; i++) {
        if (FIELDS[i].id == id)
            return &FIELDS[i];
    }
    return NULL;
}

static void put_value(transcoder *t, frame *f, uint8_t kind,
                      const sonde_field *it) {
    uint32_t message = kind >> WAY;
    if (message >= SONDE_MESSAGE_COUNT) {
        put_scalar(t->w, kind, it);
        return;
    }
    if ((kind & WRAPPED) && f->open == 0) {
        sonde_writer_byte(t->w, '[');
        f->open = it->number;
    }
    push(t, message, it);
}

static bool step(transcoder *t, frame *f) {
    sonde_field it;
    if (!sonde_field_next(&it, &t->p, f->end))
        return false;
    const field *fd = find(f->message, it.number);
    if (fd == NULL)
        return true; /* unknown: left out */
    if (it.wire != (fd->kind & WIRE) || !put_name(t->w, f, fd, it.number))
        return false;
    put_value(t, f, fd->kind, &it);
    return t->nested <= SONDE_MAX_DEPTH;
}

int32_t sonde_transcode(sonde_writer *w, uint32_t message, const uint8_t *data,
                        size_t size) {
    transcoder t; /* frames above `depth` are never read */
    sonde_field whole = {.data = data, .size = size};
    t.w = w;
    t.depth = 0;
    t.nested = 0;
    push(&t, message, &whole);
    while (t.depth > 0) {
        frame *f = &t.frames[t.depth - 1];
        if (t.p == f->end)
            pop(&t, f);
        else if (!step(&t, f))
            return SONDE_BAD_INPUT;
    }
    return w->status;
}
