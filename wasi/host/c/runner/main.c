/* sonde-host: verifies lines of submissions by sonde-edge.wasm in Wasmtime. */
#include "work.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

/* ---- Where things are -------------------------------------------------- */

/* The folder of this program, by the system or by its name. */
static void find_own_folder(char to[PATH_SIZE], const char *name) {
    ssize_t size = readlink("/proc/self/exe", to, PATH_SIZE - 1);
    if (size <= 0)
        size = snprintf(to, PATH_SIZE, "%s", name);
    to[size < PATH_SIZE ? size : PATH_SIZE - 1] = '\0';
    char *slash = strrchr(to, '/');
    if (slash != NULL)
        *slash = '\0';
    else
        (void)snprintf(to, PATH_SIZE, ".");
}

static const char *find_module(char to[PATH_SIZE], const char *name) {
    static const char FILE_NAME[] = "/sonde-edge.wasm";
    find_own_folder(to, name);
    size_t size = strlen(to);
    if (size + sizeof FILE_NAME <= PATH_SIZE) {
        memcpy(to + size, FILE_NAME, sizeof FILE_NAME);
        if (access(to, F_OK) == 0)
            return to;
    }
    return "dist/edge/sonde-edge.wasm";
}

/* The user's cache folder, or NULL. */
static const char *find_cache(char to[PATH_SIZE], const char *chosen) {
    if (chosen != NULL)
        return strcmp(chosen, "none") == 0 ? NULL : chosen;
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int size = -1;
    if (base != NULL && base[0] == '/')
        size = snprintf(to, PATH_SIZE, "%s", base);
    else if (home != NULL && home[0] == '/')
        size = snprintf(to, PATH_SIZE, "%s/.cache", home);
    if (size < 0 || size + 16 > PATH_SIZE)
        return NULL;
    (void)mkdir(to, 0700);
    (void)strcat(to, "/sonde-host");
    return to;
}

static sonde_host *open_host(runner_options *options, const char *name) {
    char module[PATH_SIZE], cache[PATH_SIZE];
    sonde_host_message message;
    options->host.cache = find_cache(cache, options->cache);
    const char *file =
        options->module != NULL ? options->module : find_module(module, name);
    sonde_host *host = sonde_host_load(&options->host, file, &message);
    options->host.cache = NULL;
    if (host == NULL)
        runner_say("%s%s", message.text,
                   options->module != NULL ? "" : "; give --module FILE");
    else if (sonde_host_note(host)[0] != '\0')
        runner_say("the module was compiled, not taken from the cache: %s",
                   sonde_host_note(host));
    return host;
}

int main(int argc, char **argv) {
    static runner_options options;
    (void)signal(SIGPIPE, SIG_IGN); /* a write to a closed pipe fails */
    int code = runner_options_parse(&options, argc, argv);
    if (code < 0)
        code = runner_secrets_read(&options) ? -1 : EXIT_USAGE;
    if (code < 0) {
        if (options.guest.secret_count == 0)
            runner_say("there is no secret, so nothing is verified: "
                       "submissions pass as unverified. Set SONDE_SECRET_KEY "
                       "or give --secret-fd");
        sonde_host *host = open_host(&options, argv[0]);
        code = host == NULL ? EXIT_USAGE : runner_work(host, &options);
        sonde_host_close(host);
    }
    /* closed, because a network disk may tell only then */
    if (ferror(stdout) != 0 || fclose(stdout) != 0) {
        perror("sonde-host");
        code = EXIT_DATA;
    }
    return code;
}
