#include "client/link/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/link/parts.h"
#include "common/base/failpoint.h"
#include "common/wire/binary.h"
#include "common/wire/scan.h"

/* ---- ends */

const char *status_text(struct session *session, const Practicum__Status *status)
{
	struct prac_bytes text = { status->text.data, status->text.len };

	if (text.len == 0) {
		return prac_status_text((enum prac_status)status->code);
	}
	return prac_arena_text(&session->arena, text);
}

bool status_is(const Practicum__Status *status, const char *reason)
{
	return prac_bytes_equal(prac_binary_bytes(status->reason), prac_bytes_text(reason));
}

uint64_t session_retry_at(
	struct session *session, const Practicum__Status *status, unsigned n_refused)
{
	unsigned doubles = n_refused < SESSION_PAUSE_DOUBLES ? n_refused : SESSION_PAUSE_DOUBLES;

	(void)snprintf(
		session->refusal, sizeof(session->refusal), "%s", status_text(session, status));
	if (status->retry_after_ms != 0) {
		return session->now_ms + status->retry_after_ms;
	}
	return session->now_ms + ((uint64_t)SESSION_PAUSE_MS << (doubles - 1));
}

void session_fail(struct session *session, enum prac_status status, const char *text)
{
	if (session->phase == SESSION_CLOSED) {
		return;
	}
	session->phase = SESSION_CLOSED;
	session->end.status = status;
	(void)snprintf(session->end.text, sizeof(session->end.text), "%s", text);
	for (size_t i = 0; i < SESSION_CALLS; i++) {
		call_end(&session->calls[i]);
	}
	ask_end(session, PRAC_UNAVAILABLE, NULL, session->end.text);
}

void session_fail_replica(struct session *session, enum prac_status status)
{
	session_fail(session, status, replica_error(session->replica));
}

void session_restart(struct session *session, const char *text)
{
	session->end.is_retry_now = true;
	session_fail(session, PRAC_ABORTED, text);
}

void session_cut(struct session *session, enum prac_status status, const char *text)
{
	session_fail(session, status, text);
}

static struct session *create(struct replica *replica, const struct prac_env *env, bool is_aside)
{
	struct session *session = calloc(1, sizeof(*session));
	struct replica_counters counters;
	enum prac_status status;

	if (session == NULL) {
		abort(); /* a few hundred bytes: as the arena does */
	}
	session->replica = replica;
	session->in.is_secret = session->out.is_secret = session->ask_body.is_secret = true;
	session->is_aside = is_aside;
	session->env = env;
	session->now_ms = env->monotonic_ms(env->ctx);
	session->heard_ms = session->said_ms = session->now_ms;
	session->quiet_ms = SESSION_QUIET_MS - SESSION_QUIET_MS / 5 +
			    (uint32_t)(prac_env_random64(env) % (2 * SESSION_QUIET_MS / 5));
	session->max_frame = PRAC_FRAME_DEFAULT_MAX;
	session->batch = SESSION_BATCH;
	prac_credit_init(&session->credit, PRAC_WINDOW(PRAC_CREDIT_CONNECTION));
	status = replica_counters(replica, &counters);
	if (status != PRAC_OK) {
		session_fail_replica(session, status);
		return session;
	}
	if (!farewell_prepare(session)) {
		return session;
	}
	session->next_counter = counters.next_counter;
	session->incarnation = counters.incarnation;
	session_hello(session, &counters);
	return session;
}

struct session *session_new(struct replica *replica, const struct prac_env *env)
{
	return create(replica, env, false);
}

struct session *session_new_aside(
	struct replica *replica, const struct prac_env *env, const struct session_ask *ask)
{
	struct session *session = create(replica, env, true);

	ask_put(session, ask);
	if (session->phase == SESSION_CLOSED) {
		ask_end(session, session->end.status, NULL, session->end.text);
	}
	return session;
}

void session_free(struct session *session)
{
	if (session == NULL) {
		return;
	}
	session_fail(session, PRAC_CANCELLED, "the connection was given up");
	prac_buf_deinit(&session->in);
	prac_buf_deinit(&session->out);
	prac_arena_deinit(&session->arena);
	free(session);
}

/* ---- what is next */

static bool is_idle(const struct session *session)
{
	return session_count(session, CALL_NONE) == SESSION_CALLS;
}

static void close_when_idle(struct session *session)
{
	Practicum__Status goodbye = PRACTICUM__STATUS__INIT;

	if (!is_idle(session)) {
		return;
	}
	if (session->is_leaving) {
		session_fail(session, session->end.status, session->end.text);
		return;
	}
	goodbye.has_code = true;
	prac_frame_write_message(
		&session->out, &(struct prac_frame){ .type = PRAC_FRAME_GOAWAY }, &goodbye.base);
	session_fail(session, PRAC_OK, "");
}

static void choose_phase(struct session *session)
{
	if (session->phase == SESSION_CLOSED) {
		return;
	}
	if (session->is_aside) {
		/* What a POKE tells is for another connection to fetch. */
		session->phase = is_idle(session) && !session->has_ask ? SESSION_CURRENT
								       : SESSION_CATCHING_UP;
	} else if (session_count(session, CALL_SNAPSHOT) > 0 || session->may_load) {
		session->phase = SESSION_LOADING;
	} else if (is_idle(session) && !session->wants_pull && !session->may_push &&
		   !session->may_send_files && !session->wants_known && !session->has_ask) {
		session->phase = SESSION_CURRENT;
	} else {
		session->phase = SESSION_CATCHING_UP;
	}
}

static void advance(struct session *session)
{
	if (session->phase == SESSION_CLOSED || !session->is_welcome) {
		return;
	}
	if (session->is_closing || session->is_leaving) {
		close_when_idle(session);
		return;
	}
	renewal_start(session);
	if (session->is_expired && !session->is_aside) {
		session->phase = SESSION_CATCHING_UP; /* the renewal ends this session */
		return;
	}
	ask_start(session);
	if (!session->is_aside) {
		push_start(session);
		if (session->phase != SESSION_CLOSED) {
			pull_start(session);
		}
		if (session->phase != SESSION_CLOSED) {
			receipt_start(session);
		}
		if (session->phase != SESSION_CLOSED) {
			file_start(session);
		}
		if (session->phase != SESSION_CLOSED) {
			known_start(session);
		}
	}
	choose_phase(session);
}

/* ---- frames in */

static void on_head(struct session *session, const struct prac_frame *frame)
{
	ProtobufCMessage *message;
	uint64_t head;

	if (prac_unpack(&practicum__head__descriptor, frame->payload, &session->arena, &message) !=
		PRAC_OK) {
		return; /* only a hint */
	}
	head = ((const Practicum__Head *)message)->head;
	if (((const Practicum__Head *)message)->people != session->people) {
		session->people = ((const Practicum__Head *)message)->people;
		session->wants_known = true;
	}
	if (head > session->seq) {
		session->head = head > session->head ? head : session->head;
		session->wants_pull = true;
	}
}

/* Also of a head that is known: until a pull comes the server sends no other, and rights may be new. */
static void on_poke(struct session *session, const struct prac_frame *frame)
{
	on_head(session, frame);
	session->wants_pull = true;
}

static void on_ping(struct session *session, const struct prac_frame *frame)
{
	(void)frame;
	session_say(session, &(struct prac_frame){ .type = PRAC_FRAME_PONG });
}

static void on_goaway(struct session *session, const struct prac_frame *frame)
{
	ProtobufCMessage *message;
	const Practicum__Status *status;

	session->is_leaving = true;
	session->end.status = PRAC_UNAVAILABLE;
	session->end.retry_after_ms = frame->aux;
	if (prac_unpack(&practicum__status__descriptor, frame->payload, &session->arena,
		    &message) != PRAC_OK) {
		return;
	}
	status = (const Practicum__Status *)message;
	if (status->code != PRAC_OK) {
		session->end.status = (enum prac_status)status->code;
	}
	(void)snprintf(
		session->end.text, sizeof(session->end.text), "%s", status_text(session, status));
	if (status->code == PRAC_UNAUTHENTICATED && status_is(status, "REVOKED")) {
		farewell_erase(session);
	} else if (status->code == PRAC_UNAUTHENTICATED && status_is(status, "PURGED") &&
		   session->purge.revoked_ms != 0) {
		farewell_end(session);
	} else if (!session->is_welcome) {
		session_fail(session, session->end.status, session->end.text);
	}
}

static void on_credit(struct session *session, const struct prac_frame *frame)
{
	(void)session; /* requests need no credit */
	(void)frame;
}

typedef void (*frame_fn)(struct session *session, const struct prac_frame *frame);

static const frame_fn handlers[PRAC_FRAME_TYPES] = {
	[PRAC_FRAME_WELCOME] = session_welcome,
	[PRAC_FRAME_RESPONSE] = session_piece,
	[PRAC_FRAME_DATA] = session_piece,
	[PRAC_FRAME_CREDIT] = on_credit,
	[PRAC_FRAME_PING] = on_ping,
	[PRAC_FRAME_PONG] = on_head,
	[PRAC_FRAME_POKE] = on_poke,
	[PRAC_FRAME_GOAWAY] = on_goaway,
};

static void on_frame(struct session *session, const struct prac_frame *frame)
{
	frame_fn handler = frame->type < PRAC_FRAME_TYPES ? handlers[frame->type] : NULL;

	if (handler == NULL && prac_frame_is_skippable(frame)) {
		return;
	}
	if (handler == NULL || (!session->is_welcome && frame->type != PRAC_FRAME_WELCOME &&
				       frame->type != PRAC_FRAME_GOAWAY)) {
		session_fail(session, PRAC_INVALID_ARGUMENT,
			"the server sent a frame that does not belong here");
		return;
	}
	handler(session, frame);
}

void session_feed(struct session *session, struct prac_bytes bytes)
{
	struct prac_frame frame;
	const char *reason = "";
	enum prac_status status = PRAC_OK;

	session->heard_ms = session->now_ms;
	prac_buf_append(&session->in, bytes.data, bytes.len);
	while (session->phase != SESSION_CLOSED) {
		status = prac_frame_read(&session->in, session->max_frame, &frame, &reason);
		if (status != PRAC_OK) {
			break;
		}
		on_frame(session, &frame);
		prac_frame_consume(&session->in, &frame);
		prac_arena_reset(&session->arena);
	}
	if (status != PRAC_OK && status != PRAC_UNAVAILABLE) {
		session_fail(session, status, "the server does not speak our protocol");
	}
	prac_buf_release(&session->in);
	advance(session);
	prac_arena_reset(&session->arena);
}

/* ---- time */

static bool is_overdue(const struct session *session)
{
	for (size_t i = 0; i < SESSION_CALLS; i++) {
		if (session->calls[i].kind != CALL_NONE &&
			session->now_ms >= session->calls[i].deadline_ms) {
			return true;
		}
	}
	return false;
}

void session_tick(struct session *session, uint64_t now_ms)
{
	uint64_t quiet_ms;

	session->now_ms = now_ms;
	quiet_ms = now_ms - session->heard_ms;
	if (quiet_ms >= SESSION_DEAD_MS || is_overdue(session) ||
		(!session->is_welcome && quiet_ms >= SESSION_HELLO_MS)) {
		session_fail(session, PRAC_UNAVAILABLE, "the server does not answer");
	} else if (session->is_welcome && session->phase != SESSION_CLOSED &&
		   quiet_ms >= session->quiet_ms &&
		   now_ms - session->said_ms >= session->quiet_ms) {
		session_say(session, &(struct prac_frame){ .type = PRAC_FRAME_PING });
	}
	advance(session);
	prac_arena_reset(&session->arena);
}

void session_poke(struct session *session)
{
	session->may_push = session->trouble[0] == '\0';
	session->may_send_files = true;
	advance(session);
	prac_arena_reset(&session->arena);
}

void session_close(struct session *session)
{
	session->is_closing = true;
	if (!session->is_welcome) {
		session_fail(session, PRAC_OK, "");
	}
	advance(session);
	prac_arena_reset(&session->arena);
}

struct prac_buf *session_output(struct session *session)
{
	return &session->out;
}

void session_progress(const struct session *session, struct session_progress *progress_out)
{
	*progress_out = (struct session_progress){
		.phase = session->phase,
		.chunk = session->chunk,
		.n_chunks = session->n_chunks,
		.file_place = session->has_file ? session->file_place : 0,
		.file_size = session->has_file ? session->file.size : 0,
		.seq = session->seq,
		.head = session->head,
		.trouble = session->trouble,
		.n_refused = session->n_push_refused > session->n_pull_refused
				     ? session->n_push_refused
				     : session->n_pull_refused,
		.refusal = session->refusal,
	};
}

const struct session_end *session_end(const struct session *session)
{
	return &session->end;
}
