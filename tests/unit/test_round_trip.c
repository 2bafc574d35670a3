/*
 * Every type that there is, out and in again by the program itself: a record with a value in every field
 * and one with required fields only come back as they were, as CSV and as raw CSV.
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/key/key.h"
#include "common/base/macros.h"
#include "tests/support/replica_fixture.h"

enum {
	FULL = 0x10000, /* ids: this and the type's number has every field, the next one few */
	BARE = 0x20000
};

/* What tries a spreadsheet's guard, a CSV's quotes and a list's separators. */
static const char *const texts[] = { "=1+1", "'quoted', \"twice\"", "\xc3\xa9t\xc3\xa9; a, b", "-",
	"(empty", "0012" };

static struct prac_value text_value(
	struct fixture *f, const struct prac_field *field, unsigned turn)
{
	struct prac_bytes text = prac_bytes_text(texts[turn % PRAC_NELEM(texts)]);
	struct prac_bytes items[] = { prac_bytes_text("a"), prac_bytes_text("b, c") };

	text.len = field->max > 0 && text.len > (size_t)field->max ? (size_t)field->max : text.len;
	return field->kind == PRAC_TEXT
		       ? (struct prac_value){ .has = true, .bytes = text }
		       : prac_list_value(&f->arena, field, items, PRAC_NELEM(items));
}

static struct prac_value id_value(struct fixture *f, const struct prac_field *field)
{
	struct prac_id id = id_of(FULL + field->ref_type);

	return (struct prac_value){ .has = true,
		.bytes = prac_arena_copy(&f->arena, prac_id_bytes(&id)) };
}

static struct prac_value blob_value(struct fixture *f, const struct prac_field *field)
{
	size_t len = field->min > 0 ? (size_t)field->min : 4;
	uint8_t *bytes = prac_arena_alloc(&f->arena, len);

	memset(bytes, 0xa5, len);
	return (struct prac_value){ .has = true, .bytes = { bytes, len } };
}

static struct prac_value some_value(struct fixture *f, const struct prac_field *field)
{
	switch (field->kind) {
	case PRAC_TEXT:
	case PRAC_TEXT_LIST:
		return text_value(f, field, field->number);
	case PRAC_REF:
		return id_value(f, field);
	case PRAC_BLOB:
		return blob_value(f, field);
	case PRAC_ENUM:
		return (struct prac_value){ .has = true,
			.number = field->values[field->n_values - 1].number };
	case PRAC_INSTANT:
		return (struct prac_value){ .has = true, .number = INT64_C(1786435200123) };
	case PRAC_BOOL:
		return (struct prac_value){ .has = true, .number = 1 };
	case PRAC_INT:
	case PRAC_MINUTES:
	case PRAC_CENTS:
		return (struct prac_value){ .has = true,
			.number = field->min > 61 ? field->min : 61 };
	case PRAC_DATE:
	case PRAC_TIME:
		return (struct prac_value){ .has = true, .number = 613 };
	}
	return (struct prac_value){ 0 };
}

static void put(struct fixture *f, const struct prac_type *type, unsigned id, bool is_full)
{
	struct prac_record *record = prac_record_new(&f->arena, type);
	struct replica_row row;

	record->id = id_of(id + type->number);
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct prac_field *field = &type->fields[i];

		if (is_full || (field->flags & PRAC_REQUIRED) != 0) {
			record->values[i] = some_value(f, field);
		}
	}
	row = row_of(f, record, SCHOOL_1, 20);
	page(f, &row, 1, 20);
}

static struct data_key *key;

static int free_all(void **state)
{
	int failed = fixture_free(state);

	data_key_free(key);
	return failed;
}

static int new_with_all_types(void **state)
{
	struct replica_place place = { 0 };
	struct fixture *f;

	fixture_new_loaded(state);
	f = *state;
	replica_close(f->replica); /* nothing is sealed yet: the program gets a key that it finds */
	assert_int_equal(setenv("PRACTICUM_HOME", f->folder, 1), 0);
	assert_int_equal(setenv("PRACTICUM_KEYS", f->folder, 1), 0);
	key = data_key_new(f->folder, &f->env);
	place = (struct replica_place){ f->path, NULL, &f->env, data_key_source(key) };
	assert_int_equal(replica_open(&place, &f->replica), PRAC_OK);
	for (size_t i = 0; i < prac_n_types; i++) {
		put(f, prac_types[i], FULL, true);
		put(f, prac_types[i], BARE, false);
	}
	return 0;
}

/* What the program says, in text_out; it must end well. */
static void run(char *const argv[], char *text_out, size_t size)
{
	const char *program = getenv("PRAC_PRACTICUM");
	int ends[2], status;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		if (program != NULL && dup2(ends[1], 1) == 1 && dup2(ends[1], 2) == 2) {
			execv(program, argv);
		}
		_exit(127);
	}
	(void)close(ends[1]);
	while ((n = read(ends[0], text_out + len, size - 1 - len)) > 0) {
		len += (size_t)n;
	}
	text_out[len] = '\0';
	(void)close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) != 0) {
		print_error("%s %s: %s", argv[1], argv[2], text_out);
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void remove_files(const char *folder)
{
	const struct dirent *entry;
	char path[512];
	DIR *dir = opendir(folder);

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		(void)unlink(path); /* not the dots */
	}
	(void)closedir(dir);
	assert_int_equal(rmdir(folder), 0);
}

/* Of every so many types the file comes back: each is a program's start. */
static void out_and_in_again(struct fixture *f, char *flavor, const char *suffix, size_t every)
{
	char folder[128], path[256], said[16384], wanted[128];
	size_t n_wrong = 0;

	(void)snprintf(folder, sizeof(folder), "%s/files", f->folder);
	run((char *const[]){ "practicum", "export", "all", "--out", folder, flavor, NULL }, said,
		sizeof(said));
	for (size_t i = 0; i < prac_n_types; i += every) {
		const struct prac_type *type = prac_types[i];

		(void)snprintf(path, sizeof(path), "%s/%s%s", folder, type->name, suffix);
		(void)snprintf(wanted, sizeof(wanted), "%s: 0 new, 0 changed, ", type->name);
		run((char *const[]){ "practicum", "import", (char *)type->name, path, "--preview",
			    NULL },
			said, sizeof(said));
		/* Who looked at what grows by the export itself; a refused row is named by its line. */
		if (strstr(said, wanted) == NULL || strstr(said, ", 0 as they were") != NULL ||
			strstr(said, " line ") != NULL) {
			print_error("want %s have %s", wanted, said);
			n_wrong++;
		}
	}
	remove_files(folder);
	assert_int_equal(n_wrong, 0);
}

static void what_was_exported_of_any_type_changes_nothing_when_it_comes_back(void **state)
{
	out_and_in_again(*state, NULL, ".csv", 1);
}

static void raw_files_change_nothing_either(void **state)
{
	out_and_in_again(*state, "--raw", ".raw.csv", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_exported_of_any_type_changes_nothing_when_it_comes_back),
		cmocka_unit_test(raw_files_change_nothing_either),
	};

	return cmocka_run_group_tests_name("round_trip", tests, new_with_all_types, free_all);
}
