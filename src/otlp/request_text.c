/* Owns the strings of OTLP JSON: their grammar, what they mean, and base64 in
 * them. Texts go from the input to the output without a copy in between. */
#include "core/text.h"
#include "otlp/request_json.h"

/* ---- Strings ------------------------------------------------------------ */

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

cursor sonde_request_string(sonde_request *r, cursor p, text *s) {
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

/* ---- Escapes ------------------------------------------------------------ */

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

/* ---- Texts and bytes ---------------------------------------------------- */

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

cursor sonde_request_text(sonde_request *r, cursor p, sonde_request_frame *f,
                          const sonde_field_info *field) {
    text s;
    cursor start = p;
    if (byte_at(r, p) != '"')
        return fail(r, p, "not a string");
    p = sonde_request_string(r, p + 1, &s);
    if (p == NULL)
        return NULL;
    if (field->kind != SONDE_FIELD_BASE64)
        put_text(r, f, field, &s);
    else if (!put_bytes(r, f, field, &s))
        return fail(r, start, "not base64");
    return p;
}
