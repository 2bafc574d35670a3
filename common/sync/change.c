#include "common/sync/change.h"

#include "common/rules/guard.h"

static const struct prac_value absent;

static const struct prac_value *state_of(const struct prac_record *record)
{
	return record->type->state_field >= 0 ? &record->values[record->type->state_field]
					      : &absent;
}

static bool has_bit(uint64_t set, int64_t state)
{
	return state >= 0 && state < 64 && (set >> state & 1) != 0;
}

/* States are moved by actions; a new record begins in the first. */
static enum prac_reason check_state(struct prac_judgement *judgement,
	const struct prac_record *before, const struct prac_record *after)
{
	const struct prac_type *type = after->type;
	int64_t wanted = before != NULL ? state_of(before)->number : prac_type_first_state(type);

	if (type->state_field < 0 || state_of(after)->number == wanted) {
		return PRAC_REASON_NONE;
	}
	return prac_refuse(judgement, PRAC_REASON_WRONG_STATE, &type->fields[type->state_field],
		"the state is changed by actions only (practicum do)");
}

static enum prac_reason check_frozen(struct prac_judgement *judgement,
	const struct prac_record *before, const struct prac_record *after)
{
	const struct prac_type *type = after->type;

	if (type->append_only) {
		return prac_refuse(judgement, PRAC_REASON_APPEND_ONLY, NULL, "%s",
			prac_reason_text(PRAC_REASON_APPEND_ONLY));
	}
	if (has_bit(type->frozen, state_of(before)->number)) {
		return prac_refuse(judgement, PRAC_REASON_LOCKED, NULL, "%s",
			prac_reason_text(PRAC_REASON_LOCKED));
	}
	return PRAC_REASON_NONE;
}

static enum prac_reason check_immutable(struct prac_judgement *judgement,
	const struct prac_record *before, const struct prac_record *after)
{
	const struct prac_type *type = after->type;

	for (size_t i = 0; i < type->n_fields; i++) {
		const struct prac_field *field = &type->fields[i];

		if ((field->flags & PRAC_IMMUTABLE) != 0 &&
			!prac_value_equal(field, &before->values[i], &after->values[i])) {
			return prac_refuse(judgement, PRAC_REASON_IMMUTABLE, field, "%s: %s",
				field->label, prac_reason_text(PRAC_REASON_IMMUTABLE));
		}
	}
	return PRAC_REASON_NONE;
}

/* A record goes only while it is as it began; what was submitted is ended, not deleted. */
static enum prac_reason check_delete(
	struct prac_judgement *judgement, const struct prac_record *before)
{
	if (state_of(before)->number == prac_type_first_state(before->type)) {
		return PRAC_REASON_NONE;
	}
	return prac_refuse(judgement, PRAC_REASON_WRONG_STATE, NULL,
		"only what was not submitted is deleted; end it by an action (practicum describe names them)");
}

static enum prac_reason check_values(
	struct prac_judgement *judgement, const struct prac_record *record)
{
	const struct prac_rules *rules = prac_rules_find(record->type);
	const struct prac_field *field;
	enum prac_reason reason = PRAC_REASON_NONE;

	if (prac_values_check(record->type, record->values, &judgement->problem) == PRAC_OK) {
		return PRAC_REASON_NONE;
	}
	field = judgement->problem.field;
	if (rules != NULL && rules->explain != NULL && !record->values[field->index].has) {
		reason = rules->explain(judgement, record);
	}
	return reason != PRAC_REASON_NONE ? reason : PRAC_REASON_INVALID_VALUE;
}

enum prac_reason prac_change_check(struct prac_judgement *judgement,
	const struct prac_record *before, const struct prac_record *after)
{
	const struct prac_rules *rules = prac_rules_find(after->type);
	enum prac_reason reason = PRAC_REASON_NONE;

	if (before != NULL) {
		reason = check_frozen(judgement, before, after);
	}
	if (reason == PRAC_REASON_NONE) {
		reason = check_state(judgement, before, after);
	}
	if (reason == PRAC_REASON_NONE && before != NULL) {
		reason = check_immutable(judgement, before, after);
	}
	if (reason == PRAC_REASON_NONE && before != NULL && after->deleted) {
		reason = check_delete(judgement, before);
	}
	if (reason == PRAC_REASON_NONE && !after->deleted) {
		reason = check_values(judgement, after);
	}
	if (reason == PRAC_REASON_NONE && rules != NULL && rules->check != NULL) {
		reason = rules->check(judgement, before, after);
	}
	return reason;
}

void prac_change_store_args(
	const struct prac_action *action, const struct prac_value *args, struct prac_record *record)
{
	for (size_t i = 0; args != NULL && i < action->args->n_fields; i++) {
		const struct prac_field *field =
			prac_field_find_name(record->type, action->args->fields[i].name);

		if (field != NULL && args[i].has) {
			record->values[field->index] = args[i];
		}
	}
}

/* "Ready to start: it is active; this starts from approved" */
static enum prac_reason refuse_start(struct prac_judgement *judgement,
	const struct prac_action *action, const struct prac_record *record)
{
	const struct prac_field *state = &record->type->fields[record->type->state_field];
	const struct prac_enum_value *now = prac_enum_find(state, state_of(record)->number);
	const char *from = "";

	if (record->deleted || now == NULL) {
		return prac_refuse(judgement, PRAC_REASON_WRONG_STATE, NULL, "%s: %s",
			action->label, prac_reason_text(PRAC_REASON_WRONG_STATE));
	}
	for (size_t i = 0; i < state->n_values; i++) {
		if (has_bit(action->from, state->values[i].number)) {
			from = prac_arena_printf(judgement->arena, "%s%s%s", from,
				from[0] == '\0' ? "" : " or ", state->values[i].name);
		}
	}
	return prac_refuse(judgement, PRAC_REASON_WRONG_STATE, NULL,
		"%s: it is %s; this starts from %s", action->label, now->name, from);
}

enum prac_reason prac_change_act(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_value *args, struct prac_record *record)
{
	const struct prac_type *type = record->type;
	const struct prac_rules *rules = prac_rules_find(type);
	enum prac_reason reason = PRAC_REASON_NONE;

	if (action->district && !judgement->district) {
		return prac_refuse(judgement, PRAC_REASON_NOT_ALLOWED, NULL,
			"%s: for the district only; ask the district office", action->label);
	}
	if (record->deleted ||
		(action->from != 0 && !has_bit(action->from, state_of(record)->number))) {
		return refuse_start(judgement, action, record);
	}
	prac_change_store_args(action, action->args != NULL ? args : NULL, record);
	reason = prac_guards_check(judgement, action, record);
	if (reason == PRAC_REASON_NONE && rules != NULL && rules->act != NULL) {
		reason = rules->act(judgement, action, args, record);
	}
	if (reason == PRAC_REASON_NONE && action->to >= 0 && type->state_field >= 0) {
		record->values[type->state_field] =
			(struct prac_value){ .has = true, .number = action->to };
	}
	if (reason == PRAC_REASON_NONE &&
		prac_values_check(type, record->values, &judgement->problem) != PRAC_OK) {
		reason = PRAC_REASON_INVALID_VALUE;
	}
	return reason;
}
