/*
 * Runs one fuzz target over every file of the folders named, in name order, so
 * that the kept corpus is an ordinary test with any compiler.
 */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        return 1;
    }
    long size = ftell(file);
    rewind(file);
    /* exactly the size, so that a sanitizer sees a read past the end */
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
    if (data == NULL || size < 0 ||
        fread(data, 1, (size_t)size, file) != (size_t)size) {
        perror(path);
        return 1;
    }
    (void)fclose(file);
    (void)LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
    return 0;
}

int main(int argc, char **argv) {
    int count = 0;
    int failed = 0;
    (void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++) {
        struct dirent **names = NULL;
        int n = scandir(argv[i], &names, NULL, alphasort);
        for (int k = 0; k < n; k++) { /* n is -1 when there is no corpus yet */
            char path[4096];
            if (names[k]->d_name[0] != '.') {
                (void)snprintf(path, sizeof path, "%s/%s", argv[i],
                               names[k]->d_name);
                failed += replay(path);
                count++;
            }
            free(names[k]);
        }
        free(names);
    }
    printf("%d inputs replayed, %d unreadable\n", count, failed);
    return failed != 0;
}
