/* A new certificate in time, and the authorities that certificates of tomorrow come from. */
#include "client/link/parts.h"
#include "common/base/log.h"
#include "common/wire/binary.h"
#include "common/wire/scan.h"

void session_use_papers(struct session *session, const struct session_papers *papers)
{
	session->papers = *papers;
	session->has_papers = true;
}

/* By the server's clock: the station's may be years off. */
static bool is_due(const struct session *session)
{
	int64_t now_ms = session->server_ms + (int64_t)(session->now_ms - session->welcome_ms);

	return session->is_expired || session->papers.is_due(session->papers.ctx, now_ms);
}

void renewal_start(struct session *session)
{
	Practicum__RenewRequest request = PRACTICUM__RENEW_REQUEST__INIT;
	const struct session_papers *papers = &session->papers;

	if (!session->has_papers || session->is_renewed || session->phase == SESSION_CLOSED ||
		!is_due(session)) {
		return;
	}
	request.has_certificate = true;
	request.certificate = prac_binary(papers->certificate);
	request.has_session = papers->sign_in.len > 0;
	request.session = prac_binary(papers->sign_in);
	if (session_call(session, CALL_RENEW, PRACTICUM__METHOD_ID__DEVICE_RENEW, &request.base) !=
		NULL) {
		session->is_renewed = true; /* once a connection, whatever comes of it */
	}
}

/* With a certificate that still holds work goes on, and the next connection tries again. */
static void not_renewed(struct session *session, enum prac_status status, const char *why)
{
	prac_log(PRAC_LOG_WARNING, "link.renewal", "status=%s", prac_status_name(status));
	if (session->is_expired) {
		session_fail(session, status, why);
	}
}

void renewal_answered(struct session *session, struct prac_bytes body)
{
	const Practicum__RenewResponse *response;
	ProtobufCMessage *message;
	const char *why;

	if (prac_unpack(&practicum__renew_response__descriptor, body, &session->arena, &message) !=
		PRAC_OK) {
		not_renewed(session, PRAC_INTERNAL, "the server's answer is not readable");
		return;
	}
	response = (const Practicum__RenewResponse *)message;
	why = session->papers.take(session->papers.ctx, prac_binary_bytes(response->certificate));
	if (why != NULL) {
		not_renewed(session, PRAC_INTERNAL, why);
		return;
	}
	prac_log(PRAC_LOG_INFO, "link.renewal", "status=%s", prac_status_name(PRAC_OK));
	if (session->is_expired) {
		session_restart(session, "the certificate of this device was renewed");
	}
}

void renewal_refused(struct session *session, const Practicum__Status *status)
{
	/* Nobody has signed in: a refusal until somebody does, no fault of the folder or the server. */
	enum prac_status code = status_is(status, "SESSION") ? PRAC_PERMISSION_DENIED
							     : (enum prac_status)status->code;

	not_renewed(session, code, status_text(session, status));
}

void renewal_greeted(struct session *session, const Practicum__Welcome *welcome)
{
	struct prac_bytes authorities = { welcome->authorities.data, welcome->authorities.len };
	struct prac_bytes crosses = { welcome->crosses.data, welcome->crosses.len };
	const char *why = NULL;

	session->server_ms = welcome->wall_ms;
	session->welcome_ms = session->now_ms;
	session->is_expired = welcome->expired != 0;
	if (session->has_papers && authorities.len > 0) {
		why = session->papers.learn(session->papers.ctx, authorities, crosses);
	}
	if (session->has_papers) {
		session->papers.witness(session->papers.ctx, welcome);
	}
	if (why != NULL) {
		session_fail(session, PRAC_UNAUTHENTICATED, why);
	} else if (session->is_expired && !session->has_papers && !session->is_aside) {
		session_fail(session, PRAC_FAILED_PRECONDITION,
			"the certificate of this device is over; practicum sync renews it");
	}
}
