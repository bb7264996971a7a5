/* UTF-8: validation, replacement, cuts, prefixes. */
#include "check.h"
#include "core/text.h"

#define FFFD "\xEF\xBF\xBD"

typedef struct {
    const char *what;
    const char *in;
    size_t size;
    const char *out;
    uint32_t replaced;
} replacement;

#define ROW(what, in, out, replaced) {what, in, sizeof(in) - 1, out, replaced}

/* The cases of Markus Kuhn's UTF-8 stress test, with the number of U+FFFD
 * that the WHATWG decoder gives. */
static const replacement REPLACEMENTS[] = {
    ROW("empty", "", "", 0),
    ROW("ascii", "hello", "hello", 0),
    ROW("kosme", "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5",
        "\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5", 0),
    ROW("first of 2", "\xC2\x80", "\xC2\x80", 0),
    ROW("first of 3", "\xE0\xA0\x80", "\xE0\xA0\x80", 0),
    ROW("first of 4", "\xF0\x90\x80\x80", "\xF0\x90\x80\x80", 0),
    ROW("first of 5", "\xF8\x88\x80\x80\x80", FFFD FFFD FFFD FFFD FFFD, 5),
    ROW("first of 6", "\xFC\x84\x80\x80\x80\x80", FFFD FFFD FFFD FFFD FFFD FFFD,
        6),
    ROW("last of 1", "\x7F", "\x7F", 0),
    ROW("last of 2", "\xDF\xBF", "\xDF\xBF", 0),
    ROW("last of 3", "\xEF\xBF\xBF", "\xEF\xBF\xBF", 0),
    ROW("last of 4", "\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF", 0),
    ROW("U+110000", "\xF4\x90\x80\x80", FFFD FFFD FFFD FFFD, 4),
    ROW("U+D7FF", "\xED\x9F\xBF", "\xED\x9F\xBF", 0),
    ROW("U+E000", "\xEE\x80\x80", "\xEE\x80\x80", 0),
    ROW("U+FFFD", FFFD, FFFD, 0),
    ROW("lone continuation 80", "\x80", FFFD, 1),
    ROW("lone continuation BF", "\xBF", FFFD, 1),
    ROW("7 continuations", "\x80\xBF\x80\xBF\x80\xBF\x80",
        FFFD FFFD FFFD FFFD FFFD FFFD FFFD, 7),
    ROW("lonely starts of 2", "\xC2 \xDF ", FFFD " " FFFD " ", 2),
    ROW("lonely starts of 3", "\xE0 \xEF ", FFFD " " FFFD " ", 2),
    ROW("lonely starts of 4", "\xF0 \xF4 ", FFFD " " FFFD " ", 2),
    ROW("F5 to FF", "\xF5 \xF8 \xFC \xFE \xFF",
        FFFD " " FFFD " " FFFD " " FFFD " " FFFD, 5),
    ROW("2 cut", "\xC2", FFFD, 1),
    ROW("3 cut after 1", "\xE1", FFFD, 1),
    ROW("3 cut after 2", "\xE1\x80", FFFD, 1),
    ROW("4 cut after 2", "\xF1\x80", FFFD, 1),
    ROW("4 cut after 3", "\xF1\x80\x80", FFFD, 1),
    ROW("cuts in a row", "\xC2\xE1\x80\xF1\x80\x80", FFFD FFFD FFFD, 3),
    ROW("cut before ascii",
        "\xF1\x80\x80"
        "a",
        FFFD "a", 1),
    ROW("FE FF", "\xFE\xFF", FFFD FFFD, 2),
    ROW("overlong / of 2", "\xC0\xAF", FFFD FFFD, 2),
    ROW("overlong / of 3", "\xE0\x80\xAF", FFFD FFFD FFFD, 3),
    ROW("overlong / of 4", "\xF0\x80\x80\xAF", FFFD FFFD FFFD FFFD, 4),
    ROW("overlong / of 5", "\xF8\x80\x80\x80\xAF", FFFD FFFD FFFD FFFD FFFD, 5),
    ROW("largest overlong of 2", "\xC1\xBF", FFFD FFFD, 2),
    ROW("largest overlong of 3", "\xE0\x9F\xBF", FFFD FFFD FFFD, 3),
    ROW("largest overlong of 4", "\xF0\x8F\xBF\xBF", FFFD FFFD FFFD FFFD, 4),
    ROW("overlong NUL", "\xC0\x80", FFFD FFFD, 2),
    ROW("surrogate D800", "\xED\xA0\x80", FFFD FFFD FFFD, 3),
    ROW("surrogate DFFF", "\xED\xBF\xBF", FFFD FFFD FFFD, 3),
    ROW("pair of surrogates", "\xED\xA0\xBD\xED\xB8\x80",
        FFFD FFFD FFFD FFFD FFFD FFFD, 6),
    ROW("noncharacters", "\xEF\xB7\x90\xEF\xBF\xBE", "\xEF\xB7\x90\xEF\xBF\xBE",
        0),
    ROW("after a word of ascii",
        "12345678\xFF"
        "12345678",
        "12345678" FFFD "12345678", 1),
    ROW("byte order mark", "\xEF\xBB\xBF", "\xEF\xBB\xBF", 0),
};

static void replace(void) {
    for (size_t i = 0; i < COUNT(REPLACEMENTS); i++) {
        const replacement *r = &REPLACEMENTS[i];
        uint64_t replaced = 10;
        check_about(r->what);
        uint8_t *in = check_exact(r->in, r->size);
        size_t size = sonde_text_copy(NULL, in, r->size, &replaced);
        CHECK_INT(size, strlen(r->out));
        CHECK_INT(replaced, 10 + r->replaced);
        uint8_t *out = malloc(size > 0 ? size : 1);
        CHECK_INT(sonde_text_copy(out, in, r->size, &replaced), size);
        CHECK_INT(replaced, 10 + 2 * r->replaced);
        CHECK_TEXT(out, size, r->out);
        free(out);
        free(in);
    }
}

/* Every code point alone, and every pair of bytes. */
static void exhaustive(void) {
    uint32_t good = 0;
    for (uint32_t lead = 0; lead < 0x100; lead++) {
        for (uint32_t rest = 0; rest < 0x100; rest++) {
            uint8_t pair[2] = {(uint8_t)lead, (uint8_t)rest};
            int n = sonde_utf8_next(pair, pair + 2);
            good += n == 2;
            if (n == 0 || n > 2 || n < -2 || (lead < 0x80) != (n == 1))
                CHECK(false);
        }
    }
    CHECK_INT(good, 0x800 - 0x80);
    good = 0;
    for (uint32_t i = 0; i < 0x1000000; i++) {
        uint8_t three[3] = {(uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i};
        good += sonde_utf8_next(three, three + 3) == 3;
    }
    CHECK_INT(good, 0x10000 - 0x800 - 0x800);
}

static void ascii(void) {
    char text[100];
    memset(text, 'a', sizeof text);
    for (size_t size = 0; size <= sizeof text; size++) {
        uint8_t *copy = check_exact(text, size);
        CHECK(sonde_text_is_ascii(copy, size));
        for (size_t at = 0; at < size; at++) {
            copy[at] = 0x80;
            if (sonde_text_is_ascii(copy, size))
                CHECK(false);
            copy[at] = 0x7F;
        }
        CHECK(sonde_text_is_ascii(copy, size));
        free(copy);
    }
}

typedef struct {
    const char *text;
    uint32_t units;
    int start; /* -1: refused */
} cut;

static const cut CUTS[] = {
    {"", 0, 0},
    {"", 1, -1},
    {"abc", 0, 3},
    {"abc", 2, 1},
    {"abc", 3, 0},
    {"abc", 4, -1},
    {"a\xC3\xA9", 1, 1},
    {"a\xC3\xA9", 2, 0},
    {"a\xE2\x82\xAC", 1, 1},
    {"a\xE2\x82\xAC", 2, 0},
    {"a\xF0\x9F\x98\x80", 1, -1},
    {"a\xF0\x9F\x98\x80", 2, 1},
    {"a\xF0\x9F\x98\x80", 3, 0},
    {"\xF0\x9F\x98\x80\xF0\x9F\x98\x80", 3, -1},
    {"\xF0\x9F\x98\x80\xF0\x9F\x98\x80", 4, 0},
    {"\xF0\x9F\x98\x80z", 2, -1},
    {"\xF0\x9F\x98\x80z", 3, 0},
};

static void cuts(void) {
    for (size_t i = 0; i < COUNT(CUTS); i++) {
        const cut *c = &CUTS[i];
        size_t size = strlen(c->text);
        check_about(c->text);
        uint8_t *text = check_exact(c->text, size);
        const uint8_t *at = sonde_text_cut(text, text + size, c->units);
        CHECK_INT(at == NULL ? -1 : at - text, c->start);
        free(text);
    }
}

typedef struct {
    const char *text;
    uint32_t characters;
    size_t bytes;
} prefix;

static const prefix PREFIXES[] = {
    {"", 0, 0},
    {"", 5, 0},
    {"abc", 0, 0},
    {"abc", 2, 2},
    {"abc", 3, 3},
    {"abc", 4, 3},
    {"\xC3\xA9x", 1, 2},
    {"\xE2\x82\xACx", 1, 3},
    {"\xF0\x9F\x98\x80x", 1, 4},
    {"\xF0\x9F\x98\x80x", 2, 5},
    {"\xF0\x9F\x98\x80x", 9, 5},
    {"\xFF\xFFx", 1, 1},
    {"\xE2\x82x", 1, 2},
    {"a\xCC\x81", 1, 1},
};

static void prefixes(void) {
    for (size_t i = 0; i < COUNT(PREFIXES); i++) {
        const prefix *p = &PREFIXES[i];
        size_t size = strlen(p->text);
        check_about(p->text);
        uint8_t *text = check_exact(p->text, size);
        CHECK_INT(sonde_text_prefix(text, size, p->characters), p->bytes);
        free(text);
    }
}

static const check_test TESTS[] = {
    {"replacement", replace}, {"all short sequences", exhaustive},
    {"ascii", ascii},         {"cuts", cuts},
    {"prefixes", prefixes},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
