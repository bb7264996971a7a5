/* Modules for the tests of the host. */
#ifndef TEST_MODULES_H
#define TEST_MODULES_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t *data;
    size_t size;
} test_bytes;

/* All of a file; aborts if there is none. To be freed. */
test_bytes test_file(const char *path);

/* WebAssembly of text; aborts if it is not well-formed. To be freed. */
test_bytes test_wat(const char *text, size_t size);

/* tests/wasmtime/fake.wat, with the first `from` in it replaced by `to`. */
test_bytes test_fake(const char *from, const char *to);

#endif
