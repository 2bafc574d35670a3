#include "tests/support/tls_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/base/arena.h"
#include "common/wire/cert.h"

static const int64_t day_s = 86400;

struct tls_papers papers = {
	.device_id = { { 1, 0x99, 2, 3, 4, 5, 0x70, 7, 0x80, 9, 10, 11, 12, 13, 14, 15 } },
};

static struct prac_arena arena;

static struct tls_identity issue(const struct prac_ca *ca, const char *names, int64_t now_s)
{
	struct prac_cert_order order = { .now_s = now_s, .days = 90 };
	struct prac_buf pem = { 0 };
	struct prac_key *key = NULL;
	struct tls_identity identity;

	assert_int_equal(prac_key_new(&key), PRAC_OK);
	assert_int_equal(prac_key_spki(key, &arena, &order.spki), PRAC_OK);
	assert_int_equal(names == NULL
				 ? prac_ca_issue_device(
					   ca, &order, &papers.device_id, &arena, &identity.chain)
				 : prac_ca_issue_server(ca, &order, names, &arena, &identity.chain),
		PRAC_OK);
	assert_int_equal(prac_key_to_pem(key, &pem), PRAC_OK);
	identity.key = prac_arena_copy(&arena, prac_buf_bytes(&pem));
	prac_wipe(&pem);
	prac_key_free(key);
	return identity;
}

int tls_pair_begin(void **state)
{
	int64_t now_s = (int64_t)time(NULL);
	struct prac_ca *ca = NULL;
	struct prac_ca *other = NULL;

	(void)state;
	assert_int_equal(prac_ca_new("District", now_s - 400 * day_s, &ca), PRAC_OK);
	assert_int_equal(prac_ca_new("District", now_s - 400 * day_s, &other), PRAC_OK);
	assert_int_equal(prac_ca_cert(ca, &arena, &papers.trust), PRAC_OK);
	assert_int_equal(prac_ca_cert(other, &arena, &papers.other_trust), PRAC_OK);
	papers.server = issue(ca, "wbl.example.org,127.0.0.1", now_s);
	papers.device = issue(ca, NULL, now_s);
	papers.foreign_device = issue(other, NULL, now_s);
	papers.expired_device = issue(ca, NULL, now_s - 91 * day_s);
	papers.early_server = issue(ca, "wbl.example.org,127.0.0.1", now_s + 2 * day_s);
	papers.early_device = issue(ca, NULL, now_s + 2 * day_s);
	prac_ca_free(ca);
	prac_ca_free(other);
	return 0;
}

int tls_pair_end(void **state)
{
	(void)state;
	prac_arena_deinit(&arena);
	return 0;
}

struct prac_tls *tls_pair_server(enum prac_tls_check check)
{
	const struct prac_tls_settings settings = { .is_server = true,
		.check = check,
		.alpn = PRAC_TLS_ALPN,
		.chain = papers.server.chain,
		.key = papers.server.key,
		.trust = papers.trust };
	struct prac_tls_ctx *ctx = NULL;
	struct prac_tls *tls = NULL;
	char why[PRAC_TLS_WHY];

	assert_int_equal(prac_tls_ctx_new(&settings, &ctx, why), PRAC_OK);
	assert_int_equal(prac_tls_new(ctx, NULL, &tls), PRAC_OK);
	prac_tls_ctx_free(ctx); /* connections live on */
	return tls;
}

struct prac_tls *tls_pair_client(const struct tls_identity *identity,
	const struct prac_bytes *trusted, const char *host, const char *alpn)
{
	const struct prac_tls_settings settings = { .is_server = false,
		.check = trusted == NULL ? PRAC_TLS_NOTHING : PRAC_TLS_REQUIRED,
		.alpn = alpn,
		.chain = identity->chain,
		.key = identity->key,
		.trust = trusted == NULL ? papers.none.chain : *trusted };
	struct prac_tls_ctx *ctx = NULL;
	struct prac_tls *tls = NULL;
	char why[PRAC_TLS_WHY];

	assert_int_equal(prac_tls_ctx_new(&settings, &ctx, why), PRAC_OK);
	assert_int_equal(prac_tls_new(ctx, host, &tls), PRAC_OK);
	prac_tls_ctx_free(ctx);
	return tls;
}

bool tls_pair_deliver(struct prac_tls *from, struct prac_tls *to, size_t step)
{
	struct prac_buf *output = prac_tls_output(from);
	bool any = prac_buf_len(output) > 0;

	while (prac_buf_len(output) > 0) {
		size_t len = prac_buf_len(output) < step ? prac_buf_len(output) : step;
		struct prac_bytes bytes = { prac_buf_bytes(output).data, len };
		enum prac_status status = prac_tls_feed(to, bytes);

		assert_int_equal(status != PRAC_OK, prac_tls_state(to) == PRAC_TLS_FAILED);
		prac_buf_consume(output, len);
	}
	return any;
}

void tls_pair_pump(const struct tls_pair *pair, size_t step)
{
	bool moved = true;

	while (moved) {
		moved = tls_pair_deliver(pair->client, pair->server, step);
		moved = tls_pair_deliver(pair->server, pair->client, step) || moved;
	}
}

void tls_pair_start(struct tls_pair *pair)
{
	pair->server = tls_pair_server(PRAC_TLS_REQUIRED);
	pair->client =
		tls_pair_client(&papers.device, &papers.trust, "wbl.example.org", PRAC_TLS_ALPN);
}

void tls_pair_stop(struct tls_pair *pair)
{
	prac_tls_free(pair->server);
	prac_tls_free(pair->client);
}

void tls_pair_connect(struct tls_pair *pair)
{
	tls_pair_start(pair);
	tls_pair_pump(pair, SIZE_MAX);
	assert_int_equal(prac_tls_state(pair->server), PRAC_TLS_OPEN);
	assert_int_equal(prac_tls_state(pair->client), PRAC_TLS_OPEN);
}

void tls_pair_assert_plain(struct prac_tls *tls, const char *text)
{
	assert_int_equal(prac_buf_len(prac_tls_plain(tls)), strlen(text));
	assert_memory_equal(prac_buf_bytes(prac_tls_plain(tls)).data, text, strlen(text));
	prac_buf_clear(prac_tls_plain(tls));
}
