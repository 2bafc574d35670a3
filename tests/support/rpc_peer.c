#include "tests/support/rpc_peer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static uint64_t now(void *ctx)
{
	return ((struct rpc_peer_world *)ctx)->now_ms;
}

static int64_t wall(void *ctx)
{
	(void)ctx;
	return 1790000000000;
}

static void chance(void *ctx, void *out, size_t len)
{
	(void)ctx;
	memset(out, 0, len);
}

static void wake(void *ctx)
{
	((struct rpc_peer_world *)ctx)->n_wakes++;
}

static void counters(
	void *services, const struct rpc_arrival *arrival, rpc_counted_fn done, void *ctx)
{
	struct rpc_peer_world *world = services;

	(void)arrival;
	world->counters_done = done;
	world->counters_ctx = ctx;
}

static void start_push(struct rpc_call *call)
{
	struct rpc_peer_world *world = rpc_services(call);
	Practicum__PushResponse response = PRACTICUM__PUSH_RESPONSE__INIT;

	world->n_started++;
	if (world->held == NULL) {
		world->held = call;
		world->held_is_stream = false;
	} else {
		rpc_reply(call, &response.base);
	}
}

static void start_pull(struct rpc_call *call)
{
	const Practicum__PullRequest *request = rpc_request(call);
	Practicum__PullPage page = PRACTICUM__PULL_PAGE__INIT;

	/* As many bytes as asked for, so that tests can have answers of any size. */
	page.has_cursor = true;
	page.cursor.len = request->max_bytes;
	page.cursor.data = prac_arena_alloc(rpc_arena(call), request->max_bytes);
	rpc_reply(call, &page.base);
}

static void next_chunk(struct rpc_call *call, void *ctx)
{
	struct rpc_peer_world *world = ctx;
	Practicum__SnapshotChunk chunk = PRACTICUM__SNAPSHOT_CHUNK__INIT;
	uint8_t *rows;
	bool is_last = world->n_messages == 0;

	if (world->holds_stream && world->held == NULL) {
		world->held = call;
		world->held_is_stream = true;
		return;
	}
	rows = calloc(1, world->message_len + 1);
	assert(rows != NULL);
	chunk.has_rows = true;
	chunk.rows = (ProtobufCBinaryData){ world->message_len, rows };
	if (!is_last) {
		world->n_messages--;
	}
	rpc_data(call, &chunk.base, is_last);
	free(rows);
}

static void stream_ended(void *ctx)
{
	((struct rpc_peer_world *)ctx)->n_ended++;
}

static void start_snapshot(struct rpc_call *call)
{
	struct rpc_peer_world *world = rpc_services(call);

	world->n_started++;
	rpc_stream(call, &(struct rpc_producer){ next_chunk, stream_ended, world });
}

static void start_report(struct rpc_call *call)
{
	rpc_failf(call, PRAC_NOT_FOUND, "REPORT", "no report is called %s", "that");
}

static void start_enroll(struct rpc_call *call)
{
	Practicum__EnrollResponse response = PRACTICUM__ENROLL_RESPONSE__INIT;

	rpc_reply(call, &response.base);
}

static const struct rpc_method methods[] = {
	{ PRACTICUM__METHOD_ID__SYNC_PUSH, &practicum__sync__descriptor, "Push", start_push,
		RPC_FOR_DEVICE, 512 * 1024, 2, RPC_OLD_SCHEMA | RPC_SYNCS },
	{ PRACTICUM__METHOD_ID__SYNC_PULL, &practicum__sync__descriptor, "Pull", start_pull,
		RPC_FOR_DEVICE, 4096, 32, RPC_PULLS | RPC_SYNCS },
	{ PRACTICUM__METHOD_ID__SYNC_SNAPSHOT, &practicum__sync__descriptor, "Snapshot",
		start_snapshot, RPC_FOR_DEVICE, 4096, 32, RPC_STREAMS | RPC_SYNCS },
	{ PRACTICUM__METHOD_ID__REPORT_RUN, &practicum__report__descriptor, "Run", start_report,
		RPC_FOR_DISTRICT, 4096, 2, 0 },
	{ PRACTICUM__METHOD_ID__ENROLL_ENROLL, &practicum__enroll__descriptor, "Enroll",
		start_enroll, RPC_FOR_NEWCOMER, 4096, 1, 0 },
};

struct rpc_peer_world *rpc_peer_new(enum rpc_peer_kind kind)
{
	struct rpc_peer_world *world = calloc(1, sizeof(*world));
	struct rpc_peer peer = { .district = kind == RPC_PEER_DISTRICT,
		.is_newcomer = kind == RPC_PEER_NEWCOMER };

	assert(world != NULL);
	world->now_ms = 1000;
	world->env = (struct prac_env){ now, wall, chance, world };
	rpc_routes_add(&world->routes, methods, PRAC_NELEM(methods));
	world->server = (struct rpc_server){ .env = &world->env,
		.epoch = 7,
		.head = 40,
		.services = world,
		.counters = counters,
		.routes = &world->routes };
	world->session = rpc_session_new(&world->server, &peer, wake, world);
	return world;
}

void rpc_peer_free(struct rpc_peer_world *world)
{
	rpc_session_free(world->session);
	if (world->counters_done != NULL) {
		rpc_peer_answer_counters(world, PRAC_OK, 0);
	}
	if (world->held != NULL) {
		rpc_peer_answer(world);
	}
	free(world);
}

void rpc_peer_answer_counters(
	struct rpc_peer_world *world, enum prac_status status, uint64_t last_counter)
{
	const struct rpc_counted counted = { .last_counter = last_counter };
	rpc_counted_fn done = world->counters_done;

	world->counters_done = NULL;
	done(world->counters_ctx, status, &counted);
}

void rpc_peer_wait(struct rpc_peer_world *world, uint64_t ms)
{
	world->now_ms += ms;
	rpc_session_tick(world->session, world->now_ms);
}

void rpc_peer_send(struct rpc_peer_world *world, const struct prac_frame *frame)
{
	struct prac_buf buf = { 0 };

	prac_frame_write(&buf, frame);
	rpc_session_feed(world->session, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
}

void rpc_peer_send_message(struct rpc_peer_world *world, const struct prac_frame *head,
	const ProtobufCMessage *message)
{
	struct prac_buf buf = { 0 };

	prac_frame_write_message(&buf, head, message);
	rpc_session_feed(world->session, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
}

void rpc_peer_hello(struct rpc_peer_world *world)
{
	Practicum__Hello hello = PRACTICUM__HELLO__INIT;

	hello.has_proto_min = hello.has_proto_max = true;
	hello.proto_min = hello.proto_max = 1;
	hello.has_schema_min = hello.has_schema_max = true;
	hello.schema_min = hello.schema_max = 1;
	hello.has_incarnation = true;
	hello.incarnation = 99;
	hello.has_stream_window = true;
	hello.stream_window = world->stream_window;
	rpc_peer_send_message(world, &(struct prac_frame){ .type = PRAC_FRAME_HELLO }, &hello.base);
	if (!world->holds_counters && world->counters_done != NULL) {
		rpc_peer_answer_counters(world, PRAC_OK, 12);
	}
}

void rpc_peer_open(struct rpc_peer_world *world)
{
	rpc_peer_hello(world);
	while (rpc_peer_next(world) != NULL) {
	}
}

void rpc_peer_request(struct rpc_peer_world *world, unsigned method, uint32_t stream)
{
	rpc_peer_send(world,
		&(struct prac_frame){
			.type = PRAC_FRAME_REQUEST, .method = (uint16_t)method, .stream = stream });
}

const struct prac_frame *rpc_peer_next(struct rpc_peer_world *world)
{
	struct prac_buf *out = rpc_session_output(world->session);
	const char *reason = NULL;

	if (prac_frame_read(out, PRAC_FRAME_LIMIT, &world->frame, &reason) != PRAC_OK) {
		assert(prac_buf_len(out) == 0); /* whole frames only */
		return NULL;
	}
	memcpy(world->payload, world->frame.payload.data, world->frame.payload.len);
	prac_frame_consume(out, &world->frame);
	world->frame.payload.data = world->payload;
	return &world->frame;
}

void rpc_peer_answer(struct rpc_peer_world *world)
{
	Practicum__PushResponse response = PRACTICUM__PUSH_RESPONSE__INIT;
	Practicum__SnapshotChunk chunk = PRACTICUM__SNAPSHOT_CHUNK__INIT;
	struct rpc_call *call = world->held;

	world->held = NULL;
	if (world->held_is_stream) {
		rpc_data(call, &chunk.base, true);
	} else {
		rpc_reply(call, &response.base);
	}
}
