/* HELLO and WELCOME: who is there, and what the device may hold. */
#include "client/link/parts.h"
#include "common/base/failpoint.h"
#include "common/wire/scan.h"

static const char program[] = "practicum 0.1.0";

void session_hello(struct session *session, const struct replica_counters *counters)
{
	Practicum__PurgeReceipt receipt = PRACTICUM__PURGE_RECEIPT__INIT;
	Practicum__Hello hello = PRACTICUM__HELLO__INIT;

	hello.has_proto_min = hello.has_proto_max = true;
	hello.proto_min = hello.proto_max = 1;
	hello.has_schema_min = hello.has_schema_max = true;
	hello.schema_min = hello.schema_max = PRAC_SCHEMA;
	hello.has_incarnation = hello.has_next_counter = hello.has_epoch = true;
	hello.incarnation = counters->incarnation;
	hello.next_counter = counters->next_counter;
	hello.epoch = counters->epoch;
	hello.has_acked_through = true;
	hello.acked_through = counters->acked_through;
	hello.has_stream_window = hello.has_connection_window = true;
	hello.stream_window = PRAC_WINDOW(PRAC_CREDIT_STREAM);
	hello.connection_window = PRAC_WINDOW(PRAC_CREDIT_CONNECTION);
	hello.has_program = true;
	hello.program.data = (uint8_t *)program;
	hello.program.len = sizeof(program) - 1;
	hello.has_wall_ms = true;
	hello.wall_ms = session->env->wall_ms(session->env->ctx);
	hello.has_aside = session->is_aside;
	hello.aside = session->is_aside;
	receipt.has_purged_ms = receipt.has_lost = true;
	receipt.purged_ms = session->purge.revoked_ms;
	receipt.lost = session->purge.lost;
	hello.purge = session->purge.revoked_ms != 0 ? &receipt : NULL;
	prac_frame_write_message(
		&session->out, &(struct prac_frame){ .type = PRAC_FRAME_HELLO }, &hello.base);
}

void session_grants(
	struct session *session, Practicum__ScopeGrant **grants, size_t n, bool is_greeting)
{
	struct prac_scope_grant *read = prac_arena_alloc(&session->arena, (n + 1) * sizeof(*read));
	enum prac_status status;
	bool purge_waits;

	for (size_t i = 0; i < n; i++) {
		struct prac_bytes id = { grants[i]->scope.data, grants[i]->scope.len };

		read[i].generation = grants[i]->generation;
		if (prac_id_from_bytes(id, &read[i].scope) != PRAC_OK) {
			session_fail(session, PRAC_INVALID_ARGUMENT, "a grant is not readable");
			return;
		}
	}
	status = replica_grants(
		session->replica, &(struct replica_rights){ read, n, is_greeting }, &purge_waits);
	if (status != PRAC_OK) {
		session_fail_replica(session, status);
		return;
	}
	session->may_load = session->wants_pull = session->may_receipt = true;
	session->may_push = session->may_push || purge_waits;
}

static bool is_for_us(struct session *session, const Practicum__Welcome *welcome)
{
	struct prac_bytes id = { welcome->device_id.data, welcome->device_id.len };
	struct replica_identity identity;

	return welcome->device_id.len == 0 ||
	       replica_identity(session->replica, &identity) != PRAC_OK ||
	       prac_bytes_equal(id, prac_id_bytes(&identity.device));
}

/* The server says whether the device is the district office's; rules at the device ask for it. */
static enum prac_status learn_side(struct session *session, const Practicum__Welcome *welcome)
{
	struct replica_identity identity;
	enum prac_status status = replica_identity(session->replica, &identity);

	if (status == PRAC_OK && identity.district != (welcome->district != 0)) {
		identity.district = welcome->district != 0;
		return replica_enroll(session->replica, &identity);
	}
	return status == PRAC_NOT_FOUND ? PRAC_OK : status;
}

void session_welcome(struct session *session, const struct prac_frame *frame)
{
	const Practicum__Welcome *welcome;
	ProtobufCMessage *message;
	enum prac_status status;

	if (session->is_welcome || prac_unpack(&practicum__welcome__descriptor, frame->payload,
					   &session->arena, &message) != PRAC_OK) {
		session_fail(
			session, PRAC_INVALID_ARGUMENT, "the server's WELCOME is not readable");
		return;
	}
	welcome = (const Practicum__Welcome *)message;
	if (!is_for_us(session, welcome)) {
		session_fail(session, PRAC_FAILED_PRECONDITION,
			"the certificate in this folder belongs to another replica; enroll anew");
		return;
	}
	if (session->purge.revoked_ms != 0) {
		/* A server of before the revocation: it is a matter for people. */
		session_fail(session, PRAC_FAILED_PRECONDITION,
			"this device was revoked and is empty, but the server does not know; tell "
			"the district office");
		return;
	}
	session->is_welcome = true;
	if (welcome->max_frame >= PRAC_FRAME_DEFAULT_MAX &&
		welcome->max_frame <= PRAC_FRAME_LIMIT) {
		session->max_frame = welcome->max_frame;
	}
	session->head = welcome->head;
	renewal_greeted(session, welcome);
	status = replica_ask_people(session->replica, welcome->people != 0);
	if (status != PRAC_OK) {
		session_fail_replica(session, status);
		return;
	}
	if (session->is_aside || session->is_expired) {
		return;
	}
	session->may_push = session->may_send_files = session->wants_known = true;
	status = learn_side(session, welcome);
	if (status == PRAC_OK) {
		status = replica_contact(session->replica, welcome->lease_days);
	}
	if (status == PRAC_OK) {
		status = replica_welcome(session->replica,
			&(struct replica_greeting){ welcome->epoch, welcome->last_counter,
				welcome->lost_after, welcome->wall_ms });
	}
	if (status != PRAC_OK) {
		session_fail_replica(session, status);
		return;
	}
	if (welcome->last_counter >= session->next_counter) {
		/* A copy or an old state: learn what became of what is here, then begin anew. */
		push_probe(session, session->incarnation, welcome->last_counter);
	}
	session_grants(session, welcome->grants, welcome->n_grants, true);
}
