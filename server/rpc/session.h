/*
 * The server's side of a connection as a pure state machine: plain bytes and ticks in, plain bytes
 * out. It negotiates, enforces limits, flow control and heartbeats, and dispatches requests through
 * the method table. Sockets and TLS are net/'s.
 *
 * What a state does with a frame type is one table; everything not in it closes the connection
 * (RELIABILITY 1.2).
 */
#pragma once

#include <glib.h>

#include "common/base/buf.h"
#include "common/base/env.h"
#include "common/base/id.h"
#include "common/base/status.h"
#include "common/sync/cursor.h"

struct prac_audit_head;
struct rpc_session;
struct rpc_call;
struct rpc_routes;

enum {
	RPC_CHANNEL_LEN = 32 /* bytes */
};

/* Who is on the other side, from the certificate and the device table. */
struct rpc_peer {
	struct prac_id device;
	bool district;
	/* A connection of the enrollment listener: no device yet, one request without HELLO. */
	bool is_newcomer;
	bool is_revoked; /* it hears so when it has said HELLO, and nothing else */
	bool is_expired; /* its certificate is over: methods with RPC_EXPIRED_TOO only */
	uint8_t channel[RPC_CHANNEL_LEN]; /* newcomer: the TLS exporter's value (RELIABILITY 3.2) */
	struct prac_scope_grant *grants;  /* from malloc, owned by the session once given */
	char *pass; /* as grants; opens these scopes to readers (server/db/db.h); NULL in the simulator */
	size_t n_grants;
	uint32_t scope_set;
};

/* What HELLO says of the replica. */
struct rpc_arrival {
	struct prac_id device;
	uint64_t incarnation;
	uint64_t epoch; /* 0: it knows none */
};

struct rpc_counted {
	uint64_t last_counter; /* of the incarnation */
	uint64_t lost_after;   /* numbers above it that the device knows of its epoch are void */
};

/* counted is all zero unless the status is PRAC_OK. */
typedef void (*rpc_counted_fn)(
	void *ctx, enum prac_status status, const struct rpc_counted *counted);

/* What a revoked device says of its replica. */
struct rpc_receipt {
	struct prac_id device;
	uint64_t lost; /* entries that were not judged */
};

typedef void (*rpc_receipt_fn)(void *ctx, enum prac_status status);

/* What sessions of one server share; filled by server.c, outlives them. */
struct rpc_server {
	const struct prac_env *env;
	uint64_t epoch; /* of the store, known before the first session */
	uint64_t head;  /* kept current by the sequencer */
	void *services; /* what the handlers work on: struct svc (server/svc/svc.h) */
	/* Reads for WELCOME what the store knows of who comes; done runs later, exactly once. */
	void (*counters)(
		void *services, const struct rpc_arrival *arrival, rpc_counted_fn done, void *ctx);
	/* Writes down that a revoked device has erased its replica; done runs later, exactly once. */
	void (*receive)(
		void *services, const struct rpc_receipt *receipt, rpc_receipt_fn done, void *ctx);
	const struct rpc_routes *routes; /* server/rpc/method.h */
	/* PEM, for WELCOME: those that stations are to trust, and what proves new ones; may be empty. */
	struct prac_bytes authorities, crosses;
	const struct prac_audit_head *heads; /* of the audit, signed, for WELCOME */
	size_t n_heads;
	uint32_t lease_days;    /* that stations may show records without contact; 0: no limit */
	const char *upgrade_by; /* date by which old programs must be replaced; NULL: no need */
	GQueue sessions;        /* struct rpc_session, by link; who said HELLO last stands last */
	uint32_t per_device;    /* connections of one device that sync; the newest count */
	bool is_draining;
	bool is_short;     /* of memory: requests are refused, control frames go on */
	bool must_sign_in; /* what is done is somebody's: sessions are told so */
	int64_t people;    /* differs when a person's rights do: sessions are told so */
	/*
	 * The sequencer's queue is full, or was and the owner has not yet read on in turn: no session wants
	 * input. Else who is answered first would be the first to be read to again, and others never.
	 */
	bool is_full, is_behind;
};

/* wake runs when there is output to flush that no feed or tick call of the owner caused. */
struct rpc_session *rpc_session_new(
	struct rpc_server *server, const struct rpc_peer *peer, void (*wake)(void *ctx), void *ctx);

/* Cancels the calls in flight; answers that still come are dropped without a trace. */
void rpc_session_free(struct rpc_session *session);

void rpc_session_feed(struct rpc_session *session, struct prac_bytes bytes);
void rpc_session_tick(struct rpc_session *session, uint64_t now_ms);
struct prac_buf *rpc_session_output(struct rpc_session *session);

/* A change in one of the peer's scopes became visible: sends POKE, at most one unanswered. */
void rpc_session_poke(struct rpc_session *session, uint64_t head);

/* GOAWAY: no new requests; is_done once those in flight are answered. reason is a word for programs. */
void rpc_session_drain(struct rpc_session *session, enum prac_status status, const char *reason,
	uint32_t retry_after_ms);
bool rpc_session_is_done(const struct rpc_session *session);

/* The device was revoked while it is connected: as a drain, with the order to erase its replica. */
void rpc_session_revoke(struct rpc_session *session);

/* True when bytes may be read from the peer; false asks the owner to stop reading (back-pressure). */
bool rpc_session_wants_input(const struct rpc_session *session);

/* Bytes in buffers and calls. */
size_t rpc_session_memory(const struct rpc_session *session);

/* It was ended because the peer broke the protocol. */
bool rpc_session_is_broken(const struct rpc_session *session);

/* A newcomer was told that its code is not valid. */
bool rpc_session_is_refused(const struct rpc_session *session);

const struct rpc_peer *rpc_session_peer(const struct rpc_session *session);

/* The device row changed: takes effect for every request that starts later. Takes grants. */
void rpc_session_regrant(struct rpc_session *session, struct prac_scope_grant *grants,
	size_t n_grants, uint32_t scope_set);

/* A pass for the grants that the session has; takes it. */
void rpc_session_repass(struct rpc_session *session, char *pass);
