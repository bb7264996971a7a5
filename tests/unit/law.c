/* See law.h. */
#include "law.h"
#include "context.h"
#include "sonde_metrics.h"

/* Which context lies in which memory, to free it. */
enum { OPEN_MAX = 16 };
static struct {
    sonde *ctx;
    void *mem;
} open_contexts[OPEN_MAX];

/* Context memory must be aligned to 16, which malloc is not everywhere. */
sonde *law_open(const sonde_config *config, double now, uint32_t seed) {
    int32_t size = sonde_size(config);
    if (!CHECK(size > 0))
        abort();
    uint8_t *mem = malloc((size_t)size + 16);
    /* The context ends where the memory does, but for what aligning takes. */
    mem = realloc(mem, (size_t)size + (16 - (uintptr_t)mem % 16) % 16);
    size_t skip = (16 - (uintptr_t)mem % 16) % 16;
    sonde *ctx = (sonde *)(void *)(mem + skip);
    memset(ctx, 0xAA, (size_t)size);
    CHECK_INT(sonde_init(ctx, (size_t)size, config, now, seed), SONDE_OK);
    for (int i = 0; i < OPEN_MAX; i++) {
        if (open_contexts[i].ctx == NULL) {
            open_contexts[i].ctx = ctx;
            open_contexts[i].mem = mem;
            return ctx;
        }
    }
    abort();
}

void law_close_memory(sonde *ctx) {
    for (int i = 0; i < OPEN_MAX; i++) {
        if (open_contexts[i].ctx == ctx) {
            free(open_contexts[i].mem);
            open_contexts[i].ctx = NULL;
        }
    }
}

uint32_t law_signal = SONDE_SIGNAL_LOGS;

static uint64_t sum_of_entries(const sonde_queue *q) {
    uint64_t sum = 0;
    for (uint32_t band = 0; band < SONDE_BANDS; band++)
        sum += q->bands[band].items;
    return sum;
}

static void check_lane(const sonde *ctx, uint32_t signal) {
    const sonde_lane *lane = &ctx->lanes[signal];
    const sonde_ledger *l = sonde_ledger_get(ctx, signal);
    uint64_t sum = l->delivered + sonde_dropped_count(ctx, signal) + l->queued +
                   l->in_flight;
    if (l->accepted != sum)
        CHECK_INT(sum, l->accepted);
    if (l->queued != sum_of_entries(&lane->queue))
        CHECK_INT(l->queued, sum_of_entries(&lane->queue));
    if (l->in_flight != lane->batch.list.items)
        CHECK_INT(l->in_flight, lane->batch.list.items);
}

static int32_t checked(const sonde *ctx, int32_t result) {
    for (uint32_t signal = 0; signal < SONDE_SIGNAL_COUNT; signal++)
        check_lane(ctx, signal);
    return result;
}

int32_t law_emit(sonde *ctx, double now, const sonde_record *record) {
    uint64_t accepted = sonde_ledger_get(ctx, law_signal)->accepted;
    uint64_t refused = sonde_ledger_get(ctx, law_signal)->refused;
    int32_t result = checked(ctx, sonde_emit(ctx, law_signal, now, record));
    const sonde_ledger *l = sonde_ledger_get(ctx, law_signal);
    bool good = result >= 0, counted = !good && result != SONDE_BAD_CUT;
    if (l->accepted != accepted + good || l->refused != refused + counted)
        CHECK(false);
    return result;
}

/* Asking twice changes nothing. */
int32_t law_next(sonde *ctx, double now, sonde_action *action) {
    sonde_action again;
    int32_t result = checked(ctx, sonde_next(ctx, law_signal, now, action));
    if (result == SONDE_ACTION_WAIT && !(action->until > ctx->now))
        return result; /* asked to ask again */
    int32_t second = checked(ctx, sonde_next(ctx, law_signal, now, &again));
    if (result != second || memcmp(&again, action, sizeof again) != 0)
        CHECK(false);
    return result;
}

int32_t law_done(sonde *ctx, double now, uint32_t id,
                 const sonde_answer *answer) {
    return checked(ctx, sonde_done(ctx, law_signal, now, id, answer));
}

int32_t law_flush(sonde *ctx, double now, uint32_t limit) {
    int32_t held = checked(ctx, sonde_flush(ctx, law_signal, now, limit));
    const sonde_ledger *l = sonde_ledger_get(ctx, law_signal);
    CHECK_INT(held, l->queued + l->in_flight);
    return held;
}

int32_t law_enable(sonde *ctx, double now) {
    return checked(ctx, sonde_enable(ctx, now));
}

int32_t law_close(sonde *ctx, double now) {
    return checked(ctx, sonde_close(ctx, now));
}

int32_t law_abandon(sonde *ctx) {
    int32_t gone = checked(ctx, sonde_abandon(ctx));
    const sonde_ledger *l = sonde_ledger_get(ctx, law_signal);
    CHECK(l->queued == 0 && l->in_flight == 0);
    return gone;
}

void law_collect(sonde *ctx, double now) {
    sonde_collect(ctx, now);
    (void)checked(ctx, 0);
}

int32_t law_resource(sonde *ctx, const sonde_record *record) {
    return checked(ctx, sonde_resource_put(ctx, record));
}

static int32_t log_bytes(sonde *ctx, double now, uint32_t severity,
                         const char *body, size_t size) {
    static uint32_t words[64];
    static uint8_t text[1 << 21];
    sonde_build build;
    sonde_record record;
    sonde_build_init(&build, words, 64, text, sizeof text);
    sonde_build_log(&build, SONDE_FLAG_SEVERITY_NAME | SONDE_FLAG_NOW, severity,
                    0);
    sonde_build_string(&build, NULL, body, size);
    CHECK_INT(sonde_build_done(&build, &record), SONDE_OK);
    return law_emit(ctx, now, &record);
}

int32_t law_log(sonde *ctx, double now, uint32_t severity, const char *body) {
    return log_bytes(ctx, now, severity, body, strlen(body));
}

int32_t law_sized(sonde *ctx, double now, uint32_t severity, size_t size) {
    char *body = malloc(size + 1);
    memset(body, 'x', size);
    int32_t result = log_bytes(ctx, now, severity, body, size);
    free(body);
    return result;
}

int32_t law_answer(sonde *ctx, double now, uint32_t id, int32_t status) {
    sonde_answer answer = {status, -1, 0};
    return law_done(ctx, now, id, &answer);
}
