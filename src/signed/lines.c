/* Owns newline-delimited JSON: see sonde_signed.h. */
#include "signed/lines.h"
#include "core/json.h"
#include "core/number.h"
#include "signed/form.h"
#include "signed/verifier.h"
#include "signed/wipe.h"

enum { MAX_ECHO = 256, NUMBER = 64 /* ,"line": and a line end */ };

size_t sonde_lines_most(const sonde_signed_config *config, size_t line_size) {
    return sonde_verdict_most(config, line_size) + MAX_ECHO + NUMBER;
}

size_t sonde_lines_room(const sonde_verifier *v, size_t line_size) {
    return sonde_lines_most(&v->config, line_size);
}

/* ---- Envelopes ---------------------------------------------------------- */

typedef struct {
    sonde_view id; /* as it stands in the line: a JSON string or number */
    sonde_submission submission;
    double now; /* in milliseconds */
} envelope;

/* Unix seconds without an exponent, to milliseconds; -1 if they are not. */
static double get_time(const uint8_t *text, size_t size) {
    double value = 0, unit = 1000;
    size_t i = 0;
    for (; i < size && i < 16 && text[i] >= '0' && text[i] <= '9'; i++)
        value = value * 10 + (text[i] - '0');
    value *= 1000;
    if (i < size && text[i] == '.')
        for (i++; i < size && text[i] >= '0' && text[i] <= '9'; i++)
            value += (text[i] - '0') * (unit /= 10);
    return i == size && sonde_is_time(value) ? value : -1;
}

static bool take_id(envelope *e, const sonde_json *json,
                    sonde_json_token token) {
    bool quoted = token == SONDE_JSON_STRING;
    if (!quoted && token != SONDE_JSON_NUMBER)
        return false;
    e->id = (sonde_view){json->text - quoted, json->size + 2 * quoted};
    return e->id.size <= MAX_ECHO;
}

static bool is_key(sonde_view key, const char *name) {
    return key.size == strlen(name) && memcmp(key.text, name, key.size) == 0;
}

static bool take_member(envelope *e, sonde_view key, const sonde_json *json,
                        sonde_json_token token, uint8_t *line) {
    sonde_submission *s = &e->submission;
    if (is_key(key, "id"))
        return take_id(e, json, token);
    if (is_key(key, "now")) {
        if (token == SONDE_JSON_NUMBER)
            e->now = get_time(json->text, json->size);
        return token == SONDE_JSON_NUMBER && e->now >= 0;
    }
    bool is_origin = is_key(key, "origin");
    if (is_origin && token == SONDE_JSON_NULL) {
        s->origin = NULL;
        return true;
    }
    if (!is_origin && !is_key(key, "body") && !is_key(key, "content_type") &&
        !is_key(key, "endpoint"))
        return token != SONDE_JSON_ERROR; /* passed over by the caller */
    if (token != SONDE_JSON_STRING)
        return false;
    sonde_view text = sonde_form_text(json, line);
    const char *chars = (const char *)text.text;
    if (is_origin) {
        s->origin = chars;
        s->origin_size = text.size;
    } else if (is_key(key, "body")) {
        s->body = line + (text.text - line);
        s->body_size = text.size;
    } else if (is_key(key, "content_type")) {
        s->content_type = chars;
        s->content_type_size = text.size;
    } else {
        s->endpoint = chars;
        s->endpoint_size = text.size;
    }
    return true;
}

/* False if the line is no envelope; `e` then holds nothing of it. */
static bool read_envelope(envelope *e, uint8_t *line, size_t size) {
    sonde_json json;
    sonde_json_token token;
    sonde_json_init(&json, line, size);
    if (sonde_json_next(&json) != SONDE_JSON_OBJECT)
        return false;
    while ((token = sonde_json_next(&json)) == SONDE_JSON_KEY) {
        sonde_view key = sonde_form_text(&json, line);
        token = sonde_json_next(&json);
        if (!take_member(e, key, &json, token, line) ||
            !sonde_json_skip(&json, token))
            return false;
    }
    return token == SONDE_JSON_OBJECT_END &&
           sonde_json_next(&json) == SONDE_JSON_END &&
           e->submission.body != NULL;
}

/* ---- Lines -------------------------------------------------------------- */

static void put_line(sonde_writer *w, const sonde_verdict *verdict,
                     sonde_view id, double line) {
    sonde_writer_byte(w, '{');
    if (id.text != NULL) {
        SONDE_PUT(w, "\"id\":");
        sonde_writer_put(w, id.text, id.size);
        sonde_writer_byte(w, ',');
    }
    sonde_verdict_members(w, verdict);
    if (line > 0) {
        SONDE_PUT(w, ",\"line\":");
        sonde_uint_put(w, (uint64_t)line);
    }
    SONDE_PUT(w, "}\n");
}

/* Returns the verdict's kind. */
static int32_t verify_line(sonde_verifier *v, const sonde_lines *lines,
                           double now, sonde_writer *w, uint8_t *line,
                           size_t size, double number) {
    static const char JSON[] = "application/json";
    sonde_verdict verdict;
    int32_t status;
    envelope e = {.submission = *lines->defaults, .now = now};
    if (e.submission.content_type == NULL) {
        e.submission.content_type = JSON;
        e.submission.content_type_size = sizeof JSON - 1;
    }
    e.submission.body = lines->envelope ? NULL : line;
    e.submission.body_size = lines->envelope ? 0 : size;
    bool whole = !lines->envelope || read_envelope(&e, line, size);
    if (whole) {
        status = sonde_verify(v, &verdict, e.now, &e.submission);
    } else {
        e.id = (sonde_view){0};
        sonde_verdict_init(v, &verdict);
        verdict.reason = SONDE_REASON_bad_json;
        status = verdict.verdict = SONDE_REJECT;
    }
    bool numbered =
        !whole || (!lines->envelope && verdict.reason == SONDE_REASON_bad_json);
    put_line(w, &verdict, e.id, numbered ? number : 0);
    return status;
}

static bool is_empty(const uint8_t *line, size_t size) {
    return size == 0 || (size == 1 && *line == '\r');
}

int32_t sonde_lines_verify(sonde_verifier *v, sonde_lines *lines, double now,
                           uint8_t *to, size_t size) {
    if (size > INT32_MAX) /* the result would not hold more */
        size = INT32_MAX;
    sonde_writer w = {to, size, 0, SONDE_OK};
    lines->taken = lines->lines = 0;
    if (!sonde_is_time(now))
        return SONDE_BAD_ARGUMENT;
    while (lines->taken < lines->size) {
        uint8_t *line = lines->in + lines->taken;
        size_t left = lines->size - lines->taken;
        uint8_t *end = memchr(line, '\n', left);
        if (end == NULL && !lines->last)
            break;
        size_t line_size = end != NULL ? (size_t)(end - line) : left;
        if (sonde_lines_room(v, line_size) > size - w.used)
            break;
        double number = lines->first_line + (double)lines->lines;
        if (!is_empty(line, line_size))
            lines->counts[verify_line(v, lines, now, &w, line, line_size,
                                      number)]++;
        lines->taken += line_size + (end != NULL);
        lines->lines++;
    }
    sonde_wipe(v->sealed, sizeof v->sealed);
    return (int32_t)w.used;
}
