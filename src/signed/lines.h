/* What the writers of verdicts share: sizes, and a verdict's members for
 * objects that hold more than them. */
#ifndef SONDE_LINES_H
#define SONDE_LINES_H

#include "core/bytes.h"
#include "sonde_signed.h"

/* sonde_verdict_size and sonde_lines_room before there is a verifier. */
size_t sonde_verdict_most(const sonde_signed_config *config, size_t body_size);
size_t sonde_lines_most(const sonde_signed_config *config, size_t line_size);

void sonde_verdict_members(sonde_writer *w, const sonde_verdict *verdict);

#endif
