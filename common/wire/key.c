#include "common/wire/key.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire/x509.h"

enum {
	CSR_MAX = 4096,     /* bytes; ours have about 200 */
	SIGNATURE_MAX = 128 /* bytes; of P-256 at most 72 */
};

BIO *prac_x509_bio(struct prac_bytes bytes)
{
	if (bytes.len > INT_MAX) {
		return NULL;
	}
	return BIO_new_mem_buf(bytes.len == 0 ? (const void *)"" : bytes.data, (int)bytes.len);
}

EVP_PKEY *prac_x509_key(struct prac_bytes pem)
{
	BIO *bio = prac_x509_bio(pem);
	EVP_PKEY *key = NULL;

	if (bio != NULL) {
		/* Without a password given OpenSSL would ask for one on the terminal. */
		key = PEM_read_bio_PrivateKey(bio, NULL, NULL, "");
	}
	(void)BIO_free(bio); /* read-only memory has nothing to lose */
	ERR_clear_error();
	return key;
}

struct prac_bytes prac_x509_collected(BIO *bio, struct prac_arena *arena)
{
	char *data = NULL;
	long len = BIO_get_mem_data(bio, &data);

	return prac_arena_copy(arena, (struct prac_bytes){ (uint8_t *)data, (size_t)len });
}

bool prac_x509_is_p256(const EVP_PKEY *key)
{
	char group[32];

	return EVP_PKEY_is_a(key, "EC") &&
	       EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
	       strcmp(group, "prime256v1") == 0;
}

/* Takes the EVP key, also when it fails. */
static enum prac_status wrap(EVP_PKEY *pkey, struct prac_key **key_out)
{
	struct prac_key *key = malloc(sizeof(*key));

	if (key == NULL) {
		EVP_PKEY_free(pkey);
		return PRAC_RESOURCE_EXHAUSTED;
	}
	key->pkey = pkey;
	*key_out = key;
	return PRAC_OK;
}

enum prac_status prac_key_new(struct prac_key **key_out)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");

	ERR_clear_error();
	return pkey == NULL ? PRAC_RESOURCE_EXHAUSTED : wrap(pkey, key_out);
}

enum prac_status prac_key_from_pem(struct prac_bytes pem, struct prac_key **key_out)
{
	EVP_PKEY *pkey = prac_x509_key(pem);

	if (pkey == NULL || !prac_x509_is_p256(pkey)) {
		EVP_PKEY_free(pkey);
		return PRAC_INVALID_ARGUMENT;
	}
	return wrap(pkey, key_out);
}

void prac_key_free(struct prac_key *key)
{
	if (key != NULL) {
		EVP_PKEY_free(key->pkey); /* clears the private number */
		free(key);
	}
}

enum prac_status prac_key_to_pem(const struct prac_key *key, struct prac_buf *pem_out)
{
	BIO *bio = BIO_new(BIO_s_mem());
	enum prac_status status = PRAC_RESOURCE_EXHAUSTED;
	char *data = NULL;

	if (bio != NULL &&
		PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL) == 1) {
		long len = BIO_get_mem_data(bio, &data);

		prac_buf_append(pem_out, data, (size_t)len);
		status = PRAC_OK;
	}
	(void)BIO_free(bio); /* clears what it collected */
	ERR_clear_error();
	return status;
}

void prac_wipe(struct prac_buf *secret)
{
	if (secret->data != NULL) {
		OPENSSL_cleanse(secret->data, secret->cap);
	}
	prac_buf_deinit(secret);
}

enum prac_status prac_key_spki(
	const struct prac_key *key, struct prac_arena *arena, struct prac_bytes *spki_out)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(key->pkey, &der);

	ERR_clear_error();
	if (len <= 0) {
		return PRAC_RESOURCE_EXHAUSTED;
	}
	*spki_out = prac_arena_copy(arena, (struct prac_bytes){ der, (size_t)len });
	OPENSSL_free(der);
	return PRAC_OK;
}

enum prac_status prac_csr_new(
	const struct prac_key *key, struct prac_arena *arena, struct prac_bytes *csr_out)
{
	X509_REQ *request = X509_REQ_new();
	unsigned char *der = NULL;
	int len = -1;

	if (request != NULL && X509_REQ_set_pubkey(request, key->pkey) == 1 &&
		X509_REQ_sign(request, key->pkey, EVP_sha256()) > 0) {
		len = i2d_X509_REQ(request, &der);
	}
	X509_REQ_free(request);
	ERR_clear_error();
	if (len <= 0) {
		return PRAC_RESOURCE_EXHAUSTED;
	}
	*csr_out = prac_arena_copy(arena, (struct prac_bytes){ der, (size_t)len });
	OPENSSL_free(der);
	return PRAC_OK;
}

/* Type and curve before the signature, so that no other key costs us its arithmetic. */
static bool is_request_good(X509_REQ *request)
{
	EVP_PKEY *pkey = X509_REQ_get0_pubkey(request);

	return pkey != NULL && prac_x509_is_p256(pkey) &&
	       X509_REQ_get_signature_nid(request) == NID_ecdsa_with_SHA256 &&
	       X509_REQ_verify(request, pkey) == 1;
}

enum prac_status prac_csr_check(
	struct prac_bytes csr, struct prac_arena *arena, struct prac_bytes *spki_out)
{
	const unsigned char *at = csr.data;
	enum prac_status status = PRAC_INVALID_ARGUMENT;
	X509_REQ *request = NULL;

	if (csr.len == 0 || csr.len > CSR_MAX) {
		return PRAC_INVALID_ARGUMENT;
	}
	request = d2i_X509_REQ(NULL, &at, (long)csr.len);
	if (request != NULL && at == csr.data + csr.len && is_request_good(request)) {
		struct prac_key key = { X509_REQ_get0_pubkey(request) };

		status = prac_key_spki(&key, arena, spki_out);
	}
	X509_REQ_free(request);
	ERR_clear_error();
	return status;
}

enum prac_status prac_key_sign(const struct prac_key *key, const char *purpose,
	struct prac_bytes message, struct prac_arena *arena, struct prac_bytes *signature_out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char signature[SIGNATURE_MAX];
	size_t len = sizeof(signature);
	enum prac_status status = PRAC_RESOURCE_EXHAUSTED;

	if (ctx != NULL && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key->pkey) == 1 &&
		EVP_DigestSignUpdate(ctx, purpose, strlen(purpose) + 1) == 1 &&
		EVP_DigestSignUpdate(ctx, message.data, message.len) == 1 &&
		EVP_DigestSignFinal(ctx, signature, &len) == 1) {
		*signature_out = prac_arena_copy(arena, (struct prac_bytes){ signature, len });
		status = PRAC_OK;
	}
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return status;
}
