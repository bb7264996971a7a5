/* Lines of standard input through guests to standard output, in order. */
#ifndef SONDE_HOST_WORK_H
#define SONDE_HOST_WORK_H

#include "options.h"

/* Runs until the input ends. Returns the program's exit code. The secrets in
 * `options` are overwritten. */
int runner_work(sonde_host *host, runner_options *options);

#endif
