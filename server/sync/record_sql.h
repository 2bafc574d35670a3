/*
 * The statements that load and write records of each type, with the feed rows that belong to them:
 * made once at start from what common/catalog/sql.h says of each type.
 */
#pragma once

#include <glib.h>

#include "common/catalog/catalog.h"
#include "common/catalog/sql.h"
#include "sql/stmt.h"

/* What loads by one reference field, and the feed rows of what it loads. */
struct record_sql_ref {
	struct db_stmt children, children_feed;
	struct db_stmt parents, parents_feed; /* no text: the field is no checked reference */
};

struct record_sql {
	struct db_stmt by_id, by_id_feed;
	struct db_stmt by_scope, by_scope_feed;
	struct db_stmt by_key, by_key_feed; /* unique types only */
	struct db_stmt let_go;              /* likewise: takes ids out of the index of keys */
	struct db_stmt insert, update;
	struct db_stmt keep, past;   /* reported types only */
	struct record_sql_ref *refs; /* by field index; only references have text */
};

struct record_sqls {
	struct record_sql *types; /* by position in prac_types */
	struct db_stmt appear;    /* students, scopes, numbers: store_fan_out with STORE_LIVE */
	struct db_stmt leave;     /* the same with STORE_MOVED */
	GHashTable *pages;        /* name -> struct db_stmt: of record_sqls_page() */
	GHashTable *windows;      /* of record_sqls_window() and record_sqls_through() */
};

/* Lives until record_sqls_free(). */
struct record_sqls *record_sqls_new(void);
void record_sqls_free(struct record_sqls *sqls);

enum {
	RECORD_PAGE_TYPES = 4, /* more tables would cost a small page more than a second trip */
	RECORD_PAGES_MAX = 64  /* statements of different types that are kept */
};

/*
 * As sync_page, with one column more: the row of the record's own table as record_send() makes it,
 * when the record is of one of these types, in ascending number, and the feed row is live; else NULL.
 * At most RECORD_PAGE_TYPES types. NULL when too many different ones were asked for.
 */
const struct db_stmt *record_sqls_page(
	struct record_sqls *sqls, const struct prac_type *const *types, size_t n_types);

/* $1 ids, $2 and $3 days: prac_sql_window(). As many as rules ask for, made when first wanted. */
const struct db_stmt *record_sqls_window(struct record_sqls *sqls, const struct prac_type *type,
	const struct prac_field *field, const struct prac_field *date, bool or_none);

/* $1 ids, with a date $2 and $3 days: prac_sql_through(). Made when first wanted. */
const struct db_stmt *record_sqls_through(struct record_sqls *sqls, const struct prac_type *type,
	const struct prac_field *field, const struct prac_sql_through *by,
	const struct prac_field *date);

const struct record_sql *record_sqls_get(
	const struct record_sqls *sqls, const struct prac_type *type);
