/* Records as lines for people: aligned, and in colour on a terminal. */
#include "otlp.h"
#include "otlp_columns.h"

#include "core/number.h"
#include "core/text.h"

#include <string.h>

/* ---- Times -------------------------------------------------------------- */

static void put_digits(cli_printer *t, uint64_t value, uint32_t count) {
    uint8_t digits[20];
    for (uint32_t i = count; i-- > 0; value /= 10)
        digits[i] = (uint8_t)('0' + value % 10);
    sonde_writer_put(&t->line, digits, count);
}

/* Days since 1970 to a date of the Gregorian calendar. */
static void put_date(cli_printer *t, uint64_t days) {
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

static void column_time(cli_printer *t, uint64_t time) {
    size_t start = cli_column_begin(t);
    uint64_t seconds = time / 1000000000;
    if (time == 0) {
        cli_put_plain(t, "-");
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
    cli_column_end(t, start);
}

/* In the unit that leaves up to four digits before the point. */
static void column_duration(cli_printer *t, uint64_t start, uint64_t end) {
    size_t at = cli_column_begin(t);
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
    cli_put_plain(t, unit);
    cli_column_end(t, at);
}

/* ---- Records ------------------------------------------------------------ */

static const char *const KINDS[] = {"-",      "internal", "server",
                                    "client", "producer", "consumer"};
static const char *const STATUSES[] = {"unset", "ok", "error"};

enum { ERROR = 2 };

#define RED "\033[31m"
#define PLAIN "\033[0m"

static const char *name_of(const char *const *names, uint64_t count,
                           uint64_t value) {
    return value < count ? names[value] : "?";
}

static void paint(cli_printer *t, const char *code) {
    if (t->colour && !t->measures)
        cli_put_plain(t, code);
}

static void column_severity(cli_printer *t, uint64_t number) {
    static const char *const names[] = {"-",    "TRACE", "DEBUG", "INFO",
                                        "WARN", "ERROR", "FATAL"};
    static const char *const colours[] = {
        "", "\033[2m", "\033[2m", "\033[32m", "\033[33m", RED, "\033[1;31m"};
    uint64_t place = number > 24 ? 7 : (number + 3) / 4;
    cli_column_begin(t);
    if (place < 7)
        paint(t, colours[place]);
    size_t start = t->line.used;
    cli_put_plain(t, name_of(names, 7, place));
    cli_column_end(t, start);
    paint(t, PLAIN);
}

static void print_log(cli_printer *t, cli_message record) {
    sonde_field time = cli_field_get(record, 1),
                observed = cli_field_get(record, 11);
    sonde_field body = cli_field_get(record, 5);
    column_time(t, time.value ? time.value : observed.value);
    column_severity(t, cli_field_get(record, 2).value);
    size_t start = cli_column_begin(t);
    cli_put_text(t, t->scope, t->scope_size);
    cli_column_end(t, start);
    start = cli_column_begin(t);
    cli_put_field(t, record, 12);
    if (t->line.used > start && body.number)
        SONDE_PUT(&t->line, ": ");
    if (body.number)
        cli_put_value(t, cli_inside(&body));
    cli_column_end(t, start);
    cli_put_attributes(t, record, 6);
}

static void column_id(cli_printer *t, cli_message record, uint32_t number) {
    sonde_field id = cli_field_get(record, number);
    size_t start = cli_column_begin(t);
    sonde_hex_put(&t->line, id.data, id.size);
    cli_column_end(t, start);
}

static void print_span(cli_printer *t, cli_message record) {
    sonde_field from = cli_field_get(record, 7), to = cli_field_get(record, 8);
    sonde_field status = cli_field_get(record, 15);
    uint64_t code = cli_field_get(cli_inside(&status), 3).value;
    column_time(t, from.value);
    column_duration(t, from.value, to.value);
    cli_column_begin(t);
    if (code == ERROR)
        paint(t, RED);
    size_t start = t->line.used;
    cli_put_plain(t, name_of(KINDS, 6, cli_field_get(record, 6).value));
    SONDE_PUT(&t->line, " ");
    cli_put_plain(t, name_of(STATUSES, 3, code));
    cli_column_end(t, start);
    if (code == ERROR)
        paint(t, PLAIN);
    column_id(t, record, 1);
    column_id(t, record, 2);
    cli_column_field(t, record, 5);
    cli_put_attributes(t, record, 9);
}

static void print_metric(cli_printer *t, cli_message record) {
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
        sonde_field data = cli_field_get(record, types[i].number), field;
        if (!data.number)
            continue;
        type = types[i].name;
        for (cli_message s = cli_inside(&data); cli_field_next(&s, &field);)
            points += field.number == 1;
    }
    cli_column_field(t, record, 1);
    cli_column_field(t, record, 3);
    cli_column_plain(t, type);
    size_t start = cli_column_begin(t);
    sonde_uint_put(&t->line, points);
    cli_put_plain(t, points == 1 ? " point" : " points");
    cli_column_end(t, start);
    start = cli_column_begin(t);
    cli_put_text(t, t->scope, t->scope_size);
    cli_column_end(t, start);
    cli_column_field(t, record, 2);
}

/* ---- Requests ----------------------------------------------------------- */

static void print_record(cli_printer *t, cli_message record, int32_t signal) {
    cli_line_begin(t);
    if (signal == SONDE_OTLP_LOGS)
        print_log(t, record);
    else if (signal == SONDE_OTLP_TRACES)
        print_span(t, record);
    else
        print_metric(t, record);
    cli_line_end(t);
}

static void print_scope(cli_printer *t, cli_message records, int32_t signal) {
    sonde_field scope = cli_field_get(records, 1),
                name = cli_field_get(cli_inside(&scope), 1), record;
    t->scope = name.data;
    t->scope_size = name.size;
    while (cli_field_next(&records, &record))
        if (record.number == 2)
            print_record(t, cli_inside(&record), signal);
}

static void print_all(cli_printer *t, cli_message request, int32_t signal) {
    sonde_field resource, scope;
    while (cli_field_next(&request, &resource)) {
        cli_message scopes = cli_inside(&resource);
        while (cli_field_next(&scopes, &scope))
            if (scope.number == 2)
                print_scope(t, cli_inside(&scope), signal);
    }
}

void cli_otlp_print(cli_output *out, const uint8_t *request, size_t size,
                    int32_t signal, bool colour) {
    static cli_printer t; /* too large for a stack of wasm */
    cli_message all = {request, request + size};
    memset(&t, 0, sizeof t);
    t.out = out;
    t.colour = colour;
    t.line.data = t.bytes;
    t.measures = true;
    print_all(&t, all, signal);
    t.measures = false;
    print_all(&t, all, signal);
}
