/* What a batch asks the store for, gathered. Inside server/sync only. */
#pragma once

#include "server/sync/judge_parts.h"

/* Loads being gathered; each kind, type and field once, with all its ids. */
struct loads {
	struct prac_arena *arena;

	struct open_load {
		struct store_load load;
		struct prac_id *ids;
		size_t n_ids;
		const struct prac_record **keys;
		size_t n_keys;
	} * open;

	size_t n_open;
};

void loads_add(struct loads *loads, const struct store_load *wanted, const struct prac_id *id);
void loads_add_by_id(struct loads *loads, const struct prac_type *type, const struct prac_id *id);
/* The records that the field of the record with the id refers to. */
void loads_add_parents(struct loads *loads, const struct prac_type *type,
	const struct prac_field *field, const struct prac_id *id);
/* The records of the type whose field refers to the id. */
void loads_add_children(struct loads *loads, const struct prac_type *type,
	const struct prac_field *field, const struct prac_id *id);
/* What hangs on the parent and the load asks for; record is what it is judged with. */
void loads_add_family(struct loads *loads, const struct prac_record *record,
	const struct prac_load *load, const struct prac_id *parent);

/* Who has the natural key of the record, which is of a unique type. */
void loads_add_key(struct loads *loads, const struct prac_record *record);

/* In the loads' arena, without what `asked`, NULL or an ask before this one, holds; returns how many. */
size_t loads_finish(
	struct loads *loads, const struct store_ask *asked, const struct store_load **loads_out);
