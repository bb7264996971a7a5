/* Prometheus text and OpenMetrics: tests/vectors/prometheus.txt, each case with
 * memory that ends where it must, cut and bent at each byte; content
 * negotiation; names and labels nobody would write. */
#include "check.h"
#include "metrics/prometheus.h"
#include "sonde_prometheus.h"
#include "vector.h"

enum { ROOM = 1 << 20 };

typedef struct {
    sonde_prometheus_options options;
    sonde_prometheus_stats want;
    uint8_t *request;
    size_t size;
    char *text;
    size_t text_size;
} item;

static int32_t number_of(int32_t (*number)(const char *, size_t),
                         const char *word) {
    const char *name = strchr(word, '=') + 1;
    int32_t found = number(name, strlen(name));
    CHECK(found >= 0);
    return found;
}

static void read_options(item *it, const char *line) {
    char word[64];
    for (line += strlen("options"); *line != '\0'; line += strlen(word)) {
        line += strspn(line, " ");
        snprintf(word, sizeof word, "%.*s", (int)strcspn(line, " "), line);
        if (strcmp(word, "openmetrics") == 0)
            it->options.format = SONDE_PROMETHEUS_OPENMETRICS_1_0_0;
        else if (strncmp(word, "strategy=", 9) == 0)
            it->options.strategy =
                (uint32_t)number_of(sonde_prometheus_strategy, word);
        else if (strncmp(word, "escaping=", 9) == 0)
            it->options.escaping =
                (uint32_t)number_of(sonde_prometheus_escaping, word);
        else if (strcmp(word, "no-scope") == 0)
            it->options.no_scope = true;
        else if (strcmp(word, "no-target-info") == 0)
            it->options.no_target_info = true;
        else if (strcmp(word, "no-created") == 0)
            it->options.no_created = true;
        else if (strcmp(word, "job") == 0)
            it->options.job = true;
        else
            check_fail(__FILE__, __LINE__, word);
    }
}

static void read_left_out(item *it, const char *line) {
    static const struct {
        const char *name;
        size_t place;
    } NAMES[] = {
#define NAME(name) {#name, offsetof(sonde_prometheus_stats, name)}
        NAME(delta),      NAME(conflicts),  NAME(unnamed),
        NAME(unrecorded), NAME(bad_points),
#undef NAME
    };
    line += strlen("left_out ");
    size_t size = strcspn(line, "=");
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        uint32_t count = (uint32_t)strtoul(line + size + 1, NULL, 10);
        if (strlen(NAMES[i].name) != size ||
            memcmp(NAMES[i].name, line, size) != 0)
            continue;
        memcpy((char *)&it->want + NAMES[i].place, &count, sizeof count);
        return;
    }
    check_fail(__FILE__, __LINE__, line);
}

/* Adds a line of text; "\0" stands for a zero byte. */
static void read_text(item *it, const char *line) {
    for (line += 2; *line; line++) {
        bool is_zero = line[0] == '\\' && line[1] == '0';
        it->text[it->text_size++] = is_zero ? '\0' : *line;
        line += is_zero;
    }
    it->text[it->text_size++] = '\n';
}

static void read_hex(item *it, const char *line) {
    static uint8_t bytes[ROOM];
    vector_words w = vector_start(line + strlen("hex "));
    it->size = vector_hex(&w, bytes, sizeof bytes);
    it->request = check_exact(bytes, it->size);
}

/* Calls `run` with each case of the table. */
static void each(void (*run)(const item *it)) {
    vector_file file = vector_open("tests/vectors/prometheus.txt");
    static char text[ROOM];
    uint32_t count = 0;
    for (size_t i = 0; i < file.count;) {
        item it = {.text = text};
        if (strncmp(file.lines[i], "case ", 5) != 0) {
            i++;
            continue;
        }
        check_about(file.lines[i] + 5);
        for (i++; i < file.count && *file.lines[i] != '\0'; i++) {
            const char *line = file.lines[i];
            if (strncmp(line, "options", 7) == 0)
                read_options(&it, line);
            else if (strncmp(line, "left_out", 8) == 0)
                read_left_out(&it, line);
            else if (strncmp(line, "hex", 3) == 0)
                read_hex(&it, line);
            else if (*line == '>')
                read_text(&it, line);
        }
        CHECK(it.request != NULL);
        run(&it);
        count++;
        free(it.request);
    }
    CHECK(count > 200);
    vector_close(&file);
}

/* ---- Vectors ----------------------------------------------------------- */

/* With memory of exactly these sizes; *used is what was written. */
static int32_t put(const item *it, uint8_t *to, size_t size, size_t work_size,
                   sonde_prometheus_stats *stats) {
    void *work = malloc(work_size + (work_size == 0));
    if (work == NULL)
        exit(2);
    memset(work, 0xA5, work_size);
    int32_t used = sonde_prometheus_put(to, size, stats, &it->options,
                                        it->request, it->size, work, work_size);
    free(work);
    return used;
}

static void check_stats(const item *it, const sonde_prometheus_stats *have) {
    CHECK_INT(have->delta, it->want.delta);
    CHECK_INT(have->conflicts, it->want.conflicts);
    CHECK_INT(have->unnamed, it->want.unnamed);
    CHECK_INT(have->unrecorded, it->want.unrecorded);
    CHECK_INT(have->bad_points, it->want.bad_points);
}

static uint32_t count_lines(const item *it, bool comments) {
    uint32_t count = 0;
    for (size_t i = 0; i < it->text_size; i++) {
        bool is_start = i == 0 || it->text[i - 1] == '\n';
        if (!is_start)
            continue;
        if (comments)
            count += strncmp(it->text + i, "# TYPE", 6) == 0;
        else
            count += it->text[i] != '#';
    }
    return count;
}

static void vector_case(const item *it) {
    sonde_prometheus_stats stats;
    int32_t work = sonde_prometheus_work(&it->options, it->request, it->size);
    CHECK(work >= 0);
    int32_t used = put(it, NULL, 0, (size_t)work, &stats);
    if (!CHECK(used >= 0))
        return;
    uint8_t *to = malloc((size_t)used + 1);
    CHECK_INT(put(it, to, (size_t)used, (size_t)work, &stats), used);
    CHECK_BYTES(to, (size_t)used, it->text, it->text_size);
    check_stats(it, &stats);
    CHECK_INT(stats.families, count_lines(it, true));
    CHECK_INT(stats.samples, count_lines(it, false));
    for (size_t room = 0; room < (size_t)used; room += 1 + (size_t)used / 256) {
        uint8_t *exact = malloc(room + (room == 0));
        CHECK_INT(put(it, exact, room, (size_t)work, NULL), SONDE_NO_SPACE);
        free(exact);
    }
    if (work > 0)
        CHECK_INT(put(it, to, (size_t)used, (size_t)work - 1, NULL),
                  SONDE_NO_MEMORY);
    free(to);
}

static void vectors(void) { each(vector_case); }

/* ---- Bent input -------------------------------------------------------- */

/* Whatever it is: a status, or a text of the size that was measured. */
static void check_sane(const item *it) {
    int32_t work = sonde_prometheus_work(&it->options, it->request, it->size);
    if (work < 0) {
        if (work != SONDE_BAD_INPUT)
            CHECK_INT(work, SONDE_BAD_INPUT);
        return;
    }
    int32_t used = put(it, NULL, 0, (size_t)work, NULL);
    uint8_t *to = malloc((size_t)used + 1);
    int32_t again = put(it, to, (size_t)used, (size_t)work, NULL);
    if (again != used)
        CHECK_INT(again, used);
    free(to);
}

static void cut_case(const item *whole) {
    for (size_t size = 0; size < whole->size && size < 300; size++) {
        item it = *whole;
        it.request = check_exact(whole->request, size);
        it.size = size;
        if (size > 0) /* the outermost length says that something is missing */
            CHECK_INT(sonde_prometheus_work(&it.options, it.request, size),
                      SONDE_BAD_INPUT);
        free(it.request);
    }
}

/* Requests of one message only: of two, the first is one by itself. */
static void cut_some(const item *it) {
    if (it->size > 2 && it->request[0] == 0x0A && it->request[1] < 0x80 &&
        it->request[1] + 2u == it->size)
        cut_case(it);
}
static void truncations(void) { each(cut_some); }

static void bend_case(const item *whole) {
    static const uint8_t BENDS[] = {0x01, 0x02, 0x07, 0x08, 0x80, 0xFF};
    for (size_t i = 0; i < whole->size && i < 400; i++) {
        for (size_t j = 0; j < COUNT(BENDS); j++) {
            item it = *whole;
            it.request = check_exact(whole->request, whole->size);
            it.request[i] ^= BENDS[j];
            check_sane(&it);
            free(it.request);
        }
    }
}
static void bends(void) { each(bend_case); }

static void noise(void) {
    check_random random = {11};
    uint8_t bytes[96];
    for (int i = 0; i < 100000; i++) {
        item it = {.request = bytes, .size = check_below(&random, 96)};
        it.options.format = check_below(&random, 4);
        it.options.strategy = check_below(&random, 4);
        it.options.escaping = check_below(&random, 4);
        for (size_t at = 0; at < it.size; at++)
            bytes[at] =
                (uint8_t)(check_next(&random) >> (check_below(&random, 3) * 3));
        check_sane(&it);
    }
}

/* ---- What is wrong with a request -------------------------------------- */

static void bad(void) {
    static const struct {
        const char *what;
        const char *bytes;
        size_t size;
    } ROWS[] = {
#define ROW(what, bytes) {what, bytes, sizeof(bytes) - 1}
        ROW("a number", "\x08\x01"),
        ROW("cut", "\x0A\x05\x12\x03\x12\x05"),
        ROW("field 0", "\x00\x01"),
        ROW("group", "\x0B\x0C"),
        ROW("two resources", "\x0A\x04\x0A\x00\x0A\x00"),
        ROW("two scopes", "\x0A\x06\x12\x04\x0A\x00\x0A\x00"),
        ROW("two kinds of data", "\x0A\x08\x12\x06\x12\x04\x2A\x00\x3A\x00"),
        ROW("name as a number", "\x0A\x06\x12\x04\x12\x02\x08\x01"),
        ROW("value of 4 bytes",
            "\x0A\x0D\x12\x0B\x12\x09\x2A\x07\x0A\x05\x25\0\0\0\0"),
        ROW("bounds of 7 bytes", "\x0A\x11\x12\x0F\x12\x0D\x4A\x0B\x0A\x09\x3A"
                                 "\x07\0\0\0\0\0\0\0"),
        ROW("counts that are cut",
            "\x0A\x0D\x12\x0B\x12\x09\x52\x07\x0A\x05\x42\x03\x12\x01\x80"),
#undef ROW
    };
    sonde_prometheus_options options = {0};
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        check_about(ROWS[i].what);
        uint8_t *request = check_exact(ROWS[i].bytes, ROWS[i].size);
        CHECK_INT(sonde_prometheus_work(&options, request, ROWS[i].size),
                  SONDE_BAD_INPUT);
        CHECK_INT(sonde_prometheus_put(NULL, 0, NULL, &options, request,
                                       ROWS[i].size, NULL, 0),
                  SONDE_BAD_INPUT);
        free(request);
    }
}

static void bad_options(void) {
    static const uint8_t none[1];
    sonde_prometheus_options formats = {.format = 4},
                             strategies = {.strategy = 4},
                             escapings = {.escaping = 4};
    char type[SONDE_PROMETHEUS_TYPE_SIZE];
    CHECK_INT(sonde_prometheus_work(&formats, none, 0), SONDE_BAD_OPTION);
    CHECK_INT(sonde_prometheus_work(&strategies, none, 0), SONDE_BAD_OPTION);
    CHECK_INT(sonde_prometheus_work(&escapings, none, 0), SONDE_BAD_OPTION);
    CHECK_INT(sonde_prometheus_type(type, sizeof type, &formats),
              SONDE_BAD_OPTION);
    CHECK_INT(sonde_prometheus_strategy("None", 4), SONDE_BAD_OPTION);
    CHECK_INT(sonde_prometheus_escaping("", 0), SONDE_BAD_OPTION);
}

/* ---- Large and odd ones ------------------------------------------------ */

/* Wraps [p, end) into a field of length-delimited bytes. */
static uint8_t *wrap(uint8_t *p, const uint8_t *end, uint8_t tag) {
    p = sonde_back_varint(p, (uint64_t)(end - p));
    *--p = tag;
    return p;
}

static uint8_t *put_back(uint8_t *p, const void *data, size_t size) {
    p -= size;
    memcpy(p, data, size);
    return p;
}

/* A gauge of value 1 with this name and one attribute, from the inside out. */
static size_t gauge(uint8_t *end, const void *name, size_t name_size,
                    const void *key, size_t key_size, const void *value,
                    size_t value_size) {
    static const double ONE = 1;
    uint8_t *p = wrap(put_back(end, value, value_size), end, 0x0A);
    p = wrap(p, end, 0x12);
    const uint8_t *key_end = p;
    p = wrap(put_back(p, key, key_size), key_end, 0x0A);
    p = wrap(p, end, 0x3A);
    p = put_back(p, &ONE, sizeof ONE);
    *--p = 0x21;
    p = wrap(p, end, 0x0A);
    p = wrap(p, end, 0x2A);
    const uint8_t *name_end = p;
    p = wrap(put_back(p, name, name_size), name_end, 0x0A);
    p = wrap(p, end, 0x12);
    p = wrap(p, end, 0x12);
    p = wrap(p, end, 0x0A);
    return (size_t)(end - p);
}

static void odd(void) {
    static uint8_t bytes[1 << 16], name[10240];
    static const char INVALID[] = "a\xFF\xC3\xED\xA0\x80z";
    memset(name, '.', sizeof name);
    name[0] = 'x';
    for (uint32_t strategy = 0; strategy < 4; strategy++) {
        for (uint32_t escaping = 0; escaping < 4; escaping++) {
            item it = {.options = {.strategy = strategy, .escaping = escaping}};
            it.size = gauge(bytes + sizeof bytes, name, sizeof name, name,
                            sizeof name, name, sizeof name);
            it.request = bytes + sizeof bytes - it.size;
            check_sane(&it);
            it.size =
                gauge(bytes + sizeof bytes, INVALID, sizeof INVALID - 1,
                      INVALID, sizeof INVALID - 1, INVALID, sizeof INVALID - 1);
            it.request = bytes + sizeof bytes - it.size;
            check_sane(&it);
        }
    }
}

static void invalid_utf8(void) {
    static uint8_t bytes[256];
    uint8_t to[256], work[4096];
    sonde_prometheus_options options = {
        .strategy = SONDE_PROMETHEUS_NoTranslation,
        .escaping = SONDE_PROMETHEUS_ALLOW_UTF_8};
    size_t size =
        gauge(bytes + sizeof bytes, "a\xFF", 2, "k\xC3\"", 3, "\xED\xA0v", 3);
    int32_t used = sonde_prometheus_put(to, sizeof to, NULL, &options,
                                        bytes + sizeof bytes - size, size, work,
                                        sizeof work);
    CHECK(used > 0);
    CHECK_TEXT(to, used > 0 ? (size_t)used : 0,
               "# TYPE \"a\xEF\xBF\xBD\" gauge\n"
               "{\"a\xEF\xBF\xBD\",\"k\xEF\xBF\xBD\\\"\"=\"\xEF\xBF\xBD"
               "\xEF\xBF\xBDv\"} 1\n");
}

/* ---- Numbers ----------------------------------------------------------- */

static void check_number(double value) {
    uint8_t text[64];
    char again[64];
    sonde_writer w = {text, sizeof text - 1, 0, 0};
    int digits = 1;
    sonde_prom_double_put(&w, value, false);
    text[w.used] = '\0';
    double back = strtod((const char *)text, NULL);
    if (back < value || back > value)
        CHECK_DOUBLE(back, value);
    do
        snprintf(again, sizeof again, "%.*e", digits - 1, value);
    while (strtod(again, NULL) != value && digits++ < 17);
    size_t count = 0, zeros = 0;
    for (const char *p = (const char *)text; *p != '\0' && *p != 'e'; p++) {
        if (*p < '0' || *p > '9' || (count == 0 && *p == '0'))
            continue;
        zeros = *p == '0' ? zeros + 1 : 0;
        count++;
    }
    if (count - zeros > (size_t)digits)
        CHECK_INT(count - zeros, digits);
}

/* Reads back as the same, with no more digits than it takes. */
static void numbers(void) {
    check_random random = {7};
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = (uint64_t)check_next(&random) << 32;
        bits |= check_next(&random);
        uint64_t near = (bits & ((UINT64_C(1) << 52) - 1)) |
                        (uint64_t)(1023 - 25 + bits % 82) << 52;
        uint64_t power = (uint64_t)(1023 - 40 + bits % 100) << 52;
        double value;
        memcpy(&value, &near, sizeof value);
        check_number(value);
        memcpy(&value, &power, sizeof value);
        check_number(value);
        check_number((double)(bits % 1000000) / 1000);
        check_number((double)(bits >> bits % 60));
    }
    CHECK(true);
}

/* ---- Content negotiation ----------------------------------------------- */

#define TEXT "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
#define OM(version, escaping)                                                  \
    "application/openmetrics-text; version=" version                           \
    "; charset=utf-8; escaping=" escaping

static const struct {
    const char *accept;
    const char *type;
} ACCEPTS[] = {
    {"", TEXT},
    {"*/*", TEXT},
    {"text/html", TEXT},
    {"text/plain", TEXT},
    {"text/plain;version=0.0.4", TEXT},
    {"text/plain;version=2.0.0", TEXT},
    {"text/plain;version=1.0.0;escaping=allow-utf-8",
     "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8"},
    {"application/openmetrics-text", OM("0.0.1", "underscores")},
    {"application/openmetrics-text; version=1.0.0", OM("1.0.0", "underscores")},
    {"application/openmetrics-text; version=2.0.0", TEXT},
    {"application/openmetrics-text;version=1.0.0;escaping=dots",
     OM("1.0.0", "dots")},
    {"application/openmetrics-text;version=1.0.0;escaping=values",
     OM("1.0.0", "values")},
    {"application/openmetrics-text;version=1.0.0;escaping=evil\r\nX: y",
     OM("1.0.0", "underscores")},
    {"application/openmetrics-text; version=\"1.0.0\"; charset=utf-8",
     OM("1.0.0", "underscores")},
    /* Prometheus 2.42 and 3 */
    {"application/openmetrics-text;version=1.0.0,application/"
     "openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/"
     "*;q=0.1",
     OM("1.0.0", "underscores")},
    {"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
     "application/openmetrics-text;version=0.0.1;q=0.4,text/"
     "plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/"
     "plain;version=0.0.4;q=0.2,/;q=0.1",
     OM("1.0.0", "allow-utf-8")},
    {"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
     "encoding=delimited;q=0.5,text/plain;version=1.0.0;escaping=values;q=0.2,"
     "text/plain;version=0.0.4;q=0.1",
     "text/plain; version=1.0.0; charset=utf-8; escaping=values"},
    /* weights */
    {"text/plain;q=0.5,application/openmetrics-text;version=1.0.0;q=0.6",
     OM("1.0.0", "underscores")},
    {"text/plain;q=0.6,application/openmetrics-text;version=1.0.0;q=0.6", TEXT},
    {"application/openmetrics-text;version=1.0.0;q=0", TEXT},
    {"application/openmetrics-text;version=1.0.0;q=0.001",
     OM("1.0.0", "underscores")},
    {"application/openmetrics-text;version=1.0.0;q=1.001,*/*;q=0.001", TEXT},
    {"application/openmetrics-text;version=1.0.0;q=abc", TEXT},
    {"application/openmetrics-text;version=1.0.0;q=", TEXT},
    {",,;;=,\t , application/openmetrics-text ; version = 1.0.0 ; q = 0.9 ,;",
     OM("1.0.0", "underscores")},
};

static void accepts(void) {
    char type[SONDE_PROMETHEUS_TYPE_SIZE];
    for (size_t i = 0; i < COUNT(ACCEPTS); i++) {
        sonde_prometheus_options options = {.no_scope = true};
        size_t size = strlen(ACCEPTS[i].accept);
        char *accept = (char *)check_exact(ACCEPTS[i].accept, size);
        check_about(ACCEPTS[i].accept);
        sonde_prometheus_accept(&options, accept, size);
        free(accept);
        int32_t used = sonde_prometheus_type(type, sizeof type, &options);
        CHECK_TEXT(type, (size_t)used, ACCEPTS[i].type);
        CHECK(options.no_scope);
        CHECK_INT(sonde_prometheus_type(type, (size_t)used - 1, &options),
                  SONDE_NO_SPACE);
    }
    sonde_prometheus_options options = {.format = 3, .escaping = 2};
    sonde_prometheus_accept(&options, NULL, 0);
    CHECK_INT(options.format, SONDE_PROMETHEUS_TEXT_0_0_4);
    CHECK_INT(options.escaping, SONDE_PROMETHEUS_UNDERSCORES);
}

static const check_test TESTS[] = {
    {"vectors", vectors}, {"truncations", truncations},
    {"bends", bends},     {"noise", noise},
    {"bad", bad},         {"bad options", bad_options},
    {"odd", odd},         {"invalid utf-8", invalid_utf8},
    {"accept", accepts},  {"numbers", numbers},
};

int main(int argc, char **argv) { return CHECK_MAIN(TESTS); }
