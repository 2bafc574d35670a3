/* Credit, streams and the order of answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/rpc_peer.h"

enum {
	PULL = 2,
	SNAPSHOT = 3
};

static void pull(struct rpc_peer_world *world, uint32_t stream, uint32_t max_bytes)
{
	Practicum__PullRequest request = PRACTICUM__PULL_REQUEST__INIT;

	request.has_max_bytes = true;
	request.max_bytes = max_bytes;
	rpc_peer_send_message(world,
		&(struct prac_frame){
			.type = PRAC_FRAME_REQUEST, .method = PULL, .stream = stream },
		&request.base);
}

static void grant(struct rpc_peer_world *world, uint32_t stream, uint32_t len)
{
	rpc_peer_send(world,
		&(struct prac_frame){ .type = PRAC_FRAME_CREDIT, .stream = stream, .aux = len });
}

static void an_answer_larger_than_the_window_waits_for_credit(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);
	const struct prac_frame *frame;

	(void)state;
	rpc_peer_open(world);
	pull(world, 1, 300000);
	frame = rpc_peer_next(world);
	assert_int_equal(frame->payload.len, 262144);
	assert_int_equal(frame->flags, PRAC_FRAME_MORE);
	assert_null(rpc_peer_next(world));
	grant(world, 1, 10);
	frame = rpc_peer_next(world);
	assert_int_equal(frame->payload.len, 10);
	assert_int_equal(frame->flags, PRAC_FRAME_MORE);
	grant(world, 1, 262144);
	frame = rpc_peer_next(world);
	assert_int_equal(frame->payload.len, 300004 - 262144 - 10); /* 4: tag and length */
	assert_int_equal(frame->flags, PRAC_FRAME_END);
	rpc_peer_free(world);
}

static void the_connections_window_holds_for_all_streams(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);
	size_t n = 0;

	(void)state;
	rpc_peer_open(world);
	for (uint32_t stream = 1; stream < 12; stream += 2) {
		pull(world, stream, 250000);
		while (rpc_peer_next(world) != NULL) {
			n += world->frame.payload.len;
		}
	}
	assert_int_equal(n, 1048576);
	grant(world, 0, 5);
	assert_int_equal(rpc_peer_next(world)->payload.len, 5);
	rpc_peer_free(world);
}

static void credit_for_an_answer_that_is_over_is_ignored(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_open(world);
	pull(world, 1, 10);
	rpc_peer_next(world);
	grant(world, 1, 10);
	assert_null(rpc_peer_next(world));
	assert_false(rpc_session_is_done(world->session));
	rpc_peer_free(world);
}

static void credit_that_makes_no_sense_breaks_the_connection(void **state)
{
	static const struct {
		uint32_t stream, len;
	} bad[] = { { 0, 0 }, { 0, 16777216 }, { 0, 0xffffffff }, { 3, 1 } };

	(void)state;
	for (size_t i = 0; i < PRAC_NELEM(bad); i++) {
		struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

		rpc_peer_open(world);
		pull(world, 1, 10);
		rpc_peer_next(world);
		grant(world, bad[i].stream, bad[i].len);
		assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_GOAWAY);
		assert_true(rpc_session_is_done(world->session));
		rpc_peer_free(world);
	}
}

static void a_thousand_credit_frames_a_second_are_enough(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_open(world);
	for (int i = 0; i < 1000; i++) {
		grant(world, 0, 1);
	}
	assert_null(rpc_peer_next(world));
	grant(world, 0, 1);
	assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_GOAWAY);
	rpc_peer_free(world);
}

static void sixty_seconds_without_credit_end_the_connection(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_open(world);
	pull(world, 1, 300000);
	rpc_peer_next(world);
	rpc_peer_wait(world, 1);
	for (int i = 0; i < 4; i++) {
		rpc_peer_send(world, &(struct prac_frame){ .type = PRAC_FRAME_PONG });
		rpc_peer_wait(world, 15000);
		if (i < 3) {
			assert_null(rpc_peer_next(world));
		}
	}
	assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_GOAWAY);
	rpc_peer_free(world);
}

static void credit_that_a_full_server_does_not_read_is_not_missing(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_open(world);
	pull(world, 1, 300000);
	rpc_peer_next(world);
	rpc_peer_wait(world, 1);
	world->server.is_full = true;
	for (int i = 0; i < 8; i++) {
		rpc_peer_wait(world, 15000);
	}
	world->server.is_full = false;
	rpc_peer_wait(world, 59000);
	assert_false(rpc_session_is_done(world->session));
	rpc_peer_wait(world, 1000);
	assert_true(rpc_session_is_done(world->session));
	rpc_peer_free(world);
}

static void pings_that_waited_while_nobody_was_read_to_are_no_offense(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);
	struct prac_frame ping = { .type = PRAC_FRAME_PING };

	(void)state;
	rpc_peer_open(world);
	world->server.is_full = true;
	world->now_ms += 60000;
	rpc_session_tick(world->session, world->now_ms);
	world->server.is_full = false;
	while (prac_buf_len(rpc_session_output(world->session)) > 0) {
		(void)rpc_peer_next(world);
	}
	for (int i = 0; i < 6; i++) {
		rpc_peer_send(world, &ping);
		assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_PONG);
	}
	world->now_ms += 10000; /* from here they count again */
	for (int i = 0; i < 3; i++) {
		rpc_peer_send(world, &ping);
		assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_PONG);
	}
	rpc_peer_send(world, &ping);
	assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_GOAWAY);
	rpc_peer_free(world);
}

static void credits_extend_to_what_hello_said(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	world->stream_window = 100;
	rpc_peer_open(world);
	pull(world, 1, 300);
	assert_int_equal(rpc_peer_next(world)->payload.len, 100);
	rpc_peer_free(world);
}

static void a_stream_is_numbered_data_and_an_empty_end(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);
	const struct prac_frame *frame;

	(void)state;
	rpc_peer_open(world);
	world->n_messages = 2;
	world->message_len = 10;
	rpc_peer_request(world, SNAPSHOT, 1);
	for (uint32_t i = 0; i < 3; i++) {
		frame = rpc_peer_next(world);
		assert_int_equal(frame->type, PRAC_FRAME_DATA);
		assert_int_equal(frame->aux, i);
		assert_int_equal(frame->flags, 0);
		assert_int_equal(frame->payload.len, 12);
	}
	frame = rpc_peer_next(world);
	assert_int_equal(frame->type, PRAC_FRAME_RESPONSE);
	assert_int_equal(frame->flags, PRAC_FRAME_END);
	assert_int_equal(frame->payload.len, 0);
	assert_int_equal(world->n_ended, 1);
	rpc_peer_free(world);
}

static void a_stream_is_asked_only_while_there_is_credit(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_open(world);
	world->n_messages = 100;
	world->message_len = 100000;
	rpc_peer_request(world, SNAPSHOT, 1);
	/* 262,144 bytes: two whole messages and a piece of the third. */
	assert_int_equal(world->n_messages, 97);
	grant(world, 1, 262144);
	assert_int_equal(world->n_messages, 94);
	rpc_peer_free(world);
}

static void a_short_answer_does_not_wait_behind_a_long_stream(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);
	bool is_seen = false;

	(void)state;
	rpc_peer_open(world);
	world->n_messages = 100;
	world->message_len = 200000;
	rpc_peer_request(world, SNAPSHOT, 1);
	pull(world, 3, 10);
	while (rpc_peer_next(world) != NULL) {
		is_seen |= world->frame.stream == 3;
	}
	assert_true(is_seen);
	rpc_peer_free(world);
}

static void cancel_ends_a_stream_that_waits_for_credit(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_open(world);
	world->n_messages = 100;
	world->message_len = 100000;
	rpc_peer_request(world, SNAPSHOT, 1);
	rpc_peer_send(world, &(struct prac_frame){ .type = PRAC_FRAME_CANCEL, .stream = 1 });
	assert_int_equal(world->n_ended, 1);
	grant(world, 1, 1000);
	while (rpc_peer_next(world) != NULL && world->frame.type == PRAC_FRAME_DATA) {
	}
	assert_int_equal(world->frame.type, PRAC_FRAME_RESPONSE);
	assert_int_equal(world->frame.flags, PRAC_FRAME_END | PRAC_FRAME_ERROR);
	assert_null(rpc_peer_next(world));
	rpc_peer_free(world);
}

static void cancel_of_a_stream_waits_for_the_producer_that_was_asked(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_open(world);
	world->holds_stream = true;
	rpc_peer_request(world, SNAPSHOT, 1);
	assert_non_null(world->held);
	rpc_peer_send(world, &(struct prac_frame){ .type = PRAC_FRAME_CANCEL, .stream = 1 });
	assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_RESPONSE);
	assert_int_equal(world->n_ended, 0);
	rpc_peer_answer(world);
	assert_int_equal(world->n_ended, 1);
	assert_null(rpc_peer_next(world));
	rpc_peer_free(world);
}

/* Its producer has ended by then: it must not be ended again. */
static void cancel_cuts_off_the_last_message_of_a_stream(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	world->stream_window = 100;
	rpc_peer_open(world);
	world->message_len = 300;
	rpc_peer_request(world, SNAPSHOT, 1);
	assert_int_equal(rpc_peer_next(world)->flags, PRAC_FRAME_MORE);
	assert_int_equal(world->n_ended, 1);
	rpc_peer_send(world, &(struct prac_frame){ .type = PRAC_FRAME_CANCEL, .stream = 1 });
	assert_int_equal(world->n_ended, 1);
	grant(world, 1, 1000);
	assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_RESPONSE);
	assert_int_equal(world->frame.flags, PRAC_FRAME_END | PRAC_FRAME_ERROR);
	assert_null(rpc_peer_next(world));
	rpc_peer_free(world);
}

static void a_client_that_leaves_ends_its_streams(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_open(world);
	world->n_messages = 100;
	world->message_len = 100000;
	rpc_peer_request(world, SNAPSHOT, 1);
	rpc_peer_request(world, SNAPSHOT, 3);
	rpc_session_free(world->session);
	assert_int_equal(world->n_ended, 2);
	world->session = NULL;
	rpc_peer_free(world);
}

static unsigned take_errors(struct rpc_peer_world *world)
{
	unsigned n = 0;

	while (rpc_peer_next(world) != NULL) {
		n += (world->frame.flags & PRAC_FRAME_ERROR) != 0;
	}
	return n;
}

static void at_most_sixteen_streams_at_once(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);
	unsigned n_refused = 0;

	(void)state;
	rpc_peer_open(world);
	world->n_messages = 100000;
	world->message_len = 100000;
	for (uint32_t stream = 1; stream < 35; stream += 2) {
		rpc_peer_request(world, SNAPSHOT, stream);
	}
	assert_int_equal(world->n_started, 16);
	grant(world, 0, 8 * 1024 * 1024);
	for (int i = 0; i < 20; i++) {
		n_refused += take_errors(world);
		rpc_peer_wait(world, 1);
	}
	assert_int_equal(n_refused, 1);
	rpc_peer_free(world);
}

static void output_that_nobody_takes_stops_answers_and_input(void **state)
{
	struct rpc_peer_world *world = rpc_peer_new(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_open(world);
	for (uint32_t stream = 1; stream < 12; stream += 2) {
		pull(world, stream, 150000);
	}
	assert_in_range(prac_buf_len(rpc_session_output(world->session)), 512 * 1024, 768 * 1024);
	assert_false(rpc_session_wants_input(world->session));
	prac_buf_clear(rpc_session_output(world->session));
	assert_true(rpc_session_wants_input(world->session));
	rpc_peer_wait(world, 1);
	assert_true(prac_buf_len(rpc_session_output(world->session)) > 0);
	rpc_peer_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_larger_than_the_window_waits_for_credit),
		cmocka_unit_test(the_connections_window_holds_for_all_streams),
		cmocka_unit_test(credit_for_an_answer_that_is_over_is_ignored),
		cmocka_unit_test(credit_that_makes_no_sense_breaks_the_connection),
		cmocka_unit_test(a_thousand_credit_frames_a_second_are_enough),
		cmocka_unit_test(sixty_seconds_without_credit_end_the_connection),
		cmocka_unit_test(credit_that_a_full_server_does_not_read_is_not_missing),
		cmocka_unit_test(pings_that_waited_while_nobody_was_read_to_are_no_offense),
		cmocka_unit_test(credits_extend_to_what_hello_said),
		cmocka_unit_test(a_stream_is_numbered_data_and_an_empty_end),
		cmocka_unit_test(a_stream_is_asked_only_while_there_is_credit),
		cmocka_unit_test(a_short_answer_does_not_wait_behind_a_long_stream),
		cmocka_unit_test(cancel_ends_a_stream_that_waits_for_credit),
		cmocka_unit_test(cancel_of_a_stream_waits_for_the_producer_that_was_asked),
		cmocka_unit_test(cancel_cuts_off_the_last_message_of_a_stream),
		cmocka_unit_test(a_client_that_leaves_ends_its_streams),
		cmocka_unit_test(at_most_sixteen_streams_at_once),
		cmocka_unit_test(output_that_nobody_takes_stops_answers_and_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
