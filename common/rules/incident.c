/* After a severe incident the student does not work until somebody has decided. */
#include "catalog/types.h"
#include "common/rules/rules.h"

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_PARENT,
		.field = PRAC_INCIDENT_PLACEMENT_ID_NO,
		.actions = UINT64_C(1) << PRAC_INCIDENT_DO_TRIAGE },
};

static enum prac_reason act(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_value *args, struct prac_record *incident)
{
	const struct prac_record *placement =
		prac_facts_follow(judgement, incident, PRAC_INCIDENT_PLACEMENT_ID);
	struct prac_record *suspended;

	(void)args;
	if (action->number != PRAC_INCIDENT_DO_TRIAGE || placement == NULL ||
		incident->values[PRAC_INCIDENT_SEVERITY].number != PRAC_INCIDENT_SEVERITY_SEVERE ||
		placement->values[PRAC_PLACEMENT_STATE].number != PRAC_PLACEMENT_STATE_ACTIVE) {
		return PRAC_REASON_NONE;
	}
	suspended = prac_effect_change(judgement, placement);
	suspended->values[PRAC_PLACEMENT_STATE].number = PRAC_PLACEMENT_STATE_SUSPENDED;
	suspended->values[PRAC_PLACEMENT_REASON] = (struct prac_value){ .has = true,
		.bytes = prac_bytes_text("a severe incident was reported") };
	return PRAC_REASON_NONE;
}

const struct prac_rules prac_rules_incident = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.act = act,
};
