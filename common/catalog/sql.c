#include "common/catalog/sql.h"

/* The columns before the fields: name, type of a parameter with many, cast of one back. */
static const struct {
	const char *name, *array_type, *cast;
} fixed[PRAC_SQL_FIELDS] = {
	[PRAC_SQL_ID] = { "id", "uuid[]", "" },
	[PRAC_SQL_SCOPE] = { "scope", "uuid[]", "" },
	[PRAC_SQL_SEQ] = { "seq", "bigint[]", "" },
	[PRAC_SQL_GROUP_SEQ] = { "group_seq", "text[]", "::bigint[]" },
	[PRAC_SQL_DELETED] = { "deleted", "boolean[]", "" },
	[PRAC_SQL_EXTRA] = { "extra", "bytea[]", "" },
};

static const struct {
	const char *column, *array;
} kinds[] = {
	[PRAC_TEXT] = { "text", "text[]" },
	[PRAC_TEXT_LIST] = { "text[]", "text[]" },
	[PRAC_INT] = { "bigint", "bigint[]" },
	[PRAC_BOOL] = { "boolean", "boolean[]" },
	[PRAC_DATE] = { "date", "date[]" },
	[PRAC_TIME] = { "integer", "integer[]" },
	[PRAC_MINUTES] = { "bigint", "bigint[]" },
	[PRAC_CENTS] = { "bigint", "bigint[]" },
	[PRAC_INSTANT] = { "timestamptz", "timestamptz[]" },
	[PRAC_ENUM] = { "text", "text[]" },
	[PRAC_REF] = { "uuid", "uuid[]" },
	[PRAC_BLOB] = { "bytea", "bytea[]" },
};

const char *prac_sql_column_type(const struct prac_field *field)
{
	return kinds[prac_field_is_closed(field) ? PRAC_BLOB : field->kind].column;
}

/*
 * Type of a parameter that carries the column of many rows. Repeated values travel as text[] of
 * array literals ({"a","b"}), because unnest flattens arrays of arrays; so does group_seq.
 */
static const char *array_type(const struct prac_field *field)
{
	return kinds[prac_field_is_closed(field) ? PRAC_BLOB : field->kind].array;
}

static void put_columns(const struct prac_type *type, const char *prefix, struct prac_buf *buf)
{
	for (size_t i = 0; i < PRAC_SQL_FIELDS; i++) {
		prac_buf_printf(buf, "%s%s%s", i == 0 ? "" : ", ", prefix, fixed[i].name);
	}
	for (size_t i = 0; i < type->n_fields; i++) {
		prac_buf_printf(buf, ", %s%s", prefix, type->fields[i].name);
	}
}

static void put_fields(const struct prac_type *type, const char *prefix, struct prac_buf *buf)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		prac_buf_printf(buf, ", %s%s", prefix, type->fields[i].name);
	}
}

/* Repeated values come as text and are cast back one by one. */
static const char *cast_of(const struct prac_field *field)
{
	return field->kind == PRAC_TEXT_LIST ? "::text[]" : "";
}

static void put_fields_cast(const struct prac_type *type, struct prac_buf *buf)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		prac_buf_printf(buf, ", n.%s%s", type->fields[i].name, cast_of(&type->fields[i]));
	}
}

/*
 * Arrays become rows in the list of a SELECT, which hands them on one by one; as a FROM-item every
 * array would first be copied into a store of tuples of its own.
 */
static void put_field_arrays(const struct prac_type *type, size_t first, struct prac_buf *buf)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct prac_field *field = &type->fields[i];

		prac_buf_printf(buf, ",\n       unnest($%zu::%s) AS %s", first + i,
			array_type(field), field->name);
	}
}

/* FROM-item n with the parameters of a whole row. */
static void put_rows(const struct prac_type *type, struct prac_buf *buf)
{
	prac_buf_printf(buf, "(SELECT ");
	for (size_t i = 0; i < PRAC_SQL_FIELDS; i++) {
		prac_buf_printf(buf, "%sunnest($%zu::%s) AS %s", i == 0 ? "" : ",\n       ", i + 1,
			fixed[i].array_type, fixed[i].name);
	}
	put_field_arrays(type, PRAC_SQL_FIELDS + 1, buf);
	prac_buf_printf(buf, ") AS n");
}

void prac_sql_rows(const struct prac_type *type, struct prac_buf *buf)
{
	prac_buf_printf(buf, "SELECT ");
	put_columns(type, "", buf);
	prac_buf_printf(buf, "\n  FROM %s", type->name);
}

void prac_sql_select(const struct prac_type *type, struct prac_buf *buf)
{
	prac_sql_rows(type, buf);
	prac_buf_printf(buf, "\n WHERE id = ANY($1::uuid[])\n");
}

void prac_sql_scope(const struct prac_type *type, struct prac_buf *buf)
{
	prac_buf_printf(buf, "SELECT ");
	put_columns(type, "", buf);
	prac_buf_printf(
		buf, "\n  FROM %s\n WHERE scope = ANY($1::uuid[]) AND NOT deleted\n", type->name);
}

void prac_sql_key(const struct prac_type *type, struct prac_buf *buf)
{
	prac_buf_printf(buf, "SELECT t.id\n  FROM (SELECT ");
	for (size_t i = 0; i < type->n_natural_key; i++) {
		const struct prac_field *field = &type->fields[type->natural_key[i]];

		prac_buf_printf(buf, "%sunnest($%zu::%s) AS %s", i == 0 ? "" : ", ", i + 1,
			array_type(field), field->name);
	}
	prac_buf_printf(buf, ") AS k\n  JOIN %s t ON NOT t.deleted", type->name);
	for (size_t i = 0; i < type->n_natural_key; i++) {
		const struct prac_field *field = &type->fields[type->natural_key[i]];

		/* An index serves no IS NOT DISTINCT FROM. */
		prac_buf_printf(buf, " AND t.%s %s k.%s", field->name,
			(field->flags & PRAC_REQUIRED) != 0 ? "=" : "IS NOT DISTINCT FROM",
			field->name);
	}
}

void prac_sql_children(
	const struct prac_type *type, const struct prac_field *field, struct prac_buf *buf)
{
	prac_buf_printf(buf, "SELECT ");
	put_columns(type, "", buf);
	prac_buf_printf(buf, "\n  FROM %s\n WHERE %s = ANY($1::uuid[]) AND NOT deleted\n",
		type->name, field->name);
}

void prac_sql_window(const struct prac_type *type, const struct prac_field *field,
	const struct prac_field *date, bool or_none, struct prac_buf *buf)
{
	prac_buf_printf(buf, "SELECT ");
	put_columns(type, "", buf);
	prac_buf_printf(buf, "\n  FROM %s\n WHERE (%s = ANY($1::uuid[])", type->name, field->name);
	if (or_none) {
		prac_buf_printf(buf, " OR %s IS NULL", field->name);
	}
	/*
	 * The index of the reference is the one to use, unless whatever refers to nothing is wanted, too. A
	 * bare date column could be looked for as the second one of another index, all of which is read then.
	 */
	prac_buf_printf(buf, ")\n   AND %s%s BETWEEN $2::date AND $3::date AND NOT deleted\n",
		date->name, or_none ? "" : " + 0");
}

void prac_sql_through(const struct prac_type *type, const struct prac_field *field,
	const struct prac_sql_through *by, const struct prac_field *date, struct prac_buf *buf)
{
	prac_buf_printf(buf, "SELECT ");
	put_columns(type, "", buf);
	prac_buf_printf(buf,
		"\n  FROM %s\n WHERE %s = ANY(ARRAY(SELECT c.%s FROM %s c\n"
		"       WHERE c.%s = ANY($1::uuid[]) AND NOT c.deleted))",
		type->name, field == NULL ? "id" : field->name, by->named->name, by->through->name,
		by->by->name);
	if (date != NULL) { /* + 0: as in prac_sql_window() */
		prac_buf_printf(buf, "\n   AND %s + 0 BETWEEN $2::date AND $3::date", date->name);
	}
	prac_buf_printf(buf, " AND NOT deleted\n");
}

void prac_sql_parents(
	const struct prac_type *type, const struct prac_field *field, struct prac_buf *buf)
{
	const struct prac_type *parent = prac_type_find(field->ref_type);

	prac_buf_printf(buf, "SELECT ");
	put_columns(parent, "", buf);
	prac_buf_printf(buf,
		"\n  FROM %s\n WHERE id IN (SELECT c.%s FROM %s c WHERE c.id = ANY($1::uuid[]))\n",
		parent->name, field->name, type->name);
}

void prac_sql_insert(const struct prac_type *type, struct prac_buf *buf)
{
	prac_buf_printf(buf, "INSERT INTO %s (", type->name);
	put_columns(type, "", buf);
	prac_buf_printf(buf, ")\nSELECT ");
	for (size_t i = 0; i < PRAC_SQL_FIELDS; i++) {
		prac_buf_printf(buf, "%sn.%s%s", i == 0 ? "" : ", ", fixed[i].name, fixed[i].cast);
	}
	put_fields_cast(type, buf);
	prac_buf_printf(buf, "\n  FROM ");
	put_rows(type, buf);
	prac_buf_printf(buf, "\n");
}

void prac_sql_update(const struct prac_type *type, struct prac_buf *buf)
{
	prac_buf_printf(buf, "UPDATE %s t\n   SET ", type->name);
	for (size_t i = PRAC_SQL_SEQ; i < PRAC_SQL_FIELDS; i++) {
		prac_buf_printf(buf, "%s%s = n.%s%s", i == PRAC_SQL_SEQ ? "" : ", ", fixed[i].name,
			fixed[i].name, fixed[i].cast);
	}
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct prac_field *field = &type->fields[i];

		prac_buf_printf(buf, ", %s = n.%s%s", field->name, field->name, cast_of(field));
	}
	prac_buf_printf(buf, "\n  FROM ");
	put_rows(type, buf);
	prac_buf_printf(buf, "\n WHERE t.id = n.id\n");
}

void prac_sql_keep(const struct prac_type *type, struct prac_buf *buf)
{
	prac_buf_printf(buf, "INSERT INTO %s_past (id, from_seq, to_seq, scope", type->name);
	put_fields(type, "", buf);
	prac_buf_printf(buf, ")\nSELECT t.id, t.seq, n.seq, t.scope");
	put_fields(type, "t.", buf);
	prac_buf_printf(buf,
		"\n  FROM unnest($1::uuid[], $2::bigint[]) AS n(id, seq)\n"
		"  JOIN %s t ON t.id = n.id\n WHERE NOT t.deleted\n",
		type->name);
}

void prac_sql_past(const struct prac_type *type, struct prac_buf *buf)
{
	prac_buf_printf(buf, "INSERT INTO %s_past (id, from_seq, to_seq, scope", type->name);
	put_fields(type, "", buf);
	prac_buf_printf(buf, ")\nSELECT n.id, n.from_seq, n.to_seq, n.scope");
	put_fields_cast(type, buf);
	prac_buf_printf(buf,
		"\n  FROM (SELECT unnest($1::uuid[]) AS id, unnest($2::bigint[]) AS from_seq,\n"
		"       unnest($3::bigint[]) AS to_seq, unnest($4::uuid[]) AS scope");
	put_field_arrays(type, 5, buf);
	prac_buf_printf(buf, ") AS n\n");
}
