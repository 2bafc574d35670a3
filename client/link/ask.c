/* Requests beside syncing, one after the other: reports, imports, and files from the server. */
#include "client/link/parts.h"
#include "common/wire/scan.h"

void ask_end(struct session *session, enum prac_status status, const ProtobufCMessage *answer,
	const char *text)
{
	struct session_ask ask = session->ask;

	if (!session->has_ask) {
		return;
	}
	session->has_ask = false;
	prac_buf_deinit(&session->ask_body);
	ask.done(ask.ctx, status, answer, text);
	if (session->phase != SESSION_CLOSED && ask.next != NULL && ask.next(ask.ctx, &ask)) {
		ask_put(session, &ask);
	}
}

void ask_put(struct session *session, const struct session_ask *ask)
{
	size_t len = protobuf_c_message_get_packed_size(ask->request);

	session->ask = *ask;
	session->has_ask = true;
	session->arena.is_secret = true; /* a password, a card: whoever asks knows, this does not */
	prac_buf_commit(&session->ask_body, protobuf_c_message_pack(ask->request,
						    prac_buf_reserve(&session->ask_body, len + 1)));
}

void ask_start(struct session *session)
{
	struct call *call;

	if (!session->has_ask || session_count(session, CALL_ASK) > 0) {
		return;
	}
	call = session_open(session, CALL_ASK);
	if (call != NULL) {
		session_send(
			session, call, session->ask.method, prac_buf_bytes(&session->ask_body));
	}
}

void ask_piece(struct session *session, struct prac_bytes body)
{
	ProtobufCMessage *message;

	if (!session->has_ask || session->ask.piece == NULL) {
		return; /* it ended; the rest of the stream is nobody's */
	}
	if (prac_unpack(session->ask.answer, body, &session->arena, &message) != PRAC_OK) {
		ask_end(session, PRAC_INTERNAL, NULL, "the server's answer is not readable");
		return;
	}
	session->ask.piece(session->ask.ctx, message);
}
