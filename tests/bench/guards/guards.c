/*
 * What the law costs: the same batches judged and committed with everything that rules and guards ask
 * for, and with none of it.
 *
 *   bench-guards CONNINFO ROWS BATCH ROUNDS
 *
 * The linker puts this file between the sequencer and the rules (--wrap), so that both run in one
 * program and in turn. ROWS mutations, of students of 16 whose weeks are judged when a sheet is
 * submitted, in pushes of BATCH. Prints one JSON line: seconds with and without, a list each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/rules/guard.h"
#include "server/db/db.h"
#include "server/sync/store_pg.h"
#include "tests/bench/limit/feeder.h"
#include "tests/support/records_key.h"

enum {
	ROUNDS_MAX = 20,
	STATIONS = 16 /* so that the sequencer fills its batches: 1024 mutations */
};

static bool is_lawless;

/* The names that the linker gives to what is there and looks for in its place. */
const struct prac_rules *real_rules(const struct prac_type *type) __asm__("__real_prac_rules_find");
size_t real_loads(const struct prac_type *type, const struct prac_load **loads_out) __asm__(
	"__real_prac_guard_loads");
enum prac_reason real_check(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_record *record) __asm__("__real_prac_guards_check");
const struct prac_rules *find_rules(const struct prac_type *type) __asm__("__wrap_prac_rules_find");
size_t find_loads(const struct prac_type *type, const struct prac_load **loads_out) __asm__(
	"__wrap_prac_guard_loads");
enum prac_reason check_guards(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_record *record) __asm__("__wrap_prac_guards_check");

const struct prac_rules *find_rules(const struct prac_type *type)
{
	return is_lawless ? NULL : real_rules(type);
}

size_t find_loads(const struct prac_type *type, const struct prac_load **loads_out)
{
	if (is_lawless) {
		*loads_out = NULL;
		return 0;
	}
	return real_loads(type, loads_out);
}

enum prac_reason check_guards(struct prac_judgement *judgement, const struct prac_action *action,
	const struct prac_record *record)
{
	return is_lawless ? PRAC_REASON_NONE : real_check(judgement, action, record);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds_of(uv_loop_t *loop, struct store *store, const struct load *base)
{
	struct load load = *base;
	double begin = now();

	load.run = (uint32_t)prac_env_random64(&prac_env_system);
	feed_all(loop, store, &load);
	return now() - begin;
}

static void print(const char *name, const double *seconds, size_t n, const char *end)
{
	printf("\"%s\":[", name);
	for (size_t i = 0; i < n; i++) {
		printf("%s%.6f", i == 0 ? "" : ",", seconds[i]);
	}
	printf("]%s", end);
}

static void measure(const char *conninfo, const struct load *load, size_t rounds)
{
	double with[ROUNDS_MAX], without[ROUNDS_MAX];
	struct db_pool *pool;
	struct store_pg *pg;
	uv_loop_t loop;

	uv_loop_init(&loop);
	pool = db_pool_new(&(struct db_pool_config){ .loop = &loop,
		.env = &prac_env_system,
		.conninfo = conninfo,
		.n_readers = 1,
		.seal = &test_seal });
	pg = store_pg_new(pool);
	while (db_link_state(db_pool_writer(pool)) != DB_IDLE) {
		uv_run(&loop, UV_RUN_ONCE);
	}
	for (size_t i = 0; i < rounds; i++) {
		is_lawless = false;
		with[i] = seconds_of(&loop, store_pg_store(pg), load);
		is_lawless = true;
		without[i] = seconds_of(&loop, store_pg_store(pg), load);
	}
	printf("{");
	print("with", with, rounds, ",");
	print("without", without, rounds, "}\n");
	store_pg_free(pg);
	db_pool_close(pool, NULL, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
}

int main(int argc, char **argv)
{
	struct load load = { .n_stations = STATIONS, .with_minors = true };
	size_t rounds = argc == 5 ? strtoul(argv[4], NULL, 10) : 0;

	if (argc == 5) {
		load.rows = strtoul(argv[2], NULL, 10);
		load.batch = strtoul(argv[3], NULL, 10);
	}
	if (load.batch == 0 || load.rows < load.batch || rounds == 0 || rounds > ROUNDS_MAX) {
		(void)fprintf(stderr, "usage: bench-guards CONNINFO ROWS BATCH ROUNDS\n");
		return 64;
	}
	measure(argv[1], &load, rounds);
	return 0;
}
