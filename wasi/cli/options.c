/* Reads arguments by the tables of commands.c. Messages name options, never
 * their values: somebody may have put a secret there. */
#include "options.h"

#include <string.h>

enum { NAME = 64, FRACTION = 9, WHOLE = 15, TOKEN = 39 };
static const double LATEST = 9007199254740.0; /* seconds: 2^53 milliseconds */

bool cli_option_is(const cli_option *option, const char *name, size_t size) {
    if (strlen(option->name) != size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (name[i] != (option->name[i] == '_' ? '-' : option->name[i]))
            return false;
    return true;
}

static const cli_option *find(const cli_command *command, const char *name,
                              size_t size) {
    for (size_t i = 0; i < command->option_count; i++)
        if (cli_option_is(&command->options[i], name, size))
            return &command->options[i];
    return NULL;
}

static void kebab(char to[NAME], const char *name) {
    size_t i = 0;
    for (; name[i] && i < NAME - 1; i++)
        to[i] = name[i] == '_' ? '-' : name[i];
    to[i] = 0;
}

static bool unknown(const cli_command *command, const char *name, size_t size) {
    char typed[NAME];
    char best[NAME] = "";
    size_t least = SIZE_MAX;
    size_t seen = size < NAME ? size : NAME - 1;
    memcpy(typed, name, seen); /* as it was typed */
    typed[seen] = 0;
    for (size_t i = 0; i < command->option_count; i++) {
        char near[NAME];
        size_t distance;
        kebab(near, command->options[i].name);
        if (cli_is_near(name, size, near, &distance) && distance < least) {
            least = distance;
            memcpy(best, near, NAME);
        }
    }
    cli_say(command->name, " has no option --", typed, ": ",
            *best ? "did you mean --" : "", best, *best ? "? See " : "see ",
            "`sonde help ", command->name, "`", (char *)NULL);
    return false;
}

/* Decimal digits, and some behind a point: value = *whole + *part. */
static bool read_number(const char *text, double *whole, double *part) {
    size_t digits = 0;
    double scale = 1;
    *whole = *part = 0;
    for (; *text >= '0' && *text <= '9'; text++, digits++)
        *whole = *whole * 10 + (*text - '0');
    if (digits == 0 || digits > WHOLE)
        return false;
    if (*text == '.') {
        for (digits = 0, text++; *text >= '0' && *text <= '9'; text++, digits++)
            if (digits < FRACTION) {
                scale /= 10;
                *part += (*text - '0') * scale;
            }
        if (digits == 0)
            return false;
    }
    return *text == 0;
}

static bool is_bad_value(const cli_option *option, const char *remedy) {
    char name[NAME];
    kebab(name, option->name);
    cli_say("--", name, " wants ", remedy, (char *)NULL);
    return false;
}

static bool is_bad_limit(const cli_option *option) {
    const cli_limit *of = cli_limit_of(option);
    char name[NAME];
    kebab(name, option->name);
    cli_say("--", name, " wants a whole number from ", of->least, " to ",
            of->most, (char *)NULL);
    return false;
}

static bool put_limit(cli_settings *settings, const cli_option *option,
                      const char *value) {
    double whole = 1;
    double part = 0;
    uint32_t id = (uint32_t)option->place;
    if (value && (!read_number(value, &whole, &part) || part > 0))
        return is_bad_limit(option);
    int32_t status =
        option->kind == CLI_OTLP_LIMIT
            ? sonde_otlp_limits_put(&settings->otlp, id, whole)
            : sonde_signed_config_put(&settings->limits, id, whole);
    return status >= 0 || is_bad_limit(option);
}

static bool put_list(cli_list *list, const cli_option *option,
                     const char *value) {
    if (list->count == SONDE_MAX_ALLOWED)
        return is_bad_value(option, "to be given at most 32 times");
    list->items[list->count++] = value;
    return true;
}

static bool put(cli_settings *settings, const cli_option *option,
                const char *value) {
    void *place = (char *)settings + option->place;
    double whole;
    double part;
    switch (option->kind) {
    case CLI_FLAG:
        *(bool *)place = true;
        return true;
    case CLI_TEXT:
        *(const char **)place = value;
        return true;
    case CLI_LIST:
        return put_list(place, option, value);
    case CLI_TIME:
        if (!read_number(value, &whole, &part) || whole > LATEST)
            return is_bad_value(option, "Unix time in seconds, such as "
                                        "1763661600 or 1763661600.25");
        *(double *)place = whole * 1000 + part * 1000;
        return true;
    case CLI_NUMBER:
        if (!read_number(value, &whole, &part) || part > 0 || whole > INT32_MAX)
            return is_bad_value(option, "the number of an open descriptor");
        *(double *)place = whole;
        return true;
    default:
        return put_limit(settings, option, value);
    }
}

/* An option at arguments[*at]; *at is left at the last argument used. */
static bool parse_option(cli_settings *settings, const cli_command *command,
                         char **arguments, size_t count, size_t *at) {
    const char *name = arguments[*at] + 2;
    const char *value = strchr(name, '=');
    size_t size = value ? (size_t)(value - name) : strlen(name);
    const cli_option *option = find(command, name, size);
    if (!option)
        return unknown(command, name, size);
    if (!option->value)
        return value ? is_bad_value(option, "no value")
                     : put(settings, option, NULL);
    if (value)
        value++;
    else if (*at + 1 < count && strncmp(arguments[*at + 1], "--", 2) != 0)
        value = arguments[++*at];
    else
        return is_bad_value(option, "a value");
    return put(settings, option, value);
}

/* One might give such a command a file. */
static bool reads_input(const cli_command *command) {
    return command->most == 0 && strstr(command->text, "standard input");
}

static bool is_fitting(const cli_settings *settings,
                       const cli_command *command) {
    if (settings->help)
        return true;
    if (settings->argument_count > command->most) {
        if (reads_input(command))
            cli_say(command->name,
                    " takes no argument, but standard input: "
                    "sonde ",
                    command->name, " <FILE", (char *)NULL);
        else
            cli_say(command->name,
                    command->most ? " takes fewer arguments"
                                  : " takes no argument",
                    ": see `sonde help ", command->name, "`", (char *)NULL);
        return false;
    }
    if (settings->argument_count < command->least) {
        cli_say(command->name, " wants ", command->arguments,
                ": see `sonde help ", command->name, "`", (char *)NULL);
        return false;
    }
    return true;
}

/* Identity tokens may begin with dashes, and are longer than all options. */
static bool is_argument(const cli_command *command, const char *text) {
    if (text[0] != '-' || !text[1])
        return true;
    return command->most > 0 && strlen(text) >= TOKEN &&
           !find(command, text + 2, strcspn(text + 2, "="));
}

bool cli_parse(cli_settings *settings, const cli_command *command,
               char **arguments, size_t count) {
    bool is_behind = false; /* what is behind "--" is no option */
    *settings = (cli_settings){.now = -1, .secret_fd = -1};
    settings->arguments = arguments;
    sonde_signed_config_init(&settings->limits);
    sonde_otlp_limits_init(&settings->otlp);
    for (size_t i = 0; i < count; i++) {
        char *text = arguments[i];
        if (is_behind || is_argument(command, text)) {
            arguments[settings->argument_count++] = text;
        } else if (strcmp(text, "--") == 0) {
            is_behind = true;
        } else if (strcmp(text, "-h") == 0) {
            settings->help = true;
        } else if (text[1] != '-') {
            cli_say("options begin with two dashes; before arguments that "
                    "begin with one, write --",
                    (char *)NULL);
            return false;
        } else if (!parse_option(settings, command, arguments, count, &i)) {
            return false;
        }
    }
    return is_fitting(settings, command);
}
