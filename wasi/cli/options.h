/* The commands, their options, and what was chosen of them. The tables in
 * commands.c are all there is: parsing and --help both read them. */
#ifndef SONDE_CLI_OPTIONS_H
#define SONDE_CLI_OPTIONS_H

#include "io.h"
#include "sonde_otlp.h"
#include "sonde_signed.h"

typedef struct {
    const char *items[SONDE_MAX_ALLOWED];
    size_t count;
} cli_list;

/* What the arguments say. */
typedef struct {
    char **arguments; /* those that are no options */
    size_t argument_count;
    bool help;
    bool ndjson;
    bool envelope;
    double now;       /* Unix time in milliseconds, or -1: the clock's */
    double secret_fd; /* or -1: the environment */
    const char *content_type;
    const char *origin; /* these two: NULL if not given */
    const char *endpoint;
    cli_list allow_next;
    cli_list allow_origin;
    sonde_signed_config limits;
    bool openmetrics; /* from here on: sonde prometheus */
    bool no_scope;
    bool no_target_info;
    bool no_created;
    bool job;
    const char *strategy; /* these two: NULL if not given */
    const char *escaping;
    const char *signal; /* these three: NULL if not given */
    const char *from;
    const char *to;
    bool json;
    sonde_otlp_limits otlp;
} cli_settings;

typedef enum {
    CLI_FLAG,   /* a bool */
    CLI_TEXT,   /* a const char * */
    CLI_LIST,   /* a cli_list: may be repeated */
    CLI_TIME,   /* a double: Unix seconds, kept in milliseconds */
    CLI_NUMBER, /* a double: whole */
    CLI_LIMIT,  /* an option of the library */
    CLI_SWITCH, /* the same, a boolean one: takes no value */
    CLI_OTLP_LIMIT
} cli_kind;

typedef struct {
    const char *name;   /* "content-type"; with '_' for '-' in a limit's */
    const char *value;  /* "TYPE"; NULL: takes none */
    const char *text;   /* of a limit: what precedes its own, or NULL */
    const char *preset; /* what holds otherwise, or NULL */
    cli_kind kind;
    size_t place; /* its offset in cli_settings, or the limit's id */
} cli_option;

/* The library's tables of limits, as text; the place is the limit's id. */
typedef struct {
    const char *preset;
    const char *least;
    const char *most;
    const char *unit;
    const char *text;
} cli_limit;

extern const cli_limit cli_limits[];
extern const cli_limit cli_otlp_limits[];

/* The line for an option of either kind; NULL if it is none of them. */
static inline const cli_limit *cli_limit_of(const cli_option *option) {
    return option->kind == CLI_LIMIT || option->kind == CLI_SWITCH
               ? &cli_limits[option->place]
           : option->kind == CLI_OTLP_LIMIT ? &cli_otlp_limits[option->place]
                                            : NULL;
}

typedef struct {
    const char *name;      /* "token mint" */
    const char *arguments; /* "[ID...]"; "": takes none */
    const char *summary;   /* one line, for the list of commands */
    const char *text;      /* paragraphs */
    const cli_option *options;
    size_t option_count;
    size_t least; /* arguments */
    size_t most;
    int (*run)(const cli_settings *settings, cli_output *out);
} cli_command;

extern const cli_command cli_commands[];
extern const size_t cli_command_count;

/* The command that the first arguments name; *words gets how many of them.
 * NULL if there is none. */
const cli_command *cli_command_find(char **arguments, size_t count,
                                    size_t *words);

/* Says that there is no such command, and what comes near. */
void cli_command_missing(char **arguments, size_t count);

/* Reads the arguments behind the command's name; they are put in another
 * order. False, having told why, if they are not the command's. */
bool cli_parse(cli_settings *settings, const cli_command *command,
               char **arguments, size_t count);

/* Whether an option has this name. */
bool cli_option_is(const cli_option *option, const char *name, size_t size);

/* ---- Help -------------------------------------------------------------- */

void cli_help_all(cli_output *out);
void cli_help_command(cli_output *out, const cli_command *command);

/* The commands that begin with this word; false if there are none. */
bool cli_help_group(cli_output *out, const char *word);

/* Whether the second text might have been meant by the first one. */
bool cli_is_near(const char *typed, size_t size, const char *name,
                 size_t *distance);

/* ---- What they share ----------------------------------------------------- */

/* The encoding that --from tells; ANY if it is not given, -2, having told it,
 * if it is none. */
int32_t cli_otlp_from(const cli_settings *settings);

/* Whether, behind white space, it begins as an object of JSON does. */
bool cli_otlp_is_object(const cli_input *in);

/* Writes metrics in JSON anew, in protobuf, all of them; the caller frees them.
 * NULL, having told why, if they are not sound or of another signal. */
uint8_t *cli_otlp_metrics(const uint8_t *json, size_t size, size_t *made);

/* ---- What commands do --------------------------------------------------- */

int cli_token_mint(const cli_settings *settings, cli_output *out);
int cli_token_open(const cli_settings *settings, cli_output *out);
int cli_render_sign(const cli_settings *settings, cli_output *out);
int cli_render_check(const cli_settings *settings, cli_output *out);
int cli_verify(const cli_settings *settings, cli_output *out);
int cli_prometheus(const cli_settings *settings, cli_output *out);
int cli_otlp_check(const cli_settings *settings, cli_output *out);
int cli_otlp_transcode(const cli_settings *settings, cli_output *out);
int cli_otlp_count(const cli_settings *settings, cli_output *out);
int cli_otlp_print_command(const cli_settings *settings, cli_output *out);
int cli_check_config(const cli_settings *settings, cli_output *out);
int cli_help(const cli_settings *settings, cli_output *out);
int cli_version(const cli_settings *settings, cli_output *out);

#endif
