/* What the audit chains of a batch of mutations (sql/migrations/0034_audit.sql, 0064_chain.sql). */
#pragma once

#include "server/sync/store.h"

enum {
	CHAIN_MUTATION_LEN = 132
};

/*
 * CHAIN_MUTATION_LEN bytes a mutation, whole numbers big-endian, in the order of device, incarnation and
 * counter as PostgreSQL sorts them; `practicumd audit verify` makes the same of the rows
 * (q_audit_batches).
 */
struct prac_bytes chain_body(
	const struct store_judged *judged, size_t n, int64_t received_ms, struct prac_arena *arena);
