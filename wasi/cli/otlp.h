/* What the commands of `sonde otlp` share. */
#ifndef SONDE_CLI_OTLP_H
#define SONDE_CLI_OTLP_H

#include "io.h"
#include "sonde_otlp.h"

/* Prints the records of a request in protobuf that the library has written: in
 * colour if `colour`. */
void cli_otlp_print(cli_output *out, const uint8_t *request, size_t size,
                    int32_t signal, bool colour);

#endif
