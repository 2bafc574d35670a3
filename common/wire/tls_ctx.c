#include <assert.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire/x509.h"

enum {
	CERT_LIST_MAX = 16 * 1024, /* bytes of certificates a peer may send */
	DEPTH = 1                  /* authorities between the peer's certificate and one we trust */
};

static const char suites[] = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
			     "TLS_AES_128_GCM_SHA256";

/* Length byte and name, as ALPN writes a list of one. */
static unsigned alpn_list(const char *alpn, unsigned char list[256])
{
	size_t len = strlen(alpn);

	assert(len > 0 && len < 255);
	list[0] = (unsigned char)len;
	for (size_t i = 0; i < len; i++) {
		list[1 + i] = (unsigned char)alpn[i];
	}
	return (unsigned)len + 1;
}

/* arg is the name, a literal, as connections may outlive the context they were made from. */
/* NOLINTNEXTLINE(readability-function-size): the parameters are those of OpenSSL's callback */
static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
	const unsigned char *in, unsigned in_len, void *arg)
{
	unsigned char list[256];
	unsigned char *chosen = NULL;
	unsigned len = alpn_list(arg, list);

	(void)ssl;
	if (SSL_select_next_proto(&chosen, out_len, in, in_len, list, len) !=
		OPENSSL_NPN_NEGOTIATED) {
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	}
	*out = chosen; /* points into in */
	return SSL_TLSEXT_ERR_OK;
}

/* A device that comes back after a summer renews with a certificate that has run out. */
static int allow_expired(int ok, X509_STORE_CTX *store)
{
	bool is_leaf = X509_STORE_CTX_get_error_depth(store) == 0;

	return ok || (is_leaf && X509_STORE_CTX_get_error(store) == X509_V_ERR_CERT_HAS_EXPIRED);
}

/*
 * A station whose clock is years behind goes on working: nothing is ordered by clocks (SYNC 4.8). It is no
 * weaker for it, since who is wrong about the time that way takes certificates that are over, too.
 */
static int allow_early(int ok, X509_STORE_CTX *store)
{
	return ok || X509_STORE_CTX_get_error(store) == X509_V_ERR_CERT_NOT_YET_VALID;
}

static bool limit_protocol(SSL_CTX *ctx)
{
	/* The last: what was read is not kept in OpenSSL's own buffer. */
	SSL_CTX_set_options(
		ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_CLEANSE_PLAINTEXT);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_max_cert_list(ctx, CERT_LIST_MAX);
	SSL_CTX_set_verify_depth(ctx, DEPTH);
	return SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1 &&
	       SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) == 1 &&
	       SSL_CTX_set_ciphersuites(ctx, suites) == 1 &&
	       SSL_CTX_set1_groups_list(ctx, "X25519:P-256") == 1 &&
	       SSL_CTX_set_num_tickets(ctx, 0) == 1 && SSL_CTX_set_max_early_data(ctx, 0) == 1;
}

static bool set_alpn(SSL_CTX *ctx, const struct prac_tls_settings *settings)
{
	unsigned char list[256];
	unsigned len = alpn_list(settings->alpn, list);

	if (settings->is_server) {
		SSL_CTX_set_alpn_select_cb(ctx, on_alpn, (void *)settings->alpn);
		return true;
	}
	return SSL_CTX_set_alpn_protos(ctx, list, len) == 0; /* this one returns 0 for success */
}

/* Returns what is wrong, NULL if nothing is. */
static const char *set_chain(SSL_CTX *ctx, const struct prac_tls_settings *settings)
{
	STACK_OF(X509) *chain = prac_x509_certs(settings->chain);
	EVP_PKEY *key = prac_x509_key(settings->key);
	const char *wrong = NULL;

	if (chain == NULL) {
		wrong = "the certificate is not PEM";
	} else if (key == NULL) {
		wrong = "the private key is not PEM, or is encrypted";
	} else if (SSL_CTX_use_certificate(ctx, sk_X509_value(chain, 0)) != 1) {
		wrong = "the certificate cannot be used for TLS";
	} else if (SSL_CTX_use_PrivateKey(ctx, key) != 1 || SSL_CTX_check_private_key(ctx) != 1) {
		wrong = "the private key does not belong to the certificate";
	}
	for (int i = 1; wrong == NULL && i < sk_X509_num(chain); i++) {
		if (SSL_CTX_add1_chain_cert(ctx, sk_X509_value(chain, i)) != 1) {
			wrong = "the chain of the certificate cannot be used";
		}
	}
	sk_X509_pop_free(chain, X509_free);
	EVP_PKEY_free(key);
	return wrong;
}

static const char *set_trust(SSL_CTX *ctx, struct prac_bytes pem)
{
	STACK_OF(X509) *trust = prac_x509_certs(pem);
	X509_STORE *store = SSL_CTX_get_cert_store(ctx);
	const char *wrong = trust == NULL ? "the authority's certificate is not PEM" : NULL;

	for (int i = 0; wrong == NULL && i < sk_X509_num(trust); i++) {
		if (X509_STORE_add_cert(store, sk_X509_value(trust, i)) != 1) {
			wrong = "the authority's certificate cannot be used";
		}
	}
	sk_X509_pop_free(trust, X509_free);
	return wrong;
}

static void set_check(SSL_CTX *ctx, const struct prac_tls_settings *settings)
{
	switch (settings->check) {
	case PRAC_TLS_REQUIRED:
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
			settings->is_server ? NULL : allow_early);
		break;
	case PRAC_TLS_REQUIRED_OR_EXPIRED:
		SSL_CTX_set_verify(
			ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, allow_expired);
		break;
	case PRAC_TLS_NOTHING:
		SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
		break;
	}
}

static const char *apply(SSL_CTX *ctx, const struct prac_tls_settings *settings)
{
	const char *wrong = NULL;

	if (!limit_protocol(ctx) || !set_alpn(ctx, settings)) {
		return "this OpenSSL cannot do what the protocol asks for";
	}
	if (settings->chain.len > 0 || settings->is_server) {
		wrong = set_chain(ctx, settings);
	}
	if (wrong == NULL && settings->check != PRAC_TLS_NOTHING) {
		wrong = set_trust(ctx, settings->trust);
	}
	set_check(ctx, settings);
	return wrong;
}

enum prac_status prac_tls_ctx_new(const struct prac_tls_settings *settings,
	struct prac_tls_ctx **ctx_out, char why_out[PRAC_TLS_WHY])
{
	struct prac_tls_ctx *ctx = calloc(1, sizeof(*ctx));
	const char *wrong = "out of memory";
	enum prac_status status = PRAC_RESOURCE_EXHAUSTED;

	why_out[0] = '\0';
	if (ctx == NULL) {
		goto out;
	}
	ctx->ssl_ctx = SSL_CTX_new(settings->is_server ? TLS_server_method() : TLS_client_method());
	if (ctx->ssl_ctx == NULL) {
		goto out;
	}
	ctx->alpn = settings->alpn;
	ctx->is_server = settings->is_server;
	ctx->checks_host = !settings->is_server && settings->check != PRAC_TLS_NOTHING;
	wrong = apply(ctx->ssl_ctx, settings);
	status = wrong == NULL ? PRAC_OK : PRAC_INVALID_ARGUMENT;
out:
	ERR_clear_error();
	if (status != PRAC_OK) {
		(void)snprintf(why_out, PRAC_TLS_WHY, "%s", wrong); /* they are all shorter */
		prac_tls_ctx_free(ctx);
		return status;
	}
	*ctx_out = ctx;
	return PRAC_OK;
}

void prac_tls_ctx_free(struct prac_tls_ctx *ctx)
{
	if (ctx != NULL) {
		SSL_CTX_free(ctx->ssl_ctx); /* counted: connections hold it too */
		free(ctx);
	}
}
