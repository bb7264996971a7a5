/* See check.h. */
#include "check.h"

static int passed, failed;
static char about[160];

void check_about(const char *what) {
    (void)snprintf(about, sizeof about, "%s", what);
}

static void at(const char *file, int line) {
    failed++;
    printf("%s:%d: ", file, line);
    if (about[0] != '\0')
        printf("[%s] ", about);
}

void check_fail(const char *file, int line, const char *what) {
    at(file, line);
    printf("%s\n", what);
}

bool check_true(bool fits, const char *file, int line, const char *what) {
    passed += fits;
    if (!fits)
        check_fail(file, line, what);
    return fits;
}

bool check_int(int64_t have, int64_t want, const char *file, int line,
               const char *what) {
    passed += have == want;
    if (have != want) {
        at(file, line);
        printf("%s is %lld, not %lld\n", what, (long long)have,
               (long long)want);
    }
    return have == want;
}

bool check_double(double have, double want, const char *file, int line,
                  const char *what) {
    bool same = have >= want && have <= want;
    passed += same;
    if (!same) {
        at(file, line);
        printf("%s is %.17g, not %.17g\n", what, have, want);
    }
    return same;
}

static void show(const uint8_t *data, size_t size) {
    putchar('"');
    for (size_t i = 0; i < size && i < 400; i++) {
        if (data[i] >= 0x20 && data[i] < 0x7F)
            putchar(data[i]);
        else
            printf("\\x%02x", data[i]);
    }
    printf("\"%s (%zu)", size > 400 ? "..." : "", size);
}

bool check_bytes(const void *have, size_t have_size, const void *want,
                 size_t want_size, const char *file, int line,
                 const char *what) {
    bool same = have_size == want_size &&
                (have_size == 0 || memcmp(have, want, have_size) == 0);
    passed += same;
    if (!same) {
        at(file, line);
        printf("%s is\n    ", what);
        show(have, have_size);
        printf(", not\n    ");
        show(want, want_size);
        printf("\n");
    }
    return same;
}

static bool is_chosen(const char *name, int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (strstr(name, argv[i]) != NULL)
            return true;
    }
    return argc < 2;
}

int check_run(const check_test *tests, size_t count, int argc, char **argv) {
    for (size_t i = 0; i < count; i++) {
        if (!is_chosen(tests[i].name, argc, argv))
            continue;
        int before = failed;
        check_about("");
        tests[i].run();
        if (failed > before)
            printf("FAILED %s\n", tests[i].name);
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0 || passed == 0;
}

uint8_t *check_exact(const void *data, size_t size) {
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (copy == NULL)
        abort();
    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

/* splitmix64 */
uint32_t check_next(check_random *random) {
    uint64_t z = random->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)(z >> 32);
}

uint32_t check_below(check_random *random, uint32_t bound) {
    return (uint32_t)((uint64_t)check_next(random) * bound >> 32);
}
