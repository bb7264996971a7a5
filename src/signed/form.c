/* Owns the decoding of form bodies, in place: both encodings only ever shrink,
 * but for raw bytes that are no UTF-8, which each become three. */
#include "signed/form.h"
#include "core/text.h"

void sonde_form_init(sonde_form *form, bool is_json, uint8_t *body, size_t size,
                     uint8_t *repaired) {
    memset(form, 0, sizeof *form);
    form->p = form->body = body;
    form->end = body + size;
    form->is_json = is_json;
    form->repaired = repaired;
    if (is_json)
        sonde_json_init(&form->json, body, size);
}

/* ---- application/x-www-form-urlencoded ----------------------------------- */

/* One pass over percent signs and pluses; returns the new size. */
static size_t percent_decode(uint8_t *text, size_t size) {
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        uint8_t c = text[i];
        if (c == '%' && size - i > 2 && sonde_hex_get(&c, text + i + 1, 1))
            i += 2;
        else if (c == '+')
            c = ' ';
        text[used++] = c;
    }
    return used;
}

static sonde_view decode(sonde_form *form, uint8_t *text, size_t size) {
    uint64_t replaced = 0;
    size = percent_decode(text, size);
    if (sonde_text_is_ascii(text, size))
        return (sonde_view){text, size};
    size_t repaired_size = sonde_text_copy(NULL, text, size, &replaced);
    if (replaced == 0)
        return (sonde_view){text, size};
    uint8_t *to = form->repaired + form->replaced;
    form->replaced += sonde_text_copy(to, text, size, &replaced);
    return (sonde_view){to, repaired_size};
}

static int32_t next_pair(sonde_form *form, sonde_field *field) {
    while (form->p < form->end && *form->p == '&')
        form->p++;
    if (form->p == form->end)
        return 0;
    uint8_t *start = form->p, *mark = NULL;
    for (; form->p < form->end && *form->p != '&'; form->p++) {
        if (*form->p == '=' && mark == NULL)
            mark = form->p;
    }
    uint8_t *end = form->p, *key_end = mark != NULL ? mark : end;
    uint8_t *value = mark != NULL ? mark + 1 : end;
    field->key = decode(form, start, (size_t)(key_end - start));
    field->value = decode(form, value, (size_t)(end - value));
    return 1;
}

/* ---- application/json ---------------------------------------------------- */

sonde_view sonde_form_text(const sonde_json *json, uint8_t *start) {
    uint8_t *text = start + (json->text - start);
    size_t size = json->size;
    if (size > 0 && memchr(text, '\\', size) != NULL)
        size = sonde_json_unescape(text, size, text, size);
    return (sonde_view){text, size};
}

/* Returns 1 or minus a reason. */
static int32_t get_value(sonde_form *form, sonde_view *value) {
    switch (sonde_json_next(&form->json)) {
    case SONDE_JSON_STRING:
        *value = sonde_form_text(&form->json, form->body);
        return 1;
    case SONDE_JSON_NUMBER:
        *value = (sonde_view){form->json.text, form->json.size};
        return 1;
    case SONDE_JSON_TRUE:
        *value = (sonde_view){(const uint8_t *)"true", 4};
        return 1;
    case SONDE_JSON_FALSE:
        *value = (sonde_view){(const uint8_t *)"false", 5};
        return 1;
    case SONDE_JSON_NULL:
    case SONDE_JSON_ARRAY:
    case SONDE_JSON_OBJECT:
        return -SONDE_REASON_bad_value;
    default:
        return -SONDE_REASON_bad_json;
    }
}

static int32_t next_member(sonde_form *form, sonde_field *field) {
    sonde_json_token token;
    if (form->json.p == form->body &&
        sonde_json_next(&form->json) != SONDE_JSON_OBJECT)
        return -SONDE_REASON_bad_json;
    token = sonde_json_next(&form->json);
    if (token == SONDE_JSON_OBJECT_END)
        token = sonde_json_next(&form->json);
    if (token == SONDE_JSON_END)
        return 0;
    if (token != SONDE_JSON_KEY)
        return -SONDE_REASON_bad_json;
    field->key = sonde_form_text(&form->json, form->body);
    return get_value(form, &field->value);
}

int32_t sonde_form_next(sonde_form *form, sonde_field *field) {
    return form->is_json ? next_member(form, field) : next_pair(form, field);
}

/* ---- Content-Type -------------------------------------------------------- */

static sonde_view trim(sonde_view v) {
    while (v.size > 0 && (*v.text == ' ' || *v.text == '\t')) {
        v.text++;
        v.size--;
    }
    while (v.size > 0 &&
           (v.text[v.size - 1] == ' ' || v.text[v.size - 1] == '\t'))
        v.size--;
    return v;
}

/* Compares without case; `word` is lower case. */
static bool is_word(sonde_view v, const char *word) {
    if (v.size != strlen(word))
        return false;
    for (size_t i = 0; i < v.size; i++) {
        uint8_t c = v.text[i];
        if (c >= 'A' && c <= 'Z')
            c |= 0x20;
        if (c != (uint8_t)word[i])
            return false;
    }
    return true;
}

/* Takes what lies before the separator off `rest`. */
static sonde_view cut(sonde_view *rest, char separator) {
    const uint8_t *at =
        rest->size > 0 ? memchr(rest->text, separator, rest->size) : NULL;
    size_t size = at != NULL ? (size_t)(at - rest->text) : rest->size;
    sonde_view part = {rest->text, size};
    size_t gone = at != NULL ? size + 1 : size;
    rest->text += gone;
    rest->size -= gone;
    return trim(part);
}

static bool is_utf8(sonde_view value) {
    return is_word(value, "utf-8") || is_word(value, "\"utf-8\"");
}

/* No longer in good faith; hosts need not hand in more. */
enum { MAX_TYPE = 1024 };

int32_t sonde_form_type(const char *content_type, size_t size) {
    sonde_view rest = {(const uint8_t *)content_type, size};
    if (size == 0 || size > MAX_TYPE)
        return SONDE_FORM_OTHER;
    sonde_view essence = cut(&rest, ';');
    while (rest.size > 0) {
        sonde_view parameter = cut(&rest, ';');
        sonde_view name = cut(&parameter, '=');
        if (is_word(name, "charset") && !is_utf8(trim(parameter)))
            return SONDE_FORM_OTHER;
    }
    if (is_word(essence, "application/json"))
        return SONDE_FORM_JSON;
    return is_word(essence, "application/x-www-form-urlencoded")
               ? SONDE_FORM_URLENCODED
               : SONDE_FORM_OTHER;
}
