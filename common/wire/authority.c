/* Who issued what: certificates of authorities beside each other, and signatures under them. */
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "common/wire/x509.h"

/* By name and signature; the days are the caller's to judge. */
static bool is_issued_by(X509 *cert, X509 *authority)
{
	EVP_PKEY *key = X509_get0_pubkey(authority);

	return X509_check_ca(authority) == 1 && key != NULL &&
	       X509_check_issued(authority, cert) == X509_V_OK && X509_verify(cert, key) == 1;
}

bool prac_cert_is_of_first(struct prac_bytes pem, struct prac_bytes authorities)
{
	X509 *cert = prac_x509_first(pem);
	X509 *authority = prac_x509_first(authorities);
	bool is_of = cert != NULL && authority != NULL && is_issued_by(cert, authority);

	X509_free(cert);
	X509_free(authority);
	ERR_clear_error();
	return is_of;
}

/* The same name and key: as authorities for whoever checks a certificate below them. */
static bool is_same_authority(X509 *a, X509 *b)
{
	EVP_PKEY *key = X509_get0_pubkey(a);

	return X509_NAME_cmp(X509_get_subject_name(a), X509_get_subject_name(b)) == 0 &&
	       key != NULL && X509_get0_pubkey(b) != NULL &&
	       EVP_PKEY_eq(key, X509_get0_pubkey(b)) == 1;
}

/* Whether one of the cross certificates says of the authority that ours vouches for it. */
static bool is_vouched_for(X509 *authority, X509 *ours, STACK_OF(X509) * crosses)
{
	bool is_vouched = is_same_authority(authority, ours);

	for (int i = 0; !is_vouched && i < sk_X509_num(crosses); i++) {
		X509 *cross = sk_X509_value(crosses, i);

		is_vouched = is_same_authority(authority, cross) && is_issued_by(cross, ours);
	}
	return is_vouched;
}

static bool is_proven(X509 *authority, STACK_OF(X509) * have, STACK_OF(X509) * crosses)
{
	bool is_vouched = false;

	for (int i = 0; !is_vouched && i < sk_X509_num(have); i++) {
		is_vouched = is_vouched_for(authority, sk_X509_value(have, i), crosses);
	}
	return is_vouched;
}

bool prac_authorities_are_proven(
	struct prac_bytes have, struct prac_bytes offered, struct prac_bytes crosses)
{
	STACK_OF(X509) *ours = prac_x509_certs(have);
	STACK_OF(X509) *all = prac_x509_certs(offered);
	STACK_OF(X509) *proofs = prac_x509_certs(crosses);
	bool is_good = ours != NULL && all != NULL;

	for (int i = 0; is_good && i < sk_X509_num(all); i++) {
		is_good = X509_check_ca(sk_X509_value(all, i)) == 1 &&
			  is_proven(sk_X509_value(all, i), ours, proofs);
	}
	sk_X509_pop_free(ours, X509_free);
	sk_X509_pop_free(all, X509_free);
	sk_X509_pop_free(proofs, X509_free);
	ERR_clear_error();
	return is_good;
}

bool prac_x509_is_issued(X509 *cert, struct prac_bytes authorities)
{
	STACK_OF(X509) *all = prac_x509_certs(authorities);
	bool is_issued = false;

	for (int i = 0; !is_issued && i < sk_X509_num(all); i++) {
		is_issued = is_issued_by(cert, sk_X509_value(all, i));
	}
	sk_X509_pop_free(all, X509_free);
	ERR_clear_error();
	return is_issued;
}

static bool verifies(X509 *authority, const char *purpose, struct prac_bytes message,
	struct prac_bytes signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY *key = X509_get0_pubkey(authority);
	bool is_good = ctx != NULL && key != NULL &&
		       EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		       EVP_DigestVerifyUpdate(ctx, purpose, strlen(purpose) + 1) == 1 &&
		       EVP_DigestVerifyUpdate(ctx, message.data, message.len) == 1 &&
		       EVP_DigestVerifyFinal(ctx, signature.data, signature.len) == 1;

	EVP_MD_CTX_free(ctx);
	return is_good;
}

bool prac_cert_has_signed(struct prac_bytes authorities, const char *purpose,
	struct prac_bytes message, struct prac_bytes signature)
{
	STACK_OF(X509) *all = prac_x509_certs(authorities);
	bool is_good = false;

	for (int i = 0; !is_good && i < sk_X509_num(all); i++) {
		is_good = verifies(sk_X509_value(all, i), purpose, message, signature);
	}
	sk_X509_pop_free(all, X509_free);
	ERR_clear_error();
	return is_good;
}
