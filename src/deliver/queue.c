/* Owns the records that wait: see queue.h. */
#include "deliver/queue.h"

uint32_t sonde_queue_size(uint32_t records, uint32_t bytes) {
    uint32_t blocks = bytes / SONDE_BLOCK;
    uint32_t size = blocks * (SONDE_BLOCK + (uint32_t)sizeof(uint32_t)) +
                    records * (uint32_t)sizeof(sonde_entry);
    return (size + 15) & ~15u; /* for what lies behind it */
}

void sonde_list_clear(sonde_list *list) { *list = (sonde_list){0}; }

static uint32_t list_shift(sonde_queue *q, sonde_list *list) {
    uint32_t place = list->first;
    list->first = q->entries[place].next;
    list->items -= q->entries[place].items;
    list->count--;
    return place;
}

static void list_append(sonde_queue *q, sonde_list *list, uint32_t place) {
    if (list->count++ == 0)
        list->first = place;
    else
        q->entries[list->last].next = place;
    list->last = place;
    list->items += q->entries[place].items;
}

void sonde_queue_init(sonde_queue *q, uint8_t *mem, uint32_t records,
                      uint32_t bytes) {
    memset(q, 0, sizeof *q);
    q->block_count = q->free_blocks = bytes / SONDE_BLOCK;
    q->free_entries = records;
    q->blocks = mem;
    q->block_next = (uint32_t *)(void *)(mem + q->block_count * SONDE_BLOCK);
    q->entries = (sonde_entry *)(void *)(q->block_next + q->block_count);
    for (uint32_t i = 0; i < q->block_count; i++)
        q->block_next[i] = i + 1;
    for (uint32_t i = 0; i < records; i++)
        q->entries[i].next = i + 1;
}

static uint32_t blocks_for(uint32_t size) {
    return size == 0 ? 1 : (size + SONDE_BLOCK - 1) / SONDE_BLOCK;
}

/* Gives back the blocks and the place; it is in no list any more. */
static void release(sonde_queue *q, uint32_t place) {
    sonde_entry *entry = &q->entries[place];
    uint32_t blocks = blocks_for(entry->size), last = entry->block;
    for (uint32_t i = 1; i < blocks; i++)
        last = q->block_next[last];
    q->block_next[last] = q->free_block;
    q->free_block = entry->block;
    q->free_blocks += blocks;
    entry->next = q->free_entry;
    q->free_entry = place;
    q->free_entries++;
}

/* Sequence numbers wrap; at most 2^31 records lie between any two held. */
static bool arrived_before(const sonde_queue *q, uint32_t a, uint32_t b) {
    return (int32_t)(q->entries[a].seq - q->entries[b].seq) < 0;
}

/* A record comes into its band, or goes: `sign` is 1 or -1. */
static void account(sonde_queue *q, const sonde_entry *entry, int32_t sign) {
    q->count += (uint32_t)sign;
    q->items += (uint32_t)sign * entry->items;
    q->bytes += (uint32_t)sign * entry->size;
    q->band_blocks[entry->band] += (uint32_t)sign * blocks_for(entry->size);
}

static uint32_t lowest_band(const sonde_queue *q) {
    uint32_t band = 0;
    while (band < SONDE_BANDS && q->bands[band].count == 0)
        band++;
    return band;
}

static void store(sonde_queue *q, sonde_entry *entry, const uint8_t *data,
                  uint32_t size) {
    uint32_t block = q->free_block;
    entry->block = block;
    entry->size = size;
    for (uint32_t left = blocks_for(size); left > 0; left--) {
        uint32_t part = size < SONDE_BLOCK ? size : SONDE_BLOCK;
        sonde_copy(q->blocks + (size_t)block * SONDE_BLOCK, data, part);
        block = q->block_next[block];
        data += part;
        size -= part;
        q->free_blocks--;
    }
    q->free_block = block;
}

/* Which bands may go for a newcomer of `band`: those below it, and its own
 * only if it is ERROR or FATAL, where the newer of two equals tells more. The
 * batch under way is in no band and is never evicted. */
static uint32_t evictable_bands(uint32_t band) {
    return band >= SONDE_BAND_ERROR ? band + 1 : band;
}

/* Asked before anything is evicted, so that nothing goes in vain. */
static bool room_possible(const sonde_queue *q, uint32_t blocks,
                          uint32_t band) {
    uint32_t count = q->free_entries, room = q->free_blocks;
    for (uint32_t i = 0; i < evictable_bands(band); i++) {
        count += q->bands[i].count;
        room += q->band_blocks[i];
    }
    return room >= blocks && count > 0;
}

void sonde_queue_evict(sonde_queue *q, uint32_t band, uint64_t *evicted) {
    sonde_list list;
    sonde_list_clear(&list);
    sonde_queue_take(q, band, &list);
    evicted[band] += list.items;
    sonde_queue_drop(q, &list);
}

bool sonde_queue_put(sonde_queue *q, const sonde_item *item, uint32_t at,
                     uint64_t evicted[SONDE_LEDGER_COLUMNS]) {
    uint32_t blocks = blocks_for(item->size), band = item->band;
    if (!room_possible(q, blocks, band)) {
        evicted[band] += item->items;
        return false;
    }
    while (q->free_entries == 0 || q->free_blocks < blocks)
        sonde_queue_evict(q, lowest_band(q), evicted);
    uint32_t place = q->free_entry;
    sonde_entry *entry = &q->entries[place];
    q->free_entry = entry->next;
    q->free_entries--;
    store(q, entry, item->data, item->size);
    entry->seq = q->seq++;
    entry->at = at;
    entry->items = item->items;
    entry->scope = (uint16_t)item->scope;
    entry->band = (uint8_t)band;
    account(q, entry, 1);
    list_append(q, &q->bands[band], place);
    return true;
}

uint32_t sonde_queue_oldest(const sonde_queue *q) {
    uint32_t oldest = SONDE_NONE;
    for (uint32_t band = 0; band < SONDE_BANDS; band++) {
        const sonde_list *list = &q->bands[band];
        if (list->count > 0 &&
            (oldest == SONDE_NONE || arrived_before(q, list->first, oldest)))
            oldest = list->first;
    }
    return oldest;
}

void sonde_queue_take(sonde_queue *q, uint32_t band, sonde_list *list) {
    uint32_t place = list_shift(q, &q->bands[band]);
    account(q, &q->entries[place], -1);
    list_append(q, list, place);
}

/* Both `list` and the bands are in order of arrival: they are merged. */
void sonde_queue_return(sonde_queue *q, sonde_list *list) {
    sonde_list stayed[SONDE_BANDS];
    memcpy(stayed, q->bands, sizeof stayed);
    memset(q->bands, 0, sizeof q->bands);
    while (list->count > 0) {
        const sonde_entry *entry = &q->entries[list->first];
        sonde_list *from = &stayed[entry->band];
        if (from->count == 0 || !arrived_before(q, from->first, list->first)) {
            from = list;
            account(q, entry, 1);
        }
        list_append(q, &q->bands[entry->band], list_shift(q, from));
    }
    for (uint32_t band = 0; band < SONDE_BANDS; band++) {
        while (stayed[band].count > 0)
            list_append(q, &q->bands[band], list_shift(q, &stayed[band]));
    }
}

void sonde_queue_drop(sonde_queue *q, sonde_list *list) {
    release(q, list_shift(q, list));
}

void sonde_queue_read(const sonde_queue *q, uint32_t place, sonde_writer *w) {
    uint32_t left = q->entries[place].size, block = q->entries[place].block;
    while (left > 0) {
        uint32_t part = left < SONDE_BLOCK ? left : SONDE_BLOCK;
        sonde_writer_put(w, q->blocks + (size_t)block * SONDE_BLOCK, part);
        block = q->block_next[block];
        left -= part;
    }
}
