/* Words for what went wrong, for people: of statuses, Wasmtime's errors and
 * traps. Wasmtime's own text of a trap is a list of code addresses. */
#include "host.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void sonde_host_say(sonde_host_message *message, const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message->text, sizeof message->text, format, args);
    va_end(args);
}

const char *sonde_host_status_text(int32_t status) {
    switch (status) {
#define SONDE_STATUS(name, number, text)                                       \
    case number:                                                               \
        return text;
#include "sonde_status.def"
#undef SONDE_STATUS
    default:
        return "the module answered with a status that is unknown here: use "
               "the host and the module of one version";
    }
}

static const char *trap_text(wasmtime_trap_code_t code) {
    switch (code) {
    case WASMTIME_TRAP_CODE_STACK_OVERFLOW:
        return "its stack overflowed";
    case WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS:
        return "it reached outside its memory";
    case WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED:
        return "it reached code that must not be reached";
    default:
        return "it did what WebAssembly does not allow";
    }
}

static void say_trap(sonde_host_message *message, const char *what,
                     const wasm_trap_t *trap, const sonde_host_config *config) {
    wasmtime_trap_code_t code = 0xFF;
    if (!wasmtime_trap_code(trap, &code))
        code = 0xFF;
    if (code == WASMTIME_TRAP_CODE_INTERRUPT)
        sonde_host_say(message,
                       "%s trapped: it took longer than the deadline of %u ms",
                       what, (unsigned)config->deadline_ms);
    else if (code == WASMTIME_TRAP_CODE_OUT_OF_FUEL)
        sonde_host_say(message, "%s trapped: it took more than %llu of fuel",
                       what, (unsigned long long)config->fuel);
    else
        sonde_host_say(message, "%s trapped: %s (trap %u)", what,
                       trap_text(code), (unsigned)code);
}

/* With RUST_BACKTRACE set, Wasmtime adds one: nothing for people. */
static void cut_backtrace(sonde_host_message *message) {
    char *trace = strstr(message->text, "\n\nStack backtrace");
    if (trace != NULL)
        *trace = 0;
}

void sonde_host_say_why(sonde_host_message *message, const char *what,
                        wasmtime_error_t *error, wasm_trap_t *trap,
                        const sonde_host_config *config) {
    if (trap != NULL) {
        say_trap(message, what, trap, config);
        wasm_trap_delete(trap);
    }
    if (error != NULL) {
        wasm_name_t text;
        wasmtime_error_message(error, &text);
        sonde_host_say(message, "%s: %.*s", what, (int)text.size, text.data);
        cut_backtrace(message);
        wasm_byte_vec_delete(&text);
        wasmtime_error_delete(error);
    }
}

void sonde_host_wipe(void *data, size_t size) {
    static void *(*const volatile set)(void *, int, size_t) = memset;
    if (size > 0)
        set(data, 0, size);
}
