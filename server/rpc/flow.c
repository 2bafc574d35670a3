/* The way out: frames, credit, and the order in which answers get their turn. */
#include <string.h>

#include "common/base/failpoint.h"
#include "server/rpc/state.h"

void rpc_send(struct rpc_session *session, const struct prac_frame *frame)
{
	prac_frame_write(&session->out, frame);
}

void rpc_send_message(
	struct rpc_session *session, const struct prac_frame *head, const ProtobufCMessage *message)
{
	prac_frame_write_message(&session->out, head, message);
}

void rpc_send_head(struct rpc_session *session, uint8_t type)
{
	Practicum__Head head = PRACTICUM__HEAD__INIT;

	head.has_head = true;
	head.head = session->server->head;
	head.has_people = true;
	head.people = session->told_people = session->server->people;
	rpc_send_message(session, &(struct prac_frame){ .type = type }, &head.base);
}

void rpc_send_goaway(struct rpc_session *session, const Practicum__Status *status)
{
	rpc_send_message(session,
		&(struct prac_frame){ .type = PRAC_FRAME_GOAWAY, .aux = status->retry_after_ms },
		&status->base);
}

void rpc_on_credit(struct rpc_session *session, const struct prac_frame *frame)
{
	uint64_t second = session->now_ms / 1000;
	struct prac_credit *credit = &session->credit;

	if (second != session->credit_second) {
		session->credit_second = second;
		session->n_credits = 0;
	}
	session->n_credits++;
	if (session->n_credits > RPC_CREDITS_MAX) {
		rpc_session_abort(session, PRAC_RESOURCE_EXHAUSTED, "TOO_MANY_CREDITS",
			"at most 1,000 CREDIT frames a second");
		return;
	}
	if (frame->stream > session->last_stream) {
		rpc_session_abort(session, PRAC_INVALID_ARGUMENT, "FRAME_STREAM",
			"CREDIT for a request that was never made");
		return;
	}
	if (frame->stream != 0) {
		struct rpc_call *call = rpc_call_find(session, frame->stream);

		if (call == NULL) {
			return; /* it crossed the end of the answer */
		}
		credit = &call->credit;
	}
	if (prac_credit_grant(credit, frame->aux) != PRAC_OK || credit->left > RPC_WINDOW_MAX) {
		rpc_session_abort(session, PRAC_INVALID_ARGUMENT, "BAD_CREDIT",
			"a window grows by at least 1 byte and to at most 16 MiB");
	}
}

static bool has_room(const struct rpc_session *session)
{
	return prac_buf_len(&session->out) < RPC_OUTPUT_HIGH;
}

/* Sends the next piece of the call's message; false when it must wait. */
static bool send_piece(struct rpc_session *session, struct rpc_call *call)
{
	struct prac_frame frame = {
		.type = call->type, .flags = call->flags, .stream = call->stream
	};
	size_t left = prac_buf_len(&call->body);
	size_t len = left < PRAC_FRAME_DEFAULT_MAX ? left : PRAC_FRAME_DEFAULT_MAX;
	uint32_t credit = prac_credit_available(&call->credit, &session->credit);

	if (len > credit) {
		len = credit;
	}
	if (PRAC_PLANTED(PRAC_PLANT_NO_CREDIT)) {
		len = left;
	} else if (!has_room(session) || (len == 0 && left > 0) ||
		   prac_credit_take(&call->credit, &session->credit, (uint32_t)len) != PRAC_OK) {
		PRAC_SOMETIMES(CREDIT_SPENT);
		return false;
	}
	frame.payload = (struct prac_bytes){ prac_buf_bytes(&call->body).data, len };
	if (call->type == PRAC_FRAME_DATA) {
		frame.aux = call->n_data;
	}
	if (len < left) {
		frame.flags = (uint8_t)((frame.flags & ~PRAC_FRAME_END) | PRAC_FRAME_MORE);
	}
	rpc_send(session, &frame);
	prac_buf_consume(&call->body, len);
	return true;
}

static bool wants_more(const struct rpc_session *session, const struct rpc_call *call)
{
	return call->is_stream && !call->is_answered && !call->is_asked && !call->is_last &&
	       has_room(session) && prac_credit_available(&call->credit, &session->credit) > 0;
}

/* One step for one call; false when it has to wait. The call may be gone afterwards. */
static bool advance(struct rpc_session *session, struct rpc_call *call)
{
	if (call->has_message) {
		if (!send_piece(session, call)) {
			return false;
		}
		if (prac_buf_len(&call->body) == 0) {
			rpc_call_sent(call);
		}
		return true;
	}
	if (wants_more(session, call)) {
		call->is_asked = true;
		call->producer.next(call, call->producer.ctx);
		return true;
	}
	return false;
}

void rpc_pump(struct rpc_session *session)
{
	unsigned n_stuck = 0;

	if (session->is_pumping) {
		return;
	}
	session->is_pumping = true;
	/*
	 * One piece each in turn, so that a long stream does not hold up a short answer. The next
	 * one is always the head, since a handler that is asked may end any call.
	 */
	while (n_stuck < session->calls.length && session->state != RPC_CLOSED) {
		GList *link = g_queue_pop_head_link(&session->calls);

		g_queue_push_tail_link(&session->calls, link);
		n_stuck = advance(session, link->data) ? 0 : n_stuck + 1;
	}
	session->is_pumping = false;
}

bool rpc_is_starved(const struct rpc_session *session)
{
	for (GList *link = session->calls.head; link != NULL; link = link->next) {
		const struct rpc_call *call = link->data;

		if ((call->has_message || (call->is_stream && !call->is_answered)) &&
			!call->is_asked &&
			prac_credit_available(&call->credit, &session->credit) == 0) {
			return true;
		}
	}
	return false;
}
