/*
 * Child labor law over records: the working time of a student in all placements around a week, judged
 * by common/law/labor.h and the rule sets in force (statute.h). Without a birth date nothing is judged.
 *
 * The student's family may have consented to late hours (consent); a cooperative placement or an
 * apprenticeship with an agreed training plan, and a diploma, are exemptions with their proof. The
 * calendar is the school's, with the days of the whole district; a day that is not published is
 * judged as one without school, a school day without times as one without class hours. Release periods
 * of the student are no required class time.
 */
#pragma once

#include "common/law/law.h"
#include "common/rules/rules.h"
#include "common/rules/statute.h"

/*
 * What the rules of a type need to ask, as rows of its loads. OWN is the type's prefix; it has a
 * student_id and a school_id, and AROUND is the date it is about, or the first of LATER days that it may
 * be about.
 */
#define PRAC_LABOR_LOADS_STUDENT(OWN, AROUND, ACTIONS, LATER)                                    \
	PRAC_STATUTE_LOADS(ACTIONS),                                                             \
		{ .kind = PRAC_LOAD_ALL, .type = PRAC_ACTIVITY_TYPE, .actions = (ACTIONS) },     \
		{ .kind = PRAC_LOAD_PARENT, .field = OWN##_SCHOOL_ID_NO, .actions = (ACTIONS) }, \
		{ .kind = PRAC_LOAD_CHILDREN,                                                    \
			.type = PRAC_TIME_ENTRY,                                                 \
			.field = PRAC_TIME_ENTRY_STUDENT_ID_NO,                                  \
			.actions = (ACTIONS),                                                    \
			.via = OWN##_STUDENT_ID_NO,                                              \
			.date = PRAC_TIME_ENTRY_WORK_DATE_NO,                                    \
			.around = (AROUND),                                                      \
			.before = 14,                                                            \
			.after = 7 + (LATER) },                                                  \
		{ .kind = PRAC_LOAD_CHILDREN,                                                    \
			.type = PRAC_TIME_SHEET,                                                 \
			.field = PRAC_TIME_SHEET_STUDENT_ID_NO,                                  \
			.actions = (ACTIONS),                                                    \
			.via = OWN##_STUDENT_ID_NO,                                              \
			.date = PRAC_TIME_SHEET_WEEK_START_NO,                                   \
			.around = (AROUND),                                                      \
			.before = 21,                                                            \
			.after = 7 + (LATER) },                                                  \
		{ .kind = PRAC_LOAD_CHILDREN,                                                    \
			.type = PRAC_PLACEMENT,                                                  \
			.field = PRAC_PLACEMENT_STUDENT_ID_NO,                                   \
			.actions = (ACTIONS),                                                    \
			.via = OWN##_STUDENT_ID_NO },                                            \
		{ .kind = PRAC_LOAD_CHILDREN,                                                    \
			.type = PRAC_CONSENT,                                                    \
			.field = PRAC_CONSENT_STUDENT_ID_NO,                                     \
			.actions = (ACTIONS),                                                    \
			.via = OWN##_STUDENT_ID_NO },                                            \
		{ .kind = PRAC_LOAD_CHILDREN,                                                    \
			.type = PRAC_RELEASE_PERIOD,                                             \
			.field = PRAC_RELEASE_PERIOD_STUDENT_ID_NO,                              \
			.actions = (ACTIONS),                                                    \
			.via = OWN##_STUDENT_ID_NO },                                            \
		{ .kind = PRAC_LOAD_CHILDREN,                                                    \
			.type = PRAC_TRAINING_PLAN,                                              \
			.field = PRAC_TRAINING_PLAN_STUDENT_ID_NO,                               \
			.actions = (ACTIONS),                                                    \
			.via = OWN##_STUDENT_ID_NO },                                            \
	{                                                                                        \
		.kind = PRAC_LOAD_CHILDREN, .type = PRAC_SCHOOL_DAY,                             \
		.field = PRAC_SCHOOL_DAY_SCHOOL_ID_NO, .actions = (ACTIONS),                     \
		.via = OWN##_SCHOOL_ID_NO, .date = PRAC_SCHOOL_DAY_DAY_NO, .around = (AROUND),   \
		.before = 21, .after = 15 + (LATER), .or_none = true                             \
	}

/* The same of a type that also has a placement_id. */
#define PRAC_LABOR_LOADS(OWN, AROUND, ACTIONS)                                \
	PRAC_LABOR_LOADS_STUDENT(OWN, AROUND, ACTIONS, 0),                    \
	{                                                                     \
		.kind = PRAC_LOAD_PARENT, .field = PRAC_PLACEMENT_SITE_ID_NO, \
		.actions = (ACTIONS), .via = OWN##_PLACEMENT_ID_NO            \
	}

enum {
	PRAC_LABOR_LINES_MAX = 60
};

/* Broken rules, as a sheet shows them: "2026-08-11 16:00 FED-14-DAY-S". */
struct prac_labor_findings {
	struct prac_bytes lines[PRAC_LABOR_LINES_MAX];
	const struct prac_law_row *rows[PRAC_LABOR_LINES_MAX]; /* of the rule; NULL: not known */
	size_t n;
	bool is_judged;  /* else student, placement or birth date is not known */
	bool is_binding; /* else they are told and block nothing */
};

/*
 * The rules that the entries of the sheet break, and those that entries of other sheets break only
 * since this one's are there. The lines live in the judgement's arena, the rows as the law does.
 */
void prac_labor_judge_sheet(struct prac_judgement *judgement, const struct prac_record *sheet,
	struct prac_labor_findings *findings_out);

/* The same of one time_entry as it is, whether it stands among the facts, otherwise or not at all. */
void prac_labor_judge_entry(struct prac_judgement *judgement, const struct prac_record *entry,
	struct prac_labor_findings *findings_out);

/*
 * The same of a shift_plan among the student's other planned shifts and what was worked. A day with
 * hours at the placement is no longer planned there.
 */
void prac_labor_judge_plan(struct prac_judgement *judgement, const struct prac_record *plan,
	struct prac_labor_findings *findings_out);

/* Adds each hazardous order of the placement that binds the student on the day, and what would free. */
void prac_labor_find_orders(struct prac_judgement *judgement, const struct prac_record *placement,
	int32_t day, struct prac_findings *findings);

/*
 * Adds the first planned shift of the placement, from the day through the first full week (Sunday to
 * Saturday) behind it, that breaks a binding rule.
 */
void prac_labor_find_planned(struct prac_judgement *judgement, const struct prac_record *placement,
	int32_t day, struct prac_findings *findings);
