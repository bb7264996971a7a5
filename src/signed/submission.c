/* Owns the verdict on a submission: wire-formats.md, section 3; see
 * sonde_signed.h. What is wrong is looked for in a fixed order, the cheap and
 * public before what costs a signature, and the first decides. */
#include "core/text.h"
#include "signed/form.h"
#include "signed/target.h"
#include "signed/verifier.h"
#include "signed/wipe.h"

/* ---- Reasons ------------------------------------------------------------ */

static const sonde_reason REASONS[] = {
#define SONDE_REASON(name, status, field, text) {#name, status, field, text},
#include "signed_reasons.def"
#undef SONDE_REASON
};

const sonde_reason *sonde_reason_get(int32_t reason) {
    if (reason == SONDE_REASON_none)
        return NULL;
    bool known = reason > 0 && reason < SONDE_REASON_COUNT;
    return &REASONS[known ? reason - 1 : SONDE_REASON_COUNT - 2];
}

/* ---- Around the body ---------------------------------------------------- */

static bool endpoint_fits(const char *text, size_t size) {
    if (size == 0 || size > 64)
        return false;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '-')
            return false;
    }
    return true;
}

static int32_t origin_check(const sonde_allowed *allowed, const char *origin,
                            size_t size) {
    if (origin == NULL)
        return allowed->count > 0 ? SONDE_REASON_origin_missing
                                  : SONDE_REASON_none;
    if (size == 4 && memcmp(origin, "null", 4) == 0)
        return SONDE_REASON_origin_null;
    for (uint32_t i = 0; i < allowed->count; i++) {
        if (allowed->sizes[i] == size &&
            memcmp(allowed->texts[i], origin, size) == 0)
            return SONDE_REASON_none;
    }
    return allowed->count > 0 ? SONDE_REASON_origin_not_allowed
                              : SONDE_REASON_none;
}

static int32_t head_check(const sonde_verifier *v, const sonde_submission *s) {
    if (s->endpoint != NULL && !endpoint_fits(s->endpoint, s->endpoint_size))
        return SONDE_REASON_endpoint_invalid;
    int32_t reason = origin_check(&v->origins, s->origin, s->origin_size);
    if (reason != SONDE_REASON_none)
        return reason;
    if (sonde_form_type(s->content_type, s->content_type_size) ==
        SONDE_FORM_OTHER)
        return SONDE_REASON_content_type;
    return s->body_size > v->config.max_body ? SONDE_REASON_body_too_large
                                             : SONDE_REASON_none;
}

/* ---- Fields ------------------------------------------------------------- */

enum { RENDER, IDENTITY, CHECK, NAME, EMAIL, MESSAGE, SLUG, NEXT, RESERVED };

static const struct {
    const char *name;
    uint8_t size;
} NAMES[RESERVED] = {
#define NAME(text) {text, sizeof text - 1}
    NAME("plain_connect_render_token"),
    NAME("plain_connect_identity"),
    NAME("plain_connect_check"),
    NAME("name"),
    NAME("email"),
    NAME("message"),
    NAME("form_slug"),
    NAME("_next"),
#undef NAME
};

typedef struct {
    sonde_view reserved[RESERVED]; /* NULL: not sent */
    sonde_field *extras;
    uint32_t extra_count;
    uint32_t count;
} fields;

static bool same(sonde_view a, sonde_view b) {
    return a.size == b.size && memcmp(a.text, b.text, a.size) == 0;
}

static int32_t find_reserved(sonde_view key) {
    for (int32_t i = 0; i < RESERVED; i++) {
        sonde_view name = {(const uint8_t *)NAMES[i].name, NAMES[i].size};
        if (same(key, name))
            return i;
    }
    return RESERVED;
}

static int32_t limits_check(const sonde_signed_config *config,
                            const sonde_field *field, int32_t place) {
    if (field->key.size > config->max_key)
        return SONDE_REASON_key_too_long;
    if (place == MESSAGE && field->value.size > config->max_message)
        return SONDE_REASON_message_too_long;
    if (place == EMAIL && field->value.size > config->max_email)
        return SONDE_REASON_email_invalid;
    if (place != MESSAGE && field->value.size > config->max_value)
        return SONDE_REASON_value_too_long;
    if (memchr(field->key.text, 0, field->key.size) != NULL ||
        memchr(field->value.text, 0, field->value.size) != NULL)
        return SONDE_REASON_nul_character;
    return SONDE_REASON_none;
}

/* The last value counts, at the place of the first. */
static void put_extra(fields *f, const sonde_field *field) {
    for (uint32_t i = 0; i < f->extra_count; i++) {
        if (same(f->extras[i].key, field->key)) {
            f->extras[i].value = field->value;
            return;
        }
    }
    f->extras[f->extra_count++] = *field;
}

static int32_t put_field(const sonde_signed_config *config, fields *f,
                         const sonde_field *field) {
    if (f->count++ == config->max_fields)
        return SONDE_REASON_too_many_fields;
    int32_t place = find_reserved(field->key);
    int32_t reason = limits_check(config, field, place);
    if (reason != SONDE_REASON_none)
        return reason;
    if (place == RESERVED) {
        put_extra(f, field);
        return SONDE_REASON_none;
    }
    if (f->reserved[place].text != NULL)
        return SONDE_REASON_duplicate_field;
    f->reserved[place] = field->value;
    return SONDE_REASON_none;
}

static int32_t read_fields(sonde_verifier *v, fields *f,
                           const sonde_submission *s) {
    sonde_form form;
    sonde_field field;
    int32_t more, reason = SONDE_REASON_none;
    bool is_json = sonde_form_type(s->content_type, s->content_type_size) ==
                   SONDE_FORM_JSON;
    memset(f, 0, sizeof *f);
    f->extras = v->fields;
    sonde_form_init(&form, is_json, s->body, s->body_size, v->repaired);
    while (reason == SONDE_REASON_none &&
           (more = sonde_form_next(&form, &field)) != 0)
        reason = more < 0 ? -more : put_field(&v->config, f, &field);
    return reason;
}

/* ---- Single fields ------------------------------------------------------ */

static bool has_line_break(sonde_view v) {
    return v.size > 0 && (memchr(v.text, '\r', v.size) != NULL ||
                          memchr(v.text, '\n', v.size) != NULL);
}

/* One "@" with something on both sides, and nothing that a mail header would
 * take as the end of the address or the start of another. */
static bool email_fits(sonde_view v) {
    const uint8_t *at = NULL;
    for (size_t i = 0; i < v.size; i++) {
        uint8_t c = v.text[i];
        if (c <= ' ' || c == 0x7F || strchr(",;<>", c) != NULL)
            return false;
        if (c == '@' && at != NULL)
            return false;
        if (c == '@')
            at = v.text + i;
    }
    return v.size == 0 ||
           (at != NULL && at > v.text && at < v.text + v.size - 1);
}

static bool slug_fits(sonde_view v) {
    for (size_t i = 0; i < v.size; i++) {
        uint8_t c = v.text[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
            return false;
    }
    return v.size <= 64;
}

/* What JavaScript's trim takes off (ECMA-262, WhiteSpace, LineTerminator). */
static bool is_space(const uint8_t *p, int size) {
    static const char SPACES[] = "\xC2\xA0 \xE1\x9A\x80 \xE2\x80\xA8 "
                                 "\xE2\x80\xA9 \xE2\x80\xAF \xE2\x81\x9F "
                                 "\xE3\x80\x80 \xEF\xBB\xBF ";
    if (size == 1)
        return *p == ' ' || (*p >= '\t' && *p <= '\r');
    if (size == 3 && p[0] == 0xE2 && p[1] == 0x80 && p[2] <= 0x8A)
        return true; /* U+2000 ... U+200A */
    for (const char *s = SPACES; *s != '\0'; s = strchr(s, ' ') + 1) {
        if ((size_t)(strchr(s, ' ') - s) == (size_t)size &&
            memcmp(s, p, (size_t)size) == 0)
            return true;
    }
    return false;
}

static bool is_blank(sonde_view v) {
    const uint8_t *p = v.text, *end = v.text + v.size;
    while (p < end) {
        int n = sonde_utf8_next(p, end); /* well-formed: read so */
        if (!is_space(p, n))
            return false;
        p += n;
    }
    return true;
}

static int32_t fields_check(const fields *f) {
    if (has_line_break(f->reserved[NAME]))
        return SONDE_REASON_name_invalid;
    if (!email_fits(f->reserved[EMAIL]))
        return SONDE_REASON_email_invalid;
    if (!slug_fits(f->reserved[SLUG]))
        return SONDE_REASON_form_slug_invalid;
    if (has_line_break(f->reserved[NEXT]))
        return SONDE_REASON_next_invalid;
    return is_blank(f->reserved[MESSAGE]) ? SONDE_REASON_message_missing
                                          : SONDE_REASON_none;
}

/* ---- Verdict ------------------------------------------------------------ */

static int32_t render_check(const sonde_verifier *v, sonde_verdict *verdict,
                            uint64_t *second, double now, sonde_view token) {
    static const uint8_t REASON[] = {
        [SONDE_RENDER_OK] = SONDE_REASON_none,
        [SONDE_RENDER_TOO_FRESH] = SONDE_REASON_render_too_fresh,
        [SONDE_RENDER_STALE] = SONDE_REASON_render_stale,
        [SONDE_RENDER_FUTURE] = SONDE_REASON_render_future,
        [SONDE_RENDER_INVALID] = SONDE_REASON_render_invalid,
        [SONDE_RENDER_MISSING] = SONDE_REASON_render_missing,
        [SONDE_RENDER_UNVERIFIED] = SONDE_REASON_none,
    };
    verdict->render = sonde_render_read(v, &verdict->age, second, now,
                                        token.text, token.size);
    return REASON[verdict->render];
}

static void attribute(sonde_verifier *v, sonde_verdict *verdict,
                      sonde_view token) {
    if (token.size == 0)
        return;
    const uint8_t *id = NULL;
    int32_t size = sonde_identity_unseal(v, &id, token.text, token.size);
    sonde_wipe_stack();
    if (size == SONDE_NO_SECRET) {
        verdict->identity = SONDE_IDENTITY_UNCONFIGURED;
    } else if (size < 0) {
        verdict->identity = SONDE_IDENTITY_INVALID;
        sonde_wipe(v->sealed, sizeof v->sealed);
    } else {
        verdict->identity = SONDE_IDENTITY_OK;
        verdict->user_id = (sonde_view){id, (size_t)size};
    }
}

static sonde_view not_empty(sonde_view v) {
    return v.size > 0 ? v : (sonde_view){0};
}

static sonde_view allowed_next(const sonde_allowed *targets, sonde_view next) {
    for (uint32_t i = 0; i < targets->count; i++) {
        if (sonde_target_match(targets->texts[i], targets->sizes[i],
                               (const char *)next.text, next.size))
            return next;
    }
    return (sonde_view){0};
}

static void fill(sonde_verifier *v, sonde_verdict *verdict, const fields *f) {
    verdict->name = not_empty(f->reserved[NAME]);
    verdict->email = not_empty(f->reserved[EMAIL]);
    verdict->message = f->reserved[MESSAGE];
    verdict->form_slug = not_empty(f->reserved[SLUG]);
    verdict->next = allowed_next(&v->targets, f->reserved[NEXT]);
    verdict->extras = f->extras;
    verdict->extra_count = f->extra_count;
    attribute(v, verdict, f->reserved[IDENTITY]);
}

/* All that may reject; `f` is read by then, or a reason was found before. */
static int32_t examine(sonde_verifier *v, sonde_verdict *verdict, fields *f,
                       double now, const sonde_submission *s) {
    uint64_t second = 0;
    int32_t reason = head_check(v, s);
    if (reason == SONDE_REASON_none)
        reason = read_fields(v, f, s);
    if (reason == SONDE_REASON_none && f->reserved[CHECK].size > 0) {
        /* answered as if accepted: by the same redirect, too */
        verdict->next = allowed_next(&v->targets, f->reserved[NEXT]);
        verdict->verdict = SONDE_DISCARD;
        return reason;
    }
    if (reason == SONDE_REASON_none)
        reason = render_check(v, verdict, &second, now, f->reserved[RENDER]);
    if (reason == SONDE_REASON_none)
        reason = fields_check(f);
    if (reason == SONDE_REASON_none && verdict->render == SONDE_RENDER_OK &&
        !sonde_render_use(v, now, second))
        reason = SONDE_REASON_render_replayed;
    return reason;
}

void sonde_verdict_init(const sonde_verifier *v, sonde_verdict *verdict) {
    memset(verdict, 0, sizeof *verdict);
    verdict->age = -1;
    verdict->identity = SONDE_IDENTITY_ABSENT;
    verdict->render =
        v->secret_count > 0 ? SONDE_RENDER_MISSING : SONDE_RENDER_UNVERIFIED;
}

int32_t sonde_verify(sonde_verifier *v, sonde_verdict *verdict, double now,
                     const sonde_submission *submission) {
    fields f;
    sonde_verdict_init(v, verdict);
    if (!sonde_is_time(now))
        return SONDE_BAD_ARGUMENT;
    verdict->reason = examine(v, verdict, &f, now, submission);
    if (verdict->reason != SONDE_REASON_none)
        verdict->verdict = SONDE_REJECT;
    else if (verdict->verdict == SONDE_ACCEPT)
        fill(v, verdict, &f);
    return verdict->verdict;
}
