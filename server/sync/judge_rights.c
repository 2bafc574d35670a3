#include "catalog/types.h"
#include "server/sync/judge_parts.h"

static enum prac_reason refuse(struct trial *trial, enum prac_reason reason)
{
	return prac_refuse(&trial->judgement, reason, NULL, "%s", prac_reason_text(reason));
}

bool trial_is_granted(const struct trial *trial, const struct prac_id *scope)
{
	const struct judge_device *device = trial->input->device;

	if (prac_id_equal(scope, &prac_scope_reference)) {
		return true;
	}
	/* Every school, also one that an earlier mutation of this very batch made. */
	if (device->district || prac_id_equal(scope, &prac_scope_district)) {
		return device->district;
	}
	for (size_t i = 0; i < device->n_grants; i++) {
		if (prac_id_equal(scope, &device->grants[i].scope)) {
			return true;
		}
	}
	return false;
}

static bool is_visible(const struct trial *trial, const struct prac_record *record)
{
	const struct prac_id *scopes;
	size_t n = view_scopes(trial->judge->view, record, &scopes);

	for (size_t i = 0; i < n; i++) {
		if (trial_is_granted(trial, &scopes[i])) {
			return true;
		}
	}
	return false;
}

/*
 * A school proposes reference data and changes its proposal until the district decided; an action says
 * itself whether it is the district's.
 */
static enum prac_reason may_propose(struct trial *trial, const struct prac_type *type,
	const struct prac_record *record, Practicum__Op op)
{
	bool is_first = record == NULL || type->state_field < 0 ||
			record->values[type->state_field].number == prac_type_first_state(type);
	bool is_asked_for =
		op == PRACTICUM__OP__OP_ACTION || (is_first && op != PRACTICUM__OP__OP_DELETE);

	return trial->input->device->district || (type->proposable && is_asked_for)
		       ? PRAC_REASON_NONE
		       : refuse(trial, PRAC_REASON_NOT_ALLOWED);
}

/* The scope that a new record of the type must name; false: none, by a device. */
static bool owner_of(
	const struct trial *trial, const struct prac_record *record, struct prac_id *owner_out)
{
	const struct prac_record *target;
	const struct prac_type *type;
	struct prac_id id;

	if (record->type->owner != PRAC_OWNER_TARGET) {
		return prac_record_owner(record, owner_out);
	}
	type = prac_record_target(record, &id);
	target = type != NULL ? view_find(trial->judge->view, type->number, &id) : NULL;
	*owner_out = target != NULL ? target->scope : prac_scope_district;
	return target != NULL;
}

/* Work stays where it was done: either school of a shared student may add to it at the other. */
static bool is_shared_with(
	const struct trial *trial, const struct prac_record *record, const struct prac_id *owner)
{
	const struct view *view = trial->judge->view;
	const struct prac_record *student = NULL;
	const struct prac_id *scopes;
	struct prac_id id;
	bool is_school = false;
	size_t n = 0;

	if (record->type->follow_field >= 0 &&
		view_reference(record, record->type->follow_field, &id)) {
		student = view_find(view, view_student_type()->number, &id);
	}
	if (student != NULL) {
		n = view_scopes(view, student, &scopes);
	}
	for (size_t i = 0; i < n; i++) {
		is_school = is_school || prac_id_equal(&scopes[i], owner);
	}
	return is_school && is_visible(trial, student);
}

/* What belongs to reference data is added by who may propose such data. */
static enum prac_reason may_add_to_target(struct trial *trial, const struct prac_record *record)
{
	struct prac_id id;
	const struct prac_type *type = prac_record_target(record, &id);
	const struct prac_record *target =
		type != NULL ? view_find(trial->judge->view, type->number, &id) : NULL;

	if (target == NULL || !is_visible(trial, target)) {
		return refuse(trial, type != NULL && trial_was_refused(trial, type->number, &id)
					     ? PRAC_REASON_DEPENDS_ON_REFUSED
					     : PRAC_REASON_MISSING_REFERENCE);
	}
	return type->owner == PRAC_OWNER_REFERENCE
		       ? may_propose(trial, type, NULL, PRACTICUM__OP__OP_CREATE)
		       : PRAC_REASON_NONE;
}

enum prac_reason trial_may_add(struct trial *trial, const struct prac_record *record)
{
	enum prac_reason reason = PRAC_REASON_NONE;
	struct prac_id owner;

	if (record->type->owner == PRAC_OWNER_ASSIGNED) {
		return refuse(trial, PRAC_REASON_NOT_ALLOWED);
	}
	if (record->type->owner == PRAC_OWNER_TARGET) {
		reason = may_add_to_target(trial, record);
	}
	if (reason != PRAC_REASON_NONE) {
		return reason;
	}
	if (!owner_of(trial, record, &owner) || !prac_id_equal(&owner, &record->scope)) {
		return refuse(trial, PRAC_REASON_WRONG_SCOPE);
	}
	if (record->type->owner == PRAC_OWNER_REFERENCE) {
		return may_propose(trial, record->type, NULL, PRACTICUM__OP__OP_CREATE);
	}
	return trial_is_granted(trial, &owner) || is_shared_with(trial, record, &owner)
		       ? PRAC_REASON_NONE
		       : refuse(trial, PRAC_REASON_RIGHTS_LOST);
}

enum prac_reason trial_may_change(
	struct trial *trial, const struct prac_record *record, Practicum__Op op)
{
	if (record->type->owner == PRAC_OWNER_REFERENCE) {
		return may_propose(trial, record->type, record, op);
	}
	if (!is_visible(trial, record)) {
		return refuse(trial, PRAC_REASON_RIGHTS_LOST);
	}
	/* What belongs to reference data was proposed; who sees it may be any school. */
	if (record->type->owner == PRAC_OWNER_TARGET && !trial->input->device->district &&
		prac_id_equal(&record->scope, &prac_scope_reference)) {
		return refuse(trial, PRAC_REASON_NOT_ALLOWED);
	}
	return PRAC_REASON_NONE;
}

bool trial_was_refused(const struct trial *trial, uint32_t type, const struct prac_id *id)
{
	struct view *view = trial->judge->view;
	const struct prac_record *const *rejected;
	size_t n;

	if (view_entry(view, type, id)->is_refused) {
		return true;
	}
	n = view_children(view, &prac_type_rejected,
		&prac_type_rejected.fields[PRAC_REJECTED_RECORD_ID], id, &rejected);
	for (size_t i = 0; i < n; i++) {
		if (rejected[i]->values[PRAC_REJECTED_RECORD_TYPE].number == (int64_t)type) {
			return true;
		}
	}
	return false;
}

bool trial_is_about_disposed(const struct trial *trial)
{
	const struct prac_mutation *mutation = trial->mutation;
	const struct view *view = trial->judge->view;
	const struct prac_record *sent =
		mutation->type != NULL ? view_as_sent(view, mutation) : NULL;
	const struct prac_type *target;
	struct prac_id id;
	bool is_about =
		sent != NULL && view_is_disposed(view, mutation->type->number, &mutation->id);

	for (size_t i = 0; sent != NULL && i < sent->type->n_fields && !is_about; i++) {
		uint32_t type = sent->type->fields[i].ref_type;

		is_about = type != 0 && view_reference(sent, (int)i, &id) &&
			   view_is_disposed(view, type, &id);
	}
	target = sent != NULL ? prac_record_target(sent, &id) : NULL;
	return is_about || (target != NULL && view_is_disposed(view, target->number, &id));
}

static enum prac_reason check_reference(
	struct trial *trial, const struct prac_field *field, const struct prac_id *id)
{
	const struct prac_record *target = view_find(trial->judge->view, field->ref_type, id);
	enum prac_reason reason = PRAC_REASON_MISSING_REFERENCE;

	if (target != NULL && !target->deleted && is_visible(trial, target) &&
		trial_person_sees(trial, target)) {
		return PRAC_REASON_NONE;
	}
	if (target == NULL && trial_was_refused(trial, field->ref_type, id)) {
		reason = PRAC_REASON_DEPENDS_ON_REFUSED;
	}
	return prac_refuse(
		&trial->judgement, reason, field, "%s: %s", field->label, prac_reason_text(reason));
}

enum prac_reason trial_check_references(
	struct trial *trial, const struct prac_record *before, const struct prac_record *after)
{
	const struct prac_type *type = after->type;
	enum prac_reason reason = PRAC_REASON_NONE;

	for (size_t i = 0; i < type->n_fields && reason == PRAC_REASON_NONE; i++) {
		const struct prac_field *field = &type->fields[i];
		struct prac_id id;

		if (field->ref_type == 0 || !view_reference(after, (int)i, &id) ||
			(before != NULL &&
				prac_value_equal(field, &before->values[i], &after->values[i]))) {
			continue;
		}
		reason = check_reference(trial, field, &id);
	}
	return reason;
}

enum prac_reason trial_check_key(
	struct trial *trial, const struct prac_record *before, const struct prac_record *after)
{
	const struct prac_record *existing;

	if (!after->type->unique || (before != NULL && prac_record_same_key(before, after))) {
		return PRAC_REASON_NONE;
	}
	existing = view_same_key(trial->judge->view, after);
	if (existing == NULL) {
		return PRAC_REASON_NONE;
	}
	return prac_refuse_duplicate(&trial->judgement, after,
		is_visible(trial, existing) && trial_person_sees(trial, existing) ? existing
										  : NULL);
}
