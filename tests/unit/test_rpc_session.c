/* Greeting, versions, heartbeats, pokes, drain: time is the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/rpc_peer.h"

static void assert_status(const struct prac_frame *frame, uint32_t code, const char *reason)
{
	Practicum__Status *status =
		practicum__status__unpack(NULL, frame->payload.len, frame->payload.data);

	assert_non_null(status);
	assert_int_equal(status->code, code);
	assert_int_equal(status->reason.len, strlen(reason));
	assert_memory_equal(status->reason.data, reason, strlen(reason));
	practicum__status__free_unpacked(status, NULL);
}

static void assert_aborts(struct rpc_peer_world *world, uint32_t code, const char *reason)
{
	const struct prac_frame *frame = rpc_peer_next(world);

	assert_non_null(frame);
	assert_int_equal(frame->type, PRAC_FRAME_GOAWAY);
	assert_status(frame, code, reason);
	assert_true(rpc_session_is_done(world->session));
	assert_null(rpc_peer_next(world));
}

static void hello_is_answered_by_welcome_with_epoch_head_and_counter(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_DISTRICT);
	const struct prac_frame *frame;
	Practicum__Welcome *welcome;

	(void)state;
	rpc_peer_hello(world);
	assert_int_equal(world->n_wakes, 1); /* the counters came outside of feed */
	frame = rpc_peer_next(world);
	assert_int_equal(frame->type, PRAC_FRAME_WELCOME);
	welcome = practicum__welcome__unpack(NULL, frame->payload.len, frame->payload.data);
	assert_int_equal(welcome->proto, 1);
	assert_int_equal(welcome->schema, 1);
	assert_int_equal(welcome->epoch, 7);
	assert_int_equal(welcome->head, 40);
	assert_int_equal(welcome->last_counter, 12);
	assert_int_equal(welcome->max_frame, 262144);
	assert_int_equal(welcome->max_request, 524288);
	assert_true(welcome->district);
	assert_int_equal(welcome->device_id.len, 16);
	practicum__welcome__free_unpacked(welcome, NULL);
	rpc_peer_free(world);
}

static void send_versions(struct rpc_peer_world *world, uint32_t proto, uint32_t schema)
{
	Practicum__Hello hello = PRACTICUM__HELLO__INIT;

	hello.has_proto_min = hello.has_proto_max = true;
	hello.proto_min = hello.proto_max = proto;
	hello.has_schema_min = hello.has_schema_max = true;
	hello.schema_min = hello.schema_max = schema;
	rpc_peer_send_message(world, &(struct prac_frame){ .type = PRAC_FRAME_HELLO }, &hello.base);
}

static void no_version_in_common_is_upgrade_required(void **state)
{
	static const uint32_t versions[][2] = { { 2, 1 }, { 0, 1 }, { 1, 9999 }, { 1, 0 } };

	(void)state;
	for (size_t i = 0; i < PRAC_NELEM(versions); i++) {
		struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

		send_versions(world, versions[i][0], versions[i][1]);
		assert_aborts(world, 12, "UPGRADE_REQUIRED");
		rpc_peer_free(world);
	}
}

static void hello_that_cannot_be_read_is_one_clear_error(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);
	struct prac_frame frame = { .type = PRAC_FRAME_HELLO,
		.payload = { (const uint8_t *)"\x0b\x0b", 2 } };

	(void)state;
	rpc_peer_send(world, &frame);
	assert_aborts(world, 3, "BAD_HELLO");
	rpc_peer_free(world);
}

static void hello_must_come_within_ten_seconds(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_wait(world, 9999);
	assert_null(rpc_peer_next(world));
	rpc_peer_wait(world, 1);
	assert_aborts(world, 4, "NO_HELLO");
	rpc_peer_free(world);
}

static void hello_that_a_full_server_does_not_read_is_not_late(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	world->server.is_full = true;
	rpc_peer_wait(world, 60000);
	world->server.is_full = false;
	rpc_peer_wait(world, 9999);
	assert_null(rpc_peer_next(world));
	rpc_peer_wait(world, 1);
	assert_aborts(world, 4, "NO_HELLO");
	rpc_peer_free(world);
}

static void a_database_that_is_away_turns_the_client_away(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	world->holds_counters = true;
	rpc_peer_hello(world);
	rpc_peer_answer_counters(world, PRAC_UNAVAILABLE, 0);
	assert_aborts(world, 14, "DATABASE");
	rpc_peer_free(world);
}

static void a_session_may_go_while_its_counters_are_read(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	world->holds_counters = true;
	rpc_peer_hello(world);
	rpc_peer_free(world); /* answers the counters after the session */
}

static void half_a_frame_waits_for_the_rest(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);
	struct prac_buf buf = { 0 };
	struct prac_frame ping = { .type = PRAC_FRAME_PING };

	(void)state;
	rpc_peer_open(world);
	prac_frame_write(&buf, &ping);
	for (size_t i = 0; i < 16; i++) {
		assert_null(rpc_peer_next(world));
		rpc_session_feed(
			world->session, (struct prac_bytes){ prac_buf_bytes(&buf).data + i, 1 });
	}
	assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_PONG);
	prac_buf_deinit(&buf);
	rpc_peer_free(world);
}

static void feed_zeros(struct rpc_peer_world *world, size_t len)
{
	static const uint8_t zeros[4096];

	rpc_session_feed(world->session, (struct prac_bytes){ zeros, len });
}

/* The head of a request of 4096 bytes, then as many of them as said. */
static void begin_request(struct rpc_peer_world *world, size_t len)
{
	static const uint8_t head[16] = { [2] = 0x10, [4] = PRAC_FRAME_REQUEST, [7] = 2, [11] = 1 };

	rpc_session_feed(world->session, (struct prac_bytes){ head, sizeof(head) });
	feed_zeros(world, len);
}

static void a_frame_that_trickles_ends_the_connection_after_30_seconds(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_open(world);
	begin_request(world, 1);
	for (int i = 0; i < 3; i++) {
		rpc_peer_wait(world, 10000);
		assert_null(rpc_peer_next(world));
		feed_zeros(world, 1);
	}
	rpc_peer_wait(world, 1000);
	assert_aborts(world, 4, "SLOW_REQUEST");
	assert_false(rpc_session_is_broken(world->session)); /* may be the network's fault */
	rpc_peer_free(world);
}

static void a_slow_line_of_a_kilobyte_a_second_is_waited_for(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_open(world);
	begin_request(world, 0);
	for (int i = 0; i < 4; i++) {
		rpc_peer_wait(world, 8000);
		assert_null(rpc_peer_next(world));
		feed_zeros(world, 1024);
	}
	assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_RESPONSE);
	assert_false(rpc_session_is_done(world->session));
	rpc_peer_free(world);
}

static void who_is_not_read_to_is_not_slow(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_open(world);
	begin_request(world, 1);
	world->server.is_full = true;
	for (int i = 0; i < 40; i++) {
		rpc_peer_wait(world, 1000);
	}
	world->server.is_full = false;
	rpc_peer_wait(world, 29000);
	assert_false(rpc_session_is_done(world->session));
	rpc_peer_wait(world, 2000);
	assert_true(rpc_session_is_done(world->session));
	rpc_peer_free(world);
}

static void several_frames_in_one_read_are_all_dealt_with(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);
	struct prac_buf buf = { 0 };
	struct prac_frame request = { .type = PRAC_FRAME_REQUEST, .method = 2 };

	(void)state;
	rpc_peer_open(world);
	for (request.stream = 1; request.stream < 6; request.stream += 2) {
		prac_frame_write(&buf, &request);
	}
	prac_buf_append(&buf, "\0\0\0", 3); /* and the start of another */
	rpc_session_feed(world->session, prac_buf_bytes(&buf));
	assert_int_equal(rpc_peer_next(world)->stream, 1);
	assert_int_equal(rpc_peer_next(world)->stream, 3);
	assert_int_equal(rpc_peer_next(world)->stream, 5);
	assert_null(rpc_peer_next(world));
	prac_buf_deinit(&buf);
	rpc_peer_free(world);
}

static void a_frame_over_the_limit_is_refused_by_its_header_alone(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);
	static const uint8_t header[16] = { 0, 4, 0, 1, 3, 0, 0, 1, 0, 0, 0, 1 };

	(void)state;
	rpc_peer_open(world);
	rpc_session_feed(world->session, (struct prac_bytes){ header, sizeof(header) });
	assert_aborts(world, 8, "FRAME_TOO_LARGE");
	rpc_peer_free(world);
}

static void pings_after_25_seconds_of_silence_give_or_take_a_fifth(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_open(world);
	rpc_peer_wait(world, 19999);
	assert_null(rpc_peer_next(world));
	rpc_peer_wait(world, 1); /* chance is 0 here: the earliest */
	assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_PING);
	assert_null(rpc_peer_next(world));
	rpc_peer_free(world);
}

static void gives_up_after_75_seconds_of_silence(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_open(world);
	for (int i = 0; i < 74; i++) {
		rpc_peer_wait(world, 1000);
	}
	while (rpc_peer_next(world) != NULL) {
	}
	assert_false(rpc_session_is_done(world->session));
	rpc_peer_wait(world, 1000);
	assert_aborts(world, 4, "SILENT");
	rpc_peer_free(world);
}

/* Two minutes in which nobody is read to, as while the database has stopped. */
static void wait_two_full_minutes(struct rpc_peer_world *world)
{
	world->server.is_full = true;
	for (int i = 0; i < 120; i++) {
		rpc_peer_wait(world, 1000);
	}
	world->server.is_full = false;
}

static void who_is_not_read_to_is_not_silent(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_open(world);
	rpc_peer_wait(world, 10000);
	wait_two_full_minutes(world);
	assert_int_equal(
		rpc_peer_next(world)->type, PRAC_FRAME_PING); /* the peer hears all the same */
	while (rpc_peer_next(world) != NULL) {
	}
	rpc_peer_wait(world, 64000);
	assert_false(rpc_session_is_done(world->session));
	while (rpc_peer_next(world) != NULL) {
	}
	rpc_peer_wait(world, 1000); /* 10 + 65: what was heard of it and what was not */
	assert_aborts(world, 4, "SILENT");
	rpc_peer_free(world);
}

static void a_pong_keeps_the_connection_alive(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_open(world);
	for (int i = 0; i < 10; i++) {
		rpc_peer_wait(world, 60000);
		rpc_peer_send(world, &(struct prac_frame){ .type = PRAC_FRAME_PONG });
	}
	assert_false(rpc_session_is_done(world->session));
	rpc_peer_free(world);
}

static void pong_carries_the_head(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);
	const struct prac_frame *frame;
	Practicum__Head *head;

	(void)state;
	rpc_peer_open(world);
	rpc_peer_send(world, &(struct prac_frame){ .type = PRAC_FRAME_PING });
	frame = rpc_peer_next(world);
	head = practicum__head__unpack(NULL, frame->payload.len, frame->payload.data);
	assert_int_equal(head->head, 40);
	practicum__head__free_unpacked(head, NULL);
	rpc_peer_free(world);
}

static void too_many_pings_end_the_connection(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);
	struct prac_frame ping = { .type = PRAC_FRAME_PING };

	(void)state;
	rpc_peer_open(world);
	for (int i = 0; i < 3; i++) {
		world->now_ms += 9000;
		rpc_peer_send(world, &ping);
		assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_PONG);
	}
	world->now_ms += 9000;
	rpc_peer_send(world, &ping);
	assert_aborts(world, 8, "TOO_MANY_PINGS");
	rpc_peer_free(world);
}

static void a_ping_every_ten_seconds_is_welcome(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_open(world);
	for (int i = 0; i < 20; i++) {
		world->now_ms += 10000;
		rpc_peer_send(world, &(struct prac_frame){ .type = PRAC_FRAME_PING });
		assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_PONG);
	}
	rpc_peer_free(world);
}

static void pokes_once_until_the_client_pulls(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_session_poke(world->session, 41); /* nobody greeted yet */
	rpc_peer_open(world);
	world->n_wakes = 0;
	rpc_session_poke(world->session, 42);
	rpc_session_poke(world->session, 43);
	assert_int_equal(world->n_wakes, 1);
	assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_POKE);
	assert_null(rpc_peer_next(world));
	rpc_peer_request(world, 2, 1);
	assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_RESPONSE);
	rpc_session_poke(world->session, 44);
	assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_POKE);
	assert_int_equal(world->server.head, 44);
	rpc_peer_free(world);
}

static void drain_answers_what_is_in_flight_and_refuses_what_comes(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);
	const struct prac_frame *frame;

	(void)state;
	rpc_peer_open(world);
	rpc_peer_request(world, 1, 1);
	rpc_session_drain(world->session, PRAC_UNAVAILABLE, "DRAINING", 1500);
	frame = rpc_peer_next(world);
	assert_int_equal(frame->type, PRAC_FRAME_GOAWAY);
	assert_int_equal(frame->aux, 1500);
	assert_false(rpc_session_is_done(world->session));
	rpc_peer_request(world, 1, 3);
	frame = rpc_peer_next(world);
	assert_int_equal(frame->stream, 3);
	assert_int_equal(frame->flags, PRAC_FRAME_END | PRAC_FRAME_ERROR);
	assert_status(frame, 14, "DRAINING");
	rpc_peer_answer(world);
	frame = rpc_peer_next(world);
	assert_int_equal(frame->stream, 1);
	assert_int_equal(frame->flags, PRAC_FRAME_END);
	assert_true(rpc_session_is_done(world->session));
	rpc_peer_free(world);
}

static void a_newcomer_asks_once_without_hello(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_NEWCOMER);

	(void)state;
	rpc_peer_request(world, 5, 1);
	assert_int_equal(rpc_peer_next(world)->flags, PRAC_FRAME_END);
	assert_true(rpc_session_is_done(world->session));
	rpc_peer_free(world);
}

static void a_newcomer_may_ask_nothing_else(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_NEWCOMER);

	(void)state;
	rpc_peer_request(world, 2, 1);
	assert_status(rpc_peer_next(world), 7, "ROLE");
	assert_true(rpc_session_is_done(world->session));
	rpc_peer_free(world);
}

static void a_newcomer_says_at_most_four_kilobytes(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_NEWCOMER);
	static const uint8_t header[16] = { 0, 0, 16, 1, 3, 0, 0, 5, 0, 0, 0, 1 };

	(void)state;
	rpc_session_feed(world->session, (struct prac_bytes){ header, sizeof(header) });
	assert_aborts(world, 8, "FRAME_TOO_LARGE");
	rpc_peer_free(world);
}

enum {
	N_ASIDES = 4
};

static void no_wake(void *ctx)
{
	(void)ctx;
}

/* One more connection of the device; HELLO was answered. */
static struct rpc_session *arrive(struct rpc_peer_world *world, uint8_t device, bool is_aside)
{
	struct rpc_peer peer = { .device = { { device } } };
	struct rpc_session *session = rpc_session_new(&world->server, &peer, no_wake, NULL);
	Practicum__Hello hello = PRACTICUM__HELLO__INIT;
	struct prac_buf buf = { 0 };

	hello.has_proto_max = hello.has_schema_max = hello.has_aside = true;
	hello.proto_max = hello.schema_max = 1;
	hello.aside = is_aside;
	prac_frame_write_message(
		&buf, &(struct prac_frame){ .type = PRAC_FRAME_HELLO }, &hello.base);
	rpc_session_feed(session, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
	rpc_peer_answer_counters(world, PRAC_OK, 0);
	return session;
}

static void of_the_connections_that_sync_the_newest_counts(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_DISTRICT);
	struct rpc_session *first, *other, *second;

	(void)state;
	world->server.per_device = 1;
	first = arrive(world, 1, false);
	other = arrive(world, 2, false);
	second = arrive(world, 1, false);
	assert_true(rpc_session_is_done(first));
	assert_false(rpc_session_is_done(second));
	assert_false(rpc_session_is_done(other));
	rpc_session_free(first);
	rpc_session_free(second);
	rpc_session_free(other);
	rpc_peer_free(world);
}

static void who_asks_aside_ends_no_connection_that_syncs(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_DISTRICT);
	struct rpc_session *asides[N_ASIDES + 1], *watcher;

	(void)state;
	world->server.per_device = 1;
	watcher = arrive(world, 1, false);
	for (size_t i = 0; i <= N_ASIDES; i++) {
		asides[i] = arrive(world, 1, true);
	}
	assert_false(rpc_session_is_done(watcher));
	assert_true(rpc_session_is_done(asides[0]));
	for (size_t i = 1; i <= N_ASIDES; i++) {
		assert_false(rpc_session_is_done(asides[i]));
		rpc_session_free(asides[i]);
	}
	rpc_session_free(asides[0]);
	rpc_session_free(watcher);
	rpc_peer_free(world);
}

static void who_asks_aside_neither_syncs_nor_is_poked(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);
	struct rpc_session *plain = world->session;

	(void)state;
	world->session = arrive(world, 1, true);
	assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_WELCOME);
	rpc_session_poke(world->session, 90);
	assert_null(rpc_peer_next(world));
	rpc_peer_request(world, PRACTICUM__METHOD_ID__SYNC_PULL, 1);
	assert_status(rpc_peer_next(world), 7, "ASIDE");
	rpc_session_free(plain);
	rpc_peer_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hello_is_answered_by_welcome_with_epoch_head_and_counter),
		cmocka_unit_test(no_version_in_common_is_upgrade_required),
		cmocka_unit_test(hello_that_cannot_be_read_is_one_clear_error),
		cmocka_unit_test(hello_must_come_within_ten_seconds),
		cmocka_unit_test(hello_that_a_full_server_does_not_read_is_not_late),
		cmocka_unit_test(a_database_that_is_away_turns_the_client_away),
		cmocka_unit_test(a_session_may_go_while_its_counters_are_read),
		cmocka_unit_test(half_a_frame_waits_for_the_rest),
		cmocka_unit_test(a_frame_that_trickles_ends_the_connection_after_30_seconds),
		cmocka_unit_test(a_slow_line_of_a_kilobyte_a_second_is_waited_for),
		cmocka_unit_test(who_is_not_read_to_is_not_slow),
		cmocka_unit_test(several_frames_in_one_read_are_all_dealt_with),
		cmocka_unit_test(a_frame_over_the_limit_is_refused_by_its_header_alone),
		cmocka_unit_test(pings_after_25_seconds_of_silence_give_or_take_a_fifth),
		cmocka_unit_test(gives_up_after_75_seconds_of_silence),
		cmocka_unit_test(who_is_not_read_to_is_not_silent),
		cmocka_unit_test(a_pong_keeps_the_connection_alive),
		cmocka_unit_test(pong_carries_the_head),
		cmocka_unit_test(too_many_pings_end_the_connection),
		cmocka_unit_test(a_ping_every_ten_seconds_is_welcome),
		cmocka_unit_test(pokes_once_until_the_client_pulls),
		cmocka_unit_test(drain_answers_what_is_in_flight_and_refuses_what_comes),
		cmocka_unit_test(a_newcomer_asks_once_without_hello),
		cmocka_unit_test(a_newcomer_may_ask_nothing_else),
		cmocka_unit_test(a_newcomer_says_at_most_four_kilobytes),
		cmocka_unit_test(of_the_connections_that_sync_the_newest_counts),
		cmocka_unit_test(who_asks_aside_ends_no_connection_that_syncs),
		cmocka_unit_test(who_asks_aside_neither_syncs_nor_is_poked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
