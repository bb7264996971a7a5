/* Instruments, series and their memory; limits and what lies beyond them;
 * chunks. What becomes of the values is in test_points.c. */
#include "metric.h"
#include <math.h>

enum { MEMORY = 1 << 16, CHUNK = SONDE_CHUNK_LEAST };

#define BOTH(cumulative)                                                       \
    for (uint32_t cumulative = 0; cumulative < 2; cumulative++)

static sonde_piece piece(const char *text) {
    return (sonde_piece){(const uint8_t *)text, (uint32_t)strlen(text), false};
}

static uint32_t counter(metric_world *w, const char *name) {
    return metric_instrument(w, SONDE_KIND_COUNTER, name, 0, NULL, 0);
}

/* Measures 1 for the attributes k = 0 ... count - 1. */
static void put_many(metric_world *w, uint32_t id, uint32_t first,
                     uint32_t count) {
    char value[16];
    for (uint32_t i = first; i < first + count; i++) {
        (void)snprintf(value, sizeof value, "%u", i);
        metric_put(w, id, "k", value, 1);
    }
}

/* ---- Instruments ----------------------------------------------------------
 */

static void message_bytes(void) {
    static const char want[] = "\x0A\x01n\x12\x01\x64\x1A\x01s\x3A\x2B\x0A\x25"
                               "\x3A\x08\x0A\x01k\x12\x03\x0A\x01v"
                               "\x11\x01\0\0\0\0\0\0\0\x19\x02\0\0\0\0\0\0\0"
                               "\x21\0\0\0\0\0\0\xF8\x3F\x10\x01\x18\x01";
    metric_world *w = metric_open(MEMORY, 10, false);
    uint8_t room[CHUNK];
    sonde_chunk chunk;
    w->m.now_ns = 1;
    sonde_instrument it = {.what = 3u << SONDE_INSTRUMENT_SCOPE,
                           .text = {piece("n"), piece("d"), piece("s")}};
    CHECK_INT(sonde_instrument_put(&w->m, &w->encoder, &it), 0);
    metric_put(w, 0, "k", "v", 1.5);
    CHECK_INT(sonde_metrics_next(&w->m, room, CHUNK, 2, &chunk), 1);
    CHECK_BYTES(chunk.data, chunk.size, want, sizeof want - 1);
    CHECK_INT(chunk.scope, 3);
    CHECK_INT(chunk.points, 1);
    metric_close(w);
}

static void identity(void) {
    metric_world *w = metric_open(MEMORY, 10, false);
    sonde_instrument a = {.what = SONDE_KIND_HISTOGRAM |
                                  7u << SONDE_INSTRUMENT_SCOPE,
                          .text = {piece("n"), piece("d"), piece("u")}};
    static const double bounds[] = {1, 2};
    sonde_instrument all[7] = {a, a, a, a, a, a, a};
    all[1].what = SONDE_KIND_GAUGE | 7u << SONDE_INSTRUMENT_SCOPE;
    all[2].what |= SONDE_INSTRUMENT_INTEGER;
    all[3].what += 1u << SONDE_INSTRUMENT_SCOPE;
    all[4].text[SONDE_NAME] = piece("N");
    all[5].text[SONDE_UNIT] = piece("");
    all[6].text[SONDE_DESCRIPTION] = piece("\xFF");
    for (uint32_t round = 0; round < 2; round++) {
        for (int32_t i = 0; i < 7; i++)
            CHECK_INT(sonde_instrument_put(&w->m, &w->encoder, &all[i]), i);
    }
    a.bounds = bounds; /* those of the first one stay */
    a.bound_count = 2;
    CHECK_INT(sonde_instrument_put(&w->m, &w->encoder, &a), 0);
    metric_put(w, 0, NULL, "", 1);
    metric_put(w, 6, NULL, "", 1);
    metric_collect(w, START, CHUNK);
    CHECK_INT(metric_seen.count, 2);
    CHECK_INT(metric_seen.points[1].bound_count, 0);
    CHECK_INT(w->replaced, 2); /* when it was put, both times */
    metric_close(w);
}

static void bad_instruments(void) {
    static const double falling[] = {1, 0}, equal[] = {1, 1};
    static const double nan[] = {0, (double)NAN}, big[] = {(double)INFINITY};
    static const double small[] = {-(double)INFINITY}, edge[] = {-1.7e308, 0};
    static const double many[SONDE_MAX_BOUNDS + 1] = {0};
    static const struct {
        uint32_t what;
        const char *name;
        const double *bounds;
        uint32_t count;
        int32_t result;
    } rows[] = {{5, "n", NULL, 0, SONDE_BAD_ARGUMENT},
                {7, "n", NULL, 0, SONDE_BAD_ARGUMENT},
                {11, "n", NULL, 0, SONDE_BAD_ARGUMENT},
                {15, "n", NULL, 0, SONDE_BAD_ARGUMENT},
                {64, "n", NULL, 0, SONDE_BAD_ARGUMENT},
                {1 << 15, "n", NULL, 0, SONDE_BAD_ARGUMENT},
                {0, "", NULL, 0, SONDE_BAD_ARGUMENT},
                {3, "n", falling, 2, SONDE_BAD_ARGUMENT},
                {3, "n", equal, 2, SONDE_BAD_ARGUMENT},
                {3, "n", nan, 2, SONDE_BAD_ARGUMENT},
                {3, "n", nan + 1, 1, SONDE_BAD_ARGUMENT},
                {3, "n", big, 1, SONDE_BAD_ARGUMENT},
                {3, "n", small, 1, SONDE_BAD_ARGUMENT},
                {3, "n", many, SONDE_MAX_BOUNDS + 1, SONDE_BAD_ARGUMENT},
                {3, "n", NULL, UINT32_MAX, SONDE_BAD_ARGUMENT},
                {3, "n", edge, 2, 0},
                {0xFFFF0000, "n", NULL, 0, 1}};
    metric_world *w = metric_open(MEMORY, 10, false);
    for (size_t i = 0; i < COUNT(rows); i++) {
        sonde_instrument it = {.what = rows[i].what,
                               .text = {piece(rows[i].name)},
                               .bounds = rows[i].bounds,
                               .bound_count = rows[i].count};
        CHECK_INT(sonde_instrument_put(&w->m, &w->encoder, &it),
                  rows[i].result);
    }
    metric_close(w);
}

static void long_heads(void) {
    metric_world *w = metric_open(MEMORY, 10, false);
    char *text = calloc(1, 8001);
    memset(text, 'x', 8000);
    sonde_instrument it = {.text = {piece("n"), piece(text)}};
    CHECK_INT(sonde_instrument_put(&w->m, &w->encoder, &it), SONDE_TOO_LARGE);
    it.text[1].size = 9000; /* more than the scratch memory */
    CHECK_INT(sonde_instrument_put(&w->m, &w->encoder, &it), SONDE_TOO_LARGE);
    it.text[1].size = SONDE_MAX_HEAD - 3 - 2;
    CHECK_INT(sonde_instrument_put(&w->m, &w->encoder, &it), SONDE_TOO_LARGE);
    it.text[1].size--;
    CHECK_INT(sonde_instrument_put(&w->m, &w->encoder, &it), 0);
    free(text);
    metric_close(w);
}

static void too_many_instruments(void) {
    metric_world *w = metric_open(1 << 20, 10, false);
    char name[16];
    for (int32_t i = 0; i <= SONDE_MAX_INSTRUMENTS; i++) {
        (void)snprintf(name, sizeof name, "n%d", (int)i);
        sonde_instrument it = {.text = {piece(name)}};
        CHECK_INT(sonde_instrument_put(&w->m, &w->encoder, &it),
                  i < SONDE_MAX_INSTRUMENTS ? i : SONDE_TABLE_FULL);
    }
    metric_close(w);
}

static void no_memory_for_instruments(void) {
    metric_world *w = metric_open(SONDE_METRICS_LEAST, 10, false);
    char name[16];
    int32_t id = 0;
    uint32_t count = 0;
    for (; id >= 0; count++) {
        uint8_t *low = w->m.low, *high = w->m.high;
        (void)snprintf(name, sizeof name, "n%u", count);
        sonde_instrument it = {.text = {piece(name)}};
        id = sonde_instrument_put(&w->m, &w->encoder, &it);
        CHECK_INT(id, id < 0 ? SONDE_NO_MEMORY : (int32_t)count);
        CHECK(id >= 0 || (w->m.low == low && w->m.high == high));
    }
    for (uint32_t i = 0; i + 1 < count; i++)
        put_many(w, i, 0, 20); /* all of it has a place */
    metric_collect(w, START, CHUNK);
    CHECK(metric_seen.sum == 20 * (count - 1) && metric_seen.overflows > 0);
    metric_close(w);
}

static void bad_memory(void) {
    static _Alignas(8) uint8_t mem[SONDE_METRICS_LEAST + 8];
    sonde_metrics m;
    CHECK_INT(sonde_metrics_init(&m, mem + 4, SONDE_METRICS_LEAST, 1, 0, 1),
              SONDE_BAD_ARGUMENT);
    CHECK_INT(sonde_metrics_init(&m, mem, SONDE_METRICS_LEAST - 1, 1, 0, 1),
              SONDE_BAD_ARGUMENT);
    CHECK_INT(sonde_metrics_init(&m, mem, SONDE_METRICS_MOST + 1, 1, 0, 1),
              SONDE_BAD_ARGUMENT);
    CHECK_INT(sonde_metrics_init(&m, mem, SONDE_METRICS_LEAST + 7, 1, 0, 1),
              SONDE_OK);
}

/* ---- Series ---------------------------------------------------------------
 */

static void same_attributes(void) {
    metric_world *w = metric_open(MEMORY, 10, false);
    uint32_t a = counter(w, "a"), b = counter(w, "b");
    int32_t none = metric_series(w, a, NULL, "");
    int32_t one = metric_series(w, a, "k", "1");
    CHECK(none >= 0 && one >= 0 && none != one);
    CHECK_INT(metric_series(w, a, NULL, ""), none);
    CHECK_INT(metric_series(w, a, "k", "1"), one);
    CHECK(metric_series(w, b, "k", "1") != one);
    CHECK(metric_series(w, a, "k", "2") != one);
    CHECK_INT(metric_series(w, 2, "k", "1"), SONDE_BAD_ARGUMENT);
    CHECK_INT(metric_series(w, UINT32_MAX, "k", "1"), SONDE_BAD_ARGUMENT);
    metric_close(w);
}

static void bad_attributes(void) {
    metric_world *w = metric_open(MEMORY, 10, false);
    uint32_t id = counter(w, "a");
    char *text = calloc(1, 9000);
    static uint32_t words[SONDE_HEADER_WORDS + 4];
    sonde_record record = {words, COUNT(words), (uint8_t *)text, 0};
    words[0] = 1;
    words[SONDE_HEADER_WORDS] = SONDE_TYPE_BOOL; /* a body */
    CHECK_INT(sonde_series_put(&w->m, &w->encoder, id, &record),
              SONDE_BAD_RECORD);
    memset(text, 'x', 8400);
    CHECK_INT(metric_series(w, id, "k", text), SONDE_TOO_LARGE);
    text[SONDE_MAX_ATTRIBUTES - 3 - 3 - 3 - 3 + 1] = 0;
    CHECK_INT(metric_series(w, id, "k", text), SONDE_TOO_LARGE);
    text[SONDE_MAX_ATTRIBUTES - 3 - 3 - 3 - 3] = 0;
    metric_put(w, id, "k", text, 1);
    metric_collect(w, START, CHUNK);
    CHECK_INT(metric_seen.count, 1);
    CHECK_INT(metric_seen.overflows, 0);
    free(text);
    metric_close(w);
}

static void strange_handles(void) {
    metric_world *w = metric_open(MEMORY, 10, false);
    CHECK_INT(sonde_measure(&w->m, 0, 1), SONDE_BAD_ARGUMENT);
    uint32_t good = (uint32_t)metric_series(w, counter(w, "a"), NULL, "");
    uint32_t accepted = 0;
    for (uint32_t i = 0; i < 32; i++)
        CHECK_INT(sonde_measure(&w->m, good ^ 1u << i, 1), SONDE_BAD_ARGUMENT);
    for (uint32_t i = 0; i < 1 << 21; i++)
        accepted += sonde_measure(&w->m, i, 1) == SONDE_OK;
    CHECK_INT(accepted, 2); /* this one and the overflow series */
    CHECK_INT(sonde_measure(&w->m, UINT32_MAX, 1), SONDE_BAD_ARGUMENT);
    metric_close(w);
}

/* A million attributes that differ little, in a full arena: each measurement
 * is counted once, and that again and again. */
static void full_memory(void) {
    BOTH(cumulative) {
        metric_world *w = metric_open(1 << 15, 100000, cumulative);
        uint32_t a = counter(w, "a");
        uint32_t b =
            metric_instrument(w, SONDE_KIND_EXPONENTIAL, "b", 0, NULL, 0);
        double sum = 0;
        for (uint32_t round = 1; round < 5; round++) {
            put_many(w, a, round * 100, 1000);
            put_many(w, b, round * 100, 20);
            sum = cumulative ? sum + 1020 : 1020;
            metric_collect(w, START + round, CHUNK);
            CHECK_DOUBLE(metric_seen.sum, sum);
            CHECK_INT(metric_seen.overflows, 2);
            CHECK(metric_seen.count > 150);
        }
        metric_close(w);
    }
}

/* The last series that has room, and the first that has none. */
static void exactly_full(void) {
    metric_world *w = metric_open(4096, 1000, true);
    uint32_t id = counter(w, "a"), count = 0;
    sonde_exemplar_put(&w->m, (const uint8_t *)"0123456789abcdefghijklmn");
    sonde_exemplar_put(&w->m, NULL);
    size_t need = 0;
    while (w->m.low + 2 * need <= w->m.high) {
        uint8_t *low = w->m.low;
        put_many(w, id, 10 + count++ % 90, 1);
        need = (size_t)(w->m.low - low);
        CHECK(need > 0);
    }
    CHECK(!w->m.full);
    w->m.high = w->m.low + need; /* as if the memory ended there */
    put_many(w, id, 10 + count++, 1);
    CHECK(!w->m.full && w->m.low == w->m.high);
    sonde_exemplar_put(&w->m, (const uint8_t *)"0123456789abcdefghijklmn");
    put_many(w, id, 10, 1); /* no room for an exemplar */
    CHECK(!w->m.full);
    put_many(w, id, 10 + count, 1);
    CHECK(w->m.full);
    metric_collect(w, START, CHUNK);
    CHECK_INT(metric_seen.count, count + 1);
    CHECK_INT(metric_seen.points[0].exemplars, 0);
    CHECK_INT(metric_seen.overflows, 1);
    CHECK_DOUBLE(metric_seen.sum, count + 2);
    metric_close(w);
}

static void limit(void) {
    BOTH(cumulative) {
        for (uint32_t kind = 0; kind < 9; kind += 8) {
            metric_world *w = metric_open(MEMORY, 5, cumulative);
            uint32_t id = metric_instrument(w, kind, "a", 0, NULL, 0);
            uint32_t other = metric_instrument(w, kind, "b", 0, NULL, 0);
            put_many(w, id, 0, 5);
            put_many(w, other, 0, 5);
            metric_collect(w, START, CHUNK);
            CHECK_INT(metric_seen.count, 10);
            CHECK_INT(metric_seen.overflows, 0);
            put_many(w, id, 0, 8);
            metric_collect(w, START, CHUNK);
            CHECK_INT(metric_seen.overflows, 1);
            const metric_point *p = metric_find("a", "true");
            CHECK(p != NULL && p->as_double == (kind == 0 ? 3 : 1));
            CHECK_INT(metric_seen.count, cumulative && kind == 0 ? 11 : 6);
            metric_close(w);
        }
    }
}

static void ten_thousand(void) {
    BOTH(cumulative) {
        metric_world *w = metric_open(1 << 21, 10000, cumulative);
        uint32_t id = counter(w, "a");
        put_many(w, id, 0, 10000);
        put_many(w, id, 0, 10000);
        metric_collect(w, START, 16384);
        CHECK_INT(metric_seen.count, 10000);
        CHECK_DOUBLE(metric_seen.sum, 20000);
        CHECK_INT(metric_seen.overflows, 0);
        CHECK(metric_seen.chunks > 10);
        metric_collect(w, START, 1 << 22);
        CHECK_INT(metric_seen.count, cumulative ? 10000 : 0);
        CHECK_INT(metric_seen.chunks, cumulative);
        metric_close(w);
    }
}

/* ---- Resets ---------------------------------------------------------------
 */

static void reset(void) {
    metric_world *w = metric_open(MEMORY, 10, false);
    uint32_t a = counter(w, "a");
    uint32_t b =
        metric_instrument(w, SONDE_KIND_OBSERVABLE_COUNTER, "b", 0, NULL, 0);
    uint8_t *low = w->m.low;
    metric_put(w, b, "k", "x", 10);
    uint8_t *high = w->m.high;
    put_many(w, a, 0, 12);
    uint32_t old = (uint32_t)metric_series(w, a, "k", "1");
    metric_collect(w, START, CHUNK);
    CHECK_INT(metric_seen.overflows, 1);
    CHECK(w->m.low == low && w->m.high == high); /* it was one */
    CHECK_INT(sonde_measure(&w->m, old, 1), SONDE_BAD_ARGUMENT);
    CHECK(metric_series(w, a, "k", "1") != (int32_t)old);
    put_many(w, a, 50, 9);
    metric_put(w, b, "k", "x", 15);
    metric_collect(w, START, CHUNK);
    CHECK_INT(metric_seen.overflows, 0);
    CHECK_DOUBLE(metric_seen.sum, 9 + 5); /* b knows its last value */
    metric_close(w);
}

static void reset_by_hand(void) {
    BOTH(cumulative) {
        metric_world *w = metric_open(MEMORY, 10, cumulative);
        uint8_t room[CHUNK];
        sonde_chunk chunk;
        uint32_t a = counter(w, "a"), b = counter(w, "b");
        for (uint32_t i = 0; i < 5000; i++) { /* generations come round */
            uint32_t old = (uint32_t)metric_series(w, a, "k", "1");
            put_many(w, a, 0, 5);
            put_many(w, b, 0, 5);
            if (i % 2 > 0) /* in the middle of a pass */
                CHECK_INT(sonde_metrics_next(&w->m, room, CHUNK, 1, &chunk), 1);
            sonde_metrics_reset(&w->m);
            CHECK_INT(sonde_measure(&w->m, old, 1), SONDE_BAD_ARGUMENT);
            metric_collect(w, START, CHUNK);
            CHECK_INT(metric_seen.count, 0);
        }
        CHECK(w->m.low == sonde_metrics_floor(&w->m));
        metric_close(w);
    }
}

/* Three quarters of the memory: not yet, and then at the end of the pass. */
static void crowded(void) {
    metric_world *w = metric_open(MEMORY, 100000, false);
    uint32_t id = counter(w, "a"), count = 0, generation = w->m.generation;
    size_t room = (size_t)(w->m.high - sonde_metrics_floor(&w->m));
    while ((size_t)(w->m.high - w->m.low) > room / 4 + 200)
        put_many(w, id, 1000 + count++, 1);
    metric_collect(w, START, CHUNK);
    CHECK_INT(metric_seen.count, count);
    CHECK_INT(w->m.generation, generation);
    put_many(w, id, 1000 + count, 4);
    metric_collect(w, START, CHUNK);
    CHECK_INT(metric_seen.count, 4);
    CHECK_INT(w->m.generation, generation + 1);
    CHECK_INT(metric_seen.overflows, 0);
    metric_close(w);
}

/* What is measured during the pass is not lost. */
static void no_reset_of_what_was_measured(void) {
    metric_world *w = metric_open(MEMORY, 2, false);
    uint8_t room[CHUNK];
    sonde_chunk chunk;
    uint32_t id = counter(w, "a"), generation = w->m.generation;
    put_many(w, id, 0, 4);
    CHECK_INT(sonde_metrics_next(&w->m, room, CHUNK, START, &chunk), 1);
    put_many(w, id, 0, 1);
    metric_collect(w, START, CHUNK);
    CHECK_INT(w->m.generation, generation);
    metric_collect(w, START, CHUNK);
    CHECK_DOUBLE(metric_seen.sum, 1);
    CHECK_INT(w->m.generation, generation + 1);
    metric_close(w);
}

/* ---- Chunks ---------------------------------------------------------------
 */

static void chunk_size(void) {
    metric_world *w = metric_open(MEMORY, 10, false);
    uint8_t room[CHUNK];
    sonde_chunk chunk;
    metric_collect(w, START, CHUNK); /* no instruments at all */
    CHECK_INT(metric_seen.chunks, 0);
    put_many(w, counter(w, "a"), 0, 1);
    CHECK_INT(sonde_metrics_next(&w->m, room, CHUNK - 1, START, &chunk),
              SONDE_BAD_ARGUMENT);
    CHECK_INT(sonde_metrics_next(&w->m, room, 0, START, &chunk),
              SONDE_BAD_ARGUMENT);
    CHECK_INT(sonde_metrics_next(&w->m, room, CHUNK, START, &chunk), 1);
    CHECK_INT(sonde_metrics_next(&w->m, room, CHUNK, START, &chunk), 0);
    metric_close(w);
}

/* The largest point there can be, alone in the smallest chunk: the most
 * attributes and bounds, and the longest head. */
static void largest_point(void) {
    double bounds[SONDE_MAX_BOUNDS];
    char *text = calloc(1, 8000);
    for (uint32_t kind = SONDE_KIND_HISTOGRAM; kind <= SONDE_KIND_EXPONENTIAL;
         kind++) {
        metric_world *w = metric_open(1 << 20, 10, true);
        for (uint32_t i = 0; i < SONDE_MAX_BOUNDS; i++)
            bounds[i] = i;
        memset(text, 'x', 7999);
        sonde_instrument it = {.what = kind | SONDE_INSTRUMENT_MIN_MAX |
                                       SONDE_INSTRUMENT_INTEGER,
                               .text = {piece("n"), piece(text)},
                               .bounds = bounds,
                               .bound_count = SONDE_MAX_BOUNDS};
        it.text[1].size = SONDE_MAX_HEAD - 3 - 3;
        CHECK_INT(sonde_instrument_put(&w->m, &w->encoder, &it), 0);
        sonde_exemplar_put(&w->m, (const uint8_t *)"0123456789abcdefghijklmn");
        for (uint32_t series = 0; series < 3; series++) {
            text[0] = (char)('0' + series);
            text[SONDE_MAX_ATTRIBUTES - 12] = 0;
            for (int32_t i = -100; i < 100; i++)
                metric_put(w, 0, "k", text, ldexp(i, i));
        }
        for (uint32_t i = 0; i < 160; i++) { /* each count five bytes */
            sonde_series *s = w->m.streams->series;
            sonde_buckets *buckets = (sonde_buckets *)(void *)(s + 1);
            if (kind == SONDE_KIND_HISTOGRAM)
                break;
            buckets->ranges[0].used = buckets->ranges[1].used = 160;
            buckets->ranges[0].counts[i] = UINT32_MAX;
            buckets->ranges[1].counts[i] = UINT32_MAX;
            s->count = UINT64_C(320) * UINT32_MAX + buckets->zero_count;
        }
        metric_collect(w, START, CHUNK);
        CHECK_INT(metric_seen.count, 3);
        CHECK(metric_seen.chunks > 1 && metric_seen.largest > 6000);
        metric_close(w);
    }
    free(text);
}

/* Whatever the size of the chunks, the same points come; in a chunk in the
 * order in which the series were made. */
static void same_points(void) {
    char last[64] = "";
    for (uint32_t size = CHUNK; size < CHUNK + 40000; size += 1237) {
        metric_world *w = metric_open(1 << 20, 1000, true);
        for (uint32_t i = 0; i < 3; i++)
            put_many(w,
                     counter(w, i == 0   ? "a"
                                : i == 1 ? "b"
                                         : "c"),
                     100, 300);
        metric_collect(w, START, size);
        CHECK_INT(metric_seen.count, 900);
        CHECK_DOUBLE(metric_seen.sum, 900);
        for (uint32_t i = 0; i < METRIC_KEPT; i++) {
            const metric_point *p = &metric_seen.points[i];
            CHECK(i == 0 || p->chunk != p[-1].chunk ||
                  strcmp(p->value, last) > 0);
            memcpy(last, p->value, sizeof last);
        }
        metric_close(w);
    }
}

static const check_test TESTS[] = {
    {"message bytes", message_bytes},
    {"identity", identity},
    {"bad instruments", bad_instruments},
    {"long heads", long_heads},
    {"too many instruments", too_many_instruments},
    {"no memory for instruments", no_memory_for_instruments},
    {"bad memory", bad_memory},
    {"same attributes", same_attributes},
    {"bad attributes", bad_attributes},
    {"strange handles", strange_handles},
    {"full memory", full_memory},
    {"exactly full", exactly_full},
    {"limit", limit},
    {"ten thousand", ten_thousand},
    {"reset", reset},
    {"reset by hand", reset_by_hand},
    {"crowded", crowded},
    {"no reset of what was measured", no_reset_of_what_was_measured},
    {"chunk size", chunk_size},
    {"largest point", largest_point},
    {"same points", same_points},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
