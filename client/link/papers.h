/*
 * The certificate, key and authorities of this device: read from the folder for a connection, and
 * replaced there when the server gives new ones. Each file is replaced whole, so that at any moment
 * the folder holds a certificate that its key belongs to.
 */
#pragma once

#include "client/link/session.h"
#include "common/wire/cert.h"
#include "common/wire/tls.h"

enum {
	PAPERS_MAX = 64 * 1024 /* bytes of a file */
};

struct papers {
	const char *folder;
	struct prac_tls_ctx *tls; /* for the next connection */
	struct prac_buf certificate, authorities;
	struct prac_cert_facts facts; /* of the certificate */
	int64_t renew_at_ms;          /* 0: at once */
	bool is_stale;                /* the folder has newer ones than tls */
};

/*
 * folder is borrowed as long as papers. PRAC_FAILED_PRECONDITION: one is missing or does not fit;
 * why_out says it to a person. Anew for each connection; what was there before is given back.
 */
enum prac_status papers_load(
	struct papers *papers, const char *folder, char why_out[PRAC_TLS_WHY]) PRAC_MUST_USE;
void papers_deinit(struct papers *papers);

/* As the session wants them. */
struct session_papers papers_of_session(struct papers *papers);
