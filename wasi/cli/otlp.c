/* sonde otlp: OTLP requests on standard input, checked, counted, transcoded and
 * shown. */
#include "otlp.h"
#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const SIGNALS[] = {"logs", "traces", "metrics"};
static const char *const ENCODINGS[] = {"protobuf", "json"};

/* A request, and what came of it. */
typedef struct {
    cli_input in;
    sonde_otlp *mem;
    const sonde_otlp_limits *limits;
    int32_t signal;
    uint32_t from;
    sonde_otlp_report report;
    uint8_t *body; /* what it was written to, or NULL */
    size_t body_room;
} request;

/* ---- What was asked for ------------------------------------------------- */

/* Place of a name; the number of names if it is not given, -1 if it is wrong.
 */
static int32_t choice(const char *option, const char *value,
                      const char *const *names, int32_t count) {
    if (!value)
        return count;
    for (int32_t i = 0; i < count; i++)
        if (strcmp(value, names[i]) == 0)
            return i;
    cli_say("--", option, " wants ", names[0], count == 3 ? ", " : " or ",
            names[1], count == 3 ? " or " : "", count == 3 ? names[2] : "",
            (char *)NULL);
    return -1;
}

int32_t cli_otlp_from(const cli_settings *settings) {
    int32_t from = choice("from", settings->from, ENCODINGS, 2);
    return from == 2 ? SONDE_OTLP_ANY : from < 0 ? -2 : from;
}

static bool is_sensible(const cli_settings *settings) {
    return choice("signal", settings->signal, SIGNALS, 3) >= 0 &&
           choice("from", settings->from, ENCODINGS, 2) >= 0 &&
           choice("to", settings->to, ENCODINGS, 2) >= 0;
}

/* ---- Reading ------------------------------------------------------------ */

static void grow(cli_input *in, size_t most) {
    size_t room = in->room > most / 2 ? most : 2 * in->room;
    uint8_t *bytes = cli_memory(room);
    memcpy(bytes, in->bytes, in->end);
    free(in->bytes);
    in->bytes = bytes;
    in->room = room;
}

/* One byte more than is allowed is enough to tell that it is too large. */
static bool read_all(cli_input *in, size_t most) {
    enum { FIRST = 65536 };
    cli_input_init(in, STDIN_FILENO, most < FIRST ? most : FIRST);
    while (cli_input_fill_up(in)) {
        if (in->ended || in->room == most)
            return true;
        grow(in, most);
    }
    return false;
}

bool cli_otlp_is_object(const cli_input *in) {
    size_t i = 0;
    while (i < in->end && strchr(" \t\r\n", in->bytes[i]) && in->bytes[i])
        i++;
    return i < in->end && in->bytes[i] == '{';
}

/* What is not told is guessed: the encoding by the first byte, the signal of
 * protobuf by trying. What is neither, but has a brace behind white space, is
 * JSON with something wrong. */
static bool guess(request *r, const cli_settings *settings) {
    int32_t signal = choice("signal", settings->signal, SIGNALS, 3);
    int32_t from = choice("from", settings->from, ENCODINGS, 2);
    bool brace = r->in.end > 0 && r->in.bytes[0] == '{';
    uint32_t guessed;
    r->signal = signal == 3 ? SONDE_OTLP_ANY : signal;
    r->from = from == 2 ? brace : (uint32_t)from;
    if (from == 2 && !brace) {
        int32_t likely =
            sonde_otlp_guess(r->mem, &guessed, r->in.bytes, r->in.end);
        if (likely >= SONDE_OTLP_ANY)
            r->from = guessed;
        else
            r->from = cli_otlp_is_object(&r->in);
    }
    if (r->from == SONDE_OTLP_JSON || r->signal != SONDE_OTLP_ANY)
        return true;
    r->signal = sonde_otlp_guess(r->mem, &guessed, r->in.bytes, r->in.end);
    if (r->signal >= 0 && guessed == SONDE_OTLP_PROTOBUF)
        return true;
    cli_say(from == 2 ? "neither JSON nor a" : "no",
            " protobuf request of any signal: --signal",
            from == 2 ? " and --from tell" : " tells",
            " what it should be, and then what is wrong with it", (char *)NULL);
    return false;
}

static bool start(request *r, const cli_settings *settings) {
    memset(r, 0, sizeof *r);
    r->limits = &settings->otlp;
    r->mem = cli_memory(sonde_otlp_size());
    return read_all(&r->in, (size_t)r->limits->max_input + 1) &&
           (r->in.end > r->limits->max_input || guess(r, settings));
}

static void end(request *r) {
    cli_input_end(&r->in);
    free(r->mem);
    free(r->body);
}

/* ---- Running ------------------------------------------------------------ */

static int32_t refuse(const request *r, int32_t status) {
    const sonde_otlp_report *report = &r->report;
    char digits[CLI_DIGITS];
    cli_say("offset ", cli_digits(digits, report->offset),
            report->path[0] ? ", " : "", report->path, ": ",
            report->what[0] ? report->what : sonde_status_text(status),
            (char *)NULL);
    return status;
}

/* Checks it, or with `write` also writes it to r->body. */
static int32_t run(request *r, uint32_t to, bool write) {
    int32_t size =
        sonde_otlp_transcode(r->mem, &r->report, NULL, 0, to, r->signal,
                             r->from, r->in.bytes, r->in.end, r->limits);
    if (size < 0)
        return refuse(r, size);
    if (!write)
        return size;
    r->body_room = (size_t)size + SONDE_OTLP_SLACK;
    r->body = cli_memory(r->body_room);
    size = sonde_otlp_transcode(r->mem, &r->report, r->body, r->body_room, to,
                                r->signal, r->from, r->in.bytes, r->in.end,
                                r->limits);
    return size < 0 ? refuse(r, size) : size;
}

uint8_t *cli_otlp_metrics(const uint8_t *json, size_t size, size_t *made) {
    sonde_otlp_limits all = {UINT32_MAX, UINT32_MAX, UINT32_MAX,
                             UINT32_MAX, UINT32_MAX, 0};
    request r = {.limits = &all, .signal = SONDE_OTLP_ANY};
    r.in.bytes = (uint8_t *)(uintptr_t)json; /* only read */
    r.in.end = size;
    r.from = SONDE_OTLP_JSON;
    r.mem = cli_memory(sonde_otlp_size());
    int32_t used = run(&r, SONDE_OTLP_PROTOBUF, true);
    free(r.mem);
    if (used >= 0 && r.report.signal >= 0 &&
        r.report.signal != SONDE_OTLP_METRICS) {
        cli_say("these are ", SIGNALS[r.report.signal], ", not metrics",
                (char *)NULL);
        used = -1;
    }
    if (used < 0) {
        free(r.body);
        return NULL;
    }
    *made = (size_t)used;
    return r.body;
}

/* ---- Counts ------------------------------------------------------------- */

typedef struct {
    const char *name; /* in JSON; in the table, without underscores */
    uint32_t count;
    bool always;
} counted;

static void put_number(cli_output *out, double number) {
    char digits[CLI_DIGITS];
    cli_output_text(out, cli_digits(digits, number));
}

static void put_row(cli_output *out, const char *name) {
    enum { WIDTH = 20 };
    for (size_t i = 0; i < WIDTH; i++) {
        char c = i < strlen(name) ? name[i] : ' ';
        cli_output_put(out, c == '_' ? " " : &c, 1);
    }
}

static void put_counts(cli_output *out, const request *r, bool json) {
    const sonde_otlp_report *it = &r->report;
    const counted rows[] = {
        {"bytes", (uint32_t)r->in.end, true},
        {"resources", it->resources, true},
        {"scopes", it->scopes, true},
        {"metrics", it->metrics, false},
        {it->signal == SONDE_OTLP_METRICS  ? "data_points"
         : it->signal == SONDE_OTLP_TRACES ? "spans"
                                           : "log_records",
         it->records, true},
        {"unknown_fields", it->unknown, false},
        {"dropped_records", it->dropped_records, false},
        {"dropped_attributes", it->dropped_attributes, false},
        {"dropped_events", it->dropped_events, false},
        {"dropped_links", it->dropped_links, false},
        {"cut_values", it->cut_values, false},
    };
    const char *signal = it->signal < 0 ? "any" : SIGNALS[it->signal];
    if (json) {
        cli_output_text(out, "{\"signal\":\"");
        cli_output_text(out, signal);
        cli_output_text(out, "\",\"encoding\":\"");
        cli_output_text(out, ENCODINGS[r->from]);
        cli_output_text(out, "\"");
    } else {
        put_row(out, "signal");
        cli_output_text(out, signal);
        cli_output_text(out, "\n");
        put_row(out, "encoding");
        cli_output_text(out, ENCODINGS[r->from]);
        cli_output_text(out, "\n");
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!json && !rows[i].always && rows[i].count == 0)
            continue;
        if (json) {
            cli_output_text(out, ",\"");
            cli_output_text(out, rows[i].name);
            cli_output_text(out, "\":");
        } else {
            put_row(out, rows[i].name);
        }
        put_number(out, rows[i].count);
        if (!json)
            cli_output_text(out, "\n");
    }
    if (json)
        cli_output_text(out, "}\n");
}

/* ---- Commands ----------------------------------------------------------- */

typedef void answering(cli_output *out, const request *r, size_t size,
                       const cli_settings *settings);

static int command(const cli_settings *settings, cli_output *out, uint32_t to,
                   bool write, answering *answer) {
    request r;
    if (!is_sensible(settings))
        return CLI_USAGE;
    int32_t size = start(&r, settings) ? run(&r, to, write) : -1;
    if (size >= 0 && answer)
        answer(out, &r, (size_t)size, settings);
    end(&r);
    return size < 0 ? CLI_REJECT : CLI_ACCEPT;
}

/* What is unknown may be a name that was misspelt. */
static void answer_check(cli_output *out, const request *r, size_t size,
                         const cli_settings *settings) {
    char digits[CLI_DIGITS];
    const sonde_otlp_report *it = &r->report;
    (void)out, (void)size, (void)settings;
    if (it->unknown == 0)
        return;
    cli_say(
        "unknown fields, which are ignored: ", cli_digits(digits, it->unknown),
        it->records + it->dropped_records > 0
            ? ""
            : "; no record is left: is it of another signal, "
              "or not spelt as OTLP/JSON is, like resourceLogs?",
        (char *)NULL);
}

int cli_otlp_check(const cli_settings *settings, cli_output *out) {
    return command(settings, out, SONDE_OTLP_PROTOBUF, false, answer_check);
}

static void answer_body(cli_output *out, const request *r, size_t size,
                        const cli_settings *settings) {
    (void)settings;
    cli_output_put(out, (const char *)r->body, size);
    if (isatty(STDOUT_FILENO)) /* and so it is JSON */
        cli_output_text(out, "\n");
}

int cli_otlp_transcode(const cli_settings *settings, cli_output *out) {
    bool binary = settings->to && strcmp(settings->to, ENCODINGS[0]) == 0;
    if (binary && isatty(STDOUT_FILENO)) {
        cli_say("protobuf is nothing for a terminal: write it to a file or a "
                "pipe, or give --to json",
                (char *)NULL);
        return CLI_USAGE;
    }
    return command(settings, out,
                   binary ? SONDE_OTLP_PROTOBUF : SONDE_OTLP_JSON, true,
                   answer_body);
}

static void answer_counts(cli_output *out, const request *r, size_t size,
                          const cli_settings *settings) {
    (void)size;
    put_counts(out, r, settings->json);
}

int cli_otlp_count(const cli_settings *settings, cli_output *out) {
    return command(settings, out, SONDE_OTLP_PROTOBUF, false, answer_counts);
}

static void answer_records(cli_output *out, const request *r, size_t size,
                           const cli_settings *settings) {
    const char *plain = getenv("NO_COLOR");
    bool colour = isatty(STDOUT_FILENO) && !(plain && *plain);
    (void)settings;
    cli_otlp_print(out, r->body, size, r->report.signal, colour);
}

int cli_otlp_print_command(const cli_settings *settings, cli_output *out) {
    return command(settings, out, SONDE_OTLP_PROTOBUF, true, answer_records);
}
