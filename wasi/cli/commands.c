/* The tables of commands and options: what can be typed, and what --help says
 * of it. README.md repeats the names; a test compares them. */
#include "options.h"

#include <stddef.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define PLACE(member) offsetof(cli_settings, member)

/* ---- Options that several commands share ------------------------------- */

#define SECRET_FD                                                              \
    {"secret-fd",                                                              \
     "N",                                                                      \
     "read the secrets from this file descriptor, one a line, newest first, "  \
     "instead of from the environment",                                        \
     NULL,                                                                     \
     CLI_NUMBER,                                                               \
     PLACE(secret_fd)}
#define WEAK_SECRET                                                            \
    {"allow_weak_secret",                                                      \
     NULL,                                                                     \
     "take secrets of fewer than 16 bytes: for tests",                         \
     NULL,                                                                     \
     CLI_SWITCH,                                                               \
     SONDE_SIGNED_OPTION_allow_weak_secret}
#define NOW                                                                    \
    {"now",         "SECONDS", "Unix time to go by; fractions count",          \
     "the clock's", CLI_TIME,  PLACE(now)}
#define HELP {"help", NULL, "print this", NULL, CLI_FLAG, PLACE(help)}

#define SIGNAL                                                                 \
    {                                                                          \
        "signal",                                                              \
        "SIGNAL",                                                              \
        "logs, traces or metrics",                                             \
        "as the request tells",                                                \
        CLI_TEXT,                                                              \
        PLACE(signal)}
#define FROM                                                                   \
    {"from",   "ENCODING", "json or protobuf", "by the first byte",            \
     CLI_TEXT, PLACE(from)}

/* Its text is in cli_otlp_limits. */
#define OTLP_LIMIT(name)                                                       \
    {#name, "N", NULL, NULL, CLI_OTLP_LIMIT, SONDE_OTLP_LIMIT_##name}
#define OTLP_LIMITS                                                            \
    OTLP_LIMIT(max_input), OTLP_LIMIT(max_records),                            \
        OTLP_LIMIT(max_attributes), OTLP_LIMIT(max_events),                    \
        OTLP_LIMIT(max_links), OTLP_LIMIT(max_value)

/* Its text is in cli_limits, behind what is said here. */
#define LIMIT_WHEN(name, when)                                                 \
    {#name, "N", when, NULL, CLI_LIMIT, SONDE_SIGNED_OPTION_##name}
#define LIMIT(name) LIMIT_WHEN(name, NULL)

const cli_limit cli_limits[] = {
#define SONDE_SIGNED_OPTION(name, value, least, most, unit, text)              \
    {#value, #least, #most, unit, text},
#include "signed_options.def"
#undef SONDE_SIGNED_OPTION
};

const cli_limit cli_otlp_limits[] = {
#define SONDE_OTLP_LIMIT(name, value, least, most, unit, text)                 \
    {#value, #least, #most, unit, text},
#include "otlp_limits.def"
#undef SONDE_OTLP_LIMIT
};

/* ---- One table for each command ---------------------------------------- */

static const cli_option token_options[] = {SECRET_FD, WEAK_SECRET, HELP};

static const cli_option sign_options[] = {NOW, SECRET_FD, WEAK_SECRET, HELP};

static const cli_option check_options[] = {
    NOW,       LIMIT(min_age), LIMIT(max_age), LIMIT(max_skew),
    SECRET_FD, WEAK_SECRET,    HELP,
};

static const cli_option verify_options[] = {
    {"ndjson", NULL,
     "verify many: each line is a JSON submission, and each line out its "
     "verdict, in order",
     NULL, CLI_FLAG, PLACE(ndjson)},
    {"envelope", NULL,
     "with --ndjson: each line is {\"id\", \"body\", \"content_type\", "
     "\"origin\", \"endpoint\", \"now\"}; only the body is required, and the "
     "id is echoed",
     NULL, CLI_FLAG, PLACE(envelope)},
    {"content-type", "TYPE", "Content-Type header of the request",
     "application/json", CLI_TEXT, PLACE(content_type)},
    {"origin", "ORIGIN", "Origin header of the request", "no such header",
     CLI_TEXT, PLACE(origin)},
    {"endpoint", "ID", "the endpoint that it was sent to", "any", CLI_TEXT,
     PLACE(endpoint)},
    {"allow-origin", "ORIGIN",
     "an origin that may send submissions, such as https://app.example; may "
     "be repeated",
     "any but null", CLI_LIST, PLACE(allow_origin)},
    {"allow-next", "TARGET",
     "where _next may lead: an origin, or a path of the endpoint's own site, "
     "such as /thanks; may be repeated",
     "nowhere", CLI_LIST, PLACE(allow_next)},
    NOW,
    LIMIT(min_age),
    LIMIT(max_age),
    LIMIT(max_skew),
    LIMIT_WHEN(max_uses, "with --ndjson: "),
    LIMIT(max_body),
    LIMIT(max_fields),
    LIMIT(max_key),
    LIMIT(max_value),
    LIMIT(max_message),
    LIMIT(max_email),
    SECRET_FD,
    WEAK_SECRET,
    HELP,
};

static const cli_option otlp_options[] = {SIGNAL, FROM, OTLP_LIMITS, HELP};

static const cli_option otlp_count_options[] = {
    SIGNAL,
    FROM,
    {"json", NULL, "print a JSON object on one line", NULL, CLI_FLAG,
     PLACE(json)},
    OTLP_LIMITS,
    HELP,
};

static const cli_option otlp_transcode_options[] = {
    SIGNAL,
    FROM,
    {"to", "ENCODING", "json or protobuf", "json", CLI_TEXT, PLACE(to)},
    OTLP_LIMITS,
    HELP,
};

static const cli_option config_options[] = {WEAK_SECRET, HELP};

static const cli_option plain_options[] = {HELP};

/* ---- The commands ------------------------------------------------------ */

static const cli_option prometheus_options[] = {
    FROM,
    {"openmetrics", NULL, "print OpenMetrics 1.0, with exemplars", NULL,
     CLI_FLAG, PLACE(openmetrics)},
    {"strategy", "NAME",
     "how names are translated: UnderscoreEscapingWithSuffixes, "
     "UnderscoreEscapingWithoutSuffixes, NoUTF8EscapingWithSuffixes, "
     "NoTranslation",
     "UnderscoreEscapingWithSuffixes", CLI_TEXT, PLACE(strategy)},
    {"escaping", "NAME",
     "how other characters in names are escaped then: underscores, "
     "allow-utf-8, dots, values",
     "underscores", CLI_TEXT, PLACE(escaping)},
    {"no-scope", NULL, "no labels of the instrumentation scope", NULL, CLI_FLAG,
     PLACE(no_scope)},
    {"no-target-info", NULL, "no target_info with the resource's attributes",
     NULL, CLI_FLAG, PLACE(no_target_info)},
    {"no-created", NULL, "OpenMetrics: no _created samples", NULL, CLI_FLAG,
     PLACE(no_created)},
    {"job", NULL,
     "labels job and instance, made of the resource, on each sample; so it is "
     "in any case with several resources",
     NULL, CLI_FLAG, PLACE(job)},
    HELP,
};

const cli_command cli_commands[] = {
    {"token mint", "[ID...]", "make identity tokens of user ids",
     "Prints an identity token for each user id, one a line, made with the "
     "newest secret. Without an ID, reads ids from standard input, one a line."
     "\n\nAn id that cannot be sealed gives an empty line and exit code 1.",
     token_options, COUNT(token_options), 0, SIZE_MAX, cli_token_mint},
    {"token open", "[TOKEN...]", "tell the user ids of identity tokens",
     "Prints the user id of each identity token, one a line, opened with any "
     "of the secrets. Without a TOKEN, reads tokens from standard input, one "
     "a line.\n\nA token that does not open gives an empty line and exit code "
     "1; so does one whose id holds a line end.",
     token_options, COUNT(token_options), 0, SIZE_MAX, cli_token_open},
    {"render sign", "", "make a render token",
     "Prints a render token for a page that is rendered now. Without a secret "
     "it is an empty line: the form then works unverified.",
     sign_options, COUNT(sign_options), 0, 0, cli_render_sign},
    {"render check", "TOKEN", "check a render token",
     "Prints ok, too_fresh, stale, future, invalid, missing or unverified, "
     "and behind it the age in seconds where the signature is good. Exit code "
     "0 is for ok, and for unverified, which is when there is no secret.",
     check_options, COUNT(check_options), 1, 1, cli_render_check},
    {"verify", "", "verify support submissions",
     "Reads a support submission, which is the body of the request, from "
     "standard input and prints its verdict as a JSON object on one line.\n\n"
     "With --ndjson, reads any number of them in constant memory. A line that "
     "is not JSON, or too long, is rejected, its verdict tells its number in "
     "\"line\", and the next lines go on. Exit code 0 is for all accepted.",
     verify_options, COUNT(verify_options), 0, 0, cli_verify},
    {"otlp check", "", "check an OTLP request",
     "Reads an export request of logs, traces or metrics, in JSON or protobuf, "
     "from standard input. If it is not good, tells at which byte, where in "
     "it and what is wrong; exit code 1.",
     otlp_options, COUNT(otlp_options), 0, 0, cli_otlp_check},
    {"otlp count", "", "tell what an OTLP request holds",
     "Reads an export request from standard input and prints its signal, its "
     "encoding, and how many resources, scopes and records are in it, and how "
     "many the limits would leave out.",
     otlp_count_options, COUNT(otlp_count_options), 0, 0, cli_otlp_count},
    {"otlp print", "", "show the records of an OTLP request",
     "Reads an export request from standard input and prints its records, one "
     "a line: time, severity, scope, body and attributes of logs; start, "
     "duration, kind and status, ids, name and attributes of spans; name, "
     "unit, type, points, scope and description of metrics. On a terminal "
     "severities are in colour, unless NO_COLOR is set.",
     otlp_options, COUNT(otlp_options), 0, 0, cli_otlp_print_command},
    {"otlp transcode", "", "write an OTLP request in another encoding",
     "Reads an export request from standard input and writes it to standard "
     "output in JSON or protobuf, whatever it was in, without what limits "
     "leave out. A request that is not good gives nothing.",
     otlp_transcode_options, COUNT(otlp_transcode_options), 0, 0,
     cli_otlp_transcode},
    {"prometheus", "", "write OTLP metrics as Prometheus text",
     "Reads an ExportMetricsServiceRequest in protobuf or JSON, of cumulative "
     "temporality, from standard input and prints its metrics in the "
     "Prometheus text format 0.0.4, or as OpenMetrics 1.0. What the format "
     "cannot hold is left out and told on standard error.",
     prometheus_options, COUNT(prometheus_options), 0, 0, cli_prometheus},
    {"check-config", "", "tell which settings the environment holds",
     "Lists each setting, the variable that it comes from, and what is wrong "
     "with it; never a value. Exit code 1 is for a secret that cannot be "
     "used.",
     config_options, COUNT(config_options), 0, 0, cli_check_config},
    {"help", "[COMMAND]", "tell about a command",
     "Prints what a command does and takes, or the list of commands.",
     plain_options, COUNT(plain_options), 0, 3, cli_help},
    {"version", "", "print the version",
     "Prints the name and the version of this program.", plain_options,
     COUNT(plain_options), 0, 0, cli_version},
};

const size_t cli_command_count = COUNT(cli_commands);
