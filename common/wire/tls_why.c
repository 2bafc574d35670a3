#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>

#include "common/base/macros.h"
#include "common/wire/x509.h"

struct row {
	long code;
	enum prac_status status;
	const char *sentence;
};

static const struct row unverified[] = {
	{ X509_V_ERR_CERT_HAS_EXPIRED, PRAC_UNAUTHENTICATED,
		"the certificate of the other side has expired" },
	{ X509_V_ERR_CERT_NOT_YET_VALID, PRAC_UNAUTHENTICATED,
		"the certificate of the other side is not valid yet; is the clock right?" },
	{ X509_V_ERR_HOSTNAME_MISMATCH, PRAC_UNAUTHENTICATED,
		"the certificate of the server is for another name" },
	{ X509_V_ERR_IP_ADDRESS_MISMATCH, PRAC_UNAUTHENTICATED,
		"the certificate of the server is for another address" },
	{ X509_V_ERR_INVALID_PURPOSE, PRAC_UNAUTHENTICATED,
		"the certificate of the other side is for another purpose" },
	{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, PRAC_UNAUTHENTICATED,
		"the certificate of the other side is not from the district's authority" },
	{ X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, PRAC_UNAUTHENTICATED,
		"the certificate of the other side is not from the district's authority" },
	{ X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, PRAC_UNAUTHENTICATED,
		"the certificate of the other side is not from the district's authority" },
	{ X509_V_ERR_CERT_SIGNATURE_FAILURE, PRAC_UNAUTHENTICATED,
		"the certificate of the other side is not from the district's authority" },
};

/* Reasons with ALERT are what the other side told us; the others are our own findings. */
static const struct row reasons[] = {
	{ SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, PRAC_UNAUTHENTICATED,
		"the client shows no certificate" },
	{ SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, PRAC_UNAUTHENTICATED,
		"the server asks for a device certificate" },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, PRAC_UNAUTHENTICATED,
		"the other side says that our certificate has expired" },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, PRAC_UNAUTHENTICATED,
		"the other side says that our certificate was revoked" },
	{ SSL_R_TLSV1_ALERT_UNKNOWN_CA, PRAC_UNAUTHENTICATED,
		"the other side does not know the authority of our certificate" },
	{ SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, PRAC_UNAUTHENTICATED,
		"the other side does not accept our certificate" },
	{ SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, PRAC_UNAUTHENTICATED,
		"the other side does not accept our certificate" },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, PRAC_UNAUTHENTICATED,
		"the other side does not accept our certificate" },
	{ SSL_R_UNSUPPORTED_PROTOCOL, PRAC_UNIMPLEMENTED, "the other side has no TLS 1.3" },
	{ SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, PRAC_UNIMPLEMENTED, "the other side has no TLS 1.3" },
	{ SSL_R_NO_APPLICATION_PROTOCOL, PRAC_UNIMPLEMENTED,
		"the other side wants another service" },
	{ SSL_AD_REASON_OFFSET + SSL_AD_NO_APPLICATION_PROTOCOL, PRAC_UNIMPLEMENTED,
		"the other side offers another service" },
	{ SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, PRAC_DATA_LOSS,
		"bytes were changed on the way" },
	{ SSL_R_SSLV3_ALERT_BAD_RECORD_MAC, PRAC_DATA_LOSS, "bytes were changed on the way" },
	{ ERR_R_MALLOC_FAILURE, PRAC_RESOURCE_EXHAUSTED, "out of memory" },
};

static const struct row *find(const struct row *rows, size_t n_rows, long code)
{
	for (size_t i = 0; i < n_rows; i++) {
		if (rows[i].code == code) {
			return &rows[i];
		}
	}
	return NULL;
}

enum prac_status prac_tls_explain(SSL *ssl, char why_out[PRAC_TLS_WHY])
{
	unsigned long error = ERR_peek_error(); /* the first one is the cause */
	int reason = ERR_GET_REASON(error);
	struct row row = { 0, PRAC_INVALID_ARGUMENT, "the other side does not keep to TLS" };
	const struct row *found;

	if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
		row = (struct row){ 0, PRAC_UNAUTHENTICATED,
			"the certificate of the other side is not valid" };
		found = find(unverified, PRAC_NELEM(unverified), SSL_get_verify_result(ssl));
	} else {
		found = find(reasons, PRAC_NELEM(reasons), reason);
	}
	ERR_clear_error();
	if (found != NULL) {
		row = *found;
	}
	(void)snprintf(why_out, PRAC_TLS_WHY, "%s", row.sentence); /* they are all shorter */
	return row.status;
}
