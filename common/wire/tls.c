#include "common/wire/tls.h"

#include <assert.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire/x509.h"

enum {
	RECORD_MAX = 16384 /* plaintext bytes of one TLS record */
};

struct prac_tls {
	SSL *ssl;
	const char *alpn;
	enum prac_tls_state state;
	enum prac_status failure; /* what every call returns once FAILED */
	bool is_shut;             /* we have said that we send no more */
	unsigned n_key_updates;
	struct prac_bytes in; /* borrowed for the time of a feed */
	struct prac_buf plain;
	struct prac_buf output;
	char why[PRAC_TLS_WHY];
};

/*
 * OpenSSL's own memory BIOs keep the largest size they ever had (PERFORMANCE 2.3). This one reads
 * from the bytes being fed and writes to our output buffer, so it owns no memory at all.
 */
static int on_bio_read(BIO *bio, char *out, int size)
{
	struct prac_tls *tls = BIO_get_data(bio);
	size_t len = tls->in.len < (size_t)size ? tls->in.len : (size_t)size;

	BIO_clear_retry_flags(bio);
	if (len == 0) {
		BIO_set_retry_read(bio);
		return -1;
	}
	memcpy(out, tls->in.data, len);
	tls->in.data += len;
	tls->in.len -= len;
	return (int)len;
}

static int on_bio_write(BIO *bio, const char *data, int len)
{
	struct prac_tls *tls = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	prac_buf_append(&tls->output, data, (size_t)len);
	return len;
}

static long on_bio_ctrl(BIO *bio, int what, long number, void *pointer)
{
	(void)bio;
	(void)number;
	(void)pointer;
	return what == BIO_CTRL_FLUSH ? 1 : 0;
}

/* Made once and kept for the life of the program; NULL without memory. */
static BIO_METHOD *bio_method(void)
{
	static BIO_METHOD *method;

	if (method == NULL) {
		method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "practicum");
	}
	if (method == NULL || BIO_meth_set_read(method, on_bio_read) != 1 ||
		BIO_meth_set_write(method, on_bio_write) != 1 ||
		BIO_meth_set_ctrl(method, on_bio_ctrl) != 1) {
		return NULL;
	}
	return method;
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are those of OpenSSL's callback */
static void on_message(
	int is_ours, int version, int type, const void *data, size_t len, SSL *ssl, void *ctx)
{
	struct prac_tls *tls = ctx;
	const unsigned char *message = data;

	(void)version;
	(void)ssl;
	if (!is_ours && type == SSL3_RT_HANDSHAKE && len > 0 && message[0] == SSL3_MT_KEY_UPDATE) {
		tls->n_key_updates++;
	}
}

static bool attach_bio(struct prac_tls *tls)
{
	const BIO_METHOD *method = bio_method();
	BIO *bio = method == NULL ? NULL : BIO_new(method);

	if (bio == NULL) {
		return false;
	}
	BIO_set_data(bio, tls);
	BIO_set_init(bio, 1);
	SSL_set_bio(tls->ssl, bio, bio); /* owns it now */
	return true;
}

/* Whom the certificate must be for; addresses are not sent as server name (RFC 6066). */
static enum prac_status expect_host(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	X509_VERIFY_PARAM_set_hostflags(
		param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1) {
		return PRAC_OK;
	}
	ERR_clear_error();
	if (*host == '\0' || SSL_set1_host(ssl, host) != 1 ||
		SSL_set_tlsext_host_name(ssl, host) != 1) {
		ERR_clear_error();
		return PRAC_INVALID_ARGUMENT;
	}
	return PRAC_OK;
}

static enum prac_status fail(struct prac_tls *tls, enum prac_status status)
{
	tls->state = PRAC_TLS_FAILED;
	tls->failure = status;
	return status;
}

/* After a call that did not succeed: it waits for bytes, has seen the end, or has failed. */
static enum prac_status settle(struct prac_tls *tls, int result)
{
	switch (SSL_get_error(tls->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return PRAC_OK;
	case SSL_ERROR_ZERO_RETURN:
		tls->state = PRAC_TLS_PEER_CLOSED;
		return PRAC_OK;
	default:
		return fail(tls, prac_tls_explain(tls->ssl, tls->why));
	}
}

/* A client that offers no ALPN at all passes OpenSSL; with us nothing else may follow. */
static bool is_alpn_right(const struct prac_tls *tls)
{
	const unsigned char *chosen;
	unsigned len;

	SSL_get0_alpn_selected(tls->ssl, &chosen, &len);
	return len == strlen(tls->alpn) && memcmp(chosen, tls->alpn, len) == 0;
}

static enum prac_status shake_hands(struct prac_tls *tls)
{
	int result;

	ERR_clear_error(); /* SSL_get_error looks at what others left there */
	result = SSL_do_handshake(tls->ssl);
	if (result != 1) {
		return settle(tls, result);
	}
	if (!is_alpn_right(tls)) {
		(void)snprintf(tls->why, sizeof(tls->why), "the other side wants another service");
		return fail(tls, PRAC_UNIMPLEMENTED);
	}
	tls->state = PRAC_TLS_OPEN;
	return PRAC_OK;
}

static enum prac_status read_plain(struct prac_tls *tls)
{
	int result;

	while (true) {
		ERR_clear_error();
		result = SSL_read(tls->ssl, prac_buf_reserve(&tls->plain, RECORD_MAX), RECORD_MAX);
		if (result <= 0) {
			return settle(tls, result);
		}
		prac_buf_commit(&tls->plain, (size_t)result);
	}
}

static enum prac_status start(
	struct prac_tls *tls, const struct prac_tls_ctx *ctx, const char *host)
{
	tls->ssl = SSL_new(ctx->ssl_ctx);
	if (tls->ssl == NULL || !attach_bio(tls)) {
		ERR_clear_error();
		return PRAC_RESOURCE_EXHAUSTED;
	}
	SSL_set_msg_callback(tls->ssl, on_message);
	SSL_set_msg_callback_arg(tls->ssl, tls);
	if (ctx->is_server) {
		SSL_set_accept_state(tls->ssl);
		return PRAC_OK;
	}
	SSL_set_connect_state(tls->ssl);
	if (host == NULL ? ctx->checks_host : expect_host(tls->ssl, host) != PRAC_OK) {
		return PRAC_INVALID_ARGUMENT;
	}
	return shake_hands(tls);
}

enum prac_status prac_tls_new(struct prac_tls_ctx *ctx, const char *host, struct prac_tls **tls_out)
{
	struct prac_tls *tls = calloc(1, sizeof(*tls));
	enum prac_status status = PRAC_RESOURCE_EXHAUSTED;

	if (tls != NULL) {
		tls->plain.is_secret = true; /* passwords come this way */
		tls->alpn = ctx->alpn;
		status = start(tls, ctx, host);
	}
	if (status != PRAC_OK) {
		prac_tls_free(tls);
		return status;
	}
	*tls_out = tls;
	return PRAC_OK;
}

void prac_tls_free(struct prac_tls *tls)
{
	if (tls == NULL) {
		return;
	}
	SSL_free(tls->ssl);
	prac_buf_deinit(&tls->plain);
	prac_buf_deinit(&tls->output);
	free(tls);
}

enum prac_status prac_tls_feed(struct prac_tls *tls, struct prac_bytes cipher)
{
	enum prac_status status = PRAC_OK;

	if (tls->state == PRAC_TLS_FAILED) {
		return tls->failure;
	}
	tls->in = cipher;
	if (tls->state == PRAC_TLS_HANDSHAKE) {
		status = shake_hands(tls);
	}
	if (tls->state == PRAC_TLS_OPEN) {
		status = read_plain(tls);
	}
	tls->in = (struct prac_bytes){ NULL, 0 };
	return status;
}

struct prac_buf *prac_tls_plain(struct prac_tls *tls)
{
	return &tls->plain;
}

struct prac_buf *prac_tls_output(struct prac_tls *tls)
{
	return &tls->output;
}

enum prac_status prac_tls_write(struct prac_tls *tls, struct prac_bytes plain)
{
	size_t written;
	int result;

	if (tls->state == PRAC_TLS_FAILED) {
		return tls->failure;
	}
	if (tls->state == PRAC_TLS_HANDSHAKE || tls->is_shut) {
		return PRAC_FAILED_PRECONDITION;
	}
	if (plain.len == 0) {
		return PRAC_OK;
	}
	ERR_clear_error();
	result = SSL_write_ex(tls->ssl, plain.data, plain.len, &written);
	if (result != 1) {
		return fail(tls, prac_tls_explain(tls->ssl, tls->why));
	}
	return PRAC_OK;
}

void prac_tls_shutdown(struct prac_tls *tls)
{
	if (tls->is_shut || tls->state == PRAC_TLS_HANDSHAKE || tls->state == PRAC_TLS_FAILED) {
		return;
	}
	tls->is_shut = true;
	ERR_clear_error();
	/* 0: sent, and the peer's has not come yet; failing to say goodbye changes nothing. */
	if (SSL_shutdown(tls->ssl) < 0) {
		ERR_clear_error();
	}
}

void prac_tls_idle(struct prac_tls *tls)
{
	prac_buf_release(&tls->plain);
	prac_buf_release(&tls->output);
}

size_t prac_tls_memory(const struct prac_tls *tls)
{
	return tls->plain.cap + tls->output.cap;
}

enum prac_tls_state prac_tls_state(const struct prac_tls *tls)
{
	return tls->state;
}

const char *prac_tls_why(const struct prac_tls *tls)
{
	return tls->why;
}

void prac_tls_peer(const struct prac_tls *tls, struct prac_tls_peer *peer_out)
{
	X509 *cert = SSL_get0_peer_certificate(tls->ssl);
	struct prac_cert_facts facts;

	*peer_out = (struct prac_tls_peer){ 0 };
	if (tls->state == PRAC_TLS_HANDSHAKE || tls->state == PRAC_TLS_FAILED || cert == NULL ||
		prac_x509_facts(cert, &facts) != PRAC_OK) {
		return;
	}
	*peer_out = (struct prac_tls_peer){
		.has_certificate = true,
		.has_device = facts.has_device,
		.device = facts.device,
		.spki = facts.spki,
		.not_after_s = facts.not_after_s,
	};
}

enum prac_status prac_tls_exporter(
	const struct prac_tls *tls, uint8_t exporter_out[PRAC_TLS_EXPORTER])
{
	static const char label[] = "EXPORTER-Channel-Binding";

	if (tls->state == PRAC_TLS_HANDSHAKE || tls->state == PRAC_TLS_FAILED ||
		SSL_export_keying_material(tls->ssl, exporter_out, PRAC_TLS_EXPORTER, label,
			sizeof(label) - 1, NULL, 0, 0) != 1) {
		ERR_clear_error();
		return PRAC_FAILED_PRECONDITION;
	}
	return PRAC_OK;
}

unsigned prac_tls_key_updates(const struct prac_tls *tls)
{
	return tls->n_key_updates;
}
