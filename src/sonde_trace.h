/* Trace context and head sampling: the headers traceparent and tracestate (W3C
 * Trace Context Level 2), and OpenTelemetry's ProbabilitySampler. The rules of
 * sonde.h hold: no I/O, no clock, no randomness, no allocation, no globals.
 *
 * HEADERS are taken as HTTP libraries give them: without white space around
 * the value. More than one traceparent is none; several tracestates are one,
 * joined by commas in their order. Without a good traceparent, a tracestate
 * means nothing; a bad tracestate leaves the traceparent as good as it was.
 *
 * SAMPLING: 56 random bits decide, R >= T. R is `rv` of tracestate's `ot`
 * entry or the last 7 bytes of the trace id; T is the rejection threshold,
 * (1 - probability) * 2^56, which `th` tells to whoever comes next. */
#ifndef SONDE_TRACE_H
#define SONDE_TRACE_H

#include "sonde.h"

enum {
    SONDE_TRACEPARENT_SIZE = 55,  /* characters of version 00 */
    SONDE_TRACESTATE_SIZE = 512,  /* characters of a tracestate at most */
    SONDE_TRACESTATE_MORE = 288,  /* bytes that writing one wants in addition */
    SONDE_SAMPLER_PRECISION = 4,  /* what OpenTelemetry recommends */
    SONDE_SAMPLER_TEXT_SIZE = 20, /* "ot=th:" and 14 digits */
};

enum {
    SONDE_TRACE_SAMPLED = 1, /* the caller may have recorded the span */
    SONDE_TRACE_RANDOM = 2,  /* the last 7 bytes of the trace id are random */
};

typedef struct {
    uint8_t trace_id[16]; /* not all zero */
    uint8_t span_id[8];   /* not all zero */
    uint8_t flags;        /* SONDE_TRACE_... */
} sonde_span_context;

/* ---- Headers ------------------------------------------------------------- */

/* Reads a traceparent of any version but ff; of higher ones than 00, what 00
 * knows. Flags other than SAMPLED and RANDOM become 0. OK, or BAD_INPUT with
 * *context as it was: start a new trace. */
SONDE_CHECKED int32_t sonde_traceparent_get(sonde_span_context *context,
                                            const char *text, size_t size);

/* Writes a traceparent of version 00, not terminated. The ids are the caller's
 * to make; all flags but SAMPLED and RANDOM are written as 0. */
void sonde_traceparent_put(char text[SONDE_TRACEPARENT_SIZE],
                           const sonde_span_context *context);

/* Reads a tracestate that came with traceparent `parent` and writes what is to
 * be kept and handed on: at most 512 characters without white space around
 * entries, not terminated. Returns how many; 0: there is no tracestate. `to` is
 * worked in: it holds at least `size` + 288 bytes (else NO_SPACE) and may be
 * `text` itself. BAD_INPUT if the text is not of its grammar or has more than
 * 32 entries (empty ones do not count); nothing in `to` is of use then.
 *
 * What is too much for 512 characters goes as whole entries from the end,
 * first those longer than 128 characters. Entries of others with the same key
 * stay; of more than one `ot` the first does. In `ot`, a `th` that does not
 * agree with R and the sampled flag goes, and so do `th` and `rv` that are not
 * 1 ... 14 or 14 lower-case digits, and items that are empty or end with a
 * space; whatever else is in it stays. A changed `ot` moves to the front; an
 * empty one goes. */
SONDE_CHECKED int32_t sonde_tracestate_get(char *to, size_t to_size,
                                           const sonde_span_context *parent,
                                           const char *text, size_t size);

/* ---- Sampler ------------------------------------------------------------- */

typedef struct {
    uint64_t threshold;                 /* T: 0 (always) ... 2^56 (never) */
    uint32_t text_size;                 /* 0: never */
    char text[SONDE_SAMPLER_TEXT_SIZE]; /* the tracestate of a span that was
                                         * kept and whose parent had none */
} sonde_sampler;

/* Makes a sampler of this probability: 0 for never, or 2^-56 ... 1. T is
 * rounded to `precision` (1 ... 14) hexadecimal digits behind the f's that it
 * starts with. BAD_ARGUMENT, with *sampler as it was, for all other values and
 * NaN. */
SONDE_CHECKED int32_t sonde_sampler_init(sonde_sampler *sampler,
                                         double probability,
                                         uint32_t precision);

/* 1 if the spans of a trace are to be kept whose tracestate has no `rv` (all
 * that start here), else 0. */
SONDE_CHECKED int32_t sonde_sampler_keeps(const sonde_sampler *sampler,
                                          const uint8_t trace_id[16]);

/* The same for a span whose parent came with a tracestate, and the tracestate
 * of the new span, in the way of sonde_tracestate_get but that the parent's
 * flags do not matter: `th` is set if the span is kept, and goes if not or if
 * `ot` has no room for it (256 characters). *kept gets 1 or 0. Returns the
 * number of characters. BAD_INPUT and NO_SPACE as above.
 * A host should warn once if it samples traces of others without RANDOM in
 * their flags and without `rv`. */
SONDE_CHECKED int32_t sonde_sampler_decide(const sonde_sampler *sampler,
                                           int32_t *kept, char *to,
                                           size_t to_size,
                                           const sonde_span_context *parent,
                                           const char *text, size_t size);

#endif
