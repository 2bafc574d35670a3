/* What the files of this folder that know OpenSSL tell each other; nobody else includes it. */
#pragma once

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdbool.h>

#include "common/base/bytes.h"
#include "common/wire/cert.h"
#include "common/wire/key.h"
#include "common/wire/tls.h"

struct prac_key {
	EVP_PKEY *pkey;
};

/* A read-only BIO over borrowed bytes; NULL without memory or for more than INT_MAX bytes. */
BIO *prac_x509_bio(struct prac_bytes bytes);

/* The private key in PEM, NULL if there is none that needs no password. */
EVP_PKEY *prac_x509_key(struct prac_bytes pem);

/* All certificates in PEM, in order; NULL if there is none or one cannot be read. */
STACK_OF(X509) * prac_x509_certs(struct prac_bytes pem);

/* The first of them; NULL if the text holds none. The caller frees it. */
X509 *prac_x509_first(struct prac_bytes pem);

/* Whether one of the authorities (PEM) issued it, by name and signature; the days are the caller's to judge. */
bool prac_x509_is_issued(X509 *cert, struct prac_bytes authorities);

/* The bytes a BIO has collected, copied into the arena. */
struct prac_bytes prac_x509_collected(BIO *bio, struct prac_arena *arena);

bool prac_x509_is_p256(const EVP_PKEY *key);

enum prac_status prac_x509_facts(X509 *cert, struct prac_cert_facts *facts_out) PRAC_MUST_USE;

struct prac_tls_ctx {
	SSL_CTX *ssl_ctx;
	const char *alpn;
	bool is_server;
	bool checks_host; /* the server's certificate must bear the name we asked for */
};

/* Why OpenSSL's last call on ssl failed; empties its error queue. */
enum prac_status prac_tls_explain(SSL *ssl, char why_out[PRAC_TLS_WHY]);
