/* Negotiation: HELLO, the device's counters, WELCOME. */
#include <string.h>

#include "common/catalog/catalog.h"
#include "common/wire/audit_head.h"
#include "common/wire/binary.h"
#include "common/wire/scan.h"
#include "server/rpc/state.h"

enum {
	PROTO = 1 /* the only protocol there is */
};

/* What waits for the counters; the session may be gone by then. */
struct rpc_greeting {
	struct rpc_session *session; /* NULL: gone */
	uint32_t schema;
	bool is_other_life; /* the replica knows another epoch */
};

void rpc_greeting_forget(struct rpc_session *session)
{
	if (session->greeting != NULL) {
		session->greeting->session = NULL;
		session->greeting = NULL;
	}
}

/*
 * Of the connections that sync the newest count: older ones may be half dead. What a person asks for
 * meanwhile comes on a connection of its own and must not end the one that syncs (PROTOCOL part 3).
 */
void rpc_send_older_away(struct rpc_session *newest)
{
	const struct rpc_server *server = newest->server;
	uint32_t n = 1, max = newest->is_syncing ? server->per_device : RPC_ASIDES_MAX;

	if (prac_id_is_nil(&newest->peer.device)) {
		return; /* somebody who is no device, or none that is let in */
	}
	for (GList *link = server->sessions.tail, *prev; link != NULL; link = prev) {
		struct rpc_session *other = link->data;

		prev = link->prev; /* its owner may free it once it is done */
		if (other == newest || other->is_syncing != newest->is_syncing ||
			!prac_id_equal(&other->peer.device, &newest->peer.device)) {
			continue;
		}
		n++;
		if (n > max) {
			rpc_session_drain(other, PRAC_ABORTED, "REPLACED", 0);
		}
	}
}

static void stand_last(struct rpc_session *session)
{
	GQueue *sessions = &session->server->sessions;

	g_queue_unlink(sessions, &session->link);
	g_queue_push_tail_link(sessions, &session->link);
}

static Practicum__ScopeGrant **grants_of(const struct rpc_peer *peer, struct prac_arena *arena)
{
	Practicum__ScopeGrant *all = prac_arena_alloc(arena, peer->n_grants * sizeof(*all));
	Practicum__ScopeGrant **grants =
		prac_arena_alloc(arena, peer->n_grants * sizeof(Practicum__ScopeGrant *));

	for (size_t i = 0; i < peer->n_grants; i++) {
		grants[i] = &all[i];
		practicum__scope_grant__init(grants[i]);
		grants[i]->has_scope = true;
		grants[i]->scope = prac_binary_id(&peer->grants[i].scope);
		grants[i]->has_generation = true;
		grants[i]->generation = peer->grants[i].generation;
	}
	return grants;
}

static void fill_limits(Practicum__Welcome *welcome)
{
	welcome->has_max_frame = true;
	welcome->max_frame = PRAC_FRAME_DEFAULT_MAX;
	welcome->has_max_request = true;
	welcome->max_request = RPC_REQUEST_MAX;
	welcome->has_stream_window = true;
	welcome->stream_window = PRAC_CREDIT_STREAM;
	welcome->has_connection_window = true;
	welcome->connection_window = PRAC_CREDIT_CONNECTION;
}

static void fill_authorities(Practicum__Welcome *welcome, const struct rpc_server *server)
{
	welcome->has_authorities = server->authorities.len > 0;
	welcome->authorities = prac_binary(server->authorities);
	welcome->has_crosses = server->crosses.len > 0;
	welcome->crosses = prac_binary(server->crosses);
}

static void fill_heads(
	Practicum__Welcome *welcome, const struct rpc_server *server, struct prac_arena *arena)
{
	Practicum__AuditHead *all = prac_arena_alloc(arena, server->n_heads * sizeof(*all));

	welcome->heads = prac_arena_alloc(arena, server->n_heads * sizeof(Practicum__AuditHead *));
	for (size_t i = 0; i < server->n_heads; i++) {
		const struct prac_audit_head *head = &server->heads[i];

		practicum__audit_head__init(&all[i]);
		all[i].has_chain = all[i].has_number = all[i].has_hash = true;
		all[i].has_signature = true;
		all[i].chain = prac_binary_text(head->chain);
		all[i].number = (uint64_t)head->number;
		all[i].hash = (ProtobufCBinaryData){ PRAC_SHA256_LEN, (uint8_t *)head->hash.b };
		all[i].signature =
			(ProtobufCBinaryData){ head->signature_len, (uint8_t *)head->signature };
		welcome->heads[i] = &all[i];
	}
	welcome->n_heads = server->n_heads;
}

static void send_welcome(struct rpc_session *session, const struct rpc_greeting *greeting,
	const struct rpc_counted *counted)
{
	const struct rpc_server *server = session->server;
	Practicum__Welcome welcome = PRACTICUM__WELCOME__INIT;
	struct prac_arena arena = { 0 };

	fill_limits(&welcome);
	welcome.has_proto = true;
	welcome.proto = PROTO;
	welcome.has_schema = true;
	welcome.schema = greeting->schema;
	welcome.has_schema_min = true;
	welcome.schema_min = RPC_SCHEMA_MIN;
	welcome.has_epoch = true;
	welcome.epoch = server->epoch;
	welcome.has_last_counter = true;
	welcome.last_counter = counted->last_counter;
	welcome.has_lost_after = greeting->is_other_life;
	welcome.lost_after = counted->lost_after;
	welcome.has_head = true;
	welcome.head = server->head;
	welcome.has_wall_ms = true;
	welcome.wall_ms = server->env->wall_ms(server->env->ctx);
	if (server->upgrade_by != NULL) {
		welcome.has_upgrade_by = true;
		welcome.upgrade_by = prac_binary_text(server->upgrade_by);
	}
	welcome.n_grants = session->peer.n_grants;
	welcome.grants = grants_of(&session->peer, &arena);
	welcome.has_device_id = true;
	welcome.device_id = prac_binary_id(&session->peer.device);
	welcome.has_people = true;
	welcome.people = server->must_sign_in;
	welcome.has_district = true;
	welcome.district = session->peer.district;
	welcome.has_expired = session->peer.is_expired;
	welcome.expired = session->peer.is_expired;
	fill_authorities(&welcome, server);
	fill_heads(&welcome, server, &arena);
	welcome.has_lease_days = true;
	welcome.lease_days = server->lease_days;
	rpc_send_message(
		session, &(struct prac_frame){ .type = PRAC_FRAME_WELCOME }, &welcome.base);
	prac_arena_deinit(&arena);
}

static void counters_read(void *ctx, enum prac_status status, const struct rpc_counted *counted)
{
	struct rpc_greeting *greeting = ctx;
	struct rpc_session *session = greeting->session;

	if (session != NULL) {
		session->greeting = NULL;
		if (session->state != RPC_GREETING) {
			/* Closed meanwhile; the output says why. */
		} else if (status != PRAC_OK) {
			rpc_session_abort(session, PRAC_UNAVAILABLE, "DATABASE",
				"the server cannot reach its database; try again later");
		} else {
			rpc_session_enter(session, RPC_OPEN);
			send_welcome(session, greeting, counted);
		}
		if (!session->is_inside) {
			session->wake(session->wake_ctx);
		}
	}
	g_free(greeting);
}

const char rpc_revoked[] = "REVOKED";
const char rpc_revoked_text[] =
	"this device was revoked by the district office: what it held is to be erased";

static void receipt_kept(void *ctx, enum prac_status status)
{
	struct rpc_greeting *greeting = ctx;
	struct rpc_session *session = greeting->session;

	if (session != NULL) {
		session->greeting = NULL;
		if (session->state != RPC_GREETING) {
			/* Closed meanwhile; the receipt comes again. */
		} else if (status == PRAC_OK) {
			rpc_session_abort(session, PRAC_UNAUTHENTICATED, "PURGED",
				"this device was revoked; the district office knows that what it "
				"held is erased");
		} else {
			rpc_session_abort(session, PRAC_UNAVAILABLE, "DATABASE",
				"the server cannot reach its database; try again later");
		}
		if (!session->is_inside) {
			session->wake(session->wake_ctx);
		}
	}
	g_free(greeting);
}

/* The one answer that a revoked device gets: erase, or that its receipt is kept. */
static void farewell(struct rpc_session *session, const Practicum__Hello *hello)
{
	struct rpc_receipt receipt = { .device = session->peer.device };

	if (hello->purge == NULL) {
		rpc_session_abort(session, PRAC_UNAUTHENTICATED, rpc_revoked, rpc_revoked_text);
		return;
	}
	receipt.lost = hello->purge->lost <= INT64_MAX ? hello->purge->lost : INT64_MAX;
	session->greeting = g_new0(struct rpc_greeting, 1);
	session->greeting->session = session;
	rpc_session_enter(session, RPC_GREETING);
	session->server->receive(
		session->server->services, &receipt, receipt_kept, session->greeting);
}

/* 0 when no version fits. */
static uint32_t choose_schema(const Practicum__Hello *hello)
{
	uint32_t schema = hello->schema_max < PRAC_SCHEMA ? hello->schema_max : PRAC_SCHEMA;

	return schema < hello->schema_min ? 0 : schema;
}

static uint32_t window_of(bool is_said, uint32_t said, uint32_t otherwise)
{
	if (!is_said || said == 0) {
		return otherwise;
	}
	return said < RPC_WINDOW_MAX ? said : RPC_WINDOW_MAX;
}

static void greet(struct rpc_session *session, const Practicum__Hello *hello)
{
	const struct rpc_arrival arrival = { session->peer.device, hello->incarnation,
		hello->epoch };
	uint32_t schema = choose_schema(hello);
	struct rpc_greeting *greeting;

	if (hello->proto_min > PROTO || hello->proto_max < PROTO || schema == 0) {
		rpc_session_abort(session, PRAC_UNIMPLEMENTED, "UPGRADE_REQUIRED",
			"program and server have no version in common; the older one needs an "
			"upgrade");
		return;
	}
	session->is_syncing = !hello->aside;
	stand_last(session);
	rpc_send_older_away(session);
	session->is_old = schema < RPC_SCHEMA_MIN;
	session->incarnation = hello->incarnation;
	session->stream_window =
		window_of(hello->has_stream_window, hello->stream_window, PRAC_CREDIT_STREAM);
	prac_credit_init(
		&session->credit, window_of(hello->has_connection_window, hello->connection_window,
					  PRAC_CREDIT_CONNECTION));
	greeting = g_new0(struct rpc_greeting, 1);
	greeting->session = session;
	greeting->schema = schema;
	greeting->is_other_life = hello->epoch != 0 && hello->epoch != session->server->epoch;
	session->greeting = greeting;
	rpc_session_enter(session, RPC_GREETING);
	session->server->counters(session->server->services, &arrival, counters_read, greeting);
}

void rpc_on_hello(struct rpc_session *session, const struct prac_frame *frame)
{
	struct prac_arena arena = { 0 };
	ProtobufCMessage *message = NULL;

	if ((frame->flags & PRAC_FRAME_ZSTD) != 0 ||
		prac_unpack(&practicum__hello__descriptor, frame->payload, &arena, &message) !=
			PRAC_OK) {
		rpc_session_abort(
			session, PRAC_INVALID_ARGUMENT, "BAD_HELLO", "HELLO cannot be read");
	} else if (session->peer.is_revoked) {
		farewell(session, (const Practicum__Hello *)message);
	} else {
		greet(session, (const Practicum__Hello *)message);
	}
	prac_arena_deinit(&arena);
}
