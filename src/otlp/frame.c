/* Owns Export{Logs,Trace,Metrics}ServiceRequest, which have the same shape and
 * numbers; only in JSON do their fields have other names. Records are final
 * bytes, so a protobuf body is headers and copies. What is nested is written
 * twice: without memory, for its length, and then behind it. A JSON body is the
 * transcoder applied to the protobuf body. */
#include "otlp/frame.h"
#include "otlp/transcode.h"

enum {
    TAG_RESOURCE_ITEMS = 0x0A,
    TAG_RESOURCE = 0x0A,
    TAG_SCOPE_ITEMS = 0x12,
    TAG_SCOPE = 0x0A,
    TAG_RECORDS = 0x12,
    FIELD_HEAD = 6 /* a tag and the longest length that fits 32 bits */
};

/* ---- Sizes ------------------------------------------------------------ */

/* What JSON puts around a resource with its scopes, and around a scope, at
 * most. */
enum {
    AROUND_RESOURCE =
        sizeof "{\"resourceMetrics\":[{\"resource\":,\"scopeMetrics\":[]}]}" -
        1,
    AROUND_SCOPE = sizeof "{\"scope\":,\"logRecords\":[]}," - 1
};

/* Our own bytes always transcode. */
static uint32_t json_size(uint32_t message, const uint8_t *data,
                          uint32_t size) {
    sonde_writer w = {0};
    int32_t status = sonde_transcode(&w, message, data, size);
    return status == SONDE_OK ? (uint32_t)w.used : UINT32_MAX / 2;
}

uint32_t sonde_frame_base(const sonde_framer *framer) {
    if (!framer->json)
        return 2 * FIELD_HEAD + framer->resource_size;
    return json_size(SONDE_MESSAGE_RESOURCE, framer->resource,
                     framer->resource_size) +
           AROUND_RESOURCE;
}

uint32_t sonde_frame_scope_size(const sonde_framer *framer, uint32_t scope) {
    uint32_t size;
    const uint8_t *data = sonde_intern_get(framer->scopes, scope, &size);
    if (!framer->json)
        return 2 * FIELD_HEAD + size;
    return json_size(SONDE_MESSAGE_SCOPE, data, size) + AROUND_SCOPE;
}

uint32_t sonde_frame_record_size(const sonde_framer *framer, uint32_t place) {
    uint32_t size = framer->queue->entries[place].size;
    sonde_writer w = {framer->scratch, framer->scratch_size, 0, SONDE_OK};
    if (!framer->json)
        return sonde_field_size(size);
    sonde_queue_read(framer->queue, place, &w);
    return json_size(SONDE_MESSAGE_LOG_RECORD + framer->signal, w.data, size) +
           1; /* comma */
}

/* ---- Bodies ------------------------------------------------------------ */

/* The records of a request. */
typedef struct {
    const sonde_framer *framer;
    const sonde_entry *entries;
    uint32_t first;
    uint32_t count;
} batch;

static void put_scope_items(const batch *b, sonde_writer *w, uint32_t scope) {
    uint32_t size, at = b->first;
    const uint8_t *data = sonde_intern_get(b->framer->scopes, scope, &size);
    sonde_bytes_put(w, TAG_SCOPE, data, size);
    for (uint32_t left = b->count; left > 0; left--, at = b->entries[at].next) {
        if (b->entries[at].scope != scope)
            continue;
        sonde_head_put(w, TAG_RECORDS, b->entries[at].size);
        sonde_queue_read(b->framer->queue, at, w);
    }
}

/* The scopes come in order of first appearance. */
static void put_resource_items(const batch *b, sonde_writer *w) {
    bool known[SONDE_INTERN_MAX] = {false};
    uint32_t at = b->first;
    sonde_bytes_put(w, TAG_RESOURCE, b->framer->resource,
                    b->framer->resource_size);
    for (uint32_t left = b->count; left > 0; left--, at = b->entries[at].next) {
        uint32_t scope = b->entries[at].scope;
        if (known[scope])
            continue;
        known[scope] = true;
        sonde_writer sizing = {0};
        put_scope_items(b, &sizing, scope);
        sonde_head_put(w, TAG_SCOPE_ITEMS, sizing.used);
        put_scope_items(b, w, scope);
    }
}

/* From the protobuf request at the end of the memory to JSON at its start. All
 * that fits, which is asked first; so what is written never reaches what is
 * left to read if that takes more as JSON. Only histograms take less, as a
 * count of 8 bytes may be "0": by 9/16 at most, which all that may be queued of
 * metrics has behind the body. */
static void put_json(uint32_t message, const uint8_t *request, uint32_t size,
                     sonde_writer *w) {
    if (json_size(message, request, size) > w->size) {
        w->status = SONDE_NO_SPACE;
        return;
    }
    w->status = sonde_transcode(w, message, request, size);
}

int32_t sonde_frame_put(const sonde_framer *framer, uint8_t *body, size_t size,
                        const sonde_list *list, uint32_t count) {
    batch b = {framer, framer->queue->entries, list->first, count};
    sonde_writer sizing = {0};
    put_resource_items(&b, &sizing);
    uint32_t need = sonde_field_size((uint32_t)sizing.used);
    if (need > size)
        return SONDE_NO_SPACE;
    sonde_writer w = {body, size, 0, SONDE_OK}, json = w;
    if (framer->json)
        w.data = framer->scratch + framer->scratch_size - need;
    sonde_head_put(&w, TAG_RESOURCE_ITEMS, sizing.used);
    put_resource_items(&b, &w);
    if (framer->json) {
        put_json(SONDE_MESSAGE_REQUEST + framer->signal, w.data, need, &json);
        w = json;
    }
    return w.status != SONDE_OK ? w.status : (int32_t)w.used;
}
