/*
 * One record as it is stored: what the server said of it (base) and, computed from that and the
 * outbox, what people see (the view). Inside client/replica only.
 */
#pragma once

#include "client/replica/tables.h"

struct row {
	struct prac_id id;
	struct prac_id owner;
	uint64_t seq; /* of base */
	struct prac_bytes scopes;
	struct prac_bytes group_seq;
	struct prac_bytes base;   /* what is open of it */
	struct prac_bytes sealed; /* what is not (sealed.h); empty: nothing */
	Practicum__Gone gone;
	bool has_base;
	bool is_pending; /* as stored; row_write() finds out anew */
	uint64_t mark;
};

/* False when there is none. Everything borrowed lives in the arena. */
bool row_read(struct replica *replica, struct table *table, const struct prac_id *id,
	struct prac_arena *arena, struct row *row_out);

/* From a statement of tables_get_sql() and its like that stands on a row; borrows its columns. */
void row_from_columns(sqlite3_stmt *stmt, struct row *row_out);

/* Stores base and the view made of it, or removes the row when nothing is left of it. */
void row_write(struct replica *replica, struct table *table, const struct row *row);

/* As row_write() for a row nobody has pending input for; false when the id is there already. */
bool row_insert(struct replica *replica, struct table *table, const struct row *row);

/* The same for several at once; false when an id is there already, and which ones are not told. */
bool rows_insert(struct replica *replica, struct table *table, const struct row rows[FILE_GROUP]);

/* Computes the view of a record again, after its pending input changed. */
void row_refresh(struct replica *replica, uint32_t type, const struct prac_id *id);

/* The view of a row; *shown_out says whether people see it. In the arena; borrows the row. */
struct prac_record *row_view(struct replica *replica, const struct prac_type *type,
	const struct row *row, struct prac_arena *arena, bool *shown_out);

/* Scopes are a set of ids in a row of bytes. */
bool scopes_have(struct prac_bytes scopes, const struct prac_id *scope);
struct prac_bytes scopes_with(
	struct prac_bytes scopes, const struct prac_id *scope, struct prac_arena *arena);
struct prac_bytes scopes_without(
	struct prac_bytes scopes, const struct prac_id *scope, struct prac_arena *arena);

struct prac_bytes group_seq_pack(const uint64_t *numbers, size_t n, struct prac_arena *arena);
