/* What the readers and the writer of requests share: see sonde_otlp.h. */
#ifndef SONDE_REQUEST_H
#define SONDE_REQUEST_H

#include "core/bytes.h"
#include "otlp/fields.h"
#include "sonde_otlp.h"
#include "wasm/layout.h"

/* As in transcode.c; the deepest field of metrics is nine messages deep. */
enum { SONDE_REQUEST_STACK = 3 * SONDE_MAX_DEPTH + 10 };

enum { SONDE_REQUEST_NUMBERS = 17 }; /* field numbers are 1 ... 16 */

/* Where reading protobuf is among a message's fields. A message that comes in
 * pieces is read through the message around it, which may itself come in
 * pieces (a body or value that is an array or map); what is around that is
 * repeated, and whole. */
typedef struct {
    const uint8_t *p[3];
    const uint8_t *end[3];
    uint32_t level;
    uint32_t top; /* level of the message itself */
} sonde_request_cursor;

/* An open message. */
typedef struct {
    uint8_t message;
    uint8_t number; /* its field in the message around it */
    bool single;    /* which is not repeated */
    bool cut;       /* texts in it are attributes: max_value counts */
    bool some;      /* JSON: something was written into it */
    uint8_t oneof;  /* number of the oneof's field that was seen; 0: none */
    uint8_t many;   /* number of the repeated field under way; 0: none */
    bool open;      /* JSON: its bracket was written */
    bool started;   /* reading JSON: there was a member */
    bool element;   /* and an element */
    uint8_t hint;   /* and the number of the last field */
    uint32_t seen;  /* bit n: field n is there */
    uint32_t count; /* elements of the repeated field so far */
    uint32_t place; /* its own among its siblings */
    size_t start;   /* protobuf: of what was written into it */
    uint32_t room;  /* protobuf: bytes in front of that for its length */
    uint32_t dropped[3];

    /* Protobuf: the piece it is, or all of field `number` from `first` to
     * `last` in the message around it (`pieces`). */
    const uint8_t *data;
    const uint8_t *end;
    bool pieces;
    sonde_request_cursor cursor;
    const uint8_t *first[SONDE_REQUEST_NUMBERS]; /* of each field, its tag */
    const uint8_t *last[SONDE_REQUEST_NUMBERS];
} sonde_request_frame;

typedef struct sonde_otlp {
    const uint8_t *in;
    const uint8_t *end;
    sonde_writer w;
    bool json;                          /* what is written */
    uint8_t rooms[SONDE_MESSAGE_COUNT]; /* bytes that the last length took */
    const sonde_otlp_limits *limits;
    sonde_otlp_report *report;
    const sonde_field_info *at; /* the field being read, NULL: none */
    int32_t status;             /* the first thing that is wrong */
    uint32_t depth;
    uint32_t nested; /* arrays and maps among the frames */
    sonde_request_frame frames[SONDE_REQUEST_STACK];
} sonde_request;

/* ---- Common to the readers (request.c) ---------------------------------- */

static inline sonde_request_frame *sonde_request_top(sonde_request *r) {
    return &r->frames[r->depth - 1];
}

/* How many a limit, or whoever made the request, left out: `field` is one of
 * kind DROPPED, of which spans have three, with numbers 10, 12 and 14. */
static inline uint32_t *sonde_request_dropped(sonde_request_frame *f,
                                              const sonde_field_info *field) {
    bool span = f->message == SONDE_MESSAGE_SPAN;
    return &f->dropped[span ? field->number / 2 - 5 : 0];
}

/* Of counts, which stay at their most. */
static inline uint32_t sonde_request_sum(uint64_t a, uint32_t b) {
    return a + b > UINT32_MAX ? UINT32_MAX : (uint32_t)(a + b);
}

/* Opens a message of field `field` of the top one; its data is the reader's
 * matter. NULL after an error: too deep. */
sonde_request_frame *sonde_request_open(sonde_request *r,
                                        const sonde_field_info *field,
                                        const uint8_t *p);

/* Closes the top message. */
void sonde_request_close(sonde_request *r);

/* Whether a limit leaves out the next element of `field`, which is counted. */
bool sonde_request_full(sonde_request *r, sonde_request_frame *f,
                        const sonde_field_info *field);

/* Notes what is wrong at `p`, once. */
void sonde_request_fail(sonde_request *r, int32_t status, const uint8_t *p,
                        const char *what);

/* ---- The readers -------------------------------------------------------- */

/* Both return early if r->status or r->w.status is an error. The first message
 * is open; with `any`, the first known name tells which one it is. */
void sonde_request_json(sonde_request *r, bool any);
void sonde_request_protobuf(sonde_request *r);

/* The wire type of a field, of one element if it is packed. */
uint32_t sonde_request_wire(const sonde_field_info *field);

/* ---- The writer (request_write.c) --------------------------------------- */

void sonde_write_open(sonde_request *r, sonde_request_frame *parent,
                      sonde_request_frame *f, const sonde_field_info *field);
void sonde_write_close(sonde_request *r, sonde_request_frame *f);

/* The end of the repeated field under way. */
void sonde_write_end(sonde_request *r, sonde_request_frame *f);

/* A scalar: bits of a double, sign-extended if it is signed. */
void sonde_write_scalar(sonde_request *r, sonde_request_frame *f,
                        const sonde_field_info *field, uint64_t value);

/* Packed scalars: begin, one by one, end. */
typedef struct {
    size_t start;
    uint32_t count;
} sonde_write_packed;

void sonde_write_packed_one(sonde_request *r, sonde_request_frame *f,
                            sonde_write_packed *packed,
                            const sonde_field_info *field, uint64_t value);
void sonde_write_packed_end(sonde_request *r, const sonde_write_packed *packed);

/* An id of 0, 8 or 16 bytes. */
void sonde_write_id(sonde_request *r, sonde_request_frame *f,
                    const sonde_field_info *field, const uint8_t *id,
                    size_t size);

/* The beginning of a text or of bytes, behind which comes what the caller puts
 * itself: in protobuf `size` bytes, in JSON what stands between the quotes.
 * False if nothing is to be written. */
bool sonde_write_head(sonde_request *r, sonde_request_frame *f,
                      const sonde_field_info *field, size_t size);
void sonde_write_tail(sonde_request *r);

/* Short runs; whatever does not fit is the plain writer's matter. */
static inline void sonde_write_bytes(sonde_writer *w, const uint8_t *data,
                                     size_t size) {
    if (w->data != NULL && size <= w->size - w->used) {
        sonde_copy(w->data + w->used, data, size);
        w->used += size;
        return;
    }
    sonde_writer_put(w, data, size);
}

static inline void sonde_write_byte(sonde_writer *w, uint8_t byte) {
    if (w->data != NULL && w->used < w->size)
        w->data[w->used++] = byte;
    else
        sonde_writer_byte(w, byte);
}

/* UTF-8 that was checked, as a JSON string without its quotes. */
void sonde_write_escaped(sonde_writer *w, const uint8_t *text, size_t size);

#endif
