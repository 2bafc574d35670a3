/* Signing in before a real server: codes, passwords, second factors, sessions; and clients without manners. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/wire/binary.h"
#include "tests/support/two_schools.h"

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
	assert_true(status->retry_after_ms >= 1000 && status->retry_after_ms <= 300000);
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

static void a_session_ends_after_10_minutes_without_use(void **state)
{
	struct someone idle =
		people_make(at[0], "idle", "idle --name Idle --role teacher --school South");
	const Practicum__Status *status;

	(void)state;
	for (int i = 0; i < 2; i++) {
		pg_exec("UPDATE user_session SET last_used = now() - interval '9 min' "
			"WHERE ended IS NULL");
		assert_non_null(people_who(at[0], idle.session, &status));
	}
	pg_exec("UPDATE user_session SET last_used = now() - interval '10 min' WHERE ended IS NULL");
	assert_null(people_who(at[0], idle.session, &status));
	assert_int_equal(status->code, 16);
}

static void an_operator_ends_the_sessions_of_one_person_or_of_everybody(void **state)
{
	struct someone sue =
		people_make(at[0], "sue", "sue --name Sue --role teacher --school South");
	struct someone tim =
		people_make(at[1], "tim", "tim --name Tim --role teacher --school South");
	const Practicum__Status *status;
	char out[200];

	(void)state;
	assert_int_equal(daemon_run(&server, "user sign-out sue", out, sizeof(out)), 0);
	assert_string_equal(out, "1 sessions of 1 people ended\n");
	assert_null(people_who(at[0], sue.session, &status));
	assert_int_equal(status->code, 16);
	assert_non_null(people_who(at[1], tim.session, &status));
	assert_non_null(people_sign_in(&sue, PASSWORD, NULL, NULL, &status));
	assert_int_equal(
		daemon_run(&server, "user sign-out sue --everybody", out, sizeof(out)), 64);
	assert_non_null(people_who(at[1], tim.session, &status));
	people_run("user sign-out --everybody");
	assert_null(people_who(at[0], sue.session, &status));
	assert_null(people_who(at[1], tim.session, &status));
	assert_int_equal(pg_int("SELECT count(*) FROM user_session WHERE ended IS NULL"), 0);
	assert_int_equal(daemon_run(&server, "user sign-out no.such.person", out, sizeof(out)), 1);
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
	request.password = prac_binary_text(PASSWORD);
	/* It was stored anew between the look and the change: right, but not done. */
	pg_exec("CREATE FUNCTION no_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
	pg_exec("CREATE TRIGGER no_row BEFORE UPDATE ON user_password FOR EACH ROW EXECUTE FUNCTION no_row()");
	people_send(at[0], PRACTICUM__METHOD_ID__PEOPLE_CHANGE_PASSWORD, &request.base);
	assert_null(
		people_answer(at[0], &practicum__change_password_response__descriptor, &status));
	assert_int_equal(status->code, 8);
	pg_exec("DROP FUNCTION no_row CASCADE");
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

/* What was tried above, as an operator reads it. */
static void the_audit_says_who_tried_what(void **state)
{
	static char out[256 * 1024];
	static const char *const wanted[] = { "  ada  made\n", "  ada  now coordinator at South\n",
		"  ada  signed in\n", "  adm  signed in with an authenticator\n",
		"  sign_in, refused  ada  ", "  once  signed out\n", "  a name that nobody has\n",
		"  configuration  console  -  server  " };

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

static void the_operator_is_told_what_it_means(void **state)
{
	char out[4000];

	(void)state;
	assert_int_equal(daemon_run(&server, "check-config", out, sizeof(out)), 0);
	assert_non_null(strstr(out, "people.sign_in is required: once there is anybody"));
	assert_int_equal(daemon_run(&server, "user add pat --name Pat", out, sizeof(out)), 0);
	assert_non_null(strstr(out, "people.sign_in is required: once there is anybody"));
	daemon_configure(&server, "[people]\nsign_in = off");
	assert_int_equal(daemon_run(&server, "check-config", out, sizeof(out)), 0);
	assert_non_null(strstr(out, "people.sign_in is off"));
	daemon_configure(&server, "[people]\nsign_in = perhaps");
	assert_int_equal(daemon_run(&server, "check-config", out, sizeof(out)), 78);
	daemon_configure(&server, "");
}

static int begin(void **state)
{
	*state = (void *)"test_sign_in";
	return two_schools_begin(state);
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
		cmocka_unit_test(a_session_ends_after_10_minutes_without_use),
		cmocka_unit_test(an_operator_ends_the_sessions_of_one_person_or_of_everybody),
		cmocka_unit_test(a_new_password_ends_every_session),
		cmocka_unit_test(a_station_asks_about_its_own_people_only),
		cmocka_unit_test(the_audit_says_who_tried_what),
		cmocka_unit_test(a_request_that_is_none_is_refused_and_the_connection_lives),
		cmocka_unit_test(nobody_signs_in_before_the_greeting),
		cmocka_unit_test(the_operator_is_told_what_it_means),
	};

	return cmocka_run_group_tests(tests, begin, two_schools_end);
}
