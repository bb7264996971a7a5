/* Finds commands, prints the tables, and guesses what a typo meant. */
#include "options.h"

#include <stdarg.h>
#include <string.h>

enum { WIDTH = 79, INDENT = 28, TYPED = 40, TEXT = 512 };

/* ---- Finding a command ------------------------------------------------- */

/* Size of the first word of a command's name. */
static size_t word_size(const char *name) { return strcspn(name, " "); }

static bool is_group(const char *word) {
    for (size_t i = 0; i < cli_command_count; i++) {
        size_t size = word_size(cli_commands[i].name);
        if (cli_commands[i].name[size] && strlen(word) == size &&
            strncmp(cli_commands[i].name, word, size) == 0)
            return true;
    }
    return false;
}

const cli_command *cli_command_find(char **arguments, size_t count,
                                    size_t *words) {
    for (size_t i = 0; i < cli_command_count; i++) {
        const char *name = cli_commands[i].name;
        size_t size = word_size(name);
        *words = name[size] ? 2 : 1;
        if (count < *words || strlen(arguments[0]) != size ||
            strncmp(arguments[0], name, size) != 0)
            continue;
        if (*words == 1 || strcmp(arguments[1], name + size + 1) == 0)
            return &cli_commands[i];
    }
    return NULL;
}

/* Fewest insertions, deletions and replacements; names are short. */
static size_t edit_distance(const char *a, size_t a_size, const char *b,
                            size_t b_size) {
    size_t row[TYPED + 1];
    for (size_t j = 0; j <= b_size; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (diagonal + 1 < best)
                best = diagonal + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b_size];
}

bool cli_is_near(const char *typed, size_t size, const char *name,
                 size_t *distance) {
    size_t name_size = strlen(name);
    if (size > TYPED || name_size > TYPED)
        return false;
    *distance = edit_distance(typed, size, name, name_size);
    if (size >= 3 && strncmp(typed, name, size) == 0)
        return true; /* the beginning of it */
    return *distance * 3 <= name_size + 2;
}

/* The name nearest to a word: to the name itself or to one of its words. In
 * the group `group`, if that is not NULL. */
static const char *nearest(const char *typed, const char *group) {
    const char *best = NULL;
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < cli_command_count; i++) {
        const char *name = cli_commands[i].name;
        size_t first = word_size(name);
        const char *second = name[first] ? name + first + 1 : name;
        size_t distance;
        if (group && (strlen(group) != first || strncmp(group, name, first)))
            continue;
        if (cli_is_near(typed, strlen(typed), second, &distance) &&
            distance < least) {
            least = distance;
            best = name;
        }
    }
    return best;
}

static const char *nearest_group(const char *typed) {
    size_t distance;
    static const char *const groups[] = {"token", "render", "otlp"};
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (cli_is_near(typed, strlen(typed), groups[i], &distance))
            return groups[i];
    return NULL;
}

void cli_command_missing(char **arguments, size_t count) {
    const char *group = is_group(arguments[0]) ? arguments[0] : NULL;
    const char *typed = group && count > 1 ? arguments[1] : arguments[0];
    const char *meant;
    if (group && (count == 1 || arguments[1][0] == '-')) {
        cli_say(group, " wants a second word: see `sonde help ", group, "`",
                (char *)NULL);
        return;
    }
    meant = nearest(typed + strspn(typed, "-"), group); /* --versoin */
    if (!meant && !group)
        meant = nearest_group(typed);
    cli_say("there is no command '", group ? group : "", group ? " " : "",
            typed, "': ", meant ? "did you mean '" : "", meant ? meant : "",
            meant ? "'? `" : "`", "sonde help` lists them", (char *)NULL);
}

/* ---- Printing ---------------------------------------------------------- */

static void spaces(cli_output *out, size_t count) {
    while (count--)
        cli_output_text(out, " ");
}

/* Words, in lines; `column` is where the first one begins. */
static void wrap(cli_output *out, size_t column, size_t indent,
                 const char *text) {
    bool is_first = true;
    while (*text) {
        size_t size = strcspn(text, " \n");
        if (!is_first && column + 1 + size > WIDTH) {
            cli_output_text(out, "\n");
            spaces(out, indent);
            column = indent;
        } else if (!is_first) {
            cli_output_text(out, " ");
            column++;
        }
        cli_output_put(out, text, size);
        column += size;
        text += size;
        is_first = false;
        for (; *text == '\n'; text++, column = 0, is_first = true)
            cli_output_text(out, "\n");
        text += *text == ' ';
    }
}

/* Appends texts up to NULL to `to`, which has room for all of the tables. */
static void join(char to[TEXT], ...) {
    const char *text;
    va_list texts;
    va_start(texts, to);
    while ((text = va_arg(texts, const char *)))
        strncat(to, text, TEXT - 1 - strlen(to));
    va_end(texts);
}

static void put_option(cli_output *out, const cli_option *option) {
    char text[TEXT] = "";
    size_t column = strlen(option->name) + 4;
    cli_output_text(out, "  --");
    for (const char *at = option->name; *at; at++)
        cli_output_put(out, *at == '_' ? "-" : at, 1);
    if (option->value) {
        cli_output_text(out, " ");
        cli_output_text(out, option->value);
        column += 1 + strlen(option->value);
    }
    spaces(out, INDENT - column);
    const cli_limit *of = cli_limit_of(option);
    if (of && option->value) {
        join(text, option->text ? option->text : "", of->text, "; ", of->least,
             " to ", of->most, " ", of->unit, " (", of->preset, ")",
             (char *)NULL);
    } else {
        join(text, option->text, option->preset ? " (" : "",
             option->preset ? option->preset : "", option->preset ? ")" : "",
             (char *)NULL);
    }
    wrap(out, INDENT, INDENT, text);
    cli_output_text(out, "\n");
}

static void put_summary(cli_output *out, const cli_command *command) {
    size_t column = 2 + strlen(command->name);
    spaces(out, 2);
    cli_output_text(out, command->name);
    if (*command->arguments) {
        cli_output_text(out, " ");
        cli_output_text(out, command->arguments);
        column += 1 + strlen(command->arguments);
    }
    spaces(out, INDENT - column);
    cli_output_text(out, command->summary);
    cli_output_text(out, "\n");
}

static const char SECRETS[] =
    "\nSecrets come from the environment variable SONDE_SECRET_KEY, or else "
    "from\nPLAIN_CONNECT_SECRET_KEY: one a line, newest first. They are never "
    "arguments.\n";
static const char ENDING[] =
    "\nExit codes: 0 accepted, 1 rejected, discarded or bad data, "
    "2 usage or settings.\n";

void cli_help_all(cli_output *out) {
    cli_output_text(out, "Usage: sonde COMMAND [OPTION...] [ARGUMENT...]\n\n"
                         "Signs and verifies identity tokens, render tokens "
                         "and support submissions;\nchecks, prints and "
                         "transcodes OTLP requests, and prints metrics for "
                         "Prometheus.\n\nCommands:\n");
    for (size_t i = 0; i < cli_command_count; i++)
        put_summary(out, &cli_commands[i]);
    cli_output_text(out, "\nMore: sonde help COMMAND, or sonde COMMAND "
                         "--help.\nOptions are --name VALUE or --name=VALUE; "
                         "what is behind -- is no option.\n");
    cli_output_text(out, SECRETS);
    cli_output_text(out, ENDING);
}

bool cli_help_group(cli_output *out, const char *word) {
    if (!is_group(word))
        return false;
    cli_output_text(out, "Commands:\n");
    for (size_t i = 0; i < cli_command_count; i++) {
        size_t size = word_size(cli_commands[i].name);
        if (strlen(word) == size &&
            strncmp(cli_commands[i].name, word, size) == 0)
            put_summary(out, &cli_commands[i]);
    }
    cli_output_text(out, "\nMore: sonde help ");
    cli_output_text(out, word);
    cli_output_text(out, " COMMAND.\n");
    return true;
}

static bool has_secrets(const cli_command *command) {
    static const char option[] = "allow-weak-secret";
    for (size_t i = 0; i < command->option_count; i++)
        if (cli_option_is(&command->options[i], option, sizeof option - 1))
            return true;
    return false;
}

void cli_help_command(cli_output *out, const cli_command *command) {
    cli_output_text(out, "Usage: sonde ");
    cli_output_text(out, command->name);
    cli_output_text(out, " [OPTION...]");
    if (*command->arguments) {
        cli_output_text(out, " ");
        cli_output_text(out, command->arguments);
    }
    cli_output_text(out, "\n\n");
    wrap(out, 0, 0, command->text);
    cli_output_text(out, "\n\nOptions:\n");
    for (size_t i = 0; i < command->option_count; i++)
        put_option(out, &command->options[i]);
    if (has_secrets(command))
        cli_output_text(out, SECRETS);
    cli_output_text(out, ENDING);
}

int cli_help(const cli_settings *settings, cli_output *out) {
    size_t words;
    const cli_command *command;
    if (settings->argument_count == 0) {
        cli_help_all(out);
        return CLI_ACCEPT;
    }
    command =
        cli_command_find(settings->arguments, settings->argument_count, &words);
    if (command && words == settings->argument_count) {
        cli_help_command(out, command);
    } else if (command) {
        cli_say("help takes one command: see `sonde help ", command->name, "`",
                (char *)NULL);
        return CLI_USAGE;
    } else if (settings->argument_count > 1 ||
               !cli_help_group(out, settings->arguments[0])) {
        cli_command_missing(settings->arguments, settings->argument_count);
        return CLI_USAGE;
    }
    return CLI_ACCEPT;
}
