/*
 * The client's side of a connection as a pure state machine: plain bytes and ticks in, plain bytes
 * out; sockets, TLS and waiting are link.c's. Push and pull run side by side: downloads never wait
 * for uploads.
 */
#pragma once

#include "client/replica/replica.h"
#include "common/base/buf.h"
#include "proto/sync.pb-c.h"

struct session;

enum session_phase {
	SESSION_HELLO,   /* waits for WELCOME */
	SESSION_LOADING, /* first load of a scope */
	SESSION_CATCHING_UP,
	SESSION_CURRENT, /* complete at the last head known, nothing to send, no answer outstanding */
	SESSION_CLOSED
};

/* Progress for a person who waits; sizes in rows and chunks. */
struct session_progress {
	enum session_phase phase;
	uint32_t chunk, n_chunks;
	uint64_t seq, head;
	uint64_t file_place, file_size; /* bytes of the file being sent; size 0: none is */
	/* Why nothing more is sent though the connection holds; empty: nothing is wrong. */
	const char *trouble;
	/* Pushes or pulls in a row that the server could not deal with; each waits longer. */
	unsigned n_refused;
	const char *refusal;
};

struct session_end {
	enum prac_status status; /* PRAC_OK: closed as asked */
	uint32_t retry_after_ms; /* 0: the caller's own back-off */
	bool is_dismissed;       /* revoked, erased, and the server knows: there is no way back */
	bool is_retry_now;       /* a new HELLO settles it: new epoch, new incarnation */
	char text[200];          /* for people: what went wrong and what to do */
};

/* Queues HELLO. The replica must outlive the session. */
struct session *session_new(struct replica *replica, const struct prac_env *env);
void session_free(struct session *session);

/*
 * The device's certificate and the authorities it trusts, while the server may give it new ones. The
 * session decides when, by the server's clock; whose they are and where they are stored is the owner's.
 */
struct session_papers {
	struct prac_bytes certificate; /* PEM, borrowed as long as the session */
	struct prac_bytes sign_in;     /* session of a signed-in person; may be empty */
	/* Whether a new certificate is to be asked for, at this time of the server's clock. */
	bool (*is_due)(void *ctx, int64_t now_ms);
	/* take and learn return NULL, or why what came is not taken; then what is there stays. */
	const char *(*take)(void *ctx, struct prac_bytes certificate);
	void (*witness)(void *ctx, const Practicum__Welcome *welcome); /* the audit's heads */
	const char *(*learn)(void *ctx, struct prac_bytes authorities, struct prac_bytes crosses);
	void *ctx;
};

/* Before the first bytes are fed. Without, a certificate that is over is the session's end. */
void session_use_papers(struct session *session, const struct session_papers *papers);

/* Bytes from the server; may close the session. */
void session_feed(struct session *session, struct prac_bytes bytes);

/* Timers; call at least once a second. */
void session_tick(struct session *session, uint64_t now_ms);

/*
 * One request beside the process that syncs. The message is packed at once; done runs
 * exactly once, from a later call into the session, and with PRAC_UNAVAILABLE when the session ends
 * first. answer is NULL unless the status is PRAC_OK and the method no stream; text is for people.
 */
struct session_ask {
	Practicum__MethodId method;
	const ProtobufCMessage *request;
	const ProtobufCMessageDescriptor *answer;
	/* Each DATA message of a stream, whose type is answer; NULL: a method with one answer. */
	void (*piece)(void *ctx, const ProtobufCMessage *message);
	/* Before done: all the server said. May be NULL. */
	void (*refused)(void *ctx, const Practicum__Status *status);
	void (*done)(void *ctx, enum prac_status status, const ProtobufCMessage *answer,
		const char *text);
	void *ctx;
	/*
	 * After done, unless the session is over: is there a further request? It is put into *ask,
	 * which holds the last one. May be NULL.
	 */
	bool (*next)(void *ctx, struct session_ask *ask);
};

/* A session that makes this request and those that follow it, and does not sync. */
struct session *session_new_aside(
	struct replica *replica, const struct prac_env *env, const struct session_ask *ask);

/* The outbox has new entries (a poke from another process or the page). */
void session_poke(struct session *session);

/* Bytes to send; the caller consumes them. */
struct prac_buf *session_output(struct session *session);

/* The transport is gone; what was in flight has an unknown outcome. */
void session_cut(struct session *session, enum prac_status status, const char *text);

/* Says GOAWAY after what is in flight, then phase CLOSED. */
void session_close(struct session *session);

void session_progress(const struct session *session, struct session_progress *progress_out);
const struct session_end *session_end(const struct session *session);
