/* What the tests of OTLP requests share. */
#ifndef OTLP_H
#define OTLP_H

#include "check.h"
#include "sonde_otlp.h"

enum { JSON = SONDE_OTLP_JSON, PROTOBUF = SONDE_OTLP_PROTOBUF };

/* A workspace. */
sonde_otlp *otlp_memory(void);

/* Transcodes from memory that ends where the input ends; checks what sizing and
 * too little room give on the way. Returns what is to be freed. */
uint8_t *otlp_run(sonde_otlp_report *report, int32_t *status, uint32_t to,
                  int32_t signal, uint32_t from, const void *in, size_t size,
                  const sonde_otlp_limits *limits);

/* Number of a name, as "logs". */
int32_t otlp_signal(const char *name);

/* Requests around a part of them, and where a log record is. */
#define LOG(json)                                                              \
    "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[" json "]}]}]}"
#define BODY(json) LOG("{\"body\":" json "}")
#define POINT(json)                                                            \
    "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"histogram\":{"  \
    "\"dataPoints\":[" json "]}}]}]}]}"
#define BUCKETS(json)                                                          \
    "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{"                 \
    "\"exponentialHistogram\":{\"dataPoints\":[{\"positive\":" json            \
    "}]}}]}]}]}"

#define L "resourceLogs[0].scopeLogs[0].logRecords[0]"

#endif
