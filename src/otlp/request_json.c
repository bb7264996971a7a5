/* Owns the reading of OTLP JSON. One loop over the text with the stack of open
 * messages: what a name means follows from the message it is in, so there is
 * no tree and nothing is kept. Names mostly come in the order of the last
 * message of their kind, so the field behind the last one is tried first. */
#include "core/json.h"
#include "core/number.h"
#include "core/text.h"
#include "otlp/request.h"

typedef const uint8_t *cursor;

static cursor fail(sonde_request *r, cursor p, const char *what) {
    sonde_request_fail(r, SONDE_BAD_INPUT, p, what);
    return NULL;
}

static inline cursor space(const sonde_request *r, cursor p) {
    while (p < r->end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r'))
        p++;
    return p;
}

/* The byte at `p`, 0 at the end, which stands for no byte of JSON. */
static inline uint8_t byte_at(const sonde_request *r, cursor p) {
    return p < r->end ? *p : 0;
}

/* ---- Strings ---------------------------------------------------------------
 */

/* What stands between the quotes. */
typedef struct {
    const uint8_t *data;
    size_t size;
    bool escaped; /* there is a backslash */
} text;

/* Bytes in front of the first that is special in a string, up to the next. */
static inline cursor plain(cursor p, cursor end) {
    const uint64_t ONES = UINT64_C(0x0101010101010101), HIGH = ONES << 7;
    for (; end - p >= 8; p += 8) {
        uint64_t word = sonde_load64(p);
        uint64_t quote = word ^ ONES * '"', slash = word ^ ONES * '\\';
        uint64_t special =
            ((quote - ONES) | (slash - ONES) | (word - ONES * 0x20) | word) &
            HIGH;
        if (special != 0) /* exact for the first one */
            return p + ((uint32_t)__builtin_ctzll(special) >> 3);
    }
    while (p < end && *p >= 0x20 && *p < 0x80 && *p != '"' && *p != '\\')
        p++;
    return p;
}

/* Checks the escape whose backslash is at `p`; returns what is behind it. */
static cursor skip_escape(sonde_request *r, cursor p) {
    uint8_t digits[2], c = byte_at(r, p + 1);
    if (c == 'u') {
        if (r->end - p >= 6 && sonde_hex_get(digits, p + 2, 2))
            return p + 6;
    } else {
        for (uint32_t i = 0; i < 8; i++) {
            if (sonde_json_escapes[i][0] == c)
                return p + 2;
        }
    }
    return fail(r, p, "no such escape");
}

/* Reads a string from behind its first quote to behind its last. */
static cursor take_string(sonde_request *r, cursor p, text *s) {
    s->data = p;
    s->escaped = false;
    for (;;) {
        p = plain(p, r->end);
        uint8_t c = byte_at(r, p);
        if (c == '"') {
            s->size = (size_t)(p - s->data);
            return p + 1;
        }
        if (c == '\\') {
            s->escaped = true;
            p = skip_escape(r, p);
            if (p == NULL)
                return NULL;
        } else if (c < 0x20) {
            return fail(r, p,
                        p < r->end ? "control character in a string"
                                   : "the string does not end");
        }
        while (p < r->end && *p >= 0x80) {
            int n = sonde_utf8_next(p, r->end);
            if (n < 0)
                return fail(r, p, "text is not UTF-8");
            p += n;
        }
    }
}

/* ---- Escapes ----------------------------------------------------------------
 */

static uint32_t hex4(cursor p) {
    uint8_t b[2] = {0, 0};
    bool fits = sonde_hex_get(b, p, 2); /* checked before */
    return fits ? (uint32_t)b[0] << 8 | b[1] : 0xFFFD;
}

/* The character at `p`, whether it is escaped or not, as UTF-8; `p` moves
 * behind it. *raw is false if its spelling would not do in JSON, either. */
static uint32_t take_character(cursor *p, cursor end, uint8_t to[4],
                               bool *raw) {
    cursor start = *p;
    *raw = true;
    if (*start != '\\') {
        int n = sonde_utf8_next(start, end);
        memcpy(to, start, (size_t)n);
        *p += n;
        return (uint32_t)n;
    }
    uint32_t size = start[1] == 'u' ? 6 : 2;
    if (size == 6 && hex4(start + 2) >> 10 == 0xD800 >> 10 &&
        end - start >= 12 && start[6] == '\\' && start[7] == 'u' &&
        hex4(start + 8) >> 10 == 0xDC00 >> 10)
        size = 12;
    *p += size;
    if (size == 6 && hex4(start + 2) >> 11 == 0xD800 >> 11)
        *raw = false;
    return (uint32_t)sonde_json_unescape(to, 4, start, size);
}

/* Bytes up to the next backslash, where characters need not be counted. */
static size_t plain_run(cursor p, cursor end, uint32_t most) {
    if (most != UINT32_MAX)
        return 0;
    const uint8_t *slash = memchr(p, '\\', (size_t)(end - p));
    return (size_t)((slash != NULL ? slash : end) - p);
}

/* Writes an escaped text, as what it means or, `keep`, as it is spelt; at most
 * `most` characters. Without `w` it only counts the bytes. *cut: there were
 * more. */
static size_t put_characters(sonde_writer *w, const text *s, bool keep,
                             uint32_t most, bool *cut) {
    cursor p = s->data, end = p + s->size;
    size_t sum = 0;
    for (uint32_t left = most; p < end && left > 0;) {
        uint8_t character[4];
        const uint8_t *from = p;
        bool raw = true;
        size_t size = plain_run(p, end, most);
        if (size > 0) {
            p += size;
        } else {
            left -= most != UINT32_MAX;
            size = take_character(&p, end, character, &raw);
            if (keep && raw)
                size = (size_t)(p - from);
            else
                from = character;
        }
        if (w != NULL)
            sonde_write_bytes(w, from, size);
        sum += size;
    }
    *cut = p < end;
    return sum;
}

/* ---- Scalars ----------------------------------------------------------------
 */

/* The longest number or id that is read when it has escapes. */
enum { SCRATCH = 64 };

/* Takes the escapes out of what is no text; such are never needed. */
static bool unescape(text *s, uint8_t scratch[SCRATCH]) {
    if (!s->escaped)
        return true;
    if (s->size > SCRATCH)
        return false;
    s->size = sonde_json_unescape(scratch, SCRATCH, s->data, s->size);
    s->data = scratch;
    return true;
}

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

/* Up to 18 digits and nothing else, the usual case. */
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

/* Where a number of JSON that begins at `p` ends at the latest. */
static cursor number_end(const sonde_request *r, cursor p) {
    while (p < r->end && ((*p >= '0' && *p <= '9') || *p == '-' || *p == '+' ||
                          *p == '.' || *p == 'e' || *p == 'E'))
        p++;
    return p;
}

/* Reads a number, which may be in quotes. */
static cursor take_number(sonde_request *r, cursor p, uint32_t kind,
                          uint64_t *value) {
    uint8_t scratch[SCRATCH];
    text s = {p, 0, false};
    cursor start = p;
    bool quoted = byte_at(r, p) == '"';
    if (quoted)
        p = take_string(r, p + 1, &s);
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

static bool is_word(const sonde_request *r, cursor p, const char *word,
                    size_t size) {
    return (size_t)(r->end - p) >= size && memcmp(p, word, size) == 0;
}

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
    p = take_string(r, p + 1, &s);
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

/* ---- Texts and bytes
 * ---------------------------------------------------------- */

static void put_text(sonde_request *r, sonde_request_frame *f,
                     const sonde_field_info *field, const text *s) {
    uint32_t most = f->cut ? r->limits->max_value : 0;
    bool cut = false, slow = s->escaped;
    size_t size = s->size;
    if (most == 0)
        most = UINT32_MAX;
    else
        slow |= size > most;
    if (slow)
        size = put_characters(NULL, s, r->json, most, &cut);
    r->report->cut_values += cut;
    if (!sonde_write_head(r, f, field, size))
        return;
    if (slow)
        put_characters(&r->w, s, r->json, most, &cut);
    else
        sonde_write_bytes(&r->w, s->data, size);
    sonde_write_tail(r);
}

static int value64(uint8_t c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* A slash may be escaped, and so may anything else. */
static uint8_t take_ascii(cursor *p, cursor end) {
    uint8_t character[4] = {0};
    bool raw;
    if (**p != '\\')
        return *(*p)++;
    uint32_t size = take_character(p, end, character, &raw);
    return size == 1 ? character[0] : 0;
}

/* Reads base64 to `w`, at most `most` bytes of it; without `w` it checks all of
 * it. Returns the number of bytes, or a negative one. In JSON it is spelt anew,
 * some whole groups at a time. */
static int64_t put_base64(sonde_writer *w, bool json, const text *s,
                          uint32_t most) {
    cursor p = s->data, end = p + s->size;
    uint8_t chunk[48];
    uint32_t bits = 0, count = 0, used = 0, digits = 0, padding = 0;
    int64_t sum = 0;
    while (p < end && sum < most) {
        uint8_t c = take_ascii(&p, end);
        int value = value64(c);
        if (c == '=' && digits % 4 >= 2 && padding < 2) {
            padding++;
            continue;
        }
        if (value < 0 || padding > 0)
            return -1;
        digits++;
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count < 8)
            continue;
        count -= 8;
        chunk[used++] = (uint8_t)(bits >> count);
        bits &= (1u << count) - 1;
        sum++;
        if (used < sizeof chunk && sum < most)
            continue;
        if (w != NULL && json)
            sonde_base64_put(w, chunk, used);
        else if (w != NULL)
            sonde_write_bytes(w, chunk, used);
        used = 0;
    }
    if (sum < most && (bits != 0 || digits % 4 == 1 ||
                       (padding > 0 && (digits + padding) % 4 != 0)))
        return -1;
    if (w != NULL && json)
        sonde_base64_put(w, chunk, used);
    else if (w != NULL)
        sonde_write_bytes(w, chunk, used);
    return sum;
}

static bool put_bytes(sonde_request *r, sonde_request_frame *f,
                      const sonde_field_info *field, const text *s) {
    int64_t size = put_base64(NULL, false, s, UINT32_MAX);
    uint32_t most = f->cut ? r->limits->max_value : 0;
    if (size < 0)
        return false;
    if (most > 0 && size > most) {
        size = most;
        r->report->cut_values++;
    }
    if (!sonde_write_head(r, f, field, (size_t)size))
        return true;
    if (size > 0)
        (void)put_base64(&r->w, r->json, s, (uint32_t)size);
    sonde_write_tail(r);
    return true;
}

static cursor take_text(sonde_request *r, cursor p, sonde_request_frame *f,
                        const sonde_field_info *field) {
    text s;
    cursor start = p;
    if (byte_at(r, p) != '"')
        return fail(r, p, "not a string");
    p = take_string(r, p + 1, &s);
    if (p == NULL)
        return NULL;
    if (field->kind != SONDE_FIELD_BASE64)
        put_text(r, f, field, &s);
    else if (!put_bytes(r, f, field, &s))
        return fail(r, start, "not base64");
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

static cursor take_scalar(sonde_request *r, cursor p, sonde_request_frame *f,
                          const sonde_field_info *field) {
    uint64_t value = 0;
    switch (field->kind) {
    case SONDE_FIELD_STRING:
    case SONDE_FIELD_BASE64:
        return take_text(r, p, f, field);
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

/* ---- Lists of scalars
 * ----------------------------------------------------------- */

/* Reads an element of a packed field, or of a list of strings. */
static cursor take_element(sonde_request *r, cursor p, sonde_request_frame *f,
                           const sonde_field_info *field,
                           sonde_write_packed *packed) {
    uint64_t value = 0;
    if (field->kind == SONDE_FIELD_STRINGS)
        return take_text(r, p, f, field);
    p = take_number(r, p, field->kind, &value);
    if (p != NULL)
        sonde_write_packed_one(r, f, packed, field, value);
    return p;
}

static cursor take_list(sonde_request *r, cursor p, sonde_request_frame *f,
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

/* ---- What is left out
 * ------------------------------------------------------------- */

enum { SKIP_DEPTH = 512 };

/* Arrays and objects that are open while a value is passed over. */
typedef struct {
    uint8_t objects[SKIP_DEPTH / 8]; /* bit n: level n is an object */
    uint32_t depth;
} skipped;

static bool skip_push(skipped *s, bool object) {
    uint8_t bit = (uint8_t)(1u << (s->depth & 7));
    if (s->depth == SKIP_DEPTH)
        return false;
    uint8_t *at = &s->objects[s->depth++ >> 3];
    *at = (uint8_t)(object ? *at | bit : *at & ~bit);
    return true;
}

static bool skip_in_object(const skipped *s) {
    uint32_t level = s->depth - 1;
    return s->depth > 0 && (s->objects[level >> 3] >> (level & 7) & 1);
}

static cursor skip_word(sonde_request *r, cursor p) {
    uint64_t value;
    if (is_word(r, p, "null", 4))
        return p + 4;
    if (is_word(r, p, "true", 4))
        return p + 4;
    if (is_word(r, p, "false", 5))
        return p + 5;
    cursor end = number_end(r, p);
    bool fits =
        sonde_double_get(&value, p, (size_t)(end - p)) != SONDE_NUMBER_BAD;
    return fits ? end : fail(r, p, "not a value");
}

/* From the quote of a name to the value. */
static cursor skip_name(sonde_request *r, cursor p) {
    text s;
    if (byte_at(r, p) != '"')
        return fail(r, p, "not a name");
    p = take_string(r, p + 1, &s);
    if (p == NULL)
        return NULL;
    p = space(r, p);
    return byte_at(r, p) == ':' ? space(r, p + 1)
                                : fail(r, p, "no colon behind a name");
}

/* Ends what is open as long as ends come; then on to the next value. */
static cursor skip_ends(sonde_request *r, cursor p, skipped *s) {
    while (s->depth > 0) {
        bool object = skip_in_object(s);
        p = space(r, p);
        uint8_t c = byte_at(r, p);
        if (c == ',') {
            p = space(r, p + 1);
            return object ? skip_name(r, p) : p;
        }
        if (c != (object ? '}' : ']'))
            return fail(r, p, "neither a comma nor an end");
        p++;
        s->depth--;
    }
    return p;
}

/* Passes over a value of any kind. */
static cursor skip(sonde_request *r, cursor p) {
    skipped s;
    text ignored;
    s.depth = 0;
    do {
        uint8_t c = byte_at(r, p);
        if (c == '{' || c == '[') {
            if (!skip_push(&s, c == '{')) {
                sonde_request_fail(r, SONDE_TOO_DEEP, p,
                                   "unknown values are nested over 512 deep");
                return NULL;
            }
            p = space(r, p + 1);
            if (byte_at(r, p) != c + 2) { /* in ASCII, the end of either */
                p = c == '{' ? skip_name(r, p) : p;
                if (p == NULL)
                    return NULL;
                continue;
            }
        } else {
            p = c == '"' ? take_string(r, p + 1, &ignored) : skip_word(r, p);
            if (p == NULL)
                return NULL;
        }
        p = skip_ends(r, p, &s);
    } while (p != NULL && s.depth > 0);
    return p;
}

/* ---- Objects
 * ------------------------------------------------------------------------ */

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
        return take_list(r, p, f, field);
    return take_scalar(r, p, f, field);
}

/* Reads a member, from its name on. */
static cursor member(sonde_request *r, cursor p, bool *any) {
    sonde_request_frame *f = sonde_request_top(r);
    text name;
    if (byte_at(r, p) != '"')
        return fail(r, p, "not a name");
    p = take_string(r, p + 1, &name);
    if (p == NULL)
        return NULL;
    p = space(r, p);
    if (byte_at(r, p) != ':')
        return fail(r, p, "no colon behind a name");
    p = space(r, p + 1);
    const sonde_field_info *field = field_named(r, f, &name, any);
    if (field == NULL) {
        r->report->unknown++;
        return skip(r, p);
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
        return skip(r, p);
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
