/* Secrets on their way from the environment or a descriptor to the guests,
 * which keep copies; here, and in the environment, they are overwritten. */
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Cuts the text into lines. */
static bool cut_secrets(runner_options *o, const char *source, size_t size) {
    const char *text = o->secret_text, *end = text + size;
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        size_t length = (size_t)((stop != NULL ? stop : end) - text);
        if (length > 0 && o->guest.secret_count == SONDE_MAX_SECRETS) {
            runner_say("there are more than %d secrets in %s: keep the newest",
                       SONDE_MAX_SECRETS, source);
            return false;
        }
        if (length > 0 && text[length - 1] == '\r') {
            runner_say("a secret in %s ends with a carriage return: end lines "
                       "with a line feed alone",
                       source);
            return false;
        }
        if (length > 0)
            o->secrets[o->guest.secret_count++] =
                (sonde_host_text){text, length};
        text += length + 1;
    }
    if (o->guest.secret_count == 0)
        runner_say("there is no secret in %s", source);
    return o->guest.secret_count > 0;
}

static bool is_room(const char *source, size_t size) {
    if (size < sizeof((runner_options *)0)->secret_text)
        return true;
    runner_say("%s holds more than %d secrets of %d bytes", source,
               SONDE_MAX_SECRETS, SONDE_MAX_SECRET);
    return false;
}

static bool read_descriptor(runner_options *o) {
    size_t size = 0;
    while (size < sizeof o->secret_text) {
        ssize_t got = read(o->secret_fd, o->secret_text + size,
                           sizeof o->secret_text - size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            runner_say("--secret-fd %d: %s", o->secret_fd, strerror(errno));
        if (got < 0)
            return false;
        if (got == 0)
            break;
        size += (size_t)got;
    }
    (void)close(o->secret_fd);
    return is_room("--secret-fd", size) && cut_secrets(o, "--secret-fd", size);
}

static void wipe(char *text) {
    for (volatile char *at = text; *at != '\0'; at++)
        *at = '\0';
}

static bool read_environment(runner_options *o) {
    static const char *const names[] = {"SONDE_SECRET_KEY",
                                        "PLAIN_CONNECT_SECRET_KEY"};
    bool fits = true, found = false;
    for (size_t i = 0; i < 2; i++) {
        char *value = getenv(names[i]);
        size_t size = value != NULL ? strlen(value) : 0;
        if (size == 0)
            continue;
        if (!found) {
            fits = is_room(names[i], size);
            if (fits)
                memcpy(o->secret_text, value, size);
            wipe(value);
            fits = fits && cut_secrets(o, names[i], size);
            found = true;
        } else {
            wipe(value);
        }
    }
    return fits;
}

void runner_secrets_wipe(runner_options *o) {
    volatile char *at = o->secret_text;
    for (size_t i = 0; i < sizeof o->secret_text; i++)
        at[i] = '\0';
}

bool runner_secrets_read(runner_options *o) {
    return o->secret_fd >= 0 ? read_descriptor(o) : read_environment(o);
}
