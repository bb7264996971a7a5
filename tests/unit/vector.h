/* Reads the text tables of tests/vectors: tests/vectors/README.md says how
 * they are written. A wrong line in them ends the program. */
#ifndef VECTOR_H
#define VECTOR_H

#include "law.h"

/* A file in memory, cut into lines. */
typedef struct {
    char *data;
    char **lines;
    size_t count;
    const char *path;
} vector_file;

vector_file vector_open(const char *path);
void vector_close(vector_file *file);

/* Where reading is: words of one line from the left to the right. */
typedef struct {
    const char *p;
    const char *line;
} vector_words;

vector_words vector_start(const char *line);

/* True and moves on if the next word is `word`. */
bool vector_is(vector_words *w, const char *word);
bool vector_at_end(vector_words *w);

/* The next word, zero-terminated; empty at the end. */
void vector_word(vector_words *w, char to[64]);
double vector_number(vector_words *w);

/* A string in quotes; returns its size. */
size_t vector_string(vector_words *w, uint8_t *to, size_t room);

/* Two hexadecimal digits a byte, up to a space. */
size_t vector_hex(vector_words *w, uint8_t *to, size_t room);

/* "name value" of sonde_options.def. */
void vector_option(vector_words *w, sonde_config *config);

/* A value with all that is in it goes to the builder, under `key`. */
void vector_value(vector_words *w, sonde_build *b, const char *key);

/* {"a": 1, ...}: each entry goes to the builder. Returns how many. */
uint32_t vector_entries(vector_words *w, sonde_build *b);

void vector_bad(const vector_words *w);

/* Number of a name, as "BAD_RECORD" or "QUEUED". */
int32_t vector_status(const char *name);

#endif
