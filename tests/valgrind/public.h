/* Included before each file of src/signed when it is built for the
 * constant-time test: says where something made from a secret becomes public.
 * These four are all:
 *   whether a tag or MAC is right;
 *   a token's bytes on their way to base64url, a MAC's to hex: they are sent;
 *   an id, only ever read as text after its tag was found right. */
#ifndef PUBLIC_H
#define PUBLIC_H

#include "core/text.h"
#include "signed/wipe.h"
#include <valgrind/memcheck.h>

static inline int public_same(const uint8_t *a, const uint8_t *b, size_t size) {
    int bit = sonde_same(a, b, size);
    (void)VALGRIND_MAKE_MEM_DEFINED(&bit, sizeof bit);
    return bit;
}

static inline void public_base64url(sonde_writer *w, const uint8_t *data,
                                    size_t size) {
    (void)VALGRIND_MAKE_MEM_DEFINED(data, size);
    sonde_base64url_put(w, data, size);
}

static inline void public_hex(sonde_writer *w, const uint8_t *data,
                              size_t size) {
    (void)VALGRIND_MAKE_MEM_DEFINED(data, size);
    sonde_hex_put(w, data, size);
}

static inline size_t public_text(uint8_t *to, const uint8_t *text, size_t size,
                                 uint64_t *replaced) {
    (void)VALGRIND_MAKE_MEM_DEFINED(text, size);
    return sonde_text_copy(to, text, size, replaced);
}

#define sonde_same public_same
#define sonde_base64url_put public_base64url
#define sonde_hex_put public_hex
#define sonde_text_copy public_text

#endif
