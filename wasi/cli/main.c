/* sonde: the command line of signed identity; see README.md. Runs natively,
 * and as WebAssembly on any host of WASI preview 1. */
#include "options.h"

#include <string.h>
#include <unistd.h>
#ifndef __wasi__
#include <signal.h>
#endif

enum { OUTPUT = 65536 };

int cli_version(const cli_settings *settings, cli_output *out) {
    (void)settings;
    cli_output_text(out, "sonde " SONDE_VERSION "\n");
    return CLI_ACCEPT;
}

/* `sonde --help` and `sonde --version` are what one tries first. */
static char *plain_name(char *argument) {
    static char help[] = "help";
    static char version[] = "version";
    if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0)
        return help;
    return strcmp(argument, "--version") == 0 ? version : argument;
}

static int run(char **arguments, size_t count, cli_output *out) {
    cli_settings settings;
    size_t words;
    const cli_command *command = cli_command_find(arguments, count, &words);
    if (!command) {
        if (count == 2 && strcmp(arguments[1], "--help") == 0 &&
            cli_help_group(out, arguments[0]))
            return CLI_ACCEPT;
        cli_command_missing(arguments, count);
        return CLI_USAGE;
    }
    if (!cli_parse(&settings, command, arguments + words, count - words))
        return CLI_USAGE;
    if (settings.help) {
        cli_help_command(out, command);
        return CLI_ACCEPT;
    }
    return command->run(&settings, out);
}

int main(int argc, char **argv) {
    cli_output out;
    int code;
    if (argc < 2) {
        cli_say("which command? `sonde help` lists them", (char *)NULL);
        return CLI_USAGE;
    }
#ifndef __wasi__ /* which has no signals: a write to a closed pipe fails */
    signal(SIGPIPE, SIG_IGN);
#endif
    argv[1] = plain_name(argv[1]);
    cli_output_init(&out, STDOUT_FILENO, OUTPUT);
    code = run(argv + 1, (size_t)argc - 1, &out);
    if (!cli_output_end(&out) && code == CLI_ACCEPT)
        code = CLI_REJECT;
    return code;
}
