#include "server/sync/record_sql.h"

#include <assert.h>
#include <glib.h>
#include <string.h>

#include "sql/queries.h"

enum {
	N_PAST_COLUMNS = 4, /* id, from_seq, to_seq, scope */
	N_KEEP_PARAMS = 2
};

/* Takes what is in buf, name and text as copies. */
static void take(struct db_stmt *stmt, struct prac_buf *buf, size_t n_params, const char *what,
	const struct prac_type *type)
{
	struct prac_bytes text = prac_buf_bytes(buf);

	stmt->name = type != NULL ? g_strdup_printf("%s_%s", what, type->name) : g_strdup(what);
	stmt->text = g_strndup((const char *)text.data, text.len);
	stmt->n_params = (unsigned)n_params;
	prac_buf_clear(buf);
}

static void put_feed_of(const struct prac_type *type, struct prac_buf *buf)
{
	prac_buf_printf(buf,
		"SELECT scope, record_type, record_id, seq, gone FROM feed "
		"WHERE record_type = %u AND record_id = ANY (",
		type->number);
}

static void make_ref(struct record_sql_ref *ref, const struct prac_type *type,
	const struct prac_field *field, struct prac_buf *buf)
{
	const struct prac_type *parent = prac_type_find(field->ref_type);
	g_autofree char *by = g_strdup_printf("by_%s", field->name);
	g_autofree char *by_feed = g_strdup_printf("by_%s_feed", field->name);
	g_autofree char *of = g_strdup_printf("of_%s", field->name);
	g_autofree char *of_feed = g_strdup_printf("of_%s_feed", field->name);

	prac_sql_children(type, field, buf);
	take(&ref->children, buf, 1, by, type);
	put_feed_of(type, buf);
	prac_buf_printf(buf,
		"ARRAY(SELECT id FROM %s WHERE %s = ANY ($1::uuid[]) AND NOT deleted))", type->name,
		field->name);
	take(&ref->children_feed, buf, 1, by_feed, type);
	if (parent == NULL)
		return;
	prac_sql_parents(type, field, buf);
	take(&ref->parents, buf, 1, of, type);
	put_feed_of(parent, buf);
	prac_buf_printf(buf, "ARRAY(SELECT %s FROM %s WHERE id = ANY ($1::uuid[])))", field->name,
		type->name);
	take(&ref->parents_feed, buf, 1, of_feed, type);
}

static void make_key(struct record_sql *sql, const struct prac_type *type, struct prac_buf *buf)
{
	prac_sql_rows(type, buf);
	prac_buf_printf(buf, "\n WHERE id IN (");
	prac_sql_key(type, buf);
	prac_buf_printf(buf, ")\n");
	take(&sql->by_key, buf, type->n_natural_key, "by_key", type);
	put_feed_of(type, buf);
	prac_buf_printf(buf, "ARRAY(");
	prac_sql_key(type, buf);
	prac_buf_printf(buf, "))");
	take(&sql->by_key_feed, buf, type->n_natural_key, "by_key_feed", type);
}

static void make_type(struct record_sql *sql, const struct prac_type *type, struct prac_buf *buf)
{
	prac_sql_select(type, buf);
	take(&sql->by_id, buf, 1, "by_id", type);
	put_feed_of(type, buf);
	prac_buf_printf(buf, "$1::uuid[])");
	take(&sql->by_id_feed, buf, 1, "by_id_feed", type);
	prac_sql_scope(type, buf);
	take(&sql->by_scope, buf, 1, "by_scope", type);
	put_feed_of(type, buf);
	prac_buf_printf(buf,
		"ARRAY(SELECT id FROM %s WHERE scope = ANY ($1::uuid[]) AND NOT deleted))",
		type->name);
	take(&sql->by_scope_feed, buf, 1, "by_scope_feed", type);
	if (type->unique) {
		make_key(sql, type, buf);
		prac_buf_printf(buf, "UPDATE %s SET deleted = true WHERE id = ANY ($1::uuid[])",
			type->name);
		take(&sql->let_go, buf, 1, "let_go", type);
	}
	prac_sql_insert(type, buf);
	take(&sql->insert, buf, PRAC_SQL_FIELDS + type->n_fields, "insert", type);
	prac_sql_update(type, buf);
	take(&sql->update, buf, PRAC_SQL_FIELDS + type->n_fields, "update", type);
	if (type->reported) {
		prac_sql_keep(type, buf);
		take(&sql->keep, buf, N_KEEP_PARAMS, "keep", type);
		prac_sql_past(type, buf);
		take(&sql->past, buf, N_PAST_COLUMNS + type->n_fields, "past", type);
	}
	sql->refs = g_new0(struct record_sql_ref, type->n_fields);
	for (size_t i = 0; i < type->n_fields; i++) {
		if (type->fields[i].kind == PRAC_REF)
			make_ref(&sql->refs[i], type, &type->fields[i], buf);
	}
}

/* For each type that follows a student: its records of these students, with type and number. */
static void put_followers(const char *condition, struct prac_buf *buf)
{
	const char *separator = "";

	for (size_t i = 0; i < prac_n_types; i++) {
		const struct prac_type *type = prac_types[i];

		if (type->follow_field < 0)
			continue;
		prac_buf_printf(buf,
			"%sSELECT f.scope, %u AS record_type, r.id AS record_id, f.seq "
			"FROM f JOIN %s r ON r.%s = f.student AND %s",
			separator, type->number, type->name, type->fields[type->follow_field].name,
			condition);
		separator = " UNION ALL ";
	}
}

#define FAN_OUTS                                                                 \
	"WITH f AS (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) " \
	"AS u (student, scope, seq)) "

static void make_fan_outs(struct record_sqls *sqls, struct prac_buf *buf)
{
	prac_buf_printf(buf,
		FAN_OUTS "INSERT INTO feed (scope, record_type, record_id, seq, gone) "
			 "SELECT x.scope, x.record_type, x.record_id, x.seq, 0 FROM (");
	put_followers("NOT r.deleted", buf);
	prac_buf_printf(buf, ") AS x ON CONFLICT (record_id, record_type, scope) "
			     "DO UPDATE SET seq = excluded.seq, gone = 0 "
			     "WHERE feed.gone <> 0 AND feed.seq < excluded.seq");
	take(&sqls->appear, buf, 3, "appear", NULL);
	prac_buf_printf(buf, FAN_OUTS "UPDATE feed SET seq = x.seq, gone = 2 FROM (");
	put_followers("r.scope <> f.scope", buf);
	prac_buf_printf(buf, ") AS x WHERE feed.record_id = x.record_id "
			     "AND feed.record_type = x.record_type AND feed.scope = x.scope "
			     "AND feed.gone = 0 AND feed.seq < x.seq");
	take(&sqls->leave, buf, 3, "leave", NULL);
}

static void free_page(gpointer page)
{
	struct db_stmt *stmt = page;

	g_free((char *)stmt->name);
	g_free((char *)stmt->text);
	g_free(stmt);
}

static void put_page(const struct prac_type *const *types, size_t n_types, struct prac_buf *buf)
{
	prac_buf_printf(buf, "SELECT p.*, CASE WHEN p.gone = 0 THEN CASE p.record_type");
	for (size_t i = 0; i < n_types; i++) {
		prac_buf_printf(
			buf, "\n WHEN %u THEN (SELECT record_send(r) FROM (", types[i]->number);
		prac_sql_rows(types[i], buf);
		prac_buf_printf(buf, ") AS r WHERE r.id = p.record_id)");
	}
	/* Without the semicolon that ends it. */
	prac_buf_printf(buf, " END END\n  FROM (%.*s) AS p", (int)strcspn(q_sync_page.text, ";"),
		q_sync_page.text);
}

const struct db_stmt *record_sqls_page(
	struct record_sqls *sqls, const struct prac_type *const *types, size_t n_types)
{
	char name[sizeof("page") + RECORD_PAGE_TYPES * sizeof("_4294967295")] = "page";
	struct prac_buf buf = { 0 };
	struct db_stmt *stmt;

	assert(n_types > 0 && n_types <= RECORD_PAGE_TYPES);
	for (size_t i = 0, len = strlen(name); i < n_types; i++)
		len += (size_t)g_snprintf(name + len, sizeof(name) - len, "_%u", types[i]->number);
	stmt = g_hash_table_lookup(sqls->pages, name);
	if (stmt != NULL || g_hash_table_size(sqls->pages) == RECORD_PAGES_MAX)
		return stmt;
	stmt = g_new0(struct db_stmt, 1);
	put_page(types, n_types, &buf);
	take(stmt, &buf, q_sync_page.n_params, name, NULL);
	g_hash_table_insert(sqls->pages, (char *)stmt->name, stmt);
	prac_buf_deinit(&buf);
	return stmt;
}

/* Takes what is in buf and ends it. */
static const struct db_stmt *keep_window(
	struct record_sqls *sqls, struct prac_buf *buf, size_t n_params, const char *name)
{
	struct db_stmt *stmt = g_new0(struct db_stmt, 1);

	take(stmt, buf, n_params, name, NULL);
	g_hash_table_insert(sqls->windows, (char *)stmt->name, stmt);
	prac_buf_deinit(buf);
	return stmt;
}

const struct db_stmt *record_sqls_window(struct record_sqls *sqls, const struct prac_type *type,
	const struct prac_field *field, const struct prac_field *date, bool or_none)
{
	g_autofree char *name = g_strdup_printf(
		"dated_%s_%s_%s%s", type->name, field->name, date->name, or_none ? "_or_none" : "");
	const struct db_stmt *stmt = g_hash_table_lookup(sqls->windows, name);
	struct prac_buf buf = { 0 };

	if (stmt == NULL) {
		prac_sql_window(type, field, date, or_none, &buf);
		stmt = keep_window(sqls, &buf, 3, name);
	}
	return stmt;
}

const struct db_stmt *record_sqls_through(struct record_sqls *sqls, const struct prac_type *type,
	const struct prac_field *field, const struct prac_sql_through *by,
	const struct prac_field *date)
{
	g_autofree char *name = g_strdup_printf("through_%s_%s_%s_%s_%s_%s", type->name,
		field == NULL ? "id" : field->name, by->through->name, by->by->name,
		by->named->name, date == NULL ? "" : date->name);
	const struct db_stmt *stmt = g_hash_table_lookup(sqls->windows, name);
	struct prac_buf buf = { 0 };

	if (stmt == NULL) {
		prac_sql_through(type, field, by, date, &buf);
		stmt = keep_window(sqls, &buf, date == NULL ? 1 : 3, name);
	}
	return stmt;
}

struct record_sqls *record_sqls_new(void)
{
	struct record_sqls *sqls = g_new0(struct record_sqls, 1);
	struct prac_buf buf = { 0 };

	sqls->types = g_new0(struct record_sql, prac_n_types);
	for (size_t i = 0; i < prac_n_types; i++)
		make_type(&sqls->types[i], prac_types[i], &buf);
	make_fan_outs(sqls, &buf);
	sqls->pages = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_page);
	sqls->windows = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_page);
	prac_buf_deinit(&buf);
	return sqls;
}

static void free_stmt(struct db_stmt *stmt)
{
	g_free((char *)stmt->name);
	g_free((char *)stmt->text);
}

static void free_type(struct record_sql *sql, const struct prac_type *type)
{
	free_stmt(&sql->by_id);
	free_stmt(&sql->by_id_feed);
	free_stmt(&sql->by_scope);
	free_stmt(&sql->by_scope_feed);
	free_stmt(&sql->by_key);
	free_stmt(&sql->by_key_feed);
	free_stmt(&sql->let_go);
	free_stmt(&sql->insert);
	free_stmt(&sql->update);
	free_stmt(&sql->keep);
	free_stmt(&sql->past);
	for (size_t i = 0; i < type->n_fields; i++) {
		free_stmt(&sql->refs[i].children);
		free_stmt(&sql->refs[i].children_feed);
		free_stmt(&sql->refs[i].parents);
		free_stmt(&sql->refs[i].parents_feed);
	}
	g_free(sql->refs);
}

void record_sqls_free(struct record_sqls *sqls)
{
	if (sqls == NULL)
		return;
	for (size_t i = 0; i < prac_n_types; i++)
		free_type(&sqls->types[i], prac_types[i]);
	g_hash_table_destroy(sqls->pages);
	g_hash_table_destroy(sqls->windows);
	free_stmt(&sqls->appear);
	free_stmt(&sqls->leave);
	g_free(sqls->types);
	g_free(sqls);
}

const struct record_sql *record_sqls_get(
	const struct record_sqls *sqls, const struct prac_type *type)
{
	return &sqls->types[prac_type_index(type->number)];
}
