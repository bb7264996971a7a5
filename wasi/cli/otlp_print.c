/* Records as lines for people: aligned, in colour on a terminal, and without
 * anything that a terminal would obey. The request is what the library has
 * written, so that it is sound. Each line is made in memory; lines are made
 * twice, and the first time only the widths of their columns are kept. */
#include "otlp.h"

#include "core/number.h"
#include "core/text.h"
#include "core/wire.h"

#include <string.h>

enum { COLUMNS = 6, WIDEST = 48, LINE = 65536, DEPTH = 200 };

typedef struct {
    cli_output *out;
    bool colour;
    bool measures; /* the first time */
    size_t widths[COLUMNS];
    uint32_t column;
    size_t owed; /* spaces in front of the next column */
    sonde_writer line;
    uint8_t bytes[LINE];
    const uint8_t *scope; /* its name */
    size_t scope_size;
} printer;

/* ---- Fields ------------------------------------------------------------- */

typedef struct {
    const uint8_t *p;
    const uint8_t *end;
} span;

static bool next_field(span *s, sonde_field *field) {
    return s->p < s->end && sonde_field_next(field, &s->p, s->end);
}

static span inside(const sonde_field *field) {
    return (span){field->data, field->data + field->size};
}

/* The field `number`, or one of zeros. */
static sonde_field get(span s, uint32_t number) {
    sonde_field field;
    while (next_field(&s, &field))
        if (field.number == number)
            return field;
    return (sonde_field){.data = s.end};
}

/* ---- Text --------------------------------------------------------------- */

/* Characters of control, C1 and those that change the direction of writing. */
static bool is_dangerous(const uint8_t *p, int size) {
    if (size == 1)
        return *p < 0x20 || *p == 0x7F;
    if (size == 2)
        return (p[0] == 0xC2 && p[1] < 0xA0) || (p[0] == 0xD8 && p[1] == 0x9C);
    return size == 3 && p[0] == 0xE2 &&
           ((p[1] == 0x80 && (p[2] == 0x8E || p[2] == 0x8F ||
                              (p[2] >= 0xA8 && p[2] <= 0xAE))) ||
            (p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9));
}

static void put_text(printer *t, const uint8_t *text, size_t size) {
    const uint8_t *p = text, *end = text + size;
    while (p < end) {
        int n = sonde_utf8_next(p, end);
        if (n > 0 && !is_dangerous(p, n))
            sonde_writer_put(&t->line, p, (size_t)n);
        else if (*p == '\n')
            SONDE_PUT(&t->line, "\\n");
        else
            SONDE_PUT(&t->line, "?");
        p += n > 0 ? n : -n;
    }
}

static void put_plain(printer *t, const char *text) {
    sonde_writer_put(&t->line, text, strlen(text));
}

static void put_field(printer *t, span s, uint32_t number) {
    sonde_field field = get(s, number);
    put_text(t, field.data, field.size);
}

/* As many characters as are shown of what has `size` bytes. */
static size_t shown(const uint8_t *text, size_t size) {
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += (text[i] & 0xC0) != 0x80;
    return count;
}

/* ---- Columns ------------------------------------------------------------ */

static void begin_line(printer *t) {
    t->line.used = 0;
    t->line.size = LINE;
    t->line.status = SONDE_OK;
    t->column = 0;
    t->owed = 0;
}

/* What was written from `start` on is a column. */
static void end_column(printer *t, size_t start) {
    size_t width = shown(t->bytes + start, t->line.used - start);
    size_t *widest = &t->widths[t->column++];
    if (t->measures && width > *widest)
        *widest = width > WIDEST ? WIDEST : width;
    t->owed = 2 + (*widest > width ? *widest - width : 0);
}

static size_t begin_column(printer *t) {
    for (; t->owed > 0; t->owed--)
        SONDE_PUT(&t->line, " ");
    return t->line.used;
}

/* A line that does not fit is cut. */
static void end_line(printer *t) {
    if (t->measures)
        return;
    while (t->line.used > 0 && t->bytes[t->line.used - 1] == ' ')
        t->line.used--;
    cli_output_put(t->out, (const char *)t->bytes, t->line.used);
    cli_output_text(t->out, t->line.status < 0 ? "...\n" : "\n");
}

static void column_field(printer *t, span s, uint32_t number) {
    size_t start = begin_column(t);
    put_field(t, s, number);
    end_column(t, start);
}

static void column_plain(printer *t, const char *text) {
    size_t start = begin_column(t);
    put_plain(t, text);
    end_column(t, start);
}

/* ---- Values ------------------------------------------------------------- */

/* What is open in a value: its rest, and what ends it. */
typedef struct {
    span rest;
    bool map;
    bool some;
} level;

/* A value that is no array or map; true if it is one, which is then opened. */
static bool put_scalar(printer *t, const sonde_field *field) {
    double number;
    switch (field->number) {
    case 1:
        put_text(t, field->data, field->size);
        return false;
    case 2:
        put_plain(t, field->value ? "true" : "false");
        return false;
    case 3:
        sonde_int_put(&t->line, (int64_t)field->value);
        return false;
    case 4:
        memcpy(&number, &field->value, sizeof number);
        sonde_double_write(&t->line, number);
        return false;
    case 7:
        sonde_base64_put(&t->line, field->data, field->size);
        return false;
    default:
        return true;
    }
}

/* Writes what `value` is, if it is anything; opens an array or map. */
static uint32_t put_any(printer *t, span value, level *levels, uint32_t depth) {
    sonde_field field;
    if (!next_field(&value, &field)) {
        put_plain(t, "null");
        return depth;
    }
    if (put_scalar(t, &field) && depth < DEPTH) {
        bool map = field.number == 6;
        levels[depth] = (level){inside(&field), map, false};
        put_plain(t, map ? "{" : "[");
        return depth + 1;
    }
    return depth;
}

static void put_value(printer *t, span value) {
    level levels[DEPTH];
    uint32_t depth = put_any(t, value, levels, 0);
    while (depth > 0) {
        level *top = &levels[depth - 1];
        sonde_field element, inner;
        if (!next_field(&top->rest, &element)) {
            put_plain(t, top->map ? "}" : "]");
            depth--;
            continue;
        }
        if (top->some)
            put_plain(t, ", ");
        top->some = true;
        span it = inside(&element);
        if (top->map) {
            put_field(t, it, 1);
            put_plain(t, ": ");
            inner = get(it, 2);
            it = inside(&inner);
        }
        depth = put_any(t, it, levels, depth);
    }
}

/* key=value, all of them in the last column. */
static void put_attributes(printer *t, span record, uint32_t number) {
    sonde_field field, value;
    bool some = false;
    while (next_field(&record, &field)) {
        if (field.number != number)
            continue;
        if (some)
            SONDE_PUT(&t->line, " ");
        else
            begin_column(t);
        some = true;
        put_field(t, inside(&field), 1);
        SONDE_PUT(&t->line, "=");
        value = get(inside(&field), 2);
        put_value(t, inside(&value));
    }
}

/* ---- Times -------------------------------------------------------------- */

static void put_digits(printer *t, uint64_t value, uint32_t count) {
    uint8_t digits[20];
    for (uint32_t i = count; i-- > 0; value /= 10)
        digits[i] = (uint8_t)('0' + value % 10);
    sonde_writer_put(&t->line, digits, count);
}

/* Days since 1970 to a date of the Gregorian calendar. */
static void put_date(printer *t, uint64_t days) {
    uint64_t z = days + 719468, era = z / 146097, day = z % 146097;
    uint64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    uint64_t in_year = day - (365 * year + year / 4 - year / 100);
    uint64_t month = (5 * in_year + 2) / 153;
    put_digits(t, year + era * 400 + (month >= 10), 4);
    SONDE_PUT(&t->line, "-");
    put_digits(t, month < 10 ? month + 3 : month - 9, 2);
    SONDE_PUT(&t->line, "-");
    put_digits(t, in_year - (153 * month + 2) / 5 + 1, 2);
}

static void column_time(printer *t, uint64_t time) {
    size_t start = begin_column(t);
    uint64_t seconds = time / 1000000000;
    if (time == 0) {
        put_plain(t, "-");
    } else {
        put_date(t, seconds / 86400);
        SONDE_PUT(&t->line, "T");
        put_digits(t, seconds / 3600 % 24, 2);
        SONDE_PUT(&t->line, ":");
        put_digits(t, seconds / 60 % 60, 2);
        SONDE_PUT(&t->line, ":");
        put_digits(t, seconds % 60, 2);
        SONDE_PUT(&t->line, ".");
        put_digits(t, time / 1000000 % 1000, 3);
        SONDE_PUT(&t->line, "Z");
    }
    end_column(t, start);
}

/* In the unit that leaves up to four digits before the point. */
static void column_duration(printer *t, uint64_t start, uint64_t end) {
    size_t at = begin_column(t);
    uint64_t time = end > start ? end - start : 0;
    const char *unit = "ns";
    uint64_t scale = 1;
    if (time >= 10000000000) {
        scale = 1000000000;
        unit = "s";
    } else if (time >= 10000000) {
        scale = 1000000;
        unit = "ms";
    } else if (time >= 10000) {
        scale = 1000;
        unit = "us";
    }
    sonde_uint_put(&t->line, time / scale);
    put_plain(t, unit);
    end_column(t, at);
}

/* ---- Records ------------------------------------------------------------ */

static const char *const KINDS[] = {"-",      "internal", "server",
                                    "client", "producer", "consumer"};
static const char *const STATUSES[] = {"unset", "ok", "error"};

static const char *name_of(const char *const *names, uint64_t count,
                           uint64_t value) {
    return value < count ? names[value] : "?";
}

static void paint(printer *t, const char *code) {
    if (t->colour && !t->measures)
        put_plain(t, code);
}

static void column_severity(printer *t, uint64_t number) {
    static const char *const names[] = {"-",    "TRACE", "DEBUG", "INFO",
                                        "WARN", "ERROR", "FATAL"};
    static const char *const colours[] = {"",          "\033[2m",  "\033[2m",
                                          "\033[32m",  "\033[33m", "\033[31m",
                                          "\033[1;31m"};
    uint64_t place = number > 24 ? 7 : (number + 3) / 4;
    begin_column(t);
    if (place < 7)
        paint(t, colours[place]);
    size_t start = t->line.used;
    put_plain(t, name_of(names, 7, place));
    end_column(t, start);
    paint(t, "\033[0m");
}

static void print_log(printer *t, span record) {
    sonde_field time = get(record, 1), observed = get(record, 11);
    sonde_field body = get(record, 5);
    column_time(t, time.value ? time.value : observed.value);
    column_severity(t, get(record, 2).value);
    size_t start = begin_column(t);
    put_text(t, t->scope, t->scope_size);
    end_column(t, start);
    start = begin_column(t);
    put_field(t, record, 12);
    if (t->line.used > start && body.number)
        SONDE_PUT(&t->line, ": ");
    if (body.number)
        put_value(t, inside(&body));
    end_column(t, start);
    put_attributes(t, record, 6);
}

static void column_id(printer *t, span record, uint32_t number) {
    sonde_field id = get(record, number);
    size_t start = begin_column(t);
    sonde_hex_put(&t->line, id.data, id.size);
    end_column(t, start);
}

static void print_span(printer *t, span record) {
    sonde_field from = get(record, 7), to = get(record, 8);
    sonde_field status = get(record, 15);
    uint64_t code = get(inside(&status), 3).value;
    column_time(t, from.value);
    column_duration(t, from.value, to.value);
    size_t start = begin_column(t);
    put_plain(t, name_of(KINDS, 6, get(record, 6).value));
    SONDE_PUT(&t->line, " ");
    put_plain(t, name_of(STATUSES, 3, code));
    end_column(t, start);
    column_id(t, record, 1);
    column_id(t, record, 2);
    column_field(t, record, 5);
    put_attributes(t, record, 9);
}

static void print_metric(printer *t, span record) {
    static const struct {
        uint32_t number;
        const char *name;
    } types[] = {{5, "gauge"},
                 {7, "sum"},
                 {9, "histogram"},
                 {10, "exponential histogram"},
                 {11, "summary"}};
    const char *type = "-";
    uint64_t points = 0;
    for (size_t i = 0; i < 5; i++) {
        sonde_field data = get(record, types[i].number), field;
        if (!data.number)
            continue;
        type = types[i].name;
        for (span s = inside(&data); next_field(&s, &field);)
            points += field.number == 1;
    }
    column_field(t, record, 1);
    column_field(t, record, 3);
    column_plain(t, type);
    size_t start = begin_column(t);
    sonde_uint_put(&t->line, points);
    put_plain(t, points == 1 ? " point" : " points");
    end_column(t, start);
    start = begin_column(t);
    put_text(t, t->scope, t->scope_size);
    end_column(t, start);
    column_field(t, record, 2);
}

/* ---- Requests ----------------------------------------------------------- */

static void print_record(printer *t, span record, int32_t signal) {
    begin_line(t);
    if (signal == SONDE_OTLP_LOGS)
        print_log(t, record);
    else if (signal == SONDE_OTLP_TRACES)
        print_span(t, record);
    else
        print_metric(t, record);
    end_line(t);
}

static void print_scope(printer *t, span records, int32_t signal) {
    sonde_field scope = get(records, 1), name = get(inside(&scope), 1), record;
    t->scope = name.data;
    t->scope_size = name.size;
    while (next_field(&records, &record))
        if (record.number == 2)
            print_record(t, inside(&record), signal);
}

static void print_all(printer *t, span request, int32_t signal) {
    sonde_field resource, scope;
    while (next_field(&request, &resource)) {
        span scopes = inside(&resource);
        while (next_field(&scopes, &scope))
            if (scope.number == 2)
                print_scope(t, inside(&scope), signal);
    }
}

void cli_otlp_print(cli_output *out, const uint8_t *request, size_t size,
                    int32_t signal, bool colour) {
    static printer t; /* too large for a stack of wasm */
    span all = {request, request + size};
    memset(&t, 0, sizeof t);
    t.out = out;
    t.colour = colour;
    t.line.data = t.bytes;
    t.measures = true;
    print_all(&t, all, signal);
    t.measures = false;
    print_all(&t, all, signal);
}
