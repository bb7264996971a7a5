/* Owns the check of a request before anything is made of it, and the counts
 * that size the work memory. One loop walks the bytes by a table of messages
 * with a stack of those open, so that neither nesting nor order can surprise
 * the code that reads the fields afterwards. */
#include "metrics/prometheus.h"
#include "wasm/layout.h"

enum {
    REQUEST,
    RESOURCE_METRICS,
    SCOPE_METRICS,
    METRIC,
    GAUGE,
    SUM,
    HISTOGRAM,
    EXPONENTIAL,
    SUMMARY,
    NUMBER_POINT,
    HISTOGRAM_POINT,
    EXPONENTIAL_POINT,
    SUMMARY_POINT,
    BUCKETS,
    QUANTILE,
    EXEMPLAR,
    RESOURCE,
    SCOPE,
    KEY_VALUE,
    ANY_VALUE,
    ARRAY,
    KVLIST,
    MESSAGES
};

/* What a field must be: what is not in the table is unknown, and passed over.
 * MESSAGE of a kind; ONE, TWO: of the fields of a message that have this mark,
 * at most one may be there. */
enum {
    UNKNOWN,
    FIXED, /* 64 bits */
    BYTES,
    FIXEDS,  /* many of them, packed or not */
    VARINTS, /* likewise */
    VARINT,
    MESSAGE = 8,
    ONE = 0x1000,
    TWO = 0x2000
};
#define OF(message) (MESSAGE * (1 + (message)))

enum { NUMBERS = 16 };

static const uint16_t KINDS[MESSAGES][NUMBERS] = {
    [REQUEST] = {[1] = OF(RESOURCE_METRICS)},
    [RESOURCE_METRICS] = {[1] = OF(RESOURCE) | ONE,
                          [2] = OF(SCOPE_METRICS),
                          [3] = BYTES},
    [SCOPE_METRICS] = {[1] = OF(SCOPE) | ONE, [2] = OF(METRIC), [3] = BYTES},
    [METRIC] = {[1] = BYTES,
                [2] = BYTES,
                [3] = BYTES,
                [5] = OF(GAUGE) | ONE,
                [7] = OF(SUM) | ONE,
                [9] = OF(HISTOGRAM) | ONE,
                [10] = OF(EXPONENTIAL) | ONE,
                [11] = OF(SUMMARY) | ONE,
                [12] = OF(KEY_VALUE)},
    [GAUGE] = {[1] = OF(NUMBER_POINT)},
    [SUM] = {[1] = OF(NUMBER_POINT), [2] = VARINT, [3] = VARINT},
    [HISTOGRAM] = {[1] = OF(HISTOGRAM_POINT), [2] = VARINT},
    [EXPONENTIAL] = {[1] = OF(EXPONENTIAL_POINT), [2] = VARINT},
    [SUMMARY] = {[1] = OF(SUMMARY_POINT)},
    [NUMBER_POINT] = {[2] = FIXED,
                      [3] = FIXED,
                      [4] = FIXED,
                      [5] = OF(EXEMPLAR),
                      [6] = FIXED,
                      [7] = OF(KEY_VALUE),
                      [8] = VARINT},
    [HISTOGRAM_POINT] = {[2] = FIXED,
                         [3] = FIXED,
                         [4] = FIXED,
                         [5] = FIXED,
                         [6] = FIXEDS,
                         [7] = FIXEDS,
                         [8] = OF(EXEMPLAR),
                         [9] = OF(KEY_VALUE),
                         [10] = VARINT,
                         [11] = FIXED,
                         [12] = FIXED},
    [EXPONENTIAL_POINT] = {[1] = OF(KEY_VALUE),
                           [2] = FIXED,
                           [3] = FIXED,
                           [4] = FIXED,
                           [5] = FIXED,
                           [6] = VARINT,
                           [7] = FIXED,
                           [8] = OF(BUCKETS) | ONE,
                           [9] = OF(BUCKETS) | TWO,
                           [10] = VARINT,
                           [11] = OF(EXEMPLAR),
                           [12] = FIXED,
                           [13] = FIXED,
                           [14] = FIXED},
    [SUMMARY_POINT] = {[2] = FIXED,
                       [3] = FIXED,
                       [4] = FIXED,
                       [5] = FIXED,
                       [6] = OF(QUANTILE),
                       [7] = OF(KEY_VALUE),
                       [8] = VARINT},
    [BUCKETS] = {[1] = VARINT, [2] = VARINTS},
    [QUANTILE] = {[1] = FIXED, [2] = FIXED},
    [EXEMPLAR] = {[2] = FIXED,
                  [3] = FIXED,
                  [4] = BYTES,
                  [5] = BYTES,
                  [6] = FIXED,
                  [7] = OF(KEY_VALUE)},
    [RESOURCE] = {[1] = OF(KEY_VALUE)},
    [SCOPE] = {[1] = BYTES, [2] = BYTES, [3] = OF(KEY_VALUE)},
    [KEY_VALUE] = {[1] = BYTES, [2] = OF(ANY_VALUE) | ONE},
    [ANY_VALUE] = {[1] = BYTES | ONE,
                   [2] = VARINT | ONE,
                   [3] = VARINT | ONE,
                   [4] = FIXED | ONE,
                   [5] = OF(ARRAY) | ONE,
                   [6] = OF(KVLIST) | ONE,
                   [7] = BYTES | ONE},
    [ARRAY] = {[1] = OF(ANY_VALUE)},
    [KVLIST] = {[1] = OF(KEY_VALUE)},
};

/* Each array or map is at most three messages. */
enum { STACK = 3 * SONDE_MAX_DEPTH + 16 };

typedef struct {
    const uint8_t *end;
    uint16_t message;
    uint16_t done; /* ONE, TWO */
} frame;

typedef struct {
    sonde_prom_counts *counts;
    const uint8_t *p;
    uint32_t depth;  /* frames in use */
    uint32_t nested; /* arrays and maps among them */
    uint64_t labels, key_bytes, exemplars, name_bytes; /* so far, of one */
    frame frames[STACK];
} checker;

static void keep_most(uint64_t *most, uint64_t value) {
    if (*most < value)
        *most = value;
}

/* What holds attributes counts its own from here on. An exemplar of a point
 * is counted together with the point, which is more than either. */
static void count_start(checker *c, uint32_t message) {
    sonde_prom_counts *n = c->counts;
    switch (message) {
    case RESOURCE_METRICS:
        n->resources++;
        break;
    case SCOPE_METRICS:
        n->scopes++;
        break;
    case METRIC:
        n->metrics++;
        c->name_bytes = 0;
        break;
    case EXPONENTIAL:
        n->has_exponential = true;
        return;
    case EXEMPLAR:
        c->exemplars++;
        return;
    case KEY_VALUE:
        c->labels++;
        return;
    default:
        if (message != RESOURCE && message != SCOPE &&
            !(message >= NUMBER_POINT && message <= SUMMARY_POINT))
            return;
    }
    c->labels = c->key_bytes = c->exemplars = 0;
}

static void count_end(checker *c) {
    keep_most(&c->counts->labels, c->labels);
    keep_most(&c->counts->key_bytes, c->key_bytes);
    keep_most(&c->counts->exemplars, c->exemplars);
    keep_most(&c->counts->name_most, c->name_bytes);
}

static void count_bytes(checker *c, uint32_t message, const sonde_field *it) {
    if (message == METRIC && it->number != 2) {
        c->name_bytes += it->size;
        c->counts->name_bytes += it->size;
    } else if (message == KEY_VALUE) {
        c->key_bytes += it->size;
    }
}

static bool push(checker *c, uint32_t message, const sonde_field *it) {
    c->nested += message >= ARRAY; /* or KVLIST */
    if (c->nested > SONDE_MAX_DEPTH)
        return false;
    count_start(c, message);
    c->frames[c->depth++] = (frame){it->data + it->size, (uint16_t)message, 0};
    c->p = it->data;
    return true;
}

static bool are_varints(const uint8_t *p, size_t size) {
    const uint8_t *end = p + size;
    uint64_t value;
    while (p < end) {
        if (!sonde_varint_get(&p, end, &value))
            return false;
    }
    return true;
}

static bool fits(const sonde_field *it, uint32_t kind) {
    switch (kind) {
    case FIXED:
        return it->wire == SONDE_WIRE_64;
    case FIXEDS:
        return it->wire == SONDE_WIRE_64 ||
               (it->wire == SONDE_WIRE_BYTES && it->size % 8 == 0);
    case VARINTS:
        return it->wire == SONDE_WIRE_VARINT ||
               (it->wire == SONDE_WIRE_BYTES &&
                are_varints(it->data, it->size));
    case VARINT:
        return it->wire == SONDE_WIRE_VARINT;
    default:
        return it->wire == SONDE_WIRE_BYTES;
    }
}

static bool step(checker *c, frame *f) {
    sonde_field it;
    if (!sonde_field_next(&it, &c->p, f->end))
        return false;
    uint32_t kind = it.number < NUMBERS ? KINDS[f->message][it.number] : 0;
    if (kind == UNKNOWN)
        return true;
    uint32_t mark = kind & (ONE | TWO);
    kind &= ~(uint32_t)(ONE | TWO);
    if (!fits(&it, kind) || (f->done & mark))
        return false;
    f->done |= (uint16_t)mark;
    if (kind >= MESSAGE)
        return push(c, kind / MESSAGE - 1, &it);
    if (kind == BYTES)
        count_bytes(c, f->message, &it);
    return true;
}

bool sonde_prom_check(sonde_prom_counts *counts, const uint8_t *request,
                      size_t size) {
    checker c; /* frames above `depth` are never read */
    sonde_field whole = {.data = request, .size = size};
    *counts = (sonde_prom_counts){0};
    c.counts = counts;
    c.depth = c.nested = 0;
    c.labels = c.key_bytes = c.exemplars = c.name_bytes = 0;
    bool good = size <= INT32_MAX && push(&c, REQUEST, &whole);
    while (good && c.depth > 0) {
        frame *f = &c.frames[c.depth - 1];
        if (c.p < f->end) {
            good = step(&c, f);
            continue;
        }
        if (f->message < KEY_VALUE && f->message != BUCKETS)
            count_end(&c);
        c.nested -= f->message >= ARRAY;
        c.depth--;
    }
    return good;
}
