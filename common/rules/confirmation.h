/*
 * Who may stand behind approved hours (issue of the domain's law, gates): the registered supervisor of the
 * placement, whose confirmation somebody captured, or a coordinator on the supervisor's behalf; each with
 * evidence, and never the student.
 */
#pragma once

#include "common/rules/rules.h"

/* What the rules of a time sheet load for it: the supervisor and the files that belong to the sheet. */
#define PRAC_CONFIRMATION_LOADS(mask)                                     \
	{ .kind = PRAC_LOAD_PARENT,                                       \
		.field = PRAC_PLACEMENT_SUPERVISOR_ID_NO,                 \
		.actions = (mask),                                        \
		.via = PRAC_TIME_SHEET_PLACEMENT_ID_NO },                 \
	{                                                                 \
		.kind = PRAC_LOAD_CHILDREN, .type = PRAC_ATTACHMENT,      \
		.field = PRAC_ATTACHMENT_RECORD_ID_NO, .actions = (mask), \
	}

/* args: those of approve. */
enum prac_reason prac_confirmation_check(struct prac_judgement *judgement,
	const struct prac_record *sheet, const struct prac_value *args);

/* Who confirmed it, how, and the file that shows it, into the approval. */
void prac_confirmation_keep(struct prac_judgement *judgement, const struct prac_record *sheet,
	const struct prac_value *args, struct prac_record *approval);
