/* To the server: the bytes of attachments, one piece at a time and only while no input waits. */
#include "client/link/parts.h"
#include "common/wire/scan.h"

static void leave_file(struct session *session)
{
	session->file_after = session->file.id;
	session->has_file = false;
	session->n_file_stuck = 0;
}

/* False: none is left, or the replica failed. */
static bool find_file(struct session *session)
{
	enum prac_status status =
		replica_file_next(session->replica, session->file_after, &session->file);

	session->has_file = status == PRAC_OK;
	session->has_place = false;
	session->file_place = 0;
	if (status == PRAC_NOT_FOUND) {
		session->may_send_files = false;
		session->file_after = 0; /* what was refused is tried again after the next wake */
	} else if (status != PRAC_OK) {
		session_fail_replica(session, status);
	}
	return session->has_file;
}

/* The first request only asks how much is there: another station may have sent some of it. */
static void send_piece(struct session *session)
{
	Practicum__FilePutRequest request = PRACTICUM__FILE_PUT_REQUEST__INIT;
	struct prac_buf data = { 0 };

	if (session->has_place && replica_file_read(session->replica, &session->file.sha256,
					  session->file_place, SESSION_PIECE, &data) != PRAC_OK) {
		leave_file(session); /* it was taken away by hand; the record stays */
		return;
	}
	request.has_sha256 = request.has_size = request.has_at = true;
	request.sha256.data = session->file.sha256.b;
	request.sha256.len = PRAC_SHA256_LEN;
	request.size = session->file.size;
	request.at = session->file_place;
	request.has_data = session->has_place;
	request.data.data = (uint8_t *)prac_buf_bytes(&data).data;
	request.data.len = prac_buf_len(&data);
	(void)session_call(
		session, CALL_FILE, PRACTICUM__METHOD_ID__FILE_PUT, &request.base); /* or later */
	prac_buf_deinit(&data);
}

void file_start(struct session *session)
{
	if (!session->may_send_files || session->now_ms < session->file_at_ms ||
		session->may_push || session_count(session, CALL_PUSH) > 0 ||
		session_count(session, CALL_FILE) > 0) {
		return;
	}
	if (session->has_file || find_file(session)) {
		send_piece(session);
	}
}

void file_answered(struct session *session, struct prac_bytes body)
{
	const Practicum__FilePutResponse *response;
	ProtobufCMessage *message;
	enum prac_status status = PRAC_OK;

	if (prac_unpack(&practicum__file_put_response__descriptor, body, &session->arena,
		    &message) != PRAC_OK) {
		session_fail(session, PRAC_INVALID_ARGUMENT, "the server's answer is not readable");
		return;
	}
	response = (const Practicum__FilePutResponse *)message;
	session->n_file_refused = 0;
	if (response->complete) {
		status = replica_file_sent(session->replica, session->file.id);
		leave_file(session);
	} else if (session->has_place && response->received <= session->file_place &&
		   ++session->n_file_stuck >= SESSION_FILE_TRIES) {
		leave_file(session);
	} else {
		session->has_place = true;
		session->file_place = response->received;
	}
	if (status != PRAC_OK) {
		session_fail_replica(session, status);
	}
}

void file_refused(struct session *session, const Practicum__Status *status)
{
	switch ((enum prac_status)status->code) {
	case PRAC_UNAUTHENTICATED:
		session_fail(session, PRAC_UNAUTHENTICATED, status_text(session, status));
		return;
	case PRAC_DATA_LOSS: /* what arrived was not it; once more from the beginning */
		session->has_place = false;
		session->file_place = 0;
		if (++session->n_file_stuck >= SESSION_FILE_TRIES) {
			leave_file(session);
		}
		return;
	case PRAC_CANCELLED:
	case PRAC_UNKNOWN:
	case PRAC_DEADLINE_EXCEEDED:
	case PRAC_RESOURCE_EXHAUSTED:
	case PRAC_ABORTED:
	case PRAC_INTERNAL:
	case PRAC_UNAVAILABLE:
		session->n_file_refused++;
		session->has_place = false;
		session->file_at_ms = session_retry_at(session, status, session->n_file_refused);
		return;
	case PRAC_OK:
	case PRAC_INVALID_ARGUMENT:
	case PRAC_NOT_FOUND:
	case PRAC_ALREADY_EXISTS:
	case PRAC_PERMISSION_DENIED:
	case PRAC_FAILED_PRECONDITION:
	case PRAC_OUT_OF_RANGE:
	case PRAC_UNIMPLEMENTED:
		break;
	}
	/* Its attachment was refused, or the server is an older one: the file stays here. */
	leave_file(session);
}
