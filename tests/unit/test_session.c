/* The client's side of a connection against a server that says what the test tells it to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/link/session.h"
#include "common/wire/binary.h"
#include "common/wire/frame.h"
#include "common/wire/scan.h"
#include "common/wire/zip.h"
#include "tests/support/replica_fixture.h"

struct world {
	struct fixture *f;
	struct session *session;
	struct prac_buf seen; /* what the session said and the test has not read */
	struct prac_frame frame;
	struct prac_bytes payload;
};

static struct world w;

static int world_new(void **state)
{
	memset(&w, 0, sizeof(w));
	fixture_new_loaded(state);
	w.f = *state;
	return 0;
}

static int world_free(void **state)
{
	session_free(w.session);
	prac_buf_deinit(&w.seen);
	return fixture_free(state);
}

static struct prac_buf *output(void)
{
	struct prac_buf *out = session_output(w.session);
	struct prac_bytes bytes = prac_buf_bytes(out);

	prac_buf_append(&w.seen, bytes.data, bytes.len);
	prac_buf_consume(out, bytes.len);
	return &w.seen;
}

/* The next frame of the session; 0 when there is none. */
static unsigned next_type(void)
{
	const char *reason;

	if (prac_frame_read(output(), PRAC_FRAME_LIMIT, &w.frame, &reason) != PRAC_OK) {
		return 0;
	}
	w.payload = prac_arena_copy(&w.f->arena, w.frame.payload);
	prac_frame_consume(&w.seen, &w.frame);
	return w.frame.type;
}

static const void *payload_as(const ProtobufCMessageDescriptor *descriptor)
{
	ProtobufCMessage *message;

	assert_int_equal(prac_unpack(descriptor, w.payload, &w.f->arena, &message), PRAC_OK);
	return message;
}

static uint32_t expect_request(unsigned method)
{
	assert_int_equal(next_type(), PRAC_FRAME_REQUEST);
	assert_int_equal(w.frame.method, method);
	return w.frame.stream;
}

static void say(unsigned type, unsigned flags, uint32_t stream, const ProtobufCMessage *message)
{
	const struct prac_frame head = {
		.type = (uint8_t)type, .flags = (uint8_t)flags, .stream = stream
	};
	struct prac_buf buf = { 0 };

	if (message != NULL) {
		prac_frame_write_message(&buf, &head, message);
	} else {
		prac_frame_write(&buf, &head);
	}
	session_feed(w.session, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
}

/* Grants are those of load_school(). */
static void welcome(uint64_t epoch, uint64_t last_counter, uint64_t head)
{
	Practicum__Welcome message = PRACTICUM__WELCOME__INIT;
	Practicum__ScopeGrant grants[2] = { PRACTICUM__SCOPE_GRANT__INIT,
		PRACTICUM__SCOPE_GRANT__INIT };
	Practicum__ScopeGrant *list[2] = { &grants[0], &grants[1] };
	struct prac_id ids[2] = { id_of(0), id_of(SCHOOL_1) };

	for (size_t i = 0; i < 2; i++) {
		grants[i].has_scope = grants[i].has_generation = true;
		grants[i].scope = prac_binary_id(&ids[i]);
		grants[i].generation = 1;
	}
	message.has_epoch = message.has_last_counter = message.has_head = true;
	message.epoch = epoch;
	message.last_counter = last_counter;
	message.head = head;
	message.grants = list;
	message.n_grants = 2;
	say(PRAC_FRAME_WELCOME, 0, 0, &message.base);
}

static void start(uint64_t last_counter)
{
	w.session = session_new(w.f->replica, &w.f->env);
	assert_int_equal(next_type(), PRAC_FRAME_HELLO);
	welcome(77, last_counter, 10);
}

/* Answers a pull with a page that is complete at seq. */
static void answer_page(uint32_t stream, uint64_t seq, Practicum__Row **rows, size_t n_rows)
{
	Practicum__PullPage page = PRACTICUM__PULL_PAGE__INIT;
	struct prac_cursor cursor = { .epoch = 77, .seq = seq };
	struct prac_buf buf = { 0 };

	prac_cursor_encode(&cursor, &buf);
	page.has_cursor = page.has_head = page.has_complete = true;
	page.cursor =
		(ProtobufCBinaryData){ prac_buf_len(&buf), (uint8_t *)prac_buf_bytes(&buf).data };
	page.head = seq;
	page.complete = true;
	page.rows = rows;
	page.n_rows = n_rows;
	say(PRAC_FRAME_RESPONSE, PRAC_FRAME_END, stream, &page.base);
	prac_buf_deinit(&buf);
}

/* Accepts everything in the request that was read last, at seq. */
static void answer_push(uint32_t stream, uint64_t first, size_t n, uint64_t seq)
{
	Practicum__PushResponse response = PRACTICUM__PUSH_RESPONSE__INIT;
	Practicum__Verdict verdicts[256], *list[256];

	for (size_t i = 0; i < n; i++) {
		practicum__verdict__init(&verdicts[i]);
		verdicts[i].has_counter = verdicts[i].has_kind = verdicts[i].has_seq = true;
		verdicts[i].counter = first + i;
		verdicts[i].kind = PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED;
		verdicts[i].seq = seq;
		list[i] = &verdicts[i];
	}
	response.verdicts = list;
	response.n_verdicts = n;
	response.has_head = true;
	response.head = seq;
	say(PRAC_FRAME_RESPONSE, PRAC_FRAME_END, stream, &response.base);
}

static void refuse(uint32_t stream, enum prac_status code, const char *reason, uint64_t last)
{
	Practicum__Status status = PRACTICUM__STATUS__INIT;

	status.has_code = status.has_reason = status.has_last_counter = true;
	status.code = code;
	status.reason = prac_binary_text(reason);
	status.last_counter = last;
	say(PRAC_FRAME_RESPONSE, PRAC_FRAME_END | PRAC_FRAME_ERROR, stream, &status.base);
}

static enum session_phase phase(void)
{
	struct session_progress progress;

	session_progress(w.session, &progress);
	return progress.phase;
}

static void says_who_it_is_and_where(void **state)
{
	const Practicum__Hello *hello;

	(void)state;
	add_student(w.f, STUDENT, "Lopez");
	w.session = session_new(w.f->replica, &w.f->env);
	assert_int_equal(next_type(), PRAC_FRAME_HELLO);
	hello = payload_as(&practicum__hello__descriptor);
	assert_int_equal(hello->next_counter, 2);
	assert_int_equal(hello->epoch, 77);
	assert_int_equal(hello->incarnation, counters_of(w.f).incarnation);
	assert_int_equal(phase(), SESSION_HELLO);
}

static void is_current_when_nothing_is_left_to_do(void **state)
{
	(void)state;
	start(0);
	answer_page(expect_request(PRACTICUM__METHOD_ID__SYNC_PULL), 12, NULL, 0);
	assert_int_equal(phase(), SESSION_CURRENT);
	assert_true(replica_is_consistent(w.f->replica));
}

static void downloads_do_not_wait_for_uploads(void **state)
{
	(void)state;
	add_student(w.f, STUDENT, "Lopez");
	start(0);
	expect_request(PRACTICUM__METHOD_ID__SYNC_PUSH);
	answer_page(expect_request(PRACTICUM__METHOD_ID__SYNC_PULL), 12, NULL, 0);
	assert_true(replica_is_consistent(w.f->replica));
	assert_int_equal(phase(), SESSION_CATCHING_UP);
}

static void pushes_at_most_256_mutations_and_two_at_a_time(void **state)
{
	const Practicum__PushRequest *push;
	uint32_t first;

	(void)state;
	assert_int_equal(replica_begin(w.f->replica), PRAC_OK);
	for (unsigned i = 0; i < 600; i++) {
		add_student(w.f, STUDENT + i, "Lopez");
	}
	assert_int_equal(replica_commit(w.f->replica), PRAC_OK);
	start(0);
	first = expect_request(PRACTICUM__METHOD_ID__SYNC_PUSH);
	push = payload_as(&practicum__push_request__descriptor);
	assert_int_equal(push->n_mutations, 256);
	expect_request(PRACTICUM__METHOD_ID__SYNC_PUSH);
	expect_request(PRACTICUM__METHOD_ID__SYNC_PULL);
	assert_int_equal(next_type(), 0);
	answer_push(first, 1, 256, 20);
	expect_request(PRACTICUM__METHOD_ID__SYNC_PUSH);
	push = payload_as(&practicum__push_request__descriptor);
	assert_int_equal(push->n_mutations, 88);
	assert_int_equal(counters_of(w.f).acked_through, 256);
}

static void an_unknown_outcome_is_sent_again_with_the_same_key(void **state)
{
	struct prac_bytes sent;

	(void)state;
	add_student(w.f, STUDENT, "Lopez");
	start(0);
	refuse(expect_request(PRACTICUM__METHOD_ID__SYNC_PUSH), PRAC_UNAVAILABLE, "", 0);
	sent = w.payload;
	answer_page(expect_request(PRACTICUM__METHOD_ID__SYNC_PULL), 10, NULL, 0);
	assert_int_equal(next_type(), 0);
	session_tick(w.session, 3000);
	expect_request(PRACTICUM__METHOD_ID__SYNC_PUSH);
	assert_int_equal(w.payload.len, sent.len);
	assert_memory_equal(w.payload.data, sent.data, sent.len);
}

static void a_program_error_stops_sending_and_is_no_loop(void **state)
{
	struct session_progress progress;

	(void)state;
	add_student(w.f, STUDENT, "Lopez");
	start(0);
	refuse(expect_request(PRACTICUM__METHOD_ID__SYNC_PUSH), PRAC_INVALID_ARGUMENT, "", 0);
	answer_page(expect_request(PRACTICUM__METHOD_ID__SYNC_PULL), 10, NULL, 0);
	session_tick(w.session, 20000);
	session_poke(w.session);
	assert_int_equal(next_type(), 0);
	session_progress(w.session, &progress);
	assert_string_equal(progress.trouble, "not understood");
	assert_int_equal(counters_of(w.f).n_sent, 1);
}

static void another_content_under_a_counter_begins_a_new_incarnation(void **state)
{
	uint64_t before = counters_of(w.f).incarnation;

	(void)state;
	add_student(w.f, STUDENT, "Lopez");
	add_student(w.f, STUDENT + 1, "Chen");
	start(0);
	refuse(expect_request(PRACTICUM__METHOD_ID__SYNC_PUSH), PRAC_ABORTED, "REWOUND", 1);
	/* One by one: the first is known, so only what follows was never judged. */
	expect_request(PRACTICUM__METHOD_ID__SYNC_PULL);
	answer_push(expect_request(PRACTICUM__METHOD_ID__SYNC_PUSH), 1, 1, 9);
	assert_int_equal(phase(), SESSION_CLOSED);
	assert_true(session_end(w.session)->is_retry_now);
	assert_true(counters_of(w.f).incarnation != before);
	assert_int_equal(counters_of(w.f).n_unsent, 1);
	assert_int_equal(counters_of(w.f).next_counter, 2);
}

/* The second was judged; a server restored from before it wants it again, and nobody has it. */
static void a_hole_that_the_server_wants_filled_begins_a_new_incarnation(void **state)
{
	struct prac_verdict second = {
		.counter = 2, .kind = PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED, .seq = 9
	};
	uint64_t before = counters_of(w.f).incarnation;

	(void)state;
	add_student(w.f, STUDENT, "Lopez");
	add_student(w.f, STUDENT + 1, "Chen");
	add_student(w.f, STUDENT + 2, "Okafor");
	assert_int_equal(
		replica_judged(w.f->replica, counters_of(w.f).incarnation, &second, 1), PRAC_OK);
	start(0);
	refuse(expect_request(PRACTICUM__METHOD_ID__SYNC_PUSH), PRAC_ABORTED, "GAP", 1);
	/* The first reached the server: its verdict is asked for alone. */
	expect_request(PRACTICUM__METHOD_ID__SYNC_PULL);
	answer_push(expect_request(PRACTICUM__METHOD_ID__SYNC_PUSH), 1, 1, 9);
	assert_int_equal(phase(), SESSION_CLOSED);
	assert_true(session_end(w.session)->is_retry_now);
	assert_true(counters_of(w.f).incarnation != before);
	assert_int_equal(counters_of(w.f).n_unsent + counters_of(w.f).n_sent, 1);
	assert_int_equal(counters_of(w.f).next_counter, 2);
}

static void a_server_that_knows_more_than_we_sent_means_we_are_a_copy(void **state)
{
	uint64_t before = counters_of(w.f).incarnation;

	(void)state;
	start(5);
	assert_int_equal(phase(), SESSION_CLOSED);
	assert_true(counters_of(w.f).incarnation != before);
}

static void a_damaged_chunk_is_not_applied(void **state)
{
	Practicum__SnapshotChunk chunk = PRACTICUM__SNAPSHOT_CHUNK__INIT;
	uint8_t rows[4] = { 1, 2, 3, 4 }, digest[32] = { 0 };
	struct replica_load next;

	(void)state;
	assert_int_equal(replica_reload(w.f->replica), PRAC_OK);
	start(0);
	chunk.has_rows = chunk.has_sha256 = chunk.has_n_chunks = true;
	chunk.rows = (ProtobufCBinaryData){ sizeof(rows), rows };
	chunk.sha256 = (ProtobufCBinaryData){ sizeof(digest), digest };
	chunk.n_chunks = 1;
	say(PRAC_FRAME_DATA, 0, expect_request(PRACTICUM__METHOD_ID__SYNC_SNAPSHOT), &chunk.base);
	assert_int_equal(phase(), SESSION_CLOSED);
	assert_int_equal(replica_next_load(w.f->replica, &next), PRAC_OK);
	assert_int_equal(next.chunk, 0);
}

static void a_scope_is_loaded_before_anything_is_pulled(void **state)
{
	Practicum__SnapshotChunk chunk = PRACTICUM__SNAPSHOT_CHUNK__INIT;
	struct prac_digest digest = prac_sha256((struct prac_bytes){ 0 });

	(void)state;
	assert_int_equal(replica_reload(w.f->replica), PRAC_OK);
	start(0);
	chunk.has_rows = chunk.has_sha256 = chunk.has_n_chunks = chunk.has_seq = true;
	chunk.sha256 = (ProtobufCBinaryData){ sizeof(digest.b), digest.b };
	chunk.n_chunks = 1;
	chunk.seq = 12;
	for (int scope = 0; scope < 2; scope++) {
		uint32_t stream = expect_request(PRACTICUM__METHOD_ID__SYNC_SNAPSHOT);

		assert_int_equal(phase(), SESSION_LOADING);
		say(PRAC_FRAME_DATA, 0, stream, &chunk.base);
		say(PRAC_FRAME_RESPONSE, PRAC_FRAME_END, stream, NULL);
	}
	expect_request(PRACTICUM__METHOD_ID__SYNC_PULL);
}

static void a_forgotten_position_loads_everything_again(void **state)
{
	(void)state;
	start(0);
	refuse(expect_request(PRACTICUM__METHOD_ID__SYNC_PULL), PRAC_FAILED_PRECONDITION,
		"RESYNC_REQUIRED", 0);
	expect_request(PRACTICUM__METHOD_ID__SYNC_SNAPSHOT);
}

/* The server sends no other before; this one may have crossed the page that told of its head. */
static void a_poke_of_a_known_head_pulls_as_well(void **state)
{
	Practicum__Head head = PRACTICUM__HEAD__INIT;

	(void)state;
	start(0);
	answer_page(expect_request(PRACTICUM__METHOD_ID__SYNC_PULL), 12, NULL, 0);
	head.has_head = true;
	head.head = 12;
	say(PRAC_FRAME_POKE, 0, 0, &head.base);
	expect_request(PRACTICUM__METHOD_ID__SYNC_PULL);
}

static void a_poke_pulls_once(void **state)
{
	Practicum__Head head = PRACTICUM__HEAD__INIT;

	(void)state;
	start(0);
	answer_page(expect_request(PRACTICUM__METHOD_ID__SYNC_PULL), 12, NULL, 0);
	head.has_head = true;
	head.head = 13;
	say(PRAC_FRAME_POKE, 0, 0, &head.base);
	say(PRAC_FRAME_POKE, 0, 0, &head.base);
	expect_request(PRACTICUM__METHOD_ID__SYNC_PULL);
	assert_int_equal(next_type(), 0);
}

static void on_asked(
	void *ctx, enum prac_status status, const ProtobufCMessage *answer, const char *text)
{
	(void)answer;
	(void)text;
	assert_int_equal(status, PRAC_NOT_FOUND);
	*(unsigned *)ctx += 1;
}

static void a_poke_does_not_hold_a_session_that_only_asks(void **state)
{
	Practicum__ImportAsk request = PRACTICUM__IMPORT_ASK__INIT;
	Practicum__Head head = PRACTICUM__HEAD__INIT;
	unsigned n_answers = 0;
	const struct session_ask ask = { .method = PRACTICUM__METHOD_ID__IMPORT_LOOK,
		.request = &request.base,
		.answer = &practicum__import_state__descriptor,
		.done = on_asked,
		.ctx = &n_answers };
	struct session_progress progress;

	(void)state;
	w.session = session_new_aside(w.f->replica, &w.f->env, &ask);
	assert_int_equal(next_type(), PRAC_FRAME_HELLO);
	welcome(77, 0, 10);
	head.has_head = true;
	head.head = 12;
	say(PRAC_FRAME_POKE, 0, 0, &head.base);
	refuse(expect_request(PRACTICUM__METHOD_ID__IMPORT_LOOK), PRAC_NOT_FOUND, "", 0);
	session_progress(w.session, &progress);
	assert_int_equal(n_answers, 1);
	assert_int_equal(progress.phase, SESSION_CURRENT);
}

static void a_quiet_link_is_asked_and_a_silent_one_is_dead(void **state)
{
	(void)state;
	start(0);
	answer_page(expect_request(PRACTICUM__METHOD_ID__SYNC_PULL), 12, NULL, 0);
	session_tick(w.session, 19000);
	assert_int_equal(next_type(), 0);
	session_tick(w.session, 31000);
	assert_int_equal(next_type(), PRAC_FRAME_PING);
	session_tick(w.session, 32000);
	assert_int_equal(next_type(), 0);
	session_tick(w.session, 75000);
	assert_int_equal(phase(), SESSION_CLOSED);
	assert_int_equal(session_end(w.session)->status, PRAC_UNAVAILABLE);
}

static void goaway_is_obeyed_with_its_time(void **state)
{
	Practicum__Status status = PRACTICUM__STATUS__INIT;
	const struct prac_frame head = { .type = PRAC_FRAME_GOAWAY, .aux = 7000 };
	struct prac_buf buf = { 0 };

	(void)state;
	start(0);
	prac_frame_write_message(&buf, &head, &status.base);
	session_feed(w.session, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
	assert_int_not_equal(phase(), SESSION_CLOSED);
	answer_page(expect_request(PRACTICUM__METHOD_ID__SYNC_PULL), 12, NULL, 0);
	assert_int_equal(phase(), SESSION_CLOSED);
	assert_int_equal(session_end(w.session)->retry_after_ms, 7000);
}

static void a_frame_out_of_place_ends_the_session(void **state)
{
	(void)state;
	start(0);
	say(0x85, 0, 0, NULL); /* to be skipped */
	assert_int_not_equal(phase(), SESSION_CLOSED);
	say(PRAC_FRAME_RESPONSE, PRAC_FRAME_END, 99, NULL);
	assert_int_equal(phase(), SESSION_CLOSED);
	assert_int_equal(session_end(w.session)->status, PRAC_INVALID_ARGUMENT);
}

static void credit_comes_back_when_rows_are_stored(void **state)
{
	Practicum__Row row = PRACTICUM__ROW__INIT, *list[1] = { &row };
	static uint8_t body[200 * 1024] = { 0xfa, 0xff, 0x07 };
	struct prac_id scope = id_of(SCHOOL_1), id = id_of(7);
	uint32_t granted = 0;

	(void)state;
	/* One unknown field that fills the body: number 16383, length-delimited. */
	body[0] = 0xfa;
	body[1] = 0xff;
	body[2] = 0x07;
	body[3] = 0xfa;
	body[4] = 0xbf;
	body[5] = 0x0c; /* 204,794: what is left */
	row.has_record_type = row.has_record_id = row.has_scope = row.has_seq = row.has_body = true;
	row.record_type = type_of("student")->number;
	row.record_id = prac_binary_id(&id);
	row.scope = prac_binary_id(&scope);
	row.body = (ProtobufCBinaryData){ sizeof(body), body };
	start(0);
	for (uint64_t seq = 11; seq < 15; seq++) {
		Practicum__Head head = PRACTICUM__HEAD__INIT;

		row.seq = seq;
		answer_page(expect_request(PRACTICUM__METHOD_ID__SYNC_PULL), seq, list, 1);
		head.has_head = true;
		head.head = seq + 1;
		say(PRAC_FRAME_POKE, 0, 0, &head.base);
		if (seq == 13) {
			assert_int_equal(next_type(), PRAC_FRAME_CREDIT);
			assert_int_equal(w.frame.stream, 0);
			granted = w.frame.aux;
		}
	}
	assert_true(granted >= 3 * sizeof(body));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_new, world_free)
	const struct CMUnitTest tests[] = {
		TEST(says_who_it_is_and_where),
		TEST(is_current_when_nothing_is_left_to_do),
		TEST(downloads_do_not_wait_for_uploads),
		TEST(pushes_at_most_256_mutations_and_two_at_a_time),
		TEST(an_unknown_outcome_is_sent_again_with_the_same_key),
		TEST(a_program_error_stops_sending_and_is_no_loop),
		TEST(another_content_under_a_counter_begins_a_new_incarnation),
		TEST(a_hole_that_the_server_wants_filled_begins_a_new_incarnation),
		TEST(a_server_that_knows_more_than_we_sent_means_we_are_a_copy),
		TEST(a_damaged_chunk_is_not_applied),
		TEST(a_scope_is_loaded_before_anything_is_pulled),
		TEST(a_forgotten_position_loads_everything_again),
		TEST(a_poke_of_a_known_head_pulls_as_well),
		TEST(a_poke_pulls_once),
		TEST(a_poke_does_not_hold_a_session_that_only_asks),
		TEST(a_quiet_link_is_asked_and_a_silent_one_is_dead),
		TEST(goaway_is_obeyed_with_its_time),
		TEST(a_frame_out_of_place_ends_the_session),
		TEST(credit_comes_back_when_rows_are_stored),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
