/* Form bodies. Input: a byte of kind (even: urlencoded, odd: JSON), the body.
 * Every text read is well-formed and lies where it may; nothing is read twice;
 * urlencoded bodies have as many fields as they have pairs. */
#include "signed/form.h"
#include "fuzz.h"

static size_t pair_count(const uint8_t *body, size_t size) {
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += body[i] != '&' && (i == 0 || body[i - 1] == '&');
    return count;
}

static void check_view(sonde_view view, const uint8_t *body, size_t size,
                       const uint8_t *repaired) {
    bool literal = view.size <= 5; /* "true", "false" */
    bool here = view.text >= body && view.text + view.size <= body + size;
    bool there =
        view.text >= repaired && view.text + view.size <= repaired + 3 * size;
    PROMISE(view.text != NULL && (here || there || literal));
    PROMISE(fuzz_is_utf8(view.text, view.size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1)
        return 0;
    bool is_json = data[0] & 1, whole = fuzz_is_json(data + 1, size - 1);
    size_t pairs = pair_count(data + 1, size - 1), count = 0;
    uint8_t *body = fuzz_exact(data + 1, --size);
    uint8_t *repaired = malloc(3 * size + 1);
    PROMISE(repaired != NULL);
    sonde_form form;
    sonde_field field;
    int32_t more;
    sonde_form_init(&form, is_json, body, size, repaired);
    while ((more = sonde_form_next(&form, &field)) > 0) {
        check_view(field.key, body, size, repaired);
        check_view(field.value, body, size, repaired);
        PROMISE(++count <= size);
    }
    PROMISE(form.replaced <= 3 * size);
    PROMISE(is_json || (more == 0 && count == pairs));
    PROMISE(!is_json || more < 0 || whole);
    free(repaired);
    free(body);
    return 0;
}
