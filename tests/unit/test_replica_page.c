#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "tests/support/replica_fixture.h"

#define ACCEPTED PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED
#define CONFLICT PRACTICUM__VERDICT_KIND__VERDICT_CONFLICT
#define REFUSED  PRACTICUM__VERDICT_KIND__VERDICT_REFUSED

#define DAY_MS INT64_C(86400000)

/* A page with one student of school 1 as somebody else left it. */
static void student_page(struct fixture *f, const char *family_name, uint64_t seq)
{
	struct replica_row row = row_of(f, student_of(f, STUDENT, family_name), SCHOOL_1, seq);

	page(f, &row, 1, seq);
}

static const char *name_shown(struct fixture *f)
{
	return text_of(f, shown(f, "student", STUDENT), "family_name");
}

static void a_page_changes_what_is_shown(void **state)
{
	struct fixture *f = *state;

	student_page(f, "Lopez", 11);
	assert_string_equal(name_shown(f), "Lopez");
	student_page(f, "Diaz", 12);
	assert_string_equal(name_shown(f), "Diaz");
	assert_int_equal(shown(f, "student", STUDENT)->seq, 12);
	assert_true(replica_is_consistent(f->replica));
}

static void own_pending_input_lies_over_a_page(void **state)
{
	struct fixture *f = *state;
	struct prac_record *theirs = student_of(f, STUDENT, "Lopez");
	struct replica_row row;

	student_page(f, "Lopez", 11);
	edit(f, STUDENT, "email", "mine@example.org");
	set(f, theirs, "phone", "555 0111");
	row = row_of(f, theirs, SCHOOL_1, 12);
	page(f, &row, 1, 12);
	assert_string_equal(text_of(f, shown(f, "student", STUDENT), "email"), "mine@example.org");
	assert_string_equal(name_shown(f), "Lopez");
}

static void an_own_value_shows_over_a_rival_until_the_verdict_is_in_base(void **state)
{
	struct fixture *f = *state;

	student_page(f, "Lopez", 11);
	edit(f, STUDENT, "family_name", "Mine");
	student_page(f, "Theirs", 12);
	assert_string_equal(name_shown(f), "Mine");
	judged(f, 1, CONFLICT, 13);
	assert_string_equal(name_shown(f), "Mine");
	page(f, NULL, 0, 13);
	assert_string_equal(name_shown(f), "Theirs");
}

static void accepted_input_stays_until_base_has_reached_it(void **state)
{
	struct fixture *f = *state;

	student_page(f, "Lopez", 11);
	edit(f, STUDENT, "family_name", "Mine");
	judged(f, 1, ACCEPTED, 14);
	assert_string_equal(name_shown(f), "Mine");
	student_page(f, "Lopez", 13);
	assert_string_equal(name_shown(f), "Mine");
	student_page(f, "Mine", 14);
	assert_string_equal(name_shown(f), "Mine");
	student_page(f, "Later", 15);
	assert_string_equal(name_shown(f), "Later");
}

static void a_page_may_come_before_its_verdict(void **state)
{
	struct fixture *f = *state;

	student_page(f, "Lopez", 11);
	edit(f, STUDENT, "family_name", "Mine");
	student_page(f, "Mine", 12);
	judged(f, 1, ACCEPTED, 12);
	student_page(f, "Later", 13);
	assert_string_equal(name_shown(f), "Later");
}

static void an_accepted_create_is_replaced_by_its_record(void **state)
{
	struct fixture *f = *state;

	add_student(f, STUDENT, "Lopez");
	judged(f, 1, ACCEPTED, 11);
	student_page(f, "Lopez", 11);
	assert_int_equal(shown(f, "student", STUDENT)->seq, 11);
	student_page(f, "Later", 12);
	assert_string_equal(name_shown(f), "Later");
}

static void a_record_in_two_scopes_stays_until_both_let_it_go(void **state)
{
	struct fixture *f = *state;
	const unsigned scopes[] = { 0, SCHOOL_1, SCHOOL_2 };
	struct replica_row rows[2];

	grant(f, scopes, 3, NULL);
	load(f, SCHOOL_2, NULL, 0, 10);
	rows[0] = row_of(f, student_of(f, STUDENT, "Lopez"), SCHOOL_1, 11);
	rows[1] = rows[0];
	rows[1].scope = id_of(SCHOOL_2);
	page(f, rows, 2, 11);
	rows[0] = gone_row("student", STUDENT, SCHOOL_1, 12, PRACTICUM__GONE__GONE_MOVED);
	page(f, rows, 1, 12);
	assert_string_equal(name_shown(f), "Lopez");
	rows[0] = gone_row("student", STUDENT, SCHOOL_2, 13, PRACTICUM__GONE__GONE_MOVED);
	page(f, rows, 1, 13);
	assert_null(shown(f, "student", STUDENT));
}

static void a_deleted_record_shows_while_own_input_waits(void **state)
{
	struct fixture *f = *state;
	struct replica_row gone =
		gone_row("student", STUDENT, SCHOOL_1, 12, PRACTICUM__GONE__GONE_DELETED);

	student_page(f, "Lopez", 11);
	edit(f, STUDENT, "family_name", "Mine");
	page(f, &gone, 1, 12);
	assert_string_equal(name_shown(f), "Mine");
	judged(f, 1, CONFLICT, 13);
	page(f, NULL, 0, 13);
	assert_null(shown(f, "student", STUDENT));
}

static void a_record_never_goes_back(void **state)
{
	struct fixture *f = *state;
	struct replica_row old = row_of(f, student_of(f, STUDENT, "Old"), SCHOOL_1, 11);

	student_page(f, "New", 12);
	page(f, &old, 1, 12);
	assert_string_equal(name_shown(f), "New");
}

static void refused_input_becomes_a_draft_and_leaves_the_view(void **state)
{
	struct fixture *f = *state;
	struct replica_draft *drafts;
	size_t n;

	student_page(f, "Lopez", 11);
	edit(f, STUDENT, "family_name", "Mine");
	judged(f, 1, REFUSED, 0);
	assert_string_equal(name_shown(f), "Lopez");
	assert_int_equal(replica_drafts(f->replica, &f->arena, &drafts, &n), PRAC_OK);
	assert_int_equal(n, 1);
	assert_int_equal(drafts[0].reason, PRAC_REASON_GUARD);
	assert_string_equal(drafts[0].text, "the agreement is not signed");
	assert_int_equal(counters_of(f).n_drafts, 1);
}

static void a_verdict_that_comes_twice_counts_once(void **state)
{
	struct fixture *f = *state;

	add_student(f, STUDENT, "Lopez");
	judged(f, 1, REFUSED, 0);
	judged(f, 1, ACCEPTED, 12);
	assert_int_equal(counters_of(f).n_drafts, 1);
	assert_null(shown(f, "student", STUDENT));
}

static void a_draft_is_sent_again_as_new_input(void **state)
{
	struct fixture *f = *state;
	struct replica_draft *drafts;
	struct replica_refusal refusal;
	size_t n, n_followed;

	student_page(f, "Lopez", 11);
	edit(f, STUDENT, "family_name", "Mine");
	judged(f, 1, REFUSED, 0);
	assert_int_equal(replica_drafts(f->replica, &f->arena, &drafts, &n), PRAC_OK);
	assert_int_equal(
		replica_draft_retry(f->replica, drafts[0].id, &refusal, &n_followed), PRAC_OK);
	assert_string_equal(name_shown(f), "Mine");
	assert_int_equal(counters_of(f).n_drafts, 0);
	assert_int_equal(queue(f, &n)[0].counter, 2);
	assert_int_equal(replica_draft_retry(f->replica, drafts[0].id, &refusal, &n_followed),
		PRAC_NOT_FOUND);
}

static void a_draft_is_discarded_by_a_person_only(void **state)
{
	struct fixture *f = *state;
	struct replica_draft *drafts;
	size_t n;

	add_student(f, STUDENT, "Lopez");
	judged(f, 1, REFUSED, 0);
	f->server_ms += 400 * DAY_MS;
	fixture_reopen(f);
	assert_int_equal(greeted(f, 77, 1, 0), PRAC_OK);
	assert_int_equal(replica_drafts(f->replica, &f->arena, &drafts, &n), PRAC_OK);
	assert_int_equal(n, 1);
	assert_int_equal(replica_draft_discard(f->replica, drafts[0].id), PRAC_OK);
	assert_int_equal(counters_of(f).n_drafts, 0);
}

/* A student entered and accepted at 11; base has it. */
static void enter_accepted(struct fixture *f)
{
	add_student(f, STUDENT, "Lopez");
	judged(f, 1, ACCEPTED, 11);
	student_page(f, "Lopez", 11);
}

/* How many inputs are kept when the server greets again. */
static size_t n_kept_at_greeting(struct fixture *f)
{
	const struct prac_type *type = type_of("student");
	struct prac_id id = id_of(STUDENT);
	struct replica_inputs inputs;

	fixture_reopen(f);
	assert_int_equal(greeted(f, 77, 1, 0), PRAC_OK);
	assert_int_equal(replica_history(f->replica, type, &id, &f->arena, &inputs), PRAC_OK);
	return inputs.n;
}

static void judged_input_is_kept_35_days(void **state)
{
	struct fixture *f = *state;

	enter_accepted(f);
	f->server_ms += 34 * DAY_MS;
	assert_int_equal(n_kept_at_greeting(f), 1);
	f->server_ms += 2 * DAY_MS;
	assert_int_equal(n_kept_at_greeting(f), 0);
}

static void a_clock_that_is_set_right_takes_no_input_from_a_restored_server(void **state)
{
	struct fixture *f = *state;

	f->wall_ms -= 730 * DAY_MS;
	fixture_reopen(f);
	assert_int_equal(greeted(f, 77, 0, 0), PRAC_OK);
	enter_accepted(f);
	f->wall_ms += 730 * DAY_MS;
	assert_int_equal(n_kept_at_greeting(f), 1);
	assert_int_equal(greeted(f, 78, 0, 10), PRAC_OK);
	assert_int_equal(counters_of(f).n_unsent, 1);
}

static void input_judged_late_in_a_long_connection_is_kept_from_then_on(void **state)
{
	struct fixture *f = *state;

	f->monotonic_ms += 36 * DAY_MS;
	enter_accepted(f);
	f->server_ms += 36 * DAY_MS;
	assert_int_equal(n_kept_at_greeting(f), 1);
}

/* Accepted, in conflict, refused and kept: nothing else can become of an input. */
static void every_input_is_accounted_for(void **state)
{
	struct fixture *f = *state;
	const Practicum__VerdictKind kinds[] = { ACCEPTED, CONFLICT, REFUSED };
	struct replica_counters counters;
	struct replica_gap gap;
	size_t n;

	for (unsigned i = 0; i < 30; i++) {
		add_student(f, STUDENT + i, "Lopez");
	}
	queue(f, &n);
	assert_int_equal(n, 30);
	for (unsigned i = 0; i < 27; i++) {
		judged(f, i + 1, kinds[i % 3], kinds[i % 3] == REFUSED ? 0 : 20 + i);
	}
	counters = counters_of(f);
	assert_int_equal(counters.n_drafts, 9);
	assert_int_equal(counters.n_sent, 3);
	assert_int_equal(counters.acked_through, 27);
	assert_int_equal(replica_gap(f->replica, counters.incarnation, 30, &gap), PRAC_OK);
	assert_int_equal(gap.oldest, 28);
	assert_true(gap.has_counter);
}

static void a_row_of_an_unknown_type_is_kept(void **state)
{
	struct fixture *f = *state;
	const uint8_t body[] = { 0x0a, 0x01, 'x' };
	struct replica_row row = { .type = 60000,
		.id = id_of(7),
		.scope = id_of(SCHOOL_1),
		.owner = id_of(SCHOOL_1),
		.seq = 11,
		.body = { body, sizeof(body) } };
	struct replica_row gone = row;

	page(f, &row, 1, 11);
	fixture_reopen(f);
	row.seq = 12;
	page(f, &row, 1, 12);
	gone.gone = PRACTICUM__GONE__GONE_DELETED;
	gone.seq = 13;
	page(f, &gone, 1, 13);
}

static void a_page_with_a_counter_never_used_is_not_applied(void **state)
{
	struct fixture *f = *state;
	struct replica_row row = row_of(f, student_of(f, STUDENT, "Lopez"), SCHOOL_1, 11);
	struct replica_page page_of_another = { &row, 1, { .epoch = 77, .seq = 11 }, 1, 11 };

	assert_int_equal(replica_apply_page(f->replica, &page_of_another), PRAC_ABORTED);
	assert_null(shown(f, "student", STUDENT));
}

static bool count_pending(void *ctx, const struct prac_record *record, bool pending)
{
	(void)record;
	*(size_t *)ctx += pending ? 1 : 0;
	return true;
}

/* The district enters a student of a school that it does not hold yet, and the server accepts it. */
static void enter_at_a_school_to_come(struct fixture *f)
{
	struct replica_identity identity = { .district = true };
	struct prac_record *student = student_of(f, STUDENT, "Lopez");
	struct replica_refusal refusal;
	struct prac_id school = id_of(SCHOOL_2);
	struct replica_row row = row_of(f,
		record_of(f, "school", SCHOOL_2, "name", "Jefferson High", "code", "JHS", NULL), 0,
		11);

	identity.device = id_of(9000);
	assert_int_equal(replica_enroll(f->replica, &identity), PRAC_OK);
	page(f, &row, 1, 11);
	student->scope = school;
	student->values[PRAC_STUDENT_SCHOOL_ID].bytes = prac_id_bytes(&school);
	assert_int_equal(replica_save(f->replica, NULL, student, &refusal), PRAC_OK);
	judged(f, 1, PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED, 21);
}

static void what_was_accepted_is_seen_until_its_school_is_loaded(void **state)
{
	struct fixture *f = *state;
	const unsigned scopes[] = { 0, SCHOOL_1, SCHOOL_2 };
	struct replica_row row = row_of(f, student_of(f, STUDENT, "Lopez"), SCHOOL_2, 21);
	size_t n_pending = 0;

	enter_at_a_school_to_come(f);
	page(f, NULL, 0, 30); /* of what is held everything came */
	assert_non_null(shown(f, "student", STUDENT));
	grant(f, scopes, 3, NULL);
	assert_non_null(shown(f, "student", STUDENT));
	load(f, SCHOOL_2, NULL, 0, 20); /* a load that was cut before */
	assert_non_null(shown(f, "student", STUDENT));
	page(f, NULL, 0, 20);
	assert_non_null(shown(f, "student", STUDENT));
	page(f, &row, 1, 30);
	assert_non_null(shown(f, "student", STUDENT));
	assert_int_equal(
		replica_list(f->replica, &(struct replica_query){ type_of("student"), NULL, 0 },
			count_pending, &n_pending),
		PRAC_OK);
	assert_int_equal(n_pending, 0);
}

/* The server says at a later greeting what the device may hold: its school is not among it. */
static void what_was_accepted_for_a_school_never_held_is_not_shown_for_ever(void **state)
{
	struct fixture *f = *state;
	const struct prac_scope_grant grants[] = { { id_of(0), 1 }, { id_of(SCHOOL_1), 1 } };
	struct replica_rights rights = { .grants = grants, .n_grants = 2 };
	bool waits;

	enter_at_a_school_to_come(f);
	page(f, NULL, 0, 30);
	assert_int_equal(replica_grants(f->replica, &rights, &waits), PRAC_OK);
	assert_non_null(shown(f, "student", STUDENT)); /* perhaps older than the school */
	rights.is_greeting = true;
	assert_int_equal(replica_grants(f->replica, &rights, &waits), PRAC_OK);
	assert_null(shown(f, "student", STUDENT));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_new_loaded, fixture_free)
	const struct CMUnitTest tests[] = {
		TEST(a_page_changes_what_is_shown),
		TEST(own_pending_input_lies_over_a_page),
		TEST(what_was_accepted_is_seen_until_its_school_is_loaded),
		TEST(what_was_accepted_for_a_school_never_held_is_not_shown_for_ever),
		TEST(an_own_value_shows_over_a_rival_until_the_verdict_is_in_base),
		TEST(accepted_input_stays_until_base_has_reached_it),
		TEST(a_page_may_come_before_its_verdict),
		TEST(an_accepted_create_is_replaced_by_its_record),
		TEST(a_record_in_two_scopes_stays_until_both_let_it_go),
		TEST(a_deleted_record_shows_while_own_input_waits),
		TEST(a_record_never_goes_back),
		TEST(refused_input_becomes_a_draft_and_leaves_the_view),
		TEST(a_verdict_that_comes_twice_counts_once),
		TEST(a_draft_is_sent_again_as_new_input),
		TEST(a_draft_is_discarded_by_a_person_only),
		TEST(judged_input_is_kept_35_days),
		TEST(a_clock_that_is_set_right_takes_no_input_from_a_restored_server),
		TEST(input_judged_late_in_a_long_connection_is_kept_from_then_on),
		TEST(every_input_is_accounted_for),
		TEST(a_row_of_an_unknown_type_is_kept),
		TEST(a_page_with_a_counter_never_used_is_not_applied),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
