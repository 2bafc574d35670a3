#include "tests/support/live_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/catalog/catalog.h"
#include "common/wire/binary.h"
#include "common/wire/credit.h"
#include "common/wire/enroll.h"

struct daemon server;
struct prac_arena arena;
struct raw_identity district;

struct prac_bytes trust(void)
{
	return prac_bytes_text(server.trust);
}

const char *code_for(const char *arguments)
{
	static char out[400];
	char *end;

	assert_int_equal(daemon_run(&server, arguments, out, sizeof(out)), 0);
	end = strchr(out, '\n');
	assert_non_null(end);
	*end = '\0';
	return out;
}

void newcomer_init(struct newcomer *newcomer, const char *code)
{
	struct prac_enroll_code parsed;

	assert_int_equal(prac_enroll_code_parse(code, &parsed), PRAC_OK);
	newcomer->code_key = prac_enroll_key(&parsed);
	(void)snprintf(newcomer->lookup, sizeof(newcomer->lookup), "%.4s", code);
	assert_int_equal(prac_key_new(&newcomer->key), PRAC_OK);
	assert_int_equal(prac_csr_new(newcomer->key, &arena, &newcomer->csr), PRAC_OK);
}

void newcomer_ask(struct newcomer *newcomer)
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
	request.csr = prac_binary(newcomer->csr);
	request.has_proof = true;
	request.proof = (ProtobufCBinaryData){ sizeof(proof.b), proof.b };
	raw_client_message(newcomer->client,
		&(struct prac_frame){ .type = PRAC_FRAME_REQUEST, .method = 5, .stream = 1 },
		&request.base);
}

const Practicum__EnrollResponse *newcomer_answer(struct newcomer *newcomer)
{
	return raw_client_expect(newcomer->client, PRAC_FRAME_RESPONSE,
		&practicum__enroll_response__descriptor, &arena);
}

void assert_code_refused(struct newcomer *newcomer)
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
	identity.chain = prac_arena_copy(&arena, prac_binary_bytes(response->certificate));
	prac_buf_deinit(&pem);
	return identity;
}

struct raw_identity enroll(const char *arguments)
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

struct raw_client *connect_as(
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
	hello.has_connection_window = true;
	hello.connection_window = PRAC_CREDIT_MAX; /* it gives nothing back */
	raw_client_message(client, &(struct prac_frame){ .type = PRAC_FRAME_HELLO }, &hello.base);
	welcome = raw_client_expect(
		client, PRAC_FRAME_WELCOME, &practicum__welcome__descriptor, &arena);
	if (last_counter_out != NULL) {
		*last_counter_out = welcome->last_counter;
	}
	return client;
}

void assert_goaway(struct raw_client *client, uint32_t code)
{
	const Practicum__Status *status = raw_client_expect(
		client, PRAC_FRAME_GOAWAY, &practicum__status__descriptor, &arena);

	assert_int_equal(status->code, code);
	assert_null(raw_client_read(client));
}

void assert_serves(void)
{
	struct raw_client *client = connect_as(&district, 0, NULL);

	raw_client_free(client);
}

int live_server_begin(void **state)
{
	const char *name = *state;

	daemon_init(&server, pg_database(name));
	daemon_start(&server, NULL);
	district = enroll("enroll-code --district --label Office");
	return 0;
}

int live_server_end(void **state)
{
	(void)state;
	daemon_deinit(&server);
	prac_arena_deinit(&arena);
	return 0;
}
