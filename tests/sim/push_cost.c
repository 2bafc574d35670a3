/*
 * What the server computes for pushes, from a request's frame to the answer's, on a fixed list of
 * mutations and with memory in PostgreSQL's place; for callgrind, which counts the instructions.
 *
 *   push-cost N   pushes N mutations of a station's weeks
 *
 * Collecting is to begin and end with push_counted() and to rest in mem_db_load() and mem_db_write(),
 * which are PostgreSQL's part: tests/integration/push_cost.py.
 */
#include <stdio.h>
#include <stdlib.h>

#include "catalog/types.h"
#include "common/wire/frame.h"
#include "proto/sync.pb-c.h"
#include "server/svc/svc.h"
#include "server/sync/sequencer.h"
#include "tests/bench/station/work.h"
#include "tests/sim/store_mem.h"

enum {
	PUSH = 250 /* mutations of a request */
};

static struct {
	struct store_mem mem;
	struct store_mem_server store;
	struct prac_env env;
	uint64_t n_random;
	struct rpc_routes routes;
	struct rpc_server rpc;
	struct svc svc;
	struct rpc_session *session;
	uint32_t stream;
	struct work_station work;
	struct prac_arena arena; /* of one request */
} world;

static void die(const char *why)
{
	(void)fprintf(stderr, "push-cost: %s\n", why);
	exit(1);
}

/* ---- a world in which every run is the same */

static uint64_t monotonic_ms(void *ctx)
{
	(void)ctx;
	return 1000;
}

/* 2026-11-21 */
static int64_t wall_ms(void *ctx)
{
	(void)ctx;
	return 1795219200000;
}

/* No byte sequence twice, and spread as those of ids are. */
static void fill_random(void *ctx, void *out, size_t len)
{
	uint8_t *bytes = out;

	(void)ctx;
	for (size_t i = 0; i < len; i++) {
		world.n_random++;
		bytes[i] = (uint8_t)(world.n_random * UINT64_C(0x9E3779B97F4A7C15) >> 56);
	}
}

static void counters(
	void *services, const struct rpc_arrival *arrival, rpc_counted_fn done, void *ctx)
{
	const struct rpc_counted counted = { 0 };

	(void)services;
	(void)arrival;
	done(ctx, PRAC_OK, &counted);
}

static void wake(void *ctx)
{
	(void)ctx;
}

/* ---- the server's part */

/* Named to callgrind: everything inside is counted. */
void push_counted(struct prac_bytes frame);

void push_counted(struct prac_bytes frame)
{
	rpc_session_feed(world.session, frame);
	while (store_mem_ready(&world.mem) > 0) {
		store_mem_step(&world.mem, 0);
	}
}

/* ---- the station's part */

static void check_verdicts(const struct prac_frame *frame, size_t n)
{
	Practicum__PushResponse *answer;

	if ((frame->flags & PRAC_FRAME_ERROR) != 0) {
		die("a push failed");
	}
	answer = practicum__push_response__unpack(NULL, frame->payload.len, frame->payload.data);
	if (answer == NULL || answer->n_verdicts != n) {
		die("no answer to a push");
	}
	for (size_t i = 0; i < n; i++) {
		if (answer->verdicts[i]->kind != PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED) {
			die("a mutation was refused");
		}
	}
	practicum__push_response__free_unpacked(answer, NULL);
}

/* Takes what the server said; n verdicts are among it. */
static void hear(size_t n)
{
	struct prac_buf *out = rpc_session_output(world.session);
	struct prac_frame frame;
	const char *reason = NULL;

	while (prac_frame_read(out, PRAC_FRAME_LIMIT, &frame, &reason) == PRAC_OK) {
		if (frame.type == PRAC_FRAME_RESPONSE) {
			check_verdicts(&frame, n);
			n = 0;
		}
		prac_frame_consume(out, &frame);
	}
	if (n > 0) {
		die("a push has no answer");
	}
}

/* protobuf-c's fields are not const; it does not write to them. */
static ProtobufCBinaryData binary(struct prac_bytes bytes)
{
	union {
		const uint8_t *borrowed;
		uint8_t *field;
	} data = { .borrowed = bytes.data };

	return (ProtobufCBinaryData){ bytes.len, data.field };
}

static void push(const struct prac_bytes *mutations, size_t n)
{
	Practicum__PushRequest request = PRACTICUM__PUSH_REQUEST__INIT;
	const struct prac_frame head = { .type = PRAC_FRAME_REQUEST,
		.method = PRACTICUM__METHOD_ID__SYNC_PUSH,
		.stream = world.stream };
	struct prac_buf buf = { 0 };

	request.n_mutations = n;
	request.mutations = prac_arena_alloc(&world.arena, n * sizeof(*request.mutations));
	for (size_t i = 0; i < n; i++) {
		request.mutations[i] = binary(mutations[i]);
	}
	prac_frame_write_message(&buf, &head, &request.base);
	world.stream += 2;
	push_counted(prac_buf_bytes(&buf));
	hear(n);
	prac_buf_deinit(&buf);
	prac_arena_reset(&world.arena);
}

static void push_work(size_t left)
{
	while (left > 0) {
		struct prac_bytes mutations[PUSH];
		size_t n = left < PUSH ? left : PUSH;

		for (size_t i = 0; i < n; i++) {
			mutations[i] = work_next(&world.work, &world.arena);
		}
		push(mutations, n);
		left -= n;
	}
}

/* ---- both */

/* A device's connection, past HELLO. */
static void connect_as(const struct prac_id *device, bool is_district)
{
	Practicum__Hello hello = PRACTICUM__HELLO__INIT;
	struct rpc_peer peer = { .device = *device, .district = is_district, .n_grants = 2 };
	struct prac_buf buf = { 0 };

	peer.grants = calloc(peer.n_grants, sizeof(*peer.grants));
	if (peer.grants == NULL) {
		die("no memory");
	}
	peer.grants[0] = (struct prac_scope_grant){ prac_scope_reference, 1 };
	peer.grants[1] = (struct prac_scope_grant){ world.work.school, 1 };
	peer.scope_set = prac_scope_set(peer.grants, peer.n_grants);
	world.session = rpc_session_new(&world.rpc, &peer, wake, NULL);
	world.stream = 1;
	hello.has_proto_min = hello.has_proto_max = true;
	hello.proto_min = hello.proto_max = 1;
	hello.has_schema_min = hello.has_schema_max = true;
	hello.schema_min = hello.schema_max = PRAC_SCHEMA;
	hello.has_incarnation = true;
	hello.incarnation = 5;
	prac_frame_write_message(
		&buf, &(struct prac_frame){ .type = PRAC_FRAME_HELLO }, &hello.base);
	rpc_session_feed(world.session, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
	hear(0);
}

static void open_world(void)
{
	store_mem_init(&world.mem);
	store_mem_connect(&world.mem, &world.store);
	world.env = (struct prac_env){ monotonic_ms, wall_ms, fill_random, NULL };
	/* None ahead: memory would copy itself for it. */
	world.svc.sequencer = sequencer_new(&(struct sequencer_config){
		.store = &world.store.store, .env = &world.env, .ahead_min = SIZE_MAX });
	rpc_routes_add(&world.routes, svc_sync_methods, svc_n_sync_methods);
	world.rpc = (struct rpc_server){ .env = &world.env,
		.epoch = world.mem.db->epoch,
		.services = &world.svc,
		.counters = counters,
		.routes = &world.routes };
	world.svc.env = &world.env;
	world.svc.rpc = &world.rpc;
	world.svc.store = &world.store.store;
	work_begin(&world.work, 0);
	world.work.env = &world.env;
}

static void close_world(void)
{
	sequencer_free(world.svc.sequencer);
	store_mem_deinit(&world.mem);
	prac_arena_deinit(&world.arena);
}

int main(int argc, char **argv)
{
	const struct prac_id district = work_device(0);
	struct prac_bytes school;

	if (argc != 2) {
		(void)fprintf(stderr, "usage: push-cost N\n");
		return 64;
	}
	open_world();
	connect_as(&district, true);
	school = work_school(&world.work, 1, &world.arena);
	push(&school, 1);
	rpc_session_free(world.session);
	connect_as(&world.work.device, false);
	push_work(strtoul(argv[1], NULL, 10));
	rpc_session_free(world.session);
	close_world();
	return 0;
}
