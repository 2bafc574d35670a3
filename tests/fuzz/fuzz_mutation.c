/* Whatever a peer calls a mutation: what is taken can be written, and is read the same again. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "common/sync/mutation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct read {
	struct prac_mutation mutation;
	enum prac_reason reason;
	struct prac_problem problem;
};

/* False when a group would be left out in writing. */
static bool all_change(const struct prac_mutation *mutation)
{
	for (size_t i = 0; i < mutation->n_patches; i++) {
		if (prac_bytes_equal(
			    mutation->patches[i].old_value, mutation->patches[i].new_value)) {
			return false;
		}
	}
	return true;
}

/* The fields that were read are what stands in the bytes, and the bytes are in the one form. */
static void assert_side(const struct prac_mutation *mutation, const struct prac_group *group,
	struct prac_bytes bytes, const struct prac_value *fields)
{
	struct prac_buf buf = { 0 };

	prac_group_encode(mutation->type, group, fields, &buf);
	assert(prac_bytes_equal(prac_buf_bytes(&buf), bytes));
	prac_buf_deinit(&buf);
}

static void assert_fields(const struct prac_mutation *mutation)
{
	for (size_t i = 0; i < mutation->n_patches; i++) {
		const struct prac_patch *patch = &mutation->patches[i];

		assert_side(mutation, patch->group, patch->old_value, patch->old_fields);
		assert_side(mutation, patch->group, patch->new_value, patch->new_fields);
	}
}

static void assert_same(const struct prac_mutation *a, const struct prac_mutation *b)
{
	assert(a->counter == b->counter && a->type == b->type && a->op == b->op);
	assert(prac_id_equal(&a->id, &b->id) && prac_id_equal(&a->person, &b->person));
	assert(a->base_seq == b->base_seq && a->schema == b->schema);
	assert(a->client_time_ms == b->client_time_ms && a->action == b->action);
	assert(a->n_patches == b->n_patches);
	for (size_t i = 0; i < a->n_patches; i++) {
		assert(a->patches[i].group == b->patches[i].group);
		assert(prac_bytes_equal(a->patches[i].old_value, b->patches[i].old_value));
		assert(prac_bytes_equal(a->patches[i].new_value, b->patches[i].new_value));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct prac_arena arena = { 0 };
	struct prac_bytes bytes = { data, len };
	struct read first, again;

	if (prac_mutation_read(bytes, &arena, &first.mutation, &first.reason, &first.problem) ==
		PRAC_OK) {
		assert(first.mutation.counter > 0);
		assert((first.reason == PRAC_REASON_NONE) ==
			(first.problem.text[0] == '\0' && first.problem.field == NULL));
	} else {
		first.reason = PRAC_REASON_INTERNAL;
	}
	assert_fields(&first.mutation);
	if (first.reason == PRAC_REASON_NONE && all_change(&first.mutation)) {
		struct prac_mutation copy = first.mutation;

		prac_mutation_write(&copy, &arena);
		assert(prac_mutation_read(copy.bytes, &arena, &again.mutation, &again.reason,
			       &again.problem) == PRAC_OK);
		assert(again.reason == PRAC_REASON_NONE);
		assert_same(&first.mutation, &again.mutation);
	}
	prac_arena_deinit(&arena);
	return 0;
}
