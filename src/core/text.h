/* UTF-8: checks, replacement, cuts; hexadecimal and base64. No allocation, no
 * state; nothing reads outside [text, text + size). */
#ifndef SONDE_TEXT_H
#define SONDE_TEXT_H

#include "core/bytes.h"

/* True if all bytes are below 0x80. */
bool sonde_text_is_ascii(const uint8_t *text, size_t size);

/* Length of the well-formed UTF-8 sequence at `p` (1 ... 4), or minus the
 * length of the ill-formed run that one U+FFFD replaces (the "maximal
 * subpart" of Unicode 3.9, as browsers do). `p` < `end`. */
int sonde_utf8_next(const uint8_t *p, const uint8_t *end);

/* Copies with each ill-formed run made U+FFFD (3 bytes), and returns the size
 * of the result: at most 3 * size. With `to` NULL only measures. *replaced is
 * increased by the number of runs. */
size_t sonde_text_copy(uint8_t *to, const uint8_t *text, size_t size,
                       uint64_t *replaced);

/* Start of the last `units` UTF-16 code units of [text, end), or NULL if the
 * cut would fall inside a character or before `text`. */
const uint8_t *sonde_text_cut(const uint8_t *text, const uint8_t *end,
                              uint32_t units);

/* Bytes of the first `characters` characters, at most `size`. */
size_t sonde_text_prefix(const uint8_t *text, size_t size, uint32_t characters);

/* Writes 2 * size lower-case digits. */
void sonde_hex_put(sonde_writer *w, const uint8_t *data, size_t size);

/* Reads 2 * size digits of either case; false if another byte is there. */
SONDE_MUST_CHECK bool sonde_hex_get(uint8_t *to, const uint8_t *digits,
                                    size_t size);

/* The same, fast, of a size that is a multiple of 4. */
SONDE_MUST_CHECK bool sonde_id_get(uint8_t *to, const uint8_t *digits,
                                   size_t size);

/* Standard alphabet, padded (RFC 4648, section 4): what OTLP JSON wants. */
void sonde_base64_put(sonde_writer *w, const uint8_t *data, size_t size);

/* URL-safe alphabet, padded (RFC 4648, section 5). */
void sonde_base64url_put(sonde_writer *w, const uint8_t *data, size_t size);

/* Reads base64url, with its padding or with all of it left off. Everything
 * else is BAD_INPUT (other alphabet, white space, non-zero trailing bits), so
 * that one value has one spelling. `to` holds 3 * ((size + 3) / 4) bytes.
 * Returns the number of bytes. */
SONDE_MUST_CHECK int32_t sonde_base64url_get(uint8_t *to, const uint8_t *text,
                                             size_t size);

#endif
