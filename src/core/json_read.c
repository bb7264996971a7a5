/* The JSON reader: see json.h. It keeps one bit a level, so depth costs
 * nothing and there is nothing to recurse on. */
#include "core/json.h"
#include "core/text.h"

/* What may come next. */
enum {
    WANT_VALUE,
    WANT_FIRST, /* of an array or object; or its end */
    WANT_MORE,  /* a comma, or the end of what is open */
    WANT_NOTHING
};

void sonde_json_init(sonde_json *json, const uint8_t *text, size_t size) {
    memset(json, 0, sizeof *json);
    json->p = text;
    json->end = text + size;
    json->want = WANT_VALUE;
}

/* The next byte that is not white space; 0 at the end. */
static uint8_t peek(sonde_json *json) {
    for (; json->p < json->end; json->p++) {
        uint8_t c = *json->p;
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            return c;
    }
    return 0;
}

static bool in_object(const sonde_json *json) {
    return json->depth > 0 && (json->objects >> (json->depth - 1) & 1);
}

static sonde_json_token value_done(sonde_json *json, sonde_json_token token) {
    json->want = json->depth == 0 ? WANT_NOTHING : WANT_MORE;
    return token;
}

static sonde_json_token open_level(sonde_json *json, sonde_json_token token) {
    if (json->depth == SONDE_JSON_DEPTH)
        return SONDE_JSON_ERROR;
    uint64_t bit = UINT64_C(1) << json->depth++;
    json->objects &= ~bit;
    if (token == SONDE_JSON_OBJECT)
        json->objects |= bit;
    json->want = WANT_FIRST;
    return token;
}

static sonde_json_token close_level(sonde_json *json) {
    sonde_json_token token =
        in_object(json) ? SONDE_JSON_OBJECT_END : SONDE_JSON_ARRAY_END;
    json->depth--;
    json->p++;
    return value_done(json, token);
}

/* Reads behind a backslash. */
static bool scan_escape(sonde_json *json) {
    uint8_t digits[2];
    if (json->p == json->end)
        return false;
    uint8_t c = *json->p++;
    if (c == 'u') {
        if (json->end - json->p < 4 || !sonde_hex_get(digits, json->p, 2))
            return false;
        json->p += 4;
        return true;
    }
    for (uint32_t i = 0; i < 8; i++) {
        if (sonde_json_escapes[i][0] == c)
            return true;
    }
    return false;
}

static bool is_plain(uint8_t c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* Eight bytes at a time: the high bit of a byte is set where it is special, or
 * behind such a byte; then the rest is looked at one by one. */
size_t sonde_json_plain(const uint8_t *text, size_t size) {
    const uint64_t ONES = UINT64_C(0x0101010101010101), HIGH = ONES << 7;
    size_t n = 0;
    for (; size - n >= 8; n += 8) {
        uint64_t word = sonde_load64(text + n);
        uint64_t quote = word ^ ONES * '"', slash = word ^ ONES * '\\';
        uint64_t special =
            (quote - ONES) | (slash - ONES) | (word - ONES * 0x20) | word;
        if (special & HIGH)
            break;
    }
    while (n < size && is_plain(text[n]))
        n++;
    return n;
}

/* Reads a string; *p is its opening quote. */
static bool scan_string(sonde_json *json) {
    json->text = ++json->p;
    while (json->p < json->end) {
        json->p += sonde_json_plain(json->p, (size_t)(json->end - json->p));
        if (json->p == json->end)
            break;
        uint8_t c = *json->p;
        if (c == '"') {
            json->size = (size_t)(json->p++ - json->text);
            return true;
        }
        int n = c < 0x20 ? -1 : sonde_utf8_next(json->p, json->end);
        if (n < 0)
            return false;
        json->p += n;
        if (c == '\\' && !scan_escape(json))
            return false;
    }
    return false;
}

static bool scan_digits(sonde_json *json) {
    const uint8_t *start = json->p;
    while (json->p < json->end && *json->p >= '0' && *json->p <= '9')
        json->p++;
    return json->p > start;
}

static bool accept(sonde_json *json, char a, char b) {
    if (json->p == json->end || (*json->p != a && *json->p != b))
        return false;
    json->p++;
    return true;
}

static bool scan_number(sonde_json *json) {
    json->text = json->p;
    accept(json, '-', '-');
    if (!accept(json, '0', '0') && !scan_digits(json))
        return false;
    if (accept(json, '.', '.') && !scan_digits(json))
        return false;
    if (accept(json, 'e', 'E')) {
        accept(json, '+', '-');
        if (!scan_digits(json))
            return false;
    }
    json->size = (size_t)(json->p - json->text);
    return true;
}

static bool scan_word(sonde_json *json, const char *word, size_t size) {
    if ((size_t)(json->end - json->p) < size ||
        memcmp(json->p, word, size) != 0)
        return false;
    json->p += size;
    return true;
}

static sonde_json_token scan_value(sonde_json *json, uint8_t c) {
    sonde_json_token token = SONDE_JSON_NUMBER;
    bool fits;
    if (c == '{' || c == '[') {
        json->p++;
        return open_level(json,
                          c == '{' ? SONDE_JSON_OBJECT : SONDE_JSON_ARRAY);
    }
    if (c == '"') {
        token = SONDE_JSON_STRING;
        fits = scan_string(json);
    } else if (c == 't') {
        token = SONDE_JSON_TRUE;
        fits = scan_word(json, "true", 4);
    } else if (c == 'f') {
        token = SONDE_JSON_FALSE;
        fits = scan_word(json, "false", 5);
    } else if (c == 'n') {
        token = SONDE_JSON_NULL;
        fits = scan_word(json, "null", 4);
    } else {
        fits = scan_number(json);
    }
    return fits ? value_done(json, token) : SONDE_JSON_ERROR;
}

static sonde_json_token scan_key(sonde_json *json, uint8_t c) {
    if (c != '"' || !scan_string(json) || peek(json) != ':')
        return SONDE_JSON_ERROR;
    json->p++;
    json->want = WANT_VALUE;
    return SONDE_JSON_KEY;
}

static sonde_json_token next(sonde_json *json) {
    uint8_t c = peek(json), want = json->want;
    if (want == WANT_NOTHING)
        return json->p == json->end ? SONDE_JSON_END : SONDE_JSON_ERROR;
    if (want == WANT_VALUE)
        return scan_value(json, c);
    if (c == (in_object(json) ? '}' : ']'))
        return close_level(json);
    if (want == WANT_MORE) {
        if (c != ',')
            return SONDE_JSON_ERROR;
        json->p++;
        c = peek(json);
    }
    return in_object(json) ? scan_key(json, c) : scan_value(json, c);
}

sonde_json_token sonde_json_next(sonde_json *json) {
    sonde_json_token token = next(json);
    if (token == SONDE_JSON_ERROR) {
        json->end = json->p; /* sticky: there is nothing more to read */
        json->want = WANT_VALUE;
    }
    return token;
}

bool sonde_json_skip(sonde_json *json, sonde_json_token token) {
    uint32_t depth = json->depth;
    if (token != SONDE_JSON_OBJECT && token != SONDE_JSON_ARRAY)
        return token != SONDE_JSON_ERROR && token != SONDE_JSON_END;
    while (json->depth >= depth) {
        token = sonde_json_next(json);
        if (token == SONDE_JSON_ERROR || token == SONDE_JSON_END)
            return false;
    }
    return true;
}

/* ---- Escapes ---------------------------------------------------------- */

static uint32_t hex4(const uint8_t *p) {
    uint8_t b[2] = {0, 0};
    bool fits = sonde_hex_get(b, p, 2); /* checked by the reader */
    return fits ? (uint32_t)b[0] << 8 | b[1] : 0xFFFD;
}

static size_t put_utf8(uint8_t to[4], uint32_t c) {
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; c >>= 6)
        to[i] = (uint8_t)(0x80 | (c & 0x3F));
    to[0] = (uint8_t)(n == 1 ? c : (0xF00u >> n & 0xF0) | c);
    return n;
}

static bool is_surrogate(uint32_t unit, uint32_t half) {
    return unit >> 10 == half >> 10;
}

/* Reads the escape at *p, behind the backslash. */
static uint32_t take_escape(const uint8_t **p, const uint8_t *end) {
    uint8_t c = *(*p)++;
    if (c != 'u') {
        uint32_t i = 0;
        while (i < 7 && sonde_json_escapes[i][0] != c)
            i++;
        return sonde_json_escapes[i][1];
    }
    uint32_t unit = hex4(*p), low = 0;
    *p += 4;
    if (is_surrogate(unit, 0xD800) && end - *p >= 6 && (*p)[0] == '\\' &&
        (*p)[1] == 'u')
        low = hex4(*p + 2);
    if (is_surrogate(low, 0xDC00)) {
        *p += 6;
        return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    return is_surrogate(unit, 0xD800) || is_surrogate(unit, 0xDC00) ? 0xFFFD
                                                                    : unit;
}

/* The longest piece from `p` on without a backslash, of at most `size` bytes
 * and whole characters. */
static size_t piece_size(const uint8_t *p, const uint8_t *end, size_t size) {
    const uint8_t *slash = memchr(p, '\\', (size_t)(end - p));
    size_t n = (size_t)((slash != NULL ? slash : end) - p);
    if (n <= size)
        return n;
    while (size > 0 && (p[size] & 0xC0) == 0x80)
        size--;
    return size;
}

size_t sonde_json_unescape(uint8_t *to, size_t size, const uint8_t *text,
                           size_t text_size) {
    const uint8_t *p = text, *end = text + text_size;
    size_t used = 0;
    while (p < end) {
        uint8_t character[4];
        if (*p == '\\') {
            p++;
            size_t n = put_utf8(character, take_escape(&p, end));
            if (n > size - used)
                break;
            memcpy(to + used, character, n);
            used += n;
            continue;
        }
        size_t n = piece_size(p, end, size - used);
        memmove(to + used, p, n); /* `to` may be `text` */
        used += n;
        p += n;
        if (p < end && *p != '\\')
            break;
    }
    return used;
}
