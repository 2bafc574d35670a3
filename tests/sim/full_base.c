/*
 * What a station holds of the server's: at every number at which it says "consistent" that is what the
 * model held there (P1), in the scopes it was given (P8), and nothing ever goes back (P5).
 */
#include "tests/sim/full_base.h"

#include <stdio.h>
#include <string.h>

#include "catalog/types.h"
#include "client/replica/file.h"
#include "client/replica/scopes.h"
#include "client/replica/sealed.h"
#include "sql/replica.h"
#include "tests/sim/full.h"

enum {
	SCOPES_MAX = FULL_SCHOOLS_MAX + 2,
	TYPES_MAX = 256
};

/* The last that was seen of a record. */
struct seen {
	uint32_t type;
	struct prac_id id;
	uint64_t seq;
	bool is_gone; /* the station was told that it is deleted */
	unsigned look;
};

struct full_base {
	/* Prepared at the first use, for the open replica. */
	sqlite3_stmt *rows[TYPES_MAX], *input;
	struct prac_cursor looked; /* where it was when it was looked at last */
	GHashTable *seen;          /* of struct seen; of this disk, in this epoch */
	unsigned n_looks;
};

/* The sums of what the station holds, by scope. */
struct held {
	struct prac_id scopes[SCOPES_MAX];
	struct model_sum sums[SCOPES_MAX];
	bool is_live[SCOPES_MAX]; /* loaded, and not being taken away */
	size_t n;
	bool is_whole; /* no scope is being loaded, and a page made all of them level */
};

static unsigned hash_seen(const void *item)
{
	const struct seen *seen = item;

	return prac_id_hash(&seen->id) ^ seen->type;
}

static gboolean same_seen(const void *a, const void *b)
{
	const struct seen *left = a;
	const struct seen *right = b;

	return left->type == right->type && prac_id_equal(&left->id, &right->id);
}

struct full_base *full_base_new(void)
{
	struct full_base *base = g_new0(struct full_base, 1);

	base->seen = g_hash_table_new_full(hash_seen, same_seen, NULL, g_free);
	return base;
}

void full_base_close(struct full_base *base)
{
	for (size_t i = 0; i < TYPES_MAX; i++) {
		(void)sqlite3_finalize(base->rows[i]); /* told by the step */
		base->rows[i] = NULL;
	}
	(void)sqlite3_finalize(base->input); /* as these */
	base->input = NULL;
}

void full_base_forget(struct full_base *base)
{
	g_hash_table_remove_all(base->seen);
	base->looked = (struct prac_cursor){ 0 };
}

void full_base_free(struct full_base *base)
{
	full_base_close(base);
	g_hash_table_destroy(base->seen);
	g_free(base);
}

/* ---- one row */

/* id, owner, scopes, numbers of the groups, body: its open part and its sealed one */
static sqlite3_stmt *rows_of(struct full_station *station, size_t i)
{
	sqlite3_stmt **stmt = &station->base->rows[i];
	char sql[200];

	if (*stmt == NULL) {
		(void)snprintf(sql, sizeof(sql),
			"SELECT id, _owner, _scopes, _group_seq, _base, _sealed FROM \"%s\" "
			"WHERE _base IS NOT NULL AND _gone = 0",
			prac_types[i]->name);
		(void)sqlite3_prepare_v2(
			station->replica->db, sql, -1, stmt, NULL); /* step tells */
	}
	return *stmt;
}

/* Returns the largest, at which the content became what it is. */
static uint64_t unpack_numbers(struct prac_bytes packed, uint64_t *numbers)
{
	uint64_t last = 0;
	size_t n = 0;
	unsigned shift = 0;

	memset(numbers, 0, PRAC_GROUPS_MAX * sizeof(*numbers));
	for (size_t i = 0; i < packed.len && n < PRAC_GROUPS_MAX; i++) {
		numbers[n] |= (uint64_t)(packed.data[i] & 0x7f) << shift;
		shift += 7;
		if ((packed.data[i] & 0x80) == 0) {
			shift = 0;
			last = numbers[n] > last ? numbers[n] : last;
			n++;
		}
	}
	return last;
}

static uint64_t hash_groups(uint64_t hash, const struct prac_type *type, struct prac_bytes packed,
	struct prac_bytes body)
{
	struct prac_value values[PRAC_FIELDS_MAX] = { 0 };
	uint64_t numbers[PRAC_GROUPS_MAX];
	struct prac_arena arena = { 0 };
	struct prac_buf buf = { 0 };
	struct prac_bytes extra;

	(void)unpack_numbers(packed, numbers);
	if (prac_values_decode(type, body, &arena, values, &extra) == PRAC_OK) {
		for (size_t i = 0; i < type->n_groups; i++) {
			prac_buf_clear(&buf);
			prac_group_encode(type, &type->groups[i], values, &buf);
			hash = model_hash_group(hash, i, numbers[i], prac_buf_bytes(&buf));
		}
	}
	prac_buf_deinit(&buf);
	prac_arena_deinit(&arena);
	return model_hash_end(hash);
}

/* Its groups as they would travel; decoding them again and again would cost more than the history. */
static uint64_t content_hash(
	struct full_station *station, const struct prac_type *type, sqlite3_stmt *stmt)
{
	struct full *full = station->full;
	const struct row row = { .id = column_id(stmt, 0),
		.owner = column_id(stmt, 1),
		.base = column_bytes(stmt, 4),
		.sealed = column_bytes(stmt, 5) };
	const struct prac_bytes packed = column_bytes(stmt, 3);
	uint64_t hash = model_hash_begin(type->number, &row.id, &row.owner);
	uint64_t key = model_hash_group(model_hash_group(hash, 0, 1, packed), 1, 1, row.base);
	struct prac_arena arena = { 0 };
	const uint64_t *known;

	key = model_hash_group(key, 2, 1, row.sealed);
	known = g_hash_table_lookup(full->contents, &key);
	if (known != NULL) {
		return *known;
	}
	hash = hash_groups(hash, type, packed, sealed_join(station->replica, type, &row, &arena));
	prac_arena_deinit(&arena);
	g_hash_table_insert(
		full->contents, g_memdup2(&key, sizeof(key)), g_memdup2(&hash, sizeof(hash)));
	return hash;
}

/* P5: a record's number never goes down, and what was deleted stays so. */
static void check_forward(
	struct full_station *station, uint32_t type, const struct prac_id *id, uint64_t seq)
{
	struct full_base *base = station->base;
	const struct seen like = { .type = type, .id = *id };
	struct seen *seen = g_hash_table_lookup(base->seen, &like);

	if (seen == NULL) {
		seen = g_memdup2(&like, sizeof(like));
		g_hash_table_add(base->seen, seen);
	} else if (seen->is_gone) {
		full_fault(station->full,
			"P5: station %zu: a deleted record %02x%02x of type %u comes back",
			full_number(station), id->b[14], id->b[15], type);
	} else if (seq < seen->seq) {
		full_fault(station->full,
			"P5: station %zu: record %02x%02x of type %u goes back from %llu to %llu",
			full_number(station), id->b[14], id->b[15], type,
			(unsigned long long)seen->seq, (unsigned long long)seq);
	}
	seen->seq = seq;
	seen->look = base->n_looks;
}

static void add_row(struct full_station *station, const struct prac_type *type, sqlite3_stmt *stmt,
	struct held *held)
{
	const struct prac_id id = column_id(stmt, 0);
	const struct prac_bytes scopes = column_bytes(stmt, 2);
	uint64_t hash = content_hash(station, type, stmt);
	uint64_t numbers[PRAC_GROUPS_MAX];

	if (held->is_whole) {
		check_forward(
			station, type->number, &id, unpack_numbers(column_bytes(stmt, 3), numbers));
	}
	for (size_t at = 0; at + PRAC_ID_LEN <= scopes.len; at += PRAC_ID_LEN) {
		size_t i = 0;

		while (i < held->n &&
			memcmp(held->scopes[i].b, scopes.data + at, PRAC_ID_LEN) != 0) {
			i++;
		}
		if (i == held->n) {
			full_fault(station->full,
				"P8: station %zu holds record %02x%02x of type %u for a scope that "
				"it was not given",
				full_number(station), id.b[14], id.b[15], type->number);
			return;
		}
		held->sums[i].hash ^= hash;
		held->sums[i].n_rows++;
	}
}

/* ---- all rows */

/* Types of which some record was made; the others are looked at once, at the end. */
static void note_types(struct full *full)
{
	const GArray *feed = full->mem.db->feed;

	for (; full->n_feed_seen < feed->len; full->n_feed_seen++) {
		uint32_t type =
			g_array_index(feed, struct store_feed_row, full->n_feed_seen).key.type;

		for (size_t i = 0; i < prac_n_types; i++) {
			full->is_in_use[i] = full->is_in_use[i] || prac_types[i]->number == type;
		}
	}
}

static void read_rows(struct full_station *station, struct held *held)
{
	struct full *full = station->full;

	note_types(full);
	for (size_t i = 0; i < prac_n_types; i++) {
		sqlite3_stmt *stmt;

		if (!full->is_in_use[i] && !full->is_over) {
			continue;
		}
		stmt = rows_of(station, i);
		while (sqlite3_step(stmt) == SQLITE_ROW) {
			add_row(station, prac_types[i], stmt, held);
		}
		(void)sqlite3_reset(stmt); /* a failing disk fails the transaction, too */
	}
}

static void read_scopes(struct full_station *station, struct held *held)
{
	sqlite3_stmt *stmt = file_use(station->replica, &q_replica_scope_list);

	while (held->n < SCOPES_MAX && file_row(station->replica, stmt)) {
		held->scopes[held->n] = column_id(stmt, 0);
		held->is_live[held->n++] = sqlite3_column_int(stmt, 2) == SCOPE_LIVE;
	}
}

/* ---- consistent at a number */

/* P8: whoever says that it knows its rights holds the scopes that it was given, and no others. */
static void check_rights(struct full_station *station, const struct held *held)
{
	struct full *full = station->full;
	size_t n_grants, n_live = 0;

	if (station->replica->meta.cursor.scope_set !=
		full_scope_set(full, station->device, &n_grants)) {
		return;
	}
	for (size_t i = 0; i < held->n; i++) {
		n_live += held->is_live[i] ? 1 : 0;
		if (held->is_live[i] && !full_may_hold(station, &held->scopes[i])) {
			full_fault(full, "P8: station %zu keeps a scope that was taken from it",
				full_number(station));
		}
	}
	if (n_live != n_grants) {
		full_fault(full, "P8: station %zu holds %zu scopes of the %zu it was given",
			full_number(station), n_live, n_grants);
	}
}

static void check_sums(struct full_station *station, const struct held *held, uint64_t seq)
{
	struct full *full = station->full;

	full->met.n_checks++;
	for (size_t i = 0; i < held->n && full->fault[0] == '\0'; i++) {
		struct model_sum sum = model_sum_at(full->model->sums, &held->scopes[i], seq);

		if (!held->is_live[i] ||
			(sum.hash == held->sums[i].hash && sum.n_rows == held->sums[i].n_rows)) {
			continue;
		}
		full_explain_difference(station, &held->scopes[i]);
		full_fault(full,
			"P1: station %zu at %llu: %zu rows of scope %02x%02x are not the %zu that "
			"the model has",
			full_number(station), (unsigned long long)seq, held->sums[i].n_rows,
			held->scopes[i].b[14], held->scopes[i].b[15], sum.n_rows);
	}
}

/* What is not held any more and was deleted may not come back. */
static void note_gone(struct full_station *station, uint64_t seq)
{
	GHashTableIter iter;
	void *item;

	g_hash_table_iter_init(&iter, station->base->seen);
	while (g_hash_table_iter_next(&iter, &item, NULL)) {
		struct seen *seen = item;

		seen->is_gone = seen->is_gone || (seen->look != station->base->n_looks &&
							 model_is_deleted(station->full->model,
								 seen->type, &seen->id, seq));
	}
}

/* P5: its position at a consistent moment never goes back in an epoch. */
static void check_position(struct full_station *station, const struct prac_cursor *cursor)
{
	if (cursor->epoch == station->last_epoch && cursor->seq < station->last_seen) {
		full_fault(station->full, "P5: station %zu goes back from %llu to %llu",
			full_number(station), (unsigned long long)station->last_seen,
			(unsigned long long)cursor->seq);
	}
	station->last_epoch = cursor->epoch;
	station->last_seen = cursor->seq;
}

static void look(struct full_station *station)
{
	struct full *full = station->full;
	struct full_base *base = station->base;
	struct held held = { .n = 0 };
	struct prac_cursor cursor;

	file_begin_read(station->replica);
	cursor = station->replica->meta
			 .cursor; /* before, it may be that of a page that was undone */
	if (cursor.epoch != base->looked.epoch) {
		full_base_forget(base); /* numbers of another life */
	}
	base->looked = cursor;
	base->n_looks++;
	held.is_whole =
		scopes_are_live(station->replica) && station->replica->meta.head != META_NO_PAGE;
	read_scopes(station, &held);
	read_rows(station, &held);
	if (replica_is_consistent(station->replica)) {
		check_position(station, &cursor);
		if (cursor.epoch == full->mem.db->epoch) {
			check_rights(station, &held);
			check_sums(station, &held, cursor.seq);
			note_gone(station, cursor.seq);
		}
	}
	if (file_end(station->replica) != PRAC_OK && !crash_disk_is_cut(station->disk)) {
		full_fault(full, "station %zu cannot be read", full_number(station));
	}
}

/* ---- what people see */

/* The last edit of its people is part of what they see: not judged, or judged and not in base yet. */
static bool is_pending(struct full_station *station)
{
	const struct full_edit *edit = &station->edit;
	const struct replica *replica = station->replica;
	sqlite3_stmt **stmt = &station->base->input;
	bool is_so = false;

	if (*stmt == NULL) {
		(void)sqlite3_prepare_v2(replica->db,
			"SELECT state < 2 OR (verdict = ?3 AND seq > ?4) FROM outbox "
			"WHERE incarnation = ?1 AND counter = ?2",
			-1, stmt, NULL); /* step tells */
	}
	bind_u64(*stmt, 1, edit->incarnation);
	bind_u64(*stmt, 2, edit->counter);
	bind_u64(*stmt, 3, PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED);
	bind_u64(*stmt, 4, replica->meta.cursor.seq);
	if (sqlite3_step(*stmt) == SQLITE_ROW) {
		is_so = sqlite3_column_int(*stmt, 0) != 0;
	}
	(void)sqlite3_reset(*stmt); /* as the step */
	return is_so;
}

/* P6: people see their own input until the server's word on it is there. */
static void check_own_input(struct full_station *station)
{
	const struct full_edit *edit = &station->edit;
	const struct prac_record *seen = NULL;
	struct prac_arena arena = { 0 };

	file_begin_read(station->replica);
	station->has_edit = is_pending(station);
	if (station->has_edit &&
		replica_get(station->replica, edit->type, &edit->id, &arena, &seen) == PRAC_OK &&
		seen != NULL &&
		!prac_bytes_equal(seen->values[edit->field].bytes, prac_bytes_text(edit->text))) {
		full_fault(station->full, "P6: station %zu: input %llu waits and is not seen: %s",
			full_number(station), (unsigned long long)edit->counter, edit->text);
	}
	if (file_end(station->replica) != PRAC_OK) {
		station->has_edit = false; /* a failing disk fails the next call, too */
	}
	prac_arena_deinit(&arena);
}

static bool has_moved(const struct full_station *station)
{
	const struct prac_cursor *now = &station->replica->meta.cursor;
	const struct prac_cursor *looked = &station->base->looked;

	return now->seq != looked->seq || now->epoch != looked->epoch ||
	       now->scope_set != looked->scope_set;
}

void full_base_check(struct full_station *station)
{
	if (station->full->fault[0] == '\0' && !crash_disk_is_cut(station->disk) &&
		(station->full->is_over || has_moved(station))) {
		look(station);
	}
	if (station->has_edit && station->full->fault[0] == '\0' &&
		!crash_disk_is_cut(station->disk)) {
		check_own_input(station);
	}
}
