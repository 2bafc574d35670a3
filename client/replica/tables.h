/* The tables of the record types, made from the catalog. Inside client/replica only. */
#pragma once

#include "client/replica/file.h"

/* Columns that every table has, in this order; the fields that are kept as columns follow. */
enum table_column {
	COL_ID,
	COL_SEQ,
	COL_OWNER,
	COL_SCOPES,    /* 16 bytes each */
	COL_GROUP_SEQ, /* varints, by group index */
	COL_BASE,    /* the record's canonical bytes as the server has them; NULL: not there yet */
	COL_SEALED,  /* of these, what is sealed (sealed.h); NULL: nothing */
	COL_GONE,    /* Practicum__Gone of a base that is kept for pending input */
	COL_PENDING, /* the outbox holds input that is laid over base */
	COL_SHOWN,   /* part of the view */
	COL_MARK,    /* load that last saw it */
	COL_FIELDS
};

/* Blobs and what is sealed are read from base only. */
bool table_has_column(const struct prac_field *field);

void tables_create_sql(const struct prac_type *type, struct prac_buf *buf);
void tables_index_sql(const struct prac_type *type, struct prac_buf *buf);
void tables_insert_sql(const struct prac_type *type, size_t n_rows, struct prac_buf *buf);
void tables_put_sql(const struct prac_type *type, struct prac_buf *buf);
void tables_all_sql(const char *table, bool has_sealed, struct prac_buf *buf);
void tables_get_sql(const struct prac_type *type, struct prac_buf *buf);
void tables_drop_sql(const struct prac_type *type, struct prac_buf *buf);
void tables_list_sql(const struct replica_query *query, struct prac_buf *buf);
void tables_near_sql(const struct prac_type *type, bool before, struct prac_buf *buf);
void tables_range_sql(const struct prac_type *type, struct prac_buf *buf);
void tables_sweep_sql(const struct prac_type *type, struct prac_buf *buf);
void tables_forget_seq_sql(const struct prac_type *type, struct prac_buf *buf);
void tables_rename_sql(const char *from, const char *to, struct prac_buf *buf);
void tables_remove_sql(const char *table, struct prac_buf *buf);

/* Makes the tables fit the catalog; columns are extracted again from the kept bytes. */
void tables_open(struct replica *replica);
void tables_close(struct replica *replica);

/* NULL: not in the catalog and never met. */
struct table *table_find(struct replica *replica, uint32_t type);

/* As table_find(); a type of a newer server gets a table that only keeps its bytes. */
struct table *table_take(struct replica *replica, uint32_t type);

/* After a rollback: tables made for unknown types are gone. */
void tables_forget_unknown(struct replica *replica);

/* The statement is prepared at its first use. */
sqlite3_stmt *table_get(struct replica *replica, struct table *table);
sqlite3_stmt *table_insert(struct replica *replica, struct table *table);
sqlite3_stmt *table_insert_group(struct replica *replica, struct table *table);
sqlite3_stmt *table_put(struct replica *replica, struct table *table);
sqlite3_stmt *table_near(struct replica *replica, struct table *table, bool before);
sqlite3_stmt *table_drop(struct replica *replica, struct table *table);
sqlite3_stmt *table_sweep(struct replica *replica, struct table *table);

void bind_value(sqlite3_stmt *stmt, int i, const struct prac_field *field,
	const struct prac_value *value, struct prac_arena *arena);
