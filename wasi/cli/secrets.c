/* Owns secrets on their way from the host to the verifier, which keeps keys
 * made of them. The variable is overwritten once it has been read: whoever
 * looks at the environment of the running process finds zeros. */
#include "secrets.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT = SONDE_MAX_SECRETS * (SONDE_MAX_SECRET + 2) };

char *cli_setting(const char *name) {
    char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* ---- Secrets ----------------------------------------------------------- */

static const char *remedy(int32_t status) {
    if (status == SONDE_WEAK_SECRET)
        return "shorter than 16 bytes: use a random one of 32, or "
               "--allow-weak-secret in tests";
    if (status == SONDE_TABLE_FULL)
        return "one too many: keep the 8 newest";
    return "not UTF-8, or longer than 1024 bytes";
}

static bool put_secret(sonde_verifier *verifier, const char *source,
                       const char *secret, size_t size, size_t number) {
    char digits[CLI_DIGITS];
    const char *which = cli_digits(digits, (double)number);
    int32_t status;
    if (secret[size - 1] == '\r') {
        cli_say("secret ", which, " of ", source,
                " ends with a carriage "
                "return: end lines with a line feed alone",
                (char *)NULL);
        return false;
    }
    status = sonde_secret_put(verifier, secret, size);
    if (status < 0)
        cli_say("secret ", which, " of ", source, " is ", remedy(status),
                (char *)NULL);
    return status >= 0;
}

size_t cli_secrets_put(sonde_verifier *verifier, const char *source,
                       const char *text, size_t size) {
    size_t count = 0;
    while (size) {
        const char *end = memchr(text, '\n', size);
        size_t length = end ? (size_t)(end - text) : size;
        if (length && !put_secret(verifier, source, text, length, count + 1))
            return 0;
        count += length > 0;
        text += length + (end != NULL);
        size -= length + (end != NULL);
    }
    if (count == 0)
        cli_say("there is no secret in ", source, (char *)NULL);
    return count;
}

static bool read_descriptor(cli_keys *keys, int fd) {
    cli_input in;
    bool is_read;
    cli_input_init(&in, fd, TEXT);
    is_read = cli_input_fill_up(&in);
    if (is_read && in.end == in.room) {
        cli_say("--secret-fd holds more than 8 secrets of 1024 bytes",
                (char *)NULL);
        is_read = false;
    }
    if (is_read)
        keys->secrets = cli_secrets_put(keys->verifier, "--secret-fd",
                                        (const char *)in.bytes, in.end);
    cli_input_end(&in);
    if (fd != STDIN_FILENO)
        close(fd);
    return is_read && keys->secrets > 0;
}

static bool read_environment(cli_keys *keys) {
    char *value = cli_setting(CLI_SECRET);
    char *alias = cli_setting(CLI_SECRET_ALIAS);
    if (value || alias)
        keys->secrets = cli_secrets_put(
            keys->verifier, value ? CLI_SECRET : CLI_SECRET_ALIAS,
            value ? value : alias, strlen(value ? value : alias));
    bool is_good = keys->secrets > 0 || (!value && !alias);
    if (value)
        cli_wipe(value, strlen(value));
    if (alias)
        cli_wipe(alias, strlen(alias));
    return is_good;
}

/* ---- Verifier ---------------------------------------------------------- */

static bool put_allowed(sonde_verifier *verifier,
                        const cli_settings *settings) {
    const cli_list *origins = &settings->allow_origin;
    const cli_list *nexts = &settings->allow_next;
    for (size_t i = 0; i < origins->count; i++)
        if (sonde_origin_put(verifier, origins->items[i],
                             strlen(origins->items[i])) < 0) {
            cli_say("--allow-origin wants an origin as browsers write it, such "
                    "as https://app.example",
                    (char *)NULL);
            return false;
        }
    for (size_t i = 0; i < nexts->count; i++)
        if (sonde_next_put(verifier, nexts->items[i], strlen(nexts->items[i])) <
            0) {
            cli_say("--allow-next wants an origin, such as "
                    "https://app.example, or a path, such as /thanks",
                    (char *)NULL);
            return false;
        }
    return true;
}

static bool make_verifier(cli_keys *keys, const sonde_signed_config *config) {
    int32_t size = sonde_verifier_size(config);
    *keys = (cli_keys){.verifier = NULL};
    if (size >= 0) {
        keys->verifier = cli_memory((size_t)size);
        size = sonde_verifier_init(keys->verifier, (size_t)size, config);
    }
    if (size < 0) {
        cli_say("these limits do not go together: ", sonde_status_text(size),
                (char *)NULL);
        free(keys->verifier);
    }
    return size >= 0;
}

bool cli_keys_init(cli_keys *keys, const cli_settings *settings) {
    if (!make_verifier(keys, &settings->limits))
        return false;
    if (put_allowed(keys->verifier, settings) &&
        (settings->secret_fd >= 0
             ? read_descriptor(keys, (int)settings->secret_fd)
             : read_environment(keys)))
        return true;
    cli_keys_end(keys);
    return false;
}

bool cli_keys_need(cli_keys *keys, const cli_settings *settings) {
    if (!cli_keys_init(keys, settings))
        return false;
    if (keys->secrets > 0)
        return true;
    cli_say("there is no secret: set " CLI_SECRET " or give --secret-fd; "
            "under Wasmtime, pass it on by --env " CLI_SECRET,
            (char *)NULL);
    cli_keys_end(keys);
    return false;
}

void cli_keys_end(cli_keys *keys) {
    sonde_verifier_wipe(keys->verifier);
    free(keys->verifier);
    keys->verifier = NULL;
}
