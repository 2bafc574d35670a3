/* Requests and their one answer, whatever happens in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/wire/zip.h"
#include "tests/support/rpc_peer.h"

enum {
	PUSH = 1,
	PULL = 2,
	SNAPSHOT = 3,
	REPORT = 4,
	ENROLL = 5
};

static struct rpc_peer_world *open_world(enum rpc_peer_kind kind)
{
	struct rpc_peer_world *world = rpc_peer_new(kind);

	rpc_peer_open(world);
	return world;
}

static void assert_fails(
	struct rpc_peer_world *world, uint32_t stream, uint32_t code, const char *reason)
{
	const struct prac_frame *frame = rpc_peer_next(world);
	Practicum__Status *status;

	assert_non_null(frame);
	assert_int_equal(frame->type, PRAC_FRAME_RESPONSE);
	assert_int_equal(frame->stream, stream);
	assert_int_equal(frame->flags, PRAC_FRAME_END | PRAC_FRAME_ERROR);
	status = practicum__status__unpack(NULL, frame->payload.len, frame->payload.data);
	assert_non_null(status);
	assert_int_equal(status->code, code);
	assert_int_equal(status->reason.len, strlen(reason));
	assert_memory_equal(status->reason.data, reason, strlen(reason));
	assert_true(status->text.len > 0);
	practicum__status__free_unpacked(status, NULL);
}

static void assert_breaks(struct rpc_peer_world *world)
{
	assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_GOAWAY);
	assert_true(rpc_session_is_done(world->session));
}

static void an_answer_may_come_later_and_wakes_the_owner(void **state)
{
	struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_request(world, PUSH, 1);
	assert_null(rpc_peer_next(world));
	world->n_wakes = 0;
	rpc_peer_answer(world);
	assert_int_equal(world->n_wakes, 1);
	assert_int_equal(rpc_peer_next(world)->flags, PRAC_FRAME_END);
	rpc_peer_free(world);
}

static void an_answer_to_a_client_that_left_goes_nowhere(void **state)
{
	struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_request(world, PUSH, 1);
	world->n_wakes = 0;
	rpc_session_free(world->session);
	rpc_peer_answer(world);
	assert_int_equal(world->n_wakes, 0);
	world->session = NULL;
	rpc_peer_free(world);
}

static void cancel_is_answered_at_once_and_the_handler_need_not_know(void **state)
{
	struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);
	struct prac_frame cancel = { .type = PRAC_FRAME_CANCEL, .stream = 1 };

	(void)state;
	rpc_peer_request(world, PUSH, 1);
	rpc_peer_send(world, &cancel);
	assert_fails(world, 1, 1, "CANCELED");
	rpc_peer_send(world, &cancel); /* again: no second answer */
	rpc_peer_answer(world);
	assert_null(rpc_peer_next(world));
	rpc_peer_free(world);
}

static void canceled_work_counts_until_its_handler_ends(void **state)
{
	struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_request(world, PUSH, 1);
	rpc_peer_send(world, &(struct prac_frame){ .type = PRAC_FRAME_CANCEL, .stream = 1 });
	assert_fails(world, 1, 1, "CANCELED");
	rpc_session_drain(world->session, PRAC_UNAVAILABLE, "DRAINING", 0);
	assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_GOAWAY);
	assert_false(rpc_session_is_done(world->session));
	rpc_peer_answer(world);
	assert_true(rpc_session_is_done(world->session));
	rpc_peer_free(world);
}

static void a_request_is_answered_by_its_deadline(void **state)
{
	struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);
	struct prac_frame request = {
		.type = PRAC_FRAME_REQUEST, .method = PUSH, .stream = 1, .aux = 2000
	};

	(void)state;
	rpc_peer_send(world, &request);
	rpc_peer_wait(world, 1999);
	assert_null(rpc_peer_next(world));
	rpc_peer_wait(world, 1);
	assert_fails(world, 1, 4, "DEADLINE");
	rpc_peer_answer(world);
	assert_null(rpc_peer_next(world));
	rpc_peer_free(world);
}

static void a_request_that_names_no_deadline_has_30_seconds(void **state)
{
	struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_request(world, PUSH, 1);
	rpc_peer_wait(world, 15000);
	rpc_peer_send(world, &(struct prac_frame){ .type = PRAC_FRAME_PONG });
	rpc_peer_wait(world, 14999);
	assert_null(rpc_peer_next(world));
	rpc_peer_wait(world, 1);
	assert_fails(world, 1, 4, "DEADLINE");
	rpc_peer_free(world);
}

static void an_unknown_method_is_an_error_of_the_request_only(void **state)
{
	static const uint16_t ids[] = { 0, 6, 31, 32, 65535 };
	struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);
	uint32_t stream = 1;

	(void)state;
	for (size_t i = 0; i < PRAC_NELEM(ids); i++, stream += 2) {
		rpc_peer_request(world, ids[i], stream);
		assert_fails(world, stream, 12, "METHOD");
	}
	rpc_peer_request(world, PULL, stream);
	assert_int_equal(rpc_peer_next(world)->flags, PRAC_FRAME_END);
	rpc_peer_free(world);
}

static void only_the_district_runs_reports(void **state)
{
	struct rpc_peer_world *school = open_world(RPC_PEER_SCHOOL);
	struct rpc_peer_world *district = open_world(RPC_PEER_DISTRICT);

	(void)state;
	rpc_peer_request(school, REPORT, 1);
	assert_fails(school, 1, 7, "ROLE");
	rpc_peer_request(district, REPORT, 1);
	assert_fails(district, 1, 5, "REPORT"); /* from the handler */
	rpc_peer_free(school);
	rpc_peer_free(district);
}

static void no_device_enrolls_over_its_own_connection(void **state)
{
	struct rpc_peer_world *world = open_world(RPC_PEER_DISTRICT);

	(void)state;
	rpc_peer_request(world, ENROLL, 1);
	assert_fails(world, 1, 7, "ROLE");
	rpc_peer_free(world);
}

static void a_third_push_in_flight_is_refused(void **state)
{
	struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);
	struct prac_frame half = {
		.type = PRAC_FRAME_REQUEST, .flags = PRAC_FRAME_MORE, .method = PUSH, .stream = 3
	};

	(void)state;
	rpc_peer_request(world, PUSH, 1);
	rpc_peer_send(world, &half); /* counts from its first piece */
	rpc_peer_request(world, PUSH, 5);
	assert_fails(world, 5, 8, "IN_FLIGHT");
	rpc_peer_answer(world);
	rpc_peer_next(world);
	rpc_peer_request(world, PUSH, 7);
	assert_null(rpc_peer_next(world));
	assert_int_equal(world->n_started, 2);
	rpc_peer_free(world);
}

static void more_than_32_requests_are_refused_and_64_break_the_connection(void **state)
{
	struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);
	struct prac_frame half = {
		.type = PRAC_FRAME_REQUEST, .flags = PRAC_FRAME_MORE, .method = PULL
	};

	(void)state;
	for (half.stream = 1; half.stream <= 63; half.stream += 2) {
		rpc_peer_send(world, &half);
	}
	assert_null(rpc_peer_next(world));
	for (; half.stream <= 127; half.stream += 2) {
		rpc_peer_send(world, &half);
		assert_fails(world, half.stream, 8, "IN_FLIGHT");
	}
	rpc_peer_send(world, &half);
	assert_breaks(world);
	rpc_peer_free(world);
}

static void a_request_number_is_odd_and_never_used_again(void **state)
{
	static const uint32_t bad[] = { 2, 5, 3, 1 };

	(void)state;
	for (size_t i = 0; i < PRAC_NELEM(bad); i++) {
		struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);

		rpc_peer_request(world, PULL, 5);
		rpc_peer_next(world);
		rpc_peer_request(world, PULL, bad[i]);
		assert_breaks(world);
		rpc_peer_free(world);
	}
}

static void a_request_in_flight_is_not_asked_twice(void **state)
{
	struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);

	(void)state;
	rpc_peer_request(world, PUSH, 1);
	rpc_peer_request(world, PUSH, 1);
	assert_breaks(world);
	rpc_peer_free(world);
}

static void a_request_comes_in_pieces_between_others(void **state)
{
	struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);
	/* PullRequest { max_bytes: 300 } cut in the middle. */
	struct prac_frame first = { .type = PRAC_FRAME_REQUEST,
		.flags = PRAC_FRAME_MORE,
		.method = PULL,
		.stream = 1,
		.payload = { (const uint8_t *)"\x18\xac", 2 } };
	struct prac_frame last = { .type = PRAC_FRAME_REQUEST,
		.method = PULL,
		.stream = 1,
		.payload = { (const uint8_t *)"\x02", 1 } };

	(void)state;
	rpc_peer_send(world, &first);
	rpc_peer_request(world, PULL, 3);
	assert_int_equal(rpc_peer_next(world)->stream, 3);
	rpc_peer_send(world, &last);
	assert_int_equal(rpc_peer_next(world)->stream, 1);
	assert_true(world->frame.payload.len > 300);
	rpc_peer_free(world);
}

static void a_piece_that_does_not_go_with_the_first_breaks_the_connection(void **state)
{
	static const struct prac_frame strange[] = {
		{ .type = PRAC_FRAME_REQUEST, .method = PULL + 1, .stream = 1, .aux = 5000 },
		{ .type = PRAC_FRAME_REQUEST, .method = PULL, .stream = 1, .aux = 6000 },
		{ .type = PRAC_FRAME_REQUEST,
			.method = PULL,
			.stream = 1,
			.aux = 5000,
			.flags = PRAC_FRAME_ZSTD },
	};

	(void)state;
	for (size_t i = 0; i < PRAC_NELEM(strange); i++) {
		struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);

		rpc_peer_send(world, &(struct prac_frame){ .type = PRAC_FRAME_REQUEST,
					     .flags = PRAC_FRAME_MORE,
					     .method = PULL,
					     .stream = 1,
					     .aux = 5000,
					     .payload = { (const uint8_t *)"\x18\xac", 2 } });
		rpc_peer_send(world, &strange[i]);
		assert_int_equal(rpc_peer_next(world)->type, PRAC_FRAME_GOAWAY);
		rpc_peer_free(world);
	}
}

static void a_compressed_request_is_read(void **state)
{
	struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);
	struct prac_buf plain = { 0 };
	struct prac_buf zipped = { 0 };
	struct prac_frame request = {
		.type = PRAC_FRAME_REQUEST, .flags = PRAC_FRAME_ZSTD, .method = PULL, .stream = 1
	};

	(void)state;
	/* A cursor of 100 zeros, then max_bytes: 300. */
	prac_buf_append(&plain, "\x0a\x64", 2);
	memset(prac_buf_reserve(&plain, 100), 0, 100);
	prac_buf_commit(&plain, 100);
	prac_buf_append(&plain, "\x18\xac\x02", 3);
	prac_zip_frame(&zipped, prac_buf_bytes(&plain));
	request.payload = prac_buf_bytes(&zipped);
	rpc_peer_send(world, &request);
	assert_true(rpc_peer_next(world)->payload.len > 300);
	request.stream = 3;
	request.payload = prac_buf_bytes(&plain);
	rpc_peer_send(world, &request);
	assert_fails(world, 3, 3, "BAD_MESSAGE");
	prac_buf_deinit(&plain);
	prac_buf_deinit(&zipped);
	rpc_peer_free(world);
}

static void a_request_that_never_ends_breaks_the_connection_in_time(void **state)
{
	struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);
	struct prac_frame half = { .type = PRAC_FRAME_REQUEST,
		.flags = PRAC_FRAME_MORE,
		.method = PULL,
		.stream = 1,
		.aux = 5000 };

	(void)state;
	rpc_peer_send(world, &half);
	rpc_peer_wait(world, 4999);
	assert_null(rpc_peer_next(world));
	rpc_peer_wait(world, 1);
	assert_breaks(world);
	rpc_peer_free(world);
}

static void a_request_in_pieces_arrives_in_30_seconds_whatever_time_it_asks_for(void **state)
{
	struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);
	struct prac_frame half = { .type = PRAC_FRAME_REQUEST,
		.flags = PRAC_FRAME_MORE,
		.method = PULL,
		.stream = 1,
		.aux = 600000 };

	(void)state;
	rpc_peer_send(world, &half);
	rpc_peer_wait(world, 24000);
	rpc_peer_send(world, &half);
	rpc_peer_wait(world, 6000);
	rpc_peer_send(world, &half);
	while (rpc_peer_next(world) != NULL) { /* PING */
	}
	rpc_peer_wait(world, 1);
	assert_breaks(world);
	rpc_peer_free(world);
}

static void a_request_over_its_methods_size_is_refused(void **state)
{
	struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);
	static const uint8_t zeros[4097];
	struct prac_frame request = { .type = PRAC_FRAME_REQUEST,
		.method = PULL,
		.stream = 1,
		.payload = { zeros, sizeof(zeros) } };

	(void)state;
	rpc_peer_send(world, &request);
	assert_fails(world, 1, 8, "REQUEST_TOO_LARGE");
	rpc_peer_free(world);
}

static void a_message_that_cannot_be_read_is_an_error_of_the_request_only(void **state)
{
	struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);
	static const struct prac_bytes bad[] = {
		{ (const uint8_t *)"\x0a", 1 },         /* cut */
		{ (const uint8_t *)"\x0a\x05x", 3 },    /* longer than it is */
		{ (const uint8_t *)"\x0b\x0c", 2 },     /* a group */
		{ (const uint8_t *)"\x08\x01", 2 },     /* bytes as a number */
		{ (const uint8_t *)"\xff\xff\xff", 3 }, /* no tag */
	};
	struct prac_frame request = { .type = PRAC_FRAME_REQUEST, .method = PULL, .stream = 1 };

	(void)state;
	for (size_t i = 0; i < PRAC_NELEM(bad); i++, request.stream += 2) {
		request.payload = bad[i];
		rpc_peer_send(world, &request);
		assert_fails(world, request.stream, 3, "BAD_MESSAGE");
	}
	request.payload.len = 0;
	rpc_peer_send(world, &request);
	assert_int_equal(rpc_peer_next(world)->flags, PRAC_FRAME_END);
	rpc_peer_free(world);
}

static void a_message_of_too_many_fields_is_refused(void **state)
{
	struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);
	size_t len = 40002; /* one more than 20,000 */
	uint8_t *fields = calloc(1, len);
	struct prac_frame request = { .type = PRAC_FRAME_REQUEST, .method = PUSH, .stream = 1 };

	(void)state;
	assert_non_null(fields);
	for (size_t i = 0; i < len; i += 2) {
		fields[i] = 0x0a; /* an empty mutation */
	}
	request.payload = (struct prac_bytes){ fields, len };
	rpc_peer_send(world, &request);
	assert_fails(world, 1, 8, "BAD_MESSAGE");
	free(fields);
	rpc_peer_free(world);
}

static void a_full_sequencer_stops_the_reading(void **state)
{
	struct rpc_peer_world *world = open_world(RPC_PEER_SCHOOL);

	(void)state;
	assert_true(rpc_session_wants_input(world->session));
	world->server.is_full = true;
	assert_false(rpc_session_wants_input(world->session));
	world->server.is_full = false;
	world->server.is_behind = true; /* others may have waited for longer */
	assert_false(rpc_session_wants_input(world->session));
	rpc_peer_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_may_come_later_and_wakes_the_owner),
		cmocka_unit_test(an_answer_to_a_client_that_left_goes_nowhere),
		cmocka_unit_test(cancel_is_answered_at_once_and_the_handler_need_not_know),
		cmocka_unit_test(canceled_work_counts_until_its_handler_ends),
		cmocka_unit_test(a_request_is_answered_by_its_deadline),
		cmocka_unit_test(a_request_that_names_no_deadline_has_30_seconds),
		cmocka_unit_test(an_unknown_method_is_an_error_of_the_request_only),
		cmocka_unit_test(only_the_district_runs_reports),
		cmocka_unit_test(no_device_enrolls_over_its_own_connection),
		cmocka_unit_test(a_third_push_in_flight_is_refused),
		cmocka_unit_test(more_than_32_requests_are_refused_and_64_break_the_connection),
		cmocka_unit_test(a_request_number_is_odd_and_never_used_again),
		cmocka_unit_test(a_request_in_flight_is_not_asked_twice),
		cmocka_unit_test(a_request_comes_in_pieces_between_others),
		cmocka_unit_test(a_piece_that_does_not_go_with_the_first_breaks_the_connection),
		cmocka_unit_test(a_compressed_request_is_read),
		cmocka_unit_test(a_request_that_never_ends_breaks_the_connection_in_time),
		cmocka_unit_test(
			a_request_in_pieces_arrives_in_30_seconds_whatever_time_it_asks_for),
		cmocka_unit_test(a_request_over_its_methods_size_is_refused),
		cmocka_unit_test(a_message_that_cannot_be_read_is_an_error_of_the_request_only),
		cmocka_unit_test(a_message_of_too_many_fields_is_refused),
		cmocka_unit_test(a_full_sequencer_stops_the_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
