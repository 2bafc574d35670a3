/* A new record type is one message and one migration (added_type.cmake); nothing else knows it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/catalog/record.h"
#include "common/catalog/sql.h"
#include "server/db/migrate.h"
#include "sql/migrations.h"
#include "tests/support/pg.h"

static struct prac_arena arena;

static const struct prac_type *visit(void)
{
	const struct prac_type *type = prac_type_find_name("site_visit");

	assert_non_null(type);
	return type;
}

static void set(struct prac_record *record, const char *name, const char *text)
{
	const struct prac_field *field = prac_field_find_name(record->type, name);
	struct prac_problem problem;

	assert_non_null(field);
	assert_int_equal(
		prac_value_parse(field, text, &arena, &record->values[field->index], &problem),
		PRAC_OK);
}

static struct prac_record *make(void)
{
	struct prac_record *record = prac_record_new(&arena, visit());

	set(record, "school_id", "00000000-0000-7000-8000-0000000000aa");
	set(record, "student_id", "00000000-0000-7000-8000-000000000001");
	set(record, "visited_on", "2026-09-15");
	set(record, "kind", "phone");
	set(record, "minutes", "1h10m");
	set(record, "topics", "safety;hours");
	return record;
}

static void the_catalog_has_it(void **state)
{
	(void)state;
	assert_ptr_equal(prac_type_find(901), visit());
	assert_string_equal(visit()->label, "Site visit");
	assert_int_equal(visit()->n_fields, 8);
	assert_int_equal(prac_type_first_state(visit()), PRAC_SITE_VISIT_STATE_PLANNED);
	assert_string_equal(
		prac_action_find_name(visit(), "finish")->args->fields[0].name, "findings");
}

static void its_values_are_checked_and_printed(void **state)
{
	struct prac_record *record = make();
	struct prac_problem problem;

	(void)state;
	assert_int_equal(prac_values_check(visit(), record->values, &problem), PRAC_OK);
	assert_string_equal(prac_record_title(record, &arena), "2026-09-15 phone");
	set(record, "minutes", "11h");
	assert_int_equal(
		prac_values_check(visit(), record->values, &problem), PRAC_INVALID_ARGUMENT);
	assert_string_equal(problem.text, "Minutes: must be at most 600");
}

static void its_bytes_survive_the_wire(void **state)
{
	struct prac_record *record = make();
	struct prac_value values[PRAC_FIELDS_MAX];
	struct prac_buf once = { 0 };
	struct prac_buf twice = { 0 };
	struct prac_bytes extra;

	(void)state;
	prac_values_encode(visit(), record->values, record->extra, &once);
	assert_int_equal(prac_values_decode(visit(), prac_buf_bytes(&once), &arena, values, &extra),
		PRAC_OK);
	prac_values_encode(visit(), values, extra, &twice);
	assert_true(prac_bytes_equal(prac_buf_bytes(&once), prac_buf_bytes(&twice)));
	prac_buf_deinit(&once);
	prac_buf_deinit(&twice);
}

static void run(void (*generate)(const struct prac_type *, struct prac_buf *), const char *prefix)
{
	struct prac_buf sql = { 0 };

	generate(visit(), &sql);
	prac_buf_append_byte(&sql, '\0');
	pg_exec("%s%s", prefix, (const char *)prac_buf_bytes(&sql).data);
	prac_buf_deinit(&sql);
}

static void its_migration_makes_a_table_that_takes_it(void **state)
{
	struct db_migrate ask = {
		.conninfo = pg_database("test_added_type"), .scripts = sql_migrations, .out = stderr
	};
	char problem[300];

	(void)state;
	assert_int_equal(db_migrate(&ask, problem, sizeof(problem)), PRAC_OK);
	run(prac_sql_migration, "");
	run(prac_sql_insert, "PREPARE added AS ");
	pg_exec("BEGIN; UPDATE sync_head SET xact = pg_current_xact_id();"
		"EXECUTE added('{00000000-0000-7000-8000-000000000011}',"
		" '{00000000-0000-7000-8000-0000000000aa}', '{1}', '{\"{1,1,1,1}\"}', '{f}', NULL,"
		" '{done}', '{00000000-0000-7000-8000-0000000000aa}',"
		" '{00000000-0000-7000-8000-000000000001}', '{2026-09-15}', '{phone}', '{70}',"
		" '{\"{safety,hours}\"}', '{\"All well\"}'); COMMIT");
	assert_string_equal(pg_text("SELECT topics[2] FROM site_visit_history"), "hours");
	assert_int_equal(pg_int("SELECT count(*) FROM pg_trigger WHERE tgname = 'final'"
				" AND tgrelid = 'site_visit'::regclass"),
		1);
}

static int forget(void **state)
{
	(void)state;
	prac_arena_deinit(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_catalog_has_it),
		cmocka_unit_test_teardown(its_values_are_checked_and_printed, forget),
		cmocka_unit_test_teardown(its_bytes_survive_the_wire, forget),
		cmocka_unit_test(its_migration_makes_a_table_that_takes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
