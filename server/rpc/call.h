/*
 * One request, from its arrival to its answer, as handlers see it.
 *
 * A handler is started once and must end the call once: rpc_reply, rpc_fail, rpc_failf, or for a
 * stream the rpc_data that is the last. It may do so at any later time, also when the client is
 * gone, the deadline passed or the call was canceled: nothing is sent then, and the handler need not
 * know. The call with its arena is gone when the ending function returns.
 */
#pragma once

#include <protobuf-c/protobuf-c.h>

#include "common/base/arena.h"
#include "common/base/macros.h"
#include "common/base/status.h"
#include "server/rpc/session.h"

/* The unpacked request, of the method's input type; lives in the call's arena. */
const void *rpc_request(const struct rpc_call *call);
struct prac_arena *rpc_arena(struct rpc_call *call);

/* As rpc_server.services. */
void *rpc_services(const struct rpc_call *call);

/* Who calls; a copy made at the start, so it holds for the whole call. */
const struct rpc_peer *rpc_call_peer(const struct rpc_call *call);
uint64_t rpc_call_incarnation(const struct rpc_call *call);

/* Packs at once; message may live in the arena or on the stack. */
void rpc_reply(struct rpc_call *call, const ProtobufCMessage *message);
void rpc_fail(struct rpc_call *call, enum prac_status status);

/* reason is a word for programs ("GAP") or NULL; the sentence is for people. */
void rpc_failf(struct rpc_call *call, enum prac_status status, const char *reason, const char *fmt,
	...) PRAC_PRINTF(4, 5);

/* RESOURCE_EXHAUSTED, reason RETRY_LATER; the client asks again after so long. */
void rpc_fail_later(struct rpc_call *call, uint64_t retry_after_ms, const char *text);

/* With reason GAP or REWOUND: where the device's counter stands. */
void rpc_fail_at(struct rpc_call *call, const char *reason, uint64_t last_counter);

/*
 * Turns the call into a stream. next is asked for one message whenever the client's credit and the
 * output allow one, never before rpc_stream has returned, and answers each time, then or later, with
 * one rpc_data or rpc_fail*. ended, which may be NULL, runs when the call ends, whoever ended it:
 * there the handler gives back what is not in the arena. ctx is passed to both.
 */
struct rpc_producer {
	void (*next)(struct rpc_call *call, void *ctx);
	void (*ended)(void *ctx);
	void *ctx;
};

void rpc_stream(struct rpc_call *call, const struct rpc_producer *producer);
void rpc_data(struct rpc_call *call, const ProtobufCMessage *message, bool is_last);
