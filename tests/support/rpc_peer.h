/*
 * A client of one rpc_session in memory, with a virtual clock and a server whose handlers the test
 * ends by hand. Used by the unit tests and the fuzz target of server/rpc.
 */
#pragma once

#include "common/wire/frame.h"
#include "server/rpc/method.h"

struct rpc_peer_world {
	struct prac_env env;
	uint64_t now_ms;
	struct rpc_server server;
	struct rpc_routes routes;
	struct rpc_session *session;
	unsigned n_wakes;
	/* Counters asked for by HELLO and not answered yet; status and value of the answer. */
	rpc_counted_fn counters_done;
	void *counters_ctx;
	bool holds_counters; /* the test calls rpc_peer_answer_counters() itself */
	/* The last push that was started and is not ended; more are answered at once. */
	struct rpc_call *held;
	unsigned n_started, n_ended;
	unsigned n_messages; /* of the stream, before the last */
	size_t message_len;
	uint32_t stream_window; /* that HELLO names; 0: the server's own */
	bool holds_stream;      /* next leaves the call in held, unless that is taken */
	bool held_is_stream;
	struct prac_frame frame; /* the last one that rpc_peer_next() gave; payload is a copy */
	uint8_t payload[1024 * 1024 + 1];
};

/* district, or a newcomer's connection. */
enum rpc_peer_kind {
	RPC_PEER_SCHOOL,
	RPC_PEER_DISTRICT,
	RPC_PEER_NEWCOMER
};

struct rpc_peer_world *rpc_peer_new(enum rpc_peer_kind kind);
void rpc_peer_free(struct rpc_peer_world *world);
void rpc_peer_answer_counters(
	struct rpc_peer_world *world, enum prac_status status, uint64_t last_counter);

/* Advances the clock and ticks. */
void rpc_peer_wait(struct rpc_peer_world *world, uint64_t ms);

void rpc_peer_send(struct rpc_peer_world *world, const struct prac_frame *frame);
void rpc_peer_send_message(struct rpc_peer_world *world, const struct prac_frame *head,
	const ProtobufCMessage *message);
void rpc_peer_hello(struct rpc_peer_world *world);

/* HELLO and WELCOME, nothing left in the output. */
void rpc_peer_open(struct rpc_peer_world *world);
void rpc_peer_request(struct rpc_peer_world *world, unsigned method, uint32_t stream);

/* Takes one frame from the output; NULL when there is none. */
const struct prac_frame *rpc_peer_next(struct rpc_peer_world *world);

/* Ends the held call with an empty answer. */
void rpc_peer_answer(struct rpc_peer_world *world);
