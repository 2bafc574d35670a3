/*
 * People before a real server: signing in, acting, losing a right; and clients that say they are
 * somebody else.
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
#include "common/wire/cert.h"
#include "tests/support/people.h"

#define PASSWORD "four green herons wading"
#define REQUIRED "[people]\nsign_in = required"

enum {
	HOUR_MS = 60 * 60 * 1000
};

static struct raw_identity school_device[2];
static struct prac_id device_id[2]; /* of them */
static struct prac_id school[2];
static struct raw_client *at[2];
static uint64_t counter[2];
static struct someone ada, tom; /* coordinator and teacher at the first school */
static struct someone nia;      /* teacher at the second, signed in at the first */
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
	prac_mutation_write(mutation, &arena);
	return people_push(at[device], mutation->bytes, attestation);
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
	mutation.base_seq = 1u << 30;
	mutation.person = someone->id;
	mutation.client_time_ms = when_ms;
	mutation.n_patches = prac_patches_between(before, after, &arena, &mutation.patches);
	return push(0, &mutation, people_attest(someone, &device_id[0], when_ms - HOUR_MS));
}

#define ACCEPTED    PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED
#define REFUSED     PRACTICUM__VERDICT_KIND__VERDICT_REFUSED
#define QUARANTINED PRACTICUM__VERDICT_KIND__VERDICT_QUARANTINED

/* The server looks at who there is every two seconds. */
static void await_people(void)
{
	(void)usleep(2500 * 1000);
}

/* ---- signing in */

static void a_code_makes_a_password_and_a_session(void **state)
{
	const Practicum__WhoAmIResponse *answer;
	const Practicum__Status *status;

	(void)state;
	answer = people_who(at[0], ada.session, &status);
	assert_non_null(answer);
	assert_int_equal(answer->person->n_grants, 1);
	assert_int_equal(answer->person->grants[0]->role, 1);
	assert_memory_equal(answer->person->grants[0]->scope.data, school[0].b, 16);
	assert_memory_equal(answer->person->login.data, "ada", 3);
}

static void a_code_works_once(void **state)
{
	struct someone bob = { .client = at[0], .login = "bob" };
	const char *code = people_add("bob --name Bob");
	const Practicum__Status *status;

	(void)state;
	prac_sign_key_new(bob.public_key, bob.secret);
	/* Bob has no role yet: the code is used, the password stands, and he may do nothing. */
	assert_null(people_sign_in(&bob, PASSWORD, code, NULL, &status));
	assert_memory_equal(status->reason.data, "NO_ROLE", 7);
	(void)usleep(1100 * 1000);
	assert_null(people_sign_in(&bob, "another password it is", code, NULL, &status));
	assert_int_equal(status->code, 16);
}

static void a_weak_password_is_refused_before_the_code_is_used(void **state)
{
	struct someone cal = { .client = at[0], .login = "cal" };
	const char *code = people_add("cal --name Cal");
	const Practicum__Status *status;

	(void)state;
	assert_null(people_sign_in(&cal, "password1234", code, NULL, &status));
	assert_int_equal(status->code, 3);
	assert_null(people_sign_in(&cal, PASSWORD, code, NULL, &status));
	assert_memory_equal(status->reason.data, "NO_ROLE", 7);
}

static void nobody_learns_whether_a_name_exists(void **state)
{
	struct someone wrong = { .client = at[1], .login = "ada" };
	struct someone nobody = { .client = at[1], .login = "no.such.person" };
	const Practicum__Status *first, *second;
	int64_t started = people_now_ms(), between, ended;

	(void)state;
	assert_null(people_sign_in(&wrong, "not the password", NULL, NULL, &first));
	between = people_now_ms();
	assert_null(people_sign_in(&nobody, "not the password", NULL, NULL, &second));
	ended = people_now_ms();
	assert_int_equal(first->code, 16);
	assert_int_equal(second->code, 16);
	assert_int_equal(first->text.len, second->text.len);
	assert_memory_equal(first->text.data, second->text.data, first->text.len);
	/* Both took the time of Argon2id, whatever this machine does besides. */
	assert_true(between - started >= 15);
	assert_true(ended - between >= 15);
}

static void tries_that_fail_wait_longer_and_longer(void **state)
{
	struct someone wrong = { .client = at[1], .login = "tries" };
	const Practicum__Status *status = NULL;
	unsigned n = 0;

	(void)state;
	/* The wait doubles, so soon it is longer than any machine takes for a try. */
	do {
		assert_null(people_sign_in(&wrong, "not the password", NULL, NULL, &status));
		assert_true(status->code == 16 || status->code == 8);
		n++;
	} while (status->code == 16 && n < 8);
	assert_int_equal(status->code, 8);
	assert_memory_equal(status->reason.data, "RETRY_LATER", 11);
}

static void roles_with_power_need_a_second_factor(void **state)
{
	struct someone adm = { .client = at[0], .login = "adm" };
	const char *code = people_add("adm --name Adm --role administrator");
	const Practicum__SignInResponse *response;
	const Practicum__Status *status;
	ProtobufCBinaryData secret;
	char digits[8];

	(void)state;
	prac_sign_key_new(adm.public_key, adm.secret);
	response = people_sign_in(&adm, PASSWORD, code, NULL, &status);
	assert_non_null(response);
	assert_false(response->has_session);
	assert_int_equal(response->factor_secret.len, 52);
	secret = response->factor_secret;
	assert_null(people_sign_in(&adm, PASSWORD, NULL, NULL, &status));
	assert_memory_equal(status->reason.data, "FACTOR", 6);
	(void)usleep(1100 * 1000);
	people_factor(secret, digits);
	response = people_sign_in(&adm, PASSWORD, NULL, digits, &status);
	assert_non_null(response);
	assert_true(response->has_session && response->factor);
	/* Seen over a shoulder it is worth nothing. */
	assert_null(people_sign_in(&adm, PASSWORD, NULL, digits, &status));
	assert_int_equal(status->code, 16);
}

static void a_session_is_of_one_device_and_ends_when_asked(void **state)
{
	struct someone once =
		people_make(at[0], "once", "once --name Once --role teacher --school South");
	Practicum__SignOutRequest request = PRACTICUM__SIGN_OUT_REQUEST__INIT;
	const Practicum__Status *status;

	(void)state;
	assert_non_null(people_who(at[0], once.session, &status));
	assert_null(people_who(at[1], once.session, &status));
	assert_int_equal(status->code, 16);
	request.has_session = true;
	request.session = (ProtobufCBinaryData){ 32, once.session };
	people_send(at[0], PRACTICUM__METHOD_ID__PEOPLE_SIGN_OUT, &request.base);
	assert_non_null(people_answer(at[0], &practicum__sign_out_response__descriptor, &status));
	assert_null(people_who(at[0], once.session, &status));
}

static void a_new_password_ends_every_session(void **state)
{
	struct someone chg =
		people_make(at[0], "chg", "chg --name Chg --role teacher --school South");
	Practicum__ChangePasswordRequest request = PRACTICUM__CHANGE_PASSWORD_REQUEST__INIT;
	const Practicum__Status *status;

	(void)state;
	request.has_session = request.has_password = request.has_new_password = true;
	request.session = (ProtobufCBinaryData){ 32, chg.session };
	request.password = (ProtobufCBinaryData){ 5, (uint8_t *)"wrong" };
	request.new_password = (ProtobufCBinaryData){ 20, (uint8_t *)"eleven blue kayaks!!" };
	people_send(at[0], PRACTICUM__METHOD_ID__PEOPLE_CHANGE_PASSWORD, &request.base);
	assert_null(
		people_answer(at[0], &practicum__change_password_response__descriptor, &status));
	assert_int_equal(status->code, 16);
	request.password = (ProtobufCBinaryData){ strlen(PASSWORD), (uint8_t *)PASSWORD };
	people_send(at[0], PRACTICUM__METHOD_ID__PEOPLE_CHANGE_PASSWORD, &request.base);
	assert_non_null(
		people_answer(at[0], &practicum__change_password_response__descriptor, &status));
	assert_null(people_who(at[0], chg.session, &status));
	assert_non_null(people_sign_in(&chg, "eleven blue kayaks!!", NULL, NULL, &status));
}

static void a_station_asks_about_its_own_people_only(void **state)
{
	Practicum__KnownRequest request = PRACTICUM__KNOWN_REQUEST__INIT;
	ProtobufCBinaryData id = { PRAC_ID_LEN, ada.id.b };
	const Practicum__KnownResponse *answer;
	const Practicum__Status *status;

	(void)state;
	request.n_persons = 1;
	request.persons = &id;
	people_send(at[0], PRACTICUM__METHOD_ID__PEOPLE_KNOWN, &request.base);
	answer = people_answer(at[0], &practicum__known_response__descriptor, &status);
	assert_int_equal(answer->n_persons, 1);
	people_send(at[1], PRACTICUM__METHOD_ID__PEOPLE_KNOWN, &request.base);
	answer = people_answer(at[1], &practicum__known_response__descriptor, &status);
	assert_int_equal(answer->n_persons, 0);
	id.len = 3;
	people_send(at[1], PRACTICUM__METHOD_ID__PEOPLE_KNOWN, &request.base);
	assert_null(people_answer(at[1], &practicum__known_response__descriptor, &status));
	assert_int_equal(status->code, 3);
}

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
	stolen->person = (ProtobufCBinaryData){ PRAC_ID_LEN, tom.id.b };
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

/* What was tried above, as an operator reads it. */
static void the_audit_says_who_tried_what(void **state)
{
	static char out[256 * 1024];
	static const char *const wanted[] = { "  ada  made\n", "  ada  now coordinator at South\n",
		"  ada  signed in\n", "  adm  signed in with an authenticator\n",
		"  sign_in, refused  ada  ", "  once  signed out\n",
		"  eve  no longer coordinator at South\n", "  dan  disabled\n",
		"  a name that nobody has\n", "  configuration  console  -  server  " };

	(void)state;
	assert_int_equal(daemon_run(&server, "audit list", out, sizeof(out)), 0);
	assert_all_said(out, wanted, sizeof(wanted) / sizeof(*wanted));
	assert_null(strstr(out, "no.such.person"));
	assert_null(strstr(out, PASSWORD));
}

/* ---- clients that know no manners */

static void a_request_that_is_none_is_refused_and_the_connection_lives(void **state)
{
	Practicum__SignInRequest request = PRACTICUM__SIGN_IN_REQUEST__INIT;
	const Practicum__Status *status;
	uint8_t junk[300] = { 0 };

	(void)state;
	people_send(at[1], PRACTICUM__METHOD_ID__PEOPLE_SIGN_IN, &request.base);
	assert_null(people_answer(at[1], &practicum__sign_in_response__descriptor, &status));
	assert_int_equal(status->code, 3);
	request.has_login = request.has_password = request.has_public_key = true;
	request.login = (ProtobufCBinaryData){ 3, (uint8_t *)"ada" };
	request.password = (ProtobufCBinaryData){ sizeof(junk), junk };
	people_send(at[1], PRACTICUM__METHOD_ID__PEOPLE_SIGN_IN, &request.base);
	assert_null(people_answer(at[1], &practicum__sign_in_response__descriptor, &status));
	assert_int_equal(status->code, 3);
	request.password = (ProtobufCBinaryData){ 4, junk };
	request.public_key = (ProtobufCBinaryData){ 31, junk };
	people_send(at[1], PRACTICUM__METHOD_ID__PEOPLE_SIGN_IN, &request.base);
	assert_null(people_answer(at[1], &practicum__sign_in_response__descriptor, &status));
	assert_int_equal(status->code, 3);
	assert_null(people_who(at[1], junk, &status));
	assert_int_equal(status->code, 16);
}

static void nobody_signs_in_before_the_greeting(void **state)
{
	/* A device of its own: the server is not kind to one that breaks the rules. */
	struct raw_identity rude = enroll("enroll-code --school North");
	struct raw_client *client = raw_client_new(server.port, &rude, trust());
	Practicum__SignInRequest request = PRACTICUM__SIGN_IN_REQUEST__INIT;
	const struct prac_frame *frame;

	(void)state;
	assert_true(raw_client_handshake(client));
	people_send(client, PRACTICUM__METHOD_ID__PEOPLE_SIGN_IN, &request.base);
	frame = raw_client_read(client);
	assert_non_null(frame);
	assert_int_equal(frame->type, PRAC_FRAME_GOAWAY);
	assert_null(raw_client_read(client));
	raw_client_free(client);
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
	people_restart_with("");
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

static void the_operator_is_told_what_it_means(void **state)
{
	char out[4000];

	(void)state;
	assert_int_equal(daemon_run(&server, "check-config", out, sizeof(out)), 0);
	assert_non_null(strstr(out, "people.sign_in is required: once there is anybody"));
	assert_int_equal(daemon_run(&server, "user add pat --name Pat", out, sizeof(out)), 0);
	assert_non_null(strstr(out, "people.sign_in is required: once there is anybody"));
	daemon_configure(&server, "");
	assert_int_equal(daemon_run(&server, "check-config", out, sizeof(out)), 0);
	assert_non_null(strstr(out, "people.sign_in is off"));
	daemon_configure(&server, "[people]\nsign_in = perhaps");
	assert_int_equal(daemon_run(&server, "check-config", out, sizeof(out)), 78);
	daemon_configure(&server, REQUIRED);
}

/* ---- the scene */

static int begin(void **state)
{
	struct raw_client *office;

	*state = (void *)"test_people";
	if (live_server_begin(state) != 0) {
		return -1;
	}
	people_restart_with(REQUIRED);
	/* Before there are people the district's device acts by itself. */
	office = connect_as(&district, 1, NULL);
	school[0] = people_school(office, 1, "South");
	school[1] = people_school(office, 2, "North");
	raw_client_free(office);
	school_device[0] = enroll("enroll-code --school South");
	school_device[1] = enroll("enroll-code --school North");
	for (size_t i = 0; i < 2; i++) {
		device_id[i] = people_device(&school_device[i]);
		at[i] = connect_as(&school_device[i], i + 1, NULL);
	}
	ada = people_make(at[0], "ada", "ada --name Ada --role coordinator --school South");
	tom = people_make(at[0], "tom", "tom --name Tom --role teacher --school South");
	nia = people_make(at[0], "nia", "nia --name Nia --role teacher --school North");
	await_people();
	return 0;
}

static int end(void **state)
{
	raw_client_free(at[0]);
	raw_client_free(at[1]);
	return live_server_end(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_makes_a_password_and_a_session),
		cmocka_unit_test(a_code_works_once),
		cmocka_unit_test(a_weak_password_is_refused_before_the_code_is_used),
		cmocka_unit_test(nobody_learns_whether_a_name_exists),
		cmocka_unit_test(tries_that_fail_wait_longer_and_longer),
		cmocka_unit_test(roles_with_power_need_a_second_factor),
		cmocka_unit_test(a_session_is_of_one_device_and_ends_when_asked),
		cmocka_unit_test(a_new_password_ends_every_session),
		cmocka_unit_test(a_station_asks_about_its_own_people_only),
		cmocka_unit_test(who_was_there_and_may_is_believed),
		cmocka_unit_test(nobody_acts_in_nobodys_name),
		cmocka_unit_test(a_device_cannot_make_up_who_acted),
		cmocka_unit_test(a_role_decides_what_is_done),
		cmocka_unit_test(a_record_of_others_and_none_at_all_are_the_same),
		cmocka_unit_test(groups_with_writers_refuse_other_roles),
		cmocka_unit_test(what_was_entered_before_a_right_ended_waits_for_somebody),
		cmocka_unit_test(a_disabled_person_is_out_at_once),
		cmocka_unit_test(a_report_needs_a_person_who_may),
		cmocka_unit_test(the_audit_says_who_tried_what),
		cmocka_unit_test(a_request_that_is_none_is_refused_and_the_connection_lives),
		cmocka_unit_test(nobody_signs_in_before_the_greeting),
		cmocka_unit_test(a_replayed_push_changes_nothing),
		cmocka_unit_test(the_operator_is_told_what_it_means),
		cmocka_unit_test(people_who_need_not_sign_in_change_nothing),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
