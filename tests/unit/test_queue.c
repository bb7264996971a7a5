/* The queue by itself: who goes when it is full, and that nothing is lost. */
#include "check.h"
#include "deliver/queue.h"

/* A queue at the very end of its memory, and what was evicted from it. */
typedef struct {
    sonde_queue q;
    uint8_t *mem;
    uint64_t evicted[SONDE_LEDGER_COLUMNS];
} fixture;

static void open_queue(fixture *f, uint32_t records, uint32_t blocks) {
    uint64_t size = sonde_queue_size(records, blocks * SONDE_BLOCK);
    f->mem = malloc((size_t)size);
    memset(f->mem, 0xAA, (size_t)size);
    memset(f->evicted, 0, sizeof f->evicted);
    sonde_queue_init(&f->q, f->mem, records, blocks * SONDE_BLOCK);
}

/* Puts a record with a name of one letter and `size` bytes. */
static bool put(fixture *f, char name, uint32_t band, uint32_t size) {
    uint8_t data[64 * SONDE_BLOCK];
    memset(data, name, sizeof data);
    sonde_item item = {data, size, 0, band, 1};
    return sonde_queue_put(&f->q, &item, 0, f->evicted);
}

static const char BAND_LETTERS[] = "tdiwef";

/* Puts one record for each letter: "tdiwef" are the bands. Small letters are
 * what the names in the tables below refer to: a, b, c ... in this order. */
static uint32_t put_all(fixture *f, const char *bands) {
    uint32_t kept = 0;
    for (uint32_t i = 0; bands[i] != '\0'; i++) {
        const char *at = strchr(BAND_LETTERS, bands[i]);
        kept += put(f, (char)('a' + i), (uint32_t)(at - BAND_LETTERS), 1);
    }
    return kept;
}

/* The names that are left, in order of arrival; empties the queue. */
static void drain(fixture *f, char names[64]) {
    sonde_list list;
    sonde_list_clear(&list);
    uint32_t n = 0, place;
    while ((place = sonde_queue_oldest(&f->q)) != SONDE_NONE) {
        uint8_t data[64 * SONDE_BLOCK];
        sonde_writer w = {data, sizeof data, 0, 0};
        sonde_queue_read(&f->q, place, &w);
        CHECK_INT(w.used, f->q.entries[place].size);
        names[n++] = w.used > 0 ? (char)data[0] : '_';
        sonde_queue_take(&f->q, f->q.entries[place].band, &list);
        sonde_queue_drop(&f->q, &list);
    }
    names[n] = '\0';
}

static void check_empty(fixture *f) {
    CHECK_INT(f->q.count, 0);
    CHECK_INT(f->q.bytes, 0);
    CHECK_INT(f->q.free_blocks, f->q.block_count);
    for (uint32_t band = 0; band < SONDE_BANDS; band++)
        CHECK_INT(f->q.band_blocks[band], 0);
    free(f->mem);
}

/* With room for four records: what is left after these came. */
static const struct {
    const char *bands, *left;
} EVICTIONS[] = {
    {"", ""},
    {"i", "a"},
    {"tdie", "abcd"},  /* exactly full */
    {"tdief", "bcde"}, /* the only TRACE goes */
    {"iiiie", "bcde"}, /* the oldest of the lowest band */
    {"idide", "acde"}, /* DEBUG before INFO: the oldest DEBUG, b */
    {"iiiii", "abcd"}, /* a newcomer of the lowest band goes itself */
    {"iiiid", "abcd"}, /* and one below it */
    {"iiiiw", "bcde"},
    {"wwwwi", "abcd"},
    {"wwwww", "abcd"},
    {"ttttt", "abcd"},
    {"wdwwd", "abcd"}, /* DEBUG is the lowest present: the newcomer goes */
    {"wdwwi", "acde"},
    {"eeee", "abcd"},
    {"eeeee", "bcde"}, /* of equal ERRORs the oldest goes */
    {"eeeei", "abcd"},
    {"eeeew", "abcd"},
    {"efefe", "bcde"}, /* a is the oldest ERROR */
    {"fefee", "acde"}, /* b is */
    {"fffee", "abce"},
    {"fffef", "abce"},
    {"fffff", "bcde"}, /* FATAL last: only for FATAL */
    {"ffffe", "abcd"},
    {"fffft", "abcd"},
    {"tdiwefef", "efgh"}, /* all four low ones, one after the other */
    {"fewid", "abcd"},
    {"itititefef", "ghij"},
};

static void evictions(void) {
    for (size_t i = 0; i < COUNT(EVICTIONS); i++) {
        fixture f;
        char left[64];
        uint64_t gone = 0;
        check_about(EVICTIONS[i].bands);
        open_queue(&f, 4, 64);
        put_all(&f, EVICTIONS[i].bands);
        uint32_t count = f.q.count;
        for (uint32_t band = 0; band < SONDE_LEDGER_COLUMNS; band++)
            gone += f.evicted[band];
        CHECK_INT(count + gone, strlen(EVICTIONS[i].bands));
        drain(&f, left);
        CHECK_TEXT(left, strlen(left), EVICTIONS[i].left);
        check_empty(&f);
    }
}

static void evicted_by_band(void) {
    fixture f;
    open_queue(&f, 2, 64);
    put_all(&f, "tdiwefef");
    static const uint64_t want[] = {1, 1, 1, 1, 2, 0, 0};
    for (uint32_t band = 0; band < SONDE_LEDGER_COLUMNS; band++)
        CHECK_INT(f.evicted[band], want[band]);
    char left[64];
    drain(&f, left);
    CHECK_TEXT(left, strlen(left), "fh");
    check_empty(&f);
}

/* The byte bound: eight blocks, sizes in blocks. */
static void byte_bound(void) {
    fixture f;
    char left[64];
    open_queue(&f, 100, 8);
    CHECK(put(&f, 'a', SONDE_BAND_DEBUG, 3 * SONDE_BLOCK));
    CHECK(put(&f, 'b', SONDE_BAND_INFO, 2 * SONDE_BLOCK + 1));
    CHECK(put(&f, 'c', SONDE_BAND_DEBUG, 2 * SONDE_BLOCK));
    CHECK_INT(f.q.free_blocks, 0);                         /* exactly full */
    CHECK(put(&f, 'd', SONDE_BAND_WARN, 4 * SONDE_BLOCK)); /* a and c go */
    CHECK_INT(f.evicted[SONDE_BAND_DEBUG], 2);
    CHECK_INT(f.evicted[SONDE_BAND_INFO], 0);
    CHECK(!put(&f, 'e', SONDE_BAND_INFO, 2 * SONDE_BLOCK));
    CHECK(put(&f, 'f', SONDE_BAND_TRACE, SONDE_BLOCK));
    drain(&f, left);
    CHECK_TEXT(left, strlen(left), "bdf");
    check_empty(&f);
}

/* Nobody is evicted for a newcomer that would not fit even so. */
static void not_in_vain(void) {
    fixture f;
    char left[64];
    open_queue(&f, 100, 8);
    CHECK(put(&f, 'a', SONDE_BAND_TRACE, 3 * SONDE_BLOCK));
    CHECK(put(&f, 'b', SONDE_BAND_FATAL, 3 * SONDE_BLOCK));
    CHECK(!put(&f, 'c', SONDE_BAND_ERROR, 6 * SONDE_BLOCK));
    CHECK(!put(&f, 'd', SONDE_BAND_FATAL, 9 * SONDE_BLOCK));
    CHECK_INT(f.evicted[SONDE_BAND_TRACE], 0);
    CHECK_INT(f.evicted[SONDE_BAND_ERROR], 1);
    CHECK_INT(f.evicted[SONDE_BAND_FATAL], 1);
    CHECK(put(&f, 'e', SONDE_BAND_ERROR, 5 * SONDE_BLOCK)); /* a goes */
    CHECK(put(&f, 'g', SONDE_BAND_FATAL, 8 * SONDE_BLOCK)); /* all go */
    drain(&f, left);
    CHECK_TEXT(left, strlen(left), "g");
    check_empty(&f);
}

/* What is in a batch has no band, so it cannot be evicted. */
static void batch_is_safe(void) {
    fixture f;
    char left[64];
    sonde_list batch;
    sonde_list_clear(&batch);
    open_queue(&f, 3, 64);
    put_all(&f, "ttt");
    for (int i = 0; i < 3; i++)
        sonde_queue_take(&f.q, SONDE_BAND_TRACE, &batch);
    CHECK(!put(&f, 'x', SONDE_BAND_FATAL, 1));
    CHECK_INT(f.evicted[SONDE_BAND_FATAL], 1);
    sonde_queue_drop(&f.q, &batch);
    CHECK(put(&f, 'y', SONDE_BAND_INFO, 1));
    CHECK(put(&f, 'z', SONDE_BAND_FATAL, 1)); /* y goes, not b or c */
    sonde_queue_return(&f.q, &batch);
    drain(&f, left);
    CHECK_TEXT(left, strlen(left), "bcz");
    check_empty(&f);
}

/* Takes the oldest `first`, lets others come, and returns them. */
static void return_keeps_order(void) {
    for (uint32_t first = 0; first <= 8; first++) {
        fixture f;
        char left[64];
        sonde_list batch;
        sonde_list_clear(&batch);
        open_queue(&f, 20, 64);
        put_all(&f, "ideftiwe");
        for (uint32_t i = 0; i < first; i++) {
            uint32_t place = sonde_queue_oldest(&f.q);
            sonde_queue_take(&f.q, f.q.entries[place].band, &batch);
        }
        CHECK(put(&f, 'x', SONDE_BAND_INFO, 200));
        CHECK(put(&f, 'y', SONDE_BAND_TRACE, 1));
        sonde_queue_return(&f.q, &batch);
        CHECK_INT(batch.count, 0);
        CHECK_INT(f.q.count, 10);
        CHECK_INT(f.q.bytes, 8 + 200 + 1);
        CHECK(put(&f, 'z', SONDE_BAND_INFO, 1)); /* the ends are right too */
        drain(&f, left);
        CHECK_TEXT(left, strlen(left), "abcdefghxyz");
        check_empty(&f);
    }
}

/* Order of arrival survives the wrap of its 32-bit numbers. */
static void sequence_wrap(void) {
    fixture f;
    char left[64];
    sonde_list batch;
    sonde_list_clear(&batch);
    open_queue(&f, 20, 64);
    f.q.seq = UINT32_MAX - 3;
    put_all(&f, "idwidwie");
    CHECK_INT(f.q.seq, 4);
    for (uint32_t i = 0; i < 5; i++) {
        uint32_t place = sonde_queue_oldest(&f.q);
        sonde_queue_take(&f.q, f.q.entries[place].band, &batch);
    }
    sonde_queue_return(&f.q, &batch);
    drain(&f, left);
    CHECK_TEXT(left, strlen(left), "abcdefgh");
    check_empty(&f);
}

/* Evicting and putting touch the ends of the lists only, so their time does
 * not depend on how many records there are: all other links lead nowhere. */
static void ends_only(void) {
    fixture f;
    open_queue(&f, 1000, 2000);
    for (uint32_t i = 0; i < 1000; i++)
        CHECK(put(&f, 'a', i % 5, 1));
    for (uint32_t band = 0; band < SONDE_BANDS; band++) {
        uint32_t at = f.q.bands[band].first;
        uint32_t last = f.q.bands[band].last;
        for (uint32_t n = 0; at != SONDE_NONE && at != last; n++) {
            uint32_t next = f.q.entries[at].next;
            if (n >= 3)
                f.q.entries[at].next = 0x7FFFFFFF;
            at = next;
        }
    }
    for (int i = 0; i < 3; i++) {
        CHECK(put(&f, 'z', SONDE_BAND_FATAL, 1));
        CHECK_INT(f.evicted[SONDE_BAND_TRACE], i + 1);
    }
    CHECK(!put(&f, 'z', SONDE_BAND_TRACE, 1));
    CHECK_INT(f.q.count, 1000);
    free(f.mem);
}

/* All sizes around the blocks come back as they went in. */
static void sizes(void) {
    fixture f;
    open_queue(&f, 4, 8);
    for (uint32_t size = 0; size <= 8 * SONDE_BLOCK; size++) {
        uint8_t data[8 * SONDE_BLOCK], back[8 * SONDE_BLOCK];
        sonde_list list;
        sonde_list_clear(&list);
        for (uint32_t i = 0; i < size; i++)
            data[i] = (uint8_t)(i * 7 + size);
        uint8_t *exact = check_exact(data, size);
        sonde_item item = {exact, size, 0, 1, 1};
        bool kept = sonde_queue_put(&f.q, &item, 0, f.evicted);
        sonde_writer w = {back, sizeof back, 0, 0};
        if (!CHECK(kept))
            break;
        sonde_queue_read(&f.q, sonde_queue_oldest(&f.q), &w);
        CHECK_BYTES(back, w.used, data, size);
        sonde_queue_take(&f.q, 1, &list);
        sonde_queue_drop(&f.q, &list);
        free(exact);
    }
    check_empty(&f);
}

/* 10^5 random records through a small queue: blocks are never lost, and the
 * sums always agree with the lists. */
static void random_traffic(void) {
    fixture f;
    check_random random = {3};
    open_queue(&f, 30, 64);
    uint64_t came = 0, gone = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        uint32_t band = check_below(&random, SONDE_BANDS);
        came++;
        (void)put(&f, 'r', band, check_below(&random, 9 * SONDE_BLOCK));
        uint32_t used = 0;
        for (uint32_t b = 0; b < SONDE_BANDS; b++)
            used += f.q.band_blocks[b];
        if (used + f.q.free_blocks != f.q.block_count)
            CHECK(false);
    }
    for (uint32_t band = 0; band < SONDE_BANDS; band++)
        gone += f.evicted[band];
    CHECK_INT(f.q.count + gone, came);
    char left[64];
    drain(&f, left);
    check_empty(&f);
}

static const check_test TESTS[] = {
    {"evictions", evictions},
    {"evicted by band", evicted_by_band},
    {"byte bound", byte_bound},
    {"not in vain", not_in_vain},
    {"batch is safe", batch_is_safe},
    {"return keeps order", return_keeps_order},
    {"sequence wrap", sequence_wrap},
    {"ends only", ends_only},
    {"sizes", sizes},
    {"random traffic", random_traffic},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
