/* The way in: pieces of requests, the policy in front of a method, its start. */
#include <assert.h>
#include <string.h>

#include "common/wire/scan.h"
#include "common/wire/zip.h"
#include "server/rpc/state.h"

void rpc_routes_add(struct rpc_routes *routes, const struct rpc_method *methods, size_t n_methods)
{
	for (size_t i = 0; i < n_methods; i++) {
		const struct rpc_method *method = &methods[i];
		struct rpc_route *route = &routes->by_id[method->id];
		const ProtobufCMethodDescriptor *descriptor =
			protobuf_c_service_descriptor_get_method_by_name(
				method->service, method->name);

		assert(method->id > 0 && (unsigned)method->id < RPC_METHOD_MAX);
		assert(route->method == NULL && descriptor != NULL);
		*route = (struct rpc_route){ method, descriptor->input, descriptor->output };
	}
}

static bool may_call(const struct rpc_peer *peer, const struct rpc_method *method)
{
	if (peer->is_newcomer || method->role == RPC_FOR_NEWCOMER) {
		return peer->is_newcomer && method->role == RPC_FOR_NEWCOMER;
	}
	return method->role == RPC_FOR_DEVICE || peer->district;
}

/* Calls on the list whose method has one of these flags; flags 0: that are of this method. */
static unsigned count_calls(
	const struct rpc_session *session, const struct rpc_method *method, unsigned flags)
{
	unsigned n = 0;

	for (GList *link = session->calls.head; link != NULL; link = link->next) {
		const struct rpc_call *call = link->data;
		const struct rpc_method *other = call->route == NULL ? NULL : call->route->method;

		if (other != NULL && (flags == 0 ? other == method : (other->flags & flags) != 0)) {
			n++;
		}
	}
	return n;
}

/* The policy, before the message is looked at. The call is on the list, without a route yet. */
static void admit(struct rpc_call *call, uint16_t id)
{
	struct rpc_session *session = call->session;
	const struct rpc_route *route =
		id < RPC_METHOD_MAX ? &session->server->routes->by_id[id] : NULL;
	const struct rpc_method *method = route == NULL ? NULL : route->method;

	if (session->state == RPC_DRAINING) {
		rpc_call_abandon(call, PRAC_UNAVAILABLE, "DRAINING", "the server is closing");
	} else if (session->server->is_short) {
		rpc_call_abandon(call, PRAC_RESOURCE_EXHAUSTED, "MEMORY",
			"the server is short of memory; try again later");
	} else if (method == NULL) {
		rpc_call_abandon(call, PRAC_UNIMPLEMENTED, "METHOD", NULL);
	} else if (!may_call(&session->peer, method)) {
		rpc_call_abandon(
			call, PRAC_PERMISSION_DENIED, "ROLE", "this device may not call this");
	} else if ((method->flags & RPC_SYNCS) != 0 && !session->is_syncing) {
		rpc_call_abandon(call, PRAC_PERMISSION_DENIED, "ASIDE",
			"this connection said that it does not sync");
	} else if (session->peer.is_expired && (method->flags & RPC_EXPIRED_TOO) == 0) {
		rpc_call_abandon(call, PRAC_FAILED_PRECONDITION, "EXPIRED",
			"the certificate of this device is over; practicum sync renews it");
	} else if (session->is_old && (method->flags & RPC_OLD_SCHEMA) == 0) {
		rpc_call_abandon(call, PRAC_UNIMPLEMENTED, "UPGRADE_REQUIRED",
			"this program is too old for the server; its work is still taken");
	} else if (session->calls.length > RPC_CALLS_MAX ||
		   count_calls(session, method, 0) >= method->max_in_flight ||
		   ((method->flags & RPC_STREAMS) != 0 &&
			   count_calls(session, method, RPC_STREAMS) >= RPC_STREAMS_MAX)) {
		rpc_call_abandon(call, PRAC_RESOURCE_EXHAUSTED, "IN_FLIGHT",
			"too many requests of this kind are in flight");
	} else {
		call->route = route;
		call->body.is_secret = call->arena.is_secret = (method->flags & RPC_SECRET) != 0;
	}
}

size_t rpc_session_memory(const struct rpc_session *session)
{
	size_t n = session->in.cap + session->out.cap;

	for (GList *link = session->calls.head; link != NULL; link = link->next) {
		const struct rpc_call *call = link->data;

		n += call->body.cap + call->arena.used;
	}
	return n;
}

static void take_peer(struct rpc_call *call)
{
	const struct rpc_peer *peer = &call->session->peer;
	struct prac_bytes grants = { (const uint8_t *)peer->grants,
		peer->n_grants * sizeof(*peer->grants) };

	call->peer = *peer;
	call->peer.grants = (struct prac_scope_grant *)prac_arena_copy(&call->arena, grants).data;
	if (call->peer.pass != NULL) {
		call->peer.pass = prac_arena_text(&call->arena, prac_bytes_text(call->peer.pass));
	}
	call->services = call->session->server->services;
	call->incarnation = call->session->incarnation;
}

static void start(struct rpc_call *call, struct prac_bytes payload)
{
	struct rpc_session *session = call->session;
	enum prac_status status = PRAC_OK;

	if (call->is_zipped) {
		status = prac_unzip(payload, &call->arena, &payload);
	}
	if (status == PRAC_OK) {
		status = prac_unpack(call->route->input, payload, &call->arena, &call->request);
	}
	prac_buf_clear(&call->body);
	if (status != PRAC_OK) {
		rpc_call_abandon(call,
			status == PRAC_RESOURCE_EXHAUSTED ? status : PRAC_INVALID_ARGUMENT,
			"BAD_MESSAGE", "the request cannot be read");
		return;
	}
	if (rpc_session_memory(session) > RPC_MEMORY_MAX) {
		rpc_call_abandon(call, PRAC_RESOURCE_EXHAUSTED, "MEMORY",
			"too much is in flight on this connection");
		return;
	}
	if ((call->route->method->flags & RPC_PULLS) != 0) {
		session->is_poked = false;
	}
	take_peer(call);
	call->is_handled = false;
	call->route->method->start(call);
}

/* One piece of a request that was admitted, or of one that is only waited out. */
static void on_piece(struct rpc_call *call, const struct prac_frame *frame)
{
	bool is_whole = (frame->flags & PRAC_FRAME_MORE) == 0;
	size_t len = prac_buf_len(&call->body) + frame->payload.len;
	struct prac_bytes payload = frame->payload;

	call->has_arrived = is_whole;
	call->n_arrived += frame->payload.len;
	if (call->is_answered) {
		return;
	}
	if (len > call->route->method->max_request) {
		rpc_call_abandon(call, PRAC_RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE",
			"the request is larger than the server takes");
		return;
	}
	if (!is_whole || prac_buf_len(&call->body) > 0) {
		prac_buf_append(&call->body, frame->payload.data, frame->payload.len);
		payload = prac_buf_bytes(&call->body);
	}
	if (is_whole) {
		start(call, payload);
	}
}

static void on_next_piece(struct rpc_call *call, const struct prac_frame *frame)
{
	bool is_zipped = (frame->flags & PRAC_FRAME_ZSTD) != 0;

	if (frame->method == call->method && frame->aux == call->aux &&
		is_zipped == call->is_zipped) {
		on_piece(call, frame);
	} else {
		rpc_session_abort(call->session, PRAC_INVALID_ARGUMENT, "FRAME_PIECE",
			"a piece of a request does not go with its first");
	}
}

static uint64_t deadline_of(const struct rpc_session *session, uint32_t timeout_ms)
{
	if (timeout_ms == 0) {
		timeout_ms = RPC_TIMEOUT_MS;
	}
	return session->now_ms +
	       (timeout_ms < RPC_TIMEOUT_MAX_MS ? timeout_ms : RPC_TIMEOUT_MAX_MS);
}

void rpc_on_request(struct rpc_session *session, const struct prac_frame *frame)
{
	struct rpc_call *call = rpc_call_find(session, frame->stream);

	if (call != NULL && !call->has_arrived) {
		on_next_piece(call, frame);
		return;
	}
	if (frame->stream % 2 == 0 || frame->stream <= session->last_stream) {
		rpc_session_abort(session, PRAC_INVALID_ARGUMENT, "FRAME_STREAM",
			"a request's number is odd and larger than any before");
		return;
	}
	if (session->calls.length >= RPC_CALLS_BROKEN) {
		rpc_session_abort(session, PRAC_RESOURCE_EXHAUSTED, "TOO_MANY_REQUESTS",
			"at most 32 requests in flight");
		return;
	}
	session->last_stream = frame->stream;
	call = rpc_call_new(session, frame->stream);
	call->peer.is_newcomer = session->peer.is_newcomer;
	call->method = frame->method;
	call->aux = frame->aux;
	call->is_zipped = (frame->flags & PRAC_FRAME_ZSTD) != 0;
	call->deadline_ms = deadline_of(session, frame->aux);
	call->begun_ms = rpc_listened_ms(session);
	admit(call, frame->method);
	on_piece(call, frame);
}
