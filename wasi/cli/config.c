/* sonde check-config: which settings the environment holds, and under which
 * name. Values are never printed: several are secrets. */
#include "secrets.h"

#include <stdlib.h>
#include <string.h>

enum { ALIASES = 2, LABEL = 20, SOURCE = 42 };

typedef struct {
    const char *label;
    const char *preset; /* what holds if it is not set */
    const char *name;
    const char *aliases[ALIASES]; /* in the order in which they are looked at */
} setting;

/* plain.connect's names are those of its versions 0.6 and 0.11. */
static const setting settings[] = {
    {"export enabled",
     "true",
     "SONDE_EXPORT_ENABLED",
     {"PLAIN_CONNECT_EXPORT_ENABLED"}},
    {"export URL",
     "https://ingest.plainframework.com",
     "SONDE_EXPORT_URL",
     {"PLAIN_CONNECT_EXPORT_URL"}},
    {"export token",
     "nothing is exported",
     "SONDE_EXPORT_TOKEN",
     {"PLAIN_CONNECT_EXPORT_TOKEN"}},
    {"trace sample rate",
     "1.0",
     "SONDE_TRACE_SAMPLE_RATE",
     {"PLAIN_CONNECT_TRACE_SAMPLE_RATE"}},
    {"export logs", "true", "SONDE_EXPORT_LOGS", {"PLAIN_CONNECT_EXPORT_LOGS"}},
    {"log level", "INFO", "SONDE_LOG_LEVEL", {"PLAIN_CONNECT_LOG_LEVEL"}},
    {"secret key", "nothing is verified", CLI_SECRET, {CLI_SECRET_ALIAS}},
    {"pageviews token",
     "no page views",
     "SONDE_PAGEVIEWS_TOKEN",
     {"PLAIN_CONNECT_PAGEVIEWS_PUBLIC_TOKEN", "PLAIN_CONNECT_PAGEVIEWS_TOKEN"}},
    {"pageviews URL",
     "https://beacon.plainframework.com",
     "SONDE_PAGEVIEWS_URL",
     {"PLAIN_CONNECT_PAGEVIEWS_URL"}},
    {"cloud URL",
     "https://plainframework.com",
     "SONDE_CLOUD_URL",
     {"PLAIN_CONNECT_CLOUD_URL", "PLAIN_CONNECT_FORMS_URL"}},
};

enum { SETTINGS = sizeof settings / sizeof settings[0] };

static void put_padded(cli_output *out, const char *text, size_t width) {
    size_t size = strlen(text);
    cli_output_put(out, text, size);
    for (; size < width; size++)
        cli_output_text(out, " ");
}

/* The names that are set; the first one wins. Returns how many. */
static size_t names_set(const setting *of, const char *set[ALIASES + 1]) {
    size_t count = 0;
    if (cli_setting(of->name))
        set[count++] = of->name;
    for (size_t i = 0; i < ALIASES && of->aliases[i]; i++)
        if (cli_setting(of->aliases[i]))
            set[count++] = of->aliases[i];
    return count;
}

static void put_setting(cli_output *out, const setting *of) {
    const char *set[ALIASES + 1];
    size_t count = names_set(of, set);
    put_padded(out, of->label, LABEL);
    if (count == 0) {
        put_padded(out, of->name, SOURCE);
        cli_output_text(out,
                        getenv(of->name) ? "empty, as not set: " : "not set: ");
        cli_output_text(out, of->preset);
    } else {
        put_padded(out, set[0], SOURCE);
        cli_output_text(out, set[0] == of->name ? "set" : "set, alias of ");
        cli_output_text(out, set[0] == of->name ? "" : of->name);
    }
    for (size_t i = 1; i < count; i++) {
        cli_output_text(out, "; it wins over ");
        cli_output_text(out, set[i]);
    }
    cli_output_text(out, "\n");
}

/* Tells how many secrets there are, or on standard error what is wrong. */
static int check_secret(const cli_settings *chosen, cli_output *out) {
    cli_keys keys;
    char digits[CLI_DIGITS];
    if (!cli_keys_init(&keys, chosen))
        return CLI_REJECT;
    put_padded(out, "secrets", LABEL);
    cli_output_text(out, cli_digits(digits, (double)keys.secrets));
    cli_output_text(out, keys.secrets > 1 ? ": tokens are made with the first "
                                            "and verified with each\n"
                                          : "\n");
    cli_keys_end(&keys);
    return CLI_ACCEPT;
}

int cli_check_config(const cli_settings *chosen, cli_output *out) {
    for (size_t i = 0; i < SETTINGS; i++)
        put_setting(out, &settings[i]);
    return check_secret(chosen, out);
}
