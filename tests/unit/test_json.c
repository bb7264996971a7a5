/* The JSON reader, as the JSONTestSuite tests readers, and the writer. */
#include "check.h"
#include "core/json.h"

typedef struct {
    const char *text;
    size_t size;
    int position; /* of the byte that is refused; GOOD if none is */
} row;

enum { GOOD = -1 };

#define Y(text) {text, sizeof(text) - 1, GOOD}
#define N(text, position) {text, sizeof(text) - 1, position}

static const row ROWS[] = {
    Y("null"),
    Y("true"),
    Y("false"),
    Y("0"),
    Y("-0"),
    Y("[]"),
    Y("{}"),
    Y(" \t\r\n[ ] \n"),
    Y("\"\""),
    Y("\"a\""),
    Y("[1,2]"),
    Y("[[],[[]]]"),
    Y("{\"a\":1}"),
    Y("{ \"a\" : [ 1 , {} ] , \"b\" : null }"),
    Y("{\"a\":1,\"a\":2}"),
    Y("{\"\":0}"),
    Y("123"),
    Y("-123.456e-7"),
    Y("1e99999"),
    Y("1E+2"),
    Y("0.5"),
    Y("1.0e0"),
    Y("[-0.0]"),
    Y("18446744073709551616"),
    Y("9007199254740993"),
    Y("\"\\u0000\""),
    Y("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
    Y("\"\\uD800\""),
    Y("\"\\ud83d\\ude00\""),
    Y("\"\\uDE00\\uD83D\""),
    Y("\"\x7F\""),
    Y("\"\xF0\x9F\x98\x80\""),
    Y("\"\xE2\x80\xA8\""),
    Y("\"\xEF\xBF\xBF\""),
    Y("[true,false,null]"),
    Y("[\"\\u00e9\",\"\xC3\xA9\"]"),

    N("", 0),
    N(" ", 1),
    N("\xEF\xBB\xBF{}", 0),
    N("[", 1),
    N("]", 0),
    N("}", 0),
    N("{", 1),
    N("[1", 2),
    N("[1,", 3),
    N("[1,]", 3),
    N("[,1]", 1),
    N("[1 2]", 3),
    N("[1,,2]", 3),
    N("[]]", 2),
    N("[}", 1),
    N("{]", 1),
    N("[1}", 2),
    N("{\"a\":1]", 6),
    N("{\"a\"}", 4),
    N("{\"a\":}", 5),
    N("{\"a\":1,}", 7),
    N("{\"a\":1,,}", 7),
    N("{a:1}", 1),
    N("{1:1}", 1),
    N("{\"a\" 1}", 5),
    N("{\"a\"::1}", 5),
    N("{,}", 1),
    N("{null:1}", 1),
    N("{\"a\":1 \"b\":2}", 7),
    N("{\"a\":1}{}", 7),
    N("1 2", 2),
    N("{}x", 2),
    N("null x", 5),
    N("nul", 0),
    N("nulL", 0),
    N("True", 0),
    N("truex", 4),
    N("NaN", 0),
    N("Infinity", 0),
    N("-Infinity", 1),
    N("+1", 0),
    N("-", 1),
    N("01", 1),
    N("-01", 2),
    N("1.", 2),
    N(".5", 0),
    N("1.e1", 2),
    N("1e", 2),
    N("1e+", 3),
    N("1e1.5", 3),
    N("0x10", 1),
    N("1_000", 1),
    N("--1", 1),
    N("\"", 1),
    N("\"a", 2),
    N("'a'", 0),
    N("\"\n\"", 1),
    N("\"\t\"", 1),
    N("\"\0\"", 1),
    N("\"\x1F\"", 1),
    N("\"\\\"", 3),
    N("\"\\x\"", 3),
    N("\"\\u\"", 3),
    N("\"\\u12\"", 3),
    N("\"\\u123\"", 3),
    N("\"\\u123G\"", 3),
    N("\"\\U0041\"", 3),
    N("\"\\0\"", 3),
    N("\"\\", 2),
    N("\"\xFF\"", 1),
    N("\"\xC0\x80\"", 1),
    N("\"\xED\xA0\x80\"", 1),
    N("\"\xF4\x90\x80\x80\"", 1),
    N("\"\xE2\x82\"", 1),
    N("\"\xE2\x82", 1),
    N("[\"a\",\"\x80\"]", 6),
    N("\0", 0),
    N("[1]\0", 3),
    N("[\x0C]", 1),
    N("\xC2\xA0[]", 0),
    N("/* */[]", 0),
    N("[1]//", 3),
    N("[", 1),
};

/* Reads all tokens; the position where it was refused, or GOOD. */
static int read_all(const uint8_t *text, size_t size) {
    sonde_json json;
    sonde_json_init(&json, text, size);
    for (;;) {
        sonde_json_token token = sonde_json_next(&json);
        if (token == SONDE_JSON_ERROR) {
            for (int i = 0; i < 3; i++)
                CHECK_INT(sonde_json_next(&json), SONDE_JSON_ERROR);
            return (int)(json.p - text);
        }
        if (token == SONDE_JSON_END) {
            CHECK_INT(sonde_json_next(&json), SONDE_JSON_END);
            return GOOD;
        }
    }
}

static void suite(void) {
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        uint8_t *text = check_exact(ROWS[i].text, ROWS[i].size);
        check_about(ROWS[i].text);
        CHECK_INT(read_all(text, ROWS[i].size), ROWS[i].position);
        free(text);
    }
}

/* What is good stops being so when it is cut (but for numbers). */
static void cuts(void) {
    static const char text[] =
        "{\"a\":[1,2.5e3,\"\\ud83d\\ude00\xC3\xA9\"],\"b\":{\"c\":null}}";
    for (size_t size = 0; size < sizeof text - 1; size++) {
        uint8_t *part = check_exact(text, size);
        CHECK(read_all(part, size) != GOOD);
        free(part);
    }
    CHECK_INT(read_all(T(text)), GOOD);
}

static void tokens(void) {
    static const struct {
        sonde_json_token token;
        const char *text;
        uint32_t depth;
    } want[] = {
        {SONDE_JSON_OBJECT, NULL, 1},    {SONDE_JSON_KEY, "a\\n", 1},
        {SONDE_JSON_ARRAY, NULL, 2},     {SONDE_JSON_NUMBER, "-1.5e3", 2},
        {SONDE_JSON_STRING, "x", 2},     {SONDE_JSON_TRUE, NULL, 2},
        {SONDE_JSON_ARRAY_END, NULL, 1}, {SONDE_JSON_KEY, "b", 1},
        {SONDE_JSON_NULL, NULL, 1},      {SONDE_JSON_KEY, "", 1},
        {SONDE_JSON_FALSE, NULL, 1},     {SONDE_JSON_OBJECT_END, NULL, 0},
        {SONDE_JSON_END, NULL, 0},
    };
    sonde_json json;
    sonde_json_init(&json, T(" { \"a\\n\" : [ -1.5e3 , \"x\" , true ] ,"
                             "\"b\" : null, \"\":false } "));
    for (size_t i = 0; i < COUNT(want); i++) {
        CHECK_INT(sonde_json_next(&json), want[i].token);
        CHECK_INT(json.depth, want[i].depth);
        if (want[i].text != NULL)
            CHECK_TEXT(json.text, json.size, want[i].text);
    }
}

static void depth(void) {
    char text[200000];
    for (size_t depth = 63; depth <= 66; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        CHECK_INT(read_all((uint8_t *)text, 2 * depth),
                  depth <= 64 ? GOOD : 65);
    }
    memset(text, '[', sizeof text);
    CHECK_INT(read_all((uint8_t *)text, sizeof text), 65);
    for (size_t i = 0; i + 5 < sizeof text; i += 5)
        memcpy(text + i, "{\"a\":", 5);
    CHECK_INT(read_all((uint8_t *)text, sizeof text), 64 * 5 + 1);
}

static void wide(void) {
    size_t size = 1000000;
    char *text = malloc(size);
    memset(text, '1', size); /* a number literal of 1 MB */
    CHECK_INT(read_all((uint8_t *)text, size), GOOD);
    text[0] = '[';
    for (size_t i = 1; i + 1 < size; i++)
        text[i] = i % 2 == 1 ? '0' : ',';
    text[size - 1] = ']';
    CHECK_INT(read_all((uint8_t *)text, size), (int)size - 1);
    text[size - 2] = '0';
    text[size - 3] = ',';
    text[size - 4] = '0';
    text[size - 5] = ',';
    CHECK(read_all((uint8_t *)text, size) != 0);
    free(text);
}

static void skip(void) {
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        {"1", true},           {"[]", true},     {"{\"a\":[1,{}]}", true},
        {"[1,[2,[3]]]", true}, {"[1", false},    {"{\"a\":[}", false},
        {"", false},           {"[[[]]", false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        sonde_json json;
        sonde_json_init(&json, (const uint8_t *)rows[i].text,
                        strlen(rows[i].text));
        sonde_json_token token = sonde_json_next(&json);
        check_about(rows[i].text);
        CHECK_INT(sonde_json_skip(&json, token), rows[i].good);
        if (rows[i].good)
            CHECK_INT(sonde_json_next(&json), SONDE_JSON_END);
    }
}

static const struct {
    const char *escaped, *text;
    size_t size;
} ESCAPES[] = {
    {"", "", 0},
    {"plain \xC3\xA9", "plain \xC3\xA9", 8},
    {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t", 8},
    {"\\u0000", "\0", 1},
    {"\\u0041\\u00e9\\u20AC", "A\xC3\xA9\xE2\x82\xAC", 6},
    {"\\ud83d\\ude00", "\xF0\x9F\x98\x80", 4},
    {"\\uDBFF\\uDFFF", "\xF4\x8F\xBF\xBF", 4},
    {"\\ud800", "\xEF\xBF\xBD", 3},
    {"\\udc00", "\xEF\xBF\xBD", 3},
    {"\\ude00\\ud83d", "\xEF\xBF\xBD\xEF\xBF\xBD", 6},
    {"\\ud83dx", "\xEF\xBF\xBDx", 4},
    {"\\ud83d\\n", "\xEF\xBF\xBD\n", 4},
    {"\\ud83d\\u0041",
     "\xEF\xBF\xBD"
     "A",
     4},
    {"\\ud83d\\ud83d\\ude00", "\xEF\xBF\xBD\xF0\x9F\x98\x80", 7},
    {"\\uFFFF\\u07ff\\u0800", "\xEF\xBF\xBF\xDF\xBF\xE0\xA0\x80", 8},
};

static void escapes(void) {
    for (size_t i = 0; i < COUNT(ESCAPES); i++) {
        size_t size = strlen(ESCAPES[i].escaped);
        uint8_t *in = check_exact(ESCAPES[i].escaped, size), to[64];
        check_about(ESCAPES[i].escaped);
        CHECK_BYTES(to, sonde_json_unescape(to, sizeof to, in, size),
                    ESCAPES[i].text, ESCAPES[i].size);
        for (size_t room = 0; room < ESCAPES[i].size; room++) {
            uint8_t *exact = malloc(room + 1);
            size_t n = sonde_json_unescape(exact, room, in, size);
            CHECK(n <= room && memcmp(exact, to, n) == 0);
            free(exact);
        }
        free(in);
    }
}

static const struct {
    const char *text;
    size_t size;
    const char *json; /* as JSON.stringify has it */
} STRINGS[] = {
    {"", 0, "\"\""},
    {"hello", 5, "\"hello\""},
    {"\"\\/", 3, "\"\\\"\\\\/\""},
    {"\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\""},
    {"\0\x01\x0B\x1F\x7F", 5, "\"\\u0000\\u0001\\u000b\\u001f\x7F\""},
    {"\xC3\xA9\xE2\x80\xA8\xF0\x9F\x98\x80", 9,
     "\"\xC3\xA9\xE2\x80\xA8\xF0\x9F\x98\x80\""},
    {"a\xFFz", 3, "\"a\xEF\xBF\xBDz\""},
    {"\xF0\x9F\x98", 3, "\"\xEF\xBF\xBD\""},
    {"<&>'", 4, "\"<&>'\""},
};

static void strings(void) {
    for (size_t i = 0; i < COUNT(STRINGS); i++) {
        uint8_t *in = check_exact(STRINGS[i].text, STRINGS[i].size), to[64];
        sonde_writer w = {to, sizeof to, 0, 0}, sizing = {0};
        check_about(STRINGS[i].json);
        sonde_json_string(&w, in, STRINGS[i].size);
        CHECK_TEXT(to, w.used, STRINGS[i].json);
        sonde_json_string(&sizing, in, STRINGS[i].size);
        CHECK_INT(sizing.used, w.used);
        free(in);
    }
}

static const check_test TESTS[] = {
    {"suite", suite},     {"cuts", cuts},       {"tokens", tokens},
    {"depth", depth},     {"wide", wide},       {"skip", skip},
    {"escapes", escapes}, {"strings", strings},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
