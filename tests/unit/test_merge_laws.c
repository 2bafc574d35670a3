#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/macros.h"
#include "common/sync/merge.h"
#include "tests/support/sample.h"

/* P14 of SYNC 5.1 over many records and patches. Values are few, so that they meet often. */

enum {
	N_ROUNDS = 3000
};

static struct prac_arena arena;
static uint64_t chance = 1;

/* xorshift64: the same history at every run. */
static unsigned below(unsigned n)
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return (unsigned)(chance >> 33) % n;
}

static const char *const choices[][4] = {
	{ "phone=", "phone=1", "phone=2", "phone=3" },
	{ "street=", "street=A", "street=B", "street=C" },
	{ "city=", "city=A", "city=B", "city=C" },
	{ "hazards=", "hazards=a;b", "hazards=b;c;d", "hazards=d;a" },
	{ "capacity=", "capacity=1", "capacity=2", "capacity=3" },
};

static void change_some(struct prac_record *record)
{
	for (size_t i = 0; i < PRAC_NELEM(choices); i++) {
		if (below(2) == 0) {
			sample_set(record, &arena, choices[i][below(4)]);
		}
	}
}

static struct prac_record *random_site(void)
{
	struct prac_record *record = sample_record(
		&arena, &prac_type_site, 1, (const char *const[4]){ "name=Mill", NULL });

	change_some(record);
	for (size_t i = 0; i < record->type->n_groups; i++) {
		record->group_seq[i] = below(10);
	}
	return record;
}

/* What a person may send who saw some other version of the record. */
static size_t random_patches(const struct prac_record *record, struct prac_patch **patches_out)
{
	struct prac_record *saw = prac_record_copy(&arena, record);
	struct prac_record *wants;

	if (below(2) == 0) {
		change_some(saw);
	}
	wants = prac_record_copy(&arena, saw);
	change_some(wants);
	return prac_patches_between(saw, wants, &arena, patches_out);
}

static void assert_same_record(const struct prac_record *a, const struct prac_record *b)
{
	struct prac_buf left = { 0 };
	struct prac_buf right = { 0 };

	prac_values_encode(a->type, a->values, a->extra, &left);
	prac_values_encode(b->type, b->values, b->extra, &right);
	assert_true(prac_bytes_equal(prac_buf_bytes(&left), prac_buf_bytes(&right)));
	assert_memory_equal(a->group_seq, b->group_seq, sizeof(a->group_seq));
	prac_buf_deinit(&left);
	prac_buf_deinit(&right);
}

static void a_patch_twice_is_the_patch_once(void **state)
{
	(void)state;
	for (int round = 0; round < N_ROUNDS; round++) {
		struct prac_record *record = random_site();
		uint64_t base_seq = below(10);
		struct prac_patch *patches;
		size_t n = random_patches(record, &patches);

		for (size_t i = 0; i < n; i++) {
			enum prac_merge_result first =
				prac_merge(record, &patches[i], base_seq, 20, &arena);
			struct prac_record *once = prac_record_copy(&arena, record);
			enum prac_merge_result second =
				prac_merge(record, &patches[i], base_seq, 21, &arena);

			assert_int_equal(second, first == PRAC_MERGED_CONFLICT
							 ? PRAC_MERGED_CONFLICT
							 : PRAC_MERGED_SAME);
			assert_same_record(once, record);
		}
		prac_arena_reset(&arena);
	}
}

static void patches_of_different_groups_commute(void **state)
{
	(void)state;
	for (int round = 0; round < N_ROUNDS; round++) {
		struct prac_record *forth = random_site();
		struct prac_record *back = prac_record_copy(&arena, forth);
		uint64_t base_seq = below(10);
		struct prac_patch *patches;
		size_t n = random_patches(forth, &patches);

		for (size_t i = 0; i < n; i++) {
			(void)prac_merge(forth, &patches[i], base_seq, 20, &arena);
			(void)prac_merge(back, &patches[n - 1 - i], base_seq, 20, &arena);
		}
		assert_same_record(forth, back);
		prac_arena_reset(&arena);
	}
}

static void who_saw_the_newest_is_never_in_conflict(void **state)
{
	(void)state;
	for (int round = 0; round < N_ROUNDS; round++) {
		struct prac_record *record = random_site();
		struct prac_record *wants = prac_record_copy(&arena, record);
		struct prac_patch *patches;
		size_t n;

		change_some(wants);
		n = prac_patches_between(record, wants, &arena, &patches);
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(prac_merge(record, &patches[i], 9, 20, &arena),
				PRAC_MERGED_APPLIED);
		}
		memcpy(wants->group_seq, record->group_seq, sizeof(wants->group_seq));
		assert_same_record(record, wants);
		prac_arena_reset(&arena);
	}
}

/* One person's edits, each on what the one before made; the server saw none of them yet. */
static void edit_and_merge(struct prac_record *record, struct prac_record *view, uint64_t seq)
{
	struct prac_record *saw = prac_record_copy(&arena, view);
	struct prac_patch *patches;
	size_t n;

	change_some(view);
	n = prac_patches_between(saw, view, &arena, &patches);
	for (size_t i = 0; i < n; i++) {
		assert_int_not_equal(
			prac_merge(record, &patches[i], 9, seq, &arena), PRAC_MERGED_CONFLICT);
	}
}

static void ones_own_unsent_edits_do_not_conflict(void **state)
{
	(void)state;
	for (int round = 0; round < N_ROUNDS; round++) {
		struct prac_record *record = random_site();
		struct prac_record *view = prac_record_copy(&arena, record);

		for (uint64_t seq = 20; seq < 24; seq++) {
			edit_and_merge(record, view, seq);
		}
		prac_arena_reset(&arena);
	}
}

static void merge_both(struct prac_record *dense, struct prac_record *sparse, uint64_t i)
{
	uint64_t base_seq = below(10);
	struct prac_patch *patches;
	size_t n = random_patches(dense, &patches);

	for (size_t k = 0; k < n; k++) {
		assert_int_equal(prac_merge(dense, &patches[k], base_seq, 10 + i, &arena),
			prac_merge(sparse, &patches[k], base_seq, 10 + 1000 * i, &arena));
	}
}

/* Batches leave numbers unused; conflicts depend on order alone. */
static void gaps_in_the_numbers_decide_nothing(void **state)
{
	(void)state;
	for (int round = 0; round < N_ROUNDS; round++) {
		struct prac_record *dense = random_site();
		struct prac_record *sparse = prac_record_copy(&arena, dense);

		for (uint64_t i = 1; i <= 6; i++) {
			merge_both(dense, sparse, i);
		}
		prac_arena_reset(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_patch_twice_is_the_patch_once),
		cmocka_unit_test(patches_of_different_groups_commute),
		cmocka_unit_test(who_saw_the_newest_is_never_in_conflict),
		cmocka_unit_test(ones_own_unsent_edits_do_not_conflict),
		cmocka_unit_test(gaps_in_the_numbers_decide_nothing),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	prac_arena_deinit(&arena);
	return failed;
}
