/* OTLP requests that others have made: checked, limited, counted, and written
 * anew in either encoding. All three signals; the rules of sonde.h hold here,
 * too. Not part of the web module.
 *
 * The input may come from anywhere. It is read once (protobuf: each level once
 * more, for its fields may come in any order), without recursion, in memory
 * that the caller gives. What is accepted is what the specification says
 * receivers accept:
 *
 * BOTH: unknown fields are ignored and counted. Trace ids have 16 bytes, span
 * ids 8, or they are empty. Arrays and maps nest at most 64 deep.
 *
 * JSON is RFC 8259 without a byte order mark. Names are in lowerCamelCase only;
 * one that comes twice in an object is an error, and so are two values of a
 * oneof. null leaves a field unset. Ids are hexadecimal digits of either case.
 * Enumerations are whole numbers: names, which senders must not use, are
 * refused. Whole numbers of any width are numbers or strings, with a fraction
 * or an exponent if the value is whole: 1e3 is 1000. Doubles are numbers,
 * strings with a number, or "NaN", "Infinity", "-Infinity"; they are rounded
 * correctly, and what would be infinite is refused. Bytes are base64 of either
 * alphabet, padded or not. A lone surrogate becomes U+FFFD.
 *
 * PROTOBUF: fields in any order, repeated ones apart, packed or not; the last
 * of several values counts, and messages that come in pieces are put together.
 * Groups, wrong wire types, varints over 64 bits, lengths beyond the end and
 * text that is not UTF-8 are errors.
 *
 * What is written: zeros and empty values only where presence means something;
 * in protobuf the shortest lengths, packed; in JSON no space, whole numbers of
 * 64 bits in quotes, lower-case ids, padded base64 of the standard alphabet.
 * Fields keep their order (from protobuf, that of their numbers), but counts of
 * what was dropped stand behind what they count. */
#ifndef SONDE_OTLP_H
#define SONDE_OTLP_H

#include "sonde.h"

enum { SONDE_OTLP_PROTOBUF, SONDE_OTLP_JSON };
enum {
    SONDE_OTLP_ANY = -1,
    SONDE_OTLP_LOGS,
    SONDE_OTLP_TRACES,
    SONDE_OTLP_METRICS
};

/* A field for each line of otlp_limits.def. */
typedef struct {
#define SONDE_OTLP_LIMIT(name, value, least, most, unit, text) uint32_t name;
#include "otlp_limits.def"
#undef SONDE_OTLP_LIMIT
} sonde_otlp_limits;

/* Ids of the limits: SONDE_OTLP_LIMIT_max_input, ... */
enum {
#define SONDE_OTLP_LIMIT(name, value, least, most, unit, text)                 \
    SONDE_OTLP_LIMIT_##name,
#include "otlp_limits.def"
#undef SONDE_OTLP_LIMIT
    SONDE_OTLP_LIMIT_COUNT
};

/* Sets all limits to their defaults. */
void sonde_otlp_limits_init(sonde_otlp_limits *limits);

/* Sets limit `id`. BAD_OPTION if there is none such, or `value` is not a whole
 * number in its range; nothing has changed then. */
SONDE_CHECKED int32_t sonde_otlp_limits_put(sonde_otlp_limits *limits,
                                            uint32_t id, double value);

/* SLACK: bytes beyond its result that protobuf may take while it is written,
 * for lengths stand in front of what they tell. */
enum { SONDE_OTLP_PATH = 160, SONDE_OTLP_SLACK = 1024 };

/* What a request holds, or what is wrong with it. */
typedef struct {
    int32_t signal; /* SONDE_OTLP_...; ANY: an object of JSON that is empty */
    uint32_t resources; /* written; as are the next three */
    uint32_t scopes;
    uint32_t metrics;
    uint32_t records;         /* log records, spans, data points */
    uint32_t unknown;         /* fields ignored */
    uint32_t dropped_records; /* by limits; as are the next four */
    uint32_t dropped_attributes;
    uint32_t dropped_events;
    uint32_t dropped_links;
    uint32_t cut_values;
    uint32_t offset;  /* where it is wrong, in bytes */
    const char *what; /* what is wrong, a constant; "" if nothing is */
    char path[SONDE_OTLP_PATH]; /* where, as resourceLogs[0].scopeLogs[2].scope;
                                 * zero-terminated; of a long one the end */
} sonde_otlp_report;

typedef struct sonde_otlp sonde_otlp;

/* Bytes of memory that the calls below work in, for any input; its alignment
 * is 8, and what is in it before and after does not matter. */
size_t sonde_otlp_size(void);

/* Reads a request of `signal` (JSON tells it itself: ANY) in encoding `from`
 * and writes it to `out` in encoding `to`, which may be the same. Returns how
 * many bytes that took. With `out` NULL nothing is written: the request is
 * checked and counted, and the size is what it would take. `out` and `in` must
 * not overlap.
 *
 * BAD_INPUT and TOO_DEEP: see the report; TOO_LARGE: over max_input; NO_SPACE:
 * `out` is too small: give the size that the check tells and SONDE_OTLP_SLACK
 * (JSON becomes less in protobuf, lists of small numbers excepted; protobuf
 * becomes about twice or three times as much in JSON); BAD_ARGUMENT: signal or
 * encodings. `out` is undefined then. `limits` may be NULL: the defaults. */
SONDE_CHECKED int32_t sonde_otlp_transcode(
    sonde_otlp *mem, sonde_otlp_report *report, uint8_t *out, size_t out_size,
    uint32_t to, int32_t signal, uint32_t from, const uint8_t *in, size_t size,
    const sonde_otlp_limits *limits);

/* Which signal and encoding a request is likely in; for people at a terminal,
 * as HTTP requests tell both. *from is set to the encoding. Protobuf of which
 * several signals could be made is that with the fewest unknown fields.
 * Returns the signal, ANY too; BAD_INPUT if it is none of them. */
SONDE_CHECKED int32_t sonde_otlp_guess(sonde_otlp *mem, uint32_t *from,
                                       const uint8_t *in, size_t size);

#endif
