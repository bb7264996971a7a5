/* The host library on a module that does what its input says: what is refused,
 * traps and replacement, the cache's rules. */
#include "check.h"
#include "modules.h"
#include "sonde_host.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static sonde_host_message message;

#define TEXT(literal) ((sonde_host_text){(literal), sizeof(literal) - 1})
#define SECRET TEXT("0123456789abcdef")

static sonde_host *open_fake(uint32_t deadline_ms, uint64_t fuel) {
    sonde_host_config config;
    sonde_host_config_init(&config);
    config.deadline_ms = deadline_ms;
    config.fuel = fuel;
    test_bytes wasm = test_fake("(module", "(module");
    sonde_host *host = sonde_host_open(&config, wasm.data, wasm.size, &message);
    free(wasm.data);
    if (!CHECK(host != NULL))
        printf("    %s\n", message.text);
    return host;
}

static sonde_guest *open_guest(sonde_host *host) {
    static const sonde_host_text secrets[] = {{"0123456789abcdef", 16},
                                              {"fedcba9876543210", 16}};
    sonde_guest_config config;
    sonde_guest_config_init(&config);
    config.secrets = secrets;
    config.secret_count = 2;
    sonde_guest *guest = sonde_guest_open(host, &config, &message);
    if (!CHECK(guest != NULL))
        printf("    %s\n", message.text);
    return guest;
}

/* ---- What is refused --------------------------------------------------- */

static void modules(void) {
    static const struct {
        const char *from, *to, *says;
    } table[] = {
        {"(module", "(module", NULL},
        {"\"signed_lines\"", "\"signed_line\"", "signed_lines"},
        {"(param $id i32) (param $value f64)",
         "(param $id i32) (param $value f32)", "signed_option"},
        {"\"signed_start\") (result i32) (i32.const 1024)", "\"signed_start\")",
         "signed_start"},
        {"(memory (export \"memory\")", "(memory (export \"heap\")", "memory"},
        {"(module", "(module (import \"env\" \"time\" (func))", "imports"},
    };
    sonde_host_config config;
    sonde_host_config_init(&config);
    for (size_t i = 0; i < COUNT(table); i++) {
        check_about(table[i].to);
        test_bytes wasm = test_fake(table[i].from, table[i].to);
        sonde_host *host =
            sonde_host_open(&config, wasm.data, wasm.size, &message);
        free(wasm.data);
        CHECK((host != NULL) == (table[i].says == NULL));
        if (table[i].says != NULL)
            CHECK(strstr(message.text, table[i].says) != NULL);
        sonde_host_close(host);
    }
    CHECK(sonde_host_open(&config, (const uint8_t *)"\0asm", 4, &message) ==
          NULL);
    CHECK(strstr(message.text, "compile") != NULL);
    CHECK(sonde_host_load(&config, "no/such/file", &message) == NULL);
    CHECK(strstr(message.text, "no/such/file") != NULL);
    CHECK(sonde_host_load(&config, "tests", &message) == NULL);
}

static void regions(void) {
    static const char *const starts[] = {
        "(i32.const -1)",      "(i32.const 0)",    "(i32.const 0x7ffffff0)",
        "(i32.const 1048564)", "(i32.const 4096)", "(unreachable)"};
    sonde_host_config config;
    sonde_host_config_init(&config);
    for (size_t i = 0; i < COUNT(starts); i++) {
        check_about(starts[i]);
        char to[80];
        (void)snprintf(to, sizeof to, "%s)", starts[i]);
        test_bytes wasm = test_fake("(i32.const 1024))", to);
        sonde_host *host =
            sonde_host_open(&config, wasm.data, wasm.size, &message);
        free(wasm.data);
        sonde_guest_config guest;
        sonde_guest_config_init(&guest);
        CHECK(sonde_guest_open(host, &guest, &message) == NULL);
        CHECK(message.text[0] != '\0');
        sonde_host_close(host);
    }
}

static void memory_limit(void) {
    sonde_host *host = open_fake(0, 0);
    sonde_guest_config config;
    sonde_guest_config_init(&config);
    config.memory_limit = (1 << 20) - 1;
    CHECK(sonde_guest_open(host, &config, &message) == NULL);
    CHECK(strstr(message.text, "instantiated") != NULL);
    config.memory_limit = 1 << 20;
    sonde_guest *guest = sonde_guest_open(host, &config, &message);
    CHECK(guest != NULL);
    sonde_guest_close(guest);
    sonde_host_close(host);
}

static void secrets(void) {
    sonde_host *host = open_fake(0, 0);
    sonde_guest_config config;
    sonde_guest_config_init(&config);
    const sonde_host_text list[] = {SECRET, TEXT("too short")};
    config.secrets = list;
    config.secret_count = 2;
    CHECK(sonde_guest_open(host, &config, &message) == NULL);
    CHECK(strstr(message.text, "secret number 2") != NULL);
    CHECK(strstr(message.text, "16 bytes") != NULL);
    CHECK(strstr(message.text, "too short") == NULL);
    static char large[1 << 20];
    const sonde_host_text huge[] = {{large, sizeof large}};
    config.secrets = huge;
    config.secret_count = 1;
    CHECK(sonde_guest_open(host, &config, &message) == NULL);
    CHECK(strstr(message.text, "secret number 1") != NULL);
    sonde_host_close(host);
}

/* ---- Calls ------------------------------------------------------------- */

static void submissions(void) {
    sonde_host *host = open_fake(0, 0);
    sonde_guest *guest = open_guest(host);
    const sonde_host_submission list[] = {
        {.now = 1, .body = TEXT("a"), .content_type = TEXT("text/plain")},
        {.now = 2, .body = TEXT("second"), .origin = TEXT("null")},
        {.now = 3, .body = TEXT(""), .endpoint = TEXT("plain_sf_1")}};
    static const char *const wants[] = {"a\n", "second\n", "\n"};
    sonde_host_verdicts verdicts;
    for (size_t i = 0; i < COUNT(list); i++) {
        /* the stand-in deals with one frame of those that it is given */
        CHECK_INT(
            sonde_guest_verify(guest, &verdicts, list + i, COUNT(list) - i), 1);
        CHECK_TEXT(verdicts.text, verdicts.size, wants[i]);
    }
    CHECK_INT(sonde_guest_verify(guest, &verdicts, list, 0),
              SONDE_BAD_ARGUMENT);
    sonde_guest_close(guest);
    sonde_host_close(host);
}

/* A body is cut behind the first byte that is too much, and so are headers:
 * however large a submission is, it gets a verdict. */
static void sizes(void) {
    sonde_host *host = open_fake(0, 0);
    sonde_guest *guest = open_guest(host);
    static char large[1 << 20];
    memset(large, 'x', sizeof large);
    sonde_host_submission one = {.body = {large, sizeof large}};
    sonde_host_verdicts verdicts;
    CHECK_INT(sonde_guest_verify(guest, &verdicts, &one, 1), 1);
    CHECK_INT(verdicts.size, 65536 + 1 + 1);
    /* as much as the stand-in hands back: its verdict is the body */
    one.content_type = one.origin = one.endpoint = one.body;
    CHECK_INT(sonde_guest_verify(guest, &verdicts, &one, 1), 1);
    CHECK_INT(verdicts.size, 65536 + 1 + 1);
    sonde_guest_close(guest);
    sonde_host_close(host);
}

static void room_for_bodies(void) {
    sonde_host *host = open_fake(0, 0);
    sonde_guest_config config;
    sonde_guest_config_init(&config);
    double *body = &config.options[SONDE_SIGNED_OPTION_max_body];
    *body = 0x60000 - 4095; /* the stand-in's region has 0x60000 */
    CHECK(sonde_guest_open(host, &config, &message) == NULL);
    CHECK(strstr(message.text, "max_body + 4096, which is 393217") != NULL);
    *body -= 1;
    sonde_guest *guest = sonde_guest_open(host, &config, &message);
    CHECK(guest != NULL);
    sonde_guest_close(guest);
    sonde_host_close(host);
}

static void lines(void) {
    static const struct {
        const char *in;
        uint32_t flags;
        int32_t taken;
        uint32_t count;
        const char *out;
    } table[] = {
        {"", 0, 0, 0, ""},
        {"", SONDE_LINES_LAST, 0, 0, ""},
        {"a", 0, 0, 0, ""},
        {"a", SONDE_LINES_LAST, 1, 1, "a\n"},
        {"a\n", 0, 2, 1, "a\n"},
        {"a\nb\nc", 0, 4, 2, "a\nb\n"},
        {"a\nb\nc", SONDE_LINES_LAST, 5, 3, "a\nb\nc\n"},
        {"!", 0, 0, 0, ""},
        {"a\n!\n", 0, SONDE_HOST_TRAP, 0, ""},
        {"?\n", 0, SONDE_HOST_WRONG, 0, NULL},
    };
    sonde_host *host = open_fake(0, 0);
    sonde_guest *guest = open_guest(host);
    for (size_t i = 0; i < COUNT(table); i++) {
        check_about(table[i].in);
        sonde_host_verdicts verdicts;
        CHECK_INT(sonde_guest_lines(guest, &verdicts, 0, table[i].in,
                                    strlen(table[i].in), 1, table[i].flags),
                  table[i].taken);
        if (table[i].out == NULL)
            continue;
        CHECK_INT(verdicts.count, table[i].count);
        CHECK_TEXT(verdicts.text, verdicts.size, table[i].out);
    }
    sonde_guest_close(guest);
    sonde_host_close(host);
}

static void tokens(void) {
    static const uint8_t nonce[12] = "nonce nonce";
    sonde_host *host = open_fake(0, 0);
    sonde_guest *guest = open_guest(host);
    char text[64];
    double age = 0;
    CHECK_INT(sonde_guest_identity_seal(guest, text, 64, NULL, "id", 2), 2);
    CHECK_INT(sonde_guest_identity_seal(guest, text, 64, nonce, "42", 2), 2);
    CHECK_TEXT(text, 2, "42");
    CHECK_INT(sonde_guest_identity_seal(guest, text, 1, nonce, "42", 2),
              SONDE_NO_SPACE);
    CHECK_INT(sonde_guest_identity_open(guest, text, 64, "token", 5), 5);
    CHECK_TEXT(text, 5, "token");
    CHECK_INT(sonde_guest_identity_open(guest, text, 64, "token", 1 << 20),
              SONDE_MALFORMED);
    CHECK_INT(sonde_guest_render_sign(guest, text, 64, 0), 0);
    CHECK_INT(sonde_guest_render_check(guest, &age, 0, "x", 1), 2);
    sonde_guest_close(guest);
    sonde_host_close(host);
}

/* ---- Traps ------------------------------------------------------------- */

/* The new instance has the same secrets, and works. */
static void check_trap(sonde_host *host, sonde_host_text body,
                       const char *says) {
    check_about(says);
    sonde_guest *guest = open_guest(host);
    const sonde_host_submission bad = {.body = body};
    const sonde_host_submission good = {.body = TEXT("fine")};
    for (uint64_t i = 1; i <= 3; i++) {
        sonde_host_verdicts verdicts;
        CHECK_INT(sonde_guest_verify(guest, &verdicts, &bad, 1),
                  body.text[0] == '?' ? SONDE_HOST_WRONG : SONDE_HOST_TRAP);
        CHECK(strstr(sonde_guest_message(guest), says) != NULL);
        CHECK(strstr(sonde_guest_message(guest), "signed_verify") != NULL);
        CHECK_INT(sonde_guest_traps(guest), i);
        double age;
        CHECK_INT(sonde_guest_render_check(guest, &age, 0, "", 0), 2);
        CHECK_INT(sonde_guest_verify(guest, &verdicts, &good, 1), 1);
        CHECK_TEXT(verdicts.text, verdicts.size, "fine\n");
    }
    sonde_guest_close(guest);
}

static void traps(void) {
    sonde_host *host = open_fake(0, 0);
    check_trap(host, TEXT("!"), "must not be reached");
    check_trap(host, TEXT("?"), "makes no sense");
    sonde_host_close(host);
    host = open_fake(0, 100000);
    check_trap(host, TEXT("~"), "100000 of fuel");
    sonde_host_close(host);
    host = open_fake(20, 0);
    check_trap(host, TEXT("~"), "deadline of 20 ms");
    sonde_host_close(host);
}

/* Each thread has its guest; all share the host. */
static void *work(void *host) {
    sonde_guest_config config;
    sonde_guest_config_init(&config);
    sonde_host_message why;
    sonde_guest *guest = sonde_guest_open(host, &config, &why);
    size_t good = 0;
    for (int i = 0; guest != NULL && i < 2000; i++) {
        bool bad = i % 10 == 0;
        const sonde_host_submission one = {.body =
                                               bad ? TEXT("!") : TEXT("fine")};
        sonde_host_verdicts verdicts;
        int32_t result = sonde_guest_verify(guest, &verdicts, &one, 1);
        good += result == (bad ? SONDE_HOST_TRAP : 1);
    }
    sonde_guest_close(guest);
    return (void *)good;
}

static void threads(void) {
    sonde_host *host = open_fake(10000, 0);
    pthread_t list[4];
    for (size_t i = 0; i < COUNT(list); i++)
        CHECK_INT(pthread_create(&list[i], NULL, work, host), 0);
    for (size_t i = 0; i < COUNT(list); i++) {
        void *good;
        CHECK_INT(pthread_join(list[i], &good), 0);
        CHECK_INT((size_t)good, 2000);
    }
    sonde_host_close(host);
}

/* A child process has a copy of each descriptor, the ticker's pipe too. */
static void forked(void) {
    sonde_host *host = open_fake(1000, 0);
    pid_t child = fork();
    if (child == 0) {
        (void)sleep(5);
        _exit(0);
    }
    time_t began = time(NULL);
    sonde_host_close(host);
    CHECK(child > 0 && time(NULL) - began < 4);
    (void)kill(child, SIGKILL);
    CHECK_INT(waitpid(child, NULL, 0), child);
}

/* ---- Cache ------------------------------------------------------------- */

static char folder[64];

/* The path of the only file in the folder. */
static const char *cached_file(void) {
    static char path[400];
    size_t count = 0;
    DIR *listing = opendir(folder);
    for (struct dirent *e; listing && (e = readdir(listing)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        count++;
    }
    (void)closedir(listing);
    CHECK_INT(count, 1);
    return path;
}

static void open_cached(bool cached, const char *says) {
    sonde_host_config config;
    sonde_host_config_init(&config);
    config.cache = folder;
    test_bytes wasm = test_fake("(module", "(module");
    sonde_host *host = sonde_host_open(&config, wasm.data, wasm.size, &message);
    free(wasm.data);
    if (!CHECK(host != NULL))
        return;
    CHECK_INT(sonde_host_cached(host), cached);
    if (!CHECK(says == NULL ? sonde_host_note(host)[0] == '\0'
                            : strstr(sonde_host_note(host), says) != NULL))
        printf("    %s\n", sonde_host_note(host));
    sonde_guest_close(open_guest(host));
    sonde_host_close(host);
}

static void overwrite(const char *path, long at, const void *data,
                      size_t size) {
    FILE *file = fopen(path, "r+b");
    CHECK(file != NULL && fseek(file, at, at < 0 ? SEEK_END : SEEK_SET) == 0 &&
          fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

static mode_t mode_of(const char *path) {
    struct stat about;
    CHECK_INT(stat(path, &about), 0);
    return about.st_mode & 07777;
}

static void cache(void) {
    (void)snprintf(folder, sizeof folder, "build/cache-test-%ld",
                   (long)getpid());
    open_cached(false, NULL);
    CHECK_INT(mode_of(folder), 0700);
    const char *path = cached_file();
    CHECK_INT(mode_of(path), 0600);
    open_cached(true, NULL);

    check_about("a file that others can read or write is made anew");
    static const mode_t modes[] = {0644, 0620, 0601};
    for (size_t i = 0; i < COUNT(modes); i++) {
        CHECK_INT(chmod(path, modes[i]), 0);
        open_cached(false, "mode");
        CHECK_INT(mode_of(cached_file()), 0600);
        open_cached(true, NULL);
    }

    check_about("a damaged file");
    overwrite(path, 0, "x", 1);
    open_cached(false, "damaged");
    overwrite(path, 44, "x", 1); /* in the module that it was made of */
    open_cached(false, "damaged");
    overwrite(path, -9, "x", 1);
    open_cached(false, "damaged");
    CHECK_INT(truncate(path, 5000), 0);
    open_cached(false, "damaged");
    CHECK_INT(truncate(path, 3), 0);
    open_cached(false, "damaged");
    open_cached(true, NULL);

    check_about("a symbolic link");
    char other[80];
    (void)snprintf(other, sizeof other, "%s.moved", folder);
    CHECK_INT(rename(path, other), 0);
    char target[90];
    (void)snprintf(target, sizeof target, "../../%s", other);
    CHECK_INT(symlink(target, path), 0);
    open_cached(false, "link");
    open_cached(true, NULL);
    CHECK_INT(unlink(other), 0);

    check_about("a FIFO");
    CHECK_INT(unlink(path), 0);
    CHECK_INT(mkfifo(path, 0600), 0);
    open_cached(false, "not a file");
    open_cached(true, NULL);

    check_about("a folder that others can use");
    CHECK_INT(chmod(folder, 0755), 0);
    open_cached(false, "mode");
    CHECK_INT(chmod(folder, 0700), 0);
    open_cached(true, NULL);
    CHECK_INT(unlink(path), 0);
    CHECK_INT(rmdir(folder), 0);

    check_about("no folder");
    (void)snprintf(folder, sizeof folder, "build/no/such/folder");
    open_cached(false, "cannot be made");
}

/* Opens a host; its note, or an empty one. */
static void *open_beside(void *wasm) {
    static sonde_host_message notes[4];
    static atomic_uint next;
    sonde_host_message *note = &notes[next++ % COUNT(notes)];
    sonde_host_config config;
    sonde_host_config_init(&config);
    config.cache = folder;
    const test_bytes *bytes = wasm;
    sonde_host *host = sonde_host_open(&config, bytes->data, bytes->size, note);
    if (host != NULL)
        (void)snprintf(note->text, sizeof note->text, "%s",
                       sonde_host_note(host));
    sonde_host_close(host);
    return note;
}

/* Hosts that are made at the same time do not write into each other's file. */
static void cache_of_threads(void) {
    (void)snprintf(folder, sizeof folder, "build/cache-test-%ld",
                   (long)getpid());
    test_bytes wasm = test_fake("(module", "(module");
    for (int round = 0; round < 20; round++) {
        pthread_t list[4];
        for (size_t i = 0; i < COUNT(list); i++)
            CHECK_INT(pthread_create(&list[i], NULL, open_beside, &wasm), 0);
        for (size_t i = 0; i < COUNT(list); i++) {
            void *note;
            CHECK_INT(pthread_join(list[i], &note), 0);
            const char *text = ((sonde_host_message *)note)->text;
            CHECK_TEXT(text, strlen(text), "");
        }
        CHECK_INT(unlink(cached_file()), 0);
    }
    CHECK_INT(rmdir(folder), 0);
    free(wasm.data);
}

static const check_test TESTS[] = {
    {"modules", modules},
    {"regions", regions},
    {"memory limit", memory_limit},
    {"secrets", secrets},
    {"submissions", submissions},
    {"sizes", sizes},
    {"room for bodies", room_for_bodies},
    {"lines", lines},
    {"tokens", tokens},
    {"traps", traps},
    {"threads", threads},
    {"forked", forked},
    {"cache", cache},
    {"cache of threads", cache_of_threads},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
