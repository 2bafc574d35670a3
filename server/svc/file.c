/* The File service: the bytes of attachments, up and down in pieces beside the sync. */
#include <glib.h>

#include "catalog/types.h"
#include "common/base/hash.h"
#include "common/rules/file_format.h"
#include "common/wire/binary.h"
#include "server/svc/svc.h"
#include "sql/queries.h"

enum {
	PIECE_MAX = 32 * 1024,
	PUT_MAX = PIECE_MAX + 256
};

/* The same for a file that is not there and for one that is nothing of the device's. */
static void refuse(struct rpc_call *call)
{
	rpc_failf(call, PRAC_NOT_FOUND, "FILE",
		"the server has no such file for this device; perhaps the school that attached it "
		"has not sent it yet");
}

/* ---- up */

/* In the call's arena, from the request to the answer. */
struct put {
	struct rpc_call *call;
	struct prac_bytes sha256, data;
	uint64_t size, at, received;
	bool is_allowed, is_known, is_complete;
};

/* What add_right() asks. The batch lives in the arena. */
struct right {
	struct rpc_call *call;
	struct prac_arena *arena;
	struct prac_bytes sha256;
	const uint64_t *size; /* NULL: any */
};

static void add_right(
	struct db_batch *batch, const struct right *right, db_rows_fn on_rows, void *ctx)
{
	const struct rpc_peer *peer = rpc_call_peer(right->call);
	struct db_params *params = db_params_new(right->arena);
	struct db_array scopes;

	db_array_init(&scopes, right->arena, DB_UUID);
	for (size_t i = 0; i < peer->n_grants; i++) {
		db_array_id(&scopes, &peer->grants[i].scope);
	}
	db_param_bytes(params, right->sha256);
	db_param_bool(params, peer->district);
	db_param_array(params, &scopes);
	db_param_int(params, prac_type_attachment.number);
	if (right->size != NULL) {
		db_param_int(params, (int64_t)*right->size);
	} else {
		db_param_null(params);
	}
	db_batch_add(batch, &q_file_may, params, on_rows, ctx);
}

static void on_may_put(void *ctx, struct db_rows *rows)
{
	struct put *put = ctx;

	put->is_allowed = db_rows_count(rows) == 1 && db_rows_bool(rows, 0, 0);
}

static void on_state(void *ctx, struct db_rows *rows)
{
	struct put *put = ctx;

	put->is_known = db_rows_count(rows) == 1;
	if (put->is_known) {
		put->received = (uint64_t)db_rows_int(rows, 0, 0);
		put->is_complete = db_rows_bool(rows, 0, 1);
	}
}

static void answer_put(void *ctx, enum prac_status status)
{
	Practicum__FilePutResponse response = PRACTICUM__FILE_PUT_RESPONSE__INIT;
	struct put *put = ctx;

	if (status != PRAC_OK) {
		rpc_fail(put->call, PRAC_UNAVAILABLE);
	} else if (!put->is_known) {
		rpc_failf(put->call, PRAC_DATA_LOSS, "HASH",
			"what arrived is not the file that its SHA-256 names; send it again");
	} else {
		response.has_received = true;
		response.received = put->received;
		response.has_complete = true;
		response.complete = put->is_complete;
		rpc_reply(put->call, &response.base);
	}
}

/* One transaction: the piece, and with the last one the check of the whole. */
static void store_piece(void *ctx, enum prac_status status)
{
	struct put *put = ctx;
	struct prac_arena *arena = rpc_arena(put->call);
	struct svc *svc = rpc_services(put->call);
	struct db_batch *batch = db_batch_new(arena);
	struct db_params *file = db_params_new(arena), *whole = db_params_new(arena);
	struct db_params *piece = db_params_new(arena);

	if (status != PRAC_OK || !put->is_allowed) {
		if (status != PRAC_OK) {
			rpc_fail(put->call, PRAC_UNAVAILABLE);
		} else {
			refuse(put->call);
		}
		return;
	}
	db_param_bytes(file, put->sha256);
	db_param_bytes(whole, put->sha256);
	db_param_int(whole, (int64_t)put->size);
	db_param_bytes(piece, put->sha256);
	db_param_int(piece, (int64_t)put->at);
	db_param_bytes(piece, put->data);
	db_batch_add(batch, &q_file_forget, whole, NULL, NULL);
	db_batch_add(batch, &q_file_begin, whole, NULL, NULL);
	if (put->data.len > 0) {
		db_batch_add(batch, &q_file_add, piece, NULL, NULL);
		db_batch_add(batch, &q_file_complete, file, NULL, NULL);
		db_batch_add(batch, &q_file_reject, file, NULL, NULL);
	}
	db_batch_add(batch, &q_file_state, file, on_state, put);
	db_link_run(svc->desk, batch, answer_put, put);
}

static bool check_put(struct rpc_call *call, const struct put *put)
{
	if (put->sha256.len != PRAC_SHA256_LEN || put->size == 0 ||
		put->size > PRAC_FILE_SIZE_MAX || put->data.len > PIECE_MAX ||
		put->at > put->size || put->data.len > put->size - put->at) {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "FILE",
			"want the SHA-256 of a file of 1 to %d bytes and a piece of it of at most "
			"%d bytes",
			PRAC_FILE_SIZE_MAX, PIECE_MAX);
		return false;
	}
	if (put->at == 0 && put->data.len > 0 && prac_file_format(put->data) == 0) {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "FORMAT",
			"only PDF, JPEG, PNG, TIFF and HEIC files can be attached");
		return false;
	}
	return true;
}

static void put_piece(struct rpc_call *call)
{
	const Practicum__FilePutRequest *request = rpc_request(call);
	struct put *put = prac_arena_alloc(rpc_arena(call), sizeof(*put));
	struct svc *svc = rpc_services(call);
	struct db_batch *batch;

	*put = (struct put){ .call = call,
		.sha256 = { request->sha256.data, request->sha256.len },
		.data = { request->data.data, request->data.len },
		.size = request->size,
		.at = request->at };
	if (!check_put(call, put)) {
		return;
	}
	batch = db_batch_new(rpc_arena(call));
	add_right(batch, &(struct right){ call, rpc_arena(call), put->sha256, &put->size },
		on_may_put, put);
	db_link_run(svc->desk, batch, store_piece, put);
}

/* ---- down */

/* In the call's arena, from the request to the last piece. */
struct get {
	struct rpc_call *call;
	struct svc *svc;
	struct prac_bytes sha256;
	uint64_t at;             /* of the next piece */
	struct prac_arena arena; /* of one piece */
	struct db_link *link;    /* leased for one piece */
	struct prac_bytes data;
	uint64_t size;
	bool is_allowed;
};

static void on_may_get(void *ctx, struct db_rows *rows)
{
	struct get *get = ctx;

	get->is_allowed = db_rows_count(rows) == 1 && db_rows_bool(rows, 0, 0);
}

static void on_piece(void *ctx, struct db_rows *rows)
{
	struct get *get = ctx;

	if (db_rows_count(rows) == 1) {
		get->size = (uint64_t)db_rows_int(rows, 0, 0);
		get->data = prac_arena_copy(&get->arena, db_rows_bytes(rows, 0, 1));
	}
}

static void send_piece(void *ctx, enum prac_status status)
{
	Practicum__FilePiece piece = PRACTICUM__FILE_PIECE__INIT;
	struct get *get = ctx;

	db_pool_return(get->svc->pool, get->link);
	get->link = NULL;
	if (status != PRAC_OK) {
		rpc_fail(get->call, PRAC_UNAVAILABLE);
	} else if (!get->is_allowed || get->data.len == 0) {
		refuse(get->call);
	} else {
		piece.has_at = piece.has_data = piece.has_size = true;
		piece.at = get->at;
		piece.data = prac_binary(get->data);
		piece.size = get->size;
		get->at += get->data.len;
		rpc_data(get->call, &piece.base, get->at >= get->size);
	}
}

static void leased(void *ctx, enum prac_status status, struct db_link *link)
{
	struct get *get = ctx;
	struct db_batch *batch;
	struct db_params *params;

	if (status != PRAC_OK) {
		rpc_fail(get->call, PRAC_UNAVAILABLE);
		return;
	}
	get->link = link;
	batch = db_batch_new(&get->arena);
	params = db_params_new(&get->arena);
	/* Asked again for each piece: a right may end in mid-file. */
	db_batch_enter(batch, rpc_call_peer(get->call)->pass);
	add_right(batch, &(struct right){ get->call, &get->arena, get->sha256, NULL }, on_may_get,
		get);
	db_param_bytes(params, get->sha256);
	db_param_int(params, (int64_t)get->at);
	db_batch_add(batch, &q_file_piece, params, on_piece, get);
	db_link_run(link, batch, send_piece, get);
}

static void next(struct rpc_call *call, void *ctx)
{
	struct get *get = ctx;

	(void)call;
	prac_arena_reset(&get->arena);
	get->data = (struct prac_bytes){ 0 };
	get->is_allowed = false;
	db_pool_lease(get->svc->pool, DB_READER, leased, get);
}

static void ended(void *ctx)
{
	prac_arena_deinit(&((struct get *)ctx)->arena);
}

static void get_file(struct rpc_call *call)
{
	const Practicum__FileGetRequest *request = rpc_request(call);
	struct get *get = prac_arena_alloc(rpc_arena(call), sizeof(*get));

	*get = (struct get){ .call = call,
		.svc = rpc_services(call),
		.sha256 = { request->sha256.data, request->sha256.len },
		.at = request->at };
	if (get->sha256.len != PRAC_SHA256_LEN || get->at >= PRAC_FILE_SIZE_MAX) {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "FILE",
			"want the 32 bytes of a SHA-256 and a position in the file");
		return;
	}
	rpc_stream(call, &(struct rpc_producer){ next, ended, get });
}

const struct rpc_method svc_file_methods[] = {
	{ PRACTICUM__METHOD_ID__FILE_PUT, &practicum__file__descriptor, "Put", put_piece,
		RPC_FOR_DEVICE, PUT_MAX, 1, 0 },
	{ PRACTICUM__METHOD_ID__FILE_GET, &practicum__file__descriptor, "Get", get_file,
		RPC_FOR_DEVICE, 4096, 1, RPC_STREAMS },
};

const size_t svc_n_file_methods = PRAC_NELEM(svc_file_methods);
