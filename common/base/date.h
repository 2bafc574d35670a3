/*
 * Civil dates of the proleptic Gregorian calendar, counted in days since 1970-01-01, and times of
 * day in minutes. No zones and no instants here: hours worked are data (DESIGN part 4).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/base/status.h"

enum {
	PRAC_DATE_TEXT = 11, /* YYYY-MM-DD and the NUL */
	PRAC_TIME_TEXT = 6   /* HH:MM and the NUL */
};

enum prac_weekday {
	PRAC_SUNDAY,
	PRAC_MONDAY,
	PRAC_TUESDAY,
	PRAC_WEDNESDAY,
	PRAC_THURSDAY,
	PRAC_FRIDAY,
	PRAC_SATURDAY
};

int32_t prac_date_from_civil(int year, int month, int day);
void prac_date_to_civil(int32_t date, int *year_out, int *month_out, int *day_out);
enum prac_weekday prac_date_weekday(int32_t date);

/* The Sunday on or before date: time sheets run Sunday to Saturday (RULES 5.1). */
int32_t prac_date_week_start(int32_t date);

/* The year in which the school year (1 July to 30 June) that holds date ends (DOMAIN part 5). */
int prac_date_school_year(int32_t date);

/* Strict: four, two and two digits and a day that exists, years 1900 to 2199. */
enum prac_status prac_date_parse(const char *text, int32_t *date_out) PRAC_MUST_USE;
/* 0000-00-00 for dates outside the years 0 to 9999, which no parser lets in. */
void prac_date_format(int32_t date, char text_out[PRAC_DATE_TEXT]);

/* HH:MM, 00:00 to 23:59. */
enum prac_status prac_time_parse(const char *text, int32_t *minutes_out) PRAC_MUST_USE;
/* Minutes beyond a day wrap around midnight. */
void prac_time_format(int32_t minutes, char text_out[PRAC_TIME_TEXT]);

/* "2h30m" (minutes up to 59), "45m", "3h" or plain minutes; at most 1,000,000 minutes. */
enum prac_status prac_duration_parse(const char *text, int32_t *minutes_out) PRAC_MUST_USE;
