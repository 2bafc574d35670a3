/*
 * Civil time at a place: which instant a local date and time of day is. Minutes of 1970-01-01 UTC
 * count, so that differences are real elapsed time over clock changes too.
 */
#pragma once

#include <stdint.h>

#include "common/base/macros.h"

struct prac_zone;

/* An IANA name, as in America/New_York; NULL when the system's zone data does not know it. */
struct prac_zone *prac_zone_open(const char *name);
void prac_zone_close(struct prac_zone *zone); /* may be NULL */

/*
 * As prac_zone_open(), of zones that are kept until the program ends: for rules, which are asked of
 * many records at few places. Not to be closed.
 */
struct prac_zone *prac_zone_shared(const char *name);

/*
 * The instant of a local time, in minutes. A time that occurs twice means the first; one that is
 * skipped is read with the offset before the change, so 02:30 becomes 03:30 daylight time (RULES
 * 5.2a R15). minute counts from midnight of date and may lie beyond the day.
 */
int64_t prac_zone_instant(struct prac_zone *zone, int32_t date, int32_t minute);

/* The civil date at an instant in milliseconds, in days, both since 1970-01-01; zone NULL: by UTC. */
int32_t prac_zone_date(struct prac_zone *zone, int64_t at_ms);
