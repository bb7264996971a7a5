/* A lane's batch: filled from its queue, sent in one request or more, emptied
 * by what became of them. */
#ifndef SONDE_BATCH_H
#define SONDE_BATCH_H

#include "context.h"

enum { SONDE_DELIVERED = -1 }; /* beside the reasons to drop: SONDE_DROP_... */

/* Fills the empty batch, and its first request; both stay empty only if the
 * queue is. The framer is set to the lane, here and below. */
void sonde_batch_choose(sonde *ctx, sonde_lane *lane);

/* The next records of the batch, at most a chunk, are to be sent. */
void sonde_batch_start(sonde_lane *lane);

/* Makes the body of the request, or of as much of it as fits. Only a larger
 * resource, given while the batch waited, makes something not fit; false if
 * that leaves no room even for the first record, or if the request is under way
 * and its body was lost to another signal's. */
bool sonde_batch_make(sonde *ctx, sonde_lane *lane);

/* Ends the request: its records are delivered, or dropped for the reason. */
void sonde_batch_settle(sonde_lane *lane, int32_t reason);

/* Empties the batch: its records go back to where they came from in the queue,
 * due at once. */
void sonde_batch_give_back(sonde_lane *lane);

#endif
