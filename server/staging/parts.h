/* What the files of staging share. Inside server/staging only. */
#pragma once

#include "server/staging/staging.h"
#include "server/sync/view.h"

/* Parts are sealed as they come, whatever their rows are about. PRAC_DATA_LOSS: it does not open. */
struct prac_bytes staging_part_put(const struct staging *staging, const struct prac_id *import,
	struct prac_bytes rows, struct prac_arena *arena);
enum prac_status staging_part_get(const struct staging *staging, const struct prac_id *import,
	struct prac_bytes kept, struct prac_arena *arena,
	struct prac_bytes *rows_out) PRAC_MUST_USE;

struct staging_flaw {
	uint64_t row;
	uint32_t file, line;
	uint32_t type;
	struct prac_id id;
	uint32_t field; /* number; 0: the whole record */
	enum prac_reason reason;
	Practicum__ImportFlawKind kind;
	struct prac_bytes text;
};

struct staging_flaws {
	struct staging_flaw *items; /* in the arena of whoever adds */
	size_t n;
};

/* A row of a part. */
struct staging_row {
	uint32_t file, line;
	struct prac_mutation mutation;
	enum prac_reason reason; /* of reading it */
	struct prac_problem problem;
};

/* The import being worked on. Each trip to the database is a transaction of its own. */
struct work {
	struct prac_id id, device, person;
	uint64_t incarnation;
	Practicum__ImportStage stage;
	uint32_t n_parts, part;
	uint64_t n_rows, n_before; /* rows in the parts before this one */
	/* Of a reversal: whose mutations it takes back, and from which row on it has. */
	struct prac_id undone_device;
	uint64_t undone_incarnation, undo_before;
	struct prac_arena arena;    /* of the part at hand */
	struct prac_arena step;     /* of one trip, or of the rows of one */
	struct judge_person sender; /* with rights in the arena of the part */
	struct judge_people people; /* the sender */
	const Practicum__ImportRows *rows;
	size_t next, n_step; /* rows of the part that are done; in the step under way */
	struct staging_flaws flaws;
};

struct staging {
	struct staging_config config;
	struct db_link *link;
	bool is_stopping, has_lock, is_busy;
	uint64_t swept_ms; /* when imports that nobody goes on sending were looked for */
	struct work work;
	db_closed_fn closed;
	void *closed_ctx;
};

/* The incarnation under which an import's mutations are judged. */
uint64_t staging_incarnation(const struct prac_id *import);

/* work.c: ends the work on the import for now; the next tick takes it up where the tables say. */
void work_pause(struct staging *staging, enum prac_status status);
/* The next thing to do: a part to check or apply, a page to undo, or the end. */
void work_go_on(struct staging *staging);
/* Fails the import for good: a fault of this program, or tables that contradict each other. */
void work_fail(struct staging *staging, const char *why);
void work_end(struct staging *staging, Practicum__ImportStage stage);

/* check.c, apply.c, undo.c: the part in work.rows, a page of a reversal. They end in one above. */
void check_part(struct staging *staging);
void apply_part(struct staging *staging);
void undo_page(struct staging *staging);

/* rows.c */
enum prac_status staging_unpack(
	struct prac_bytes zipped, struct prac_arena *arena, const Practicum__ImportRows **rows_out);
/* False: the row is no mutation with this number. */
bool staging_read_row(const Practicum__ImportRow *from, uint64_t number, struct prac_arena *arena,
	struct staging_row *row_out);
void staging_add_flaw(
	struct staging_flaws *flaws, struct prac_arena *arena, const struct staging_flaw *flaw);
/* Nothing when there is no flaw. */
void staging_write_flaws(struct db_batch *batch, const struct prac_id *import,
	const struct staging_flaws *flaws, struct prac_arena *arena);

/* sender.c: asks who sent the import, for the part to be read. */
void sender_ask(struct staging *staging, struct db_batch *batch);
/* As struct judge_device wants it. */
const struct judge_people *sender_people(const struct work *work) PRAC_MUST_USE;
/* May the sender do what the row says to the record, as it is or is to be? */
enum prac_reason sender_may(const struct staging *staging, struct view *view,
	const struct prac_mutation *mutation, const struct prac_record *record,
	struct prac_problem *problem);
