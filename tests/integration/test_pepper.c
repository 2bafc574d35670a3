/* A new pepper takes the place of an old one, person by person, before a real server and signer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/two_schools.h"

#define REFUSALS "SELECT count(*) FROM audit_event WHERE kind = 'sign_in' AND outcome = 'refused'"

enum {
	OUT = 4000,
	CODE = 29 /* characters */
};

static struct someone max; /* an administrator, who needs an authenticator */
static ProtobufCBinaryData max_secret;
static char out[OUT];

static int run(const char *arguments)
{
	return daemon_run(&server, arguments, out, sizeof(out));
}

static void assert_status(const char *wanted)
{
	assert_int_equal(run("pepper status"), 0);
	assert_string_equal(out, wanted);
}

static int64_t pepper_of(const char *login)
{
	return pg_int("SELECT c.pepper FROM user_password c JOIN app_user u ON u.id = c.user_id "
		      "WHERE u.login = '%s'",
		login);
}

static int64_t changed_of(const char *login)
{
	return pg_int(
		"SELECT (extract(epoch FROM c.changed) * 1000000)::bigint "
		"FROM user_password c JOIN app_user u ON u.id = c.user_id WHERE u.login = '%s'",
		login);
}

static int64_t n_events(const char *detail)
{
	return pg_int("SELECT count(*) FROM audit_event WHERE detail = '%s'", detail);
}

static void read_peppers_again(void)
{
	daemon_stop_signer(&server);
	daemon_start_signer(&server);
}

static ProtobufCBinaryData secret_of(const Practicum__SignInResponse *response)
{
	assert_non_null(response);
	assert_false(response->has_session);
	assert_int_equal(response->factor_secret.len, 52);
	return response->factor_secret;
}

static void a_new_pepper_waits_for_the_signer(void **state)
{
	(void)state;
	assert_status(
		"pepper 1 is the newest\n0 passwords, 0 cards and 0 authenticators stand under "
		"another one\n");
	assert_int_equal(run("pepper new"), 0);
	assert_non_null(strstr(out, "systemctl reload practicumd-signer"));
	assert_int_equal(run("pepper end --force"), 1);
	assert_non_null(people_sign_in(&ada, PASSWORD, NULL, NULL, NULL));
	assert_int_equal(pepper_of("ada"), 1);
	max = (struct someone){ .client = at[0], .login = "max" };
	prac_sign_key_new(max.public_key, max.secret);
	max_secret = secret_of(people_sign_in(
		&max, PASSWORD, people_add("max --name Max --role administrator"), NULL, NULL));
	read_peppers_again();
	assert_status(
		"pepper 2 is the newest\n4 passwords, 0 cards and 1 authenticators stand under "
		"another one\n");
	assert_int_equal(n_events("a new pepper"), 1);
}

static void a_password_moves_when_its_person_signs_in_and_nobody_is_signed_out(void **state)
{
	int64_t changed = changed_of("ada"), n_new = n_events("new password");
	struct someone before = ada;
	const Practicum__Status *status;

	(void)state;
	assert_null(people_sign_in(&ada, "not her password", NULL, NULL, &status));
	assert_int_equal(pepper_of("ada"), 1);
	pg_exec("DELETE FROM sign_in_delay");
	assert_non_null(people_sign_in(&ada, PASSWORD, NULL, NULL, NULL));
	assert_int_equal(pepper_of("ada"), 2);
	assert_non_null(people_who(at[0], before.session, &status));
	assert_int_equal(changed_of("ada"), changed);
	assert_int_equal(n_events("new password"), n_new);
	assert_int_equal(n_events("same password, another pepper"), 1);
	assert_non_null(people_sign_in(&ada, PASSWORD, NULL, NULL, NULL));
	assert_int_equal(n_events("same password, another pepper"), 1);
	assert_int_equal(pepper_of("tom"), 1);
}

static const Practicum__SignInResponse *sign_in_answer(struct raw_client *client)
{
	const Practicum__Status *status;
	const Practicum__SignInResponse *response =
		people_answer(client, &practicum__sign_in_response__descriptor, &status);

	if (response == NULL) {
		assert_int_equal(status->code, 16);
	}
	return response;
}

/* One code at two stations. Somebody between them keeps the second back until the first has its new secret. */
static const Practicum__SignInResponse *sign_in_twice(const char *digits)
{
	struct someone between = { .client = at[1], .login = "no.such.person" };
	struct someone again = max;
	const Practicum__SignInResponse *first, *second;

	again.client = at[1];
	people_ask_sign_in(&max, PASSWORD, NULL, digits);
	people_ask_sign_in(&between, PASSWORD, NULL, NULL);
	people_ask_sign_in(&again, PASSWORD, NULL, digits);
	first = sign_in_answer(at[0]);
	assert_null(sign_in_answer(at[1]));
	second = sign_in_answer(at[1]);
	assert_true((first == NULL) != (second == NULL));
	return first == NULL ? second : first;
}

/* Its secret is made of the pepper: who knew the one knew the other. */
static void an_authenticator_gets_a_new_secret_once(void **state)
{
	const Practicum__SignInResponse *response;
	const Practicum__Status *status;
	ProtobufCBinaryData fresh;
	char digits[8];

	(void)state;
	people_factor(max_secret, digits);
	fresh = secret_of(sign_in_twice(digits));
	assert_memory_not_equal(fresh.data, max_secret.data, fresh.len);
	assert_int_equal(pg_int("SELECT pepper FROM second_factor"), 2);
	assert_int_equal(pepper_of("max"), 2);
	people_factor(fresh, digits);
	response = people_sign_in(&max, PASSWORD, NULL, digits, &status);
	assert_non_null(response);
	assert_true(response->has_session && response->factor);
	assert_status(
		"pepper 2 is the newest\n2 passwords, 0 cards and 0 authenticators stand under "
		"another one\n");
}

/* Same words, same work, same event. */
static void assert_refused_as_nobody(struct someone *someone, const char *factor)
{
	struct someone nobody = { .client = at[1], .login = "no.such.person" };
	const Practicum__Status *status, *other;
	int64_t n_refused = pg_int(REFUSALS), started = people_now_ms();

	pg_exec("DELETE FROM sign_in_delay");
	assert_null(people_sign_in(someone, PASSWORD, NULL, factor, &status));
	assert_true(people_now_ms() - started >= 15); /* of Argon2id */
	assert_null(people_sign_in(&nobody, PASSWORD, NULL, NULL, &other));
	assert_int_equal(status->code, 16);
	assert_int_equal(status->text.len, other->text.len);
	assert_memory_equal(status->text.data, other->text.data, other->text.len);
	assert_int_equal(pg_int(REFUSALS), n_refused + 2);
}

/* As after a restore of an older copy of pepper.key. */
static void what_stands_under_a_pepper_that_is_lost_is_wrong(void **state)
{
	(void)state;
	pg_exec("UPDATE user_password SET pepper = 9 WHERE pepper = 1 "
		"AND user_id = (SELECT id FROM app_user WHERE login = 'nia')");
	assert_refused_as_nobody(&nia, NULL);
	pg_exec("UPDATE second_factor SET pepper = 9");
	assert_refused_as_nobody(&max, "123456");
	pg_exec("UPDATE second_factor SET pepper = 2");
	assert_status(
		"pepper 2 is the newest\n2 passwords, 0 cards and 0 authenticators stand under "
		"another one\npepper 9 is in use and the signer does not have it: put back the copy of "
		"pepper.key that has it, or give new codes with practicumd pepper end --force\n");
	assert_int_equal(run("pepper new"), 1);
	assert_int_equal(n_events("a new pepper"), 1);
}

/* The connection goes when all was sent: whether it happened nobody knows then. */
static void codes_are_printed_before_they_are_all_that_somebody_has(void **state)
{
	(void)state;
	pg_exec("CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS "
		"'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'");
	pg_exec("CREATE TRIGGER hang_up AFTER INSERT ON reset_code EXECUTE FUNCTION hang_up()");
	assert_int_equal(run("pepper end --force"), 69);
	assert_non_null(strstr(out, "  tom\n"));
	pg_exec("DROP FUNCTION hang_up CASCADE");
	assert_int_equal(pepper_of("tom"), 1);
}

static void assert_only_the_newest_is_kept(void)
{
	static const uint8_t zeros[32];
	uint8_t peppers[65];
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/signer/pepper.key", server.folder);
	file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fread(peppers, 1, sizeof(peppers), file), 64);
	(void)fclose(file);
	assert_memory_equal(peppers, zeros, 32);
	assert_memory_not_equal(peppers + 32, zeros, 32);
}

static void the_old_one_ends_with_codes_for_who_is_left(void **state)
{
	const Practicum__Status *status;
	char code[CODE + 1];
	const char *line;

	(void)state;
	assert_non_null(people_who(at[0], nia.session, &status));
	assert_int_equal(run("pepper end"), 1);
	assert_int_equal(pepper_of("tom"), 1);
	assert_int_equal(run("pepper end --force"), 0);
	line = strstr(out, "  tom\n");
	assert_non_null(line);
	(void)snprintf(code, sizeof(code), "%.*s", CODE, line - CODE);
	assert_non_null(strstr(out, "  nia\n"));
	assert_null(strstr(out, "  ada\n"));
	pg_exec("UPDATE reset_code SET expires = now() "
		"WHERE user_id = (SELECT id FROM app_user WHERE login = 'nia')");
	assert_only_the_newest_is_kept();
	assert_null(people_who(at[0], nia.session, &status));
	read_peppers_again();
	assert_status(
		"pepper 2 is the newest\n0 passwords, 0 cards and 0 authenticators stand under "
		"another one\nnia has neither a password nor a code: practicumd user reset nia\n");
	assert_null(people_sign_in(&tom, PASSWORD, NULL, NULL, &status));
	assert_int_equal(status->code, 16);
	pg_exec("DELETE FROM sign_in_delay");
	assert_non_null(people_sign_in(&tom, "seven brown owls resting", code, NULL, &status));
	assert_int_equal(pepper_of("tom"), 2);
	assert_non_null(people_sign_in(&ada, PASSWORD, NULL, NULL, NULL));
	assert_int_equal(run("pepper end"), 0); /* nobody is left */
	assert_int_equal(n_events("the older peppers have ended"), 2);
}

static int begin(void **state)
{
	*state = (void *)"test_pepper";
	return two_schools_begin(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_pepper_waits_for_the_signer),
		cmocka_unit_test(
			a_password_moves_when_its_person_signs_in_and_nobody_is_signed_out),
		cmocka_unit_test(an_authenticator_gets_a_new_secret_once),
		cmocka_unit_test(what_stands_under_a_pepper_that_is_lost_is_wrong),
		cmocka_unit_test(codes_are_printed_before_they_are_all_that_somebody_has),
		cmocka_unit_test(the_old_one_ends_with_codes_for_who_is_left),
	};

	return cmocka_run_group_tests(tests, begin, two_schools_end);
}
