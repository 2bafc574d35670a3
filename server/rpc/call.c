#include "server/rpc/call.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/failpoint.h"
#include "common/wire/binary.h"
#include "server/rpc/state.h"

struct rpc_call *rpc_call_new(struct rpc_session *session, uint32_t stream)
{
	struct rpc_call *call = g_new0(struct rpc_call, 1);

	call->link.data = call;
	call->session = session;
	call->stream = stream;
	call->is_handled = true; /* until the handler is started */
	prac_credit_init(&call->credit, session->stream_window);
	g_queue_push_tail_link(&session->calls, &call->link);
	return call;
}

struct rpc_call *rpc_call_find(const struct rpc_session *session, uint32_t stream)
{
	for (GList *link = session->calls.head; link != NULL; link = link->next) {
		struct rpc_call *call = link->data;

		if (call->stream == stream) {
			return call;
		}
	}
	return NULL;
}

static void forget(struct rpc_call *call)
{
	if (call->session != NULL) {
		g_queue_unlink(&call->session->calls, &call->link);
		call->session = NULL;
	}
}

/* Gone when nobody will touch it again: neither its handler nor the output. */
static void release(struct rpc_call *call)
{
	bool is_awaited = call->has_message || !call->is_answered || !call->has_arrived;

	if (!call->is_handled || (call->session != NULL && is_awaited)) {
		return;
	}
	forget(call);
	prac_buf_deinit(&call->body);
	prac_arena_deinit(&call->arena);
	g_free(call);
}

/* The handler has ended the call or can no longer be asked. */
static void handled(struct rpc_call *call)
{
	assert(!call->is_handled);
	call->is_handled = true;
	if (call->producer.ended != NULL) {
		call->producer.ended(call->producer.ctx);
	}
}

/* The client asks for no more. A producer that was asked answers first; the last message has ended it. */
static void end_producer(struct rpc_call *call)
{
	if (call->is_stream && !call->is_asked && !call->is_handled) {
		handled(call);
	}
}

/* Puts the session's output in the owner's hands after something happened outside its calls. */
static void flush(struct rpc_session *session)
{
	rpc_pump(session);
	if (!session->is_inside && !session->is_pumping) {
		session->wake(session->wake_ctx);
	}
}

/* message NULL: no payload. */
static void set_message(
	struct rpc_call *call, uint8_t type, uint8_t flags, const ProtobufCMessage *message)
{
	size_t len = message == NULL ? 0 : protobuf_c_message_get_packed_size(message);

	prac_buf_clear(&call->body);
	if (len > 0) {
		prac_buf_commit(&call->body,
			protobuf_c_message_pack(message, prac_buf_reserve(&call->body, len)));
	}
	call->type = type;
	call->flags = flags;
	call->has_message = true;
}

static Practicum__Status status_message(
	enum prac_status status, const char *reason, const char *text)
{
	Practicum__Status body = PRACTICUM__STATUS__INIT;

	body.has_code = true;
	body.code = status;
	if (reason != NULL) {
		body.has_reason = true;
		body.reason = prac_binary_text(reason);
	}
	body.has_text = true;
	body.text = prac_binary_text(text);
	return body;
}

/* Settles the answer; a message of a stream that is half sent is cut off. */
static void answer(struct rpc_call *call, uint8_t flags, const ProtobufCMessage *message)
{
	call->is_answered = true;
	set_message(call, PRAC_FRAME_RESPONSE, (uint8_t)(flags | PRAC_FRAME_END), message);
}

static void answer_error(struct rpc_call *call, const Practicum__Status *status)
{
	answer(call, PRAC_FRAME_ERROR, &status->base);
}

void rpc_call_abandon(
	struct rpc_call *call, enum prac_status status, const char *reason, const char *text)
{
	Practicum__Status body =
		status_message(status, reason, text != NULL ? text : prac_status_text(status));

	/* An answer that is already on its way stays: it is the one answer. */
	if (call->is_answered) {
		return;
	}
	answer_error(call, &body);
	end_producer(call);
}

void rpc_call_orphan(struct rpc_call *call)
{
	PRAC_SOMETIMES(ORPHANED);
	forget(call);
	end_producer(call);
	release(call);
}

void rpc_call_sent(struct rpc_call *call)
{
	struct rpc_session *session = call->session;
	bool is_newcomer = call->peer.is_newcomer;

	call->has_message = false;
	if (call->type == PRAC_FRAME_DATA) {
		call->n_data++;
		if (call->is_last) {
			answer(call, 0, NULL);
		}
	} else if (is_newcomer) {
		rpc_session_enter(session, RPC_CLOSED);
	}
	release(call);
}

const void *rpc_request(const struct rpc_call *call)
{
	return call->request;
}

struct prac_arena *rpc_arena(struct rpc_call *call)
{
	return &call->arena;
}

void *rpc_services(const struct rpc_call *call)
{
	return call->services;
}

const struct rpc_peer *rpc_call_peer(const struct rpc_call *call)
{
	return &call->peer;
}

uint64_t rpc_call_incarnation(const struct rpc_call *call)
{
	return call->incarnation;
}

/* Ends the handler's part: settles the answer unless that was done without it, sends, frees. */
static void end(struct rpc_call *call, uint8_t flags, const ProtobufCMessage *message)
{
	struct rpc_session *session = call->session;

	if (session != NULL && !call->is_answered) {
		answer(call, flags, message);
	}
	handled(call);
	release(call);
	if (session != NULL) {
		flush(session);
	}
}

static void end_status(struct rpc_call *call, const Practicum__Status *status)
{
	if (call->session != NULL && call->peer.is_newcomer &&
		status->code == PRAC_PERMISSION_DENIED) {
		call->session->is_refused = true;
	}
	end(call, PRAC_FRAME_ERROR, &status->base);
}

void rpc_reply(struct rpc_call *call, const ProtobufCMessage *message)
{
	assert(message->descriptor == call->route->output);
	if (protobuf_c_message_get_packed_size(message) > RPC_MESSAGE_MAX) {
		rpc_failf(call, PRAC_RESOURCE_EXHAUSTED, "ANSWER_TOO_LARGE",
			"the answer is larger than 4 MiB; ask for less");
		return;
	}
	end(call, 0, message);
}

void rpc_fail(struct rpc_call *call, enum prac_status status)
{
	Practicum__Status body = status_message(status, NULL, prac_status_text(status));

	end_status(call, &body);
}

void rpc_failf(
	struct rpc_call *call, enum prac_status status, const char *reason, const char *fmt, ...)
{
	Practicum__Status body;
	char text[240];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args); /* a sentence that is cut is still one */
	va_end(args);
	body = status_message(status, reason, text);
	end_status(call, &body);
}

void rpc_fail_later(struct rpc_call *call, uint64_t retry_after_ms, const char *text)
{
	Practicum__Status body = status_message(PRAC_RESOURCE_EXHAUSTED, "RETRY_LATER", text);

	body.has_retry_after_ms = true;
	body.retry_after_ms = (uint32_t)MIN(retry_after_ms, UINT32_MAX);
	end_status(call, &body);
}

void rpc_fail_at(struct rpc_call *call, const char *reason, uint64_t last_counter)
{
	Practicum__Status body =
		status_message(PRAC_ABORTED, reason, prac_status_text(PRAC_ABORTED));

	body.has_last_counter = true;
	body.last_counter = last_counter;
	end_status(call, &body);
}

void rpc_stream(struct rpc_call *call, const struct rpc_producer *producer)
{
	struct rpc_session *session = call->session;

	assert(!call->is_stream && (call->route->method->flags & RPC_STREAMS) != 0);
	call->producer = *producer;
	call->is_stream = true;
	if (session == NULL || call->is_answered) {
		handled(call);
		release(call);
	}
	if (session != NULL) {
		flush(session);
	}
}

void rpc_data(struct rpc_call *call, const ProtobufCMessage *message, bool is_last)
{
	struct rpc_session *session = call->session;

	assert(call->is_asked && message->descriptor == call->route->output);
	call->is_asked = false;
	if (session != NULL && !call->is_answered) {
		set_message(call, PRAC_FRAME_DATA, 0, message);
		call->is_last = is_last;
	}
	if (session == NULL || call->is_answered || is_last) {
		handled(call);
		release(call);
	}
	if (session != NULL) {
		flush(session);
	}
}
