#define _POSIX_C_SOURCE 200809L
/* tests/vectors/traces/: what a host would see, line by line. README.md there
 * says how they are written. The ledger is checked after each line. */
#include "meters.h"
#include <dirent.h>

static const double START = 1700000000000.0;

typedef struct {
    sonde *ctx;
    sonde_config config;
    uint32_t seed;
    uint32_t emitted;
    uint32_t size; /* of the last body */
    double now;
    meters meters;
    char result[512];
} runner;

static const char *const BAND_NAMES[] = {"trace", "debug", "info",   "warn",
                                         "error", "fatal", "unknown"};
static const char *const REASON_NAMES[] = {
#define SONDE_DROP_NAME(upper, lower) #lower,
    SONDE_DROPS(SONDE_DROP_NAME)
#undef SONDE_DROP_NAME
};
static const char *const STATE_NAMES[] = {"open", "disabled", "breaker",
                                          "closed"};

static const char *status_name(int32_t status) {
    switch (status) {
    case 0:
        return "OK";
#define SONDE_STATUS(name, number, text)                                       \
    case number:                                                               \
        return #name;
#include "sonde_status.def"
#undef SONDE_STATUS
    default:
        return "?";
    }
}

static void add(runner *r, const char *text) {
    size_t used = strlen(r->result);
    (void)snprintf(r->result + used, sizeof r->result - used, "%s", text);
}

static void add_number(runner *r, const char *before, double value) {
    char text[64];
    (void)snprintf(text, sizeof text, "%s%.15g", before, value);
    add(r, text);
}

/* ---- emit BAND [xN] [size=N] [scope=N] ----------------------------------- */

/* The log's body, or the span's name: "#<number>;" and as many dots as `size`
 * asks for. A span of band `error` has that status. */
static int32_t emit_one(runner *r, uint32_t severity, size_t size,
                        uint32_t scope) {
    static uint32_t words[64];
    static uint8_t text[1 << 20];
    static char body[1 << 20];
    sonde_build b;
    sonde_record record;
    int n = snprintf(body, sizeof body, "#%u;", ++r->emitted);
    if ((size_t)n < size)
        memset(body + n, '.', size - (size_t)n);
    size = (size_t)n < size ? size : (size_t)n;
    sonde_build_init(&b, words, 64, text, sizeof text);
    if (law_signal == SONDE_SIGNAL_TRACES) {
        sonde_build_span(&b, 0, severity == 17 ? 2 : 0, scope);
        sonde_build_ids(&b, "0af7651916cd43dd8448eb211c80319c",
                        "b7ad6b7169203331", 0);
        sonde_build_name(&b, body, size);
    } else {
        sonde_build_log(&b, SONDE_FLAG_SEVERITY_NAME | SONDE_FLAG_NOW, severity,
                        scope);
        sonde_build_string(&b, NULL, body, size);
    }
    CHECK_INT(sonde_build_done(&b, &record), SONDE_OK);
    return law_emit(r->ctx, r->now, &record);
}

static const char *emit_name(int32_t result) {
    static const char *const names[] = {"QUEUED", "DUE", "DROPPED"};
    return result >= 0 ? names[result] : status_name(result);
}

/* "QUEUED", or "QUEUED x255, DUE" for several. */
static void add_run(runner *r, int32_t result, uint32_t times, bool more) {
    add(r, emit_name(result));
    if (times > 1)
        add_number(r, " x", times);
    if (more)
        add(r, ", ");
}

static void run_emit(runner *r, vector_words *w) {
    uint32_t band = 0, times = 1, scope = 0, same = 0;
    size_t size = 0;
    while (band < 6 && !vector_is(w, BAND_NAMES[band]))
        band++;
    while (!vector_at_end(w) && *w->p != '\xE2') {
        if (vector_is(w, "size"))
            size = (w->p++, (size_t)vector_number(w));
        else if (vector_is(w, "scope"))
            scope = (w->p++, (uint32_t)vector_number(w));
        else if (*w->p == 'x')
            times = (w->p++, (uint32_t)vector_number(w));
        else
            vector_bad(w);
    }
    int32_t last = 0;
    for (uint32_t i = 0; i < times; i++) {
        int32_t result = emit_one(r, 4 * band + 1, size, scope);
        if (i > 0 && result != last) {
            add_run(r, last, same, true);
            same = 0;
        }
        last = result;
        same++;
    }
    add_run(r, last, same, false);
}

/* ---- next ---------------------------------------------------------------- */

/* The numbers in "#<number>;" as ranges: 1-5,8. */
static void add_records(runner *r, const sonde_action *action) {
    uint32_t from = 0, to = 0;
    const uint8_t *p = action->body, *end = p + action->size;
    bool first = true;
    for (;;) {
        uint32_t number = 0;
        while (p < end && number == 0) {
            if (*p++ != '#')
                continue;
            while (p < end && *p >= '0' && *p <= '9')
                number = number * 10 + (uint32_t)(*p++ - '0');
            if (p == end || *p != ';')
                number = 0;
        }
        if (number == to + 1 && to > 0) {
            to = number;
            continue;
        }
        if (to > 0) {
            add_number(r, first ? "" : ",", from);
            if (to > from)
                add_number(r, "-", to);
            first = false;
        }
        if (number == 0)
            return;
        from = to = number;
    }
}

static void run_next(runner *r) {
    sonde_action action;
    int32_t type = law_next(r->ctx, r->now, &action);
    if (type == SONDE_ACTION_IDLE) {
        add(r, "IDLE");
    } else if (type == SONDE_ACTION_COLLECT) {
        add(r, "COLLECT");
    } else if (type == SONDE_ACTION_WAIT) {
        add_number(r, "WAIT ", action.until - START);
    } else {
        add_number(r, "SEND ", action.id);
        add(r, " [");
        if (law_signal == SONDE_SIGNAL_METRICS) {
            size_t used = strlen(r->result);
            meters_show(&action, r->result + used, sizeof r->result - used);
        } else {
            add_records(r, &action);
        }
        add_number(r, "] queued=", action.queued);
        r->size = action.size;
        CHECK_INT(action.encoding, r->config.encoding);
    }
}

/* ---- done ID STATUS [after=N | after="text"] [body=<hex> | body="text"] -- */

static void take_reply(runner *r, vector_words *w, sonde_answer *answer) {
    uint8_t body[512];
    sonde_reply reply;
    w->p++;
    size_t size = *w->p == '<' ? (w->p++, vector_hex(w, body, sizeof body))
                               : vector_string(w, body, sizeof body);
    w->p += *w->p == '>';
    int32_t status =
        sonde_reply_get(&reply, r->config.encoding, answer->status, body, size);
    answer->rejected = status < 0 ? -1 : (double)reply.rejected;
}

static void run_done(runner *r, vector_words *w) {
    sonde_answer answer = {0, -1, 0};
    uint8_t text[128];
    uint32_t id = (uint32_t)vector_number(w);
    answer.status = (int32_t)vector_number(w);
    while (*w->p != '\0' && !vector_at_end(w) && *w->p != '\xE2') {
        if (vector_is(w, "after")) {
            w->p++;
            size_t size = vector_string(w, text, sizeof text);
            answer.retry_after =
                sonde_retry_after((const char *)text, size, r->now);
        } else if (vector_is(w, "body")) {
            take_reply(r, w, &answer);
        } else {
            vector_bad(w);
        }
    }
    add(r, status_name(law_done(r->ctx, r->now, id, &answer)));
}

/* ---- stats NAME=VALUE ... -------------------------------------------------
 */

static double dropped(const runner *r, vector_words *w) {
    const sonde_ledger *l = sonde_ledger_get(r->ctx, law_signal);
    char name[64];
    vector_word(w, name);
    char *reason = strchr(name, '.');
    if (reason == NULL)
        return (double)sonde_dropped_count(r->ctx, law_signal);
    char *band = strchr(++reason, '.');
    if (band != NULL)
        *band++ = '\0';
    double sum = 0;
    for (uint32_t i = 0; i < SONDE_DROP_COUNT; i++) {
        for (uint32_t b = 0; b < SONDE_LEDGER_COLUMNS; b++) {
            if (strcmp(REASON_NAMES[i], reason) == 0 &&
                (band == NULL || strcmp(BAND_NAMES[b], band) == 0))
                sum += (double)l->dropped[i][b];
        }
    }
    return sum;
}

static double counter(const runner *r, vector_words *w) {
    const sonde_ledger *l = sonde_ledger_get(r->ctx, law_signal);
    const struct {
        const char *name;
        uint64_t value;
    } all[] = {
        {"accepted", l->accepted},
        {"delivered", l->delivered},
        {"queued", l->queued},
        {"in_flight", l->in_flight},
        {"refused", l->refused},
        {"requests", l->requests},
        {"bad_responses", l->bad_responses},
    };
    for (size_t i = 0; i < COUNT(all); i++) {
        if (vector_is(w, all[i].name))
            return (double)all[i].value;
    }
    return dropped(r, w);
}

static void run_stats(runner *r, vector_words *w) {
    while (!vector_at_end(w)) {
        const char *name = w->p;
        if (vector_is(w, "state")) {
            char state[64];
            w->p++;
            vector_word(w, state);
            CHECK_TEXT(STATE_NAMES[sonde_state(r->ctx, law_signal)],
                       strlen(state), state);
            continue;
        }
        double value = counter(r, w);
        if (*w->p++ != '=')
            vector_bad(w);
        double want = vector_number(w);
        if (value < want || value > want)
            printf("%.24s:\n", name);
        CHECK_DOUBLE(value, want);
    }
}

/* ---- Lines -----------------------------------------------------------------
 */

static void run_resource(runner *r, vector_words *w) {
    uint32_t words[64];
    uint8_t text[4096];
    sonde_build b;
    sonde_record record;
    sonde_build_init(&b, words, 64, text, sizeof text);
    (void)vector_entries(w, &b);
    CHECK_INT(sonde_build_done(&b, &record), SONDE_OK);
    add(r, status_name(law_resource(r->ctx, &record)));
}

static bool run_metrics(runner *r, vector_words *w) {
    if (vector_is(w, "meter")) {
        int32_t id = meters_make(&r->meters, r->ctx, r->now, w);
        if (id < 0)
            add(r, status_name(id));
        else
            add_number(r, "", id);
    } else if (vector_is(w, "add")) {
        add(r, status_name(meters_add(&r->meters, r->ctx, r->now, w)));
    } else if (vector_is(w, "collect")) {
        law_collect(r->ctx, r->now);
        add(r, "OK");
    } else {
        return false;
    }
    return true;
}

static void run_call(runner *r, vector_words *w) {
    if (run_metrics(r, w))
        return;
    if (vector_is(w, "emit"))
        run_emit(r, w);
    else if (vector_is(w, "next"))
        run_next(r);
    else if (vector_is(w, "done"))
        run_done(r, w);
    else if (vector_is(w, "flush"))
        add_number(r, "",
                   law_flush(r->ctx, r->now,
                             *w->p == ' ' && strchr("0123456789", w->p[1])
                                 ? (uint32_t)vector_number(w)
                                 : 0));
    else if (vector_is(w, "enable"))
        add(r, status_name(law_enable(r->ctx, r->now)));
    else if (vector_is(w, "close"))
        add_number(r, "", law_close(r->ctx, r->now));
    else if (vector_is(w, "abandon"))
        add_number(r, "", law_abandon(r->ctx));
    else if (vector_is(w, "size"))
        add_number(r, "", r->size);
    else if (vector_is(w, "resource"))
        run_resource(r, w);
    else
        vector_bad(w);
}

static void open_context(runner *r) {
    if (r->ctx != NULL)
        return;
    r->ctx = law_open(&r->config, START, r->seed);
    CHECK_INT(sonde_scope_put(r->ctx, "one", 3, "1", 1), 1);
    CHECK_INT(sonde_scope_put(r->ctx, "two", 3, "2", 1), 2);
}

static void put_signal(vector_words *w) {
    static const char *const names[] = {"logs", "traces", "metrics"};
    law_signal = 0;
    while (law_signal < COUNT(names) && !vector_is(w, names[law_signal]))
        law_signal++;
    if (law_signal == COUNT(names))
        vector_bad(w);
}

static void run_line(runner *r, const char *line, bool show) {
    vector_words w = vector_start(line);
    r->result[0] = '\0';
    if (vector_at_end(&w))
        return;
    if (vector_is(&w, "option")) {
        vector_option(&w, &r->config);
    } else if (vector_is(&w, "seed")) {
        r->seed = (uint32_t)vector_number(&w);
    } else if (vector_is(&w, "signal")) {
        put_signal(&w);
    } else if (vector_is(&w, "stats")) {
        run_stats(r, &w);
    } else {
        open_context(r);
        if (!vector_is(&w, "t"))
            vector_bad(&w);
        w.p++;
        r->now = START + vector_number(&w);
        run_call(r, &w);
        const char *want = strstr(line, "\xE2\x86\x92 ");
        if (show)
            printf("%.*s\xE2\x86\x92 %s\n",
                   (int)(want != NULL ? want - line : (long)strlen(line)), line,
                   r->result);
        else
            CHECK_TEXT(r->result, strlen(r->result),
                       want != NULL ? want + 4 : "");
    }
}

static void run_trace(const char *path, bool show) {
    vector_file file = vector_open(path);
    runner r = {.seed = 1};
    sonde_config_init(&r.config);
    law_signal = SONDE_SIGNAL_LOGS;
    for (size_t i = 0; i < file.count; i++) {
        char about[160];
        (void)snprintf(about, sizeof about, "%.40s:%zu: %.90s", path, i + 1,
                       file.lines[i]);
        check_about(about);
        run_line(&r, file.lines[i], show);
    }
    if (r.ctx != NULL)
        law_close_memory(r.ctx);
    vector_close(&file);
}

static void traces(void) {
    static const char folder[] = "tests/vectors/traces";
    struct dirent **names = NULL;
    int n = scandir(folder, &names, NULL, alphasort), count = 0;
    for (int i = 0; i < n; i++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (strstr(names[i]->d_name, ".txt") != NULL) {
            run_trace(path, false);
            count++;
        }
        free(names[i]);
    }
    free(names);
    CHECK(count > 10);
}

static const check_test TESTS[] = {{"traces", traces}};

/* With the path of a trace: prints it with what comes out now. */
int main(int argc, char **argv) {
    if (argc > 1 && strstr(argv[1], ".txt") != NULL) {
        run_trace(argv[1], true);
        return 0;
    }
    return CHECK_MAIN(TESTS);
}
