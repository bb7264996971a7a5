/* Lines of aligned columns, made of what an OTLP request in protobuf holds. The
 * request is what the library has written, so that it is sound. */
#ifndef SONDE_CLI_OTLP_COLUMNS_H
#define SONDE_CLI_OTLP_COLUMNS_H

#include "core/bytes.h"
#include "core/wire.h"
#include "io.h"

enum { CLI_COLUMNS = 6, CLI_LINE = 65536 };

/* Zeros but for `out`, `colour` and `line.data`, which is `bytes`. */
typedef struct {
    cli_output *out;
    bool colour;
    bool measures; /* the first time */
    size_t widths[CLI_COLUMNS];
    uint32_t column;
    size_t owed; /* spaces in front of the next column */
    sonde_writer line;
    uint8_t bytes[CLI_LINE];
    const uint8_t *scope; /* its name */
    size_t scope_size;
} cli_printer;

/* What is left of a message. */
typedef struct {
    const uint8_t *p;
    const uint8_t *end;
} cli_message;

/* False at the end. */
bool cli_field_next(cli_message *s, sonde_field *field);
cli_message cli_inside(const sonde_field *field);
/* The field `number`, or one of zeros. */
sonde_field cli_field_get(cli_message s, uint32_t number);

/* What stands in the current column. */
void cli_put_text(cli_printer *t, const uint8_t *text, size_t size);
void cli_put_plain(cli_printer *t, const char *text);
void cli_put_field(cli_printer *t, cli_message s, uint32_t number);
void cli_put_value(cli_printer *t, cli_message value); /* an AnyValue */
/* key=value, all of them in the last column. */
void cli_put_attributes(cli_printer *t, cli_message record, uint32_t number);

/* A line has at most CLI_COLUMNS columns; one that does not fit is cut. */
void cli_line_begin(cli_printer *t);
void cli_line_end(cli_printer *t);
/* Where the column starts, for cli_column_end. */
size_t cli_column_begin(cli_printer *t);
void cli_column_end(cli_printer *t, size_t start);
void cli_column_field(cli_printer *t, cli_message s, uint32_t number);
void cli_column_plain(cli_printer *t, const char *text);

#endif
