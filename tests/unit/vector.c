/* See vector.h. */
#include "vector.h"
#include <math.h>

void vector_bad(const vector_words *w) {
    printf("cannot read this line:\n%s\nfrom here:\n%.40s\n", w->line, w->p);
    exit(2);
}

vector_file vector_open(const char *path) {
    vector_file file = {.path = path};
    FILE *stream = fopen(path, "rb");
    if (stream == NULL || fseek(stream, 0, SEEK_END) != 0) {
        perror(path);
        exit(2);
    }
    size_t size = (size_t)ftell(stream);
    rewind(stream);
    file.data = malloc(size + 1);
    if (fread(file.data, 1, size, stream) != size)
        exit(2);
    (void)fclose(stream);
    file.data[size] = '\0';
    file.lines = malloc((size + 1) * sizeof *file.lines);
    for (char *p = file.data; *p != '\0';) {
        char *end = strchr(p, '\n');
        file.lines[file.count++] = p;
        if (end == NULL)
            break;
        *end = '\0';
        p = end + 1;
    }
    return file;
}

void vector_close(vector_file *file) {
    free(file->lines);
    free(file->data);
}

static void skip_space(vector_words *w) {
    while (*w->p == ' ')
        w->p++;
}

vector_words vector_start(const char *line) {
    vector_words w = {line, line};
    skip_space(&w);
    return w;
}

bool vector_at_end(vector_words *w) {
    skip_space(w);
    return *w->p == '\0' || *w->p == '#';
}

static size_t word_size(const char *p) { return strcspn(p, " ,:]}="); }

bool vector_is(vector_words *w, const char *word) {
    skip_space(w);
    size_t size = strlen(word);
    if (strncmp(w->p, word, size) != 0 || word_size(w->p + size) > 0)
        return false;
    w->p += size;
    return true;
}

void vector_word(vector_words *w, char to[64]) {
    skip_space(w);
    size_t size = word_size(w->p);
    if (size >= 64)
        vector_bad(w);
    memcpy(to, w->p, size);
    to[size] = '\0';
    w->p += size;
}

double vector_number(vector_words *w) {
    char *end;
    skip_space(w);
    double value = strtod(w->p, &end);
    if (end == w->p)
        vector_bad(w);
    w->p = end;
    return value;
}

static bool take(vector_words *w, char c) {
    skip_space(w);
    if (*w->p != c)
        return false;
    w->p++;
    return true;
}

static uint32_t hex_number(vector_words *w, int most) {
    char digits[8] = {0};
    int n = 0;
    while (n < most && strchr("0123456789abcdefABCDEF", *w->p) && *w->p)
        digits[n++] = *w->p++;
    if (n == 0)
        vector_bad(w);
    return (uint32_t)strtoul(digits, NULL, 16);
}

/* UTF-8 of any number: lone surrogates make what the core must refuse. */
static size_t put_character(uint8_t *to, uint32_t c) {
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n; i-- > 1; c >>= 6)
        to[i] = (uint8_t)(0x80 | (c & 0x3F));
    to[0] = (uint8_t)(lead[n] | c);
    return n;
}

static size_t take_escape(vector_words *w, uint8_t *to) {
    char c = *w->p++;
    if (c == 'x') {
        *to = (uint8_t)hex_number(w, 2);
        return 1;
    }
    if (c == 'u') {
        if (!take(w, '{'))
            vector_bad(w);
        size_t size = put_character(to, hex_number(w, 6));
        if (!take(w, '}'))
            vector_bad(w);
        return size;
    }
    *to = (uint8_t)(c == 'n' ? '\n' : c == 't' ? '\t' : c);
    return 1;
}

size_t vector_string(vector_words *w, uint8_t *to, size_t room) {
    size_t size = 0;
    if (!take(w, '"'))
        vector_bad(w);
    while (*w->p != '"') {
        if (*w->p == '\0' || size + 4 > room)
            vector_bad(w);
        if (*w->p == '\\') {
            w->p++;
            size += take_escape(w, to + size);
        } else {
            to[size++] = (uint8_t)*w->p++;
        }
    }
    w->p++;
    size_t times = *w->p == '*' ? (w->p++, (size_t)vector_number(w)) : 1;
    if (size * times > room)
        vector_bad(w);
    for (size_t i = 1; i < times; i++)
        memcpy(to + i * size, to, size);
    return size * times;
}

size_t vector_hex(vector_words *w, uint8_t *to, size_t room) {
    size_t size = 0;
    skip_space(w);
    while (*w->p != '\0' && strchr(" >", *w->p) == NULL) {
        if (size == room)
            vector_bad(w);
        to[size++] = (uint8_t)hex_number(w, 2);
    }
    return size;
}

static const char *const OPTIONS[] = {
#define SONDE_OPTION(name, value, least, most, unit, text) #name,
#include "sonde_options.def"
#undef SONDE_OPTION
};

void vector_option(vector_words *w, sonde_config *config) {
    for (uint32_t id = 0; id < SONDE_OPTION_COUNT; id++) {
        if (vector_is(w, OPTIONS[id])) {
            CHECK_INT(sonde_config_put(config, id, vector_number(w)), SONDE_OK);
            return;
        }
    }
    vector_bad(w);
}

/* Whole numbers are int64, all others double. */
static void number_value(vector_words *w, sonde_build *b, const char *key) {
    char word[64];
    vector_words at = *w;
    vector_word(w, word);
    if (strpbrk(word, ".eN") != NULL || strstr(word, "Inf") != NULL)
        sonde_build_double(b, key, vector_number(&at));
    else
        sonde_build_int(b, key, strtoll(word, NULL, 10));
    if (word[0] == '\0')
        vector_bad(w);
}

static void string_value(vector_words *w, sonde_build *b, const char *key) {
    uint8_t *text = malloc(1 << 17);
    size_t size = vector_string(w, text, 1 << 17);
    sonde_build_string(b, key, (const char *)text, size);
    free(text);
}

static void bytes_value(vector_words *w, sonde_build *b, const char *key) {
    uint8_t data[512];
    size_t size = vector_hex(w, data, sizeof data);
    sonde_build_bytes(b, key, data, size);
    if (!take(w, '>'))
        vector_bad(w);
}

static void array_value(vector_words *w, sonde_build *b, const char *key) {
    uint32_t count = 0;
    while (!take(w, ']')) {
        if (count > 0 && !take(w, ','))
            vector_bad(w);
        vector_value(w, b, NULL);
        count++;
    }
    sonde_build_array(b, key, count);
}

uint32_t vector_entries(vector_words *w, sonde_build *b) {
    uint32_t count = 0;
    if (!take(w, '{'))
        vector_bad(w);
    while (!take(w, '}')) {
        uint8_t key[512];
        if (count > 0 && !take(w, ','))
            vector_bad(w);
        key[vector_string(w, key, sizeof key - 1)] = '\0';
        if (!take(w, ':'))
            vector_bad(w);
        vector_value(w, b, (const char *)key);
        count++;
    }
    return count;
}

void vector_value(vector_words *w, sonde_build *b, const char *key) {
    skip_space(w);
    if (*w->p == '"')
        string_value(w, b, key);
    else if (take(w, '<'))
        bytes_value(w, b, key);
    else if (take(w, '['))
        array_value(w, b, key);
    else if (*w->p == '{')
        sonde_build_map(b, key, vector_entries(w, b));
    else if (vector_is(w, "null"))
        sonde_build_null(b, key);
    else if (vector_is(w, "true"))
        sonde_build_bool(b, key, true);
    else if (vector_is(w, "false"))
        sonde_build_bool(b, key, false);
    else
        number_value(w, b, key);
}

int32_t vector_status(const char *name) {
    static const struct {
        const char *name;
        int32_t number;
    } all[] = {
        {"QUEUED", SONDE_EMIT_QUEUED},
        {"DUE", SONDE_EMIT_DUE},
        {"DROPPED", SONDE_EMIT_DROPPED},
#define SONDE_STATUS(name, number, text) {#name, number},
#include "sonde_status.def"
#undef SONDE_STATUS
    };
    for (size_t i = 0; i < COUNT(all); i++) {
        if (strcmp(all[i].name, name) == 0)
            return all[i].number;
    }
    printf("there is no status %s\n", name);
    exit(2);
}
