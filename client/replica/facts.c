/* Facts over the view, for rules. */
#include <string.h>

#include "client/replica/acting.h"
#include "client/replica/scopes.h"

struct facts {
	struct replica *replica;
	struct prac_arena *arena;
};

static const struct prac_record *facts_get(
	void *ctx, uint32_t type_number, const struct prac_id *id)
{
	struct facts *facts = ctx;
	const struct prac_type *type = prac_type_find(type_number);
	const struct prac_record *record = NULL;
	enum prac_status status = PRAC_NOT_FOUND;
	bool was_gathering = facts->replica->is_gathering; /* hiding asks for facts meanwhile */

	file_begin_read(facts->replica);
	facts->replica->is_gathering = true;
	if (type != NULL) {
		status = replica_get(facts->replica, type, id, facts->arena, &record);
	}
	facts->replica->is_gathering = was_gathering;
	return file_end(facts->replica) == PRAC_OK && status == PRAC_OK ? record : NULL;
}

struct children {
	struct prac_arena *arena;
	const struct prac_record **records;
	size_t n, cap;
};

/* What each() gets lives no longer than the call, so that the bytes are copied. */
static const struct prac_record *keep(struct prac_arena *arena, const struct prac_record *record)
{
	struct prac_record *copy = prac_record_copy(arena, record);

	for (size_t i = 0; i < record->type->n_fields; i++) {
		copy->values[i].bytes = prac_arena_copy(arena, record->values[i].bytes);
	}
	copy->extra = prac_arena_copy(arena, record->extra);
	return copy;
}

static bool add_child(void *ctx, const struct prac_record *record, bool pending)
{
	struct children *children = ctx;

	(void)pending;
	if (children->n == children->cap) {
		const struct prac_record **bigger;

		children->cap = children->cap == 0 ? 16 : 2 * children->cap;
		bigger = prac_arena_alloc(children->arena, children->cap * sizeof(void *));
		if (children->n > 0) {
			memcpy((void *)bigger, (const void *)children->records,
				children->n * sizeof(void *));
		}
		children->records = bigger;
	}
	children->records[children->n++] = keep(children->arena, record);
	return true;
}

static size_t facts_children(void *ctx, uint32_t type_number, uint32_t field,
	const struct prac_id *parent, const struct prac_record *const **records_out)
{
	struct facts *facts = ctx;
	const struct prac_type *type = prac_type_find(type_number);
	struct children children = { .arena = facts->arena };
	struct replica_filter filter = { 0 };
	struct replica_query query;
	bool was_gathering = facts->replica->is_gathering;
	enum prac_status status;

	*records_out = NULL;
	if (type == NULL || ((filter.field = prac_field_find(type, field)) == NULL && field != 0)) {
		return 0;
	}
	if (!prac_id_is_nil(parent)) {
		filter.value = prac_value_id(parent);
	}
	query = (struct replica_query){ type, &filter, field != 0 ? 1 : 0 };
	file_begin_read(facts->replica);
	facts->replica->is_gathering = true;
	status = replica_list(facts->replica, &query, add_child, &children);
	facts->replica->is_gathering = was_gathering;
	if (file_end(facts->replica) != PRAC_OK || status != PRAC_OK) {
		return 0;
	}
	*records_out = children.records;
	return children.n;
}

static bool facts_holds(void *ctx, const struct prac_id *scope)
{
	struct facts *facts = ctx;
	bool holds;

	file_begin_read(facts->replica);
	holds = scopes_hold(facts->replica, scope);
	return file_end(facts->replica) == PRAC_OK && holds;
}

void replica_facts(struct replica *replica, struct prac_arena *arena, struct prac_facts *facts_out)
{
	struct facts *facts = prac_arena_alloc(arena, sizeof(*facts));

	facts->replica = replica;
	facts->arena = arena;
	*facts_out = (struct prac_facts){ facts_get, facts_children, facts, facts_holds };
}
