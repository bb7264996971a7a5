/* Owns render tokens and how often one may be used: wire-formats.md, section
 * 2; see sonde_signed.h.
 *
 * The replay filter counts by second, for all pages rendered in a second have
 * the same token: a byte for each second of the window is exact and cannot be
 * filled up by anybody. */
#include "core/number.h"
#include "core/text.h"
#include "signed/verifier.h"
#include "signed/wipe.h"

enum { MAC = 32, HEX = 2 * MAC, DIGITS = 20 };

static const char TAG[] = "render-token:";

static void sign(const sonde_keys *keys, uint8_t mac[MAC], const void *digits,
                 size_t size) {
    sonde_part parts[] = {{TAG, sizeof TAG - 1}, {digits, size}};
    sonde_keys_sign(keys, mac, parts, 2);
}

int32_t sonde_render_sign(sonde_verifier *v, char *token, size_t token_size,
                          double now) {
    uint8_t mac[MAC], digits[DIGITS];
    if (v->secret_count == 0)
        return 0;
    if (!sonde_is_time(now))
        return SONDE_BAD_ARGUMENT;
    sonde_writer number = {digits, sizeof digits, 0, SONDE_OK};
    sonde_uint_put(&number, (uint64_t)(now / 1000));
    if (number.used + 1 + HEX > token_size)
        return SONDE_NO_SPACE;
    sign(&v->secrets[0], mac, digits, number.used);
    sonde_wipe_stack();
    sonde_writer w = {(uint8_t *)token, token_size, 0, SONDE_OK};
    sonde_writer_put(&w, digits, number.used);
    sonde_writer_byte(&w, '.');
    sonde_hex_put(&w, mac, MAC);
    return (int32_t)w.used;
}

/* ---- Check -------------------------------------------------------------- */

typedef struct {
    size_t digits;
    uint64_t second; /* the greatest number if it is greater than all */
    uint8_t mac[MAC];
} claim;

/* Digits without leading zeros, one dot, 64 lower-case digits. */
static bool parse(claim *c, const uint8_t *token, size_t size) {
    size_t n = 0;
    uint64_t value = 0;
    for (; n < size && n < DIGITS && token[n] >= '0' && token[n] <= '9'; n++) {
        uint64_t digit = token[n] - '0';
        bool over = value > (UINT64_MAX - digit) / 10;
        value = over ? UINT64_MAX : value * 10 + digit;
    }
    if (n == 0 || (token[0] == '0' && n > 1) || size != n + 1 + HEX ||
        token[n] != '.')
        return false;
    for (size_t i = n + 1; i < size; i++) {
        if (token[i] >= 'A' && token[i] <= 'F')
            return false;
    }
    c->digits = n;
    c->second = value;
    return sonde_hex_get(c->mac, token + n + 1, MAC);
}

/* Looks at all secrets, whichever fits. */
static bool is_signed(const sonde_verifier *v, const claim *c,
                      const uint8_t *token) {
    int good = 0;
    for (uint32_t i = 0; i < v->secret_count; i++) {
        uint8_t mac[MAC];
        sign(&v->secrets[i], mac, token, c->digits);
        good |= sonde_same(mac, c->mac, MAC);
        sonde_wipe(mac, sizeof mac);
    }
    sonde_wipe_stack();
    return good;
}

static int32_t age_check(const sonde_signed_config *config, double *age,
                         uint64_t now, uint64_t second) {
    if (second > now && second - now > config->max_skew)
        return SONDE_RENDER_FUTURE;
    uint64_t seconds = second > now ? 0 : now - second;
    *age = (double)seconds;
    if (seconds < config->min_age)
        return SONDE_RENDER_TOO_FRESH;
    return seconds > config->max_age ? SONDE_RENDER_STALE : SONDE_RENDER_OK;
}

int32_t sonde_render_read(const sonde_verifier *v, double *age,
                          uint64_t *second, double now, const uint8_t *token,
                          size_t size) {
    claim c;
    *age = -1;
    if (v->secret_count == 0)
        return SONDE_RENDER_UNVERIFIED;
    if (size == 0)
        return SONDE_RENDER_MISSING;
    if (!parse(&c, token, size) || !is_signed(v, &c, token))
        return SONDE_RENDER_INVALID;
    *second = c.second;
    return age_check(&v->config, age, (uint64_t)(now / 1000), c.second);
}

int32_t sonde_render_check(const sonde_verifier *v, double *age, double now,
                           const char *token, size_t token_size) {
    uint64_t second;
    if (!sonde_is_time(now))
        return SONDE_BAD_ARGUMENT;
    return sonde_render_read(v, age, &second, now, (const uint8_t *)token,
                             token_size);
}

const char *sonde_render_text(int32_t render) {
    static const char *const TEXTS[] = {"ok",        "too_fresh", "stale",
                                        "future",    "invalid",   "missing",
                                        "unverified"};
    bool known = render >= 0 && render <= SONDE_RENDER_UNVERIFIED;
    return TEXTS[known ? render : SONDE_RENDER_INVALID];
}

/* ---- Uses --------------------------------------------------------------- */

/* Gives places to the seconds up to `end`, which older ones leave. */
static void move_window(sonde_verifier *v, uint64_t end, uint32_t window) {
    if (end <= v->uses_end)
        return;
    uint64_t from = v->uses_end;
    if (end - from > window)
        from = end - window;
    for (; from < end; from++)
        v->uses[from % window] = 0;
    v->uses_end = end;
}

bool sonde_render_use(sonde_verifier *v, double now, uint64_t second) {
    if (v->config.max_uses == 0)
        return true;
    uint32_t window = sonde_window(&v->config);
    move_window(v, (uint64_t)(now / 1000) + v->config.max_skew + 1, window);
    /* out of the window only after the clock went back: what was counted for
     * that second is forgotten, so no use is left */
    if (second >= v->uses_end || v->uses_end - second > window)
        return false;
    uint8_t *uses = &v->uses[second % window];
    if (*uses >= v->config.max_uses)
        return false;
    ++*uses;
    return true;
}
