#include "client/replica/imports.h"

#include "client/replica/outbox.h"
#include "client/replica/rows.h"
#include "client/replica/sealed.h"
#include "sql/replica.h"

enum prac_status replica_import_start(struct replica *replica, struct replica_import *import_out)
{
	file_begin(replica);
	*import_out = (struct replica_import){
		.begun_ms = replica->env->wall_ms(replica->env->ctx),
		.before = file_number(replica, file_use(replica, &q_replica_import_place)),
	};
	return file_end(replica);
}

enum prac_status replica_import_keep(struct replica *replica, struct replica_import *import)
{
	sqlite3_stmt *stmt;

	file_begin(replica);
	stmt = file_use(replica, &q_replica_import_count);
	(void)sqlite3_bind_int64(stmt, 1, import->before); /* step tells */
	import->n_entries = (uint64_t)file_number(replica, stmt);
	if (import->n_entries > 0) {
		import->id = prac_id_new(replica->env);
		stmt = file_use(replica, &q_replica_import_add);
		bind_id(stmt, 1, &import->id);
		(void)sqlite3_bind_text(stmt, 2, import->label, -1, SQLITE_STATIC); /* step */
		(void)sqlite3_bind_int64(stmt, 3, import->begun_ms);                /* tells */
		(void)sqlite3_bind_int64(stmt, 4, import->before);                  /* of them */
		file_run(replica, stmt);
	}
	return file_end(replica);
}

enum prac_status replica_imports(struct replica *replica, struct prac_arena *arena,
	struct replica_import **imports_out, size_t *n_out)
{
	struct replica_import *imports;
	sqlite3_stmt *stmt;
	size_t cap, n = 0;

	file_begin_read(replica);
	cap = (size_t)file_number(replica, file_use(replica, &q_replica_import_n));
	imports = prac_arena_alloc(arena, (cap + 1) * sizeof(*imports));
	stmt = file_use(replica, &q_replica_import_list);
	while (file_row(replica, stmt)) {
		imports[n++] = (struct replica_import){
			.id = column_id(stmt, 0),
			.label = prac_arena_text(arena, column_bytes(stmt, 1)),
			.begun_ms = sqlite3_column_int64(stmt, 2),
			.before = sqlite3_column_int64(stmt, 3),
			.last = sqlite3_column_int64(stmt, 4),
			.n_entries = column_u64(stmt, 5),
			.is_reversed = sqlite3_column_int(stmt, 6) != 0,
		};
	}
	*imports_out = imports;
	*n_out = n;
	return file_end(replica);
}

static sqlite3_stmt *use_range(
	struct replica *replica, const struct db_stmt *source, const struct replica_import *import)
{
	sqlite3_stmt *stmt = file_use(replica, source);

	(void)sqlite3_bind_int64(stmt, 1, import->before); /* step tells */
	(void)sqlite3_bind_int64(stmt, 2, import->last);   /* of both */
	return stmt;
}

enum prac_status replica_import_entries(struct replica *replica,
	const struct replica_import *import, struct prac_arena *arena,
	struct replica_import_entry **entries_out)
{
	struct replica_import_entry *entries =
		prac_arena_alloc(arena, ((size_t)import->n_entries + 1) * sizeof(*entries));
	struct prac_problem problem;
	sqlite3_stmt *stmt;
	bool is_whole = true;
	size_t n = 0;

	file_begin_read(replica);
	stmt = use_range(replica, &q_replica_import_entries, import);
	while (n < import->n_entries && file_row(replica, stmt)) {
		struct replica_import_entry *entry = &entries[n++];
		enum prac_reason reason = PRAC_REASON_NONE;

		entry->place = sqlite3_column_int64(stmt, 0);
		entry->state = (enum replica_outbox_state)sqlite3_column_int(stmt, 1);
		entry->verdict = (Practicum__VerdictKind)sqlite3_column_int(stmt, 2);
		entry->seq = column_u64(stmt, 3);
		entry->is_draft = sqlite3_column_int(stmt, 9) == 1;
		is_whole = prac_mutation_read(sealed_payload(replica, stmt, 4, arena), arena,
				   &entry->mutation, &reason, &problem) == PRAC_OK &&
			   reason == PRAC_REASON_NONE && is_whole;
	}
	(void)sqlite3_reset(stmt); /* a row may have been there */
	if (n < import->n_entries || !is_whole) {
		file_fail(replica, PRAC_NOT_FOUND,
			"this device no longer has all rows of the import; correct the records "
			"with practicum set or practicum do");
	}
	*entries_out = entries;
	return file_end(replica);
}

enum prac_status replica_import_later(struct replica *replica, const struct replica_import *import,
	struct prac_arena *arena, struct replica_import_later **later_out, size_t *n_out)
{
	struct replica_import_later *later =
		prac_arena_alloc(arena, ((size_t)import->n_entries + 1) * sizeof(*later));
	sqlite3_stmt *stmt;
	size_t n = 0;

	file_begin_read(replica);
	stmt = use_range(replica, &q_replica_import_later, import);
	while (n < import->n_entries && file_row(replica, stmt)) {
		later[n].type = (uint32_t)sqlite3_column_int64(stmt, 0);
		later[n++].id = column_id(stmt, 1);
	}
	(void)sqlite3_reset(stmt); /* a row may have been there */
	*later_out = later;
	*n_out = n;
	return file_end(replica);
}

static bool is_unsent(struct replica *replica, const struct replica_import *import)
{
	sqlite3_stmt *stmt = use_range(replica, &q_replica_import_is_unsent, import);

	bind_u64(stmt, 3, replica->meta.incarnation);
	return file_number(replica, stmt) != 0;
}

static void drop(struct replica *replica, const struct replica_import *import)
{
	struct outbox_touched *all =
		outbox_gather(replica, use_range(replica, &q_replica_import_records, import));
	int64_t first =
		file_number(replica, use_range(replica, &q_replica_import_first_counter, import));
	sqlite3_stmt *stmt;

	file_run(replica, use_range(replica, &q_replica_import_drop, import));
	stmt = file_use(replica, &q_replica_import_counter);
	(void)sqlite3_bind_int64(stmt, 1, first); /* step tells */
	file_run(replica, stmt);
	replica->meta.next_counter = (uint64_t)first;
	outbox_refresh(replica, all);
}

enum prac_status replica_import_drop(
	struct replica *replica, const struct replica_import *import, bool *is_dropped_out)
{
	file_begin(replica);
	*is_dropped_out = is_unsent(replica, import);
	if (*is_dropped_out) {
		drop(replica, import);
		file_run(replica, file_use(replica, &q_replica_import_sweep));
	}
	return file_end(replica);
}

enum prac_status replica_import_reversed(struct replica *replica, const struct prac_id *import)
{
	sqlite3_stmt *stmt;

	file_begin(replica);
	stmt = file_use(replica, &q_replica_import_reversed);
	bind_id(stmt, 1, import);
	file_run(replica, stmt);
	return file_end(replica);
}
