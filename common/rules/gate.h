/*
 * The papers and policies that a placement rests on, and whether they are in force on a day. Which
 * papers is said by paper.h; cover of the right kind is always asked for.
 */
#pragma once

#include "common/rules/paper.h"

/* What rules load for it; `self` of the judged record names or is the placement. */
#define PRAC_GATE_LOADS_PLACEMENT(mask)                                                   \
	{ .kind = PRAC_LOAD_ALL, .type = PRAC_DOCUMENT_TYPE, .actions = (mask) },         \
		{ .kind = PRAC_LOAD_ALL, .type = PRAC_ACTIVITY_TYPE, .actions = (mask) }, \
		PRAC_STATUTE_LOADS(mask),                                                 \
		{ .kind = PRAC_LOAD_CHILDREN,                                             \
			.type = PRAC_DOCUMENT,                                            \
			.field = PRAC_DOCUMENT_STUDENT_ID_NO,                             \
			.actions = (mask),                                                \
			.via = PRAC_PLACEMENT_STUDENT_ID_NO },                            \
		{ .kind = PRAC_LOAD_CHILDREN,                                             \
			.type = PRAC_STUDENT_INSURANCE,                                   \
			.field = PRAC_STUDENT_INSURANCE_STUDENT_ID_NO,                    \
			.actions = (mask),                                                \
			.via = PRAC_PLACEMENT_STUDENT_ID_NO },                            \
		{ .kind = PRAC_LOAD_CHILDREN,                                             \
			.type = PRAC_INSURANCE,                                           \
			.field = PRAC_INSURANCE_ORGANIZATION_ID_NO,                       \
			.actions = (mask),                                                \
			.via = PRAC_PLACEMENT_ORGANIZATION_ID_NO },                       \
		{ .kind = PRAC_LOAD_PARENT,                                               \
			.field = PRAC_PLACEMENT_ORGANIZATION_ID_NO,                       \
			.actions = (mask) },                                              \
	{                                                                                 \
		.kind = PRAC_LOAD_PARENT, .field = PRAC_PLACEMENT_INSURANCE_ID_NO,        \
		.actions = (mask)                                                         \
	}

/* The same for a time sheet, whose placement is loaded. */
#define PRAC_GATE_LOADS_SHEET(mask)                                                       \
	{ .kind = PRAC_LOAD_ALL, .type = PRAC_DOCUMENT_TYPE, .actions = (mask) },         \
		{ .kind = PRAC_LOAD_ALL, .type = PRAC_ACTIVITY_TYPE, .actions = (mask) }, \
		PRAC_STATUTE_LOADS(mask),                                                 \
		{ .kind = PRAC_LOAD_PARENT,                                               \
			.field = PRAC_TIME_SHEET_STUDENT_ID_NO,                           \
			.actions = (mask) },                                              \
		{ .kind = PRAC_LOAD_CHILDREN,                                             \
			.type = PRAC_DOCUMENT,                                            \
			.field = PRAC_DOCUMENT_STUDENT_ID_NO,                             \
			.actions = (mask),                                                \
			.via = PRAC_TIME_SHEET_STUDENT_ID_NO },                           \
		{ .kind = PRAC_LOAD_CHILDREN,                                             \
			.type = PRAC_STUDENT_INSURANCE,                                   \
			.field = PRAC_STUDENT_INSURANCE_STUDENT_ID_NO,                    \
			.actions = (mask),                                                \
			.via = PRAC_TIME_SHEET_STUDENT_ID_NO },                           \
		{ .kind = PRAC_LOAD_CHILDREN,                                             \
			.type = PRAC_INSURANCE,                                           \
			.field = PRAC_INSURANCE_ORGANIZATION_ID_NO,                       \
			.actions = (mask),                                                \
			.via = PRAC_TIME_SHEET_PLACEMENT_ID_NO,                           \
			.then = PRAC_PLACEMENT_ORGANIZATION_ID_NO },                      \
		{ .kind = PRAC_LOAD_PARENT,                                               \
			.field = PRAC_PLACEMENT_ORGANIZATION_ID_NO,                       \
			.actions = (mask),                                                \
			.via = PRAC_TIME_SHEET_PLACEMENT_ID_NO },                         \
	{                                                                                 \
		.kind = PRAC_LOAD_PARENT, .field = PRAC_PLACEMENT_INSURANCE_ID_NO,        \
		.actions = (mask), .via = PRAC_TIME_SHEET_PLACEMENT_ID_NO                 \
	}

/* Adds each paper and the cover that the gate asks for and that is not in force on the day. */
void prac_gate_find(struct prac_judgement *judgement, const struct prac_record *placement,
	enum prac_gate asked, int32_t day, struct prac_findings *findings);

/*
 * Why the placement is suspended on the day by what has lapsed, in words; NULL: it is not. Only a
 * placement that has begun can be. For the ten days of a renewal in hand it is not.
 */
const char *prac_gate_suspends(
	struct prac_judgement *judgement, const struct prac_record *placement, int32_t day);

/* Adds the days of the entries on which the sheet's placement had no valid gate document. */
void prac_gate_find_days(struct prac_judgement *judgement, const struct prac_record *placement,
	const struct prac_record *const *entries, size_t n_entries, struct prac_findings *findings);
