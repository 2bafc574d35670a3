/*
 * The three-way merge of one patch with the current record, group by group (SYNC 4.5). Pure; run by
 * the server with numbers that count and by the replica to lay pending work over what it has.
 */
#pragma once

#include "common/sync/mutation.h"

enum prac_merge_result {
	PRAC_MERGED_APPLIED, /* nobody touched the group since, or it is as the person saw it */
	PRAC_MERGED_SAME,    /* it already is what the person wants */
	PRAC_MERGED_UNION,   /* a set: both sides' additions and removals hold */
	PRAC_MERGED_CONFLICT /* current stays; the person's value becomes a conflict record */
};

/*
 * Merges one patch into record->values and, when something changed, sets the group's seq to seq.
 * base_seq is the record's seq the person saw. CONFLICT leaves the record as it was. The patch was
 * checked by prac_mutation_read(). Values may end in the arena.
 */
enum prac_merge_result prac_merge(struct prac_record *record, const struct prac_patch *patch,
	uint64_t base_seq, uint64_t seq, struct prac_arena *arena);

/*
 * Lays a pending patch over a record for the screen: as prac_merge(), but a conflict shows the
 * person's own value, since it is what they entered.
 */
void prac_overlay(
	struct prac_record *record, const struct prac_patch *patch, struct prac_arena *arena);
