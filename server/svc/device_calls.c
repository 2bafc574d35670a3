/*
 * What a device does about itself: it asks for another certificate for its key, before the present one is
 * over or up to 400 days after, and tells that it has erased schools that were taken away.
 */
#include <string.h>

#include "common/base/failpoint.h"
#include "common/rules/rights.h"
#include "common/wire/binary.h"
#include "common/wire/cert.h"
#include "server/signer/signer.h"
#include "server/svc/people.h"
#include "sql/queries.h"

enum {
	REQUEST_MAX = 8 * 1024, /* bytes: a certificate has about 700 */
	SCOPES_MAX = 200        /* in one receipt; the rest comes in the next */
};

/* In the call's arena, from the request to the answer. */
struct renewal {
	struct rpc_call *call;
	struct svc *svc;
	struct prac_bytes present, next;
	bool is_noted;
};

static void noted(void *ctx, enum prac_status status)
{
	Practicum__RenewResponse response = PRACTICUM__RENEW_RESPONSE__INIT;
	struct renewal *renewal = ctx;

	if (status != PRAC_OK) {
		rpc_fail(renewal->call, PRAC_UNAVAILABLE);
		return;
	}
	PRAC_FAILPOINT("renew_noted");
	if (!renewal->is_noted) {
		rpc_failf(renewal->call, PRAC_PERMISSION_DENIED, "DEVICE",
			"this device is no longer one of the district's");
		return;
	}
	response.has_certificate = true;
	response.certificate = prac_binary(renewal->next);
	rpc_reply(renewal->call, &response.base);
}

static void on_noted(void *ctx, struct db_rows *rows)
{
	((struct renewal *)ctx)->is_noted = db_rows_count(rows) == 1;
}

/* The statement also decides: a device that was revoked meanwhile, or has another key, gets nothing. */
static void note(struct renewal *renewal, struct prac_bytes authorities)
{
	struct prac_arena *arena = rpc_arena(renewal->call);
	struct db_params *params = db_params_new(arena);
	struct db_batch *batch = db_batch_new(arena);
	struct prac_cert_facts facts, authority;

	if (prac_cert_read(renewal->next, &facts) != PRAC_OK ||
		prac_cert_read(authorities, &authority) != PRAC_OK) {
		rpc_fail(renewal->call, PRAC_INTERNAL);
		return;
	}
	db_param_id(params, &rpc_call_peer(renewal->call)->device);
	db_param_bytes(params, prac_arena_copy(arena, prac_digest_bytes(&facts.spki)));
	db_param_instant(params, facts.not_after_s * 1000);
	db_param_bytes(params, prac_arena_copy(arena, prac_digest_bytes(&authority.spki)));
	db_batch_add(batch, &q_device_renew, params, on_noted, renewal);
	db_link_run(renewal->svc->desk, batch, noted, renewal);
}

static void signer_answered(void *ctx, enum prac_status status, const struct signer_answer *answer)
{
	struct renewal *renewal = ctx;

	if (status == PRAC_OK) {
		renewal->next = prac_arena_copy(rpc_arena(renewal->call), answer->certificate);
		note(renewal, answer->authorities);
	} else if (status == PRAC_PERMISSION_DENIED) {
		rpc_failf(renewal->call, status, "CERTIFICATE",
			"the certificate is over for more than 400 days; this device needs a new "
			"code of the district office");
	} else {
		rpc_failf(renewal->call, PRAC_UNAVAILABLE, "SIGNER",
			"the server cannot make certificates at the moment; it is tried again");
	}
}

static void ask_signer(struct renewal *renewal)
{
	signer_renew(renewal->svc->signer, renewal->present, signer_answered, renewal);
}

static struct renewal *renewal_of(struct rpc_call *call)
{
	const Practicum__RenewRequest *request = rpc_request(call);
	struct renewal *renewal = prac_arena_alloc(rpc_arena(call), sizeof(*renewal));

	renewal->call = call;
	renewal->svc = rpc_services(call);
	renewal->present = prac_binary_bytes(request->certificate);
	return renewal;
}

/* Whoever found a station that was away so long has its key, but is nobody the district trusts with one. */
static void session_checked(
	struct rpc_call *call, enum prac_status status, const struct svc_session *session)
{
	const struct prac_right *right = prac_right_method(PRACTICUM__METHOD_ID__DEVICE_RENEW);

	if (status == PRAC_UNAUTHENTICATED) {
		rpc_failf(call, status, "SESSION",
			"the certificate of this station is over; a member of the staff signs in "
			"(practicum login NAME), then practicum sync renews it");
	} else if (status != PRAC_OK) {
		rpc_fail(call, status);
	} else if ((session->roles & right->roles) == 0) {
		rpc_failf(call, PRAC_PERMISSION_DENIED, "ROLE",
			"the certificate of this station is over, and your role may not renew it; a "
			"member of the staff signs in (practicum login NAME), then practicum sync "
			"renews it");
	} else {
		ask_signer(renewal_of(call));
	}
}

static void renew(struct rpc_call *call)
{
	const Practicum__RenewRequest *request = rpc_request(call);
	struct prac_bytes token = { request->session.data, request->session.len };
	struct renewal *renewal = renewal_of(call);
	struct prac_cert_facts facts;

	if (prac_cert_read(renewal->present, &facts) != PRAC_OK || !facts.has_device ||
		!prac_id_equal(&facts.device, &rpc_call_peer(call)->device)) {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "CERTIFICATE",
			"certificate: want the one of this device");
	} else if (rpc_call_peer(call)->is_expired && !svc_device_acts(renewal->svc)) {
		svc_session_check(call, token, session_checked);
	} else {
		ask_signer(renewal);
	}
}

static void receipt_kept(void *ctx, enum prac_status status)
{
	Practicum__PurgedResponse response = PRACTICUM__PURGED_RESPONSE__INIT;
	struct rpc_call *call = ctx;

	if (status == PRAC_OK) {
		rpc_reply(call, &response.base);
	} else {
		rpc_fail(call, PRAC_UNAVAILABLE);
	}
}

static void purged(struct rpc_call *call)
{
	const Practicum__PurgedRequest *request = rpc_request(call);
	struct prac_arena *arena = rpc_arena(call);
	struct db_params *params = db_params_new(arena);
	struct db_batch *batch = db_batch_new(arena);
	struct svc *svc = rpc_services(call);
	struct db_array scopes;
	struct prac_id scope;

	db_array_init(&scopes, arena, DB_UUID);
	for (size_t i = 0; i < request->n_scopes && i < SCOPES_MAX; i++) {
		struct prac_bytes id = { request->scopes[i].data, request->scopes[i].len };

		if (prac_id_from_bytes(id, &scope) != PRAC_OK) {
			rpc_failf(call, PRAC_INVALID_ARGUMENT, "SCOPES",
				"scopes: want ids of 16 bytes");
			return;
		}
		db_array_id(&scopes, &scope);
	}
	db_param_id(params, &rpc_call_peer(call)->device);
	db_param_array(params, &scopes);
	db_batch_add(batch, &q_device_scopes_purged, params, NULL, NULL);
	db_link_run(svc->desk, batch, receipt_kept, call);
}

const struct rpc_method svc_device_methods[] = {
	{ PRACTICUM__METHOD_ID__DEVICE_RENEW, &practicum__device__descriptor, "Renew", renew,
		RPC_FOR_DEVICE, REQUEST_MAX, 1, RPC_EXPIRED_TOO },
	{ PRACTICUM__METHOD_ID__DEVICE_PURGED, &practicum__device__descriptor, "Purged", purged,
		RPC_FOR_DEVICE, REQUEST_MAX, 1, 0 },
};

const size_t svc_n_device_methods = PRAC_NELEM(svc_device_methods);
