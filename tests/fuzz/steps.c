/* The step loop: bytes are calls. Input: four bytes of options, then calls. */
#include "fuzz.h"

typedef struct {
    const uint8_t *p;
    const uint8_t *end;
    sonde *ctx;
    double now;
    uint32_t id; /* of the last SEND */
    bool on_wire;
} host;

static uint8_t take(host *h) { return h->p < h->end ? *h->p++ : 0; }

static void set_options(sonde_config *config, host *h) {
    sonde_config_init(config);
    config->max_queue_records = 1 + take(h) % 32;
    config->max_queue_bytes = 16384;
    config->max_record_bytes = 4096;
    config->max_batch_bytes = 4096;
    config->max_batch_records = 1 + take(h) % 8;
    uint8_t bits = take(h);
    config->encoding = bits & 1;
    config->retry_server_errors = bits >> 1 & 1;
    config->breaker_threshold = bits >> 2 & 3;
    config->batch_delay = bits & 16 ? 0 : 30000;
    config->max_retry_time = bits & 32 ? 0 : 300000;
    config->max_retry_delay = 1 + 100u * take(h);
}

static void emit(host *h) {
    uint32_t severity = take(h) % 25;
    size_t size = 16u * take(h);
    uint64_t accepted = sonde_ledger_get(h->ctx, SONDE_SIGNAL_LOGS)->accepted;
    int32_t result = fuzz_log(h->ctx, h->now, severity, size);
    PROMISE(sonde_ledger_get(h->ctx, SONDE_SIGNAL_LOGS)->accepted ==
            accepted + (result >= 0));
}

static void next(host *h) {
    sonde_action action, again;
    int32_t type = sonde_next(h->ctx, SONDE_SIGNAL_LOGS, h->now, &action);
    fuzz_law(h->ctx);
    PROMISE(!h->on_wire || (type == SONDE_ACTION_SEND && action.id == h->id));
    if (type == SONDE_ACTION_SEND) {
        PROMISE(action.size > 0 && action.size <= 4096 && action.records > 0);
        PROMISE(action.encoding == 0 || fuzz_is_json(action.body, action.size));
        h->on_wire = true;
        h->id = action.id;
    }
    if (type == SONDE_ACTION_WAIT && action.until <= h->now)
        return; /* asked to ask again */
    PROMISE(sonde_next(h->ctx, SONDE_SIGNAL_LOGS, h->now, &again) == type);
    PROMISE(memcmp(&action, &again, sizeof action) == 0);
}

static void done(host *h) {
    static const int32_t statuses[] = {200, 204, 400, 401, 403, 413, 429, 500,
                                       502, 503, 504, 0,   -1,  -2,  301, 999};
    static const double waits[] = {-1, 0, 1, 1000, 400000, 1e9, 1e300, -5};
    uint8_t what = take(h), how = take(h);
    sonde_answer answer = {statuses[what % 16], waits[how % 8],
                           (double)(how >> 3) - 2};
    uint32_t id = h->id + (what >= 240);
    int32_t result = sonde_done(h->ctx, SONDE_SIGNAL_LOGS, h->now, id, &answer);
    bool known = h->on_wire && id == h->id;
    PROMISE(result == (known ? SONDE_OK : SONDE_UNKNOWN_ID));
    if (known)
        h->on_wire = false;
}

static void resource(host *h) {
    uint8_t text[260];
    uint32_t size = take(h), words[20] = {1, size + 1, SONDE_FLAG_BYTES};
    memset(text, 'r', sizeof text);
    words[16] = SONDE_TYPE_STRING;
    words[17] = 1;
    words[18] = size;
    sonde_record record = {words, 20, text, size + 1};
    PROMISE(sonde_resource_put(h->ctx, &record) == SONDE_OK);
}

static void step(host *h) {
    static const double waits[] = {0, 1, 100, 999, 30000, 400000, -5000, 0.25};
    uint8_t what = take(h);
    h->now += waits[what >> 5];
    switch (what & 15) {
    case 0:
        (void)sonde_flush(h->ctx, SONDE_SIGNAL_LOGS, h->now, 0);
        break;
    case 1:
        (void)sonde_flush(h->ctx, SONDE_SIGNAL_LOGS, h->now, 20u * take(h));
        break;
    case 2:
        (void)!sonde_enable(h->ctx, h->now);
        break;
    case 3:
        (void)sonde_abandon(h->ctx);
        h->on_wire = false;
        break;
    case 4:
        (void)sonde_close(h->ctx, h->now);
        break;
    case 5:
        resource(h);
        break;
    case 6:
    case 7:
    case 8:
        next(h);
        break;
    case 9:
    case 10:
    case 11:
        done(h);
        break;
    default:
        emit(h);
    }
    fuzz_law(h->ctx);
}

/* Whatever was before: closing and good answers empty it, in bounded time. */
static void drain(host *h) {
    (void)!sonde_enable(h->ctx, h->now);
    (void)sonde_close(h->ctx, h->now);
    for (int i = 0; i < 200; i++) {
        sonde_action action;
        sonde_answer good = {200, -1, 0};
        int32_t type = sonde_next(h->ctx, SONDE_SIGNAL_LOGS, h->now, &action);
        if (type == SONDE_ACTION_IDLE)
            break;
        if (type == SONDE_ACTION_WAIT)
            h->now = action.until;
        else
            PROMISE(sonde_done(h->ctx, SONDE_SIGNAL_LOGS, h->now, action.id,
                               &good) == SONDE_OK);
        fuzz_law(h->ctx);
    }
    const sonde_ledger *l = sonde_ledger_get(h->ctx, SONDE_SIGNAL_LOGS);
    if (sonde_state(h->ctx, SONDE_SIGNAL_LOGS) == SONDE_STATE_CLOSED &&
        l->in_flight == 0 &&
        l->queued > 0) /* closed while it was disabled: nothing goes */
        PROMISE(sonde_abandon(h->ctx) > 0);
    (void)sonde_abandon(h->ctx);
    PROMISE(l->accepted ==
            l->delivered + sonde_dropped_count(h->ctx, SONDE_SIGNAL_LOGS));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    host h = {.p = data, .end = data + size, .now = 1.7e12};
    sonde_config config;
    set_options(&config, &h);
    h.ctx = fuzz_open(&config);
    while (h.p < h.end)
        step(&h);
    drain(&h);
    free(h.ctx);
    return 0;
}
