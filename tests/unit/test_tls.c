#include "common/wire/tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/wire/cert.h"
#include "tests/support/tls_pair.h"

static void assert_failed(const struct prac_tls *tls, struct prac_tls *again,
	enum prac_status status, const char *why)
{
	assert_int_equal(prac_tls_state(tls), PRAC_TLS_FAILED);
	assert_string_equal(prac_tls_why(tls), why);
	assert_int_equal(prac_tls_feed(again, prac_bytes_text("x")), status);
}

static void plaintext_goes_both_ways(void **state)
{
	struct tls_pair pair;

	(void)state;
	tls_pair_connect(&pair);
	assert_int_equal(prac_tls_write(pair.client, prac_bytes_text("hello")), PRAC_OK);
	assert_int_equal(prac_tls_write(pair.client, prac_bytes_text(" server")), PRAC_OK);
	assert_int_equal(prac_tls_write(pair.server, prac_bytes_text("hello client")), PRAC_OK);
	tls_pair_pump(&pair, SIZE_MAX);
	tls_pair_assert_plain(pair.server, "hello server");
	tls_pair_assert_plain(pair.client, "hello client");
	tls_pair_stop(&pair);
}

static void byte_by_byte_is_the_same(void **state)
{
	struct tls_pair pair;

	(void)state;
	tls_pair_start(&pair);
	tls_pair_pump(&pair, 1);
	assert_int_equal(prac_tls_state(pair.server), PRAC_TLS_OPEN);
	assert_int_equal(prac_tls_state(pair.client), PRAC_TLS_OPEN);
	assert_int_equal(prac_tls_write(pair.client, prac_bytes_text("slowly")), PRAC_OK);
	tls_pair_pump(&pair, 1);
	tls_pair_assert_plain(pair.server, "slowly");
	tls_pair_stop(&pair);
}

static void the_server_knows_the_device(void **state)
{
	struct prac_cert_facts facts;
	struct prac_tls_peer peer;
	struct tls_pair pair;

	(void)state;
	tls_pair_start(&pair);
	prac_tls_peer(pair.server, &peer);
	assert_false(peer.has_certificate);
	tls_pair_pump(&pair, SIZE_MAX);
	prac_tls_peer(pair.server, &peer);
	assert_true(peer.has_device);
	assert_true(prac_id_equal(&peer.device, &papers.device_id));
	assert_int_equal(prac_cert_read(papers.device.chain, &facts), PRAC_OK);
	assert_true(prac_digest_equal(&peer.spki, &facts.spki));
	assert_int_equal(peer.not_after_s, facts.not_after_s);
	prac_tls_peer(pair.client, &peer);
	assert_true(peer.has_certificate);
	assert_false(peer.has_device);
	tls_pair_stop(&pair);
}

static void the_exporter_is_the_connections_own(void **state)
{
	uint8_t at_server[PRAC_TLS_EXPORTER];
	uint8_t at_client[PRAC_TLS_EXPORTER];
	uint8_t of_another[PRAC_TLS_EXPORTER];
	struct tls_pair pair;
	struct tls_pair another;

	(void)state;
	tls_pair_start(&pair);
	assert_int_equal(prac_tls_exporter(pair.client, at_client), PRAC_FAILED_PRECONDITION);
	tls_pair_pump(&pair, SIZE_MAX);
	tls_pair_connect(&another);
	assert_int_equal(prac_tls_exporter(pair.server, at_server), PRAC_OK);
	assert_int_equal(prac_tls_exporter(pair.client, at_client), PRAC_OK);
	assert_int_equal(prac_tls_exporter(another.client, of_another), PRAC_OK);
	assert_memory_equal(at_server, at_client, sizeof(at_server));
	assert_memory_not_equal(at_server, of_another, sizeof(at_server));
	tls_pair_stop(&pair);
	tls_pair_stop(&another);
}

static void the_client_refuses_a_server_of_another_authority(void **state)
{
	struct tls_pair pair = { tls_pair_server(PRAC_TLS_REQUIRED),
		tls_pair_client(
			&papers.device, &papers.other_trust, "wbl.example.org", PRAC_TLS_ALPN) };

	(void)state;
	tls_pair_pump(&pair, SIZE_MAX);
	assert_failed(pair.client, pair.client, PRAC_UNAUTHENTICATED,
		"the certificate of the other side is not from the district's authority");
	/* Both authorities bear the same name, so it is the signature that tells them apart. */
	assert_int_equal(prac_tls_state(pair.server), PRAC_TLS_FAILED);
	tls_pair_stop(&pair);
}

static void the_client_refuses_a_server_of_another_name(void **state)
{
	struct tls_pair pair = { tls_pair_server(PRAC_TLS_REQUIRED),
		tls_pair_client(
			&papers.device, &papers.trust, "other.example.org", PRAC_TLS_ALPN) };

	(void)state;
	tls_pair_pump(&pair, SIZE_MAX);
	assert_failed(pair.client, pair.client, PRAC_UNAUTHENTICATED,
		"the certificate of the server is for another name");
	tls_pair_stop(&pair);
}

static void addresses_are_names_too(void **state)
{
	struct tls_pair pair = { tls_pair_server(PRAC_TLS_REQUIRED),
		tls_pair_client(&papers.device, &papers.trust, "127.0.0.1", PRAC_TLS_ALPN) };
	struct tls_pair other = { tls_pair_server(PRAC_TLS_REQUIRED),
		tls_pair_client(&papers.device, &papers.trust, "127.0.0.2", PRAC_TLS_ALPN) };

	(void)state;
	tls_pair_pump(&pair, SIZE_MAX);
	assert_int_equal(prac_tls_state(pair.client), PRAC_TLS_OPEN);
	tls_pair_pump(&other, SIZE_MAX);
	assert_failed(other.client, other.client, PRAC_UNAUTHENTICATED,
		"the certificate of the server is for another address");
	tls_pair_stop(&pair);
	tls_pair_stop(&other);
}

/* A device's certificate must not do for a server, or every school could pose as the district. */
static void the_client_refuses_a_device_as_server(void **state)
{
	struct tls_identity kept = papers.server;
	struct tls_pair pair;

	(void)state;
	papers.server = papers.device;
	tls_pair_start(&pair);
	papers.server = kept;
	tls_pair_pump(&pair, SIZE_MAX);
	assert_failed(pair.client, pair.client, PRAC_UNAUTHENTICATED,
		"the certificate of the other side is for another purpose");
	tls_pair_stop(&pair);
}

/* In TLS 1.3 the client is done before the server has looked at its certificate. */
static void assert_client_refused(
	const struct tls_identity *identity, const char *at_server, const char *at_client)
{
	struct tls_pair pair = { tls_pair_server(PRAC_TLS_REQUIRED),
		tls_pair_client(identity, &papers.trust, "wbl.example.org", PRAC_TLS_ALPN) };

	tls_pair_pump(&pair, SIZE_MAX);
	assert_failed(pair.server, pair.server, PRAC_UNAUTHENTICATED, at_server);
	assert_failed(pair.client, pair.client, PRAC_UNAUTHENTICATED, at_client);
	tls_pair_stop(&pair);
}

static void the_server_refuses_a_client_without_certificate(void **state)
{
	(void)state;
	assert_client_refused(&papers.none, "the client shows no certificate",
		"the server asks for a device certificate");
}

static void the_server_refuses_a_device_of_another_authority(void **state)
{
	(void)state;
	assert_client_refused(&papers.foreign_device,
		"the certificate of the other side is not from the district's authority",
		"the other side does not know the authority of our certificate");
}

static void the_server_refuses_an_expired_device(void **state)
{
	(void)state;
	assert_client_refused(&papers.expired_device,
		"the certificate of the other side has expired",
		"the other side says that our certificate has expired");
}

/* The clock of the one who looks is behind: a station goes on, a server does not guess. */
static void only_a_client_takes_a_certificate_of_days_to_come(void **state)
{
	const struct tls_identity kept = papers.server;
	struct tls_pair pair;

	(void)state;
	papers.server = papers.early_server;
	tls_pair_start(&pair);
	papers.server = kept;
	tls_pair_pump(&pair, SIZE_MAX);
	assert_int_equal(prac_tls_state(pair.client), PRAC_TLS_OPEN);
	assert_int_equal(prac_tls_state(pair.server), PRAC_TLS_OPEN);
	tls_pair_stop(&pair);
	assert_client_refused(&papers.early_device,
		"the certificate of the other side is not valid yet; is the clock right?",
		"the other side does not accept our certificate");
}

static void the_server_refuses_a_server_as_client(void **state)
{
	(void)state;
	assert_client_refused(&papers.server,
		"the certificate of the other side is for another purpose",
		"the other side does not accept our certificate");
}

/* Renewal after a summer: the handler looks at the date and at who else vouches. */
static void renewal_accepts_an_expired_certificate_and_nothing_worse(void **state)
{
	struct tls_pair late = { tls_pair_server(PRAC_TLS_REQUIRED_OR_EXPIRED),
		tls_pair_client(
			&papers.expired_device, &papers.trust, "wbl.example.org", PRAC_TLS_ALPN) };
	struct tls_pair foreign = { tls_pair_server(PRAC_TLS_REQUIRED_OR_EXPIRED),
		tls_pair_client(
			&papers.foreign_device, &papers.trust, "wbl.example.org", PRAC_TLS_ALPN) };
	struct tls_pair bare = { tls_pair_server(PRAC_TLS_REQUIRED_OR_EXPIRED),
		tls_pair_client(&papers.none, &papers.trust, "wbl.example.org", PRAC_TLS_ALPN) };
	struct prac_tls_peer peer;

	(void)state;
	tls_pair_pump(&late, SIZE_MAX);
	prac_tls_peer(late.server, &peer);
	assert_true(peer.has_device);
	assert_true(peer.not_after_s < (int64_t)time(NULL));
	tls_pair_pump(&foreign, SIZE_MAX);
	assert_int_equal(prac_tls_state(foreign.server), PRAC_TLS_FAILED);
	tls_pair_pump(&bare, SIZE_MAX);
	assert_int_equal(prac_tls_state(bare.server), PRAC_TLS_FAILED);
	tls_pair_stop(&late);
	tls_pair_stop(&foreign);
	tls_pair_stop(&bare);
}

static void enrollment_needs_no_certificate_of_either(void **state)
{
	struct tls_pair pair = { tls_pair_server(PRAC_TLS_NOTHING),
		tls_pair_client(&papers.none, NULL, NULL, PRAC_TLS_ALPN) };

	(void)state;
	tls_pair_pump(&pair, SIZE_MAX);
	assert_int_equal(prac_tls_state(pair.server), PRAC_TLS_OPEN);
	assert_int_equal(prac_tls_state(pair.client), PRAC_TLS_OPEN);
	tls_pair_stop(&pair);
}

static void a_client_without_a_name_to_check_is_refused(void **state)
{
	const struct prac_tls_settings settings = {
		.check = PRAC_TLS_REQUIRED, .alpn = PRAC_TLS_ALPN, .trust = papers.trust
	};
	struct prac_tls_ctx *ctx = NULL;
	struct prac_tls *tls = NULL;
	char why[PRAC_TLS_WHY];

	(void)state;
	assert_int_equal(prac_tls_ctx_new(&settings, &ctx, why), PRAC_OK);
	assert_int_equal(prac_tls_new(ctx, NULL, &tls), PRAC_INVALID_ARGUMENT);
	assert_int_equal(prac_tls_new(ctx, "", &tls), PRAC_INVALID_ARGUMENT);
	prac_tls_ctx_free(ctx);
}

static void another_service_is_refused(void **state)
{
	struct tls_pair pair = { tls_pair_server(PRAC_TLS_REQUIRED),
		tls_pair_client(
			&papers.device, &papers.trust, "wbl.example.org", PRAC_TLS_ALPN_ENROLL) };

	(void)state;
	tls_pair_pump(&pair, SIZE_MAX);
	assert_failed(pair.server, pair.server, PRAC_UNIMPLEMENTED,
		"the other side wants another service");
	assert_failed(pair.client, pair.client, PRAC_UNIMPLEMENTED,
		"the other side offers another service");
	tls_pair_stop(&pair);
}

static void the_end_is_said_and_not_assumed(void **state)
{
	struct tls_pair pair;

	(void)state;
	tls_pair_connect(&pair);
	assert_int_equal(prac_tls_write(pair.client, prac_bytes_text("last words")), PRAC_OK);
	prac_tls_shutdown(pair.client);
	prac_tls_shutdown(pair.client);
	assert_int_equal(
		prac_tls_write(pair.client, prac_bytes_text("more")), PRAC_FAILED_PRECONDITION);
	assert_int_equal(prac_tls_state(pair.server), PRAC_TLS_OPEN);
	tls_pair_pump(&pair, SIZE_MAX);
	assert_int_equal(prac_tls_state(pair.server), PRAC_TLS_PEER_CLOSED);
	tls_pair_assert_plain(pair.server, "last words");
	/* The other direction is still open. */
	assert_int_equal(prac_tls_write(pair.server, prac_bytes_text("answer")), PRAC_OK);
	prac_tls_shutdown(pair.server);
	tls_pair_pump(&pair, SIZE_MAX);
	tls_pair_assert_plain(pair.client, "answer");
	assert_int_equal(prac_tls_state(pair.client), PRAC_TLS_PEER_CLOSED);
	tls_pair_stop(&pair);
}

static void nothing_is_written_before_the_handshake(void **state)
{
	struct tls_pair pair;

	(void)state;
	tls_pair_start(&pair);
	assert_int_equal(
		prac_tls_write(pair.client, prac_bytes_text("early")), PRAC_FAILED_PRECONDITION);
	prac_tls_shutdown(pair.server);
	assert_int_equal(prac_buf_len(prac_tls_output(pair.server)), 0);
	tls_pair_pump(&pair, SIZE_MAX);
	assert_int_equal(prac_tls_state(pair.server), PRAC_TLS_OPEN);
	tls_pair_stop(&pair);
}

static void assert_settings_refused(const struct prac_tls_settings *settings, const char *sentence)
{
	struct prac_tls_ctx *ctx = NULL;
	char why[PRAC_TLS_WHY];

	assert_int_equal(prac_tls_ctx_new(settings, &ctx, why), PRAC_INVALID_ARGUMENT);
	assert_string_equal(why, sentence);
	assert_null(ctx);
}

static void says_which_setting_is_wrong(void **state)
{
	struct prac_tls_settings settings = { .is_server = true,
		.alpn = PRAC_TLS_ALPN,
		.chain = papers.server.chain,
		.key = papers.device.key,
		.trust = papers.trust };

	(void)state;
	assert_settings_refused(&settings, "the private key does not belong to the certificate");
	settings.key = papers.server.chain;
	assert_settings_refused(&settings, "the private key is not PEM, or is encrypted");
	settings.chain = papers.server.key;
	assert_settings_refused(&settings, "the certificate is not PEM");
	settings.chain = papers.server.chain;
	settings.key = papers.server.key;
	settings.trust = papers.none.chain;
	assert_settings_refused(&settings, "the authority's certificate is not PEM");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plaintext_goes_both_ways),
		cmocka_unit_test(byte_by_byte_is_the_same),
		cmocka_unit_test(the_server_knows_the_device),
		cmocka_unit_test(the_exporter_is_the_connections_own),
		cmocka_unit_test(the_client_refuses_a_server_of_another_authority),
		cmocka_unit_test(the_client_refuses_a_server_of_another_name),
		cmocka_unit_test(addresses_are_names_too),
		cmocka_unit_test(the_client_refuses_a_device_as_server),
		cmocka_unit_test(the_server_refuses_a_client_without_certificate),
		cmocka_unit_test(the_server_refuses_a_device_of_another_authority),
		cmocka_unit_test(the_server_refuses_an_expired_device),
		cmocka_unit_test(only_a_client_takes_a_certificate_of_days_to_come),
		cmocka_unit_test(the_server_refuses_a_server_as_client),
		cmocka_unit_test(renewal_accepts_an_expired_certificate_and_nothing_worse),
		cmocka_unit_test(enrollment_needs_no_certificate_of_either),
		cmocka_unit_test(a_client_without_a_name_to_check_is_refused),
		cmocka_unit_test(another_service_is_refused),
		cmocka_unit_test(the_end_is_said_and_not_assumed),
		cmocka_unit_test(nothing_is_written_before_the_handshake),
		cmocka_unit_test(says_which_setting_is_wrong),
	};

	return cmocka_run_group_tests(tests, tls_pair_begin, tls_pair_end);
}
