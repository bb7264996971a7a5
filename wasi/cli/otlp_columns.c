/* Owns how a line of columns is made: text without anything that a terminal
 * would obey, values, and the widths of columns. Each line is made in memory;
 * lines are made twice, and the first time only the widths are kept. */
#include "otlp_columns.h"

#include "core/number.h"
#include "core/text.h"
#include "sonde.h"

#include <string.h>

enum { WIDEST = 48, DEPTH = 200 };

/* ---- Fields ------------------------------------------------------------- */

bool cli_field_next(cli_message *s, sonde_field *field) {
    return s->p < s->end && sonde_field_next(field, &s->p, s->end);
}

cli_message cli_inside(const sonde_field *field) {
    return (cli_message){field->data, field->data + field->size};
}

sonde_field cli_field_get(cli_message s, uint32_t number) {
    sonde_field field;
    while (cli_field_next(&s, &field))
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

void cli_put_text(cli_printer *t, const uint8_t *text, size_t size) {
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

void cli_put_plain(cli_printer *t, const char *text) {
    sonde_writer_put(&t->line, text, strlen(text));
}

void cli_put_field(cli_printer *t, cli_message s, uint32_t number) {
    sonde_field field = cli_field_get(s, number);
    cli_put_text(t, field.data, field.size);
}

/* As many characters as are shown of what has `size` bytes. */
static size_t shown(const uint8_t *text, size_t size) {
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += (text[i] & 0xC0) != 0x80;
    return count;
}

/* ---- Columns ------------------------------------------------------------ */

void cli_line_begin(cli_printer *t) {
    t->line.used = 0;
    t->line.size = CLI_LINE;
    t->line.status = SONDE_OK;
    t->column = 0;
    t->owed = 0;
}

void cli_column_end(cli_printer *t, size_t start) {
    size_t width = shown(t->bytes + start, t->line.used - start);
    size_t *widest = &t->widths[t->column++];
    if (t->measures && width > *widest)
        *widest = width > WIDEST ? WIDEST : width;
    t->owed = 2 + (*widest > width ? *widest - width : 0);
}

size_t cli_column_begin(cli_printer *t) {
    for (; t->owed > 0; t->owed--)
        SONDE_PUT(&t->line, " ");
    return t->line.used;
}

void cli_line_end(cli_printer *t) {
    if (t->measures)
        return;
    while (t->line.used > 0 && t->bytes[t->line.used - 1] == ' ')
        t->line.used--;
    cli_output_put(t->out, (const char *)t->bytes, t->line.used);
    cli_output_text(t->out, t->line.status < 0 ? "...\n" : "\n");
}

void cli_column_field(cli_printer *t, cli_message s, uint32_t number) {
    size_t start = cli_column_begin(t);
    cli_put_field(t, s, number);
    cli_column_end(t, start);
}

void cli_column_plain(cli_printer *t, const char *text) {
    size_t start = cli_column_begin(t);
    cli_put_plain(t, text);
    cli_column_end(t, start);
}

/* ---- Values ------------------------------------------------------------- */

/* What is open in a value: its rest, and what ends it. */
typedef struct {
    cli_message rest;
    bool map;
    bool some;
} level;

/* A value that is no array or map; true if it is one, which is then opened. */
static bool put_scalar(cli_printer *t, const sonde_field *field) {
    double number;
    switch (field->number) {
    case 1:
        cli_put_text(t, field->data, field->size);
        return false;
    case 2:
        cli_put_plain(t, field->value ? "true" : "false");
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
static uint32_t put_any(cli_printer *t, cli_message value, level *levels,
                        uint32_t depth) {
    sonde_field field;
    if (!cli_field_next(&value, &field)) {
        cli_put_plain(t, "null");
        return depth;
    }
    if (put_scalar(t, &field) && depth < DEPTH) {
        bool map = field.number == 6;
        levels[depth] = (level){cli_inside(&field), map, false};
        cli_put_plain(t, map ? "{" : "[");
        return depth + 1;
    }
    return depth;
}

void cli_put_value(cli_printer *t, cli_message value) {
    level levels[DEPTH];
    uint32_t depth = put_any(t, value, levels, 0);
    while (depth > 0) {
        level *top = &levels[depth - 1];
        sonde_field element, inner;
        if (!cli_field_next(&top->rest, &element)) {
            cli_put_plain(t, top->map ? "}" : "]");
            depth--;
            continue;
        }
        if (top->some)
            cli_put_plain(t, ", ");
        top->some = true;
        cli_message it = cli_inside(&element);
        if (top->map) {
            cli_put_field(t, it, 1);
            cli_put_plain(t, ": ");
            inner = cli_field_get(it, 2);
            it = cli_inside(&inner);
        }
        depth = put_any(t, it, levels, depth);
    }
}

void cli_put_attributes(cli_printer *t, cli_message record, uint32_t number) {
    sonde_field field, value;
    bool some = false;
    while (cli_field_next(&record, &field)) {
        if (field.number != number)
            continue;
        if (some)
            SONDE_PUT(&t->line, " ");
        else
            cli_column_begin(t);
        some = true;
        cli_put_field(t, cli_inside(&field), 1);
        SONDE_PUT(&t->line, "=");
        value = cli_field_get(cli_inside(&field), 2);
        cli_put_value(t, cli_inside(&value));
    }
}
