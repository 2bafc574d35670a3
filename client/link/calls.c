/* Requests on their way and the pieces of their answers. */
#include <string.h>

#include "client/link/parts.h"
#include "common/base/failpoint.h"
#include "common/wire/scan.h"
#include "common/wire/zip.h"

void call_end(struct call *call)
{
	prac_buf_deinit(&call->body);
	memset(call, 0, sizeof(*call));
}

void session_say(struct session *session, const struct prac_frame *frame)
{
	prac_frame_write(&session->out, frame);
	session->said_ms = session->now_ms;
}

/* Gives credit back for len bytes that are dealt with. call may be NULL. */
static void settle(struct session *session, struct call *call, size_t len)
{
	uint32_t grant = prac_credit_settle(&session->credit, (uint32_t)len);

	if (grant != 0) {
		session_say(
			session, &(struct prac_frame){ .type = PRAC_FRAME_CREDIT, .aux = grant });
	}
	if (call == NULL || call->kind == CALL_NONE) {
		return;
	}
	grant = prac_credit_settle(&call->credit, (uint32_t)len);
	if (grant != 0) {
		session_say(session,
			&(struct prac_frame){
				.type = PRAC_FRAME_CREDIT, .stream = call->stream, .aux = grant });
	}
}

void session_send(struct session *session, struct call *call, Practicum__MethodId method,
	struct prac_bytes body)
{
	struct prac_frame frame = { .type = PRAC_FRAME_REQUEST,
		.method = (uint16_t)method,
		.stream = call->stream,
		.aux = SESSION_CALL_MS };
	size_t sent = 0;

	do {
		size_t len = body.len - sent;

		len = len < session->max_frame ? len : session->max_frame;
		frame.payload = (struct prac_bytes){ body.data + sent, len };
		sent += len;
		frame.flags = sent < body.len ? PRAC_FRAME_MORE : 0;
		session_say(session, &frame);
	} while (sent < body.len);
}

size_t session_count(const struct session *session, enum call_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < SESSION_CALLS; i++) {
		n += session->calls[i].kind == kind ? 1 : 0;
	}
	return n;
}

struct call *session_open(struct session *session, enum call_kind kind)
{
	struct call *call = session->calls;
	const struct call *last = session->calls + SESSION_CALLS;

	while (call < last && call->kind != CALL_NONE) {
		call++;
	}
	if (call == last) {
		return NULL;
	}
	session->last_stream = session->last_stream == 0 ? 1 : session->last_stream + 2;
	call->kind = kind;
	call->stream = session->last_stream;
	call->deadline_ms = session->now_ms + SESSION_CALL_MS;
	prac_credit_init(&call->credit, PRAC_WINDOW(PRAC_CREDIT_STREAM));
	return call;
}

struct call *session_call(struct session *session, enum call_kind kind, Practicum__MethodId method,
	const ProtobufCMessage *request)
{
	struct call *call = session_open(session, kind);
	size_t len = protobuf_c_message_get_packed_size(request);
	struct prac_bytes body;

	if (call != NULL) {
		uint8_t *data = prac_arena_alloc(&session->arena, len + 1);

		body = (struct prac_bytes){ data, protobuf_c_message_pack(request, data) };
		session_send(session, call, method, body);
	}
	return call;
}

static struct call *find_call(struct session *session, uint32_t stream)
{
	for (size_t i = 0; i < SESSION_CALLS; i++) {
		if (session->calls[i].kind != CALL_NONE && session->calls[i].stream == stream) {
			return &session->calls[i];
		}
	}
	return NULL;
}

static void answer_ask(struct session *session, struct prac_bytes body)
{
	ProtobufCMessage *message;

	if (session->ask.piece != NULL) {
		ask_end(session, PRAC_OK, NULL, "");
		return;
	}
	if (prac_unpack(session->ask.answer, body, &session->arena, &message) != PRAC_OK) {
		ask_end(session, PRAC_INTERNAL, NULL, "the server's answer is not readable");
		return;
	}
	ask_end(session, PRAC_OK, message, "");
}

static void on_refused(struct session *session, struct call *call, struct prac_bytes body)
{
	ProtobufCMessage *message;
	const Practicum__Status *status;

	if (prac_unpack(&practicum__status__descriptor, body, &session->arena, &message) !=
		PRAC_OK) {
		session_fail(session, PRAC_INVALID_ARGUMENT, "the server's answer is not readable");
		return;
	}
	status = (const Practicum__Status *)message;
	switch (call->kind) {
	case CALL_PUSH:
		push_refused(session, call, status);
		break;
	case CALL_PULL:
		pull_refused(session, status);
		break;
	case CALL_SNAPSHOT:
		load_refused(session, status);
		break;
	case CALL_FILE:
		file_refused(session, status);
		break;
	case CALL_RENEW:
		renewal_refused(session, status);
		break;
	case CALL_RECEIPT:
		session->may_receipt = false; /* the next connection tells */
		break;
	case CALL_KNOWN:
		break; /* asked again before long; until then what was known holds */
	case CALL_ASK:
		if (session->has_ask && session->ask.refused != NULL) {
			session->ask.refused(session->ask.ctx, status);
		}
		ask_end(session, (enum prac_status)status->code, NULL,
			status_text(session, status));
		break;
	case CALL_NONE:
		break;
	}
}

static void on_answered(struct session *session, struct call *call, struct prac_bytes body)
{
	switch (call->kind) {
	case CALL_PUSH:
		push_answered(session, call, body);
		break;
	case CALL_PULL:
		pull_answered(session, call, body);
		break;
	case CALL_SNAPSHOT:
		load_answered(session);
		break;
	case CALL_FILE:
		file_answered(session, body);
		break;
	case CALL_RENEW:
		renewal_answered(session, body);
		break;
	case CALL_RECEIPT:
		receipt_answered(session);
		break;
	case CALL_KNOWN:
		known_answered(session, body);
		break;
	case CALL_ASK:
		answer_ask(session, body);
		break;
	case CALL_NONE:
		break;
	}
}

/* The call is out of the table before its answer is dealt with, so that the next may start. */
static void on_response(struct session *session, struct call *call, const struct prac_frame *frame,
	struct prac_bytes body)
{
	struct call ended = *call;

	memset(call, 0, sizeof(*call));
	if ((frame->flags & PRAC_FRAME_ERROR) != 0) {
		on_refused(session, &ended, body);
	} else {
		on_answered(session, &ended, body);
	}
	call_end(&ended);
}

/* False: the session ended. What comes in is counted against the credit we gave. */
static bool take_piece(struct session *session, struct call *call, const struct prac_frame *frame)
{
	size_t len = frame->payload.len;

	if (prac_credit_take(&call->credit, &session->credit, (uint32_t)len) != PRAC_OK) {
		session_fail(session, PRAC_RESOURCE_EXHAUSTED, "the server sent more than it may");
		return false;
	}
	if (prac_buf_len(&call->body) + len > SESSION_MESSAGE_MAX) {
		session_fail(
			session, PRAC_RESOURCE_EXHAUSTED, "a message of the server is too long");
		return false;
	}
	return true;
}

void session_piece(struct session *session, const struct prac_frame *frame)
{
	struct call *call = find_call(session, frame->stream);
	struct prac_bytes body = frame->payload;

	if (call == NULL) {
		session_fail(session, PRAC_INVALID_ARGUMENT, "an answer nobody asked for");
		return;
	}
	if (!take_piece(session, call, frame)) {
		return;
	}
	call->deadline_ms = session->now_ms + SESSION_CALL_MS;
	if ((frame->flags & PRAC_FRAME_MORE) != 0 || prac_buf_len(&call->body) > 0) {
		prac_buf_append(&call->body, frame->payload.data, frame->payload.len);
		body = prac_buf_bytes(&call->body);
	}
	if ((frame->flags & PRAC_FRAME_MORE) != 0) {
		/* Held back, the rest of a message larger than the window would never come. */
		settle(session, call, frame->payload.len);
		return;
	}
	if ((frame->flags & PRAC_FRAME_ZSTD) != 0 &&
		prac_unzip(body, &session->arena, &body) != PRAC_OK) {
		session_fail(session, PRAC_DATA_LOSS, "a compressed message is damaged");
		return;
	}
	if (frame->type == PRAC_FRAME_RESPONSE) {
		on_response(session, call, frame, body);
		settle(session, NULL, frame->payload.len);
		return;
	}
	if (call->kind == CALL_SNAPSHOT) {
		load_chunk(session, call, body);
		prac_buf_clear(&call->body);
	} else if (call->kind == CALL_ASK) {
		ask_piece(session, body);
		prac_buf_clear(&call->body);
	}
	settle(session, call, frame->payload.len);
}
