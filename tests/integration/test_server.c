/* The real server on a real database, and clients that are not always polite. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/sync/mutation.h"
#include "common/wire/cert.h"
#include "common/wire/enroll.h"
#include "tests/support/daemon.h"
#include "tests/support/pg.h"
#include "tests/support/raw_client.h"

static struct daemon server;
static struct prac_arena arena;
static struct raw_identity district; /* the first device, of the district office */
static uint64_t next_incarnation = 1;

static struct prac_bytes trust(void)
{
	return prac_bytes_text(server.trust);
}

/* ---- enrollment */

struct newcomer {
	struct raw_client *client;
	struct prac_key *key;
	struct prac_bytes csr;
	struct prac_digest code_key;
	char lookup[5];
	uint8_t channel[PRAC_TLS_EXPORTER];
};

static const char *code_for(const char *arguments)
{
	static char out[400];
	char *end;

	assert_int_equal(daemon_run(&server, arguments, out, sizeof(out)), 0);
	end = strchr(out, '\n');
	assert_non_null(end);
	*end = '\0';
	return out;
}

static void newcomer_init(struct newcomer *newcomer, const char *code)
{
	struct prac_enroll_code parsed;

	assert_int_equal(prac_enroll_code_parse(code, &parsed), PRAC_OK);
	newcomer->code_key = prac_enroll_key(&parsed);
	(void)snprintf(newcomer->lookup, sizeof(newcomer->lookup), "%.4s", code);
	assert_int_equal(prac_key_new(&newcomer->key), PRAC_OK);
	assert_int_equal(prac_csr_new(newcomer->key, &arena, &newcomer->csr), PRAC_OK);
}

static void newcomer_ask(struct newcomer *newcomer)
{
	Practicum__EnrollRequest request = PRACTICUM__ENROLL_REQUEST__INIT;
	struct prac_digest proof;

	newcomer->client = raw_client_new(server.enroll_port, NULL, trust());
	assert_true(raw_client_handshake(newcomer->client));
	assert_int_equal(prac_tls_exporter(newcomer->client->tls, newcomer->channel), PRAC_OK);
	proof = prac_enroll_client_proof(&newcomer->code_key, newcomer->channel, newcomer->csr);
	request.has_lookup = true;
	request.lookup = (ProtobufCBinaryData){ 4, (uint8_t *)newcomer->lookup };
	request.has_csr = true;
	request.csr = (ProtobufCBinaryData){ newcomer->csr.len, (uint8_t *)newcomer->csr.data };
	request.has_proof = true;
	request.proof = (ProtobufCBinaryData){ sizeof(proof.b), proof.b };
	raw_client_message(newcomer->client,
		&(struct prac_frame){ .type = PRAC_FRAME_REQUEST, .method = 5, .stream = 1 },
		&request.base);
}

static const Practicum__EnrollResponse *newcomer_answer(struct newcomer *newcomer)
{
	return raw_client_expect(newcomer->client, PRAC_FRAME_RESPONSE,
		&practicum__enroll_response__descriptor, &arena);
}

static void assert_code_refused(struct newcomer *newcomer)
{
	const Practicum__Status *status = raw_client_expect(
		newcomer->client, PRAC_FRAME_RESPONSE, &practicum__status__descriptor, &arena);

	assert_int_equal(newcomer->client->frame.flags, PRAC_FRAME_END | PRAC_FRAME_ERROR);
	assert_int_equal(status->code, 7);
	raw_client_free(newcomer->client);
}

static struct raw_identity identity_of(
	const struct newcomer *newcomer, const Practicum__EnrollResponse *response)
{
	struct prac_buf pem = { 0 };
	struct raw_identity identity;

	assert_int_equal(prac_key_to_pem(newcomer->key, &pem), PRAC_OK);
	identity.key = prac_arena_copy(&arena, prac_buf_bytes(&pem));
	identity.chain = prac_arena_copy(&arena,
		(struct prac_bytes){ response->certificate.data, response->certificate.len });
	prac_buf_deinit(&pem);
	return identity;
}

static struct raw_identity enroll(const char *arguments)
{
	struct newcomer newcomer;
	struct raw_identity identity;

	newcomer_init(&newcomer, code_for(arguments));
	newcomer_ask(&newcomer);
	identity = identity_of(&newcomer, newcomer_answer(&newcomer));
	raw_client_free(newcomer.client);
	prac_key_free(newcomer.key);
	return identity;
}

/* ---- connections */

static struct raw_client *connect_as(
	const struct raw_identity *identity, uint64_t incarnation, uint64_t *last_counter_out)
{
	struct raw_client *client = raw_client_new(server.port, identity, trust());
	Practicum__Hello hello = PRACTICUM__HELLO__INIT;
	const Practicum__Welcome *welcome;

	assert_true(raw_client_handshake(client));
	hello.has_proto_min = hello.has_proto_max = true;
	hello.proto_min = hello.proto_max = 1;
	hello.has_schema_min = hello.has_schema_max = true;
	hello.schema_min = hello.schema_max = PRAC_SCHEMA;
	hello.has_incarnation = true;
	hello.incarnation = incarnation;
	raw_client_message(client, &(struct prac_frame){ .type = PRAC_FRAME_HELLO }, &hello.base);
	welcome = raw_client_expect(
		client, PRAC_FRAME_WELCOME, &practicum__welcome__descriptor, &arena);
	if (last_counter_out != NULL) {
		*last_counter_out = welcome->last_counter;
	}
	return client;
}

static void assert_goaway(struct raw_client *client, uint32_t code)
{
	const Practicum__Status *status = raw_client_expect(
		client, PRAC_FRAME_GOAWAY, &practicum__status__descriptor, &arena);

	assert_int_equal(status->code, code);
	assert_null(raw_client_read(client));
}

static void assert_serves(void)
{
	struct raw_client *client = connect_as(&district, 0, NULL);

	raw_client_free(client);
}

/* A new school as the bytes of a mutation. */
static struct prac_bytes new_school(uint64_t counter, const char *name, struct prac_id *id_out)
{
	struct prac_record *record = prac_record_new(&arena, &prac_type_school);
	struct prac_mutation mutation = { .counter = counter,
		.type = &prac_type_school,
		.op = PRACTICUM__OP__OP_CREATE,
		.scope = prac_scope_reference };

	mutation.id = prac_id_new(&prac_env_system);
	record->values[PRAC_SCHOOL_STATE] = (struct prac_value){ .has = true, .number = 1 };
	record->values[PRAC_SCHOOL_NAME] =
		(struct prac_value){ .has = true, .bytes = prac_bytes_text(name) };
	record->values[PRAC_SCHOOL_CODE] =
		(struct prac_value){ .has = true, .bytes = prac_bytes_text(name) };
	record->values[PRAC_SCHOOL_ZONE] =
		(struct prac_value){ .has = true, .bytes = prac_bytes_text("America/New_York") };
	mutation.n_patches = prac_patches_between(NULL, record, &arena, &mutation.patches);
	prac_mutation_write(&mutation, &arena);
	*id_out = mutation.id;
	return mutation.bytes;
}

static void push(struct raw_client *client, uint32_t stream, struct prac_bytes mutation)
{
	ProtobufCBinaryData one = { mutation.len, (uint8_t *)mutation.data };
	Practicum__PushRequest request = PRACTICUM__PUSH_REQUEST__INIT;

	request.n_mutations = 1;
	request.mutations = &one;
	raw_client_message(client,
		&(struct prac_frame){ .type = PRAC_FRAME_REQUEST, .method = 1, .stream = stream },
		&request.base);
}

static const Practicum__Verdict *verdict_of(struct raw_client *client)
{
	const Practicum__PushResponse *response = raw_client_expect(
		client, PRAC_FRAME_RESPONSE, &practicum__push_response__descriptor, &arena);

	assert_int_equal(response->n_verdicts, 1);
	return response->verdicts[0];
}

static const Practicum__PullPage *pull(
	struct raw_client *client, uint32_t stream, ProtobufCBinaryData cursor)
{
	Practicum__PullRequest request = PRACTICUM__PULL_REQUEST__INIT;

	request.has_cursor = true;
	request.cursor = cursor;
	raw_client_message(client,
		&(struct prac_frame){ .type = PRAC_FRAME_REQUEST, .method = 2, .stream = stream },
		&request.base);
	return raw_client_expect(
		client, PRAC_FRAME_RESPONSE, &practicum__pull_page__descriptor, &arena);
}

/* ---- what is tested */

static void a_code_makes_a_device_and_both_sides_sure(void **state)
{
	const Practicum__EnrollResponse *response;
	struct newcomer newcomer;
	struct prac_digest proof;

	(void)state;
	newcomer_init(&newcomer, code_for("enroll-code --district --person Lee"));
	newcomer_ask(&newcomer);
	response = newcomer_answer(&newcomer);
	proof = prac_enroll_server_proof(&newcomer.code_key, newcomer.channel,
		(struct prac_bytes){ response->chain.data, response->chain.len },
		(struct prac_bytes){ response->certificate.data, response->certificate.len });
	assert_int_equal(response->proof.len, 32);
	assert_memory_equal(response->proof.data, proof.b, 32);
	assert_int_equal(response->server_port, server.port);
	assert_int_equal(response->device_id.len, 16);
	assert_int_equal(response->person.len, 3);
	assert_null(raw_client_read(newcomer.client)); /* the server closes */
	raw_client_free(newcomer.client);
	prac_key_free(newcomer.key);
}

static void a_lost_answer_is_given_again_but_to_nobody_else(void **state)
{
	const char *code = code_for("enroll-code --district");
	const Practicum__EnrollResponse *first;
	const Practicum__EnrollResponse *second;
	struct newcomer newcomer;
	struct newcomer thief;

	(void)state;
	newcomer_init(&newcomer, code);
	newcomer_init(&thief, code);
	newcomer_ask(&newcomer);
	first = newcomer_answer(&newcomer);
	raw_client_free(newcomer.client);
	newcomer_ask(&newcomer);
	second = newcomer_answer(&newcomer);
	assert_int_equal(first->certificate.len, second->certificate.len);
	assert_memory_equal(
		first->certificate.data, second->certificate.data, first->certificate.len);
	raw_client_free(newcomer.client);
	newcomer_ask(&thief);
	assert_code_refused(&thief);
	newcomer_ask(&newcomer); /* frozen: now for nobody */
	assert_code_refused(&newcomer);
	prac_key_free(newcomer.key);
	prac_key_free(thief.key);
}

static void five_wrong_tries_end_a_code(void **state)
{
	const char *code = code_for("enroll-code --district");
	struct newcomer newcomer;
	struct prac_digest right;

	(void)state;
	newcomer_init(&newcomer, code);
	right = newcomer.code_key;
	newcomer.code_key.b[0] ^= 1;
	for (int i = 0; i < 5; i++) {
		newcomer_ask(&newcomer);
		assert_code_refused(&newcomer);
	}
	newcomer.code_key = right;
	newcomer_ask(&newcomer);
	assert_code_refused(&newcomer);
	prac_key_free(newcomer.key);
}

static void a_certificate_of_another_authority_is_refused(void **state)
{
	struct prac_ca *ca = NULL;
	struct prac_key *key = NULL;
	struct prac_buf pem = { 0 };
	struct prac_cert_order order = { .now_s = prac_env_system.wall_ms(NULL) / 1000,
		.days = 10 };
	struct prac_id device = prac_id_new(&prac_env_system);
	struct raw_identity stranger;
	struct raw_client *client;

	(void)state;
	assert_int_equal(prac_ca_new("other", order.now_s, &ca), PRAC_OK);
	assert_int_equal(prac_key_new(&key), PRAC_OK);
	assert_int_equal(prac_key_spki(key, &arena, &order.spki), PRAC_OK);
	assert_int_equal(
		prac_ca_issue_device(ca, &order, &device, &arena, &stranger.chain), PRAC_OK);
	assert_int_equal(prac_key_to_pem(key, &pem), PRAC_OK);
	stranger.key = prac_buf_bytes(&pem);
	client = raw_client_new(server.port, &stranger, trust());
	(void)raw_client_handshake(client); /* the refusal comes behind the client's Finished */
	assert_null(raw_client_read(client));
	raw_client_free(client);
	prac_buf_deinit(&pem);
	prac_key_free(key);
	prac_ca_free(ca);
	assert_serves();
}

static void a_pushed_record_is_judged_once_and_comes_back_in_the_feed(void **state)
{
	struct raw_client *client = connect_as(&district, next_incarnation, NULL);
	const Practicum__PullPage *page;
	const Practicum__Verdict *verdict;
	struct prac_bytes mutation;
	struct prac_id id;

	(void)state;
	mutation = new_school(1, "Oak Ridge", &id);
	push(client, 1, mutation);
	verdict = verdict_of(client);
	assert_int_equal(verdict->kind, PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED);
	push(client, 3, mutation);
	assert_true(verdict_of(client)->replayed);
	page = pull(client, 5, (ProtobufCBinaryData){ 0, NULL });
	assert_true(page->n_grants >= 2); /* what the device may hold comes first */
	assert_int_equal(page->n_rows, 0);
	page = pull(client, 7, page->cursor);
	assert_true(page->n_rows >= 1);
	assert_memory_equal(page->rows[page->n_rows - 1]->record_id.data, id.b, 16);
	assert_int_equal(page->last_counter, 1);
	assert_true(page->complete);
	raw_client_free(client);
	next_incarnation++;
}

static void another_station_is_poked_and_learns_of_the_new_school(void **state)
{
	struct raw_identity other = enroll("enroll-code --district");
	struct raw_client *listener = connect_as(&other, 1, NULL);
	struct raw_client *client = connect_as(&district, next_incarnation, NULL);
	struct prac_id id;

	(void)state;
	push(client, 1, new_school(1, "Career Center", &id));
	(void)verdict_of(client);
	assert_int_equal(raw_client_read(listener)->type, PRAC_FRAME_POKE);
	raw_client_free(listener);
	raw_client_free(client);
	next_incarnation++;
}

static void a_school_gets_its_own_and_reference_scopes_only(void **state)
{
	struct raw_identity school = enroll("enroll-code --school \"Oak Ridge\"");
	struct raw_client *client = connect_as(&school, 1, NULL);
	const Practicum__PullPage *page = pull(client, 1, (ProtobufCBinaryData){ 0, NULL });

	(void)state;
	assert_int_equal(page->n_grants, 2);
	raw_client_send(client,
		&(struct prac_frame){ .type = PRAC_FRAME_REQUEST, .method = 4, .stream = 3 });
	assert_int_equal(raw_client_read(client)->flags, PRAC_FRAME_END | PRAC_FRAME_ERROR);
	raw_client_free(client);
}

static void a_revoked_device_is_sent_away_while_it_is_connected(void **state)
{
	struct raw_identity lost = enroll("enroll-code --district --label Lost");
	struct raw_client *client = connect_as(&lost, 1, NULL);
	struct prac_cert_facts facts;
	char id[PRAC_ID_TEXT];
	char command[100];
	char out[400];

	(void)state;
	assert_int_equal(prac_cert_read(lost.chain, &facts), PRAC_OK);
	prac_id_format(&facts.device, id);
	(void)snprintf(command, sizeof(command), "device revoke %s", id);
	assert_int_equal(daemon_run(&server, command, out, sizeof(out)), 0);
	assert_goaway(client, 16);
	raw_client_free(client);
	client = raw_client_new(server.port, &lost, trust());
	assert_true(raw_client_handshake(client));
	assert_goaway(client, 16);
	raw_client_free(client);
}

static void half_a_frame_and_a_cut_harm_nobody(void **state)
{
	struct raw_client *client = connect_as(&district, next_incarnation, NULL);

	(void)state;
	raw_client_bytes(client, (struct prac_bytes){ (const uint8_t *)"\0\0\1\0\3\0\0", 7 });
	raw_client_free(client);
	assert_serves();
}

static void a_frame_over_the_limit_ends_only_its_connection(void **state)
{
	struct raw_client *client = connect_as(&district, next_incarnation, NULL);
	static const uint8_t header[16] = { 0xff, 0xff, 0xff, 0xff, 3, 0, 0, 1, 0, 0, 0, 1 };

	(void)state;
	raw_client_bytes(client, (struct prac_bytes){ header, sizeof(header) });
	assert_goaway(client, 8);
	raw_client_free(client);
	assert_serves();
}

static void a_client_that_leaves_in_mid_call_finds_its_verdict_later(void **state)
{
	struct raw_client *client = connect_as(&district, next_incarnation, NULL);
	const Practicum__Verdict *verdict;
	struct prac_id id;
	struct prac_bytes mutation = new_school(1, "Left In A Hurry", &id);

	(void)state;
	push(client, 1, mutation);
	raw_client_free(client);
	client = connect_as(&district, next_incarnation, NULL);
	push(client, 1, mutation);
	verdict = verdict_of(client);
	assert_int_equal(verdict->kind, PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED);
	assert_int_equal(pg_int("select count(*) from school where name = 'Left In A Hurry'"), 1);
	raw_client_free(client);
	next_incarnation++;
}

static void the_newer_connection_of_a_device_counts(void **state)
{
	struct raw_client *older = connect_as(&district, next_incarnation, NULL);
	struct raw_client *newer = connect_as(&district, next_incarnation, NULL);

	(void)state;
	assert_goaway(older, 10);
	raw_client_free(older);
	raw_client_free(newer);
}

static void hangup_keeps_the_old_configuration_when_the_new_is_wrong(void **state)
{
	(void)state;
	daemon_configure(&server, "connections = many");
	daemon_kill(&server, SIGHUP);
	daemon_await_log(&server, "event=config.kept");
	assert_serves();
	daemon_configure(&server, "connections = 50");
	daemon_kill(&server, SIGHUP);
	daemon_await_log(&server, "event=config.reloaded connections=50");
	assert_serves();
}

static void a_kill_between_commit_and_answer_loses_and_doubles_nothing(void **state)
{
	uint64_t last_counter;
	struct raw_client *client;
	struct prac_id id;
	struct prac_bytes mutation = new_school(1, "Twice Asked", &id);

	(void)state;
	daemon_kill(&server, SIGTERM);
	assert_int_equal(daemon_wait(&server), 0);
	daemon_start(&server, "after_commit_before_answer:1");
	client = connect_as(&district, next_incarnation, NULL);
	push(client, 1, mutation);
	assert_null(raw_client_read(client));
	raw_client_free(client);
	assert_int_equal(daemon_wait(&server), 128 + SIGKILL);
	daemon_start(&server, NULL);
	client = connect_as(&district, next_incarnation, &last_counter);
	assert_int_equal(last_counter, 1);
	push(client, 1, mutation);
	assert_true(verdict_of(client)->replayed);
	assert_int_equal(pg_int("select count(*) from school where name = 'Twice Asked'"), 1);
	raw_client_free(client);
	next_incarnation++;
}

static void terminate_says_goodbye_and_when_to_come_back(void **state)
{
	struct raw_client *client = connect_as(&district, next_incarnation, NULL);
	const struct prac_frame *frame;

	(void)state;
	daemon_kill(&server, SIGTERM);
	frame = raw_client_read(client);
	assert_non_null(frame);
	assert_int_equal(frame->type, PRAC_FRAME_GOAWAY);
	assert_int_equal(frame->aux, 2000);
	assert_null(raw_client_read(client));
	assert_int_equal(daemon_wait(&server), 0);
	raw_client_free(client);
	daemon_start(&server, NULL);
}

static void commands_say_what_is_wrong_by_their_exit_code(void **state)
{
	char out[4096];

	(void)state;
	assert_int_equal(daemon_run(&server, "status", out, sizeof(out)), 69); /* port 0 */
	assert_int_equal(daemon_run(&server, "check-config", out, sizeof(out)), 0);
	assert_int_equal(daemon_run(&server, "nonsense", out, sizeof(out)), 64);
	assert_int_equal(daemon_run(&server, "enroll-code", out, sizeof(out)), 64);
	assert_int_equal(daemon_run(&server, "enroll-code --school Nowhere", out, sizeof(out)), 1);
	assert_int_equal(daemon_run(&server, "device revoke 00", out, sizeof(out)), 1);
	daemon_configure(&server, "port = 70000");
	assert_int_equal(daemon_run(&server, "check-config", out, sizeof(out)), 78);
	daemon_configure(&server, "");
}

static int begin(void **state)
{
	(void)state;
	daemon_init(&server, pg_database("test_server"));
	daemon_start(&server, NULL);
	district = enroll("enroll-code --district --label Office");
	return 0;
}

static int end(void **state)
{
	(void)state;
	daemon_deinit(&server);
	prac_arena_deinit(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_makes_a_device_and_both_sides_sure),
		cmocka_unit_test(a_lost_answer_is_given_again_but_to_nobody_else),
		cmocka_unit_test(five_wrong_tries_end_a_code),
		cmocka_unit_test(a_certificate_of_another_authority_is_refused),
		cmocka_unit_test(a_pushed_record_is_judged_once_and_comes_back_in_the_feed),
		cmocka_unit_test(another_station_is_poked_and_learns_of_the_new_school),
		cmocka_unit_test(a_school_gets_its_own_and_reference_scopes_only),
		cmocka_unit_test(a_revoked_device_is_sent_away_while_it_is_connected),
		cmocka_unit_test(half_a_frame_and_a_cut_harm_nobody),
		cmocka_unit_test(a_frame_over_the_limit_ends_only_its_connection),
		cmocka_unit_test(a_client_that_leaves_in_mid_call_finds_its_verdict_later),
		cmocka_unit_test(the_newer_connection_of_a_device_counts),
		cmocka_unit_test(hangup_keeps_the_old_configuration_when_the_new_is_wrong),
		cmocka_unit_test(a_kill_between_commit_and_answer_loses_and_doubles_nothing),
		cmocka_unit_test(terminate_says_goodbye_and_when_to_come_back),
		cmocka_unit_test(commands_say_what_is_wrong_by_their_exit_code),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
