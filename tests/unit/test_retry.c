/* Delays and Retry-After. */
#include "check.h"
#include "deliver/retry.h"
#include <math.h>

static void bounds(void) {
    static const uint32_t want[] = {1000,  2000,  4000,  8000,
                                    16000, 32000, 32000, 32000};
    sonde_config config;
    sonde_config_init(&config);
    uint32_t most[COUNT(want)] = {0}, least[COUNT(want)];
    memset(least, 0xFF, sizeof least);
    for (uint32_t seed = 1; seed <= 20000; seed++) {
        sonde_retry retry;
        sonde_retry_init(&retry, seed * 2654435761u);
        for (size_t i = 0; i < COUNT(want); i++) {
            uint32_t delay = sonde_retry_delay(&retry, &config);
            most[i] = delay > most[i] ? delay : most[i];
            least[i] = delay < least[i] ? delay : least[i];
        }
    }
    for (size_t i = 0; i < COUNT(want); i++) {
        CHECK(most[i] <= want[i]);           /* never over the bound */
        CHECK(most[i] > want[i] / 100 * 99); /* but all the way to it */
        CHECK(least[i] < want[i] / 100);     /* "full" jitter: from 0 on */
    }
}

static void extremes(void) {
    sonde_config config;
    sonde_config_init(&config);
    config.retry_delay = 60000;
    config.max_retry_delay = 1; /* the cap counts */
    sonde_retry retry;
    sonde_retry_init(&retry, 0); /* xorshift must not start with 0 */
    bool zero = false, one = false;
    for (int i = 0; i < 1000; i++) {
        uint32_t delay = sonde_retry_delay(&retry, &config);
        CHECK(delay <= 1);
        zero |= delay == 0;
        one |= delay == 1;
    }
    CHECK(zero && one);
    config.max_retry_delay = 600000;
    retry.attempt = 0;
    for (int i = 0; i < 1000; i++)
        CHECK(sonde_retry_delay(&retry, &config) <= 600000);
}

/* 784111777 is Sun, 06 Nov 1994 08:49:37 GMT */
static const double NOW = 784111777000.0;

static const struct {
    const char *text;
    double now; /* before or after NOW */
    double wait;
} AFTER[] = {
    {"0", 0, 0},
    {"1", 0, 1000},
    {"120", 0, 120000},
    {"3600", 0, 3600000},
    {"  7\t", 0, 7000},
    {"007", 0, 7000},
    {"99999999999", 0, 99999999999000.0},
    {"", 0, -1},
    {" ", 0, -1},
    {"-1", 0, -1},
    {"+1", 0, -1},
    {"1.5", 0, -1},
    {"1s", 0, -1},
    {"0x10", 0, -1},
    {"1e3", 0, -1},
    {"soon", 0, -1},
    {"1, 2", 0, -1},
    {"NaN", 0, -1},
    {"Sun, 06 Nov 1994 08:49:37 GMT", 0, 0},
    {"Sun, 06 Nov 1994 08:49:37 GMT", -1, 1},
    {"Sun, 06 Nov 1994 08:49:37 GMT", -90000.5, 90000.5},
    {"Sun, 06 Nov 1994 08:49:37 GMT", 1, 0},
    {"Sun, 06 Nov 1994 08:49:37 GMT", 1e12, 0},
    {"Sunday, 06-Nov-94 08:49:37 GMT", -5000, 5000},
    {"Sun Nov  6 08:49:37 1994", -5000, 5000},
    {"Sun Nov 06 08:49:37 1994", -5000, 5000},
    {"Wed, 16 Nov 1994 08:49:37 GMT", 0, 864000000},
    {"Wed, 16 Nov 1994 23:59:60 GMT", 864000000.0, 54623000},
    {"Thu, 29 Feb 1996 00:00:00 GMT", 0, 41440223000.0},
    {"Fri, 01 Mar 1996 00:00:00 GMT", 0, 41526623000.0},
    {"Sat, 01 Jan 2000 00:00:00 GMT", 0, 162573023000.0},
    {"Tue, 29 Feb 2000 00:00:00 GMT", 0, 167670623000.0},
    {"Mon, 01 Mar 2100 00:00:00 GMT", 0, 3323430623000.0},
    {"Thu, 01 Jan 1970 00:00:00 GMT", 0, 0},
    {"Wed, 31 Dec 1969 23:59:59 GMT", 0, -1},
    {"Sunday, 06-Nov-44 08:49:37 GMT", 0, 1577923200000.0}, /* 50 years */
    {"Sunday, 06-Nov-45 08:49:37 GMT", 0, -1},              /* 1945 */
    {"Sunday, 01-Jan-00 00:00:00 GMT", 0, 162573023000.0},  /* 2000 */
    {"Sun, 06 Nov 1994 08:49 GMT", 0, -1},
    {"Sun, 06 Nov 1994", 0, -1},
    {"Sun, 06 Nov 1994 24:00:00 GMT", 0, -1},
    {"Sun, 06 Nov 1994 08:60:00 GMT", 0, -1},
    {"Sun, 06 Nov 1994 08:49:61 GMT", 0, -1},
    {"Sun, 32 Nov 1994 08:49:37 GMT", 0, -1},
    {"Sun, 00 Nov 1994 08:49:37 GMT", 0, -1},
    {"Sun, 06 Nix 1994 08:49:37 GMT", 0, -1},
    {"Sun, 06 Nov 19944 08:49:37 GMT", 0, -1},
    {"Sun, 06 Nov 999999999999999999999 08:49:37 GMT", 0, -1},
    {"Sun, 06 Nov 1994 08:49:37:12:13 GMT", 0, -1},
    {"1994-11-06T08:49:37Z", 0, -1},
    {"Nov", 0, -1},
};

static void retry_after(void) {
    for (size_t i = 0; i < COUNT(AFTER); i++) {
        size_t size = strlen(AFTER[i].text);
        check_about(AFTER[i].text);
        char *text = (char *)check_exact(AFTER[i].text, size);
        CHECK_DOUBLE(sonde_retry_after(text, size, NOW + AFTER[i].now),
                     AFTER[i].wait);
        free(text);
    }
}

static void retry_after_bombs(void) {
    char text[5000];
    memset(text, '9', sizeof text);
    CHECK(sonde_retry_after(text, sizeof text, NOW) > 1e300);
    text[sizeof text - 1] = 'x';
    CHECK_DOUBLE(sonde_retry_after(text, sizeof text, NOW), -1);
    memset(text, ' ', sizeof text);
    CHECK_DOUBLE(sonde_retry_after(text, sizeof text, NOW), -1);
    memset(text, 'N', sizeof text);
    CHECK_DOUBLE(sonde_retry_after(text, sizeof text, NOW), -1);
    CHECK_DOUBLE(sonde_retry_after("\0\0", 2, NOW), -1);
}

/* Any bytes: no crash, and never a negative time but -1. */
static void retry_after_random(void) {
    static const char some[] = "0123456789 ,:-NovSunGMT";
    check_random random = {7};
    for (int i = 0; i < 20000; i++) {
        char text[40];
        size_t size = check_below(&random, sizeof text);
        for (size_t at = 0; at < size; at++)
            text[at] = some[check_below(&random, sizeof some)];
        char *exact = (char *)check_exact(text, size);
        double wait = sonde_retry_after(exact, size, 1.7e12);
        if (!(wait >= 0) && !(wait > -1.5 && wait < -0.5))
            CHECK_DOUBLE(wait, 0);
        free(exact);
    }
    CHECK(true);
}

static const check_test TESTS[] = {
    {"bounds", bounds},
    {"extremes", extremes},
    {"retry-after", retry_after},
    {"retry-after bombs", retry_after_bombs},
    {"retry-after random", retry_after_random},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
