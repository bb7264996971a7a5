/* Numbers that both sides of the host boundary use. README.md explains them;
 * gen.c prints them for JavaScript. Lengths of regions are options. */
#ifndef SONDE_LAYOUT_H
#define SONDE_LAYOUT_H

/* X(name, value) */
#define SONDE_LAYOUT(X)                                                        \
    X(HEADER_WORDS, 16)                                                        \
    X(NODE_WORDS, 4)                                                           \
    X(HEADER_NODES, 0)                                                         \
    X(HEADER_TEXT, 1)                                                          \
    X(HEADER_FLAGS, 2)                                                         \
    X(HEADER_SEVERITY, 3)                                                      \
    X(HEADER_TIME, 4)                                                          \
    X(HEADER_OBSERVED, 6)                                                      \
    X(HEADER_SCOPE, 8)                                                         \
    X(HEADER_SEVERITY_TEXT, 9)                                                 \
    X(HEADER_EVENT_NAME, 10)                                                   \
    X(HEADER_TRACE_FLAGS, 11)                                                  \
    X(HEADER_DROPPED, 12)                                                      \
    X(HEADER_KIND, 3)                                                          \
    X(HEADER_START, 4)                                                         \
    X(HEADER_END, 6)                                                           \
    X(HEADER_NAME, 9)                                                          \
    X(HEADER_STATUS_MESSAGE, 10)                                               \
    X(HEADER_TRACE_STATE, 13)                                                  \
    X(HEADER_DROPPED_EVENTS, 14)                                               \
    X(HEADER_DROPPED_LINKS, 15)                                                \
    X(FLAG_BYTES, 1)                                                           \
    X(FLAG_SEVERITY_NAME, 4)                                                   \
    X(FLAG_NOW, 8)                                                             \
    X(FLAG_TRACE, 16)                                                          \
    X(FLAG_PARENT, 32)                                                         \
    X(STATUS_SHIFT, 8)                                                         \
    X(TYPE_NULL, 0)                                                            \
    X(TYPE_STRING, 1)                                                          \
    X(TYPE_BOOL, 2)                                                            \
    X(TYPE_INT, 3)                                                             \
    X(TYPE_DOUBLE, 4)                                                          \
    X(TYPE_BYTES, 5)                                                           \
    X(TYPE_ARRAY, 6)                                                           \
    X(TYPE_MAP, 7)                                                             \
    X(TYPE_INT64, 8)                                                           \
    X(TYPE_EVENT, 9)                                                           \
    X(TYPE_LINK, 10)                                                           \
    X(KEY_SHIFT, 8)                                                            \
    X(COUNT_SHIFT, 16)                                                         \
    X(MAX_DEPTH, 64)                                                           \
    X(MAX_NODES, 2048)                                                         \
    X(SIGNAL_LOGS, 0)                                                          \
    X(SIGNAL_TRACES, 1)                                                        \
    X(SIGNAL_METRICS, 2)                                                       \
    X(SIGNAL_COUNT, 3)                                                         \
    X(EMIT_QUEUED, 0)                                                          \
    X(EMIT_DUE, 1)                                                             \
    X(EMIT_DROPPED, 2)                                                         \
    X(ACTION_IDLE, 0)                                                          \
    X(ACTION_WAIT, 1)                                                          \
    X(ACTION_SEND, 2)                                                          \
    X(ACTION_COLLECT, 3)                                                       \
    X(STATUS_FAILED, 0)                                                        \
    X(STATUS_CANCELLED, -1)                                                    \
    X(STATE_OPEN, 0)                                                           \
    X(STATE_DISABLED, 1)                                                       \
    X(STATE_BREAKER, 2)                                                        \
    X(STATE_CLOSED, 3)

enum {
#define SONDE_LAYOUT_ENUM(name, value) SONDE_##name = (value),
    SONDE_LAYOUT(SONDE_LAYOUT_ENUM)
#undef SONDE_LAYOUT_ENUM
};

/* Why an accepted record was not delivered, in the order of the ledger. */
#define SONDE_DROPS(X)                                                         \
    X(QUEUE_FULL, queue_full) /* evicted, or the newcomer itself */            \
    X(TOO_LARGE, too_large)   /* alone over the request limit, or 413 */       \
    X(REJECTED, rejected)     /* final HTTP status */                          \
    X(PARTIAL, partial)       /* rejected by a partial success */              \
    X(RETRY_EXHAUSTED, retry_exhausted)                                        \
    X(CLOSED, closed) /* still held when abandoned */

enum {
#define SONDE_DROP_ENUM(upper, lower) SONDE_DROP_##upper,
    SONDE_DROPS(SONDE_DROP_ENUM)
#undef SONDE_DROP_ENUM
        SONDE_DROP_COUNT
};

#endif
