/* A bounded table of byte strings that are used again and again, each kept
 * once and known by a small number. */
#ifndef SONDE_INTERN_H
#define SONDE_INTERN_H

#include "core/bytes.h"

enum { SONDE_INTERN_MAX = 256 };

typedef struct {
    uint8_t *data;
    uint32_t size;
    uint32_t count;
    uint32_t most;                        /* entries, up to INTERN_MAX */
    uint32_t start[SONDE_INTERN_MAX + 1]; /* of entry i; the last: of none */
} sonde_intern;

void sonde_intern_init(sonde_intern *table, uint8_t *data, uint32_t size,
                       uint32_t most);

/* Id of the entry with these bytes, made if need be; or TABLE_FULL. */
SONDE_MUST_CHECK int32_t sonde_intern_put(sonde_intern *table,
                                          const uint8_t *bytes, uint32_t size);

static inline const uint8_t *sonde_intern_get(const sonde_intern *table,
                                              uint32_t id, uint32_t *size) {
    const uint32_t *start = table->start + id;
    *size = start[1] - start[0];
    return table->data + start[0];
}

#endif
