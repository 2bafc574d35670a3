/* The outbox on its way: batches in counter order, verdicts back, and what to do when the server
 * and this replica do not agree about the counters. */
#include <stdio.h>
#include <string.h>

#include "client/link/parts.h"
#include "common/base/failpoint.h"
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
	call = session_call(session, CALL_PUSH, PRACTICUM__METHOD_ID__SYNC_PUSH, &request.base);
	if (call != NULL) {
		call->first_counter = entries[0].counter;
		call->n_mutations = n;
	}
	session->push_from = entries[n - 1].counter + 1;
}

static void reincarnate(struct session *session, uint64_t from_counter)
{
	enum prac_status status = replica_reincarnate(session->replica, from_counter);

	if (status != PRAC_OK) {
		session_fail_replica(session, status);
		return;
	}
	session_restart(session,
		"this replica is a copy or an older state; it goes on under a new incarnation");
}

/* False: nothing (more) to send now. */
static bool push_one(struct session *session)
{
	struct replica_want want = { session->push_from, session->batch, SESSION_BATCH_LEN };
	struct replica_entry *entries;
	enum prac_status status;
	size_t n = 0;

	if (session_count(session, CALL_PUSH) == 0) {
		want.from = 0; /* whatever has no verdict, also of a connection that broke */
	}
	status = replica_take(session->replica, &want, &session->arena, &entries, &n);
	if (status != PRAC_OK) {
		session_fail_replica(session, status);
		return false;
	}
	if (session->probe_through != 0 &&
		(n == 0 || entries[0].counter > session->probe_through)) {
		reincarnate(session, n > 0 ? entries[0].counter : UINT64_MAX);
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
	status = replica_judged(session->replica, verdicts, n);
	if (status != PRAC_OK) {
		session_fail_replica(session, status);
		return;
	}
	session->n_gaps = 0;
	if (session->probe_through == 0 && session->batch < SESSION_BATCH) {
		session->batch =
			session->batch * 2 < SESSION_BATCH ? session->batch * 2 : SESSION_BATCH;
	}
	session->may_push = true;
	session->n_push_refused = 0;
	if (n < call->n_mutations) {
		session->push_at_ms = session->now_ms + SESSION_PAUSE_MS;
	}
	session->head = response->head > session->head ? response->head : session->head;
	session->wants_pull = session->wants_pull || session->head > session->seq;
}

/* Is there input with exactly this counter that waits for its verdict? */
static enum prac_status look_for(struct session *session, uint64_t counter, bool *found_out)
{
	struct replica_want want = { counter, 1, SESSION_BATCH_LEN };
	struct replica_entry *entries;
	size_t n = 0;
	enum prac_status status =
		replica_take(session->replica, &want, &session->arena, &entries, &n);

	*found_out = status == PRAC_OK && n > 0 && entries[0].counter == counter;
	return status;
}

/*
 * The server wants counters from `next` on. When this replica no longer has that one (it was judged,
 * erased with its scope or expired, and a restored server lost it), what the server has is asked for
 * one by one, and what comes after the hole goes on under a new incarnation.
 */
static void on_gap(struct session *session, uint64_t next)
{
	struct replica_counters counters;
	bool has_next = false;
	enum prac_status status = replica_counters(session->replica, &counters);

	if (status == PRAC_OK) {
		status = look_for(session, next, &has_next);
	}
	if (status != PRAC_OK) {
		session_fail_replica(session, status);
	} else if (counters.oldest_unjudged > next) {
		reincarnate(session, counters.oldest_unjudged);
	} else if (!has_next) {
		session->probe_through = next - 1;
		session->batch = 1;
		session->may_push = true;
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
		reincarnate(session, call->first_counter);
		return;
	}
	session->probe_through = last_counter;
	session->batch = 1;
	session->may_push = true;
}

void push_refused(struct session *session, struct call *call, const Practicum__Status *status)
{
	switch ((enum prac_status)status->code) {
	case PRAC_ABORTED:
		if (status_is(status, "REWOUND")) {
			on_rewound(session, call, status->last_counter);
		} else if (status_is(status, "GAP")) {
			on_gap(session, status->last_counter + 1);
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
