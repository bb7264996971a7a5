/* make_fake FILE [FROM TO]: writes the module of tests/wasmtime/fake.wat, with
 * FROM in its text replaced by TO. Run from the root of the tree. */
#include "modules.h"

#include <stdio.h>

int main(int argc, char **argv) {
    if (argc != 2 && argc != 4)
        return 2;
    test_bytes wasm = argc == 4 ? test_fake(argv[2], argv[3])
                                : test_fake("(module", "(module");
    FILE *file = fopen(argv[1], "wb");
    if (file == NULL || fwrite(wasm.data, 1, wasm.size, file) != wasm.size ||
        fclose(file) != 0) {
        perror(argv[1]);
        return 1;
    }
    return 0;
}
