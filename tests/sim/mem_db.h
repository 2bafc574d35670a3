/*
 * The server's tables in memory, as PostgreSQL holds them: records with their history, the feed, the
 * judged mutations and the counters of devices. No time, no faults: store_mem.h has those.
 */
#pragma once

#include <glib.h>

#include "server/sync/store.h"

struct mem_record {
	const struct prac_type *type;
	struct prac_id id, scope;
	uint64_t seq;
	uint64_t group_seq[PRAC_GROUPS_MAX];
	bool deleted;
	struct prac_bytes body; /* owned */
};

struct mem_db {
	GPtrArray *records;     /* of struct mem_record */
	GPtrArray *history;     /* of struct mem_record: reported types, every version */
	GPtrArray *mutations;   /* of struct store_judged, in seq order unless a bug is planted */
	GArray *feed;           /* of struct store_feed_row */
	GArray *devices;        /* of struct store_device */
	GHashTable *by_key;     /* struct mem_record by type and id */
	GHashTable *by_counter; /* struct store_judged by key */
	GArray *lives;          /* of struct mem_life, oldest first */
	uint64_t epoch, head;
};

struct mem_life {
	uint64_t epoch, began_after;
};

struct mem_db *mem_db_new(void);
void mem_db_free(struct mem_db *db);
struct mem_db *mem_db_copy(const struct mem_db *db); /* for a backup */

/* As epoch_new of sql/queries/device.sql, whose clock is micros, and what WELCOME says of it. */
void mem_db_new_epoch(struct mem_db *db, uint64_t epoch, uint64_t micros);
uint64_t mem_db_lost_after(const struct mem_db *db, uint64_t epoch);

const struct mem_record *mem_db_record(
	const struct mem_db *db, uint32_t type, const struct prac_id *id);
const struct store_feed_row *mem_db_feed_row(
	const struct mem_db *db, const struct store_feed_row *like);
const struct store_judged *mem_db_judged(
	const struct mem_db *db, const struct prac_mutation_key *key);
const struct store_judged *mem_db_judged_as(const struct mem_db *db, uint64_t seq);
struct store_device *mem_db_device(
	struct mem_db *db, const struct prac_id *device, uint64_t incarnation);

/* Adds what one load finds to the facts, in the arena. */
void mem_db_load(const struct mem_db *db, const struct store_load *load, struct prac_arena *arena,
	struct store_facts *facts);

/* False: a record is new and exists, or is not and does not; nothing was written. */
bool mem_db_write(struct mem_db *db, const struct store_writes *writes);
void mem_db_write_devices(struct mem_db *db, const struct store_writes *writes);

/* The record as it stands in the table; in the arena. */
struct prac_record *mem_db_decode(const struct mem_record *from, struct prac_arena *arena);

struct store_page *mem_db_page(
	struct mem_db *db, const struct store_page_ask *ask, struct prac_arena *arena);
