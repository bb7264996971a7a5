/* What the C host does in a second: verdicts one by one and many a call,
 * tokens, fresh instances; and the same verdicts natively, without Wasmtime.
 * Rows of ./dev bench signed, as JSON lines, of one core's time.
 *
 *     bench_host MODULE [SECONDS [deadline]]
 *
 * A submission is JSON of 600 bytes with an identity and a render token. */
#include "sonde_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 400, SIZE = 600 };

static const char SECRET[] = "a benchmark's secret";
static const double NOW = 1700000000000;

static sonde_verifier *verifier;
static char bodies[BATCH][SIZE + 1];
static double seconds_each = 1;

/* Of this thread's own time: what others do on the machine does not count. */
static double clock_now(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void need(bool good, const char *what) {
    if (good)
        return;
    (void)fprintf(stderr, "bench_host: %s\n", what);
    exit(1);
}

/* ---- Data -------------------------------------------------------------- */

static void make_verifier(void) {
    sonde_signed_config config;
    sonde_signed_config_init(&config);
    int32_t size = sonde_verifier_size(&config);
    verifier = aligned_alloc(16, ((size_t)size + 15) & ~(size_t)15);
    need(sonde_verifier_init(verifier, (size_t)size, &config) == 0 &&
             sonde_secret_put(verifier, SECRET, sizeof SECRET - 1) == 1,
         "no verifier");
}

static void make_body(char to[SIZE + 1], uint32_t number) {
    char token[200], render[SONDE_RENDER_TOKEN], id[16];
    uint8_t nonce[12] = {1};
    memcpy(nonce + 4, &number, sizeof number);
    int id_size = snprintf(id, sizeof id, "%u", 100000 + number);
    int32_t size = sonde_identity_seal(verifier, token, sizeof token, nonce, id,
                                       (size_t)id_size);
    double issued = NOW - 10000 - 1000.0 * (number % 3000);
    int32_t signed_size =
        sonde_render_sign(verifier, render, sizeof render, issued);
    need(size > 0 && signed_size > 0, "no tokens");
    int used = snprintf(
        to, SIZE + 1,
        "{\"plain_connect_render_token\":\"%.*s\","
        "\"plain_connect_identity\":\"%.*s\",\"plain_connect_check\":\"\","
        "\"name\":\"Ada Lovelace\",\"email\":\"ada%u@example.com\","
        "\"form_slug\":\"contact\",\"page\":\"https://app.example/orders\","
        "\"message\":\"Hello, my last order has not arrived: ",
        (int)signed_size, render, (int)size, token, number);
    static const char WORDS[] = "could you tell me where it is\\nand when? ";
    for (; used < SIZE - 2; used++)
        to[used] = WORDS[(size_t)used % (sizeof WORDS - 1)];
    if (to[used - 1] == '\\')
        to[used - 1] = '.';
    if (to[used - 1] != '\\' && to[used - 2] == '\\' && to[used - 1] != 'n')
        to[used - 2] = '.';
    memcpy(to + used, "\"}", 3);
}

/* ---- Measuring --------------------------------------------------------- */

static sonde_host *host;
static sonde_guest *guest;
static sonde_host_submission list[BATCH];
static char lines[BATCH * (SIZE + 1)];

static sonde_guest *open_guest(void) {
    static const sonde_host_text secrets[] = {{SECRET, sizeof SECRET - 1}};
    sonde_guest_config config;
    sonde_host_message message;
    sonde_guest_config_init(&config);
    config.secrets = secrets;
    config.secret_count = 1;
    sonde_guest *made = sonde_guest_open(host, &config, &message);
    need(made != NULL, message.text);
    return made;
}

/* Each does some work and returns how many of its units. */
static size_t one_by_one(void) {
    sonde_host_verdicts verdicts;
    for (size_t i = 0; i < BATCH; i++)
        need(sonde_guest_verify(guest, &verdicts, &list[i], 1) == 1 &&
                 verdicts.text[12] == 'a',
             "a verdict is not accept");
    return BATCH;
}

static size_t frames(void) {
    sonde_host_verdicts verdicts;
    size_t done = 0;
    while (done < BATCH) {
        int32_t count =
            sonde_guest_verify(guest, &verdicts, list + done, BATCH - done);
        need(count > 0 && verdicts.text[12] == 'a', "no verdicts");
        done += (size_t)count;
    }
    return BATCH;
}

static size_t ndjson(void) {
    sonde_host_verdicts verdicts;
    size_t at = 0;
    while (at < sizeof lines) {
        int32_t taken = sonde_guest_lines(guest, &verdicts, NOW, lines + at,
                                          sizeof lines - at, 1, 0);
        need(taken > 0 && verdicts.text[12] == 'a', "no verdicts");
        at += (size_t)taken;
    }
    return BATCH;
}

static size_t native(void) {
    static char body[SIZE];
    static uint8_t json[8192];
    for (size_t i = 0; i < BATCH; i++) {
        memcpy(body, bodies[i], SIZE);
        sonde_submission one = {.body = (uint8_t *)body,
                                .body_size = SIZE,
                                .content_type = "application/json",
                                .content_type_size = 16,
                                .origin = "https://app.example",
                                .origin_size = 19};
        sonde_verdict verdict;
        need(sonde_verify(verifier, &verdict, NOW, &one) == SONDE_ACCEPT &&
                 sonde_verdict_put(&verdict, json, sizeof json) > 0,
             "a native verdict is not accept");
    }
    return BATCH;
}

static size_t instances(void) {
    for (int i = 0; i < 20; i++)
        sonde_guest_close(open_guest());
    return 20;
}

static size_t open_ids(void) {
    const char *token = strstr(bodies[0], "identity\":\"") + 11;
    size_t size = strcspn(token, "\"");
    char id[64];
    for (int i = 0; i < BATCH; i++)
        need(sonde_guest_identity_open(guest, id, sizeof id, token, size) > 0,
             "no id");
    return BATCH;
}

static size_t sign(void) {
    char token[SONDE_RENDER_TOKEN];
    for (int i = 0; i < BATCH; i++)
        need(sonde_guest_render_sign(guest, token, sizeof token,
                                     NOW + 1000 * i) > 0,
             "no render token");
    return BATCH;
}

/* The best of five rounds: others share caches and memory. */
static void measure(const char *row, size_t (*work)(void)) {
    double best = 0;
    (void)work();
    for (int round = 0; round < 5; round++) {
        double began = clock_now(), passed;
        size_t count = 0;
        do
            count += work();
        while ((passed = clock_now() - began) < seconds_each / 5);
        double rate = (double)count / passed;
        best = rate > best ? rate : best;
    }
    (void)printf("{%s,\"ns_per_item\":%.0f}\n", row, 1e9 / best);
}

static void open_all(const char *module, uint32_t deadline_ms) {
    sonde_host_config config;
    sonde_host_message message;
    sonde_host_config_init(&config);
    config.deadline_ms = deadline_ms;
    host = sonde_host_load(&config, module, &message);
    need(host != NULL, message.text);
    guest = open_guest();
    for (size_t i = 0; i < BATCH; i++) {
        make_body(bodies[i], (uint32_t)i);
        memcpy(lines + i * (SIZE + 1), bodies[i], SIZE);
        lines[i * (SIZE + 1) + SIZE] = '\n';
        list[i] =
            (sonde_host_submission){.now = NOW,
                                    .body = {bodies[i], SIZE},
                                    .content_type = {"application/json", 16},
                                    .origin = {"https://app.example", 19}};
    }
}

#define ROW(host, name, impl)                                                  \
    "\"host\":\"" host "\",\"case\":\"" name "\",\"impl\":\"" impl "\""

int main(int argc, char **argv) {
    make_verifier();
    need(argc >= 2, "give the module");
    seconds_each = argc > 2 ? strtod(argv[2], NULL) : 1;
    open_all(argv[1], argc > 3 ? 5000 : 0);
    measure(ROW("native", "submission", "sonde"), native);
    measure(ROW("c host", "submission", "sonde"), one_by_one);
    measure(ROW("c host", "submission", "sonde_many"), frames);
    measure(ROW("c host", "submission", "sonde_lines"), ndjson);
    measure(ROW("c host", "open", "sonde"), open_ids);
    measure(ROW("c host", "render", "sonde"), sign);
    measure(ROW("c host", "instance", "sonde"), instances);
    sonde_guest_close(guest);
    sonde_host_close(host);
    free(verifier);
    return 0;
}
