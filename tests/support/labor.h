/* Labor law over entries in one line of text each, for tests that read like the statute. */
#pragma once

#include "common/law/labor.h"

struct labor_lab {
	const char *test; /* its name; NULL: not known */
	struct prac_arena arena;
	struct prac_labor_law *law;
	bool is_shipped; /* the law */
	struct prac_zone *zone;
	struct prac_labor_minor minor;
	struct prac_labor_calendar calendar;
};

/*
 * Setup and teardown of a cmocka test; *state is a struct labor_lab: federal and Tennessee law,
 * Eastern time, enrolled, and the calendar of RULES 5.6 with the years around it: class from 08:00 to
 * 15:00 Monday to Friday, 2025-08-06 to 2026-05-22 and 2026-08-05 to 2027-05-21, none on
 * 2026-09-07, 2026-10-05 to 09, 2026-12-21 to 2027-01-01.
 */
int labor_lab_start(void **state);
int labor_lab_stop(void **state);

/* A cmocka test whose name the lab knows. */
#define LABOR_LAB_TEST(name)                                                \
	{                                                                   \
#name, name, labor_lab_start, labor_lab_stop, (void *)#name \
	}

/*
 * Which LABOR_LAB_TEST of this program asked labor_lab_marks() for marks, under the shipped law, and had the id
 * among them; the first one, NULL: none.
 */
const char *labor_lab_expected_by(const char *id);
/* Did one of that name ask for any? */
bool labor_lab_has_run(const char *test);

/* Replaces the rules by rows of a set of the jurisdiction test from 2000 on. */
void labor_lab_rules(struct labor_lab *lab, const char *rows);

/*
 * Judges entries such as "2026-08-11 16:00-20:00", with ";" between them, and returns their ids in
 * the law's order, "-" for none, "; " between entries. Words behind the times: "break=12:00+30",
 * "break=+30" without its start, "consent", "ended", a proof as in "student-learner", "ho=8".
 */
const char *labor_lab_marks(struct labor_lab *lab, const char *birth_date, const char *entries);
/* The same, of rules that an exemption lifts. */
const char *labor_lab_lifted(struct labor_lab *lab, const char *birth_date, const char *entries);
/* Their verdicts; *n_out how many. */
const struct prac_labor_verdict *labor_lab_verdicts(
	struct labor_lab *lab, const char *birth_date, const char *entries, size_t *n_out);

int32_t labor_lab_date(const char *text);
