/* Reads rows of tests/vectors/signed.jsonl: one JSON object a line. A row that
 * lacks what is asked of it ends the program. */
#ifndef ROW_H
#define ROW_H

#include "core/json.h"
#include <stdbool.h>

typedef const char row;

/* Puts the reader behind the first token of a member; ERROR if there is none,
 * END if it is null. */
sonde_json_token row_find(sonde_json *json, row *r, const char *member);

bool row_has(row *r, const char *member);
bool row_is(row *r, const char *member, const char *text);
double row_number(row *r, const char *member);

/* A string, zero-terminated. */
void row_text(row *r, const char *member, char to[64]);

/* Memory of its own size, to be freed. NULL if the member is null. */
uint8_t *row_data(row *r, const char *member, size_t *size);
uint8_t *row_hex(row *r, const char *member, size_t *size);

/* The elements of an array of strings, in their order; false at its end. */
bool row_next(sonde_json *json, char to[1100], size_t *size);

#endif
