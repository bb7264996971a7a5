/* Owns all system calls but those for random bytes and the environment. They
 * are read and write themselves: stdio would keep secrets in its buffers, and
 * hide which write has failed. */
#include "io.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE = 1024 };

void cli_wipe(void *bytes, size_t size) {
    volatile uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++)
        at[i] = 0;
}

void *cli_memory(size_t size) {
    void *memory = aligned_alloc(16, (size + 15) / 16 * 16);
    if (!memory) {
        cli_say("there is not enough memory", (char *)NULL);
        exit(CLI_REJECT);
    }
    return memory;
}

double cli_clock(void) {
    struct timespec time;
    if (clock_gettime(CLOCK_REALTIME, &time)) {
        cli_say("there is no clock: give --now", (char *)NULL);
        exit(CLI_REJECT);
    }
    return (double)time.tv_sec * 1000 + (double)(time.tv_nsec / 1000000);
}

const char *cli_digits(char digits[CLI_DIGITS], double number) {
    uint64_t rest = number > 0 ? (uint64_t)number : 0;
    char *at = digits + CLI_DIGITS - 1;
    *at = 0;
    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    return at;
}

/* Waits for a descriptor that somebody made non-blocking. */
static bool is_worth_again(int fd, short event) {
    if (errno == EINTR)
        return true;
    if (errno != EAGAIN)
        return false;
    struct pollfd wait = {.fd = fd, .events = event};
    return poll(&wait, 1, -1) >= 0 || errno == EINTR;
}

static bool write_all(int fd, const char *bytes, size_t size) {
    while (size) {
        ssize_t sent = write(fd, bytes, size);
        if (sent < 0) {
            if (!is_worth_again(fd, POLLOUT))
                return false;
            continue;
        }
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

void cli_say(const char *text, ...) {
    char message[MESSAGE] = "sonde: ";
    size_t used = strlen(message);
    va_list texts;
    va_start(texts, text);
    for (; text; text = va_arg(texts, const char *))
        for (; *text && used < MESSAGE - 1; text++)
            message[used++] =
                (uint8_t)*text < ' ' || *text == 127 ? '?' : *text;
    va_end(texts);
    message[used++] = '\n';
    write_all(STDERR_FILENO, message, used); /* nobody else could be told */
}

/* ---- Output ------------------------------------------------------------ */

void cli_output_init(cli_output *out, int fd, size_t room) {
    *out = (cli_output){.fd = fd, .bytes = cli_memory(room), .room = room};
}

static bool fail_output(cli_output *out) {
    out->failed = true;
    cli_say("cannot write the output, which is incomplete: ", strerror(errno),
            (char *)NULL);
    return false;
}

bool cli_output_flush(cli_output *out) {
    size_t size = out->used;
    out->used = 0;
    if (out->failed)
        return false;
    return write_all(out->fd, out->bytes, size) || fail_output(out);
}

char *cli_output_room(cli_output *out, size_t size) {
    if (out->room - out->used < size && !cli_output_flush(out))
        return NULL;
    return out->failed || out->room < size ? NULL : out->bytes + out->used;
}

void cli_output_put(cli_output *out, const char *text, size_t size) {
    while (size && !out->failed) {
        size_t room = out->room - out->used;
        size_t part = size < room ? size : room;
        memcpy(out->bytes + out->used, text, part);
        out->used += part;
        text += part;
        size -= part;
        if (size)
            cli_output_flush(out);
    }
}

void cli_output_text(cli_output *out, const char *text) {
    cli_output_put(out, text, strlen(text));
}

bool cli_output_end(cli_output *out) {
    bool is_sent = cli_output_flush(out);
    if (is_sent && close(out->fd)) /* a network disk may tell only now */
        is_sent = fail_output(out);
    cli_wipe(out->bytes, out->room);
    free(out->bytes);
    return is_sent;
}

/* ---- Input ------------------------------------------------------------- */

void cli_input_init(cli_input *in, int fd, size_t room) {
    *in = (cli_input){.fd = fd, .bytes = cli_memory(room), .room = room};
    if (isatty(fd))
        cli_say("reading from the terminal; Ctrl-D ends it", (char *)NULL);
}

static bool fail_input(int fd) {
    const char *reason = strerror(errno);
    char digits[CLI_DIGITS];
    cli_say("cannot read ",
            fd == STDIN_FILENO ? "standard input" : "file descriptor ",
            fd == STDIN_FILENO ? "" : cli_digits(digits, fd), ": ", reason,
            (char *)NULL);
    return false;
}

bool cli_input_fill(cli_input *in) {
    if (in->start) {
        memmove(in->bytes, in->bytes + in->start, in->end - in->start);
        in->end -= in->start;
        in->start = 0;
    }
    while (!in->ended && in->end < in->room) {
        ssize_t got = read(in->fd, in->bytes + in->end, in->room - in->end);
        if (got >= 0) {
            in->ended = got == 0;
            in->end += (size_t)got;
            return true;
        }
        if (!is_worth_again(in->fd, POLLIN))
            return fail_input(in->fd);
    }
    return true;
}

bool cli_input_fill_up(cli_input *in) {
    while (!in->ended && in->end < in->room)
        if (!cli_input_fill(in))
            return false;
    return true;
}

void cli_input_end(cli_input *in) {
    cli_wipe(in->bytes, in->room);
    free(in->bytes);
}
