/* A placement: its dates, and what must be there before it moves on (DOMAIN 4b). */
#include "catalog/types.h"
#include "common/rules/credit.h"
#include "common/rules/eligible.h"
#include "common/rules/gate.h"
#include "common/rules/labor.h"
#include "common/rules/rules.h"

/* Moves that must not happen while a paper or the cover is missing, or the plan is unlawful. */
#define GATED                                                                              \
	(UINT64_C(1) << PRAC_PLACEMENT_DO_READY | UINT64_C(1) << PRAC_PLACEMENT_DO_START | \
		UINT64_C(1) << PRAC_PLACEMENT_DO_RESUME)
#define CLOSES (UINT64_C(1) << PRAC_PLACEMENT_DO_COMPLETE)

enum {
	PLANNED_DAYS = 366 /* behind the first one; a later start is judged by its own week */
};

static const struct prac_load loads[] = {
	PRAC_GATE_LOADS_PLACEMENT(GATED | CLOSES),
	PRAC_ELIGIBLE_LOADS(GATED),
	PRAC_LABOR_LOADS_STUDENT(PRAC_PLACEMENT, PRAC_PLACEMENT_STARTS_ON_NO, GATED, PLANNED_DAYS),
	{ .kind = PRAC_LOAD_PARENT, .field = PRAC_PLACEMENT_SITE_ID_NO, .actions = GATED },
	{ .kind = PRAC_LOAD_CHILDREN,
		.type = PRAC_SHIFT_PLAN,
		.field = PRAC_SHIFT_PLAN_STUDENT_ID_NO,
		.actions = GATED,
		.via = PRAC_PLACEMENT_STUDENT_ID_NO,
		.date = PRAC_SHIFT_PLAN_WORK_DATE_NO,
		.around = PRAC_PLACEMENT_STARTS_ON_NO,
		.before = 14,
		.after = 14 + PLANNED_DAYS },
	{ .kind = PRAC_LOAD_PARENT, .field = PRAC_PLACEMENT_STUDENT_ID_NO },
	{ .kind = PRAC_LOAD_CHILDREN,
		.type = PRAC_TIME_SHEET,
		.field = PRAC_TIME_SHEET_PLACEMENT_ID_NO,
		.actions = CLOSES },
};

/* The owning school is the student's unless somebody says another. */
static void complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *placement)
{
	const struct prac_record *student =
		prac_facts_follow(judgement, placement, PRAC_PLACEMENT_STUDENT_ID);

	(void)before;
	if (student != NULL && !placement->values[PRAC_PLACEMENT_SCHOOL_ID].has) {
		placement->values[PRAC_PLACEMENT_SCHOOL_ID] =
			student->values[PRAC_STUDENT_SCHOOL_ID];
	}
}

static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	const struct prac_value *values = after->values;

	(void)before;
	if (after->deleted) {
		return PRAC_REASON_NONE;
	}
	if (values[PRAC_PLACEMENT_ENDS_ON].number < values[PRAC_PLACEMENT_STARTS_ON].number) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&after->type->fields[PRAC_PLACEMENT_ENDS_ON],
			"Ends on: must not be before starts on");
	}
	if (values[PRAC_PLACEMENT_WAGE_CENTS].has &&
		values[PRAC_PLACEMENT_PAY].number == PRAC_PLACEMENT_PAY_UNPAID) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&after->type->fields[PRAC_PLACEMENT_WAGE_CENTS],
			"Wage an hour: an unpaid placement has none; leave it out, or say that it is paid");
	}
	return PRAC_REASON_NONE;
}

static enum prac_reason may_submit(
	struct prac_judgement *judgement, const struct prac_record *placement)
{
	if (!placement->values[PRAC_PLACEMENT_ORGANIZATION_ID].has &&
		!placement->values[PRAC_PLACEMENT_OPPORTUNITY_ID].has) {
		return prac_refuse(judgement, PRAC_REASON_GUARD,
			&placement->type->fields[PRAC_PLACEMENT_ORGANIZATION_ID],
			"Organization: must be named before the review");
	}
	return PRAC_REASON_NONE;
}

static enum prac_reason may_complete(
	struct prac_judgement *judgement, const struct prac_record *placement)
{
	const struct prac_record *const *sheets;
	size_t n_sheets = judgement->facts->children(judgement->facts->ctx, PRAC_TIME_SHEET,
		PRAC_TIME_SHEET_PLACEMENT_ID_NO, &placement->id, &sheets);

	for (size_t i = 0; i < n_sheets; i++) {
		if (sheets[i]->values[PRAC_TIME_SHEET_STATE].number !=
			PRAC_TIME_SHEET_STATE_APPROVED) {
			return prac_refuse(judgement, PRAC_REASON_GUARD, NULL,
				"every time sheet must be approved first; practicum list time_sheet shows which wait");
		}
	}
	return PRAC_REASON_NONE;
}

/* A place that was found unsafe or is no longer used. One that nobody has surveyed yet is no gate. */
static void find_site(struct prac_judgement *judgement, const struct prac_record *placement,
	struct prac_findings *findings)
{
	const struct prac_record *site =
		prac_facts_follow(judgement, placement, PRAC_PLACEMENT_SITE_ID);
	int64_t state = site == NULL ? -1 : site->values[PRAC_SITE_STATE].number;
	const struct prac_field *field = &placement->type->fields[PRAC_PLACEMENT_SITE_ID];

	if (state == PRAC_SITE_STATE_SUSPENDED) {
		prac_find(findings, field,
			"site %s is suspended%s (have it surveyed and approved again, or name "
			"another)",
			prac_record_title(site, judgement->arena),
			site->values[PRAC_SITE_SURVEY_VERDICT].number ==
					PRAC_SITE_SURVEY_VERDICT_FAILED
				? ", its safety survey was not passed"
				: "");
	} else if (state == PRAC_SITE_STATE_CLOSED) {
		prac_find(findings, field, "site %s is closed (name another)",
			prac_record_title(site, judgement->arena));
	}
}

static void find_before(struct prac_judgement *judgement, const struct prac_record *placement,
	int32_t day, struct prac_findings *findings)
{
	prac_gate_find(judgement, placement, PRAC_GATE_READY, day, findings);
	find_site(judgement, placement, findings);
	prac_eligible_find(judgement, placement, day, findings);
	prac_labor_find_orders(judgement, placement, day, findings);
	prac_labor_find_planned(judgement, placement, day, findings);
}

/* Before the first day it must hold on that day, later today; at the end, on the last day. */
static void find(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_record *placement, struct prac_findings *findings)
{
	const struct prac_value *values = placement->values;
	int32_t day = (int32_t)values[PRAC_PLACEMENT_STARTS_ON].number;

	if (action->number == PRAC_PLACEMENT_DO_COMPLETE) {
		day = (int32_t)values[values[PRAC_PLACEMENT_ENDED_ON].has ? PRAC_PLACEMENT_ENDED_ON
									  : PRAC_PLACEMENT_ENDS_ON]
			      .number;
		prac_gate_find(judgement, placement, PRAC_GATE_CLOSE, day, findings);
	} else if (action->number == PRAC_PLACEMENT_DO_READY) {
		find_before(judgement, placement, day, findings);
	} else if (action->number < 64 && (GATED >> action->number & 1) != 0) {
		day = day > judgement->today ? day : judgement->today;
		find_before(judgement, placement, day, findings);
	}
}

static size_t derive(struct prac_judgement *judgement, const struct prac_record *placement,
	const struct prac_derived **derived_out)
{
	const char *attendance = prac_eligible_attendance(judgement, placement, judgement->today);
	struct prac_derived *derived = prac_arena_alloc(judgement->arena, 2 * sizeof(*derived));
	struct prac_credit credit;
	size_t n = 0;

	if (prac_credit_of(judgement, placement, judgement->today, &credit)) {
		derived[n++] = (struct prac_derived){ "credit",
			prac_credit_words(judgement, &credit, judgement->today) };
	}
	if (attendance != NULL) {
		derived[n++] = (struct prac_derived){ "attendance", attendance };
	}
	*derived_out = derived;
	return n;
}

static enum prac_reason act(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_value *args, struct prac_record *placement)
{
	(void)args;
	if (action->number == PRAC_PLACEMENT_DO_SUBMIT) {
		return may_submit(judgement, placement);
	}
	if (action->number == PRAC_PLACEMENT_DO_COMPLETE) {
		return may_complete(judgement, placement);
	}
	if (action->number == PRAC_PLACEMENT_DO_RENEW) {
		placement->values[PRAC_PLACEMENT_RENEWAL_IN_HAND_ON] =
			(struct prac_value){ .has = true, .number = judgement->today };
	}
	return PRAC_REASON_NONE;
}

const struct prac_rules prac_rules_placement = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.complete = complete,
	.check = check,
	.lapse = prac_gate_suspends,
	.derive = derive,
	.find = find,
	.act = act,
};
