/* See modules.h. */
#include "modules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasmtime.h>

static void *need(void *memory) {
    if (memory == NULL)
        abort();
    return memory;
}

test_bytes test_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        abort();
    }
    test_bytes bytes = {.data = need(malloc(1 << 24))};
    bytes.size = fread(bytes.data, 1, 1 << 24, file);
    (void)fclose(file);
    return bytes;
}

test_bytes test_wat(const char *text, size_t size) {
    wasm_byte_vec_t wasm;
    if (wasmtime_wat2wasm(text, size, &wasm) != NULL)
        abort();
    test_bytes bytes = {need(malloc(wasm.size)), wasm.size};
    memcpy(bytes.data, wasm.data, wasm.size);
    wasm_byte_vec_delete(&wasm);
    return bytes;
}

test_bytes test_fake(const char *from, const char *to) {
    test_bytes text = test_file("tests/wasmtime/fake.wat");
    text.data[text.size] = '\0';
    const char *all = (const char *)text.data;
    const char *at = need(strstr(all, from));
    char *other = need(malloc(text.size + strlen(to) + 1));
    int size =
        sprintf(other, "%.*s%s%s", (int)(at - all), all, to, at + strlen(from));
    test_bytes wasm = test_wat(other, (size_t)size);
    free(other);
    free(text.data);
    return wasm;
}
