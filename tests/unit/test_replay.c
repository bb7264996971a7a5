/* The replay filter against a plain count of what was accepted: never more
 * than max_uses for a second, whatever the clock does; and, as long as the
 * clock only goes forwards, never fewer. */
#include "check.h"
#include "sonde_signed.h"

enum { USES = 3, AGE = 60, SKEW = 5, START = 1700000000, SPAN = 100000 };

static const char SECRET[] = "correct-horse-battery-staple-0123";
static uint8_t counts[SPAN];

static sonde_verifier *new_verifier(void) {
    sonde_signed_config config;
    sonde_signed_config_init(&config);
    config.min_age = 0;
    config.max_age = AGE;
    config.max_skew = SKEW;
    config.max_uses = USES;
    int32_t size = sonde_verifier_size(&config);
    sonde_verifier *v = malloc((size_t)size);
    CHECK_INT(sonde_verifier_init(v, (size_t)size, &config), SONDE_OK);
    CHECK_INT(sonde_secret_put(v, SECRET, sizeof SECRET - 1), 1);
    return v;
}

static int32_t send(sonde_verifier *v, uint32_t now, uint32_t second) {
    static const char type[] = "application/x-www-form-urlencoded";
    char token[SONDE_RENDER_TOKEN], body[256];
    sonde_verdict verdict;
    int32_t size =
        sonde_render_sign(v, token, sizeof token, (double)second * 1000);
    int used =
        snprintf(body, sizeof body, "plain_connect_render_token=%.*s&message=m",
                 (int)size, token);
    sonde_submission s = {.body = (uint8_t *)body,
                          .body_size = (size_t)used,
                          .content_type = type,
                          .content_type_size = sizeof type - 1};
    CHECK(sonde_verify(v, &verdict, (double)now * 1000, &s) >= 0);
    return verdict.reason;
}

/* A page of some second before or a little after `now`. */
static void one(sonde_verifier *v, check_random *random, uint32_t now,
                bool forwards) {
    uint32_t second = now + SKEW - check_below(random, AGE + SKEW + 3);
    bool good = second + AGE >= now;
    uint8_t *count = &counts[(second - START) % SPAN];
    int32_t reason = send(v, now, second);
    if (!good) {
        CHECK_INT(reason, SONDE_REASON_render_stale);
        return;
    }
    bool accepted = reason == SONDE_REASON_none;
    CHECK(accepted || reason == SONDE_REASON_render_replayed);
    CHECK(!accepted || *count < USES);
    CHECK(!forwards || accepted == (*count < USES));
    *count += accepted;
}

static void forwards(void) {
    check_random random = {1};
    sonde_verifier *v = new_verifier();
    memset(counts, 0, sizeof counts);
    uint32_t now = START + 1000;
    for (int i = 0; i < 30000; i++) {
        if (check_below(&random, 10) == 0)
            now += check_below(&random, 3);
        if (check_below(&random, 1000) == 0)
            now += check_below(&random, 3 * AGE);
        one(v, &random, now, true);
    }
    CHECK(now < START + SPAN);
    free(v);
}

static void both_ways(void) {
    check_random random = {2};
    sonde_verifier *v = new_verifier();
    memset(counts, 0, sizeof counts);
    for (int i = 0; i < 30000; i++) {
        uint32_t far = check_below(&random, 100) == 0 ? 2000 : 100;
        one(v, &random, START + 1000 + check_below(&random, far), false);
    }
    free(v);
}

static const check_test TESTS[] = {{"forwards", forwards},
                                   {"both ways", both_ways}};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
