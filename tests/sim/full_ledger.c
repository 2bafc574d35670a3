/* What people entered, wherever it went: each input is judged once and never gone (P2, P3, P4). */
#include <string.h>

#include "client/replica/sealed.h"
#include "tests/sim/full.h"

enum {
	OUTBOX_JUDGED = 2 /* state of a row */
};

static unsigned hash_input(const void *item)
{
	unsigned hash;

	memcpy(&hash, ((const struct full_input *)item)->key.b, sizeof(hash));
	return hash;
}

static gboolean same_input(const void *a, const void *b)
{
	return prac_digest_equal(
		&((const struct full_input *)a)->key, &((const struct full_input *)b)->key);
}

static struct prac_digest key_of(struct prac_bytes payload)
{
	Practicum__Mutation *msg = practicum__mutation__unpack(NULL, payload.len, payload.data);
	struct prac_buf buf = { 0 };
	struct prac_digest key;
	size_t len;

	g_assert(msg != NULL);
	msg->has_counter = false;
	len = practicum__mutation__get_packed_size(msg);
	prac_buf_commit(&buf, practicum__mutation__pack(msg, prac_buf_reserve(&buf, len)));
	key = prac_sha256(prac_buf_bytes(&buf));
	practicum__mutation__free_unpacked(msg, NULL);
	prac_buf_deinit(&buf);
	return key;
}

static struct full_input *input_of(const struct full *full, struct prac_bytes payload)
{
	const struct full_input like = { .key = key_of(payload) };

	return g_hash_table_lookup(full->inputs, &like);
}

struct sent {
	struct prac_bytes payload;
	uint64_t incarnation, counter, seq;
	int state, verdict, draft;
};

typedef void (*each_fn)(struct full_station *station, const struct sent *sent, void *ctx);

/* The rows of its outbox. */
static void each(struct full_station *station, each_fn fn, void *ctx)
{
	static const char sql[] =
		"SELECT type, record, incarnation, counter, payload, state, verdict, seq, draft "
		"FROM outbox ORDER BY id";
	struct prac_arena arena = { 0 };
	sqlite3_stmt *stmt = NULL;

	if (station->replica == NULL ||
		sqlite3_prepare_v2(station->replica->db, sql, -1, &stmt, NULL) != SQLITE_OK) {
		return;
	}
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const struct sent sent = {
			.payload = sealed_payload(station->replica, stmt, 0, &arena),
			.incarnation = column_u64(stmt, 2),
			.counter = column_u64(stmt, 3),
			.state = sqlite3_column_int(stmt, 5),
			.verdict = sqlite3_column_int(stmt, 6),
			.seq = column_u64(stmt, 7),
			.draft = sqlite3_column_int(stmt, 8),
		};

		fn(station, &sent, ctx);
		prac_arena_reset(&arena);
	}
	prac_arena_deinit(&arena);
	(void)sqlite3_finalize(stmt); /* a failing disk fails the next call of the station, too */
}

static void add(struct full_station *station, const struct sent *sent, void *ctx)
{
	struct full *full = station->full;
	struct full_input *input = g_new0(struct full_input, 1);

	(void)ctx;
	input->key = key_of(sent->payload);
	input->station = (size_t)(station - full->stations);
	if (g_hash_table_contains(full->inputs, input)) {
		g_free(input);
	} else {
		g_hash_table_add(full->inputs, input);
		full->met.n_inputs++;
	}
}

void full_ledger_scan(struct full_station *station)
{
	if (station->full->inputs == NULL) {
		station->full->inputs = g_hash_table_new_full(hash_input, same_input, NULL, g_free);
	}
	each(station, add, NULL);
}

/* ---- where the inputs are */

static void note(struct full_station *station, const struct sent *sent, void *ctx)
{
	struct full_input *input = input_of(station->full, sent->payload);

	(void)ctx;
	if (input != NULL) {
		input->n_judged++;
	}
}

static void forget_notes(struct full *full)
{
	GHashTableIter iter;
	void *item;

	g_hash_table_iter_init(&iter, full->inputs);
	while (g_hash_table_iter_next(&iter, &item, NULL)) {
		((struct full_input *)item)->n_judged = 0;
	}
}

static void note_server(struct full *full)
{
	const GPtrArray *mutations = full->mem.db->mutations;

	for (unsigned i = 0; i < mutations->len; i++) {
		const struct store_judged *judged = g_ptr_array_index(mutations, i);
		struct full_input *input = input_of(full, judged->payload);

		if (input == NULL) {
			full_fault(full, "P3: a mutation nobody made, at %llu",
				(unsigned long long)judged->verdict.seq);
			return;
		}
		input->n_judged++;
		if (input->n_judged == 2) {
			full_trace(full, "judged again: incarnation %llx counter %llu at %llu: %d",
				(unsigned long long)judged->key.incarnation,
				(unsigned long long)judged->key.counter,
				(unsigned long long)judged->verdict.seq, (int)judged->verdict.kind);
		}
	}
}

void full_ledger_forget(struct full *full)
{
	GHashTableIter iter;
	void *item;

	forget_notes(full);
	note_server(full);
	for (size_t i = 0; i < full->n_stations; i++) {
		each(&full->stations[i], note, NULL);
	}
	g_hash_table_iter_init(&iter, full->inputs);
	while (g_hash_table_iter_next(&iter, &item, NULL)) {
		struct full_input *input = item;

		full->met.n_lost += input->n_judged == 0 && !input->is_lost ? 1 : 0;
		input->is_lost = input->is_lost || input->n_judged == 0;
	}
}

/* ---- the end */

/* P2: a verdict that a station was told stands on the server; a refusal became a draft. */
static void check_verdict(struct full_station *station, const struct sent *sent, void *ctx)
{
	const struct prac_mutation_key key = { station->device->id, sent->incarnation,
		sent->counter };
	const struct store_judged *judged = mem_db_judged(station->full->mem.db, &key);
	struct prac_digest hash = prac_sha256(sent->payload);
	int kind = sent->verdict;
	bool is_refusal = kind == PRACTICUM__VERDICT_KIND__VERDICT_REFUSED ||
			  kind == PRACTICUM__VERDICT_KIND__VERDICT_QUARANTINED;

	(void)ctx;
	if (sent->state < OUTBOX_JUDGED) {
		return;
	}
	if (judged == NULL || (int)judged->verdict.kind != kind ||
		judged->verdict.seq != sent->seq || !prac_digest_equal(&judged->hash, &hash)) {
		full_fault(station->full,
			"P2: station %zu holds a verdict that is not the server's: incarnation "
			"%llx counter %llu at %llu",
			full_number(station), (unsigned long long)key.incarnation,
			(unsigned long long)key.counter, (unsigned long long)sent->seq);
	}
	if (is_refusal && sent->draft == 0) {
		full_fault(station->full, "P4: refused input is no draft");
	}
}

void full_ledger_check_told(struct full *full)
{
	for (size_t i = 0; i < full->n_stations; i++) {
		struct full_station *station = &full->stations[i];

		/* Who has not met a restored server yet was told things that hold no more. */
		if (station->replica != NULL && !crash_disk_is_cut(station->disk) &&
			station->replica->meta.cursor.epoch == full->mem.db->epoch) {
			each(station, check_verdict, NULL);
		}
	}
}

/* For the trace: what a station that has the input thinks of it. */
static void show(struct full_station *station, const struct sent *sent, void *ctx)
{
	if (input_of(station->full, sent->payload) == ctx) {
		full_trace(station->full,
			"station %zu has it: incarnation %llx counter %llu state %d verdict %d at %llu",
			full_number(station), (unsigned long long)sent->incarnation,
			(unsigned long long)sent->counter, sent->state, sent->verdict,
			(unsigned long long)sent->seq);
	}
}

static void is_gone(struct full *full, struct full_input *input)
{
	for (size_t i = 0; i < full->n_stations && full->fault[0] == '\0'; i++) {
		each(&full->stations[i], show, input);
	}
	full_fault(full, "P4: an input of station %zu is gone", input->station);
}

void full_ledger_check(struct full *full)
{
	GHashTableIter iter;
	void *item;

	forget_notes(full);
	note_server(full);
	g_hash_table_iter_init(&iter, full->inputs);
	while (g_hash_table_iter_next(&iter, &item, NULL)) {
		const struct full_input *input = item;

		if (input->n_judged > 1) {
			full_fault(full, "P3: an input of station %zu took effect %zu times",
				input->station, input->n_judged);
		} else if (input->n_judged == 0 && !input->is_lost) {
			is_gone(full, item);
		}
	}
	for (size_t i = 0; i < full->n_stations; i++) {
		each(&full->stations[i], check_verdict, NULL);
	}
}
