/* Exponential histograms: the bucket of a value, against a table made with 60
 * digits, and what stays true however buckets are merged. */
#include "metric.h"
#include "vector.h"
#include <inttypes.h>

enum { MEMORY = 1 << 16, CHUNK = SONDE_CHUNK_LEAST };

static double from_bits(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Powers of two are exact; what lies less than 2^-29 of itself above a
 * boundary may be one bucket too low. */
static void table(void) {
    vector_file file = vector_open("tests/vectors/exponential.txt");
    uint32_t rows = 0, low = 0, close = 0;
    for (size_t i = 0; i < file.count; i++) {
        uint64_t bits;
        int scale, want, least;
        if (sscanf(file.lines[i], "%" SCNx64 " %d %d %d", &bits, &scale, &want,
                   &least) != 4)
            continue;
        int32_t have = sonde_exponential_index(from_bits(bits), scale);
        bool power = (bits & (UINT64_MAX >> 12)) == 0;
        check_about(file.lines[i]);
        CHECK(have == want || (have == least && have == want - 1 && !power));
        CHECK_INT(sonde_exponential_index(-from_bits(bits), scale), have);
        low += have != want;
        close += want != least && !power;
        rows++;
    }
    CHECK(rows > 3000);
    CHECK(low <= close / 2); /* those were made to lie beside boundaries */
    vector_close(&file);
}

/* The bucket at one scale says the bucket at the next: so merged buckets are
 * what they would have been. The greatest bucket never gets smaller. */
static void scales_agree(void) {
    check_random random = {5};
    int32_t before = INT32_MIN;
    for (uint64_t i = 0; i < 20000; i++) {
        uint64_t bits = (uint64_t)check_next(&random) << 32;
        bits = (bits | check_next(&random)) & INT64_MAX;
        double value = from_bits(bits);
        if (!sonde_is_finite(value))
            continue;
        for (int32_t scale = SONDE_MAX_SCALE; scale > -10; scale--)
            CHECK_INT(sonde_exponential_index(value, scale - 1),
                      sonde_exponential_index(value, scale) >> 1);
    }
    for (uint64_t bits = 1; bits < UINT64_C(0x7FF0) << 48;
         bits += bits >> 9 | 1) {
        int32_t index = sonde_exponential_index(from_bits(bits), 20);
        CHECK(index >= before);
        before = index;
    }
}

static metric_point *collect(metric_world *w) {
    metric_collect(w, START + MS, CHUNK);
    CHECK_INT(metric_seen.count, 1);
    CHECK_INT(metric_seen.points[0].field, 10);
    return &metric_seen.points[0];
}

static uint64_t bucket(const sonde_Buckets *buckets, int32_t index) {
    int64_t at = (int64_t)index - buckets->offset;
    return at >= 0 && at < buckets->bucket_counts_count
               ? buckets->bucket_counts[at]
               : 0;
}

static bool no_waste(const sonde_Buckets *b) {
    return b->bucket_counts_count == 0 ||
           (b->bucket_counts[0] > 0 &&
            b->bucket_counts[b->bucket_counts_count - 1] > 0);
}

/* The best scale is one at which the values fit 160 buckets, but at the next
 * they would not. */
static int32_t best_scale(const double *values, uint32_t count) {
    int32_t scale = SONDE_MAX_SCALE;
    for (;; scale--) {
        int64_t low[2] = {INT32_MAX, INT32_MAX};
        int64_t high[2] = {INT32_MIN, INT32_MIN};
        for (uint32_t i = 0; i < count; i++) {
            int32_t index = sonde_exponential_index(values[i], scale);
            uint32_t sign = values[i] < 0;
            if (values[i] == 0)
                continue;
            low[sign] = index < low[sign] ? index : low[sign];
            high[sign] = index > high[sign] ? index : high[sign];
        }
        if (high[0] - low[0] < 160 && high[1] - low[1] < 160)
            return scale;
    }
}

static void check_point(metric_point *p, const double *values, uint32_t count) {
    uint64_t zeros = 0;
    CHECK_INT(p->count, count);
    CHECK_INT(p->scale, best_scale(values, count));
    CHECK(no_waste(&p->positive) && no_waste(&p->negative));
    for (uint32_t i = 0; i < count; i++) {
        zeros += values[i] == 0;
        if (values[i] == 0)
            continue;
        int32_t index = sonde_exponential_index(values[i], p->scale);
        sonde_Buckets *side = values[i] < 0 ? &p->negative : &p->positive;
        CHECK(bucket(side, index) > 0);
        side->bucket_counts[index - side->offset]--; /* each counted once */
    }
    CHECK_INT(p->zero_count, zeros);
}

/* Values whose exponents lie `spread` apart at most. */
static double random_value(check_random *random, uint32_t spread) {
    uint64_t exponent = 1023 - spread / 2 + check_below(random, spread + 1);
    uint64_t bits = (exponent > 2046 ? 2046 : exponent) << 52;
    bits |= (uint64_t)check_next(random) << 20 | check_below(random, 1 << 20);
    if (check_below(random, 16) == 0)
        return 0;
    double value = from_bits(bits);
    return check_below(random, 4) == 0 ? -value : value;
}

static void merging(void) {
    static const uint32_t spreads[] = {0, 1, 2, 5, 17, 100, 700, 2046};
    check_random random = {1};
    double values[300];
    for (uint32_t round = 0; round < 400; round++) {
        metric_world *w = metric_open(MEMORY, 10, round & 1);
        uint32_t id = metric_instrument(w, SONDE_KIND_EXPONENTIAL, "e",
                                        SONDE_INSTRUMENT_MIN_MAX, NULL, 0);
        uint32_t count = 1 + check_below(&random, COUNT(values));
        uint32_t spread = spreads[round % COUNT(spreads)];
        for (uint32_t i = 0; i < count; i++) {
            values[i] = random_value(&random, spread);
            metric_put(w, id, NULL, "", values[i]);
        }
        check_point(collect(w), values, count);
        metric_close(w);
    }
}

/* One value after the other, by hand. */
static void steps(void) {
    metric_world *w = metric_open(MEMORY, 10, true);
    uint32_t id = metric_instrument(w, SONDE_KIND_EXPONENTIAL, "e",
                                    SONDE_INSTRUMENT_MIN_MAX, NULL, 0);
    metric_put(w, id, NULL, "", 0);
    const metric_point *p = collect(w);
    CHECK(p->scale == 20 && p->zero_count == 1 && p->has_sum && p->sum == 0);
    CHECK(p->positive.bucket_counts_count == 0);
    metric_put(w, id, NULL, "", 1);
    CHECK_INT(collect(w)->positive.offset, -1);
    CHECK_INT(p->scale, 20);
    CHECK(p->positive.bucket_counts_count == 1);
    metric_put(w, id, NULL, "", 2); /* 2^7 buckets at scale 7, not 2^8 */
    CHECK_INT(collect(w)->scale, 7);
    CHECK_INT(p->positive.offset, -1);
    CHECK_INT(p->positive.bucket_counts_count, 129);
    metric_put(w, id, NULL, "", -4);
    CHECK_INT(collect(w)->scale, 7);
    CHECK_INT(p->negative.offset, 255);
    CHECK(!p->has_sum && p->min == -4 && p->max == 2);
    metric_put(w, id, NULL, "", DBL_MAX);
    metric_put(w, id, NULL, "", 5e-324);
    CHECK_INT(collect(w)->scale, -4);
    CHECK(p->min == -4 && p->max == DBL_MAX);
    CHECK_INT(p->positive.offset, -64);
    CHECK_INT(p->positive.bucket_counts_count, 128);
    CHECK_INT(p->count, 6);
    metric_close(w);
}

/* After a delta collection all of it starts anew. */
static void delta(void) {
    metric_world *w = metric_open(MEMORY, 10, false);
    uint32_t id = metric_instrument(w, SONDE_KIND_EXPONENTIAL, "e", 0, NULL, 0);
    check_random random = {3};
    double values[40];
    for (uint32_t round = 0; round < 50; round++) {
        for (uint32_t i = 0; i < COUNT(values); i++) {
            values[i] = random_value(&random, round);
            metric_put(w, id, NULL, "", values[i]);
        }
        check_point(collect(w), values, COUNT(values));
    }
    metric_collect(w, START, CHUNK);
    CHECK_INT(metric_seen.count, 0);
    metric_close(w);
}

static void most_measurements(void) {
    metric_world *w = metric_open(MEMORY, 10, true);
    uint32_t id = metric_instrument(w, SONDE_KIND_EXPONENTIAL, "e", 0, NULL, 0);
    metric_put(w, id, NULL, "", 1);
    sonde_series *s = w->m.streams->series;
    sonde_buckets *buckets = (sonde_buckets *)(void *)(s + 1);
    s->count = UINT32_MAX - 1;
    buckets->ranges[0].counts[0] = UINT32_MAX - 1;
    metric_put(w, id, NULL, "", 1);
    metric_put(w, id, NULL, "", 1);
    metric_put(w, id, NULL, "", 0);
    CHECK_INT(w->m.ignored, 2);
    CHECK_INT(collect(w)->positive.bucket_counts[0], UINT32_MAX);
    metric_close(w);
}

static const check_test TESTS[] = {
    {"table", table},     {"scales agree", scales_agree},
    {"merging", merging}, {"steps", steps},
    {"delta", delta},     {"most measurements", most_measurements},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
