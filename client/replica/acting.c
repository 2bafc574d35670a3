/* What the person who acts may see and do here, by the table that the server judges by. */
#include "client/replica/acting.h"

#include "catalog/types.h"
#include "client/replica/rows.h"

bool acting_sees_all(struct replica *replica)
{
	const struct replica_who *who = acting(replica);

	return replica->is_judging || !who->is_required || who->presence != REPLICA_PRESENT;
}

/* The owner, and wherever the student is seen, or else the record itself. */
static size_t scopes_of(struct replica *replica, const struct prac_record *record,
	const struct prac_id *student, struct prac_arena *arena, const struct prac_id **scopes_out)
{
	struct table *table = table_find(
		replica, student != NULL ? (uint32_t)PRAC_STUDENT : record->type->number);
	struct row row = { 0 };
	struct prac_id *scopes;
	size_t n = 1;

	if (table != NULL) {
		(void)row_read(replica, table, student != NULL ? student : &record->id, arena,
			&row); /* a new record has none */
	}
	scopes = prac_arena_alloc(arena, (1 + row.scopes.len / PRAC_ID_LEN) * sizeof(*scopes));
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

uint32_t acting_roles(struct replica *replica, const struct prac_record *record)
{
	const struct prac_person *who = &acting(replica)->person.who;
	int64_t now_ms = replica->env->wall_ms(replica->env->ctx);
	struct prac_arena arena = { 0 };
	struct prac_id student;
	struct prac_place place = { .is_common = record->type->owner == PRAC_OWNER_REFERENCE };
	uint32_t roles;

	place.student = prac_record_student(record, &student) ? &student : NULL;
	place.n_scopes = scopes_of(replica, record, place.student, &arena, &place.scopes);
	roles = prac_person_roles(who, &place, now_ms, now_ms);
	prac_arena_deinit(&arena);
	return roles;
}

bool acting_sees(struct replica *replica, const struct prac_record *record)
{
	return acting_sees_all(replica) ||
	       (acting_roles(replica, record) &
		       prac_right_roles(record->type, PRAC_RIGHT_READ, NULL)) != 0;
}
