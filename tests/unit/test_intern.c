/* The table of strings that are used again and again. */
#include "check.h"
#include "record/intern.h"
#include "sonde.h"

static void same_text_same_id(void) {
    uint8_t data[64];
    sonde_intern table;
    sonde_intern_init(&table, data, sizeof data, 4);
    CHECK_INT(sonde_intern_put(&table, T("a")), 0);
    CHECK_INT(sonde_intern_put(&table, T("ab")), 1);
    CHECK_INT(sonde_intern_put(&table, T("")), 2);
    CHECK_INT(sonde_intern_put(&table, T("a\0b")), 3);
    CHECK_INT(sonde_intern_put(&table, T("ab")), 1);
    CHECK_INT(sonde_intern_put(&table, T("new")), SONDE_TABLE_FULL);
    CHECK_INT(sonde_intern_put(&table, T("")), 2); /* full, but known */
    uint32_t size;
    const uint8_t *text = sonde_intern_get(&table, 3, &size);
    CHECK_BYTES(text, size, "a\0b", 3);
    text = sonde_intern_get(&table, 0, &size);
    CHECK_BYTES(text, size, "a", 1);
}

static void byte_bound(void) {
    for (uint32_t room = 0; room < 12; room++) {
        uint8_t *data = check_exact("", 0);
        data = realloc(data, room > 0 ? room : 1);
        sonde_intern table;
        sonde_intern_init(&table, data, room, SONDE_INTERN_MAX);
        CHECK_INT(sonde_intern_put(&table, T("12345")),
                  room >= 5 ? 0 : SONDE_TABLE_FULL);
        CHECK_INT(sonde_intern_put(&table, T("67890")),
                  room >= 10 ? 1 : SONDE_TABLE_FULL);
        free(data);
    }
}

static void all_places(void) {
    uint8_t data[SONDE_INTERN_MAX * 2];
    sonde_intern table;
    sonde_intern_init(&table, data, sizeof data, SONDE_INTERN_MAX);
    for (int round = 0; round < 2; round++) {
        for (int32_t i = 0; i < SONDE_INTERN_MAX; i++) {
            uint8_t text[2] = {(uint8_t)i, 'x'};
            CHECK_INT(sonde_intern_put(&table, text, 2), i);
        }
    }
    CHECK_INT(sonde_intern_put(&table, T("")), SONDE_TABLE_FULL);
}

static const check_test TESTS[] = {
    {"same text, same id", same_text_same_id},
    {"byte bound", byte_bound},
    {"all places", all_places},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
