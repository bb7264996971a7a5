/* Threads take turns at reading and at writing. Each has one chunk and one
 * guest: it reads whole lines into its chunk while it holds the input, and gets
 * a ticket; verifies them beside the others; and writes the verdicts when its
 * ticket's turn comes. So the order is that of the input, memory is a chunk and
 * an output buffer a thread, and no thread waits for another but to write. */
#include "work.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { OUTPUT = 512 * 1024 };

/* What the threads share: the first part belongs to who holds `reading`, the
 * second to who holds `writing`. */
typedef struct {
    const runner_options *options;
    sonde_host *host;

    pthread_mutex_t reading;
    char *rest; /* the begin of a line whose end was not read yet */
    size_t rest_size;
    double next_line;
    uint64_t next_ticket;
    bool is_cut; /* what comes belongs to a line that was too long */
    bool ended;

    pthread_mutex_t writing;
    pthread_cond_t turned;
    uint64_t turn;
    bool all_accepted;
    bool is_bad; /* the input could not be read */
} work;

typedef struct {
    work *all;
    sonde_guest *guest;
    pthread_t thread;
    char *data; /* whole lines */
    size_t room;
    size_t size;
    double line; /* number of the first */
    uint64_t ticket;
    bool last;     /* the last line may have no end */
    bool too_long; /* no lines: one that does not fit */
    char *out;
    size_t used;
    bool all_accepted;
} worker;

/* ---- Output ------------------------------------------------------------ */

/* Nothing can be said to whoever reads the output any more. */
static void stop(const char *what) {
    runner_say("%s: %s", what, strerror(errno));
    _exit(EXIT_DATA);
}

/* After a failed read or write; waits if somebody made the file non-blocking.
 */
static bool is_worth_again(int file, short event) {
    struct pollfd wait = {.fd = file, .events = event};
    if (errno != EAGAIN)
        return errno == EINTR;
    return poll(&wait, 1, -1) >= 0 || errno == EINTR;
}

static void write_all(const char *data, size_t size) {
    while (size > 0) {
        ssize_t put = write(STDOUT_FILENO, data, size);
        if (put < 0 && is_worth_again(STDOUT_FILENO, POLLOUT))
            continue;
        if (put < 0)
            stop("verdicts cannot be written");
        data += put;
        size -= (size_t)put;
    }
}

static void await_turn(worker *w) {
    work *all = w->all;
    pthread_mutex_lock(&all->writing);
    while (all->turn != w->ticket)
        pthread_cond_wait(&all->turned, &all->writing);
    pthread_mutex_unlock(&all->writing);
}

static void flush(worker *w) {
    await_turn(w);
    write_all(w->out, w->used);
    w->used = 0;
}

static void pass_turn(worker *w) {
    work *all = w->all;
    flush(w);
    pthread_mutex_lock(&all->writing);
    all->turn++;
    pthread_cond_broadcast(&all->turned);
    pthread_mutex_unlock(&all->writing);
}

static void put(worker *w, const char *data, size_t size) {
    if (size > OUTPUT - w->used)
        flush(w);
    if (size > OUTPUT) {
        write_all(data, size);
    } else {
        memcpy(w->out + w->used, data, size);
        w->used += size;
    }
}

/* Inside an echoed id the quotes of this text would be escaped. */
static bool is_accepted(const char *line, size_t size) {
    static const char WORD[] = "\"verdict\":\"";
    const size_t length = sizeof WORD - 1;
    for (size_t i = 0; i + length < size; i++) {
        if (line[i] == '"' && memcmp(line + i, WORD, length) == 0)
            return line[i + length] == 'a';
    }
    return false;
}

static void put_verdicts(worker *w, const sonde_host_verdicts *verdicts) {
    const char *at = verdicts->text, *end = at + verdicts->size;
    put(w, at, verdicts->size);
    while (w->all_accepted && at < end) {
        const char *stop_at = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)(stop_at - at);
        w->all_accepted = is_accepted(at, size);
        at += size + 1;
    }
}

/* A verdict of the host's own. */
static void put_rejected(worker *w, const char *reason, double line) {
    char text[400];
    int size = snprintf(
        text, sizeof text,
        "{\"verdict\":\"reject\",\"reason\":\"%s\",\"render\":\"%s\","
        "\"age_seconds\":null,\"user_id\":null,\"identity\":\"absent\","
        "\"name\":null,\"email\":null,\"message\":null,\"form_slug\":null,"
        "\"next\":null,\"extras\":{},\"line\":%.0f}\n",
        reason,
        w->all->options->guest.secret_count > 0 ? "missing" : "unverified",
        line);
    put(w, text, (size_t)size);
    w->all_accepted = false;
}

/* ---- Input ------------------------------------------------------------- */

static bool is_ready(void) {
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&input, 1, 0) != 0;
}

/* The place behind the last line end in data[from..size), or 0. */
static size_t last_end(const char *data, size_t from, size_t size) {
    while (size > from && data[size - 1] != '\n')
        size--;
    return size > from ? size : 0;
}

/* Reads some more; false at the end. */
static bool read_some(worker *w) {
    work *all = w->all;
    ssize_t got;
    do
        got = read(STDIN_FILENO, w->data + w->size, w->room - w->size);
    while (got < 0 && is_worth_again(STDIN_FILENO, POLLIN));
    if (got < 0)
        runner_say("submissions cannot be read: %s", strerror(errno));
    all->is_bad |= got < 0;
    all->ended |= got <= 0;
    w->size += got > 0 ? (size_t)got : 0;
    return got > 0;
}

/* Drops what belongs to a line that was too long. */
static void drop_cut(worker *w) {
    work *all = w->all;
    while (all->is_cut && (w->size > 0 || read_some(w))) {
        char *end = memchr(w->data, '\n', w->size);
        size_t size = end != NULL ? (size_t)(end + 1 - w->data) : w->size;
        memmove(w->data, w->data + size, w->size - size);
        w->size -= size;
        all->is_cut = end == NULL;
    }
}

/* Fills the chunk, but does not keep lines that are there waiting for lines
 * that are not. Returns the bytes of whole lines: the end of the input ends the
 * last one, but a failure of reading does not. */
static size_t fill(worker *w) {
    size_t whole = last_end(w->data, 0, w->size);
    while (w->size < w->room && !(whole > 0 && !is_ready())) {
        size_t before = w->size;
        if (!read_some(w))
            return w->all->is_bad ? whole : w->size;
        size_t found = last_end(w->data, before, w->size);
        whole = found > 0 ? found : whole;
    }
    return whole;
}

static size_t count_lines(const char *data, size_t size) {
    size_t count = 0;
    const char *end = data + size;
    while ((data = memchr(data, '\n', (size_t)(end - data))) != NULL) {
        count++;
        if (++data == end)
            break;
    }
    return count;
}

/* Takes the next lines and a ticket; false when there are none. */
static bool take_lines(worker *w) {
    work *all = w->all;
    if (all->ended)
        return false;
    memcpy(w->data, all->rest, all->rest_size);
    w->size = all->rest_size;
    all->rest_size = 0;
    drop_cut(w);
    size_t whole = all->ended ? 0 : fill(w);
    w->too_long = whole == 0 && w->size == w->room;
    all->is_cut = w->too_long;
    all->rest_size = w->too_long ? 0 : w->size - whole;
    memcpy(all->rest, w->data + whole, all->rest_size);
    w->size = whole;
    w->last = all->ended;
    w->line = all->next_line;
    w->ticket = all->next_ticket++;
    all->next_line += w->too_long ? 1 : (double)count_lines(w->data, w->size);
    return true;
}

/* ---- Verifying --------------------------------------------------------- */

static double now_of(const runner_options *options) {
    struct timespec now;
    if (options->now >= 0)
        return options->now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec * 1000 + (double)(now.tv_nsec / 1000000);
}

/* Bytes of the first `count` lines. */
static size_t size_of_lines(const char *data, size_t size, size_t count) {
    size_t at = 0;
    while (count-- > 0 && at < size) {
        const char *end = memchr(data + at, '\n', size - at);
        at = end != NULL ? (size_t)(end + 1 - data) : size;
    }
    return at;
}

/* Fewer lines at once after a failure, more again after a success. */
static size_t fewer(const char *data, size_t size) {
    size_t count = count_lines(data, size);
    return count / 2 > 0 ? count / 2 : 1;
}

static void reject_line(worker *w, double line) {
    runner_say("line %.0f: %s", line, sonde_guest_message(w->guest));
    put_rejected(w, "host_error", line);
}

/* When a call fails, its lines are tried in halves, so that only those which
 * the module really fails on are lost. */
static void verify(worker *w) {
    const runner_options *options = w->all->options;
    double now = now_of(options);
    size_t at = 0, most = SIZE_MAX;
    while (at < w->size) {
        const char *data = w->data + at;
        size_t size = most == SIZE_MAX
                          ? w->size - at
                          : size_of_lines(data, w->size - at, most);
        uint32_t flags = options->envelope ? SONDE_LINES_ENVELOPE : 0;
        if (w->last)
            flags |= SONDE_LINES_LAST;
        sonde_host_verdicts verdicts;
        int32_t taken = sonde_guest_lines(w->guest, &verdicts, now, data, size,
                                          w->line, flags);
        if (taken > 0) {
            put_verdicts(w, &verdicts);
            at += (size_t)taken;
            w->line += verdicts.count;
            most = most > SIZE_MAX / 2 ? SIZE_MAX : most * 2;
        } else if (most == 1 || size == size_of_lines(data, size, 1)) {
            reject_line(w, w->line);
            at += size;
            w->line += 1;
        } else {
            most = fewer(data, size);
        }
    }
}

static void *run(void *arg) {
    worker *w = arg;
    for (;;) {
        pthread_mutex_lock(&w->all->reading);
        bool more = take_lines(w);
        pthread_mutex_unlock(&w->all->reading);
        if (!more)
            break;
        if (w->too_long)
            put_rejected(w, "body_too_large", w->line);
        else
            verify(w);
        pass_turn(w);
    }
    return NULL;
}

/* ---- Threads ----------------------------------------------------------- */

static bool open_worker(worker *w, work *all) {
    sonde_host_message message;
    *w = (worker){.all = all, .all_accepted = true};
    w->guest = sonde_guest_open(all->host, &all->options->guest, &message);
    if (w->guest == NULL) {
        runner_say("%s", message.text);
        return false;
    }
    w->room = sonde_guest_room(w->guest);
    if (w->room > all->options->chunk)
        w->room = all->options->chunk;
    w->data = malloc(w->room);
    w->out = malloc(OUTPUT);
    if (w->data == NULL || w->out == NULL)
        runner_say("there is no memory for %zu threads: give fewer --threads",
                   all->options->threads);
    return w->data != NULL && w->out != NULL;
}

static void close_worker(worker *w) {
    sonde_guest_close(w->guest);
    free(w->data);
    free(w->out);
}

/* The first worker is this thread; of the others, as many as the system gives.
 */
static void run_all(worker *list, size_t count) {
    size_t started = 1;
    while (started < count && pthread_create(&list[started].thread, NULL, run,
                                             &list[started]) == 0)
        started++;
    if (started < count)
        runner_say("going on with %zu threads of %zu", started, count);
    (void)run(&list[0]);
    for (size_t i = 1; i < started; i++)
        (void)pthread_join(list[i].thread, NULL);
}

int runner_work(sonde_host *host, runner_options *options) {
    work all = {.options = options, .host = host, .next_line = 1};
    pthread_mutex_init(&all.reading, NULL);
    pthread_mutex_init(&all.writing, NULL);
    pthread_cond_init(&all.turned, NULL);
    worker *list = calloc(options->threads, sizeof *list);
    size_t opened = 0;
    while (list != NULL && opened < options->threads &&
           open_worker(&list[opened], &all))
        opened++;
    runner_secrets_wipe(options); /* the guests have their copies */
    int code = EXIT_USAGE;
    if (list != NULL && opened == options->threads) {
        all.rest = malloc(list[0].room);
        if (all.rest == NULL)
            stop("the input");
        run_all(list, opened);
        code = all.is_bad ? EXIT_DATA : EXIT_GOOD;
        for (size_t i = 0; i < opened; i++)
            code = list[i].all_accepted ? code : EXIT_DATA;
        free(all.rest);
    }
    for (size_t i = 0; list != NULL && i < options->threads; i++)
        close_worker(&list[i]);
    free(list);
    return code;
}
