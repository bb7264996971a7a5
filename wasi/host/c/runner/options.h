/* What the arguments and the environment of sonde-host say. */
#ifndef SONDE_HOST_OPTIONS_H
#define SONDE_HOST_OPTIONS_H

#include "sonde_host.h"

enum { EXIT_GOOD, EXIT_DATA, EXIT_USAGE };

typedef struct {
    size_t threads;
    const char *module; /* NULL: where find_module looks */
    const char *cache;  /* NULL: the user's cache folder */
    double now;         /* Unix time in milliseconds, or -1: the clock's */
    int secret_fd;      /* or -1: the environment */
    bool envelope;
    size_t chunk; /* bytes of lines that a thread takes at most */
    sonde_host_config host;
    sonde_guest_config guest; /* its lists are those below */
    sonde_host_text secrets[SONDE_MAX_SECRETS];
    sonde_host_text origins[SONDE_MAX_ALLOWED];
    sonde_host_text nexts[SONDE_MAX_ALLOWED];
    /* where the secrets lie, and one byte to see that there are too many */
    char secret_text[SONDE_MAX_SECRETS * (SONDE_MAX_SECRET + 1) + 1];
} runner_options;

/* Parses the arguments. -1: go on; else the program's exit code, --help,
 * --version and messages having been printed. */
int runner_options_parse(runner_options *o, int argc, char **argv);

/* Reads the secrets into `o`; overwrites them in the environment. False when
 * that was a usage error, having said it. */
bool runner_secrets_read(runner_options *o);

void runner_secrets_wipe(runner_options *o);

/* On standard error, behind the program's name. */
void runner_say(const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 1, 2)))
#endif
    ;

#endif
