/* The real server on a real database, and clients that are not always polite. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/sync/mutation.h"
#include "common/wire/binary.h"
#include "common/wire/cert.h"
#include "tests/support/live_server.h"

static uint64_t incarnation; /* of the district's station; no test goes on with another's */

/* A new school as the bytes of a mutation. */
static struct prac_bytes new_school(uint64_t counter, const char *name, struct prac_id *id_out)
{
	struct prac_record *record = prac_record_new(&arena, &prac_type_school);
	struct prac_mutation mutation = { .counter = counter,
		.type = &prac_type_school,
		.op = PRACTICUM__OP__OP_CREATE,
		.scope = prac_scope_reference };

	mutation.id = prac_id_new(&prac_env_system);
	record->values[PRAC_SCHOOL_STATE] = (struct prac_value){ .has = true, .number = 1 };
	record->values[PRAC_SCHOOL_NAME] =
		(struct prac_value){ .has = true, .bytes = prac_bytes_text(name) };
	record->values[PRAC_SCHOOL_CODE] =
		(struct prac_value){ .has = true, .bytes = prac_bytes_text(name) };
	record->values[PRAC_SCHOOL_ZONE] =
		(struct prac_value){ .has = true, .bytes = prac_bytes_text("America/New_York") };
	mutation.n_patches = prac_patches_between(NULL, record, &arena, &mutation.patches);
	prac_mutation_write(&mutation, &arena);
	*id_out = mutation.id;
	return mutation.bytes;
}

static struct prac_bytes new_student(uint64_t counter, const struct prac_id *school)
{
	static unsigned number = 1000; /* one student is not another */
	struct prac_record *record = prac_record_new(&arena, &prac_type_student);
	struct prac_mutation mutation = { .counter = counter,
		.type = &prac_type_student,
		.op = PRACTICUM__OP__OP_CREATE,
		.scope = *school };

	mutation.id = prac_id_new(&prac_env_system);
	record->values[PRAC_STUDENT_STATE] = (struct prac_value){ .has = true, .number = 1 };
	record->values[PRAC_STUDENT_SCHOOL_ID] =
		(struct prac_value){ .has = true, .bytes = prac_id_bytes(school) };
	record->values[PRAC_STUDENT_IDENTIFIER] = (struct prac_value){ .has = true,
		.bytes = prac_bytes_text(prac_arena_printf(&arena, "%u", ++number)) };
	record->values[PRAC_STUDENT_GIVEN_NAME] =
		(struct prac_value){ .has = true, .bytes = prac_bytes_text("Ana") };
	record->values[PRAC_STUDENT_FAMILY_NAME] =
		(struct prac_value){ .has = true, .bytes = prac_bytes_text("Diaz") };
	mutation.n_patches = prac_patches_between(NULL, record, &arena, &mutation.patches);
	prac_mutation_write(&mutation, &arena);
	return mutation.bytes;
}

static void push(struct raw_client *client, uint32_t stream, struct prac_bytes mutation)
{
	ProtobufCBinaryData one = { mutation.len, (uint8_t *)mutation.data };
	Practicum__PushRequest request = PRACTICUM__PUSH_REQUEST__INIT;

	request.n_mutations = 1;
	request.mutations = &one;
	raw_client_message(client,
		&(struct prac_frame){ .type = PRAC_FRAME_REQUEST, .method = 1, .stream = stream },
		&request.base);
}

static const Practicum__Verdict *verdict_of(struct raw_client *client)
{
	const Practicum__PushResponse *response = raw_client_expect(
		client, PRAC_FRAME_RESPONSE, &practicum__push_response__descriptor, &arena);

	assert_int_equal(response->n_verdicts, 1);
	return response->verdicts[0];
}

static const Practicum__PullPage *pull(
	struct raw_client *client, uint32_t stream, ProtobufCBinaryData cursor)
{
	Practicum__PullRequest request = PRACTICUM__PULL_REQUEST__INIT;

	request.has_cursor = true;
	request.cursor = cursor;
	raw_client_message(client,
		&(struct prac_frame){ .type = PRAC_FRAME_REQUEST, .method = 2, .stream = stream },
		&request.base);
	return raw_client_expect(
		client, PRAC_FRAME_RESPONSE, &practicum__pull_page__descriptor, &arena);
}

/* The district's station, as if its replica had just been made. */
static struct raw_client *district_again(void)
{
	incarnation++;
	return connect_as(&district, incarnation, NULL);
}

/* The first page with rows. Grants come first, and again when the server has read rights anew. */
static const Practicum__PullPage *pull_rows(struct raw_client *client, uint32_t stream)
{
	const Practicum__PullPage *page = pull(client, stream, (ProtobufCBinaryData){ 0, NULL });

	while (page->n_rows == 0) {
		assert_true(page->n_grants >= 2);
		stream += 2;
		page = pull(client, stream, page->cursor);
	}
	return page;
}

static void a_certificate_of_another_authority_is_refused(void **state)
{
	struct prac_ca *ca = NULL;
	struct prac_key *key = NULL;
	struct prac_buf pem = { 0 };
	struct prac_cert_order order = { .now_s = prac_env_system.wall_ms(NULL) / 1000,
		.days = 10 };
	struct prac_id device = prac_id_new(&prac_env_system);
	struct raw_identity stranger;
	struct raw_client *client;

	(void)state;
	assert_int_equal(prac_ca_new("other", order.now_s, &ca), PRAC_OK);
	assert_int_equal(prac_key_new(&key), PRAC_OK);
	assert_int_equal(prac_key_spki(key, &arena, &order.spki), PRAC_OK);
	assert_int_equal(
		prac_ca_issue_device(ca, &order, &device, &arena, &stranger.chain), PRAC_OK);
	assert_int_equal(prac_key_to_pem(key, &pem), PRAC_OK);
	stranger.key = prac_buf_bytes(&pem);
	client = raw_client_new(server.port, &stranger, trust());
	(void)raw_client_handshake(client); /* the refusal comes behind the client's Finished */
	assert_null(raw_client_read(client));
	raw_client_free(client);
	prac_buf_deinit(&pem);
	prac_key_free(key);
	prac_ca_free(ca);
	assert_serves();
}

static void a_pushed_record_is_judged_once_and_comes_back_in_the_feed(void **state)
{
	struct raw_client *client = district_again();
	const Practicum__PullPage *page;
	const Practicum__Verdict *verdict;
	struct prac_bytes mutation;
	struct prac_id id;

	(void)state;
	mutation = new_school(1, "Oak Ridge", &id);
	push(client, 1, mutation);
	verdict = verdict_of(client);
	assert_int_equal(verdict->kind, PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED);
	push(client, 3, mutation);
	assert_true(verdict_of(client)->replayed);
	page = pull_rows(client, 5);
	assert_memory_equal(page->rows[page->n_rows - 1]->record_id.data, id.b, 16);
	assert_int_equal(page->last_counter, 1);
	assert_true(page->complete);
	raw_client_free(client);
}

static void another_station_is_poked_and_learns_of_the_new_school(void **state)
{
	struct raw_identity other = enroll("enroll-code --district");
	struct raw_client *listener = connect_as(&other, 1, NULL);
	struct raw_client *client = district_again();
	struct prac_id id;

	(void)state;
	push(client, 1, new_school(1, "Career Center", &id));
	(void)verdict_of(client);
	assert_int_equal(raw_client_read(listener)->type, PRAC_FRAME_POKE);
	raw_client_free(listener);
	raw_client_free(client);
}

static void a_school_gets_its_own_and_reference_scopes_only(void **state)
{
	struct raw_identity school = enroll("enroll-code --school \"Oak Ridge\"");
	struct raw_client *client = connect_as(&school, 1, NULL);
	const Practicum__PullPage *page = pull(client, 1, (ProtobufCBinaryData){ 0, NULL });

	(void)state;
	assert_int_equal(page->n_grants, 2);
	raw_client_send(client,
		&(struct prac_frame){ .type = PRAC_FRAME_REQUEST, .method = 4, .stream = 3 });
	assert_int_equal(raw_client_read(client)->flags, PRAC_FRAME_END | PRAC_FRAME_ERROR);
	raw_client_free(client);
}

static void the_district_runs_a_report_with_its_definition(void **state)
{
	struct raw_client *client = district_again();
	Practicum__ReportRequest request = PRACTICUM__REPORT_REQUEST__INIT;
	const Practicum__ReportResponse *response;
	struct prac_frame head = { .type = PRAC_FRAME_REQUEST, .method = 4, .stream = 1 };

	(void)state;
	request.has_name = true;
	request.name = (ProtobufCBinaryData){ 13, (uint8_t *)"participation" };
	raw_client_message(client, &head, &request.base);
	response = raw_client_expect(
		client, PRAC_FRAME_RESPONSE, &practicum__report_response__descriptor, &arena);
	assert_int_equal(client->frame.flags, PRAC_FRAME_END);
	assert_true(response->title.len > 0);
	assert_true(response->definition.len > 0);
	assert_true(response->n_columns > 0);
	head.stream = 3;
	request.name.len = 5;
	raw_client_message(client, &head, &request.base);
	assert_int_equal(raw_client_read(client)->flags, PRAC_FRAME_END | PRAC_FRAME_ERROR);
	raw_client_free(client);
}

static void a_scope_is_loaded_in_chunks_that_match_their_hash(void **state)
{
	struct raw_client *client = district_again();
	Practicum__SnapshotRequest request = PRACTICUM__SNAPSHOT_REQUEST__INIT;
	const Practicum__SnapshotChunk *chunk;
	struct prac_digest hash;

	(void)state;
	request.has_scope = true;
	request.scope = prac_binary_id(&prac_scope_reference);
	raw_client_message(client,
		&(struct prac_frame){ .type = PRAC_FRAME_REQUEST, .method = 3, .stream = 1 },
		&request.base);
	chunk = raw_client_expect(
		client, PRAC_FRAME_DATA, &practicum__snapshot_chunk__descriptor, &arena);
	assert_int_equal(chunk->chunk, 0);
	assert_int_equal(chunk->n_chunks, 1);
	assert_true(chunk->seq > 0);
	hash = prac_sha256(prac_binary_bytes(chunk->rows));
	assert_memory_equal(chunk->sha256.data, hash.b, sizeof(hash.b));
	assert_int_equal(raw_client_read(client)->flags, PRAC_FRAME_END);
	assert_int_equal(client->frame.payload.len, 0);
	raw_client_free(client);
}

static void a_record_for_another_school_is_kept_but_not_taken(void **state)
{
	struct raw_client *office = district_again();
	struct raw_identity own = enroll("enroll-code --school \"Oak Ridge\"");
	struct raw_client *client = connect_as(&own, 1, NULL);
	const Practicum__Verdict *verdict;
	struct prac_id other;

	(void)state;
	push(office, 1, new_school(1, "Not Yours", &other));
	(void)verdict_of(office);
	push(client, 1, new_student(1, &other));
	verdict = verdict_of(client);
	assert_int_equal(verdict->kind, PRACTICUM__VERDICT_KIND__VERDICT_QUARANTINED);
	assert_int_equal(verdict->reason, PRAC_REASON_RIGHTS_LOST);
	assert_int_equal(pg_int("select count(*) from rejected"), 1);
	raw_client_free(client);
	raw_client_free(office);
}

/* A scan of nine bytes that belongs to the record. */
static struct prac_bytes new_scan(uint64_t counter, const struct prac_type *type,
	const struct prac_id *id, const struct prac_id *scope)
{
	struct prac_record *record = prac_record_new(&arena, &prac_type_attachment);
	struct prac_digest *sha256 = prac_arena_alloc(&arena, sizeof(*sha256));
	struct prac_mutation mutation = { .counter = counter,
		.type = &prac_type_attachment,
		.op = PRACTICUM__OP__OP_CREATE,
		.scope = *scope };

	*sha256 = prac_sha256(prac_bytes_text("%PDF-1.4\n"));
	mutation.id = prac_id_new(&prac_env_system);
	record->values[PRAC_ATTACHMENT_RECORD_TYPE] =
		(struct prac_value){ .has = true, .number = type->number };
	record->values[PRAC_ATTACHMENT_RECORD_ID] =
		(struct prac_value){ .has = true, .bytes = prac_id_bytes(id) };
	record->values[PRAC_ATTACHMENT_STUDENT_ID] = record->values[PRAC_ATTACHMENT_RECORD_ID];
	record->values[PRAC_ATTACHMENT_FILE_NAME] =
		(struct prac_value){ .has = true, .bytes = prac_bytes_text("a.pdf") };
	record->values[PRAC_ATTACHMENT_FORMAT] =
		(struct prac_value){ .has = true, .number = PRAC_ATTACHMENT_FORMAT_PDF };
	record->values[PRAC_ATTACHMENT_SIZE] = (struct prac_value){ .has = true, .number = 9 };
	record->values[PRAC_ATTACHMENT_SHA256] =
		(struct prac_value){ .has = true, .bytes = prac_digest_bytes(sha256) };
	mutation.n_patches = prac_patches_between(NULL, record, &arena, &mutation.patches);
	prac_mutation_write(&mutation, &arena);
	return mutation.bytes;
}

/* The first frame of the answer. */
static const struct prac_frame *ask_for_scan(struct raw_client *client, uint32_t stream)
{
	struct prac_digest sha256 = prac_sha256(prac_bytes_text("%PDF-1.4\n"));
	Practicum__FileGetRequest request = PRACTICUM__FILE_GET_REQUEST__INIT;
	const struct prac_frame *frame;

	request.has_sha256 = true;
	request.sha256 = (ProtobufCBinaryData){ sizeof(sha256.b), sha256.b };
	raw_client_message(client,
		&(struct prac_frame){ .type = PRAC_FRAME_REQUEST,
			.method = PRACTICUM__METHOD_ID__FILE_GET,
			.stream = stream },
		&request.base);
	do {
		frame = raw_client_read(client);
	} while (frame->type == PRAC_FRAME_POKE); /* the new school's */
	return frame;
}

static void put_scan(struct raw_client *client, uint32_t stream)
{
	struct prac_digest sha256 = prac_sha256(prac_bytes_text("%PDF-1.4\n"));
	Practicum__FilePutRequest request = PRACTICUM__FILE_PUT_REQUEST__INIT;
	const Practicum__FilePutResponse *response;

	request.has_sha256 = request.has_size = request.has_at = request.has_data = true;
	request.sha256 = (ProtobufCBinaryData){ sizeof(sha256.b), sha256.b };
	request.size = 9;
	request.data = (ProtobufCBinaryData){ 9, (uint8_t *)"%PDF-1.4\n" };
	raw_client_message(client,
		&(struct prac_frame){ .type = PRAC_FRAME_REQUEST,
			.method = PRACTICUM__METHOD_ID__FILE_PUT,
			.stream = stream },
		&request.base);
	response = raw_client_expect(
		client, PRAC_FRAME_RESPONSE, &practicum__file_put_response__descriptor, &arena);
	assert_true(response->complete);
}

/* Who knows a file's hash has no right to it by that. */
static void a_file_of_another_school_is_not_there(void **state)
{
	struct raw_client *office = district_again();
	struct raw_identity own = enroll("enroll-code --school \"Oak Ridge\"");
	struct raw_client *stranger = connect_as(&own, 1, NULL);
	struct prac_id school;
	struct prac_mutation student;
	enum prac_reason reason;
	struct prac_problem problem;
	struct prac_bytes bytes;

	(void)state;
	push(office, 1, new_school(1, "With A Scan", &school));
	(void)verdict_of(office);
	bytes = new_student(2, &school);
	assert_int_equal(prac_mutation_read(bytes, &arena, &student, &reason, &problem), PRAC_OK);
	push(office, 3, bytes);
	assert_int_equal(verdict_of(office)->kind, PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED);
	push(office, 5, new_scan(3, &prac_type_student, &student.id, &school));
	assert_int_equal(verdict_of(office)->kind, PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED);
	put_scan(office, 7);
	assert_int_equal(ask_for_scan(office, 9)->type, PRAC_FRAME_DATA);
	assert_int_equal(ask_for_scan(stranger, 1)->flags, PRAC_FRAME_END | PRAC_FRAME_ERROR);
	raw_client_free(stranger);
	raw_client_free(office);
}

static void half_a_frame_and_a_cut_harm_nobody(void **state)
{
	struct raw_client *client = district_again();

	(void)state;
	raw_client_bytes(client, (struct prac_bytes){ (const uint8_t *)"\0\0\1\0\3\0\0", 7 });
	raw_client_free(client);
	assert_serves();
}

static void a_frame_over_the_limit_ends_only_its_connection(void **state)
{
	struct raw_client *client = district_again();
	static const uint8_t header[16] = { 0xff, 0xff, 0xff, 0xff, 3, 0, 0, 1, 0, 0, 0, 1 };

	(void)state;
	raw_client_bytes(client, (struct prac_bytes){ header, sizeof(header) });
	assert_goaway(client, 8);
	raw_client_free(client);
	assert_serves();
}

static void a_client_that_leaves_in_mid_call_finds_its_verdict_later(void **state)
{
	struct raw_client *client = district_again();
	const Practicum__Verdict *verdict;
	struct prac_id id;
	struct prac_bytes mutation = new_school(1, "Left In A Hurry", &id);

	(void)state;
	push(client, 1, mutation);
	raw_client_free(client);
	client = district_again();
	push(client, 1, mutation);
	verdict = verdict_of(client);
	assert_int_equal(verdict->kind, PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED);
	assert_int_equal(pg_int("select count(*) from school where name = 'Left In A Hurry'"), 1);
	raw_client_free(client);
}

static void the_newer_connection_of_a_device_counts(void **state)
{
	struct raw_client *older = district_again();
	struct raw_client *newer = connect_as(&district, incarnation, NULL);

	(void)state;
	assert_goaway(older, 10);
	raw_client_free(older);
	raw_client_free(newer);
}

static void a_head_that_others_moved_is_noticed_below_the_own_one(void **state)
{
	struct raw_client *office = district_again(), *client;
	struct raw_identity school = enroll("enroll-code --school \"Oak Ridge\"");
	struct prac_id other;

	(void)state;
	push(office, 1, new_school(1, "Elsewhere", &other));
	(void)verdict_of(office);
	client = connect_as(&school, 1, NULL);
	pg_exec("update sync_head set head = head + 1000");
	push(office, 3, new_student(2, &other));
	assert_int_equal(raw_client_read(client)->type, PRAC_FRAME_POKE);
	raw_client_free(client);
	raw_client_free(office);
}

static void hangup_keeps_the_old_configuration_when_the_new_is_wrong(void **state)
{
	(void)state;
	daemon_configure(&server, "connections = many");
	daemon_kill(&server, SIGHUP);
	daemon_await_log(&server, "event=config.kept");
	assert_serves();
	daemon_configure(&server, "connections = 50");
	daemon_kill(&server, SIGHUP);
	daemon_await_log(&server, "event=config.reloaded connections=50");
	assert_serves();
}

/* The server dies at the point; the station asks again and finds what it did exactly once. */
static void kill_at(const char *failpoint, uint64_t judged_by_then)
{
	uint64_t last_counter;
	struct raw_client *client;
	struct prac_id id;
	char name[20]; /* a school's code has at most 20 characters */
	struct prac_bytes mutation;
	const Practicum__Verdict *verdict;

	(void)snprintf(name, sizeof(name), "%.16s", failpoint);
	mutation = new_school(1, name, &id);
	daemon_kill(&server, SIGTERM);
	assert_int_equal(daemon_wait(&server), 0);
	daemon_start(&server, failpoint);
	client = district_again();
	push(client, 1, mutation);
	assert_null(raw_client_read(client));
	raw_client_free(client);
	assert_int_equal(daemon_wait(&server), 128 + SIGKILL);
	daemon_start(&server, NULL);
	client = connect_as(&district, incarnation, &last_counter);
	assert_int_equal(last_counter, judged_by_then);
	push(client, 1, mutation);
	verdict = verdict_of(client);
	assert_int_equal(verdict->kind, PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED);
	assert_int_equal(verdict->replayed, judged_by_then);
	assert_int_equal(pg_int("select count(*) from school where name = '%s'", name), 1);
	raw_client_free(client);
}

static void a_kill_at_any_point_loses_and_doubles_nothing(void **state)
{
	(void)state;
	kill_at("after_receive:1", 0);
	kill_at("between_trips:1", 0);
	kill_at("after_commit_before_answer:1", 1);
}

/* A school and one of its students, before anybody can have told the device of the new scope. */
static void the_district_fills_a_school_in_the_push_that_makes_it(void **state)
{
	struct raw_client *client = district_again();
	struct prac_id school;
	struct prac_bytes mutation = new_school(1, "Brand New", &school);
	struct prac_bytes student;

	(void)state;
	student = new_student(2, &school);
	push(client, 1, mutation);
	push(client, 3, student);
	assert_int_equal(verdict_of(client)->kind, PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED);
	assert_int_equal(verdict_of(client)->kind, PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED);
	raw_client_free(client);
}

static void terminate_says_goodbye_and_when_to_come_back(void **state)
{
	struct raw_client *client = district_again();
	const struct prac_frame *frame;

	(void)state;
	daemon_kill(&server, SIGTERM);
	frame = raw_client_read(client);
	assert_non_null(frame);
	assert_int_equal(frame->type, PRAC_FRAME_GOAWAY);
	assert_int_equal(frame->aux, 2000);
	assert_null(raw_client_read(client));
	assert_int_equal(daemon_wait(&server), 0);
	raw_client_free(client);
	daemon_start(&server, NULL);
}

static void commands_say_what_is_wrong_by_their_exit_code(void **state)
{
	char out[4096];

	(void)state;
	assert_int_equal(daemon_run(&server, "status", out, sizeof(out)), 69); /* port 0 */
	assert_int_equal(daemon_run(&server, "check-config", out, sizeof(out)), 0);
	assert_int_equal(daemon_run(&server, "nonsense", out, sizeof(out)), 64);
	assert_int_equal(daemon_run(&server, "enroll-code", out, sizeof(out)), 64);
	assert_int_equal(daemon_run(&server, "enroll-code --school Nowhere", out, sizeof(out)), 1);
	assert_int_equal(daemon_run(&server, "device revoke 00", out, sizeof(out)), 1);
	daemon_configure(&server, "port = 70000");
	assert_int_equal(daemon_run(&server, "check-config", out, sizeof(out)), 78);
	/* Without the district's zone the server would not know which day it is. */
	daemon_configure(&server, "[server]\nzone = America/Springfield");
	assert_int_equal(daemon_run(&server, "check-config", out, sizeof(out)), 78);
	assert_non_null(strstr(out, "knows no time zone America/Springfield"));
	daemon_configure(&server, "");
}

static int begin(void **state)
{
	*state = "test_server";
	return live_server_begin(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_of_another_authority_is_refused),
		cmocka_unit_test(a_pushed_record_is_judged_once_and_comes_back_in_the_feed),
		cmocka_unit_test(another_station_is_poked_and_learns_of_the_new_school),
		cmocka_unit_test(a_school_gets_its_own_and_reference_scopes_only),
		cmocka_unit_test(the_district_runs_a_report_with_its_definition),
		cmocka_unit_test(a_scope_is_loaded_in_chunks_that_match_their_hash),
		cmocka_unit_test(a_record_for_another_school_is_kept_but_not_taken),
		cmocka_unit_test(a_file_of_another_school_is_not_there),
		cmocka_unit_test(half_a_frame_and_a_cut_harm_nobody),
		cmocka_unit_test(a_frame_over_the_limit_ends_only_its_connection),
		cmocka_unit_test(a_client_that_leaves_in_mid_call_finds_its_verdict_later),
		cmocka_unit_test(the_newer_connection_of_a_device_counts),
		cmocka_unit_test(a_head_that_others_moved_is_noticed_below_the_own_one),
		cmocka_unit_test(hangup_keeps_the_old_configuration_when_the_new_is_wrong),
		cmocka_unit_test(the_district_fills_a_school_in_the_push_that_makes_it),
		cmocka_unit_test(a_kill_at_any_point_loses_and_doubles_nothing),
		cmocka_unit_test(terminate_says_goodbye_and_when_to_come_back),
		cmocka_unit_test(commands_say_what_is_wrong_by_their_exit_code),
	};

	return cmocka_run_group_tests(tests, begin, live_server_end);
}
