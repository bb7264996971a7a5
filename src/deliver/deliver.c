/* Owns the step loop: what is due, which records make a request, and what an
 * answer means for them. See sonde.h. */
#include "context.h"
#include "sonde_metrics.h"

enum { REASON_NONE = -1 };

/* Smaller when the compiler does not mix them with their caller. */
#define SMALL static __attribute__((noinline))

static const double MAX_RETRY_AFTER = 3600000; /* milliseconds */

/* The signal's lane, with the framer set to it; NULL if there is none. */
static sonde_lane *enter(sonde *ctx, uint32_t signal, double now) {
    if (signal >= SONDE_SIGNAL_COUNT)
        return NULL;
    sonde_clock_put(ctx, now);
    ctx->framer.signal = signal;
    ctx->framer.queue = &ctx->lanes[signal].queue;
    return &ctx->lanes[signal];
}

/* ---- Choosing records ------------------------------------------------------
 */

/* Room that is left in a body while its records are chosen. */
typedef struct {
    const sonde_framer *framer;
    uint32_t room;
    bool known[SONDE_INTERN_MAX]; /* scopes that are in already */
} selection;

static bool selection_init(selection *s, sonde *ctx, uint32_t limit) {
    s->framer = &ctx->framer;
    memset(s->known, 0, sizeof s->known);
    uint32_t base = sonde_frame_base(s->framer);
    s->room = base < limit ? limit - base : 0;
    return s->room > 0;
}

static bool selection_fits(selection *s, uint32_t place) {
    uint32_t scope = s->framer->queue->entries[place].scope;
    uint32_t need = sonde_frame_record_size(s->framer, place);
    if (!s->known[scope])
        need += sonde_frame_scope_size(s->framer, scope);
    if (need > s->room)
        return false;
    s->room -= need;
    s->known[scope] = true;
    return true;
}

/* In order of arrival, until the next one does not fit. */
static void choose_oldest(sonde *ctx, sonde_lane *lane, uint32_t limit,
                          uint32_t records) {
    selection s;
    sonde_queue *q = &lane->queue;
    if (!selection_init(&s, ctx, limit))
        return;
    while (lane->batch.list.count < records) {
        uint32_t place = sonde_queue_oldest(q);
        if (place == SONDE_NONE || !selection_fits(&s, place))
            return;
        sonde_queue_take(q, q->entries[place].band, &lane->batch.list);
    }
}

/* The most severe first; what does not fit stays, and smaller ones behind it
 * may still go. Then the queue is emptied in order of arrival into what goes
 * and what stays. */
SMALL void choose_severest(sonde *ctx, sonde_lane *lane, uint32_t limit) {
    selection s;
    sonde_queue *q = &lane->queue;
    sonde_list stay;
    sonde_list_clear(&stay);
    if (!selection_init(&s, ctx, limit))
        return;
    uint32_t chosen = 0;
    for (uint32_t band = SONDE_BANDS; band-- > 0;) {
        uint32_t place = q->bands[band].first;
        for (uint32_t n = q->bands[band].count; n > 0; n--) {
            bool fits = chosen < ctx->config.max_batch_records &&
                        selection_fits(&s, place);
            chosen += fits;
            q->entries[place].leaves = fits;
            place = q->entries[place].next;
        }
    }
    while (q->count > 0) {
        const sonde_entry *oldest = &q->entries[sonde_queue_oldest(q)];
        sonde_queue_take(q, oldest->band,
                         oldest->leaves ? &lane->batch.list : &stay);
    }
    sonde_queue_return(q, &stay);
}

/* A record that no request can hold would stop the queue for ever. */
static void drop_too_large(sonde_lane *lane) {
    uint32_t place = sonde_queue_oldest(&lane->queue);
    sonde_queue_evict(&lane->queue, lane->queue.entries[place].band,
                      lane->ledger.dropped[SONDE_DROP_TOO_LARGE]);
}

/* The next records of the batch, at most a chunk, are to be sent. */
static void start_request(sonde *ctx, sonde_lane *lane) {
    sonde_batch *batch = &lane->batch;
    batch->sending =
        batch->list.count < batch->chunk ? batch->list.count : batch->chunk;
    batch->body_size = 0;
    batch->first_at = ctx->clock;
    batch->next_at = 0;
    lane->retry.attempt = 0;
    sonde_ledger_sum(lane);
}

/* Ends the request: its records are delivered (REASON_NONE) or dropped. */
static void settle(sonde *ctx, sonde_lane *lane, int32_t reason) {
    sonde_batch *batch = &lane->batch;
    for (; batch->sending > 0; batch->sending--) {
        const sonde_entry *entry = &lane->queue.entries[batch->list.first];
        uint32_t band = entry->band, items = entry->items;
        sonde_queue_drop(&lane->queue, &batch->list);
        if (reason == REASON_NONE)
            lane->ledger.delivered += items;
        else
            lane->ledger.dropped[reason][band] += items;
    }
    start_request(ctx, lane);
}

/* Fills the batch; it stays empty only if the queue is. */
static void choose(sonde *ctx, sonde_lane *lane) {
    sonde_batch *batch = &lane->batch;
    uint32_t limit = lane->limit;
    lane->limit = 0;
    if (limit > 0)
        choose_severest(ctx, lane,
                        limit < lane->max_body ? limit : lane->max_body);
    if (batch->list.count == 0)
        choose_oldest(ctx, lane, lane->max_body, ctx->config.max_batch_records);
    while (batch->list.count == 0 && lane->queue.count > 0) {
        choose_oldest(ctx, lane, ctx->config.max_batch_bytes, 1);
        if (batch->list.count == 0)
            drop_too_large(lane);
    }
    batch->chunk = batch->list.count;
    start_request(ctx, lane);
}

/* ---- What is due ------------------------------------------------------------
 */

/* Time at which the oldest record is due: now or earlier, or later. */
static double due_at(const sonde *ctx, const sonde_lane *lane,
                     uint32_t oldest) {
    const sonde_entry *entry = &lane->queue.entries[oldest];
    if (ctx->closing || (int32_t)(entry->seq - lane->due_seq) < 0 ||
        sonde_batch_is_full(ctx, lane))
        return ctx->clock;
    uint32_t age = (uint32_t)(uint64_t)ctx->clock - entry->at;
    double left = (double)ctx->config.batch_delay - age;
    return ctx->clock + (left > 0 ? left : 0);
}

static int32_t wait_until(const sonde *ctx, sonde_action *action, double at) {
    action->until = ctx->now + (at - ctx->clock);
    return SONDE_ACTION_WAIT;
}

/* Makes the body of the batch, or of as much of it as fits. Only a larger
 * resource, given while the batch waited, makes something not fit; false if
 * that leaves no room even for the first record, or if the request is under way
 * and its body was lost to another signal's. */
SMALL bool make_body(sonde *ctx, sonde_lane *lane) {
    sonde_batch *batch = &lane->batch;
    for (;;) {
        int32_t size = sonde_frame_put(&ctx->framer, ctx->body,
                                       ctx->config.max_batch_bytes,
                                       &batch->list, batch->sending);
        if (size >= 0) {
            batch->body_size = (uint32_t)size;
            ctx->body_lane = lane;
            return true;
        }
        if (batch->sending == 1 || batch->on_wire)
            return false;
        batch->sending /= 2;
    }
}

static int32_t send(sonde *ctx, sonde_lane *lane, sonde_action *action) {
    sonde_batch *batch = &lane->batch;
    if (!batch->on_wire)
        batch->id++;
    batch->on_wire = true;
    action->id = batch->id;
    action->body = ctx->body;
    action->size = batch->body_size;
    action->encoding = ctx->config.encoding;
    action->records = batch->sending;
    action->queued = lane->queue.count + batch->list.count - batch->sending;
    return SONDE_ACTION_SEND;
}

/* Nothing is queued; but metrics are collected again, unless it was the last
 * time. */
static int32_t wait_or_idle(const sonde *ctx, sonde_action *action,
                            bool collects) {
    return collects && !ctx->closing ? wait_until(ctx, action, ctx->collect_at)
                                     : SONDE_ACTION_IDLE;
}

/* What there is to do before a request: IDLE, WAIT, or SEND for a batch that is
 * to be sent now. */
static int32_t prepare(sonde *ctx, sonde_lane *lane, sonde_action *action) {
    sonde_batch *batch = &lane->batch;
    if (batch->on_wire)
        return SONDE_ACTION_SEND;
    if (lane->state != SONDE_STATE_OPEN)
        return SONDE_ACTION_IDLE;
    if (batch->list.count == 0) {
        bool collects = lane == &ctx->lanes[SONDE_SIGNAL_METRICS] &&
                        ctx->metrics.streams != NULL;
        if (collects) {
            if (ctx->collect_at <= ctx->clock)
                return SONDE_ACTION_COLLECT;
            sonde_collect_more(ctx);
        }
        uint32_t oldest = sonde_queue_oldest(&lane->queue);
        if (oldest == SONDE_NONE)
            return wait_or_idle(ctx, action, collects);
        double at = due_at(ctx, lane, oldest);
        if (at > ctx->clock)
            return wait_until(ctx, action, at);
        choose(ctx, lane);
        if (batch->list.count == 0)
            return wait_or_idle(ctx, action, collects);
    }
    if (batch->next_at > ctx->clock)
        return wait_until(ctx, action, batch->next_at);
    return SONDE_ACTION_SEND;
}

int32_t sonde_next(sonde *ctx, uint32_t signal, double now,
                   sonde_action *action) {
    sonde_lane *lane = enter(ctx, signal, now);
    memset(action, 0, sizeof *action);
    if (lane == NULL)
        return SONDE_BAD_ARGUMENT;
    int32_t what = prepare(ctx, lane, action);
    if (what != SONDE_ACTION_SEND)
        return what;
    if ((lane->batch.body_size == 0 || ctx->body_lane != lane) &&
        !make_body(ctx, lane)) {
        if (lane->batch.on_wire) /* the host has it, as it was */
            return SONDE_ACTION_IDLE;
        settle(ctx, lane, SONDE_DROP_TOO_LARGE);
        return wait_until(ctx, action, ctx->clock); /* ask again */
    }
    return send(ctx, lane, action);
}

/* ---- What an answer means
 * ---------------------------------------------------- */

/* The records go back to where they came from, due at once. */
static void give_back(sonde_lane *lane) {
    sonde_batch *batch = &lane->batch;
    sonde_queue_return(&lane->queue, &batch->list);
    batch->sending = 0;
    batch->body_size = 0;
    lane->due_seq = lane->queue.seq;
    sonde_ledger_sum(lane);
}

/* Never retried: OTLP specification, 1.1. A count beyond the request's own is
 * not believed. */
static void partial(sonde_lane *lane, double rejected, uint64_t items) {
    uint64_t count = rejected < (double)items ? (uint64_t)rejected : items;
    lane->ledger.delivered -= count;
    lane->ledger.dropped[SONDE_DROP_PARTIAL][SONDE_BAND_UNKNOWN] += count;
}

/* After a 413 the limit grows again with each success, but not to the size
 * that was refused: it ends just below what the server takes. If as much is
 * taken now, it was not the size. */
static void learn(sonde *ctx, sonde_lane *lane, uint32_t accepted) {
    if (accepted >= lane->refused)
        lane->refused = ctx->config.max_batch_bytes + 1;
    uint32_t grown = accepted > lane->max_body ? accepted : lane->max_body;
    grown += grown / 4;
    lane->max_body = grown < lane->refused ? grown : lane->refused - 1;
}

static void success(sonde *ctx, sonde_lane *lane, double rejected) {
    uint64_t before = lane->ledger.delivered;
    learn(ctx, lane, lane->batch.body_size);
    lane->failures = 0;
    settle(ctx, lane, REASON_NONE);
    if (rejected > 0)
        partial(lane, rejected, lane->ledger.delivered - before);
}

/* 413: the same bytes are never sent again. */
static void split(sonde *ctx, sonde_lane *lane) {
    sonde_batch *batch = &lane->batch;
    if (batch->sending == 1) {
        settle(ctx, lane, SONDE_DROP_TOO_LARGE);
        return;
    }
    lane->refused = batch->body_size;
    lane->max_body = batch->body_size / 2;
    batch->chunk = (batch->sending + 1) / 2;
    start_request(ctx, lane);
}

static void retry(sonde *ctx, sonde_lane *lane, double after) {
    sonde_batch *batch = &lane->batch;
    uint32_t delay = sonde_retry_delay(&lane->retry, &ctx->config);
    double end = batch->first_at + ctx->config.max_retry_time;
    if (after > 0 && ctx->clock <= end) {
        /* The server named a time: that attempt is made, however late, but
         * it is then the last. A time that is over is no reason to hurry. */
        batch->next_at =
            ctx->clock + (after < MAX_RETRY_AFTER ? after : MAX_RETRY_AFTER);
    } else if (ctx->clock + delay > end) {
        settle(ctx, lane, SONDE_DROP_RETRY_EXHAUSTED);
    } else {
        batch->next_at = ctx->clock + delay;
    }
}

static void refuse(sonde *ctx, sonde_lane *lane) {
    settle(ctx, lane, SONDE_DROP_REJECTED);
    lane->failures++;
    if (ctx->config.breaker_threshold > 0 &&
        lane->failures >= ctx->config.breaker_threshold)
        lane->state = SONDE_STATE_BREAKER;
}

static void disable(sonde_lane *lane) {
    lane->state = SONDE_STATE_DISABLED;
    give_back(lane);
}

static bool is_retryable(const sonde *ctx, int32_t status) {
    if (status == SONDE_STATUS_FAILED || status == 429 ||
        (status >= 502 && status <= 504))
        return true;
    return ctx->config.retry_server_errors && status / 100 == 5;
}

static void take_answer(sonde *ctx, sonde_lane *lane,
                        const sonde_answer *answer) {
    int32_t status = answer->status;
    if (status == SONDE_STATUS_CANCELLED)
        give_back(lane);
    else if (status / 100 == 2)
        success(ctx, lane, answer->rejected);
    else if (is_retryable(ctx, status))
        retry(ctx, lane,
              status == 429 || status == 503 ? answer->retry_after : -1);
    else if (status == 413)
        split(ctx, lane);
    else if (status == 401 || status == 403)
        disable(lane);
    else
        refuse(ctx, lane);
}

int32_t sonde_done(sonde *ctx, uint32_t signal, double now, uint32_t id,
                   const sonde_answer *answer) {
    sonde_lane *lane = enter(ctx, signal, now);
    if (lane == NULL)
        return SONDE_BAD_ARGUMENT;
    if (!lane->batch.on_wire || id != lane->batch.id)
        return SONDE_UNKNOWN_ID;
    lane->batch.on_wire = false;
    lane->ledger.requests++;
    if (answer->rejected < 0) /* changes nothing of what the status says */
        lane->ledger.bad_responses++;
    take_answer(ctx, lane, answer);
    return SONDE_OK;
}

/* ---- The host's wishes
 * -------------------------------------------------------- */

static int32_t held(const sonde_lane *lane) {
    return (int32_t)(lane->queue.count + lane->batch.list.count);
}

int32_t sonde_flush(sonde *ctx, uint32_t signal, double now, uint32_t limit) {
    sonde_lane *lane = enter(ctx, signal, now);
    if (lane == NULL)
        return SONDE_BAD_ARGUMENT;
    if (limit > 0 && !lane->batch.on_wire)
        give_back(lane);
    lane->due_seq = lane->queue.seq;
    lane->limit = limit;
    if (signal == SONDE_SIGNAL_METRICS)
        ctx->collect_at = 0;
    return held(lane);
}

void sonde_reopen(const sonde *ctx, sonde_lane *lane) {
    lane->state = SONDE_STATE_OPEN;
    lane->failures = 0;
    lane->max_body = ctx->config.max_batch_bytes;
    lane->refused = lane->max_body + 1;
    lane->batch.next_at = 0;
}

int32_t sonde_enable(sonde *ctx, double now) {
    sonde_clock_put(ctx, now);
    if (ctx->closing)
        return SONDE_CLOSED;
    for (uint32_t i = 0; i < SONDE_SIGNAL_COUNT; i++)
        sonde_reopen(ctx, &ctx->lanes[i]);
    return SONDE_OK;
}

int32_t sonde_close(sonde *ctx, double now) {
    int32_t count = 0;
    sonde_clock_put(ctx, now);
    ctx->closing = true;
    ctx->collect_at = 0;
    for (uint32_t i = 0; i < SONDE_SIGNAL_COUNT; i++)
        count += held(&ctx->lanes[i]);
    return count;
}

static int32_t abandon(sonde_lane *lane) {
    int32_t count = held(lane);
    lane->batch.on_wire = false;
    give_back(lane);
    for (uint32_t band = 0; band < SONDE_BANDS; band++) {
        while (lane->queue.bands[band].count > 0)
            sonde_queue_evict(&lane->queue, band,
                              lane->ledger.dropped[SONDE_DROP_CLOSED]);
    }
    sonde_ledger_sum(lane);
    return count;
}

int32_t sonde_abandon(sonde *ctx) {
    int32_t count = 0;
    for (uint32_t i = 0; i < SONDE_SIGNAL_COUNT; i++) {
        count += abandon(&ctx->lanes[i]);
        if (ctx->closing) /* nor is the last collection made any more */
            ctx->lanes[i].state = SONDE_STATE_DISABLED;
    }
    return count;
}
