/* P10: queues, calls, memory and bytes under way stay under their limits, looked at with every tick. */
#include "client/link/parts.h"
#include "common/base/failpoint.h"
#include "server/rpc/state.h"
#include "tests/sim/full.h"

enum {
	/* Beside what credit counts: headers, POKE, PONG, CREDIT, the end of a stream. */
	UNCOUNTED_MAX = 64 * 1024
};

static void too_much(struct full *full, const char *what, size_t is, size_t may)
{
	if (is > may) {
		full_fault(full, "P10: %s: %zu of at most %zu", what, is, may);
	}
}

void full_limits_of_server(struct full_server *server)
{
	struct full *full = server->full;

	too_much(full, "mutations that wait", sequencer_waiting(server->sequencer),
		SEQUENCER_WAITING_MAX);
	for (unsigned i = 0; i < full->wires->len; i++) {
		const struct full_wire *wire = g_ptr_array_index(full->wires, i);

		if (wire->served == NULL || wire->server != server) {
			continue;
		}
		too_much(full, "bytes of a session", rpc_session_memory(wire->served),
			RPC_MEMORY_MAX);
		too_much(full, "calls of a session", wire->served->calls.length, RPC_CALLS_MAX);
		too_much(full, "bytes that a session has to send", prac_buf_len(&wire->served->out),
			RPC_OUTPUT_HIGH + RPC_MESSAGE_MAX);
		too_much(full, "bytes on the way to a station",
			world_link_under_way(wire->link, WORLD_CLIENT),
			PRAC_WINDOW(PRAC_CREDIT_CONNECTION) + UNCOUNTED_MAX);
	}
}

void full_limits_of_station(struct full_station *station)
{
	const struct session *session = station->session;
	struct full *full = station->full;
	size_t n_open = 0;

	if (session == NULL) {
		return;
	}
	for (size_t i = 0; i < SESSION_CALLS; i++) {
		const struct call *call = &session->calls[i];

		n_open += call->kind != CALL_NONE ? 1 : 0;
		too_much(full, "mutations in a push",
			call->kind == CALL_PUSH ? call->n_mutations : 0, SESSION_BATCH);
		too_much(
			full, "bytes of an answer", prac_buf_len(&call->body), SESSION_MESSAGE_MAX);
	}
	too_much(full, "pushes in flight", session_count(session, CALL_PUSH), SESSION_PUSHES);
	too_much(full, "requests in flight", n_open, RPC_CALLS_MAX);
	too_much(full, "bytes of a frame that is not whole", prac_buf_len(&session->in),
		(size_t)2 * PRAC_FRAME_DEFAULT_MAX);
	too_much(full, "bytes on the way to a server",
		world_link_under_way(station->wire->link, WORLD_SERVER),
		SESSION_PUSHES * RPC_REQUEST_MAX + UNCOUNTED_MAX);
}
