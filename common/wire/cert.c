#include "common/wire/cert.h"

#include <ctype.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/wire/x509.h"

enum {
	SERIAL_BYTES = 16,
	DAY_S = 86400,
	CLOCK_SKEW_S = 300,
	NAME_MAX_LEN = 253 /* of a host, RFC 1035 */
};

static const char urn_prefix[] = "urn:practicum:device:";

struct prac_ca {
	X509 *cert;
	struct prac_key key;
};

/* What a certificate is to say, in OpenSSL's words for extensions. */
struct profile {
	const char *name; /* common name of the subject; no rule depends on it */
	const char *constraints;
	const char *usage;
	const char *extended_usage; /* NULL: none */
	const char *alt_names;      /* NULL: none */
};

STACK_OF(X509) * prac_x509_certs(struct prac_bytes pem)
{
	BIO *bio = prac_x509_bio(pem);
	STACK_OF(X509) *certs = sk_X509_new_null();
	X509 *cert = NULL;

	while (bio != NULL && certs != NULL &&
		(cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		if (sk_X509_push(certs, cert) == 0) {
			X509_free(cert);
			break;
		}
	}
	(void)BIO_free(bio); /* read-only memory has nothing to lose */
	/* The end of the text is reported as a missing start line; everything else is a fault. */
	if (certs != NULL && (sk_X509_num(certs) == 0 || ERR_GET_REASON(ERR_peek_last_error()) !=
								 PEM_R_NO_START_LINE)) {
		sk_X509_pop_free(certs, X509_free);
		certs = NULL;
	}
	ERR_clear_error();
	return certs;
}

X509 *prac_x509_first(struct prac_bytes pem)
{
	STACK_OF(X509) *certs = prac_x509_certs(pem);
	X509 *cert = certs == NULL ? NULL : sk_X509_shift(certs);

	sk_X509_pop_free(certs, X509_free);
	return cert;
}

static bool add_extension(X509 *cert, X509V3_CTX *ctx, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
	bool added = extension != NULL && X509_add_ext(cert, extension, -1) == 1;

	X509_EXTENSION_free(extension);
	return added;
}

static bool add_extensions(X509 *cert, X509 *issuer, const struct profile *profile)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	return add_extension(cert, &ctx, NID_basic_constraints, profile->constraints) &&
	       add_extension(cert, &ctx, NID_key_usage, profile->usage) &&
	       (profile->extended_usage == NULL ||
		       add_extension(cert, &ctx, NID_ext_key_usage, profile->extended_usage)) &&
	       add_extension(cert, &ctx, NID_subject_key_identifier, "hash") &&
	       add_extension(cert, &ctx, NID_authority_key_identifier, "keyid:always") &&
	       (profile->alt_names == NULL ||
		       add_extension(cert, &ctx, NID_subject_alt_name, profile->alt_names));
}

static bool set_serial(X509 *cert)
{
	unsigned char bytes[SERIAL_BYTES];
	BIGNUM *number = NULL;
	bool set = false;

	if (RAND_bytes(bytes, sizeof(bytes)) == 1) {
		bytes[0] = (unsigned char)((bytes[0] & 0x7f) | 0x40); /* positive, full length */
		number = BN_bin2bn(bytes, sizeof(bytes), NULL);
		set = number != NULL &&
		      BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
	}
	BN_free(number);
	return set;
}

static bool set_term(X509 *cert, const struct prac_cert_order *order)
{
	time_t from = (time_t)(order->now_s - CLOCK_SKEW_S);
	time_t until = (time_t)(order->now_s + (int64_t)order->days * DAY_S);

	return ASN1_TIME_set(X509_getm_notBefore(cert), from) != NULL &&
	       ASN1_TIME_set(X509_getm_notAfter(cert), until) != NULL;
}

static bool set_subject(X509 *cert, const char *name)
{
	return X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
		       (const unsigned char *)name, -1, -1, 0) == 1;
}

/* A certificate without issuer and signature; NULL without memory. */
static X509 *draft(EVP_PKEY *subject, const char *name, const struct prac_cert_order *order)
{
	X509 *cert = X509_new();

	if (cert != NULL && X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
		set_term(cert, order) && set_subject(cert, name) &&
		X509_set_pubkey(cert, subject) == 1) {
		return cert;
	}
	X509_free(cert);
	return NULL;
}

/* issuer is cert itself for an authority. */
static bool sign(X509 *cert, X509 *issuer, EVP_PKEY *key, const struct profile *profile)
{
	return X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1 &&
	       add_extensions(cert, issuer, profile) && X509_sign(cert, key, EVP_sha256()) > 0;
}

/* Takes certificate and key, also when it fails. */
static enum prac_status ca_wrap(X509 *cert, EVP_PKEY *pkey, struct prac_ca **ca_out)
{
	struct prac_ca *ca = malloc(sizeof(*ca));

	ERR_clear_error();
	if (ca == NULL) {
		X509_free(cert);
		EVP_PKEY_free(pkey);
		return PRAC_RESOURCE_EXHAUSTED;
	}
	*ca = (struct prac_ca){ cert, { pkey } };
	*ca_out = ca;
	return PRAC_OK;
}

static const struct profile authority_profile = {
	.constraints = "critical,CA:TRUE,pathlen:0",
	.usage = "critical,keyCertSign,cRLSign",
};

enum prac_status prac_ca_new(const char *name, int64_t now_s, struct prac_ca **ca_out)
{
	const struct prac_cert_order order = { { NULL, 0 }, now_s, PRAC_CERT_CA_DAYS };
	EVP_PKEY *pkey = EVP_EC_gen("P-256");
	X509 *cert = pkey == NULL ? NULL : draft(pkey, name, &order);

	if (cert == NULL || !sign(cert, cert, pkey, &authority_profile)) {
		X509_free(cert);
		EVP_PKEY_free(pkey);
		ERR_clear_error();
		return PRAC_RESOURCE_EXHAUSTED;
	}
	return ca_wrap(cert, pkey, ca_out);
}

enum prac_status prac_ca_from_pem(
	struct prac_bytes cert_pem, struct prac_bytes key_pem, struct prac_ca **ca_out)
{
	X509 *cert = prac_x509_first(cert_pem);
	EVP_PKEY *pkey = prac_x509_key(key_pem);

	if (cert == NULL || pkey == NULL || !prac_x509_is_p256(pkey) || X509_check_ca(cert) != 1 ||
		X509_check_private_key(cert, pkey) != 1) {
		X509_free(cert);
		EVP_PKEY_free(pkey);
		ERR_clear_error();
		return PRAC_INVALID_ARGUMENT;
	}
	return ca_wrap(cert, pkey, ca_out);
}

void prac_ca_free(struct prac_ca *ca)
{
	if (ca != NULL) {
		X509_free(ca->cert);
		EVP_PKEY_free(ca->key.pkey);
		free(ca);
	}
}

static enum prac_status cert_to_pem(
	X509 *cert, struct prac_arena *arena, struct prac_bytes *pem_out)
{
	BIO *bio = BIO_new(BIO_s_mem());
	enum prac_status status = PRAC_RESOURCE_EXHAUSTED;

	if (bio != NULL && PEM_write_bio_X509(bio, cert) == 1) {
		*pem_out = prac_x509_collected(bio, arena);
		status = PRAC_OK;
	}
	(void)BIO_free(bio); /* memory only */
	ERR_clear_error();
	return status;
}

struct prac_bytes prac_cert_nth(struct prac_bytes pem, int n, struct prac_arena *arena)
{
	STACK_OF(X509) *certs = prac_x509_certs(pem);
	X509 *cert = n < sk_X509_num(certs) ? sk_X509_value(certs, n) : NULL;
	struct prac_bytes one = { NULL, 0 };

	if (cert == NULL || cert_to_pem(cert, arena, &one) != PRAC_OK) {
		one.len = 0;
	}
	sk_X509_pop_free(certs, X509_free);
	return one;
}

enum prac_status prac_ca_cert(
	const struct prac_ca *ca, struct prac_arena *arena, struct prac_bytes *pem_out)
{
	return cert_to_pem(ca->cert, arena, pem_out);
}

const struct prac_key *prac_ca_key(const struct prac_ca *ca)
{
	return &ca->key;
}

static enum prac_status issue(const struct prac_ca *ca, const struct prac_cert_order *order,
	const struct profile *profile, struct prac_arena *arena, struct prac_bytes *pem_out)
{
	const unsigned char *at = order->spki.data;
	EVP_PKEY *subject = d2i_PUBKEY(NULL, &at, (long)order->spki.len);
	enum prac_status status = PRAC_RESOURCE_EXHAUSTED;
	X509 *cert = NULL;

	if (subject == NULL || !prac_x509_is_p256(subject)) {
		status = PRAC_INVALID_ARGUMENT;
		goto out;
	}
	cert = draft(subject, profile->name, order);
	if (cert != NULL && sign(cert, ca->cert, ca->key.pkey, profile)) {
		status = cert_to_pem(cert, arena, pem_out);
	}
out:
	X509_free(cert);
	EVP_PKEY_free(subject);
	ERR_clear_error();
	return status;
}

enum prac_status prac_ca_issue_device(const struct prac_ca *ca, const struct prac_cert_order *order,
	const struct prac_id *device, struct prac_arena *arena, struct prac_bytes *pem_out)
{
	char id[PRAC_ID_TEXT];
	struct profile profile = {
		.name = id,
		.constraints = "critical,CA:FALSE",
		.usage = "critical,digitalSignature",
		.extended_usage = "clientAuth",
	};

	prac_id_format(device, id);
	profile.alt_names = prac_arena_printf(arena, "URI:%s%s", urn_prefix, id);
	return issue(ca, order, &profile, arena, pem_out);
}

/* A host name or an address: OpenSSL would read other characters as more or other names. */
static bool is_name(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)name[i]) && strchr("-.:", name[i]) == NULL) {
			return false;
		}
	}
	return len > 0 && len <= NAME_MAX_LEN && name[0] != '.' && name[0] != '-';
}

/* "DNS:a,IP:1.2.3.4"; NULL if one of the names is none. */
static const char *alt_names(const char *names, struct prac_arena *arena)
{
	const char *all = "";

	while (true) {
		size_t len = strcspn(names, ",");
		ASN1_OCTET_STRING *address;
		char *name;

		if (!is_name(names, len)) {
			return NULL;
		}
		name = prac_arena_text(arena, (struct prac_bytes){ (const uint8_t *)names, len });
		address = a2i_IPADDRESS(name);
		if (address == NULL && strchr(name, ':') != NULL) {
			return NULL;
		}
		all = prac_arena_printf(arena, "%s%s%s:%s", all, *all == '\0' ? "" : ",",
			address == NULL ? "DNS" : "IP", name);
		ASN1_OCTET_STRING_free(address);
		if (names[len] == '\0') {
			return all;
		}
		names += len + 1;
	}
}

enum prac_status prac_ca_issue_server(const struct prac_ca *ca, const struct prac_cert_order *order,
	const char *names, struct prac_arena *arena, struct prac_bytes *pem_out)
{
	struct profile profile = {
		.name = "practicum server",
		.constraints = "critical,CA:FALSE",
		.usage = "critical,digitalSignature",
		.extended_usage = "serverAuth",
		.alt_names = alt_names(names, arena),
	};

	if (profile.alt_names == NULL) {
		ERR_clear_error();
		return PRAC_INVALID_ARGUMENT;
	}
	return issue(ca, order, &profile, arena, pem_out);
}

static bool time_of(const ASN1_TIME *time, int64_t *seconds_out)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(time, &tm) != 1) {
		return false;
	}
	*seconds_out = (int64_t)timegm(&tm);
	return true;
}

/* False unless the name is ours; bytes after the id would be somebody's attempt. */
static bool device_of(const GENERAL_NAME *name, struct prac_id *device_out)
{
	const size_t prefix = sizeof(urn_prefix) - 1;
	char id[PRAC_ID_TEXT];
	const unsigned char *text;

	if (name->type != GEN_URI) {
		return false;
	}
	text = ASN1_STRING_get0_data(name->d.uniformResourceIdentifier);
	if ((size_t)ASN1_STRING_length(name->d.uniformResourceIdentifier) !=
			prefix + sizeof(id) - 1 ||
		memcmp(text, urn_prefix, prefix) != 0) {
		return false;
	}
	memcpy(id, text + prefix, sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	return prac_id_parse(id, device_out) == PRAC_OK;
}

/* A certificate that names two devices names none. */
static void find_device(X509 *cert, struct prac_cert_facts *facts)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	int n_devices = 0;

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		if (device_of(sk_GENERAL_NAME_value(names, i), &facts->device)) {
			n_devices++;
		}
	}
	facts->has_device = n_devices == 1;
	GENERAL_NAMES_free(names);
}

enum prac_status prac_x509_facts(X509 *cert, struct prac_cert_facts *facts_out)
{
	struct prac_cert_facts facts = { .is_ca = X509_check_ca(cert) == 1 };
	unsigned char *spki = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &spki);

	if (len > 0) {
		facts.spki = prac_sha256((struct prac_bytes){ spki, (size_t)len });
	}
	OPENSSL_free(spki);
	find_device(cert, &facts);
	ERR_clear_error();
	if (len <= 0 || !time_of(X509_get0_notBefore(cert), &facts.not_before_s) ||
		!time_of(X509_get0_notAfter(cert), &facts.not_after_s)) {
		return PRAC_INVALID_ARGUMENT;
	}
	*facts_out = facts;
	return PRAC_OK;
}

enum prac_status prac_cert_read(struct prac_bytes pem, struct prac_cert_facts *facts_out)
{
	X509 *cert = prac_x509_first(pem);
	enum prac_status status =
		cert == NULL ? PRAC_INVALID_ARGUMENT : prac_x509_facts(cert, facts_out);

	X509_free(cert);
	return status;
}

int64_t prac_cert_renew_at_s(const struct prac_cert_facts *facts)
{
	int64_t life_s = facts->not_after_s - facts->not_before_s;

	return facts->not_before_s + life_s * 2 / 3 + life_s / 12 * facts->spki.b[0] / 256;
}

/*
 * Both authorities have one name, so the certificate counts as self-issued and the length of path that
 * they allow, 0, does not shut it out (RFC 5280, 6.1.4).
 */
enum prac_status prac_ca_cross(const struct prac_ca *ca, struct prac_bytes other, int64_t now_s,
	struct prac_arena *arena, struct prac_bytes *pem_out)
{
	const struct prac_cert_order order = { { NULL, 0 }, now_s, PRAC_CERT_CA_DAYS };
	X509 *authority = prac_x509_first(other);
	EVP_PKEY *key = authority == NULL ? NULL : X509_get0_pubkey(authority);
	enum prac_status status = PRAC_RESOURCE_EXHAUSTED;
	X509 *cert = NULL;

	if (key == NULL || X509_check_ca(authority) != 1 || !prac_x509_is_p256(key) ||
		X509_NAME_cmp(X509_get_subject_name(authority), X509_get_subject_name(ca->cert)) !=
			0) {
		status = PRAC_INVALID_ARGUMENT;
		goto out;
	}
	cert = draft(key, "cross", &order);
	if (cert != NULL && X509_set_subject_name(cert, X509_get_subject_name(authority)) == 1 &&
		sign(cert, ca->cert, ca->key.pkey, &authority_profile)) {
		status = cert_to_pem(cert, arena, pem_out);
	}
out:
	X509_free(cert);
	X509_free(authority);
	ERR_clear_error();
	return status;
}

enum prac_status prac_ca_renew_device(const struct prac_ca *ca,
	const struct prac_cert_renewal *renewal, struct prac_arena *arena,
	struct prac_bytes *pem_out)
{
	struct prac_cert_order order = { .now_s = renewal->now_s, .days = renewal->days };
	X509 *cert = prac_x509_first(renewal->certificate);
	struct prac_cert_facts facts = { 0 };
	enum prac_status status = PRAC_PERMISSION_DENIED;
	unsigned char *spki = NULL;
	int len = -1;

	if (cert != NULL && prac_x509_facts(cert, &facts) == PRAC_OK && facts.has_device &&
		!facts.is_ca &&
		facts.not_after_s + (int64_t)renewal->grace_days * DAY_S >= renewal->now_s &&
		prac_x509_is_issued(cert, renewal->authorities)) {
		len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &spki);
	}
	if (len > 0) {
		order.spki = (struct prac_bytes){ spki, (size_t)len };
		status = prac_ca_issue_device(ca, &order, &facts.device, arena, pem_out);
	}
	OPENSSL_free(spki);
	X509_free(cert);
	ERR_clear_error();
	return status;
}
