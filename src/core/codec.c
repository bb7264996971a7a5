/* Hexadecimal and base64: see text.h. */
#include "core/text.h"
#include "sonde.h"

static const char BASE64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void sonde_hex_put(sonde_writer *w, const uint8_t *data, size_t size) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        sonde_writer_byte(w, (uint8_t)digits[data[i] >> 4]);
        sonde_writer_byte(w, (uint8_t)digits[data[i] & 15]);
    }
}

static int hex_digit(uint8_t c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool sonde_hex_get(uint8_t *to, const uint8_t *digits, size_t size) {
    for (size_t i = 0; i < size; i++) {
        int high = hex_digit(digits[2 * i]), low = hex_digit(digits[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        to[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static uint8_t digit64(uint32_t value, bool url) {
    value &= 63;
    if (url && value >= 62)
        return value == 62 ? '-' : '_';
    return (uint8_t)BASE64[value];
}

static void put64(sonde_writer *w, const uint8_t *data, size_t size, bool url) {
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t group = (uint32_t)data[i] << 16;
        group |= left > 1 ? (uint32_t)data[i + 1] << 8 : 0;
        group |= left > 2 ? (uint32_t)data[i + 2] : 0;
        uint8_t out[4] = {digit64(group >> 18, url), digit64(group >> 12, url),
                          left > 1 ? digit64(group >> 6, url) : '=',
                          left > 2 ? digit64(group, url) : '='};
        sonde_writer_put(w, out, sizeof out);
    }
}

void sonde_base64_put(sonde_writer *w, const uint8_t *data, size_t size) {
    put64(w, data, size, false);
}

void sonde_base64url_put(sonde_writer *w, const uint8_t *data, size_t size) {
    put64(w, data, size, true);
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
