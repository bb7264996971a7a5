/* web-platform-tests' cases of form parsing, pair by pair: a submission shows
 * only the last of equal keys. */
#include "check.h"
#include "signed/form.h"

enum { ROOM = 256 };

typedef struct {
    uint8_t data[ROOM];
    size_t size;
} text;

static bool get_text(sonde_json *json, text *t) {
    if (sonde_json_next(json) != SONDE_JSON_STRING)
        return false;
    t->size = sonde_json_unescape(t->data, ROOM, json->text, json->size);
    return true;
}

static void next_is(sonde_form *form, const text *key, const text *value) {
    sonde_field field;
    if (!CHECK_INT(sonde_form_next(form, &field), 1))
        return;
    CHECK_BYTES(field.key.text, field.key.size, key->data, key->size);
    CHECK_BYTES(field.value.text, field.value.size, value->data, value->size);
}

/* The reader stands in the array `output`. */
static void check_pairs(sonde_json *json, const text *input) {
    sonde_form form;
    sonde_field field;
    text key, value;
    uint8_t *body = check_exact(input->data, input->size);
    uint8_t *repaired = malloc(3 * input->size + 1);
    sonde_form_init(&form, false, body, input->size, repaired);
    while (sonde_json_next(json) == SONDE_JSON_ARRAY) {
        CHECK(get_text(json, &key) && get_text(json, &value));
        CHECK_INT(sonde_json_next(json), SONDE_JSON_ARRAY_END);
        next_is(&form, &key, &value);
    }
    CHECK_INT(sonde_form_next(&form, &field), 0);
    CHECK_INT(sonde_form_next(&form, &field), 0);
    free(repaired);
    free(body);
}

static void check_case(sonde_json *json) {
    text input = {.size = 0};
    char about[ROOM + 1] = {0};
    while (sonde_json_next(json) == SONDE_JSON_KEY) {
        bool is_input = json->size == 5 && memcmp(json->text, "input", 5) == 0;
        if (is_input) {
            CHECK(get_text(json, &input));
            memcpy(about, input.data, input.size);
            check_about(about);
        } else {
            CHECK_INT(sonde_json_next(json), SONDE_JSON_ARRAY);
            check_pairs(json, &input);
        }
    }
}

static void wpt(void) {
    sonde_json json;
    int count = 0;
    const char *path = "tests/vectors/wpt/urlencoded-parser-data.json";
    FILE *file = fopen(path, "rb");
    static uint8_t data[8192];
    if (!CHECK(file != NULL))
        return;
    sonde_json_init(&json, data, fread(data, 1, sizeof data, file));
    (void)fclose(file);
    CHECK_INT(sonde_json_next(&json), SONDE_JSON_ARRAY);
    while (sonde_json_next(&json) == SONDE_JSON_OBJECT) {
        check_case(&json);
        count++;
    }
    CHECK_INT(count, 35);
    CHECK_INT(sonde_json_next(&json), SONDE_JSON_END);
}

static const check_test TESTS[] = {{"web-platform-tests", wpt}};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
