/* The context: memory, options, time, tables. The step loop is in traces. */
#include "context.h"
#include "law.h"
#include "sonde_metrics.h"
#include <math.h>

static const double NOW = 1700000000000.0;

/* What is due at once, so that sonde_next answers with a SEND. */
static sonde *open_due(uint32_t encoding) {
    sonde_config config;
    sonde_config_init(&config);
    config.batch_delay = 0;
    config.encoding = encoding;
    return law_open(&config, NOW, 1);
}

static double until(sonde *ctx, double now) {
    sonde_action action;
    CHECK_INT(law_next(ctx, now, &action), SONDE_ACTION_WAIT);
    return action.until;
}

static void clock_edges(void) {
    sonde_config config;
    sonde_config_init(&config);
    sonde *ctx = law_open(&config, NOW, 1);
    CHECK_INT(law_log(ctx, NOW, 9, "a"), SONDE_EMIT_QUEUED);
    CHECK_DOUBLE(until(ctx, NOW), NOW + 30000);
    CHECK_DOUBLE(until(ctx, NOW + 1000), NOW + 30000);
    const double odd[] = {(double)NAN,       -1.0, (double)INFINITY, 1.8e13,
                          -(double)INFINITY, 1e300};
    for (size_t i = 0; i < COUNT(odd); i++)
        CHECK_DOUBLE(until(ctx, odd[i]), NOW + 30000);
    /* A step back counts as standing still: still 29 s to go. */
    CHECK_DOUBLE(until(ctx, NOW - 5000), NOW + 24000);
    CHECK_DOUBLE(until(ctx, NOW - 4000), NOW + 24000);
    CHECK_DOUBLE(until(ctx, 0), 28000);
    CHECK_DOUBLE(until(ctx, 1000), 28000);
    sonde_action action;
    CHECK_INT(law_next(ctx, 28000, &action), SONDE_ACTION_SEND);
    law_close_memory(ctx);
    ctx = law_open(&config, (double)NAN, 1); /* no time at all: 1970 */
    CHECK_INT(law_log(ctx, (double)NAN, 9, "a"), SONDE_EMIT_QUEUED);
    CHECK_DOUBLE(until(ctx, (double)NAN), 30000);
    CHECK_INT(law_next(ctx, NOW, &action), SONDE_ACTION_SEND);
    law_close_memory(ctx);
}

static void keys(void) {
    sonde *ctx = open_due(0);
    char key[300];
    CHECK_INT(sonde_key_put(ctx, "", 0), SONDE_BAD_ARGUMENT);
    memset(key, 'k', sizeof key);
    CHECK_INT(sonde_key_put(ctx, key, 256), SONDE_BAD_ARGUMENT);
    CHECK_INT(sonde_key_put(ctx, key, SIZE_MAX), SONDE_BAD_ARGUMENT);
    CHECK_INT(sonde_key_put(ctx, key, 255), 1);
    CHECK_INT(sonde_key_put(ctx, key, 128), 2);
    CHECK_INT(sonde_key_put(ctx, key, 127), 3);
    CHECK_INT(sonde_key_put(ctx, key, 255), 1);
    CHECK_INT(sonde_key_put(ctx, "\xFF", 1), 4);
    CHECK_INT(sonde_key_put(ctx, "\xEF\xBF\xBD", 3), 4); /* the same now */
    CHECK_INT(sonde_ledger_get(ctx, SONDE_SIGNAL_LOGS)->replaced, 1);
    for (int32_t id = 5; id <= 255; id++) {
        int n = snprintf(key, sizeof key, "key.%d", id);
        CHECK_INT(sonde_key_put(ctx, key, (size_t)n), id);
    }
    CHECK_INT(sonde_key_put(ctx, "more", 4), SONDE_TABLE_FULL);
    CHECK_INT(sonde_key_put(ctx, "key.255", 7), 255); /* full, but known */
    law_close_memory(ctx);
    ctx = open_due(0);
    int32_t last = 1;
    memset(key, 0xFF, sizeof key); /* three times as long when made sane */
    for (int32_t i = 0; last > 0 && i < 300; i++) {
        memcpy(key, &i, sizeof i);
        last = sonde_key_put(ctx, key, 255);
    }
    CHECK_INT(last, SONDE_TABLE_FULL); /* 8 KiB */
    law_close_memory(ctx);
}

static void scopes(void) {
    sonde *ctx = open_due(0);
    char name[70000];
    memset(name, 'n', sizeof name);
    CHECK_INT(sonde_scope_put(ctx, "", 0, "", 0), 0);
    CHECK_INT(sonde_scope_put(ctx, "a", 1, "", 0), 1);
    CHECK_INT(sonde_scope_put(ctx, "a", 1, "1", 1), 2);
    CHECK_INT(sonde_scope_put(ctx, "", 0, "1", 1), 3);
    CHECK_INT(sonde_scope_put(ctx, "a", 1, "1", 1), 2);
    static const struct {
        size_t name, version;
    } large[] = {{513, 0},     {0, 513},     {506, 506}, {506, 60000},
                 {507, 65000}, {65000, 507}, {508, 3},   {400, 112}};
    for (size_t i = 0; i < COUNT(large); i++) {
        char *exact = (char *)check_exact(name, large[i].name);
        char *version = (char *)check_exact(name, large[i].version);
        CHECK_INT(sonde_scope_put(ctx, exact, large[i].name, version,
                                  large[i].version),
                  SONDE_TOO_LARGE);
        free(exact);
        free(version);
    }
    CHECK_INT(sonde_scope_put(ctx, name, 250, name, 250), 4);
    CHECK_INT(sonde_scope_put(ctx, name, 499, "1", 1), 5);
    int32_t id = 0;
    for (int32_t i = 6; id >= 0; i++) {
        int n = snprintf(name, sizeof name, "scope.%d", i);
        id = sonde_scope_put(ctx, name, (size_t)n, "", 0);
        CHECK_INT(id, i < 256 ? i : SONDE_TABLE_FULL);
    }
    CHECK_INT(sonde_scope_put(ctx, "a", 1, "", 0), 1);
    law_close_memory(ctx);
}

/* A resource of one attribute of `size` letters. */
static int32_t put_resource(sonde *ctx, size_t size) {
    static uint32_t words[64];
    static uint8_t text[80000];
    static char value[70000];
    sonde_build build;
    sonde_record record;
    memset(value, 'v', size);
    sonde_build_init(&build, words, 64, text, sizeof text);
    sonde_build_string(&build, "k", value, size);
    CHECK_INT(sonde_build_done(&build, &record), SONDE_OK);
    return law_resource(ctx, &record);
}

static void resource(void) {
    sonde *ctx = open_due(0);
    sonde_action action;
    CHECK_INT(put_resource(ctx, 8192 - 14), SONDE_OK);
    CHECK_INT(put_resource(ctx, 8192), SONDE_TOO_LARGE);
    CHECK_INT(put_resource(ctx, 65600), SONDE_TOO_LARGE);
    CHECK_INT(law_log(ctx, NOW, 9, "a"), SONDE_EMIT_QUEUED);
    CHECK_INT(law_next(ctx, NOW, &action), SONDE_ACTION_SEND);
    CHECK(action.size > 8192 && action.size < 8292);
    CHECK_INT(put_resource(ctx, 1), SONDE_OK);
    sonde_action same;
    CHECK_INT(law_next(ctx, NOW, &same), SONDE_ACTION_SEND);
    CHECK_INT(same.size, action.size); /* as long as it is on the wire */
    CHECK_INT(law_answer(ctx, NOW, action.id, SONDE_STATUS_CANCELLED),
              SONDE_OK);
    CHECK_INT(law_next(ctx, NOW, &same), SONDE_ACTION_SEND);
    CHECK(same.size < 100);
    law_close_memory(ctx);
    sonde_config config;
    sonde_config_init(&config);
    config.max_batch_bytes = 4096;
    ctx = law_open(&config, NOW, 1);
    CHECK_INT(put_resource(ctx, 1024 - 14), SONDE_OK); /* a quarter */
    CHECK_INT(put_resource(ctx, 1025), SONDE_TOO_LARGE);
    law_close_memory(ctx);
}

/* The resource grows while a batch waits, so that its record fits no more:
 * it is dropped, and never is an empty body sent. */
static void grown_resource(void) {
    for (uint32_t encoding = 0; encoding < 2; encoding++) {
        sonde_config config;
        sonde_config_init(&config);
        config.max_batch_bytes = 4096;
        config.encoding = encoding;
        sonde *ctx = law_open(&config, NOW, 1);
        sonde_action action;
        CHECK_INT(law_sized(ctx, NOW, 17, 3700), SONDE_EMIT_DUE);
        CHECK_INT(law_log(ctx, NOW, 17, "small"), SONDE_EMIT_DUE);
        CHECK_INT(law_next(ctx, NOW, &action), SONDE_ACTION_SEND);
        CHECK_INT(law_answer(ctx, NOW, action.id, 503), SONDE_OK);
        CHECK_INT(put_resource(ctx, 900), SONDE_OK);
        double now = NOW;
        uint32_t delivered = 0;
        for (int i = 0; i < 20; i++) {
            int32_t type = law_next(ctx, now, &action);
            if (type == SONDE_ACTION_IDLE)
                break;
            now = action.until > now ? action.until : now;
            if (type != SONDE_ACTION_SEND)
                continue;
            CHECK(action.size > 900);
            delivered += action.records;
            CHECK_INT(law_answer(ctx, now, action.id, 200), SONDE_OK);
        }
        const sonde_ledger *l = sonde_ledger_get(ctx, SONDE_SIGNAL_LOGS);
        CHECK_INT(delivered, 1);
        CHECK_INT(l->delivered, 1);
        CHECK_INT(l->dropped[SONDE_DROP_TOO_LARGE][SONDE_BAND_ERROR], 1);
        law_close_memory(ctx);
    }
}

/* A record alone over the request limit does not stop the queue. */
static void too_large_for_a_request(void) {
    for (uint32_t encoding = 0; encoding < 2; encoding++) {
        sonde_config config;
        sonde_config_init(&config);
        config.max_batch_bytes = 4096;
        config.batch_delay = 0;
        config.encoding = encoding;
        sonde *ctx = law_open(&config, NOW, 1);
        sonde_action action;
        CHECK(law_sized(ctx, NOW, 9, 5000) >= 0);
        CHECK_INT(law_next(ctx, NOW, &action), SONDE_ACTION_IDLE);
        CHECK(law_sized(ctx, NOW, 9, 5000) >= 0);
        CHECK(law_log(ctx, NOW, 9, "fits") >= 0);
        CHECK_INT(law_next(ctx, NOW, &action), SONDE_ACTION_SEND);
        CHECK_INT(action.records, 1);
        CHECK_INT(sonde_dropped_count(ctx, SONDE_SIGNAL_LOGS), 2);
        law_close_memory(ctx);
    }
}

/* Bodies are as full as they can be, and never over the limit. */
static void body_limit(void) {
    for (uint32_t encoding = 0; encoding < 2; encoding++) {
        for (uint32_t limit = 4096; limit < 4400; limit += 7) {
            sonde_config config;
            sonde_config_init(&config);
            config.max_batch_bytes = limit;
            config.batch_delay = 0;
            config.encoding = encoding;
            sonde *ctx = law_open(&config, NOW, 1);
            sonde_action action;
            for (int i = 0; i < 300; i++)
                CHECK(law_sized(ctx, NOW, 9, 20 + (size_t)(i % 7)) >= 0);
            CHECK_INT(law_next(ctx, NOW, &action), SONDE_ACTION_SEND);
            CHECK(action.size <= limit && action.size + 300 > limit);
            law_close_memory(ctx);
        }
    }
}

static void unknown_ids(void) {
    sonde *ctx = open_due(0);
    sonde_action action;
    CHECK_INT(law_answer(ctx, NOW, 0, 200), SONDE_UNKNOWN_ID);
    CHECK_INT(law_answer(ctx, NOW, 1, 200), SONDE_UNKNOWN_ID);
    CHECK(law_log(ctx, NOW, 9, "a") >= 0);
    CHECK_INT(law_next(ctx, NOW, &action), SONDE_ACTION_SEND);
    CHECK_INT(law_answer(ctx, NOW, action.id + 1, 200), SONDE_UNKNOWN_ID);
    CHECK_INT(law_answer(ctx, NOW, action.id - 1, 200), SONDE_UNKNOWN_ID);
    CHECK_INT(law_answer(ctx, NOW, action.id, 200), SONDE_OK);
    CHECK_INT(law_answer(ctx, NOW, action.id, 200), SONDE_UNKNOWN_ID);
    CHECK(law_log(ctx, NOW, 9, "b") >= 0);
    CHECK_INT(law_next(ctx, NOW, &action), SONDE_ACTION_SEND);
    CHECK_INT(law_abandon(ctx), 1);
    CHECK_INT(law_answer(ctx, NOW, action.id, 200), SONDE_UNKNOWN_ID);
    law_close_memory(ctx);
}

/* Odd numbers in an answer: never more than was sent, never a crash. */
static void odd_answers(void) {
    static const int32_t statuses[] = {200,       201,       299, 413, 429,
                                       503,       0,         100, 300, 400,
                                       INT32_MIN, INT32_MAX, -2,  600};
    const double numbers[] = {-1,
                              0,
                              1,
                              2,
                              3,
                              0.5,
                              1e300,
                              -1e300,
                              4294967296.0,
                              (double)NAN,
                              (double)INFINITY,
                              -(double)INFINITY};
    for (size_t s = 0; s < COUNT(statuses); s++) {
        for (size_t n = 0; n < COUNT(numbers) * COUNT(numbers); n++) {
            sonde *ctx = open_due(0);
            sonde_action action;
            CHECK(law_log(ctx, NOW, 9, "a") >= 0);
            CHECK(law_log(ctx, NOW, 9, "b") >= 0);
            CHECK_INT(law_next(ctx, NOW, &action), SONDE_ACTION_SEND);
            sonde_answer answer = {statuses[s], numbers[n % COUNT(numbers)],
                                   numbers[n / COUNT(numbers)]};
            CHECK_INT(law_done(ctx, NOW, action.id, &answer), SONDE_OK);
            if (law_next(ctx, NOW, &action) == SONDE_ACTION_WAIT)
                CHECK(action.until > NOW && action.until <= NOW + 3600000);
            CHECK(sonde_ledger_get(ctx, SONDE_SIGNAL_LOGS)->delivered <= 2);
            law_close_memory(ctx);
        }
    }
}

/* Counts of 8 bytes become "0" in JSON: as it is written where the request is
 * read, that may take less, but must not come near what is not read yet. */
static void wide_histograms_in_json(void) {
    sonde_config config;
    sonde_action action;
    double bounds[SONDE_MAX_BOUNDS];
    static char loud[2048];
    sonde_config_init(&config);
    config.encoding = 1;
    config.max_batch_bytes = 65536;
    config.max_record_bytes = 16000;
    config.max_metric_bytes = 1 << 20;
    sonde *ctx = law_open(&config, NOW, 1);
    for (uint32_t i = 0; i < SONDE_MAX_BOUNDS; i++)
        bounds[i] = i;
    memset(loud, 1, sizeof loud); /* \u0001 in JSON */
    for (uint32_t i = 0; i < 14; i++) {
        uint32_t words[SONDE_HEADER_WORDS + SONDE_NODE_WORDS];
        uint8_t text[sizeof loud + 1], name = (uint8_t)('a' + i);
        bool wide = i < 11; /* the last ones are collected first */
        sonde_instrument it = {.what = wide ? SONDE_KIND_HISTOGRAM
                                            : SONDE_KIND_GAUGE,
                               .text = {{&name, 1, true}},
                               .bounds = bounds,
                               .bound_count = wide ? SONDE_MAX_BOUNDS : 0};
        sonde_build b;
        sonde_record record;
        sonde_build_init(&b, words, COUNT(words), text, sizeof text);
        if (!wide)
            sonde_build_string(&b, "k", loud, sizeof loud);
        CHECK_INT(sonde_build_done(&b, &record), SONDE_OK);
        int32_t id = sonde_meter_put(ctx, NOW, &it);
        int32_t handle = sonde_meter_series(ctx, NOW, (uint32_t)id, &record);
        CHECK_INT(sonde_meter_add(ctx, (uint32_t)handle, 3), SONDE_OK);
    }
    law_signal = SONDE_SIGNAL_METRICS;
    (void)law_flush(ctx, NOW, 0);
    law_collect(ctx, NOW);
    CHECK_INT(law_next(ctx, NOW, &action), SONDE_ACTION_SEND);
    CHECK_INT(action.records, 14);
    law_signal = SONDE_SIGNAL_LOGS;
    law_close_memory(ctx);
}

/* Requests that hold all that was measured, whatever waits for the queue. */
static void scraped_while_collecting(void) {
    enum { COUNTERS = 100, ROOM = 1 << 16 };
    static uint8_t before[ROOM], after[ROOM];
    uint32_t words[SONDE_HEADER_WORDS] = {0}, sent = 0;
    sonde_record none = {words, COUNT(words), after, 0};
    sonde_config config;
    sonde_action action;
    sonde_answer delivered = {200, -1, 0};
    sonde_config_init(&config);
    config.temporality = 1;
    sonde *ctx = law_open(&config, NOW, 1);
    for (uint32_t i = 0; i < COUNTERS; i++) {
        uint8_t name[2] = {(uint8_t)('a' + i / 10), (uint8_t)('a' + i % 10)};
        sonde_instrument it = {.text = {{name, sizeof name, true}}};
        int32_t id = sonde_meter_put(ctx, NOW, &it);
        int32_t handle = sonde_meter_series(ctx, NOW, (uint32_t)id, &none);
        CHECK_INT(sonde_meter_add(ctx, (uint32_t)handle, i), SONDE_OK);
    }
    int32_t size = sonde_scrape(ctx, NOW, before, ROOM);
    CHECK(size > COUNTERS * 20);
    law_signal = SONDE_SIGNAL_METRICS;
    law_collect(ctx, NOW); /* as many as the queue holds */
    CHECK_INT(sonde_scrape(ctx, NOW, after, ROOM), size);
    CHECK_BYTES(after, (size_t)size, before, (size_t)size);
    while (law_next(ctx, NOW, &action) == SONDE_ACTION_SEND) {
        sent += action.records;
        CHECK_INT(law_done(ctx, NOW, action.id, &delivered), SONDE_OK);
    }
    CHECK_INT(sent, COUNTERS); /* each of them once */
    law_signal = SONDE_SIGNAL_LOGS;
    law_close_memory(ctx);
}

static const check_test TESTS[] = {
    {"clock edges", clock_edges},
    {"keys", keys},
    {"scopes", scopes},
    {"resource", resource},
    {"grown resource", grown_resource},
    {"too large for a request", too_large_for_a_request},
    {"body limit", body_limit},
    {"unknown ids", unknown_ids},
    {"odd answers", odd_answers},
    {"wide histograms in JSON", wide_histograms_in_json},
    {"scraped while collecting", scraped_while_collecting},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
