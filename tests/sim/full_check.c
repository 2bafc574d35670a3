/* What is wrong with a station's rows, row by row, and the rules over all that the servers did. */
#include <stdio.h>
#include <string.h>

#include "catalog/types.h"
#include "client/replica/file.h"
#include "client/replica/rows.h"
#include "client/replica/sealed.h"
#include "tests/sim/full.h"

bool full_may_hold(const struct full_station *station, const struct prac_id *scope)
{
	const struct full *full = station->full;

	if (prac_id_equal(scope, &prac_scope_reference)) {
		return true;
	}
	if (prac_id_equal(scope, &prac_scope_district)) {
		return station->device->district;
	}
	for (size_t i = 0; i < full->n_schools; i++) {
		if (prac_id_equal(scope, &full->schools[i])) {
			return station->device->schools[i];
		}
	}
	return false;
}

bool full_is_behind(const struct full_station *station, uint64_t seq)
{
	const GArray *feed = station->full->mem.db->feed;

	for (unsigned i = 0; i < feed->len; i++) {
		const struct store_feed_row *row = &g_array_index(feed, struct store_feed_row, i);

		if (row->seq > seq && full_may_hold(station, &row->scope)) {
			return true;
		}
	}
	return false;
}

static void differs(
	const struct full_station *station, const struct store_feed_row *row, const char *how)
{
	full_fault(station->full, "P1: station %zu: type %u record %02x%02x%02x: %s",
		full_number(station), row->key.type, row->key.id.b[13], row->key.id.b[14],
		row->key.id.b[15], how);
}

static void check_row(struct full_station *station, const struct store_feed_row *row)
{
	const struct mem_record *record =
		mem_db_record(station->full->mem.db, row->key.type, &row->key.id);
	struct replica *replica = station->replica;
	struct table *table = table_find(replica, row->key.type);
	struct row held = { .id = row->key.id };
	struct prac_bytes numbers, whole;

	prac_arena_reset(&replica->row_arena);
	if (!row_read(replica, table, &row->key.id, &replica->row_arena, &held) || !held.has_base) {
		differs(station, row, "is not there");
		return;
	}
	numbers = group_seq_pack(record->group_seq, record->type->n_groups, &replica->row_arena);
	whole = sealed_join(replica, record->type, &held, &replica->row_arena);
	if (held.gone != PRACTICUM__GONE__GONE_NOT || !scopes_have(held.scopes, &row->scope)) {
		differs(station, row, "is not held for its scope");
	} else if (held.seq < record->seq || !prac_bytes_equal(whole, record->body)) {
		differs(station, row, "has another content");
	} else if (!prac_bytes_equal(held.group_seq, numbers) ||
		   !prac_id_equal(&held.owner, &record->scope)) {
		differs(station, row, "has other numbers or another owner");
	}
}

/* For the trace: the pairs that should not be there. */
static void show_extra(
	struct full_station *station, const struct prac_type *type, sqlite3_stmt *stmt)
{
	struct store_feed_row like = { .key = { type->number, column_id(stmt, 0) } };
	struct prac_bytes scopes = column_bytes(stmt, 1);

	for (size_t at = 0; at < scopes.len; at += PRAC_ID_LEN) {
		const struct store_feed_row *row;

		memcpy(like.scope.b, scopes.data + at, PRAC_ID_LEN);
		row = mem_db_feed_row(station->full->mem.db, &like);
		if (row == NULL || row->gone != STORE_LIVE ||
			!full_may_hold(station, &like.scope)) {
			full_trace(station->full,
				"%s %02x%02x in %02x%02x: held at %lld, gone %d at %llu",
				type->name, like.key.id.b[14], like.key.id.b[15], like.scope.b[14],
				like.scope.b[15], (long long)sqlite3_column_int64(stmt, 2),
				row != NULL ? (int)row->gone : -1,
				(unsigned long long)(row != NULL ? row->seq : 0));
		}
	}
}

static void show_all_extra(struct full_station *station)
{
	for (size_t i = 0; i < prac_n_types; i++) {
		sqlite3_stmt *stmt = NULL;
		char sql[200];

		(void)snprintf(sql, sizeof(sql),
			"SELECT id, _scopes, _seq FROM \"%s\" WHERE _base IS NOT NULL AND _gone = 0",
			prac_types[i]->name);
		(void)sqlite3_prepare_v2(
			station->replica->db, sql, -1, &stmt, NULL); /* step tells */
		while (sqlite3_step(stmt) == SQLITE_ROW) {
			show_extra(station, prac_types[i], stmt);
		}
		(void)sqlite3_finalize(stmt); /* only for the trace */
	}
}

/* The sums say that a scope differs; here is which row, as far as the server's tables tell. */
void full_explain_difference(struct full_station *station, const struct prac_id *scope)
{
	const GArray *feed = station->full->mem.db->feed;

	for (unsigned i = 0; i < feed->len && station->full->fault[0] == '\0'; i++) {
		const struct store_feed_row *row = &g_array_index(feed, struct store_feed_row, i);

		if (row->gone == STORE_LIVE && prac_id_equal(&row->scope, scope)) {
			check_row(station, row);
		}
	}
	show_all_extra(station);
}

/* ---- the end */

/* Of a table: records that wait, are hidden though held, or shown though not. */
static void count_unsettled(struct full_station *station, const struct prac_type *type, int *n)
{
	sqlite3_stmt *stmt = NULL;
	char sql[400];

	(void)snprintf(sql, sizeof(sql),
		"SELECT total(_pending <> 0), "
		"total(_shown = 0 AND _base IS NOT NULL AND _gone = 0), "
		"total(_shown <> 0 AND (_base IS NULL OR _gone <> 0)) FROM \"%s\"",
		type->name);
	if (sqlite3_prepare_v2(station->replica->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
		sqlite3_step(stmt) == SQLITE_ROW) {
		for (int i = 0; i < 3; i++) {
			n[i] += sqlite3_column_int(stmt, i);
		}
	}
	(void)sqlite3_finalize(stmt); /* told by what was counted */
}

/* P6: when all is judged, what people see is what the server has. */
static void check_settled(struct full_station *station)
{
	int n[3] = { 0 };

	for (size_t i = 0; i < prac_n_types; i++) {
		count_unsettled(station, prac_types[i], n);
	}
	if (n[0] + n[1] + n[2] > 0) {
		full_fault(station->full,
			"P6: station %zu: %d records wait for nothing, %d are hidden, %d too many",
			full_number(station), n[0], n[1], n[2]);
	}
}

static void count_verdicts(struct full *full)
{
	for (unsigned i = 0; i < full->mem.db->mutations->len; i++) {
		const struct store_judged *judged = g_ptr_array_index(full->mem.db->mutations, i);

		full->met.n_conflicts +=
			judged->verdict.kind == PRACTICUM__VERDICT_KIND__VERDICT_CONFLICT;
		full->met.n_accepted +=
			judged->verdict.kind == PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED;
		full->met.n_refused +=
			judged->verdict.kind == PRACTICUM__VERDICT_KIND__VERDICT_REFUSED;
	}
}

static const struct prac_record *const *load(const struct mem_db *db, const struct store_load *what,
	struct prac_arena *arena, size_t *n_out)
{
	struct store_facts facts = { 0 };

	mem_db_load(db, what, arena, &facts);
	*n_out = facts.n_records;
	return (const struct prac_record *const *)facts.records;
}

/* P9: hours that were approved are those that were signed. */
static void check_sheet(
	struct full *full, const struct prac_record *sheet, struct prac_arena *arena)
{
	const struct store_load entries = { .kind = STORE_CHILDREN,
		.type = &prac_type_time_entry,
		.field = &prac_type_time_entry.fields[PRAC_TIME_ENTRY_SHEET_ID],
		.ids = &sheet->id,
		.n_ids = 1 };
	const struct store_load approvals = { .kind = STORE_CHILDREN,
		.type = &prac_type_approval,
		.field = &prac_type_approval.fields[PRAC_APPROVAL_SHEET_ID],
		.ids = &sheet->id,
		.n_ids = 1 };
	GPtrArray *sorted = g_ptr_array_new();
	size_t n_lines, n_signed, n_fit = 0;
	const struct prac_record *const *lines = load(full->mem.db, &entries, arena, &n_lines);
	const struct prac_record *const *given = load(full->mem.db, &approvals, arena, &n_signed);
	struct prac_digest hash;

	for (size_t i = 0; i < n_lines; i++) {
		g_ptr_array_add(sorted, (void *)lines[i]);
	}
	g_ptr_array_sort(sorted, full_compare_ids);
	hash = prac_content_hash(sheet, (const struct prac_record *const *)sorted->pdata, n_lines);
	g_ptr_array_free(sorted, TRUE);
	for (size_t i = 0; i < n_signed; i++) {
		const struct prac_value *values = given[i]->values;

		n_fit += values[PRAC_APPROVAL_DECISION].number == PRAC_APPROVAL_DECISION_APPROVED &&
					 prac_bytes_equal(values[PRAC_APPROVAL_CONTENT_HASH].bytes,
						 prac_digest_bytes(&hash))
				 ? 1
				 : 0;
	}
	if (n_fit != 1) {
		full_fault(
			full, "P9: an approved sheet has %zu signatures for what it holds", n_fit);
	}
	full->met.n_approved++;
}

static void check_sheets(struct full *full)
{
	struct prac_arena arena = { 0 };

	for (unsigned i = 0; i < full->mem.db->records->len; i++) {
		const struct mem_record *record = g_ptr_array_index(full->mem.db->records, i);
		const struct store_load one = {
			.kind = STORE_BY_ID, .type = record->type, .ids = &record->id, .n_ids = 1
		};
		const struct prac_record *const *found;
		size_t n;

		if (record->type != &prac_type_time_sheet || record->deleted) {
			continue;
		}
		found = load(full->mem.db, &one, &arena, &n);
		if (found[0]->values[PRAC_TIME_SHEET_STATE].number ==
			PRAC_TIME_SHEET_STATE_APPROVED) {
			check_sheet(full, found[0], &arena);
		}
	}
	prac_arena_deinit(&arena);
}

/* The week of a student of two schools is the same at both: minutes and lines of each student. */
struct week {
	struct prac_id student;
	int64_t minutes;
	size_t n_lines;
};

static bool add_line(void *ctx, const struct prac_record *entry, bool pending)
{
	struct week *week = ctx;

	(void)pending;
	week->minutes += entry->values[PRAC_TIME_ENTRY_ELAPSED_MINUTES].number;
	week->n_lines++;
	return true;
}

static struct week week_at(struct full_station *station, const struct prac_id *student)
{
	struct week week = { .student = *student };
	struct replica_filter filter = {
		.field = &prac_type_time_entry.fields[PRAC_TIME_ENTRY_STUDENT_ID],
		.value = { .has = true, .bytes = prac_id_bytes(student) }
	};
	struct replica_query query = { &prac_type_time_entry, &filter, 1 };

	if (replica_list(station->replica, &query, add_line, &week) != PRAC_OK) {
		full_fault(station->full, "hours cannot be listed");
	}
	return week;
}

static void compare_week(struct full_station *station, const struct prac_id *student)
{
	struct full *full = station->full;
	struct week all = week_at(&full->stations[0], student);
	struct week here = week_at(station, student);

	full->met.n_weeks += all.n_lines > 0 ? 1 : 0;
	if (here.minutes != all.minutes || here.n_lines != all.n_lines) {
		full_fault(full, "station %zu and the district hold another week of a student",
			full_number(station));
	}
}

/* Stations that see the student through any school agree with the district, which sees all. */
static void compare_weeks(struct full *full, const struct store_feed_row *student)
{
	for (size_t k = 1; k < full->n_stations; k++) {
		if (full_may_hold(&full->stations[k], &student->scope)) {
			compare_week(&full->stations[k], &student->key.id);
		}
	}
}

static void check_weeks(struct full *full)
{
	const GArray *feed = full->mem.db->feed;

	for (unsigned i = 0; i < feed->len; i++) {
		const struct store_feed_row *row = &g_array_index(feed, struct store_feed_row, i);

		if (row->key.type == PRAC_STUDENT && row->gone == STORE_LIVE) {
			compare_weeks(full, row);
		}
	}
}

void full_check_end(struct full *full)
{
	full->is_over = true;
	for (size_t i = 0; i < full->n_stations; i++) {
		full_base_check(&full->stations[i]);
		check_settled(&full->stations[i]);
	}
	count_verdicts(full);
	check_sheets(full);
	check_weeks(full);
	full_ledger_check(full);
}
