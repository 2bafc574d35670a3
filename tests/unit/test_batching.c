/*
 * P14 of SYNC 5.1: what comes into conflict does not depend on how many mutations a push has, nor on how many
 * pushes a batch has. Two who do not see each other's edits make the same drawn history again and again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "tests/support/office.h"

enum {
	N_HISTORIES = 40,
	N_RUNS = 10, /* of one station after the other */
	RUN_MAX = 6
};

enum cut {
	ONE_BY_ONE,
	RUN_BY_RUN,
	TWO_RUNS_AT_ONCE
};

static uint64_t chance;

/* xorshift64: the same history for every cut. */
static unsigned below(unsigned n)
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return (unsigned)(chance >> 33) % n;
}

/* One of the two, and the student as it is there: nothing is ever pulled. */
struct side {
	struct station *station;
	struct prac_record *student;
};

static struct prac_mutation *draw_edit(struct office *office, struct side *side)
{
	static const char *const edits[] = { "grade=10", "grade=11", "grade=12", "family_name=Lee",
		"family_name=Ruiz", "preferred_name=Ana", "preferred_name=" };
	struct prac_record *after =
		office_edit(office, side->student, edits[below(PRAC_NELEM(edits))]);
	struct prac_mutation *mutation =
		office_make(office, side->station, PRACTICUM__OP__OP_PATCH, side->student);

	office_make_patch(office, mutation, side->student, after);
	side->student = after;
	return mutation;
}

static void push(struct office *office, const struct side *side, struct prac_mutation **run,
	size_t n, enum cut cut)
{
	size_t step = cut == ONE_BY_ONE ? 1 : n;

	for (size_t i = 0; i < n; i += step) {
		assert_int_equal(office_submit(office, side->station, run + i, step), PRAC_OK);
		if (cut == ONE_BY_ONE) {
			office_run(office);
		}
	}
}

static void play_runs(struct office *office, enum cut cut)
{
	struct prac_record *student = office_add_student(office);
	struct side sides[] = { { &office->a, student }, { &office->district, student } };
	struct prac_mutation *run[RUN_MAX];

	for (size_t i = 0; i < N_RUNS; i++) {
		struct side *side = &sides[i % 2];
		size_t n = 1 + below(RUN_MAX);

		for (size_t k = 0; k < n; k++) {
			run[k] = draw_edit(office, side);
		}
		push(office, side, run, n, cut);
		if (cut != TWO_RUNS_AT_ONCE || i % 2 == 1) {
			office_run(office);
		}
	}
}

struct outcome {
	size_t n_mutations, n_conflicts;
	struct prac_digest student;
};

static struct outcome outcome_of(struct office *office)
{
	const GPtrArray *mutations = office->mem.db->mutations;
	struct prac_record *student = office_last(office, &prac_type_student);
	struct outcome outcome = { .n_mutations = mutations->len };
	struct prac_buf body = { 0 };

	for (unsigned i = 0; i < mutations->len; i++) {
		const struct store_judged *judged = g_ptr_array_index(mutations, i);

		outcome.n_conflicts +=
			judged->verdict.kind == PRACTICUM__VERDICT_KIND__VERDICT_CONFLICT;
	}
	prac_values_encode(student->type, student->values, student->extra, &body);
	outcome.student = prac_sha256(prac_buf_bytes(&body));
	prac_buf_deinit(&body);
	return outcome;
}

static struct outcome play(uint64_t seed, enum cut cut, size_t ahead_min)
{
	struct office *office = office_open_ahead(ahead_min);
	struct outcome outcome;

	chance = seed * UINT64_C(0x9e3779b97f4a7c15); /* spread over all bits */
	play_runs(office, cut);
	outcome = outcome_of(office);
	office_close(office);
	return outcome;
}

static void assert_same(uint64_t seed, enum cut cut, const struct outcome *alone)
{
	static const size_t ahead_mins[] = { 0, SEQUENCER_AHEAD_ALWAYS };

	for (size_t i = 0; i < PRAC_NELEM(ahead_mins); i++) {
		struct outcome together = play(seed, cut, ahead_mins[i]);

		assert_int_equal(together.n_mutations, alone->n_mutations);
		assert_int_equal(together.n_conflicts, alone->n_conflicts);
		assert_true(prac_digest_equal(&together.student, &alone->student));
	}
}

static void conflicts_do_not_depend_on_batches(void **state)
{
	size_t n_conflicts = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= N_HISTORIES; seed++) {
		struct outcome alone = play(seed, ONE_BY_ONE, 0);

		n_conflicts += alone.n_conflicts;
		assert_same(seed, RUN_BY_RUN, &alone);
		assert_same(seed, TWO_RUNS_AT_ONCE, &alone);
	}
	assert_true(n_conflicts > (size_t)3 * N_HISTORIES); /* else nothing was tried */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conflicts_do_not_depend_on_batches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
