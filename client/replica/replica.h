/*
 * The device's local store: what the server said (base), what people did here and was not judged
 * yet (outbox), and what they see (view = base with the pending work laid over it), in one SQLite
 * file in WAL mode with synchronous=FULL. Every change of the outbox and of the view is one
 * transaction; when a call returns PRAC_OK it survives a power cut.
 *
 * One process holds the link lock and talks to the server; any number of processes read and write
 * the outbox. Calls block for the disk and are made outside the loop's hot paths only.
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/env.h"
#include "common/base/seal.h"
#include "common/sync/cursor.h"
#include "common/sync/mutation.h"

struct replica;

/* A sentence for people about the last failure: what went wrong and what to do. may be NULL */
const char *replica_error(const struct replica *replica);

/* ---- the data key (docs/adr/0011), which client/key keeps */
enum {
	REPLICA_KEY_TEXT = 256
};

/* By which a key is told from another one; says nothing about it. */
struct replica_key_id {
	uint8_t b[16];
};
struct replica_key_id replica_key_id(const uint8_t key[PRAC_SEAL_KEY]);

/*
 * Where the replica gets its key: asked at the first sealed value of each transaction, and wiped at its
 * end. may_make: nothing is sealed yet, so that a new key may be made. Else a status with the sentence
 * for people. erase: no key is ever had again.
 */
struct replica_keys {
	enum prac_status (*get)(void *ctx, bool may_make, uint8_t key_out[PRAC_SEAL_KEY],
		char text_out[REPLICA_KEY_TEXT]);
	void (*erase)(void *ctx);
	void *ctx;
};

/* Can what is sealed be read now? Else the failure says why not. */
enum prac_status replica_check_key(struct replica *replica) PRAC_MUST_USE;

/* Where the file is and what it works with. */
struct replica_place {
	const char *path;
	const char *vfs; /* NULL: SQLite's default */
	const struct prac_env *env;
	const struct replica_keys *keys; /* NULL: nothing that is sealed can be read or written */
};

/*
 * Opens or creates the file; migrates it, rebuilding columns from the kept bytes when the catalog
 * changed. PRAC_FAILED_PRECONDITION: written by a newer program. PRAC_DATA_LOSS: damaged file.
 * PRAC_RESOURCE_EXHAUSTED: disk full. After a failure, too, *replica_out is to be closed;
 * replica_error() says what happened. Borrows what the place points to.
 */
enum prac_status replica_open(
	const struct replica_place *place, struct replica **replica_out) PRAC_MUST_USE;
void replica_close(struct replica *replica);

/* ---- who this replica is (set once by enrollment) */
struct replica_identity {
	struct prac_id device;
	struct prac_id person; /* who was named at enrollment */
	bool district;
	char label[128];  /* "Oak Ridge High School, WBL office" */
	char server[256]; /* host:port */
};
enum prac_status replica_enroll(
	struct replica *replica, const struct replica_identity *identity) PRAC_MUST_USE;
/* PRAC_NOT_FOUND: not enrolled. */
enum prac_status replica_identity(
	struct replica *replica, struct replica_identity *identity_out) PRAC_MUST_USE;

/* ---- people's work */

/* Why the rules said no, with the words for the field that is wrong. */
struct replica_refusal {
	enum prac_reason reason;
	struct prac_problem problem;
};

/*
 * Stores a mutation made of the difference between before (as shown; NULL to create) and after, and
 * takes the next counter for it. The rules run first: what they refuse is not stored.
 * PRAC_FAILED_PRECONDITION with *refusal_out: refused. PRAC_RESOURCE_EXHAUSTED: disk full or the
 * outbox holds 200,000.
 */
enum prac_status replica_save(struct replica *replica, const struct prac_record *before,
	struct prac_record *after, struct replica_refusal *refusal_out) PRAC_MUST_USE;

/*
 * Everything that is wrong with single values of what replica_save() refused: one problem a field. What the
 * rules say of several values together is not among them.
 */
typedef void (*replica_problem_fn)(void *ctx, const struct prac_problem *problem);
enum prac_status replica_check_values(struct replica *replica, const struct prac_record *before,
	const struct prac_record *after, replica_problem_fn fn, void *ctx) PRAC_MUST_USE;

enum prac_status replica_act(struct replica *replica, const struct prac_record *record,
	const struct prac_action *action, const struct prac_value *args,
	struct replica_refusal *refusal_out) PRAC_MUST_USE;

/*
 * While collect is not NULL, every mutation that a save or an action makes is also given to it: for a
 * plan that goes another way than the outbox. The caller rolls the transaction back.
 */
typedef void (*replica_collect_fn)(void *ctx, const struct prac_mutation *mutation);
void replica_collect(struct replica *replica, replica_collect_fn collect, void *ctx);

/* Several saves as one: all or none. Nests not. */
enum prac_status replica_begin(struct replica *replica) PRAC_MUST_USE;
enum prac_status replica_commit(struct replica *replica) PRAC_MUST_USE;
void replica_rollback(struct replica *replica);

/* ---- reading the view */

/*
 * Records come as whoever acts may see them: fields that are not theirs are in `withheld`.
 *
 * NULL in *record_out when there is none (or it was deleted). Lives in the arena.
 */
enum prac_status replica_get(struct replica *replica, const struct prac_type *type,
	const struct prac_id *id, struct prac_arena *arena,
	const struct prac_record **record_out) PRAC_MUST_USE;

/* Whoever acts sees the field of no record: nothing may be found by it. */
bool replica_withholds(struct replica *replica, const struct prac_field *field);

struct replica_filter {
	const struct prac_field *field; /* equal to value; both NULL/absent values match absent */
	struct prac_value value;
};

struct replica_query {
	const struct prac_type *type;
	const struct replica_filter *filters; /* all of them hold */
	size_t n_filters;
};

/* Calls each in the order of ids until it returns false; the record lives until each returns. */
typedef bool (*replica_each_fn)(void *ctx, const struct prac_record *record, bool pending);
enum prac_status replica_list(struct replica *replica, const struct replica_query *query,
	replica_each_fn each, void *ctx) PRAC_MUST_USE;

enum prac_status replica_count(
	struct replica *replica, const struct replica_query *query, size_t *n_out) PRAC_MUST_USE;

/* The records whose ids start with these hex digits, dashes ignored: none, the one, or two of more.
 * PRAC_INVALID_ARGUMENT: not hex digits, or none. */
enum prac_status replica_find_id(struct replica *replica, const struct prac_type *type,
	const char *prefix, struct prac_id ids_out[2], size_t *n_out) PRAC_MUST_USE;

/* Another live record with the natural key of this one; *record_out NULL: there is none, or several are. */
enum prac_status replica_same_key(struct replica *replica, const struct prac_record *record,
	struct prac_arena *arena, const struct prac_record **record_out) PRAC_MUST_USE;

/* How many hex digits tell this id from every other of its type here, at least 8. */
size_t replica_short_id(
	struct replica *replica, const struct prac_type *type, const struct prac_id *id);

/* Facts over the view, for rules: whole records of those that whoever acts may see; in the arena. */
void replica_facts(struct replica *replica, struct prac_arena *arena, struct prac_facts *facts_out);

/* ---- outbox, verdicts, drafts */
enum replica_outbox_state {
	REPLICA_UNSENT,
	REPLICA_SENT,  /* may have been judged; the answer is not here */
	REPLICA_JUDGED /* kept 35 days, for a server that lost it */
};

struct replica_entry {
	int64_t place; /* in the outbox; grows in the order in which input was made */
	uint64_t incarnation;
	uint64_t counter;
	enum replica_outbox_state state;
	int64_t attestation;     /* place of the one it was entered under; 0: none */
	struct prac_bytes bytes; /* encoded Mutation */
};

enum {
	REPLICA_ATTESTED_MAX = 64 /* attestations that entries taken at once need (PROTOCOL 10) */
};

struct replica_want {
	int64_t after;        /* place; 0: from the beginning */
	uint64_t incarnation; /* nothing if the next is of another; 0: of any */
	size_t max_n;
	size_t max_bytes; /* one entry is given in any case */
};

/*
 * Entries that are not judged, in the order they were made, all of one incarnation: what an earlier
 * one still has to send comes first, since later input may rest on it. They are marked sent (durably)
 * before they are returned.
 */
enum prac_status replica_take(struct replica *replica, const struct replica_want *want,
	struct prac_arena *arena, struct replica_entry **entries_out, size_t *n_out) PRAC_MUST_USE;

/* Stores verdicts; refused input becomes a draft; the pending patch leaves the view when base has
 * reached the verdict's seq. */
enum prac_status replica_judged(struct replica *replica, uint64_t incarnation,
	const struct prac_verdict *verdicts, size_t n) PRAC_MUST_USE;

struct replica_counters {
	uint64_t incarnation;
	uint64_t next_counter;
	uint64_t acked_through;
	uint64_t epoch;
	size_t n_unsent, n_sent, n_drafts, n_conflicts;
};
enum prac_status replica_counters(
	struct replica *replica, struct replica_counters *counters_out) PRAC_MUST_USE;

/* What is left to send of an incarnation of which the server wants `counter` next. */
struct replica_gap {
	uint64_t oldest;  /* counter that is not judged; 0: none */
	bool has_counter; /* the one it wants is among them */
};
enum prac_status replica_gap(struct replica *replica, uint64_t incarnation, uint64_t counter,
	struct replica_gap *gap_out) PRAC_MUST_USE;

struct replica_greeting {
	uint64_t epoch;
	uint64_t last_counter; /* of the present incarnation */
	uint64_t lost_after;   /* numbers above it that an earlier epoch gave are void */
	int64_t server_ms;     /* the server's clock, since 1970-01-01 UTC; 0: it did not say */
};

/*
 * What WELCOME said. Another epoch: what was judged above lost_after, under whatever incarnation, and
 * what this server never counted become unsent again under the keys they have, and everything is
 * loaded anew.
 */
enum prac_status replica_welcome(
	struct replica *replica, const struct replica_greeting *greeting) PRAC_MUST_USE;

/*
 * The server knows another mutation under a counter of ours (REWOUND), a later counter than we ever
 * used, or not the one before: this file is a copy or an old state, or has erased what the server
 * lost. What the incarnation has not judged from the counter on moves under a new one, made of its
 * first input, so that copies of one file give what they share the same key. The present incarnation
 * is left for good.
 */
enum prac_status replica_reincarnate(
	struct replica *replica, uint64_t incarnation, uint64_t from_counter) PRAC_MUST_USE;

struct replica_draft {
	uint64_t id;
	struct prac_bytes bytes; /* encoded Mutation */
	enum prac_reason reason;
	uint32_t field;
	const char *text;
	int64_t made_ms;
};
enum prac_status replica_drafts(struct replica *replica, struct prac_arena *arena,
	struct replica_draft **drafts_out, size_t *n_out) PRAC_MUST_USE;

/* What this device sent for a record and what became of it, oldest first; 35 days back. */
struct replica_input {
	uint64_t counter;
	enum replica_outbox_state state;
	struct prac_bytes bytes; /* encoded Mutation */
	int64_t made_ms;
	struct prac_verdict verdict; /* kind 0: none yet */
	int64_t judged_ms;           /* by the server's clock; 0: not known */
};

struct replica_inputs {
	struct replica_input *items;
	size_t n;
};
enum prac_status replica_history(struct replica *replica, const struct prac_type *type,
	const struct prac_id *id, struct prac_arena *arena,
	struct replica_inputs *inputs_out) PRAC_MUST_USE;

/*
 * Sends it again as a new mutation on what is there now, and with a create all that was refused because
 * it builds on it: *n_followed_out of them. What was to be a second record with one natural key
 * (DUPLICATE) goes into the first, and so does what builds on it.
 */
enum prac_status replica_draft_retry(struct replica *replica, uint64_t id,
	struct replica_refusal *refusal_out, size_t *n_followed_out) PRAC_MUST_USE;
enum prac_status replica_draft_discard(struct replica *replica, uint64_t id) PRAC_MUST_USE;

/* ---- from the server */
struct replica_position {
	struct prac_cursor cursor; /* all zero: nothing loaded yet */
	struct prac_scope_grant *grants;
	size_t n_grants;
};
enum prac_status replica_position(struct replica *replica, struct prac_arena *arena,
	struct replica_position *position_out) PRAC_MUST_USE;

/* One row as it came. body is the record's canonical encoding; empty when gone. */
struct replica_row {
	uint32_t type;
	Practicum__Gone gone;
	struct prac_id id, scope, owner;
	uint64_t seq;
	struct prac_bytes body;
	const uint64_t *group_seq;
	size_t n_group_seq;
};

struct replica_page {
	const struct replica_row *rows;
	size_t n_rows;
	struct prac_cursor cursor;
	uint64_t last_counter; /* of this device, read in the page's snapshot */
	uint64_t head;
};

/*
 * Applies one page and moves the cursor with it, in one transaction. PRAC_ABORTED: last_counter was
 * never used here, so the file is a copy or an old state; nothing was applied,
 * replica_reincarnate() is next.
 */
enum prac_status replica_apply_page(
	struct replica *replica, const struct replica_page *page) PRAC_MUST_USE;

/*
 * What the device may hold now. Returns the scopes that must be loaded first (new ones) and purges
 * those that are gone once no unjudged mutation of theirs is left; *purge_waits_out says so.
 */
struct replica_rights {
	const struct prac_scope_grant *grants;
	size_t n_grants;
	bool is_greeting; /* said by WELCOME: the server read them after all it has judged so far */
};
enum prac_status replica_grants(struct replica *replica, const struct replica_rights *rights,
	bool *purge_waits_out) PRAC_MUST_USE;

/* The next scope to load and where a broken load goes on; PRAC_NOT_FOUND: all are loaded. */
struct replica_load {
	struct prac_id scope;
	uint64_t snapshot; /* 0: none begun */
	uint32_t chunk;    /* next wanted */
};
enum prac_status replica_next_load(
	struct replica *replica, struct replica_load *load_out) PRAC_MUST_USE;

struct replica_chunk {
	struct replica_load load; /* which one it is */
	uint32_t n_chunks;
	uint64_t seq; /* the cut */
	const struct replica_row *rows;
	size_t n_rows;
};

/* Chunks arrive in order; the last one (chunk + 1 == n_chunks) makes the scope live at seq and
 * sweeps what the server no longer has. Another snapshot id starts the scope again. PRAC_ABORTED:
 * not the chunk that is wanted next. */
enum prac_status replica_apply_chunk(
	struct replica *replica, const struct replica_chunk *chunk) PRAC_MUST_USE;

/* The server no longer knows what changed since our position: every scope is loaded again. Outbox and
 * drafts are no part of it. */
enum prac_status replica_reload(struct replica *replica) PRAC_MUST_USE;

/* ---- the lease */
struct replica_lease {
	uint32_t days;      /* that it may be shown without contact; 0: no limit */
	uint32_t days_away; /* since the last contact */
	bool is_over;
};

/* The server was there, and allows so many days. */
enum prac_status replica_contact(struct replica *replica, uint32_t lease_days) PRAC_MUST_USE;
enum prac_status replica_lease_read(
	struct replica *replica, struct replica_lease *lease_out) PRAC_MUST_USE;

/* ---- the end: the district has revoked the device */
struct replica_purge {
	int64_t revoked_ms;   /* when the order came, by this device's clock; 0: it did not */
	uint64_t lost;        /* entries that were not judged yet and are erased with the rest */
	bool is_receipt_kept; /* the server knows */
};
enum prac_status replica_purge_read(
	struct replica *replica, struct replica_purge *purge_out) PRAC_MUST_USE;

/*
 * Erases the data key, then records, input, drafts and files, from the file and its free pages as well. What is left says
 * which device this was. May be done again, and is when it was cut short.
 */
enum prac_status replica_purge(struct replica *replica) PRAC_MUST_USE;
enum prac_status replica_purge_kept(struct replica *replica) PRAC_MUST_USE;

/* A school that was taken away and is erased, of which the server has not heard; PRAC_NOT_FOUND: none. */
enum prac_status replica_purged_next(
	struct replica *replica, struct prac_id *scope_out) PRAC_MUST_USE;
enum prac_status replica_purged_told(
	struct replica *replica, const struct prac_id *scope) PRAC_MUST_USE;

/* True when a page was complete at head and no load is open: totals and prints may be made. */
bool replica_is_consistent(const struct replica *replica);
