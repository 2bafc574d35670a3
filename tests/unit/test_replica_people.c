/* People on a device: whose name input gets, and what goes with it to the server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "client/replica/people.h"
#include "tests/support/replica_fixture.h"

#define ACCEPTED PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED
#define MINUTE   (INT64_C(60) * 1000)

enum {
	ANN = 900,
	BEN = 901
};

static uint8_t key[32], signature[64];

static const struct prac_grant everywhere = {
	.role = PRAC_ROLE_DISTRICT_COORDINATOR, .scope = { { 0 } }, .until_ms = INT64_MAX
};

static struct replica_person person_of(
	unsigned id, const char *login, const struct prac_grant *grant)
{
	return (struct replica_person){ .who = { .id = id_of(id), .grants = grant, .n_grants = 1 },
		.login = login,
		.name = login,
		.known_ms = 1,
		.password_ms = 5,
		.public_key = { key, sizeof(key) },
		.salt = { key, 16 },
		.sealed = { key, sizeof(key) } };
}

static struct prac_grant district_grant(void)
{
	struct prac_grant grant = everywhere;

	grant.scope = prac_scope_district;
	return grant;
}

static void sign_in_as(struct fixture *f, const struct replica_person *person)
{
	struct replica_sign_in in = { .person = person,
		.attestation = { .person = person->who.id,
			.starts_ms = f->wall_ms,
			.ends_ms = f->wall_ms + PRAC_ATTEST_MAX_MS },
		.signature = { signature, sizeof(signature) },
		.token = { key, sizeof(key) } };

	assert_int_equal(replica_sign_in(f->replica, &in), PRAC_OK);
}

static void sign_in(struct fixture *f, unsigned id, const char *login)
{
	struct prac_grant grant = district_grant();
	struct replica_person person = person_of(id, login, &grant);

	sign_in_as(f, &person);
}

static enum replica_presence presence_of(struct fixture *f)
{
	struct replica_who who;

	assert_int_equal(replica_who(f->replica, &f->arena, &who), PRAC_OK);
	return who.presence;
}

static int asked_school(void **state)
{
	if (fixture_new_loaded(state) != 0) {
		return -1;
	}
	return replica_ask_people(((struct fixture *)*state)->replica, true) == PRAC_OK ? 0 : -1;
}

static struct prac_mutation mutation_of(struct fixture *f, const struct replica_entry *entry)
{
	struct prac_mutation mutation;
	struct prac_problem problem;
	enum prac_reason reason;

	assert_int_equal(
		prac_mutation_read(entry->bytes, &f->arena, &mutation, &reason, &problem), PRAC_OK);
	return mutation;
}

static void stores_nothing_while_nobody_is_signed_in_where_people_have_to(void **state)
{
	struct fixture *f = *state;
	struct prac_record *record = student_of(f, STUDENT, "Lopez");
	struct replica_refusal refusal;
	size_t n;

	assert_int_equal(
		replica_save(f->replica, NULL, record, &refusal), PRAC_FAILED_PRECONDITION);
	assert_int_equal(refusal.reason, PRAC_REASON_NOT_ALLOWED);
	assert_non_null(strstr(refusal.problem.text, "nobody is signed in here"));
	(void)queue(f, &n);
	assert_int_equal(n, 0);
}

static void enters_each_input_in_the_name_of_who_is_there(void **state)
{
	struct fixture *f = *state;
	struct replica_attestation attestation;
	struct replica_entry *entries;
	struct prac_id ann = id_of(ANN), ben = id_of(BEN), found;
	size_t n;

	sign_in(f, ANN, "ann");
	add_student(f, STUDENT, "Lopez");
	sign_in(f, BEN, "ben");
	add_student(f, STUDENT + 1, "Chen");
	assert_int_equal(replica_sign_out(f->replica), PRAC_OK);
	entries = queue(f, &n);
	assert_int_equal(n, 2);
	found = mutation_of(f, &entries[0]).person;
	assert_true(prac_id_equal(&found, &ann));
	found = mutation_of(f, &entries[1]).person;
	assert_true(prac_id_equal(&found, &ben));
	assert_true(
		replica_attestation(f->replica, entries[1].attestation, &f->arena, &attestation));
	assert_true(prac_id_equal(&attestation.attestation.person, &ben));
	assert_int_equal(attestation.signature.len, sizeof(signature));
}

static void sends_an_attestation_until_a_verdict_of_its_input_is_here(void **state)
{
	struct fixture *f = *state;
	struct replica_attestation attestation;
	struct replica_entry *entries;
	int64_t place;
	size_t n;

	sign_in(f, ANN, "ann");
	add_student(f, STUDENT, "Lopez");
	entries = queue(f, &n);
	place = entries[0].attestation;
	assert_true(replica_attestation(f->replica, place, &f->arena, &attestation));
	judged(f, 1, ACCEPTED, 11);
	assert_false(replica_attestation(f->replica, place, &f->arena, &attestation));
	/* A restored server has lost it. */
	assert_int_equal(greeted(f, 77, 1, 0), PRAC_OK);
	assert_int_equal(greeted(f, 78, 0, 0), PRAC_OK);
	assert_true(replica_attestation(f->replica, place, &f->arena, &attestation));
}

static void takes_input_of_at_most_64_sign_ins_at_once(void **state)
{
	struct fixture *f = *state;
	struct replica_entry *entries;
	size_t n;

	assert_int_equal(replica_begin(f->replica), PRAC_OK); /* one flush for all */
	for (unsigned i = 0; i < 65; i++) {
		sign_in(f, i % 2 == 0 ? ANN : BEN, i % 2 == 0 ? "ann" : "ben");
		add_student(f, STUDENT + 2 * i, "Lopez");
		add_student(f, STUDENT + 2 * i + 1, "Chen");
	}
	assert_int_equal(replica_commit(f->replica), PRAC_OK);
	entries = queue(f, &n);
	assert_int_equal(n, 128);
	assert_true(entries[127].attestation != entries[125].attestation);
}

static void is_away_after_10_minutes_and_over_after_12_hours(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(presence_of(f), REPLICA_ABSENT);
	sign_in(f, ANN, "ann");
	f->wall_ms += 10 * MINUTE - 1;
	assert_int_equal(presence_of(f), REPLICA_PRESENT);
	assert_int_equal(replica_used(f->replica), PRAC_OK);
	f->wall_ms += 10 * MINUTE - 1;
	assert_int_equal(presence_of(f), REPLICA_PRESENT);
	f->wall_ms += 1;
	assert_int_equal(presence_of(f), REPLICA_AWAY);
	assert_int_equal(replica_used(f->replica), PRAC_OK); /* comes too late */
	assert_int_equal(presence_of(f), REPLICA_AWAY);
	f->wall_ms += INT64_C(12) * 60 * MINUTE;
	assert_int_equal(presence_of(f), REPLICA_OVER);
}

/* Nothing that is entered before the attested time could be believed. */
static void is_over_when_the_clock_was_set_back(void **state)
{
	struct fixture *f = *state;

	sign_in(f, ANN, "ann");
	f->wall_ms -= 1;
	assert_int_equal(presence_of(f), REPLICA_OVER);
}

static void leaves_it_to_the_device_where_nobody_has_to_sign_in(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(replica_ask_people(f->replica, false), PRAC_OK);
	assert_int_equal(presence_of(f), REPLICA_DEVICE_ACTS);
	add_student(f, STUDENT, "Lopez");
	sign_in(f, ANN, "ann");
	assert_int_equal(presence_of(f), REPLICA_PRESENT);
	f->wall_ms += 10 * MINUTE;
	assert_int_equal(presence_of(f), REPLICA_DEVICE_ACTS);
}

static void tell_known(struct fixture *f, const struct replica_person *known, size_t n)
{
	struct prac_id ids[PEOPLE_ASKED_MAX];
	struct replica_known answer = { .asked = ids, .known = known, .n_known = n };

	assert_int_equal(replica_people_asked(f->replica, ids, &answer.n_asked), PRAC_OK);
	assert_int_equal(replica_people_known(f->replica, &answer), PRAC_OK);
}

static void signs_out_and_forgets_the_key_of_whom_the_server_does_not_know(void **state)
{
	struct fixture *f = *state;
	struct prac_grant grant = district_grant();
	struct replica_person person;

	sign_in(f, BEN, "ben");
	sign_in(f, ANN, "ann");
	person = person_of(BEN, "ben", &grant);
	tell_known(f, &person, 1);
	assert_int_equal(presence_of(f), REPLICA_ABSENT);
	assert_int_equal(replica_person(f->replica, "ann", &f->arena, &person), PRAC_OK);
	assert_int_equal(person.sealed.len, 0);
	assert_int_equal(person.who.n_grants, 0);
	assert_int_equal(replica_person(f->replica, "ben", &f->arena, &person), PRAC_OK);
	assert_int_equal(person.sealed.len, sizeof(key));
	assert_int_equal(person.known_ms, f->wall_ms);
}

static void forgets_a_key_that_another_password_sealed(void **state)
{
	struct fixture *f = *state;
	struct prac_grant grant = district_grant();
	struct replica_person person = person_of(ANN, "ann", &grant);

	sign_in(f, ANN, "ann");
	tell_known(f, &person, 1);
	assert_int_equal(presence_of(f), REPLICA_PRESENT);
	person.password_ms++;
	tell_known(f, &person, 1);
	assert_int_equal(presence_of(f), REPLICA_ABSENT);
	assert_int_equal(replica_person(f->replica, "ann", &f->arena, &person), PRAC_OK);
	assert_int_equal(person.sealed.len, 0);
}

static void gives_a_login_to_whom_the_server_gave_it(void **state)
{
	struct fixture *f = *state;
	struct replica_person person;
	struct prac_id ben = id_of(BEN);

	sign_in(f, ANN, "a.ray");
	sign_in(f, BEN, "a.ray");
	assert_int_equal(replica_person(f->replica, "a.ray", &f->arena, &person), PRAC_OK);
	assert_true(prac_id_equal(&person.who.id, &ben));
}

static void waits_twice_as_long_after_each_wrong_try_up_to_five_minutes(void **state)
{
	struct fixture *f = *state;
	int64_t wait_ms;

	for (int64_t s = 1; s <= 1024; s *= 2) {
		int64_t want_ms = (s > 300 ? 300 : s) * 1000;

		assert_int_equal(replica_try(f->replica, "ann", &wait_ms), PRAC_OK);
		assert_int_equal(wait_ms, 0);
		if (s == 4) {
			fixture_reopen(f); /* nobody gets a new try by starting the program anew */
		}
		assert_int_equal(replica_try(f->replica, "ann", &wait_ms), PRAC_OK);
		assert_int_equal(wait_ms, want_ms);
		f->wall_ms += want_ms;
	}
	assert_int_equal(replica_try(f->replica, "ben", &wait_ms), PRAC_OK);
	assert_int_equal(wait_ms, 0);
	assert_int_equal(replica_try_forget(f->replica, "ann"), PRAC_OK);
	assert_int_equal(replica_try(f->replica, "ann", &wait_ms), PRAC_OK);
	assert_int_equal(wait_ms, 0);
}

static void shows_and_takes_only_what_the_role_of_who_is_there_may(void **state)
{
	struct fixture *f = *state;
	struct prac_grant grant = {
		.role = PRAC_ROLE_STUDENT, .scope = id_of(SCHOOL_1), .until_ms = INT64_MAX
	};
	struct replica_person person = person_of(ANN, "ann", &grant);
	const struct prac_record *before;
	struct prac_record *after;
	struct replica_refusal refusal;
	struct replica_row rows[] = {
		row_of(f, student_of(f, STUDENT, "Lopez"), SCHOOL_1, 11),
		row_of(f, student_of(f, STUDENT + 1, "Chen"), SCHOOL_1, 12),
	};

	page(f, rows, 2, 12);
	person.who.subject = id_of(STUDENT);
	sign_in_as(f, &person);
	before = shown(f, "student", STUDENT);
	assert_non_null(before);
	assert_null(shown(f, "student", STUDENT + 1));
	after = prac_record_copy(&f->arena, before);
	set(f, after, "family_name", "Other");
	assert_int_equal(
		replica_save(f->replica, before, after, &refusal), PRAC_FAILED_PRECONDITION);
	assert_string_equal(refusal.problem.text,
		"your role may not do that here; it is for: coordinator, counselor, "
		"district_coordinator, cte_director, data_clerk");
	sign_in(f, BEN, "ben");
	assert_non_null(shown(f, "student", STUDENT + 1));
	edit(f, STUDENT, "family_name", "Other");
	assert_string_equal(text_of(f, shown(f, "student", STUDENT), "family_name"), "Other");
}

/* The supervisor's evaluation and its scan, while the student's own is open. */
static void put_pair(struct fixture *f, const char *own)
{
	char school[PRAC_ID_TEXT], student[PRAC_ID_TEXT], placement[PRAC_ID_TEXT],
		theirs[PRAC_ID_TEXT], type[8];
	static uint64_t seq = 20;
	struct prac_id ids[] = { id_of(SCHOOL_1), id_of(STUDENT), id_of(300), id_of(301) };

	prac_id_format(&ids[0], school);
	prac_id_format(&ids[1], student);
	prac_id_format(&ids[2], placement);
	prac_id_format(&ids[3], theirs);
	(void)snprintf(type, sizeof(type), "%u", (unsigned)type_of("evaluation")->number);

	struct replica_row row = row_of(f, student_of(f, STUDENT, "Lopez"), SCHOOL_1, ++seq);

	page(f, &row, 1, seq);
	row = row_of(f,
		record_of(f, "evaluation", 301, "placement_id", placement, "student_id", student,
			"school_id", school, "evaluator", "supervisor", "subject", "student",
			"stage", "middle", "state", "submitted", NULL),
		SCHOOL_1, ++seq);
	page(f, &row, 1, seq);
	row = row_of(f,
		record_of(f, "evaluation", 302, "placement_id", placement, "student_id", student,
			"school_id", school, "evaluator", "student", "subject", "site", "stage",
			"middle", "state", own, NULL),
		SCHOOL_1, ++seq);
	page(f, &row, 1, seq);
	row = row_of(f,
		record_of(f, "attachment", 303, "record_type", type, "record_id", theirs,
			"student_id", student, "file_name", "scan.pdf", NULL),
		SCHOOL_1, ++seq);
	page(f, &row, 1, seq);
}

static void keeps_the_other_sides_evaluation_and_its_scan_until_both_are_in(void **state)
{
	struct fixture *f = *state;
	struct prac_grant grant = {
		.role = PRAC_ROLE_STUDENT, .scope = id_of(SCHOOL_1), .until_ms = INT64_MAX
	};
	struct replica_person person = person_of(ANN, "ann", &grant);
	struct replica_query query = { .type = type_of("evaluation") };
	size_t n;

	person.who.subject = id_of(STUDENT);
	put_pair(f, "opened");
	sign_in_as(f, &person);
	assert_non_null(shown(f, "evaluation", 302));
	assert_null(shown(f, "evaluation", 301));
	assert_null(shown(f, "attachment", 303));
	assert_int_equal(replica_count(f->replica, &query, &n), PRAC_OK);
	assert_int_equal(n, 1);
	put_pair(f, "submitted");
	assert_non_null(shown(f, "evaluation", 301));
	assert_non_null(shown(f, "attachment", 303));
	put_pair(f, "opened");
	sign_in(f, BEN, "ben"); /* a coordinator takes no side */
	assert_non_null(shown(f, "evaluation", 301));
}

static void sign_in_with_role(struct fixture *f, enum prac_role role)
{
	struct prac_grant grant = { .role = role, .scope = id_of(SCHOOL_1), .until_ms = INT64_MAX };
	struct replica_person person = person_of(ANN, "ann", &grant);

	sign_in_as(f, &person);
}

static bool count_one(void *ctx, const struct prac_record *record, bool pending)
{
	(void)record, (void)pending;
	*(size_t *)ctx += 1;
	return true;
}

static size_t found_by(struct fixture *f, const char *field, const char *text)
{
	struct prac_record *wanted = student_of(f, STUDENT, "Lopez");
	struct replica_filter filter = { .field = prac_field_find_name(wanted->type, field) };
	size_t n = 0;

	set(f, wanted, field, text);
	filter.value = wanted->values[filter.field->index];
	assert_int_equal(
		replica_list(f->replica, &(struct replica_query){ wanted->type, &filter, 1 },
			count_one, &n),
		PRAC_OK);
	return n;
}

/* A student with a birth date, as the server has it. */
static void load_born(struct fixture *f)
{
	struct prac_record *born = student_of(f, STUDENT, "Lopez");
	struct replica_row row;

	set(f, born, "birth_date", "2010-05-04");
	set(f, born, "emergency_phone", "865-555-0100");
	row = row_of(f, born, SCHOOL_1, 11);
	page(f, &row, 1, 11);
}

static bool is_withheld(const struct prac_record *record, const char *field)
{
	return (record->withheld >> prac_field_find_name(record->type, field)->index & 1) != 0;
}

static void withholds_what_a_role_does_not_see_and_finds_nothing_by_it(void **state)
{
	struct fixture *f = *state;
	const struct prac_record *student;
	const struct prac_field *born = prac_field_find_name(type_of("student"), "birth_date");

	load_born(f);
	sign_in_with_role(f, PRAC_ROLE_COORDINATOR);
	student = shown(f, "student", STUDENT);
	assert_string_equal(text_of(f, student, "birth_date"), "2010-05-04");
	assert_true(is_withheld(student, "special_populations"));
	assert_int_equal(found_by(f, "birth_date", "2010-05-04"), 1);
	assert_false(replica_withholds(f->replica, born));
	sign_in_with_role(f, PRAC_ROLE_TEACHER);
	student = shown(f, "student", STUDENT);
	assert_false(student->values[born->index].has);
	assert_true(is_withheld(student, "birth_date"));
	assert_true(is_withheld(student, "emergency_phone"));
	assert_string_equal(text_of(f, student, "family_name"), "Lopez");
	assert_int_equal(found_by(f, "birth_date", "2010-05-04"), 0);
	assert_int_equal(found_by(f, "birth_date", ""), 0); /* nor that it has none */
	assert_int_equal(found_by(f, "family_name", "Lopez"), 1);
	assert_true(replica_withholds(f->replica, born));
}

static void takes_no_change_of_what_it_withholds_and_keeps_it_in_other_changes(void **state)
{
	struct fixture *f = *state;
	const struct prac_field *born = prac_field_find_name(type_of("student"), "birth_date");
	const struct prac_record *before;
	struct prac_record *after;
	struct replica_refusal refusal;
	struct prac_mutation mutation;
	struct replica_entry *entries;
	size_t n;

	load_born(f);
	sign_in_with_role(f, PRAC_ROLE_COUNSELOR);
	edit(f, STUDENT, "birth_date", "2010-05-05");
	sign_in_with_role(f, PRAC_ROLE_CTE_DIRECTOR);
	assert_null(shown(f, "student", STUDENT)); /* a district's role, held at a school */
	sign_in_with_role(f, PRAC_ROLE_COORDINATOR);
	edit(f, STUDENT, "grade", "11"); /* sees no populations, and sends none */
	entries = queue(f, &n);
	assert_int_equal(n, 2);
	mutation = mutation_of(f, &entries[1]);
	assert_int_equal(mutation.n_patches, 1);
	assert_string_equal(mutation.patches[0].group->name, "grade");
	before = shown(f, "student", STUDENT);
	after = prac_record_copy(&f->arena, before);
	set(f, after, "special_populations", "gifted");
	assert_int_equal(
		replica_save(f->replica, before, after, &refusal), PRAC_FAILED_PRECONDITION);
	assert_int_equal(refusal.reason, PRAC_REASON_NOT_ALLOWED);
	assert_string_equal(refusal.problem.text,
		"your role may not do that here; it is for: counselor, district_coordinator, data_clerk");
	/* Taken away unseen: the same answer, whether there was a value or none. */
	after = prac_record_copy(&f->arena, before);
	after->withheld = 0;
	assert_int_equal(
		replica_save(f->replica, before, after, &refusal), PRAC_FAILED_PRECONDITION);
	assert_non_null(strstr(refusal.problem.text, "your role may not do that here"));
	sign_in_with_role(f, PRAC_ROLE_COUNSELOR);
	before = shown(f, "student", STUDENT);
	assert_string_equal(text_of(f, before, "birth_date"), "2010-05-05");
	assert_true(before->values[born->index].has);
}

static void gives_rules_the_whole_record(void **state)
{
	struct fixture *f = *state;
	const struct prac_record *student;
	struct prac_facts facts;
	struct prac_id id = id_of(STUDENT);

	load_born(f);
	sign_in_with_role(f, PRAC_ROLE_TEACHER);
	replica_facts(f->replica, &f->arena, &facts);
	student = facts.get(facts.ctx, 3, &id);
	assert_non_null(student);
	assert_string_equal(text_of(f, student, "birth_date"), "2010-05-04");
	assert_true(is_withheld(shown(f, "student", STUDENT), "birth_date"));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, asked_school, fixture_free)
	const struct CMUnitTest tests[] = {
		CASE(stores_nothing_while_nobody_is_signed_in_where_people_have_to),
		CASE(enters_each_input_in_the_name_of_who_is_there),
		CASE(sends_an_attestation_until_a_verdict_of_its_input_is_here),
		CASE(takes_input_of_at_most_64_sign_ins_at_once),
		CASE(is_away_after_10_minutes_and_over_after_12_hours),
		CASE(is_over_when_the_clock_was_set_back),
		CASE(leaves_it_to_the_device_where_nobody_has_to_sign_in),
		CASE(signs_out_and_forgets_the_key_of_whom_the_server_does_not_know),
		CASE(forgets_a_key_that_another_password_sealed),
		CASE(gives_a_login_to_whom_the_server_gave_it),
		CASE(shows_and_takes_only_what_the_role_of_who_is_there_may),
		CASE(keeps_the_other_sides_evaluation_and_its_scan_until_both_are_in),
		CASE(withholds_what_a_role_does_not_see_and_finds_nothing_by_it),
		CASE(takes_no_change_of_what_it_withholds_and_keeps_it_in_other_changes),
		CASE(gives_rules_the_whole_record),
		CASE(waits_twice_as_long_after_each_wrong_try_up_to_five_minutes),
	};
#undef CASE

	return cmocka_run_group_tests_name("replica_people", tests, NULL, NULL);
}
