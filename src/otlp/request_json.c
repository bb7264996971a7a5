/* Owns the reading of OTLP JSON. One loop over the text with the stack of open
 * messages: what a name means follows from the message it is in, so there is
 * no tree and nothing is kept. Names mostly come in the order of the last
 * message of their kind, so the field behind the last one is tried first. */
#include "otlp/request_json.h"

/* memcmp is a call, which costs more than comparing a name. */
static inline bool is_same(const uint8_t *a, const uint8_t *b, size_t size) {
    if (size >= 8)
        return sonde_load64(a) == sonde_load64(b) &&
               (size <= 16 || sonde_load64(a + 8) == sonde_load64(b + 8)) &&
               sonde_load64(a + size - 8) == sonde_load64(b + size - 8);
    while (size > 0 && a[size - 1] == b[size - 1])
        size--;
    return size == 0;
}

static const sonde_field_info *find(uint32_t message, const text *name,
                                    uint32_t last) {
    uint32_t first = sonde_fields_first[message];
    uint32_t count = sonde_fields_first[message + 1] - first;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = last + i;
        const sonde_field_info *field =
            &sonde_fields[first + (at < count ? at : at - count)];
        if (field->size == name->size &&
            is_same((const uint8_t *)field->key + 1, name->data, name->size))
            return field->kind != SONDE_FIELD_NONE ? field : NULL;
    }
    return NULL;
}

/* The field with this name; `any`: of the request of any signal. */
static const sonde_field_info *
field_named(sonde_request *r, sonde_request_frame *f, text *name, bool *any) {
    uint8_t scratch[SCRATCH];
    if (!unescape(name, scratch) || name->size == 0)
        return NULL;
    if (!*any || r->depth > 1)
        return find(f->message, name, f->hint);
    for (int32_t signal = 0; signal <= SONDE_OTLP_METRICS; signal++) {
        uint32_t message = SONDE_MESSAGE_REQUEST + (uint32_t)signal;
        const sonde_field_info *field = find(message, name, 0);
        if (field == NULL)
            continue;
        *any = false;
        f->message = (uint8_t)message;
        r->report->signal = signal;
        return field;
    }
    return NULL;
}

/* Reads a value that is there; a message is only opened. */
static cursor take_value(sonde_request *r, cursor p, sonde_request_frame *f,
                         const sonde_field_info *field) {
    uint32_t bit = 1u << field->number;
    if (f->seen & bit)
        return fail(r, p, "the name is there twice");
    f->seen |= bit;
    if (field->flags & SONDE_FIELD_ONEOF) {
        if (f->oneof != 0)
            return fail(r, p, "two values where one belongs");
        f->oneof = field->number;
    }
    if (field->kind == SONDE_FIELD_MANY) {
        if (byte_at(r, p) != '[')
            return fail(r, p, "not an array");
        f->many = field->number;
        f->count = 0;
        f->element = false;
        return p + 1;
    }
    if (field->kind == SONDE_FIELD_ONE) {
        if (byte_at(r, p) != '{')
            return fail(r, p, "not an object");
        return sonde_request_open(r, field, p) != NULL ? p + 1 : NULL;
    }
    if ((field->flags & SONDE_FIELD_PACKED) ||
        field->kind == SONDE_FIELD_STRINGS)
        return sonde_request_list(r, p, f, field);
    return sonde_request_scalar(r, p, f, field);
}

/* Reads a member, from its name on. */
static cursor member(sonde_request *r, cursor p, bool *any) {
    sonde_request_frame *f = sonde_request_top(r);
    text name;
    if (byte_at(r, p) != '"')
        return fail(r, p, "not a name");
    p = sonde_request_string(r, p + 1, &name);
    if (p == NULL)
        return NULL;
    p = space(r, p);
    if (byte_at(r, p) != ':')
        return fail(r, p, "no colon behind a name");
    p = space(r, p + 1);
    const sonde_field_info *field = field_named(r, f, &name, any);
    if (field == NULL) {
        r->report->unknown++;
        return sonde_request_skip(r, p);
    }
    if (byte_at(r, p) == 'n' && is_word(r, p, "null", 4))
        return p + 4;
    f->hint = field->number; /* the next one is likely next */
    r->at = field;
    return take_value(r, p, f, field);
}

/* What the limits left out is known at the end of the message. */
static void close_object(sonde_request *r, sonde_request_frame *f) {
    const sonde_field_info *field =
        &sonde_fields[sonde_fields_first[f->message]];
    uint32_t count = sonde_fields_first[f->message + 1] -
                     (uint32_t)sonde_fields_first[f->message];
    bool any = (f->dropped[0] | f->dropped[1] | f->dropped[2]) != 0;
    for (uint32_t i = 0; i < count && any; i++) {
        if (field[i].kind == SONDE_FIELD_DROPPED)
            sonde_write_scalar(r, f, &field[i],
                               *sonde_request_dropped(f, &field[i]));
    }
    if (r->depth > 1)
        sonde_request_close(r);
    else
        r->depth = 0;
}

/* Goes on in an object: the next member, or its end. */
static cursor in_object(sonde_request *r, cursor p, bool *any) {
    sonde_request_frame *f = sonde_request_top(r);
    r->at = NULL;
    uint8_t c = byte_at(r, p);
    if (c == '}') {
        close_object(r, f);
        return p + 1;
    }
    if (f->started) {
        if (c != ',')
            return fail(r, p, "neither a comma nor the end of an object");
        p = space(r, p + 1);
    }
    f->started = true;
    return member(r, p, any);
}

/* Goes on in an array of messages: the next one, or its end. */
static cursor in_array(sonde_request *r, cursor p, sonde_request_frame *f) {
    const sonde_field_info *field =
        &sonde_fields[sonde_fields_first[f->message] + f->many - 1u];
    r->at = field;
    uint8_t c = byte_at(r, p);
    if (c == ']') {
        sonde_write_end(r, f);
        return p + 1;
    }
    if (f->element) {
        if (c != ',')
            return fail(r, p, "neither a comma nor the end of an array");
        p = space(r, p + 1);
        c = byte_at(r, p);
    }
    f->element = true;
    if (c != '{')
        return fail(r, p, "not an object");
    if (sonde_request_full(r, f, field))
        return sonde_request_skip(r, p);
    return sonde_request_open(r, field, p) != NULL ? p + 1 : NULL;
}

void sonde_request_json(sonde_request *r, bool any) {
    cursor p = space(r, r->in);
    if (byte_at(r, p) != '{') {
        fail(r, p, "not an object");
        return;
    }
    p = space(r, p + 1);
    while (r->depth > 0 && r->w.status == SONDE_OK) {
        sonde_request_frame *f = sonde_request_top(r);
        p = f->many != 0 ? in_array(r, p, f) : in_object(r, p, &any);
        if (p == NULL)
            return;
        p = space(r, p);
    }
    if (r->w.status == SONDE_OK && p < r->end)
        fail(r, p, "something behind the request");
}
