/*
 * The client's side of a connection as a pure state machine: plain bytes and ticks in, plain bytes
 * out; sockets, TLS and waiting are link.c's. Push and pull run side by side: downloads never wait
 * for uploads.
 */
#pragma once

#include "client/replica/replica.h"
#include "common/base/buf.h"

struct session;

enum session_phase {
	SESSION_HELLO,   /* waits for WELCOME */
	SESSION_LOADING, /* first load of a scope */
	SESSION_CATCHING_UP,
	SESSION_CURRENT, /* complete at the last head known, outbox empty or waiting for its answer */
	SESSION_CLOSED
};

/* Progress for a person who waits; sizes in rows and chunks. */
struct session_progress {
	enum session_phase phase;
	uint32_t chunk, n_chunks;
	uint64_t seq, head;
	size_t n_unsent;
};

struct session_end {
	enum prac_status status; /* PRAC_OK: closed as asked */
	uint32_t retry_after_ms; /* 0: the caller's own back-off */
	char text[200];          /* for people: what went wrong and what to do */
};

/* Queues HELLO. The replica must outlive the session. */
struct session *session_new(struct replica *replica, const struct prac_env *env);
void session_free(struct session *session);

/* Bytes from the server; may close the session. */
void session_feed(struct session *session, struct prac_bytes bytes);

/* Timers; call at least once a second. */
void session_tick(struct session *session, uint64_t now_ms);

/* The outbox has new entries (a poke from another process or the page). */
void session_poke(struct session *session);

/* Bytes to send; the caller consumes them. */
struct prac_buf *session_output(struct session *session);

/* Says GOAWAY after what is in flight, then phase CLOSED. */
void session_close(struct session *session);

void session_progress(const struct session *session, struct session_progress *progress_out);
const struct session_end *session_end(const struct session *session);
