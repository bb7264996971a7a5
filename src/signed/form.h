/* The fields of a form's body, one by one. */
#ifndef SONDE_FORM_H
#define SONDE_FORM_H

#include "core/json.h"
#include "sonde_signed.h"

typedef struct {
    uint8_t *p; /* urlencoded: what is not read yet */
    uint8_t *end;
    uint8_t *body;
    sonde_json json;
    bool is_json;
    uint8_t *repaired; /* where text goes that grows: 3 bytes for each of */
    size_t replaced;   /* the body's, and those used */
} sonde_form;

void sonde_form_init(sonde_form *form, bool is_json, uint8_t *body, size_t size,
                     uint8_t *repaired);

/* Reads a field; its texts are decoded in place, or in `repaired`. Returns 1,
 * 0 at the end, or minus a SONDE_REASON: bad_json, bad_value. Urlencoded
 * bodies (URL Standard, section 5.1) are never wrong. */
SONDE_CHECKED int32_t sonde_form_next(sonde_form *form, sonde_field *field);

/* The reader's KEY or STRING, unescaped where it stands: in `start`, the text
 * that the reader was given. */
sonde_view sonde_form_text(const sonde_json *json, uint8_t *start);

/* What a Content-Type header says. */
enum { SONDE_FORM_URLENCODED, SONDE_FORM_JSON, SONDE_FORM_OTHER };
int32_t sonde_form_type(const char *content_type, size_t size);

#endif
