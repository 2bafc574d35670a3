#include <assert.h>
#include <string.h>

#include "catalog/types.h"
#include "server/sync/judge_parts.h"

enum {
	/* Which of a mutation's own ids: effects of rules come first, from 0. */
	ID_OF_CONFLICT = 1000,
	ID_OF_REJECTED = 2000
};

static void set_number(struct prac_record *record, int field, int64_t number)
{
	record->values[field] = (struct prac_value){ .has = true, .number = number };
}

/* Empty bytes are an absent value. */
static void set_bytes(struct prac_record *record, int field, struct prac_bytes bytes)
{
	record->values[field] = (struct prac_value){ .has = bytes.len > 0, .bytes = bytes };
}

static void set_id(
	struct prac_record *record, int field, const struct prac_id *id, struct prac_arena *arena)
{
	if (!prac_id_is_nil(id)) {
		set_bytes(record, field, prac_arena_copy(arena, prac_id_bytes(id)));
	}
}

static struct prac_record *start_record(
	struct trial *trial, const struct prac_type *type, size_t id, const struct prac_id *scope)
{
	struct prac_record *record = prac_record_new(trial->judge->arena, type);

	record->id = trial->judgement.effect_id(trial, id);
	record->scope = *scope;
	for (size_t i = 0; i < type->n_groups; i++) {
		record->group_seq[i] = trial->seq;
	}
	return record;
}

static struct prac_bytes current_value(
	const struct prac_record *current, const struct prac_group *group, struct prac_arena *arena)
{
	struct prac_buf buf = { 0 };
	struct prac_bytes bytes;

	prac_group_encode(current->type, group, current->values, &buf);
	bytes = prac_arena_copy(arena, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
	return bytes;
}

static void set_values(struct prac_record *record, const struct prac_record *current,
	const struct prac_patch *patch, struct prac_arena *arena)
{
	set_number(record, PRAC_CONFLICT_GROUP_NUMBER, patch->group->number);
	set_bytes(record, PRAC_CONFLICT_BASE_VALUE, patch->old_value);
	set_bytes(record, PRAC_CONFLICT_THEIRS, current_value(current, patch->group, arena));
	set_bytes(record, PRAC_CONFLICT_MINE, patch->new_value);
}

static void set_theirs(const struct trial *trial, struct prac_record *record, uint64_t seq)
{
	const struct store_judged *theirs = judge_find_theirs(trial->judge, seq);

	set_number(record, PRAC_CONFLICT_THEIRS_SEQ, (int64_t)seq);
	if (theirs == NULL) {
		return;
	}
	set_id(record, PRAC_CONFLICT_THEIRS_DEVICE, &theirs->key.device, trial->judge->arena);
	set_id(record, PRAC_CONFLICT_THEIRS_PERSON, &theirs->person, trial->judge->arena);
	set_number(record, PRAC_CONFLICT_THEIRS_AT, theirs->client_time_ms);
}

void trial_keep_conflict(struct trial *trial, const struct prac_record *current,
	const struct prac_patch *patch, int64_t kind)
{
	struct prac_arena *arena = trial->judge->arena;
	const struct prac_mutation *mutation = trial->mutation;
	struct prac_record *record = start_record(
		trial, &prac_type_conflict, ID_OF_CONFLICT + trial->n_conflicts, &current->scope);
	struct prac_id student;

	set_number(record, PRAC_CONFLICT_RECORD_TYPE, current->type->number);
	set_id(record, PRAC_CONFLICT_RECORD_ID, &current->id, arena);
	if (current->type == view_student_type()) {
		set_id(record, PRAC_CONFLICT_STUDENT_ID, &current->id, arena);
	} else if (view_reference(current, current->type->follow_field, &student)) {
		set_id(record, PRAC_CONFLICT_STUDENT_ID, &student, arena);
	}
	set_number(record, PRAC_CONFLICT_KIND, kind);
	set_number(record, PRAC_CONFLICT_GROUP_NUMBER, 0);
	set_theirs(trial, record, theirs_seq(current, patch));
	if (patch != NULL) {
		set_values(record, current, patch, arena);
	}
	set_id(record, PRAC_CONFLICT_MINE_DEVICE, &trial->input->device->id, arena);
	set_id(record, PRAC_CONFLICT_MINE_PERSON, &mutation->person, arena);
	set_number(record, PRAC_CONFLICT_MINE_AT, mutation->client_time_ms);
	trial->n_conflicts++;
	trial_stage(trial, record);
}

static bool is_school(const struct prac_id *scope)
{
	return !prac_id_is_nil(scope) && !prac_id_equal(scope, &prac_scope_reference) &&
	       !prac_id_equal(scope, &prac_scope_district);
}

/* The school where the input is looked for: the one it is about, else the device's own. */
static struct prac_id scope_of_refusal(const struct trial *trial, enum prac_reason reason)
{
	const struct prac_mutation *mutation = trial->mutation;
	const struct judge_device *device = trial->input->device;
	const struct prac_record *current =
		mutation->type != NULL
			? view_find(trial->judge->view, mutation->type->number, &mutation->id)
			: NULL;
	const struct prac_id *about = current != NULL && mutation->op != PRACTICUM__OP__OP_CREATE
					      ? &current->scope
					      : &mutation->scope;

	if (is_school(about) &&
		(reason == PRAC_REASON_RIGHTS_LOST || trial_is_granted(trial, about))) {
		return *about;
	}
	for (size_t i = 0; i < device->n_grants && !device->district; i++) {
		if (is_school(&device->grants[i].scope)) {
			return device->grants[i].scope;
		}
	}
	return prac_scope_district;
}

struct prac_record *trial_keep_rejected(struct trial *trial, enum prac_reason reason)
{
	struct prac_arena *arena = trial->judge->arena;
	const struct prac_mutation *mutation = trial->mutation;
	const struct judge_device *device = trial->input->device;
	struct prac_id scope = scope_of_refusal(trial, reason);
	struct prac_record *record =
		start_record(trial, &prac_type_rejected, ID_OF_REJECTED, &scope);

	set_number(record, PRAC_REJECTED_RECORD_TYPE, mutation->type_number);
	set_id(record, PRAC_REJECTED_RECORD_ID, &mutation->id, arena);
	if (reason != PRAC_REASON_DISPOSED) {
		set_bytes(record, PRAC_REJECTED_PAYLOAD, mutation->bytes);
	}
	set_number(record, PRAC_REJECTED_REASON, (int64_t)reason);
	/* The trial ends before the record is written. */
	set_bytes(record, PRAC_REJECTED_WORDS,
		prac_arena_copy(arena, prac_bytes_text(trial->judgement.problem.text)));
	set_id(record, PRAC_REJECTED_DEVICE_ID, &device->id, arena);
	/* Counted from the sign bit on: the field is signed, an incarnation is not. */
	set_number(record, PRAC_REJECTED_INCARNATION, (int64_t)device->incarnation);
	set_number(record, PRAC_REJECTED_COUNTER, (int64_t)mutation->counter);
	set_id(record, PRAC_REJECTED_PERSON_ID, &mutation->person, arena);
	set_number(record, PRAC_REJECTED_ENTERED_AT, mutation->client_time_ms);
	record->seq = trial->seq;
	return record;
}
