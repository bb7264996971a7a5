/* The calls of sonde.h that change a context, each followed by a check of the
 * ledger: accepted = delivered + dropped + queued + in flight. */
#ifndef LAW_H
#define LAW_H

#include "check.h"
#include "record/build.h"
#include "sonde.h"

/* A context in memory that ends where the context ends. */
sonde *law_open(const sonde_config *config, double now, uint32_t seed);
void law_close_memory(sonde *ctx);

/* Of the calls below that take one; logs at the start. */
extern uint32_t law_signal;

int32_t law_emit(sonde *ctx, double now, const sonde_record *record);
int32_t law_next(sonde *ctx, double now, sonde_action *action);
int32_t law_done(sonde *ctx, double now, uint32_t id,
                 const sonde_answer *answer);
int32_t law_flush(sonde *ctx, double now, uint32_t limit);
int32_t law_enable(sonde *ctx, double now);
int32_t law_close(sonde *ctx, double now);
int32_t law_abandon(sonde *ctx);
void law_collect(sonde *ctx, double now);
int32_t law_resource(sonde *ctx, const sonde_record *record);

/* A record with a text body, in static memory. */
int32_t law_log(sonde *ctx, double now, uint32_t severity, const char *body);

/* The same with `size` letters. */
int32_t law_sized(sonde *ctx, double now, uint32_t severity, size_t size);

/* A done with this status and neither Retry-After nor rejected records. */
int32_t law_answer(sonde *ctx, double now, uint32_t id, int32_t status);

#endif
