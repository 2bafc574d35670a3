/* SQL text made from the catalog; names come from generated tables and are quoted all the same. */
#include <stdio.h>
#include <string.h>

#include "client/replica/tables.h"

static const char *const fixed_columns[] = {
	[COL_ID] = "id",
	[COL_SEQ] = "_seq",
	[COL_OWNER] = "_owner",
	[COL_SCOPES] = "_scopes",
	[COL_GROUP_SEQ] = "_group_seq",
	[COL_BASE] = "_base",
	[COL_SEALED] = "_sealed",
	[COL_GONE] = "_gone",
	[COL_PENDING] = "_pending",
	[COL_SHOWN] = "_shown",
	[COL_MARK] = "_mark",
};

static const char *const fixed_types[] = {
	[COL_ID] = "BLOB PRIMARY KEY",
	[COL_SEQ] = "INTEGER NOT NULL",
	[COL_OWNER] = "BLOB NOT NULL",
	[COL_SCOPES] = "BLOB NOT NULL",
	[COL_GROUP_SEQ] = "BLOB",
	[COL_BASE] = "BLOB",
	[COL_SEALED] = "BLOB",
	[COL_GONE] = "INTEGER NOT NULL",
	[COL_PENDING] = "INTEGER NOT NULL",
	[COL_SHOWN] = "INTEGER NOT NULL",
	[COL_MARK] = "INTEGER NOT NULL",
};

static void text(struct prac_buf *buf, const char *s)
{
	prac_buf_append(buf, s, strlen(s));
}

static void name(struct prac_buf *buf, const char *s)
{
	text(buf, "\"");
	text(buf, s);
	text(buf, "\"");
}

static void end(struct prac_buf *buf)
{
	prac_buf_append_byte(buf, 0);
}

bool table_has_column(const struct prac_field *field)
{
	return field->kind != PRAC_BLOB && (field->flags & PRAC_SEALED) == 0;
}

static const char *column_type(const struct prac_field *field)
{
	if (field->kind == PRAC_TEXT || field->kind == PRAC_TEXT_LIST || field->kind == PRAC_ENUM) {
		return " TEXT";
	}
	return field->kind == PRAC_REF ? " BLOB" : " INTEGER";
}

void tables_create_sql(const struct prac_type *type, struct prac_buf *buf)
{
	text(buf, "CREATE TABLE ");
	name(buf, type->name);
	text(buf, " (");
	for (size_t i = 0; i < COL_FIELDS; i++) {
		text(buf, i == 0 ? "" : ", ");
		text(buf, fixed_columns[i]);
		text(buf, " ");
		text(buf, fixed_types[i]);
	}
	for (size_t i = 0; i < type->n_fields; i++) {
		if (table_has_column(&type->fields[i])) {
			text(buf, ", ");
			name(buf, type->fields[i].name);
			text(buf, column_type(&type->fields[i]));
		}
	}
	/* The text is what a later program compares its own with. */
	for (size_t i = 0; i < type->n_fields; i++) {
		if ((type->fields[i].flags & PRAC_SEALED) != 0) {
			text(buf, " /* sealed: ");
			text(buf, type->fields[i].name);
			text(buf, " */");
		}
	}
	text(buf, ") WITHOUT ROWID");
	end(buf);
}

/* A device holds few schools, so the school a record belongs to selects nothing. */
static bool is_indexed(const struct prac_type *type, const struct prac_field *field)
{
	if (field->index == type->owner_field || !table_has_column(field)) {
		return false;
	}
	return (field->flags & PRAC_INDEXED) != 0 || field->ref_type != 0;
}

void tables_index_sql(const struct prac_type *type, struct prac_buf *buf)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct prac_field *field = &type->fields[i];

		if (!is_indexed(type, field)) {
			continue;
		}
		text(buf, "CREATE INDEX IF NOT EXISTS \"ix_");
		text(buf, type->name);
		text(buf, "_");
		text(buf, field->name);
		text(buf, "\" ON ");
		name(buf, type->name);
		text(buf, " (");
		name(buf, field->name);
		text(buf, ");");
	}
	end(buf);
}

static void values(const struct prac_type *type, struct prac_buf *buf)
{
	text(buf, "(?");
	for (size_t i = 1; i < COL_FIELDS; i++) {
		text(buf, ",?");
	}
	for (size_t i = 0; i < type->n_fields; i++) {
		text(buf, table_has_column(&type->fields[i]) ? ",?" : "");
	}
	text(buf, ")");
}

/* Rows that are there stay as they are. */
void tables_insert_sql(const struct prac_type *type, size_t n_rows, struct prac_buf *buf)
{
	text(buf, "INSERT INTO ");
	name(buf, type->name);
	for (size_t i = 0; i < n_rows; i++) {
		text(buf, i == 0 ? " VALUES " : ", ");
		values(type, buf);
	}
	text(buf, " ON CONFLICT DO NOTHING");
	end(buf);
}

void tables_put_sql(const struct prac_type *type, struct prac_buf *buf)
{
	text(buf, "REPLACE INTO ");
	name(buf, type->name);
	text(buf, " VALUES ");
	values(type, buf);
	end(buf);
}

static void select_fixed(const char *from, bool has_sealed, struct prac_buf *buf)
{
	text(buf, "SELECT id");
	for (size_t i = 1; i < COL_FIELDS; i++) {
		text(buf, ", ");
		text(buf, i == COL_SEALED && !has_sealed ? "NULL" : fixed_columns[i]);
	}
	text(buf, " FROM ");
	name(buf, from);
}

void tables_all_sql(const char *table, bool has_sealed, struct prac_buf *buf)
{
	select_fixed(table, has_sealed, buf);
	end(buf);
}

void tables_get_sql(const struct prac_type *type, struct prac_buf *buf)
{
	select_fixed(type->name, true, buf);
	text(buf, " WHERE id = ?1");
	end(buf);
}

void tables_drop_sql(const struct prac_type *type, struct prac_buf *buf)
{
	text(buf, "DELETE FROM ");
	name(buf, type->name);
	text(buf, " WHERE id = ?1");
	end(buf);
}

void tables_list_sql(const struct replica_query *query, struct prac_buf *buf)
{
	select_fixed(query->type->name, true, buf);
	text(buf, " WHERE _shown");
	for (size_t i = 0; i < query->n_filters; i++) {
		char parameter[32];

		if (!table_has_column(query->filters[i].field)) {
			continue; /* compared by who reads the rows */
		}
		(void)snprintf(parameter, sizeof(parameter), " IS ?%zu", i + 1);
		text(buf, " AND ");
		name(buf, query->filters[i].field->name);
		text(buf, parameter);
	}
	text(buf, " ORDER BY id");
	end(buf);
}

void tables_near_sql(const struct prac_type *type, bool before, struct prac_buf *buf)
{
	text(buf, before ? "SELECT max(id) FROM " : "SELECT min(id) FROM ");
	name(buf, type->name);
	text(buf, before ? " WHERE id < ?1" : " WHERE id > ?1");
	end(buf);
}

void tables_range_sql(const struct prac_type *type, struct prac_buf *buf)
{
	text(buf, "SELECT id FROM ");
	name(buf, type->name);
	text(buf, " WHERE _shown AND id BETWEEN ?1 AND ?2 ORDER BY id LIMIT 2");
	end(buf);
}

void tables_sweep_sql(const struct prac_type *type, struct prac_buf *buf)
{
	text(buf, "SELECT id FROM ");
	name(buf, type->name);
	text(buf, " WHERE _mark <> ?1 AND instr(_scopes, ?2) > 0");
	end(buf);
}

void tables_forget_seq_sql(const struct prac_type *type, struct prac_buf *buf)
{
	text(buf, "UPDATE ");
	name(buf, type->name);
	text(buf, " SET _seq = 0");
	end(buf);
}

void tables_rename_sql(const char *from, const char *to, struct prac_buf *buf)
{
	text(buf, "ALTER TABLE ");
	name(buf, from);
	text(buf, " RENAME TO ");
	name(buf, to);
	end(buf);
}

void tables_remove_sql(const char *table, struct prac_buf *buf)
{
	text(buf, "DROP TABLE ");
	name(buf, table);
	end(buf);
}
