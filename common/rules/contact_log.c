/* A talk with a partner ends its silence: the organization knows the day of the last one. */
#include "catalog/types.h"
#include "common/rules/rules.h"

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_PARENT,
		.field = PRAC_CONTACT_LOG_ORGANIZATION_ID_NO,
		.actions = UINT64_C(1) << PRAC_CONTACT_LOG_DO_FINISH },
};

static enum prac_reason act(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_value *args, struct prac_record *contact)
{
	const struct prac_record *organization =
		prac_facts_follow(judgement, contact, PRAC_CONTACT_LOG_ORGANIZATION_ID);
	const struct prac_value *held_on = &contact->values[PRAC_CONTACT_LOG_HELD_ON];
	const struct prac_value *last;

	(void)args;
	if (action->number != PRAC_CONTACT_LOG_DO_FINISH || organization == NULL) {
		return PRAC_REASON_NONE;
	}
	last = &organization->values[PRAC_ORGANIZATION_LAST_CONTACT_ON];
	if (held_on->has && (!last->has || last->number < held_on->number)) {
		prac_effect_change(judgement, organization)
			->values[PRAC_ORGANIZATION_LAST_CONTACT_ON] = *held_on;
	}
	return PRAC_REASON_NONE;
}

const struct prac_rules prac_rules_contact_log = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.act = act,
};
