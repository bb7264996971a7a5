/* Origins, and where `_next` may lead: wire-formats.md, section 3. */
#ifndef SONDE_TARGET_H
#define SONDE_TARGET_H

#include <stdbool.h>
#include <stddef.h>

/* True of an origin as browsers write it: scheme://host[:port], lower case,
 * no default port (URL Standard, serialization of an origin). */
bool sonde_origin_fits(const char *text, size_t size);

/* True of what may be allowed: an http(s) origin, or an absolute path. */
bool sonde_target_fits(const char *text, size_t size);

/* True if `text` leads to what `allowed` allows, by the URL Standard's parser
 * and in its own spelling. */
bool sonde_target_match(const char *allowed, size_t allowed_size,
                        const char *text, size_t size);

#endif
