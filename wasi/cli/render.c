/* sonde render sign, sonde render check. */
#include "secrets.h"

#include <string.h>
#include <unistd.h>

static double time_of(const cli_settings *settings) {
    return settings->now < 0 ? cli_clock() : settings->now;
}

int cli_render_sign(const cli_settings *settings, cli_output *out) {
    cli_keys keys;
    char token[SONDE_RENDER_TOKEN];
    int32_t size;
    if (!cli_keys_init(&keys, settings))
        return CLI_USAGE;
    size = sonde_render_sign(keys.verifier, token, sizeof token,
                             time_of(settings));
    cli_keys_end(&keys);
    if (size < 0) {
        cli_say(sonde_status_text(size), (char *)NULL);
        return CLI_REJECT;
    }
    if (size == 0)
        cli_say("there is no secret, so the token is empty", (char *)NULL);
    cli_output_put(out, token, (size_t)size);
    cli_output_text(out, "\n");
    return CLI_ACCEPT;
}

int cli_render_check(const cli_settings *settings, cli_output *out) {
    const char *token = settings->arguments[0];
    cli_keys keys;
    double age = -1;
    int32_t render;
    if (!cli_keys_init(&keys, settings))
        return CLI_USAGE;
    render = sonde_render_check(keys.verifier, &age, time_of(settings), token,
                                strlen(token));
    cli_keys_end(&keys);
    if (render < 0) {
        cli_say(sonde_status_text(render), (char *)NULL);
        return CLI_REJECT;
    }
    cli_output_text(out, sonde_render_text(render));
    if (age >= 0) {
        char digits[CLI_DIGITS];
        cli_output_text(out, " ");
        cli_output_text(out, cli_digits(digits, age));
    }
    cli_output_text(out, "\n");
    return render == SONDE_RENDER_OK || render == SONDE_RENDER_UNVERIFIED
               ? CLI_ACCEPT
               : CLI_REJECT;
}
