/* Counters of a trace: made, added to, and shown as a request has them. */
#ifndef METERS_H
#define METERS_H

#include "vector.h"

enum { METERS_MOST = 256 };

typedef struct {
    char names[METERS_MOST][32]; /* the place is the instrument's id */
    uint32_t count;
} meters;

/* meter NAME [xN]: makes a counter, or NAME1 ... NAMEN. Returns the id of the
 * last one. */
int32_t meters_make(meters *m, sonde *ctx, double now, vector_words *w);

/* add VALUE NAME [xN] [series=N]: to the series without attributes, or to the
 * one with {"k": N}. Returns the last result. */
int32_t meters_add(const meters *m, sonde *ctx, double now, vector_words *w);

/* Writes the points of a request, "b=1/2,a=3", or what they come to when there
 * are more than 8 metrics. */
void meters_show(const sonde_action *action, char *to, size_t size);

#endif
