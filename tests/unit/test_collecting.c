/* Metrics on their way into requests, where there is little room. */
#include "check.h"
#include "core/wire.h"
#include "law.h"
#include "sonde_metrics.h"

static const double START = 1700000000000;
/* After it; milliseconds. */
static const double EARLY = 60000, LATE = 10860000;

static int32_t make_counter(sonde *ctx, const char *name) {
    const uint8_t *text = (const uint8_t *)name;
    sonde_instrument it = {SONDE_KIND_COUNTER,
                           {{text, (uint32_t)strlen(name), true},
                            {text, 0, true},
                            {text, 0, true}},
                           NULL,
                           0};
    return sonde_meter_put(ctx, START, &it);
}

/* Adds 1 to the series with a number and a text of `size` letters. */
static void add_one(sonde *ctx, int32_t id, int64_t number, size_t size) {
    static uint32_t words[64];
    static uint8_t text[8192];
    static char letters[4096];
    sonde_build b;
    sonde_record record;
    memset(letters, 'a', size);
    sonde_build_init(&b, words, COUNT(words), text, sizeof text);
    sonde_build_int(&b, "n", number);
    sonde_build_string(&b, "v", letters, size);
    CHECK_INT(sonde_build_done(&b, &record), SONDE_OK);
    int32_t series = sonde_meter_series(ctx, START, (uint32_t)id, &record);
    CHECK(series >= 0);
    CHECK_INT(sonde_meter_add(ctx, (uint32_t)series, 1), SONDE_OK);
}

static uint64_t drain(sonde *ctx, double now) {
    sonde_action action;
    uint64_t requests = 0;
    while (law_next(ctx, now, &action) == SONDE_ACTION_SEND) {
        requests++;
        (void)law_answer(ctx, now, action.id, 200);
    }
    return requests;
}

/* A point of nearly a request takes one; those beside it take another. */
static void large_neighbour(void) {
    static const size_t sizes[] = {0, 1000, 3560};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        sonde_config config;
        sonde_config_init(&config);
        config.max_batch_bytes = 4096;
        law_signal = SONDE_SIGNAL_METRICS;
        sonde *ctx = law_open(&config, START, 1);
        int32_t id = make_counter(ctx, "m");
        for (int64_t n = 0; n < 11; n++)
            add_one(ctx, id, n, n == 0 ? sizes[i] : 1);
        law_collect(ctx, START + 60000);
        CHECK(drain(ctx, START + 60000) > 0);
        CHECK_INT(sonde_ledger_get(ctx, law_signal)->delivered, 11);
        law_close_memory(ctx);
    }
    law_signal = SONDE_SIGNAL_LOGS;
}

/* The field `number` of a message; empty if it is not there. */
static sonde_field get(const sonde_field *in, uint32_t number) {
    const uint8_t *p = in->data, *end = p + in->size;
    sonde_field field;
    while (p < end && sonde_field_next(&field, &p, end))
        if (field.number == number)
            return field;
    return (sonde_field){.data = end};
}

/* Start and time of the only point of a metric, in milliseconds since START. */
static void point_of(const sonde_field *metric, double *start, double *time) {
    sonde_field sum = get(metric, 7), point = get(&sum, 1);
    *start = (double)(get(&point, 2).value / 1000000) - START;
    *time = (double)(get(&point, 3).value / 1000000) - START;
}

/* Sends a request, whose points all end at EARLY or LATE. Returns how many of
 * them cover the time from the start to LATE. */
static uint32_t send_points(sonde *ctx, const sonde_action *action) {
    uint32_t count = 0;
    sonde_field body = {.data = action->body, .size = action->size}, metric;
    sonde_field resource = get(&body, 1), scope = get(&resource, 2);
    const uint8_t *p = scope.data, *end = p + scope.size;
    while (p < end && sonde_field_next(&metric, &p, end)) {
        double start, time;
        if (metric.number != 2)
            continue;
        point_of(&metric, &start, &time);
        CHECK(start == 0 || (start == EARLY && time == LATE));
        CHECK(time == EARLY || time == LATE);
        count += start == 0 && time == LATE;
    }
    (void)law_answer(ctx, START + LATE, action->id, 200);
    return count;
}

/* A pass that waits for room goes on with the time at which it goes on: what
 * was measured meanwhile is in these points. */
static void late_points(void) {
    enum { INSTRUMENTS = 70 };
    sonde_config config;
    sonde_config_init(&config);
    law_signal = SONDE_SIGNAL_METRICS;
    sonde *ctx = law_open(&config, START, 1);
    int32_t ids[INSTRUMENTS];
    for (int i = 0; i < INSTRUMENTS; i++) {
        char name[8];
        snprintf(name, sizeof name, "m%d", i);
        ids[i] = make_counter(ctx, name);
        add_one(ctx, ids[i], 0, 1);
    }
    law_collect(ctx, START + EARLY);
    sonde_action action;
    CHECK_INT(law_next(ctx, START + EARLY, &action), SONDE_ACTION_SEND);
    (void)law_answer(ctx, START + EARLY, action.id, 401);
    for (int i = 0; i < INSTRUMENTS; i++)
        add_one(ctx, ids[i], 0, 1);
    (void)law_enable(ctx, START + LATE);
    CHECK_INT(law_next(ctx, START + LATE, &action), SONDE_ACTION_COLLECT);
    law_collect(ctx, START + LATE);
    uint32_t late = 0;
    while (law_next(ctx, START + LATE, &action) == SONDE_ACTION_SEND)
        late += send_points(ctx, &action);
    CHECK_INT(late, INSTRUMENTS - 64); /* of a queue of 64 */
    CHECK_INT(sonde_ledger_get(ctx, law_signal)->delivered, INSTRUMENTS + 64);
    law_close_memory(ctx);
    law_signal = SONDE_SIGNAL_LOGS;
}

static const check_test TESTS[] = {
    {"a large neighbour", large_neighbour},
    {"late points", late_points},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
