/* Enrollment: a code on paper becomes a device with a certificate (RELIABILITY 3.2). */
#include <glib.h>
#include <string.h>

#include "common/wire/cert.h"
#include "common/wire/enroll.h"
#include "server/svc/signer.h"
#include "server/svc/svc.h"
#include "sql/queries.h"

enum {
	LOOKUP_LEN = 4
};

/* In the call's arena, from the request to the answer. */
struct exchange {
	struct rpc_call *call;
	struct svc *svc;
	struct prac_bytes lookup, csr, proof;
	struct prac_digest csr_hash;
	/* Of the code, once it was found. */
	bool is_found, is_same, is_used;
	struct prac_digest key;
	struct prac_id device;
	struct prac_bytes label, person, certificate;
	bool is_ours; /* this request was the first to use the code */
};

/* The same words for every way to be wrong: a guesser learns nothing. */
static void refuse(struct exchange *exchange)
{
	rpc_failf(exchange->call, PRAC_PERMISSION_DENIED, "CODE",
		"this code is not valid: it was mistyped, used, withdrawn or is over");
}

static ProtobufCBinaryData binary(struct prac_bytes bytes)
{
	return (ProtobufCBinaryData){ bytes.len, (uint8_t *)bytes.data };
}

static void reply(struct exchange *exchange)
{
	Practicum__EnrollResponse response = PRACTICUM__ENROLL_RESPONSE__INIT;
	struct prac_bytes chain = signer_chain(exchange->svc->signer);
	struct prac_digest proof = prac_enroll_server_proof(&exchange->key,
		rpc_call_peer(exchange->call)->channel, chain, exchange->certificate);

	response.has_chain = true;
	response.chain = binary(chain);
	response.has_certificate = true;
	response.certificate = binary(exchange->certificate);
	response.has_proof = true;
	response.proof = binary(prac_digest_bytes(&proof));
	response.has_device_id = true;
	response.device_id = binary(prac_id_bytes(&exchange->device));
	response.has_server_name = true;
	response.server_name = binary(prac_bytes_text(exchange->svc->server_name));
	response.has_server_port = true;
	response.server_port = exchange->svc->server_port;
	response.has_label = true;
	response.label = binary(exchange->label);
	response.has_person = true;
	response.person = binary(exchange->person);
	rpc_reply(exchange->call, &response.base);
}

static void code_used(void *ctx, enum prac_status status)
{
	struct exchange *exchange = ctx;

	if (status == PRAC_ALREADY_EXISTS) {
		rpc_failf(exchange->call, status, "KEY",
			"another device has this key; enroll with a new one");
	} else if (status != PRAC_OK) {
		rpc_fail(exchange->call, PRAC_UNAVAILABLE);
	} else if (!exchange->is_ours) {
		refuse(exchange);
	} else {
		reply(exchange);
	}
}

static void on_used(void *ctx, struct db_rows *rows)
{
	((struct exchange *)ctx)->is_ours = db_rows_count(rows) == 1;
}

static struct db_params *code_params(struct exchange *exchange)
{
	struct db_params *params = db_params_new(rpc_arena(exchange->call));

	db_param_bytes(params, exchange->lookup);
	db_param_bytes(params, prac_digest_bytes(&exchange->csr_hash));
	return params;
}

static void use_code(struct exchange *exchange)
{
	struct prac_arena *arena = rpc_arena(exchange->call);
	const struct prac_env *env = exchange->svc->env;
	struct signer_order order = { .csr = exchange->csr,
		.device = exchange->device,
		.now_s = env->wall_ms(env->ctx) / 1000 };
	struct signer_device *device = prac_arena_alloc(arena, sizeof(*device));
	struct db_params *params = code_params(exchange);
	struct db_params *device_params = code_params(exchange);
	struct db_batch *batch = db_batch_new(arena);

	if (signer_sign(exchange->svc->signer, &order, arena, device) != PRAC_OK) {
		rpc_failf(exchange->call, PRAC_INVALID_ARGUMENT, "CSR",
			"the certificate request is not a signed P-256 one");
		return;
	}
	exchange->certificate = device->certificate;
	db_param_bytes(params, device->certificate);
	db_param_bytes(device_params, prac_digest_bytes(&device->spki));
	db_param_instant(device_params, device->not_after_s * 1000);
	/* One transaction: the statements behind the first see whether it was this request's. */
	db_batch_add(batch, &q_code_use, params, on_used, exchange);
	db_batch_add(batch, &q_code_device, device_params, NULL, NULL);
	db_batch_add(batch, &q_code_device_scopes, code_params(exchange), NULL, NULL);
	db_link_run(exchange->svc->desk, batch, code_used, exchange);
}

static void frozen(void *ctx, enum prac_status status)
{
	(void)status; /* the code is over in a quarter of an hour in any case */
	refuse(ctx);
}

/* A used code in other hands: nobody gets anything for it any more. */
static void freeze(struct exchange *exchange)
{
	struct prac_arena *arena = rpc_arena(exchange->call);
	struct db_batch *batch = db_batch_new(arena);
	struct db_params *params = db_params_new(arena);

	db_param_bytes(params, exchange->lookup);
	db_batch_add(batch, &q_code_freeze, params, NULL, NULL);
	db_link_run(exchange->svc->desk, batch, frozen, exchange);
}

static void code_tried(void *ctx, enum prac_status status)
{
	struct exchange *exchange = ctx;
	struct prac_digest wanted;

	if (status != PRAC_OK) {
		rpc_fail(exchange->call, PRAC_UNAVAILABLE);
		return;
	}
	if (!exchange->is_found) {
		refuse(exchange);
		return;
	}
	wanted = prac_enroll_client_proof(
		&exchange->key, rpc_call_peer(exchange->call)->channel, exchange->csr);
	if (exchange->proof.len != sizeof(wanted.b) ||
		!prac_digest_equal(&wanted, (const struct prac_digest *)exchange->proof.data)) {
		refuse(exchange);
	} else if (!exchange->is_used) {
		use_code(exchange);
	} else if (exchange->is_same) {
		reply(exchange);
	} else {
		freeze(exchange);
	}
}

static void on_code(void *ctx, struct db_rows *rows)
{
	struct exchange *exchange = ctx;
	struct prac_arena *arena = rpc_arena(exchange->call);

	if (db_rows_count(rows) == 0 ||
		signer_unseal(exchange->svc->signer, db_rows_bytes(rows, 0, 0), arena,
			&exchange->key) != PRAC_OK) {
		return;
	}
	exchange->is_found = true;
	exchange->label = prac_arena_copy(arena, db_rows_bytes(rows, 0, 1));
	exchange->person = prac_arena_copy(arena, db_rows_bytes(rows, 0, 2));
	exchange->device = db_rows_id(rows, 0, 3);
	exchange->is_same = db_rows_bool(rows, 0, 4);
	exchange->is_used = db_rows_bool(rows, 0, 5);
	exchange->certificate = prac_arena_copy(arena, db_rows_bytes(rows, 0, 6));
}

/* The code's alphabet: capitals, and digits where a letter looks like one. */
static struct prac_bytes fold_lookup(ProtobufCBinaryData lookup, struct prac_arena *arena)
{
	char *text = prac_arena_text(arena, (struct prac_bytes){ lookup.data, lookup.len });

	for (char *c = text; *c != '\0'; c++) {
		*c = (char)g_ascii_toupper(*c);
		if (*c == 'O') {
			*c = '0';
		} else if (*c == 'I' || *c == 'L') {
			*c = '1';
		}
	}
	return prac_bytes_text(text);
}

static void enroll(struct rpc_call *call)
{
	const Practicum__EnrollRequest *request = rpc_request(call);
	struct prac_arena *arena = rpc_arena(call);
	struct exchange *exchange = prac_arena_alloc(arena, sizeof(*exchange));
	struct db_batch *batch = db_batch_new(arena);

	exchange->call = call;
	exchange->svc = rpc_services(call);
	exchange->lookup = fold_lookup(request->lookup, arena);
	exchange->csr = (struct prac_bytes){ request->csr.data, request->csr.len };
	exchange->proof = (struct prac_bytes){ request->proof.data, request->proof.len };
	exchange->csr_hash = prac_sha256(exchange->csr);
	if (exchange->lookup.len != LOOKUP_LEN) {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "LOOKUP",
			"lookup: want the first 4 characters of the code");
		return;
	}
	db_batch_add(batch, &q_code_try, code_params(exchange), on_code, exchange);
	db_link_run(exchange->svc->desk, batch, code_tried, exchange);
}

const struct rpc_method svc_enroll_methods[] = {
	{ PRACTICUM__METHOD_ID__ENROLL_ENROLL, &practicum__enroll__descriptor, "Enroll", enroll,
		RPC_FOR_NEWCOMER, 4096, 1, 0 },
};

const size_t svc_n_enroll_methods = PRAC_NELEM(svc_enroll_methods);
