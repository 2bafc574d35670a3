/* What the person who acts may see and do here, as the server judges it. */
#include "client/replica/acting.h"

#include "catalog/types.h"
#include "client/replica/rows.h"

struct seen {
	struct replica *replica;
	struct prac_arena arena; /* of one record's scopes */
};

bool acting_sees_all(struct replica *replica)
{
	const struct replica_who *who = acting(replica);

	return replica->is_judging || !who->is_required || who->presence != REPLICA_PRESENT;
}

/* The owner, and wherever the student is seen, or else the record itself. */
static size_t scopes_of(
	void *ctx, const struct prac_record *record, const struct prac_id **scopes_out)
{
	struct seen *seen = ctx;
	struct prac_id student;
	bool has_student = prac_record_student(record, &student);
	struct table *table = table_find(
		seen->replica, has_student ? (uint32_t)PRAC_STUDENT : record->type->number);
	struct row row = { 0 };
	struct prac_id *scopes;
	size_t n = 1;

	prac_arena_reset(&seen->arena);
	if (table != NULL) {
		(void)row_read(seen->replica, table, has_student ? &student : &record->id,
			&seen->arena, &row); /* a new record has none */
	}
	scopes = prac_arena_alloc(
		&seen->arena, (1 + row.scopes.len / PRAC_ID_LEN) * sizeof(*scopes));
	scopes[0] = record->scope;
	for (size_t at = 0; at + PRAC_ID_LEN <= row.scopes.len; at += PRAC_ID_LEN) {
		if (prac_id_from_bytes((struct prac_bytes){ row.scopes.data + at, PRAC_ID_LEN },
			    &scopes[n]) == PRAC_OK) {
			n++;
		}
	}
	*scopes_out = scopes;
	return n;
}

/* Nothing is entered before now here. */
static struct prac_turn turn_of(struct seen *seen)
{
	struct replica *replica = seen->replica;
	int64_t now_ms = replica->env->wall_ms(replica->env->ctx);

	return (struct prac_turn){ .who = &acting(replica)->person.who,
		.then_ms = now_ms,
		.now_ms = now_ms,
		.scopes = scopes_of,
		.ctx = seen };
}

/* The rules look at other records to say so, and see all of them. */
static bool is_kept_from(struct replica *replica, const struct prac_record *record, uint32_t roles)
{
	struct prac_judgement judgement = { .today = prac_env_today(replica->env) };
	bool is_judging = replica->is_judging, is_hidden;
	struct prac_arena arena = { 0 };
	struct prac_facts facts;

	replica_facts(replica, &arena, &facts);
	judgement.facts = &facts;
	judgement.arena = &arena;
	replica->is_judging = true;
	is_hidden = prac_rules_hide(&judgement, record, roles);
	replica->is_judging = is_judging;
	prac_arena_deinit(&arena);
	return is_hidden;
}

bool acting_sees(struct replica *replica, struct prac_record *record)
{
	struct seen seen = { .replica = replica };
	struct prac_turn turn;
	bool sees = acting_sees_all(replica);
	uint32_t roles;

	if (!sees) {
		turn = turn_of(&seen);
		roles = prac_turn_roles(&turn, record);
		sees = (roles & prac_right_roles(record->type, PRAC_RIGHT_READ, NULL)) != 0 &&
		       !is_kept_from(replica, record, roles);
		if (sees && !replica->is_gathering) {
			prac_record_withhold(record, prac_turn_withheld(&turn, record));
		}
		prac_arena_deinit(&seen.arena);
	}
	return sees;
}

enum prac_reason acting_may(struct replica *replica, struct prac_judgement *judgement,
	const struct prac_record *record, const struct prac_deed *deed)
{
	struct seen seen = { .replica = replica };
	struct prac_turn turn;
	enum prac_reason reason;

	if (!acting(replica)->is_required) {
		return PRAC_REASON_NONE;
	}
	turn = turn_of(&seen);
	reason = prac_turn_may(&turn, judgement, record, deed);
	prac_arena_deinit(&seen.arena);
	return reason;
}

bool replica_withholds(struct replica *replica, const struct prac_field *field)
{
	int64_t now_ms = replica->env->wall_ms(replica->env->ctx);
	bool withholds = false;

	file_begin_read(replica);
	if (field->mask != PRAC_MASK_NONE && !acting_sees_all(replica)) {
		withholds = field->mask == PRAC_MASK_CONTENT ||
			    (prac_person_all_roles(&acting(replica)->person.who, now_ms) &
				    prac_right_viewers((enum prac_mask)field->mask)) == 0;
	}
	return file_end(replica) != PRAC_OK || withholds;
}
