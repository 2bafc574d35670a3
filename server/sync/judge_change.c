#include <assert.h>
#include <string.h>

#include "catalog/types.h"
#include "common/base/failpoint.h"
#include "server/sync/judge_parts.h"

static enum prac_reason refuse(struct trial *trial, enum prac_reason reason)
{
	return prac_refuse(&trial->judgement, reason, NULL, "%s", prac_reason_text(reason));
}

void trial_stage(struct trial *trial, struct prac_record *record)
{
	assert(trial->n_staged < TRIAL_STAGED_MAX);
	record->seq = trial->seq;
	trial->staged[trial->n_staged++] = record;
}

static struct prac_bytes encode_group(
	const struct prac_record *record, const struct prac_group *group, struct prac_buf *buf)
{
	prac_buf_clear(buf);
	prac_group_encode(record->type, group, record->values, buf);
	return prac_buf_bytes(buf);
}

static bool group_differs(const struct prac_record *before, const struct prac_record *after,
	const struct prac_group *group)
{
	static const struct prac_value absent;
	bool differs = false;

	for (size_t i = 0; i < group->n_fields && !differs; i++) {
		uint16_t index = group->fields[i];

		differs = !prac_value_equal(&after->type->fields[index],
			before != NULL ? &before->values[index] : &absent, &after->values[index]);
	}
	return differs;
}

/* Groups that differ from before's (may be NULL) get the mutation's number. False: none does. */
static bool number_groups(
	const struct trial *trial, const struct prac_record *before, struct prac_record *after)
{
	const struct prac_type *type = after->type;
	bool differs = before == NULL || before->deleted != after->deleted;

	for (size_t i = 0; i < type->n_groups; i++) {
		if (group_differs(before, after, &type->groups[i])) {
			after->group_seq[i] = trial->seq;
			differs = true;
		}
	}
	return differs;
}

/* What a person does to another record through this one must be theirs to do, too. */
static enum prac_reason check_effect(
	struct trial *trial, const struct prac_record *current, const struct prac_record *effect)
{
	size_t n_effects = trial->judgement.n_effects;
	/* Whatever the person did, to this record it is an edit. */
	Practicum__Op op = effect->deleted ? PRACTICUM__OP__OP_DELETE : PRACTICUM__OP__OP_PATCH;
	enum prac_reason reason = trial_may_change(trial, current, op);

	if (reason == PRAC_REASON_NONE) {
		reason = trial_may_edit(trial, current, op);
	}
	for (size_t i = 0; i < current->type->n_groups && reason == PRAC_REASON_NONE; i++) {
		if (!effect->deleted && group_differs(current, effect, &current->type->groups[i])) {
			reason = trial_may_write(trial, current, &current->type->groups[i]);
		}
	}
	if (reason == PRAC_REASON_NONE) {
		reason = prac_change_check(&trial->judgement, current, effect);
		/* What follows from the effect is there already: its rules ran in the action. */
		trial->judgement.n_effects = n_effects;
	}
	if (reason == PRAC_REASON_NONE && !effect->deleted) {
		reason = trial_check_references(trial, current, effect);
	}
	if (reason == PRAC_REASON_NONE && !effect->deleted) {
		reason = trial_check_key(trial, current, effect);
	}
	return reason;
}

static enum prac_reason stage_effect(
	struct trial *trial, const struct prac_record *judged, struct prac_record *effect)
{
	const struct prac_record *current =
		view_find(trial->judge->view, effect->type->number, &effect->id);

	if (current == NULL && prac_id_is_nil(&effect->scope)) {
		effect->scope = judged->scope;
	}
	if (!number_groups(trial, current, effect)) {
		return PRAC_REASON_NONE;
	}
	if (prac_values_check(effect->type, effect->values, &trial->judgement.problem) != PRAC_OK) {
		return PRAC_REASON_INVALID_VALUE;
	}
	trial_stage(trial, effect);
	return PRAC_REASON_NONE;
}

/* Records of ASSIGNED types lead to others: resolving a conflict is an edit of its record. */
static enum prac_reason stage_effects(struct trial *trial, const struct prac_record *judged)
{
	struct prac_judgement *judgement = &trial->judgement;
	size_t n_of_the_person =
		judged->type->owner == PRAC_OWNER_ASSIGNED ? judgement->n_effects : 0;
	enum prac_reason reason = PRAC_REASON_NONE;

	for (size_t i = 0; i < judgement->n_effects && reason == PRAC_REASON_NONE; i++) {
		struct prac_record *effect = judgement->effects[i];
		const struct prac_record *current =
			view_find(trial->judge->view, effect->type->number, &effect->id);

		if (i < n_of_the_person && current != NULL) {
			reason = check_effect(trial, current, effect);
		}
		if (reason == PRAC_REASON_NONE) {
			reason = stage_effect(trial, judged, effect);
		}
	}
	return reason;
}

/* Rules that miss a record cannot know that its create was refused. */
static enum prac_reason check_rules_and_references(
	struct trial *trial, const struct prac_record *before, const struct prac_record *after)
{
	enum prac_reason reason = prac_change_check(&trial->judgement, before, after), found;

	if (after->deleted ||
		(reason != PRAC_REASON_NONE && reason != PRAC_REASON_MISSING_REFERENCE)) {
		return reason;
	}
	found = trial_check_references(trial, before, after);
	return found != PRAC_REASON_NONE ? found : reason;
}

/* The catalog's and the type's rules, what it refers to, what follows from it; then it is staged. */
static enum prac_reason settle(
	struct trial *trial, const struct prac_record *before, struct prac_record *after)
{
	enum prac_reason reason = check_rules_and_references(trial, before, after);

	if (reason == PRAC_REASON_NONE && !after->deleted) {
		reason = trial_check_key(trial, before, after);
	}
	if (reason == PRAC_REASON_NONE) {
		reason = stage_effects(trial, after);
	}
	if (reason == PRAC_REASON_NONE) {
		trial_stage(trial, after);
	}
	return reason;
}

/* The same create under another key: a replica that took a new incarnation before the answer came. */
static bool is_created_already(struct trial *trial, const struct prac_record *current)
{
	const struct prac_mutation *mutation = trial->mutation;
	struct prac_buf buf = { 0 };
	bool is_same = !current->deleted && prac_id_equal(&current->scope, &mutation->scope);

	for (size_t i = 0; i < mutation->n_patches && is_same; i++) {
		is_same = prac_bytes_equal(encode_group(current, mutation->patches[i].group, &buf),
			mutation->patches[i].new_value);
	}
	prac_buf_deinit(&buf);
	return is_same;
}

static enum prac_reason create(struct trial *trial)
{
	const struct prac_mutation *mutation = trial->mutation;
	struct prac_arena *arena = trial->judge->arena;
	const struct prac_record *current =
		view_find(trial->judge->view, mutation->type->number, &mutation->id);
	struct prac_record *record;
	enum prac_reason reason;

	if (current != NULL) {
		return is_created_already(trial, current) ? PRAC_REASON_NONE
							  : refuse(trial, PRAC_REASON_ID_TAKEN);
	}
	if (view_is_disposed(trial->judge->view, mutation->type->number, &mutation->id)) {
		return refuse(trial, PRAC_REASON_DISPOSED);
	}
	record = prac_record_new(arena, mutation->type);
	record->id = mutation->id;
	record->scope = mutation->scope;
	for (size_t i = 0; i < mutation->n_patches; i++) {
		(void)prac_merge(record, &mutation->patches[i], 0, trial->seq, arena);
	}
	(void)number_groups(trial, NULL, record);
	reason = trial_may_add(trial, record);
	if (reason == PRAC_REASON_NONE) {
		reason = trial_may_act(trial, record);
	}
	return reason == PRAC_REASON_NONE ? settle(trial, NULL, record) : reason;
}

/* Merges what still fits and keeps the rest as conflicts. False: nothing is new. */
static bool merge_patches(
	struct trial *trial, const struct prac_record *before, struct prac_record *after)
{
	const struct prac_mutation *mutation = trial->mutation;
	bool is_new = false;

	for (size_t i = 0; i < mutation->n_patches; i++) {
		const struct prac_patch *patch = &mutation->patches[i];
		enum prac_merge_result result = prac_merge(
			after, patch, mutation->base_seq, trial->seq, trial->judge->arena);

		is_new = is_new || result != PRAC_MERGED_SAME;
		if (result == PRAC_MERGED_CONFLICT) {
			trial_keep_conflict(trial, before, patch, PRAC_CONFLICT_KIND_EDIT);
		}
	}
	return is_new;
}

static enum prac_reason patch_deleted(struct trial *trial, const struct prac_record *current)
{
	PRAC_SOMETIMES(EDITED_DELETED);
	for (size_t i = 0; i < trial->mutation->n_patches; i++) {
		trial_keep_conflict(
			trial, current, &trial->mutation->patches[i], PRAC_CONFLICT_KIND_DELETED);
	}
	return PRAC_REASON_NONE;
}

static enum prac_reason patch(struct trial *trial, const struct prac_record *current)
{
	struct prac_record *after = prac_record_copy(trial->judge->arena, current);
	size_t n_kept;

	if (current->deleted) {
		return patch_deleted(trial, current);
	}
	if (!merge_patches(trial, current, after)) {
		return PRAC_REASON_NONE;
	}
	n_kept = trial->n_conflicts;
	if (n_kept == trial->mutation->n_patches) {
		/* Nothing was applied, but what is locked is not even in conflict. */
		return prac_change_check(&trial->judgement, current, after);
	}
	return settle(trial, current, after);
}

/* What the person saw of the group; a group without a patch was empty. */
static struct prac_bytes saw(const struct prac_mutation *mutation, const struct prac_group *group)
{
	for (size_t i = 0; i < mutation->n_patches; i++) {
		if (mutation->patches[i].group == group) {
			return mutation->patches[i].old_value;
		}
	}
	return (struct prac_bytes){ 0 };
}

bool judge_has_newer_edits(const struct prac_mutation *mutation, const struct prac_record *current)
{
	const struct prac_type *type = current->type;
	struct prac_buf buf = { 0 };
	bool has = false;

	for (size_t i = 0; i < type->n_groups && !has; i++) {
		has = current->group_seq[i] > mutation->base_seq &&
		      !prac_bytes_equal(encode_group(current, &type->groups[i], &buf),
			      saw(mutation, &type->groups[i]));
	}
	prac_buf_deinit(&buf);
	return has;
}

static enum prac_reason delete_record(struct trial *trial, const struct prac_record *current)
{
	struct prac_record *after = prac_record_copy(trial->judge->arena, current);
	enum prac_reason reason;

	if (current->deleted) {
		return PRAC_REASON_NONE;
	}
	after->deleted = true;
	if (judge_has_newer_edits(trial->mutation, current)) {
		reason = prac_change_check(&trial->judgement, current, after);
		if (reason == PRAC_REASON_NONE) {
			trial_keep_conflict(trial, current, NULL, PRAC_CONFLICT_KIND_DELETE);
		}
		return reason;
	}
	return settle(trial, current, after);
}

static enum prac_reason act(struct trial *trial, const struct prac_record *current)
{
	struct prac_record *after = prac_record_copy(trial->judge->arena, current);
	enum prac_reason reason = prac_change_act(
		&trial->judgement, trial->mutation->action, trial->mutation->args, after);

	if (reason == PRAC_REASON_NONE) {
		reason = trial_check_references(trial, current, after);
	}
	if (reason == PRAC_REASON_NONE) {
		reason = stage_effects(trial, after);
	}
	if (reason == PRAC_REASON_NONE && number_groups(trial, current, after)) {
		trial_stage(trial, after);
	}
	return reason;
}

enum prac_reason trial_run(struct trial *trial)
{
	const struct prac_mutation *mutation = trial->mutation;
	const struct prac_record *current;
	enum prac_reason reason = trial_know_person(trial);

	if (reason != PRAC_REASON_NONE) {
		return reason;
	}
	/* Believed, it would pass for newer than every change of others and overwrite them. */
	if (mutation->base_seq >= trial->seq) {
		return prac_refuse(&trial->judgement, PRAC_REASON_INVALID_VALUE, NULL,
			"it names a change that the server does not have; update the program, and tell IT when "
			"that does not help");
	}
	if (mutation->op == PRACTICUM__OP__OP_CREATE) {
		return create(trial);
	}
	current = view_find(trial->judge->view, mutation->type->number, &mutation->id);
	if (current == NULL) {
		return refuse(trial, trial_was_refused(trial, mutation->type->number, &mutation->id)
					     ? PRAC_REASON_DEPENDS_ON_REFUSED
					     : PRAC_REASON_UNKNOWN_RECORD);
	}
	reason = trial_may_change(trial, current, mutation->op);
	if (reason == PRAC_REASON_NONE) {
		reason = trial_may_act(trial, current);
	}
	if (reason != PRAC_REASON_NONE) {
		return reason;
	}
	switch (mutation->op) {
	case PRACTICUM__OP__OP_PATCH:
		return patch(trial, current);
	case PRACTICUM__OP__OP_DELETE:
		return delete_record(trial, current);
	case PRACTICUM__OP__OP_ACTION:
		return act(trial, current);
	case PRACTICUM__OP__OP_CREATE:
	case PRACTICUM__OP__OP_UNSPECIFIED:
	case _PRACTICUM__OP_IS_INT_SIZE:
		break;
	}
	return refuse(trial, PRAC_REASON_INTERNAL); /* refused when it was read */
}
