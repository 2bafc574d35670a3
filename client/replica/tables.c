#include "client/replica/tables.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/replica/rows.h"
#include "client/replica/sealed.h"
#include "common/base/hash.h"
#include "sql/replica.h"

struct table *table_find(struct replica *replica, uint32_t type)
{
	for (size_t i = 0; i < replica->n_tables; i++) {
		if (replica->tables[i].type->number == type) {
			return &replica->tables[i];
		}
	}
	return NULL;
}

static void unknown_name(uint32_t number, char name_out[32])
{
	(void)snprintf(name_out, 32, "unknown_%u", number);
}

static struct table *add_unknown(struct replica *replica, uint32_t number)
{
	struct table *table = &replica->tables[replica->n_tables];
	struct prac_type *type;
	char name[32];

	if (replica->n_tables == prac_n_types + FILE_UNKNOWN_MAX) {
		file_fail(replica, PRAC_UNIMPLEMENTED,
			"the server has too many record types that this program does not know; "
			"update it");
		return NULL;
	}
	type = calloc(1, sizeof(*type));
	unknown_name(number, name);
	if (type == NULL || (type->name = strdup(name)) == NULL) {
		free(type);
		file_fail(replica, PRAC_RESOURCE_EXHAUSTED, "not enough memory");
		return NULL;
	}
	type->number = number;
	type->owner_field = type->follow_field = type->state_field = -1;
	memset(table, 0, sizeof(*table));
	table->type = table->unknown = type;
	replica->n_tables++;
	return table;
}

static void run_sql(struct replica *replica, struct prac_buf *buf)
{
	file_exec(replica, (const char *)prac_buf_bytes(buf).data);
	prac_buf_clear(buf);
}

struct table *table_take(struct replica *replica, uint32_t type)
{
	struct table *table = table_find(replica, type);
	struct prac_buf sql = { 0 };

	if (table != NULL) {
		return table;
	}
	table = add_unknown(replica, type);
	if (table != NULL) {
		tables_create_sql(table->type, &sql);
		run_sql(replica, &sql);
		prac_buf_deinit(&sql);
	}
	return table;
}

static void close_table(struct table *table)
{
	sqlite3_stmt *stmts[] = { table->insert, table->insert_group, table->put, table->get,
		table->drop, table->sweep, table->near[0], table->near[1] };

	for (size_t i = 0; i < PRAC_NELEM(stmts); i++) {
		(void)sqlite3_finalize(stmts[i]); /* told by the step */
	}
	if (table->unknown != NULL) {
		free((char *)table->unknown->name);
		free(table->unknown);
	}
}

void tables_forget_unknown(struct replica *replica)
{
	while (replica->n_tables > prac_n_types) {
		close_table(&replica->tables[--replica->n_tables]);
	}
}

void tables_close(struct replica *replica)
{
	for (size_t i = 0; i < replica->n_tables; i++) {
		close_table(&replica->tables[i]);
	}
	free(replica->tables);
}

static sqlite3_stmt *use(struct replica *replica, sqlite3_stmt **slot, struct prac_buf *sql)
{
	if (*slot == NULL) {
		*slot = file_prepare(
			replica, (const char *)prac_buf_bytes(sql).data, SQLITE_PREPARE_PERSISTENT);
	}
	prac_buf_deinit(sql);
	return *slot;
}

sqlite3_stmt *table_get(struct replica *replica, struct table *table)
{
	struct prac_buf sql = { 0 };

	if (table->get == NULL) {
		tables_get_sql(table->type, &sql);
		return use(replica, &table->get, &sql);
	}
	return table->get;
}

sqlite3_stmt *table_insert(struct replica *replica, struct table *table)
{
	struct prac_buf sql = { 0 };

	if (table->insert == NULL) {
		tables_insert_sql(table->type, 1, &sql);
		return use(replica, &table->insert, &sql);
	}
	return table->insert;
}

sqlite3_stmt *table_insert_group(struct replica *replica, struct table *table)
{
	struct prac_buf sql = { 0 };

	if (table->insert_group == NULL) {
		tables_insert_sql(table->type, FILE_GROUP, &sql);
		return use(replica, &table->insert_group, &sql);
	}
	return table->insert_group;
}

sqlite3_stmt *table_put(struct replica *replica, struct table *table)
{
	struct prac_buf sql = { 0 };

	if (table->put == NULL) {
		tables_put_sql(table->type, &sql);
		return use(replica, &table->put, &sql);
	}
	return table->put;
}

sqlite3_stmt *table_drop(struct replica *replica, struct table *table)
{
	struct prac_buf sql = { 0 };

	if (table->drop == NULL) {
		tables_drop_sql(table->type, &sql);
		return use(replica, &table->drop, &sql);
	}
	return table->drop;
}

sqlite3_stmt *table_sweep(struct replica *replica, struct table *table)
{
	struct prac_buf sql = { 0 };

	if (table->sweep == NULL) {
		tables_sweep_sql(table->type, &sql);
		return use(replica, &table->sweep, &sql);
	}
	return table->sweep;
}

sqlite3_stmt *table_near(struct replica *replica, struct table *table, bool before)
{
	sqlite3_stmt **slot = &table->near[before ? 1 : 0];
	struct prac_buf sql = { 0 };

	if (*slot == NULL) {
		tables_near_sql(table->type, before, &sql);
		return use(replica, slot, &sql);
	}
	return *slot;
}

void bind_value(sqlite3_stmt *stmt, int i, const struct prac_field *field,
	const struct prac_value *value, struct prac_arena *arena)
{
	const struct prac_enum_value *word;
	struct prac_buf buf = { 0 };
	struct prac_bytes list;

	if (!value->has) {
		(void)sqlite3_bind_null(stmt, i); /* step tells */
	} else if (field->kind == PRAC_TEXT) {
		(void)sqlite3_bind_text(stmt, i, (const char *)value->bytes.data,
			(int)value->bytes.len, SQLITE_STATIC); /* step tells */
	} else if (field->kind == PRAC_REF || field->kind == PRAC_BLOB) {
		bind_bytes(stmt, i, value->bytes);
	} else if (field->kind == PRAC_TEXT_LIST) {
		prac_value_format(field, value, &buf);
		list = prac_arena_copy(arena, prac_buf_bytes(&buf));
		prac_buf_deinit(&buf);
		(void)sqlite3_bind_text(stmt, i, (const char *)list.data, (int)list.len,
			SQLITE_STATIC); /* step tells */
	} else if (field->kind == PRAC_ENUM &&
		   (word = prac_enum_find(field, value->number)) != NULL) {
		(void)sqlite3_bind_text(stmt, i, word->name, -1, SQLITE_STATIC); /* step tells */
	} else {
		(void)sqlite3_bind_int64(stmt, i, value->number); /* step tells */
	}
}

/* ---- fitting the file to the catalog */

/* What the tables of this program look like, as one digest. */
static void fingerprint(char hex_out[2 * PRAC_SHA256_LEN + 1])
{
	struct prac_buf buf = { 0 };
	struct prac_digest digest;

	for (size_t i = 0; i < prac_n_types; i++) {
		tables_create_sql(prac_types[i], &buf);
		tables_index_sql(prac_types[i], &buf);
	}
	digest = prac_sha256(prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
	for (size_t i = 0; i < PRAC_SHA256_LEN; i++) {
		(void)snprintf(hex_out + 2 * i, 3, "%02x", digest.b[i]);
	}
}

/* The text the table was made with; NULL when there is none. In the transaction's arena. */
static const char *table_text(struct replica *replica, const char *name)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_table_text);
	const char *text = NULL;

	(void)sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC); /* step tells */
	if (file_row(replica, stmt)) {
		text = prac_arena_text(&replica->tx_arena, column_bytes(stmt, 0));
		(void)sqlite3_reset(stmt);
	}
	return text;
}

/* Every row of an older form of the table is split anew and goes through row_write() once more. */
static void move_rows(struct replica *replica, const char *from, struct table *table)
{
	const char *text = table_text(replica, from);
	bool has_sealed = text != NULL && strstr(text, " _sealed ") != NULL;
	struct prac_buf sql = { 0 };
	sqlite3_stmt *stmt;
	struct row row;

	tables_all_sql(from, has_sealed, &sql);
	stmt = file_prepare(replica, (const char *)prac_buf_bytes(&sql).data, 0);
	prac_buf_clear(&sql);
	while (file_row(replica, stmt)) {
		row_from_columns(stmt, &row);
		if (row.has_base) {
			sealed_split(replica, table->type,
				sealed_join(replica, table->type, &row, &replica->row_arena), &row);
		}
		row_write(replica, table, &row);
	}
	(void)sqlite3_finalize(stmt); /* told by the step */
	tables_remove_sql(from, &sql);
	run_sql(replica, &sql);
	prac_buf_deinit(&sql);
}

static void fit_table(struct replica *replica, struct table *table)
{
	const struct prac_type *type = table->type;
	const char *present = table_text(replica, type->name);
	struct prac_buf sql = { 0 };
	char unknown[32];

	unknown_name(type->number, unknown);
	tables_create_sql(type, &sql);
	if (present != NULL && strcmp(present, (const char *)prac_buf_bytes(&sql).data) != 0) {
		prac_buf_clear(&sql);
		tables_rename_sql(type->name, "older", &sql);
		run_sql(replica, &sql);
		tables_create_sql(type, &sql);
		run_sql(replica, &sql);
		move_rows(replica, "older", table);
	} else if (present == NULL) {
		run_sql(replica, &sql);
	}
	if (table_text(replica, unknown) != NULL) {
		move_rows(replica, unknown, table);
	}
	prac_buf_clear(&sql);
	tables_index_sql(type, &sql);
	run_sql(replica, &sql);
	prac_buf_deinit(&sql);
}

/* Types of a newer server that were met before, so that sweeping and purging reach them. */
static void find_unknown(struct replica *replica)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_table_names);

	while (file_row(replica, stmt)) {
		const char *name = (const char *)sqlite3_column_text(stmt, 0);
		uint32_t number = (uint32_t)strtoul(name + strlen("unknown_"), NULL, 10);

		if (number != 0 && table_find(replica, number) == NULL) {
			(void)add_unknown(replica, number); /* the transaction keeps its failure */
		}
	}
}

void tables_open(struct replica *replica)
{
	char hex[2 * PRAC_SHA256_LEN + 1];
	sqlite3_stmt *stmt;

	replica->tables = calloc(prac_n_types + FILE_UNKNOWN_MAX, sizeof(*replica->tables));
	if (replica->tables == NULL) {
		file_fail(replica, PRAC_RESOURCE_EXHAUSTED, "not enough memory");
		return;
	}
	for (size_t i = 0; i < prac_n_types; i++) {
		replica->tables[replica->n_tables++].type = prac_types[i];
	}
	fingerprint(hex);
	if (strcmp(hex, replica->meta.catalog) != 0) {
		for (size_t i = 0; i < prac_n_types; i++) {
			fit_table(replica, &replica->tables[i]);
		}
		stmt = file_use(replica, &q_replica_meta_catalog);
		bind_u64(stmt, 1, PRAC_SCHEMA);
		(void)sqlite3_bind_text(stmt, 2, hex, -1, SQLITE_STATIC); /* step tells */
		file_run(replica, stmt);
	}
	find_unknown(replica);
}
