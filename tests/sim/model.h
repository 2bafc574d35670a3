/*
 * What the server should have done, from the mutations alone: an independent reading of merge, scopes
 * and conflicts that shares no code with the judge. It takes the server's word for what was refused,
 * and for nothing else.
 */
#pragma once

#include <glib.h>

#include "tests/sim/mem_db.h"
#include "tests/sim/model_sum.h"

enum {
	MODEL_FAULT_MAX = 200
};

struct model_row {
	struct prac_id scope, id;
	uint32_t type;
	uint64_t seq;
	enum store_gone gone;
	uint64_t hash; /* of a live one (model_sum.h) */
};

struct model {
	GHashTable *records; /* of struct model_record */
	GHashTable *rows;    /* of struct model_row */
	GHashTable *sums;    /* of the rows, by scope */
	size_t n_seen;       /* of the database's mutations */
	uint64_t head;
	char fault[MODEL_FAULT_MAX]; /* the first difference, in words; empty: none */
};

struct model *model_new(void);
void model_free(struct model *model);

/* Follows the database to where it is now. */
void model_follow(struct model *model, const struct mem_db *db);

/* P5: has the record been deleted by this number? */
bool model_is_deleted(
	const struct model *model, uint32_t type, const struct prac_id *id, uint64_t seq);

/* Live rows in these scopes. */
size_t model_count(const struct model *model, const struct prac_id *scopes, size_t n_scopes);

/* Is this exactly what is to be seen of the record in the scope now? */
bool model_agrees(const struct model *model, const struct store_feed_row *row,
	const struct prac_record *record);
