/* sonde prometheus: OTLP metrics in, in either encoding; the text of an
 * exposition out. */
#include "options.h"
#include "sonde_prometheus.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST = 65536, MOST = 256 * 1024 * 1024 };

/* Reads all of standard input; false, having told why, if that cannot be. */
static bool read_all(cli_input *in) {
    cli_input_init(in, STDIN_FILENO, FIRST);
    while (cli_input_fill_up(in)) {
        uint8_t *larger;
        if (in->ended)
            return true;
        if (in->room >= MOST) {
            cli_say("the input is larger than 256 MiB", (char *)NULL);
            return false;
        }
        larger = cli_memory(2 * in->room);
        memcpy(larger, in->bytes, in->end);
        free(in->bytes);
        in->bytes = larger;
        in->room *= 2;
    }
    return false;
}

static bool choose(uint32_t *to, const char *option, const char *name,
                   int32_t (*number)(const char *name, size_t size)) {
    int32_t found = name ? number(name, strlen(name)) : 0;
    if (found < 0) {
        cli_say("--", option, " has no '", name, "': `sonde help prometheus` ",
                "lists what it has", (char *)NULL);
        return false;
    }
    *to = (uint32_t)found;
    return true;
}

static bool options_of(sonde_prometheus_options *to,
                       const cli_settings *settings) {
    *to = (sonde_prometheus_options){
        .format = settings->openmetrics ? SONDE_PROMETHEUS_OPENMETRICS_1_0_0
                                        : SONDE_PROMETHEUS_TEXT_0_0_4,
        .no_scope = settings->no_scope,
        .no_target_info = settings->no_target_info,
        .no_created = settings->no_created,
        .job = settings->job,
    };
    return choose(&to->strategy, "strategy", settings->strategy,
                  sonde_prometheus_strategy) &&
           choose(&to->escaping, "escaping", settings->escaping,
                  sonde_prometheus_escaping);
}

static void tell(uint32_t count, const char *what) {
    char digits[CLI_DIGITS];
    if (count > 0)
        cli_say("left out: ", cli_digits(digits, count), " ", what,
                (char *)NULL);
}

static void tell_all(const sonde_prometheus_stats *stats) {
    tell(
        stats->delta,
        "metrics that are not cumulative: their sender needs that temporality");
    tell(stats->conflicts, "metrics of another type than one of their name");
    tell(stats->unnamed, "metrics without a name");
    tell(stats->unrecorded, "points without a value");
    tell(stats->bad_points, "points that the format cannot hold");
}

/* Measures, then writes: the text may be of any size. */
static int32_t put(cli_output *out, sonde_prometheus_stats *stats,
                   const sonde_prometheus_options *options, const uint8_t *in,
                   size_t size) {
    uint8_t *text = NULL, *work;
    int32_t room = sonde_prometheus_work(options, in, size), used;
    if (room < 0)
        return room;
    work = cli_memory((size_t)room + 1);
    used = sonde_prometheus_put(NULL, 0, stats, options, in, size, work,
                                (size_t)room);
    if (used >= 0) {
        text = cli_memory((size_t)used + 1);
        used = sonde_prometheus_put(text, (size_t)used, stats, options, in,
                                    size, work, (size_t)room);
    }
    if (used > 0)
        cli_output_put(out, (const char *)text, (size_t)used);
    free(text);
    free(work);
    return used;
}

static int32_t refuse(int32_t status) {
    if (status == SONDE_BAD_INPUT)
        cli_say("this is no ExportMetricsServiceRequest in protobuf; `sonde "
                "otlp check --signal metrics` tells what is wrong with it",
                (char *)NULL);
    else if (status == SONDE_NO_SPACE)
        cli_say("the text would be far larger than the request, for what its "
                "scopes say comes again with each point: see --no-scope",
                (char *)NULL);
    else
        cli_say(sonde_status_text(status), (char *)NULL);
    return status;
}

static int32_t answer(cli_output *out, sonde_prometheus_stats *stats,
                      const sonde_prometheus_options *options,
                      const cli_input *in, int32_t from) {
    size_t size;
    bool json = from == SONDE_OTLP_JSON;
    int32_t used = SONDE_BAD_INPUT;
    if (!json)
        used = put(out, stats, options, in->bytes, in->end);
    /* Protobuf may begin with white space, but is not JSON then. */
    if (from == SONDE_OTLP_ANY && used == SONDE_BAD_INPUT)
        json = cli_otlp_is_object(in);
    if (json) {
        uint8_t *made = cli_otlp_metrics(in->bytes, in->end, &size);
        if (!made)
            return SONDE_BAD_INPUT;
        used = put(out, stats, options, made, size);
        free(made);
    }
    return used < 0 ? refuse(used) : used;
}

int cli_prometheus(const cli_settings *settings, cli_output *out) {
    sonde_prometheus_options options;
    sonde_prometheus_stats stats = {0};
    cli_input in;
    int32_t used = SONDE_BAD_INPUT, from = cli_otlp_from(settings);
    if (from < SONDE_OTLP_ANY || !options_of(&options, settings))
        return CLI_USAGE;
    if (read_all(&in))
        used = answer(out, &stats, &options, &in, from);
    cli_input_end(&in);
    tell_all(&stats);
    return used < 0 ? CLI_REJECT : CLI_ACCEPT;
}
