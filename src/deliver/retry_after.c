/* Retry-After, for hosts that have no date parser: see sonde.h. */
#include "core/bytes.h"
#include "sonde.h"

static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* What the three forms of an HTTP date have in common: a month's name and
 * five numbers, four of them in the same order.
 *     Sun, 06 Nov 1994 08:49:37 GMT
 *     Sunday, 06-Nov-94 08:49:37 GMT
 *     Sun Nov  6 08:49:37 1994 */
typedef struct {
    int32_t month; /* 1 ... 12, 0 if none was seen */
    uint32_t count;
    int32_t number[5];
} pieces;

static int32_t month_at(const char *p, const char *end) {
    for (int32_t i = 0; i < 12 && end - p >= 3; i++) {
        if (memcmp(MONTHS + 3 * i, p, 3) == 0)
            return i + 1;
    }
    return 0;
}

static bool take_pieces(pieces *all, const char *p, const char *end) {
    memset(all, 0, sizeof *all);
    while (p < end) {
        if (*p < '0' || *p > '9') {
            if (all->month == 0)
                all->month = month_at(p, end);
            p++;
            continue;
        }
        if (all->count == 5)
            return false;
        int32_t value = 0;
        const char *start = p;
        for (; p < end && *p >= '0' && *p <= '9'; p++)
            value = p - start < 4 ? value * 10 + (*p - '0') : INT32_MAX;
        all->number[all->count++] = value;
    }
    return all->count == 5 && all->month > 0;
}

/* Two digits are a year at most 50 years ahead, else in the past (RFC 9110). */
static int32_t full_year(int32_t year, double now) {
    int32_t current = 1970 + (int32_t)(now / 31556952000.0);
    if (year > 99)
        return year;
    year += current / 100 * 100;
    if (year <= current - 50)
        return year + 100;
    return year > current + 50 ? year - 100 : year;
}

/* Days from 1970-01-01, Gregorian (Hinnant's days_from_civil). */
static int32_t days_from(int32_t year, int32_t month, int32_t day) {
    year -= month <= 2;
    int32_t era = year / 400, of_era = year - era * 400;
    int32_t of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
           719468;
}

static double date_wait(const char *p, const char *end, double now) {
    pieces all;
    if (!take_pieces(&all, p, end))
        return -1;
    const int32_t *n = all.number;
    bool asctime = n[4] > 99;
    const int32_t *time = asctime ? n + 1 : n + 2;
    int32_t year = full_year(asctime ? n[4] : n[1], now);
    if (year < 1970 || year > 9999 || n[0] < 1 || n[0] > 31 || time[0] > 23 ||
        time[1] > 59 || time[2] > 60)
        return -1;
    double seconds = days_from(year, all.month, n[0]) * 86400.0 +
                     time[0] * 3600 + time[1] * 60 + time[2];
    return seconds * 1000 > now ? seconds * 1000 - now : 0;
}

double sonde_retry_after(const char *text, size_t size, double now) {
    const char *p = text, *end = text + size;
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    if (p == end || *p < '0' || *p > '9')
        return date_wait(p, end, now);
    double seconds = 0;
    for (; p < end && *p >= '0' && *p <= '9'; p++)
        seconds = seconds * 10 + (*p - '0');
    return p == end ? seconds * 1000 : -1;
}
