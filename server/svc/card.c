/*
 * People.Card: a coordinator makes, frees or revokes the card of a student of the school. Whose student it
 * is, the database decides (card_school()); code and PIN leave this process once and are stored nowhere.
 */
#include <string.h>

#include "common/rules/rights.h"
#include "common/wire/binary.h"
#include "common/wire/card.h"
#include "server/signer/signer.h"
#include "server/svc/hasher.h"
#include "server/svc/people.h"
#include "sql/queries.h"

/* In the call's arena, from the request to the answer. */
struct making {
	struct rpc_call *call;
	struct svc *svc;
	struct prac_id person, student;
	Practicum__CardWork work;
	struct prac_enroll_code code;
	char pin[PRAC_CARD_PIN + 1];
	uint32_t pepper;
	const char *name; /* of the student; NULL: not the person's to do */
};

static void on_name(void *ctx, struct db_rows *rows)
{
	struct making *making = ctx;

	if (db_rows_count(rows) == 1 && !db_rows_is_null(rows, 0, 0)) {
		making->name = prac_arena_text(rpc_arena(making->call), db_rows_bytes(rows, 0, 0));
	}
}

static void done(void *ctx, enum prac_status status)
{
	struct making *making = ctx;
	Practicum__CardResponse response = PRACTICUM__CARD_RESPONSE__INIT;
	char code[PRAC_ENROLL_TEXT];

	if (status != PRAC_OK) {
		rpc_fail(making->call, PRAC_UNAVAILABLE);
		return;
	}
	if (making->name == NULL) {
		rpc_failf(making->call, PRAC_PERMISSION_DENIED, "CARD",
			making->work == PRACTICUM__CARD_WORK__CARD_MAKE
				? "this is no student of a school where you are a coordinator, or "
				  "an operator has disabled who holds the card"
				: "no student of a school where you are a coordinator has such a "
				  "card");
		return;
	}
	response.has_name = true;
	response.name = prac_binary_text(making->name);
	if (making->work == PRACTICUM__CARD_WORK__CARD_MAKE) {
		prac_enroll_code_format(&making->code, code);
		response.has_code = response.has_pin = true;
		response.code = prac_binary_text(code);
		response.pin = prac_binary_text(making->pin);
	}
	rpc_reply(making->call, &response.base);
	explicit_bzero(code, sizeof(code));
}

static struct db_params *params_of(struct making *making)
{
	struct db_params *params = db_params_new(rpc_arena(making->call));

	db_param_id(params, &making->person);
	db_param_id(params, &making->student);
	return params;
}

static void hashed(void *ctx, enum prac_status status, const char *hash)
{
	struct making *making = ctx;
	struct prac_id fresh = prac_id_new(making->svc->env);
	struct db_batch *batch = db_batch_new(rpc_arena(making->call));
	struct db_params *params = params_of(making);
	char login[PRAC_CARD_LOGIN];

	if (status != PRAC_OK) {
		rpc_fail(making->call, PRAC_UNAVAILABLE);
		return;
	}
	prac_card_login(&making->code, login);
	db_param_id(params, &fresh);
	db_param_bytes(params, prac_arena_copy(rpc_arena(making->call), prac_bytes_text(login)));
	db_param_bytes(params, prac_arena_copy(rpc_arena(making->call), prac_bytes_text(hash)));
	db_param_int(params, making->pepper);
	db_batch_add(batch, &q_card_make, params, on_name, making);
	db_link_run(making->svc->desk, batch, done, making);
}

static void peppered(void *ctx, enum prac_status status, const struct signer_answer *answer)
{
	struct making *making = ctx;

	if (status != PRAC_OK) {
		rpc_fail(making->call, PRAC_UNAVAILABLE);
		return;
	}
	making->pepper = answer->version;
	if (!hasher_make(making->svc->hasher, &answer->peppered, hashed, making)) {
		rpc_fail_later(making->call, HASHER_BUSY_MS, hasher_busy_text);
	}
}

static void make(struct making *making)
{
	char *password = prac_arena_alloc(rpc_arena(making->call), PRAC_CARD_PASSWORD);

	prac_enroll_code_new(making->svc->env, &making->code);
	prac_card_pin(making->svc->env, making->pin);
	if (prac_card_password(&making->code, making->pin, password) != PRAC_OK) {
		rpc_fail(making->call, PRAC_INTERNAL);
		return;
	}
	signer_pepper(making->svc->signer, 0, prac_bytes_text(password), peppered, making);
}

static void change(struct making *making)
{
	struct db_batch *batch = db_batch_new(rpc_arena(making->call));
	struct db_params *params = params_of(making);

	db_param_bool(params, making->work == PRACTICUM__CARD_WORK__CARD_REVOKE);
	db_batch_add(batch, &q_card_change, params, on_name, making);
	db_link_run(making->svc->desk, batch, done, making);
}

static void session_known(
	struct rpc_call *call, enum prac_status status, const struct svc_session *session)
{
	const struct prac_right *right = prac_right_method(PRACTICUM__METHOD_ID__PEOPLE_CARD);
	const Practicum__CardRequest *request = rpc_request(call);
	struct making *making = prac_arena_alloc(rpc_arena(call), sizeof(*making));

	if (status != PRAC_OK) {
		svc_fail_session(call, status);
		return;
	}
	if ((right->roles & session->roles) == 0) {
		rpc_failf(call, PRAC_PERMISSION_DENIED, "ROLE", "your role may not do that");
		return;
	}
	*making = (struct making){ .call = call,
		.svc = rpc_services(call),
		.person = session->user,
		.work = request->work };
	if (prac_id_from_bytes(prac_binary_bytes(request->student), &making->student) != PRAC_OK) {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "REQUEST", "student: want an id");
	} else if (request->work == PRACTICUM__CARD_WORK__CARD_MAKE) {
		make(making);
	} else if (request->work == PRACTICUM__CARD_WORK__CARD_FREE ||
		   request->work == PRACTICUM__CARD_WORK__CARD_REVOKE) {
		change(making);
	} else {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "REQUEST", "work: want 1, 2 or 3");
	}
}

void svc_card(struct rpc_call *call)
{
	const Practicum__CardRequest *request = rpc_request(call);

	svc_session_check(call, prac_binary_bytes(request->session), session_known);
}
