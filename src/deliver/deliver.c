/* Owns the step loop: what is due, what an answer means for the records of a
 * request, and what the host wishes. See sonde.h. */
#include "deliver/batch.h"
#include "sonde_metrics.h"

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

/* ---- What is due ------------------------------------------------------- */

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

static int32_t send(sonde *ctx, sonde_lane *lane, sonde_action *action) {
    sonde_batch *batch = &lane->batch;
    if (!batch->on_wire)
        batch->id++;
    batch->on_wire = true;
    if (lane->retry.attempt == 0)
        batch->first_at = ctx->clock;
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
        sonde_batch_choose(ctx, lane);
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
        !sonde_batch_make(ctx, lane)) {
        if (lane->batch.on_wire) /* the host has it, as it was */
            return SONDE_ACTION_IDLE;
        sonde_batch_settle(lane, SONDE_DROP_TOO_LARGE);
        return wait_until(ctx, action, ctx->clock); /* ask again */
    }
    return send(ctx, lane, action);
}

/* ---- What an answer means ---------------------------------------------- */

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
    sonde_batch_settle(lane, SONDE_DELIVERED);
    if (rejected > 0)
        partial(lane, rejected, lane->ledger.delivered - before);
}

/* 413: the same bytes are never sent again. */
static void split(sonde_lane *lane) {
    sonde_batch *batch = &lane->batch;
    if (batch->sending == 1) {
        sonde_batch_settle(lane, SONDE_DROP_TOO_LARGE);
        return;
    }
    lane->refused = batch->body_size;
    lane->max_body = batch->body_size / 2;
    batch->chunk = (batch->sending + 1) / 2;
    sonde_batch_start(lane);
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
        sonde_batch_settle(lane, SONDE_DROP_RETRY_EXHAUSTED);
    } else {
        batch->next_at = ctx->clock + delay;
    }
}

static void refuse(sonde *ctx, sonde_lane *lane) {
    sonde_batch_settle(lane, SONDE_DROP_REJECTED);
    lane->failures++;
    if (ctx->config.breaker_threshold > 0 &&
        lane->failures >= ctx->config.breaker_threshold)
        lane->state = SONDE_STATE_BREAKER;
}

static void disable(sonde_lane *lane) {
    lane->state = SONDE_STATE_DISABLED;
    sonde_batch_give_back(lane);
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
        sonde_batch_give_back(lane);
    else if (status / 100 == 2)
        success(ctx, lane, answer->rejected);
    else if (is_retryable(ctx, status))
        retry(ctx, lane,
              status == 429 || status == 503 ? answer->retry_after : -1);
    else if (status == 413)
        split(lane);
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
    if (lane->limit > 0) /* what goes next is chosen anew, and does not wait */
        sonde_batch_give_back(lane);
    return SONDE_OK;
}

/* ---- The host's wishes ------------------------------------------------- */

static int32_t held(const sonde_lane *lane) {
    return (int32_t)(lane->queue.count + lane->batch.list.count);
}

int32_t sonde_flush(sonde *ctx, uint32_t signal, double now, uint32_t limit) {
    sonde_lane *lane = enter(ctx, signal, now);
    if (lane == NULL)
        return SONDE_BAD_ARGUMENT;
    if (limit > 0 && !lane->batch.on_wire)
        sonde_batch_give_back(lane);
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
    /* A host may call this for each request: then they would have no end. */
    if (!lane->batch.on_wire)
        lane->retry.attempt = 0;
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
    sonde_batch_give_back(lane);
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
