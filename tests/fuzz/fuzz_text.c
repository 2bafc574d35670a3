/* Any text as an id, a date, a time and a duration: what is taken is written back and read again. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/date.h"
#include "common/base/id.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void try_id(const char *text)
{
	char written[PRAC_ID_TEXT];
	struct prac_id id;
	struct prac_id again;

	if (prac_id_parse(text, &id) == PRAC_OK) {
		prac_id_format(&id, written);
		assert(prac_id_parse(written, &again) == PRAC_OK && prac_id_equal(&id, &again));
	}
}

static void try_date(const char *text)
{
	char written[PRAC_DATE_TEXT];
	int32_t date;

	if (prac_date_parse(text, &date) == PRAC_OK) {
		prac_date_format(date, written);
		assert(strcmp(written, text) == 0);
		assert(prac_date_weekday(prac_date_week_start(date)) == PRAC_SUNDAY);
	}
}

static void try_time(const char *text)
{
	char written[PRAC_TIME_TEXT];
	int32_t minutes;

	if (prac_time_parse(text, &minutes) == PRAC_OK) {
		prac_time_format(minutes, written);
		assert(strcmp(written, text) == 0);
	}
	if (prac_duration_parse(text, &minutes) == PRAC_OK) {
		assert(minutes >= 0 && minutes <= 1000000);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct prac_arena arena = { 0 };
	const char *text = prac_arena_text(&arena, (struct prac_bytes){ data, len });

	try_id(text);
	try_date(text);
	try_time(text);
	prac_arena_deinit(&arena);
	return 0;
}
