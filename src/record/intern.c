/* Owns the intern table. A linear search is enough: hosts remember ids, so
 * each text comes here about once. */
#include "record/intern.h"
#include "sonde.h"

void sonde_intern_init(sonde_intern *table, uint8_t *data, uint32_t size,
                       uint32_t most) {
    table->data = data;
    table->size = size;
    table->count = 0;
    table->most = most;
    table->start[0] = 0;
}

int32_t sonde_intern_put(sonde_intern *table, const uint8_t *bytes,
                         uint32_t size) {
    for (uint32_t id = 0; id < table->count; id++) {
        uint32_t have;
        const uint8_t *entry = sonde_intern_get(table, id, &have);
        if (have == size && memcmp(entry, bytes, size) == 0)
            return (int32_t)id;
    }
    uint32_t *start = table->start + table->count;
    if (table->count == table->most || size > table->size - *start)
        return SONDE_TABLE_FULL;
    memcpy(table->data + *start, bytes, size);
    start[1] = *start + size;
    return (int32_t)table->count++;
}
