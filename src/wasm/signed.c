/* The wasm boundary of signed identity: one verifier per instance, in globals.
 * README.md here describes each call and region. */
#include "signed/lines.h"
#include "signed/verifier.h"
#include "signed/wipe.h"
#include "wasm/memory.h"

#ifdef __wasm__

enum { ANSWER = 8 /* two u32 before the verdicts */, FRAME = 24 };
enum { FLAG_ENVELOPE = 1, FLAG_LAST = 2 };
enum { MAX_DEFAULTS = 1024 };
#define ABSENT UINT32_C(0xFFFFFFFF)

/* What signed_start returns. */
static struct {
    uint8_t *in;
    uint32_t in_size;
    uint8_t *out;
    uint32_t out_size;
} regions;

static sonde_signed_config config = {
#define SONDE_SIGNED_OPTION(name, value, least, most, unit, text) .name = value,
#include "signed_options.def"
#undef SONDE_SIGNED_OPTION
};

static sonde_verifier *verifier; /* NULL until signed_start */
static uint8_t *memory;          /* kept over signed_wipe */
static uint32_t memory_size;

static sonde_submission defaults;
static char default_texts[MAX_DEFAULTS];

#define STARTED(used)                                                          \
    do {                                                                       \
        if (verifier == NULL || (uint64_t)(used) > regions.in_size)            \
            return SONDE_BAD_ARGUMENT;                                         \
    } while (0)

/* What a call leaves: no secret, no token, nothing that it opened. Text of a
 * form that was mended stays in the verifier until the next one. */
static int32_t leave(int32_t result, uint32_t used) {
    sonde_wipe(regions.in, used);
    sonde_wipe_stack();
    return result;
}

int32_t signed_option(uint32_t id, double value);
int32_t signed_option(uint32_t id, double value) {
    if (verifier != NULL)
        return SONDE_BUSY;
    return sonde_signed_config_put(&config, id, value);
}

/* Room in `out` for any verdict, and for those on a whole `in` of usual ones,
 * which are shorter than what they are about. */
static uint32_t out_size(void) {
    size_t most = sonde_lines_most(&config, config.max_body) + ANSWER;
    return ((uint32_t)most + 2 * config.max_input + 15) & ~UINT32_C(15);
}

static bool reserve(uint32_t size) {
    if (size <= memory_size)
        return true;
    uint32_t padding = -(uint32_t)(uintptr_t)sonde_memory_next & 15;
    uint8_t *piece = sonde_memory_take(padding + size);
    if (piece == NULL)
        return false;
    memory = piece + padding;
    memory_size = size;
    return true;
}

int32_t signed_start(void);
int32_t signed_start(void) {
    if (verifier != NULL)
        return SONDE_BUSY;
    int32_t size = sonde_verifier_size(&config);
    if (size < 0)
        return size;
    uint32_t in_size = config.max_input & ~UINT32_C(15), out = out_size();
    if (!reserve((uint32_t)size + in_size + out))
        return SONDE_NO_MEMORY;
    sonde_verifier *mem = (sonde_verifier *)(void *)memory;
    int32_t status = sonde_verifier_init(mem, (size_t)size, &config);
    if (status < 0)
        return status;
    regions.in = memory + size;
    regions.in_size = in_size;
    regions.out = regions.in + in_size;
    regions.out_size = out;
    verifier = mem;
    return (int32_t)(uintptr_t)&regions;
}

int32_t signed_secret(uint32_t size);
int32_t signed_secret(uint32_t size) {
    STARTED(size);
    return leave(sonde_secret_put(verifier, (char *)regions.in, size), size);
}

int32_t signed_origin(uint32_t size);
int32_t signed_origin(uint32_t size) {
    STARTED(size);
    return leave(sonde_origin_put(verifier, (char *)regions.in, size), size);
}

int32_t signed_next(uint32_t size);
int32_t signed_next(uint32_t size) {
    STARTED(size);
    return leave(sonde_next_put(verifier, (char *)regions.in, size), size);
}

int32_t signed_seal(uint32_t size);
int32_t signed_seal(uint32_t size) {
    STARTED(size);
    if (size < SONDE_NONCE_SIZE)
        return leave(SONDE_BAD_ARGUMENT, size);
    const char *id = (char *)regions.in + SONDE_NONCE_SIZE;
    return leave(sonde_identity_seal(verifier, (char *)regions.out,
                                     regions.out_size, regions.in, id,
                                     size - SONDE_NONCE_SIZE),
                 size);
}

int32_t signed_open(uint32_t size);
int32_t signed_open(uint32_t size) {
    STARTED(size);
    return leave(sonde_identity_open(verifier, (char *)regions.out,
                                     regions.out_size, (char *)regions.in,
                                     size),
                 size);
}

int32_t signed_render(double now);
int32_t signed_render(double now) {
    STARTED(0);
    return leave(
        sonde_render_sign(verifier, (char *)regions.out, regions.out_size, now),
        0);
}

int32_t signed_check(double now, uint32_t size);
int32_t signed_check(double now, uint32_t size) {
    STARTED(size);
    double *age = (double *)(void *)regions.out;
    return leave(
        sonde_render_check(verifier, age, now, (char *)regions.in, size), size);
}

int32_t signed_nonce(double expiry, uint32_t session, uint32_t path);
int32_t signed_nonce(double expiry, uint32_t session, uint32_t path) {
    uint64_t size = (uint64_t)SONDE_NONCE_SIZE + session + path;
    STARTED(size);
    const char *text = (char *)regions.in + SONDE_NONCE_SIZE;
    return leave(sonde_nonce_seal(verifier, (char *)regions.out,
                                  regions.out_size, expiry, regions.in, text,
                                  session, text + session, path),
                 (uint32_t)size);
}

int32_t signed_nonce_check(double now, uint32_t nonce, uint32_t session,
                           uint32_t path);
int32_t signed_nonce_check(double now, uint32_t nonce, uint32_t session,
                           uint32_t path) {
    uint64_t size = (uint64_t)nonce + session + path;
    STARTED(size);
    const char *text = (char *)regions.in;
    return leave(sonde_nonce_open(verifier, now, text, nonce, text + nonce,
                                  session, text + nonce + session, path),
                 (uint32_t)size);
}

/* ---- Submissions --------------------------------------------------------- */

/* A frame's start, as hosts write it. */
typedef struct {
    double now;
    uint32_t content_type, origin, endpoint, body;
} frame;

/* Bytes of the frame at `p`, padding included; 0 if it is not consistent. */
static uint32_t read_frame(sonde_submission *s, double *now, uint8_t *p,
                           uint32_t left) {
    frame f;
    if (left < FRAME)
        return 0;
    memcpy(&f, p, FRAME);
    uint32_t origin = f.origin == ABSENT ? 0 : f.origin;
    uint64_t texts = (uint64_t)f.content_type + origin + f.endpoint + f.body;
    uint64_t whole = (FRAME + texts + 7) & ~UINT64_C(7);
    if (whole > left || !sonde_is_time(f.now))
        return 0;
    char *text = (char *)p + FRAME;
    s->content_type = text;
    s->content_type_size = f.content_type;
    s->origin = f.origin == ABSENT ? NULL : text + f.content_type;
    s->origin_size = origin;
    text += f.content_type + origin;
    s->endpoint = f.endpoint > 0 ? text : NULL;
    s->endpoint_size = f.endpoint;
    s->body = (uint8_t *)text + f.endpoint;
    s->body_size = f.body;
    *now = f.now;
    return (uint32_t)whole;
}

static bool frames_fit(uint32_t size) {
    sonde_submission s;
    double now;
    uint32_t at = 0, n = 1;
    for (; at < size && n > 0; at += n)
        n = read_frame(&s, &now, regions.in + at, size - at);
    return n > 0;
}

static int32_t answer(uint32_t count, uint32_t taken, uint32_t used) {
    memcpy(regions.out, &count, sizeof count);
    memcpy(regions.out + sizeof count, &taken, sizeof taken);
    sonde_wipe(verifier->sealed, sizeof verifier->sealed);
    return leave((int32_t)used, taken);
}

/* Writes a verdict and a line end; returns the bytes, or a status. */
static int32_t verify(const sonde_submission *s, double now, uint8_t *to,
                      uint32_t room) {
    sonde_verdict verdict;
    int32_t size = sonde_verify(verifier, &verdict, now, s);
    if (size < 0)
        return size;
    size = sonde_verdict_put(&verdict, to, room - 1);
    if (size < 0)
        return size;
    to[size] = '\n';
    return size + 1;
}

int32_t signed_verify(uint32_t size);
int32_t signed_verify(uint32_t size) {
    STARTED(size);
    if (!frames_fit(size))
        return leave(SONDE_BAD_ARGUMENT, size);
    uint32_t count = 0, taken = 0, used = ANSWER;
    while (taken < size) {
        sonde_submission s;
        double now;
        uint32_t n = read_frame(&s, &now, regions.in + taken, size - taken);
        uint32_t room = regions.out_size - used;
        if (sonde_lines_room(verifier, s.body_size) > room)
            break;
        int32_t written = verify(&s, now, regions.out + used, room);
        if (written < 0) {
            sonde_wipe(verifier->sealed, sizeof verifier->sealed);
            return leave(written, size);
        }
        used += (uint32_t)written;
        taken += n;
        count++;
    }
    return answer(count, taken, used);
}

int32_t signed_lines(double now, uint32_t size, double first_line,
                     uint32_t flags);
int32_t signed_lines(double now, uint32_t size, double first_line,
                     uint32_t flags) {
    STARTED(size);
    if (!(first_line >= 0 && first_line <= 9007199254740992.0))
        return leave(SONDE_BAD_ARGUMENT, size);
    sonde_lines lines = {.in = regions.in,
                         .size = size,
                         .first_line = first_line,
                         .envelope = flags & FLAG_ENVELOPE,
                         .last = flags & FLAG_LAST,
                         .defaults = &defaults};
    int32_t written = sonde_lines_verify(
        verifier, &lines, now, regions.out + ANSWER, regions.out_size - ANSWER);
    if (written < 0)
        return leave(written, size);
    return answer((uint32_t)lines.lines, (uint32_t)lines.taken,
                  (uint32_t)written + ANSWER);
}

int32_t signed_defaults(uint32_t content_type, uint32_t origin,
                        uint32_t endpoint);
int32_t signed_defaults(uint32_t content_type, uint32_t origin,
                        uint32_t endpoint) {
    uint32_t origin_size = origin == ABSENT ? 0 : origin;
    uint64_t size = (uint64_t)content_type + origin_size + endpoint;
    STARTED(size);
    if (size > MAX_DEFAULTS)
        return leave(SONDE_BAD_ARGUMENT, (uint32_t)size);
    memcpy(default_texts, regions.in, (size_t)size);
    const char *text = default_texts;
    defaults.content_type = content_type > 0 ? text : NULL;
    defaults.content_type_size = content_type;
    defaults.origin = origin == ABSENT ? NULL : text + content_type;
    defaults.origin_size = origin_size;
    text += content_type + origin_size;
    defaults.endpoint = endpoint > 0 ? text : NULL;
    defaults.endpoint_size = endpoint;
    return leave(SONDE_OK, (uint32_t)size);
}

int32_t signed_wipe(void);
int32_t signed_wipe(void) {
    if (memory != NULL)
        sonde_wipe(memory, memory_size);
    verifier = NULL;
    defaults = (sonde_submission){0};
    return SONDE_OK;
}

#endif
