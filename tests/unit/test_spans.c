/* tests/vectors/spans.txt: from spans to request bodies, in both encodings. The
 * expected bytes are from tests/oracle/make_vectors.py. */
#include "body.h"

enum { MAX_TEXT = 1 << 14 };

typedef struct {
    char trace_id[64];
    char span_id[64];
} ids;

static ids take_ids(vector_words *w) {
    ids out;
    vector_word(w, out.trace_id);
    vector_word(w, out.span_id);
    return out;
}

static void start_span(body_runner *r, vector_words *w) {
    uint32_t kind = (uint32_t)vector_number(w);
    body_start(r);
    sonde_build_span(&r->b, kind, (uint32_t)vector_number(w), r->scope);
}

typedef void put_text(sonde_build *b, const char *text, size_t size);
typedef void put_time(sonde_build *b, uint32_t seconds, uint32_t nanoseconds);

/* Lines that take one text or two numbers. */
static bool put_small(sonde_build *b, vector_words *w) {
    static const struct {
        const char *word;
        put_text *text;
        put_time *time;
    } all[] = {
        {"state", sonde_build_trace_state, NULL},
        {"name", sonde_build_name, NULL},
        {"message", sonde_build_status_message, NULL},
        {"start", NULL, sonde_build_start},
        {"end", NULL, sonde_build_end},
    };
    static uint8_t string[MAX_TEXT];
    for (size_t i = 0; i < COUNT(all); i++) {
        if (!vector_is(w, all[i].word))
            continue;
        if (all[i].text != NULL) {
            size_t size = vector_string(w, string, sizeof string);
            all[i].text(b, (const char *)string, size);
        } else {
            uint32_t seconds = (uint32_t)vector_number(w);
            all[i].time(b, seconds, (uint32_t)vector_number(w));
        }
        return true;
    }
    return false;
}

static void put_header(sonde_build *b, vector_words *w) {
    uint32_t counts[3];
    char digits[64];
    if (vector_is(w, "ids")) {
        ids of = take_ids(w);
        sonde_build_ids(b, of.trace_id, of.span_id, (uint32_t)vector_number(w));
    } else if (vector_is(w, "parent")) {
        vector_word(w, digits);
        sonde_build_parent(b, digits);
    } else if (vector_is(w, "dropped")) {
        for (size_t i = 0; i < COUNT(counts); i++)
            counts[i] = (uint32_t)vector_number(w);
        sonde_build_dropped(b, counts[0]);
        sonde_build_dropped_parts(b, counts[1], counts[2]);
    }
}

static uint32_t put_attributes(sonde_build *b, vector_words *w) {
    return vector_at_end(w) ? 0 : vector_entries(w, b);
}

static void put_event(sonde_build *b, vector_words *w) {
    uint8_t name[512];
    size_t size = vector_string(w, name, sizeof name);
    uint32_t seconds = (uint32_t)vector_number(w);
    uint32_t nanoseconds = (uint32_t)vector_number(w);
    uint32_t children = put_attributes(b, w);
    sonde_build_event(b, (const char *)name, size, seconds, nanoseconds,
                      children);
}

static void put_link(sonde_build *b, vector_words *w) {
    uint8_t state[520];
    ids of = take_ids(w);
    size_t size = vector_string(w, state, sizeof state);
    uint32_t flags = (uint32_t)vector_number(w);
    uint32_t children = put_attributes(b, w);
    sonde_build_link(b, of.trace_id, of.span_id, (const char *)state, size,
                     flags, children);
}

static bool span_line(body_runner *r, vector_words *w) {
    const char *before = w->p;
    if (put_small(&r->b, w))
        return true;
    if (vector_is(w, "span"))
        start_span(r, w);
    else if (vector_is(w, "attributes"))
        (void)vector_entries(w, &r->b);
    else if (vector_is(w, "event"))
        put_event(&r->b, w);
    else if (vector_is(w, "link"))
        put_link(&r->b, w);
    else
        put_header(&r->b, w);
    return w->p != before;
}

static void vectors(void) {
    CHECK(body_cases("tests/vectors/spans.txt", SONDE_SIGNAL_TRACES,
                     span_line) > 40);
}

static const check_test TESTS[] = {{"vectors", vectors}};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
