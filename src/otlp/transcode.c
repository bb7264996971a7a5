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
    MESSAGE
} kind;

typedef struct {
    uint8_t number;
    uint8_t kind;
    uint8_t message;
    bool repeated;
    uint8_t name_size;
    const char *name;
} field;

#define FIELD(number, kind, message, repeated, name)                           \
    { number, kind, message, repeated, sizeof name - 1, name }
#define END {0, 0, 0, false, 0, NULL}

static const field LOG_RECORD[] = {
    FIELD(1, FIXED64, 0, false, "timeUnixNano"),
    FIELD(2, UINT32, 0, false, "severityNumber"),
    FIELD(3, STRING, 0, false, "severityText"),
    FIELD(5, MESSAGE, SONDE_MESSAGE_ANY_VALUE, false, "body"),
    FIELD(6, MESSAGE, SONDE_MESSAGE_KEY_VALUE, true, "attributes"),
    FIELD(7, UINT32, 0, false, "droppedAttributesCount"),
    FIELD(8, FIXED32, 0, false, "flags"),
    FIELD(9, HEX, 0, false, "traceId"),
    FIELD(10, HEX, 0, false, "spanId"),
    FIELD(11, FIXED64, 0, false, "observedTimeUnixNano"),
    FIELD(12, STRING, 0, false, "eventName"),
    END,
};

static const field RESOURCE[] = {
    FIELD(1, MESSAGE, SONDE_MESSAGE_KEY_VALUE, true, "attributes"),
    FIELD(2, UINT32, 0, false, "droppedAttributesCount"),
    END,
};

static const field SCOPE[] = {
    FIELD(1, STRING, 0, false, "name"),
    FIELD(2, STRING, 0, false, "version"),
    FIELD(3, MESSAGE, SONDE_MESSAGE_KEY_VALUE, true, "attributes"),
    FIELD(4, UINT32, 0, false, "droppedAttributesCount"),
    END,
};

static const field KEY_VALUE[] = {
    FIELD(1, STRING, 0, false, "key"),
    FIELD(2, MESSAGE, SONDE_MESSAGE_ANY_VALUE, false, "value"),
    END,
};

static const field ANY_VALUE[] = {
    FIELD(1, STRING, 0, false, "stringValue"),
    FIELD(2, BOOL, 0, false, "boolValue"),
    FIELD(3, INT64, 0, false, "intValue"),
    FIELD(4, DOUBLE, 0, false, "doubleValue"),
    FIELD(5, MESSAGE, SONDE_MESSAGE_ARRAY, false, "arrayValue"),
    FIELD(6, MESSAGE, SONDE_MESSAGE_KVLIST, false, "kvlistValue"),
    FIELD(7, BASE64, 0, false, "bytesValue"),
    END,
};

static const field ARRAY[] = {
    FIELD(1, MESSAGE, SONDE_MESSAGE_ANY_VALUE, true, "values"),
    END,
};

static const field KVLIST[] = {
    FIELD(1, MESSAGE, SONDE_MESSAGE_KEY_VALUE, true, "values"),
    END,
};

static const field *const MESSAGES[SONDE_MESSAGE_COUNT] = {
    [SONDE_MESSAGE_LOG_RECORD] = LOG_RECORD,
    [SONDE_MESSAGE_RESOURCE] = RESOURCE,
    [SONDE_MESSAGE_SCOPE] = SCOPE,
    [SONDE_MESSAGE_KEY_VALUE] = KEY_VALUE,
    [SONDE_MESSAGE_ANY_VALUE] = ANY_VALUE,
    [SONDE_MESSAGE_ARRAY] = ARRAY,
    [SONDE_MESSAGE_KVLIST] = KVLIST,
};

/* Each array or map is at most three messages: AnyValue, ArrayValue or
 * KeyValueList, KeyValue. */
enum { STACK = 3 * SONDE_MAX_DEPTH + 4 };

typedef struct {
    const field *fields;
    const uint8_t *end;
    uint32_t done;  /* bit i: fields[i] was written */
    uint8_t open;   /* 1 + the repeated field whose array is open, or 0 */
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
        if (it->value)
            SONDE_PUT(w, "true");
        else
            SONDE_PUT(w, "false");
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
    frame *f = &t->frames[t->depth++];
    f->fields = MESSAGES[message];
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
 * the field was complete already. */
static bool put_name(transcoder *t, frame *f, uint32_t index) {
    const field *fd = &f->fields[index];
    if (f->open == index + 1) {
        sonde_writer_byte(t->w, ',');
        return true;
    }
    if (f->done >> index & 1)
        return false;
    if (f->open)
        sonde_writer_byte(t->w, ']');
    if (f->done)
        sonde_writer_byte(t->w, ',');
    f->done |= 1u << index;
    f->open = fd->repeated ? (uint8_t)(index + 1) : 0;
    sonde_writer_byte(t->w, '"');
    sonde_writer_put(t->w, fd->name, fd->name_size);
    sonde_writer_put(t->w, "\":[", fd->repeated ? 3 : 2);
    return true;
}

static int32_t step(transcoder *t) {
    frame *f = &t->frames[t->depth - 1];
    sonde_field it;
    if (!sonde_field_next(&it, &t->p, f->end))
        return SONDE_BAD_INPUT;
    uint32_t index = 0;
    while (f->fields[index].name != NULL &&
           f->fields[index].number != it.number)
        index++;
    const field *fd = &f->fields[index];
    if (fd->name == NULL)
        return SONDE_OK;
    if (it.wire != wire_of(fd->kind) || !put_name(t, f, index))
        return SONDE_BAD_INPUT;
    if (fd->kind != MESSAGE)
        put_scalar(t->w, fd->kind, &it);
    else if (t->depth < STACK)
        push(t, fd->message, &it);
    else
        return SONDE_BAD_INPUT;
    return SONDE_OK;
}

int32_t sonde_transcode(sonde_writer *w, uint32_t message,
                        const uint8_t *data, size_t size) {
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
        int32_t status = step(&t);
        if (status != SONDE_OK)
            return status;
    }
    return w->status;
}
