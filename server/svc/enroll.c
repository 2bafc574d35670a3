/* Enrollment: a code on paper becomes a device with a certificate (RELIABILITY 3.2). */
#include <glib.h>
#include <string.h>

#include "common/wire/binary.h"
#include "common/wire/cert.h"
#include "server/signer/signer.h"
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
	const char *disk; /* as device.disk has it */
	struct prac_digest csr_hash;
	/* Of the code, once it was found. */
	bool is_found, is_used;
	struct prac_bytes sealed_key, label, person, certificate;
	struct prac_id device;
	/* From the signer. */
	struct prac_bytes chain, server_proof;
	bool is_ours;  /* this request was the first to use the code */
	bool is_again; /* another was first, so the code was read once more */
};

/* The same words for every way to be wrong: a guesser learns nothing. */
static void refuse(struct exchange *exchange)
{
	rpc_failf(exchange->call, PRAC_PERMISSION_DENIED, "CODE",
		"this code is not valid: it was mistyped, used, withdrawn or is over");
}

static void reply(struct exchange *exchange)
{
	Practicum__EnrollResponse response = PRACTICUM__ENROLL_RESPONSE__INIT;

	response.has_chain = true;
	response.chain = prac_binary(exchange->chain);
	response.has_certificate = true;
	response.certificate = prac_binary(exchange->certificate);
	response.has_proof = true;
	response.proof = prac_binary(exchange->server_proof);
	response.has_device_id = true;
	response.device_id = prac_binary_id(&exchange->device);
	response.has_server_name = true;
	response.server_name = prac_binary_text(exchange->svc->server_name);
	response.has_server_port = true;
	response.server_port = exchange->svc->server_port;
	response.has_label = true;
	response.label = prac_binary(exchange->label);
	response.has_person = true;
	response.person = prac_binary(exchange->person);
	rpc_reply(exchange->call, &response.base);
}

static void try_code(struct exchange *exchange);

static void code_used(void *ctx, enum prac_status status)
{
	struct exchange *exchange = ctx;

	if (status == PRAC_ALREADY_EXISTS) {
		rpc_failf(exchange->call, status, "KEY",
			"another device has this key; enroll with a new one");
	} else if (status != PRAC_OK) {
		rpc_fail(exchange->call, PRAC_UNAVAILABLE);
	} else if (exchange->is_ours) {
		reply(exchange);
	} else if (exchange->is_again) {
		refuse(exchange);
	} else {
		/* Somebody was first while the signer worked: perhaps this device itself. */
		exchange->is_again = true;
		try_code(exchange);
	}
}

static void on_used(void *ctx, struct db_rows *rows)
{
	((struct exchange *)ctx)->is_ours = db_rows_count(rows) == 1;
}

/* One statement decides which of two racing devices the code makes. */
static void use_code(struct exchange *exchange)
{
	struct prac_arena *arena = rpc_arena(exchange->call);
	struct db_params *params = db_params_new(arena);
	struct db_batch *batch = db_batch_new(arena);
	struct prac_cert_facts facts, authority;

	if (prac_cert_read(exchange->certificate, &facts) != PRAC_OK ||
		prac_cert_read(exchange->chain, &authority) != PRAC_OK) {
		rpc_fail(exchange->call, PRAC_INTERNAL);
		return;
	}
	db_param_bytes(params, exchange->lookup);
	db_param_bytes(params, prac_digest_bytes(&exchange->csr_hash));
	db_param_bytes(params, exchange->certificate);
	db_param_bytes(params, prac_arena_copy(arena, prac_digest_bytes(&facts.spki)));
	db_param_instant(params, facts.not_after_s * 1000);
	db_param_bytes(params, prac_arena_copy(arena, prac_digest_bytes(&authority.spki)));
	db_param_bytes(params, prac_bytes_text(exchange->disk));
	db_batch_add(batch, &q_code_use, params, on_used, exchange);
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

static void take(struct exchange *exchange, const struct signer_answer *answer)
{
	struct prac_arena *arena = rpc_arena(exchange->call);

	exchange->chain = prac_arena_copy(arena, answer->authorities);
	exchange->certificate = prac_arena_copy(arena, answer->certificate);
	exchange->server_proof = prac_arena_copy(arena, answer->proof);
}

static void signer_answered(void *ctx, enum prac_status status, const struct signer_answer *answer)
{
	struct exchange *exchange = ctx;

	if (status == PRAC_OK) {
		take(exchange, answer);
		if (exchange->is_used) {
			reply(exchange);
		} else {
			use_code(exchange);
		}
	} else if (status == PRAC_ABORTED) {
		freeze(exchange);
	} else if (status == PRAC_INVALID_ARGUMENT) {
		rpc_failf(exchange->call, status, "CSR",
			"the certificate request is not a signed P-256 one");
	} else if (status == PRAC_PERMISSION_DENIED || status == PRAC_DATA_LOSS) {
		refuse(exchange);
	} else {
		rpc_failf(exchange->call, PRAC_UNAVAILABLE, "SIGNER",
			"the server cannot make certificates at the moment; the code is still good, "
			"try again in a minute");
	}
}

static void code_tried(void *ctx, enum prac_status status)
{
	struct exchange *exchange = ctx;
	struct signer_enrollment enrollment = { exchange->sealed_key,
		rpc_call_peer(exchange->call)->channel, exchange->proof, exchange->csr };

	if (status != PRAC_OK) {
		rpc_fail(exchange->call, PRAC_UNAVAILABLE);
	} else if (!exchange->is_found || exchange->proof.len != PRAC_SHA256_LEN) {
		refuse(exchange);
	} else if (exchange->is_used) {
		signer_repeat(exchange->svc->signer, &enrollment, exchange->certificate,
			signer_answered, exchange);
	} else {
		signer_enroll(exchange->svc->signer, &enrollment, &exchange->device,
			signer_answered, exchange);
	}
}

static void on_code(void *ctx, struct db_rows *rows)
{
	struct exchange *exchange = ctx;
	struct prac_arena *arena = rpc_arena(exchange->call);

	if (db_rows_count(rows) == 0) {
		return;
	}
	exchange->is_found = true;
	exchange->sealed_key = prac_arena_copy(arena, db_rows_bytes(rows, 0, 0));
	exchange->label = prac_arena_copy(arena, db_rows_bytes(rows, 0, 1));
	exchange->person = prac_arena_copy(arena, db_rows_bytes(rows, 0, 2));
	exchange->device = db_rows_id(rows, 0, 3);
	exchange->is_used = db_rows_bool(rows, 0, 4);
	exchange->certificate = prac_arena_copy(arena, db_rows_bytes(rows, 0, 5));
}

/* Counts the try. The signer tells whether a used code comes from the device that used it. */
static void try_code(struct exchange *exchange)
{
	struct prac_arena *arena = rpc_arena(exchange->call);
	struct db_batch *batch = db_batch_new(arena);
	struct db_params *params = db_params_new(arena);

	exchange->is_found = false;
	db_param_bytes(params, exchange->lookup);
	db_batch_add(batch, &q_code_try, params, on_code, exchange);
	db_link_run(exchange->svc->desk, batch, code_tried, exchange);
}

/* The code's alphabet: capitals, and digits where a letter looks like one. */
static struct prac_bytes fold_lookup(ProtobufCBinaryData lookup, struct prac_arena *arena)
{
	char *text = prac_arena_text(arena, prac_binary_bytes(lookup));

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

/* What a device says of itself. A number of a newer program says nothing. */
static const char *disk_word(Practicum__DiskState disk)
{
	static const char *const words[] = { [PRACTICUM__DISK_STATE__DISK_UNKNOWN] = "unknown",
		[PRACTICUM__DISK_STATE__DISK_ENCRYPTED] = "encrypted",
		[PRACTICUM__DISK_STATE__DISK_OPEN] = "open" };

	return (size_t)disk < PRAC_NELEM(words) ? words[disk] : "unknown";
}

static void enroll(struct rpc_call *call)
{
	const Practicum__EnrollRequest *request = rpc_request(call);
	struct prac_arena *arena = rpc_arena(call);
	struct exchange *exchange = prac_arena_alloc(arena, sizeof(*exchange));

	exchange->call = call;
	exchange->svc = rpc_services(call);
	exchange->lookup = fold_lookup(request->lookup, arena);
	exchange->csr = prac_binary_bytes(request->csr);
	exchange->proof = prac_binary_bytes(request->proof);
	exchange->csr_hash = prac_sha256(exchange->csr);
	exchange->disk = disk_word(request->disk);
	if (exchange->lookup.len != LOOKUP_LEN) {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "LOOKUP",
			"lookup: want the first 4 characters of the code");
		return;
	}
	if (exchange->svc->asks_encryption &&
		request->disk != PRACTICUM__DISK_STATE__DISK_ENCRYPTED) {
		rpc_failf(call, PRAC_FAILED_PRECONDITION, "DISK",
			"this district enrolls only devices with an encrypted disk: encrypt it (LUKS, "
			"BitLocker, FileVault) and use the code again; if it is and was not found, say "
			"--disk-encrypted yes");
		return;
	}
	try_code(exchange);
}

const struct rpc_method svc_enroll_methods[] = {
	{ PRACTICUM__METHOD_ID__ENROLL_ENROLL, &practicum__enroll__descriptor, "Enroll", enroll,
		RPC_FOR_NEWCOMER, 4096, 1, 0 },
};

const size_t svc_n_enroll_methods = PRAC_NELEM(svc_enroll_methods);
