/* People.ChangePassword: the old one once more, then a new one; every session of the person ends. */
#include <string.h>

#include "common/wire/binary.h"
#include "server/signer/signer.h"
#include "server/svc/hasher.h"
#include "server/svc/people.h"
#include "sql/queries.h"

/* In the call's arena, from the request to the answer. */
struct change {
	struct rpc_call *call;
	struct svc *svc;
	struct prac_id user;
	struct prac_bytes old_password, new_password;
	const char *login, *hash; /* NULL: there is no password yet */
	char new_hash[PRAC_PASSWORD_HASH];
	uint32_t pepper, new_pepper;
	bool is_done;
};

static void fail(struct change *change, enum prac_status status)
{
	if (status == PRAC_RESOURCE_EXHAUSTED) {
		rpc_fail_later(change->call, HASHER_BUSY_MS, hasher_busy_text);
	} else if (status == PRAC_UNAUTHENTICATED) {
		rpc_failf(change->call, status, "SIGN_IN", "the old password is wrong");
	} else {
		rpc_fail(change->call, PRAC_UNAVAILABLE);
	}
}

static void on_stored(void *ctx, struct db_rows *rows)
{
	((struct change *)ctx)->is_done = db_rows_count(rows) == 1;
}

static void stored(void *ctx, enum prac_status status)
{
	struct change *change = ctx;
	Practicum__ChangePasswordResponse response = PRACTICUM__CHANGE_PASSWORD_RESPONSE__INIT;

	if (status != PRAC_OK) {
		fail(change, PRAC_UNAVAILABLE);
	} else if (!change->is_done) {
		rpc_fail_later(change->call, HASHER_BUSY_MS,
			"the password was stored anew meanwhile; try again");
	} else {
		rpc_reply(change->call, &response.base);
	}
}

static void hashed(void *ctx, enum prac_status status, const char *hash)
{
	struct change *change = ctx;
	struct db_params *params;
	struct db_batch *batch;

	if (status != PRAC_OK) {
		fail(change, status);
		return;
	}
	memcpy(change->new_hash, hash, sizeof(change->new_hash));
	params = db_params_new(rpc_arena(change->call));
	batch = db_batch_new(rpc_arena(change->call));
	db_param_id(params, &change->user);
	db_param_bytes(params, prac_bytes_text(change->new_hash));
	db_param_int(params, change->new_pepper);
	db_param_bytes(params, prac_bytes_text(change->hash));
	db_batch_add(batch, &q_people_password, params, on_stored, change);
	db_link_run(change->svc->desk, batch, stored, change);
}

static void new_peppered(void *ctx, enum prac_status status, const struct signer_answer *answer)
{
	struct change *change = ctx;

	if (status != PRAC_OK) {
		fail(change, status);
		return;
	}
	change->new_pepper = answer->version;
	if (!hasher_make(change->svc->hasher, &answer->peppered, hashed, change)) {
		fail(change, PRAC_RESOURCE_EXHAUSTED);
	}
}

static void verified(void *ctx, enum prac_status status, const char *hash)
{
	struct change *change = ctx;

	(void)hash;
	if (status != PRAC_OK) {
		fail(change, status);
	} else {
		signer_pepper(change->svc->signer, 0, change->new_password, new_peppered, change);
	}
}

static void old_peppered(void *ctx, enum prac_status status, const struct signer_answer *answer)
{
	struct change *change = ctx;

	if (status == PRAC_NOT_FOUND) {
		signer_pepper_lost(&change->user, change->pepper);
		rpc_failf(change->call, PRAC_UNAUTHENTICATED, "SIGN_IN",
			"the old password cannot be checked any more: ask for a one-time code");
	} else if (status != PRAC_OK) {
		fail(change, status);
	} else if (!hasher_verify(change->svc->hasher, change->hash, &answer->peppered, verified,
			   change)) {
		fail(change, PRAC_RESOURCE_EXHAUSTED);
	}
}

static void on_credential(void *ctx, struct db_rows *rows)
{
	struct change *change = ctx;
	struct prac_arena *arena = rpc_arena(change->call);

	if (db_rows_count(rows) == 1) {
		change->hash = prac_arena_text(arena, db_rows_bytes(rows, 0, 0));
		change->login = prac_arena_text(arena, db_rows_bytes(rows, 0, 2));
		change->pepper = (uint32_t)db_rows_int(rows, 0, 1);
	}
}

static void known(void *ctx, enum prac_status status)
{
	struct change *change = ctx;
	const char *problem;

	if (status != PRAC_OK || change->hash == NULL) {
		fail(change, PRAC_UNAVAILABLE);
		return;
	}
	problem = prac_password_problem(change->new_password, change->login);
	if (problem != NULL) {
		rpc_failf(change->call, PRAC_INVALID_ARGUMENT, "PASSWORD", "%s", problem);
		return;
	}
	signer_pepper(
		change->svc->signer, change->pepper, change->old_password, old_peppered, change);
}

static void session_known(
	struct rpc_call *call, enum prac_status status, const struct svc_session *session)
{
	const Practicum__ChangePasswordRequest *request = rpc_request(call);
	struct prac_arena *arena = rpc_arena(call);
	struct change *change;
	struct db_params *params;
	struct db_batch *batch;

	if (status != PRAC_OK) {
		svc_fail_session(call, status);
		return;
	}
	change = prac_arena_alloc(arena, sizeof(*change));
	*change = (struct change){ .call = call,
		.svc = rpc_services(call),
		.user = session->user,
		.old_password = { request->password.data, request->password.len },
		.new_password = { request->new_password.data, request->new_password.len } };
	params = db_params_new(arena);
	batch = db_batch_new(arena);
	db_param_id(params, &change->user);
	db_batch_add(batch, &q_people_credential, params, on_credential, change);
	db_link_run(change->svc->desk, batch, known, change);
}

void svc_change_password(struct rpc_call *call)
{
	const Practicum__ChangePasswordRequest *request = rpc_request(call);

	if (request->password.len == 0 || request->password.len > PRAC_PASSWORD_MAX) {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "REQUEST", "password: want 1 to 256 bytes");
		return;
	}
	svc_session_check(call, prac_binary_bytes(request->session), session_known);
}
