/* Random traffic against a model that is so simple that one can see that it is
 * right: an array of records, each in one place. */
#include "context.h"
#include "law.h"

enum { QUEUED, BATCH, DELIVERED, DROPPED };

enum { MAX_RECORDS = 4000, QUEUE = 20, BATCH_MOST = 6 };

static const double DELAY = 8000;

typedef struct {
    sonde *ctx;
    check_random random;
    double now, clock; /* what the host says, and what has passed */
    uint32_t count;    /* records accepted */
    uint8_t band[MAX_RECORDS];
    uint8_t place[MAX_RECORDS];
    double at[MAX_RECORDS];
    uint32_t due;     /* records below this number are due */
    uint32_t sending; /* of the batch, 0 if none was ever sent */
    uint32_t chunk;
    uint32_t limit;
    bool on_wire;
    uint32_t id;
    uint32_t attempts; /* that failed, of the request */
    double first_at, next_at;
    uint32_t failures;
    int32_t state;
    bool closing;
    uint64_t dropped[SONDE_DROP_COUNT][SONDE_LEDGER_COLUMNS];
    uint64_t delivered;
} model;

static uint32_t count_in(const model *m, uint8_t place) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->count; i++)
        n += m->place[i] == place;
    return n;
}

static void drop(model *m, uint32_t record, uint32_t reason) {
    m->place[record] = DROPPED;
    m->dropped[reason][m->band[record]]++;
}

/* Oldest record in `place` of the lowest band there, or `count`. */
static uint32_t lowest(const model *m) {
    uint32_t found = m->count;
    for (uint32_t i = 0; i < m->count; i++) {
        if (m->place[i] == QUEUED &&
            (found == m->count || m->band[i] < m->band[found]))
            found = i;
    }
    return found;
}

static void compare(const model *m) {
    const sonde_ledger *l = sonde_ledger_get(m->ctx, SONDE_SIGNAL_LOGS);
    bool same = l->accepted == m->count && l->delivered == m->delivered &&
                l->queued == count_in(m, QUEUED) &&
                l->in_flight == count_in(m, BATCH) &&
                memcmp(l->dropped, m->dropped, sizeof m->dropped) == 0 &&
                sonde_state(m->ctx, SONDE_SIGNAL_LOGS) ==
                    (m->closing ? SONDE_STATE_CLOSED : m->state);
    if (!same) {
        CHECK_INT(l->delivered, m->delivered);
        CHECK_INT(l->queued, count_in(m, QUEUED));
        CHECK_INT(l->in_flight, count_in(m, BATCH));
        CHECK(false);
        exit(1);
    }
}

static void step_time(model *m) {
    double by = check_below(&m->random, 1500);
    if (check_below(&m->random, 50) == 0)
        by = -by;
    m->now += by;
    m->clock += by > 0 ? by : 0;
}

/* ---- Calls ------------------------------------------------------------------
 */

static void emit(model *m) {
    static const uint8_t bands[] = {0, 1, 2, 2, 2, 3, 4, 5};
    uint8_t band = bands[check_below(&m->random, sizeof bands)];
    char body[32];
    /* INFO and WARN are one letter shorter than the other names */
    (void)snprintf(body, sizeof body, "#%04u;%s", m->count,
                   band == SONDE_BAND_INFO || band == SONDE_BAND_WARN ? "."
                                                                      : "");
    int32_t result = law_log(m->ctx, m->now, 4u * band + 1, body);
    if (m->closing) {
        CHECK_INT(result, SONDE_CLOSED);
        return;
    }
    uint32_t record = m->count, least = lowest(m);
    bool full = count_in(m, QUEUED) + count_in(m, BATCH) == QUEUE;
    m->band[m->count] = band;
    m->at[m->count] = m->clock;
    m->place[m->count++] = QUEUED;
    if (full) {
        bool own = least == record || m->band[least] > band ||
                   (m->band[least] == band && band < SONDE_BAND_ERROR);
        drop(m, own ? record : least, SONDE_DROP_QUEUE_FULL);
        if (own) {
            CHECK_INT(result, SONDE_EMIT_DROPPED);
            return;
        }
    }
    if (band >= SONDE_BAND_ERROR) {
        m->due = m->count;
        CHECK_INT(result, SONDE_EMIT_DUE);
    }
}

static bool is_due(const model *m) {
    uint32_t queued = count_in(m, QUEUED);
    if (queued == 0)
        return false;
    if (m->closing || queued >= BATCH_MOST ||
        m->ctx->lanes[0].queue.bytes >= m->ctx->lanes[0].max_body)
        return true;
    for (uint32_t i = 0; i < m->count; i++) {
        if (m->place[i] == QUEUED)
            return i < m->due || m->clock - m->at[i] >= DELAY;
    }
    return false;
}

/* Numbers of the records in a body, in order. */
static uint32_t parse(const sonde_action *action, uint32_t records[QUEUE]) {
    uint32_t n = 0;
    for (uint32_t i = 0; i + 6 <= action->size && n < QUEUE; i++) {
        const char *at = (const char *)action->body + i;
        if (at[0] == '#' && at[5] == ';')
            records[n++] = (uint32_t)strtoul(at + 1, NULL, 10);
    }
    return n;
}

/* Nobody who stays is more severe, or as severe and older, than one who
 * goes. All records are equally large. */
static void check_severest(const model *m, const uint32_t *records,
                           uint32_t n) {
    for (uint32_t i = 0; i < m->count; i++) {
        bool goes = false;
        for (uint32_t k = 0; k < n; k++)
            goes |= records[k] == i;
        for (uint32_t k = 0; k < n && !goes && m->place[i] == QUEUED; k++)
            CHECK(m->band[i] < m->band[records[k]] ||
                  (m->band[i] == m->band[records[k]] && i > records[k]));
    }
}

/* The oldest `n` records in `place` are these. */
static void check_oldest(const model *m, uint8_t place, const uint32_t *records,
                         uint32_t n) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < m->count && at < n; i++) {
        if (m->place[i] == place)
            CHECK_INT(records[at++], i);
    }
    CHECK_INT(at, n);
}

static void take_request(model *m, const sonde_action *action) {
    uint32_t records[QUEUE] = {0}, n = parse(action, records);
    CHECK_INT(n, action->records);
    CHECK_INT(action->id, m->id + 1);
    CHECK_INT(m->state, SONDE_STATE_OPEN);
    m->id = action->id;
    m->on_wire = true;
    if (m->attempts == 0)
        m->first_at = m->clock;
    if (count_in(m, BATCH) > 0) {
        CHECK_INT(n, m->sending);
        CHECK(m->clock >= m->next_at);
        check_oldest(m, BATCH, records, n);
        return;
    }
    CHECK(is_due(m) && n <= BATCH_MOST);
    uint32_t room = m->limit < m->ctx->lanes[0].max_body
                        ? m->limit
                        : m->ctx->lanes[0].max_body;
    if (m->limit == 0 || room < 63) /* or not one fits */
        check_oldest(m, QUEUED, records, n);
    else
        check_severest(m, records, n);
    for (uint32_t i = 0; i < n; i++)
        m->place[records[i]] = BATCH;
    m->limit = 0;
    m->sending = m->chunk = n;
    m->attempts = 0;
    m->first_at = m->clock;
}

static void next(model *m) {
    sonde_action action;
    int32_t type = law_next(m->ctx, m->now, &action);
    if (m->on_wire) {
        CHECK_INT(type, SONDE_ACTION_SEND);
        CHECK_INT(action.id, m->id);
        if (m->attempts == 0) /* only now it goes, perhaps */
            m->first_at = m->clock;
    } else if (type == SONDE_ACTION_SEND) {
        take_request(m, &action);
    } else if (m->state == SONDE_STATE_OPEN) {
        bool waits = count_in(m, BATCH) > 0 && m->clock < m->next_at;
        CHECK(waits || (count_in(m, BATCH) == 0 && !is_due(m)));
        bool any = count_in(m, BATCH) + count_in(m, QUEUED) > 0;
        CHECK_INT(type, any ? SONDE_ACTION_WAIT : SONDE_ACTION_IDLE);
    } else {
        CHECK_INT(type, SONDE_ACTION_IDLE);
    }
}

/* The next `sending` records of the batch leave it. */
static void settle(model *m, int32_t reason) {
    for (uint32_t i = 0; i < m->count && m->sending > 0; i++) {
        if (m->place[i] != BATCH)
            continue;
        m->sending--;
        if (reason < 0) {
            m->place[i] = DELIVERED;
            m->delivered++;
        } else {
            drop(m, i, (uint32_t)reason);
        }
    }
    uint32_t left = count_in(m, BATCH);
    m->sending = left < m->chunk ? left : m->chunk;
    m->attempts = 0;
    m->next_at = 0;
}

static void give_back(model *m) {
    for (uint32_t i = 0; i < m->count; i++) {
        if (m->place[i] == BATCH)
            m->place[i] = QUEUED;
    }
    m->due = m->count;
}

static void retry(model *m, double after, uint64_t exhausted) {
    uint64_t now = 0;
    for (uint32_t b = 0; b < SONDE_BANDS; b++)
        now += sonde_ledger_get(m->ctx, SONDE_SIGNAL_LOGS)
                   ->dropped[SONDE_DROP_RETRY_EXHAUSTED][b];
    double end = m->first_at + 300000;
    m->attempts++;
    if (now > exhausted) {
        CHECK(m->clock > end || (after <= 0 && m->clock + 32000 > end));
        settle(m, SONDE_DROP_RETRY_EXHAUSTED);
        return;
    }
    m->next_at = m->ctx->lanes[0].batch.next_at;
    if (after > 0)
        CHECK_DOUBLE(m->next_at, m->clock + after);
    CHECK(m->next_at >= m->clock);
    CHECK(after > 0 || m->next_at <= m->clock + 32000);
}

static void partial(model *m, double rejected, uint32_t sent) {
    uint64_t count = rejected > sent ? sent : (uint64_t)rejected;
    m->delivered -= count;
    m->dropped[SONDE_DROP_PARTIAL][SONDE_BAND_UNKNOWN] += count;
}

static void take_answer(model *m, const sonde_answer *a, uint64_t exhausted) {
    uint32_t sent = m->sending;
    m->on_wire = false;
    if (a->status == -1 || a->status == 401) {
        give_back(m);
        m->state = a->status == 401 ? SONDE_STATE_DISABLED : m->state;
    } else if (a->status == 200) {
        m->failures = 0;
        settle(m, -1);
        if (a->rejected > 0)
            partial(m, a->rejected, sent);
    } else if (a->status == 413 && sent > 1) {
        m->sending = m->chunk = (sent + 1) / 2;
        m->attempts = 0;
        m->next_at = 0;
    } else if (a->status == 413) {
        settle(m, SONDE_DROP_TOO_LARGE);
    } else if (a->status == 400) {
        settle(m, SONDE_DROP_REJECTED);
        if (++m->failures >= 3)
            m->state = SONDE_STATE_BREAKER;
    } else {
        retry(m, a->status == 429 ? a->retry_after : -1, exhausted);
    }
    if (m->limit > 0)
        give_back(m);
}

static void done(model *m) {
    static const int32_t statuses[] = {200, 200, 200, 429, 503, 413,
                                       400, 401, 0,   -1,  200, 200};
    static const double waits[] = {-1, 0, 500, 5000, 290000};
    sonde_answer answer = {statuses[check_below(&m->random, COUNT(statuses))],
                           waits[check_below(&m->random, COUNT(waits))],
                           (double)check_below(&m->random, 12) - 7};
    if (answer.status == 503)
        answer.retry_after = -1;
    uint64_t exhausted = 0;
    for (uint32_t b = 0; b < SONDE_BANDS; b++)
        exhausted += m->dropped[SONDE_DROP_RETRY_EXHAUSTED][b];
    uint32_t wrong = check_below(&m->random, 20) == 0;
    int32_t result = law_done(m->ctx, m->now, m->id + wrong, &answer);
    CHECK_INT(result, !m->on_wire || wrong ? SONDE_UNKNOWN_ID : SONDE_OK);
    if (result == SONDE_OK)
        take_answer(m, &answer, exhausted);
}

static void flush(model *m) {
    bool limited = check_below(&m->random, 2) == 0;
    m->limit = limited ? 60 + check_below(&m->random, 500) : 0;
    (void)law_flush(m->ctx, m->now, m->limit);
    if (limited && !m->on_wire)
        give_back(m);
    m->due = m->count;
}

static void enable(model *m) {
    CHECK_INT(law_enable(m->ctx, m->now), m->closing ? SONDE_CLOSED : SONDE_OK);
    if (m->closing)
        return;
    m->state = SONDE_STATE_OPEN;
    m->failures = 0;
    m->next_at = 0;
    if (!m->on_wire)
        m->attempts = 0;
}

static void step(model *m) {
    uint32_t what = check_below(&m->random, 100);
    step_time(m);
    if (what < 45)
        emit(m);
    else if (what < 70)
        next(m);
    else if (what < 92)
        done(m);
    else if (what < 96)
        flush(m);
    else
        enable(m);
    compare(m);
}

static void open_model(model *m, uint64_t seed) {
    sonde_config config;
    sonde_config_init(&config);
    config.max_queue_records = QUEUE;
    config.max_batch_records = BATCH_MOST;
    config.batch_delay = (uint32_t)DELAY;
    memset(m, 0, sizeof *m);
    m->random.state = seed;
    m->now = 1e12;
    m->ctx = law_open(&config, m->now, (uint32_t)seed);
}

/* Closing, and then either all is delivered or it is abandoned. */
static void end_model(model *m) {
    enable(m);
    (void)law_close(m->ctx, m->now);
    m->closing = true;
    for (int i = 0; i < 200 && check_below(&m->random, 60) > 0; i++) {
        step_time(m);
        next(m);
        done(m);
        emit(m);
        compare(m);
    }
    (void)law_abandon(m->ctx);
    for (uint32_t i = 0; i < m->count; i++) {
        if (m->place[i] == QUEUED || m->place[i] == BATCH)
            drop(m, i, SONDE_DROP_CLOSED);
    }
    compare(m);
    law_close_memory(m->ctx);
}

static void random_traffic(void) {
    static model m;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        open_model(&m, seed);
        for (int i = 0; i < 2000; i++)
            step(&m);
        end_model(&m);
    }
}

static const check_test TESTS[] = {{"random traffic", random_traffic}};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
