/*
 * What a command takes that goes through all entries of a station: at most 64 MiB resident with 70,000
 * of them (DESIGN part 8, row thin). Here are half as many, and half of that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/replica_fixture.h"

enum {
	ENTRIES = 35000,
	PAGE = 1000,
	RESIDENT_KIB_MAX = 32 * 1024,
	FIRST_ENTRY = 100000,
	FIRST_LONG = FIRST_ENTRY + 1500 /* has a text longer than those before it */
};

static struct replica_row entry_row(struct fixture *f, unsigned id)
{
	struct prac_id student = id_of(STUDENT);
	char text[PRAC_ID_TEXT];
	struct prac_record *entry = record_of(f, "time_entry", id, "work_date", "2026-09-14",
		"starts_at", "15:30", "ends_at", "18:00", "elapsed_minutes", "2h30m", NULL);

	prac_id_format(&student, text);
	set(f, entry, "student_id", text);
	set(f, entry, "task", id == FIRST_LONG ? "sorted and shelved the returns" : "shelved");
	return row_of(f, entry, SCHOOL_1, 20);
}

static int new_with_entries(void **state)
{
	struct replica_row *rows = calloc(PAGE, sizeof(*rows));
	struct fixture *f;

	fixture_new_loaded(state);
	f = *state;
	assert_non_null(rows);
	rows[0] = row_of(f, student_of(f, STUDENT, "Lee"), SCHOOL_1, 15);
	page(f, rows, 1, 15);
	for (unsigned n = 0; n < ENTRIES; n += PAGE) {
		struct prac_cursor cursor;
		struct replica_position position;

		for (unsigned i = 0; i < PAGE; i++) {
			rows[i] = entry_row(f, FIRST_ENTRY + n + i);
		}
		assert_int_equal(replica_position(f->replica, &f->arena, &position), PRAC_OK);
		cursor = position.cursor;
		cursor.seq = 20 + n;
		assert_int_equal(replica_apply_page(f->replica,
					 &(struct replica_page){ rows, PAGE, cursor, 0, 20 + n }),
			PRAC_OK);
		prac_arena_reset(&f->arena);
	}
	free(rows);
	return 0;
}

/* The program's output in `out` of the fixture's folder. */
static void run(struct fixture *f, char *const argv[])
{
	const char *program = getenv("PRAC_PRACTICUM");
	char out[128];
	int status;
	pid_t pid;

	(void)snprintf(out, sizeof(out), "%s/out", f->folder);
	pid = fork();
	if (pid == 0) {
		if (program != NULL && setenv("PRACTICUM_HOME", f->folder, 1) == 0 &&
			setenv("PRACTICUM_KEYS", f->folder, 1) == 0 &&
			freopen(out, "w", stdout) != NULL) {
			execv(program, argv);
		}
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Of every line of the output the columns (from 0) where the word begins, and how many lines. */
struct seen {
	size_t n_lines, n_words, first_column, last_column;
};

static struct seen read_out(struct fixture *f, const char *word)
{
	struct seen seen = { 0 };
	char out[128], line[512];
	FILE *file;

	(void)snprintf(out, sizeof(out), "%s/out", f->folder);
	file = fopen(out, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		const char *at = strstr(line, word);

		seen.n_lines++;
		if (at != NULL) {
			seen.last_column = (size_t)(at - line);
			seen.first_column =
				seen.n_words++ == 0 ? seen.last_column : seen.first_column;
		}
	}
	(void)fclose(file);
	unlink(out);
	return seen;
}

static void assert_thin(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_CHILDREN, &usage), 0);
	assert_in_range(usage.ru_maxrss, 1, RESIDENT_KIB_MAX);
}

static void a_table_of_any_length_takes_little_memory_and_its_columns_only_grow(void **state)
{
	struct seen seen;

	run(*state, (char *const[]){ "practicum", "list", "time_entry", NULL });
	seen = read_out(*state, "Lee");
	assert_int_equal(seen.n_lines, ENTRIES + 1);
	assert_int_equal(seen.n_words, ENTRIES);
	assert_int_equal(seen.last_column - seen.first_column,
		strlen("sorted and shelved the returns") - strlen("shelved"));
	assert_thin();
}

static void json_of_any_length_takes_little_memory(void **state)
{
	run(*state, (char *const[]){ "practicum", "list", "time_entry", "--json", NULL });
	assert_int_equal(read_out(*state, "\"work_date\": \"2026-09-14\"").n_words, ENTRIES);
	assert_thin();
}

static void an_export_of_any_length_takes_little_memory(void **state)
{
	run(*state, (char *const[]){ "practicum", "export", "all", "--format", "json", NULL });
	assert_int_equal(read_out(*state, "\"work_date\": \"2026-09-14\"").n_words, ENTRIES);
	assert_thin();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_table_of_any_length_takes_little_memory_and_its_columns_only_grow),
		cmocka_unit_test(json_of_any_length_takes_little_memory),
		cmocka_unit_test(an_export_of_any_length_takes_little_memory),
	};

	return cmocka_run_group_tests_name("many_rows", tests, new_with_entries, fixture_free);
}
