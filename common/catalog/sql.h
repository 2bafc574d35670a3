/*
 * PostgreSQL from the catalog: the migration that a type needs and the statements that load and
 * write its records a batch at a time. All append text to buf; no value ever stands in it.
 *
 * A row of a record table has its columns in this order, and so have the statements' results and
 * parameters: id, scope, seq, group_seq, deleted, extra, then the fields in number order.
 */
#pragma once

#include "common/base/buf.h"
#include "common/catalog/catalog.h"

enum {
	PRAC_SQL_ID,
	PRAC_SQL_SCOPE,
	PRAC_SQL_SEQ,
	PRAC_SQL_GROUP_SEQ, /* in the order of the type's groups */
	PRAC_SQL_DELETED,
	PRAC_SQL_EXTRA, /* NULL when empty */
	PRAC_SQL_FIELDS /* the first field's column */
};

/*
 * What `practicum types --sql TYPE` prints, for a person to review and commit: table, indexes,
 * guards; for a reported type also <table>_past with the versions that were replaced and the view
 * <table>_history with all of them (id, from_seq, to_seq, scope, fields; to_seq NULL: still holds).
 * Needs the functions of 0001_sync and 0003_record_guards.
 */
void prac_sql_migration(const struct prac_type *type, struct prac_buf *buf);

/* "uuid", "bigint", "text[]" ... */
const char *prac_sql_column_type(const struct prac_field *field) PRAC_RETURNS_NONNULL;

/* All records, deleted ones too: what the caller puts behind it says which. */
void prac_sql_rows(const struct prac_type *type, struct prac_buf *buf);

/* $1 uuid[]: the records with these ids, deleted ones too. */
void prac_sql_select(const struct prac_type *type, struct prac_buf *buf);

/*
 * As prac_sql_children(), of those whose `date` lies from $2 until $3, both dates; or_none: also
 * those whose reference is null.
 */
void prac_sql_window(const struct prac_type *type, const struct prac_field *field,
	const struct prac_field *date, bool or_none, struct prac_buf *buf);

/* Live records of `through` whose reference `by` is one of $1 uuid[], and what `named` of them names. */
struct prac_sql_through {
	const struct prac_type *through;
	const struct prac_field *by, *named;
};

/*
 * The live records whose reference `field`, NULL: whose id, is what those name. With a date as
 * prac_sql_window(); NULL: all of them.
 */
void prac_sql_through(const struct prac_type *type, const struct prac_field *field,
	const struct prac_sql_through *by, const struct prac_field *date, struct prac_buf *buf);

/* $1 uuid[]: the live records whose owning scope is one of these. */
void prac_sql_scope(const struct prac_type *type, struct prac_buf *buf);

/*
 * An array for each field of the natural key of a unique type, in its order: the ids of the live records
 * with one of these keys.
 */
void prac_sql_key(const struct prac_type *type, struct prac_buf *buf);

/* $1 uuid[]: the live records whose reference `field` is one of these ids. */
void prac_sql_children(
	const struct prac_type *type, const struct prac_field *field, struct prac_buf *buf);

/*
 * $1 uuid[]: the records, of the type it refers to, that reference `field` of the records of `type`
 * with these ids names.
 */
void prac_sql_parents(
	const struct prac_type *type, const struct prac_field *field, struct prac_buf *buf);

/*
 * $1 ... one array a column, in column order. A batch writes its types in descending number, so
 * that what a record freezes (frozen_with) is written before the record that freezes it.
 */
void prac_sql_insert(const struct prac_type *type, struct prac_buf *buf);
void prac_sql_update(const struct prac_type *type, struct prac_buf *buf);

/*
 * For reported types, before the update. $1 uuid[], $2 bigint[]: ids of the records that change
 * and the number of their first change in the batch; keeps what the table says now as past.
 */
void prac_sql_keep(const struct prac_type *type, struct prac_buf *buf);

/*
 * For reported types: versions that came and went within one batch. One array each for id,
 * from_seq, to_seq, scope and the fields. Deleted versions are left out.
 */
void prac_sql_past(const struct prac_type *type, struct prac_buf *buf);
