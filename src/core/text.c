/* Owns everything about UTF-8. Most text is ASCII, so each function first
 * runs over 8 bytes at a time and looks closer only where it must. */
#include "core/text.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)

static const uint8_t REPLACEMENT[3] = {0xEF, 0xBF, 0xBD};

/* Number of leading ASCII bytes, rounded down to whole words while possible. */
static size_t ascii_run(const uint8_t *p, size_t size) {
    size_t n = 0;
    while (size - n >= 8 && (sonde_load64(p + n) & HIGH_BITS) == 0)
        n += 8;
    while (n < size && p[n] < 0x80)
        n++;
    return n;
}

bool sonde_text_is_ascii(const uint8_t *text, size_t size) {
    size_t n = 0;
    uint64_t high = 0;
    for (; size - n >= 32; n += 32)
        high |= sonde_load64(text + n) | sonde_load64(text + n + 8) |
                sonde_load64(text + n + 16) | sonde_load64(text + n + 24);
    if (high & HIGH_BITS)
        return false;
    return ascii_run(text + n, size - n) == size - n;
}

/* Second bytes have a narrower range after some lead bytes: no overlong
 * forms, no surrogates, nothing over U+10FFFF (Unicode 16, table 3-7). */
static bool second_fits(uint8_t lead, uint8_t second) {
    uint8_t least = 0x80, most = 0xBF;
    if (lead == 0xE0)
        least = 0xA0;
    else if (lead == 0xED)
        most = 0x9F;
    else if (lead == 0xF0)
        least = 0x90;
    else if (lead == 0xF4)
        most = 0x8F;
    return second >= least && second <= most;
}

int sonde_utf8_next(const uint8_t *p, const uint8_t *end) {
    uint8_t lead = *p;
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4)
        return -1;
    int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    for (int i = 1; i < length; i++) {
        if (p + i == end)
            return -i;
        bool fits = i == 1 ? second_fits(lead, p[1]) : (p[i] & 0xC0) == 0x80;
        if (!fits)
            return -i;
    }
    return length;
}

size_t sonde_text_copy(uint8_t *to, const uint8_t *text, size_t size,
                       uint64_t *replaced) {
    const uint8_t *p = text, *end = text + size;
    size_t sum = 0;
    while (p < end) {
        size_t run = ascii_run(p, (size_t)(end - p));
        const uint8_t *from = p;
        int n = 0;
        if (run == 0) {
            n = sonde_utf8_next(p, end);
            run = (size_t)(n < 0 ? -n : n);
        }
        p += run;
        if (n < 0) {
            from = REPLACEMENT;
            run = sizeof REPLACEMENT;
            ++*replaced;
        }
        if (to != NULL)
            memcpy(to + sum, from, run);
        sum += run;
    }
    return sum;
}

/* A character is one unit, or two when it takes four bytes. */
const uint8_t *sonde_text_cut(const uint8_t *text, const uint8_t *end,
                              uint32_t units) {
    const uint8_t *p = end;
    while (units > 0) {
        if (units >= 8 && p - text >= 8 &&
            (sonde_load64(p - 8) & HIGH_BITS) == 0) {
            p -= 8;
            units -= 8;
            continue;
        }
        if (p == text)
            return NULL;
        uint8_t byte = *--p;
        if ((byte & 0xC0) == 0x80 && p > text)
            continue;
        uint32_t width = byte >= 0xF0 ? 2 : 1;
        if (width > units)
            return NULL;
        units -= width;
    }
    return p;
}

size_t sonde_text_prefix(const uint8_t *text, size_t size,
                         uint32_t characters) {
    if (size <= characters)
        return size;
    const uint8_t *p = text, *end = text + size;
    for (; characters > 0 && p < end; characters--) {
        int n = sonde_utf8_next(p, end);
        p += n < 0 ? -n : n;
    }
    return (size_t)(p - text);
}
