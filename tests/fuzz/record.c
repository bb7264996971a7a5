/* The trust boundary: any words and text as a log record, a span, a resource
 * and the attributes of a series.
 * Input: a byte of options, the number of nodes, the words, the text. */
#include "fuzz.h"
#include "otlp/transcode.h"
#include "sonde_metrics.h"

static const double NOW = 1.7e12;

static void set_options(sonde_config *config, uint8_t bits) {
    sonde_config_init(config);
    config->max_queue_records = 4;
    config->max_queue_bytes = 16384;
    config->max_queue_spans = 4;
    config->max_span_bytes = 16384;
    config->max_metric_bytes = 4096;
    config->max_value_length = bits & 1 ? 3 : 0;
    config->max_attributes = bits & 2 ? 2 : 128;
    config->max_record_bytes = bits & 4 ? 1024 : 8192;
    config->encoding = bits & 8 ? 1 : 0;
    config->max_batch_bytes = bits & 16 ? 4096 : 1 << 15;
}

/* The next request holds nothing but one good record. */
static void check_next(sonde *ctx) {
    sonde_action action;
    (void)sonde_abandon(ctx);
    PROMISE(fuzz_log(ctx, NOW, 9, 5) >= 0);
    (void)sonde_flush(ctx, SONDE_SIGNAL_LOGS, NOW, 0);
    PROMISE(sonde_next(ctx, SONDE_SIGNAL_LOGS, NOW, &action) ==
            SONDE_ACTION_SEND);
    PROMISE(action.records == 1);
    fuzz_law(ctx);
}

static void check_body(sonde *ctx, uint32_t signal, uint32_t encoding) {
    sonde_action action;
    sonde_writer sizing = {0};
    (void)sonde_flush(ctx, signal, NOW, 0);
    if (sonde_next(ctx, signal, NOW, &action) != SONDE_ACTION_SEND)
        return; /* too large for a request */
    PROMISE(action.records == 1 && action.size > 0);
    if (encoding == 0) {
        PROMISE(sonde_transcode(&sizing, SONDE_MESSAGE_REQUEST + signal,
                                action.body, action.size) == SONDE_OK);
    } else {
        PROMISE(fuzz_is_json(action.body, action.size));
        PROMISE(fuzz_is_utf8(action.body, action.size));
    }
    fuzz_law(ctx);
}

static void check_series(sonde *ctx, const sonde_record *record) {
    sonde_instrument counter = {.text = {{(const uint8_t *)"name", 4, true}}};
    PROMISE(sonde_meter_put(ctx, NOW, &counter) == 0);
    int32_t handle = sonde_meter_series(ctx, NOW, 0, record);
    PROMISE(handle < 0 || sonde_meter_add(ctx, (uint32_t)handle, 1) == 0);
}

static void run(const sonde_config *config, uint32_t signal,
                const sonde_record *record) {
    sonde *ctx = fuzz_open(config);
    PROMISE(sonde_key_put(ctx, "known", 5) == 1);
    PROMISE(sonde_scope_put(ctx, "scope", 5, "1", 1) == 1);
    int32_t result = sonde_emit(ctx, signal, NOW, record);
    const sonde_ledger *l = sonde_ledger_get(ctx, signal);
    fuzz_law(ctx);
    PROMISE((result >= 0) == (l->accepted == 1));
    PROMISE(result >= 0 || l->queued == 0);
    PROMISE(result >= 0 || l->replaced == 0);
    if (result >= 0)
        check_body(ctx, signal, config->encoding);
    result = sonde_resource_put(ctx, record);
    PROMISE(result <= 0);
    check_series(ctx, record);
    check_next(ctx);
    free(ctx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    sonde_config config;
    if (size < 2)
        return 0;
    set_options(&config, data[0]);
    size_t words = SONDE_HEADER_WORDS + (size_t)data[1] * SONDE_NODE_WORDS;
    data += 2;
    size -= 2;
    if (words > size / 4)
        words = size / 4;
    sonde_record record = {
        .words = fuzz_exact(data, 4 * words),
        .word_count = words,
        .text = fuzz_exact(data + 4 * words, size - 4 * words),
        .text_size = size - 4 * words,
    };
    for (uint32_t signal = 0; signal <= SONDE_SIGNAL_TRACES; signal++)
        run(&config, signal, &record);
    free((void *)(uintptr_t)record.words);
    free((void *)(uintptr_t)record.text);
    return 0;
}
