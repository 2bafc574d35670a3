#include "tests/support/labor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/date.h"

enum {
	ENTRIES_MAX = 64,
	IDS_MAX = 64,
	TESTS_MAX = 64
};

/* Of the shipped law, by bit; of the tests that asked, in their order. */
static struct {
	char id[40];
	const char *test;
} expected[IDS_MAX];

static const char *run[TESTS_MAX];
static size_t n_run;

static const char *const proofs[] = {
#define XX(name, number, text) [number] = (text),
	PRAC_LABOR_PROOF_MAP(XX)
#undef XX
};

int32_t labor_lab_date(const char *text)
{
	int32_t date = 0;

	assert_int_equal(prac_date_parse(text, &date), PRAC_OK);
	return date;
}

static bool is_between(int32_t date, const char *from, const char *until)
{
	return labor_lab_date(from) <= date && date <= labor_lab_date(until);
}

static bool is_school(int32_t date)
{
	enum prac_weekday weekday = prac_date_weekday(date);

	return weekday != PRAC_SATURDAY && weekday != PRAC_SUNDAY &&
	       (is_between(date, "2025-08-06", "2026-05-22") ||
		       is_between(date, "2026-08-05", "2027-05-21")) &&
	       date != labor_lab_date("2026-09-07") &&
	       !is_between(date, "2026-10-05", "2026-10-09") &&
	       !is_between(date, "2026-12-21", "2027-01-01");
}

static void make_calendar(struct labor_lab *lab)
{
	int32_t first = labor_lab_date("2025-07-27"), last = labor_lab_date("2027-08-07");
	size_t n = (size_t)(last - first) + 1;
	struct prac_labor_day *days = prac_arena_alloc(&lab->arena, n * sizeof(*days));

	for (size_t i = 0; i < n; i++) {
		days[i].kind =
			is_school(first + (int32_t)i) ? PRAC_LABOR_DAY_SCHOOL : PRAC_LABOR_DAY_OFF;
		days[i].class_from = 8 * 60;
		days[i].class_until = 15 * 60;
	}
	lab->calendar = (struct prac_labor_calendar){ first, n, days };
}

int labor_lab_start(void **state)
{
	struct labor_lab *lab = calloc(1, sizeof(*lab));

	assert_non_null(lab);
	lab->test = *state;
	prac_arena_init(&lab->arena, 0);
	lab->law = prac_labor_law_shipped("us-tn", &lab->arena);
	lab->is_shipped = true;
	lab->zone = prac_zone_open("America/New_York");
	assert_non_null(lab->law);
	assert_non_null(lab->zone);
	make_calendar(lab);
	lab->minor.is_enrolled = true;
	lab->minor.calendar = &lab->calendar;
	*state = lab;
	return 0;
}

int labor_lab_stop(void **state)
{
	struct labor_lab *lab = *state;

	prac_zone_close(lab->zone);
	prac_arena_deinit(&lab->arena);
	free(lab);
	return 0;
}

void labor_lab_rules(struct labor_lab *lab, const char *rows)
{
	const char *text = prac_arena_printf(&lab->arena,
		"domain=labor\njurisdiction=test\nversion=1\nstarts_on=2000-01-01\n%s\n", rows);
	struct prac_law_set *set = prac_arena_alloc(&lab->arena, sizeof(*set));
	const char *error = "";

	lab->law = prac_labor_law_new(&lab->arena);
	lab->is_shipped = false;
	if (prac_law_set_read(prac_bytes_text(text), &lab->arena, set, &error) != PRAC_OK ||
		prac_labor_law_add(lab->law, set, &error) != PRAC_OK) {
		fail_msg("%s", error);
	}
}

static int32_t minute_of(const char *text, size_t at)
{
	char time[PRAC_TIME_TEXT] = { 0 };
	int32_t minute = 0;

	strncpy(time, text + at, PRAC_TIME_TEXT - 1);
	assert_int_equal(prac_time_parse(time, &minute), PRAC_OK);
	return minute;
}

/* break=12:00+30 or break=+30 */
static void read_break(struct prac_labor_entry *entry, const char *text)
{
	if (text[0] != '+') {
		entry->break_starts_at = minute_of(text, 0);
		text += PRAC_TIME_TEXT - 1;
	}
	entry->break_minutes = (int32_t)strtol(text, NULL, 10);
}

static void read_word(struct prac_labor_entry *entry, const char *word)
{
	if (strncmp(word, "break=", 6) == 0) {
		read_break(entry, word + 6);
		return;
	}
	if (strncmp(word, "ho=", 3) == 0) {
		entry->orders |= 1U << (uint32_t)strtoul(word + 3, NULL, 10);
		return;
	}
	if (strcmp(word, "consent") == 0 || strcmp(word, "ended") == 0) {
		entry->consent = word[0] == 'c' ? PRAC_LABOR_CONSENT : PRAC_LABOR_CONSENT_ENDED;
		return;
	}
	for (uint32_t i = 0; i < PRAC_NELEM(proofs); i++) {
		if (strcmp(proofs[i], word) == 0) {
			entry->proofs |= 1U << i;
			return;
		}
	}
	fail_msg("not a word of an entry: %s", word);
}

static void read_entry(const struct labor_lab *lab, char *text, struct prac_labor_entry *entry)
{
	char *rest = NULL;
	char *word = strtok_r(text, " ", &rest);

	*entry = (struct prac_labor_entry){ .zone = lab->zone, .break_starts_at = -1 };
	entry->date = labor_lab_date(word);
	word = strtok_r(NULL, " ", &rest);
	entry->starts_at = minute_of(word, 0);
	entry->ends_at = minute_of(word, PRAC_TIME_TEXT);
	while ((word = strtok_r(NULL, " ", &rest)) != NULL) {
		read_word(entry, word);
	}
}

const struct prac_labor_verdict *labor_lab_verdicts(
	struct labor_lab *lab, const char *birth_date, const char *entries, size_t *n_out)
{
	char *text = prac_arena_printf(&lab->arena, "%s", entries), *rest = NULL;
	struct prac_labor_entry *list = prac_arena_alloc(&lab->arena, ENTRIES_MAX * sizeof(*list));
	struct prac_labor_verdict *verdicts =
		prac_arena_alloc(&lab->arena, ENTRIES_MAX * sizeof(*verdicts));
	size_t n = 0;

	for (char *part = strtok_r(text, ";", &rest); part != NULL;
		part = strtok_r(NULL, ";", &rest)) {
		assert_true(n < ENTRIES_MAX);
		read_entry(lab, part, &list[n++]);
	}
	lab->minor.birth_date = labor_lab_date(birth_date);
	prac_labor_judge(lab->law, &lab->minor, &(struct prac_labor_entries){ list, n },
		&lab->arena, verdicts);
	*n_out = n;
	return verdicts;
}

static void keep_expected(const struct labor_lab *lab, uint64_t ids)
{
	if (lab->test == NULL || !lab->is_shipped) {
		return;
	}
	if (!labor_lab_has_run(lab->test)) {
		assert_true(n_run < TESTS_MAX);
		run[n_run++] = lab->test;
	}
	for (unsigned bit = 0; bit < prac_labor_n_ids(lab->law); bit++) {
		if ((ids >> bit & 1) != 0 && expected[bit].test == NULL) {
			(void)snprintf(expected[bit].id, sizeof(expected[bit].id), "%s",
				prac_labor_id(lab->law, bit));
			expected[bit].test = lab->test;
		}
	}
}

const char *labor_lab_expected_by(const char *id)
{
	for (size_t i = 0; i < IDS_MAX; i++) {
		if (expected[i].test != NULL && strcmp(expected[i].id, id) == 0) {
			return expected[i].test;
		}
	}
	return NULL;
}

bool labor_lab_has_run(const char *test)
{
	bool has = false;

	for (size_t i = 0; i < n_run; i++) {
		has = has || strcmp(run[i], test) == 0;
	}
	return has;
}

static const char *names_of(struct labor_lab *lab, uint64_t ids)
{
	const char *names = "";

	for (unsigned bit = 0; bit < prac_labor_n_ids(lab->law); bit++) {
		if ((ids >> bit & 1) != 0) {
			names = prac_arena_printf(&lab->arena, "%s%s%s", names,
				names[0] == '\0' ? "" : " ", prac_labor_id(lab->law, bit));
		}
	}
	return names[0] == '\0' ? "-" : names;
}

static const char *judge(
	struct labor_lab *lab, const char *birth_date, const char *entries, bool lifted)
{
	size_t n;
	const struct prac_labor_verdict *verdicts =
		labor_lab_verdicts(lab, birth_date, entries, &n);
	const char *names = "";

	for (size_t i = 0; i < n; i++) {
		assert_int_equal(verdicts[i].fault, PRAC_LABOR_FAULT_NONE);
		keep_expected(lab, lifted ? 0 : verdicts[i].violations);
		names = prac_arena_printf(&lab->arena, "%s%s%s", names, i == 0 ? "" : "; ",
			names_of(lab, lifted ? verdicts[i].lifted : verdicts[i].violations));
	}
	return names;
}

const char *labor_lab_marks(struct labor_lab *lab, const char *birth_date, const char *entries)
{
	return judge(lab, birth_date, entries, false);
}

const char *labor_lab_lifted(struct labor_lab *lab, const char *birth_date, const char *entries)
{
	return judge(lab, birth_date, entries, true);
}
