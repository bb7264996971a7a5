/* The command line of sonde-host: the table of options is all there is;
 * parsing and --help both read it. Options that limit submissions come from
 * signed_options.def. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENVELOPE 16384.0
#define READ_AHEAD 262144.0
#define SPARE 16.0               /* the module rounds the size down */
#define LATEST 253402300799999.0 /* the year 9999, in milliseconds */

/* ---- The table --------------------------------------------------------- */

enum {
    O_ENVELOPE = 1,
    O_CONTENT_TYPE,
    O_ORIGIN,
    O_ENDPOINT,
    O_ALLOW_ORIGIN,
    O_ALLOW_NEXT,
    O_NOW,
    O_SECRET_FD,
    O_THREADS,
    O_MODULE,
    O_CACHE,
    O_MEMORY_LIMIT,
    O_DEADLINE,
    O_FUEL,
    O_HELP,
    O_VERSION,
    O_LIMIT = 1000 /* and the place in signed_options.def */
};

static const struct {
    int id;
    const char *name, *value, *text;
} TABLE[] = {
    {O_ENVELOPE, "envelope", NULL,
     "lines are {\"id\", \"body\", \"content_type\", \"origin\", "
     "\"endpoint\", \"now\"}; only the body is required"},
    {O_CONTENT_TYPE, "content-type", "TYPE",
     "of lines that do not say (default application/json)"},
    {O_ORIGIN, "origin", "ORIGIN",
     "of lines that do not say (default: no such header)"},
    {O_ENDPOINT, "endpoint", "ID", "of lines that do not say (default: any)"},
    {O_ALLOW_ORIGIN, "allow-origin", "ORIGIN",
     "may send submissions; may be repeated (default: any)"},
    {O_ALLOW_NEXT, "allow-next", "TARGET",
     "where _next may lead: an origin or a path; may be repeated "
     "(default: nowhere)"},
    {O_NOW, "now", "SECONDS", "Unix time to go by (default: the clock's)"},
    {O_SECRET_FD, "secret-fd", "N",
     "read the secrets from this descriptor, one a line, newest first"},
    {O_THREADS, "threads", "N", "default: the number of cores"},
    {O_MODULE, "module", "FILE",
     "sonde-edge.wasm (default: the one beside this program, then "
     "dist/edge/sonde-edge.wasm)"},
    {O_CACHE, "cache", "DIR",
     "folder of compiled modules, or none (default: "
     "$XDG_CACHE_HOME/sonde-host)"},
    {O_MEMORY_LIMIT, "memory-limit", "BYTES",
     "of an instance (default 16777216)"},
    {O_DEADLINE, "deadline-ms", "N",
     "for a call, which verifies up to 256 KiB of lines; 0 is none "
     "(default 5000)"},
    {O_FUEL, "fuel", "N",
     "the most instructions of a call; 0 is no limit (default 0)"},
    {O_HELP, "help", NULL, "print this"},
    {O_VERSION, "version", NULL, "print the version"},
};

enum { TABLE_SIZE = sizeof TABLE / sizeof *TABLE };

/* max_input is set by the runner itself. */
static const struct {
    const char *name, *text;
    double value, least, most;
} LIMITS[SONDE_SIGNED_OPTION_COUNT] = {
#define SONDE_SIGNED_OPTION(name, value, least, most, unit, text)              \
    {#name, text, value, least, most},
#include "signed_options.def"
#undef SONDE_SIGNED_OPTION
};

enum { LIMIT_NAME = 40 };

static const char *limit_name(char to[LIMIT_NAME], size_t i) {
    (void)snprintf(to, LIMIT_NAME, "%s", LIMITS[i].name);
    for (char *at = to; *at != '\0'; at++)
        *at = *at == '_' ? '-' : *at;
    return to;
}

static bool is_switch(size_t limit) {
    return limit == SONDE_SIGNED_OPTION_allow_weak_secret;
}

static bool is_offered(size_t limit) {
    return limit != SONDE_SIGNED_OPTION_max_input;
}

/* ---- Printing ---------------------------------------------------------- */

void runner_say(const char *format, ...) {
    char line[1200];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    (void)fprintf(stderr, "sonde-host: %s\n", line); /* in one piece */
}

enum { COLUMN = 26, WIDTH = 78 };

/* Breaks the text between words. */
static void print_option(const char *name, const char *value,
                         const char *text) {
    int at = printf("  --%s%s%s", name, value != NULL ? " " : "",
                    value != NULL ? value : "");
    bool fresh = true; /* the line holds no word yet */
    at += printf("%*s", at < COLUMN ? COLUMN - at : 1, "");
    for (size_t size; *text != '\0'; text += size + (text[size] == ' ')) {
        size = strcspn(text, " ");
        fresh = fresh || at + (int)size >= WIDTH;
        if (at + (int)size >= WIDTH)
            at = printf("\n%*s", COLUMN, "") - 1;
        at += printf("%s%.*s", fresh ? "" : " ", (int)size, text);
        fresh = false;
    }
    putchar('\n');
}

static void print_help(void) {
    printf("Usage: sonde-host [OPTION...] <SUBMISSIONS >VERDICTS\n\n"
           "Verifies support submissions inside Wasmtime: each line in is a "
           "JSON\nsubmission, each line out its verdict, in the same order, "
           "in constant memory.\nA line that is not JSON, or too long, or "
           "that the module fails on, is rejected\nwith its number in "
           "\"line\", and the next lines go on.\n\n"
           "Secrets come from SONDE_SECRET_KEY (or PLAIN_CONNECT_SECRET_KEY), "
           "one a line,\nnewest first, or from --secret-fd.\n\n");
    for (size_t i = 0; i < TABLE_SIZE; i++)
        print_option(TABLE[i].name, TABLE[i].value, TABLE[i].text);
    printf("\nLimits of submissions:\n");
    for (size_t i = 0; i < SONDE_SIGNED_OPTION_COUNT; i++) {
        char name[LIMIT_NAME], text[240];
        if (!is_offered(i))
            continue;
        (void)snprintf(text, sizeof text, "%s", LIMITS[i].text);
        if (!is_switch(i))
            (void)snprintf(text, sizeof text, "default %.0f: %s",
                           LIMITS[i].value, LIMITS[i].text);
        print_option(limit_name(name, i), is_switch(i) ? NULL : "N", text);
    }
    printf("\nExit code: 0 all accepted, 1 some were not or an error of input "
           "or output,\n2 wrong usage.\n");
}

/* ---- Parsing ----------------------------------------------------------- */

static bool is_wrong(const char *name, const char *wants) {
    runner_say("--%s wants %s; see sonde-host --help", name, wants);
    return false;
}

/* A whole number in a range. */
static bool get_number(const char *name, const char *text, double least,
                       double most, double *value) {
    char *end, wants[80];
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    *value = (double)number;
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 &&
        *value >= least && *value <= most)
        return true;
    (void)snprintf(wants, sizeof wants, "a whole number from %.0f to %.0f",
                   least, most);
    return is_wrong(name, wants);
}

static bool get_time(const char *text, double *now) {
    size_t digits = strspn(text, "0123456789");
    size_t dots = text[digits] == '.';
    size_t rest = digits + dots;
    rest += strspn(text + rest, "0123456789");
    *now = strtod(text, NULL) * 1000;
    return digits > 0 && text[rest] == '\0' && *now <= LATEST
               ? true
               : is_wrong("now", "Unix time in seconds, such as 1763661600 or "
                                 "1763661600.25");
}

static bool append(sonde_host_text *list, size_t *count, const char *name,
                   const char *text) {
    if (*count == SONDE_MAX_ALLOWED) {
        runner_say("--%s was given more than %d times", name,
                   SONDE_MAX_ALLOWED);
        return false;
    }
    list[(*count)++] = (sonde_host_text){text, strlen(text)};
    return true;
}

static bool set_text(sonde_host_text *to, const char *text) {
    *to = (sonde_host_text){text, strlen(text)};
    return true;
}

static bool set_runner(runner_options *o, int id, const char *name,
                       const char *text) {
    double number = 0;
    switch (id) {
    case O_SECRET_FD:
        if (!get_number(name, text, 0, 1 << 20, &number))
            return false;
        o->secret_fd = (int)number;
        return number > 0 || is_wrong(name, "another descriptor than standard "
                                            "input, which is the submissions");
    case O_THREADS:
        if (!get_number(name, text, 1, 1024, &number))
            return false;
        o->threads = (size_t)number;
        return true;
    case O_MEMORY_LIMIT:
        if (!get_number(name, text, 65536, 4294967296.0, &number))
            return false;
        o->guest.memory_limit = (size_t)number;
        return true;
    case O_DEADLINE:
        if (!get_number(name, text, 0, 86400000, &number))
            return false;
        o->host.deadline_ms = (uint32_t)number;
        return true;
    default:
        if (!get_number(name, text, 0, 9007199254740992.0, &number))
            return false;
        o->host.fuel = (uint64_t)number;
        return true;
    }
}

static bool set(runner_options *o, int id, const char *name, const char *text) {
    switch (id) {
    case O_ENVELOPE:
        return o->envelope = true;
    case O_CONTENT_TYPE:
        return set_text(&o->guest.content_type, text);
    case O_ORIGIN:
        return set_text(&o->guest.origin, text);
    case O_ENDPOINT:
        return set_text(&o->guest.endpoint, text);
    case O_ALLOW_ORIGIN:
        return append(o->origins, &o->guest.origin_count, name, text);
    case O_ALLOW_NEXT:
        return append(o->nexts, &o->guest.next_count, name, text);
    case O_NOW:
        return get_time(text, &o->now);
    case O_MODULE:
        o->module = text;
        return true;
    case O_CACHE:
        o->cache = text;
        return true;
    default:
        return set_runner(o, id, name, text);
    }
}

static bool set_limit(runner_options *o, size_t limit, const char *name,
                      const char *text) {
    double *value = &o->guest.options[limit];
    *value = 1;
    return is_switch(limit) || get_number(name, text, LIMITS[limit].least,
                                          LIMITS[limit].most, value);
}

/* Lines that can be taken whole: the largest body in its longest spelling, six
 * characters for a byte inside an envelope, the rest of it, and what `sonde
 * verify --ndjson` reads ahead, so that both find the same lines too long. */
static void set_input(runner_options *o) {
    double *input = &o->guest.options[SONDE_SIGNED_OPTION_max_input];
    double body = o->guest.options[SONDE_SIGNED_OPTION_max_body];
    double most = LIMITS[SONDE_SIGNED_OPTION_max_input].most;
    double chunk = body * (o->envelope ? 6 : 1) + ENVELOPE + READ_AHEAD;
    if (chunk > most - SPARE)
        chunk = most - SPARE;
    o->chunk = (size_t)chunk;
    *input = chunk + SPARE;
}

static void set_defaults(runner_options *o) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    *o = (runner_options){.now = -1, .secret_fd = -1};
    o->threads = cores > 1 ? (size_t)cores : 1;
    sonde_host_config_init(&o->host);
    o->host.deadline_ms = 5000;
    sonde_guest_config_init(&o->guest);
    o->guest.secrets = o->secrets;
    o->guest.origins = o->origins;
    o->guest.nexts = o->nexts;
    (void)set_text(&o->guest.content_type, "application/json");
}

enum { ALL = TABLE_SIZE + SONDE_SIGNED_OPTION_COUNT + 1 };

static void make_table(struct option all[ALL],
                       char names[SONDE_SIGNED_OPTION_COUNT][LIMIT_NAME]) {
    size_t at = 0;
    for (size_t i = 0; i < TABLE_SIZE; i++)
        all[at++] = (struct option){TABLE[i].name,
                                    TABLE[i].value != NULL ? required_argument
                                                           : no_argument,
                                    NULL, TABLE[i].id};
    for (size_t i = 0; i < SONDE_SIGNED_OPTION_COUNT; i++) {
        if (is_offered(i))
            all[at++] =
                (struct option){limit_name(names[i], i),
                                is_switch(i) ? no_argument : required_argument,
                                NULL, O_LIMIT + (int)i};
    }
    all[at] = (struct option){0};
}

int runner_options_parse(runner_options *o, int argc, char **argv) {
    struct option all[ALL];
    char names[SONDE_SIGNED_OPTION_COUNT][LIMIT_NAME];
    make_table(all, names);
    set_defaults(o);
    int id, place = 0;
    while ((id = getopt_long(argc, argv, "h", all, &place)) != -1) {
        if (id == '?') { /* getopt has said what is wrong */
            runner_say("see sonde-host --help");
            return EXIT_USAGE;
        }
        if (id == O_HELP || id == 'h') {
            print_help();
            return EXIT_GOOD;
        }
        if (id == O_VERSION) {
            printf("sonde-host %s (Wasmtime)\n", SONDE_VERSION);
            return EXIT_GOOD;
        }
        const char *name = all[place].name;
        if (id >= O_LIMIT ? !set_limit(o, (size_t)(id - O_LIMIT), name, optarg)
                          : !set(o, id, name, optarg))
            return EXIT_USAGE;
    }
    if (optind < argc) {
        runner_say("'%s' is not an option; submissions come from standard "
                   "input. See sonde-host --help",
                   argv[optind]);
        return EXIT_USAGE;
    }
    set_input(o);
    return -1;
}
