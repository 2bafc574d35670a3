#include "tests/support/pg_store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/db/migrate.h"
#include "sql/migrations.h"
#include "tests/support/pg.h"
#include "tests/support/records_key.h"

/* What one callback brought. */
struct answer {
	struct pg_store *t;
	const void *result;
	bool has_come;
};

void pg_store_open(struct pg_store *t, const char *database)
{
	struct db_migrate migrate = { .scripts = sql_migrations };
	struct db_pool_config config = {
		.loop = &t->loop, .env = &prac_env_system, .n_readers = 1, .seal = &test_seal
	};
	char problem[500];

	memset(t, 0, sizeof(*t));
	t->conninfo = migrate.conninfo = config.conninfo = pg_database(database);
	migrate.out = fopen("/dev/null", "w");
	assert_non_null(migrate.out);
	if (db_migrate(&migrate, problem, sizeof(problem)) != PRAC_OK)
		fail_msg("%s", problem);
	assert_int_equal(fclose(migrate.out), 0);
	uv_loop_init(&t->loop);
	t->pool = db_pool_new(&config);
	t->pg = store_pg_new(t->pool);
	t->store = store_pg_store(t->pg);
}

void pg_store_close(struct pg_store *t)
{
	store_pg_free(t->pg);
	db_pool_close(t->pool, NULL, NULL);
	uv_run(&t->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&t->loop), 0);
	prac_arena_deinit(&t->arena);
}

static void on_loaded(void *ctx, enum prac_status status, const struct store_facts *facts)
{
	struct answer *answer = ctx;

	assert_false(answer->has_come);
	answer->has_come = true;
	answer->t->status = status;
	answer->result = facts;
}

static void on_done(void *ctx, enum prac_status status)
{
	on_loaded(ctx, status, NULL);
}

static void on_page(void *ctx, enum prac_status status, const struct store_page *page)
{
	struct answer *answer = ctx;

	on_loaded(ctx, status, NULL);
	answer->result = page;
}

static const void *wait_for(struct answer *answer)
{
	assert_false(answer->has_come);
	pg_run_until(&answer->t->loop, &answer->has_come);
	return answer->result;
}

const struct store_facts *pg_store_begin(struct pg_store *t, const struct store_ask *ask)
{
	struct answer answer = { .t = t };

	t->store->ops->begin(t->store, ask, &t->arena, on_loaded, &answer);
	return wait_for(&answer);
}

const struct store_facts *pg_store_more(struct pg_store *t, const struct store_more *ask)
{
	struct answer answer = { .t = t };

	t->store->ops->more(t->store, ask, &t->arena, on_loaded, &answer);
	return wait_for(&answer);
}

enum prac_status pg_store_commit(struct pg_store *t, const struct store_writes *writes)
{
	struct store_commit commit = { .writes = writes, .arena = &t->arena };
	struct answer answer = { .t = t };

	t->store->ops->commit(t->store, &commit, NULL, on_done, &answer);
	wait_for(&answer);
	return t->status;
}

void pg_store_rollback(struct pg_store *t)
{
	struct answer answer = { .t = t };

	t->store->ops->rollback(t->store, on_done, &answer);
	wait_for(&answer);
}

const struct store_page *pg_store_page(struct pg_store *t, const struct store_page_ask *ask)
{
	struct answer answer = { .t = t };

	t->store->ops->page(t->store, ask, &t->arena, on_page, &answer);
	return wait_for(&answer);
}

struct prac_id pg_id(uint32_t n)
{
	struct prac_id id = { .b = { 0xaa } };

	for (size_t i = 0; i < sizeof(n); i++)
		id.b[PRAC_ID_LEN - 1 - i] = (uint8_t)(n >> (8 * i));
	return id;
}

const char *pg_id_text(struct pg_store *t, uint32_t n)
{
	struct prac_id id = pg_id(n);
	char *text = prac_arena_alloc(&t->arena, PRAC_ID_TEXT);

	prac_id_format(&id, text);
	return text;
}

struct prac_record *pg_record(
	struct pg_store *t, const struct prac_type *type, struct prac_id id, uint64_t seq, ...)
{
	struct prac_record *record = prac_record_new(&t->arena, type);
	struct prac_problem problem = { 0 };
	const char *name;
	va_list args;

	record->id = id;
	record->seq = seq;
	for (size_t i = 0; i < type->n_groups; i++)
		record->group_seq[i] = seq;
	va_start(args, seq);
	while ((name = va_arg(args, const char *)) != NULL) {
		const struct prac_field *field = prac_field_find_name(type, name);

		assert_non_null(field);
		if (prac_value_parse(field, va_arg(args, const char *), &t->arena,
			    &record->values[field->index], &problem) != PRAC_OK)
			fail_msg("%s: %s", name, problem.text);
	}
	va_end(args);
	if (type->owner_field >= 0) {
		assert_int_equal(
			prac_id_from_bytes(record->values[type->owner_field].bytes, &record->scope),
			PRAC_OK);
	} else {
		record->scope = prac_scope_reference;
	}
	return record;
}
