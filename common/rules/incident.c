/* After a severe incident the student does not work until somebody has decided. */
#include "catalog/types.h"
#include "common/rules/rules.h"

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_PARENT, .field = PRAC_INCIDENT_PLACEMENT_ID_NO },
};

static bool is_severe(const struct prac_record *incident)
{
	return incident->values[PRAC_INCIDENT_SEVERITY].number == PRAC_INCIDENT_SEVERITY_SEVERE;
}

static void suspend(struct prac_judgement *judgement, const struct prac_record *incident)
{
	const struct prac_record *placement =
		prac_facts_follow(judgement, incident, PRAC_INCIDENT_PLACEMENT_ID);
	struct prac_record *suspended;

	if (placement == NULL ||
		placement->values[PRAC_PLACEMENT_STATE].number != PRAC_PLACEMENT_STATE_ACTIVE) {
		return;
	}
	suspended = prac_effect_change(judgement, placement);
	suspended->values[PRAC_PLACEMENT_STATE].number = PRAC_PLACEMENT_STATE_SUSPENDED;
	suspended->values[PRAC_PLACEMENT_REASON] = (struct prac_value){ .has = true,
		.bytes = prac_bytes_text("a severe incident was reported") };
}

static bool is_of_same_placement(const struct prac_record *a, const struct prac_record *b)
{
	return prac_value_equal(&a->type->fields[PRAC_INCIDENT_PLACEMENT_ID],
		&a->values[PRAC_INCIDENT_PLACEMENT_ID], &b->values[PRAC_INCIDENT_PLACEMENT_ID]);
}

/*
 * Whoever reports it as severe, or says so or at which placement later, suspends; nobody has to look at
 * it first.
 */
static enum prac_reason check(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after)
{
	if (!after->deleted && is_severe(after) &&
		(before == NULL || !is_severe(before) || !is_of_same_placement(before, after))) {
		suspend(judgement, after);
	}
	return PRAC_REASON_NONE;
}

/* As it was before the action, whose arguments are stored by now. */
static bool was_severe(const struct prac_judgement *judgement, const struct prac_record *incident)
{
	const struct prac_record *before =
		judgement->facts->get(judgement->facts->ctx, PRAC_INCIDENT, &incident->id);

	return before != NULL && is_severe(before);
}

/* Whoever let the student work again after a severe incident has decided; looking at it is no news. */
static enum prac_reason act(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_value *args, struct prac_record *incident)
{
	(void)args;
	if (action->number == PRAC_INCIDENT_DO_TRIAGE && is_severe(incident) &&
		!was_severe(judgement, incident)) {
		suspend(judgement, incident);
	}
	return PRAC_REASON_NONE;
}

const struct prac_rules prac_rules_incident = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.check = check,
	.act = act,
};
