/* Owns the decision where a redirect may lead. A URL parser repairs much: it
 * drops tabs and line ends, turns "\" into "/", adds missing slashes, lower
 * cases hosts. What would need repair is not allowed here at all, so that there
 * is nothing on which this and a browser could disagree. */
#include "signed/target.h"
#include <stdint.h>
#include <string.h>

typedef struct {
    const char *p;
    const char *end;
} scanner;

static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool take(scanner *s, const char *word) {
    size_t size = strlen(word);
    if ((size_t)(s->end - s->p) < size || memcmp(s->p, word, size) != 0)
        return false;
    s->p += size;
    return true;
}

/* Moves over the letters a-z, the digits and `others`; true if there was one.
 */
static bool take_any(scanner *s, const char *others) {
    const char *start = s->p;
    while (s->p < s->end && *s->p != '\0' &&
           (is_lower(*s->p) || is_digit(*s->p) || strchr(others, *s->p)))
        s->p++;
    return s->p > start;
}

static bool take_host(scanner *s) {
    if (take(s, "["))
        return take_any(s, ":.") && take(s, "]");
    return take_any(s, "-._");
}

/* A port up to 65535 that is not `usual`, without leading zeros. */
static bool take_port(scanner *s, uint32_t usual) {
    uint32_t port = 0;
    const char *start = s->p;
    while (s->p < s->end && is_digit(*s->p) && s->p - start < 5)
        port = port * 10 + (uint32_t)(*s->p++ - '0');
    return s->p > start && *start != '0' && port <= 65535 && port != usual;
}

bool sonde_origin_fits(const char *text, size_t size) {
    scanner s = {text, text + size};
    if (size == 0 || !is_lower(*text) || !take_any(&s, "+-."))
        return false;
    size_t scheme = (size_t)(s.p - text);
    uint32_t usual = 0;
    if (scheme == 4 && memcmp(text, "http", 4) == 0)
        usual = 80;
    if (scheme == 5 && memcmp(text, "https", 5) == 0)
        usual = 443;
    if (!take(&s, "://") || !take_host(&s))
        return false;
    if (take(&s, ":") && !take_port(&s, usual))
        return false;
    return s.p == s.end;
}

/* ---- Paths -------------------------------------------------------------- */

static bool is_plain(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (text[i] < 0x21 || text[i] > 0x7E || text[i] == '\\')
            return false;
    }
    return true;
}

/* Length of "." at `p`, plain or percent-encoded; 0 if it is not one. */
static size_t dot_size(const char *p, const char *end) {
    if (p < end && *p == '.')
        return 1;
    bool encoded = end - p >= 3 && p[0] == '%' && p[1] == '2' &&
                   (p[2] == 'e' || p[2] == 'E');
    return encoded ? 3 : 0;
}

/* True if a segment of the path is "." or "..", which a parser would walk. */
static bool has_dots(const char *p, const char *end) {
    while (p < end) {
        const char *dots = ++p; /* behind the slash */
        size_t one = dot_size(dots, end);
        size_t two = one > 0 ? dot_size(dots + one, end) : 0;
        while (p < end && *p != '/')
            p++;
        if (one > 0 && p == dots + one + two)
            return true;
    }
    return false;
}

/* "//" and "/\" lead to another host; so would their encoded forms if somebody
 * decoded once more. */
static bool leaves_site(const char *text, size_t size) {
    if (size < 1 || text[0] != '/')
        return true;
    if (size >= 2 && text[1] == '/')
        return true;
    return size >= 4 && text[1] == '%' &&
           ((text[2] == '2' && (text[3] == 'f' || text[3] == 'F')) ||
            (text[2] == '5' && (text[3] == 'c' || text[3] == 'C')));
}

static size_t path_size(const char *text, size_t size) {
    size_t n = 0;
    while (n < size && text[n] != '?' && text[n] != '#')
        n++;
    return n;
}

bool sonde_target_fits(const char *text, size_t size) {
    if (size > 0 && text[0] == '/')
        return is_plain(text, size) && !leaves_site(text, size) &&
               path_size(text, size) == size && !has_dots(text, text + size);
    bool web = size > 7 && (memcmp(text, "http://", 7) == 0 ||
                            memcmp(text, "https:/", 7) == 0);
    return web && sonde_origin_fits(text, size);
}

static bool path_match(const char *allowed, size_t allowed_size,
                       const char *text, size_t size) {
    if (leaves_site(text, size) || has_dots(text, text + size))
        return false;
    return size == allowed_size || allowed[allowed_size - 1] == '/' ||
           text[allowed_size] == '/';
}

bool sonde_target_match(const char *allowed, size_t allowed_size,
                        const char *text, size_t size) {
    if (allowed_size == 0 || size < allowed_size ||
        memcmp(text, allowed, allowed_size) != 0 || !is_plain(text, size))
        return false;
    if (allowed[0] == '/')
        return path_size(text, size) >= allowed_size &&
               path_match(allowed, allowed_size, text, path_size(text, size));
    return size == allowed_size || text[allowed_size] == '/' ||
           text[allowed_size] == '?' || text[allowed_size] == '#';
}
