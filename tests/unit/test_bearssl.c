/* The upstream crypto library is there and links: wire-formats.md 1. */
#include "check.h"
#include "core/text.h"
#include <bearssl.h>

static void sha256(void) {
    uint8_t digest[32], text[64];
    br_sha256_context hash;
    br_sha256_init(&hash);
    br_sha256_update(&hash, "app-secret", 10);
    br_sha256_out(&hash, digest);
    sonde_writer w = {text, sizeof text, 0, 0};
    sonde_hex_put(&w, digest, sizeof digest);
    CHECK_TEXT(text, w.used,
               "6c904c5190e8b45c2f0af062eefdb2f5"
               "b41ce3809b0e6b5bc50aafdd60b290d8");
}

static const check_test TESTS[] = {{"sha-256", sha256}};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
