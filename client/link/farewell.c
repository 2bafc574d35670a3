/* What a device does that the district has revoked, or took a school from: it erases, and says so. */
#include "client/link/parts.h"

static const char erased_text[] =
	"this device was revoked by the district office and what it held is erased";

void farewell_erase(struct session *session)
{
	enum prac_status status = replica_purge(session->replica);

	if (status != PRAC_OK) {
		session_fail_replica(session, status);
	} else if (session->is_aside) {
		session_fail(session, PRAC_UNAUTHENTICATED, erased_text);
	} else {
		session_restart(session, erased_text); /* the next HELLO has the receipt */
	}
}

void farewell_end(struct session *session)
{
	enum prac_status status = replica_purge_kept(session->replica);

	if (status != PRAC_OK) {
		session_fail_replica(session, status);
		return;
	}
	session->end.is_dismissed = true;
	session_fail(session, PRAC_UNAUTHENTICATED, erased_text);
}

bool farewell_prepare(struct session *session)
{
	enum prac_status status = replica_purge_read(session->replica, &session->purge);

	if (status == PRAC_OK && session->purge.revoked_ms != 0) {
		status = replica_purge(session->replica); /* it may have been cut short */
	}
	if (status != PRAC_OK) {
		session_fail_replica(session, status);
	}
	return status == PRAC_OK;
}

void receipt_start(struct session *session)
{
	Practicum__PurgedRequest request = PRACTICUM__PURGED_REQUEST__INIT;
	ProtobufCBinaryData scope = { PRAC_ID_LEN, session->purged.b };
	enum prac_status status = PRAC_NOT_FOUND;

	if (session->may_receipt && session_count(session, CALL_RECEIPT) == 0) {
		status = replica_purged_next(session->replica, &session->purged);
		session->may_receipt = status == PRAC_OK;
	}
	if (status == PRAC_OK) {
		request.n_scopes = 1;
		request.scopes = &scope;
		(void)session_call(session, CALL_RECEIPT, PRACTICUM__METHOD_ID__DEVICE_PURGED,
			&request.base); /* no room: the next turn has */
	} else if (status != PRAC_NOT_FOUND) {
		session_fail_replica(session, status);
	}
}

void receipt_answered(struct session *session)
{
	enum prac_status status = replica_purged_told(session->replica, &session->purged);

	if (status != PRAC_OK) {
		session_fail_replica(session, status);
	}
}
