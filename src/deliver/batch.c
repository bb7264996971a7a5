/* Owns the batch of a lane: which queued records become a request, its body,
 * and how they leave it again. When, and why, is deliver.c's. */
#include "deliver/batch.h"

/* Smaller when the compiler does not mix them with their caller. */
#define SMALL static __attribute__((noinline))

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

void sonde_batch_start(sonde_lane *lane) {
    sonde_batch *batch = &lane->batch;
    batch->sending =
        batch->list.count < batch->chunk ? batch->list.count : batch->chunk;
    batch->body_size = 0;
    batch->next_at = 0;
    lane->retry.attempt = 0;
    sonde_ledger_sum(lane);
}

void sonde_batch_settle(sonde_lane *lane, int32_t reason) {
    sonde_batch *batch = &lane->batch;
    for (; batch->sending > 0; batch->sending--) {
        const sonde_entry *entry = &lane->queue.entries[batch->list.first];
        uint32_t band = entry->band, items = entry->items;
        sonde_queue_drop(&lane->queue, &batch->list);
        if (reason == SONDE_DELIVERED)
            lane->ledger.delivered += items;
        else
            lane->ledger.dropped[reason][band] += items;
    }
    sonde_batch_start(lane);
}

void sonde_batch_choose(sonde *ctx, sonde_lane *lane) {
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
    sonde_batch_start(lane);
}

bool sonde_batch_make(sonde *ctx, sonde_lane *lane) {
    sonde_batch *batch = &lane->batch;
    ctx->body_lane = NULL; /* what is made may fail, but only after writing */
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

void sonde_batch_give_back(sonde_lane *lane) {
    sonde_batch *batch = &lane->batch;
    sonde_queue_return(&lane->queue, &batch->list);
    batch->sending = 0;
    batch->body_size = 0;
    lane->due_seq = lane->queue.seq;
    sonde_ledger_sum(lane);
}
