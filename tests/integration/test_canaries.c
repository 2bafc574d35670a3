/*
 * Nothing personal in logs, nor in what the server says of itself: every text of every record type begins with
 * a canary, and so does what people type to sign in; then the logs, at level debug, and the commands of an
 * operator are searched for it. What a school owns has a longer canary, which is searched for in every frame
 * that another school's device gets: first loads and pages, decrypted and decompressed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/wire/binary.h"
#include "common/wire/scan.h"
#include "common/wire/zip.h"
#include "tests/support/people.h"
#include "tests/support/plant.h"
#include "tests/support/scene.h"

#define SCHOOLS_CANARY PLANT_CANARY "ling"

enum {
	BATCH = 240, /* mutations in one push */
	OUT_MAX = 256 * 1024
};

static struct raw_client *office;
static uint64_t counter;
static ProtobufCBinaryData waiting[BATCH];
static size_t n_waiting, n_accepted, n_refused;

static void flush(void)
{
	Practicum__PushRequest request = PRACTICUM__PUSH_REQUEST__INIT;
	const Practicum__PushResponse *response;

	request.n_mutations = n_waiting;
	request.mutations = waiting;
	people_send(office, PRACTICUM__METHOD_ID__SYNC_PUSH, &request.base);
	response = people_answer(office, &practicum__push_response__descriptor, NULL);
	assert_non_null(response);
	assert_int_equal(response->n_verdicts, n_waiting);
	for (size_t i = 0; i < n_waiting; i++) {
		if (response->verdicts[i]->kind == PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED) {
			n_accepted++;
		} else {
			n_refused++;
		}
	}
	n_waiting = 0;
}

static void send(struct prac_mutation *mutation)
{
	mutation->counter = ++counter;
	prac_mutation_write(mutation, &arena);
	waiting[n_waiting++] = prac_binary(mutation->bytes);
	if (n_waiting == BATCH) {
		flush();
	}
}

static struct prac_mutation creation_of(const struct prac_type *type)
{
	struct prac_mutation mutation = people_create(type, 0);

	mutation.scope = scene_owner(type, SCENE_OWN);
	mutation.n_patches = prac_patches_between(
		NULL, scene_record(type, SCENE_OWN, true), &arena, &mutation.patches);
	return mutation;
}

static struct prac_mutation mutation_of(const struct prac_type *type)
{
	struct prac_mutation mutation = people_create(type, 0);

	mutation.id = scene_id(type, SCENE_OWN);
	return mutation;
}

static void send_all_of(const struct prac_type *type)
{
	const struct prac_id owner = scene_owner(type, SCENE_OWN);
	struct prac_mutation mutation;

	plant_canary =
		prac_id_equal(&owner, &scene_school[SCENE_OWN]) ? SCHOOLS_CANARY : PLANT_CANARY;
	mutation = creation_of(type);
	send(&mutation);
	for (size_t i = 0; i < type->n_groups; i++) {
		mutation = mutation_of(type);
		scene_change(&mutation, &type->groups[i]);
		send(&mutation);
	}
	for (size_t i = 0; i < type->n_actions; i++) {
		mutation = mutation_of(type);
		scene_action(&mutation, &type->actions[i]);
		send(&mutation);
	}
}

static void assert_nothing_told(const char *command)
{
	char *out = prac_arena_alloc(&arena, OUT_MAX);

	assert_int_equal(daemon_run(&server, command, out, OUT_MAX), 0);
	assert_true(out[0] != '\0');
	assert_null(strstr(out, PLANT_CANARY));
}

static void what_is_typed_into_records_is_in_no_log(void **state)
{
	(void)state;
	for (size_t i = 0; i < prac_n_types; i++) {
		send_all_of(prac_types[i]);
	}
	flush();
	assert_true(n_accepted > 100);
	assert_true(n_refused > 100);
	assert_true(daemon_has_logged(&server, "level=debug"));
	assert_false(daemon_has_logged(&server, PLANT_CANARY));
}

/* How many values there are of the type's closed fields; none of them in the clear. */
static int64_t count_closed(const struct prac_type *type)
{
	int64_t n = 0;

	for (size_t i = 0; i < type->n_fields; i++) {
		const char *name = type->fields[i].name;

		if (!prac_field_is_closed(&type->fields[i])) {
			continue;
		}
		n += pg_int("SELECT count(%s) FROM %s", name, type->name);
		assert_int_equal(pg_int("SELECT count(*) FROM %s WHERE get_byte(%s, 0) <> 255 "
					"OR position('" PLANT_CANARY "' IN %s) > 0",
					 type->name, name, name),
			0);
	}
	return n;
}

/* Whoever keeps the database, or gets a dump of it, reads none of them (RELIABILITY T6). */
static void words_on_health_and_discipline_are_in_no_table(void **state)
{
	struct prac_buf closed = { 0 };
	int64_t n = 0;

	(void)state;
	prac_buf_printf(&closed, "0");
	for (size_t i = 0; i < prac_n_types; i++) {
		n += count_closed(prac_types[i]);
		if (prac_type_is_closed(prac_types[i])) {
			prac_buf_printf(&closed, ", %u", prac_types[i]->number);
		}
	}
	prac_buf_append_byte(&closed, '\0');
	assert_true(n > 100); /* what was refused, if nothing else */
	assert_int_equal(pg_int("SELECT count(*) FROM mutation WHERE record_type IN (%s) "
				"AND position('" PLANT_CANARY "' IN payload) > 0",
				 (const char *)prac_buf_bytes(&closed).data),
		0);
	assert_true(pg_int("SELECT count(*) FROM mutation WHERE record_type NOT IN (%s) "
			   "AND position('" PLANT_CANARY "' IN payload) > 0",
			    (const char *)prac_buf_bytes(&closed).data) > 100);
	prac_buf_deinit(&closed);
}

/* PostgreSQL says the whole row in the details of such an error. */
static void a_row_that_the_database_refuses_is_in_no_log(void **state)
{
	struct prac_mutation mutation = creation_of(&prac_type_organization);

	(void)state;
	pg_exec("ALTER TABLE organization ADD CONSTRAINT no_more CHECK (false) NOT VALID");
	send(&mutation);
	flush();
	pg_exec("ALTER TABLE organization DROP CONSTRAINT no_more");
	assert_true(daemon_has_logged(&server, "event=sequencer.poison"));
	assert_false(daemon_has_logged(&server, PLANT_CANARY));
}

static void what_is_typed_to_sign_in_is_in_no_log_and_no_event(void **state)
{
	struct someone nobody = { .client = office, .login = PLANT_CANARY };
	const Practicum__Status *status = NULL;

	(void)state;
	assert_null(people_sign_in(&nobody, PLANT_CANARY " on the fence", NULL, NULL, &status));
	assert_null(strstr((const char *)status->text.data, PLANT_CANARY));
	assert_false(daemon_has_logged(&server, PLANT_CANARY));
	assert_true(pg_int("SELECT count(*) FROM audit_event") > 0);
	assert_int_equal(
		pg_int("SELECT count(*) FROM audit_event e WHERE e::text LIKE '%%" PLANT_CANARY
		       "%%'"),
		0);
}

static void an_operators_commands_say_nothing_of_records(void **state)
{
	(void)state;
	assert_nothing_told("audit verify");
	assert_nothing_told("audit list");
	assert_nothing_told("device list --json");
}

/* What a device was sent, as it stood in the frames. */
struct tap {
	struct raw_client *client;
	struct prac_buf heard;
};

static void hear(struct tap *tap, struct prac_bytes bytes)
{
	prac_buf_append(&tap->heard, bytes.data, bytes.len);
}

static struct prac_bytes unzipped(struct prac_bytes bytes)
{
	struct prac_bytes plain;

	assert_int_equal(prac_unzip(bytes, &arena, &plain), PRAC_OK);
	return plain;
}

static void hear_chunk(struct tap *tap, struct prac_bytes bytes)
{
	ProtobufCMessage *message;
	const Practicum__SnapshotChunk *chunk;

	assert_int_equal(
		prac_unpack(&practicum__snapshot_chunk__descriptor, bytes, &arena, &message),
		PRAC_OK);
	chunk = (const Practicum__SnapshotChunk *)message;
	if (chunk->rows.len > 0) {
		hear(tap, unzipped(prac_binary_bytes(chunk->rows)));
	}
}

/* The answer, its pieces put together; of a stream each message is heard and the end is empty. */
static struct prac_bytes ask(
	struct tap *tap, Practicum__MethodId method, const ProtobufCMessage *request)
{
	struct prac_buf whole = { 0 };
	const struct prac_frame *frame;
	struct prac_bytes message;
	bool is_end = false;

	people_send(tap->client, method, request);
	while (!is_end) {
		frame = raw_client_read(tap->client);
		assert_non_null(frame);
		hear(tap, frame->payload);
		if (frame->type != PRAC_FRAME_DATA && frame->type != PRAC_FRAME_RESPONSE) {
			continue;
		}
		prac_buf_append(&whole, frame->payload.data, frame->payload.len);
		if ((frame->flags & PRAC_FRAME_MORE) != 0) {
			continue;
		}
		is_end = (frame->flags & PRAC_FRAME_END) != 0;
		message = prac_arena_copy(&arena, prac_buf_bytes(&whole));
		prac_buf_clear(&whole);
		if ((frame->flags & PRAC_FRAME_ZSTD) != 0) {
			message = unzipped(message);
		}
		hear(tap, message);
		if (frame->type == PRAC_FRAME_DATA) {
			hear_chunk(tap, message);
		}
	}
	prac_buf_deinit(&whole);
	return message;
}

static const Practicum__PullPage *pull(struct tap *tap, ProtobufCBinaryData cursor)
{
	Practicum__PullRequest request = PRACTICUM__PULL_REQUEST__INIT;
	ProtobufCMessage *page;

	request.has_cursor = cursor.len > 0;
	request.cursor = cursor;
	assert_int_equal(
		prac_unpack(&practicum__pull_page__descriptor,
			ask(tap, PRACTICUM__METHOD_ID__SYNC_PULL, &request.base), &arena, &page),
		PRAC_OK);
	return (const Practicum__PullPage *)page;
}

static void load_all(struct tap *tap, const Practicum__PullPage *page)
{
	for (size_t i = 0; i < page->n_grants; i++) {
		Practicum__SnapshotRequest request = PRACTICUM__SNAPSHOT_REQUEST__INIT;

		request.has_scope = true;
		request.scope = page->grants[i]->scope;
		ask(tap, PRACTICUM__METHOD_ID__SYNC_SNAPSHOT, &request.base);
	}
}

/* All that there is for the device: each of its scopes by a first load, and the feed from its begin. */
static struct prac_buf heard_by(const struct raw_identity *identity)
{
	struct tap tap = { .client = connect_as(identity, 9, NULL) };
	const Practicum__PullPage *page = pull(&tap, (ProtobufCBinaryData){ 0 });

	assert_true(page->n_grants > 0);
	load_all(&tap, page);
	do {
		page = pull(&tap, page->cursor);
	} while (!page->complete);
	raw_client_free(tap.client);
	return tap.heard;
}

static size_t n_in(const struct prac_buf *heard, const char *word)
{
	struct prac_bytes rest = prac_buf_bytes(heard);
	const uint8_t *at;
	size_t n = 0;

	while ((at = memmem(rest.data, rest.len, word, strlen(word))) != NULL) {
		n++;
		rest.len -= (size_t)(at - rest.data) + 1;
		rest.data = at + 1;
	}
	return n;
}

static void no_frame_for_a_school_has_a_byte_of_another(void **state)
{
	const struct raw_identity own = enroll("enroll-code --school \"" PLANT_CANARY
					       " South\" --label own"),
				  other = enroll("enroll-code --school \"" PLANT_CANARY
						 " North\" --label other");
	struct prac_buf heard = heard_by(&own);

	(void)state;
	/* Once in the first load and once in the feed, at least, of each type that was accepted. */
	assert_true(n_in(&heard, SCHOOLS_CANARY) > 200);
	prac_buf_deinit(&heard);
	heard = heard_by(&other);
	assert_true(n_in(&heard, PLANT_CANARY) > 20); /* what belongs to everybody */
	assert_int_equal(n_in(&heard, SCHOOLS_CANARY), 0);
	prac_buf_deinit(&heard);
}

static int begin(void **state)
{
	*state = (void *)"test_canaries";
	if (live_server_begin(state) != 0) {
		return -1;
	}
	people_restart_with("[log]\nlevel = debug");
	office = connect_as(&district, 1, NULL);
	scene_school[SCENE_OWN] = people_school(office, ++counter, PLANT_CANARY " South");
	scene_school[SCENE_OTHER] = people_school(office, ++counter, PLANT_CANARY " North");
	for (size_t i = 0; i < prac_n_types; i++) {
		if (prac_types[i] != &prac_type_school) {
			scene_plant(prac_types[i], SCENE_OWN);
		}
	}
	return 0;
}

static int end(void **state)
{
	raw_client_free(office);
	return live_server_end(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_typed_into_records_is_in_no_log),
		cmocka_unit_test(no_frame_for_a_school_has_a_byte_of_another),
		cmocka_unit_test(words_on_health_and_discipline_are_in_no_table),
		cmocka_unit_test(a_row_that_the_database_refuses_is_in_no_log),
		cmocka_unit_test(what_is_typed_to_sign_in_is_in_no_log_and_no_event),
		cmocka_unit_test(an_operators_commands_say_nothing_of_records),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
