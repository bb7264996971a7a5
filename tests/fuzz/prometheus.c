/* Any bytes as OTLP metrics, with any options. Input: format, strategy,
 * escaping, flags; the request. */
#include "fuzz.h"
#include "sonde_prometheus.h"

/* Lines that are comments or samples: no empty one, no carriage return. */
static void check_text(const uint8_t *text, size_t size, bool is_openmetrics) {
    static const char END[] = "# EOF\n";
    PROMISE(fuzz_is_utf8(text, size));
    PROMISE(size == 0 || text[size - 1] == '\n');
    for (size_t i = 0; i < size; i++) {
        PROMISE(text[i] != '\r');
        PROMISE(text[i] != '\n' || (i > 0 && text[i - 1] != '\n'));
    }
    if (is_openmetrics)
        PROMISE(size >= sizeof END - 1 && memcmp(text + size - (sizeof END - 1),
                                                 END, sizeof END - 1) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1)
        return 0;
    sonde_prometheus_options options = {.format = data[0] % 4u,
                                        .strategy = data[0] / 4 % 4u,
                                        .escaping = data[0] / 16 % 4u,
                                        .no_scope = data[0] & 64,
                                        .job = data[0] & 128};
    size--;
    uint8_t *in = fuzz_exact(data + 1, size);
    int32_t need = sonde_prometheus_work(&options, in, size);
    PROMISE(need >= 0 || need == SONDE_BAD_INPUT);
    size_t work_size = need > 0 ? (size_t)need : 0;
    uint8_t *work = malloc(work_size + 1);
    PROMISE(work != NULL);
    int32_t used = sonde_prometheus_put(NULL, 0, NULL, &options, in, size, work,
                                        work_size);
    PROMISE(need < 0 ? used == need : used >= 0);
    size_t room = used > 0 ? (size_t)used : 0;
    uint8_t *out = malloc(room + 1);
    PROMISE(out != NULL);
    memset(work, 0xA5, work_size);
    PROMISE(sonde_prometheus_put(out, room, NULL, &options, in, size, work,
                                 work_size) == used);
    if (used >= 0)
        check_text(out, room, options.format >= 2);
    if (used > 0)
        PROMISE(sonde_prometheus_put(out, room - 1, NULL, &options, in, size,
                                     work, work_size) == SONDE_NO_SPACE);
    sonde_prometheus_accept(&options, (const char *)in, size);
    char type[SONDE_PROMETHEUS_TYPE_SIZE];
    PROMISE(sonde_prometheus_type(type, sizeof type, &options) > 0);
    free(out);
    free(work);
    free(in);
    return 0;
}
