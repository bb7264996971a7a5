/* The small parsers: UTF-8, cuts, base64url, hexadecimal, Retry-After.
 * Input: a number, and text for all of them. */
#include "fuzz.h"

static void check_utf8(const uint8_t *text, size_t size) {
    uint64_t counted = 0, again = 0;
    size_t sane = sonde_text_copy(NULL, text, size, &counted);
    uint8_t *to = malloc(sane + 1);
    PROMISE(to != NULL && sane <= 3 * size);
    PROMISE(sonde_text_copy(to, text, size, &again) == sane);
    PROMISE(counted == again && fuzz_is_utf8(to, sane));
    free(to);
}

static void check_cuts(const uint8_t *text, size_t size, uint32_t number) {
    const uint8_t *at = sonde_text_cut(text, text + size, number);
    PROMISE(at == NULL || (at >= text && at <= text + size));
    size_t prefix = sonde_text_prefix(text, size, number);
    PROMISE(prefix <= size);
    if (!fuzz_is_utf8(text, size))
        return;
    PROMISE(fuzz_is_utf8(text, prefix));
    PROMISE(at == NULL || fuzz_is_utf8(at, (size_t)(text + size - at)));
}

/* What is read is written back the same, but for padding left off. */
static void check_base64url(const uint8_t *text, size_t size) {
    uint8_t *to = malloc(3 * ((size + 3) / 4) + 1);
    PROMISE(to != NULL);
    int32_t n = sonde_base64url_get(to, text, size);
    if (n >= 0) {
        uint8_t *back = malloc(size + 4);
        PROMISE(back != NULL);
        sonde_writer w = {back, size + 4, 0, SONDE_OK};
        sonde_base64url_put(&w, to, (size_t)n);
        PROMISE(w.status == SONDE_OK && w.used >= size && w.used < size + 3);
        PROMISE(memcmp(back, text, size) == 0);
        free(back);
    }
    free(to);
}

static void check_hex(const uint8_t *text, size_t size) {
    uint8_t to[64];
    size_t half = size / 2 < sizeof to ? size / 2 : sizeof to;
    (void)!sonde_hex_get(to, text, half);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1)
        return 0;
    uint32_t number = data[0];
    size--;
    uint8_t *text = fuzz_exact(data + 1, size);
    check_utf8(text, size);
    check_cuts(text, size, number);
    check_base64url(text, size);
    check_hex(text, size);
    double wait = sonde_retry_after((const char *)text, size, 1.7e12);
    PROMISE(wait >= 0 || (wait > -1.5 && wait < -0.5));
    free(text);
    return 0;
}
