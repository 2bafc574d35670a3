/* The People service: signing in and out, and who is who. */
#include <inttypes.h>
#include <string.h>

#include "common/wire/binary.h"
#include "server/svc/people.h"
#include "sql/queries.h"

enum {
	KNOWN_MAX = 200 /* persons a device asks about at once */
};

/* In the call's arena. */
struct asking {
	struct rpc_call *call;
	struct svc_persons persons;
};

/* ---- SignOut */

static void signed_out(void *ctx, enum prac_status status)
{
	Practicum__SignOutResponse response = PRACTICUM__SIGN_OUT_RESPONSE__INIT;

	if (status != PRAC_OK) {
		rpc_fail(ctx, PRAC_UNAVAILABLE);
	} else {
		rpc_reply(ctx, &response.base);
	}
}

/* Of a session that is over already, too: the person wants to be signed out, and is. */
static void sign_out(struct rpc_call *call)
{
	const Practicum__SignOutRequest *request = rpc_request(call);
	struct svc *svc = rpc_services(call);
	struct db_params *params = db_params_new(rpc_arena(call));
	struct db_batch *batch = db_batch_new(rpc_arena(call));

	db_param_bytes(params, svc_token_hash(call, prac_binary_bytes(request->session)));
	db_param_id(params, &rpc_call_peer(call)->device);
	db_batch_add(batch, &q_people_session_end, params, NULL, NULL);
	db_link_run(svc->desk, batch, signed_out, call);
}

/* ---- WhoAmI */

static void who_read(void *ctx, enum prac_status status)
{
	struct asking *asking = ctx;
	Practicum__WhoAmIResponse response = PRACTICUM__WHO_AM_IRESPONSE__INIT;

	if (status != PRAC_OK || asking->persons.n != 1) {
		rpc_fail(asking->call, PRAC_UNAVAILABLE);
		return;
	}
	response.person = asking->persons.persons[0];
	rpc_reply(asking->call, &response.base);
}

static void ask_persons(struct rpc_call *call, const struct svc_persons_ask *ask, db_done_fn done)
{
	struct svc *svc = rpc_services(call);
	struct db_batch *batch = db_batch_new(rpc_arena(call));
	struct asking *asking = prac_arena_alloc(rpc_arena(call), sizeof(*asking));

	asking->call = call;
	svc_persons_add(batch, ask, rpc_arena(call), &asking->persons);
	db_link_run(svc->desk, batch, done, asking);
}

static void who_known(
	struct rpc_call *call, enum prac_status status, const struct svc_session *session)
{
	if (status != PRAC_OK) {
		svc_fail_session(call, status);
	} else {
		ask_persons(call, &(struct svc_persons_ask){ .ids = &session->user, .n_ids = 1 },
			who_read);
	}
}

static void who_am_i(struct rpc_call *call)
{
	const Practicum__WhoAmIRequest *request = rpc_request(call);

	svc_session_check(call, prac_binary_bytes(request->session), who_known);
}

/* ---- Known */

static void known_read(void *ctx, enum prac_status status)
{
	struct asking *asking = ctx;
	Practicum__KnownResponse response = PRACTICUM__KNOWN_RESPONSE__INIT;

	if (status != PRAC_OK) {
		rpc_fail(asking->call, PRAC_UNAVAILABLE);
		return;
	}
	response.n_persons = asking->persons.n;
	response.persons = asking->persons.persons;
	rpc_reply(asking->call, &response.base);
}

/* Only persons who proved on this device who they are: a station learns of nobody else. */
static void known(struct rpc_call *call)
{
	const Practicum__KnownRequest *request = rpc_request(call);
	struct prac_id *ids =
		prac_arena_alloc(rpc_arena(call), (request->n_persons + 1) * sizeof(*ids));
	struct prac_bytes id;

	if (request->n_persons > KNOWN_MAX) {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "REQUEST", "persons: at most 200");
		return;
	}
	for (size_t i = 0; i < request->n_persons; i++) {
		id = prac_binary_bytes(request->persons[i]);
		if (prac_id_from_bytes(id, &ids[i]) != PRAC_OK) {
			rpc_failf(call, PRAC_INVALID_ARGUMENT, "REQUEST", "persons: want ids");
			return;
		}
	}
	ask_persons(call,
		&(struct svc_persons_ask){ ids, request->n_persons, &rpc_call_peer(call)->device },
		known_read);
}

/* ---- BulkRead */

static void give_leave(struct rpc_call *call)
{
	Practicum__BulkReadResponse response = PRACTICUM__BULK_READ_RESPONSE__INIT;

	rpc_reply(call, &response.base);
}

static void bulk_read(struct rpc_call *call)
{
	const Practicum__BulkReadRequest *request = rpc_request(call);

	svc_as_person(call,
		&(struct svc_ask){ .method = PRACTICUM__METHOD_ID__PEOPLE_BULK_READ,
			.token = { request->session.data, request->session.len },
			.kind = "bulk_read",
			.what = prac_arena_printf(rpc_arena(call),
				"%" PRIu64 " records of students in a day", request->n_records),
			.go = give_leave });
}

const struct rpc_method svc_people_methods[] = {
	{ PRACTICUM__METHOD_ID__PEOPLE_SIGN_IN, &practicum__people__descriptor, "SignIn",
		svc_sign_in, RPC_FOR_DEVICE, 4096, 2, RPC_EXPIRED_TOO | RPC_SECRET },
	{ PRACTICUM__METHOD_ID__PEOPLE_SIGN_OUT, &practicum__people__descriptor, "SignOut",
		sign_out, RPC_FOR_DEVICE, 4096, 2, 0 },
	{ PRACTICUM__METHOD_ID__PEOPLE_WHO_AM_I, &practicum__people__descriptor, "WhoAmI", who_am_i,
		RPC_FOR_DEVICE, 4096, 2, 0 },
	{ PRACTICUM__METHOD_ID__PEOPLE_CHANGE_PASSWORD, &practicum__people__descriptor,
		"ChangePassword", svc_change_password, RPC_FOR_DEVICE, 4096, 1, RPC_SECRET },
	{ PRACTICUM__METHOD_ID__PEOPLE_KNOWN, &practicum__people__descriptor, "Known", known,
		RPC_FOR_DEVICE, 16384, 1, 0 },
	{ PRACTICUM__METHOD_ID__PEOPLE_BULK_READ, &practicum__people__descriptor, "BulkRead",
		bulk_read, RPC_FOR_DEVICE, 4096, 1, 0 },
	{ PRACTICUM__METHOD_ID__PEOPLE_CARD, &practicum__people__descriptor, "Card", svc_card,
		RPC_FOR_DEVICE, 4096, 1, RPC_SECRET },
};

const size_t svc_n_people_methods = PRAC_NELEM(svc_people_methods);
