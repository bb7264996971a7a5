/* What a guest can be asked: see sonde_host.h. Each call writes its input to
 * the module's region `in`, calls once, and reads `out`. */
#include "guest.h"

#include <string.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/random.h>
#endif

enum { FRAME_HEAD = 24, ANSWER_HEAD = 8 };
#define NO_ORIGIN UINT32_MAX

static uint8_t *put_u32(uint8_t *to, uint32_t value) {
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
    return to + 4;
}

static uint32_t get_u32(const uint8_t *from) {
    return (uint32_t)from[0] | (uint32_t)from[1] << 8 |
           (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

static uint8_t *put_f64(uint8_t *to, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return put_u32(put_u32(to, (uint32_t)bits), (uint32_t)(bits >> 32));
}

static uint8_t *put_text(uint8_t *to, const char *text, size_t size) {
    if (size > 0)
        memcpy(to, text, size);
    return to + size;
}

static double get_f64(const uint8_t *from) {
    uint64_t bits = get_u32(from) | (uint64_t)get_u32(from + 4) << 32;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Whether an answer in `out` is possible; fills in *verdicts. */
static bool read_answer(sonde_guest *guest, sonde_host_verdicts *verdicts,
                        uint32_t *taken, int32_t size, size_t given) {
    const uint8_t *out = sonde_guest_out(guest, (uint32_t)size);
    if (size < ANSWER_HEAD || out == NULL)
        return false;
    verdicts->count = get_u32(out);
    *taken = get_u32(out + 4);
    verdicts->text = (const char *)out + ANSWER_HEAD;
    verdicts->size = (size_t)size - ANSWER_HEAD;
    return *taken <= given && verdicts->count <= given &&
           (verdicts->size == 0 || verdicts->text[verdicts->size - 1] == '\n');
}

/* ---- Submissions ------------------------------------------------------- */

/* The most of a body that the module looks at. */
static size_t body_size(const sonde_guest *guest,
                        const sonde_host_submission *submission) {
    size_t most =
        (size_t)guest->config.options[SONDE_SIGNED_OPTION_max_body] + 1;
    return submission->body.size < most ? submission->body.size : most;
}

/* The same of a header, which is wrong if it is longer than what is right. */
static size_t header_size(const sonde_host_text *header) {
    return header->size <= SONDE_HEADER_MOST ? header->size
                                             : SONDE_HEADER_MOST + 1;
}

/* 0 if it does not fit. */
static size_t frame_size(const sonde_guest *guest,
                         const sonde_host_submission *s, size_t room) {
    size_t rest = room;
    const size_t sizes[] = {FRAME_HEAD, body_size(guest, s),
                            header_size(&s->content_type),
                            header_size(&s->origin), header_size(&s->endpoint)};
    for (size_t i = 0; i < 5; i++) {
        if (sizes[i] > rest)
            return 0;
        rest -= sizes[i];
    }
    size_t size = (room - rest + 7) & ~(size_t)7;
    return size <= room ? size : 0;
}

static void put_frame(const sonde_guest *guest, uint8_t *to, size_t size,
                      const sonde_host_submission *s) {
    const uint8_t *end = to + size;
    size_t body = body_size(guest, s), type = header_size(&s->content_type),
           origin = header_size(&s->origin),
           endpoint = header_size(&s->endpoint);
    to = put_f64(to, s->now);
    to = put_u32(to, (uint32_t)type);
    to = put_u32(to, s->origin.text != NULL ? (uint32_t)origin : NO_ORIGIN);
    to = put_u32(to, (uint32_t)endpoint);
    to = put_u32(to, (uint32_t)body);
    to = put_text(to, s->content_type.text, type);
    to = put_text(to, s->origin.text, origin);
    to = put_text(to, s->endpoint.text, endpoint);
    to = put_text(to, s->body.text, body);
    memset(to, 0, (size_t)(end - to));
}

int32_t sonde_guest_verify(sonde_guest *guest, sonde_host_verdicts *verdicts,
                           const sonde_host_submission *list, size_t count) {
    *verdicts = (sonde_host_verdicts){.text = ""};
    if (!sonde_guest_ready(guest))
        return SONDE_HOST_DEAD;
    uint8_t *in = sonde_guest_in(guest, 0);
    size_t at = 0, frames = 0;
    while (frames < count) {
        size_t size = frame_size(guest, &list[frames], guest->in.size - at);
        if (size == 0)
            break;
        put_frame(guest, in + at, size, &list[frames++]);
        at += size;
    }
    if (frames == 0)
        return sonde_guest_refuse(guest, "no submission was given");
    (void)sonde_guest_in(guest, at);
    wasmtime_val_raw_t args[] = {sonde_i32(at)};
    int32_t result = sonde_guest_call(guest, EXPORT_signed_verify, args, 1);
    uint32_t taken = 0;
    if (result < 0)
        return result;
    if (!read_answer(guest, verdicts, &taken, result, at) ||
        verdicts->count == 0 || verdicts->count > frames)
        return sonde_guest_wrong(guest, EXPORT_signed_verify);
    return (int32_t)verdicts->count;
}

int32_t sonde_guest_lines(sonde_guest *guest, sonde_host_verdicts *verdicts,
                          double now, const char *lines, size_t size,
                          double first_line, uint32_t flags) {
    *verdicts = (sonde_host_verdicts){.text = ""};
    if (!sonde_guest_ready(guest))
        return SONDE_HOST_DEAD;
    if (size == 0)
        return 0;
    if (size > guest->in.size) {
        size = guest->in.size;
        flags &= ~(uint32_t)SONDE_LINES_LAST;
    }
    memcpy(sonde_guest_in(guest, size), lines, size);
    wasmtime_val_raw_t args[] = {sonde_f64(now), sonde_i32(size),
                                 sonde_f64(first_line), sonde_i32(flags)};
    int32_t result = sonde_guest_call(guest, EXPORT_signed_lines, args, 4);
    uint32_t taken = 0;
    if (result < 0)
        return result;
    if (!read_answer(guest, verdicts, &taken, result, size))
        return sonde_guest_wrong(guest, EXPORT_signed_lines);
    return (int32_t)taken;
}

/* ---- Tokens ------------------------------------------------------------ */

/* Copies what a call left in `out`. */
static int32_t take_text(sonde_guest *guest, int export, char *to, size_t size,
                         int32_t result) {
    if (result < 0)
        return result;
    const uint8_t *out = sonde_guest_out(guest, (uint32_t)result);
    if (out == NULL)
        return sonde_guest_wrong(guest, export);
    if ((size_t)result > size) {
        sonde_host_say(&guest->message, "%s: %s", sonde_export_names[export],
                       sonde_host_status_text(SONDE_NO_SPACE));
        return SONDE_NO_SPACE;
    }
    if (result > 0)
        memcpy(to, out, (size_t)result);
    return result;
}

int32_t sonde_guest_identity_seal(sonde_guest *guest, char *token,
                                  size_t token_size, const uint8_t *nonce,
                                  const char *id, size_t id_size) {
    uint8_t fresh[SONDE_NONCE_SIZE];
    if (nonce == NULL && getentropy(fresh, sizeof fresh) != 0) {
        sonde_host_say(&guest->message, "the system gives no random bytes");
        return SONDE_HOST_RANDOM;
    }
    if (!sonde_guest_ready(guest))
        return SONDE_HOST_DEAD;
    uint8_t *in = id_size > SONDE_MAX_ID
                      ? NULL
                      : sonde_guest_in(guest, SONDE_NONCE_SIZE + id_size);
    if (in == NULL)
        return sonde_guest_refuse(guest, "the user id is too long");
    memcpy(in, nonce != NULL ? nonce : fresh, SONDE_NONCE_SIZE);
    (void)put_text(in + SONDE_NONCE_SIZE, id, id_size);
    wasmtime_val_raw_t args[] = {sonde_i32(SONDE_NONCE_SIZE + id_size)};
    return take_text(guest, EXPORT_signed_seal, token, token_size,
                     sonde_guest_call(guest, EXPORT_signed_seal, args, 1));
}

int32_t sonde_guest_identity_open(sonde_guest *guest, char *id, size_t id_size,
                                  const char *token, size_t token_size) {
    if (!sonde_guest_ready(guest))
        return SONDE_HOST_DEAD;
    uint8_t *in =
        token_size > SONDE_MAX_TOKEN ? NULL : sonde_guest_in(guest, token_size);
    if (in == NULL) {
        sonde_host_say(&guest->message, "signed_open: %s",
                       sonde_host_status_text(SONDE_MALFORMED));
        return SONDE_MALFORMED;
    }
    (void)put_text(in, token, token_size);
    wasmtime_val_raw_t args[] = {sonde_i32(token_size)};
    int32_t result =
        take_text(guest, EXPORT_signed_open, id, id_size,
                  sonde_guest_call(guest, EXPORT_signed_open, args, 1));
    return result;
}

int32_t sonde_guest_render_sign(sonde_guest *guest, char *token,
                                size_t token_size, double now) {
    if (!sonde_guest_ready(guest))
        return SONDE_HOST_DEAD;
    wasmtime_val_raw_t args[] = {sonde_f64(now)};
    return take_text(guest, EXPORT_signed_render, token, token_size,
                     sonde_guest_call(guest, EXPORT_signed_render, args, 1));
}

int32_t sonde_guest_render_check(sonde_guest *guest, double *age, double now,
                                 const char *token, size_t token_size) {
    *age = -1;
    if (!sonde_guest_ready(guest))
        return SONDE_HOST_DEAD;
    /* the module need not see more to know that it is too long */
    size_t size = token_size < 256 ? token_size : 256;
    (void)put_text(sonde_guest_in(guest, size), token, size);
    wasmtime_val_raw_t args[] = {sonde_f64(now), sonde_i32(size)};
    int32_t result = sonde_guest_call(guest, EXPORT_signed_check, args, 2);
    const uint8_t *out = result < 0 ? NULL : sonde_guest_out(guest, 8);
    if (result > SONDE_RENDER_UNVERIFIED)
        return sonde_guest_wrong(guest, EXPORT_signed_check);
    if (out != NULL)
        *age = get_f64(out);
    return result;
}
