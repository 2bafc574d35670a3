#include "common/wire/tls.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/tls_pair.h"

enum {
	STRIDE = 61 /* of some 12,000 allocations; without common factors with OpenSSL's habits */
};

/* Bytes OpenSSL holds; installed before its first allocation. */
static size_t held;

/* Allocations until one fails, once; 0: none does. */
static size_t failing_in;

static bool fails_now(void)
{
	return failing_in > 0 && --failing_in == 0;
}

static void *counted_malloc(size_t size, const char *file, int line)
{
	void *piece = fails_now() ? NULL : malloc(size);

	(void)file;
	(void)line;
	held += malloc_usable_size(piece);
	return piece;
}

static void counted_free(void *piece, const char *file, int line)
{
	(void)file;
	(void)line;
	held -= malloc_usable_size(piece);
	free(piece);
}

static void *counted_realloc(void *piece, size_t size, const char *file, int line)
{
	size_t before = malloc_usable_size(piece);
	void *moved = fails_now() ? NULL : realloc(piece, size);

	(void)file;
	(void)line;
	held += moved == NULL ? 0 : malloc_usable_size(moved) - before;
	return moved;
}

/* The first five bytes are the record's header; a changed length may only make the end wait. */
static void a_changed_byte_never_becomes_plaintext(void **state)
{
	struct tls_pair pair;
	size_t len = 6;

	(void)state;
	for (size_t i = 0; i < len; i++) {
		struct prac_buf *output;
		enum prac_status status;

		tls_pair_connect(&pair);
		output = prac_tls_output(pair.client);
		assert_int_equal(prac_tls_write(pair.client, prac_bytes_text("20 hours")), PRAC_OK);
		len = prac_buf_len(output);
		output->data[output->start + i] ^= 0x01;
		status = prac_tls_feed(pair.server, prac_buf_bytes(output));
		assert_int_equal(prac_buf_len(prac_tls_plain(pair.server)), 0);
		if (i >= 5) {
			assert_int_equal(status, PRAC_DATA_LOSS);
			assert_string_equal(
				prac_tls_why(pair.server), "bytes were changed on the way");
		}
		tls_pair_stop(&pair);
	}
	assert_int_equal(len, 30); /* header, text, type and tag */
}

/* Changes byte i of what the two say to each other; ends the pair if both still agree. */
static void assert_change_is_seen(size_t i)
{
	uint8_t at_server[PRAC_TLS_EXPORTER];
	uint8_t at_client[PRAC_TLS_EXPORTER];
	struct tls_pair pair;
	struct prac_tls *from;
	struct prac_tls *to;

	tls_pair_start(&pair);
	from = pair.client;
	to = pair.server;
	for (int flight = 0; flight < 4; flight++) {
		struct prac_buf *output = prac_tls_output(from);
		size_t len = prac_buf_len(output);

		if (i < len) {
			output->data[output->start + i] ^= 0x10;
		}
		i -= i < len ? 0 : len;
		i = i < len && len > 0 ? SIZE_MAX : i;
		(void)tls_pair_deliver(from, to, SIZE_MAX);
		from = to;
		to = from == pair.client ? pair.server : pair.client;
	}
	if (prac_tls_exporter(pair.server, at_server) == PRAC_OK &&
		prac_tls_exporter(pair.client, at_client) == PRAC_OK) {
		assert_memory_equal(at_server, at_client, sizeof(at_server));
	}
	tls_pair_stop(&pair);
}

static void a_changed_handshake_never_ends_in_two_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2000; i += 23) {
		assert_change_is_seen(i);
	}
}

static void noise_is_no_tls(void **state)
{
	struct prac_tls *tls = tls_pair_server(PRAC_TLS_REQUIRED);

	(void)state;
	assert_int_equal(prac_tls_feed(tls, prac_bytes_text("GET / HTTP/1.1\r\nHost: x\r\n\r\n")),
		PRAC_INVALID_ARGUMENT);
	assert_string_equal(prac_tls_why(tls), "the other side does not keep to TLS");
	prac_tls_free(tls);
}

static void send_64_kib_each_way(const struct tls_pair *pair)
{
	uint8_t *block = calloc(1, 65536);

	assert_non_null(block);
	for (int i = 0; i < 2; i++) {
		struct prac_tls *from = i == 0 ? pair->client : pair->server;
		struct prac_tls *to = i == 0 ? pair->server : pair->client;

		assert_int_equal(
			prac_tls_write(from, (struct prac_bytes){ block, 65536 }), PRAC_OK);
		tls_pair_pump(pair, SIZE_MAX);
		assert_int_equal(prac_buf_len(prac_tls_plain(to)), 65536);
		prac_buf_clear(prac_tls_plain(to));
	}
	free(block);
}

/* OpenSSL's memory BIOs would keep 92 KiB here, PERFORMANCE 2.3. */
static void an_idle_connection_gives_its_memory_back(void **state)
{
	struct tls_pair pair;
	size_t before = held;
	size_t open;

	(void)state;
	tls_pair_connect(&pair);
	open = held;
	assert_in_range(open - before, 1, 120 * 1024); /* two ends, each with its context */
	send_64_kib_each_way(&pair);
	assert_true(prac_tls_plain(pair.server)->cap >= 65536);
	prac_tls_idle(pair.server);
	prac_tls_idle(pair.client);
	assert_int_equal(prac_tls_plain(pair.server)->cap, 0);
	assert_int_equal(prac_tls_output(pair.server)->cap, 0);
	assert_in_range(held, before, open + 512);
	assert_int_equal(prac_tls_write(pair.client, prac_bytes_text("awake")), PRAC_OK);
	tls_pair_pump(&pair, SIZE_MAX);
	tls_pair_assert_plain(pair.server, "awake");
	tls_pair_stop(&pair);
	assert_in_range(held, 0, before + 512);
}

static void idle_keeps_what_nobody_has_taken(void **state)
{
	struct tls_pair pair;

	(void)state;
	tls_pair_connect(&pair);
	assert_int_equal(prac_tls_write(pair.client, prac_bytes_text("kept")), PRAC_OK);
	prac_tls_idle(pair.client);
	tls_pair_pump(&pair, SIZE_MAX);
	prac_tls_idle(pair.server);
	tls_pair_assert_plain(pair.server, "kept");
	tls_pair_stop(&pair);
}

/* Connects as far as it goes with the memory there is. False when it could not. */
static bool try_to_connect(const struct prac_tls_settings *at_server, size_t allowed)
{
	struct prac_tls_ctx *ctx = NULL;
	struct tls_pair pair = { NULL, NULL };
	char why[PRAC_TLS_WHY];
	bool connected = false;

	pair.client =
		tls_pair_client(&papers.device, &papers.trust, "wbl.example.org", PRAC_TLS_ALPN);
	failing_in = allowed;
	if (prac_tls_ctx_new(at_server, &ctx, why) == PRAC_OK &&
		prac_tls_new(ctx, NULL, &pair.server) == PRAC_OK) {
		tls_pair_pump(&pair, SIZE_MAX);
		connected = prac_tls_state(pair.server) == PRAC_TLS_OPEN;
	}
	tls_pair_stop(&pair);
	prac_tls_ctx_free(ctx);
	return connected;
}

/*
 * Every so many allocations, over the whole life of a connection and of the settings before it.
 * Some failures OpenSSL survives (a cache it does without); none may crash or leak.
 */
static void memory_may_run_out_anywhere(void **state)
{
	const struct prac_tls_settings settings = { .is_server = true,
		.check = PRAC_TLS_REQUIRED,
		.alpn = PRAC_TLS_ALPN,
		.chain = papers.server.chain,
		.key = papers.server.key,
		.trust = papers.trust };
	size_t allowed = 1;
	size_t n_refused = 0;

	(void)state;
	while (true) {
		bool connected = try_to_connect(&settings, allowed);

		n_refused += connected ? 0 : 1;
		if (failing_in > 0) {
			break; /* it went through without needing that many */
		}
		allowed += STRIDE;
	}
	failing_in = 0;
	assert_true(n_refused > 10); /* or nothing was tried */
	assert_true(try_to_connect(&settings, 0));
}

/* A client that is OpenSSL itself, to say what ours never would. */
static SSL *start_raw(void (*configure)(SSL_CTX *ctx))
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl;

	assert_non_null(ctx);
	configure(ctx);
	ssl = SSL_new(ctx);
	SSL_CTX_free(ctx);
	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_connect_state(ssl);
	return ssl;
}

/* Moves bytes between the two until neither has any. */
static void pump_raw(SSL *ssl, struct prac_tls *tls)
{
	struct prac_buf *output = prac_tls_output(tls);
	uint8_t bytes[4096];
	int len = 1;

	while (len > 0 || prac_buf_len(output) > 0) {
		(void)BIO_write(
			SSL_get_rbio(ssl), prac_buf_bytes(output).data, (int)prac_buf_len(output));
		prac_buf_clear(output);
		(void)SSL_read(ssl, bytes, 0);
		(void)SSL_do_handshake(ssl);
		len = BIO_read(SSL_get_wbio(ssl), bytes, sizeof(bytes));
		if (len > 0 &&
			prac_tls_feed(tls, (struct prac_bytes){ bytes, (size_t)len }) != PRAC_OK) {
			len = 0;
		}
	}
}

static void offer_alpn(SSL_CTX *ctx)
{
	static const unsigned char list[] = "\x0bpracticum/1";

	assert_int_equal(SSL_CTX_set_alpn_protos(ctx, list, sizeof(list) - 1), 0);
}

static void only_tls_1_2(SSL_CTX *ctx)
{
	offer_alpn(ctx);
	assert_int_equal(SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION), 1);
}

static void only_a_large_group(SSL_CTX *ctx)
{
	offer_alpn(ctx);
	assert_int_equal(SSL_CTX_set1_groups_list(ctx, "ffdhe8192"), 1);
}

static void only_ccm(SSL_CTX *ctx)
{
	offer_alpn(ctx);
	assert_int_equal(SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_CCM_SHA256"), 1);
}

static void no_alpn(SSL_CTX *ctx)
{
	(void)ctx;
}

static enum prac_status offer(void (*configure)(SSL_CTX *ctx), struct prac_tls **tls_out)
{
	struct prac_tls *tls = tls_pair_server(PRAC_TLS_NOTHING);
	SSL *ssl = start_raw(configure);

	pump_raw(ssl, tls);
	SSL_free(ssl);
	*tls_out = tls;
	return prac_tls_feed(tls, prac_bytes_text("x"));
}

static void older_versions_groups_and_suites_are_refused(void **state)
{
	struct prac_tls *tls;

	(void)state;
	assert_int_equal(offer(only_tls_1_2, &tls), PRAC_UNIMPLEMENTED);
	assert_string_equal(prac_tls_why(tls), "the other side has no TLS 1.3");
	prac_tls_free(tls);
	assert_int_equal(offer(only_a_large_group, &tls), PRAC_INVALID_ARGUMENT);
	prac_tls_free(tls);
	assert_int_equal(offer(only_ccm, &tls), PRAC_INVALID_ARGUMENT);
	prac_tls_free(tls);
	assert_int_equal(offer(no_alpn, &tls), PRAC_UNIMPLEMENTED);
	assert_string_equal(prac_tls_why(tls), "the other side wants another service");
	prac_tls_free(tls);
}

/* A ticket would carry the client's certificate and cost 2.2 handshakes: PERFORMANCE 2.3. */
static void no_session_can_be_resumed(void **state)
{
	struct prac_tls *tls = tls_pair_server(PRAC_TLS_NOTHING);
	SSL *ssl = start_raw(offer_alpn);

	(void)state;
	pump_raw(ssl, tls);
	assert_int_equal(prac_tls_state(tls), PRAC_TLS_OPEN);
	assert_int_equal(SSL_SESSION_is_resumable(SSL_get_session(ssl)), 0);
	SSL_free(ssl);
	prac_tls_free(tls);
}

static void key_updates_are_counted(void **state)
{
	struct prac_tls *tls = tls_pair_server(PRAC_TLS_NOTHING);
	SSL *ssl = start_raw(offer_alpn);

	(void)state;
	pump_raw(ssl, tls);
	assert_int_equal(prac_tls_key_updates(tls), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
		assert_int_equal(SSL_write(ssl, "x", 1), 1);
	}
	pump_raw(ssl, tls);
	tls_pair_assert_plain(tls, "xxx");
	assert_int_equal(prac_tls_key_updates(tls), 3);
	SSL_free(ssl);
	prac_tls_free(tls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_changed_byte_never_becomes_plaintext),
		cmocka_unit_test(a_changed_handshake_never_ends_in_two_keys),
		cmocka_unit_test(noise_is_no_tls),
		cmocka_unit_test(an_idle_connection_gives_its_memory_back),
		cmocka_unit_test(memory_may_run_out_anywhere),
		cmocka_unit_test(idle_keeps_what_nobody_has_taken),
		cmocka_unit_test(older_versions_groups_and_suites_are_refused),
		cmocka_unit_test(no_session_can_be_resumed),
		cmocka_unit_test(key_updates_are_counted),
	};

	if (CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free) != 1) {
		return 1;
	}
	return cmocka_run_group_tests(tests, tls_pair_begin, tls_pair_end);
}
