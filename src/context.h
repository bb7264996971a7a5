/* The context: parts that know nothing of each other, put together by
 * sonde.c (memory, records) and deliver/deliver.c (the step loop). */
#ifndef SONDE_CONTEXT_H
#define SONDE_CONTEXT_H

#include "deliver/queue.h"
#include "deliver/retry.h"
#include "metrics/metrics.h"
#include "otlp/encode.h"
#include "otlp/frame.h"
#include "record/intern.h"
#include "sonde.h"
#include "wasm/layout.h"

/* What is being sent. The batch is the list of its records; a request holds
 * the first `sending` of them, the rest waits for the next request of the
 * batch (after a 413). */
typedef struct {
    sonde_list list;
    uint32_t sending;
    uint32_t chunk;     /* most records in a request of this batch */
    uint32_t body_size; /* 0: the body is yet to be made */
    bool on_wire;       /* SEND was given out and not acknowledged */
    uint32_t id;        /* of the last SEND */
    double first_at;    /* when the first attempt was last asked for */
    double next_at;     /* not before this */
} sonde_batch;

/* A signal's own queue and delivery: a server that has trouble with one signal
 * holds up no other. */
typedef struct {
    uint32_t due_seq;  /* records that arrived before this number are due */
    uint32_t max_body; /* of a request: an option, or less after a 413 */
    uint32_t refused;  /* the smallest size that was */
    uint32_t limit;    /* of the next request, from sonde_flush; 0: none */
    uint32_t failures; /* final results in a row */
    int32_t state;
    sonde_batch batch;
    sonde_retry retry;
    sonde_queue queue;
    sonde_ledger ledger;
} sonde_lane;

/* Of one Metric message at most: as much as any point takes, and room for more
 * points than one to share its name. */
enum { SONDE_METRIC_CHUNK = 16384 };

enum {
    SONDE_KEY_BYTES = 8192,
    SONDE_SCOPE_BYTES = 16384,
    SONDE_RESOURCE_BYTES = 8192
};

/* What is used often comes first and the tables last: small offsets make
 * small code. Behind the struct lies what options size, aligned by it: see
 * sonde_init. */
struct sonde {
    _Alignas(16) double now; /* of the last call, as the host said */
    double clock;            /* milliseconds since init; never goes back */
    bool closing;
    uint8_t *body;               /* max_batch_bytes, made anew for each SEND */
    const sonde_lane *body_lane; /* whose body that is */
    sonde_encoder encoder;
    sonde_framer framer;
    sonde_config config;
    sonde_lane lanes[SONDE_SIGNAL_COUNT];
    sonde_metrics metrics;
    double collect_at;   /* when metrics are due, on `clock` */
    uint32_t collecting; /* passes to be made as the queue has room */
    sonde_intern keys;
    sonde_intern scopes;
    sonde_seen seen[SONDE_MAX_NODES];
    uint8_t key_bytes[SONDE_KEY_BYTES];
    uint8_t scope_bytes[SONDE_SCOPE_BYTES];
    uint8_t resource[SONDE_RESOURCE_BYTES];
};

/* Takes the host's time; returns `now`, made sane. */
double sonde_clock_put(sonde *ctx, double now);

/* Puts a record into its queue and counts it; returns SONDE_EMIT_... */
int32_t sonde_enqueue(sonde *ctx, sonde_lane *lane, const sonde_item *item);

/* Writes queued and in_flight of the ledger; called by all that moves records.
 */
void sonde_ledger_sum(sonde_lane *lane);

/* Are there records enough for a request? */
bool sonde_batch_is_full(const sonde *ctx, const sonde_lane *lane);

/* Exporting starts, or starts anew: nothing is known of the server. Only a
 * request under way keeps its count of attempts. */
void sonde_reopen(const sonde *ctx, sonde_lane *lane);

#endif
