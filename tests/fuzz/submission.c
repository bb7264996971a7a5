/* Whole submissions, alone and as lines. Input: a byte of kind (bits: 1 JSON,
 * 2 a secret, 4 lines, 8 envelopes, 16 small limits), then the body. What comes
 * out is always whole JSON, within the size that was promised. */
#include "fuzz.h"
#include "sonde_signed.h"

static const char SECRET[] = "correct-horse-battery-staple-0123";

static sonde_verifier *open_verifier(bool secret, bool small) {
    sonde_signed_config config;
    sonde_signed_config_init(&config);
    config.max_body = small ? 1024 : 65536;
    config.max_fields = small ? 8 : 64;
    config.max_value = small ? 254 : 16384;
    config.max_uses = small ? 1 : 0;
    int32_t size = sonde_verifier_size(&config);
    sonde_verifier *v = malloc((size_t)size);
    PROMISE(sonde_verifier_init(v, (size_t)size, &config) == SONDE_OK);
    if (secret)
        PROMISE(sonde_secret_put(v, SECRET, sizeof SECRET - 1) == 1);
    PROMISE(sonde_next_put(v, "https://app.example", 19) == 1);
    PROMISE(sonde_next_put(v, "/thanks", 7) == 2);
    return v;
}

static void check_fields(const sonde_verdict *verdict) {
    PROMISE(verdict->verdict == SONDE_ACCEPT || verdict->message.text == NULL);
    PROMISE(verdict->verdict == SONDE_ACCEPT || verdict->extra_count == 0);
    PROMISE((verdict->verdict == SONDE_REJECT) ==
            (verdict->reason != SONDE_REASON_none));
    for (size_t i = 0; i < verdict->extra_count; i++) {
        for (size_t j = 0; j < i; j++) {
            const sonde_view *a = &verdict->extras[i].key;
            const sonde_view *b = &verdict->extras[j].key;
            PROMISE(a->size != b->size ||
                    memcmp(a->text, b->text, a->size) != 0);
        }
    }
}

static void check_one(sonde_verifier *v, const uint8_t *data, size_t size,
                      const char *type) {
    sonde_verdict verdict;
    sonde_submission s = {.body = fuzz_exact(data, size),
                          .body_size = size,
                          .content_type = type,
                          .content_type_size = strlen(type)};
    PROMISE(sonde_verify(v, &verdict, 1.7e12 + 9000, &s) == verdict.verdict);
    check_fields(&verdict);
    size_t room = sonde_verdict_size(v, size);
    uint8_t *text = malloc(room);
    int32_t written = sonde_verdict_put(&verdict, text, room);
    PROMISE(written > 0 && fuzz_is_json(text, (size_t)written));
    PROMISE(memchr(text, '\n', (size_t)written) == NULL);
    free(text);
    free(s.body);
}

/* A verdict for each line that is not empty, each whole. */
static void check_lines(sonde_verifier *v, const uint8_t *data, size_t size,
                        bool envelope) {
    sonde_submission defaults = {0};
    sonde_lines l = {.in = fuzz_exact(data, size),
                     .size = size,
                     .first_line = 1,
                     .envelope = envelope,
                     .last = true,
                     .defaults = &defaults};
    size_t room = 8 * sonde_lines_room(v, size), verdicts = 0;
    uint8_t *to = malloc(room), *at = to;
    int32_t written = sonde_lines_verify(v, &l, 1.7e12 + 9000, to, room);
    PROMISE(written >= 0 && l.taken <= size && (l.taken > 0 || size == 0));
    while (at < to + written) {
        uint8_t *end = memchr(at, '\n', (size_t)(to + written - at));
        PROMISE(end != NULL && fuzz_is_json(at, (size_t)(end - at)));
        at = end + 1;
        verdicts++;
    }
    PROMISE(verdicts == l.counts[0] + l.counts[1] + l.counts[2]);
    PROMISE(verdicts <= l.lines);
    free(to);
    free(l.in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static sonde_verifier *all[4];
    if (size < 1)
        return 0;
    uint8_t kind = *data++;
    int which = (kind & 2 ? 1 : 0) + (kind & 16 ? 2 : 0);
    if (all[which] == NULL)
        all[which] = open_verifier(which & 1, which & 2);
    if (kind & 4)
        check_lines(all[which], data, size - 1, kind & 8);
    else
        check_one(all[which], data, size - 1,
                  kind & 1 ? "application/json"
                           : "application/x-www-form-urlencoded");
    return 0;
}
