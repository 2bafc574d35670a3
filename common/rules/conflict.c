/* A person decides between two values of one fact; what is chosen becomes the record's. */
#include "catalog/types.h"
#include "common/rules/rules.h"

static const struct prac_load loads[] = {
	{ .kind = PRAC_LOAD_TARGET },
};

/* The conflict is open to whoever sees it; its record may be the district's to change. */
static bool may_change(const struct prac_judgement *judgement, const struct prac_record *target)
{
	const struct prac_type *type = target->type;

	if (judgement->district || type->owner == PRAC_OWNER_BY_FIELD) {
		return true;
	}
	return type->owner == PRAC_OWNER_REFERENCE && type->proposable &&
	       target->values[type->state_field].number == prac_type_first_state(type);
}

/* The same that holds for an ordinary change of the target holds for this one. */
static enum prac_reason check_target(struct prac_judgement *judgement,
	const struct prac_record *before, const struct prac_record *after)
{
	const struct prac_type *type = after->type;
	const struct prac_rules *rules = prac_rules_find(type);

	if (type->state_field >= 0 &&
		(type->frozen >> before->values[type->state_field].number & 1) != 0) {
		return prac_refuse(judgement, PRAC_REASON_LOCKED, NULL, "%s",
			prac_reason_text(PRAC_REASON_LOCKED));
	}
	if (!after->deleted &&
		prac_values_check(type, after->values, &judgement->problem) != PRAC_OK) {
		return PRAC_REASON_INVALID_VALUE;
	}
	return rules != NULL && rules->check != NULL ? rules->check(judgement, before, after)
						     : PRAC_REASON_NONE;
}

static enum prac_reason apply(struct prac_judgement *judgement, const struct prac_record *conflict,
	struct prac_bytes value)
{
	const struct prac_record *target = prac_facts_target(judgement, conflict);
	const struct prac_value *number = &conflict->values[PRAC_CONFLICT_GROUP_NUMBER];
	const struct prac_group *group;
	struct prac_record *changed;

	if (target == NULL) {
		return prac_refuse(judgement, PRAC_REASON_UNKNOWN_RECORD, NULL,
			"the record is gone; enter it again");
	}
	if (!may_change(judgement, target)) {
		return prac_refuse(judgement, PRAC_REASON_NOT_ALLOWED, NULL,
			"only the district may change this record now; ask the district office to settle it");
	}
	changed = prac_effect_change(judgement, target);
	if (conflict->values[PRAC_CONFLICT_KIND].number == PRAC_CONFLICT_KIND_DELETE) {
		changed->deleted = true;
		return check_target(judgement, target, changed);
	}
	group = prac_group_find(target->type, (uint32_t)number->number);
	if (group == NULL || prac_group_apply(target->type, group, value, judgement->arena,
				     changed->values) != PRAC_OK) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, NULL,
			"the value does not belong to that fact; name fields of the fact in conflict (practicum conflicts)");
	}
	return check_target(judgement, target, changed);
}

static enum prac_reason act(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_value *args, struct prac_record *conflict)
{
	if (action->number != PRAC_CONFLICT_DO_RESOLVE || args == NULL) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE, NULL,
			"say which value holds: theirs, mine or value");
	}
	switch (args[PRAC_CONFLICT_RESOLVE_CHOICE].number) {
	case PRAC_CONFLICT_RESOLVE_CHOICE_THEIRS:
		return PRAC_REASON_NONE;
	case PRAC_CONFLICT_RESOLVE_CHOICE_MINE:
		return apply(judgement, conflict, conflict->values[PRAC_CONFLICT_MINE].bytes);
	default:
		return apply(judgement, conflict, args[PRAC_CONFLICT_RESOLVE_CHOSEN].bytes);
	}
}

const struct prac_rules prac_rules_conflict = {
	.loads = loads,
	.n_loads = PRAC_NELEM(loads),
	.act = act,
};
