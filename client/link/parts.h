/* What the files of the session share. Inside client/link only. */
#pragma once

#include "client/link/session.h"
#include "client/replica/files.h"
#include "client/replica/people.h"
#include "common/wire/credit.h"
#include "common/wire/frame.h"

enum {
	SESSION_CALLS = 9,
	SESSION_PUSHES = 2,  /* in flight (PROTOCOL 4) */
	SESSION_BATCH = 256, /* mutations in a push */
	SESSION_BATCH_LEN =
		48 * 1024, /* their bytes: two in flight arrive in a call's time at 2 KiB/s */
	SESSION_MESSAGE_MAX = 4 * 1024 * 1024,
	SESSION_CALL_MS = 60 * 1000,
	SESSION_HELLO_MS = 10 * 1000,
	SESSION_QUIET_MS = 25 * 1000,
	SESSION_DEAD_MS = 75 * 1000,
	SESSION_PAUSE_MS = 2 * 1000, /* after a first refusal; doubles */
	SESSION_PAUSE_DOUBLES = 5,
	SESSION_KNOWN_MS = 10 * 60 * 1000, /* who may sign in here is asked again */
	SESSION_PIECE = 32 * 1024,         /* of a file in one request (PROTOCOL, Files) */
	SESSION_FILE_TRIES = 3             /* pieces in a row that bring a file no further */
};

enum call_kind {
	CALL_NONE,
	CALL_PUSH,
	CALL_PULL,
	CALL_SNAPSHOT,
	CALL_FILE,
	CALL_RENEW,
	CALL_RECEIPT,
	CALL_KNOWN,
	CALL_ASK
};

struct call {
	enum call_kind kind;
	uint32_t stream;
	uint64_t deadline_ms;
	uint64_t incarnation;   /* PUSH: of its mutations */
	uint64_t first_counter; /* PUSH */
	size_t n_mutations;     /* PUSH */
	struct prac_id scope;   /* SNAPSHOT */
	struct prac_buf body;   /* pieces of a message that goes on */
	struct prac_credit credit;
};

struct session {
	struct replica *replica;
	const struct prac_env *env;
	enum session_phase phase;
	struct session_end end;
	struct prac_buf in, out;
	struct prac_arena arena; /* of the message being handled */
	struct prac_credit credit;
	struct call calls[SESSION_CALLS];
	uint32_t last_stream;
	bool is_welcome;
	bool is_closing; /* asked to end once nothing is in flight */
	bool is_leaving; /* the server said GOAWAY */
	uint64_t now_ms, heard_ms, said_ms;
	uint32_t quiet_ms; /* 25 s +-20 % */
	uint32_t max_frame;

	/* push */
	int64_t push_after;        /* place in the outbox of the last that is in flight */
	uint64_t push_incarnation; /* of what is in flight: one at a time */
	uint64_t incarnation;      /* as HELLO said */
	size_t batch;              /* mutations in the next push */
	uint64_t push_at_ms;
	/* Replayed one by one up to here before the incarnation is left; 0: no. */
	uint64_t probe_through, probe_incarnation;
	uint64_t next_counter;
	unsigned n_gaps;
	unsigned n_push_refused; /* in a row */
	char trouble[200];
	char refusal[200];
	bool may_push; /* the outbox may hold something that was not taken yet */

	/* pull and load */
	bool wants_pull, may_load;
	uint64_t pull_at_ms;
	unsigned n_pull_refused; /* in a row */
	unsigned n_reloads, n_bad_chunks;
	uint64_t seq, head;
	uint32_t chunk, n_chunks;

	/* files */
	struct replica_file file; /* the one under way, with has_file */
	uint64_t file_place;      /* what of it the server has, with has_place */
	int64_t file_after;       /* id of the last one dealt with */
	uint64_t file_at_ms;
	unsigned n_file_stuck, n_file_refused; /* in a row */

	struct replica_purge purge; /* as it was when the session began */
	struct prac_id purged;      /* the school that CALL_RECEIPT is about */

	/* papers */
	struct session_papers papers;
	int64_t server_ms;   /* the server's clock when WELCOME came */
	uint64_t welcome_ms; /* and ours then */

	/* people */
	int64_t people; /* as the last Head said it */
	uint64_t known_at_ms;
	struct prac_id asked[PEOPLE_ASKED_MAX];
	size_t n_asked;

	struct session_ask ask;
	struct prac_buf ask_body;
	bool has_ask;
	bool wants_known; /* what became of those who signed in here */
	bool is_aside;    /* only asks; another connection syncs */
	bool may_send_files, has_file, has_place;
	bool may_receipt; /* some school may have been erased */
	bool has_papers;
	bool is_renewed; /* or tried */
	bool is_expired; /* the server takes nothing but a renewal, and a sign-in for it */
};

/* NULL: as many are open as may be. The request is framed and counted. */
struct call *session_call(struct session *session, enum call_kind kind, Practicum__MethodId method,
	const ProtobufCMessage *request);
void session_send(struct session *session, struct call *call, Practicum__MethodId method,
	struct prac_bytes body);
/* A place in the table and a stream number; nothing is sent. */
struct call *session_open(struct session *session, enum call_kind kind);
void call_end(struct call *call);
void session_say(struct session *session, const struct prac_frame *frame);

/* A frame of an answer. */
void session_piece(struct session *session, const struct prac_frame *frame);
/* farewell.c: the order to erase; the receipt was kept; false: the session failed. */
void farewell_erase(struct session *session);
void farewell_end(struct session *session);
bool farewell_prepare(struct session *session);
void receipt_start(struct session *session);
void receipt_answered(struct session *session);
void session_hello(struct session *session, const struct replica_counters *counters);
void session_welcome(struct session *session, const struct prac_frame *frame);
/* The next request: packed at once, sent when the session is open. */
void ask_put(struct session *session, const struct session_ask *ask);
void ask_start(struct session *session);
void ask_piece(struct session *session, struct prac_bytes body);
void ask_end(struct session *session, enum prac_status status, const ProtobufCMessage *answer,
	const char *text);
size_t session_count(const struct session *session, enum call_kind kind);

/* Ends the session; the first reason counts. text is for people. */
void session_fail(struct session *session, enum prac_status status, const char *text);

/* The replica failed: its words. */
void session_fail_replica(struct session *session, enum prac_status status);

/* Ends it with a wish for a new HELLO at once. */
void session_restart(struct session *session, const char *text);

/* The scopes the device may hold changed or are said for the first time. */
void session_grants(
	struct session *session, Practicum__ScopeGrant **grants, size_t n, bool is_greeting);

/* Starts what may be started. */
void push_start(struct session *session);
void pull_start(struct session *session);
void file_start(struct session *session);
void renewal_start(struct session *session);
void known_start(struct session *session);

/* Learn what became of an incarnation's input up to a counter, then go on under a new one. */
void push_probe(struct session *session, uint64_t incarnation, uint64_t through);

/* A whole answer, or a refusal. */
void push_answered(struct session *session, struct call *call, struct prac_bytes body);
void push_refused(struct session *session, struct call *call, const Practicum__Status *status);
void pull_answered(struct session *session, struct call *call, struct prac_bytes body);
void pull_refused(struct session *session, const Practicum__Status *status);
/* What WELCOME says of the certificate and the authorities. */
void renewal_greeted(struct session *session, const Practicum__Welcome *welcome);
void renewal_answered(struct session *session, struct prac_bytes body);
void renewal_refused(struct session *session, const Practicum__Status *status);
void known_answered(struct session *session, struct prac_bytes body);
void file_answered(struct session *session, struct prac_bytes body);
void file_refused(struct session *session, const Practicum__Status *status);
void load_chunk(struct session *session, struct call *call, struct prac_bytes body);
void load_answered(struct session *session);
void load_refused(struct session *session, const Practicum__Status *status);

/* When to try again what was refused n times in a row; says why to who asks for progress. */
uint64_t session_retry_at(
	struct session *session, const Practicum__Status *status, unsigned n_refused);

/* Text of a status in the session's arena, with a word when it is empty. */
const char *status_text(struct session *session, const Practicum__Status *status);
bool status_is(const Practicum__Status *status, const char *reason);
