/* What is paid from a line of a grant stays within it, unless more was agreed. */
#include <inttypes.h>

#include "catalog/types.h"
#include "common/rules/rules.h"

#define PAYS (UINT64_C(1) << PRAC_EXPENDITURE_DO_PAY)

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_PARENT, .field = PRAC_EXPENDITURE_BUDGET_LINE_ID_NO },
	{ .kind = PRAC_LOAD_CHILDREN,
		.type = PRAC_EXPENDITURE,
		.field = PRAC_EXPENDITURE_BUDGET_LINE_ID_NO,
		.actions = PAYS,
		.via = PRAC_EXPENDITURE_BUDGET_LINE_ID_NO },
};

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	const struct prac_record *line =
		prac_facts_follow(judgement, after, PRAC_EXPENDITURE_BUDGET_LINE_ID);

	(void)before;
	if (!after->deleted && line != NULL &&
		!prac_bytes_equal(line->values[PRAC_BUDGET_LINE_GRANT_AWARD_ID].bytes,
			after->values[PRAC_EXPENDITURE_GRANT_AWARD_ID].bytes)) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&after->type->fields[PRAC_EXPENDITURE_BUDGET_LINE_ID],
			"Budget line: must be one of the grant; name another line or grant");
	}
	return PRAC_REASON_NONE;
}

static bool counts(const struct prac_record *expenditure)
{
	int64_t state = expenditure->values[PRAC_EXPENDITURE_STATE].number;

	return state == PRAC_EXPENDITURE_STATE_PAID || state == PRAC_EXPENDITURE_STATE_RECONCILED;
}

static int64_t paid_from(struct prac_judgement *judgement, const struct prac_record *line,
	const struct prac_record *but)
{
	const struct prac_record *const *all;
	size_t n = judgement->facts->children(judgement->facts->ctx, PRAC_EXPENDITURE,
		PRAC_EXPENDITURE_BUDGET_LINE_ID_NO, &line->id, &all);
	int64_t cents = 0;

	for (size_t i = 0; i < n; i++) {
		if (counts(all[i]) && !prac_id_equal(&all[i]->id, &but->id)) {
			cents += all[i]->values[PRAC_EXPENDITURE_AMOUNT_CENTS].number;
		}
	}
	return cents;
}

static void find(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_record *expenditure, struct prac_findings *findings)
{
	const struct prac_record *line =
		prac_facts_follow(judgement, expenditure, PRAC_EXPENDITURE_BUDGET_LINE_ID);
	int64_t left;

	if (action->number != PRAC_EXPENDITURE_DO_PAY || line == NULL ||
		line->values[PRAC_BUDGET_LINE_OVERRUN_ALLOWED].number != 0) {
		return;
	}
	left = line->values[PRAC_BUDGET_LINE_AMOUNT_CENTS].number -
	       paid_from(judgement, line, expenditure);
	if (expenditure->values[PRAC_EXPENDITURE_AMOUNT_CENTS].number > left) {
		left = left < 0 ? 0 : left;
		prac_find(findings, &expenditure->type->fields[PRAC_EXPENDITURE_AMOUNT_CENTS],
			"the line has %" PRId64 ".%02" PRId64
			" left (agree to pay more on the budget line, or take another line)",
			left / 100, left % 100);
	}
}

const struct prac_rules prac_rules_expenditure = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.check = check,
	.find = find,
};
