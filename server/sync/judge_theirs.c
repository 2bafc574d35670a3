/* Whose change a conflict is with: who made the mutation with its number. */
#include <string.h>

#include "server/sync/judge_parts.h"

uint64_t theirs_seq(const struct prac_record *current, const struct prac_patch *patch)
{
	/* Of a deleted record, what theirs did is the deletion. */
	return patch == NULL || current->deleted
		       ? current->seq
		       : current->group_seq[patch->group - current->type->groups];
}

/* Would it be in conflict, were it judged now? */
static bool is_conflict(const struct judge *judge, const struct prac_mutation *mutation,
	const struct prac_record *current, const struct prac_patch *patch)
{
	return current->deleted || (theirs_seq(current, patch) > mutation->base_seq &&
					   prac_merge(prac_record_copy(judge->arena, current),
						   patch, mutation->base_seq, judge->seq,
						   judge->arena) == PRAC_MERGED_CONFLICT);
}

struct numbers {
	struct prac_arena *arena;
	uint64_t *seqs;
	size_t n;
};

static void add_number(struct numbers *numbers, uint64_t seq)
{
	numbers->seqs = view_room(numbers->arena, numbers->seqs, numbers->n, sizeof(uint64_t));
	numbers->seqs[numbers->n++] = seq;
}

static void add_theirs(
	const struct judge *judge, struct numbers *numbers, const struct prac_mutation *mutation)
{
	const struct prac_record *current =
		view_find(judge->view, mutation->type->number, &mutation->id);

	if (current == NULL) {
		return;
	}
	if (mutation->op == PRACTICUM__OP__OP_DELETE) {
		if (!current->deleted && judge_has_newer_edits(mutation, current)) {
			add_number(numbers, theirs_seq(current, NULL));
		}
		return;
	}
	for (size_t i = 0; mutation->op == PRACTICUM__OP__OP_PATCH && i < mutation->n_patches;
		i++) {
		if (is_conflict(judge, mutation, current, &mutation->patches[i])) {
			add_number(numbers, theirs_seq(current, &mutation->patches[i]));
		}
	}
}

size_t judge_ask_theirs(const struct judge *judge, const uint64_t **seqs_out)
{
	struct numbers numbers = { .arena = judge->arena };

	for (size_t i = 0; i < judge->batch->n_inputs; i++) {
		const struct judge_input *input = &judge->batch->inputs[i];

		/* The patches of what is refused already may not be readable. */
		if (input->mutation.type != NULL && input->reason == PRAC_REASON_NONE) {
			add_theirs(judge, &numbers, &input->mutation);
		}
	}
	*seqs_out = numbers.seqs;
	return numbers.n;
}

const struct store_judged *judge_find_theirs(const struct judge *judge, uint64_t seq)
{
	uint64_t head = judge->facts->head;

	/* Each mutation of the batch takes the next number. */
	if (seq > head) {
		return seq - head <= judge->n_judged ? &judge->judged[seq - head - 1] : NULL;
	}
	for (size_t i = 0; i < judge->n_stored; i++) {
		if (judge->stored[i].verdict.seq == seq) {
			return &judge->stored[i];
		}
	}
	return NULL;
}
