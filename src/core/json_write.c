/* JSON strings: see json.h. */
#include "core/json.h"
#include "core/text.h"

const uint8_t sonde_json_escapes[8][2] = {
    {'"', '"'},  {'\\', '\\'}, {'n', '\n'}, {'t', '\t'},
    {'r', '\r'}, {'b', '\b'},  {'f', '\f'}, {'/', '/'}};

static bool is_plain(uint8_t c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static void put_escape(sonde_writer *w, uint8_t c) {
    sonde_writer_byte(w, '\\');
    for (uint32_t i = 0; i < 7; i++) {
        if (sonde_json_escapes[i][1] == c) {
            sonde_writer_byte(w, sonde_json_escapes[i][0]);
            return;
        }
    }
    SONDE_PUT(w, "u00");
    sonde_hex_put(w, &c, 1);
}

void sonde_json_escape(sonde_writer *w, const uint8_t *text, size_t size) {
    const uint8_t *p = text, *end = text + size;
    while (p < end) {
        const uint8_t *start = p;
        while (p < end && is_plain(*p))
            p++;
        sonde_writer_put(w, start, (size_t)(p - start));
        if (p == end)
            break;
        if (*p < 0x80) {
            put_escape(w, *p++);
            continue;
        }
        int n = sonde_utf8_next(p, end);
        if (n > 0)
            sonde_writer_put(w, p, (size_t)n);
        else
            SONDE_PUT(w, "\xEF\xBF\xBD");
        p += n > 0 ? n : -n;
    }
}

void sonde_json_string(sonde_writer *w, const uint8_t *text, size_t size) {
    sonde_writer_byte(w, '"');
    sonde_json_escape(w, text, size);
    sonde_writer_byte(w, '"');
}
