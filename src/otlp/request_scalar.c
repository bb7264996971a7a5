/* Owns the scalars of OTLP JSON, each of which may be spelt in several ways,
 * and lists of them. */
#include "core/number.h"
#include "core/text.h"
#include "otlp/request_json.h"

/* ---- Numbers ------------------------------------------------------------ */

static bool is_text(const text *s, const char *word) {
    return s->size == strlen(word) && memcmp(s->data, word, s->size) == 0;
}

static const char *take_double(const text *s, bool quoted, uint64_t *bits) {
    if (quoted && is_text(s, "NaN")) {
        *bits = UINT64_C(0x7FF8) << 48;
    } else if (quoted && is_text(s, "Infinity")) {
        *bits = UINT64_C(0x7FF0) << 48;
    } else if (quoted && is_text(s, "-Infinity")) {
        *bits = UINT64_C(0xFFF0) << 48;
    } else {
        switch (sonde_double_get(bits, s->data, s->size)) {
        case SONDE_NUMBER_FINE:
            return NULL;
        case SONDE_NUMBER_RANGE:
            return "the number is too large for a double";
        default:
            return "not a number";
        }
    }
    return NULL;
}

static bool is_signed(uint32_t kind) {
    return kind == SONDE_FIELD_ENUM || kind == SONDE_FIELD_SINT32 ||
           kind == SONDE_FIELD_INT64 || kind == SONDE_FIELD_SFIXED64;
}

static uint64_t most_of(uint32_t kind) {
    switch (kind) {
    case SONDE_FIELD_ENUM:
    case SONDE_FIELD_SINT32:
        return INT32_MAX;
    case SONDE_FIELD_INT64:
    case SONDE_FIELD_SFIXED64:
        return INT64_MAX;
    case SONDE_FIELD_UINT64:
    case SONDE_FIELD_FIXED64:
        return UINT64_MAX;
    default:
        return UINT32_MAX;
    }
}

/* Up to 19 digits and nothing else, the usual case. */
static bool take_digits(const text *s, uint64_t *value) {
    uint64_t sum = 0;
    if (s->size == 0 || s->size > 19 || (s->size > 1 && s->data[0] == '0'))
        return false;
    for (size_t i = 0; i < s->size; i++) {
        uint32_t digit = s->data[i] - (uint32_t)'0';
        if (digit > 9)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}

static const char *take_whole(const text *s, uint32_t kind, uint64_t *value) {
    bool negative = false;
    if (!take_digits(s, value)) {
        switch (sonde_whole_get(value, &negative, s->data, s->size)) {
        case SONDE_NUMBER_FINE:
            break;
        case SONDE_NUMBER_FRACTION:
            return "the number is not whole";
        case SONDE_NUMBER_RANGE:
            return "the number is out of range";
        default:
            return kind == SONDE_FIELD_ENUM
                       ? "not a number: names of enumerations are not allowed"
                       : "not a number";
        }
    }
    uint64_t most = most_of(kind);
    if (negative && *value > 0) {
        if (!is_signed(kind) || *value > most + 1)
            return "the number is out of range";
        *value = 0 - *value;
        return NULL;
    }
    return *value > most ? "the number is out of range" : NULL;
}

/* Reads a number, which may be in quotes. */
static cursor take_number(sonde_request *r, cursor p, uint32_t kind,
                          uint64_t *value) {
    uint8_t scratch[SCRATCH];
    text s = {p, 0, false};
    cursor start = p;
    bool quoted = byte_at(r, p) == '"';
    if (quoted)
        p = sonde_request_string(r, p + 1, &s);
    else
        p = number_end(r, p);
    if (p == NULL)
        return NULL;
    if (!quoted)
        s.size = (size_t)(p - start);
    const char *wrong = "not a number";
    if (unescape(&s, scratch))
        wrong = kind == SONDE_FIELD_DOUBLE ? take_double(&s, quoted, value)
                                           : take_whole(&s, kind, value);
    return wrong == NULL ? p : fail(r, start, wrong);
}

/* ---- Others ------------------------------------------------------------- */

static cursor take_bool(sonde_request *r, cursor p, uint64_t *value) {
    *value = is_word(r, p, "true", 4);
    if (*value)
        return p + 4;
    return is_word(r, p, "false", 5) ? p + 5
                                     : fail(r, p, "neither true nor false");
}

static cursor take_id(sonde_request *r, cursor p, sonde_request_frame *f,
                      const sonde_field_info *field) {
    uint8_t id[16], scratch[SCRATCH];
    size_t want = field->kind == SONDE_FIELD_HEX8 ? 16 : 32;
    text s;
    cursor start = p;
    if (byte_at(r, p) != '"')
        return fail(r, p, "not a string");
    p = sonde_request_string(r, p + 1, &s);
    if (p == NULL)
        return NULL;
    if (!unescape(&s, scratch) || (s.size != 0 && s.size != want))
        return fail(r, start,
                    want == 16 ? "the id has not 16 hexadecimal digits"
                               : "the id has not 32 hexadecimal digits");
    if (!sonde_hex_get(id, s.data, s.size / 2))
        return fail(r, start, "the id is not hexadecimal");
    sonde_write_id(r, f, field, id, s.size / 2);
    return p;
}

/* It grows by what limits leave out of the field before it, so it waits for
 * that, if need be until the object ends. */
static void take_dropped(sonde_request *r, sonde_request_frame *f,
                         const sonde_field_info *field, uint32_t value) {
    uint32_t *dropped = sonde_request_dropped(f, field);
    *dropped = sonde_request_sum(*dropped, value);
    if (f->seen >> (field->number - 1) & 1) {
        sonde_write_scalar(r, f, field, *dropped);
        *dropped = 0;
    }
}

cursor sonde_request_scalar(sonde_request *r, cursor p, sonde_request_frame *f,
                            const sonde_field_info *field) {
    uint64_t value = 0;
    switch (field->kind) {
    case SONDE_FIELD_STRING:
    case SONDE_FIELD_BASE64:
        return sonde_request_text(r, p, f, field);
    case SONDE_FIELD_HEX8:
    case SONDE_FIELD_HEX16:
        return take_id(r, p, f, field);
    case SONDE_FIELD_BOOL:
        p = take_bool(r, p, &value);
        break;
    default:
        p = take_number(r, p, field->kind, &value);
        break;
    }
    if (p == NULL)
        return NULL;
    if (field->kind == SONDE_FIELD_DROPPED)
        take_dropped(r, f, field, (uint32_t)value);
    else
        sonde_write_scalar(r, f, field, value);
    return p;
}

/* ---- Lists of scalars --------------------------------------------------- */

/* Reads an element of a packed field, or of a list of strings. */
static cursor take_element(sonde_request *r, cursor p, sonde_request_frame *f,
                           const sonde_field_info *field,
                           sonde_write_packed *packed) {
    uint64_t value = 0;
    if (field->kind == SONDE_FIELD_STRINGS)
        return sonde_request_text(r, p, f, field);
    p = take_number(r, p, field->kind, &value);
    if (p != NULL)
        sonde_write_packed_one(r, f, packed, field, value);
    return p;
}

cursor sonde_request_list(sonde_request *r, cursor p, sonde_request_frame *f,
                          const sonde_field_info *field) {
    sonde_write_packed packed = {0};
    f->many = field->number; /* for the path */
    f->count = 0;
    if (byte_at(r, p) != '[')
        return fail(r, p, "not an array");
    p = space(r, p + 1);
    while (byte_at(r, p) != ']') {
        if (f->count > 0 && byte_at(r, p) != ',')
            return fail(r, p, "neither a comma nor the end of an array");
        if (f->count > 0)
            p = space(r, p + 1);
        p = take_element(r, p, f, field, &packed);
        if (p == NULL || r->w.status < 0)
            return NULL;
        f->count++;
        p = space(r, p);
    }
    sonde_write_packed_end(r, &packed);
    sonde_write_end(r, f);
    return p + 1;
}
