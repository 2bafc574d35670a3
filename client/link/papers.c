#include "client/link/papers.h"

#include <stdio.h>

#include "client/link/witness.h"
#include "client/replica/folder.h"
#include "common/base/failpoint.h"
#include "common/base/log.h"
#include "common/wire/cert.h"

void papers_deinit(struct papers *papers)
{
	prac_tls_ctx_free(papers->tls);
	prac_buf_deinit(&papers->certificate);
	prac_buf_deinit(&papers->authorities);
	*papers = (struct papers){ 0 };
}

/* A certificate of an authority that is on its way out is replaced at once. */
static void plan_renewal(struct papers *papers)
{
	bool is_of_present = prac_cert_is_of_first(
		prac_buf_bytes(&papers->certificate), prac_buf_bytes(&papers->authorities));

	papers->renew_at_ms = is_of_present ? prac_cert_renew_at_s(&papers->facts) * 1000 : 0;
}

enum prac_status papers_load(struct papers *papers, const char *folder, char why_out[PRAC_TLS_WHY])
{
	struct prac_tls_settings settings = { .check = PRAC_TLS_REQUIRED, .alpn = PRAC_TLS_ALPN };
	struct prac_buf key = { 0 };
	enum prac_status status;

	papers_deinit(papers);
	papers->folder = folder;
	(void)snprintf(why_out, PRAC_TLS_WHY,
		"the certificate of this device is missing; enroll with a new code");
	status = folder_read(folder, FOLDER_CERTIFICATE, PAPERS_MAX, &papers->certificate);
	if (status == PRAC_OK) {
		status = folder_read(folder, FOLDER_KEY, PAPERS_MAX, &key);
	}
	if (status == PRAC_OK) {
		status = folder_read(folder, FOLDER_CA, PAPERS_MAX, &papers->authorities);
	}
	if (status == PRAC_OK) {
		status = prac_cert_read(prac_buf_bytes(&papers->certificate), &papers->facts);
	}
	if (status == PRAC_OK) {
		plan_renewal(papers);
		settings.chain = prac_buf_bytes(&papers->certificate);
		settings.key = prac_buf_bytes(&key);
		settings.trust = prac_buf_bytes(&papers->authorities);
		status = prac_tls_ctx_new(&settings, &papers->tls, why_out);
	}
	prac_wipe(&key);
	prac_buf_deinit(&key);
	return status == PRAC_OK ? PRAC_OK : PRAC_FAILED_PRECONDITION;
}

/* A server that was taken over must not talk a station into another device, or out of its key. */
static const char *take(void *ctx, struct prac_bytes certificate)
{
	struct papers *papers = ctx;
	struct prac_cert_facts facts;

	if (prac_cert_read(certificate, &facts) != PRAC_OK || !facts.has_device ||
		!prac_id_equal(&facts.device, &papers->facts.device) ||
		!prac_digest_equal(&facts.spki, &papers->facts.spki)) {
		return "the server sent a certificate that is not this device's";
	}
	PRAC_FAILPOINT("renewal_came");
	if (folder_write(papers->folder, FOLDER_CERTIFICATE, certificate) != PRAC_OK) {
		return "the new certificate of this device cannot be stored; free some space";
	}
	PRAC_FAILPOINT("renewal_stored");
	papers->is_stale = true;
	return NULL;
}

static const char *learn(void *ctx, struct prac_bytes authorities, struct prac_bytes crosses)
{
	struct papers *papers = ctx;
	struct prac_bytes have = prac_buf_bytes(&papers->authorities);

	if (prac_bytes_equal(have, authorities)) {
		return NULL;
	}
	if (!prac_authorities_are_proven(have, authorities, crosses)) {
		return "the server names an authority that none of those this device trusts "
		       "vouches for; ask the district office, and enroll anew if it is right";
	}
	if (folder_write(papers->folder, FOLDER_CA, authorities) != PRAC_OK) {
		return "the district's new authority cannot be stored; free some space";
	}
	PRAC_FAILPOINT("authorities_stored");
	prac_log(PRAC_LOG_INFO, "link.authorities", "bytes=%zu", authorities.len);
	prac_buf_clear(&papers->authorities);
	prac_buf_append(&papers->authorities, authorities.data, authorities.len);
	papers->is_stale = true;
	plan_renewal(papers);
	return NULL;
}

static bool is_due(void *ctx, int64_t now_ms)
{
	return now_ms >= ((const struct papers *)ctx)->renew_at_ms;
}

static void witness(void *ctx, const Practicum__Welcome *welcome)
{
	const struct papers *papers = ctx;

	witness_take(
		papers->folder, welcome, prac_buf_bytes(&papers->authorities), &prac_env_system);
}

struct session_papers papers_of_session(struct papers *papers)
{
	return (struct session_papers){ .certificate = prac_buf_bytes(&papers->certificate),
		.is_due = is_due,
		.witness = witness,
		.take = take,
		.learn = learn,
		.ctx = papers };
}
