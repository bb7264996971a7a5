/* Signed identity and support submissions: identity tokens, render tokens,
 * beacon nonces, forms. The rules of sonde.h hold: no I/O, no clock, no
 * randomness, no allocation, no globals; time is Unix time in milliseconds.
 *
 * A VERIFIER is one piece of memory with its options, keys and allow-lists. It
 * belongs to one thread at a time. Without a secret it verifies nothing and
 * mints nothing: submissions then pass as `unverified`.
 *
 * SECRETS are a rotation list, newest first: tokens are made with the first
 * and verified with each. Only keys derived from them are kept.
 *
 * FAILURES of tokens have precise statuses (MALFORMED, FORGED), for logs and
 * tests. Whoever faces the network tells all of them as `invalid`.
 *
 * WIPING: what a call derived from a secret or opened from a token, and did
 * not return, is gone from memory when the call returns, on each path. */
#ifndef SONDE_SIGNED_H
#define SONDE_SIGNED_H

#include "sonde.h"

enum {
    SONDE_NONCE_SIZE = 12,
    SONDE_MAX_SECRETS = 8,
    SONDE_MIN_SECRET = 16,        /* bytes, unless allow_weak_secret */
    SONDE_MAX_SECRET = 1024,      /* bytes */
    SONDE_MAX_ALLOWED = 32,       /* origins, and targets, in each list */
    SONDE_MAX_ALLOW = 255,        /* bytes of one of them */
    SONDE_MAX_ID = 4096,          /* bytes of a user id */
    SONDE_MAX_TOKEN = 5500,       /* characters of an identity token */
    SONDE_RENDER_TOKEN = 85,      /* characters of a render token at most */
    SONDE_BEACON_NONCE = 43,      /* characters */
    SONDE_MAX_BOUND_TEXT = 65535, /* bytes of a session id, of a path */
};

/* ---- Options and memory ------------------------------------------------ */

/* A field for each line of signed_options.def. */
typedef struct {
#define SONDE_SIGNED_OPTION(name, value, least, most, unit, text) uint32_t name;
#include "signed_options.def"
#undef SONDE_SIGNED_OPTION
} sonde_signed_config;

enum {
#define SONDE_SIGNED_OPTION(name, value, least, most, unit, text)              \
    SONDE_SIGNED_OPTION_##name,
#include "signed_options.def"
#undef SONDE_SIGNED_OPTION
    SONDE_SIGNED_OPTION_COUNT
};

/* Sets all options to their defaults. */
void sonde_signed_config_init(sonde_signed_config *config);

/* Sets option `id`. BAD_OPTION if there is no such id or if `value` is not a
 * whole number in its range; the configuration is then as before. */
SONDE_CHECKED int32_t sonde_signed_config_put(sonde_signed_config *config,
                                              uint32_t id, double value);

/* The id of an option by its name (ASCII, of this size), or BAD_OPTION. */
SONDE_CHECKED int32_t sonde_signed_option_get(const char *name, size_t size);

typedef struct sonde_verifier sonde_verifier;

/* Bytes that a verifier with this configuration needs; or BAD_OPTION. */
SONDE_CHECKED int32_t sonde_verifier_size(const sonde_signed_config *config);

/* Makes a verifier at `mem`, which must be aligned to 16 bytes and stays the
 * caller's. NO_MEMORY if `size` is too small, BAD_OPTION, BAD_ARGUMENT. */
SONDE_CHECKED int32_t sonde_verifier_init(sonde_verifier *mem, size_t size,
                                          const sonde_signed_config *config);

/* Appends a secret: UTF-8, 16 ... 1024 bytes. Returns how many there are now.
 * WEAK_SECRET, TABLE_FULL after 8, BAD_ARGUMENT if empty or too long. */
SONDE_CHECKED int32_t sonde_secret_put(sonde_verifier *v, const char *secret,
                                       size_t size);

/* Allows an origin to send submissions: "https://app.example", as browsers
 * write it (lower case, no default port, no path). Without any, each origin
 * but `null` may. Returns how many there are. BAD_ARGUMENT, TABLE_FULL. */
SONDE_CHECKED int32_t sonde_origin_put(sonde_verifier *v, const char *origin,
                                       size_t size);

/* Allows `_next` to lead to an origin ("https://app.example": any path there)
 * or to a path of the endpoint's own site ("/thanks": it and what is below
 * it; "/": all). Returns how many there are. BAD_ARGUMENT, TABLE_FULL. */
SONDE_CHECKED int32_t sonde_next_put(sonde_verifier *v, const char *target,
                                     size_t size);

/* Overwrites the verifier, keys and all, with zeros. */
void sonde_verifier_wipe(sonde_verifier *v);

/* ---- Identity tokens --------------------------------------------------- */

/* Seals a user id (UTF-8, 1 ... 4096 bytes) with the first secret. `nonce` is
 * 12 fresh random bytes; a secret may seal 2^32 ids. Writes base64url with its
 * padding, not terminated, and returns its length. NO_SECRET, NO_SPACE,
 * BAD_ARGUMENT (id empty, too long or ill-formed, nonce all zero). */
SONDE_CHECKED int32_t sonde_identity_seal(sonde_verifier *v, char *token,
                                          size_t token_size,
                                          const uint8_t nonce[12],
                                          const char *id, size_t id_size);

/* Opens a token with any of the secrets and returns the length of the id. On
 * a failure nothing is written. MALFORMED (not canonical base64url, padded or
 * not; no id in it), FORGED (no secret fits, or it was changed), NO_SECRET,
 * NO_SPACE. */
SONDE_CHECKED int32_t sonde_identity_open(sonde_verifier *v, char *id,
                                          size_t id_size, const char *token,
                                          size_t token_size);

/* ---- Render tokens ----------------------------------------------------- */

/* Signs the whole seconds of `now` (0 ... 2^53 ms). Returns the length of the
 * token: 0 without a secret. NO_SPACE, BAD_ARGUMENT. */
SONDE_CHECKED int32_t sonde_render_sign(sonde_verifier *v, char *token,
                                        size_t token_size, double now);

enum {
    SONDE_RENDER_OK,
    SONDE_RENDER_TOO_FRESH,
    SONDE_RENDER_STALE,
    SONDE_RENDER_FUTURE,
    SONDE_RENDER_INVALID,
    SONDE_RENDER_MISSING,   /* an empty token */
    SONDE_RENDER_UNVERIFIED /* no secret is configured */
};

/* Returns one of them; *age gets the token's age in seconds, or -1 unless it
 * is OK, TOO_FRESH or STALE. Takes the same time wherever a signature
 * differs. */
SONDE_CHECKED int32_t sonde_render_check(const sonde_verifier *v, double *age,
                                         double now, const char *token,
                                         size_t token_size);

/* "ok", "too_fresh", ...; a constant. */
const char *sonde_render_text(int32_t render);

/* ---- Beacon nonces ----------------------------------------------------- */

/* Signs `expiry` (whole Unix seconds below 2^32), 12 fresh random bytes, a
 * session id and a path (at most 65,535 bytes each) with the first secret:
 * wire-formats.md 6. Writes 43 characters and returns that. NO_SECRET,
 * NO_SPACE, BAD_ARGUMENT. */
SONDE_CHECKED int32_t sonde_nonce_seal(sonde_verifier *v, char *nonce,
                                       size_t nonce_size, double expiry,
                                       const uint8_t random[12],
                                       const char *session, size_t session_size,
                                       const char *path, size_t path_size);

/* Returns the whole seconds that the nonce is still good for, at least 0.
 * MALFORMED, FORGED, EXPIRED, NO_SECRET, BAD_ARGUMENT. That it is used only
 * once is for the host's store to see to. */
SONDE_CHECKED int32_t sonde_nonce_open(const sonde_verifier *v, double now,
                                       const char *nonce, size_t nonce_size,
                                       const char *session, size_t session_size,
                                       const char *path, size_t path_size);

/* ---- Submissions ------------------------------------------------------- */

/* A POST of a support form. `body` is decoded in place: its bytes are not the
 * same afterwards. `origin` and `endpoint` may be NULL: no such header, and
 * any endpoint; an endpoint id is 1 ... 64 of [A-Za-z0-9_-]. A content type of
 * more than 1024 bytes is none that is taken. */
typedef struct {
    uint8_t *body;
    size_t body_size;
    const char *content_type;
    size_t content_type_size;
    const char *origin;
    size_t origin_size;
    const char *endpoint;
    size_t endpoint_size;
} sonde_submission;

enum { SONDE_ACCEPT, SONDE_DISCARD, SONDE_REJECT };

enum {
    SONDE_REASON_none,
#define SONDE_REASON(name, status, field, text) SONDE_REASON_##name,
#include "signed_reasons.def"
#undef SONDE_REASON
    SONDE_REASON_COUNT
};

typedef struct {
    const char *code;    /* "email_invalid" */
    int32_t http_status; /* 422 */
    const char *field;   /* "email", or "" */
    const char *message; /* for the person who filled the form in */
} sonde_reason;

/* A constant; of the last reason for what is not one. NULL for `none`. */
const sonde_reason *sonde_reason_get(int32_t reason);

enum {
    SONDE_IDENTITY_OK,
    SONDE_IDENTITY_ABSENT,
    SONDE_IDENTITY_INVALID,
    SONDE_IDENTITY_UNCONFIGURED /* a token, and no secret */
};

/* Well-formed UTF-8, not terminated; NULL where there is none. */
typedef struct {
    const uint8_t *text;
    size_t size;
} sonde_view;

typedef struct {
    sonde_view key;
    sonde_view value;
} sonde_field;

/* The views lie in the submission's body or in the verifier: they are good
 * until either is used again. Only an accepted submission has fields; a
 * discarded one has `next`, to be answered by the same redirect. */
typedef struct {
    int32_t verdict;  /* SONDE_ACCEPT, _DISCARD (a bot: answer as if accepted
                       * and keep nothing), _REJECT */
    int32_t reason;   /* SONDE_REASON_none unless rejected */
    int32_t render;   /* SONDE_RENDER_... */
    int32_t identity; /* SONDE_IDENTITY_... */
    double age;       /* of the render token in seconds, or -1 */
    sonde_view user_id;
    sonde_view name;
    sonde_view email;
    sonde_view message;
    sonde_view form_slug;
    sonde_view next;
    const sonde_field *extras; /* keys are unique; in the order of arrival */
    size_t extra_count;
} sonde_verdict;

/* Verifies a submission (wire-formats.md 3). Returns the verdict's kind, or
 * BAD_ARGUMENT; a submission is never the cause of a status. */
SONDE_CHECKED int32_t sonde_verify(sonde_verifier *v, sonde_verdict *verdict,
                                   double now,
                                   const sonde_submission *submission);

/* Bytes that the JSON of a verdict on a body of this size takes at most. */
size_t sonde_verdict_size(const sonde_verifier *v, size_t body_size);

/* Writes a verdict as a JSON object on one line (wire-formats.md 3), without
 * a line end. Returns its size, or NO_SPACE, having written no whole object. */
SONDE_CHECKED int32_t sonde_verdict_put(const sonde_verdict *verdict,
                                        uint8_t *to, size_t size);

/* ---- Lines ------------------------------------------------------------- */

/* Newline-delimited JSON: each line is the JSON body of a submission, or with
 * `envelope` an object {"id", "body", "content_type", "origin", "endpoint",
 * "now"}: `id` a JSON string (with its quotes) or number of at most 256 bytes,
 * echoed as the first member of the verdict; `now` in Unix seconds; only `body`
 * is required, `content_type` is application/json if absent. Members that are
 * not given come from `defaults`. A line that is no such object is rejected as
 * bad_json, with its number as the last member, "line". Empty lines count and
 * are skipped. */
typedef struct {
    uint8_t *in; /* decoded in place */
    size_t size;
    double first_line; /* number of the first line */
    bool envelope;
    bool last; /* what is behind the last line end is a line, too */
    const sonde_submission *defaults; /* all but the body */
    size_t taken;                     /* out: bytes of `in` dealt with */
    size_t lines;                     /* out: lines in them */
    size_t counts[3];                 /* out, added to: by verdict's kind */
} sonde_lines;

/* Verifies whole lines for as long as `to` has room, a verdict a line, and
 * returns the bytes written. When `taken` is 0, either `in` holds no whole
 * line or `size` is less than sonde_lines_room of the first one. */
SONDE_CHECKED int32_t sonde_lines_verify(sonde_verifier *v, sonde_lines *lines,
                                         double now, uint8_t *to, size_t size);

/* Bytes of `to` that a line of this size wants. */
size_t sonde_lines_room(const sonde_verifier *v, size_t line_size);

#endif
