/* The JSON reader, and the writer on what it read. */
#include "fuzz.h"

/* Unescaped text, written and read again, is the same text. */
static void check_string(const uint8_t *text, size_t size) {
    uint8_t *plain = malloc(size + 1), *again = malloc(size + 1);
    PROMISE(plain != NULL && again != NULL);
    size_t used = sonde_json_unescape(plain, size, text, size);
    PROMISE(used <= size && fuzz_is_utf8(plain, used));
    sonde_writer sizing = {0};
    sonde_json_string(&sizing, plain, used);
    uint8_t *written = malloc(sizing.used);
    PROMISE(written != NULL);
    sonde_writer w = {written, sizing.used, 0, SONDE_OK};
    sonde_json_string(&w, plain, used);
    PROMISE(w.status == SONDE_OK && w.used == sizing.used);
    sonde_json json;
    sonde_json_init(&json, written, w.used);
    PROMISE(sonde_json_next(&json) == SONDE_JSON_STRING);
    PROMISE(sonde_json_unescape(again, size, json.text, json.size) == used);
    PROMISE(memcmp(plain, again, used) == 0);
    PROMISE(sonde_json_next(&json) == SONDE_JSON_END);
    free(written);
    free(again);
    free(plain);
}

/* Short rooms: never more than fits, and whole characters. */
static void check_short(const uint8_t *text, size_t size) {
    uint8_t to[8];
    for (size_t room = 0; room < sizeof to; room++) {
        size_t used = sonde_json_unescape(to, room, text, size);
        PROMISE(used <= room && fuzz_is_utf8(to, used));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *text = fuzz_exact(data, size);
    sonde_json json;
    sonde_json_token token;
    sonde_json_init(&json, text, size);
    do {
        token = sonde_json_next(&json);
        PROMISE(json.p <= text + size && json.depth <= SONDE_JSON_DEPTH);
        if (token == SONDE_JSON_KEY || token == SONDE_JSON_STRING) {
            check_string(json.text, json.size);
            check_short(json.text, json.size);
        }
    } while (token != SONDE_JSON_ERROR && token != SONDE_JSON_END);
    PROMISE(sonde_json_next(&json) == token);
    sonde_json_init(&json, text, size);
    token = sonde_json_next(&json);
    bool whole = sonde_json_skip(&json, token);
    PROMISE(!whole || json.depth == 0);
    free(text);
    return 0;
}
