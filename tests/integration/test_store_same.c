/*
 * The store on PostgreSQL and the one in memory are the same store: random batches through the judge
 * and both, then every verdict and every table compared. This is what makes the simulator's results
 * hold for the server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "server/sync/judge.h"
#include "tests/sim/store_mem.h"
#include "tests/support/edits.h"
#include "tests/support/pg.h"
#include "tests/support/pg_store.h"

enum {
	N_SCHOOLS = 3,
	N_DEVICES = 4, /* one a school, and the district's */
	N_BATCHES = 60,
	BATCH_MAX = 24,
	COMPARE_EVERY = 15,
	KEPT_MAX = 8,
	FOUND_MAX = 500
};

/* A store and how its answers are waited for. */
struct side {
	struct store *store;
	bool is_pg;
};

static struct {
	struct pg_store pg;
	struct store_mem mem;
	struct store_mem_server server;
	struct side in_memory, in_pg;
	struct edits *edits;
	struct prac_id schools[N_SCHOOLS];
	struct prac_scope_grant grants[N_SCHOOLS];
	struct judge_device devices[N_DEVICES];
	uint64_t counters[N_DEVICES];
	struct prac_arena arena; /* of one batch */
	struct prac_arena kept;  /* mutations to be sent again */
	struct prac_bytes again[N_DEVICES][KEPT_MAX];
	size_t n_by_kind[8];
	size_t n_replays, n_moved, n_through;
} t;

struct answer {
	bool has_come;
	enum prac_status status;
	const struct store_facts *facts;
	const struct store_page *page;
};

static struct prac_record *look(
	void *ctx, uint32_t type, const struct prac_id *id, struct prac_arena *arena)
{
	const struct mem_record *found = mem_db_record(t.mem.db, type, id);
	struct prac_record *record;

	(void)ctx;
	if (found == NULL) {
		return NULL;
	}
	record = prac_record_new(arena, found->type);
	record->id = found->id;
	record->scope = found->scope;
	record->seq = found->seq;
	record->deleted = found->deleted;
	assert_int_equal(prac_values_decode(found->type, prac_arena_copy(arena, found->body), arena,
				 record->values, &record->extra),
		PRAC_OK);
	return record;
}

static void wait_for(const struct side *side, struct answer *answer)
{
	assert_false(answer->has_come);
	if (side->is_pg) {
		pg_run_until(&t.pg.loop, &answer->has_come);
	}
	while (!answer->has_come) {
		assert_true(store_mem_ready(&t.mem) > 0);
		store_mem_step(&t.mem, 0);
	}
	assert_int_equal(answer->status, PRAC_OK);
}

static void on_facts(void *ctx, enum prac_status status, const struct store_facts *facts)
{
	*(struct answer *)ctx = (struct answer){ true, status, facts, NULL };
}

static void on_done(void *ctx, enum prac_status status)
{
	*(struct answer *)ctx = (struct answer){ true, status, NULL, NULL };
}

static void on_page(void *ctx, enum prac_status status, const struct store_page *page)
{
	*(struct answer *)ctx = (struct answer){ true, status, NULL, page };
}

/* One batch through one store. Returns where its head was. */
static uint64_t run_batch(
	const struct side *side, const struct judge_batch *batch, struct judge_result *results)
{
	struct judge *judge = judge_new(batch, &t.arena);
	struct store_ask ask;
	struct store_more more;
	struct store_writes writes;
	struct store_commit commit = { .writes = &writes, .arena = &t.arena };
	struct answer answer = { 0 };
	uint64_t head;

	judge_plan(judge, NULL, &ask);
	side->store->ops->begin(side->store, &ask, &t.arena, on_facts, &answer);
	wait_for(side, &answer);
	head = answer.facts->head;
	if (judge_loaded(judge, answer.facts, &more)) {
		answer.has_come = false;
		side->store->ops->more(side->store, &more, &t.arena, on_facts, &answer);
		wait_for(side, &answer);
		judge_loaded_more(judge, answer.facts);
	}
	judge_run(judge, results, &writes);
	answer.has_come = false;
	if (writes.n_judged > 0) {
		side->store->ops->commit(side->store, &commit, NULL, on_done, &answer);
	} else {
		side->store->ops->rollback(side->store, on_done, &answer);
	}
	wait_for(side, &answer);
	return head;
}

/* The bytes of a device's next mutation: new, one that was sent before, or one too far ahead. */
static struct prac_bytes next_bytes(size_t device)
{
	uint64_t *counter = &t.counters[device];
	uint64_t chance = edits_below(t.edits, 20);
	struct prac_bytes bytes = t.again[device][edits_below(t.edits, KEPT_MAX)];

	if (chance == 0 && bytes.len > 0) {
		return bytes;
	}
	if (chance == 1) {
		return edits_next(t.edits, *counter + 2, &t.arena);
	}
	bytes = edits_next(t.edits, ++*counter, &t.arena);
	t.again[device][*counter % KEPT_MAX] = prac_arena_copy(&t.kept, bytes);
	return bytes;
}

static struct judge_batch random_batch(void)
{
	struct judge_batch batch = { .now_ms = 1795219200000, .today = 20778 };

	batch.n_inputs = 1 + edits_below(t.edits, BATCH_MAX);
	batch.inputs = prac_arena_alloc(&t.arena, batch.n_inputs * sizeof(*batch.inputs));
	for (size_t i = 0; i < batch.n_inputs; i++) {
		/* The district half of the time: it may write most. */
		size_t device = edits_below(t.edits, 2) == 0 ? (size_t)N_SCHOOLS
							     : edits_below(t.edits, N_DEVICES);
		struct judge_input *input = &batch.inputs[i];

		input->device = &t.devices[device];
		assert_int_equal(prac_mutation_read(next_bytes(device), &t.arena, &input->mutation,
					 &input->reason, &input->problem),
			PRAC_OK);
	}
	return batch;
}

static void assert_same_results(
	const struct judge_result *mem, const struct judge_result *pg, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(mem[i].outcome, pg[i].outcome);
		assert_int_equal(mem[i].last_counter, pg[i].last_counter);
		t.n_replays += mem[i].outcome == JUDGE_REPLAY ? 1 : 0;
		if (mem[i].outcome != JUDGE_STORED && mem[i].outcome != JUDGE_REPLAY) {
			continue;
		}
		assert_int_equal(mem[i].verdict.kind, pg[i].verdict.kind);
		assert_int_equal(mem[i].verdict.reason, pg[i].verdict.reason);
		assert_int_equal(mem[i].verdict.seq, pg[i].verdict.seq);
		assert_int_equal(mem[i].verdict.field, pg[i].verdict.field);
		assert_true(prac_bytes_equal(mem[i].verdict.text, pg[i].verdict.text));
		assert_true(prac_id_equal(&mem[i].verdict.existing, &pg[i].verdict.existing));
		t.n_by_kind[mem[i].verdict.kind]++;
	}
}

/* All pages of all scopes, one behind the other; in the arena. */
static struct store_page all_pages(const struct side *side, size_t max_rows)
{
	struct prac_id scopes[N_SCHOOLS + 2] = { prac_scope_reference, prac_scope_district };
	struct store_page all = { 0 };
	struct store_page_ask ask = { .scopes = scopes,
		.n_scopes = N_SCHOOLS + 2,
		.max_rows = max_rows,
		.max_bytes = 100000,
		.device = t.devices[0].id,
		.incarnation = t.devices[0].incarnation };

	memcpy(scopes + 2, t.schools, sizeof(t.schools));
	all.rows = prac_arena_alloc(&t.arena, 50000 * sizeof(*all.rows));
	while (!all.complete) {
		struct answer answer = { 0 };

		side->store->ops->page(side->store, &ask, &t.arena, on_page, &answer);
		wait_for(side, &answer);
		assert_true(all.n_rows + answer.page->n_rows <= 50000);
		memcpy(all.rows + all.n_rows, answer.page->rows,
			answer.page->n_rows * sizeof(*all.rows));
		all.n_rows += answer.page->n_rows;
		all.complete = answer.page->complete;
		all.last_counter = answer.page->last_counter;
		assert_true(answer.page->through > ask.after || all.complete);
		ask.after = answer.page->through;
	}
	return all;
}

static void assert_same_record(const struct prac_record *mem, const struct prac_record *pg)
{
	struct prac_buf mem_bytes = { 0 }, pg_bytes = { 0 };

	assert_true(prac_id_equal(&mem->scope, &pg->scope));
	assert_int_equal(mem->seq, pg->seq);
	assert_int_equal(mem->deleted, pg->deleted);
	assert_memory_equal(mem->group_seq, pg->group_seq, sizeof(mem->group_seq));
	prac_values_encode(mem->type, mem->values, mem->extra, &mem_bytes);
	prac_values_encode(pg->type, pg->values, pg->extra, &pg_bytes);
	assert_int_equal(prac_buf_len(&mem_bytes), prac_buf_len(&pg_bytes));
	assert_memory_equal(prac_buf_bytes(&mem_bytes).data, prac_buf_bytes(&pg_bytes).data,
		prac_buf_len(&mem_bytes));
	prac_buf_deinit(&mem_bytes);
	prac_buf_deinit(&pg_bytes);
}

static void assert_same_feed(void)
{
	struct store_page mem = all_pages(&t.in_memory, 1 + edits_below(t.edits, 50));
	struct store_page pg = all_pages(&t.in_pg, 1 + edits_below(t.edits, 50));

	assert_int_equal(mem.n_rows, pg.n_rows);
	assert_int_equal(mem.last_counter, pg.last_counter);
	for (size_t i = 0; i < mem.n_rows; i++) {
		const struct store_page_row *a = &mem.rows[i], *b = &pg.rows[i];

		assert_int_equal(a->feed.seq, b->feed.seq);
		assert_int_equal(a->feed.key.type, b->feed.key.type);
		assert_true(prac_id_equal(&a->feed.key.id, &b->feed.key.id));
		assert_true(prac_id_equal(&a->feed.scope, &b->feed.scope));
		assert_int_equal(a->feed.gone, b->feed.gone);
		assert_int_equal(a->record == NULL, b->record == NULL);
		if (a->record != NULL && b->record != NULL) {
			assert_same_record(a->record, b->record);
		}
	}
}

/* The versions of a reported type: how many, and each version's number and end, as one digest. */
static void assert_same_history(const struct prac_type *type)
{
	const GPtrArray *history = t.mem.db->history;
	uint64_t sum = 0, n = 0;

	for (unsigned i = 0; i < history->len; i++) {
		const struct mem_record *version = g_ptr_array_index(history, i);
		uint64_t end = 0;

		if (version->type != type || version->deleted) {
			continue;
		}
		for (unsigned j = i + 1; j < history->len && end == 0; j++) {
			const struct mem_record *later = g_ptr_array_index(history, j);

			end = later->type == type && prac_id_equal(&later->id, &version->id)
				      ? later->seq
				      : 0;
		}
		n++;
		sum += version->seq * 31 + end;
	}
	assert_int_equal(pg_int("SELECT count(*) FROM %s_history", type->name), n);
	assert_int_equal(
		pg_int("SELECT coalesce(sum(from_seq * 31 + coalesce(to_seq, 0)), 0)::bigint "
		       "FROM %s_history",
			type->name),
		sum);
}

/* Ids of what the load finds, each once, ascending; a load may name a record several times. */
static size_t found_by(const struct side *side, const struct store_load *load, struct prac_id *ids)
{
	const struct store_ask ask = { .n_numbers = 1, .loads = load, .n_loads = 1 };
	struct answer facts = { 0 }, over = { 0 };
	size_t n = 0;

	side->store->ops->begin(side->store, &ask, &t.arena, on_facts, &facts);
	wait_for(side, &facts);
	for (size_t i = 0; i < facts.facts->n_records; i++) {
		const struct prac_id *id = &facts.facts->records[i]->id;
		size_t at = 0;

		while (at < n && prac_id_compare(&ids[at], id) < 0) {
			at++;
		}
		if (at == n || !prac_id_equal(&ids[at], id)) {
			assert_true(n < FOUND_MAX);
			memmove(&ids[at + 1], &ids[at], (n - at) * sizeof(*ids));
			ids[at] = *id;
			n++;
		}
	}
	side->store->ops->rollback(side->store, on_done, &over);
	wait_for(side, &over);
	return n;
}

static void assert_same_found(const struct store_load *load)
{
	static struct prac_id mem[FOUND_MAX + 1], pg[FOUND_MAX + 1];
	size_t n = found_by(&t.in_memory, load, mem);

	assert_int_equal(n, found_by(&t.in_pg, load, pg));
	assert_memory_equal(mem, pg, n * sizeof(*mem));
	t.n_through += n;
}

/* What the enrollments of some students name: schools by their ids, and enrollments at these. */
static void assert_same_through(void)
{
	const struct prac_field *fields = prac_type_enrollment.fields;
	struct prac_id students[4];
	struct store_load load = { .kind = STORE_THROUGH,
		.type = prac_type_find(PRAC_SCHOOL),
		.through = &prac_type_enrollment,
		.by = &fields[PRAC_ENROLLMENT_STUDENT_ID],
		.named = &fields[PRAC_ENROLLMENT_SCHOOL_ID],
		.ids = students };

	for (unsigned i = 0; i < t.mem.db->records->len && load.n_ids < 4; i++) {
		const struct mem_record *record = g_ptr_array_index(t.mem.db->records, i);

		if (record->type == &prac_type_student) {
			students[load.n_ids++] = record->id;
		}
	}
	assert_same_found(&load);
	load.type = &prac_type_enrollment;
	load.field = load.named;
	assert_same_found(&load);
	load.date = &fields[PRAC_ENROLLMENT_STARTS_ON];
	load.from = 20600;
	load.until = 20700;
	assert_same_found(&load);
}

static void assert_same_tables(void)
{
	assert_same_feed();
	assert_same_through();
	for (size_t i = 0; i < prac_n_types; i++) {
		if (prac_types[i]->reported) {
			assert_same_history(prac_types[i]);
		}
	}
	t.n_moved += (size_t)pg_int("SELECT count(*) FROM feed WHERE gone = 2");
	assert_int_equal(pg_int("SELECT count(*) FROM mutation"), t.mem.db->mutations->len);
	/* Also of what is sealed, but for the bytes that only the key opens. */
	assert_int_equal(
		pg_int("SELECT count(*) FROM mutation WHERE payload_hash <> sha256(payload) "
		       "AND get_byte(payload, 0) <> 255"),
		0);
}

static void start_devices(void)
{
	for (uint32_t i = 0; i < N_SCHOOLS; i++) {
		t.schools[i] = pg_id(i + 1);
		t.grants[i] = (struct prac_scope_grant){ t.schools[i], 1 };
	}
	for (uint32_t i = 0; i < N_DEVICES; i++) {
		bool is_district = i == N_SCHOOLS;

		t.devices[i] = (struct judge_device){ .id = pg_id(100 + i),
			.incarnation = UINT64_MAX - i,
			.district = is_district,
			.grants = is_district ? t.grants : &t.grants[i],
			.n_grants = is_district ? N_SCHOOLS : 1 };
	}
}

/* The schools that everything refers to, by the district, in both stores. */
static void create_schools(void)
{
	struct judge_input inputs[N_SCHOOLS] = { 0 };
	const struct judge_batch batch = { inputs, N_SCHOOLS, 1795219200000, 20778 };
	struct judge_result results[2][N_SCHOOLS];

	for (uint32_t i = 0; i < N_SCHOOLS; i++) {
		char code[] = { (char)('A' + i), '\0' };
		struct prac_record *school = pg_record(&t.pg, &prac_type_school, t.schools[i], 0,
			"state", "active", "name", code, "code", code, "zone", "UTC", NULL);
		struct prac_mutation mutation = { .counter = ++t.counters[N_SCHOOLS],
			.type = school->type,
			.type_number = school->type->number,
			.id = school->id,
			.op = PRACTICUM__OP__OP_CREATE,
			.scope = prac_scope_reference };

		mutation.n_patches = prac_patches_between(NULL, school, &t.kept, &mutation.patches);
		prac_mutation_write(&mutation, &t.kept);
		inputs[i].device = &t.devices[N_SCHOOLS];
		assert_int_equal(prac_mutation_read(mutation.bytes, &t.kept, &inputs[i].mutation,
					 &inputs[i].reason, &inputs[i].problem),
			PRAC_OK);
	}
	for (size_t i = 0; i < 2; i++) {
		run_batch(i == 0 ? &t.in_memory : &t.in_pg, &batch, results[i]);
		assert_int_equal(results[i][N_SCHOOLS - 1].verdict.kind,
			PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED);
	}
}

/* A patch of the school's code alone, by the district, which saw the code `from`. */
static void take_code(
	struct judge_input *input, const struct prac_id *school, const char *from, const char *code)
{
	struct prac_record *before = look(NULL, PRAC_SCHOOL, school, &t.arena), *after;
	struct prac_mutation mutation = { .counter = ++t.counters[N_SCHOOLS],
		.type = before->type,
		.type_number = before->type->number,
		.id = *school,
		.op = PRACTICUM__OP__OP_PATCH,
		.scope = prac_scope_reference,
		.base_seq = before->seq };

	before->values[PRAC_SCHOOL_CODE].bytes = prac_bytes_text(from);
	after = prac_record_copy(&t.arena, before);
	after->values[PRAC_SCHOOL_CODE].bytes = prac_bytes_text(code);
	mutation.n_patches = prac_patches_between(before, after, &t.kept, &mutation.patches);
	prac_mutation_write(&mutation, &t.kept);
	input->device = &t.devices[N_SCHOOLS];
	assert_int_equal(prac_mutation_read(mutation.bytes, &t.kept, &input->mutation,
				 &input->reason, &input->problem),
		PRAC_OK);
}

/* A gets B's code, B that of C, C that of A, in one batch that no index may refuse. */
static void hand_codes_round(void)
{
	struct judge_input inputs[4] = { 0 };
	const struct judge_batch batch = { inputs, 4, 1795219200000, 20778 };
	struct judge_result results[2][4];

	take_code(&inputs[0], &t.schools[0], "A", "free");
	take_code(&inputs[1], &t.schools[2], "C", "A");
	take_code(&inputs[2], &t.schools[1], "B", "C");
	take_code(&inputs[3], &t.schools[0], "free", "B");
	for (size_t i = 0; i < 2; i++) {
		run_batch(i == 0 ? &t.in_memory : &t.in_pg, &batch, results[i]);
		for (size_t k = 0; k < 4; k++) {
			assert_int_equal(results[i][k].verdict.kind,
				PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED);
		}
	}
	assert_string_equal(
		pg_text("SELECT string_agg(code, ' ' ORDER BY name) FROM school WHERE NOT deleted"),
		"B C A");
}

static void run_seed(uint64_t seed)
{
	const struct edits_config config = {
		.seed = seed, .look = look, .schools = t.schools, .n_schools = N_SCHOOLS
	};

	memset(&t, 0, sizeof(t));
	pg_store_open(&t.pg, "test_store_same");
	store_mem_init(&t.mem);
	store_mem_connect(&t.mem, &t.server);
	t.in_memory = (struct side){ &t.server.store, false };
	t.in_pg = (struct side){ t.pg.store, true };
	start_devices();
	t.edits = edits_new(&config);
	create_schools();
	hand_codes_round();
	for (size_t i = 1; i <= N_BATCHES; i++) {
		struct judge_batch batch = random_batch();
		struct judge_result *mem =
			prac_arena_alloc(&t.arena, batch.n_inputs * sizeof(*mem));
		struct judge_result *pg = prac_arena_alloc(&t.arena, batch.n_inputs * sizeof(*pg));
		uint64_t head = run_batch(&t.in_pg, &batch, pg);

		t.mem.db->head =
			head; /* numbers nobody used are gaps, which only one store leaves */
		run_batch(&t.in_memory, &batch, mem);
		assert_same_results(mem, pg, batch.n_inputs);
		if (i % COMPARE_EVERY == 0) {
			assert_same_tables();
		}
		prac_arena_reset(&t.arena);
	}
	edits_free(t.edits);
	store_mem_deinit(&t.mem);
	pg_store_close(&t.pg);
	prac_arena_deinit(&t.arena);
	prac_arena_deinit(&t.kept);
}

static void both_stores_come_to_the_same_tables(void **state)
{
	size_t n_by_kind[PRAC_NELEM(t.n_by_kind)] = { 0 };
	size_t n_replays = 0, n_moved = 0, n_through = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++) {
		print_message("seed %d\n", (int)seed);
		run_seed(seed);
		for (size_t i = 0; i < PRAC_NELEM(n_by_kind); i++) {
			n_by_kind[i] += t.n_by_kind[i];
		}
		n_replays += t.n_replays;
		n_moved += t.n_moved;
		n_through += t.n_through;
	}
	print_message(
		"accepted %zu, conflict %zu, refused %zu, quarantined %zu, replayed %zu, moved %zu\n",
		n_by_kind[1], n_by_kind[2], n_by_kind[3], n_by_kind[4], n_replays, n_moved);
	/* A run in which something never happens proves nothing about it. */
	assert_in_range(n_by_kind[PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED], 300, 100000);
	assert_in_range(n_by_kind[PRACTICUM__VERDICT_KIND__VERDICT_CONFLICT], 5, 100000);
	assert_in_range(n_by_kind[PRACTICUM__VERDICT_KIND__VERDICT_REFUSED], 100, 100000);
	assert_in_range(n_replays, 20, 100000);
	assert_in_range(n_moved, 5, 100000);
	assert_in_range(n_through, 50, 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_stores_come_to_the_same_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
