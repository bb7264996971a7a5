/* Owns the transcoder. Messages are tables; one loop walks the bytes with a
 * stack of open messages, so there is neither recursion nor a tree. */
#include "otlp/transcode.h"
#include "core/json.h"
#include "core/number.h"
#include "core/text.h"
#include "core/wire.h"
#include "sonde.h"
#include "wasm/layout.h"

/* How a field is written: a message's number, or from SCALARS on a way of
 * writing with the wire type in the low three bits. WRAPPED puts something
 * around: brackets around the elements of a repeated field (messages, and
 * strings, the least of the scalars that are wrapped), quotes around a scalar.
 */
enum { WIRE = 7, PACKED = 6, SCALARS = 40, WRAPPED = 128 };

/* The ways. */
enum {
    TEXT = SCALARS,
    UNSIGNED = 48,
    SIGNED = 56,
    SHORT = 64,
    ZIGZAG = 72,
    BOOLEAN = 80,
    NUMBER = 88,
    DIGITS = 96,
    LETTERS = 104,
    WAY = 120
};

enum {
    SONDE_KIND_NONE = 0,
    SONDE_KIND_STRING = SONDE_WIRE_BYTES | TEXT,
    SONDE_KIND_STRINGS = SONDE_KIND_STRING | WRAPPED,
    SONDE_KIND_BASE64 = SONDE_WIRE_BYTES | LETTERS | WRAPPED,
    SONDE_KIND_HEX8 = SONDE_WIRE_BYTES | DIGITS | WRAPPED,
    SONDE_KIND_HEX16 = SONDE_KIND_HEX8,
    SONDE_KIND_BOOL = SONDE_WIRE_VARINT | BOOLEAN,
    SONDE_KIND_UINT64 = SONDE_WIRE_VARINT | UNSIGNED | WRAPPED,
    SONDE_KIND_UINT32 = SONDE_WIRE_VARINT | SHORT,
    SONDE_KIND_ENUM = SONDE_KIND_UINT32,
    SONDE_KIND_DROPPED = SONDE_KIND_UINT32,
    SONDE_KIND_INT64 = SONDE_WIRE_VARINT | SIGNED | WRAPPED,
    SONDE_KIND_SINT32 = SONDE_WIRE_VARINT | ZIGZAG,
    SONDE_KIND_FIXED64 = SONDE_WIRE_64 | UNSIGNED | WRAPPED,
    SONDE_KIND_SFIXED64 = SONDE_WIRE_64 | SIGNED | WRAPPED,
    SONDE_KIND_DOUBLE = SONDE_WIRE_64 | NUMBER,
    SONDE_KIND_FIXED32 = SONDE_WIRE_32 | SHORT
};

/* Elements in one piece, each of them as their kind says: varints or 64 bits,
 * with a wire type that is none. */
#define SONDE_KIND_PACKED(kind) (SONDE_KIND_##kind | PACKED)
#define SONDE_KIND_ONE(message) SONDE_MESSAGE_##message
#define SONDE_KIND_MANY(message) (SONDE_MESSAGE_##message | WRAPPED)
#define SONDE_KIND_ONEOF(kind) SONDE_KIND_##kind
#define SONDE_KIND_OPTIONAL(kind) SONDE_KIND_##kind

_Static_assert((int)SONDE_MESSAGE_COUNT <= (int)SCALARS, "numbers of messages");

/* The schema as bytes: a mark and the fields of a message, each a name with its
 * zero, and a kind. Neither pointers nor places of messages would compress, and
 * what several messages have is the same bytes again. In the modules it is only
 * what Sonde writes; elsewhere it is all, to be compared with other writers. */
enum { MARK = 255 };

static const struct {
#define SONDE_MESSAGE(name) uint8_t mark_##name;
#define SONDE_FIELD(message, number, kind, name)                               \
    char name_##message##_##number[sizeof(name)];                              \
    uint8_t kind_##message##_##number;
#ifdef __wasm__
#define SONDE_FOREIGN(message, number, kind, name)
#endif
#include "otlp/schema.def"
#undef SONDE_MESSAGE
#undef SONDE_FIELD
    uint8_t end;
} SCHEMA = {
#define SONDE_MESSAGE(name) MARK,
#define SONDE_FIELD(message, number, kind, name) name, SONDE_KIND_##kind,
#ifdef __wasm__
#define SONDE_FOREIGN(message, number, kind, name)
#endif
#include "otlp/schema.def"
#undef SONDE_MESSAGE
#undef SONDE_FIELD
    MARK};

/* Each array or map is at most three messages: AnyValue, ArrayValue or
 * KeyValueList, KeyValue. Outside of them are at most nine, an exemplar's
 * attribute being the deepest. */
enum { STACK = 3 * SONDE_MAX_DEPTH + 10 };

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
    uint64_t value = it->value;
    if (kind & WRAPPED)
        sonde_writer_byte(w, '"');
    switch (kind & WAY) {
    case LETTERS:
        sonde_base64_put(w, it->data, it->size);
        break;
    case DIGITS:
        sonde_hex_put(w, it->data, it->size);
        break;
    case BOOLEAN:
        sonde_writer_put(w, value ? "true" : "false", value ? 4 : 5);
        break;
    case NUMBER:
        memcpy(&number, &value, sizeof number);
        sonde_double_put(w, number);
        break;
    case ZIGZAG:
        value = (value >> 1) ^ (0 - (value & 1));
        sonde_int_put(w, (int64_t)value);
        break;
    case SIGNED:
        sonde_int_put(w, (int64_t)value);
        break;
    case SHORT:
        value = (uint32_t)value;
        sonde_uint_put(w, value);
        break;
    default: /* UNSIGNED */
        sonde_uint_put(w, value);
        break;
    }
    if (kind & WRAPPED)
        sonde_writer_byte(w, '"');
}

/* False if the last element is cut. */
static bool put_packed(sonde_writer *w, uint8_t kind, const uint8_t *p,
                       const uint8_t *end) {
    sonde_field one;
    uint8_t before = '[';
    for (; p < end; before = ',') {
        sonde_writer_byte(w, before);
        if ((kind & WIRE) == (SONDE_WIRE_VARINT | PACKED)) {
            if (!sonde_varint_get(&p, end, &one.value))
                return false;
        } else {
            if (end - p < 8)
                return false;
            one.value = sonde_load64(p);
            p += 8;
        }
        put_scalar(w, kind, &one);
    }
    if (before == '[')
        sonde_writer_byte(w, before);
    sonde_writer_byte(w, ']');
    return true;
}

static void push(transcoder *t, uint32_t message, const sonde_field *it) {
    frame *f = &t->frames[t->depth++];
    t->nested += message <= SONDE_MESSAGE_KVLIST; /* or ARRAY */
    f->message = message;
    f->end = it->data + it->size;
    f->done = 0;
    f->open = 0;
    t->p = it->data;
    sonde_writer_byte(t->w, '{');
}

static void pop(transcoder *t, const frame *f) {
    t->depth--;
    t->nested -= f->message <= SONDE_MESSAGE_KVLIST;
    if (f->open)
        sonde_writer_byte(t->w, ']');
    sonde_writer_byte(t->w, '}');
}

/* A field: its name, or NULL if there is none; its kind is behind it. */
static const uint8_t *find(uint32_t message, uint32_t number, size_t *size) {
    const uint8_t *p = &SCHEMA.mark_ARRAY;
    for (message++; message > 0; p++)
        message -= *p == MARK;
    for (; *p != MARK; p += *size + 2) {
        *size = 0;
        while (p[*size] != 0)
            ++*size;
        if (--number == 0)
            return *size > 0 ? p : NULL;
    }
    return NULL;
}

/* Writes what stands in front of a value: commas, name, brackets. False if
 * the field was complete already, or is a second value of an AnyValue. */
static bool put_name(sonde_writer *w, frame *f, const uint8_t *name,
                     size_t size, uint32_t number) {
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
    sonde_writer_byte(w, '"');
    sonde_writer_put(w, name, size);
    SONDE_PUT(w, "\":");
    return true;
}

static bool put_value(transcoder *t, frame *f, uint8_t kind,
                      const sonde_field *it) {
    uint32_t message = kind & (WRAPPED - 1);
    if ((kind & WRAPPED) && message <= SONDE_KIND_STRING && f->open == 0) {
        sonde_writer_byte(t->w, '[');
        f->open = it->number;
    }
    if (message < SCALARS)
        push(t, message, it);
    else if (message == SONDE_KIND_STRING)
        sonde_json_string(t->w, it->data, it->size);
    else if ((kind & PACKED) == PACKED)
        return put_packed(t->w, kind, it->data, it->data + it->size);
    else
        put_scalar(t->w, kind, it);
    return true;
}

static bool step(transcoder *t, frame *f) {
    sonde_field it;
    if (!sonde_field_next(&it, &t->p, f->end))
        return false;
    size_t size;
    const uint8_t *name = find(f->message, it.number, &size);
    if (name == NULL)
        return true; /* unknown: left out */
    uint8_t kind = name[size + 1];
    bool bytes = (kind & (WRAPPED - 1)) < SCALARS || (kind & PACKED) == PACKED;
    uint32_t wire = bytes ? SONDE_WIRE_BYTES : kind & WIRE;
    return it.wire == wire && put_name(t->w, f, name, size, it.number) &&
           put_value(t, f, kind, &it) && t->nested <= SONDE_MAX_DEPTH;
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
