/* Owns the reading of OTLP protobuf. Fields may come in any order, and a
 * message in pieces, while JSON wants each of them once: so a message is
 * walked over once, noting where its fields are, and then each field is taken
 * in its turn. Nested messages are passed over by the first walk, so that each
 * byte is looked at twice at most, and memory does not depend on the input.
 * Only messages in pieces are walked over as often as they have fields. */
#include "core/text.h"
#include "core/wire.h"
#include "otlp/request.h"

typedef sonde_request_frame frame;
typedef sonde_request_cursor cursor;

static void fail(sonde_request *r, const uint8_t *p, const char *what) {
    sonde_request_fail(r, SONDE_BAD_INPUT, p, what);
}

/* ---- Walking ------------------------------------------------------------ */

static void walk_start(cursor *c, const frame *f) {
    c->level = c->top = 0;
    for (; f->pieces; f--)
        c->top++;
    c->p[0] = f->data;
    c->end[0] = f->end;
}

/* The next field of `f`, which is the frame the cursor was started for, and
 * its tag; false at the end and, with *tag not NULL, where a field is wrong. */
static bool walk_next(cursor *c, const frame *f, sonde_field *it,
                      const uint8_t **tag) {
    for (;;) {
        uint32_t level = c->level;
        *tag = NULL;
        if (c->p[level] == c->end[level]) {
            if (level == 0)
                return false;
            c->level--;
            continue;
        }
        *tag = c->p[level];
        if (!sonde_field_next(it, &c->p[level], c->end[level]))
            return false;
        if (level == c->top)
            return true;
        const frame *outer = f - (c->top - level);
        uint32_t number = outer[1].number;
        if (it->number != number || *tag < outer->first[number] ||
            *tag > outer->last[number])
            continue;
        c->p[level + 1] = it->data;
        c->end[level + 1] = it->data + it->size;
        c->level++;
    }
}

/* ---- The first walk ----------------------------------------------------- */

static bool wire_fits(const sonde_field_info *field, uint32_t wire) {
    return wire == sonde_request_wire(field) ||
           (wire == SONDE_WIRE_BYTES && (field->flags & SONDE_FIELD_PACKED));
}

/* Notes a field. Another member of a oneof undoes the one before. */
static void note(frame *f, const sonde_field_info *field, const uint8_t *tag) {
    uint32_t number = field->number, bit = 1u << number;
    if ((field->flags & SONDE_FIELD_ONEOF) && f->oneof != number) {
        f->seen &= ~(1u << f->oneof);
        f->oneof = (uint8_t)number;
    }
    if (!(f->seen & bit))
        f->first[number] = tag;
    f->last[number] = tag;
    f->seen |= bit;
}

static const sonde_field_info *field_of(const frame *f, uint32_t number) {
    uint32_t first = sonde_fields_first[f->message];
    uint32_t count = sonde_fields_first[f->message + 1] - first;
    if (number > count)
        return NULL;
    const sonde_field_info *field = &sonde_fields[first + number - 1];
    return field->kind != SONDE_FIELD_NONE ? field : NULL;
}

static bool scan(sonde_request *r, frame *f) {
    cursor c;
    sonde_field it;
    const uint8_t *tag;
    uint32_t count = sonde_fields_first[f->message + 1] -
                     (uint32_t)sonde_fields_first[f->message];
    for (uint32_t i = 1; i <= count; i++)
        f->last[i] = NULL;
    walk_start(&c, f);
    while (walk_next(&c, f, &it, &tag)) {
        const sonde_field_info *field = field_of(f, it.number);
        if (field == NULL) {
            r->report->unknown++;
            continue;
        }
        if (!wire_fits(field, it.wire)) {
            r->at = field;
            fail(r, tag, "wrong wire type");
            return false;
        }
        note(f, field, tag);
    }
    if (tag != NULL)
        fail(r, tag, "not a field: cut, a group, or field 0");
    return tag == NULL;
}

/* ---- Values ------------------------------------------------------------- */

/* The field at `tag`, which was read before. */
static void read_again(const sonde_request *r, sonde_field *it,
                       const uint8_t *tag) {
    if (!sonde_field_next(it, &tag, r->end))
        *it = (sonde_field){.data = tag};
}

static uint64_t value_of(uint32_t kind, uint64_t value) {
    switch (kind) {
    case SONDE_FIELD_BOOL:
        return value != 0;
    case SONDE_FIELD_UINT32:
    case SONDE_FIELD_DROPPED:
        return (uint32_t)value;
    case SONDE_FIELD_ENUM:
        return (uint64_t)(int64_t)(int32_t)(uint32_t)value;
    case SONDE_FIELD_SINT32: /* zigzag */
        value = (uint32_t)value;
        return value >> 1 ^ (0 - (value & 1));
    default:
        return value;
    }
}

static bool is_utf8(const uint8_t *p, size_t size) {
    if (sonde_text_is_ascii(p, size))
        return true;
    for (const uint8_t *end = p + size; p < end;) {
        int n = sonde_utf8_next(p, end);
        if (n < 0)
            return false;
        p += n;
    }
    return true;
}

static size_t cut_to(sonde_request *r, const frame *f, uint32_t kind,
                     const sonde_field *it) {
    size_t size = it->size;
    uint32_t most = f->cut ? r->limits->max_value : 0;
    if (most == 0 || size <= most)
        return size;
    if (kind == SONDE_FIELD_BASE64)
        size = most;
    else
        size = sonde_text_prefix(it->data, size, most);
    r->report->cut_values += size < it->size;
    return size;
}

static void take_text(sonde_request *r, frame *f, const sonde_field_info *field,
                      const sonde_field *it, const uint8_t *tag) {
    bool bytes = field->kind == SONDE_FIELD_BASE64;
    if (!bytes && !is_utf8(it->data, it->size)) {
        fail(r, tag, "text is not UTF-8");
        return;
    }
    size_t size = cut_to(r, f, field->kind, it);
    if (!sonde_write_head(r, f, field, size))
        return;
    if (!r->json)
        sonde_write_bytes(&r->w, it->data, size);
    else if (bytes)
        sonde_base64_put(&r->w, it->data, size);
    else
        sonde_write_escaped(&r->w, it->data, size);
    sonde_write_tail(r);
}

static void take_id(sonde_request *r, frame *f, const sonde_field_info *field,
                    const sonde_field *it, const uint8_t *tag) {
    size_t want = field->kind == SONDE_FIELD_HEX8 ? 8 : 16;
    if (it->size != 0 && it->size != want)
        fail(r, tag,
             want == 8 ? "the id has not 8 bytes" : "the id has not 16 bytes");
    else
        sonde_write_id(r, f, field, it->data, it->size);
}

/* The last one counts. There may be none of a field that counts what limits
 * have left out. */
static void take_scalar(sonde_request *r, frame *f,
                        const sonde_field_info *field) {
    const uint8_t *tag = f->last[field->number];
    sonde_field it = {0};
    if (tag != NULL)
        read_again(r, &it, tag);
    switch (field->kind) {
    case SONDE_FIELD_STRING:
    case SONDE_FIELD_BASE64:
        take_text(r, f, field, &it, tag);
        return;
    case SONDE_FIELD_HEX8:
    case SONDE_FIELD_HEX16:
        take_id(r, f, field, &it, tag);
        return;
    default:
        break;
    }
    uint64_t value = value_of(field->kind, it.value);
    if (field->kind == SONDE_FIELD_DROPPED)
        value = sonde_request_sum(value, *sonde_request_dropped(f, field));
    sonde_write_scalar(r, f, field, value);
}

/* ---- Lists of scalars --------------------------------------------------- */

/* The elements in one piece of a packed field. */
static bool take_packed(sonde_request *r, frame *f,
                        const sonde_field_info *field,
                        sonde_write_packed *packed, const sonde_field *it) {
    const uint8_t *p = it->data, *end = p + it->size;
    bool wide = sonde_request_wire(field) == SONDE_WIRE_64;
    while (p < end) {
        uint64_t value;
        const uint8_t *start = p;
        if (wide && end - p >= 8) {
            value = sonde_load64(p);
            p += 8;
        } else if (wide || !sonde_varint_get(&p, end, &value)) {
            fail(r, start, "a packed value is cut");
            return false;
        }
        sonde_write_packed_one(r, f, packed, field, value);
        f->count++;
    }
    return true;
}

/* All elements of a field that is packed, or of strings, wherever they are. */
static void take_list(sonde_request *r, frame *f,
                      const sonde_field_info *field) {
    cursor c;
    sonde_field it;
    const uint8_t *tag;
    sonde_write_packed packed = {0};
    f->many = field->number; /* for the path */
    f->count = 0;
    walk_start(&c, f);
    while (r->status == SONDE_OK && walk_next(&c, f, &it, &tag) &&
           tag <= f->last[field->number]) {
        if (it.number != field->number)
            continue;
        if (field->kind == SONDE_FIELD_STRINGS) {
            take_text(r, f, field, &it, tag);
            f->count++;
        } else if (it.wire != SONDE_WIRE_BYTES) {
            sonde_write_packed_one(r, f, &packed, field, it.value);
            f->count++;
        } else if (!take_packed(r, f, field, &packed, &it)) {
            return;
        }
    }
    if (r->status < 0)
        return;
    sonde_write_packed_end(r, &packed);
    sonde_write_end(r, f);
}

/* ---- Messages ----------------------------------------------------------- */

static void take_message(sonde_request *r, frame *f,
                         const sonde_field_info *field) {
    const uint8_t *tag = f->last[field->number];
    sonde_field it;
    frame *inner = sonde_request_open(r, field, tag);
    if (inner == NULL)
        return;
    read_again(r, &it, tag);
    inner->data = it.data;
    inner->end = it.data + it.size;
    inner->pieces = f->first[field->number] != tag;
    scan(r, inner);
}

/* Without pieces, the first one is where it was noted. */
static void start_messages(frame *f, const sonde_field_info *field) {
    f->many = field->number;
    f->count = 0;
    walk_start(&f->cursor, f);
    if (f->cursor.top == 0)
        f->cursor.p[0] = f->first[field->number];
}

static void end_messages(sonde_request *r, frame *f,
                         const sonde_field_info *field) {
    sonde_write_end(r, f);
    if (field[1].kind == SONDE_FIELD_DROPPED &&
        *sonde_request_dropped(f, field + 1) > 0)
        f->seen |= 1u << field[1].number;
}

static void next_message(sonde_request *r, frame *f) {
    const sonde_field_info *field = field_of(f, f->many);
    sonde_field it;
    const uint8_t *tag;
    do {
        if (!walk_next(&f->cursor, f, &it, &tag) || tag > f->last[f->many]) {
            end_messages(r, f, field);
            return;
        }
    } while (it.number != f->many);
    r->at = field;
    if (sonde_request_full(r, f, field))
        return;
    frame *inner = sonde_request_open(r, field, tag);
    if (inner == NULL)
        return;
    inner->data = it.data;
    inner->end = it.data + it.size;
    scan(r, inner);
}

static void take_field(sonde_request *r, frame *f) {
    uint32_t number = (uint32_t)__builtin_ctz(f->seen);
    const sonde_field_info *field = field_of(f, number);
    f->seen &= f->seen - 1;
    r->at = field;
    if (field->kind == SONDE_FIELD_ONE)
        take_message(r, f, field);
    else if (field->kind == SONDE_FIELD_MANY)
        start_messages(f, field);
    else if ((field->flags & SONDE_FIELD_PACKED) ||
             field->kind == SONDE_FIELD_STRINGS)
        take_list(r, f, field);
    else
        take_scalar(r, f, field);
}

void sonde_request_protobuf(sonde_request *r) {
    if (!scan(r, &r->frames[0]))
        return;
    while (r->status == SONDE_OK && r->w.status == SONDE_OK) {
        frame *f = sonde_request_top(r);
        if (f->many != 0)
            next_message(r, f);
        else if (f->seen != 0)
            take_field(r, f);
        else if (r->depth > 1)
            sonde_request_close(r);
        else
            return;
    }
}
