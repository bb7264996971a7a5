/* What the parts of the Prometheus writer know of each other.
 *
 *   prometheus_check   the request is protobuf of the right shape; its counts
 *   prometheus_index   metrics by family, in work memory
 *   prometheus_name    names, units, label keys
 *   prometheus_label   labels of a series, as text
 *   prometheus_value   attribute values as text, escapes
 *   prometheus_number  numbers as Go spells them
 *   prometheus_line    lines of samples, exemplars
 *   prometheus_point   samples of data points
 *   prometheus_histogram  those of histograms
 *   prometheus         the whole text, family by family */
#ifndef SONDE_METRICS_PROMETHEUS_H
#define SONDE_METRICS_PROMETHEUS_H

#include "core/wire.h"
#include "sonde_prometheus.h"

typedef struct {
    const uint8_t *data;
    size_t size;
} sonde_slice;

#define SLICE(literal)                                                         \
    ((sonde_slice){(const uint8_t *)(literal), sizeof(literal) - 1})

static inline bool sonde_slice_is(sonde_slice a, sonde_slice b) {
    return a.size == b.size &&
           (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* Less than, equal to or more than 0, as memcmp; a prefix comes first. */
int sonde_slice_compare(sonde_slice a, sonde_slice b);

static inline bool sonde_slice_ends(sonde_slice a, sonde_slice end) {
    return a.size >= end.size &&
           sonde_slice_is((sonde_slice){a.data + (a.size - end.size), end.size},
                          end);
}

/* ---- Fields of the protocol -------------------------------------------- */

enum { /* of Metric: the kinds of data */
       SONDE_METRIC_GAUGE = 5,
       SONDE_METRIC_SUM = 7,
       SONDE_METRIC_HISTOGRAM = 9,
       SONDE_METRIC_EXPONENTIAL = 10,
       SONDE_METRIC_SUMMARY = 11
};

/* ---- Check ------------------------------------------------------------- */

/* What of everything there is in a request, for the size of work memory. */
typedef struct {
    uint64_t metrics;
    uint64_t name_bytes; /* of all names and units */
    uint64_t name_most;  /* of one name with its unit */
    uint64_t scopes;
    uint64_t resources;
    uint64_t labels;    /* in the longest list of attributes */
    uint64_t key_bytes; /* of the keys in the longest */
    uint64_t exemplars; /* of one point, at most */
    bool has_exponential;
} sonde_prom_counts;

SONDE_MUST_CHECK bool sonde_prom_check(sonde_prom_counts *counts,
                                       const uint8_t *request, size_t size);

/* ---- Names ------------------------------------------------------------- */

typedef enum {
    SONDE_PROM_GAUGE,
    SONDE_PROM_COUNTER,
    SONDE_PROM_HISTOGRAM,
    SONDE_PROM_SUMMARY,
    SONDE_PROM_UNKNOWN
} sonde_prom_type;

/* How many times longer a name may become, after so many bytes were added. */
uint32_t sonde_prom_name_factor(const sonde_prometheus_options *options);
enum { SONDE_PROM_NAME_MORE = 64 };

/* Writes the name of a metric as it goes out, with all suffixes. `draft` has
 * room for three times both texts and SONDE_PROM_NAME_MORE. */
void sonde_prom_name_put(sonde_writer *w, const sonde_prometheus_options *o,
                         sonde_slice name, sonde_slice unit,
                         sonde_prom_type type, uint8_t *draft);

/* The unit in words, "bytes_per_second", without a draft of its own. */
void sonde_prom_unit_put(sonde_writer *w, sonde_slice unit,
                         sonde_prom_type type, bool escape);

/* Writes the key of a label as it goes out; `draft` as above. */
void sonde_prom_key_put(sonde_writer *w, const sonde_prometheus_options *o,
                        sonde_slice key, uint8_t *draft);

/* True if the name may stand without quotes; a label's has no colon. */
bool sonde_prom_is_plain(sonde_slice name, bool label);

/* ---- Values ------------------------------------------------------------ */

/* Text inside quotes: backslash, quote and line end escaped. */
void sonde_prom_text_put(sonde_writer *w, sonde_slice text);

/* The same of HELP, where quotes are escaped only by OpenMetrics. */
void sonde_prom_help_put(sonde_writer *w, sonde_slice text, bool quotes);

/* An AnyValue as the specification writes it where all is text. */
void sonde_prom_value_put(sonde_writer *w, sonde_slice value);

/* The text of an AnyValue that is a string; empty otherwise. */
sonde_slice sonde_prom_string(sonde_slice value);

/* ---- Numbers ----------------------------------------------------------- */

/* The shortest decimal as Go's %g lays it out: 0.005, 1e+06, +Inf, NaN; with
 * `point`, 1 is 1.0. */
void sonde_prom_double_put(sonde_writer *w, double value, bool point);

/* Nanoseconds as seconds: 1.5 */
void sonde_prom_time_put(sonde_writer *w, uint64_t nanoseconds);

/* ---- Sorting ----------------------------------------------------------- */

/* Sorts numbers by heap: no recursion, no memory, never quadratic. */
void sonde_prom_sort(uint32_t *numbers, uint32_t count,
                     bool (*before)(const void *of, uint32_t a, uint32_t b),
                     const void *of);

/* ---- Labels ------------------------------------------------------------ */

typedef struct {
    sonde_slice source; /* the key before its translation */
    sonde_slice key;    /* and after, in `keys` */
    sonde_slice space;  /* stands before the value with a "/", unless empty */
    sonde_slice value;
    bool is_text; /* or else an AnyValue */
} sonde_prom_label;

/* The labels of one series; room for as many as the counts say. */
typedef struct {
    const sonde_prometheus_options *options;
    sonde_prom_label *items;
    uint32_t *order;
    uint32_t count;
    uint32_t room;
    uint8_t *keys; /* texts of the keys */
    size_t keys_size;
    size_t keys_used;
    uint8_t *draft;
    sonde_slice reserved; /* a key that the series has for itself */
} sonde_prom_labels;

void sonde_prom_labels_start(sonde_prom_labels *l, sonde_slice reserved);

/* Takes a label whose value is text; an empty one is none. */
void sonde_prom_labels_text(sonde_prom_labels *l, sonde_slice key,
                            sonde_slice value);

/* Takes the attributes that are field `number` of a message. */
void sonde_prom_labels_take(sonde_prom_labels *l, sonde_slice message,
                            uint32_t number);

/* The same of a scope, whose keys get a prefix. */
void sonde_prom_labels_scope(sonde_prom_labels *l, sonde_slice scope);

/* Sorts and writes a="x",b="y"; returns how many these are. */
uint32_t sonde_prom_labels_put(sonde_writer *w, sonde_prom_labels *l);

/* ---- Index ------------------------------------------------------------- */

typedef struct {
    sonde_slice attributes; /* the Resource */
    sonde_slice space;      /* service.namespace */
    sonde_slice service;
    sonde_slice instance;
} sonde_prom_resource;

typedef struct {
    sonde_slice scope; /* the InstrumentationScope */
    sonde_slice schema_url;
    uint32_t resource;
} sonde_prom_scope;

typedef struct {
    sonde_slice metric;
    sonde_slice name;   /* as it goes out, with _total */
    sonde_slice family; /* as TYPE has it */
    uint32_t scope;
    sonde_prom_type type;
    bool is_left_out;
} sonde_prom_entry;

typedef struct {
    sonde_slice name;
    sonde_slice description;
    sonde_slice unit;
    sonde_slice data;
    uint32_t kind; /* SONDE_METRIC_…, or 0 */
    bool is_unknown;
} sonde_prom_metric;

void sonde_prom_metric_get(sonde_prom_metric *m, sonde_slice metric);

typedef struct {
    double value;
    uint64_t time;
    sonde_slice exemplar;
} sonde_prom_exemplar;

/* All that a call works with. */
typedef struct {
    sonde_writer w;
    sonde_prometheus_options options;
    sonde_prometheus_stats stats;
    bool is_openmetrics;
    bool has_job;
    uint64_t scope_bytes; /* that may still be read */

    /* work memory */
    sonde_prom_entry *entries;
    uint32_t *order; /* of the entries: by family */
    uint32_t entry_count;
    sonde_prom_scope *scopes;
    uint32_t scope_count;
    sonde_prom_resource *resources;
    uint32_t *resource_order;
    uint32_t resource_count;
    uint8_t *names;
    size_t names_size;
    size_t names_used;
    uint8_t *draft;
    sonde_prom_labels labels;
    sonde_prom_exemplar *exemplars;
    uint32_t *exemplar_order;
    uint32_t exemplar_count;
    uint32_t exemplar_room;
    uint64_t *folded; /* counts by power of two: prometheus_point.c */

    /* the point that is being written */
    const sonde_prom_entry *entry;
    bool is_plain; /* its name */
    bool has_labels;
    bool is_written;  /* its labels are in the text, */
    size_t labels_at; /* here */
    size_t labels_size;
} sonde_prom;

/* Finds all metrics and sorts them by family. */
void sonde_prom_index(sonde_prom *p, const uint8_t *request, size_t size);

/* True if the two resources have the same job and instance. */
bool sonde_prom_same_target(const sonde_prom *p, uint32_t a, uint32_t b);

/* Takes the labels job and instance of a resource. */
void sonde_prom_job_take(sonde_prom *p, const sonde_prom_resource *of);

/* ---- Points ------------------------------------------------------------ */

/* Counts by power of two: 2^-1074 ... 2^1023, and what is above. */
enum { SONDE_PROM_LEAST = -1074, SONDE_PROM_MOST = 1024 };
enum { SONDE_PROM_FOLDED = SONDE_PROM_MOST - SONDE_PROM_LEAST + 1 };

/* Writes the samples of all points of a metric. */
void sonde_prom_points_put(sonde_prom *p, const sonde_prom_entry *entry);

/* Reads a metric's temporality and whether a sum is monotonic. */
void sonde_prom_data_get(sonde_slice data, uint64_t *temporality,
                         bool *is_monotonic);

/* True if a point of this kind of metric was not recorded. */
bool sonde_prom_is_unrecorded(sonde_slice point, uint32_t kind);

/* Writes the start of a sample's line, up to the value. `extra` is a label of
 * the sample's own, with a number as its value, or has no key. */
void sonde_prom_line_start(sonde_prom *p, sonde_slice name, const char *suffix,
                           sonde_slice extra, double number);
void sonde_prom_line_end(sonde_prom *p);

/* Writes the sample _created where the format has it. */
void sonde_prom_created_put(sonde_prom *p, uint64_t start);

/* Writes labels that are only this series's own. */
void sonde_prom_series_start(sonde_prom *p, sonde_slice point,
                             uint32_t attributes, sonde_slice reserved);

/* Reads the exemplars of a point, field `number`, sorted by value. */
void sonde_prom_exemplars_take(sonde_prom *p, sonde_slice point,
                               uint32_t number);

/* Writes behind a sample the latest exemplar of those with a value above
 * `from` and up to `to`, if there is one. */
void sonde_prom_exemplar_put(sonde_prom *p, double from, double to);

/* Writes the buckets, sum and count of a histogram's point. */
void sonde_prom_histogram_put(sonde_prom *p, sonde_slice point);
void sonde_prom_exponential_put(sonde_prom *p, sonde_slice point);

#endif
