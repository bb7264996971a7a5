/* Owns the writing of requests, forwards and in one pass. In protobuf the
 * length of a message stands in front of it and is known behind it: as many
 * bytes are kept free as the last one of its kind took, and if that was wrong,
 * its bytes are moved by one or two. The long ones, which would be costly to
 * move, take the same as before. */
#include "core/json.h"
#include "core/number.h"
#include "core/text.h"
#include "core/wire.h"
#include "otlp/request.h"

static void put_varint(sonde_writer *w, uint64_t value) {
    if (value < 0x80)
        sonde_write_byte(w, (uint8_t)value);
    else
        sonde_writer_varint(w, value);
}

static void put_name(sonde_request *r, sonde_request_frame *f,
                     const sonde_field_info *field) {
    if (f->some)
        sonde_write_byte(&r->w, ',');
    f->some = true;
    sonde_write_bytes(&r->w, (const uint8_t *)field->key, field->size + 3u);
}

static void put_tag(sonde_request *r, sonde_request_frame *f,
                    const sonde_field_info *field, uint32_t wire) {
    if (r->json)
        put_name(r, f, field);
    else
        put_varint(&r->w, (uint32_t)field->number << 3 | wire);
}

/* ---- Messages ----------------------------------------------------------- */

static void put_comma(sonde_request *r, sonde_request_frame *f,
                      const sonde_field_info *field) {
    if (f->open) {
        sonde_write_byte(&r->w, ',');
        return;
    }
    put_name(r, f, field);
    sonde_write_byte(&r->w, '[');
    f->open = true;
}

static void keep_free(sonde_writer *w, size_t size) {
    static const uint8_t NOTHING[8];
    sonde_write_bytes(w, NOTHING, size);
}

void sonde_write_open(sonde_request *r, sonde_request_frame *parent,
                      sonde_request_frame *f, const sonde_field_info *field) {
    if (r->json) {
        if (field->kind == SONDE_FIELD_MANY)
            put_comma(r, parent, field);
        else
            put_name(r, parent, field);
        sonde_write_byte(&r->w, '{');
        return;
    }
    put_tag(r, parent, field, SONDE_WIRE_BYTES);
    f->room = r->rooms[f->message];
    keep_free(&r->w, f->room);
    f->start = r->w.used;
}

/* Puts the length of what was written from `start` on into the `room` bytes
 * before it, or moves it to where it belongs. Returns the bytes it took. */
static uint32_t put_length(sonde_writer *w, size_t start, uint32_t room) {
    size_t size = w->used - start;
    uint32_t need = size < 0x80 ? 1 : sonde_varint_size(size);
    if (need > room)
        keep_free(w, need - room);
    if (w->status != SONDE_OK)
        return room;
    if (need < room)
        w->used -= room - need;
    if (w->data == NULL)
        return need;
    uint8_t *at = w->data + start - room;
    if (need != room)
        memmove(at + need, at + room, size);
    for (; size >= 0x80; size >>= 7)
        *at++ = (uint8_t)(size | 0x80);
    *at = (uint8_t)size;
    return need;
}

void sonde_write_close(sonde_request *r, sonde_request_frame *f) {
    if (r->json)
        sonde_write_byte(&r->w, '}');
    else
        r->rooms[f->message] = (uint8_t)put_length(&r->w, f->start, f->room);
}

void sonde_write_end(sonde_request *r, sonde_request_frame *f) {
    if (f->open)
        sonde_write_byte(&r->w, ']');
    f->open = false;
    f->many = 0;
}

/* ---- Numbers ------------------------------------------------------------ */

static void put_fixed(sonde_writer *w, uint64_t value, size_t size) {
    uint8_t bytes[8];
    memcpy(bytes, &value, sizeof bytes); /* little-endian */
    sonde_write_bytes(w, bytes, size);
}

static void put_binary(sonde_writer *w, uint32_t kind, uint64_t value) {
    switch (kind) {
    case SONDE_FIELD_FIXED64:
    case SONDE_FIELD_SFIXED64:
    case SONDE_FIELD_DOUBLE:
        put_fixed(w, value, 8);
        break;
    case SONDE_FIELD_FIXED32:
        put_fixed(w, value, 4);
        break;
    case SONDE_FIELD_SINT32: /* zigzag */
        put_varint(w, (uint32_t)(value << 1 ^ (0 - (value >> 63))));
        break;
    default:
        put_varint(w, value);
        break;
    }
}

static void put_double(sonde_writer *w, uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    sonde_double_write(w, value);
}

static bool is_wide(uint32_t kind) {
    return kind == SONDE_FIELD_INT64 || kind == SONDE_FIELD_UINT64 ||
           kind == SONDE_FIELD_FIXED64 || kind == SONDE_FIELD_SFIXED64;
}

static void put_text(sonde_writer *w, uint32_t kind, uint64_t value) {
    bool quoted = is_wide(kind);
    if (quoted)
        sonde_write_byte(w, '"');
    switch (kind) {
    case SONDE_FIELD_BOOL:
        sonde_writer_put(w, value ? "true" : "false", value ? 4 : 5);
        break;
    case SONDE_FIELD_DOUBLE:
        put_double(w, value);
        break;
    case SONDE_FIELD_UINT64:
    case SONDE_FIELD_FIXED64:
        sonde_uint_put(w, value);
        break;
    default: /* those of 32 bits, too */
        sonde_int_put(w, (int64_t)value);
        break;
    }
    if (quoted)
        sonde_write_byte(w, '"');
}

static void put_value(sonde_request *r, uint32_t kind, uint64_t value) {
    if (r->json)
        put_text(&r->w, kind, value);
    else
        put_binary(&r->w, kind, value);
}

void sonde_write_scalar(sonde_request *r, sonde_request_frame *f,
                        const sonde_field_info *field, uint64_t value) {
    if (value == 0 && !(field->flags & SONDE_FIELD_KEPT))
        return;
    put_tag(r, f, field, sonde_request_wire(field));
    put_value(r, field->kind, value);
}

void sonde_write_packed_one(sonde_request *r, sonde_request_frame *f,
                            sonde_write_packed *packed,
                            const sonde_field_info *field, uint64_t value) {
    if (packed->count++ > 0) {
        if (r->json)
            sonde_write_byte(&r->w, ',');
    } else {
        put_tag(r, f, field, SONDE_WIRE_BYTES);
        sonde_write_byte(&r->w, '['); /* or where the length goes */
        packed->start = r->w.used;
    }
    put_value(r, field->kind, value);
}

void sonde_write_packed_end(sonde_request *r,
                            const sonde_write_packed *packed) {
    if (packed->count == 0)
        return;
    if (r->json)
        sonde_write_byte(&r->w, ']');
    else
        put_length(&r->w, packed->start, 1);
}

/* ---- Texts and bytes ---------------------------------------------------- */

bool sonde_write_head(sonde_request *r, sonde_request_frame *f,
                      const sonde_field_info *field, size_t size) {
    bool many = field->kind == SONDE_FIELD_STRINGS;
    if (size == 0 && !many && !(field->flags & SONDE_FIELD_KEPT))
        return false;
    if (many && r->json)
        put_comma(r, f, field);
    else
        put_tag(r, f, field, SONDE_WIRE_BYTES);
    if (r->json)
        sonde_write_byte(&r->w, '"');
    else
        put_varint(&r->w, size);
    return true;
}

void sonde_write_tail(sonde_request *r) {
    if (r->json)
        sonde_write_byte(&r->w, '"');
}

void sonde_write_id(sonde_request *r, sonde_request_frame *f,
                    const sonde_field_info *field, const uint8_t *id,
                    size_t size) {
    if (!sonde_write_head(r, f, field, size))
        return;
    if (r->json)
        sonde_hex_put(&r->w, id, size);
    else
        sonde_write_bytes(&r->w, id, size);
    sonde_write_tail(r);
}

/* Escapes are rare: what has to be escaped goes to the plain function, with the
 * characters that follow up to the next plain run. */
void sonde_write_escaped(sonde_writer *w, const uint8_t *text, size_t size) {
    while (size > 0) {
        size_t run = sonde_json_plain(text, size);
        sonde_write_bytes(w, text, run);
        text += run;
        size -= run;
        for (run = 0; run < size && (text[run] >= 0x80 || text[run] < 0x20 ||
                                     text[run] == '"' || text[run] == '\\');)
            run++;
        if (run > 0)
            sonde_json_escape(w, text, run);
        text += run;
        size -= run;
    }
}
