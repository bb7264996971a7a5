/* Owns the response bodies: see sonde.h. Both readers
 * keep the first bytes of a message and pass over what they do not know. */
#include "core/json.h"
#include "core/text.h"
#include "core/wire.h"
#include "sonde.h"

/* ---- protobuf --------------------------------------------------------- */

/* Makes it valid UTF-8 that ends between characters. */
static void put_message(sonde_reply *reply, const uint8_t *text, size_t size) {
    const uint8_t *p = text, *end = text + size;
    reply->size = 0;
    while (p < end) {
        int n = sonde_utf8_next(p, end);
        uint32_t length = n < 0 ? 3 : (uint32_t)n;
        if (length > sizeof reply->message - reply->size)
            break;
        uint64_t replaced = 0;
        sonde_text_copy(reply->message + reply->size, p,
                        (size_t)(n < 0 ? -n : n), &replaced);
        reply->size += length;
        p += n < 0 ? -n : n;
    }
}

/* Status: message 2. Response: partial_success 1, in it rejected_log_records
 * 1 and error_message 2. Whatever else is there is passed over. */
static bool take_fields(sonde_reply *reply, bool success, const uint8_t *p,
                        const uint8_t *end) {
    sonde_field field;
    bool inner = !success; /* in the message that holds the text */
    const uint8_t *outer_end = end;
    while (p < end || end < outer_end) {
        if (p == end) {
            end = outer_end;
            inner = false;
        } else if (!sonde_field_next(&field, &p, end)) {
            return false;
        } else if (inner && field.number == 2 &&
                   field.wire == SONDE_WIRE_BYTES) {
            put_message(reply, field.data, field.size);
        } else if (success && field.number == 1) {
            if (inner && field.wire == SONDE_WIRE_VARINT) {
                reply->rejected = (int64_t)field.value;
            } else if (!inner && field.wire == SONDE_WIRE_BYTES) {
                inner = true;
                end = p;
                p = field.data;
            }
        }
    }
    return true;
}

/* ---- JSON ------------------------------------------------------------- */

static bool is_key(const sonde_json *json, const char *key) {
    return json->size == strlen(key) &&
           memcmp(json->text, key, json->size) == 0;
}

/* An int64 as OTLP JSON has it: a number, or a decimal string. */
static bool take_int(const sonde_json *json, int64_t *value) {
    size_t i = 0;
    bool negative = json->size > 0 && json->text[0] == '-';
    uint64_t sum = 0;
    for (i = negative; i < json->size; i++) {
        uint8_t c = json->text[i];
        if (c < '0' || c > '9' || sum > (INT64_MAX - 9) / 10)
            return false;
        sum = sum * 10 + (c - '0');
    }
    *value = negative ? -(int64_t)sum : (int64_t)sum;
    return json->size > (negative ? 1u : 0u);
}

/* One member of the response, or of its partialSuccess (`inner`). */
static bool take_member(sonde_json *json, sonde_reply *reply, bool inner,
                        bool success) {
    bool text =
        is_key(json, success ? "errorMessage" : "message") && inner == success;
    bool count = inner && (is_key(json, "rejectedLogRecords") ||
                           is_key(json, "rejectedSpans") ||
                           is_key(json, "rejectedDataPoints"));
    sonde_json_token token = sonde_json_next(json);
    if (text && token == SONDE_JSON_STRING) {
        reply->size = (uint32_t)sonde_json_unescape(
            reply->message, sizeof reply->message, json->text, json->size);
        return true;
    }
    if (count && (token == SONDE_JSON_STRING || token == SONDE_JSON_NUMBER))
        return take_int(json, &reply->rejected);
    return sonde_json_skip(json, token);
}

static bool take_object(sonde_json *json, sonde_reply *reply, bool success) {
    if (sonde_json_next(json) != SONDE_JSON_OBJECT)
        return false;
    bool inner = false;
    for (;;) {
        sonde_json_token token = sonde_json_next(json);
        if (token == SONDE_JSON_OBJECT_END) {
            if (!inner)
                return sonde_json_next(json) == SONDE_JSON_END;
            inner = false;
        } else if (token != SONDE_JSON_KEY) {
            return false;
        } else if (success && !inner && is_key(json, "partialSuccess")) {
            token = sonde_json_next(json);
            inner = token == SONDE_JSON_OBJECT;
            if (!inner && token != SONDE_JSON_NULL)
                return false;
        } else if (!take_member(json, reply, inner, success)) {
            return false;
        }
    }
}

static bool take_json(sonde_reply *reply, bool success, const uint8_t *body,
                      size_t size) {
    sonde_json json;
    sonde_json_init(&json, body, size);
    return take_object(&json, reply, success);
}

int32_t sonde_reply_get(sonde_reply *reply, uint32_t encoding, int32_t status,
                        const uint8_t *body, size_t size) {
    bool success = status >= 200 && status <= 299;
    reply->rejected = 0;
    reply->size = 0;
    if (size == 0)
        return SONDE_OK;
    bool fits = encoding == 1 ? take_json(reply, success, body, size)
                              : take_fields(reply, success, body, body + size);
    if (!fits) {
        reply->rejected = 0;
        reply->size = 0;
    }
    return fits ? SONDE_OK : SONDE_BAD_INPUT;
}
