/* Sonde inside Wasmtime, from C: submissions and tokens are verified by
 * sonde-edge.wasm, which can touch nothing but its own memory.
 *
 * A HOST is the compiled module. Make one a process; threads share it.
 * A GUEST is an instance of it with its secrets and allow-lists. It belongs to
 * one thread at a time; make one a thread. A fresh one takes microseconds.
 *
 * RESULTS: >= 0 is a count; < 0 is a status of sonde_status.def (what the
 * module said) or SONDE_HOST_... below. sonde_guest_message tells in words what
 * went wrong, and never holds a secret or a submission.
 *
 * TRAPS (a bug in the module, the deadline, the fuel, the memory limit) end the
 * call with SONDE_HOST_TRAP. The instance's memory is overwritten with zeros
 * and the guest goes on with a fresh instance of the same configuration: the
 * next call works. What the replay filter (max_uses) had seen is forgotten;
 * it is a guest's own in any case.
 *
 * SECRETS: the module keeps only keys derived from them. The guest keeps a copy
 * of its own for the instance that replaces a trapped one, until
 * sonde_guest_close overwrites it. Both lie in this process's memory: whoever
 * can read that has them. The module overwrites what it was handed, call by
 * call; the buffers that you pass in are yours to wipe.
 *
 * VIEWS of verdicts lie in the module's memory and are good until the next call
 * with the same guest.
 *
 * Links with libwasmtime alone. POSIX: threads, files, getrandom. */
#ifndef SONDE_HOST_H
#define SONDE_HOST_H

#include "sonde_signed.h"

/* Results beside those of sonde_status.def. */
enum {
    SONDE_HOST_TRAP = -101,  /* the call trapped; the instance was replaced */
    SONDE_HOST_DEAD = -102,  /* the instance could not be replaced */
    SONDE_HOST_WRONG = -103, /* the module answered what it must not */
    SONDE_HOST_RANDOM = -104 /* the system gave no random bytes */
};

/* For what went wrong, in words. */
typedef struct {
    char text[480];
} sonde_host_message;

/* Not terminated; {NULL, 0} where there is none. */
typedef struct {
    const char *text;
    size_t size;
} sonde_host_text;

/* ---- Host -------------------------------------------------------------- */

typedef struct sonde_host sonde_host;

typedef struct {
    /* Folder of compiled modules, made if missing; NULL: compile each time.
     * A compiled module is native code, so nothing is read from a folder or
     * file that is not this user's own, or that others may write to or read
     * (modes 0700 and 0600): then the module is compiled. */
    const char *cache;
    /* A call that takes longer than this traps; 0: no limit. Up to an eighth
     * more, and a millisecond. A thread of the host's keeps the time. The
     * checks in the compiled code take a quarter to two thirds more. */
    uint32_t deadline_ms;
    /* A call that takes more instructions than this traps; 0: no limit. The
     * same for the same input, at about the cost of a deadline. */
    uint64_t fuel;
} sonde_host_config;

/* No cache, no limits. */
void sonde_host_config_init(sonde_host_config *config);

/* Compiles a module, or takes it from the cache. NULL, and why in *message, if
 * it is not a sonde-edge.wasm: an export is missing or of another type, or it
 * wants imports. */
sonde_host *sonde_host_open(const sonde_host_config *config,
                            const uint8_t *wasm, size_t size,
                            sonde_host_message *message);

/* The same, of a file. */
sonde_host *sonde_host_load(const sonde_host_config *config, const char *path,
                            sonde_host_message *message);

/* Whether the module came compiled from the cache. */
bool sonde_host_cached(const sonde_host *host);

/* Why the cache was not used although it should have been, or "". */
const char *sonde_host_note(const sonde_host *host);

/* After all its guests. NULL is allowed. */
void sonde_host_close(sonde_host *host);

/* ---- Guest ------------------------------------------------------------- */

typedef struct sonde_guest sonde_guest;

typedef struct {
    /* By SONDE_SIGNED_OPTION_..., see signed_options.def. max_input is at least
     * max_body + 4096, so that no submission is too large for a verdict. */
    double options[SONDE_SIGNED_OPTION_COUNT];
    /* Newest first, at most SONDE_MAX_SECRETS: tokens are made with the first
     * and verified with each. None: submissions pass as `unverified`. */
    const sonde_host_text *secrets;
    size_t secret_count;
    /* Allowed origins and targets of `_next`: see sonde_origin_put and
     * sonde_next_put. At most SONDE_MAX_ALLOWED of each. */
    const sonde_host_text *origins;
    size_t origin_count;
    const sonde_host_text *nexts;
    size_t next_count;
    /* For lines that do not say: content type (none: application/json), origin
     * (none: no such header), endpoint (none: any). */
    sonde_host_text content_type;
    sonde_host_text origin;
    sonde_host_text endpoint;
    /* Bytes of memory that an instance may have. */
    size_t memory_limit;
} sonde_guest_config;

/* Defaults of signed_options.def, empty lists, 16 MiB. */
void sonde_guest_config_init(sonde_guest_config *config);

/* Makes an instance. All of the configuration is copied. NULL, and why in
 * *message: which option or text was refused, and by what rule. */
sonde_guest *sonde_guest_open(sonde_host *host,
                              const sonde_guest_config *config,
                              sonde_host_message *message);

/* Overwrites its memory and secrets with zeros. NULL is allowed. */
void sonde_guest_close(sonde_guest *guest);

/* Why the last call failed. */
const char *sonde_guest_message(const sonde_guest *guest);

/* How many instances were replaced so far. */
uint64_t sonde_guest_traps(const sonde_guest *guest);

/* The most bytes of lines, or of frames, that one call can take: max_input. */
size_t sonde_guest_room(const sonde_guest *guest);

/* ---- Submissions ------------------------------------------------------- */

/* A POST of a support form; the bytes are only read. */
typedef struct {
    double now; /* Unix time in milliseconds */
    sonde_host_text body;
    sonde_host_text content_type;
    sonde_host_text origin;   /* text NULL: no such header */
    sonde_host_text endpoint; /* size 0: any */
} sonde_host_submission;

/* JSON objects (wire-formats.md 3), each followed by '\n'. */
typedef struct {
    const char *text;
    size_t size;
    uint32_t count; /* of lines dealt with, the empty ones included */
} sonde_host_verdicts;

/* Verifies the first submissions of the list, as many as one crossing takes
 * (at least one), and returns how many: hand in the rest again. BAD_ARGUMENT
 * when the list is empty, or a time is none. */
SONDE_CHECKED int32_t sonde_guest_verify(sonde_guest *guest,
                                         sonde_host_verdicts *verdicts,
                                         const sonde_host_submission *list,
                                         size_t count);

enum {
    SONDE_LINES_ENVELOPE = 1, /* lines are envelopes: see sonde_lines */
    SONDE_LINES_LAST = 2      /* what is behind the last line end is a line */
};

/* Verifies lines of JSON (see sonde_lines of sonde_signed.h), as many as one
 * crossing takes, and returns how many bytes of `lines` that was: hand in the
 * rest again, with verdicts->count added to `first_line`. 0: there is no whole
 * line in the first sonde_guest_room bytes. `now` as above. */
SONDE_CHECKED int32_t sonde_guest_lines(sonde_guest *guest,
                                        sonde_host_verdicts *verdicts,
                                        double now, const char *lines,
                                        size_t size, double first_line,
                                        uint32_t flags);

/* ---- Tokens ------------------------------------------------------------ */

/* As sonde_identity_seal; `nonce` NULL: 12 bytes from the system. Returns the
 * length of the token, which is not terminated. */
SONDE_CHECKED int32_t sonde_guest_identity_seal(sonde_guest *guest, char *token,
                                                size_t token_size,
                                                const uint8_t *nonce,
                                                const char *id, size_t id_size);

/* As sonde_identity_open. */
SONDE_CHECKED int32_t sonde_guest_identity_open(sonde_guest *guest, char *id,
                                                size_t id_size,
                                                const char *token,
                                                size_t token_size);

/* As sonde_render_sign. */
SONDE_CHECKED int32_t sonde_guest_render_sign(sonde_guest *guest, char *token,
                                              size_t token_size, double now);

/* As sonde_render_check. */
SONDE_CHECKED int32_t sonde_guest_render_check(sonde_guest *guest, double *age,
                                               double now, const char *token,
                                               size_t token_size);

#endif
