/* What becomes of measurements: sums, gauges, explicit histograms, observable
 * instruments, exemplars, times; under both temporalities. */
#include "metric.h"
#include <math.h>

enum { MEMORY = 1 << 16, CHUNK = SONDE_CHUNK_LEAST };
enum { INTEGER = SONDE_INSTRUMENT_INTEGER, MIN_MAX = SONDE_INSTRUMENT_MIN_MAX };

#define SECOND (1000 * MS)

static metric_world *open_world(bool cumulative) {
    return metric_open(MEMORY, 2000, cumulative);
}

/* The one value of an instrument in a pass; NaN if it has no point. */
static double collected(metric_world *w, const char *name, uint64_t now_ns) {
    metric_collect(w, now_ns, CHUNK);
    const metric_point *p = metric_find(name, "");
    return p == NULL ? (double)NAN
                     : (p->has_int ? (double)p->as_int : p->as_double);
}

/* What is measured between collections, and what comes out: NaN for nothing. */
static const struct {
    const char *what;
    uint32_t kind;
    double in[4][3];
    uint32_t count[4];
    double delta[4];
    double cumulative[4];
} FLOWS[] = {
#define NO ((double)NAN)
    {"counter",
     SONDE_KIND_COUNTER,
     {{1, 2, 3}, {0}, {10}, {0}},
     {3, 0, 1, 1},
     {6, NO, 10, 0},
     {6, 6, 16, 16}},
    {"up-down counter",
     SONDE_KIND_UPDOWN,
     {{1, -3}, {2}, {0}, {-5}},
     {2, 1, 0, 1},
     {-2, 0, 0, -5},
     {-2, 0, 0, -5}},
    {"gauge",
     SONDE_KIND_GAUGE,
     {{5, 7}, {0}, {-1}, {0}},
     {2, 0, 1, 0},
     {7, NO, -1, NO},
     {7, 7, -1, -1}},
    {"observable counter",
     SONDE_KIND_OBSERVABLE_COUNTER,
     {{5, 7}, {10}, {0}, {15}},
     {2, 1, 0, 1},
     {7, 3, NO, 5},
     {7, 10, NO, 15}},
    {"observable counter that starts anew",
     SONDE_KIND_OBSERVABLE_COUNTER,
     {{100}, {30}, {30}, {31}},
     {1, 1, 1, 1},
     {100, 30, 0, 1},
     {100, 30, 30, 31}},
    {"observable up-down counter",
     SONDE_KIND_OBSERVABLE_UPDOWN,
     {{100}, {30}, {0}, {-5}},
     {1, 1, 0, 1},
     {100, 30, NO, -5},
     {100, 30, NO, -5}},
    {"observable gauge",
     SONDE_KIND_OBSERVABLE_GAUGE,
     {{4}, {2}, {0}, {2}},
     {1, 1, 0, 1},
     {4, 2, NO, 2},
     {4, 2, NO, 2}},
};

static void run_flow(size_t row, bool cumulative, uint32_t flags) {
    metric_world *w = open_world(cumulative);
    uint32_t id = metric_instrument(w, FLOWS[row].kind, "flow", flags, NULL, 0);
    const double *want = cumulative ? FLOWS[row].cumulative : FLOWS[row].delta;
    check_about(FLOWS[row].what);
    for (uint32_t i = 0; i < 4; i++) {
        for (uint32_t j = 0; j < FLOWS[row].count[i]; j++)
            metric_put(w, id, NULL, "", FLOWS[row].in[i][j]);
        double have = collected(w, "flow", START + (i + 1) * SECOND);
        CHECK(isnan(want[i]) ? isnan(have) : have == want[i]);
        const metric_point *p = metric_find("flow", "");
        if (p == NULL)
            continue;
        bool gauge = (FLOWS[row].kind & 7) == SONDE_KIND_GAUGE;
        CHECK_INT(p->field, gauge ? 5 : 7);
        bool updown = (FLOWS[row].kind & 7) == SONDE_KIND_UPDOWN;
        CHECK_INT(p->temporality, gauge ? 0 : cumulative || updown ? 2 : 1);
        CHECK(p->monotonic == ((FLOWS[row].kind & 7) == 0));
        CHECK(p->has_int == (flags == INTEGER));
        CHECK_INT(p->scope, 7);
        CHECK(p->time == START + (i + 1) * SECOND);
    }
    CHECK_INT(w->m.ignored, 0);
    metric_close(w);
}

static void flows(void) {
    for (size_t row = 0; row < COUNT(FLOWS); row++) {
        for (uint32_t variant = 0; variant < 4; variant++)
            run_flow(row, variant & 1, variant & 2 ? INTEGER : 0);
    }
}

/* Doubles to 64-bit integers. */
static void integers(void) {
    static const struct {
        double in;
        int64_t out;
    } rows[] = {{0, 0},
                {-0.0, 0},
                {9007199254740992.0, INT64_C(1) << 53},
                {9007199254740991.0, (INT64_C(1) << 53) - 1},
                {-9007199254740992.0, -(INT64_C(1) << 53)},
                {2.9, 2},
                {-2.9, -2},
                {9223372036854774784.0, INT64_C(9223372036854774784)},
                {9223372036854775808.0, INT64_MAX},
                {1e300, INT64_MAX},
                {-9223372036854775808.0, INT64_MIN},
                {-1e300, INT64_MIN}};
    metric_world *w = open_world(false);
    uint32_t id = metric_instrument(w, SONDE_KIND_GAUGE, "g", INTEGER, NULL, 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        metric_put(w, id, NULL, "", rows[i].in);
        metric_collect(w, START, CHUNK);
        CHECK_INT(metric_seen.points[0].as_int, rows[i].out);
    }
    uint32_t sum =
        metric_instrument(w, SONDE_KIND_UPDOWN, "s", INTEGER, NULL, 0);
    metric_put(w, sum, NULL, "", 9007199254740991.0);
    metric_put(w, sum, NULL, "", 1);
    metric_put(w, sum, NULL, "", 1); /* a double holds no more: it stays */
    metric_collect(w, START, CHUNK);
    CHECK_INT(metric_seen.points[0].as_int, INT64_C(1) << 53);
    metric_close(w);
}

/* Which values which kind ignores. */
static void ignored(void) {
    static const double odd[] = {
        (double)NAN, (double)INFINITY, -(double)INFINITY, -1, -5e-324, -0.0};
    for (uint32_t kind = 0; kind <= SONDE_KIND_OBSERVABLE_GAUGE; kind++) {
        if (kind > 4 && kind < 8)
            continue;
        metric_world *w = open_world(false);
        uint32_t id = metric_instrument(w, kind, "x", 0, NULL, 0);
        uint32_t want = (kind & 7) == SONDE_KIND_COUNTER ? 5 : 3;
        for (size_t i = 0; i < COUNT(odd); i++) {
            metric_put(w, id, NULL, "", odd[i]);
            metric_collect(w, START, CHUNK);
            CHECK_INT(metric_seen.count, i >= want);
            CHECK_INT(w->m.ignored, i < want ? i + 1 : want);
        }
        metric_close(w);
    }
}

static void sum_beyond_doubles(void) {
    metric_world *w = open_world(true);
    uint32_t id = metric_instrument(w, SONDE_KIND_UPDOWN, "x", 0, NULL, 0);
    metric_put(w, id, NULL, "", 1.7e308);
    metric_put(w, id, NULL, "", 1.7e308);
    CHECK(collected(w, "x", START) == (double)INFINITY);
    metric_put(w, id, NULL, "", -1.7e308);
    CHECK(collected(w, "x", START) == (double)INFINITY);
    metric_close(w);
}

/* ---- Explicit histograms --------------------------------------------------
 */

static void boundaries(void) {
    static const double bounds[] = {-1, 0, 5, 10};
    static const struct {
        double value;
        uint32_t bucket;
    } rows[] = {{-1e308, 0}, {-1, 0},    {-0.999, 1}, {-0.0, 1}, {0, 1},
                {5e-324, 2}, {5, 2},     {10, 3},     {11, 4},   {1e308, 4},
                {-1.001, 0}, {4.999, 2}, {5.0001, 3}};
    metric_world *w = open_world(false);
    uint32_t id =
        metric_instrument(w, SONDE_KIND_HISTOGRAM, "h", MIN_MAX, bounds, 4);
    for (size_t i = 0; i < COUNT(rows); i++) {
        metric_put(w, id, NULL, "", rows[i].value);
        metric_collect(w, START + SECOND, CHUNK);
        const metric_point *p = metric_find("h", "");
        CHECK(p != NULL);
        if (p == NULL)
            continue;
        CHECK_INT(p->field, 9);
        CHECK_INT(p->temporality, 1);
        CHECK_INT(p->count, 1);
        CHECK_INT(p->bound_count, 4);
        CHECK_BYTES(p->bounds, sizeof bounds, bounds, sizeof bounds);
        CHECK_INT(p->buckets[rows[i].bucket], 1);
        CHECK(p->min == rows[i].value && p->max == rows[i].value);
        CHECK(p->has_sum == !(rows[i].value < 0));
        CHECK(!p->has_sum || p->sum == rows[i].value);
    }
    metric_close(w);
}

/* Each bound and its neighbours, against a search from the left. */
static void many_bounds(void) {
    double bounds[SONDE_MAX_BOUNDS];
    for (uint32_t count = 0; count <= SONDE_MAX_BOUNDS;
         count += count < 20 ? 1 : 59) {
        metric_world *w = open_world(true);
        uint64_t want[SONDE_MAX_BOUNDS + 1] = {0};
        for (uint32_t i = 0; i < count; i++)
            bounds[i] = i * 1.5;
        uint32_t id =
            metric_instrument(w, SONDE_KIND_HISTOGRAM, "h", 0, bounds, count);
        for (uint32_t i = 0; i < 3 * count + 3; i++) {
            double value = (i / 3) * 1.5 + ((int)(i % 3) - 1) * 0.25;
            uint32_t bucket = 0;
            while (bucket < count && value > bounds[bucket])
                bucket++;
            want[bucket]++;
            metric_put(w, id, NULL, "", value);
        }
        metric_collect(w, START, CHUNK);
        const metric_point *p = metric_find("h", "");
        CHECK(p != NULL && p->bucket_count == count + 1 && !p->has_min);
        if (p != NULL)
            CHECK_BYTES(p->buckets, 8 * (count + 1), want, 8 * (count + 1));
        metric_close(w);
    }
}

static void histogram_flow(void) {
    static const double bounds[] = {10};
    for (uint32_t cumulative = 0; cumulative < 2; cumulative++) {
        metric_world *w = open_world(cumulative);
        uint32_t id =
            metric_instrument(w, SONDE_KIND_HISTOGRAM, "h", MIN_MAX, bounds, 1);
        metric_put(w, id, NULL, "", 3);
        metric_put(w, id, NULL, "", 30);
        metric_collect(w, START, CHUNK);
        const metric_point *p = &metric_seen.points[0];
        CHECK(p->count == 2 && p->sum == 33 && p->min == 3 && p->max == 30);
        metric_collect(w, START, CHUNK);
        CHECK_INT(metric_seen.count, cumulative);
        metric_put(w, id, NULL, "", 12);
        metric_collect(w, START, CHUNK);
        CHECK(p->count == (cumulative ? 3u : 1u));
        CHECK_DOUBLE(p->sum, cumulative ? 45 : 12);
        CHECK_DOUBLE(p->min, cumulative ? 3 : 12);
        CHECK_DOUBLE(p->max, cumulative ? 30 : 12);
        CHECK_INT(p->temporality, cumulative ? 2 : 1);
        metric_put(w, id, NULL, "", -1);
        metric_put(w, id, NULL, "", 50);
        metric_collect(w, START, CHUNK);
        CHECK(!p->has_sum && p->min == -1 && p->max == 50);
        metric_put(w, id, NULL, "", 1);
        metric_collect(w, START, CHUNK);
        CHECK(p->has_sum == !cumulative); /* a new interval */
        metric_close(w);
    }
}

/* ---- Exemplars ------------------------------------------------------------
 */

static const uint8_t IDS[24] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
                                13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24};

static void exemplars(void) {
    static const double bounds[] = {10};
    for (uint32_t kind = 0; kind <= SONDE_KIND_OBSERVABLE_GAUGE; kind++) {
        for (uint32_t flags = 0; flags <= INTEGER; flags += INTEGER) {
            if (kind > 4 && kind < 8)
                continue;
            metric_world *w = open_world(kind & 1);
            uint32_t id = metric_instrument(w, kind, "x", flags, bounds, 1);
            metric_put(w, id, NULL, "", 1);
            w->m.now_ns = START + 5;
            sonde_exemplar_put(&w->m, IDS);
            metric_put(w, id, NULL, "", 12);
            sonde_exemplar_put(&w->m, NULL);
            metric_put(w, id, NULL, "", 13);
            metric_collect(w, START + 10, CHUNK);
            const metric_point *p = &metric_seen.points[0];
            CHECK_INT(metric_seen.count, 1);
            CHECK_INT(p->exemplars, 1);
            CHECK(p->exemplar.has_as_int == (flags == INTEGER));
            CHECK(flags ? p->exemplar.as_int == 12
                        : p->exemplar.as_double == 12);
            CHECK(p->exemplar.time_unix_nano == START + 5);
            CHECK_BYTES(p->exemplar.trace_id, 16, IDS, 16);
            CHECK_BYTES(p->exemplar.span_id, 8, IDS + 16, 8);
            metric_put(w, id, NULL, "", 14);
            metric_collect(w, START + 20, CHUNK);
            CHECK_INT(metric_seen.count, 1);
            CHECK_INT(metric_seen.points[0].exemplars, 0);
            metric_close(w);
        }
    }
}

/* Of n offers, each is kept about as often: n is 8, 4,000 times. */
static void reservoir(void) {
    metric_world *w = open_world(false);
    uint32_t id = metric_instrument(w, SONDE_KIND_GAUGE, "x", 0, NULL, 0);
    uint32_t kept[8] = {0};
    sonde_exemplar_put(&w->m, IDS);
    for (uint32_t round = 0; round < 4000; round++) {
        for (uint32_t i = 0; i < 8; i++)
            metric_put(w, id, NULL, "", i);
        metric_collect(w, START, CHUNK);
        kept[(uint32_t)metric_seen.points[0].exemplar.as_double & 7]++;
    }
    for (uint32_t i = 0; i < 8; i++)
        CHECK(kept[i] > 400 && kept[i] < 600);
    metric_close(w);
}

/* ---- Times ----------------------------------------------------------------
 */

static void starts(void) {
    for (uint32_t cumulative = 0; cumulative < 2; cumulative++) {
        metric_world *w = open_world(cumulative);
        uint32_t sync = metric_instrument(w, SONDE_KIND_COUNTER, "s", 0, 0, 0);
        uint32_t watched =
            metric_instrument(w, SONDE_KIND_OBSERVABLE_GAUGE, "o", 0, 0, 0);
        w->m.now_ns = START + SECOND;
        metric_put(w, sync, NULL, "", 1);
        metric_put(w, watched, NULL, "", 1);
        metric_collect(w, START + 2 * SECOND, CHUNK);
        CHECK(metric_find("s", "")->start == START + (cumulative ? SECOND : 0));
        CHECK(metric_find("o", "")->start == START);
        w->m.now_ns = START + 3 * SECOND;
        metric_put(w, sync, NULL, "", 1);
        metric_put(w, sync, "k", "later", 1);
        metric_put(w, watched, NULL, "", 1);
        metric_put(w, watched, "k", "later", 1);
        metric_collect(w, START + 4 * SECOND, CHUNK);
        CHECK(metric_find("s", "")->start ==
              START + (cumulative ? 1 : 2) * SECOND);
        CHECK(metric_find("s", "later")->start ==
              START + (cumulative ? 3 : 2) * SECOND);
        CHECK(metric_find("o", "")->start ==
              START + (cumulative ? 0 : 2) * SECOND);
        CHECK(metric_find("o", "later")->start == START + 2 * SECOND);
        metric_close(w);
    }
}

static void clock_goes_back(void) {
    for (uint32_t cumulative = 0; cumulative < 2; cumulative++) {
        metric_world *w = open_world(cumulative);
        uint32_t id = metric_instrument(w, SONDE_KIND_COUNTER, "x", 0, 0, 0);
        metric_put(w, id, NULL, "", 1);
        metric_collect(w, START - SECOND, CHUNK);
        CHECK(metric_seen.points[0].time == START - SECOND);
        CHECK(metric_seen.points[0].start == START - SECOND);
        metric_put(w, id, NULL, "", 1);
        metric_collect(w, START + SECOND, CHUNK);
        CHECK(metric_seen.points[0].time == START + SECOND);
        CHECK(metric_seen.points[0].start ==
              (cumulative ? START : START - SECOND));
        metric_close(w);
    }
}

/* All points of an instrument have the time at which the pass came to it. */
static void one_time_for_an_instrument(void) {
    metric_world *w = open_world(false);
    uint8_t room[CHUNK];
    sonde_chunk chunk;
    uint32_t a = metric_instrument(w, SONDE_KIND_COUNTER, "a", 0, 0, 0);
    uint32_t b = metric_instrument(w, SONDE_KIND_COUNTER, "b", 0, 0, 0);
    metric_put(w, a, NULL, "", 1);
    metric_put(w, b, NULL, "", 1);
    CHECK_INT(sonde_metrics_next(&w->m, room, CHUNK, START + 1, &chunk), 1);
    metric_put(w, b, NULL, "", 1); /* it is over for b, so for the next pass */
    (void)metric_instrument(w, SONDE_KIND_COUNTER, "c", 0, 0, 0);
    metric_collect(w, START + 2, CHUNK);
    CHECK_INT(metric_seen.count, 1);
    CHECK(metric_find("a", "")->time == START + 2);
    metric_collect(w, START + 3, CHUNK);
    CHECK_INT(metric_seen.count, 1);
    CHECK(metric_find("b", "")->time == START + 3);
    CHECK(metric_find("b", "")->start == START + 1);
    metric_close(w);
}

static const check_test TESTS[] = {
    {"flows", flows},
    {"integers", integers},
    {"ignored", ignored},
    {"sum beyond doubles", sum_beyond_doubles},
    {"boundaries", boundaries},
    {"many bounds", many_bounds},
    {"histogram flow", histogram_flow},
    {"exemplars", exemplars},
    {"reservoir", reservoir},
    {"starts", starts},
    {"clock goes back", clock_goes_back},
    {"one time for an instrument", one_time_for_an_instrument},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
