/* Records as rows of their tables: columns in the order of common/catalog/sql.h. */
#pragma once

#include "common/catalog/record.h"
#include "server/db/params.h"
#include "server/db/rows.h"
#include "server/db/seal.h"

/* Rows of one type, and the keys that its closed fields are sealed under. */
struct record_rows {
	const struct prac_type *type;
	const struct db_seal *seal;
	struct db_rows *rows;
};

/* The record of one row; all of it is in the arena. NULL: a sealed value does not open, which is logged. */
struct prac_record *record_row_read(
	const struct record_rows *from, size_t row, struct prac_arena *arena) PRAC_MUST_USE;

/* Bytes the row takes, about what the record takes on the wire. */
size_t record_row_len(const struct db_rows *rows, size_t row);

/* Parameters of prac_sql_insert() and prac_sql_update(). At least one record, all of one type. */
struct db_params *record_row_write(const struct db_seal *seal,
	const struct prac_record *const *records, size_t n_records,
	struct prac_arena *arena) PRAC_RETURNS_NONNULL;

/* Parameters of prac_sql_key(). At least one record, all of one unique type. */
struct db_params *record_row_keys(const struct prac_record *const *records, size_t n_records,
	struct prac_arena *arena) PRAC_RETURNS_NONNULL;

/*
 * Parameters of prac_sql_past(). At least one version, all of one type; to_seq[i] is the number at
 * which version i ended.
 */
struct db_params *record_row_past(const struct db_seal *seal,
	const struct prac_record *const *versions, const uint64_t *to_seq, size_t n_versions,
	struct prac_arena *arena) PRAC_RETURNS_NONNULL;
