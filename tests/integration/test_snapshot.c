#include "server/sync/snapshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/wire/zip.h"
#include "proto/sync.pb-c.h"
#include "tests/support/pg.h"
#include "tests/support/pg_store.h"

enum {
	SCHOOL = 1,
	N_STUDENTS = 9001 /* three pages of the builder, the last one not full */
};

static struct pg_store t;
static struct snapshots *snapshots;
static char folder[40];

static struct {
	bool has_come;
	int n;
	enum prac_status status;
	struct snapshot_chunk chunk;
} seen;

/* Students of one school with their feed rows, each a change of its own, as the sequencer does. */
static void add_students(uint32_t from, uint32_t to)
{
	pg_exec("BEGIN; UPDATE sync_head SET head = %u, xact = pg_current_xact_id();"
		"INSERT INTO student (id, scope, seq, group_seq, deleted, state, school_id, identifier, "
		"given_name, family_name) SELECT md5('s' || i)::uuid, '%s', i, "
		"array_fill(i::bigint, ARRAY[14]), false, 'enrolled', '%s', i, 'Ann', md5('f' || i) "
		"FROM generate_series(%u, %u) i; INSERT INTO feed SELECT scope, 3, id, seq, 0 "
		"FROM student WHERE seq >= %u; COMMIT",
		to, pg_id_text(&t, SCHOOL), pg_id_text(&t, SCHOOL), from, to, from);
}

static int setup(void **state)
{
	struct snapshots_config config = { .env = &prac_env_system, .folder = folder };

	(void)state;
	pg_store_open(&t, "test_snapshot");
	config.loop = &t.loop;
	config.pool = t.pool;
	assert_int_equal(snapshots_new(&config, &snapshots), PRAC_OK);
	return 0;
}

static int teardown(void **state)
{
	struct snapshots *old = snapshots;

	(void)state;
	snapshots_stop(old);
	pg_store_close(&t);
	snapshots_free(old);
	return 0;
}

static void on_chunk(void *ctx, enum prac_status status, const struct snapshot_chunk *chunk)
{
	(void)ctx;
	seen.has_come = true;
	seen.n++;
	seen.status = status;
	if (chunk != NULL) {
		seen.chunk = *chunk;
	}
}

static enum prac_status read_chunk(uint64_t snapshot, uint32_t chunk)
{
	const struct snapshot_ask ask = { pg_id(SCHOOL), snapshot, chunk, NULL };

	seen.has_come = false;
	snapshots_read(snapshots, &ask, &t.arena, on_chunk, NULL);
	assert_false(seen.has_come);
	pg_run_until(&t.loop, &seen.has_come);
	return seen.status;
}

static size_t count_rows(const struct snapshot_chunk *chunk, uint64_t *last_seq)
{
	struct prac_digest digest = prac_sha256(chunk->rows);
	Practicum__SnapshotRows *rows;
	struct prac_bytes raw;
	size_t n;

	assert_memory_equal(digest.b, chunk->sha256.b, sizeof(digest.b));
	assert_int_equal(prac_unzip(chunk->rows, &t.arena, &raw), PRAC_OK);
	assert_int_equal(raw.len, chunk->raw_len);
	rows = practicum__snapshot_rows__unpack(NULL, raw.len, raw.data);
	assert_non_null(rows);
	n = rows->n_rows;
	for (size_t i = 0; i < n; i++) {
		const Practicum__Row *row = rows->rows[i];

		assert_int_equal(row->record_type, 3);
		assert_int_equal(row->seq, *last_seq + 1); /* none is left out, none stands twice */
		assert_int_equal(row->n_group_seq, 16); /* the last one came later than the rows */
		assert_int_equal(row->group_seq[13], row->seq);
		assert_int_equal(row->owner.len, 16);
		assert_true(row->body.len > 60);
		assert_false(row->has_gone);
		*last_seq = row->seq;
	}
	practicum__snapshot_rows__free_unpacked(rows, NULL);
	return n;
}

static void a_load_holds_exactly_what_the_scope_holds_at_its_cut(void **state)
{
	uint64_t snapshot, last_seq = 0;
	size_t n_rows = 0;
	uint32_t n_chunks;

	(void)state;
	add_students(1, N_STUDENTS);
	assert_int_equal(read_chunk(0, 0), PRAC_OK);
	snapshot = seen.chunk.snapshot;
	n_chunks = seen.chunk.n_chunks;
	assert_int_equal(seen.chunk.seq, N_STUDENTS);
	assert_in_range(n_chunks, 2, 4);
	for (uint32_t i = 0; i < n_chunks; i++) {
		assert_int_equal(read_chunk(snapshot, i), PRAC_OK);
		assert_int_equal(seen.chunk.snapshot, snapshot);
		n_rows += count_rows(&seen.chunk, &last_seq);
	}
	assert_int_equal(n_rows, N_STUDENTS);
	assert_int_equal(read_chunk(snapshot, n_chunks), PRAC_OUT_OF_RANGE);
	assert_int_equal(read_chunk(snapshot + 2, 0), PRAC_NOT_FOUND);
}

static void devices_share_a_load_until_much_has_changed(void **state)
{
	uint64_t first;

	(void)state;
	add_students(1, 1000);
	assert_int_equal(read_chunk(0, 0), PRAC_OK);
	first = seen.chunk.snapshot;
	add_students(1001, 1150); /* 100 are free, and one in twenty */
	assert_int_equal(read_chunk(0, 0), PRAC_OK);
	assert_int_equal(seen.chunk.snapshot, first);
	add_students(1151, 1151);
	assert_int_equal(read_chunk(0, 0), PRAC_OK);
	assert_int_not_equal(seen.chunk.snapshot, first);
	assert_int_equal(seen.chunk.seq, 1151);
	assert_int_equal(read_chunk(first, 0), PRAC_OK); /* who is in the middle of it goes on */
	assert_int_equal(seen.chunk.seq, 1000);
}

static void who_asks_at_once_waits_for_the_same_load(void **state)
{
	const struct snapshot_ask ask = { pg_id(SCHOOL), 0, 0, NULL };
	uint64_t first;

	(void)state;
	add_students(1, 10);
	seen.n = 0;
	snapshots_read(snapshots, &ask, &t.arena, on_chunk, NULL);
	snapshots_read(snapshots, &ask, &t.arena, on_chunk, NULL);
	while (seen.n < 1) {
		uv_run(&t.loop, UV_RUN_ONCE);
	}
	first = seen.chunk.snapshot;
	while (seen.n < 2) {
		uv_run(&t.loop, UV_RUN_ONCE);
	}
	assert_int_equal(seen.chunk.snapshot, first);
}

static void an_empty_scope_is_one_chunk_without_rows(void **state)
{
	(void)state;
	assert_int_equal(read_chunk(0, 0), PRAC_OK);
	assert_int_equal(seen.chunk.n_chunks, 1);
	assert_int_equal(seen.chunk.rows.len, 0);
	assert_int_equal(seen.chunk.raw_len, 0);
}

static void a_new_epoch_makes_old_loads_worthless(void **state)
{
	uint64_t first;

	(void)state;
	assert_int_equal(read_chunk(0, 0), PRAC_OK);
	first = seen.chunk.snapshot;
	pg_exec("UPDATE sync_head SET epoch = epoch + 2");
	assert_int_equal(read_chunk(0, 0), PRAC_OK);
	assert_int_not_equal(seen.chunk.snapshot, first);
}

static void stopping_ends_a_load_under_way_once(void **state)
{
	const struct snapshot_ask ask = { pg_id(SCHOOL), 0, 0, NULL };

	(void)state;
	add_students(1, N_STUDENTS);
	seen.n = 0;
	snapshots_read(snapshots, &ask, &t.arena, on_chunk, NULL);
	for (int i = 0; i < 5; i++) {
		uv_run(&t.loop, UV_RUN_ONCE);
	}
	snapshots_stop(snapshots);
	while (seen.n == 0) {
		uv_run(&t.loop, UV_RUN_ONCE);
	}
	assert_int_equal(seen.status, PRAC_CANCELLED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_load_holds_exactly_what_the_scope_holds_at_its_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(
			devices_share_a_load_until_much_has_changed, setup, teardown),
		cmocka_unit_test_setup_teardown(
			who_asks_at_once_waits_for_the_same_load, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_empty_scope_is_one_chunk_without_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_new_epoch_makes_old_loads_worthless, setup, teardown),
		cmocka_unit_test_setup_teardown(
			stopping_ends_a_load_under_way_once, setup, teardown),
	};
	int failed;

	(void)snprintf(folder, sizeof(folder), "/tmp/prac-spool-%d", (int)getpid());
	if (mkdir(folder, 0700) != 0) {
		return EXIT_FAILURE;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return rmdir(folder) == 0 ? failed : EXIT_FAILURE;
}
