/*
 * Hands the rows of a part to the sequencer as if a device had pushed them: one push at a time, which
 * the fair turns of the lanes keep from holding up anybody. A part that was handed over before a
 * crash is handed over again; its keys turn what was judged into replays.
 */
#include <string.h>

#include "common/base/failpoint.h"
#include "common/base/log.h"
#include "common/wire/binary.h"
#include "server/staging/parts.h"
#include "sql/queries.h"

enum {
	ALONE_ROWS = 256, /* in a push when nobody else waits */
	SHARED_ROWS = 64
};

static void next_push(struct staging *staging);

static void part_written(void *ctx, enum prac_status status)
{
	struct staging *staging = ctx;

	if (status != PRAC_OK) {
		work_pause(staging, status);
		return;
	}
	staging->work.n_before += staging->work.rows->n_rows;
	staging->work.part++;
	work_go_on(staging);
}

static void end_part(struct staging *staging)
{
	struct work *work = &staging->work;
	struct db_batch *batch;
	struct db_params *params;

	PRAC_FAILPOINT("import_applied");
	prac_arena_reset(&work->step);
	batch = db_batch_new(&work->step);
	params = db_params_new(&work->step);
	db_param_id(params, &work->id);
	db_param_int(params, (int64_t)work->part + 1);
	db_param_int(params, (int64_t)(work->n_before + work->rows->n_rows));
	db_param_int(params, (int64_t)work->flaws.n);
	staging_write_flaws(batch, &work->id, &work->flaws, &work->step);
	db_batch_add(batch, &q_import_applied, params, NULL, NULL);
	db_link_run(staging->link, batch, part_written, staging);
}

/* A row that did not hold as it was sent. */
static void note(struct work *work, size_t i, const struct prac_verdict *verdict)
{
	struct staging_row row = { 0 };
	struct staging_flaw flaw = { .row = verdict->counter,
		.reason = verdict->reason,
		.field = verdict->field,
		.kind = verdict->kind == PRACTICUM__VERDICT_KIND__VERDICT_CONFLICT
				? PRACTICUM__IMPORT_FLAW_KIND__FLAW_CONFLICT
				: PRACTICUM__IMPORT_FLAW_KIND__FLAW_REFUSED,
		.text = verdict->text };

	if (staging_read_row(work->rows->rows[i], verdict->counter, &work->step, &row)) {
		flaw.file = row.file;
		flaw.line = row.line;
		flaw.type = row.mutation.type_number;
		flaw.id = row.mutation.id;
	}
	if (verdict->kind == PRACTICUM__VERDICT_KIND__VERDICT_CONFLICT) {
		flaw.text = prac_bytes_text("others changed it meanwhile: practicum conflicts");
	}
	staging_add_flaw(&work->flaws, &work->arena, &flaw);
}

static void judged(void *ctx, const struct sequencer_answer *answer)
{
	struct staging *staging = ctx;
	struct work *work = &staging->work;

	if (answer->status == PRAC_ABORTED || answer->status == PRAC_INTERNAL) {
		work_fail(staging, answer->status == PRAC_ABORTED
					   ? "the numbers of its rows do not go on"
					   : "a row cannot be stored");
		return;
	}
	if (answer->status != PRAC_OK) {
		work_pause(staging, answer->status);
		return;
	}
	for (size_t i = 0; i < answer->n_verdicts; i++) {
		if (answer->verdicts[i].kind != PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED) {
			note(work, work->next + i, &answer->verdicts[i]);
		}
	}
	work->next += work->n_step;
	next_push(staging);
}

/* As many rows as one push may bring. */
static size_t fill(const struct work *work, size_t max, struct prac_bytes *mutations)
{
	size_t n = 0, n_bytes = 0;

	while (n < max && work->next + n < work->rows->n_rows &&
		n_bytes < SEQUENCER_BATCH_BYTES / 2) {
		const Practicum__ImportRow *row = work->rows->rows[work->next + n];

		mutations[n] = prac_binary_bytes(row->mutation);
		n_bytes += mutations[n++].len;
	}
	return n;
}

static void next_push(struct staging *staging)
{
	struct work *work = &staging->work;
	struct sequencer *sequencer = staging->config.sequencer;
	struct prac_bytes mutations[ALONE_ROWS];
	struct judge_device device = { .id = work->device,
		.incarnation = work->incarnation,
		.district = true,
		.people = sender_people(work) };
	struct sequencer_push push = {
		.device = &device, .mutations = mutations, .done = judged, .ctx = staging
	};
	enum prac_status status;

	if (work->next == work->rows->n_rows) {
		end_part(staging);
		return;
	}
	prac_arena_reset(&work->step);
	work->n_step =
		fill(work, sequencer_waiting(sequencer) == 0 ? ALONE_ROWS : SHARED_ROWS, mutations);
	push.n_mutations = work->n_step;
	PRAC_FAILPOINT("import_push");
	status = sequencer_submit(sequencer, &push);
	if (status == PRAC_INVALID_ARGUMENT) {
		work_fail(staging, "a row cannot be read");
	} else if (status != PRAC_OK) {
		work_pause(staging, status);
	}
}

void apply_part(struct staging *staging)
{
	next_push(staging);
}
