/* Owns ExportLogsServiceRequest. Records are final bytes, so a protobuf body
 * is headers, whose lengths are sums, and copies; JSON is the transcoder
 * applied to each part. */
#include "otlp/frame.h"
#include "otlp/transcode.h"

enum {
    TAG_RESOURCE_LOGS = 0x0A,
    TAG_RESOURCE = 0x0A,
    TAG_SCOPE_LOGS = 0x12,
    TAG_SCOPE = 0x0A,
    TAG_LOG_RECORDS = 0x12,
    FIELD_HEAD = 6 /* a tag and the longest length that fits 32 bits */
};

static uint32_t field_size(uint32_t size) {
    return 1 + sonde_varint_size(size) + size;
}

/* Our own bytes always transcode; only the space can be missing. */
static void put_json(sonde_writer *w, uint32_t message, const uint8_t *data,
                     uint32_t size) {
    int32_t status = sonde_transcode(w, message, data, size);
    if (status != SONDE_OK && w->status == SONDE_OK)
        w->status = status;
}

static void put_record_json(const sonde_framer *framer, sonde_writer *w,
                            uint32_t place) {
    sonde_writer piece = {framer->scratch, framer->scratch_size, 0, SONDE_OK};
    sonde_queue_read(framer->queue, place, &piece);
    put_json(w, SONDE_MESSAGE_LOG_RECORD, framer->scratch,
             (uint32_t)piece.used);
}

/* ---- Sizes ------------------------------------------------------------ */

static void put_json_head(const sonde_framer *framer, sonde_writer *w) {
    SONDE_PUT(w, "{\"resourceLogs\":[{\"resource\":");
    put_json(w, SONDE_MESSAGE_RESOURCE, framer->resource,
             framer->resource_size);
    SONDE_PUT(w, ",\"scopeLogs\":[");
}

static void put_json_scope(const sonde_framer *framer, sonde_writer *w,
                           uint32_t id) {
    uint32_t size;
    const uint8_t *scope = sonde_intern_get(framer->scopes, id, &size);
    SONDE_PUT(w, "{\"scope\":");
    put_json(w, SONDE_MESSAGE_SCOPE, scope, size);
    SONDE_PUT(w, ",\"logRecords\":[");
}

uint32_t sonde_frame_base(const sonde_framer *framer) {
    sonde_writer w = {0};
    if (!framer->json)
        return 2 * FIELD_HEAD + framer->resource_size;
    put_json_head(framer, &w);
    return (uint32_t)w.used + 4;
}

uint32_t sonde_frame_scope_size(const sonde_framer *framer, uint32_t scope) {
    sonde_writer w = {0};
    uint32_t size;
    sonde_intern_get(framer->scopes, scope, &size);
    if (!framer->json)
        return 2 * FIELD_HEAD + size;
    put_json_scope(framer, &w, scope);
    return (uint32_t)w.used + 3;
}

uint32_t sonde_frame_record_size(const sonde_framer *framer, uint32_t place) {
    sonde_writer w = {0};
    if (!framer->json)
        return field_size(framer->queue->entries[place].size);
    put_record_json(framer, &w, place);
    return (uint32_t)w.used + 1;
}

/* ---- Bodies ------------------------------------------------------------ */

/* The scopes of a batch in order of first appearance, with the bytes that
 * their records take. */
typedef struct {
    uint32_t count;
    uint32_t id[SONDE_INTERN_MAX];
    uint32_t bytes[SONDE_INTERN_MAX];
} scope_sums;

static void sum_scopes(scope_sums *sums, const sonde_framer *framer,
                       const sonde_list *list, uint32_t count) {
    const sonde_entry *entries = framer->queue->entries;
    sums->count = 0;
    for (uint32_t at = list->first; count > 0; at = entries[at].next, count--) {
        uint32_t i = 0;
        while (i < sums->count && sums->id[i] != entries[at].scope)
            i++;
        if (i == sums->count) {
            sums->id[sums->count++] = entries[at].scope;
            sums->bytes[i] = 0;
        }
        sums->bytes[i] += field_size(entries[at].size);
    }
}

static void put_head(sonde_writer *w, uint8_t tag, uint32_t size) {
    sonde_writer_byte(w, tag);
    sonde_writer_varint(w, size);
}

static void put_field(sonde_writer *w, uint8_t tag, const uint8_t *data,
                      uint32_t size) {
    put_head(w, tag, size);
    sonde_writer_put(w, data, size);
}

static void put_records(const sonde_framer *framer, sonde_writer *w,
                        const sonde_list *list, uint32_t count,
                        uint32_t scope) {
    const sonde_entry *entries = framer->queue->entries;
    bool first = true;
    for (uint32_t at = list->first; count > 0; at = entries[at].next, count--) {
        if (entries[at].scope != scope)
            continue;
        if (framer->json) {
            if (!first)
                sonde_writer_byte(w, ',');
            put_record_json(framer, w, at);
        } else {
            put_head(w, TAG_LOG_RECORDS, entries[at].size);
            sonde_queue_read(framer->queue, at, w);
        }
        first = false;
    }
}

static void put_protobuf(const sonde_framer *framer, sonde_writer *w,
                         const sonde_list *list, uint32_t count,
                         const scope_sums *sums) {
    uint32_t size = field_size(framer->resource_size), scope_size;
    for (uint32_t i = 0; i < sums->count; i++) {
        sonde_intern_get(framer->scopes, sums->id[i], &scope_size);
        size += field_size(field_size(scope_size) + sums->bytes[i]);
    }
    put_head(w, TAG_RESOURCE_LOGS, size);
    put_field(w, TAG_RESOURCE, framer->resource, framer->resource_size);
    for (uint32_t i = 0; i < sums->count; i++) {
        const uint8_t *scope =
            sonde_intern_get(framer->scopes, sums->id[i], &scope_size);
        put_head(w, TAG_SCOPE_LOGS, field_size(scope_size) + sums->bytes[i]);
        put_field(w, TAG_SCOPE, scope, scope_size);
        put_records(framer, w, list, count, sums->id[i]);
    }
}

static void put_json_body(const sonde_framer *framer, sonde_writer *w,
                          const sonde_list *list, uint32_t count,
                          const scope_sums *sums) {
    put_json_head(framer, w);
    for (uint32_t i = 0; i < sums->count; i++) {
        if (i > 0)
            sonde_writer_byte(w, ',');
        put_json_scope(framer, w, sums->id[i]);
        put_records(framer, w, list, count, sums->id[i]);
        SONDE_PUT(w, "]}");
    }
    SONDE_PUT(w, "]}]}");
}

int32_t sonde_frame_put(const sonde_framer *framer, uint8_t *body, size_t size,
                        const sonde_list *list, uint32_t count) {
    scope_sums sums;
    sonde_writer w = {body, size, 0, SONDE_OK};
    sum_scopes(&sums, framer, list, count);
    if (framer->json)
        put_json_body(framer, &w, list, count, &sums);
    else
        put_protobuf(framer, &w, list, count, &sums);
    return w.status != SONDE_OK ? w.status : (int32_t)w.used;
}
