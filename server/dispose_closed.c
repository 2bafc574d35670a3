/*
 * Refused input that names a student of a disposal: PostgreSQL has it sealed (server/db/seal.h), so it is
 * opened here and only the ids go back.
 */
#include <glib.h>
#include <string.h>

#include "catalog/types.h"
#include "server/command.h"
#include "server/dispose.h"
#include "server/exit_code.h"
#include "server/operator.h"
#include "server/records_key.h"
#include "sql/queries.h"

struct search {
	struct records_key key;
	struct prac_arena arena;
	GHashTable *students; /* struct prac_id, in the arena */
	struct db_array inputs, found;
	int64_t head; /* before they were read */
	bool is_damaged;
};

static void on_students(void *ctx, struct db_rows *rows)
{
	struct search *search = ctx;

	for (size_t row = 0; row < db_rows_count(rows); row++) {
		struct prac_id *id = prac_arena_alloc(&search->arena, sizeof(*id));

		*id = db_rows_id(rows, row, 0);
		g_hash_table_add(search->students, id);
	}
}

static void on_head(void *ctx, struct db_rows *rows)
{
	struct search *search = ctx;

	search->head = db_rows_count(rows) == 1 ? db_rows_int(rows, 0, 0) : 0;
}

/* An id is in a mutation as its 16 bytes. */
static void look_through(
	struct search *search, const struct prac_id *input, struct prac_bytes payload)
{
	for (size_t at = 0; at + PRAC_ID_LEN <= payload.len; at++) {
		const struct prac_id *student =
			g_hash_table_lookup(search->students, payload.data + at);

		if (student != NULL) {
			db_array_id(&search->inputs, input);
			db_array_id(&search->found, student);
		}
	}
}

static void on_inputs(void *ctx, struct db_rows *rows)
{
	struct search *search = ctx;
	struct prac_arena arena = { 0 };

	for (size_t row = 0; row < db_rows_count(rows); row++) {
		struct db_seal_place place = { .table = DB_SEAL_RECORD,
			.type = prac_type_rejected.number,
			.column = prac_type_rejected.fields[PRAC_REJECTED_PAYLOAD].number,
			.id = db_rows_id(rows, row, 0) };
		struct prac_bytes payload;

		prac_arena_reset(&arena);
		if (db_seal_get(&search->key.seal, &place, db_rows_bytes(rows, row, 1), &arena,
			    &payload) == PRAC_OK) {
			look_through(search, &place.id, payload);
		} else {
			search->is_damaged = true;
		}
	}
	prac_arena_deinit(&arena);
}

static enum prac_status run(struct command_call *call, const struct prac_id *disposal,
	struct search *search, bool is_adding)
{
	struct operator op;
	struct db_params *params;
	enum prac_status status;

	operator_init(&op, call->config);
	op.purpose = DB_DISPOSAL;
	params = db_params_new(&op.arena);
	db_param_id(params, disposal);
	if (is_adding) {
		db_param_array(params, &search->inputs);
		db_param_array(params, &search->found);
		db_param_int(params, search->head);
		db_batch_add(op.batch, &q_dispose_add_closed, params, NULL, NULL);
	} else {
		db_batch_add(op.batch, &q_dispose_head, NULL, on_head, search);
		db_batch_add(op.batch, &q_dispose_students, params, on_students, search);
		db_batch_add(op.batch, &q_dispose_closed, params, on_inputs, search);
	}
	status = operator_run(&op);
	operator_deinit(&op);
	return status;
}

static int find(struct command_call *call, const struct prac_id *disposal, struct search *search)
{
	enum prac_status status = run(call, disposal, search, false);

	if (status == PRAC_OK && search->is_damaged) {
		(void)fprintf(stderr,
			"practicumd: refused input does not open, see the line above; put back "
			"records.key or that row, then practicumd dispose resume\n");
		return EXIT_REFUSED;
	}
	if (status == PRAC_OK) {
		status = run(call, disposal, search, true);
	}
	return operator_exit_code(status);
}

int dispose_closed(struct command_call *call, const struct prac_id *disposal)
{
	struct search search = { .students = g_hash_table_new(prac_id_hash, prac_id_same) };
	char why[KEYS_WHY];
	int code = EXIT_CONFIG;

	db_array_init(&search.inputs, &search.arena, DB_UUID);
	db_array_init(&search.found, &search.arena, DB_UUID);
	if (records_key_read(call->config, NULL, &search.key, why) == PRAC_OK) {
		code = find(call, disposal, &search);
	} else {
		(void)fprintf(stderr, "practicumd: %s\n", why);
	}
	records_key_wipe(&search.key);
	g_hash_table_destroy(search.students);
	prac_arena_deinit(&search.arena);
	return code;
}
