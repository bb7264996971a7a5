/* Statuses, options, and the memory that a configuration needs. */
#include "law.h"
#include <math.h>

static const double NOW = 1700000000000.0;

static void statuses(void) {
    CHECK(strstr(sonde_status_text(SONDE_TOO_DEEP), "64") != NULL);
    CHECK(strcmp(sonde_status_text(-9999), "unknown status") == 0);
    CHECK(strcmp(sonde_status_text(0), "unknown status") == 0);
    CHECK(strcmp(sonde_status_text(INT32_MIN), "unknown status") == 0);
    for (int32_t status = -1; status >= -13; status--)
        CHECK(strlen(sonde_status_text(status)) > 20);
}

static const struct {
    const char *name;
    double value, least, most;
} OPTIONS[] = {
#define SONDE_OPTION(name, value, least, most, unit, text)                     \
    {#name, value, least, most},
#include "sonde_options.def"
#undef SONDE_OPTION
};

static void option_ranges(void) {
    sonde_config config;
    sonde_config_init(&config);
    for (uint32_t id = 0; id < SONDE_OPTION_COUNT; id++) {
        const double bad[] = {OPTIONS[id].least - 1,
                              OPTIONS[id].most + 1,
                              OPTIONS[id].most + 0.5,
                              -1.0,
                              0.5,
                              4294967296.0,
                              4294967297.0,
                              1e300,
                              (double)NAN,
                              (double)INFINITY,
                              -(double)INFINITY};
        uint32_t *field = (uint32_t *)&config + id;
        check_about(OPTIONS[id].name);
        CHECK_DOUBLE(*field, OPTIONS[id].value);
        for (size_t i = 0; i < COUNT(bad); i++)
            CHECK_INT(sonde_config_put(&config, id, bad[i]), SONDE_BAD_OPTION);
        CHECK_DOUBLE(*field, OPTIONS[id].value);
        CHECK_INT(sonde_config_put(&config, id, OPTIONS[id].least), SONDE_OK);
        CHECK_DOUBLE(*field, OPTIONS[id].least);
        CHECK_INT(sonde_config_put(&config, id, OPTIONS[id].most), SONDE_OK);
        CHECK_DOUBLE(*field, OPTIONS[id].most);
    }
    CHECK_INT(sonde_config_put(&config, SONDE_OPTION_COUNT, 1),
              SONDE_BAD_OPTION);
    CHECK_INT(sonde_config_put(&config, UINT32_MAX, 1), SONDE_BAD_OPTION);
}

/* A struct that was filled by hand is checked, too. */
static void configs(void) {
    for (uint32_t id = 0; id < SONDE_OPTION_COUNT; id++) {
        sonde_config config;
        sonde_config_init(&config);
        check_about(OPTIONS[id].name);
        ((uint32_t *)&config)[id] = (uint32_t)OPTIONS[id].most + 1;
        CHECK_INT(sonde_size(&config), SONDE_BAD_OPTION);
        ((uint32_t *)&config)[id] = UINT32_MAX;
        CHECK_INT(sonde_size(&config), SONDE_BAD_OPTION);
        if (OPTIONS[id].least > 0) {
            ((uint32_t *)&config)[id] = (uint32_t)OPTIONS[id].least - 1;
            CHECK_INT(sonde_size(&config), SONDE_BAD_OPTION);
        }
    }
}

static void memory(void) {
    sonde_config config;
    sonde_config_init(&config);
    int32_t size = sonde_size(&config);
    CHECK(size > 0 && size % 16 == 0);
    uint8_t *mem = malloc((size_t)size + 32);
    uint8_t *aligned = mem + (16 - (uintptr_t)mem % 16) % 16;
    memset(aligned, 0x55, (size_t)size + 16);
    sonde *ctx = (sonde *)(void *)aligned;
    CHECK_INT(sonde_init(ctx, (size_t)size - 1, &config, NOW, 1),
              SONDE_NO_MEMORY);
    CHECK_INT(sonde_init(ctx, 0, &config, NOW, 1), SONDE_NO_MEMORY);
    CHECK(aligned[0] == 0x55); /* nothing half done */
    for (int off = 1; off < 16; off++)
        CHECK_INT(sonde_init((sonde *)(void *)(aligned + off), (size_t)size,
                             &config, NOW, 1),
                  SONDE_BAD_ARGUMENT);
    CHECK_INT(sonde_init(NULL, (size_t)size, &config, NOW, 1),
              SONDE_BAD_ARGUMENT);
    CHECK_INT(sonde_init(ctx, (size_t)size, &config, NOW, 1), SONDE_OK);
    for (int i = 0; i < 16; i++)
        CHECK_INT(aligned[size + i], 0x55);
    config.max_queue_records = 0;
    CHECK_INT(sonde_init(ctx, (size_t)size, &config, NOW, 1), SONDE_BAD_OPTION);
    free(mem);
}

/* The smallest and the largest of everything work. */
static void extremes(void) {
    for (int most = 0; most < 2; most++) {
        sonde_config config;
        for (uint32_t id = 0; id < SONDE_OPTION_COUNT; id++)
            ((uint32_t *)&config)[id] =
                (uint32_t)(most ? OPTIONS[id].most : OPTIONS[id].least);
        config.encoding = 0;
        sonde *ctx = law_open(&config, NOW, 0);
        sonde_action action;
        CHECK(law_log(ctx, NOW, 17, "hello") >= 0);
        CHECK_INT(law_next(ctx, NOW, &action), SONDE_ACTION_SEND);
        CHECK(action.size > 0 && action.size < 100);
        CHECK_INT(law_answer(ctx, NOW, action.id, 200), SONDE_OK);
        CHECK_INT(sonde_ledger_get(ctx, SONDE_SIGNAL_LOGS)->delivered, 1);
        CHECK_INT(law_next(ctx, NOW, &action), SONDE_ACTION_IDLE);
        law_close_memory(ctx);
    }
}

/* 1,024 queued records take at most 1.0 MiB more than none. */
static void queue_budget(void) {
    sonde_config few, usual;
    sonde_config_init(&few);
    sonde_config_init(&usual);
    few.max_queue_records = 1;
    few.max_queue_bytes = 16384;
    CHECK(sonde_size(&usual) - sonde_size(&few) <= 1 << 20);
    CHECK(sonde_size(&usual) <= (2 << 20) - (200 << 10));
}

static const check_test TESTS[] = {
    {"statuses", statuses}, {"option ranges", option_ranges},
    {"configs", configs},   {"memory", memory},
    {"extremes", extremes}, {"queue budget", queue_budget},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
