/* traceparent, tracestate and decisions. Input: flags and a probability in a
 * byte each, then both headers, divided by a line end. What is read is written
 * so that it is read again as it is; a decision agrees with what it writes. */
#include "fuzz.h"
#include "sonde_trace.h"

static void check_parent(sonde_span_context *context, const char *text,
                         size_t size) {
    char again[SONDE_TRACEPARENT_SIZE];
    sonde_span_context got;
    int32_t status = sonde_traceparent_get(&got, text, size);
    PROMISE(status == SONDE_OK || status == SONDE_BAD_INPUT);
    if (status != SONDE_OK)
        return;
    *context = got;
    sonde_traceparent_put(again, context);
    PROMISE(size >= sizeof again && memcmp(again + 2, text + 2, 51) == 0);
    PROMISE(sonde_traceparent_get(&got, again, sizeof again) == SONDE_OK);
    PROMISE(memcmp(&got, context, sizeof got) == 0);
}

/* Entries without white space around them, and few of them. */
static void check_form(const char *text, size_t size) {
    size_t commas = 0;
    PROMISE(size <= SONDE_TRACESTATE_SIZE);
    for (size_t i = 0; i < size; i++) {
        commas += text[i] == ',';
        PROMISE(text[i] >= ' ' && text[i] <= '~');
    }
    PROMISE(commas < 32);
    PROMISE(size == 0 || (text[size - 1] != ' ' && text[size - 1] != ','));
    PROMISE(size == 0 || (text[0] != ' ' && text[0] != ','));
}

static void check_same(const sonde_span_context *parent, const char *text,
                       size_t size) {
    char again[SONDE_TRACESTATE_SIZE + SONDE_TRACESTATE_MORE];
    check_form(text, size);
    PROMISE(sonde_tracestate_get(again, sizeof again, parent, text, size) ==
            (int32_t)size);
    PROMISE(memcmp(again, text, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    sonde_span_context context = {{1}, {1}, data[0] & 3};
    sonde_sampler sampler;
    PROMISE(sonde_sampler_init(&sampler, data[1] / 255.0, 1 + data[0] % 14) ==
            SONDE_OK);
    const uint8_t *end = memchr(data + 2, '\n', size - 2);
    size_t first = end == NULL ? size - 2 : (size_t)(end - data) - 2;
    char *parent = fuzz_exact(data + 2, first);
    check_parent(&context, parent, first);
    free(parent);
    size_t rest = size - 2 - first - (end != NULL);
    char *state = fuzz_exact(data + size - rest, rest);
    size_t room = rest + SONDE_TRACESTATE_MORE;
    char *to = malloc(room);
    PROMISE(to != NULL);
    int32_t got = sonde_tracestate_get(to, room, &context, state, rest);
    if (got >= 0)
        check_same(&context, to, (size_t)got);
    int32_t kept;
    memcpy(to, state, rest);
    int32_t made =
        sonde_sampler_decide(&sampler, &kept, to, room, &context, to, rest);
    PROMISE((made < 0) == (got < 0));
    if (made >= 0) {
        context.flags = (uint8_t)kept;
        check_same(&context, to, (size_t)made);
    }
    free(to);
    free(state);
    return 0;
}
