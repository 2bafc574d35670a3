/*
 * What a statement returned, in binary form. Cells are read by type; a cell that is not what the
 * caller says (another type, another length, an unexpected null) makes the whole result bad, reads
 * as zero, and ends the batch with PRAC_INTERNAL, so that readers need no checks of their own.
 *
 * Everything is borrowed and gone when the callback that got the rows returns.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/date.h"
#include "common/base/id.h"

struct db_rows;

size_t db_rows_count(const struct db_rows *rows);
size_t db_rows_n_columns(const struct db_rows *rows);
const char *db_rows_column(const struct db_rows *rows, size_t column); /* its name */

bool db_rows_is_null(const struct db_rows *rows, size_t row, size_t column);
int64_t db_rows_int(struct db_rows *rows, size_t row, size_t column); /* smallint to bigint */
bool db_rows_bool(struct db_rows *rows, size_t row, size_t column);
struct prac_bytes db_rows_bytes(const struct db_rows *rows, size_t row, size_t column);
struct prac_id db_rows_id(struct db_rows *rows, size_t row, size_t column);
int32_t db_rows_date(struct db_rows *rows, size_t row, size_t column); /* days since 1970-01-01 */
int64_t db_rows_instant(struct db_rows *rows, size_t row, size_t column); /* ms since 1970-01-01 */
/* The UTC day of an instant, as YYYY-MM-DD; empty for NULL. */
void db_rows_day(struct db_rows *rows, size_t row, size_t column, char text_out[PRAC_DATE_TEXT]);

/* Items of an array of one dimension without nulls. More than max are a bad cell. */
size_t db_rows_ints(
	struct db_rows *rows, size_t row, size_t column, int64_t *items_out, size_t max);

/* The same for text[]; the list is in the arena, the texts are borrowed as all cells are. */
size_t db_rows_texts(struct db_rows *rows, size_t row, size_t column, struct prac_arena *arena,
	struct prac_bytes **items_out);

/*
 * A cell that record_send() made, as a result of one row with these columns, which have no names.
 * Lives in the arena, and as long as the callback that got the outer rows.
 */
struct db_rows *db_rows_record(struct db_rows *rows, size_t row, size_t column,
	struct prac_arena *arena) PRAC_RETURNS_NONNULL;
