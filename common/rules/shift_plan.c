/* A planned shift: one that would break a binding labor rule is not planned. */
#include "catalog/types.h"
#include "common/rules/labor.h"

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_PARENT, .field = PRAC_SHIFT_PLAN_PLACEMENT_ID_NO },
	{ .kind = PRAC_LOAD_PARENT, .field = PRAC_SHIFT_PLAN_STUDENT_ID_NO },
	PRAC_LABOR_LOADS(PRAC_SHIFT_PLAN, PRAC_SHIFT_PLAN_WORK_DATE_NO, 0),
	{ .kind = PRAC_LOAD_CHILDREN,
		.type = PRAC_SHIFT_PLAN,
		.field = PRAC_SHIFT_PLAN_STUDENT_ID_NO,
		.via = PRAC_SHIFT_PLAN_STUDENT_ID_NO,
		.date = PRAC_SHIFT_PLAN_WORK_DATE_NO,
		.around = PRAC_SHIFT_PLAN_WORK_DATE_NO,
		.before = 14,
		.after = 14 },
};

/* The ids that a shift repeats from its placement. */
static const uint16_t same[][2] = {
	{ PRAC_SHIFT_PLAN_STUDENT_ID, PRAC_PLACEMENT_STUDENT_ID },
	{ PRAC_SHIFT_PLAN_SCHOOL_ID, PRAC_PLACEMENT_SCHOOL_ID },
};

static void complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *plan)
{
	const struct prac_record *placement =
		prac_facts_follow(judgement, plan, PRAC_SHIFT_PLAN_PLACEMENT_ID);

	(void)before;
	for (size_t i = 0; placement != NULL && i < PRAC_NELEM(same); i++) {
		if (!plan->values[same[i][0]].has) {
			plan->values[same[i][0]] = placement->values[same[i][1]];
		}
	}
}

/* An old plan that newer rules forbid can still get a note. */
static bool is_same_time(const struct prac_record *before, const struct prac_record *after)
{
	static const uint16_t times[] = { PRAC_SHIFT_PLAN_WORK_DATE, PRAC_SHIFT_PLAN_STARTS_AT,
		PRAC_SHIFT_PLAN_ENDS_AT, PRAC_SHIFT_PLAN_BREAK_STARTS_AT,
		PRAC_SHIFT_PLAN_BREAK_MINUTES };
	bool is_same = before != NULL;

	for (size_t i = 0; is_same && i < PRAC_NELEM(times); i++) {
		is_same = prac_value_equal(&after->type->fields[times[i]],
			&before->values[times[i]], &after->values[times[i]]);
	}
	return is_same;
}

static enum prac_reason check_law(struct prac_judgement *judgement, const struct prac_record *plan)
{
	struct prac_labor_findings findings;
	const struct prac_law_row *row;

	prac_labor_judge_plan(judgement, plan, &findings);
	if (findings.n == 0 || !findings.is_binding) {
		return PRAC_REASON_NONE;
	}
	row = findings.rows[0];
	return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
		&plan->type->fields[PRAC_SHIFT_PLAN_STARTS_AT],
		"Starts at: the shift would break %.*s: %s (%s)%s; plan other times",
		(int)findings.lines[0].len, findings.lines[0].data, row == NULL ? "" : row->words,
		row == NULL ? "" : row->source,
		findings.n == 1 ? ""
				: prac_arena_printf(judgement->arena, ", and %zu more rules",
					  findings.n - 1));
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	if (after->deleted || is_same_time(before, after)) {
		return PRAC_REASON_NONE;
	}
	return check_law(judgement, after);
}

const struct prac_rules prac_rules_shift_plan = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.complete = complete,
	.check = check,
};
