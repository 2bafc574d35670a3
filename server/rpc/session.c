#include "server/rpc/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/wire/binary.h"
#include "server/rpc/state.h"

typedef void (*frame_fn)(struct rpc_session *session, const struct prac_frame *frame);

static const char *const state_names[] = {
#define XX(name, text) [RPC_##name] = (text),
	RPC_STATE_MAP(XX)
#undef XX
};

#define TO(state) (1U << RPC_##state)

/* May go from the index to any state of the mask. */
static const unsigned allowed[] = {
	[RPC_HELLO] = TO(GREETING) | TO(CLOSED),
	[RPC_GREETING] = TO(OPEN) | TO(CLOSED),
	[RPC_NEWCOMER] = TO(DRAINING) | TO(CLOSED),
	[RPC_OPEN] = TO(DRAINING) | TO(CLOSED),
	[RPC_DRAINING] = TO(CLOSED),
	[RPC_CLOSED] = 0,
};

void rpc_session_enter(struct rpc_session *session, enum rpc_state next)
{
	assert((allowed[session->state] & 1U << next) != 0);
	prac_log(PRAC_LOG_DEBUG, "rpc.state", "from=%s to=%s", state_names[session->state],
		state_names[next]);
	session->state = next;
}

void rpc_session_abort(
	struct rpc_session *session, enum prac_status status, const char *reason, const char *text)
{
	Practicum__Status body = PRACTICUM__STATUS__INIT;
	char device[PRAC_ID_TEXT];

	prac_id_format(&session->peer.device, device);
	prac_log(PRAC_LOG_WARNING, "rpc.abort", "device=%s state=%s code=%s reason=%s", device,
		state_names[session->state], prac_status_name(status), reason);
	body.has_code = true;
	body.code = status;
	body.has_reason = true;
	body.reason = prac_binary_text(reason);
	body.has_text = true;
	body.text = prac_binary_text(text);
	/* Too slow, and too much waiting for credit, may be the network's fault. */
	session->is_broken = status == PRAC_INVALID_ARGUMENT ||
			     (status == PRAC_RESOURCE_EXHAUSTED && session->starved_ms == 0);
	rpc_send_goaway(session, &body);
	rpc_session_enter(session, RPC_CLOSED);
}

bool rpc_session_is_broken(const struct rpc_session *session)
{
	return session->is_broken;
}

bool rpc_session_is_refused(const struct rpc_session *session)
{
	return session->is_refused;
}

uint64_t rpc_listened_ms(const struct rpc_session *session)
{
	return session->now_ms - session->deaf_ms;
}

static void on_ping(struct rpc_session *session, const struct prac_frame *frame)
{
	/* What came while nobody was read to is read at once, however far apart it was sent. */
	bool was_deaf = session->deaf_until_ms != 0 &&
			session->now_ms - session->deaf_until_ms < RPC_PING_GAP_MS;

	if (session->ping_heard_ms != 0 && !was_deaf &&
		session->now_ms - session->ping_heard_ms < RPC_PING_GAP_MS) {
		session->ping_strikes++;
	} else {
		session->ping_strikes = 0;
	}
	(void)frame;
	session->ping_heard_ms = session->now_ms;
	if (session->ping_strikes > RPC_PING_STRIKES) {
		rpc_session_abort(session, PRAC_RESOURCE_EXHAUSTED, "TOO_MANY_PINGS",
			"at most one PING every 10 seconds");
		return;
	}
	rpc_send_head(session, PRAC_FRAME_PONG);
}

static void on_pong(struct rpc_session *session, const struct prac_frame *frame)
{
	(void)session;
	(void)frame;
}

static void on_cancel(struct rpc_session *session, const struct prac_frame *frame)
{
	struct rpc_call *call = rpc_call_find(session, frame->stream);

	if (frame->stream > session->last_stream) {
		rpc_session_abort(session, PRAC_INVALID_ARGUMENT, "FRAME_STREAM",
			"CANCEL of a request that was never made");
	} else if (call != NULL) {
		call->has_arrived = true;
		rpc_call_abandon(call, PRAC_CANCELLED, "CANCELED", NULL);
	}
}

/* The client makes no new requests; what is in flight is answered. */
static void on_goaway(struct rpc_session *session, const struct prac_frame *frame)
{
	(void)frame;
	if (session->state == RPC_OPEN) {
		rpc_session_enter(session, RPC_DRAINING);
	} else if (session->state != RPC_DRAINING) {
		rpc_session_enter(session, RPC_CLOSED);
	}
}

/* What is not here must not come: the connection is closed. */
static const frame_fn handlers[RPC_N_STATES][PRAC_FRAME_TYPES] = {
	[RPC_HELLO] = {
		[PRAC_FRAME_HELLO] = rpc_on_hello,
		[PRAC_FRAME_GOAWAY] = on_goaway,
	},
	[RPC_GREETING] = {
		[PRAC_FRAME_PING] = on_ping,
		[PRAC_FRAME_PONG] = on_pong,
		[PRAC_FRAME_GOAWAY] = on_goaway,
	},
	[RPC_NEWCOMER] = {
		[PRAC_FRAME_REQUEST] = rpc_on_request,
		[PRAC_FRAME_GOAWAY] = on_goaway,
	},
	[RPC_OPEN] = {
		[PRAC_FRAME_REQUEST] = rpc_on_request,
		[PRAC_FRAME_CREDIT] = rpc_on_credit,
		[PRAC_FRAME_CANCEL] = on_cancel,
		[PRAC_FRAME_PING] = on_ping,
		[PRAC_FRAME_PONG] = on_pong,
		[PRAC_FRAME_GOAWAY] = on_goaway,
	},
	[RPC_DRAINING] = {
		[PRAC_FRAME_REQUEST] = rpc_on_request,
		[PRAC_FRAME_CREDIT] = rpc_on_credit,
		[PRAC_FRAME_CANCEL] = on_cancel,
		[PRAC_FRAME_PING] = on_ping,
		[PRAC_FRAME_PONG] = on_pong,
		[PRAC_FRAME_GOAWAY] = on_goaway,
	},
};

/* Flags and payload that a type may carry toward the server. */
static const struct {
	uint8_t flags;
	bool has_payload, has_aux;
} forms[PRAC_FRAME_TYPES] = {
	[PRAC_FRAME_HELLO] = { PRAC_FRAME_ZSTD, true, false },
	[PRAC_FRAME_REQUEST] = { PRAC_FRAME_END | PRAC_FRAME_ZSTD | PRAC_FRAME_MORE, true, true },
	[PRAC_FRAME_CREDIT] = { 0, false, true },
	[PRAC_FRAME_CANCEL] = { 0, false, false },
	[PRAC_FRAME_PING] = { 0, false, false },
	[PRAC_FRAME_PONG] = { 0, false, false },
	[PRAC_FRAME_GOAWAY] = { 0, true, true },
};

static void on_frame(struct rpc_session *session, const struct prac_frame *frame)
{
	frame_fn handler;

	if (prac_frame_is_skippable(frame)) {
		return;
	}
	handler = handlers[session->state][frame->type];
	if (handler == NULL) {
		rpc_session_abort(session, PRAC_INVALID_ARGUMENT, "FRAME_ORDER",
			"this frame does not belong here");
	} else if ((frame->flags & ~forms[frame->type].flags) != 0 ||
		   (frame->payload.len > 0 && !forms[frame->type].has_payload) ||
		   (frame->aux != 0 && !forms[frame->type].has_aux)) {
		rpc_session_abort(session, PRAC_INVALID_ARGUMENT, "FRAME_FORM",
			"this frame carries what its type has no meaning for");
	} else {
		handler(session, frame);
	}
}

struct rpc_session *rpc_session_new(
	struct rpc_server *server, const struct rpc_peer *peer, void (*wake)(void *ctx), void *ctx)
{
	struct rpc_session *session = g_new0(struct rpc_session, 1);

	session->server = server;
	session->in.is_secret = session->out.is_secret = true;
	session->peer = *peer;
	session->wake = wake;
	session->wake_ctx = ctx;
	session->state = peer->is_newcomer ? RPC_NEWCOMER : RPC_HELLO;
	g_queue_init(&session->calls);
	prac_credit_init(&session->credit, PRAC_CREDIT_CONNECTION);
	session->stream_window = PRAC_CREDIT_STREAM;
	session->now_ms = server->env->monotonic_ms(server->env->ctx);
	session->since_ms = session->now_ms;
	session->heard_ms = session->now_ms;
	session->link.data = session;
	g_queue_push_tail_link(&server->sessions, &session->link);
	rpc_send_older_away(session);
	return session;
}

void rpc_session_free(struct rpc_session *session)
{
	if (session == NULL) {
		return;
	}
	rpc_greeting_forget(session);
	while (session->calls.head != NULL) {
		rpc_call_orphan(session->calls.head->data);
	}
	prac_buf_deinit(&session->in);
	prac_buf_deinit(&session->out);
	free(session->peer.grants);
	free(session->peer.pass);
	g_queue_unlink(&session->server->sessions, &session->link);
	g_free(session);
}

static size_t max_payload(const struct rpc_session *session)
{
	return session->state == RPC_NEWCOMER ? RPC_NEWCOMER_MAX : PRAC_FRAME_DEFAULT_MAX;
}

/* Deals with the whole frames in buf; false when there is nothing more to be read from this peer. */
static bool read_frames(struct rpc_session *session, struct prac_buf *buf)
{
	struct prac_frame frame;
	const char *reason = NULL;
	enum prac_status status;

	while (session->state != RPC_CLOSED) {
		status = prac_frame_read(buf, max_payload(session), &frame, &reason);
		if (status == PRAC_UNAVAILABLE) {
			return true;
		}
		if (status != PRAC_OK) {
			rpc_session_abort(session, status, reason, "this frame cannot be read");
			return false;
		}
		on_frame(session, &frame);
		prac_frame_consume(buf, &frame);
		session->frame_ms = rpc_listened_ms(session);
	}
	return false;
}

void rpc_session_feed(struct rpc_session *session, struct prac_bytes bytes)
{
	/* Read in place; only the frame that is not whole yet is copied. */
	struct prac_buf direct = {
		.data = (uint8_t *)bytes.data, .end = bytes.len, .cap = bytes.len
	};
	bool is_buffered = prac_buf_len(&session->in) > 0;
	struct prac_buf *buf = is_buffered ? &session->in : &direct;

	session->is_inside = true;
	session->now_ms = session->server->env->monotonic_ms(session->server->env->ctx);
	session->heard_ms = session->now_ms;
	session->ping_due_ms = 0;
	if (is_buffered) {
		prac_buf_append(&session->in, bytes.data, bytes.len);
	} else {
		session->frame_ms = rpc_listened_ms(session);
	}
	if (!read_frames(session, buf)) {
		prac_buf_clear(&session->in);
	} else if (!is_buffered) {
		prac_buf_append(
			&session->in, direct.data + direct.start, direct.end - direct.start);
	}
	prac_buf_release(&session->in);
	rpc_pump(session);
	session->is_inside = false;
}

/* Each connection waits its own 20 to 30 s, so that a restart does not align them all. */
static uint64_t ping_due(const struct rpc_session *session)
{
	uint64_t spread = RPC_PING_MS * 2 / 5;

	return session->heard_ms + RPC_PING_MS - spread / 2 +
	       prac_env_random64(session->server->env) % spread;
}

static void check_silence(struct rpc_session *session)
{
	if (session->now_ms - session->heard_ms >= RPC_DEAD_MS) {
		rpc_session_abort(session, PRAC_DEADLINE_EXCEEDED, "SILENT",
			"nothing was heard for 75 seconds");
		return;
	}
	if (session->ping_due_ms == 0) {
		session->ping_due_ms = ping_due(session);
	}
	if (session->now_ms >= session->ping_due_ms) {
		rpc_send(session, &(struct prac_frame){ .type = PRAC_FRAME_PING });
		session->ping_due_ms = session->now_ms + RPC_PING_MS;
	}
}

static void check_starvation(struct rpc_session *session)
{
	if (!rpc_is_starved(session)) {
		session->starved_ms = 0;
	} else if (session->starved_ms == 0) {
		session->starved_ms = session->now_ms;
	} else if (session->now_ms - session->starved_ms >= RPC_STARVED_MS) {
		rpc_session_abort(session, PRAC_RESOURCE_EXHAUSTED, "NO_CREDIT",
			"answers waited 60 seconds for credit");
	}
}

/* So that nobody holds a connection, and the memory of a request, byte by byte. */
static bool is_too_slow(const struct rpc_session *session, uint64_t begun_ms, size_t n)
{
	return rpc_listened_ms(session) - begun_ms >
	       RPC_ARRIVAL_MS + (uint64_t)n * 1000 / RPC_ARRIVAL_RATE;
}

static void end_slow(struct rpc_session *session)
{
	rpc_session_abort(session, PRAC_DEADLINE_EXCEEDED, "SLOW_REQUEST",
		"a request did not arrive whole in time");
}

static void check_deadlines(struct rpc_session *session)
{
	GList *next;
	size_t n = prac_buf_len(&session->in);

	if (n > 0 && is_too_slow(session, session->frame_ms, n)) {
		end_slow(session);
		return;
	}
	for (GList *link = session->calls.head; link != NULL; link = next) {
		struct rpc_call *call = link->data;

		next = link->next;
		if (!call->has_arrived &&
			(session->now_ms >= call->deadline_ms ||
				is_too_slow(session, call->begun_ms, call->n_arrived + n))) {
			end_slow(session);
			return;
		}
		if (session->now_ms >= call->deadline_ms && !call->is_stream) {
			rpc_call_abandon(call, PRAC_DEADLINE_EXCEEDED, "DEADLINE", NULL);
		}
	}
}

static bool reads_to_nobody(const struct rpc_server *server)
{
	return server->is_full || server->is_behind;
}

/*
 * What did not come while the peer was not read to is no fault of its. A full server reads to nobody; that
 * its HELLO, PONG or CREDIT is not heard says nothing. What waits for the peer to take its answers says something.
 */
static void pass_time(struct rpc_session *session, uint64_t now_ms)
{
	uint64_t passed_ms = now_ms - session->now_ms;

	if (!rpc_session_wants_input(session)) {
		session->deaf_ms += passed_ms;
	}
	if (reads_to_nobody(session->server)) {
		session->since_ms += passed_ms;
		session->heard_ms += passed_ms;
		session->starved_ms += session->starved_ms != 0 ? passed_ms : 0;
		session->deaf_until_ms = now_ms;
	}
	session->now_ms = now_ms;
}

void rpc_session_tick(struct rpc_session *session, uint64_t now_ms)
{
	session->is_inside = true;
	now_ms = MAX(now_ms, session->now_ms); /* it may have been fed since the owner looked */
	pass_time(session, now_ms);
	if (session->state != RPC_CLOSED) {
		check_deadlines(session);
	}
	if ((session->state == RPC_HELLO || session->state == RPC_NEWCOMER) &&
		session->calls.length == 0 && now_ms - session->since_ms >= RPC_HELLO_MS) {
		rpc_session_abort(session, PRAC_DEADLINE_EXCEEDED, "NO_HELLO",
			"nothing was asked within 10 seconds");
	}
	if (session->state == RPC_OPEN || session->state == RPC_DRAINING) {
		check_starvation(session);
	}
	if (session->state == RPC_OPEN) {
		check_silence(session);
	}
	if (session->state != RPC_CLOSED) {
		rpc_pump(session);
	}
	session->is_inside = false;
}

struct prac_buf *rpc_session_output(struct rpc_session *session)
{
	return &session->out;
}

void rpc_session_poke(struct rpc_session *session, uint64_t head)
{
	if (head > session->server->head) {
		session->server->head = head;
	}
	if (session->state != RPC_OPEN || !session->is_syncing ||
		(session->is_poked && session->told_people == session->server->people)) {
		return;
	}
	session->is_poked = true;
	rpc_send_head(session, PRAC_FRAME_POKE);
	if (!session->is_inside) {
		session->wake(session->wake_ctx);
	}
}

static void drain(struct rpc_session *session, const Practicum__Status *goodbye)
{
	if (session->state == RPC_DRAINING || session->state == RPC_CLOSED) {
		return;
	}
	rpc_send_goaway(session, goodbye);
	rpc_session_enter(session, session->state == RPC_OPEN ? RPC_DRAINING : RPC_CLOSED);
	if (!session->is_inside) {
		session->wake(session->wake_ctx);
	}
}

void rpc_session_drain(struct rpc_session *session, enum prac_status status, const char *reason,
	uint32_t retry_after_ms)
{
	Practicum__Status body = PRACTICUM__STATUS__INIT;
	const char *text = prac_status_text(status);

	body.has_code = body.has_reason = body.has_text = body.has_retry_after_ms = true;
	body.code = status;
	body.reason = prac_binary_text(reason);
	body.text = prac_binary_text(text);
	body.retry_after_ms = retry_after_ms;
	drain(session, &body);
}

void rpc_session_revoke(struct rpc_session *session)
{
	Practicum__Status body = PRACTICUM__STATUS__INIT;

	body.has_code = body.has_reason = body.has_text = true;
	body.code = PRAC_UNAUTHENTICATED;
	body.reason = prac_binary_text(rpc_revoked);
	body.text = prac_binary_text(rpc_revoked_text);
	drain(session, &body);
}

bool rpc_session_is_done(const struct rpc_session *session)
{
	return session->state == RPC_CLOSED ||
	       (session->state == RPC_DRAINING && session->calls.length == 0);
}

bool rpc_session_wants_input(const struct rpc_session *session)
{
	return session->state != RPC_CLOSED && !reads_to_nobody(session->server) &&
	       prac_buf_len(&session->out) <= RPC_OUTPUT_HIGH;
}

const struct rpc_peer *rpc_session_peer(const struct rpc_session *session)
{
	return &session->peer;
}

void rpc_session_regrant(struct rpc_session *session, struct prac_scope_grant *grants,
	size_t n_grants, uint32_t scope_set)
{
	free(session->peer.grants);
	session->peer.grants = grants;
	session->peer.n_grants = n_grants;
	session->peer.scope_set = scope_set;
}

void rpc_session_repass(struct rpc_session *session, char *pass)
{
	free(session->peer.pass);
	session->peer.pass = pass;
}
