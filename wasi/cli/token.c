/* sonde token mint, sonde token open: one item in, one line out, whether the
 * items are arguments or lines of standard input. */
#include "secrets.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#ifndef __wasi__
#include <sys/random.h>
#endif

enum { LINES = 65536 };

typedef struct work work;
struct work {
    cli_keys keys;
    cli_output *out;
    const char *noun; /* of an item */
    /* Writes the answer to an item, or returns a status. */
    int32_t (*answer)(work *of, const char *item, size_t size);
    size_t count; /* items so far */
    bool is_refused;
    bool is_broken; /* no sense in going on */
};

/* ---- Items ------------------------------------------------------------- */

static void refuse(work *of, int32_t status) {
    char digits[CLI_DIGITS];
    of->is_refused = true;
    if (of->is_broken)
        return;
    cli_say(of->noun, " ", cli_digits(digits, (double)of->count), ": ",
            status == SONDE_BAD_INPUT
                ? "its id holds a line end, and an answer is one line"
            : status == SONDE_BAD_ARGUMENT ? "an id is UTF-8 of 1 to 4096 bytes"
                                           : sonde_status_text(status),
            (char *)NULL);
}

static void take_item(work *of, const char *item, size_t size) {
    int32_t status;
    of->count++;
    status = of->answer(of, item, size);
    if (status < 0)
        refuse(of, status);
    if (!of->is_broken)
        cli_output_text(of->out, "\n");
}

/* A line that does not fit the buffer is no item: too long for both. */
static bool take_lines(work *of, cli_input *in) {
    bool is_cut = false; /* this is the rest of such a line */
    for (;;) {
        const char *text = (const char *)in->bytes + in->start;
        size_t size = in->end - in->start;
        const char *end = memchr(text, '\n', size);
        if (end || (in->ended && size) || size == in->room) {
            size_t length = end ? (size_t)(end - text) : size;
            if (!is_cut)
                take_item(of, text, length);
            is_cut = !end;
            in->start += length + (end != NULL);
        } else if (in->ended) {
            return true;
        } else if (!cli_output_flush(of->out) || !cli_input_fill(in)) {
            return false; /* flushed, so that a program may wait for it */
        }
        if (of->is_broken || of->out->failed)
            return false;
    }
}

static void take_arguments(work *of, const cli_settings *settings) {
    for (size_t i = 0; i < settings->argument_count && !of->is_broken; i++)
        take_item(of, settings->arguments[i], strlen(settings->arguments[i]));
}

static int run(work *of, const cli_settings *settings) {
    bool is_stdin = settings->argument_count == 0;
    if (is_stdin && settings->secret_fd == STDIN_FILENO) {
        cli_say("standard input cannot be both the secrets and the ", of->noun,
                "s: give one of them otherwise", (char *)NULL);
        return CLI_USAGE;
    }
    if (!cli_keys_need(&of->keys, settings))
        return CLI_USAGE;
    if (is_stdin) {
        cli_input in;
        cli_input_init(&in, STDIN_FILENO, LINES);
        of->is_refused |= !take_lines(of, &in);
        cli_input_end(&in);
    } else {
        take_arguments(of, settings);
    }
    cli_keys_end(&of->keys);
    return of->is_refused || of->is_broken ? CLI_REJECT : CLI_ACCEPT;
}

/* ---- Mint -------------------------------------------------------------- */

/* From the host for each token: a copy of this process repeats none. */
static bool take_nonce(work *of, uint8_t nonce[SONDE_NONCE_SIZE]) {
    if (getentropy(nonce, SONDE_NONCE_SIZE) == 0)
        return true;
    cli_say("the host gives no random bytes, so no more tokens are made: ",
            strerror(errno), (char *)NULL);
    of->is_broken = true;
    return false;
}

static int32_t mint(work *of, const char *id, size_t size) {
    uint8_t nonce[SONDE_NONCE_SIZE];
    int32_t length;
    char *token = cli_output_room(of->out, SONDE_MAX_TOKEN + 1);
    if (memchr(id, '\n', size) || memchr(id, '\r', size))
        return SONDE_BAD_INPUT;
    if (!token)
        return 0;
    if (!take_nonce(of, nonce))
        return SONDE_BAD_ARGUMENT;
    length = sonde_identity_seal(of->keys.verifier, token, SONDE_MAX_TOKEN,
                                 nonce, id, size);
    if (length > 0)
        of->out->used += (size_t)length;
    return length;
}

int cli_token_mint(const cli_settings *settings, cli_output *out) {
    work of = {.out = out, .noun = "id", .answer = mint};
    return run(&of, settings);
}

/* ---- Open -------------------------------------------------------------- */

static int32_t open_token(work *of, const char *token, size_t size) {
    char *id = cli_output_room(of->out, SONDE_MAX_ID + 1);
    int32_t length;
    if (!id)
        return 0;
    length =
        sonde_identity_open(of->keys.verifier, id, SONDE_MAX_ID, token, size);
    if (length < 0)
        return length;
    if (memchr(id, '\n', (size_t)length) || memchr(id, '\r', (size_t)length))
        return SONDE_BAD_INPUT; /* what is behind `used` is overwritten */
    of->out->used += (size_t)length;
    return length;
}

int cli_token_open(const cli_settings *settings, cli_output *out) {
    work of = {.out = out, .noun = "token", .answer = open_token};
    return run(&of, settings);
}
