/* Owns the calls of sonde_otlp.h, and what both readers do at each message:
 * counting, limits, and telling where something is wrong. */
#include "otlp/request.h"
#include "core/number.h"
#include "core/wire.h"

/* ---- Limits ------------------------------------------------------------- */

static const struct {
    uint32_t value, least, most;
} LIMITS[] = {
#define SONDE_OTLP_LIMIT(name, value, least, most, unit, text)                 \
    {value, least, most},
#include "otlp_limits.def"
#undef SONDE_OTLP_LIMIT
};

static const sonde_otlp_limits DEFAULTS = {
#define SONDE_OTLP_LIMIT(name, value, least, most, unit, text) .name = value,
#include "otlp_limits.def"
#undef SONDE_OTLP_LIMIT
};

void sonde_otlp_limits_init(sonde_otlp_limits *limits) { *limits = DEFAULTS; }

int32_t sonde_otlp_limits_put(sonde_otlp_limits *limits, uint32_t id,
                              double value) {
    if (id >= SONDE_OTLP_LIMIT_COUNT || !(value >= LIMITS[id].least) ||
        !(value <= LIMITS[id].most))
        return SONDE_BAD_OPTION;
    uint32_t whole = (uint32_t)value;
    if (whole < value)
        return SONDE_BAD_OPTION;
    memcpy((uint8_t *)limits + id * sizeof whole, &whole, sizeof whole);
    return SONDE_OK;
}

/* ---- Messages ----------------------------------------------------------- */

static bool is_record(uint32_t message) {
    return message == SONDE_MESSAGE_LOG_RECORD ||
           message == SONDE_MESSAGE_SPAN ||
           message == SONDE_MESSAGE_NUMBER_POINT ||
           message == SONDE_MESSAGE_HISTOGRAM_POINT ||
           message == SONDE_MESSAGE_EXPONENTIAL_POINT ||
           message == SONDE_MESSAGE_SUMMARY_POINT;
}

static void count(sonde_otlp_report *report, uint32_t message) {
    if (is_record(message))
        report->records++;
    else if (message == SONDE_MESSAGE_METRIC)
        report->metrics++;
    else if (message >= SONDE_MESSAGE_SCOPE_LOGS &&
             message <= SONDE_MESSAGE_SCOPE_METRICS)
        report->scopes++;
    else if (message >= SONDE_MESSAGE_RESOURCE_LOGS &&
             message <= SONDE_MESSAGE_RESOURCE_METRICS)
        report->resources++;
}

/* Texts of attributes may be cut, but not those of metrics, which tell series
 * apart, nor in a body. */
static bool may_cut(const sonde_request_frame *parent,
                    const sonde_field_info *field) {
    return parent->cut || (field->kind == SONDE_FIELD_MANY &&
                           field->message == SONDE_MESSAGE_KEY_VALUE &&
                           field[1].kind == SONDE_FIELD_DROPPED);
}

sonde_request_frame *sonde_request_open(sonde_request *r,
                                        const sonde_field_info *field,
                                        const uint8_t *p) {
    sonde_request_frame *parent = sonde_request_top(r);
    r->nested += field->message <= SONDE_MESSAGE_KVLIST; /* or ARRAY */
    if (r->nested > SONDE_MAX_DEPTH) {
        sonde_request_fail(r, SONDE_TOO_DEEP, p,
                           "arrays and maps are nested over 64 deep");
        return NULL;
    }
    sonde_request_frame *f = &r->frames[r->depth++];
    f->message = field->message;
    f->number = field->number;
    f->single = field->kind == SONDE_FIELD_ONE;
    f->cut = may_cut(parent, field);
    f->some = f->open = f->started = f->pieces = false;
    f->oneof = f->many = f->hint = 0;
    f->seen = f->count = 0;
    f->place = parent->count++;
    memset(f->dropped, 0, sizeof f->dropped);
    count(r->report, f->message);
    sonde_write_open(r, parent, f, field);
    r->at = NULL;
    return f;
}

void sonde_request_close(sonde_request *r) {
    sonde_request_frame *f = sonde_request_top(r);
    r->nested -= f->message <= SONDE_MESSAGE_KVLIST;
    sonde_write_close(r, f);
    r->depth--;
}

/* The field that counts what is dropped of this one comes next. */
bool sonde_request_full(sonde_request *r, sonde_request_frame *f,
                        const sonde_field_info *field) {
    const sonde_otlp_limits *limits = r->limits;
    sonde_otlp_report *report = r->report;
    uint32_t limit, *dropped;
    if (is_record(field->message)) {
        if (report->records < limits->max_records)
            return false;
        report->dropped_records++;
        return true;
    }
    if (field[1].kind != SONDE_FIELD_DROPPED)
        return false;
    if (field->message == SONDE_MESSAGE_EVENT) {
        limit = limits->max_events;
        dropped = &report->dropped_events;
    } else if (field->message == SONDE_MESSAGE_LINK) {
        limit = limits->max_links;
        dropped = &report->dropped_links;
    } else {
        limit = limits->max_attributes;
        dropped = &report->dropped_attributes;
    }
    if (f->count < limit)
        return false;
    ++*dropped;
    dropped = sonde_request_dropped(f, field + 1);
    *dropped = sonde_request_sum(*dropped, 1);
    return true;
}

uint32_t sonde_request_wire(const sonde_field_info *field) {
    switch (field->kind) {
    case SONDE_FIELD_FIXED64:
    case SONDE_FIELD_SFIXED64:
    case SONDE_FIELD_DOUBLE:
        return SONDE_WIRE_64;
    case SONDE_FIELD_FIXED32:
        return SONDE_WIRE_32;
    default:
        return field->kind < SONDE_FIELD_HEX8 ? SONDE_WIRE_VARINT
                                              : SONDE_WIRE_BYTES;
    }
}

/* ---- What is wrong ------------------------------------------------------ */

/* Names are put in front of each other from the end of the path, so that the
 * innermost are there in any case. */
typedef struct {
    char *text;
    size_t at;
} path;

static void path_put(path *p, const char *text, size_t size) {
    size = size < p->at ? size : p->at;
    p->at -= size;
    memcpy(p->text + p->at, text, size);
}

static void path_number(path *p, uint32_t number) {
    char digits[12];
    sonde_writer w = {(uint8_t *)digits, sizeof digits, 0, SONDE_OK};
    sonde_writer_byte(&w, '[');
    sonde_uint_put(&w, number);
    sonde_writer_byte(&w, ']');
    path_put(p, digits, w.used);
}

static void path_field(path *p, const sonde_field_info *field) {
    path_put(p, field->key + 1, field->size);
    path_put(p, ".", 1);
}

static void path_set(const sonde_request *r, char to[SONDE_OTLP_PATH]) {
    path p = {to, SONDE_OTLP_PATH - 1};
    to[p.at] = '\0';
    if (r->at != NULL) {
        const sonde_request_frame *f = &r->frames[r->depth - 1];
        if (r->at->number == f->many)
            path_number(&p, f->count);
        path_field(&p, r->at);
    }
    for (uint32_t i = r->depth; i-- > 1;) {
        const sonde_request_frame *f = &r->frames[i];
        uint32_t first = sonde_fields_first[f[-1].message];
        if (!f->single)
            path_number(&p, f->place);
        path_field(&p, &sonde_fields[first + f->number - 1u]);
    }
    if (p.at > 0 && p.at < SONDE_OTLP_PATH - 1u)
        p.at++; /* the first point */
    else if (p.at == 0)
        memcpy(to, "...", 3);
    memmove(to, to + p.at, SONDE_OTLP_PATH - p.at);
}

void sonde_request_fail(sonde_request *r, int32_t status, const uint8_t *p,
                        const char *what) {
    sonde_otlp_report *report = r->report;
    if (r->status < 0)
        return;
    r->status = status;
    report->what = what;
    report->offset = (uint32_t)(p - r->in);
    path_set(r, report->path);
}

/* ---- Calls -------------------------------------------------------------- */

size_t sonde_otlp_size(void) { return sizeof(sonde_request); }

static void request_init(sonde_request *r, int32_t signal, const uint8_t *in,
                         size_t size) {
    r->in = in;
    r->end = in + size;
    r->at = NULL;
    r->status = SONDE_OK;
    r->depth = 1;
    r->nested = 0;
    memset(r->rooms, 1, sizeof r->rooms);
    memset(&r->frames[0], 0, sizeof r->frames[0]);
    r->frames[0].message = (uint8_t)(SONDE_MESSAGE_REQUEST +
                                     (signal == SONDE_OTLP_ANY ? 0 : signal));
    r->frames[0].data = in;
    r->frames[0].end = in + size;
}

/* The outermost message has neither a field nor a length. */
static int32_t run(sonde_request *r, uint32_t from, int32_t signal) {
    if (r->json)
        sonde_write_byte(&r->w, '{');
    if (from == SONDE_OTLP_JSON)
        sonde_request_json(r, signal == SONDE_OTLP_ANY);
    else
        sonde_request_protobuf(r);
    if (r->status < 0)
        return r->status;
    if (r->json)
        sonde_write_byte(&r->w, '}');
    if (r->w.status == SONDE_OK && r->w.used > INT32_MAX)
        return SONDE_NO_SPACE;
    return r->w.status < 0 ? r->w.status : (int32_t)r->w.used;
}

int32_t sonde_otlp_transcode(sonde_otlp *mem, sonde_otlp_report *report,
                             uint8_t *out, size_t out_size, uint32_t to,
                             int32_t signal, uint32_t from, const uint8_t *in,
                             size_t size, const sonde_otlp_limits *limits) {
    *report = (sonde_otlp_report){.signal = signal, .what = ""};
    bool any = signal == SONDE_OTLP_ANY;
    if (to > SONDE_OTLP_JSON || from > SONDE_OTLP_JSON ||
        signal < SONDE_OTLP_ANY || signal > SONDE_OTLP_METRICS ||
        (any && from != SONDE_OTLP_JSON))
        return SONDE_BAD_ARGUMENT;
    mem->limits = limits != NULL ? limits : &DEFAULTS;
    mem->report = report;
    mem->json = to == SONDE_OTLP_JSON;
    mem->w = (sonde_writer){out, out_size, 0, SONDE_OK};
    if (size > mem->limits->max_input) {
        report->what = "the request is longer than max_input";
        report->offset = mem->limits->max_input;
        return SONDE_TOO_LARGE;
    }
    request_init(mem, signal, in, size);
    return run(mem, from, signal);
}

/* Protobuf begins with field 1 and a length, if there is anything; a JSON
 * object does with a brace, perhaps behind a line end, which looks the same. */
int32_t sonde_otlp_guess(sonde_otlp *mem, uint32_t *from, const uint8_t *in,
                         size_t size) {
    sonde_otlp_report report;
    sonde_otlp_limits limits = DEFAULTS;
    int32_t best = SONDE_BAD_INPUT;
    uint32_t least = UINT32_MAX;
    *from = SONDE_OTLP_PROTOBUF;
    limits.max_input = UINT32_MAX; /* the caller's matter */
    for (int32_t signal = 0; signal <= SONDE_OTLP_METRICS; signal++) {
        int32_t status =
            sonde_otlp_transcode(mem, &report, NULL, 0, SONDE_OTLP_PROTOBUF,
                                 signal, *from, in, size, &limits);
        if (status >= 0 && report.unknown < least) {
            best = signal;
            least = report.unknown;
        }
    }
    if (best >= 0)
        return best;
    *from = SONDE_OTLP_JSON;
    int32_t status =
        sonde_otlp_transcode(mem, &report, NULL, 0, SONDE_OTLP_PROTOBUF,
                             SONDE_OTLP_ANY, *from, in, size, &limits);
    return status < 0 ? status : report.signal;
}
