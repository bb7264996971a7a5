/* Compiled modules in files. They are native code that Wasmtime trusts, so a
 * file is taken only from a folder and a file that nobody else can write, and
 * only for exactly the module it was made of: it begins with that module's
 * bytes. Its name tells modules, Wasmtime's version and limits apart; a hash
 * there can collide without harm. Files are written under another name first:
 * a reader sees a whole one or none. */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/random.h>
#endif

typedef struct {
    char magic[16];
    uint64_t wasm_size;
    uint64_t code_size;
    uint64_t code_sum;
} head;

static const char MAGIC[16] = "sonde-host 1\n";

enum { NAME_SIZE = 128, MOST = 256 << 20 };

/* FNV-1a, 64 bits */
static uint64_t sum_of(const uint8_t *data, size_t size) {
    uint64_t sum = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ data[i]) * UINT64_C(0x100000001B3);
    return sum;
}

/* Fuel and deadlines are compiled in. */
static void name_of(char name[NAME_SIZE], const sonde_host_config *config,
                    const uint8_t *wasm, size_t size) {
    (void)snprintf(name, NAME_SIZE, "%016llx-%zu-%s-%s%s.cwasm",
                   (unsigned long long)sum_of(wasm, size), size,
                   WASMTIME_VERSION, config->deadline_ms > 0 ? "d" : "",
                   config->fuel > 0 ? "f" : "");
}

/* Whether nobody but this user can read or write it. */
static bool is_ours(int file, mode_t type, const char *name,
                    sonde_host_message *note) {
    struct stat about;
    if (fstat(file, &about) != 0) {
        sonde_host_say(note, "%s: %s", name, strerror(errno));
    } else if ((about.st_mode & S_IFMT) != type) {
        sonde_host_say(note, "%s is not a %s", name,
                       type == S_IFDIR ? "folder" : "file");
    } else if (about.st_uid != geteuid()) {
        sonde_host_say(note, "%s belongs to another user", name);
    } else if ((about.st_mode & 077) != 0) {
        sonde_host_say(note, "%s has mode %04o, and others must have no access",
                       name, (unsigned)(about.st_mode & 07777));
    } else {
        return true;
    }
    return false;
}

static int open_folder(const char *name, sonde_host_message *note) {
    if (mkdir(name, 0700) != 0 && errno != EEXIST) {
        sonde_host_say(note, "%s cannot be made: %s", name, strerror(errno));
        return -1;
    }
    int folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        sonde_host_say(note, "%s: %s", name, strerror(errno));
    } else if (!is_ours(folder, S_IFDIR, name, note)) {
        close(folder);
        folder = -1;
    }
    return folder;
}

uint8_t *sonde_host_read(int file, size_t *size) {
    struct stat about;
    if (fstat(file, &about) != 0 || about.st_size < 0 || about.st_size > MOST)
        return NULL;
    size_t all = (size_t)about.st_size, at = 0;
    uint8_t *data = malloc(all + 1);
    while (data != NULL && at < all) {
        ssize_t got = read(file, data + at, all - at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            free(data);
            return NULL;
        }
        at += (size_t)got;
    }
    *size = all;
    return data;
}

/* The code in a file's bytes, or NULL. */
static const uint8_t *code_in(const uint8_t *file, size_t file_size,
                              size_t *code_size, const uint8_t *wasm,
                              size_t size) {
    head h;
    if (file_size < sizeof h)
        return NULL;
    memcpy(&h, file, sizeof h);
    const uint8_t *kept = file + sizeof h, *code = kept + size;
    if (memcmp(h.magic, MAGIC, sizeof MAGIC) != 0 || h.wasm_size != size ||
        file_size - sizeof h < size ||
        h.code_size != file_size - sizeof h - size)
        return NULL;
    *code_size = (size_t)h.code_size;
    if (memcmp(kept, wasm, size) != 0 || h.code_sum != sum_of(code, *code_size))
        return NULL;
    return code;
}

static wasmtime_module_t *load(int file, const char *name,
                               sonde_host_message *note, wasm_engine_t *engine,
                               const uint8_t *wasm, size_t size) {
    size_t file_size = 0, code_size = 0;
    uint8_t *data = sonde_host_read(file, &file_size);
    const uint8_t *code =
        data == NULL ? NULL : code_in(data, file_size, &code_size, wasm, size);
    wasmtime_module_t *module = NULL;
    if (code == NULL)
        sonde_host_say(note, "%s is damaged, or of another module", name);
    else
        sonde_host_say_why(
            note, name,
            wasmtime_module_deserialize(engine, code, code_size, &module), NULL,
            NULL);
    free(data);
    return module;
}

wasmtime_module_t *sonde_cache_get(int *folder, sonde_host_message *note,
                                   wasm_engine_t *engine,
                                   const sonde_host_config *config,
                                   const uint8_t *wasm, size_t size) {
    *folder = open_folder(config->cache, note);
    if (*folder < 0)
        return NULL;
    char name[NAME_SIZE];
    name_of(name, config, wasm, size);
    /* O_NONBLOCK: a FIFO of that name must not hold us up */
    int file =
        openat(*folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) {
        if (errno != ENOENT)
            sonde_host_say(note, "%s: %s", name, strerror(errno));
        return NULL;
    }
    wasmtime_module_t *module = NULL;
    if (is_ours(file, S_IFREG, name, note))
        module = load(file, name, note, engine, wasm, size);
    close(file);
    return module;
}

static bool write_all(int file, const void *data, size_t size) {
    const char *at = data;
    while (size > 0) {
        ssize_t put = write(file, at, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        at += put;
        size -= (size_t)put;
    }
    return true;
}

static bool write_file(int file, const head *h, const uint8_t *wasm,
                       size_t size, const wasm_byte_vec_t *code) {
    bool done = fchmod(file, 0600) == 0 && write_all(file, h, sizeof *h) &&
                write_all(file, wasm, size) &&
                write_all(file, code->data, code->size) && fsync(file) == 0;
    return close(file) == 0 && done;
}

static void keep(int folder, sonde_host_message *note,
                 const sonde_host_config *config, const uint8_t *wasm,
                 size_t size, const wasm_byte_vec_t *code) {
    head h = {.wasm_size = size,
              .code_size = code->size,
              .code_sum = sum_of((const uint8_t *)code->data, code->size)};
    memcpy(h.magic, MAGIC, sizeof MAGIC);
    char name[NAME_SIZE], other[NAME_SIZE + 32];
    name_of(name, config, wasm, size);
    /* no process number: threads and containers share them */
    uint64_t unique = 0;
    (void)!getentropy(&unique, sizeof unique); /* else the file may exist */
    (void)snprintf(other, sizeof other, ".%s.%016llx", name,
                   (unsigned long long)unique);
    int file =
        openat(folder, other, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool done = file >= 0 && write_file(file, &h, wasm, size, code) &&
                renameat(folder, other, folder, name) == 0;
    if (!done)
        sonde_host_say(note, "%s cannot be kept: %s", name, strerror(errno));
    if (!done && file >= 0)
        (void)unlinkat(folder, other, 0);
}

void sonde_cache_put(int folder, sonde_host_message *note,
                     wasmtime_module_t *module, const sonde_host_config *config,
                     const uint8_t *wasm, size_t size) {
    wasm_byte_vec_t code;
    wasmtime_error_t *error = wasmtime_module_serialize(module, &code);
    if (error != NULL) {
        sonde_host_say_why(note, "the module cannot be kept", error, NULL,
                           NULL);
    } else {
        keep(folder, note, config, wasm, size, &code);
        wasm_byte_vec_delete(&code);
    }
    close(folder);
}
