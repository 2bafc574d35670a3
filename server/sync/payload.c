#include "server/sync/payload.h"

static struct db_seal_place place_of(const struct prac_mutation_key *key)
{
	return (struct db_seal_place){ .table = DB_SEAL_MUTATION,
		.id = key->device,
		.incarnation = key->incarnation,
		.counter = key->counter };
}

struct prac_bytes payload_put(
	const struct db_seal *seal, const struct store_judged *judged, struct prac_arena *arena)
{
	const struct prac_type *type = prac_type_find(judged->type);
	const struct db_seal_place place = place_of(&judged->key);

	if (judged->payload.len == 0 || (type != NULL && !prac_type_is_closed(type))) {
		return judged->payload;
	}
	return db_seal_put(seal, &place, judged->payload, arena);
}

/* Not by the type: it may have become closed, or known, since. */
enum prac_status payload_get(const struct db_seal *seal, const struct prac_mutation_key *key,
	struct prac_bytes kept, struct prac_arena *arena, struct prac_bytes *payload_out)
{
	const struct db_seal_place place = place_of(key);

	if (kept.len == 0 || kept.data[0] != DB_SEAL_MARK) {
		*payload_out = prac_arena_copy(arena, kept);
		return PRAC_OK;
	}
	return db_seal_get(seal, &place, kept, arena, payload_out);
}
