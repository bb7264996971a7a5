/* The whole test harness: checks that say where and what, and tables.
 *
 *     static void empty_text(void) { CHECK(sonde_text_is_ascii(T(""))); }
 *
 *     static const check_test TESTS[] = {{"empty text", empty_text}};
 *
 *     int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
 *
 * A program runs all tests, or those whose name contains an argument. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name;
    void (*run)(void);
} check_test;

/* What the checks that follow are about, shown when one fails. */
void check_about(const char *what);

void check_fail(const char *file, int line, const char *what);
bool check_true(bool fits, const char *file, int line, const char *what);
bool check_int(int64_t have, int64_t want, const char *file, int line,
               const char *what);
bool check_double(double have, double want, const char *file, int line,
                  const char *what);
bool check_bytes(const void *have, size_t have_size, const void *want,
                 size_t want_size, const char *file, int line,
                 const char *what);

int check_run(const check_test *tests, size_t count, int argc, char **argv);

#define CHECK(x) check_true((x), __FILE__, __LINE__, #x)
#define CHECK_INT(have, want)                                                  \
    check_int((int64_t)(have), (int64_t)(want), __FILE__, __LINE__, #have)
#define CHECK_DOUBLE(have, want)                                               \
    check_double((have), (want), __FILE__, __LINE__, #have)
#define CHECK_BYTES(have, have_size, want, want_size)                          \
    check_bytes((have), (have_size), (want), (want_size), __FILE__, __LINE__,  \
                #have)
#define CHECK_TEXT(have, have_size, want)                                      \
    check_bytes((have), (have_size), (want), strlen(want), __FILE__, __LINE__, \
                #have)

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define CHECK_MAIN(tests) check_run((tests), COUNT(tests), argc, argv)

/* Text and size of a literal, zero bytes inside it included. */
#define T(literal) (const uint8_t *)(literal), sizeof(literal) - 1

/* A copy that ends exactly where its memory ends, so that a sanitizer sees a
 * read past it. To be freed by the caller. */
uint8_t *check_exact(const void *data, size_t size);

/* Pseudo-random numbers, the same in every run. */
typedef struct {
    uint64_t state;
} check_random;

uint32_t check_next(check_random *random);
uint32_t check_below(check_random *random, uint32_t bound);

#endif
