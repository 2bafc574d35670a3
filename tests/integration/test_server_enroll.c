/* A code on paper becomes a device, whatever goes wrong on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/wire/binary.h"
#include "common/wire/cert.h"
#include "common/wire/enroll.h"
#include "tests/support/live_server.h"

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
		prac_binary_bytes(response->chain), prac_binary_bytes(response->certificate));
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

static bool was_enrolled(struct newcomer *newcomer)
{
	assert_non_null(raw_client_read(newcomer->client));
	return (newcomer->client->frame.flags & PRAC_FRAME_ERROR) == 0;
}

static void of_two_racing_devices_one_is_made(void **state)
{
	(void)state;
	for (int round = 0; round < 5; round++) {
		const char *code = code_for("enroll-code --district");
		int64_t before = pg_int("SELECT count(*) FROM device");
		struct newcomer racers[2];
		int n_enrolled = 0;

		newcomer_init(&racers[0], code);
		newcomer_init(&racers[1], code);
		newcomer_ask(&racers[round % 2]);
		newcomer_ask(&racers[1 - round % 2]);
		for (int i = 0; i < 2; i++) {
			n_enrolled += was_enrolled(&racers[i]) ? 1 : 0;
			raw_client_free(racers[i].client);
			prac_key_free(racers[i].key);
		}
		assert_int_equal(n_enrolled, 1);
		assert_int_equal(pg_int("SELECT count(*) FROM device"), before + 1);
	}
}

static void without_the_signer_a_code_stays_good_and_devices_are_served(void **state)
{
	const Practicum__Status *status;
	struct newcomer newcomer;

	(void)state;
	newcomer_init(&newcomer, code_for("enroll-code --district"));
	daemon_stop_signer(&server);
	newcomer_ask(&newcomer);
	status = raw_client_expect(
		newcomer.client, PRAC_FRAME_RESPONSE, &practicum__status__descriptor, &arena);
	assert_int_equal(status->code, 14);
	raw_client_free(newcomer.client);
	assert_serves();
	daemon_start_signer(&server);
	newcomer_ask(&newcomer);
	(void)newcomer_answer(&newcomer);
	raw_client_free(newcomer.client);
	prac_key_free(newcomer.key);
}

static void an_expired_code_makes_nothing(void **state)
{
	struct newcomer newcomer;

	(void)state;
	newcomer_init(&newcomer, code_for("enroll-code --district"));
	pg_exec("UPDATE enrollment_code SET expires = now() - interval '1 s' WHERE lookup = '%s'",
		newcomer.lookup);
	newcomer_ask(&newcomer);
	assert_code_refused(&newcomer);
	prac_key_free(newcomer.key);
}

/* What the authority would have given this device so many days ago. */
static struct raw_identity aged(const struct raw_identity *identity, int days)
{
	struct prac_cert_order order = { .now_s = time(NULL) - days * INT64_C(86400), .days = 90 };
	struct raw_identity old = *identity;
	struct prac_cert_facts facts;
	struct prac_key *key = NULL;
	struct prac_ca *ca = NULL;
	struct prac_buf pem = { 0 };
	char path[200];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/signer/ca.key", server.folder);
	file = fopen(path, "r");
	assert_non_null(file);
	prac_buf_commit(&pem, fread(prac_buf_reserve(&pem, 4096), 1, 4096, file));
	(void)fclose(file);
	assert_int_equal(prac_ca_from_pem(trust(), prac_buf_bytes(&pem), &ca), PRAC_OK);
	assert_int_equal(prac_key_from_pem(identity->key, &key), PRAC_OK);
	assert_int_equal(prac_key_spki(key, &arena, &order.spki), PRAC_OK);
	assert_int_equal(prac_cert_read(identity->chain, &facts), PRAC_OK);
	assert_int_equal(
		prac_ca_issue_device(ca, &order, &facts.device, &arena, &old.chain), PRAC_OK);
	prac_ca_free(ca);
	prac_key_free(key);
	prac_buf_deinit(&pem);
	return old;
}

static void ask_renewal(struct raw_client *client, struct prac_bytes certificate)
{
	Practicum__RenewRequest request = PRACTICUM__RENEW_REQUEST__INIT;

	request.has_certificate = true;
	request.certificate = prac_binary(certificate);
	raw_client_message(client,
		&(struct prac_frame){ .type = PRAC_FRAME_REQUEST, .method = 6, .stream = 1 },
		&request.base);
}

static void assert_refused(struct raw_client *client, uint32_t code)
{
	const Practicum__Status *status = raw_client_expect(
		client, PRAC_FRAME_RESPONSE, &practicum__status__descriptor, &arena);

	assert_int_equal(client->frame.flags, PRAC_FRAME_END | PRAC_FRAME_ERROR);
	assert_int_equal(status->code, code);
}

static void a_certificate_that_is_over_opens_nothing_but_its_renewal(void **state)
{
	struct raw_identity device = enroll("enroll-code --district --label Summer");
	struct raw_identity old = aged(&device, 91);
	struct raw_client *client = connect_as(&old, 1, NULL);
	Practicum__PullRequest pull = PRACTICUM__PULL_REQUEST__INIT;
	const Practicum__RenewResponse *response;
	struct prac_cert_facts facts;

	(void)state;
	ask_renewal(client, old.chain);
	response = raw_client_expect(
		client, PRAC_FRAME_RESPONSE, &practicum__renew_response__descriptor, &arena);
	assert_int_equal(prac_cert_read(prac_binary_bytes(response->certificate), &facts), PRAC_OK);
	assert_true(facts.not_after_s > time(NULL) + 89 * INT64_C(86400));
	for (uint16_t method = 1; method <= 4; method++) {
		raw_client_message(client,
			&(struct prac_frame){ .type = PRAC_FRAME_REQUEST,
				.method = method,
				.stream = 1 + 2 * (uint32_t)method },
			&pull.base);
		assert_refused(client, 9);
	}
	raw_client_free(client);
}

static void a_certificate_is_renewed_for_its_own_device_only(void **state)
{
	struct raw_identity device = enroll("enroll-code --district --label Own");
	struct raw_identity stale = aged(&device, 491);
	struct raw_client *client = connect_as(&device, 1, NULL);

	(void)state;
	ask_renewal(client, district.chain);
	assert_refused(client, 3);
	raw_client_free(client);
	client = connect_as(&stale, 1, NULL);
	ask_renewal(client, stale.chain);
	assert_refused(client, 7);
	raw_client_free(client);
}

static void revoke(const struct raw_identity *identity)
{
	struct prac_cert_facts facts;
	char id[PRAC_ID_TEXT];
	char command[100];
	char out[400];

	assert_int_equal(prac_cert_read(identity->chain, &facts), PRAC_OK);
	prac_id_format(&facts.device, id);
	(void)snprintf(command, sizeof(command), "device revoke %s", id);
	assert_int_equal(daemon_run(&server, command, out, sizeof(out)), 0);
}

/* GOAWAY UNAUTHENTICATED with this reason, and nothing behind it. */
static void assert_dismissed(struct raw_client *client, const char *reason)
{
	const Practicum__Status *status = raw_client_expect(
		client, PRAC_FRAME_GOAWAY, &practicum__status__descriptor, &arena);

	assert_int_equal(status->code, 16);
	assert_int_equal(status->reason.len, strlen(reason));
	assert_memory_equal(status->reason.data, reason, strlen(reason));
	assert_null(raw_client_read(client));
	raw_client_free(client);
}

static void say_hello(struct raw_client *client, Practicum__PurgeReceipt *receipt)
{
	Practicum__Hello hello = PRACTICUM__HELLO__INIT;

	hello.purge = receipt;
	assert_true(raw_client_handshake(client));
	raw_client_message(client, &(struct prac_frame){ .type = PRAC_FRAME_HELLO }, &hello.base);
}

static void a_revoked_device_is_told_to_erase_and_its_receipt_counts_once(void **state)
{
	struct raw_identity lost = enroll("enroll-code --district --label Lost");
	struct raw_client *client = connect_as(&lost, 1, NULL);
	Practicum__PurgeReceipt receipt = PRACTICUM__PURGE_RECEIPT__INIT;

	(void)state;
	revoke(&lost);
	assert_dismissed(client, "REVOKED"); /* while it is connected */
	client = raw_client_new(server.port, &lost, trust());
	say_hello(client, NULL);
	assert_dismissed(client, "REVOKED");
	assert_int_equal(pg_int("SELECT count(*) FROM device WHERE purged IS NOT NULL"), 0);
	receipt.has_lost = true;
	for (receipt.lost = 5; receipt.lost < 7; receipt.lost++) {
		client = raw_client_new(server.port, &lost, trust());
		say_hello(client, &receipt);
		assert_dismissed(client, "PURGED");
	}
	assert_int_equal(pg_int("SELECT purge_lost FROM device WHERE label = 'Lost'"), 5);
	assert_int_equal(pg_int("SELECT count(*) FROM audit_event WHERE kind = 'purge'"), 1);
}

static int begin(void **state)
{
	*state = "test_server_enroll";
	return live_server_begin(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_makes_a_device_and_both_sides_sure),
		cmocka_unit_test(a_lost_answer_is_given_again_but_to_nobody_else),
		cmocka_unit_test(five_wrong_tries_end_a_code),
		cmocka_unit_test(of_two_racing_devices_one_is_made),
		cmocka_unit_test(without_the_signer_a_code_stays_good_and_devices_are_served),
		cmocka_unit_test(an_expired_code_makes_nothing),
		cmocka_unit_test(a_certificate_that_is_over_opens_nothing_but_its_renewal),
		cmocka_unit_test(a_certificate_is_renewed_for_its_own_device_only),
		cmocka_unit_test(a_revoked_device_is_told_to_erase_and_its_receipt_counts_once),
	};

	return cmocka_run_group_tests(tests, begin, live_server_end);
}
