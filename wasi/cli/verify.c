/* sonde verify: one submission here, many of them in lines.c. */
#include "lines.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t size_of(const char *text) { return text ? strlen(text) : 0; }

static sonde_submission request_of(const cli_settings *settings) {
    const char *type =
        settings->content_type ? settings->content_type : "application/json";
    return (sonde_submission){
        .content_type = type,
        .content_type_size = strlen(type),
        .origin = settings->origin,
        .origin_size = size_of(settings->origin),
        .endpoint = settings->endpoint,
        .endpoint_size = size_of(settings->endpoint),
    };
}

static int put_verdict(cli_output *out, sonde_verifier *verifier,
                       const sonde_submission *request, double now) {
    sonde_verdict verdict;
    size_t room = sonde_verdict_size(verifier, request->body_size);
    uint8_t *json = cli_memory(room);
    int32_t kind = sonde_verify(verifier, &verdict, now, request);
    int32_t size = kind < 0 ? kind : sonde_verdict_put(&verdict, json, room);
    if (size < 0) {
        cli_say("cannot verify: ", sonde_status_text(size), (char *)NULL);
    } else {
        cli_output_put(out, (const char *)json, (size_t)size);
        cli_output_text(out, "\n");
    }
    cli_wipe(json, room);
    free(json);
    return kind == SONDE_ACCEPT && size >= 0 ? CLI_ACCEPT : CLI_REJECT;
}

/* One byte more than is allowed is enough to tell that it is too large. */
static int verify_one(const cli_settings *settings, cli_output *out,
                      sonde_verifier *verifier, sonde_submission *request) {
    cli_input in;
    int code = CLI_REJECT;
    cli_input_init(&in, STDIN_FILENO, (size_t)settings->limits.max_body + 1);
    if (cli_input_fill_up(&in)) {
        request->body = in.bytes;
        request->body_size = in.end;
        code = put_verdict(out, verifier, request,
                           settings->now < 0 ? cli_clock() : settings->now);
    }
    cli_input_end(&in);
    return code;
}

static bool is_sensible(const cli_settings *settings) {
    if (settings->envelope && !settings->ndjson) {
        cli_say("--envelope goes with --ndjson", (char *)NULL);
        return false;
    }
    if (settings->limits.max_uses > 0 && !settings->ndjson) {
        cli_say("--max-uses goes with --ndjson: a run with one submission "
                "knows of no others",
                (char *)NULL);
        return false;
    }
    if (settings->secret_fd == STDIN_FILENO) {
        cli_say("standard input is the submission: give the secrets by the "
                "environment or another descriptor",
                (char *)NULL);
        return false;
    }
    return true;
}

int cli_verify(const cli_settings *settings, cli_output *out) {
    sonde_submission request = request_of(settings);
    cli_keys keys;
    int code;
    if (!is_sensible(settings) || !cli_keys_init(&keys, settings))
        return CLI_USAGE;
    if (keys.secrets == 0)
        cli_say("there is no secret, so nothing is verified: submissions pass "
                "as unverified. Set " CLI_SECRET " or give --secret-fd",
                (char *)NULL);
    if (settings->ndjson)
        code = cli_lines(settings, &keys, &request);
    else
        code = verify_one(settings, out, keys.verifier, &request);
    cli_keys_end(&keys);
    return code;
}
