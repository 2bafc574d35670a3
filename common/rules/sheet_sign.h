/* The signature under a time sheet, and its return: an approval record that names the content. */
#pragma once

#include "common/rules/rules.h"

/*
 * args: those of the action. The sheet's entries, and the transcripts of a sheet that was typed from
 * paper, are among the facts. Refuses another content than the one that was shown or typed.
 */
enum prac_reason prac_sheet_approve(struct prac_judgement *judgement, const struct prac_value *args,
	const struct prac_record *sheet);
enum prac_reason prac_sheet_return(struct prac_judgement *judgement, const struct prac_value *args,
	const struct prac_record *sheet);
