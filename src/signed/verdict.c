/* Owns the JSON of a verdict: wire-formats.md, section 3; see sonde_signed.h.
 */
#include "core/json.h"
#include "core/number.h"
#include "core/text.h"
#include "signed/lines.h"
#include "signed/verifier.h"

/* Everything but texts from outside takes less. */
enum { FRAME = 512, PAIR = 6 /* "":"", */, ESCAPED = 6 /* \u0001 */ };

size_t sonde_verdict_most(const sonde_signed_config *config, size_t body_size) {
    size_t most = config->max_body; /* larger ones are not read */
    size_t size = body_size < most ? body_size : most;
    return FRAME + PAIR * (size_t)config->max_fields + ESCAPED * size;
}

size_t sonde_verdict_size(const sonde_verifier *v, size_t body_size) {
    return sonde_verdict_most(&v->config, body_size);
}

static void put_text(sonde_writer *w, const char *text) {
    sonde_writer_put(w, text, strlen(text));
}

static void put_word(sonde_writer *w, const char *member, const char *word) {
    put_text(w, member);
    sonde_writer_byte(w, '"');
    put_text(w, word);
    sonde_writer_byte(w, '"');
}

/* As sonde_json_string, and faster on long texts: that one is as small as can
 * be, for web pages. */
static void put_string(sonde_writer *w, sonde_view view) {
    const uint8_t *p = view.text, *end = view.text + view.size;
    sonde_writer_byte(w, '"');
    while (p < end) {
        size_t plain = sonde_json_plain(p, (size_t)(end - p));
        sonde_writer_put(w, p, plain);
        p += plain;
        if (p < end) {
            size_t n = (size_t)sonde_utf8_next(p, end); /* well-formed */
            sonde_json_escape(w, p, n);
            p += n;
        }
    }
    sonde_writer_byte(w, '"');
}

static void put_view(sonde_writer *w, const char *member, sonde_view view) {
    put_text(w, member);
    if (view.text == NULL)
        SONDE_PUT(w, "null");
    else
        put_string(w, view);
}

static void put_extras(sonde_writer *w, const sonde_verdict *verdict) {
    SONDE_PUT(w, ",\"extras\":{");
    for (size_t i = 0; i < verdict->extra_count; i++) {
        const sonde_field *field = &verdict->extras[i];
        if (i > 0)
            sonde_writer_byte(w, ',');
        put_string(w, field->key);
        sonde_writer_byte(w, ':');
        put_string(w, field->value);
    }
    sonde_writer_byte(w, '}');
}

static void put_tokens(sonde_writer *w, const sonde_verdict *verdict) {
    static const char *const IDENTITIES[] = {"ok", "absent", "invalid",
                                             "unconfigured"};
    put_word(w, ",\"render\":", sonde_render_text(verdict->render));
    SONDE_PUT(w, ",\"age_seconds\":");
    if (verdict->age < 0)
        SONDE_PUT(w, "null");
    else
        sonde_uint_put(w, (uint64_t)verdict->age);
    put_view(w, ",\"user_id\":", verdict->user_id);
    put_word(w, ",\"identity\":", IDENTITIES[verdict->identity & 3]);
}

/* From the first member on, without the braces. */
void sonde_verdict_members(sonde_writer *w, const sonde_verdict *verdict) {
    static const char *const VERDICTS[] = {"accept", "discard", "reject"};
    const sonde_reason *reason = sonde_reason_get(verdict->reason);
    put_word(w, "\"verdict\":", VERDICTS[verdict->verdict]);
    if (reason == NULL)
        SONDE_PUT(w, ",\"reason\":null");
    else
        put_word(w, ",\"reason\":", reason->code);
    put_tokens(w, verdict);
    put_view(w, ",\"name\":", verdict->name);
    put_view(w, ",\"email\":", verdict->email);
    put_view(w, ",\"message\":", verdict->message);
    put_view(w, ",\"form_slug\":", verdict->form_slug);
    put_view(w, ",\"next\":", verdict->next);
    put_extras(w, verdict);
}

int32_t sonde_verdict_put(const sonde_verdict *verdict, uint8_t *to,
                          size_t size) {
    sonde_writer w = {to, size, 0, SONDE_OK};
    sonde_writer_byte(&w, '{');
    sonde_verdict_members(&w, verdict);
    sonde_writer_byte(&w, '}');
    return w.status < 0 ? w.status : (int32_t)w.used;
}
