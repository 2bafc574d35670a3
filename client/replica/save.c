/* Input of people: checked by the rules, stored with a counter, shown at once. */
#include <string.h>

#include "catalog/types.h"
#include "client/replica/acting.h"
#include "client/replica/outbox.h"
#include "client/replica/rows.h"
#include "client/replica/scopes.h"
#include "common/catalog/move.h"
#include "common/sync/change.h"

/* ---- checks */

/* Effects are the server's to write; what the rules do with these ids is thrown away. */
static struct prac_id effect_id(void *ctx, size_t n)
{
	struct replica *replica = ctx;

	(void)n;
	return prac_id_new(replica->env);
}

/* Whoever is signed in enters it, else the device, where that is enough. */
static void judge_as_station(struct replica *replica, struct prac_judgement *judgement_out)
{
	int64_t now_ms = replica->env->wall_ms(replica->env->ctx);
	struct prac_facts *facts = prac_arena_alloc(&replica->tx_arena, sizeof(*facts));
	struct replica_identity identity;

	if (replica_identity(replica, &identity) != PRAC_OK) {
		memset(&identity, 0, sizeof(identity)); /* not enrolled: nobody is named */
	}
	replica_facts(replica, &replica->tx_arena, facts);
	replica->is_judging = true;
	*judgement_out = (struct prac_judgement){
		.facts = facts,
		.arena = &replica->tx_arena,
		.today = prac_env_today(replica->env),
		.now_ms = now_ms,
		.district = identity.district,
		.person = acting_author(replica),
		.effect_id = effect_id,
		.effect_ctx = replica,
	};
}

static enum prac_reason own_as_target(struct prac_judgement *judgement, struct prac_record *record)
{
	const struct prac_record *target = prac_facts_target(judgement, record);

	if (target == NULL) {
		return prac_refuse(judgement, PRAC_REASON_MISSING_REFERENCE, NULL,
			"Record: there is no such record here; name one that is there, or sync first");
	}
	if (target->type->owner == PRAC_OWNER_REFERENCE && !target->type->proposable &&
		!judgement->district) {
		return prac_refuse(judgement, PRAC_REASON_NOT_ALLOWED, NULL,
			"only the district office adds to records of type %s", target->type->name);
	}
	record->scope = target->scope;
	return PRAC_REASON_NONE;
}

static enum prac_reason own(struct prac_judgement *judgement, struct prac_record *record)
{
	const struct prac_type *type = record->type;

	if (prac_record_owner(record, &record->scope)) {
		return PRAC_REASON_NONE;
	}
	if (type->owner == PRAC_OWNER_TARGET) {
		return own_as_target(judgement, record);
	}
	if (type->owner == PRAC_OWNER_BY_FIELD) {
		return prac_refuse(judgement, PRAC_REASON_INVALID_VALUE,
			&type->fields[type->owner_field], "%s: is required",
			type->fields[type->owner_field].label);
	}
	return prac_refuse(judgement, PRAC_REASON_NOT_ALLOWED, NULL,
		"only the server writes records of this type, by itself");
}

/* A reference the person changed must lead somewhere they can see. */
static enum prac_reason check_reference(struct prac_judgement *judgement,
	const struct prac_record *before, const struct prac_record *after, size_t i)
{
	const struct prac_field *field = &after->type->fields[i];
	const struct prac_value *value = &after->values[i];
	struct prac_id id;

	if (field->kind != PRAC_REF || field->ref_type == 0 || !value->has ||
		(before != NULL && prac_value_equal(field, &before->values[i], value)) ||
		(prac_id_from_bytes(value->bytes, &id) == PRAC_OK &&
			judgement->facts->get(judgement->facts->ctx, field->ref_type, &id) !=
				NULL)) {
		return PRAC_REASON_NONE;
	}
	return prac_refuse(judgement, PRAC_REASON_MISSING_REFERENCE, field,
		"%s: there is no such record here; name one that is there, or sync first",
		field->label);
}

static enum prac_reason check_references(struct prac_judgement *judgement,
	const struct prac_record *before, const struct prac_record *after)
{
	enum prac_reason reason = PRAC_REASON_NONE;

	for (size_t i = 0; i < after->type->n_fields && reason == PRAC_REASON_NONE; i++) {
		reason = check_reference(judgement, before, after, i);
	}
	return reason;
}

/* Either school of a shared student adds to what the student does at the other. */
static bool is_of_shared_student(struct prac_judgement *judgement, const struct prac_record *record)
{
	const struct prac_facts *facts = judgement->facts;
	const struct prac_record *student = NULL, *const * enrollments;
	bool is_school;
	size_t n;

	if (record->type->follow_field >= 0) {
		student = prac_facts_follow(judgement, record, (size_t)record->type->follow_field);
	}
	if (student == NULL) {
		return false;
	}
	is_school = prac_id_equal(&student->scope, &record->scope);
	n = facts->children(facts->ctx, PRAC_ENROLLMENT, PRAC_ENROLLMENT_STUDENT_ID_NO,
		&student->id, &enrollments);
	for (size_t i = 0; i < n; i++) {
		is_school =
			is_school || (prac_id_equal(&enrollments[i]->scope, &record->scope) &&
					     enrollments[i]->values[PRAC_ENROLLMENT_STATE].number ==
						     PRAC_ENROLLMENT_STATE_ACTIVE);
	}
	return is_school;
}

/* What the server would refuse for want of the school, said at once instead of as a draft. */
static enum prac_reason check_scope(
	struct replica *replica, struct prac_judgement *judgement, const struct prac_record *record)
{
	if (record->type->owner != PRAC_OWNER_BY_FIELD || judgement->district ||
		scopes_allow(replica, &record->scope) || is_of_shared_student(judgement, record)) {
		return PRAC_REASON_NONE;
	}
	return prac_refuse(judgement, PRAC_REASON_NOT_ALLOWED,
		&record->type->fields[record->type->owner_field],
		"%s: this device is not that school's; enter it at a device of the school",
		record->type->fields[record->type->owner_field].label);
}

/* What nobody entered the server would refuse. */
static enum prac_reason check_person(struct replica *replica, struct prac_judgement *judgement)
{
	const char *text = replica_presence_text(acting(replica)->presence);

	return text == NULL ? PRAC_REASON_NONE
			    : prac_refuse(judgement, PRAC_REASON_NOT_ALLOWED, NULL, "%s", text);
}

/* Is it for whoever acts to save this, and each fact that was changed? */
static enum prac_reason check_right(struct replica *replica, struct prac_judgement *judgement,
	const struct prac_record *before, const struct prac_record *after)
{
	struct prac_deed deed = { .op = before == NULL ? PRAC_RIGHT_CREATE : PRAC_RIGHT_CHANGE };
	struct prac_patch *patches;

	if (after->deleted) {
		deed.op = PRAC_RIGHT_DELETE;
	} else {
		deed.n_patches = prac_patches_between(before, after, &replica->tx_arena, &patches);
		deed.patches = patches;
	}
	return acting_may(replica, judgement, after, &deed);
}

/* What the server would refuse, said at once; it alone knows of every record. */
static enum prac_reason check_key(struct replica *replica, struct prac_judgement *judgement,
	const struct prac_record *before, const struct prac_record *after)
{
	const struct prac_record *first = NULL;

	if (!after->type->unique || (before != NULL && prac_record_same_key(before, after)) ||
		replica_same_key(replica, after, judgement->arena, &first) != PRAC_OK ||
		first == NULL) {
		return PRAC_REASON_NONE;
	}
	return prac_refuse_duplicate(judgement, after, first);
}

static enum prac_reason check_save(struct replica *replica, struct prac_judgement *judgement,
	const struct prac_record *before, struct prac_record *after)
{
	enum prac_reason reason = check_person(replica, judgement);

	if (before == NULL && reason == PRAC_REASON_NONE) {
		reason = own(judgement, after);
	}
	if (before == NULL && reason == PRAC_REASON_NONE) {
		reason = check_scope(replica, judgement, after);
	}
	if (reason == PRAC_REASON_NONE) {
		reason = check_right(replica, judgement, before, after);
	}
	if (reason == PRAC_REASON_NONE) {
		reason = prac_change_check(judgement, before, after);
	}
	if (reason == PRAC_REASON_NONE && !after->deleted) {
		reason = check_references(judgement, before, after);
	}
	if (reason == PRAC_REASON_NONE && !after->deleted) {
		reason = check_key(replica, judgement, before, after);
	}
	return reason;
}

static enum prac_status refused(struct replica *replica, const struct prac_judgement *judgement,
	struct replica_refusal *refusal)
{
	struct prac_problem *problem = &refusal->problem;
	enum prac_status status;

	*problem = judgement->problem;
	if (problem->text[0] == '\0') {
		prac_problem_set(problem, problem->field, "%s", prac_reason_text(refusal->reason));
	}
	replica->is_judging = false;
	status = file_end(replica);
	return status == PRAC_OK ? PRAC_FAILED_PRECONDITION : status;
}

/* ---- what was shown with fields withheld */

/* The record with the values that its copy lacks, as they are now. */
static struct prac_record *make_whole(struct replica *replica, const struct prac_record *shown)
{
	struct prac_record *whole = prac_record_copy(&replica->tx_arena, shown);
	const struct prac_record *now = NULL;

	if (shown->withheld == 0 || replica_get(replica, shown->type, &shown->id,
					    &replica->tx_arena, &now) != PRAC_OK) {
		return whole;
	}
	for (size_t i = 0; i < shown->type->n_fields && now != NULL; i++) {
		if ((shown->withheld >> i & 1) != 0 && !whole->values[i].has) {
			whole->values[i] = now->values[i];
		}
	}
	whole->withheld = 0;
	return whole;
}

/* What was not shown cannot be changed, to whatever value; the answer is that to a right that is not there. */
static enum prac_reason check_withheld(struct replica *replica, struct prac_judgement *judgement,
	const struct prac_record *before, const struct prac_record *after)
{
	enum prac_reason reason = PRAC_REASON_NONE;

	for (size_t i = 0; i < after->type->n_fields && reason == PRAC_REASON_NONE; i++) {
		struct prac_patch patch = {
			.group = &after->type->groups[after->type->fields[i].group]
		};
		struct prac_deed deed = {
			.op = PRAC_RIGHT_CHANGE, .patches = &patch, .n_patches = 1
		};

		if ((before->withheld >> i & 1) != 0 &&
			((after->withheld >> i & 1) == 0 || after->values[i].has)) {
			reason = acting_may(replica, judgement, before, &deed);
		}
	}
	return reason;
}

/* Nor may anybody decide over what is only for others to see. */
static enum prac_reason check_content(
	struct prac_judgement *judgement, const struct prac_record *record)
{
	for (size_t i = 0; i < record->type->n_fields; i++) {
		if ((record->withheld >> i & 1) != 0 &&
			record->type->fields[i].mask == PRAC_MASK_CONTENT) {
			return prac_refuse(judgement, PRAC_REASON_NOT_ALLOWED,
				&record->type->fields[i],
				"your role may not do that here; it is for whoever sees what is in "
				"it");
		}
	}
	return PRAC_REASON_NONE;
}

/* The same that the server asks of the arguments before it looks at the record. */
static enum prac_reason check_args(struct prac_judgement *judgement,
	const struct prac_action *action, const struct prac_value *args)
{
	return action->args == NULL ||
			       prac_values_check(action->args, args, &judgement->problem) == PRAC_OK
		       ? PRAC_REASON_NONE
		       : PRAC_REASON_INVALID_VALUE;
}

static struct prac_mutation start_mutation(
	const struct prac_record *record, const struct prac_judgement *judgement)
{
	return (struct prac_mutation){
		.type = record->type,
		.id = record->id,
		.base_seq = record->seq,
		.client_time_ms = judgement->now_ms,
		.schema = PRAC_SCHEMA,
		.person = judgement->person,
	};
}

static void add_save(struct replica *replica, const struct prac_judgement *judgement,
	const struct prac_record *before, const struct prac_record *after)
{
	struct prac_mutation mutation = start_mutation(after, judgement);

	mutation.op = PRACTICUM__OP__OP_PATCH;
	if (before == NULL) {
		mutation.op = PRACTICUM__OP__OP_CREATE;
		mutation.scope = after->scope;
	} else if (after->deleted) {
		mutation.op = PRACTICUM__OP__OP_DELETE;
	}
	/* With a deletion goes what was seen: what it rests on may not be judged yet. */
	mutation.n_patches = prac_patches_between(
		before, after->deleted ? NULL : after, &replica->tx_arena, &mutation.patches);
	/* Saving a form that was not touched is no input. */
	if (mutation.op != PRACTICUM__OP__OP_PATCH || mutation.n_patches > 0) {
		outbox_add(replica, &mutation, &after->scope, &replica->tx_arena);
	}
}

enum prac_status replica_save(struct replica *replica, const struct prac_record *before,
	struct prac_record *after, struct replica_refusal *refusal_out)
{
	struct prac_judgement judgement;
	struct prac_record *whole;

	memset(refusal_out, 0, sizeof(*refusal_out));
	file_begin(replica);
	if (before == NULL && prac_id_is_nil(&after->id)) {
		after->id = prac_id_new(replica->env);
	}
	judge_as_station(replica, &judgement);
	if (before != NULL) {
		refusal_out->reason = check_withheld(replica, &judgement, before, after);
		before = make_whole(replica, before);
	}
	/* What is filled in borrows the transaction's memory, so the caller's record stays as it is. */
	whole = make_whole(replica, after);
	if (!whole->deleted) {
		prac_rules_complete(&judgement, before, whole);
	}
	if (refusal_out->reason == PRAC_REASON_NONE) {
		refusal_out->reason = check_save(replica, &judgement, before, whole);
	}
	if (refusal_out->reason != PRAC_REASON_NONE) {
		return refused(replica, &judgement, refusal_out);
	}
	after->scope = whole->scope;
	add_save(replica, &judgement, before, whole);
	replica->is_judging = false;
	return file_end(replica);
}

/* What is wrong with one value by itself; *problem_out has no text where nothing is. */
static void check_value(struct prac_judgement *judgement, const struct prac_record *before,
	const struct prac_record *after, size_t i, struct prac_problem *problem_out)
{
	const struct prac_field *field = &after->type->fields[i];

	*problem_out = judgement->problem = (struct prac_problem){ 0 };
	if (before != NULL && (field->flags & PRAC_IMMUTABLE) != 0 &&
		!prac_value_equal(field, &before->values[i], &after->values[i])) {
		prac_problem_set(problem_out, field, "%s: %s", field->label,
			prac_reason_text(PRAC_REASON_IMMUTABLE));
	} else if (prac_value_check(field, &after->values[i], problem_out) == PRAC_OK &&
		   check_reference(judgement, before, after, i) != PRAC_REASON_NONE) {
		*problem_out = judgement->problem;
	}
}

enum prac_status replica_check_values(struct replica *replica, const struct prac_record *before,
	const struct prac_record *after, replica_problem_fn fn, void *ctx)
{
	struct prac_judgement judgement;
	struct prac_record *whole;

	file_begin(replica);
	judge_as_station(replica, &judgement);
	before = before != NULL ? make_whole(replica, before) : NULL;
	whole = make_whole(replica, after);
	prac_rules_complete(&judgement, before, whole);
	for (size_t i = 0; i < after->type->n_fields; i++) {
		struct prac_problem problem;

		check_value(&judgement, before, whole, i, &problem);
		if (problem.text[0] != '\0') {
			fn(ctx, &problem);
		}
	}
	replica->is_judging = false;
	return file_end(replica);
}

enum prac_status replica_act(struct replica *replica, const struct prac_record *record,
	const struct prac_action *action, const struct prac_value *args,
	struct replica_refusal *refusal_out)
{
	struct prac_judgement judgement;
	struct prac_mutation mutation;
	struct prac_record *whole;
	struct prac_value *filled;

	memset(refusal_out, 0, sizeof(*refusal_out));
	file_begin(replica);
	judge_as_station(replica, &judgement);
	whole = make_whole(replica, record);
	filled = prac_move_args(whole, action, args, &replica->tx_arena);
	refusal_out->reason = check_person(replica, &judgement);
	if (refusal_out->reason == PRAC_REASON_NONE) {
		refusal_out->reason = acting_may(replica, &judgement, record,
			&(struct prac_deed){ .op = PRAC_RIGHT_ACT, .action = action });
	}
	if (refusal_out->reason == PRAC_REASON_NONE) {
		refusal_out->reason = check_content(&judgement, record);
	}
	if (refusal_out->reason == PRAC_REASON_NONE) {
		refusal_out->reason = check_args(&judgement, action, filled);
	}
	if (refusal_out->reason == PRAC_REASON_NONE) {
		refusal_out->reason = prac_change_act(&judgement, action, filled, whole);
	}
	if (refusal_out->reason != PRAC_REASON_NONE) {
		return refused(replica, &judgement, refusal_out);
	}
	mutation = start_mutation(record, &judgement);
	mutation.op = PRACTICUM__OP__OP_ACTION;
	mutation.action = action;
	mutation.args = filled;
	outbox_add(replica, &mutation, &record->scope, &replica->tx_arena);
	replica->is_judging = false;
	return file_end(replica);
}
