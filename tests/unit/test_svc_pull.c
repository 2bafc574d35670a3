/* Where a device is, against where the server is: cursor, epoch, grants, page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/wire/binary.h"
#include "common/wire/frame.h"
#include "common/wire/scan.h"
#include "server/svc/svc.h"

static uint64_t now(void *ctx)
{
	(void)ctx;
	return 1000;
}

static int64_t wall(void *ctx)
{
	(void)ctx;
	return 0;
}

static void chance(void *ctx, void *out, size_t len)
{
	(void)ctx;
	memset(out, 0, len);
}

static const struct prac_env env = { now, wall, chance, NULL };

/* A store that notes what it is asked and answers with the page it was given. */
static struct {
	struct store store;
	struct store_page_ask ask;
	store_page_fn done;
	void *ctx;
	unsigned n_asks;
} fake;

static void page(struct store *store, const struct store_page_ask *ask, struct prac_arena *arena,
	store_page_fn done, void *ctx)
{
	(void)store;
	(void)arena;
	fake.ask = *ask;
	fake.done = done;
	fake.ctx = ctx;
	fake.n_asks++;
}

static const struct store_ops ops = { .page = page };

static struct {
	struct rpc_routes routes;
	struct rpc_server server;
	struct svc svc;
	struct rpc_session *session;
	struct prac_arena arena;
	uint32_t scope_set, stream;
} world;

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

static void say(const struct prac_frame *head, const ProtobufCMessage *message)
{
	struct prac_buf buf = { 0 };

	prac_frame_write_message(&buf, head, message);
	rpc_session_feed(world.session, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
}

/* The one frame that came, its payload in the arena. */
static struct prac_frame hear(void)
{
	struct prac_buf *out = rpc_session_output(world.session);
	struct prac_frame frame;
	const char *reason = NULL;

	assert_int_equal(prac_frame_read(out, PRAC_FRAME_LIMIT, &frame, &reason), PRAC_OK);
	frame.payload = prac_arena_copy(&world.arena, frame.payload);
	prac_buf_clear(out);
	return frame;
}

static int start(void **state)
{
	Practicum__Hello hello = PRACTICUM__HELLO__INIT;
	struct rpc_peer peer = { .n_grants = 2 };

	(void)state;
	memset(&world, 0, sizeof(world));
	memset(&fake, 0, sizeof(fake));
	fake.store.ops = &ops;
	rpc_routes_add(&world.routes, svc_sync_methods, svc_n_sync_methods);
	world.server = (struct rpc_server){ .env = &env,
		.epoch = 7,
		.head = 500,
		.services = &world.svc,
		.counters = counters,
		.routes = &world.routes };
	world.svc = (struct svc){ .env = &env, .rpc = &world.server, .store = &fake.store };
	peer.grants = calloc(2, sizeof(*peer.grants));
	assert_non_null(peer.grants);
	peer.grants[0].scope = prac_scope_reference;
	peer.grants[1].scope.b[0] = 9;
	peer.grants[1].generation = 3;
	peer.scope_set = prac_scope_set(peer.grants, 2);
	world.scope_set = peer.scope_set;
	world.session = rpc_session_new(&world.server, &peer, wake, NULL);
	hello.has_proto_min = hello.has_proto_max = true;
	hello.proto_min = hello.proto_max = 1;
	hello.has_schema_min = hello.has_schema_max = true;
	hello.schema_min = hello.schema_max = PRAC_SCHEMA;
	hello.has_incarnation = true;
	hello.incarnation = 5;
	say(&(struct prac_frame){ .type = PRAC_FRAME_HELLO }, &hello.base);
	assert_int_equal(hear().type, PRAC_FRAME_WELCOME);
	world.stream = 1;
	return 0;
}

static int stop(void **state)
{
	(void)state;
	rpc_session_free(world.session);
	prac_arena_deinit(&world.arena);
	return 0;
}

static void pull(const struct prac_cursor *cursor)
{
	Practicum__PullRequest request = PRACTICUM__PULL_REQUEST__INIT;
	struct prac_buf buf = { 0 };

	if (cursor != NULL) {
		prac_cursor_encode(cursor, &buf);
		request.has_cursor = true;
		request.cursor = (ProtobufCBinaryData){ prac_buf_len(&buf),
			(uint8_t *)prac_buf_bytes(&buf).data };
	}
	say(&(struct prac_frame){ .type = PRAC_FRAME_REQUEST,
		    .method = PRACTICUM__METHOD_ID__SYNC_PULL,
		    .stream = world.stream },
		&request.base);
	world.stream += 2;
	prac_buf_deinit(&buf);
}

static const Practicum__PullPage *heard_page(void)
{
	struct prac_frame frame = hear();
	ProtobufCMessage *message = NULL;

	assert_int_equal(frame.flags, PRAC_FRAME_END);
	assert_int_equal(prac_unpack(&practicum__pull_page__descriptor, frame.payload, &world.arena,
				 &message),
		PRAC_OK);
	return (const Practicum__PullPage *)message;
}

static void assert_fails(uint32_t code, const char *reason)
{
	struct prac_frame frame = hear();
	ProtobufCMessage *message = NULL;
	const Practicum__Status *status;

	assert_int_equal(frame.flags, PRAC_FRAME_END | PRAC_FRAME_ERROR);
	assert_int_equal(
		prac_unpack(&practicum__status__descriptor, frame.payload, &world.arena, &message),
		PRAC_OK);
	status = (const Practicum__Status *)message;
	assert_int_equal(status->code, code);
	assert_memory_equal(status->reason.data, reason, status->reason.len);
}

static struct prac_cursor position(uint64_t seq)
{
	return (struct prac_cursor){ .epoch = 7, .seq = seq, .scope_set = world.scope_set };
}

static struct prac_cursor cursor_of(const Practicum__PullPage *from)
{
	struct prac_cursor cursor;

	assert_int_equal(prac_cursor_decode(prac_binary_bytes(from->cursor), &cursor), PRAC_OK);
	return cursor;
}

static void the_first_pull_is_answered_with_the_grants(void **state)
{
	const Practicum__PullPage *answer;

	(void)state;
	pull(NULL);
	answer = heard_page();
	assert_int_equal(answer->n_grants, 2);
	assert_int_equal(answer->grants[1]->generation, 3);
	assert_int_equal(answer->n_rows, 0);
	assert_false(answer->complete);
	assert_int_equal(cursor_of(answer).seq, 0);
	assert_int_equal(cursor_of(answer).epoch, 7);
	assert_int_equal(cursor_of(answer).scope_set, world.scope_set);
	assert_int_equal(fake.n_asks, 0);
}

static void changed_grants_come_before_rows_and_keep_the_position(void **state)
{
	struct prac_cursor cursor = position(123);

	(void)state;
	cursor.scope_set ^= 1;
	pull(&cursor);
	assert_int_equal(cursor_of(heard_page()).seq, 123);
	assert_int_equal(fake.n_asks, 0);
}

static void a_page_is_asked_for_the_granted_scopes_behind_the_cursor(void **state)
{
	struct prac_cursor cursor = position(123);
	struct store_page empty = { .epoch = 7, .head = 500, .through = 400, .last_counter = 17 };
	const Practicum__PullPage *answer;

	(void)state;
	pull(&cursor);
	assert_int_equal(fake.n_asks, 1);
	assert_int_equal(fake.ask.n_scopes, 2);
	assert_int_equal(fake.ask.after, 123);
	assert_int_equal(fake.ask.max_rows, 1000);
	assert_int_equal(fake.ask.max_bytes, 262144);
	assert_int_equal(fake.ask.incarnation, 5);
	fake.done(fake.ctx, PRAC_OK, &empty);
	answer = heard_page();
	assert_int_equal(cursor_of(answer).seq, 400);
	assert_int_equal(answer->head, 500);
	assert_int_equal(answer->last_counter, 17);
	assert_false(answer->complete);
}

static void rows_travel_with_body_and_group_numbers_or_why_they_are_gone(void **state)
{
	struct prac_cursor cursor = position(1);
	struct prac_record *record = prac_record_new(&world.arena, &prac_type_school);
	struct store_page_row rows[2] = { { .feed = { .seq = 2, .key.type = 1 }, .record = record },
		{ .feed = { .seq = 3, .key.type = 1, .gone = STORE_MOVED } } };
	struct store_page both = {
		.rows = rows, .n_rows = 2, .epoch = 7, .head = 3, .through = 3, .complete = true
	};
	const Practicum__PullPage *answer;

	(void)state;
	record->values[PRAC_SCHOOL_NAME] =
		(struct prac_value){ .has = true, .bytes = prac_bytes_text("Oak") };
	record->group_seq[1] = 2;
	pull(&cursor);
	fake.done(fake.ctx, PRAC_OK, &both);
	answer = heard_page();
	assert_int_equal(answer->n_rows, 2);
	assert_int_equal(answer->rows[0]->body.len, 7);
	assert_memory_equal(answer->rows[0]->body.data, "\x08\x01\x12\x03Oak", 7);
	assert_int_equal(answer->rows[0]->n_group_seq, prac_type_school.n_groups);
	assert_int_equal(answer->rows[0]->group_seq[1], 2);
	assert_false(answer->rows[0]->has_gone);
	assert_int_equal(answer->rows[1]->gone, PRACTICUM__GONE__GONE_MOVED);
	assert_false(answer->rows[1]->has_body);
	assert_true(answer->complete);
}

static void another_epoch_is_said_at_once(void **state)
{
	struct prac_cursor cursor = position(1);

	(void)state;
	cursor.epoch = 6;
	pull(&cursor);
	assert_fails(15, "EPOCH_CHANGED");
	assert_int_equal(fake.n_asks, 0);
}

static void an_epoch_that_changed_under_the_server_is_seen_in_the_page(void **state)
{
	struct prac_cursor cursor = position(1);
	struct store_page other = { .epoch = 8, .head = 500, .through = 500 };

	(void)state;
	pull(&cursor);
	fake.done(fake.ctx, PRAC_OK, &other);
	assert_fails(15, "EPOCH_CHANGED");
}

static void a_cursor_beyond_the_head_is_out_of_range(void **state)
{
	struct prac_cursor cursor = position(501);
	struct store_page behind = { .epoch = 7, .head = 500, .through = 500 };

	(void)state;
	pull(&cursor);
	fake.done(fake.ctx, PRAC_OK, &behind);
	assert_fails(11, "BEYOND_HEAD");
}

static void bytes_that_are_no_cursor_are_refused(void **state)
{
	Practicum__PullRequest request = PRACTICUM__PULL_REQUEST__INIT;

	(void)state;
	request.has_cursor = true;
	request.cursor = (ProtobufCBinaryData){ 6, (uint8_t *)"cursor" };
	say(&(struct prac_frame){ .type = PRAC_FRAME_REQUEST, .method = 2, .stream = 1 },
		&request.base);
	assert_fails(3, "BAD_CURSOR");
}

static void a_database_that_is_away_is_no_reason_to_start_again(void **state)
{
	struct prac_cursor cursor = position(1);

	(void)state;
	pull(&cursor);
	fake.done(fake.ctx, PRAC_INTERNAL, NULL);
	assert_fails(14, "");
}

static void a_change_pokes_the_sessions_of_its_scopes_once(void **state)
{
	struct svc_subscriptions *subscriptions = svc_subscriptions_new();
	struct prac_id scopes[3] = { prac_scope_district, prac_scope_reference, { { 9 } } };

	(void)state;
	svc_subscribe(subscriptions, world.session);
	svc_notify(subscriptions, scopes, 1, 501); /* not granted */
	assert_int_equal(prac_buf_len(rpc_session_output(world.session)), 0);
	svc_notify(subscriptions, scopes, 3, 502);
	assert_int_equal(hear().type, PRAC_FRAME_POKE);
	svc_unsubscribe(subscriptions, world.session);
	pull(NULL); /* answers the poke */
	(void)hear();
	svc_notify(subscriptions, scopes, 3, 503);
	assert_int_equal(prac_buf_len(rpc_session_output(world.session)), 0);
	svc_subscriptions_free(subscriptions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_first_pull_is_answered_with_the_grants, start, stop),
		cmocka_unit_test_setup_teardown(
			changed_grants_come_before_rows_and_keep_the_position, start, stop),
		cmocka_unit_test_setup_teardown(
			a_page_is_asked_for_the_granted_scopes_behind_the_cursor, start, stop),
		cmocka_unit_test_setup_teardown(
			rows_travel_with_body_and_group_numbers_or_why_they_are_gone, start, stop),
		cmocka_unit_test_setup_teardown(another_epoch_is_said_at_once, start, stop),
		cmocka_unit_test_setup_teardown(
			an_epoch_that_changed_under_the_server_is_seen_in_the_page, start, stop),
		cmocka_unit_test_setup_teardown(
			a_cursor_beyond_the_head_is_out_of_range, start, stop),
		cmocka_unit_test_setup_teardown(bytes_that_are_no_cursor_are_refused, start, stop),
		cmocka_unit_test_setup_teardown(
			a_database_that_is_away_is_no_reason_to_start_again, start, stop),
		cmocka_unit_test_setup_teardown(
			a_change_pokes_the_sessions_of_its_scopes_once, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
