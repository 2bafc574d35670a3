/*
 * Bulk imports (PROTOCOL 15). What a district device sends in parts is stored, checked as a whole, and
 * only then handed to the sequencer, batch after batch, as one more device that pushes: with the
 * import's own incarnation, so that the keys that make a push count once make an import count once.
 * A crash at any point loses nothing and doubles nothing; an import that is done can be taken back.
 *
 * Works on PostgreSQL only. No loop of its own: the callbacks of its link and of the sequencer
 * drive it, staging_tick() starts it.
 */
#pragma once

#include "proto/sync.pb-c.h"
#include "server/db/db.h"
#include "server/sync/sequencer.h"
#include "server/sync/store_pg.h"

enum {
	STAGING_ROWS_MAX = 2000,  /* in one part: its fields are counted (PRAC_SCAN_FIELDS) */
	STAGING_PARTS_MAX = 4096, /* in one import */
	STAGING_FLAWS_SHOWN = 200
};

struct staging;

struct staging_config {
	struct uv_loop_s *loop;
	const struct prac_env *env;
	const char *conninfo;
	struct store_pg *store;
	struct sequencer *sequencer;
};

/* Starts to connect. All of the configuration outlives it. */
struct staging *staging_new(const struct staging_config *config) PRAC_RETURNS_NONNULL;

/* Looks for work; call about every second. */
void staging_tick(struct staging *staging);

/* Takes up no further work; what is under way ends at the next part, or with the sequencer. */
void staging_stop(struct staging *staging);

/* Closes the connection, frees staging, then runs closed. The sequencer has answered everything. */
void staging_close(struct staging *staging, db_closed_fn closed, void *ctx);

/* Who asks: always a device of the district office, and who is signed in there; nil: the device itself. */
struct staging_part {
	struct prac_id import, device, person;
	uint32_t part;
	uint32_t n_rows;
	bool is_last;
	struct prac_bytes rows;         /* borrowed until done */
	struct prac_bytes label;        /* of part 0, as are the files */
	const struct prac_bytes *files; /* borrowed until done */
	size_t n_files;
};

/* state lives in the arena that came with the call; NULL unless PRAC_OK. */
typedef void (*staging_state_fn)(void *ctx, enum prac_status status, Practicum__ImportState *state);
typedef void (*staging_list_fn)(void *ctx, enum prac_status status, Practicum__ImportList *list);

/*
 * The state afterwards says which part is wanted next; a part that is not the next one changes
 * nothing. PRAC_PERMISSION_DENIED: another device or person began this import.
 */
void staging_put(struct staging *staging, const struct staging_part *part, struct prac_arena *arena,
	staging_state_fn done, void *ctx);

struct staging_question {
	struct prac_id import;
	uint64_t after_row; /* flaws of later rows */
};

/* PRAC_NOT_FOUND: no such import. */
void staging_look(struct staging *staging, const struct staging_question *question,
	struct prac_arena *arena, staging_state_fn done, void *ctx);
void staging_list(
	struct staging *staging, struct prac_arena *arena, staging_list_fn done, void *ctx);

struct staging_reversal {
	struct prac_id import;   /* to be taken back */
	struct prac_id reversal; /* id of the import that does it */
	struct prac_id device, person;
};

/*
 * The state is the reversal's. PRAC_FAILED_PRECONDITION: the import is not done, is a reversal, or is
 * taken back already by another one.
 */
void staging_reverse(struct staging *staging, const struct staging_reversal *reversal,
	struct prac_arena *arena, staging_state_fn done, void *ctx);
