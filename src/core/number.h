/* Numbers as decimal text. */
#ifndef SONDE_NUMBER_H
#define SONDE_NUMBER_H

#include "core/bytes.h"

void sonde_uint_put(sonde_writer *w, uint64_t value);
void sonde_int_put(sonde_writer *w, int64_t value);

/* The shortest decimal that reads back as the same double, laid out as
 * ECMAScript's Number::toString does (so JSON.parse and JSON.stringify give
 * the same text); -0 is "-0" and what is not finite is "NaN", "Infinity",
 * "-Infinity", in quotes: the caller is JSON. */
void sonde_double_put(sonde_writer *w, double value);

#endif
