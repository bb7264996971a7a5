/* sonde verify --ndjson. */
#ifndef SONDE_CLI_LINES_H
#define SONDE_CLI_LINES_H

#include "secrets.h"

/* Verifies the lines of standard input. `request` is what lines that do not
 * say otherwise were sent with. Returns the exit code. */
int cli_lines(const cli_settings *settings, const cli_keys *keys,
              const sonde_submission *request);

#endif
