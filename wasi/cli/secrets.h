/* A verifier made of the settings, with the secrets of the host. */
#ifndef SONDE_CLI_SECRETS_H
#define SONDE_CLI_SECRETS_H

#include "options.h"

#define CLI_SECRET "SONDE_SECRET_KEY"
#define CLI_SECRET_ALIAS "PLAIN_CONNECT_SECRET_KEY"

typedef struct {
    sonde_verifier *verifier;
    size_t secrets;
} cli_keys;

/* Makes a verifier, gives it options, allow-lists and secrets. False, having
 * said why, if one of them cannot be taken; there is then nothing to end. */
bool cli_keys_init(cli_keys *keys, const cli_settings *settings);

/* The same, for a command that is of no use without a secret. */
bool cli_keys_need(cli_keys *keys, const cli_settings *settings);

/* Wipes and frees the verifier. */
void cli_keys_end(cli_keys *keys);

/* The value of an environment variable; NULL if it is not set or empty, which
 * is the same for all settings. */
char *cli_setting(const char *name);

/* Appends the secrets of `text`, one a line, to a verifier. Returns how many
 * there are now; 0, having said why in the name of `source`, if one cannot be
 * taken or there is none. The text is the caller's to wipe. */
size_t cli_secrets_put(sonde_verifier *verifier, const char *source,
                       const char *text, size_t size);

#endif
