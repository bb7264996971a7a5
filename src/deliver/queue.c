/* Owns the records that wait: see queue.h. */
#include "deliver/queue.h"

uint32_t sonde_queue_size(uint32_t records, uint32_t bytes) {
    uint32_t blocks = bytes / SONDE_BLOCK;
    return blocks * (SONDE_BLOCK + (uint32_t)sizeof(uint32_t)) +
           records * (uint32_t)sizeof(sonde_entry);
}

void sonde_list_clear(sonde_list *list) {
    list->first = list->last = SONDE_NONE;
    list->count = 0;
}

void sonde_list_append(sonde_queue *q, sonde_list *list, uint32_t place) {
    q->entries[place].next = SONDE_NONE;
    if (list->first == SONDE_NONE)
        list->first = place;
    else
        q->entries[list->last].next = place;
    list->last = place;
    list->count++;
}

static uint32_t list_shift(sonde_queue *q, sonde_list *list) {
    uint32_t place = list->first;
    list->first = q->entries[place].next;
    if (list->first == SONDE_NONE)
        list->last = SONDE_NONE;
    list->count--;
    return place;
}

void sonde_queue_init(sonde_queue *q, uint8_t *mem, uint32_t records,
                      uint32_t bytes) {
    q->block_count = q->free_blocks = bytes / SONDE_BLOCK;
    q->blocks = mem;
    q->block_next = (uint32_t *)(void *)(mem + q->block_count * SONDE_BLOCK);
    q->entries = (sonde_entry *)(void *)(q->block_next + q->block_count);
    for (uint32_t i = 0; i < q->block_count; i++)
        q->block_next[i] = i + 1 < q->block_count ? i + 1 : SONDE_NONE;
    for (uint32_t i = 0; i < records; i++)
        q->entries[i].next = i + 1 < records ? i + 1 : SONDE_NONE;
    q->free_block = q->block_count > 0 ? 0 : SONDE_NONE;
    q->free_entry = records > 0 ? 0 : SONDE_NONE;
    q->seq = 0;
    q->bytes = 0;
    q->count = 0;
    for (uint32_t band = 0; band < SONDE_BANDS; band++)
        sonde_list_clear(&q->bands[band]);
    memset(q->band_blocks, 0, sizeof q->band_blocks);
}

static uint32_t blocks_for(uint32_t size) {
    return size == 0 ? 1 : (size + SONDE_BLOCK - 1) / SONDE_BLOCK;
}

/* Gives back the blocks and the place; it is in no list any more. */
static void release(sonde_queue *q, uint32_t place) {
    sonde_entry *entry = &q->entries[place];
    uint32_t last = entry->block;
    while (q->block_next[last] != SONDE_NONE)
        last = q->block_next[last];
    q->block_next[last] = q->free_block;
    q->free_block = entry->block;
    q->free_blocks += blocks_for(entry->size);
    entry->next = q->free_entry;
    q->free_entry = place;
}

/* Sequence numbers wrap; at most 2^31 records lie between any two held. */
static bool arrived_before(const sonde_queue *q, uint32_t a, uint32_t b) {
    return (int32_t)(q->entries[a].seq - q->entries[b].seq) < 0;
}

static void enter_band(sonde_queue *q, uint32_t band, uint32_t size) {
    q->count++;
    q->bytes += size;
    q->band_blocks[band] += blocks_for(size);
}

static uint32_t lowest_band(const sonde_queue *q) {
    uint32_t band = 0;
    while (band < SONDE_BANDS && q->bands[band].count == 0)
        band++;
    return band;
}

static void store(sonde_queue *q, sonde_entry *entry, const uint8_t *data,
                  uint32_t size) {
    uint32_t block = q->free_block, last = block;
    entry->block = block;
    entry->size = size;
    q->free_blocks -= blocks_for(size);
    for (;;) {
        uint32_t part = size < SONDE_BLOCK ? size : SONDE_BLOCK;
        sonde_copy(q->blocks + (size_t)block * SONDE_BLOCK, data, part);
        last = block;
        block = q->block_next[block];
        data += part;
        size -= part;
        if (size == 0)
            break;
    }
    q->free_block = block;
    q->block_next[last] = SONDE_NONE;
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
    uint32_t count = 0, room = q->free_blocks;
    for (uint32_t i = 0; i < evictable_bands(band); i++) {
        count += q->bands[i].count;
        room += q->band_blocks[i];
    }
    return room >= blocks && (count > 0 || q->free_entry != SONDE_NONE);
}

static void evict(sonde_queue *q, uint32_t band, uint64_t *evicted) {
    sonde_list list;
    sonde_list_clear(&list);
    sonde_queue_take(q, band, &list);
    sonde_queue_drop(q, &list);
    evicted[band]++;
}

bool sonde_queue_put(sonde_queue *q, const uint8_t *data, uint32_t size,
                     uint32_t scope, uint32_t band, uint32_t at,
                     uint64_t evicted[SONDE_LEDGER_COLUMNS]) {
    uint32_t blocks = blocks_for(size);
    if (!room_possible(q, blocks, band)) {
        evicted[band]++;
        return false;
    }
    while (q->free_entry == SONDE_NONE || q->free_blocks < blocks)
        evict(q, lowest_band(q), evicted);
    uint32_t place = q->free_entry;
    sonde_entry *entry = &q->entries[place];
    q->free_entry = entry->next;
    store(q, entry, data, size);
    entry->seq = q->seq++;
    entry->at = at;
    entry->scope = (uint16_t)scope;
    entry->band = (uint8_t)band;
    enter_band(q, band, size);
    sonde_list_append(q, &q->bands[band], place);
    return true;
}

uint32_t sonde_queue_oldest(const sonde_queue *q) {
    uint32_t oldest = SONDE_NONE;
    for (uint32_t band = 0; band < SONDE_BANDS; band++) {
        uint32_t first = q->bands[band].first;
        if (first != SONDE_NONE &&
            (oldest == SONDE_NONE || arrived_before(q, first, oldest)))
            oldest = first;
    }
    return oldest;
}

void sonde_queue_take(sonde_queue *q, uint32_t band, sonde_list *list) {
    uint32_t place = list_shift(q, &q->bands[band]);
    q->count--;
    q->bytes -= q->entries[place].size;
    q->band_blocks[band] -= blocks_for(q->entries[place].size);
    sonde_list_append(q, list, place);
}

/* `list` is in order of arrival, so the place of each record lies behind that
 * of the one before: one walk over each band is enough. */
void sonde_queue_return(sonde_queue *q, sonde_list *list) {
    uint32_t *links[SONDE_BANDS];
    for (uint32_t band = 0; band < SONDE_BANDS; band++)
        links[band] = &q->bands[band].first;
    while (list->count > 0) {
        uint32_t place = list_shift(q, list);
        sonde_entry *entry = &q->entries[place];
        uint32_t *link = links[entry->band];
        while (*link != SONDE_NONE && arrived_before(q, *link, place))
            link = &q->entries[*link].next;
        entry->next = *link;
        *link = place;
        if (entry->next == SONDE_NONE)
            q->bands[entry->band].last = place;
        q->bands[entry->band].count++;
        enter_band(q, entry->band, entry->size);
        links[entry->band] = &entry->next;
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
