/* Owns the transcoder. Messages are tables; one loop walks the bytes with a
 * stack of open messages, so there is neither recursion nor a tree. */
#include "otlp/transcode.h"
#include "core/json.h"
#include "core/number.h"
#include "core/text.h"
#include "core/wire.h"
#include "sonde.h"
#include "wasm/layout.h"

typedef enum {
    STRING,
    BASE64,
    HEX,
    BOOL,
    INT64,   /* varint, decimal string */
    UINT32,  /* varint, number */
    FIXED64, /* decimal string */
    FIXED32, /* number */
    DOUBLE,
    MESSAGE,
    MESSAGES /* repeated */
} kind;

/* A field of a message; the fields of all messages lie behind each other, each
 * message ended by an entry with the number 0. Names lie inside the entries:
 * pointers to them would not compress. */
typedef struct {
    uint8_t number;
    uint8_t kind;
    uint8_t message; /* MESSAGE, MESSAGES */
    char name[23];
} field;

static const field FIELDS[] = {
    /* 0: LogRecord */
    {1, FIXED64, 0, "timeUnixNano"},
    {2, UINT32, 0, "severityNumber"},
    {3, STRING, 0, "severityText"},
    {5, MESSAGE, SONDE_MESSAGE_ANY_VALUE, "body"},
    {6, MESSAGES, SONDE_MESSAGE_KEY_VALUE, "attributes"},
    {7, UINT32, 0, "droppedAttributesCount"},
    {8, FIXED32, 0, "flags"},
    {9, HEX, 0, "traceId"},
    {10, HEX, 0, "spanId"},
    {11, FIXED64, 0, "observedTimeUnixNano"},
    {12, STRING, 0, "eventName"},
    {0, 0, 0, ""},
    /* 12: Resource */
    {1, MESSAGES, SONDE_MESSAGE_KEY_VALUE, "attributes"},
    {2, UINT32, 0, "droppedAttributesCount"},
    {0, 0, 0, ""},
    /* 15: InstrumentationScope */
    {1, STRING, 0, "name"},
    {2, STRING, 0, "version"},
    {3, MESSAGES, SONDE_MESSAGE_KEY_VALUE, "attributes"},
    {4, UINT32, 0, "droppedAttributesCount"},
    {0, 0, 0, ""},
    /* 20: KeyValue */
    {1, STRING, 0, "key"},
    {2, MESSAGE, SONDE_MESSAGE_ANY_VALUE, "value"},
    {0, 0, 0, ""},
    /* 23: AnyValue */
    {1, STRING, 0, "stringValue"},
    {2, BOOL, 0, "boolValue"},
    {3, INT64, 0, "intValue"},
    {4, DOUBLE, 0, "doubleValue"},
    {5, MESSAGE, SONDE_MESSAGE_ARRAY, "arrayValue"},
    {6, MESSAGE, SONDE_MESSAGE_KVLIST, "kvlistValue"},
    {7, BASE64, 0, "bytesValue"},
    {0, 0, 0, ""},
    /* 31: ArrayValue */
    {1, MESSAGES, SONDE_MESSAGE_ANY_VALUE, "values"},
    {0, 0, 0, ""},
    /* 33: KeyValueList */
    {1, MESSAGES, SONDE_MESSAGE_KEY_VALUE, "values"},
    {0, 0, 0, ""},
};

/* Where each message starts, in the order of SONDE_MESSAGE_... */
static const uint8_t STARTS[SONDE_MESSAGE_COUNT] = {0, 12, 15, 20, 23, 31, 33};

/* Each array or map is at most three messages: AnyValue, ArrayValue or
 * KeyValueList, KeyValue. */
enum { STACK = 3 * SONDE_MAX_DEPTH + 4 };

typedef struct {
    const field *fields;
    const uint8_t *end;
    uint32_t done;   /* bit i: fields[i] was written */
    uint32_t open;   /* 1 + the repeated field whose array is open, or 0 */
    uint32_t nested; /* arrays and maps around it, itself included */
} frame;

typedef struct {
    sonde_writer *w;
    const uint8_t *p;
    uint32_t depth; /* frames in use */
    frame frames[STACK];
} transcoder;

static uint32_t wire_of(uint8_t of) {
    switch (of) {
    case BOOL:
    case INT64:
    case UINT32:
        return 0;
    case FIXED64:
    case DOUBLE:
        return 1;
    case FIXED32:
        return 5;
    default:
        return 2;
    }
}

static void put_quoted(sonde_writer *w, uint64_t value, bool is_signed) {
    sonde_writer_byte(w, '"');
    if (is_signed)
        sonde_int_put(w, (int64_t)value);
    else
        sonde_uint_put(w, value);
    sonde_writer_byte(w, '"');
}

static void put_scalar(sonde_writer *w, uint8_t as, const sonde_field *it) {
    double number;
    switch (as) {
    case STRING:
        sonde_json_string(w, it->data, it->size);
        break;
    case BASE64:
    case HEX:
        sonde_writer_byte(w, '"');
        if (as == HEX)
            sonde_hex_put(w, it->data, it->size);
        else
            sonde_base64_put(w, it->data, it->size);
        sonde_writer_byte(w, '"');
        break;
    case BOOL:
        sonde_writer_put(w, it->value ? "true" : "false", it->value ? 4 : 5);
        break;
    case INT64:
    case FIXED64:
        put_quoted(w, it->value, as == INT64);
        break;
    case DOUBLE:
        memcpy(&number, &it->value, sizeof number);
        sonde_double_put(w, number);
        break;
    default:
        sonde_uint_put(w, it->value & UINT32_MAX);
        break;
    }
}

static void push(transcoder *t, uint32_t message, const sonde_field *it) {
    frame *f = &t->frames[t->depth];
    f->nested = t->depth++ > 0 ? f[-1].nested : 0;
    f->nested += message >= SONDE_MESSAGE_ARRAY; /* or KVLIST */
    f->fields = FIELDS + STARTS[message];
    f->end = it->data + it->size;
    f->done = 0;
    f->open = 0;
    t->p = it->data;
    sonde_writer_byte(t->w, '{');
}

static void pop(transcoder *t) {
    frame *f = &t->frames[--t->depth];
    if (f->open)
        sonde_writer_byte(t->w, ']');
    sonde_writer_byte(t->w, '}');
    t->p = f->end;
}

/* Writes what stands in front of a value: commas, name, brackets. False if
 * the field was complete already, or is a second value of an AnyValue. */
static bool put_name(transcoder *t, frame *f, uint32_t index) {
    const field *fd = &f->fields[index];
    if (f->open == index + 1) {
        sonde_writer_byte(t->w, ',');
        return true;
    }
    bool only_one = f->fields == FIELDS + STARTS[SONDE_MESSAGE_ANY_VALUE];
    if ((f->done >> index & 1) || (f->done && only_one))
        return false;
    if (f->open)
        sonde_writer_byte(t->w, ']');
    if (f->done)
        sonde_writer_byte(t->w, ',');
    f->done |= 1u << index;
    sonde_writer_byte(t->w, '"');
    for (const char *c = fd->name; *c != '\0'; c++)
        sonde_writer_byte(t->w, (uint8_t)*c);
    SONDE_PUT(t->w, "\":");
    f->open = fd->kind == MESSAGES ? index + 1 : 0;
    if (f->open)
        sonde_writer_byte(t->w, '[');
    return true;
}

static bool step(transcoder *t) {
    frame *f = &t->frames[t->depth - 1];
    sonde_field it;
    if (!sonde_field_next(&it, &t->p, f->end))
        return false;
    uint32_t index = 0;
    while (f->fields[index].number != it.number) {
        if (f->fields[index++].number == 0)
            return true; /* unknown: left out */
    }
    const field *fd = &f->fields[index];
    if (it.wire != wire_of(fd->kind) || !put_name(t, f, index))
        return false;
    if (fd->kind < MESSAGE)
        put_scalar(t->w, fd->kind, &it);
    else
        push(t, fd->message, &it);
    return t->frames[t->depth - 1].nested <= SONDE_MAX_DEPTH;
}

int32_t sonde_transcode(sonde_writer *w, uint32_t message, const uint8_t *data,
                        size_t size) {
    transcoder t; /* frames above `depth` are never read */
    sonde_field whole = {.data = data, .size = size};
    t.w = w;
    t.depth = 0;
    push(&t, message, &whole);
    while (t.depth > 0) {
        if (t.p == t.frames[t.depth - 1].end) {
            pop(&t);
            continue;
        }
        if (!step(&t))
            return SONDE_BAD_INPUT;
    }
    return w->status;
}
