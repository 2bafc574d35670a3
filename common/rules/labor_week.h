/*
 * Everything that the judging of a student's week by labor law rests on, gathered from records:
 * calendar, release periods, consents, agreements, and the working time around the week.
 */
#pragma once

#include "common/law/labor.h"
#include "common/rules/rules.h"

struct prac_labor_week {
	struct prac_judgement *judgement;
	const struct prac_labor_law *law;
	const struct prac_record *student;
	int32_t sunday;
	struct prac_id school;
	struct prac_id sheet; /* whose correction takes the place of another sheet; nil: none */
	struct prac_labor_minor minor;
	struct prac_labor_calendar calendar;
	struct prac_zone *zone; /* where a site does not say */
	/* The student's entries around the week; same index in all. */
	const struct prac_record **records;
	struct prac_labor_entry *entries;
	bool *is_own; /* those whose judging it is about */
	size_t n, cap;
};

/* Is it work in the eyes of the law, or of the district's policy (RULES 5.1, 5.5)? */
enum prac_labor_binding {
	PRAC_LABOR_BINDS,
	PRAC_LABOR_WARNS,
	PRAC_LABOR_IS_FREE
};

/* The activity type says it; without one, the kind of work and its pay do. */
enum prac_labor_binding prac_labor_binding_of(
	const struct prac_judgement *judgement, const struct prac_record *placement);

/*
 * judgement, student, sunday, school and sheet are set. False: nothing can be judged, as the birth date
 * is not known.
 */
bool prac_labor_week_begin(struct prac_labor_week *week);

/* Worked time around the week in all placements that the law binds. */
void prac_labor_week_worked(struct prac_labor_week *week);

/* A time_entry or shift_plan of the placement. */
void prac_labor_week_add(struct prac_labor_week *week, const struct prac_record *record,
	const struct prac_record *placement, bool is_own);

/* What the student may do at the placement on a day, as an entry without times. */
struct prac_labor_entry prac_labor_week_blank(
	struct prac_labor_week *week, const struct prac_record *placement, int32_t date);

/* Is the date so near that its hours bear on the week? */
bool prac_labor_is_near(const struct prac_labor_week *week, int64_t date);

/* Of a release_period; false: a weekday is none, or there is none. */
bool prac_labor_release_of(
	const struct prac_record *record, struct prac_labor_release *release_out);

/*
 * What the conditions of a student learner's hazardous work lack in the placement's training plan, as
 * words; NULL: nothing.
 */
const char *prac_labor_lacks_conditions(
	const struct prac_labor_week *week, const struct prac_id *placement, int32_t date);
