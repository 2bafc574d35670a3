#include "common/base/zone.h"

#include <ctype.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>

enum {
	MINUTES_PER_DAY = 1440,
	SECONDS_PER_MINUTE = 60,
	MS_PER_MINUTE = 60000,
	CACHED_DAYS = 1024, /* a power of two; days of one year do not drive each other out */
	NAME_MAX_LENGTH = 60
};

/* Offsets at 00:00 UTC: GLib searches its list of changes from the beginning each time. */
struct prac_zone {
	GTimeZone *rules;

	struct {
		bool is_known;
		int32_t day;
		int32_t offset; /* minutes */
	} days[CACHED_DAYS];
};

/* GLib takes paths, too. */
static bool is_name(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > NAME_MAX_LENGTH || !isalpha((unsigned char)name[0])) {
		return false;
	}
	for (const char *c = name; *c != '\0'; c++) {
		if (!isalnum((unsigned char)*c) && strchr("_+-/", *c) == NULL) {
			return false;
		}
	}
	return true;
}

struct prac_zone *prac_zone_open(const char *name)
{
	GTimeZone *rules = is_name(name) ? g_time_zone_new_identifier(name) : NULL;
	struct prac_zone *zone;

	if (rules == NULL) {
		return NULL;
	}
	zone = g_new0(struct prac_zone, 1);
	zone->rules = rules;
	return zone;
}

void prac_zone_close(struct prac_zone *zone)
{
	if (zone == NULL) {
		return;
	}
	g_time_zone_unref(zone->rules);
	g_free(zone);
}

struct prac_zone *prac_zone_shared(const char *name)
{
	static GHashTable *zones; /* names that are not known are asked for again */
	struct prac_zone *zone;

	if (zones == NULL) {
		zones = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	}
	zone = g_hash_table_lookup(zones, name);
	if (zone == NULL) {
		zone = prac_zone_open(name);
	}
	if (zone != NULL && !g_hash_table_contains(zones, name)) {
		g_hash_table_insert(zones, g_strdup(name), zone);
	}
	return zone;
}

static int32_t offset_at(const struct prac_zone *zone, int64_t instant)
{
	int interval = g_time_zone_find_interval(
		zone->rules, G_TIME_TYPE_UNIVERSAL, instant * SECONDS_PER_MINUTE);

	return g_time_zone_get_offset(zone->rules, interval) / SECONDS_PER_MINUTE;
}

static int32_t offset_of_day(struct prac_zone *zone, int32_t day)
{
	size_t slot = (size_t)(uint32_t)day % CACHED_DAYS;

	if (!zone->days[slot].is_known || zone->days[slot].day != day) {
		zone->days[slot].is_known = true;
		zone->days[slot].day = day;
		zone->days[slot].offset = offset_at(zone, (int64_t)day * MINUTES_PER_DAY);
	}
	return zone->days[slot].offset;
}

static int64_t floor_div(int64_t dividend, int64_t divisor)
{
	return (dividend - (dividend < 0 ? divisor - 1 : 0)) / divisor;
}

int64_t prac_zone_instant(struct prac_zone *zone, int32_t date, int32_t minute)
{
	int64_t local = (int64_t)date * MINUTES_PER_DAY + minute;
	int32_t day = (int32_t)floor_div(local, MINUTES_PER_DAY);
	int32_t before = offset_of_day(zone, day - 1);
	int32_t after = offset_of_day(zone, day + 2); /* an offset is less than a day */

	if (before == after || offset_at(zone, local - before) == before) {
		return local - before;
	}
	return offset_at(zone, local - after) == after ? local - after : local - before;
}

int32_t prac_zone_date(struct prac_zone *zone, int64_t at_ms)
{
	int64_t instant = floor_div(at_ms, MS_PER_MINUTE);

	if (zone != NULL) {
		instant += offset_at(zone, instant);
	}
	return (int32_t)floor_div(instant, MINUTES_PER_DAY);
}
