/* Tables of records and the request bodies they become, in both encodings:
 * what tests/vectors/logs.txt and spans.txt have in common. */
#ifndef BODY_H
#define BODY_H

#include "vector.h"

/* A record is built over several lines and emitted at its end. */
typedef struct {
    sonde *ctx;
    uint32_t scope;
    bool open;
    sonde_build b;
} body_runner;

/* Emits the record that is being built, if any, and starts the next one. */
void body_start(body_runner *r);

/* Takes a line of a record; false if it is none. */
typedef bool body_line(body_runner *r, vector_words *w);

/* Runs all cases of a file; returns how many there are. */
size_t body_cases(const char *path, uint32_t signal, body_line *line);

#endif
