/*
 * P13: what the network and the servers' deaths do to bytes changes no final state. The same acts of the
 * same people happen twice, once over a network that brings everything and once over one that cuts,
 * delays and repeats; then servers and stations hold the same.
 *
 * So that nothing else differs, one station enters something in each round, with nobody connected to
 * it, and a round begins when the one before has come to rest, at the same time of both worlds.
 */
#include <stdio.h>

#include "catalog/types.h"
#include "common/base/id.h"
#include "tests/sim/full.h"

enum {
	ROUNDS = 14,
	/* Faults end early, and a heartbeat comes within 30 s with what no POKE told. */
	ROUND_MS = 60000,
	STORM_MS = 4000,
	STEP_MS = 250,
	ACTS_MAX = 6
};

/* ---- what is compared: things that must be in both worlds, by hash, with words for them */

static void note(GHashTable *things, uint64_t hash, const char *words)
{
	g_hash_table_insert(things, g_memdup2(&hash, sizeof(hash)), g_strdup(words));
}

static uint64_t mix(uint64_t hash, uint64_t number)
{
	return model_hash_group(hash, 1, number, (struct prac_bytes){ 0 });
}

/* Numbers and the server's times are those of one world. */
static bool is_of_its_world(const struct prac_type *type, const struct prac_field *field)
{
	return field->kind == PRAC_INSTANT ||
	       (type == &prac_type_conflict && field->index == PRAC_CONFLICT_THEIRS_SEQ) ||
	       (type == &prac_type_rejected && field->index == PRAC_REJECTED_PAYLOAD);
}

static void note_record(GHashTable *things, const struct mem_record *from)
{
	struct prac_arena arena = { 0 };
	struct prac_buf buf = { 0 };
	struct prac_record *record = mem_db_decode(from, &arena);
	char words[80], id[PRAC_ID_TEXT];
	uint64_t hash = model_hash_begin(from->type->number, &from->id, &from->scope);

	for (size_t i = 0; i < from->type->n_fields; i++) {
		if (is_of_its_world(from->type, &from->type->fields[i])) {
			record->values[i] = (struct prac_value){ 0 };
		}
	}
	prac_values_encode(from->type, record->values, record->extra, &buf);
	hash = model_hash_group(hash, 0, from->deleted ? 2 : 1, prac_buf_bytes(&buf));
	prac_id_format(&from->id, id);
	(void)snprintf(words, sizeof(words), "%s %s", from->type->name, id);
	note(things, model_hash_end(hash), words);
	prac_buf_deinit(&buf);
	prac_arena_deinit(&arena);
}

static void note_verdict(GHashTable *things, const struct store_judged *judged)
{
	uint64_t hash = model_hash_begin(0, &judged->key.device, &judged->id);
	char words[80];

	hash = mix(mix(mix(mix(hash, judged->key.incarnation), judged->key.counter),
			   (uint64_t)judged->verdict.kind),
		(uint64_t)judged->verdict.reason);
	(void)snprintf(words, sizeof(words), "verdict %d on input %llu of type %u",
		(int)judged->verdict.kind, (unsigned long long)judged->key.counter, judged->type);
	note(things, model_hash_end(hash), words);
}

static void note_row(GHashTable *things, const struct store_feed_row *row)
{
	uint64_t hash = model_hash_begin(row->key.type, &row->key.id, &row->scope);
	char words[80], id[PRAC_ID_TEXT];

	prac_id_format(&row->key.id, id);
	(void)snprintf(words, sizeof(words), "type %u record %s shown", row->key.type, id);
	note(things, model_hash_end(hash), words);
}

static GHashTable *things_of(const struct full *full)
{
	GHashTable *things = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
	const struct mem_db *db = full->mem.db;

	for (unsigned i = 0; i < db->records->len; i++) {
		note_record(things, g_ptr_array_index(db->records, i));
	}
	for (unsigned i = 0; i < db->mutations->len; i++) {
		note_verdict(things, g_ptr_array_index(db->mutations, i));
	}
	for (unsigned i = 0; i < db->feed->len; i++) {
		const struct store_feed_row *row =
			&g_array_index(db->feed, struct store_feed_row, i);

		if (row->gone == STORE_LIVE) {
			note_row(things, row);
		}
	}
	return things;
}

static void compare(struct full *full, GHashTable *here, GHashTable *there, const char *where)
{
	GHashTableIter iter;
	void *hash, *words;

	g_hash_table_iter_init(&iter, here);
	while (g_hash_table_iter_next(&iter, &hash, &words)) {
		if (!g_hash_table_contains(there, hash)) {
			full_fault(full, "P13: only %s: %s", where, (const char *)words);
		}
	}
}

/* ---- one world */

/* NULL: all that are here have everything. */
static struct full_station *first_at_work(struct full *full)
{
	for (size_t i = 0; i < full->n_stations; i++) {
		struct full_station *station = &full->stations[i];
		size_t n_grants;

		if (!station->is_resting &&
			(!full_station_is_done(station) ||
				full_scope_set(full, station->device, &n_grants) !=
					full_station_rights(station))) {
			return station;
		}
	}
	return NULL;
}

/* Who enters something comes and tells, or stays away with it; the others stay as they are. */
static void enter(struct full *full, size_t number)
{
	struct full_station *station;
	size_t n;

	world_reseed(full->world, full->setting.seed * 1000003 + number);
	prac_id_restart(); /* ids do not hang on how many the servers made meanwhile */
	station = &full->stations[world_below(full->world, full->n_stations)];
	if (world_chance(full->world, 200)) {
		full_regrant(full);
	}
	n = 1 + world_below(full->world, ACTS_MAX);
	for (size_t i = 0; i < n && full->fault[0] == '\0'; i++) {
		full_people_act_at(station);
		station->clock.skew_ms++; /* no two inputs are the same to the millisecond */
	}
	station->is_resting = number + 1 < ROUNDS && world_chance(full->world, 400);
}

static void come_to_rest(struct full *full, uint64_t end_ms)
{
	bool is_stormy = !full->setting.is_calm;
	uint64_t calm_at_ms = world_now_ms(full->world) + STORM_MS;
	struct full_station *slowest;

	full->is_healing = !is_stormy;
	while (world_now_ms(full->world) < end_ms && full->fault[0] == '\0') {
		if (is_stormy && world_now_ms(full->world) >= calm_at_ms) {
			is_stormy = false;
			full->is_healing = true;
			full_strike_end(full);
		}
		if (is_stormy && world_chance(full->world, 300)) {
			full_strike_transport(full);
		}
		if (!is_stormy && first_at_work(full) == NULL) {
			break;
		}
		world_run(full->world, STEP_MS);
	}
	slowest = first_at_work(full);
	if (slowest != NULL) {
		full_fault(full, "P11: a round does not come to rest: station %zu is %sthrough",
			full_number(slowest), full_station_is_done(slowest) ? "" : "not ");
	}
	if (world_now_ms(full->world) < end_ms) {
		world_run(full->world, end_ms - world_now_ms(full->world));
	}
}

static void play(struct full *full, const struct full_setting *setting)
{
	uint64_t begin_ms;

	full_begin(full, setting);
	begin_ms = world_now_ms(full->world);
	for (size_t i = 0; i < full->n_stations; i++) {
		full->stations[i].is_resting = false;
	}
	for (size_t i = 0; i < ROUNDS && full->fault[0] == '\0'; i++) {
		for (size_t k = 0; k < full->n_stations; k++) {
			full_station_disconnect(&full->stations[k]);
		}
		enter(full, i);
		full->n_done++;
		come_to_rest(full, begin_ms + (i + 1) * ROUND_MS);
	}
	/* Who stayed away comes now, one after the other. */
	for (size_t i = 0; i < full->n_stations && full->fault[0] == '\0'; i++) {
		full->stations[i].is_resting = false;
		come_to_rest(full, begin_ms + (ROUNDS + 1 + i) * (uint64_t)ROUND_MS);
	}
	if (full->fault[0] == '\0') {
		full_check_end(full);
	}
}

bool full_twins(struct full *full, const struct full_setting *setting)
{
	struct full_setting world = *setting;
	GHashTable *expected, *things;

	world.is_twin = world.is_calm = true;
	play(full, &world);
	if (full->fault[0] != '\0') {
		return false;
	}
	expected = things_of(full);
	full_deinit(full);
	world.is_calm = false;
	play(full, &world);
	if (full->fault[0] == '\0') {
		things = things_of(full);
		compare(full, expected, things, "in the calm world");
		compare(full, things, expected, "in the stormy world");
		g_hash_table_destroy(things);
	}
	g_hash_table_destroy(expected);
	return full->fault[0] == '\0';
}
