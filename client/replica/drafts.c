/* Input that was refused: kept until its author enters it again or discards it. */
#include <string.h>

#include "client/replica/outbox.h"
#include "client/replica/rows.h"
#include "client/replica/sealed.h"
#include "common/sync/merge.h"
#include "sql/replica.h"

enum prac_status replica_drafts(struct replica *replica, struct prac_arena *arena,
	struct replica_draft **drafts_out, size_t *n_out)
{
	struct replica_draft *drafts;
	sqlite3_stmt *stmt;
	size_t cap, n = 0;

	file_begin_read(replica);
	cap = (size_t)file_number(replica, file_use(replica, &q_replica_draft_count));
	drafts = prac_arena_alloc(arena, (cap + 1) * sizeof(*drafts));
	stmt = file_use(replica, &q_replica_draft_list);
	while (file_row(replica, stmt)) {
		drafts[n++] = (struct replica_draft){
			.id = column_u64(stmt, 0),
			.reason = (enum prac_reason)sqlite3_column_int(stmt, 1),
			.field = (uint32_t)sqlite3_column_int64(stmt, 2),
			.made_ms = sqlite3_column_int64(stmt, 3),
			.bytes = sealed_payload(replica, stmt, 4, arena),
			.text = prac_arena_text(arena, sealed_words(replica, stmt, 4, arena)),
		};
	}
	*drafts_out = drafts;
	*n_out = n;
	return file_end(replica);
}

static bool close_draft(struct replica *replica, uint64_t id)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_draft_close);

	bind_u64(stmt, 1, id);
	file_run(replica, stmt);
	return sqlite3_changes(replica->db) > 0;
}

enum prac_status replica_draft_discard(struct replica *replica, uint64_t id)
{
	file_begin(replica);
	if (!close_draft(replica, id)) {
		file_fail(replica, PRAC_NOT_FOUND, "there is no such draft");
	}
	return file_end(replica);
}

/* The record as the draft's author wanted it, on what is there now. */
static struct prac_record *as_drafted(const struct prac_mutation *mutation,
	const struct prac_record *now, struct prac_arena *arena)
{
	struct prac_record *wanted =
		now != NULL ? prac_record_copy(arena, now) : prac_record_new(arena, mutation->type);

	wanted->id = mutation->id;
	for (size_t i = 0; i < mutation->n_patches; i++) {
		prac_overlay(wanted, &mutation->patches[i], arena);
	}
	wanted->deleted = mutation->op == PRACTICUM__OP__OP_DELETE;
	return wanted;
}

static bool read_mutation(
	struct replica *replica, struct prac_bytes bytes, struct prac_mutation *mutation_out)
{
	enum prac_reason reason = PRAC_REASON_NONE;
	struct prac_problem problem;

	return prac_mutation_read(bytes, &replica->tx_arena, mutation_out, &reason, &problem) ==
		       PRAC_OK &&
	       reason == PRAC_REASON_NONE;
}

/* ---- a record that another one stands in for */

/* The record here with the natural key of the refused create; NULL: it is not here. */
static const struct prac_record *find_first(
	struct replica *replica, const struct prac_mutation *create)
{
	struct prac_record *wanted = as_drafted(create, NULL, &replica->tx_arena);
	const struct prac_record *first = NULL;

	return create->type->unique && replica_same_key(replica, wanted, &replica->tx_arena,
					       &first) == PRAC_OK
		       ? first
		       : NULL;
}

/*
 * The record that takes the place of one whose create was refused because there was one already. False:
 * the id stands for itself.
 */
static bool find_stand_in(
	struct replica *replica, uint32_t type, const struct prac_id *id, struct prac_id *id_out)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_draft_duplicate);
	const struct prac_record *first = NULL;
	struct prac_mutation create;
	struct prac_bytes payload;

	bind_u64(stmt, 1, type);
	bind_id(stmt, 2, id);
	bind_u64(stmt, 3, PRAC_REASON_DUPLICATE);
	if (!file_row(replica, stmt)) {
		return false;
	}
	payload = sealed_payload(replica, stmt, 0, &replica->tx_arena);
	(void)sqlite3_reset(stmt); /* a row was there */
	if (read_mutation(replica, payload, &create)) {
		first = find_first(replica, &create);
	}
	if (first != NULL) {
		*id_out = first->id;
	}
	return first != NULL;
}

static void replace_references(struct replica *replica, struct prac_record *record)
{
	for (size_t i = 0; i < record->type->n_fields; i++) {
		const struct prac_field *field = &record->type->fields[i];
		struct prac_id id, other;

		if (field->kind == PRAC_REF && field->ref_type != 0 && record->values[i].has &&
			prac_id_from_bytes(record->values[i].bytes, &id) == PRAC_OK &&
			find_stand_in(replica, field->ref_type, &id, &other)) {
			record->values[i].bytes =
				prac_arena_copy(&replica->tx_arena, prac_id_bytes(&other));
		}
	}
}

/* Groups that say which record it is, or what state it is in, stay those of the first. */
static bool is_its_own(const struct prac_type *type, const struct prac_group *group)
{
	bool is = false;

	for (size_t i = 0; i < group->n_fields && !is; i++) {
		uint16_t index = group->fields[i];

		is = (int)index == type->state_field;
		for (size_t k = 0; k < type->n_natural_key; k++) {
			is = is || type->natural_key[k] == index;
		}
	}
	return is;
}

/* Lays what was entered of the second record over the first. */
static enum prac_status enter_into_first(struct replica *replica,
	const struct prac_mutation *create, struct replica_refusal *refusal_out)
{
	const struct prac_record *first = find_first(replica, create);
	struct prac_record *wanted;

	if (first == NULL) {
		refusal_out->reason = PRAC_REASON_DUPLICATE;
		prac_problem_set(&refusal_out->problem, NULL,
			"the record that is there already is not on this device; sync, or ask the "
			"district office");
		return PRAC_FAILED_PRECONDITION;
	}
	wanted = prac_record_copy(&replica->tx_arena, first);
	for (size_t i = 0; i < create->n_patches; i++) {
		if (!is_its_own(create->type, create->patches[i].group)) {
			prac_overlay(wanted, &create->patches[i], &replica->tx_arena);
		}
	}
	return replica_save(replica, first, wanted, refusal_out);
}

/* ---- again */

static enum prac_status retry(struct replica *replica, struct prac_mutation *mutation,
	enum prac_reason was, struct replica_refusal *refusal_out)
{
	struct prac_arena *arena = &replica->tx_arena;
	const struct prac_record *now = NULL;
	struct prac_record *wanted;

	if (was == PRAC_REASON_DUPLICATE && mutation->op == PRACTICUM__OP__OP_CREATE) {
		return enter_into_first(replica, mutation, refusal_out);
	}
	(void)find_stand_in(replica, mutation->type_number, &mutation->id, &mutation->id);
	if (replica_get(replica, mutation->type, &mutation->id, arena, &now) != PRAC_OK) {
		return replica->failure;
	}
	if (now == NULL && mutation->op != PRACTICUM__OP__OP_CREATE) {
		refusal_out->reason = PRAC_REASON_UNKNOWN_RECORD;
		prac_problem_set(&refusal_out->problem, NULL,
			"the record is no longer there; discard the draft");
		return PRAC_FAILED_PRECONDITION;
	}
	if (mutation->op == PRACTICUM__OP__OP_ACTION) {
		return replica_act(replica, now, mutation->action, mutation->args, refusal_out);
	}
	wanted = as_drafted(mutation, now, arena);
	replace_references(replica, wanted);
	if (was == PRAC_REASON_ID_TAKEN) {
		wanted->id = prac_id_new(replica->env);
	}
	return replica_save(replica, now, wanted, refusal_out);
}

struct draft {
	uint64_t id;
	enum prac_reason reason;
	struct prac_bytes payload; /* empty: there is no such draft */
	struct draft *next;
};

static struct draft get_draft(struct replica *replica, uint64_t id)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_draft_get);
	struct draft draft = { .id = id };

	bind_u64(stmt, 1, id);
	if (file_row(replica, stmt)) {
		draft.reason = (enum prac_reason)sqlite3_column_int(stmt, 0);
		draft.payload = sealed_payload(replica, stmt, 1, &replica->tx_arena);
		(void)sqlite3_reset(stmt); /* a row was there */
	} else {
		file_fail(replica, PRAC_NOT_FOUND, "there is no such draft");
	}
	return draft;
}

/* ---- what builds on it */

/* Drafts that were refused for another one's sake, in the order they were made. */
static struct draft *list_dependents(struct replica *replica)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_draft_dependents);
	struct draft *all = NULL, **end = &all;

	bind_u64(stmt, 1, PRAC_REASON_DEPENDS_ON_REFUSED);
	while (file_row(replica, stmt)) {
		struct draft *one = prac_arena_alloc(&replica->tx_arena, sizeof(*one));

		one->id = column_u64(stmt, 0);
		one->reason = PRAC_REASON_DEPENDS_ON_REFUSED;
		one->payload = sealed_payload(replica, stmt, 1, &replica->tx_arena);
		*end = one;
		end = &one->next;
	}
	return all;
}

/* Records whose create was entered again. */
struct entered {
	struct prac_id id;
	const struct entered *next;
};

static bool is_entered(const struct entered *entered, const struct prac_id *id)
{
	while (entered != NULL && !prac_id_equal(&entered->id, id)) {
		entered = entered->next;
	}
	return entered != NULL;
}

static bool builds_on(const struct prac_mutation *mutation, const struct entered *entered,
	struct prac_arena *arena)
{
	const struct prac_record *drafted = as_drafted(mutation, NULL, arena);
	bool does = is_entered(entered, &mutation->id);

	for (size_t i = 0; i < mutation->type->n_fields && !does; i++) {
		struct prac_id id;

		does = mutation->type->fields[i].kind == PRAC_REF && drafted->values[i].has &&
		       prac_id_from_bytes(drafted->values[i].bytes, &id) == PRAC_OK &&
		       is_entered(entered, &id);
	}
	return does;
}

/* A bundle is entered as one; what the rules refuse of it stays a draft. */
static size_t retry_dependents(struct replica *replica, const struct prac_id *first)
{
	const struct entered *entered = &(struct entered){ .id = *first };
	size_t n = 0;

	for (struct draft *draft = list_dependents(replica); draft != NULL; draft = draft->next) {
		struct replica_refusal refusal = { 0 };
		struct entered *one = prac_arena_alloc(&replica->tx_arena, sizeof(*one));
		struct prac_mutation mutation;

		if (!read_mutation(replica, draft->payload, &mutation) ||
			!builds_on(&mutation, entered, &replica->tx_arena)) {
			continue;
		}
		*one = (struct entered){ mutation.id, entered };
		if (retry(replica, &mutation, draft->reason, &refusal) == PRAC_OK) {
			(void)close_draft(replica, draft->id); /* it was read in this transaction */
			entered = one;
			n++;
		}
	}
	return n;
}

enum prac_status replica_draft_retry(struct replica *replica, uint64_t id,
	struct replica_refusal *refusal_out, size_t *n_followed_out)
{
	enum prac_status status = PRAC_UNIMPLEMENTED, ended;
	struct prac_mutation mutation;
	struct prac_id record;
	struct draft draft;

	memset(refusal_out, 0, sizeof(*refusal_out));
	*n_followed_out = 0;
	file_begin(replica);
	draft = get_draft(replica, id);
	if (!read_mutation(replica, draft.payload, &mutation)) {
		file_fail(replica, PRAC_UNIMPLEMENTED,
			"the draft is of a type this program does not know; update it");
	} else {
		record = mutation.id;
		status = retry(replica, &mutation, draft.reason, refusal_out);
	}
	if (status == PRAC_OK) {
		(void)close_draft(replica, id); /* it was read in this transaction */
		if (mutation.op == PRACTICUM__OP__OP_CREATE) {
			*n_followed_out = retry_dependents(replica, &record);
		}
	}
	ended = file_end(replica);
	return ended != PRAC_OK ? ended : status;
}
