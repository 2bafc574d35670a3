#include "common/base/date.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum {
	DAYS_PER_ERA = 146097, /* 400 Gregorian years */
	DAYS_TO_1970 = 719468, /* from 0000-03-01 */
	MINUTES_PER_DAY = 1440,
	DURATION_MAX = 1000000
};

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

/*
 * Years are counted from 1 March, so that the leap day is the last day of a year and the months
 * before it follow the 31-30 pattern that (153 m + 2) / 5 yields.
 */
int32_t prac_date_from_civil(int year, int month, int day)
{
	int y = month <= 2 ? year - 1 : year;
	int era = (int)floor_div(y, 400);
	int year_of_era = y - era * 400;
	int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

void prac_date_to_civil(int32_t date, int *year_out, int *month_out, int *day_out)
{
	int64_t days = (int64_t)date + DAYS_TO_1970;
	int era = (int)floor_div(days, DAYS_PER_ERA);
	int day_of_era = (int)(days - (int64_t)era * DAYS_PER_ERA);
	int year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int month = (5 * day_of_year + 2) / 153;

	*day_out = day_of_year - (153 * month + 2) / 5 + 1;
	*month_out = month < 10 ? month + 3 : month - 9;
	*year_out = year_of_era + era * 400 + (*month_out <= 2 ? 1 : 0);
}

enum prac_weekday prac_date_weekday(int32_t date)
{
	int from_sunday = (date % 7 + 7 + PRAC_THURSDAY) % 7; /* 1970-01-01 was a Thursday */

	return (enum prac_weekday)from_sunday;
}

int32_t prac_date_week_start(int32_t date)
{
	return date - (int32_t)prac_date_weekday(date);
}

int prac_date_school_year(int32_t date)
{
	int year;
	int month;
	int day;

	prac_date_to_civil(date, &year, &month, &day);
	return month >= 7 ? year + 1 : year;
}

/* Exactly n digits; -1 if there are others or fewer. */
static int digits(const char *text, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9') {
			return -1;
		}
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

enum prac_status prac_date_parse(const char *text, int32_t *date_out)
{
	int y;
	int m;
	int d;
	int32_t date;

	if (strlen(text) != PRAC_DATE_TEXT - 1 || text[4] != '-' || text[7] != '-') {
		return PRAC_INVALID_ARGUMENT;
	}
	int year = digits(text, 4);
	int month = digits(text + 5, 2);
	int day = digits(text + 8, 2);
	if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1) {
		return PRAC_INVALID_ARGUMENT;
	}
	date = prac_date_from_civil(year, month, day);
	prac_date_to_civil(date, &y, &m, &d);
	if (y != year || m != month || d != day) {
		return PRAC_INVALID_ARGUMENT; /* 30 February and its like */
	}
	*date_out = date;
	return PRAC_OK;
}

static void put_digits(char *out, int value, int n)
{
	for (int i = n - 1; i >= 0; i--) {
		out[i] = (char)('0' + value % 10);
		value /= 10;
	}
}

void prac_date_format(int32_t date, char text_out[PRAC_DATE_TEXT])
{
	int year;
	int month;
	int day;

	prac_date_to_civil(date, &year, &month, &day);
	if (year < 0 || year > 9999) {
		memcpy(text_out, "0000-00-00", PRAC_DATE_TEXT);
		return;
	}
	put_digits(text_out, year, 4);
	text_out[4] = '-';
	put_digits(text_out + 5, month, 2);
	text_out[7] = '-';
	put_digits(text_out + 8, day, 2);
	text_out[10] = '\0';
}

enum prac_status prac_time_parse(const char *text, int32_t *minutes_out)
{
	if (strlen(text) != PRAC_TIME_TEXT - 1 || text[2] != ':') {
		return PRAC_INVALID_ARGUMENT;
	}
	int hours = digits(text, 2);
	int minutes = digits(text + 3, 2);
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
		return PRAC_INVALID_ARGUMENT;
	}
	*minutes_out = hours * 60 + minutes;
	return PRAC_OK;
}

void prac_time_format(int32_t minutes, char text_out[PRAC_TIME_TEXT])
{
	int of_day = (minutes % MINUTES_PER_DAY + MINUTES_PER_DAY) % MINUTES_PER_DAY;

	put_digits(text_out, of_day / 60, 2);
	text_out[2] = ':';
	put_digits(text_out + 3, of_day % 60, 2);
	text_out[5] = '\0';
}

/* Takes one or more digits from *text; -1 if there is none or the value exceeds every duration. */
static int take_number(const char **text)
{
	int value = -1;

	while (**text >= '0' && **text <= '9') {
		value = (value < 0 ? 0 : value * 10) + (**text - '0');
		if (value > DURATION_MAX) {
			return -1;
		}
		(*text)++;
	}
	return value;
}

/* What may follow the hours: nothing, or minutes and their unit. -1 for anything else. */
static int minutes_after_hours(const char *text)
{
	int minutes;

	if (*text == '\0') {
		return 0;
	}
	minutes = take_number(&text);
	return minutes <= 59 && strcmp(text, "m") == 0 ? minutes : -1;
}

enum prac_status prac_duration_parse(const char *text, int32_t *minutes_out)
{
	int hours = 0;
	int minutes = take_number(&text);

	if (minutes >= 0 && *text == 'h') {
		hours = minutes;
		minutes = minutes_after_hours(text + 1);
	} else if (*text != '\0' && strcmp(text, "m") != 0) {
		return PRAC_INVALID_ARGUMENT;
	}
	if (minutes < 0 || hours * 60 + minutes > DURATION_MAX) {
		return PRAC_INVALID_ARGUMENT;
	}
	*minutes_out = hours * 60 + minutes;
	return PRAC_OK;
}
