/* Hexadecimal and base64: see text.h. */
#include "core/text.h"
#include "sonde.h"

static void put_digit(sonde_writer *w, uint32_t value) {
    sonde_writer_byte(w, (uint8_t)(value + (value < 10 ? '0' : 'a' - 10)));
}

void sonde_hex_put(sonde_writer *w, const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        put_digit(w, data[i] >> 4);
        put_digit(w, data[i] & 15);
    }
}

static int hex_digit(uint8_t c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Of eight digits at once, without a jump: ids are random, so that an engine
 * would guess every other one wrong. A digit is what its value is written as;
 * a letter has bit 6. */
bool sonde_id_get(uint8_t *to, const uint8_t *digits, size_t size) {
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t wrong = 0;
    for (; size > 0; size -= 4, to += 4, digits += 8) {
        uint64_t text = sonde_load64(digits);
        uint64_t letters = text >> 6 & each;
        uint64_t value = ((text & 15 * each) + 9 * letters) & 15 * each;
        uint64_t over_9 = (value + 6 * each) >> 4 & each;
        wrong |= (value + '0' * each + ('a' - '0' - 10) * over_9) ^
                 (text | letters << 5);
        value = (value << 4 | value >> 8) & UINT64_C(0x00FF00FF00FF00FF);
        value = (value | value >> 8) & UINT64_C(0x0000FFFF0000FFFF);
        uint32_t bytes = (uint32_t)(value | value >> 16);
        memcpy(to, &bytes, sizeof bytes);
    }
    return wrong == 0;
}

bool sonde_hex_get(uint8_t *to, const uint8_t *digits, size_t size) {
    size_t i = size & ~(size_t)3;
    if (!sonde_id_get(to, digits, i))
        return false;
    for (; i < size; i++) {
        int high = hex_digit(digits[2 * i]), low = hex_digit(digits[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        to[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* The alphabets differ in their last two. */
static uint8_t digit64(uint32_t value, const char last[2]) {
    if (value < 26)
        return (uint8_t)('A' + value);
    if (value < 52)
        return (uint8_t)('a' + value - 26);
    if (value < 62)
        return (uint8_t)('0' + value - 52);
    return (uint8_t)last[value - 62];
}

/* Bytes behind the end count as 0; the digits that only they would make are
 * padding. */
static void put64(sonde_writer *w, const uint8_t *data, size_t size,
                  const char last[2]) {
    for (size_t i = 0; i < size; i += 3) {
        uint32_t group = 0;
        for (size_t j = i; j < i + 3; j++)
            group = group << 8 | (j < size ? data[j] : 0);
        for (size_t j = i; j < i + 4; j++, group <<= 6)
            sonde_writer_byte(w,
                              j > size ? '=' : digit64(group >> 18 & 63, last));
    }
}

void sonde_base64_put(sonde_writer *w, const uint8_t *data, size_t size) {
    put64(w, data, size, "+/");
}

void sonde_base64url_put(sonde_writer *w, const uint8_t *data, size_t size) {
    put64(w, data, size, "-_");
}

static int value64url(uint8_t c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

/* Strips the padding; false unless there was none or just what belongs. */
static bool unpad(const uint8_t *text, size_t *size) {
    size_t n = *size, padding = 0;
    while (padding < 2 && padding < n && text[n - 1 - padding] == '=')
        padding++;
    *size = n - padding;
    return padding == 0 || (n % 4 == 0 && *size % 4 == 4 - padding);
}

int32_t sonde_base64url_get(uint8_t *to, const uint8_t *text, size_t size) {
    if (!unpad(text, &size) || size % 4 == 1)
        return SONDE_BAD_INPUT;
    uint32_t bits = 0, count = 0;
    uint8_t *start = to;
    for (size_t i = 0; i < size; i++) {
        int value = value64url(text[i]);
        if (value < 0)
            return SONDE_BAD_INPUT;
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            *to++ = (uint8_t)(bits >> count);
            bits &= (1u << count) - 1;
        }
    }
    return bits == 0 ? (int32_t)(to - start) : SONDE_BAD_INPUT;
}
