/*
 * The payload of a mutation as the table keeps it: sealed where a field of the record's type is closed
 * (prac_type_is_closed()), or this program does not know the type.
 */
#pragma once

#include "server/db/seal.h"
#include "server/sync/store.h"

/* In the arena, or as it came. */
struct prac_bytes payload_put(
	const struct db_seal *seal, const struct store_judged *judged, struct prac_arena *arena);

/* The payload is in the arena. PRAC_DATA_LOSS: it does not open, which is logged. */
enum prac_status payload_get(const struct db_seal *seal, const struct prac_mutation_key *key,
	struct prac_bytes kept, struct prac_arena *arena,
	struct prac_bytes *payload_out) PRAC_MUST_USE;
