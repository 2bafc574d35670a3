/* What the replica's file holds of what people must not read in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/replica/file.h"
#include "client/replica/files.h"
#include "client/replica/tables.h"
#include "tests/support/fixed_key.h"
#include "tests/support/replica_fixture.h"

#define CANARY "canary-4711"

/* False as well when there is no such file. */
static bool path_has(const char *path, const char *text)
{
	struct prac_buf buf = { 0 };
	FILE *file = fopen(path, "rb");
	bool has;
	size_t n;

	while (file != NULL && (n = fread(prac_buf_reserve(&buf, 65536), 1, 65536, file)) > 0) {
		prac_buf_commit(&buf, n);
	}
	if (file != NULL) {
		(void)fclose(file);
	}
	has = prac_buf_len(&buf) > 0 &&
	      memmem(prac_buf_bytes(&buf).data, prac_buf_len(&buf), text, strlen(text)) != NULL;
	prac_buf_deinit(&buf);
	return has;
}

/* True when the replica's file or its log has the text. */
static bool file_has(struct fixture *f, const char *text)
{
	char log[128];

	(void)snprintf(log, sizeof(log), "%s-wal", f->path);
	return path_has(f->path, text) || path_has(log, text);
}

static void run_sql(struct fixture *f, const char *sql)
{
	char *error = NULL;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) {
		fail_msg("%s: %s", sql, error);
	}
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static struct prac_record *secretive(struct fixture *f, unsigned id)
{
	struct prac_record *student = student_of(f, id, "Lopez");

	set(f, student, "career_goal", CANARY);
	set(f, student, "birth_date", "2009-03-04");
	return student;
}

static void what_the_server_said_is_sealed_where_the_catalog_says_so(void **state)
{
	struct fixture *f = *state;
	struct replica_row row = row_of(f, secretive(f, STUDENT), SCHOOL_1, 11);

	page(f, &row, 1, 11);
	assert_false(file_has(f, CANARY));
	assert_true(file_has(f, "Lopez")); /* labels stay open */
	assert_string_equal(text_of(f, shown(f, "student", STUDENT), "career_goal"), CANARY);
	fixture_reopen(f);
	assert_string_equal(text_of(f, shown(f, "student", STUDENT), "career_goal"), CANARY);
	assert_string_equal(text_of(f, shown(f, "student", STUDENT), "birth_date"), "2009-03-04");
}

static void all_of_what_a_person_entered_is_sealed_from_outbox_to_draft(void **state)
{
	struct fixture *f = *state;
	const struct prac_verdict verdict = { .counter = 1,
		.kind = PRACTICUM__VERDICT_KIND__VERDICT_REFUSED,
		.seq = 11,
		.text = prac_bytes_text("words of the refusal") };
	struct replica_draft *drafts;
	size_t n;

	add_student(f, STUDENT, CANARY);
	run_sql(f,
		"UPDATE student SET family_name = '', given_name = ''"); /* what lists show of it */
	assert_int_equal(
		replica_judged(f->replica, counters_of(f).incarnation, &verdict, 1), PRAC_OK);
	assert_int_equal(replica_drafts(f->replica, &f->arena, &drafts, &n), PRAC_OK);
	assert_int_equal(n, 1);
	assert_string_equal(drafts[0].text, "words of the refusal");
	assert_non_null(memmem(drafts[0].bytes.data, drafts[0].bytes.len, CANARY, strlen(CANARY)));
	fixture_reopen(f);
	assert_false(file_has(f, "words of the refusal"));
	run_sql(f, "VACUUM");
	assert_false(file_has(f, CANARY));
}

static void fields_that_this_program_does_not_know_are_sealed(void **state)
{
	static const uint8_t unknown[] = "\xfa\x7f\x0b" CANARY; /* field 2047, 11 bytes */
	struct fixture *f = *state;
	struct replica_row row = row_of(f, student_of(f, STUDENT, "Lopez"), SCHOOL_1, 11);
	const struct prac_record *student;
	uint8_t body[4096];

	memcpy(body, row.body.data, row.body.len);
	memcpy(body + row.body.len, unknown, sizeof(unknown) - 1);
	row.body = (struct prac_bytes){ body, row.body.len + sizeof(unknown) - 1 };
	page(f, &row, 1, 11);
	assert_false(file_has(f, CANARY));
	student = shown(f, "student", STUDENT);
	assert_int_equal(student->extra.len, sizeof(unknown) - 1);
	row.type = 9999; /* and types */
	page(f, &row, 1, 12);
	assert_false(file_has(f, CANARY));
}

static size_t count(struct fixture *f, const char *field, const char *text)
{
	const struct prac_type *type = type_of("student");
	struct replica_filter filter = { .field = prac_field_find_name(type, field) };
	struct prac_record *like = record_of(f, "student", STUDENT, field, text, NULL);
	struct replica_query query = { type, &filter, 1 };
	size_t n;

	filter.value = like->values[filter.field->index];
	assert_int_equal(replica_count(f->replica, &query, &n), PRAC_OK);
	return n;
}

static void sealed_fields_are_compared_all_the_same(void **state)
{
	struct fixture *f = *state;
	struct replica_row rows[] = { row_of(f, secretive(f, STUDENT), SCHOOL_1, 11),
		row_of(f, student_of(f, STUDENT + 1, "Chen"), SCHOOL_1, 12) };

	page(f, rows, 2, 12);
	assert_int_equal(count(f, "birth_date", "2009-03-04"), 1);
	assert_int_equal(count(f, "birth_date", "2009-03-05"), 0);
	assert_int_equal(count(f, "family_name", "Chen"), 1);
}

static void fails(struct fixture *f, enum prac_status status, const char *words)
{
	const struct prac_id id = id_of(STUDENT);
	const struct prac_record *record;

	assert_int_equal(
		replica_get(f->replica, type_of("student"), &id, &f->arena, &record), status);
	assert_non_null(strstr(replica_error(f->replica), words));
}

static void a_sealed_value_opens_in_no_other_row(void **state)
{
	struct fixture *f = *state;
	struct replica_row rows[] = { row_of(f, secretive(f, STUDENT), SCHOOL_1, 11),
		row_of(f, secretive(f, STUDENT + 1), SCHOOL_1, 12) };

	page(f, rows, 2, 12);
	run_sql(f,
		"UPDATE student SET _sealed = (SELECT _sealed FROM student ORDER BY id DESC LIMIT 1)");
	fails(f, PRAC_DATA_LOSS,
		"student 01990000-0000-7000-8000-000000000064 of the replica is damaged");
}

static int64_t number_of(struct fixture *f, const char *sql)
{
	sqlite3_stmt *stmt;
	int64_t number;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	number = sqlite3_column_int64(stmt, 0);
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	return number;
}

/* They are drawn by several; these are more than that, in one transaction and in a second one. */
static void no_two_sealed_values_share_a_nonce(void **state)
{
	struct fixture *f = *state;
	struct replica_row rows[25];

	for (unsigned i = 0; i < PRAC_NELEM(rows); i++) {
		rows[i] = row_of(f, secretive(f, STUDENT + i), SCHOOL_1, 11 + i % 24);
	}
	page(f, rows, 24, 34);
	page(f, rows + 24, 1, 35);
	assert_int_equal(
		number_of(f, "SELECT count(*) FROM student WHERE _sealed IS NOT NULL"), 25);
	assert_int_equal(
		number_of(f, "SELECT count(DISTINCT substr(_sealed, 1, 24)) FROM student"), 25);
}

static void a_payload_opens_under_no_other_counter(void **state)
{
	struct fixture *f = *state;
	struct replica_entry *entries;
	size_t n;

	add_student(f, STUDENT, "Lopez");
	run_sql(f, "UPDATE outbox SET counter = 7");
	assert_int_equal(
		replica_take(f->replica, &(struct replica_want){ .max_n = 10, .max_bytes = 9999 },
			&f->arena, &entries, &n),
		PRAC_DATA_LOSS);
}

/* ---- keys */

static enum prac_status get_other(
	void *ctx, bool may_make, uint8_t key_out[PRAC_SEAL_KEY], char text_out[REPLICA_KEY_TEXT])
{
	(void)ctx;
	(void)may_make;
	text_out[0] = '\0';
	memset(key_out, 0x11, PRAC_SEAL_KEY);
	return PRAC_OK;
}

static void open_with(struct fixture *f, const struct replica_keys *keys)
{
	const struct replica_place place = { f->path, NULL, &f->env, keys };

	replica_close(f->replica);
	assert_int_equal(replica_open(&place, &f->replica), PRAC_OK);
}

static void another_key_is_refused_and_nothing_is_lost(void **state)
{
	static const struct replica_keys other = { get_other, fixed_key_erase, NULL };
	struct fixture *f = *state;
	struct replica_row row = row_of(f, secretive(f, STUDENT), SCHOOL_1, 11);
	struct replica_refusal refusal;

	page(f, &row, 1, 11);
	add_student(f, STUDENT + 1, "Chen");
	open_with(f, &other);
	fails(f, PRAC_FAILED_PRECONDITION, "not the key that this replica was sealed with");
	assert_int_equal(
		replica_save(f->replica, NULL, student_of(f, STUDENT + 2, "Ruiz"), &refusal),
		PRAC_FAILED_PRECONDITION);
	open_with(f, NULL);
	fails(f, PRAC_FAILED_PRECONDITION, "not at hand");
	open_with(f, &fixed_key);
	assert_string_equal(text_of(f, shown(f, "student", STUDENT), "career_goal"), CANARY);
	assert_int_equal(counters_of(f).n_unsent, 1);
	assert_null(shown(f, "student", STUDENT + 2));
}

/* ---- attachments */

enum {
	SCAN = 150 * 1000 /* three chunks */
};

static const char *file_of(struct fixture *f, const struct prac_digest *sha256, const char *ending)
{
	char name[PRAC_DIGEST_TEXT];
	static char path[256];

	prac_digest_format(sha256, name);
	(void)snprintf(path, sizeof(path), "%s/files/%s%s", f->folder, name, ending);
	return path;
}

static struct prac_bytes scan(struct fixture *f)
{
	uint8_t *bytes = prac_arena_alloc(&f->arena, SCAN);

	for (size_t i = 0; i < SCAN; i++) {
		bytes[i] = (uint8_t)(i * 7 + i / 251);
	}
	memcpy(bytes + 70000, CANARY, sizeof(CANARY) - 1);
	return (struct prac_bytes){ bytes, SCAN };
}

static struct prac_digest keep(struct fixture *f, struct prac_bytes bytes)
{
	struct prac_digest sha256;

	assert_int_equal(replica_file_keep(f->replica, bytes, &sha256), PRAC_OK);
	return sha256;
}

static void drop_files(struct fixture *f, const struct prac_digest *sha256)
{
	char path[128];

	(void)unlink(file_of(f, sha256, ""));
	(void)unlink(file_of(f, sha256, ".sealed"));
	(void)snprintf(path, sizeof(path), "%s/files", f->folder);
	assert_int_equal(rmdir(path), 0);
}

static void the_bytes_of_attachments_are_sealed_and_read_from_anywhere(void **state)
{
	static const struct {
		uint64_t at;
		size_t max, n;
	} cuts[] = { { 0, SCAN + 1, SCAN }, { 65535, 2, 2 }, { 65536, 65536, 65536 },
		{ 131071, 20000, SCAN - 131071 }, { SCAN, 10, 0 } };
	struct fixture *f = *state;
	const struct prac_bytes bytes = scan(f);
	struct prac_digest sha256 = keep(f, bytes);
	struct prac_buf buf = { 0 };

	assert_false(path_has(file_of(f, &sha256, ".sealed"), CANARY));
	for (size_t i = 0; i < PRAC_NELEM(cuts); i++) {
		prac_buf_clear(&buf);
		assert_int_equal(
			replica_file_read(f->replica, &sha256, cuts[i].at, cuts[i].max, &buf),
			PRAC_OK);
		assert_int_equal(prac_buf_len(&buf), cuts[i].n);
		assert_true(prac_bytes_equal(prac_buf_bytes(&buf),
			(struct prac_bytes){ bytes.data + cuts[i].at, cuts[i].n }));
	}
	prac_buf_deinit(&buf);
	drop_files(f, &sha256);
}

static void an_attachment_in_the_clear_is_read_and_sealed_at_the_next_greeting(void **state)
{
	struct fixture *f = *state;
	const struct prac_bytes bytes = scan(f);
	struct prac_digest sha256 = keep(f, bytes);
	struct prac_buf buf = { 0 };
	FILE *file;

	assert_int_equal(unlink(file_of(f, &sha256, ".sealed")), 0);
	file = fopen(file_of(f, &sha256, ""), "wb"); /* as the program before left it */
	assert_non_null(file);
	assert_int_equal(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
	assert_int_equal(fclose(file), 0);
	for (unsigned i = 0; i < 2; i++) {
		prac_buf_clear(&buf);
		assert_int_equal(
			replica_file_read(f->replica, &sha256, 0, SCAN + 1, &buf), PRAC_OK);
		assert_true(prac_bytes_equal(prac_buf_bytes(&buf), bytes));
		assert_int_equal(access(file_of(f, &sha256, ""), F_OK), i == 0 ? 0 : -1);
		assert_int_equal(greeted(f, 77, 0, 0), PRAC_OK);
	}
	assert_false(path_has(file_of(f, &sha256, ".sealed"), CANARY));
	prac_buf_deinit(&buf);
	drop_files(f, &sha256);
}

/* A connection that outlives the sign-in on a personal device. */
static void nothing_of_the_server_is_stored_while_the_key_is_away(void **state)
{
	struct fixture *f = *state;
	struct replica_row row = row_of(f, student_of(f, STUDENT, "Lopez"), SCHOOL_1, 11);
	const struct replica_page page = {
		.rows = &row, .n_rows = 1, .cursor = { 77, 11, 0 }, .head = 11
	};
	struct replica_position position;

	open_with(f, NULL);
	assert_int_equal(replica_apply_page(f->replica, &page), PRAC_FAILED_PRECONDITION);
	assert_int_equal(replica_position(f->replica, &f->arena, &position), PRAC_OK);
	assert_int_equal(position.cursor.seq, 10);
	assert_null(shown(f, "student", STUDENT));
	open_with(f, &fixed_key);
	assert_int_equal(replica_apply_page(f->replica, &page), PRAC_OK);
	assert_non_null(shown(f, "student", STUDENT));
}

static bool is_erased;

static void note_erase(void *ctx)
{
	const struct fixture *f = ctx;

	is_erased = true;
	assert_true(file_has((struct fixture *)f, "Lopez")); /* the key goes before anything else */
}

static void a_purge_takes_the_key_first(void **state)
{
	struct fixture *f = *state;
	struct replica_row row = row_of(f, secretive(f, STUDENT), SCHOOL_1, 11);
	const struct replica_keys keys = { fixed_key_get, note_erase, f };

	page(f, &row, 1, 11);
	open_with(f, &keys);
	assert_int_equal(replica_purge(f->replica), PRAC_OK);
	assert_true(is_erased);
	open_with(f, NULL); /* and nothing that is left wants one */
	assert_null(shown(f, "student", STUDENT));
}

/* ---- a file of the program before */

/* The file as format 4 had it: input and records in the clear. */
static void make_older(struct fixture *f, struct prac_bytes payload, struct prac_bytes body)
{
	sqlite3_stmt *stmt;
	char sql[200];
	sqlite3 *db;

	replica_close(f->replica);
	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	for (size_t i = 0; i < prac_n_types; i++) {
		(void)snprintf(sql, sizeof(sql), "ALTER TABLE \"%s\" DROP COLUMN _sealed",
			prac_types[i]->name);
		assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	}
	assert_int_equal(sqlite3_exec(db,
				 "ALTER TABLE meta DROP COLUMN key_id;"
				 "ALTER TABLE meta DROP COLUMN unclean; DROP TABLE import;"
				 "UPDATE meta SET catalog = 'older'; PRAGMA user_version = 4",
				 NULL, NULL, NULL),
		SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(db, "UPDATE outbox SET payload = ?1, words = 'said before'", -1,
			&stmt, NULL),
		SQLITE_OK);
	assert_int_equal(
		sqlite3_bind_blob(stmt, 1, payload.data, (int)payload.len, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	assert_int_equal(
		sqlite3_prepare_v2(db, "UPDATE student SET _base = ?1 WHERE _base IS NOT NULL", -1,
			&stmt, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_bind_blob(stmt, 1, body.data, (int)body.len, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void a_file_in_the_clear_is_sealed_once_and_loses_nothing(void **state)
{
	struct fixture *f = *state;
	struct replica_row row = row_of(f, secretive(f, STUDENT), SCHOOL_1, 11);
	struct replica_entry *before, *after;
	struct replica_inputs inputs;
	const struct prac_id id = id_of(STUDENT + 1);
	size_t n;

	page(f, &row, 1, 11);
	add_student(f, STUDENT + 1, "Chen");
	edit(f, STUDENT + 1, "career_goal", CANARY);
	run_sql(f, "DELETE FROM outbox WHERE counter = 2; UPDATE meta SET next_counter = 2");
	before = queue(f, &n);
	make_older(f, before[0].bytes, row.body);
	assert_true(file_has(f, CANARY));
	assert_int_equal(fixture_open(f, f->path, NULL, &f->replica), PRAC_OK);
	assert_false(file_has(f, CANARY));
	assert_false(file_has(f, "said before"));
	after = queue(f, &n);
	assert_int_equal(n, 1);
	assert_true(prac_bytes_equal(before[0].bytes, after[0].bytes));
	assert_int_equal(
		replica_history(f->replica, type_of("student"), &id, &f->arena, &inputs), PRAC_OK);
	assert_true(prac_bytes_equal(inputs.items[0].verdict.text, prac_bytes_text("said before")));
	assert_string_equal(text_of(f, shown(f, "student", STUDENT), "career_goal"), CANARY);
	assert_string_equal(text_of(f, shown(f, "student", STUDENT + 1), "family_name"), "Chen");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_new_loaded, fixture_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_the_server_said_is_sealed_where_the_catalog_says_so),
		CASE(all_of_what_a_person_entered_is_sealed_from_outbox_to_draft),
		CASE(fields_that_this_program_does_not_know_are_sealed),
		CASE(sealed_fields_are_compared_all_the_same),
		CASE(a_sealed_value_opens_in_no_other_row),
		CASE(no_two_sealed_values_share_a_nonce),
		CASE(a_payload_opens_under_no_other_counter),
		CASE(another_key_is_refused_and_nothing_is_lost),
		CASE(the_bytes_of_attachments_are_sealed_and_read_from_anywhere),
		CASE(an_attachment_in_the_clear_is_read_and_sealed_at_the_next_greeting),
		CASE(nothing_of_the_server_is_stored_while_the_key_is_away),
		CASE(a_purge_takes_the_key_first),
		CASE(a_file_in_the_clear_is_sealed_once_and_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
