/*
 * The inside of a session and of a call, for the files of this folder only.
 *
 * A call is on its session's list from its first frame until its answer is in the output and its
 * handler has ended it, whichever is later: work for a client that canceled still counts against it.
 */
#pragma once

#include <glib.h>

#include "common/wire/credit.h"
#include "common/wire/frame.h"
#include "server/rpc/method.h"

enum {
	RPC_HELLO_MS = 10 * 1000,
	RPC_PING_MS = 25 * 1000,    /* without a byte, give or take 20 % */
	RPC_DEAD_MS = 75 * 1000,    /* without a byte */
	RPC_STARVED_MS = 60 * 1000, /* something to send and no credit */
	RPC_TIMEOUT_MS = 30 * 1000, /* of a request that names none */
	RPC_ARRIVAL_MS = 30 * 1000, /* for a frame, or a request in pieces, to arrive whole ... */
	RPC_ARRIVAL_RATE = 1024,    /* ... and a second more for so many bytes that came */
	RPC_TIMEOUT_MAX_MS = 600 * 1000, /* longer wishes are cut to it */
	RPC_PING_GAP_MS = 10 * 1000,     /* PINGs of the client closer than that are too many ... */
	RPC_PING_STRIKES = 2,            /* ... after so many of them */
	RPC_CREDITS_MAX = 1000,          /* CREDIT frames in a second */
	RPC_CALLS_MAX = 32,              /* requests in flight; more are refused ... */
	RPC_CALLS_BROKEN = 64,           /* ... and so many are the end of the connection */
	RPC_STREAMS_MAX = 16,            /* of them streaming */
	RPC_REQUEST_MAX = 512 * 1024,    /* whole request */
	RPC_NEWCOMER_MAX = 4 * 1024,     /* whole request at enrollment */
	RPC_MESSAGE_MAX = 4 * 1024 * 1024, /* whole answer */
	RPC_OUTPUT_HIGH = 512 * 1024,     /* above it no answers are added and no input is wanted */
	RPC_MEMORY_MAX = 8 * 1024 * 1024, /* of one connection */
	RPC_WINDOW_MAX = 16 * 1024 * 1024,
	RPC_ASIDES_MAX = 4, /* connections of a device that do not sync, or have not said HELLO */
	RPC_SCHEMA_MIN = 1  /* oldest schema that is served in full */
};

#define RPC_STATE_MAP(XX)                                        \
	XX(HELLO, "hello")       /* nothing came yet */          \
	XX(GREETING, "greeting") /* counters are being read */   \
	XX(NEWCOMER, "newcomer") /* enrollment: one request */   \
	XX(OPEN, "open")         /* serves */                    \
	XX(DRAINING, "draining") /* answers what is in flight */ \
	XX(CLOSED, "closed")     /* only the output is still to go */

enum rpc_state {
#define XX(name, text) RPC_##name,
	RPC_STATE_MAP(XX)
#undef XX
	RPC_N_STATES
};

struct rpc_greeting;

struct rpc_session {
	GList link; /* data is the session */
	struct rpc_server *server;
	struct rpc_peer peer;
	void (*wake)(void *ctx);
	void *wake_ctx;
	enum rpc_state state;
	bool is_inside;      /* in a call of the owner, who looks at the output afterwards */
	bool is_pumping;     /* producers are being asked */
	bool is_syncing;     /* HELLO came, and it did not say aside */
	bool is_old;         /* the client's schema is below RPC_SCHEMA_MIN */
	bool is_broken;      /* the peer broke the protocol; that is why it is closed */
	bool is_refused;     /* a newcomer's request was denied */
	bool is_poked;       /* POKE was sent and no pull came since */
	int64_t told_people; /* as the last Head said it */
	struct prac_buf in;  /* a frame that has not come whole */
	struct prac_buf out; /* plain bytes for the peer */
	GQueue calls;        /* struct rpc_call, by link */
	struct rpc_greeting *greeting; /* while in GREETING */
	uint64_t incarnation;
	uint32_t last_stream;      /* largest number seen */
	struct prac_credit credit; /* what the client takes on the connection */
	uint32_t stream_window;
	uint64_t now_ms; /* of the last tick or feed */
	uint64_t ping_due_ms;
	/* Later by as long as a full server read to nobody since. */
	uint64_t since_ms, heard_ms, starved_ms;
	uint64_t deaf_ms;       /* in all that the peer was not read to, about */
	uint64_t deaf_until_ms; /* when nobody was read to the last time; 0: never */
	uint64_t frame_ms; /* when the frame in `in` began, on the clock of rpc_listened_ms() */
	uint64_t ping_heard_ms, credit_second;
	unsigned ping_strikes, n_credits;
};

struct rpc_call {
	GList link;                  /* data is the call */
	struct rpc_session *session; /* NULL: the client is gone */
	const struct rpc_route *route;
	struct rpc_peer peer; /* its grants are in the arena */
	void *services;
	uint64_t incarnation;
	uint32_t stream, aux; /* aux and method as in the first piece */
	uint16_t method;
	uint64_t deadline_ms;
	uint64_t begun_ms; /* on the clock of rpc_listened_ms() */
	size_t n_arrived;  /* bytes of the request */
	struct prac_arena arena;
	/* Pieces of the request; later one message on its way out. */
	struct prac_buf body;
	bool is_zipped;   /* the request */
	bool has_arrived; /* the whole request, or what is to come of it is of no use */
	ProtobufCMessage *request;
	bool is_handled;  /* the handler has ended it, or was never started */
	bool is_answered; /* what goes back is settled */
	bool is_stream;
	bool is_asked; /* next was called and has not answered */
	bool is_last;  /* no further message of the stream */
	struct rpc_producer producer;
	struct prac_credit credit;
	uint32_t n_data;  /* messages of the stream that are out */
	bool has_message; /* in body, of this type */
	uint8_t type, flags;
};

/* The order to erase a replica (PROTOCOL, Revocation). */
extern const char rpc_revoked[], rpc_revoked_text[];

/* session.c */

/* The only writer of session->state; asserts that the move is legal. */
void rpc_session_enter(struct rpc_session *session, enum rpc_state next);

/* A clock that stands while the peer is not read to: what did not arrive then is no fault of its. */
uint64_t rpc_listened_ms(const struct rpc_session *session);

/* GOAWAY with a Status, then CLOSED: the peer is broken or is no longer wanted. */
void rpc_session_abort(
	struct rpc_session *session, enum prac_status status, const char *reason, const char *text);

/* hello.c */
void rpc_on_hello(struct rpc_session *session, const struct prac_frame *frame);
void rpc_greeting_forget(struct rpc_session *session);

/* GOAWAY to the oldest connections of the device where with this one there are too many. */
void rpc_send_older_away(struct rpc_session *newest);

/* flow.c */
void rpc_send(struct rpc_session *session, const struct prac_frame *frame);
void rpc_send_message(struct rpc_session *session, const struct prac_frame *head,
	const ProtobufCMessage *message);
void rpc_send_head(struct rpc_session *session, uint8_t type);
void rpc_send_goaway(struct rpc_session *session, const Practicum__Status *status);

void rpc_on_credit(struct rpc_session *session, const struct prac_frame *frame);

/* Moves answers into the output as credit and room allow, asks producers, wakes the owner. */
void rpc_pump(struct rpc_session *session);

/* True when an answer waits for nothing but credit. */
bool rpc_is_starved(const struct rpc_session *session);

/* call.c */
struct rpc_call *rpc_call_new(struct rpc_session *session, uint32_t stream);
struct rpc_call *rpc_call_find(const struct rpc_session *session, uint32_t stream);

/* Settles the answer as an error, whatever the handler does later. text NULL: the status's own. */
void rpc_call_abandon(
	struct rpc_call *call, enum prac_status status, const char *reason, const char *text);

/* The session goes away under the call. */
void rpc_call_orphan(struct rpc_call *call);

/* The message is in the output. The call may be gone afterwards. */
void rpc_call_sent(struct rpc_call *call);

/* dispatch.c */
void rpc_on_request(struct rpc_session *session, const struct prac_frame *frame);
