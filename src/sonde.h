/* Sonde: OTLP telemetry from a small C core.
 *
 * THE RULES OF THIS LIBRARY
 *
 * No I/O, no clock, no randomness, no allocation, no globals. The caller
 * gives memory, time and a random seed, sends the requests that sonde_next
 * describes, and tells the answers to sonde_done. A context belongs to one
 * thread at a time; contexts know nothing of each other.
 *
 * RESULTS are one signed 32-bit value: >= 0 is a count or a verdict, < 0 a
 * status (sonde_status.def; sonde_status_text gives its message). Nothing is
 * half done: a call that returns a status has changed nothing but counters.
 *
 * POINTERS are never NULL unless said; each is followed by its size in bytes.
 * The library keeps no pointer to the caller's data after a call returns.
 *
 * TIME is `double now`: Unix time in milliseconds, fractions count. It may
 * stand still or jump: a step back counts as standing still, and NaN, negative
 * and infinite values count as the time of the call before.
 *
 * TEXT is UTF-8; ill-formed runs become U+FFFD and are counted. */
#ifndef SONDE_H
#define SONDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SONDE_VERSION "0.1.0"

#if defined(__GNUC__)
#define SONDE_CHECKED __attribute__((warn_unused_result))
#else
#define SONDE_CHECKED
#endif

enum {
    SONDE_OK = 0,
#define SONDE_STATUS(name, number, text) SONDE_##name = (number),
#include "sonde_status.def"
#undef SONDE_STATUS
};

/* The message of a status, or "unknown status"; a constant. */
const char *sonde_status_text(int32_t status);

/* ---- Options --------------------------------------------------------- */

/* A field for each line of sonde_options.def. */
typedef struct {
#define SONDE_OPTION(name, value, least, most, unit, text) uint32_t name;
#include "sonde_options.def"
#undef SONDE_OPTION
} sonde_config;

/* Ids of the options: SONDE_OPTION_max_queue_records, ... */
enum {
#define SONDE_OPTION(name, value, least, most, unit, text) SONDE_OPTION_##name,
#include "sonde_options.def"
#undef SONDE_OPTION
    SONDE_OPTION_COUNT
};

/* Sets all options to their defaults. */
void sonde_config_init(sonde_config *config);

/* Sets option `id`. BAD_OPTION if there is no such id or if `value` is not a
 * whole number in its range; the configuration is then as before. */
SONDE_CHECKED int32_t sonde_config_put(sonde_config *config, uint32_t id,
                                       double value);

/* ---- Context --------------------------------------------------------- */

typedef struct sonde sonde;

/* Bytes that a context with this configuration needs, 16-byte aligned; or
 * BAD_OPTION. */
SONDE_CHECKED int32_t sonde_size(const sonde_config *config);

/* Makes a context at `mem`, which must be aligned to 16 bytes and stays the
 * caller's. `seed` is random and only spreads retries; it need not be secret.
 * NO_MEMORY if `size` is too small, BAD_OPTION, BAD_ARGUMENT. */
SONDE_CHECKED int32_t sonde_init(sonde *mem, size_t size,
                                 const sonde_config *config, double now,
                                 uint32_t seed);

/* ---- Records --------------------------------------------------------- */

/* A record as hosts hand it over: words and text as in src/wasm/README.md.
 * record/build.h makes one from C. */
typedef struct {
    const uint32_t *words;
    size_t word_count;
    const uint8_t *text;
    size_t text_size;
} sonde_record;

/* Interns an attribute key of 1 ... 255 bytes. Returns its id (>= 1), the same
 * for the same text. TABLE_FULL after 255 keys or 8 KiB. */
SONDE_CHECKED int32_t sonde_key_put(sonde *ctx, const char *key, size_t size);

/* Interns an instrumentation scope; `version` may be empty. TOO_LARGE over
 * 500 bytes in all. Returns its id (>= 0); id 0 is the scope without a name.
 * TABLE_FULL after 256 scopes or 16 KiB. */
SONDE_CHECKED int32_t sonde_scope_put(sonde *ctx, const char *name,
                                      size_t name_size, const char *version,
                                      size_t version_size);

/* Takes the attributes of `record` as those of the resource, instead of the
 * ones before. TOO_LARGE over 8 KiB or a quarter of max_batch_bytes;
 * otherwise as sonde_emit. */
SONDE_CHECKED int32_t sonde_resource_put(sonde *ctx,
                                         const sonde_record *record);

/* Takes a record of a signal: SONDE_SIGNAL_LOGS, a log record, or _TRACES, a
 * span that has ended. Encodes and queues it; each signal has a queue of its
 * own. A span counts as ERROR if that is its status, and as INFO otherwise.
 * Never blocks. Returns
 * SONDE_EMIT_QUEUED, SONDE_EMIT_DUE (a request may be due now: call sonde_next
 * soon) or SONDE_EMIT_DROPPED (the queue is full of records at least as
 * severe). BAD_RECORD, TOO_LARGE, TOO_DEEP and CLOSED refuse the record,
 * which is counted as `refused` and leaves no trace otherwise; so does
 * BAD_CUT, which is not counted, for the host mends the record and sends it
 * again. */
SONDE_CHECKED int32_t sonde_emit(sonde *ctx, uint32_t signal, double now,
                                 const sonde_record *record);

/* ---- Delivery -------------------------------------------------------- */

/* Each signal is delivered on its own: the host runs the step loop below for
 * each of SONDE_SIGNAL_LOGS, _TRACES and _METRICS, and may have a request of
 * each under way. BAD_ARGUMENT if there is no such signal. */

/* What the host is to do. COLLECT, only for metrics: ask what observes
 * instruments, and call sonde_collect (sonde_metrics.h). SEND: POST `body` to
 * the endpoint, with Content-Type application/x-protobuf (encoding 0) or
 * application/json (1), and tell the answer to sonde_done. WAIT: ask again at
 * `until` (same clock as `now`), or when something was emitted. The body is
 * valid until then, or until sonde_next is called for another signal.
 */
typedef struct {
    double until;
    uint32_t id;
    uint32_t size;
    const uint8_t *body;
    uint32_t encoding;
    uint32_t records; /* in this body */
    uint32_t queued;  /* still queued beside it */
} sonde_action;

/* Fills *action and returns SONDE_ACTION_IDLE, _WAIT, _SEND or _COLLECT. Asking
 * twice changes nothing: until sonde_done, the same SEND comes again. But the
 * time for retries counts from when the first attempt was last asked for. */
SONDE_CHECKED int32_t sonde_next(sonde *ctx, uint32_t signal, double now,
                                 sonde_action *action);

/* An answer. `status` is the HTTP status, SONDE_STATUS_FAILED (0) when there
 * was none (network failure, time-out), SONDE_STATUS_CANCELLED (-1) when the
 * host gave up the request itself and wants the records sent anew.
 * `retry_after` is what the header of that name asks for in milliseconds, or
 * -1; more than an hour counts as an hour. `rejected` is how many records the
 * server says it rejected, or -1 if its body could not be decoded. Hosts in C
 * get the two from sonde_retry_after and sonde_reply_get; JavaScript has its
 * own parsers for both, which saves the web module 2 kB of 10. */
typedef struct {
    int32_t status;
    double retry_after;
    double rejected;
} sonde_answer;

/* Acknowledges the SEND with this id. UNKNOWN_ID if no such request is under
 * way. */
SONDE_CHECKED int32_t sonde_done(sonde *ctx, uint32_t signal, double now,
                                 uint32_t id, const sonde_answer *answer);

/* Reads a Retry-After header (RFC 9110, section 10.2.3): seconds, or an HTTP
 * date in any of its three forms, taken as GMT. Returns milliseconds from
 * `now`, at least 0, or -1 if it is neither. */
double sonde_retry_after(const char *text, size_t size, double now);

enum { SONDE_MESSAGE_SIZE = 256 };

/* What a response body says: the records rejected by a partial success, and
 * text for people: valid UTF-8, cut between characters. */
typedef struct {
    int64_t rejected;
    uint32_t size;
    uint8_t message[SONDE_MESSAGE_SIZE];
} sonde_reply;

/* Decodes a response body in the encoding of the request (0 protobuf, 1
 * JSON): an Export{Logs,Trace,Metrics}ServiceResponse for a status of 2xx,
 * otherwise a google.rpc.Status. No bytes at all are a success without a
 * message. BAD_INPUT if it is neither; *reply is then empty. */
SONDE_CHECKED int32_t sonde_reply_get(sonde_reply *reply, uint32_t encoding,
                                      int32_t status, const uint8_t *body,
                                      size_t size);

/* All that is queued is due now. With `limit` > 0 the next request has at
 * most that many bytes (unless no record fits that), takes the most severe
 * records first, and does not wait for a back-off: for a page about to go. A
 * request under way comes first. Returns the records held. */
int32_t sonde_flush(sonde *ctx, uint32_t signal, double now, uint32_t limit);

/* Exporting goes on after 401, 403 or an open breaker; waits are over. To be
 * called when endpoint or credentials were set anew. Returns 0, or CLOSED. */
SONDE_CHECKED int32_t sonde_enable(sonde *ctx, double now);

/* No more records are taken and all that is held is due: go on with
 * sonde_next until it is IDLE. Returns the records held. */
int32_t sonde_close(sonde *ctx, double now);

/* Drops all records that are held, counted as `closed`. A request under way
 * is forgotten; and after sonde_close, what was measured and not yet
 * collected. Returns how many. */
int32_t sonde_abandon(sonde *ctx);

/* ---- Ledger ---------------------------------------------------------- */

enum { SONDE_BANDS = 6, SONDE_LEDGER_COLUMNS = 7, SONDE_LEDGER_REASONS = 6 };

/* Of a signal: counts log records, spans, or data points.
 * accepted = delivered + dropped + queued + in_flight holds after every call.
 * `dropped[reason][band]`: reasons in the order of SONDE_DROPS (layout.h),
 * bands TRACE DEBUG INFO WARN ERROR FATAL, and 6 where a partial success did
 * not say which records it rejected. */
typedef struct {
    uint64_t accepted;
    uint64_t delivered;
    uint64_t queued;
    uint64_t in_flight;     /* in the batch that is being sent or retried */
    uint64_t refused;       /* never accepted: bad records */
    uint64_t replaced;      /* ill-formed UTF-8 runs made U+FFFD */
    uint64_t bad_responses; /* answers that could not be decoded */
    uint64_t requests;      /* SENDs acknowledged */
    uint64_t dropped[SONDE_LEDGER_REASONS][SONDE_LEDGER_COLUMNS];
} sonde_ledger;

/* `signal` of these three is one of SONDE_SIGNAL_...; it is not checked. */
const sonde_ledger *sonde_ledger_get(const sonde *ctx, uint32_t signal);

/* The sum of `dropped`: of logs, the value of otel.logs.dropped_count. */
uint64_t sonde_dropped_count(const sonde *ctx, uint32_t signal);

/* SONDE_STATE_OPEN, _DISABLED (401/403), _BREAKER or _CLOSED. */
int32_t sonde_state(const sonde *ctx, uint32_t signal);

#endif
