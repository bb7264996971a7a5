/* Reading, writing and telling, on file descriptors: each failure is seen, and
 * nothing is kept in a buffer that this program does not know of. */
#ifndef SONDE_CLI_IO_H
#define SONDE_CLI_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit codes. */
enum { CLI_ACCEPT = 0, CLI_REJECT = 1, CLI_USAGE = 2 };

/* Zeros that the compiler cannot leave out. */
void cli_wipe(void *bytes, size_t size);

/* Memory aligned to 16 bytes, or the end of the program with a message. */
void *cli_memory(size_t size);

/* Unix time in milliseconds, of the host's clock. */
double cli_clock(void);

/* Writes "sonde: ", the texts up to NULL and a line end to standard error.
 * Control characters become '?': texts may be arguments. */
void cli_say(const char *text, ...);

/* The number in decimal digits, at the end of `digits`. */
enum { CLI_DIGITS = 24 };
const char *cli_digits(char digits[CLI_DIGITS], double number);

/* ---- Output ------------------------------------------------------------ */

typedef struct {
    int fd;
    bool failed; /* a write has; that has been told, and nothing more is sent */
    char *bytes;
    size_t room;
    size_t used;
} cli_output;

void cli_output_init(cli_output *out, int fd, size_t room);

/* Sends what the buffer holds. False once a write has failed. */
bool cli_output_flush(cli_output *out);

/* Makes room for `size` bytes, to be written at the end of the buffer and
 * counted in `used`. NULL once a write has failed, or if that is more than the
 * whole buffer. */
char *cli_output_room(cli_output *out, size_t size);

/* Puts text of any size into the buffer, and sends it as often as it is full.
 */
void cli_output_put(cli_output *out, const char *text, size_t size);
void cli_output_text(cli_output *out, const char *text);

/* Sends the rest, closes, and wipes the buffer: ids may have been in it. */
bool cli_output_end(cli_output *out);

/* ---- Input ------------------------------------------------------------- */

typedef struct {
    int fd;
    bool ended;
    uint8_t *bytes;
    size_t room;
    size_t start; /* what has been read and not taken */
    size_t end;
} cli_input;

void cli_input_init(cli_input *in, int fd, size_t room);

/* Moves what is left to the front and reads once. False, having told it, if
 * that fails. Reads nothing when the buffer is full or the input has ended. */
bool cli_input_fill(cli_input *in);

/* Reads up to the end of the input or of the buffer. */
bool cli_input_fill_up(cli_input *in);

/* Wipes and frees the buffer. */
void cli_input_end(cli_input *in);

#endif
