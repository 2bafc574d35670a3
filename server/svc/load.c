#include "server/svc/load.h"

#include "common/base/failpoint.h"
#include "common/wire/binary.h"
#include "server/svc/svc.h"
#include "server/sync/snapshot.h"

/* In the call's arena, from the request to the last chunk. */
struct load {
	struct rpc_call *call;
	struct svc *svc;
	struct snapshot_ask ask; /* for the next chunk */
	bool is_resumed;         /* the device named the snapshot: it may be gone */
	struct prac_arena arena; /* of one chunk */
};

static void send(struct load *load, const struct snapshot_chunk *from)
{
	Practicum__SnapshotChunk chunk = PRACTICUM__SNAPSHOT_CHUNK__INIT;

	chunk.has_snapshot = true;
	chunk.snapshot = from->snapshot;
	chunk.has_chunk = true;
	chunk.chunk = from->chunk;
	chunk.has_n_chunks = true;
	chunk.n_chunks = from->n_chunks;
	chunk.has_seq = true;
	chunk.seq = from->seq;
	chunk.has_sha256 = true;
	chunk.sha256 = prac_binary(prac_digest_bytes(&from->sha256));
	chunk.has_rows = true;
	chunk.rows = prac_binary(from->rows);
	chunk.has_raw_len = true;
	chunk.raw_len = from->raw_len;
	load->ask.snapshot = from->snapshot;
	load->ask.chunk = from->chunk + 1;
	rpc_data(load->call, &chunk.base, from->chunk + 1 >= from->n_chunks);
}

static void ask(struct load *load);

static void chunk_read(void *ctx, enum prac_status status, const struct snapshot_chunk *chunk)
{
	struct load *load = ctx;

	if (status == PRAC_OK && chunk->epoch != load->svc->rpc->epoch) {
		rpc_failf(load->call, PRAC_DATA_LOSS, "EPOCH_CHANGED",
			"the server was restored; connect again");
	} else if (status == PRAC_OK) {
		load->is_resumed = false;
		send(load, chunk);
	} else if (load->is_resumed && (status == PRAC_NOT_FOUND || status == PRAC_OUT_OF_RANGE)) {
		PRAC_SOMETIMES(SNAPSHOT_FORGOTTEN);
		/* Another number tells the device to start the scope again. */
		load->is_resumed = false;
		load->ask.snapshot = 0;
		load->ask.chunk = 0;
		ask(load);
	} else {
		/* A station takes DATA_LOSS for a restored server; here one sealed value does not open. */
		bool is_passing = status == PRAC_NOT_FOUND || status == PRAC_DATA_LOSS;

		rpc_fail(load->call, is_passing ? PRAC_UNAVAILABLE : status);
	}
}

static void ask(struct load *load)
{
	struct snapshot_source *source = load->svc->snapshots;

	prac_arena_reset(&load->arena);
	source->read(source, &load->ask, &load->arena, chunk_read, load);
}

static void next(struct rpc_call *call, void *ctx)
{
	(void)call;
	ask(ctx);
}

static void ended(void *ctx)
{
	prac_arena_deinit(&((struct load *)ctx)->arena);
}

static bool is_granted(const struct rpc_peer *peer, const struct prac_id *scope)
{
	for (size_t i = 0; i < peer->n_grants; i++) {
		if (prac_id_equal(&peer->grants[i].scope, scope)) {
			return true;
		}
	}
	return false;
}

void svc_load(struct rpc_call *call)
{
	const Practicum__SnapshotRequest *request = rpc_request(call);
	struct load *load = prac_arena_alloc(rpc_arena(call), sizeof(*load));
	struct prac_bytes scope = { request->scope.data, request->scope.len };

	load->call = call;
	load->svc = rpc_services(call);
	load->ask.snapshot = request->snapshot;
	load->ask.chunk = request->chunk;
	load->ask.pass = rpc_call_peer(call)->pass;
	load->is_resumed = request->snapshot != 0;
	if (prac_id_from_bytes(scope, &load->ask.scope) != PRAC_OK) {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "SCOPE", "scope: want 16 bytes");
	} else if (!is_granted(rpc_call_peer(call), &load->ask.scope)) {
		rpc_failf(call, PRAC_PERMISSION_DENIED, "SCOPE",
			"this device may not hold that school's records");
	} else {
		rpc_stream(call, &(struct rpc_producer){ next, ended, load });
	}
}
