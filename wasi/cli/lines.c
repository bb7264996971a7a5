/* sonde verify --ndjson: whole lines of a large input buffer through the
 * library into a large output buffer, which is sent when the input has been
 * used up, so that a program may wait for its answers. Memory is those two,
 * however many lines there are.
 *
 * A line that fills the whole input buffer is rejected as body_too_large
 * without being read further. The buffer has room for the largest body in its
 * longest spelling, six characters for a byte, and for the rest of an
 * envelope. */
#include "lines.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_AHEAD = 256 * 1024, ENVELOPE = 16 * 1024, SPELLING = 6 };

static const double PROGRESS = 500; /* milliseconds between two lines of it */

typedef struct {
    sonde_verifier *verifier;
    bool is_keyed; /* it has a secret */
    cli_input in;
    cli_output out;
    sonde_lines lines;
    double set_now; /* or -1 */
    double number;  /* of the next line */
    bool is_cut;    /* what comes is the rest of a line that was too long */
    bool is_shown;  /* progress, on a terminal */
    double began;
    double shown;
} run;

/* ---- Progress ---------------------------------------------------------- */

static void show(run *of, double now, bool is_last) {
    char line[160] = "\r";
    char numbers[5][CLI_DIGITS];
    const size_t *counts = of->lines.counts;
    double seconds = (now - of->began) / 1000;
    double all = (double)(counts[0] + counts[1] + counts[2]);
    const char *texts[] = {
        cli_digits(numbers[0], (double)counts[SONDE_ACCEPT]),
        " accepted, ",
        cli_digits(numbers[1], (double)counts[SONDE_DISCARD]),
        " discarded, ",
        cli_digits(numbers[2], (double)counts[SONDE_REJECT]),
        " rejected, ",
        cli_digits(numbers[3], seconds > 0 ? all / seconds : 0),
        " a second ",
        is_last ? "\n" : ""};
    if (!is_last && now - of->shown < PROGRESS)
        return;
    of->shown = now;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        strncat(line, texts[i], sizeof line - strlen(line) - 1);
    if (write(STDERR_FILENO, line, strlen(line)) < 0)
        of->is_shown = false; /* the terminal is gone; the work is not */
}

/* ---- A line that is too long ------------------------------------------- */

static void put_number(uint8_t *json, size_t *size, double number) {
    char digits[CLI_DIGITS];
    const char *texts[] = {",\"line\":", cli_digits(digits, number), "}\n"};
    *size -= 1; /* the closing brace */
    for (size_t i = 0; i < 3; i++) {
        memcpy(json + *size, texts[i], strlen(texts[i]));
        *size += strlen(texts[i]);
    }
}

static bool put_too_long(run *of) {
    const sonde_verdict verdict = {
        .verdict = SONDE_REJECT,
        .reason = SONDE_REASON_body_too_large,
        .render = of->is_keyed ? SONDE_RENDER_MISSING : SONDE_RENDER_UNVERIFIED,
        .identity = SONDE_IDENTITY_ABSENT,
        .age = -1};
    size_t room = sonde_verdict_size(of->verifier, 0) + 2 * CLI_DIGITS;
    uint8_t *json = (uint8_t *)cli_output_room(&of->out, room);
    int32_t got = json ? sonde_verdict_put(&verdict, json, room) : -1;
    size_t size = (size_t)got;
    if (got < 0)
        return false;
    put_number(json, &size, of->number);
    of->out.used += size;
    of->lines.counts[SONDE_REJECT]++;
    of->number++;
    of->is_cut = true;
    of->in.start = of->in.end;
    return true;
}

/* Drops what belongs to it; true when its end has been found. */
static bool skip_cut(run *of) {
    const uint8_t *from = of->in.bytes + of->in.start;
    const uint8_t *end = memchr(from, '\n', of->in.end - of->in.start);
    of->in.start = end ? (size_t)(end + 1 - of->in.bytes) : of->in.end;
    of->is_cut = !end;
    return end != NULL;
}

/* ---- Lines ------------------------------------------------------------- */

/* Hands the whole lines of the input buffer to the library once; false if it
 * could not be. */
static bool verify_some(run *of, double now, bool *is_stuck) {
    sonde_lines *lines = &of->lines;
    int32_t written;
    lines->in = of->in.bytes + of->in.start;
    lines->size = of->in.end - of->in.start;
    lines->first_line = of->number;
    lines->last = of->in.ended;
    written = sonde_lines_verify(of->verifier, lines, now,
                                 (uint8_t *)of->out.bytes + of->out.used,
                                 of->out.room - of->out.used);
    if (written < 0) {
        cli_say("cannot verify: ", sonde_status_text(written), (char *)NULL);
        return false;
    }
    of->out.used += (size_t)written;
    of->in.start += lines->taken;
    of->number += (double)lines->lines;
    *is_stuck = lines->taken == 0;
    return true;
}

/* Deals with the whole lines that the input buffer holds. */
static bool verify_read(run *of, double now) {
    while (of->in.start < of->in.end) {
        bool is_stuck = false;
        if (of->is_cut && !skip_cut(of))
            break;
        if (of->in.start == of->in.end)
            break;
        if (!verify_some(of, now, &is_stuck))
            return false;
        if (!is_stuck)
            continue;
        if (of->out.used) { /* perhaps it was the room that was missing */
            if (!cli_output_flush(&of->out))
                return false;
        } else if (of->in.end - of->in.start == of->in.room) {
            if (!put_too_long(of))
                return false;
        } else {
            break;
        }
    }
    return cli_output_flush(&of->out);
}

static bool verify_all(run *of) {
    for (;;) {
        double now;
        if (!cli_input_fill(&of->in))
            return false;
        now = of->set_now < 0 || of->is_shown ? cli_clock() : 0;
        if (!verify_read(of, of->set_now < 0 ? now : of->set_now))
            return false;
        if (of->is_shown)
            show(of, now, of->in.ended);
        if (of->in.ended)
            return true;
    }
}

static size_t longest_line(const cli_settings *settings) {
    size_t body = settings->limits.max_body;
    return ENVELOPE + body * (settings->envelope ? SPELLING : 1);
}

int cli_lines(const cli_settings *settings, const cli_keys *keys,
              const sonde_submission *request) {
    run of = {.verifier = keys->verifier,
              .is_keyed = keys->secrets > 0,
              .set_now = settings->now,
              .number = 1};
    size_t room = longest_line(settings) + READ_AHEAD;
    bool is_done;
    cli_input_init(&of.in, STDIN_FILENO, room);
    cli_output_init(&of.out, STDOUT_FILENO,
                    sonde_lines_room(of.verifier, room) + READ_AHEAD);
    of.lines.envelope = settings->envelope;
    of.lines.defaults = request;
    of.is_shown = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
    of.began = of.shown = of.is_shown ? cli_clock() : 0;
    is_done = verify_all(&of);
    if (!cli_output_flush(&of.out))
        is_done = false;
    cli_input_end(&of.in);
    cli_wipe(of.out.bytes, of.out.room);
    free(of.out.bytes);
    return is_done && of.lines.counts[SONDE_DISCARD] == 0 &&
                   of.lines.counts[SONDE_REJECT] == 0
               ? CLI_ACCEPT
               : CLI_REJECT;
}
