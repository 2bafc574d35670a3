/* The migrations against the catalog, and the guards of the record tables. */
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

/* Takes the head, as the sequencer does, so that the guards let the statements pass. */
#define HEAD "UPDATE sync_head SET xact = pg_current_xact_id();"

static const char *text_of(struct prac_buf *buf)
{
	prac_buf_append_byte(buf, '\0');
	return (const char *)prac_buf_bytes(buf).data;
}

/* The migrated database, and beside it a schema with what the catalog would make today. */
static int setup(void **state)
{
	struct db_migrate ask = { .conninfo = pg_database("test_record_schema"),
		.scripts = sql_migrations,
		.out = stderr };
	char problem[300];

	(void)state;
	if (db_migrate(&ask, problem, sizeof(problem)) != PRAC_OK) {
		print_error("%s\n", problem);
		return -1;
	}
	pg_exec("CREATE SCHEMA fresh");
	for (size_t i = 0; i < prac_n_types; i++) {
		struct prac_buf script = { 0 };

		prac_sql_migration(prac_types[i], &script);
		pg_exec("SET search_path = fresh, public; %s", text_of(&script));
		prac_buf_deinit(&script);
	}
	pg_exec("SET search_path = public");
	pg_exec("CREATE FUNCTION refused(statement text) RETURNS boolean LANGUAGE plpgsql AS $$\n"
		"BEGIN EXECUTE statement; RETURN false;\n"
		"EXCEPTION WHEN raise_exception THEN RETURN true; END $$");
	return 0;
}

/* What a table of its own hangs onto the tables of records is named after it. */
#define OTHERS "'rejudge%'"

/* What query yields for schema public and not for fresh, and the other way round. */
static void assert_same_in_both(const char *query)
{
	static const char *const ways[][2] = { { "public", "fresh" }, { "fresh", "public" } };

	for (size_t i = 0; i < PRAC_NELEM(ways); i++) {
		assert_string_equal(
			pg_text("WITH said AS (%s)\n"
				"SELECT coalesce(string_agg(line, '; '), '') FROM (\n"
				"SELECT line FROM said WHERE space = '%s' AND EXISTS (SELECT FROM said f\n"
				"  WHERE f.space = 'fresh' AND f.named = said.named)\n"
				"EXCEPT SELECT line FROM said WHERE space = '%s') x",
				query, ways[i][0], ways[i][1]),
			"");
	}
}

static void every_column_is_as_the_catalog_says(void **state)
{
	(void)state;
	assert_same_in_both(
		"SELECT table_schema AS space, table_name AS named,\n"
		"  concat_ws(' ', table_name, column_name, udt_name, is_nullable) AS line\n"
		"  FROM information_schema.columns");
	for (size_t i = 0; i < prac_n_types; i++) {
		assert_int_equal(pg_int("SELECT count(*) FROM information_schema.columns\n"
					" WHERE table_schema = 'public' AND table_name = '%s'",
					 prac_types[i]->name),
			PRAC_SQL_FIELDS + prac_types[i]->n_fields);
	}
}

static void every_index_is_as_the_catalog_says(void **state)
{
	(void)state;
	assert_same_in_both(
		"SELECT schemaname AS space, tablename AS named,\n"
		"  replace(indexdef, schemaname || '.', '') AS line FROM pg_indexes\n"
		" WHERE indexdef NOT LIKE '%USING brin%' AND indexname NOT LIKE " OTHERS);
}

static void every_guard_is_as_the_catalog_says(void **state)
{
	(void)state;
	assert_same_in_both(
		"SELECT n.nspname AS space, c.relname AS named,\n"
		"  replace(replace(pg_get_triggerdef(t.oid), 'public.', ''), 'fresh.', '') AS line\n"
		"  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid\n"
		"  JOIN pg_namespace n ON n.oid = c.relnamespace\n"
		" WHERE t.tgname NOT LIKE " OTHERS);
}

static void every_policy_and_right_is_as_the_catalog_says(void **state)
{
	(void)state;
	assert_same_in_both(
		"SELECT schemaname AS space, tablename AS named,\n"
		"  replace(concat_ws(' ', tablename, policyname, roles, cmd, qual), 'fresh.', '')\n"
		"  AS line FROM pg_policies");
	assert_same_in_both("SELECT table_schema AS space, table_name AS named,\n"
			    "  concat_ws(' ', table_name, grantee, privilege_type) AS line\n"
			    "  FROM information_schema.role_table_grants");
	assert_int_equal(pg_int("SELECT count(*) FROM pg_policies\n"
				" WHERE schemaname = 'public' AND policyname = 'reader'\n"
				"   AND tablename <> 'feed' AND tablename NOT LIKE '%%_past'"),
		prac_n_types);
	/* A view that is replaced forgets its options, and then shows what its owner may read. */
	assert_string_equal(
		pg_text("SELECT coalesce(string_agg(c.relname, ' '), 'none') FROM pg_class c\n"
			" WHERE c.relkind = 'v' AND c.relnamespace = 'public'::regnamespace\n"
			"   AND c.relname LIKE '%%\\_history'\n"
			"   AND 'security_invoker=true' <> ALL (coalesce(c.reloptions, '{}'))"),
		"none");
}

static void every_comment_is_as_the_catalog_says(void **state)
{
	(void)state;
	assert_same_in_both(
		"SELECT n.nspname AS space, c.relname AS named,\n"
		"  concat_ws(' ', c.relname, a.attname, d.description) AS line\n"
		"  FROM pg_description d JOIN pg_class c ON c.oid = d.objoid\n"
		"  JOIN pg_namespace n ON n.oid = c.relnamespace\n"
		"  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid");
}

static void every_function_is_as_the_catalog_says(void **state)
{
	(void)state;
	assert_same_in_both("SELECT n.nspname AS space, p.proname AS named, p.prosrc AS line\n"
			    "  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace\n"
			    " WHERE p.proname LIKE '%%\\_computed'");
}

static void assert_prepares(struct prac_buf *statement)
{
	pg_exec("PREPARE tried AS %s", text_of(statement));
	pg_exec("DEALLOCATE tried");
	prac_buf_clear(statement);
}

static void assert_references_prepare(const struct prac_type *type)
{
	struct prac_buf statement = { 0 };

	for (size_t i = 0; i < type->n_fields; i++) {
		if (type->fields[i].ref_type != 0) {
			prac_sql_children(type, &type->fields[i], &statement);
			assert_prepares(&statement);
			prac_sql_parents(type, &type->fields[i], &statement);
			assert_prepares(&statement);
		}
	}
	prac_buf_deinit(&statement);
}

static void every_statement_prepares(void **state)
{
	struct prac_buf statement = { 0 };

	(void)state;
	for (size_t i = 0; i < prac_n_types; i++) {
		const struct prac_type *type = prac_types[i];

		prac_sql_select(type, &statement);
		assert_prepares(&statement);
		prac_sql_insert(type, &statement);
		assert_prepares(&statement);
		prac_sql_update(type, &statement);
		assert_prepares(&statement);
		assert_references_prepare(type);
		if (type->reported) {
			prac_sql_keep(type, &statement);
			assert_prepares(&statement);
			prac_sql_past(type, &statement);
			assert_prepares(&statement);
		}
	}
	prac_buf_deinit(&statement);
}

/* Runs the generated statement with these parameters, as text. */
static void run(void (*generate)(const struct prac_type *, struct prac_buf *),
	const struct prac_type *type, const char *parameters)
{
	struct prac_buf statement = { 0 };

	generate(type, &statement);
	pg_exec("PREPARE tried AS %s", text_of(&statement));
	pg_exec("BEGIN; " HEAD " EXECUTE tried(%s); COMMIT", parameters);
	pg_exec("DEALLOCATE tried");
	prac_buf_deinit(&statement);
}

#define ID "00000000-0000-7000-8000-0000000000"

static void rows_are_written_by_arrays_and_their_past_is_kept(void **state)
{
	(void)state;
	run(prac_sql_insert, &prac_type_student,
		"'{" ID "01," ID "02}', '{" ID "aa," ID "aa}', '{5,6}',\n"
		"'{\"{5,5}\",\"{6,6}\"}', '{f,f}', '{NULL,\"\\\\x0102\"}', '{enrolled,enrolled}',\n"
		"'{" ID "aa," ID "aa}', '{100,101}', NULL, '{Ada,Bo}', NULL, '{Lee,Ng}', NULL,\n"
		"'{2009-01-02,NULL}', '{11,12}', NULL, NULL, NULL, NULL,\n"
		"'{\"{\\\"a,b\\\",c}\",NULL}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,\n"
		"NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL");
	assert_string_equal(
		pg_text("SELECT interests[1] FROM student WHERE identifier = '100'"), "a,b");
	assert_string_equal(
		pg_text("SELECT group_seq::text FROM student WHERE id = '" ID "02'"), "{6,6}");

	run(prac_sql_keep, &prac_type_student, "'{" ID "01}', '{9}'");
	run(prac_sql_update, &prac_type_student,
		"'{" ID "01}', '{" ID "aa}', '{9}', '{\"{9,5}\"}', '{f}', NULL, '{enrolled}',\n"
		"'{" ID "aa}', '{100}', NULL, '{Ada}', NULL, '{Park}', NULL, NULL, '{11}', NULL,\n"
		"NULL, NULL, NULL, '{\"{c}\"}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,\n"
		"NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL");
	assert_string_equal(
		pg_text("SELECT string_agg(concat_ws(' ', family_name, from_seq, to_seq), ', '\n"
			"  ORDER BY from_seq) FROM student_history WHERE id = '" ID "01'"),
		"Lee 5 9, Park 9");
	assert_int_equal(pg_int("SELECT count(*) FROM student_history WHERE from_seq <= 6\n"
				"  AND (to_seq > 6 OR to_seq IS NULL)"),
		2);
}

static void writing_around_the_sequencer_is_refused(void **state)
{
	(void)state;
	assert_string_equal(pg_text("SELECT refused($$DELETE FROM student$$)"), "t");
	assert_string_equal(pg_text("SELECT refused($$TRUNCATE time_entry_past$$)"), "t");
}

#define SHEET(id, state)                                                                   \
	"INSERT INTO time_sheet (id, scope, seq, group_seq, deleted, state, placement_id," \
	" student_id, school_id, week_start) VALUES ('" ID id "', '" ID "aa', 1, '{1}',"   \
	" false, '" state "', '" ID id "', '" ID "01', '" ID "aa', '2026-08-09');"
#define ENTRY(id, sheet)                                                                      \
	"INSERT INTO time_entry (id, scope, seq, group_seq, deleted, sheet_id, placement_id," \
	" student_id, school_id, work_date, elapsed_minutes) VALUES ('" ID id "', '" ID       \
	"aa', 1, '{1}', false, '" ID sheet "', '" ID "bb', '" ID "01', '" ID "aa',"           \
	" '2026-08-11', 60);"

static void approved_hours_do_not_change(void **state)
{
	(void)state;
	/* Within one batch the entries are written first, then the sheet that freezes them. */
	pg_exec("BEGIN; " HEAD ENTRY("31", "21") SHEET("21", "approved") "COMMIT");
	pg_exec("BEGIN; " HEAD);
	assert_string_equal(
		pg_text("SELECT refused($$UPDATE time_sheet SET note = 'x', seq = 2$$)"), "t");
	assert_string_equal(
		pg_text("SELECT refused($$UPDATE time_sheet SET state = 'draft'$$)"), "t");
	assert_string_equal(pg_text("SELECT refused($$DELETE FROM time_sheet$$)"), "t");
	assert_string_equal(
		pg_text("SELECT refused($$UPDATE time_entry SET elapsed_minutes = 61$$)"), "t");
	assert_string_equal(pg_text("SELECT refused($$DELETE FROM time_entry$$)"), "t");
	assert_string_equal(pg_text("SELECT refused($x$" ENTRY("32", "21") "$x$)"), "t");
	pg_exec("COMMIT");
}

static void hours_change_while_their_sheet_is_open(void **state)
{
	(void)state;
	pg_exec("BEGIN; " HEAD SHEET("22", "returned") ENTRY("33",
		"22") "UPDATE time_entry SET elapsed_minutes = 61 WHERE id = '" ID "33';"
		      "UPDATE time_sheet SET state = 'approved' WHERE id = '" ID "22'; COMMIT");
	assert_int_equal(
		pg_int("SELECT elapsed_minutes FROM time_entry WHERE id = '" ID "33'"), 61);
}

static void a_frozen_state_is_left_by_its_actions_only(void **state)
{
	(void)state;
	pg_exec("BEGIN; " HEAD
		"INSERT INTO rubric (id, scope, seq, group_seq, deleted, state, name, version,"
		" lowest_score, highest_score) VALUES ('" ID "41', '" ID "02', 1, '{1}', false,"
		" 'in_use', 'Work habits', 1, 1, 4); COMMIT");
	pg_exec("BEGIN; " HEAD);
	assert_string_equal(pg_text("SELECT refused($$UPDATE rubric SET name = 'Other'$$)"), "t");
	assert_string_equal(pg_text("SELECT refused($$UPDATE rubric SET state = 'retired',"
				    " seq = 2, group_seq = '{2}'$$)"),
		"f");
	assert_string_equal(pg_text("SELECT refused($$UPDATE rubric SET state = 'in_use'$$)"), "t");
	pg_exec("COMMIT");
}

/* The row (state, since, until) of one computed state, as SQL and as a record. */
static void assert_same_day(
	const struct prac_type *type, struct prac_record *record, int32_t offset)
{
	const int32_t day = 20676; /* 2026-08-11 */
	const struct prac_computed *says = prac_record_computed(record, day + offset);
	struct prac_buf row = { 0 };

	for (size_t i = 0; i < type->n_fields; i++) {
		const struct prac_field *field = &type->fields[i];

		if (field->kind == PRAC_DATE && record->values[i].has) {
			prac_buf_printf(&row, "%s\"%s\": \"%s\"",
				prac_buf_len(&row) > 0 ? ", " : "", field->name,
				pg_text("SELECT date '1970-01-01' + %d",
					(int)record->values[i].number));
		} else if ((int)i == type->state_field) {
			prac_buf_printf(&row, "%s\"%s\": \"%s\"",
				prac_buf_len(&row) > 0 ? ", " : "", field->name,
				prac_enum_find(field, record->values[i].number)->name);
		}
	}
	assert_string_equal(
		pg_text("SELECT coalesce(%s_computed(jsonb_populate_record(NULL::%s, '{%s}'),"
			" date '2026-08-11' + %d), '')",
			type->name, type->name, text_of(&row), (int)offset),
		says != NULL ? says->name : "");
	prac_buf_deinit(&row);
}

/* In every stored state on the days around the border, past the end, and without the date. */
static void assert_same_states(struct prac_arena *arena, const struct prac_type *type,
	const struct prac_computed *computed)
{
	static const int32_t offsets[] = { -1, 0, 1 };
	size_t n_states = type->state_field < 0 ? 1 : type->fields[type->state_field].n_values;
	struct prac_record *record = prac_record_new(arena, type);

	record->values[computed->since] = (struct prac_value){ .has = true, .number = 20676 };
	for (size_t v = 0; v < n_states; v++) {
		if (type->state_field >= 0) {
			record->values[type->state_field].number =
				type->fields[type->state_field].values[v].number;
		}
		for (size_t i = 0; i < PRAC_NELEM(offsets); i++) {
			assert_same_day(type, record, computed->days + offsets[i]);
		}
	}
	if (computed->until >= 0) {
		record->values[computed->until] =
			(struct prac_value){ .has = true, .number = 20676 + 7 };
		assert_same_day(type, record, 7);
		assert_same_day(type, record, 8);
	}
	record->values[computed->since].has = false;
	assert_same_day(type, record, computed->days + 1);
}

static void sql_computes_the_states_that_c_computes(void **state)
{
	struct prac_arena arena = { 0 };
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < prac_n_types; i++) {
		for (size_t c = 0; c < prac_types[i]->n_computed; c++, n++) {
			assert_same_states(&arena, prac_types[i], &prac_types[i]->computed[c]);
		}
	}
	assert_true(n > 40);
	prac_arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_column_is_as_the_catalog_says),
		cmocka_unit_test(every_index_is_as_the_catalog_says),
		cmocka_unit_test(every_guard_is_as_the_catalog_says),
		cmocka_unit_test(every_policy_and_right_is_as_the_catalog_says),
		cmocka_unit_test(every_comment_is_as_the_catalog_says),
		cmocka_unit_test(every_function_is_as_the_catalog_says),
		cmocka_unit_test(every_statement_prepares),
		cmocka_unit_test(sql_computes_the_states_that_c_computes),
		cmocka_unit_test(rows_are_written_by_arrays_and_their_past_is_kept),
		cmocka_unit_test(writing_around_the_sequencer_is_refused),
		cmocka_unit_test(approved_hours_do_not_change),
		cmocka_unit_test(hours_change_while_their_sheet_is_open),
		cmocka_unit_test(a_frozen_state_is_left_by_its_actions_only),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
