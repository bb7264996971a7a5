/* sonde-gen: prints what JavaScript needs to know of the C core, so that no
 * number is written twice. `sonde-gen layout | options-dts | options-md`. */
#include "metrics/metrics.h"
#include "sonde.h"
#include "wasm/layout.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *name, *unit, *text;
    uint32_t value, least, most;
} option;

static const option OPTIONS[] = {
#define SONDE_OPTION(name, value, least, most, unit, text)                     \
    {#name, unit, text, value, least, most},
#include "sonde_options.def"
#undef SONDE_OPTION
};

enum { OPTION_COUNT = sizeof OPTIONS / sizeof *OPTIONS };

/* max_queue_records -> maxQueueRecords */
static const char *camel(const char *name) {
    static char out[64];
    size_t n = 0;
    for (; *name != '\0' && n < sizeof out - 1; name++) {
        if (*name == '_')
            out[n++] = (char)toupper((unsigned char)*++name);
        else
            out[n++] = *name;
    }
    out[n] = '\0';
    return out;
}

static bool is_boolean(const option *o) { return !strcmp(o->unit, "boolean"); }

static bool is_choice(const option *o) { return strchr(o->unit, '|') != NULL; }

/* "a | b" of the unit as "a" and "b" in quotes, with `between` between them. */
static const char *choices(const option *o, const char *between) {
    static char out[64];
    char *to = out;
    *to++ = '"';
    for (const char *p = o->unit; *p != '\0'; p++) {
        if (*p == ' ' && p[1] == '|') {
            to += snprintf(to, sizeof out / 2, "\"%s\"", between);
            p += 2;
        } else
            *to++ = *p;
    }
    *to++ = '"';
    *to = '\0';
    return out;
}

/* The default of a choice is its first. */
static const char *first_choice(const option *o) {
    static char out[32];
    snprintf(out, sizeof out, "%.*s", (int)strcspn(o->unit, " "), o->unit);
    return out;
}

static void print_layout(void) {
    puts("// Made by sonde-gen from src/wasm/layout.h and the .def files.");
#define PRINT(name, value) printf("export const %s = %d;\n", #name, value);
    SONDE_LAYOUT(PRINT)
#undef PRINT
#define SONDE_STATUS(name, number, text)                                       \
    printf("export const ERR_%s = %d;\n", #name, number);
#include "sonde_status.def"
#undef SONDE_STATUS
#define PRINT(name, value) printf("export const %s = %d;\n", #name, value);
    SONDE_KINDS(PRINT)
#undef PRINT
    puts("export const DROPS = [");
#define PRINT(upper, lower) puts("  \"" #lower "\",");
    SONDE_DROPS(PRINT)
#undef PRINT
    puts("];\n// Least and most, or the choices, in the order of the ids.");
    puts("export const OPTIONS = {");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const option *o = &OPTIONS[i];
        printf("  %s: ", camel(o->name));
        if (is_boolean(o))
            puts("[false, true],");
        else if (is_choice(o))
            printf("[%s],\n", choices(o, ", "));
        else
            printf("[%u, %u],\n", o->least, o->most);
    }
    puts("};");
}

static void print_types(void) {
    puts("// Made by sonde-gen from src/sonde_options.def.");
    puts("export interface CoreOptions {");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const option *o = &OPTIONS[i];
        printf("  /** %s%s; ",
               (char[]){(char)toupper((unsigned char)*o->text), '\0'},
               o->text + 1);
        if (is_boolean(o))
            printf("default %s. */\n  %s?: boolean;\n",
                   o->value ? "true" : "false", camel(o->name));
        else if (is_choice(o))
            printf("default %s. */\n  %s?: %s;\n", first_choice(o),
                   camel(o->name), choices(o, " | "));
        else
            printf("default %u, %u to %u %s. */\n  %s?: number;\n", o->value,
                   o->least, o->most, o->unit, camel(o->name));
    }
    puts("}");
}

static void print_table(void) {
    puts("| option | default | range | meaning |\n|---|--:|---|---|");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const option *o = &OPTIONS[i];
        if (is_boolean(o))
            printf("| `%s` | %s | `true`, `false` | %s |\n", camel(o->name),
                   o->value ? "`true`" : "`false`", o->text);
        else if (is_choice(o))
            printf("| `%s` | `\"%s\"` | `%s` | %s |\n", camel(o->name),
                   first_choice(o), choices(o, "`, `"), o->text);
        else
            printf("| `%s` | %u | %u … %u %s | %s |\n", camel(o->name),
                   o->value, o->least, o->most, o->unit, o->text);
    }
}

int main(int argc, char **argv) {
    const char *what = argc == 2 ? argv[1] : "";
    if (strcmp(what, "layout") == 0)
        print_layout();
    else if (strcmp(what, "options-dts") == 0)
        print_types();
    else if (strcmp(what, "options-md") == 0)
        print_table();
    else {
        fputs("usage: sonde-gen layout | options-dts | options-md\n", stderr);
        return 2;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
