/* The bounded, severity-aware store of encoded records.
 *
 * A record lies in a chain of 128-byte blocks, so that memory never
 * fragments; each severity band is a list in order of arrival, so that the
 * record to evict is found in constant time. */
#ifndef SONDE_QUEUE_H
#define SONDE_QUEUE_H

#include "core/bytes.h"
#include "otlp/severity.h"
#include "sonde.h"

enum { SONDE_BLOCK = 128 };

/* Places and blocks are numbered; lists of them end by their counts. */
#define SONDE_NONE UINT32_MAX

typedef struct {
    uint32_t next; /* in its list */
    uint32_t block;
    uint32_t size;
    uint32_t seq;   /* order of arrival; compare by difference */
    uint32_t at;    /* time of arrival, in milliseconds since the start */
    uint32_t items; /* what it counts for: data points, otherwise 1 */
    uint16_t scope;
    uint8_t band;
    bool leaves; /* chosen for the next request */
} sonde_entry;

typedef struct {
    uint32_t first;
    uint32_t last;
    uint32_t count; /* 0: `first` and `last` mean nothing */
    uint32_t items; /* the sum of its records' */
} sonde_list;

typedef struct {
    sonde_entry *entries;
    uint32_t *block_next;
    uint8_t *blocks;
    uint32_t block_count;
    uint32_t free_entry;
    uint32_t free_entries;
    uint32_t free_block;
    uint32_t free_blocks;
    uint32_t seq;
    uint32_t bytes; /* encoded bytes in the bands, without the batch */
    uint32_t count; /* records in the bands */
    uint32_t items; /* the sum of their items */
    uint32_t band_blocks[SONDE_BANDS];
    sonde_list bands[SONDE_BANDS];
} sonde_queue;

/* Memory for that many records and bytes, within the ranges of the options. */
uint32_t sonde_queue_size(uint32_t records, uint32_t bytes);

void sonde_queue_init(sonde_queue *q, uint8_t *mem, uint32_t records,
                      uint32_t bytes);

/* What the queue keeps of a record. */
typedef struct {
    const uint8_t *data;
    uint32_t size;
    uint32_t scope;
    uint32_t band;
    uint32_t items;
} sonde_item;

/* Puts a record, evicting as needed. Returns true if it was kept; the items
 * of every record that went, the newcomer included, are counted in
 * evicted[band]. */
bool sonde_queue_put(sonde_queue *q, const sonde_item *item, uint32_t at,
                     uint64_t evicted[SONDE_LEDGER_COLUMNS]);

/* The oldest record of all bands, or NONE. */
uint32_t sonde_queue_oldest(const sonde_queue *q);

/* Moves the oldest record of a band, which must not be empty, to the end of
 * `list`. */
void sonde_queue_take(sonde_queue *q, uint32_t band, sonde_list *list);

/* Moves all of `list` back to their bands, each where it came from. */
void sonde_queue_return(sonde_queue *q, sonde_list *list);

/* Frees the first record of `list`. */
void sonde_queue_drop(sonde_queue *q, sonde_list *list);

/* Frees the oldest record of a band, which must not be empty, and counts it
 * in evicted[band]. */
void sonde_queue_evict(sonde_queue *q, uint32_t band, uint64_t *evicted);

/* Writes the bytes of record `place`. */
void sonde_queue_read(const sonde_queue *q, uint32_t place, sonde_writer *w);

void sonde_list_clear(sonde_list *list);

#endif
