/*
 * Nothing personal in logs, nor in what the server says of itself: every text of every record type begins with
 * a canary, and so does what people type to sign in; then the logs, at level debug, and the commands of an
 * operator are searched for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "tests/support/people.h"
#include "tests/support/plant.h"
#include "tests/support/scene.h"

enum {
	BATCH = 240, /* mutations in one push */
	OUT_MAX = 256 * 1024
};

static struct raw_client *office;
static uint64_t counter;
static ProtobufCBinaryData waiting[BATCH];
static size_t n_waiting, n_accepted, n_refused;

static void flush(void)
{
	Practicum__PushRequest request = PRACTICUM__PUSH_REQUEST__INIT;
	const Practicum__PushResponse *response;

	request.n_mutations = n_waiting;
	request.mutations = waiting;
	people_send(office, PRACTICUM__METHOD_ID__SYNC_PUSH, &request.base);
	response = people_answer(office, &practicum__push_response__descriptor, NULL);
	assert_non_null(response);
	assert_int_equal(response->n_verdicts, n_waiting);
	for (size_t i = 0; i < n_waiting; i++) {
		if (response->verdicts[i]->kind == PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED) {
			n_accepted++;
		} else {
			n_refused++;
		}
	}
	n_waiting = 0;
}

static void send(struct prac_mutation *mutation)
{
	mutation->counter = ++counter;
	prac_mutation_write(mutation, &arena);
	waiting[n_waiting++] =
		(ProtobufCBinaryData){ mutation->bytes.len, (uint8_t *)mutation->bytes.data };
	if (n_waiting == BATCH) {
		flush();
	}
}

static struct prac_mutation creation_of(const struct prac_type *type)
{
	struct prac_mutation mutation = people_create(type, 0);

	mutation.scope = scene_owner(type, SCENE_OWN);
	mutation.n_patches = prac_patches_between(
		NULL, scene_record(type, SCENE_OWN, true), &arena, &mutation.patches);
	return mutation;
}

static struct prac_mutation mutation_of(const struct prac_type *type)
{
	struct prac_mutation mutation = people_create(type, 0);

	mutation.id = scene_id(type, SCENE_OWN);
	return mutation;
}

static void send_all_of(const struct prac_type *type)
{
	struct prac_mutation mutation = creation_of(type);

	send(&mutation);
	for (size_t i = 0; i < type->n_groups; i++) {
		mutation = mutation_of(type);
		scene_change(&mutation, &type->groups[i]);
		send(&mutation);
	}
	for (size_t i = 0; i < type->n_actions; i++) {
		mutation = mutation_of(type);
		scene_action(&mutation, &type->actions[i]);
		send(&mutation);
	}
}

static void assert_nothing_told(const char *command)
{
	char *out = prac_arena_alloc(&arena, OUT_MAX);

	assert_int_equal(daemon_run(&server, command, out, OUT_MAX), 0);
	assert_true(out[0] != '\0');
	assert_null(strstr(out, PLANT_CANARY));
}

static void what_is_typed_into_records_is_in_no_log(void **state)
{
	(void)state;
	for (size_t i = 0; i < prac_n_types; i++) {
		send_all_of(prac_types[i]);
	}
	flush();
	assert_true(n_accepted > 100);
	assert_true(n_refused > 100);
	assert_true(daemon_has_logged(&server, "level=debug"));
	assert_false(daemon_has_logged(&server, PLANT_CANARY));
}

/* PostgreSQL says the whole row in the details of such an error. */
static void a_row_that_the_database_refuses_is_in_no_log(void **state)
{
	struct prac_mutation mutation = creation_of(&prac_type_organization);

	(void)state;
	pg_exec("ALTER TABLE organization ADD CONSTRAINT no_more CHECK (false) NOT VALID");
	send(&mutation);
	flush();
	pg_exec("ALTER TABLE organization DROP CONSTRAINT no_more");
	assert_true(daemon_has_logged(&server, "event=sequencer.poison"));
	assert_false(daemon_has_logged(&server, PLANT_CANARY));
}

static void what_is_typed_to_sign_in_is_in_no_log_and_no_event(void **state)
{
	struct someone nobody = { .client = office, .login = PLANT_CANARY };
	const Practicum__Status *status = NULL;

	(void)state;
	assert_null(people_sign_in(&nobody, PLANT_CANARY " on the fence", NULL, NULL, &status));
	assert_null(strstr((const char *)status->text.data, PLANT_CANARY));
	assert_false(daemon_has_logged(&server, PLANT_CANARY));
	assert_true(pg_int("SELECT count(*) FROM audit_event") > 0);
	assert_int_equal(
		pg_int("SELECT count(*) FROM audit_event e WHERE e::text LIKE '%%" PLANT_CANARY
		       "%%'"),
		0);
}

static void an_operators_commands_say_nothing_of_records(void **state)
{
	(void)state;
	assert_nothing_told("audit verify");
	assert_nothing_told("audit list");
	assert_nothing_told("device list --json");
}

static int begin(void **state)
{
	*state = (void *)"test_canaries";
	if (live_server_begin(state) != 0) {
		return -1;
	}
	people_restart_with("[log]\nlevel = debug");
	office = connect_as(&district, 1, NULL);
	scene_school[SCENE_OWN] = people_school(office, ++counter, PLANT_CANARY " South");
	scene_school[SCENE_OTHER] = people_school(office, ++counter, PLANT_CANARY " North");
	for (size_t i = 0; i < prac_n_types; i++) {
		if (prac_types[i] != &prac_type_school) {
			scene_plant(prac_types[i], SCENE_OWN);
		}
	}
	return 0;
}

static int end(void **state)
{
	raw_client_free(office);
	return live_server_end(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_typed_into_records_is_in_no_log),
		cmocka_unit_test(a_row_that_the_database_refuses_is_in_no_log),
		cmocka_unit_test(what_is_typed_to_sign_in_is_in_no_log_and_no_event),
		cmocka_unit_test(an_operators_commands_say_nothing_of_records),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
