/* tests/vectors/logs.txt: from log records to request bodies, in both
 * encodings. The expected bytes are from tests/oracle/make_vectors.py. */
#include "body.h"

static void start_log(body_runner *r, vector_words *w) {
    uint32_t severity = (uint32_t)vector_number(w), flags = 0;
    if (vector_is(w, "named"))
        flags |= SONDE_FLAG_SEVERITY_NAME;
    if (vector_is(w, "now"))
        flags |= SONDE_FLAG_NOW;
    body_start(r);
    sonde_build_log(&r->b, flags, severity, r->scope);
}

static void put_trace(body_runner *r, vector_words *w) {
    char trace_id[64], span_id[64];
    vector_word(w, trace_id);
    vector_word(w, span_id);
    sonde_build_trace(&r->b, trace_id, span_id, (uint32_t)vector_number(w));
}

/* Lines that take one text or two numbers. */
static bool put_small(body_runner *r, vector_words *w) {
    uint8_t string[512];
    if (vector_is(w, "text")) {
        size_t size = vector_string(w, string, sizeof string);
        sonde_build_severity_text(&r->b, (const char *)string, size);
    } else if (vector_is(w, "event")) {
        size_t size = vector_string(w, string, sizeof string);
        sonde_build_event_name(&r->b, (const char *)string, size);
    } else if (vector_is(w, "time")) {
        uint32_t seconds = (uint32_t)vector_number(w);
        sonde_build_time(&r->b, seconds, (uint32_t)vector_number(w));
    } else if (vector_is(w, "observed")) {
        uint32_t seconds = (uint32_t)vector_number(w);
        sonde_build_observed(&r->b, seconds, (uint32_t)vector_number(w));
    } else {
        return false;
    }
    return true;
}

static bool log_line(body_runner *r, vector_words *w) {
    if (put_small(r, w))
        return true;
    if (vector_is(w, "log"))
        start_log(r, w);
    else if (vector_is(w, "dropped"))
        sonde_build_dropped(&r->b, (uint32_t)vector_number(w));
    else if (vector_is(w, "body"))
        vector_value(w, &r->b, NULL);
    else if (vector_is(w, "attributes"))
        (void)vector_entries(w, &r->b);
    else if (vector_is(w, "trace"))
        put_trace(r, w);
    else
        return false;
    return true;
}

static void vectors(void) {
    CHECK(body_cases("tests/vectors/logs.txt", SONDE_SIGNAL_LOGS, log_line) >
          40);
}

static const check_test TESTS[] = {{"vectors", vectors}};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
