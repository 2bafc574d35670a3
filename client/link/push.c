/* The outbox on its way: batches in counter order, verdicts back, and what to do when the server
 * and this replica do not agree about the counters. */
#include <stdio.h>
#include <string.h>

#include "client/link/parts.h"
#include "common/base/failpoint.h"
#include "common/wire/binary.h"
#include "common/wire/scan.h"

static void stop(struct session *session, const char *text)
{
	session->may_push = false;
	(void)snprintf(session->trouble, sizeof(session->trouble), "%s", text);
}

static void pause_push(struct session *session, const Practicum__Status *status)
{
	session->push_at_ms = session_retry_at(session, status, ++session->n_push_refused);
	session->may_push = true;
}

static Practicum__Attestation *attestation_of(
	const struct replica_attestation *from, struct prac_arena *arena)
{
	Practicum__Attestation *to = prac_arena_alloc(arena, sizeof(*to));

	practicum__attestation__init(to);
	to->has_person = to->has_starts_ms = to->has_ends_ms = true;
	to->person = prac_binary(prac_arena_copy(arena, prac_id_bytes(&from->attestation.person)));
	to->starts_ms = from->attestation.starts_ms;
	to->ends_ms = from->attestation.ends_ms;
	to->has_public_key = to->has_signature = true;
	to->public_key = prac_binary(from->public_key);
	to->signature = prac_binary(from->signature);
	return to;
}

static bool is_among(const struct replica_entry *entries, size_t n, int64_t attestation)
{
	for (size_t i = 0; i < n; i++) {
		if (entries[i].attestation == attestation) {
			return true;
		}
	}
	return false;
}

/* With what a person entered goes what attests that the person was there. */
static void add_attestations(struct session *session, const struct replica_entry *entries, size_t n,
	Practicum__PushRequest *request)
{
	struct prac_arena *arena = &session->arena;
	struct replica_attestation attestation;

	request->attestations =
		prac_arena_alloc(arena, REPLICA_ATTESTED_MAX * sizeof(Practicum__Attestation *));
	for (size_t i = 0; i < n; i++) {
		if (entries[i].attestation == 0 || is_among(entries, i, entries[i].attestation) ||
			!replica_attestation(
				session->replica, entries[i].attestation, arena, &attestation)) {
			continue;
		}
		request->attestations[request->n_attestations++] =
			attestation_of(&attestation, arena);
	}
}

static void send_batch(struct session *session, const struct replica_entry *entries, size_t n)
{
	Practicum__PushRequest request = PRACTICUM__PUSH_REQUEST__INIT;
	ProtobufCBinaryData *items = prac_arena_alloc(&session->arena, n * sizeof(*items));
	struct call *call;

	for (size_t i = 0; i < n; i++) {
		items[i].data = (uint8_t *)entries[i].bytes.data;
		items[i].len = entries[i].bytes.len;
	}
	request.mutations = items;
	request.n_mutations = n;
	request.acked_through = entries[0].counter - 1;
	request.has_acked_through = true;
	request.has_incarnation = entries[0].incarnation != session->incarnation;
	request.incarnation = entries[0].incarnation;
	add_attestations(session, entries, n, &request);
	call = session_call(session, CALL_PUSH, PRACTICUM__METHOD_ID__SYNC_PUSH, &request.base);
	if (call != NULL) {
		call->incarnation = entries[0].incarnation;
		call->first_counter = entries[0].counter;
		call->n_mutations = n;
	}
	session->push_after = entries[n - 1].place;
	session->push_incarnation = entries[0].incarnation;
}

void push_probe(struct session *session, uint64_t incarnation, uint64_t through)
{
	PRAC_SOMETIMES(PROBED);
	session->probe_incarnation = incarnation;
	session->probe_through = through;
	session->batch = 1;
	session->may_push = true;
}

static void reincarnate(struct session *session, uint64_t incarnation, uint64_t from_counter)
{
	enum prac_status status = replica_reincarnate(session->replica, incarnation, from_counter);

	if (status != PRAC_OK) {
		session_fail_replica(session, status);
	} else if (incarnation == session->incarnation) {
		session_restart(session,
			"this replica is a copy or an older state; it goes on under a new "
			"incarnation");
	} else {
		session->probe_through = 0;
		session->may_push = true;
	}
}

/*
 * The counter from which the incarnation is left, once the probe has shown what became of all that the
 * server counts; 0: it goes on. Nothing is sent after the present incarnation.
 */
static uint64_t probed_through(
	const struct session *session, const struct replica_entry *entries, size_t n)
{
	if (n == 0) {
		return UINT64_MAX;
	}
	if (entries[0].incarnation == session->probe_incarnation) {
		return entries[0].counter > session->probe_through ? entries[0].counter : 0;
	}
	return session->probe_incarnation == session->incarnation ? 0 : UINT64_MAX;
}

/* False: nothing (more) to send now. */
static bool push_one(struct session *session)
{
	struct replica_want want = { session->push_after, session->push_incarnation, session->batch,
		SESSION_BATCH_LEN };
	struct replica_entry *entries;
	enum prac_status status;
	uint64_t from;
	size_t n = 0;

	if (session_count(session, CALL_PUSH) == 0) {
		want.after = 0; /* whatever has no verdict, also of a connection that broke */
		want.incarnation = 0;
	}
	status = replica_take(session->replica, &want, &session->arena, &entries, &n);
	if (status != PRAC_OK) {
		session_fail_replica(session, status);
		return false;
	}
	from = session->probe_through != 0 ? probed_through(session, entries, n) : 0;
	if (from != 0) {
		reincarnate(session, session->probe_incarnation, from);
		return false;
	}
	if (n == 0) {
		session->may_push = false;
		return false;
	}
	send_batch(session, entries, n);
	return true;
}

void push_start(struct session *session)
{
	size_t limit = session->probe_through != 0 ? 1 : SESSION_PUSHES;
	bool goes_on = true;

	while (goes_on && session->may_push && session->phase != SESSION_CLOSED &&
		session->now_ms >= session->push_at_ms &&
		session_count(session, CALL_PUSH) < limit) {
		goes_on = push_one(session);
	}
}

static size_t verdicts_of(struct session *session, const Practicum__PushResponse *response,
	struct prac_verdict **verdicts_out)
{
	struct prac_verdict *verdicts =
		prac_arena_alloc(&session->arena, (response->n_verdicts + 1) * sizeof(*verdicts));

	for (size_t i = 0; i < response->n_verdicts; i++) {
		const Practicum__Verdict *verdict = response->verdicts[i];

		verdicts[i] = (struct prac_verdict){
			.counter = verdict->counter,
			.kind = verdict->kind,
			.reason = (enum prac_reason)verdict->reason,
			.seq = verdict->seq,
			.replayed = verdict->replayed != 0,
			.field = verdict->field,
			.text = { verdict->text.data, verdict->text.len },
		};
	}
	*verdicts_out = verdicts;
	return response->n_verdicts;
}

void push_answered(struct session *session, struct call *call, struct prac_bytes body)
{
	Practicum__PushResponse *response;
	struct prac_verdict *verdicts;
	ProtobufCMessage *message;
	enum prac_status status;
	size_t n;

	if (prac_unpack(&practicum__push_response__descriptor, body, &session->arena, &message) !=
		PRAC_OK) {
		session_fail(session, PRAC_INVALID_ARGUMENT, "the server's answer is not readable");
		return;
	}
	response = (Practicum__PushResponse *)message;
	n = verdicts_of(session, response, &verdicts);
	PRAC_FAILPOINT("after_verdict_received_before_stored");
	status = replica_judged(session->replica, call->incarnation, verdicts, n);
	if (status != PRAC_OK) {
		session_fail_replica(session, status);
		return;
	}
	session->n_gaps = 0;
	if (session->probe_through == 0 && session->batch < SESSION_BATCH) {
		session->batch =
			session->batch * 2 < SESSION_BATCH ? session->batch * 2 : SESSION_BATCH;
	}
	session->may_push = session->may_receipt = true;
	session->n_push_refused = 0;
	if (n < call->n_mutations) {
		session->push_at_ms = session->now_ms + SESSION_PAUSE_MS;
	}
	session->head = response->head > session->head ? response->head : session->head;
	session->wants_pull = session->wants_pull || session->head > session->seq;
}

/*
 * The server wants counters from `next` on. When this replica no longer has that one (it was judged,
 * erased with its scope or expired, and a restored server lost it), what the server has is asked for
 * one by one, and what comes after the hole goes on under a new incarnation.
 */
static void on_gap(struct session *session, uint64_t incarnation, uint64_t next)
{
	struct replica_gap gap;
	enum prac_status status = replica_gap(session->replica, incarnation, next, &gap);

	if (status != PRAC_OK) {
		session_fail_replica(session, status);
	} else if (gap.oldest > next) {
		reincarnate(session, incarnation, gap.oldest);
	} else if (!gap.has_counter && gap.oldest != 0) {
		push_probe(session, incarnation, next - 1);
	} else if (++session->n_gaps > 8) {
		session_fail(session, PRAC_INTERNAL,
			"the server and this replica do not agree about what was sent");
	} else {
		session->may_push = true;
	}
}

/* Somewhere in the batch the server knows another content: one by one it shows where. */
static void on_rewound(struct session *session, const struct call *call, uint64_t last_counter)
{
	if (call->n_mutations == 1) {
		reincarnate(session, call->incarnation, call->first_counter);
		return;
	}
	push_probe(session, call->incarnation, last_counter);
}

void push_refused(struct session *session, struct call *call, const Practicum__Status *status)
{
	switch ((enum prac_status)status->code) {
	case PRAC_ABORTED:
		if (status_is(status, "REWOUND")) {
			on_rewound(session, call, status->last_counter);
		} else if (status_is(status, "GAP")) {
			on_gap(session, call->incarnation, status->last_counter + 1);
		} else {
			pause_push(session, status);
		}
		return;
	case PRAC_RESOURCE_EXHAUSTED:
		session->batch = session->batch > 1 ? session->batch / 2 : 1;
		pause_push(session, status);
		return;
	case PRAC_CANCELLED:
	case PRAC_UNKNOWN:
	case PRAC_DEADLINE_EXCEEDED:
	case PRAC_UNAVAILABLE:
	case PRAC_INTERNAL:
		pause_push(session, status);
		return;
	case PRAC_DATA_LOSS:
	case PRAC_OUT_OF_RANGE:
		session_restart(session, "the server was restored; what it lost is sent again");
		return;
	case PRAC_UNAUTHENTICATED:
		session_fail(session, PRAC_UNAUTHENTICATED, status_text(session, status));
		return;
	case PRAC_OK:
	case PRAC_INVALID_ARGUMENT:
	case PRAC_NOT_FOUND:
	case PRAC_ALREADY_EXISTS:
	case PRAC_PERMISSION_DENIED:
	case PRAC_FAILED_PRECONDITION:
	case PRAC_UNIMPLEMENTED:
		break;
	}
	/* Sending the same bytes again would get the same answer. */
	stop(session, status_text(session, status));
}
