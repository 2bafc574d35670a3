/*
 * People who act before a real server: what each may do, losing a right; and devices that say somebody
 * else did it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/sync/mutation.h"
#include "common/wire/binary.h"
#include "tests/support/two_schools.h"

enum {
	HOUR_MS = 60 * 60 * 1000
};

static uint64_t counter[2]; /* of the stations' mutations */
static uint64_t heard;      /* the largest number of a verdict */
static struct prac_id student;

/* ---- mutations */

static struct prac_mutation student_by(
	const struct prac_id *person, size_t device, const struct prac_id *at_school)
{
	struct prac_mutation mutation = people_create(&prac_type_student, ++counter[device]);
	struct prac_record *record = people_student(at_school);

	mutation.scope = *at_school;
	mutation.person = *person;
	record->values[PRAC_STUDENT_IDENTIFIER].bytes = prac_bytes_text(
		prac_arena_printf(&arena, "%zu.%zu", device, (size_t)counter[device]));
	mutation.n_patches = prac_patches_between(NULL, record, &arena, &mutation.patches);
	return mutation;
}

static const Practicum__Verdict *push(
	size_t device, struct prac_mutation *mutation, Practicum__Attestation *attestation)
{
	const Practicum__Verdict *verdict;

	prac_mutation_write(mutation, &arena);
	verdict = people_push(at[device], mutation->bytes, attestation);
	heard = verdict->seq > heard ? verdict->seq : heard;
	return verdict;
}

/* A grade for a student, by this person at school 0's device. */
static const Practicum__Verdict *grade_by(
	const struct someone *someone, const struct prac_id *of, int64_t when_ms)
{
	struct prac_record *before = people_student(&school[0]),
			   *after = people_student(&school[0]);
	struct prac_mutation mutation = people_create(&prac_type_student, ++counter[0]);

	after->values[PRAC_STUDENT_GRADE] =
		(struct prac_value){ .has = true, .number = (int64_t)(counter[0] % 13) };
	mutation.op = PRACTICUM__OP__OP_PATCH;
	mutation.id = *of;
	mutation.base_seq = heard;
	mutation.person = someone->id;
	mutation.client_time_ms = when_ms;
	mutation.n_patches = prac_patches_between(before, after, &arena, &mutation.patches);
	return push(0, &mutation, people_attest(someone, &device_id[0], when_ms - HOUR_MS));
}

#define ACCEPTED    PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED
#define REFUSED     PRACTICUM__VERDICT_KIND__VERDICT_REFUSED
#define QUARANTINED PRACTICUM__VERDICT_KIND__VERDICT_QUARANTINED

/* ---- acting */

static void who_was_there_and_may_is_believed(void **state)
{
	struct prac_mutation mutation = student_by(&ada.id, 0, &school[0]);

	(void)state;
	student = mutation.id;
	assert_verdict(
		push(0, &mutation, people_attest(&ada, &device_id[0], people_now_ms() - HOUR_MS)),
		ACCEPTED, PRAC_REASON_NONE);
	assert_verdict(grade_by(&ada, &student, people_now_ms()), ACCEPTED, PRAC_REASON_NONE);
}

static void nobody_acts_in_nobodys_name(void **state)
{
	struct prac_id nobody = { { 0 } }, stranger = prac_id_new(&prac_env_system);
	struct prac_mutation mutation = student_by(&nobody, 0, &school[0]);

	(void)state;
	assert_verdict(push(0, &mutation, NULL), REFUSED, PRAC_REASON_NOT_ALLOWED);
	mutation = student_by(&stranger, 0, &school[0]);
	assert_verdict(push(0, &mutation, NULL), REFUSED, PRAC_REASON_NOT_ALLOWED);
}

/* T12: a changed program on an enrolled device names whom it likes. */
static void a_device_cannot_make_up_who_acted(void **state)
{
	struct prac_mutation mutation = student_by(&tom.id, 0, &school[0]);
	struct someone forger = tom;
	Practicum__Attestation *stolen;

	(void)state;
	/* Tom signed in here once, but attested nothing. */
	assert_verdict(push(0, &mutation, NULL), REFUSED, PRAC_REASON_NOT_ALLOWED);
	/* With another key than his. */
	prac_sign_key_new(forger.public_key, forger.secret);
	mutation = student_by(&tom.id, 0, &school[0]);
	assert_verdict(push(0, &mutation,
			       people_attest(&forger, &device_id[0], people_now_ms() - HOUR_MS)),
		REFUSED, PRAC_REASON_NOT_ALLOWED);
	/* Ada's attestation with his name in it. */
	stolen = people_attest(&ada, &device_id[0], people_now_ms() - HOUR_MS);
	stolen->person = prac_binary_id(&tom.id);
	mutation = student_by(&tom.id, 0, &school[0]);
	assert_verdict(push(0, &mutation, stolen), REFUSED, PRAC_REASON_NOT_ALLOWED);
	/* One from another device. */
	mutation = student_by(&tom.id, 0, &school[0]);
	assert_verdict(
		push(0, &mutation, people_attest(&tom, &device_id[1], people_now_ms() - HOUR_MS)),
		REFUSED, PRAC_REASON_NOT_ALLOWED);
	/* A time at which he was not there. */
	mutation = student_by(&ada.id, 0, &school[0]);
	mutation.client_time_ms = people_now_ms() - INT64_C(20) * HOUR_MS;
	assert_verdict(push(0, &mutation, NULL), REFUSED, PRAC_REASON_NOT_ALLOWED);
}

static void a_role_decides_what_is_done(void **state)
{
	(void)state;
	/* A teacher reads students and does not change them. */
	assert_verdict(grade_by(&tom, &student, people_now_ms()), REFUSED, PRAC_REASON_NOT_ALLOWED);
	/* At another school one is nobody here. */
	assert_verdict(
		grade_by(&nia, &student, people_now_ms()), REFUSED, PRAC_REASON_UNKNOWN_RECORD);
}

static void a_record_of_others_and_none_at_all_are_the_same(void **state)
{
	struct prac_id none = prac_id_new(&prac_env_system);
	const Practicum__Verdict *missing, *foreign;

	(void)state;
	missing = grade_by(&nia, &none, people_now_ms());
	foreign = grade_by(&nia, &student, people_now_ms());
	assert_int_equal(missing->kind, foreign->kind);
	assert_int_equal(missing->reason, foreign->reason);
	assert_int_equal(missing->text.len, foreign->text.len);
	assert_memory_equal(missing->text.data, foreign->text.data, missing->text.len);
}

static void groups_with_writers_refuse_other_roles(void **state)
{
	struct prac_record *before = people_student(&school[0]),
			   *after = people_student(&school[0]);
	struct prac_mutation mutation = people_create(&prac_type_student, ++counter[0]);
	struct prac_bytes item = prac_bytes_text("migrant");

	(void)state;
	after->values[PRAC_STUDENT_SPECIAL_POPULATIONS] = prac_list_value(
		&arena, &prac_type_student.fields[PRAC_STUDENT_SPECIAL_POPULATIONS], &item, 1);
	mutation.op = PRACTICUM__OP__OP_PATCH;
	mutation.id = student;
	mutation.person = ada.id;
	mutation.n_patches = prac_patches_between(before, after, &arena, &mutation.patches);
	assert_int_equal(mutation.n_patches, 1);
	assert_verdict(
		push(0, &mutation, people_attest(&ada, &device_id[0], people_now_ms() - HOUR_MS)),
		REFUSED, PRAC_REASON_NOT_ALLOWED);
}

static void what_was_entered_before_a_right_ended_waits_for_somebody(void **state)
{
	struct someone eve =
		people_make(at[0], "eve", "eve --name Eve --role coordinator --school South");
	const Practicum__Status *status;

	(void)state;
	assert_verdict(grade_by(&eve, &student, people_now_ms()), ACCEPTED, PRAC_REASON_NONE);
	people_run("user role eve coordinator --remove");
	/* At once, not at the next refresh. */
	assert_verdict(grade_by(&eve, &student, people_now_ms() - 1000), QUARANTINED,
		PRAC_REASON_RIGHTS_LOST);
	assert_null(people_who(at[0], eve.session, &status));
	assert_int_equal(status->code, 16);
}

static void a_disabled_person_is_out_at_once(void **state)
{
	struct someone dan =
		people_make(at[0], "dan", "dan --name Dan --role coordinator --school South");
	const Practicum__Status *status;

	(void)state;
	assert_non_null(people_who(at[0], dan.session, &status));
	people_run("user disable dan");
	assert_null(people_who(at[0], dan.session, &status));
	assert_verdict(grade_by(&dan, &student, people_now_ms() - 1000), QUARANTINED,
		PRAC_REASON_RIGHTS_LOST);
	(void)usleep(1100 * 1000);
	assert_null(people_sign_in(&dan, PASSWORD, NULL, NULL, &status));
	assert_int_equal(status->code, 16);
}

static void a_report_needs_a_person_who_may(void **state)
{
	struct raw_client *office = connect_as(&district, 7777, NULL);
	Practicum__ReportRequest request = PRACTICUM__REPORT_REQUEST__INIT;
	const Practicum__Status *status;

	(void)state;
	request.has_name = true;
	request.name = (ProtobufCBinaryData){ 13, (uint8_t *)"participation" };
	people_send(office, PRACTICUM__METHOD_ID__REPORT_RUN, &request.base);
	assert_null(people_answer(office, &practicum__report_response__descriptor, &status));
	assert_int_equal(status->code, 16);
	request.has_session = true;
	request.session = (ProtobufCBinaryData){ 32, ada.session };
	people_send(office, PRACTICUM__METHOD_ID__REPORT_RUN, &request.base);
	assert_null(people_answer(office, &practicum__report_response__descriptor, &status));
	assert_int_equal(status->code, 16); /* her session is another device's */
	raw_client_free(office);
}

/* What was done above, as an operator reads it. */
static void the_audit_says_what_was_taken_away(void **state)
{
	static char out[256 * 1024];
	static const char *const wanted[] = { "  eve  no longer coordinator at South\n",
		"  dan  disabled\n" };

	(void)state;
	assert_int_equal(daemon_run(&server, "audit list", out, sizeof(out)), 0);
	assert_all_said(out, wanted, sizeof(wanted) / sizeof(*wanted));
}

static void a_replayed_push_changes_nothing(void **state)
{
	struct prac_mutation mutation = student_by(&ada.id, 0, &school[0]);
	const Practicum__Verdict *verdict;

	(void)state;
	assert_verdict(push(0, &mutation, NULL), ACCEPTED, PRAC_REASON_NONE);
	people_run("user disable ada");
	verdict = people_push(at[0], mutation.bytes, NULL);
	assert_true(verdict->replayed);
	assert_verdict(verdict, ACCEPTED, PRAC_REASON_NONE);
	people_run("user enable ada");
}

/* ---- where nobody has to sign in */

/* Runs last: the connections of the others are gone. */
static void people_who_need_not_sign_in_change_nothing(void **state)
{
	Practicum__ReportRequest request = PRACTICUM__REPORT_REQUEST__INIT;
	struct prac_id nobody = { { 0 } };
	struct prac_mutation mutation = student_by(&nobody, 0, &school[0]);
	const Practicum__Status *status;
	struct raw_client *office;

	(void)state;
	people_restart_with("[people]\nsign_in = off");
	await_people();
	raw_client_free(at[0]);
	at[0] = connect_as(&school_device[0], 1, NULL);
	assert_verdict(push(0, &mutation, NULL), ACCEPTED, PRAC_REASON_NONE);
	office = connect_as(&district, 7777, NULL);
	request.has_name = true;
	request.name = (ProtobufCBinaryData){ 13, (uint8_t *)"participation" };
	people_send(office, PRACTICUM__METHOD_ID__REPORT_RUN, &request.base);
	assert_non_null(people_answer(office, &practicum__report_response__descriptor, &status));
	raw_client_free(office);
}

static int begin(void **state)
{
	*state = (void *)"test_people";
	return two_schools_begin(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_was_there_and_may_is_believed),
		cmocka_unit_test(nobody_acts_in_nobodys_name),
		cmocka_unit_test(a_device_cannot_make_up_who_acted),
		cmocka_unit_test(a_role_decides_what_is_done),
		cmocka_unit_test(a_record_of_others_and_none_at_all_are_the_same),
		cmocka_unit_test(groups_with_writers_refuse_other_roles),
		cmocka_unit_test(what_was_entered_before_a_right_ended_waits_for_somebody),
		cmocka_unit_test(a_disabled_person_is_out_at_once),
		cmocka_unit_test(a_report_needs_a_person_who_may),
		cmocka_unit_test(the_audit_says_what_was_taken_away),
		cmocka_unit_test(a_replayed_push_changes_nothing),
		cmocka_unit_test(people_who_need_not_sign_in_change_nothing),
	};

	return cmocka_run_group_tests(tests, begin, two_schools_end);
}
