/* Trace context and head sampling: tests/vectors/tracecontext.txt, and what
 * takes loops. */
#include "core/text.h"
#include "sonde_trace.h"
#include "vector.h"

enum { ROOM = 1 << 13 };

static const char GOOD[] =
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03";
static const char DIGITS[] = "0123456789abcdef";

/* ---- The table ----------------------------------------------------------- */

/* Strings joined by +, in memory of its own size. */
static char *take_text(vector_words *w, size_t *size) {
    uint8_t *text = malloc(ROOM);
    size_t used = 0;
    do
        used += vector_string(w, text + used, ROOM - used);
    while (vector_is(w, "+"));
    char *exact = (char *)check_exact(text, used);
    free(text);
    *size = used;
    return exact;
}

/* True with its number if a status is wanted. */
static bool take_status(vector_words *w, int32_t *status) {
    static const char *const all[] = {"BAD_INPUT", "BAD_ARGUMENT"};
    for (size_t i = 0; i < COUNT(all); i++) {
        if (vector_is(w, all[i])) {
            *status = vector_status(all[i]);
            return true;
        }
    }
    return false;
}

static bool is_filled(const void *data, size_t size) {
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != 0x5A)
            return false;
    }
    return true;
}

static void check_arrow(vector_words *w) {
    if (!vector_is(w, "->"))
        vector_bad(w);
}

static void run_parent(vector_words *w) {
    size_t size;
    char *text = take_text(w, &size);
    sonde_span_context have, want;
    int32_t status = SONDE_OK;
    memset(&have, 0x5A, sizeof have);
    check_arrow(w);
    bool bad = take_status(w, &status);
    CHECK_INT(sonde_traceparent_get(&have, text, size), status);
    if (bad) {
        CHECK(is_filled(&have, sizeof have));
    } else {
        CHECK_INT(vector_hex(w, &want.flags, 1), 1);
        CHECK_INT(vector_hex(w, want.trace_id, 16), 16);
        CHECK_INT(vector_hex(w, want.span_id, 8), 8);
        CHECK_INT(have.flags, want.flags);
        CHECK_BYTES(have.trace_id, 16, want.trace_id, 16);
        CHECK_BYTES(have.span_id, 8, want.span_id, 8);
    }
    free(text);
}

static void run_with(vector_words *w, sonde_span_context *parent) {
    size_t size;
    char *text = take_text(w, &size);
    CHECK_INT(sonde_traceparent_get(parent, text, size), SONDE_OK);
    free(text);
}

/* Compares with a status or with text. */
static void check_state(vector_words w, int32_t have, const char *to) {
    int32_t status;
    if (take_status(&w, &status)) {
        CHECK_INT(have, status);
        return;
    }
    size_t size;
    char *want = take_text(&w, &size);
    CHECK(have >= 0 && have <= SONDE_TRACESTATE_SIZE);
    CHECK_BYTES(to, have < 0 ? 0 : (size_t)have, want, size);
    free(want);
}

/* Memory for a tracestate of just the size that it must have, with it in it. */
static char *place(const char *text, size_t size) {
    char *to = malloc(size + SONDE_TRACESTATE_MORE);
    memcpy(to, text, size);
    return to;
}

/* Beside the text and in its place. */
static void run_state(vector_words *w, const sonde_span_context *parent) {
    size_t size;
    char *text = take_text(w, &size), *to = place(text, size);
    size_t room = size + SONDE_TRACESTATE_MORE;
    check_arrow(w);
    CHECK_INT(sonde_tracestate_get(to, room - 1, parent, text, size),
              SONDE_NO_SPACE);
    CHECK_BYTES(to, size, text, size);
    check_state(*w, sonde_tracestate_get(to, room, parent, to, size), to);
    memset(to, 0x5A, room);
    check_state(*w, sonde_tracestate_get(to, room, parent, text, size), to);
    free(text);
    free(to);
}

static void run_sampler(vector_words *w) {
    sonde_sampler sampler;
    int32_t status = SONDE_OK;
    memset(&sampler, 0x5A, sizeof sampler);
    double probability = vector_number(w);
    uint32_t precision = (uint32_t)vector_number(w);
    check_arrow(w);
    bool bad = take_status(w, &status);
    CHECK_INT(sonde_sampler_init(&sampler, probability, precision), status);
    if (bad) {
        CHECK(is_filled(&sampler, sizeof sampler));
        return;
    }
    char want[32] = "ot=th:";
    size_t size = 0;
    if (!vector_is(w, "never"))
        size = 6 + vector_string(w, (uint8_t *)want + 6, 20);
    CHECK_BYTES(sampler.text, sampler.text_size, want, size);
    want[size] = '\0';
    CHECK_INT(sampler.threshold, size == 0 ? UINT64_C(1) << 56
                                           : strtoull(want + 6, NULL, 16)
                                                 << 4 * (20 - size));
}

static sonde_sampler take_sampler(vector_words *w) {
    sonde_sampler sampler = {0};
    CHECK_INT(
        sonde_sampler_init(&sampler, vector_number(w), SONDE_SAMPLER_PRECISION),
        SONDE_OK);
    return sampler;
}

static void run_keeps(vector_words *w) {
    uint8_t trace_id[16];
    sonde_sampler sampler = take_sampler(w);
    CHECK_INT(vector_hex(w, trace_id, 16), 16);
    check_arrow(w);
    CHECK_INT(sonde_sampler_keeps(&sampler, trace_id), vector_number(w));
}

static void run_decide(vector_words *w, const sonde_span_context *parent) {
    size_t size;
    sonde_sampler sampler = take_sampler(w);
    char *text = take_text(w, &size), *to = place(text, size);
    size_t room = size + SONDE_TRACESTATE_MORE;
    int32_t kept = 7, status;
    check_arrow(w);
    vector_words at = *w;
    int32_t want = take_status(&at, &status) ? 7 : (int32_t)vector_number(w);
    CHECK_INT(
        sonde_sampler_decide(&sampler, &kept, to, room - 1, parent, text, size),
        SONDE_NO_SPACE);
    CHECK_INT(kept, 7);
    check_state(
        *w, sonde_sampler_decide(&sampler, &kept, to, room, parent, to, size),
        to);
    CHECK_INT(kept, want);
    memset(to, 0x5A, room);
    check_state(
        *w, sonde_sampler_decide(&sampler, &kept, to, room, parent, text, size),
        to);
    free(text);
    free(to);
}

static void run_line(const char *line, sonde_span_context *parent) {
    vector_words w = vector_start(line);
    if (vector_at_end(&w))
        return;
    check_about(line);
    if (vector_is(&w, "parent"))
        run_parent(&w);
    else if (vector_is(&w, "with"))
        run_with(&w, parent);
    else if (vector_is(&w, "state"))
        run_state(&w, parent);
    else if (vector_is(&w, "sampler"))
        run_sampler(&w);
    else if (vector_is(&w, "keeps"))
        run_keeps(&w);
    else if (vector_is(&w, "decide"))
        run_decide(&w, parent);
    else
        vector_bad(&w);
}

static void vectors(void) {
    vector_file file = vector_open("tests/vectors/tracecontext.txt");
    sonde_span_context parent = {0};
    CHECK(file.count > 400);
    for (size_t i = 0; i < file.count; i++)
        run_line(file.lines[i], &parent);
    vector_close(&file);
}

/* ---- Loops --------------------------------------------------------------- */

static void about_byte(size_t at, int c) {
    char text[40];
    (void)snprintf(text, sizeof text, "byte %u = %d", (unsigned)at, c);
    check_about(text);
}

/* Each value of each byte: a digit is what it stands for, all else is bad. */
static void each_byte(void) {
    sonde_span_context context;
    for (size_t at = 0; at < sizeof GOOD - 1; at++) {
        for (int c = 0; c < 256; c++) {
            char *text = (char *)check_exact(GOOD, sizeof GOOD - 1);
            text[at] = (char)c;
            bool digit = memchr(DIGITS, c, 16) != NULL;
            bool good = text[at] == GOOD[at] || (GOOD[at] != '-' && digit);
            about_byte(at, c);
            CHECK_INT(sonde_traceparent_get(&context, text, sizeof GOOD - 1),
                      good ? SONDE_OK : SONDE_BAD_INPUT);
            free(text);
        }
    }
}

static void each_size(void) {
    sonde_span_context context;
    for (size_t size = 0; size < sizeof GOOD - 1; size++) {
        char *text = (char *)check_exact(GOOD, size);
        CHECK_INT(sonde_traceparent_get(&context, text, size), SONDE_BAD_INPUT);
        free(text);
    }
}

static void put(void) {
    char text[SONDE_TRACEPARENT_SIZE];
    sonde_span_context context, again;
    check_random random = {3};
    CHECK_INT(sonde_traceparent_get(&context, GOOD, sizeof GOOD - 1), SONDE_OK);
    sonde_traceparent_put(text, &context);
    CHECK_TEXT(text, sizeof text, GOOD);
    context.flags = 0xFE;
    sonde_traceparent_put(text, &context);
    CHECK_TEXT(text + 53, 2, "02");
    for (int i = 0; i < 1000; i++) {
        for (size_t j = 0; j < 16; j++)
            context.trace_id[j] = (uint8_t)(check_next(&random) >> 24);
        for (size_t j = 0; j < 8; j++)
            context.span_id[j] = (uint8_t)(check_next(&random) >> 24);
        context.flags = (uint8_t)check_below(&random, 4);
        sonde_traceparent_put(text, &context);
        CHECK_INT(sonde_traceparent_get(&again, text, sizeof text), SONDE_OK);
        CHECK(memcmp(&again, &context, sizeof again) == 0);
    }
}

/* Sizes that would wrap around. */
static void no_space(void) {
    char to[SONDE_TRACESTATE_MORE];
    sonde_span_context parent = {{1}, {1}, 0};
    for (size_t size = 1; size <= SONDE_TRACESTATE_MORE; size++)
        CHECK_INT(sonde_tracestate_get(to, sizeof to, &parent, "", 0 - size),
                  SONDE_NO_SPACE);
    CHECK_INT(sonde_tracestate_get(to, sizeof to - 1, &parent, "", 0),
              SONDE_NO_SPACE);
    CHECK_INT(sonde_tracestate_get(to, 0, &parent, "", 0), SONDE_NO_SPACE);
    CHECK_INT(sonde_tracestate_get(to, sizeof to, &parent, "", 0), 0);
}

/* Each value of each byte of a tracestate: what is taken is text that is taken
 * again as it is. */
static void each_state_byte(void) {
    static const char state[] = "a@1=b c,ot=x:y;th:4;rv:80000000000000 , z=~";
    char first[400], second[400];
    sonde_span_context parent;
    size_t bad = 0;
    CHECK_INT(sonde_traceparent_get(&parent, GOOD, sizeof GOOD - 1), SONDE_OK);
    for (size_t at = 0; at < sizeof state - 1; at++) {
        for (int c = 0; c < 256; c++) {
            char *text = (char *)check_exact(state, sizeof state - 1);
            text[at] = (char)c;
            int32_t size = sonde_tracestate_get(first, sizeof first, &parent,
                                                text, sizeof state - 1);
            CHECK(size > 0 || size == SONDE_BAD_INPUT);
            CHECK(size < 0 || (c >= ' ' && c < 0x7F) || c == '\t');
            bad += size < 0;
            if (size > 0) {
                int32_t same = sonde_tracestate_get(
                    second, sizeof second, &parent, first, (size_t)size);
                CHECK_BYTES(second, (size_t)same, first, (size_t)size);
            }
            free(text);
        }
    }
    CHECK(bad > 160 * (sizeof state - 1) && bad < 256 * (sizeof state - 1));
}

static const int32_t TRACES = 1000000;

static uint64_t next56(check_random *random) {
    uint64_t high = check_next(random), low = check_next(random);
    return (high << 32 | low) & ((UINT64_C(1) << 56) - 1);
}

static void id_put(uint8_t trace_id[16], uint64_t bits) {
    memset(trace_id, 0, 16);
    for (size_t i = 16; i-- > 9; bits >>= 8)
        trace_id[i] = (uint8_t)bits;
}

/* A million traces: each probability keeps its share, within five standard
 * deviations, and one keeps what a smaller one keeps. */
static void shares(void) {
    static const double all[] = {1,    0.9,  0.5,  1.0 / 3, 0.1,
                                 0.01, 1e-3, 1e-4, 0};
    sonde_sampler samplers[COUNT(all)];
    double kept[COUNT(all)] = {0};
    check_random random = {11};
    for (size_t i = 0; i < COUNT(all); i++)
        CHECK_INT(
            sonde_sampler_init(&samplers[i], all[i], SONDE_SAMPLER_PRECISION),
            SONDE_OK);
    for (int n = 0; n < TRACES; n++) {
        uint8_t trace_id[16];
        int32_t before = 1;
        id_put(trace_id, next56(&random));
        for (size_t i = 0; i < COUNT(all); i++) {
            int32_t keep = sonde_sampler_keeps(&samplers[i], trace_id);
            if (keep > before)
                CHECK(false);
            kept[i] += keep;
            before = keep;
        }
    }
    for (size_t i = 0; i < COUNT(all); i++) {
        double want = all[i] * TRACES, off = kept[i] - want;
        CHECK(off * off <= 25 * want * (1 - all[i]) + 25);
    }
    CHECK_DOUBLE(kept[0], TRACES);
    CHECK_DOUBLE(kept[COUNT(all) - 1], 0);
}

/* Sixteen classes between thresholds of 1/16: chi-square of what each holds,
 * with 15 degrees of freedom, is below 37.7 in 999 of 1000 cases. */
static void chi_square(void) {
    enum { CLASSES = 16 };
    sonde_sampler samplers[CLASSES];
    double counts[CLASSES] = {0}, sum = 0;
    check_random random = {5};
    for (int i = 0; i < CLASSES; i++)
        CHECK_INT(sonde_sampler_init(&samplers[i], (i + 1) / 16.0, 4),
                  SONDE_OK);
    for (int n = 0; n < TRACES; n++) {
        uint8_t trace_id[16];
        size_t first = 0;
        id_put(trace_id, next56(&random));
        while (sonde_sampler_keeps(&samplers[first], trace_id) == 0)
            first++;
        counts[first]++;
    }
    for (int i = 0; i < CLASSES; i++) {
        double off = counts[i] - TRACES / 16.0;
        sum += off * off / (TRACES / 16.0);
    }
    CHECK(sum < 37.7);
    CHECK(sum > 0);
}

/* At each threshold R = T keeps and R = T - 1 does not, and the threshold is
 * off by no more than half of its last digit. */
static void thresholds(void) {
    check_random random = {9};
    for (int n = 0; n < 20000; n++) {
        uint32_t precision = 1 + check_below(&random, 14);
        double p = (double)(next56(&random) + 1) / 0x1p56;
        for (uint32_t halve = check_below(&random, 50); halve > 0; halve--)
            p = p / 2 < 0x1p-56 ? p : p / 2;
        sonde_sampler s;
        CHECK_INT(sonde_sampler_init(&s, p, precision), SONDE_OK);
        CHECK(s.threshold < UINT64_C(1) << 56);
        double kept = (double)((UINT64_C(1) << 56) - s.threshold) / 0x1p56;
        double unit = 1;
        for (uint32_t i = 0; i < precision; i++)
            unit /= 16;
        for (double q = p; q < 1.0 / 16; q *= 16)
            unit /= 16;
        double most = (unit < 0x1p-56 ? 0x1p-56 : unit) / 2 + p * 0x1p-52 +
                      0x1p-57; /* rounded to 56 bits first */
        CHECK(kept - p <= most && p - kept <= most);
        uint8_t trace_id[16];
        id_put(trace_id, s.threshold);
        CHECK_INT(sonde_sampler_keeps(&s, trace_id), 1);
        id_put(trace_id, s.threshold - 1);
        CHECK_INT(sonde_sampler_keeps(&s, trace_id), s.threshold == 0);
    }
}

static const check_test TESTS[] = {
    {"vectors", vectors},
    {"each byte of a traceparent", each_byte},
    {"each size of a traceparent", each_size},
    {"put", put},
    {"no space", no_space},
    {"each byte of a tracestate", each_state_byte},
    {"shares", shares},
    {"chi-square", chi_square},
    {"thresholds", thresholds},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
