/* What the targets of OTLP requests share. */
#ifndef FUZZ_OTLP_H
#define FUZZ_OTLP_H

#include "fuzz.h"
#include "sonde_otlp.h"

/* The first byte tells limits: one of four is without any. */
static inline void fuzz_limits(sonde_otlp_limits *limits, uint8_t choice) {
    sonde_otlp_limits_init(limits);
    if (choice % 4 == 0)
        return;
    limits->max_records = choice >> 2 & 3;
    limits->max_attributes = choice >> 4 & 3;
    limits->max_events = limits->max_links = choice >> 6;
    limits->max_value = choice & 7;
}

/* Transcodes into memory of just the right size, or too little by a byte. The
 * caller frees it; NULL if the request was refused. */
static inline uint8_t *fuzz_otlp(sonde_otlp_report *report, int32_t *size,
                                 uint32_t to, int32_t signal, uint32_t from,
                                 const uint8_t *in, size_t in_size,
                                 const sonde_otlp_limits *limits) {
    static sonde_otlp *mem;
    if (mem == NULL)
        mem = malloc(sonde_otlp_size());
    PROMISE(mem != NULL);
    *size = sonde_otlp_transcode(mem, report, NULL, 0, to, signal, from, in,
                                 in_size, limits);
    PROMISE(strlen(report->path) < SONDE_OTLP_PATH);
    PROMISE((*size < 0) == (report->what[0] != '\0'));
    PROMISE(report->offset <= in_size);
    if (*size < 0)
        return NULL;
    size_t room = (size_t)*size + SONDE_OTLP_SLACK;
    uint8_t *out = malloc(room);
    PROMISE(out != NULL);
    PROMISE(sonde_otlp_transcode(mem, report, out, room, to, signal, from, in,
                                 in_size, limits) == *size);
    if (*size > 0) {
        uint8_t *small = malloc((size_t)*size);
        PROMISE(small != NULL);
        PROMISE(sonde_otlp_transcode(mem, report, small, (size_t)*size - 1, to,
                                     signal, from, in, in_size,
                                     limits) == SONDE_NO_SPACE);
        free(small);
    }
    return out;
}

/* What we have written reads back, in both encodings, as itself. Counts of what
 * was dropped go behind what they count, wherever that was, so the first
 * reading may change the order. */
static inline void fuzz_otlp_stable(uint32_t encoding, int32_t signal,
                                    const uint8_t *first, int32_t size) {
    sonde_otlp_report report;
    int32_t again, other;
    uint8_t *second = fuzz_otlp(&report, &again, encoding, signal, encoding,
                                first, (size_t)size, NULL);
    PROMISE(second != NULL && again == size);
    PROMISE(report.unknown == 0 && report.cut_values == 0);
    uint8_t *third = fuzz_otlp(&report, &again, encoding, signal, encoding,
                               second, (size_t)size, NULL);
    PROMISE(third != NULL && again == size &&
            memcmp(third, second, (size_t)size) == 0);
    uint8_t *crossed = fuzz_otlp(&report, &other, !encoding, signal, encoding,
                                 first, (size_t)size, NULL);
    PROMISE(crossed != NULL);
    if (encoding == SONDE_OTLP_JSON)
        PROMISE(fuzz_is_utf8(first, (size_t)size));
    free(crossed);
    free(third);
    free(second);
}

#endif
