/* Owns names: of metrics, with what unit and type add to them, and of labels.
 *
 * A name is made in two steps, as the specification wants it: the strategy
 * makes a draft, the escaping scheme makes what goes out. otlptranslator is
 * followed where the specification leaves something open, but not where it
 * differs: a unit is left off if the name ENDS with it, whole ("By/s" behind
 * bytes_per_second), and of `total` only what stands at the end is replaced. */
#include "core/text.h"
#include "metrics/prometheus.h"

typedef struct {
    const char *unit;
    const char *word;
} word;

/* https://ucum.org, by the table of the specification; KBy is no UCUM, but
 * written often. */
static const word UNITS[] = {
    {"d", "days"},         {"h", "hours"},         {"min", "minutes"},
    {"s", "seconds"},      {"ms", "milliseconds"}, {"us", "microseconds"},
    {"ns", "nanoseconds"}, {"By", "bytes"},        {"KiBy", "kibibytes"},
    {"MiBy", "mebibytes"}, {"GiBy", "gibibytes"},  {"TiBy", "tebibytes"},
    {"kBy", "kilobytes"},  {"KBy", "kilobytes"},   {"MBy", "megabytes"},
    {"GBy", "gigabytes"},  {"TBy", "terabytes"},   {"m", "meters"},
    {"V", "volts"},        {"A", "amperes"},       {"J", "joules"},
    {"W", "watts"},        {"g", "grams"},         {"Cel", "celsius"},
    {"Hz", "hertz"},       {"%", "percent"},       {"1", ""},
};

static const word RATES[] = {
    {"s", "second"}, {"m", "minute"}, {"min", "minute"}, {"h", "hour"},
    {"d", "day"},    {"w", "week"},   {"mo", "month"},   {"y", "year"},
};

static bool is_letter(uint8_t c) { return (uint8_t)((c | 0x20) - 'a') < 26; }
static bool is_digit(uint8_t c) { return (uint8_t)(c - '0') < 10; }

/* In a token of a metric's name. */
static bool is_token(uint8_t c) {
    return is_letter(c) || is_digit(c) || c == ':';
}

static bool is_underscored(uint32_t strategy) {
    return strategy <= SONDE_PROMETHEUS_UnderscoreEscapingWithoutSuffixes;
}
static bool has_suffixes(uint32_t strategy) {
    return strategy == SONDE_PROMETHEUS_UnderscoreEscapingWithSuffixes ||
           strategy == SONDE_PROMETHEUS_NoUTF8EscapingWithSuffixes;
}

bool sonde_prom_is_plain(sonde_slice name, bool label) {
    if (name.size == 0 || is_digit(name.data[0]))
        return false;
    for (size_t i = 0; i < name.size; i++) {
        uint8_t c = name.data[i];
        if (!is_letter(c) && !is_digit(c) && c != '_' && (label || c != ':'))
            return false;
    }
    return true;
}

/* ---- Drafts ------------------------------------------------------------ */

/* Runs of token characters joined by '_'. */
static void put_tokens(sonde_writer *w, sonde_slice text) {
    bool is_between = w->used > 0;
    for (size_t i = 0; i < text.size; i++) {
        if (!is_token(text.data[i])) {
            is_between = w->used > 0;
            continue;
        }
        if (is_between)
            sonde_writer_byte(w, '_');
        is_between = false;
        sonde_writer_byte(w, text.data[i]);
    }
}

static void put_utf8(sonde_writer *w, sonde_slice text) {
    uint64_t replaced = 0;
    if (3 * text.size <= w->size - w->used)
        w->used +=
            sonde_text_copy(w->data + w->used, text.data, text.size, &replaced);
}

/* Takes "total" off the end of a draft, with what stands before it. */
static void cut_word(sonde_writer *w, sonde_slice end) {
    sonde_slice draft = {w->data, w->used};
    if (w->used > end.size + 1 && sonde_slice_ends(draft, end) &&
        !is_token(w->data[w->used - end.size - 1]))
        w->used -= end.size + 1;
}

static sonde_slice trim(sonde_slice s) {
    for (; s.size > 0 && s.data[0] == ' '; s.data++)
        s.size--;
    while (s.size > 0 && s.data[s.size - 1] == ' ')
        s.size--;
    return s;
}

/* Writes a part of a unit without what is in braces. */
static void put_part(sonde_writer *w, sonde_slice part, const word *words,
                     size_t count) {
    uint8_t text[8];
    size_t size = 0, used = w->used;
    bool is_open = false;
    part = trim(part);
    for (size_t i = 0; i < part.size; i++) {
        uint8_t c = part.data[i];
        if (c == '{' || c == '}') {
            is_open = c == '{';
            continue;
        }
        if (is_open)
            continue;
        sonde_writer_byte(w, c);
        if (size < sizeof text)
            text[size] = c;
        size++;
    }
    for (size_t i = 0; i < count && size < sizeof text; i++) {
        size_t length = strlen(words[i].unit);
        if (length == size && memcmp(words[i].unit, text, size) == 0) {
            w->used = used;
            sonde_writer_put(w, words[i].word, strlen(words[i].word));
            return;
        }
    }
}

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* The unit in words, not escaped; into memory of its own. */
static void put_words(sonde_writer *w, sonde_slice unit) {
    sonde_slice rate = {unit.data + unit.size, 0};
    const uint8_t *slash =
        unit.size > 0 ? memchr(unit.data, '/', unit.size) : NULL;
    if (slash != NULL) {
        rate.data = slash + 1;
        rate.size = (size_t)(unit.data + unit.size - rate.data);
        unit.size = (size_t)(slash - unit.data);
    }
    put_part(w, unit, UNITS, COUNT(UNITS));
    size_t before = w->used;
    if (w->used > 0)
        sonde_writer_byte(w, '_');
    SONDE_PUT(w, "per_");
    size_t start = w->used;
    put_part(w, rate, RATES, COUNT(RATES));
    if (w->used == start)
        w->used = before;
}

void sonde_prom_unit_put(sonde_writer *w, sonde_slice unit,
                         sonde_prom_type type, bool escape) {
    if (sonde_slice_is(unit, SLICE("1")) && type == SONDE_PROM_GAUGE) {
        SONDE_PUT(w, "ratio");
        return;
    }
    size_t start = w->used;
    put_words(w, unit);
    if (!escape || w->status != SONDE_OK)
        return;
    /* in place: a draft of it is never longer */
    sonde_writer tokens = {w->data + start, w->used - start, 0, 0};
    put_tokens(&tokens, (sonde_slice){w->data + start, w->used - start});
    w->used = start + tokens.used;
}

/* Puts the unit behind the name in the draft, unless it is there. */
static void add_unit(sonde_writer *w, sonde_slice unit, bool escape) {
    size_t end = w->used;
    sonde_writer_byte(w, '_');
    sonde_writer tail = {w->data + w->used, w->size - w->used, 0, w->status};
    sonde_prom_unit_put(&tail, unit, SONDE_PROM_UNKNOWN, escape);
    sonde_slice name = {w->data, end}, words = {tail.data, tail.used};
    bool is_there = sonde_slice_ends(name, words) &&
                    (name.size == words.size ||
                     !is_token(name.data[name.size - words.size - 1]));
    w->used = words.size == 0 || is_there ? end : w->used + words.size;
}

static void draft_name(sonde_writer *w, uint32_t strategy, sonde_slice name,
                       sonde_slice unit, sonde_prom_type type) {
    bool escape = is_underscored(strategy);
    bool is_ratio =
        type == SONDE_PROM_GAUGE && sonde_slice_is(unit, SLICE("1"));
    if (escape)
        put_tokens(w, name);
    else
        put_utf8(w, name);
    if (w->used == 0 || !has_suffixes(strategy))
        return;
    if (type == SONDE_PROM_COUNTER)
        cut_word(w, SLICE("total"));
    else if (is_ratio)
        cut_word(w, SLICE("ratio"));
    add_unit(w, unit, escape);
    if (type == SONDE_PROM_COUNTER)
        SONDE_PUT(w, "_total");
    else if (is_ratio)
        SONDE_PUT(w, "_ratio");
}

/* ---- Escaping schemes -------------------------------------------------- */

static uint32_t code_point(const uint8_t *p, int length) {
    if (length == 1)
        return *p;
    uint32_t code = *p & (0x7Fu >> length);
    for (int i = 1; i < length; i++)
        code = code << 6 | (p[i] & 0x3F);
    return code;
}

static void put_code(sonde_writer *w, uint32_t code) {
    static const char HEX[] = "0123456789abcdef";
    uint32_t shift = 20;
    while (shift > 0 && code >> shift == 0)
        shift -= 4;
    sonde_writer_byte(w, '_');
    for (;; shift -= 4) {
        sonde_writer_byte(w, (uint8_t)HEX[code >> shift & 15]);
        if (shift == 0)
            break;
    }
    sonde_writer_byte(w, '_');
}

/* A character that may not stand as it is. */
static void put_other(sonde_writer *w, uint32_t escaping, uint32_t code) {
    if (escaping == SONDE_PROMETHEUS_VALUES)
        put_code(w, code);
    else if (escaping == SONDE_PROMETHEUS_UNDERSCORES)
        sonde_writer_byte(w, '_');
    else if (code == '.')
        SONDE_PUT(w, "_dot_");
    else
        SONDE_PUT(w, "__");
}

/* `draft` is well-formed UTF-8. */
static void put_escaped(sonde_writer *w, uint32_t escaping, sonde_slice draft,
                        bool label) {
    bool is_plain = sonde_prom_is_plain(draft, label);
    if (escaping == SONDE_PROMETHEUS_ALLOW_UTF_8 ||
        (is_plain && escaping != SONDE_PROMETHEUS_DOTS)) {
        sonde_writer_put(w, draft.data, draft.size);
        return;
    }
    if (escaping == SONDE_PROMETHEUS_VALUES)
        SONDE_PUT(w, "U__");
    const uint8_t *p = draft.data, *end = p + draft.size;
    while (p < end) {
        int length = sonde_utf8_next(p, end);
        if (length <= 0)
            break;
        uint32_t code = code_point(p, length);
        if (code == '_' && escaping != SONDE_PROMETHEUS_UNDERSCORES)
            SONDE_PUT(w, "__");
        else if (length == 1 &&
                 (code == '_' || is_letter(*p) ||
                  (is_digit(*p) && p > draft.data) || (code == ':' && !label)))
            sonde_writer_byte(w, *p);
        else
            put_other(w, escaping, code);
        p += length;
    }
}

/* ---- Interface --------------------------------------------------------- */

uint32_t sonde_prom_name_factor(const sonde_prometheus_options *o) {
    if (o->escaping == SONDE_PROMETHEUS_DOTS)
        return 5; /* "_dot_" */
    if (is_underscored(o->strategy) ||
        o->escaping == SONDE_PROMETHEUS_UNDERSCORES)
        return 1;
    return o->escaping == SONDE_PROMETHEUS_VALUES ? 6 : 3; /* "_fffd_" */
}

void sonde_prom_name_put(sonde_writer *w, const sonde_prometheus_options *o,
                         sonde_slice name, sonde_slice unit,
                         sonde_prom_type type, uint8_t *draft) {
    sonde_writer d = {draft, 3 * (name.size + unit.size) + SONDE_PROM_NAME_MORE,
                      0, 0};
    if (is_underscored(o->strategy))
        sonde_writer_byte(&d, '_'); /* in front of a digit */
    sonde_writer rest = {draft + d.used, d.size - d.used, 0, 0};
    draft_name(&rest, o->strategy, name, unit, type);
    sonde_slice made = {rest.data, rest.used};
    if (made.size == 0)
        return;
    if (is_underscored(o->strategy) && is_digit(made.data[0]))
        made = (sonde_slice){draft, made.size + 1};
    put_escaped(w, o->escaping, made, false);
}

/* Letters and digits stay, runs of others become one '_'. */
static void draft_key(sonde_writer *w, sonde_slice key) {
    bool was_other = false;
    if (key.size > 0 && is_digit(key.data[0]))
        SONDE_PUT(w, "key_");
    for (size_t i = 0; i < key.size; i++) {
        bool is_other = !is_letter(key.data[i]) && !is_digit(key.data[i]);
        if (!is_other || !was_other)
            sonde_writer_byte(w, is_other ? '_' : key.data[i]);
        was_other = is_other;
    }
}

void sonde_prom_key_put(sonde_writer *w, const sonde_prometheus_options *o,
                        sonde_slice key, uint8_t *draft) {
    sonde_writer d = {draft, 3 * key.size + SONDE_PROM_NAME_MORE, 0, 0};
    if (is_underscored(o->strategy) && key.size > 0 &&
        o->escaping != SONDE_PROMETHEUS_DOTS) {
        draft_key(w, key); /* nothing is left to escape */
        return;
    }
    if (is_underscored(o->strategy))
        draft_key(&d, key);
    else
        put_utf8(&d, key);
    if (d.used == 0)
        sonde_writer_byte(&d, '_');
    put_escaped(w, o->escaping, (sonde_slice){draft, d.used}, true);
}
