#include "server/sync/judge.h"

#include <stdio.h>
#include <string.h>

#include "common/base/failpoint.h"
#include "server/sync/judge_parts.h"

/* Ids of what the server adds: the same each time this mutation is judged. UUID version 8. */
static struct prac_id own_id(void *ctx, size_t n)
{
	const struct trial *trial = ctx;
	const struct judge_device *device = trial->input->device;
	uint64_t numbers[3] = { device->incarnation, trial->mutation->counter, n };
	const struct prac_bytes parts[] = { prac_id_bytes(&device->id),
		{ (const uint8_t *)numbers, sizeof(numbers) } };
	struct prac_digest digest = prac_sha256_parts(parts, 2);
	struct prac_id id;

	memcpy(id.b, digest.b, PRAC_ID_LEN);
	id.b[6] = (uint8_t)(0x80 | (id.b[6] & 0x0F));
	id.b[8] = (uint8_t)(0x80 | (id.b[8] & 0x3F));
	return id;
}

static void start_trial(struct trial *trial, struct judge *judge, const struct judge_input *input)
{
	memset(trial, 0, sizeof(*trial));
	trial->judge = judge;
	trial->input = input;
	trial->mutation = &input->mutation;
	trial->seq = ++judge->seq;
	trial->facts = view_facts(judge->view);
	trial->judgement.facts = &trial->facts;
	trial->judgement.arena = judge->arena;
	trial->judgement.today = judge->batch->today;
	trial->judgement.now_ms = judge->batch->now_ms;
	trial->judgement.district = input->device->district;
	trial->judgement.person = input->mutation.person;
	trial->judgement.effect_id = own_id;
	trial->judgement.effect_ctx = trial;
}

static void accept(struct trial *trial)
{
	for (size_t i = 0; i < trial->n_staged; i++) {
		judge_accept(trial->judge, trial->staged[i]);
	}
}

/* Nothing of the mutation holds; all of it is kept. */
static void reject(struct trial *trial, enum prac_reason reason)
{
	const struct prac_mutation *mutation = trial->mutation;
	struct view *view = trial->judge->view;

	if (mutation->op == PRACTICUM__OP__OP_CREATE && mutation->type != NULL &&
		view_find(view, mutation->type->number, &mutation->id) == NULL) {
		view_entry(view, mutation->type->number, &mutation->id)->is_refused = true;
	}
	if (!trial->input->device->is_server) {
		judge_accept(trial->judge, trial_keep_rejected(trial, reason));
	}
}

static struct prac_verdict verdict_of(const struct trial *trial, enum prac_reason reason)
{
	const struct prac_problem *problem = &trial->judgement.problem;
	struct prac_verdict verdict = { .counter = trial->mutation->counter,
		.seq = trial->seq,
		.reason = reason,
		.kind = PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED };

	if (reason == PRAC_REASON_NONE) {
		verdict.kind = trial->n_conflicts > 0 ? PRACTICUM__VERDICT_KIND__VERDICT_CONFLICT
						      : PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED;
		return verdict;
	}
	verdict.kind = reason == PRAC_REASON_RIGHTS_LOST
			       ? PRACTICUM__VERDICT_KIND__VERDICT_QUARANTINED
			       : PRACTICUM__VERDICT_KIND__VERDICT_REFUSED;
	if (reason == PRAC_REASON_RIGHTS_LOST) {
		PRAC_SOMETIMES(QUARANTINED);
	}
	verdict.field = problem->field != NULL ? problem->field->number : 0;
	verdict.text = prac_arena_copy(trial->judge->arena, prac_bytes_text(problem->text));
	verdict.existing = trial->judgement.existing;
	return verdict;
}

static struct prac_verdict judge_one(struct judge *judge, const struct judge_input *input)
{
	const struct prac_mutation *mutation = &input->mutation;
	enum prac_reason reason = input->reason;
	struct prac_verdict verdict;
	struct trial trial;

	start_trial(&trial, judge, input);
	trial.judgement.problem = input->problem;
	if (reason == PRAC_REASON_NONE) {
		reason = trial_run(&trial);
	}
	/* Whatever else is wrong with it: nothing of it may be kept. */
	if (reason != PRAC_REASON_NONE && trial_is_about_disposed(&trial)) {
		reason = PRAC_REASON_DISPOSED;
		trial.judgement.problem = (struct prac_problem){ 0 };
	}
	if (reason != PRAC_REASON_NONE && trial.judgement.problem.text[0] == '\0') {
		(void)snprintf(trial.judgement.problem.text, sizeof(trial.judgement.problem.text),
			"%s", prac_reason_text(reason));
	}
	if (reason == PRAC_REASON_NONE) {
		accept(&trial);
	} else {
		reject(&trial, reason);
	}
	verdict = verdict_of(&trial, reason);
	judge->judged[judge->n_judged++] = (struct store_judged){
		.key = { input->device->id, input->device->incarnation, mutation->counter },
		.verdict = verdict,
		.type = mutation->type_number,
		.id = mutation->id,
		.person = mutation->person,
		.payload =
			reason == PRAC_REASON_DISPOSED ? (struct prac_bytes){ 0 } : mutation->bytes,
		.hash = mutation->hash,
		.client_time_ms = mutation->client_time_ms,
	};
	return verdict;
}

static const struct store_judged *find_judged(
	const struct store_judged *judged, size_t n, const struct judge_input *input)
{
	for (size_t i = 0; i < n; i++) {
		if (judged[i].key.counter == input->mutation.counter &&
			judged[i].key.incarnation == input->device->incarnation &&
			prac_id_equal(&judged[i].key.device, &input->device->id)) {
			return &judged[i];
		}
	}
	return NULL;
}

/* Judged before: in this batch or an earlier one. */
static void replay(struct judge *judge, struct judge_sender *sender,
	const struct judge_input *input, struct judge_result *result)
{
	const struct store_judged *before = find_judged(judge->judged, judge->n_judged, input);

	if (before == NULL) {
		before = find_judged(judge->stored, judge->n_stored, input);
	}
	if (before == NULL) {
		result->outcome = JUDGE_LOST;
	} else if (!prac_digest_equal(&before->hash, &input->mutation.hash)) {
		PRAC_SOMETIMES(REWOUND);
		result->outcome = JUDGE_REWOUND;
		sender->is_stopped = true;
	} else {
		result->outcome = JUDGE_REPLAY;
		result->verdict = before->verdict;
		result->verdict.replayed = true;
		PRAC_SOMETIMES(REPLAYED);
		if (PRAC_PLANTED(PRAC_PLANT_REPLAY_REFUSED)) {
			result->verdict.kind = PRACTICUM__VERDICT_KIND__VERDICT_REFUSED;
		}
	}
}

static void judge_input(struct judge *judge, size_t i, struct judge_result *result)
{
	const struct judge_input *input = &judge->batch->inputs[i];
	struct judge_sender *sender = &judge->senders[judge->sender_of[i]];
	uint64_t counter = input->mutation.counter;

	if (sender->is_stopped || counter > sender->now.last_counter + 1) {
		PRAC_SOMETIMES(GAP);
		result->outcome = JUDGE_GAP;
	} else if (counter <= sender->now.last_counter) {
		replay(judge, sender, input, result);
	} else {
		result->outcome = JUDGE_STORED;
		result->verdict = judge_one(judge, input);
		sender->now.last_counter = counter;
		sender->has_moved = true;
	}
}

static void write_rows(
	const struct view_entry *entry, struct store_feed_row *feed, bool *is_fresh, size_t *n)
{
	for (const struct view_row *row = entry->rows; row != NULL; row = row->next) {
		if (row->is_dirty) {
			is_fresh[*n] = entry->is_new;
			feed[(*n)++] = row->row;
		}
	}
}

/* As when two records change numbers: the store must not meet the key twice on the way. */
static bool lets_go(const struct view *view, const struct view_entry *entry)
{
	const struct prac_record *before = entry->stored, *after = entry->now;

	return after->type->unique && before != NULL && !before->deleted &&
	       (after->deleted || !prac_record_same_key(before, after)) &&
	       view_same_key(view, before) != NULL;
}

static void write_view(struct judge *judge, struct store_writes *writes)
{
	const struct view *view = judge->view;
	struct prac_arena *arena = judge->arena;
	const struct prac_record **records =
		prac_arena_alloc(arena, (view->n_changed + 1) * sizeof(struct prac_record *));
	bool *is_new = prac_arena_alloc(arena, view->n_changed + 1);
	bool *let_go = prac_arena_alloc(arena, view->n_changed + 1);
	struct store_feed_row *feed =
		prac_arena_alloc(arena, (view->n_dirty_rows + 1) * sizeof(*feed));
	bool *is_fresh = prac_arena_alloc(arena, view->n_dirty_rows + 1);

	for (const struct view_entry *entry = view->dirty; entry != NULL;
		entry = entry->next_dirty) {
		if (entry->is_changed) {
			is_new[writes->n_records] = entry->is_new;
			let_go[writes->n_records] = lets_go(view, entry);
			records[writes->n_records++] = entry->now;
		}
		write_rows(entry, feed, is_fresh, &writes->n_feed);
	}
	writes->records = records;
	writes->is_new = is_new;
	writes->lets_go = let_go;
	writes->feed = feed;
	writes->is_fresh = is_fresh;
}

static void write_devices(struct judge *judge, struct store_writes *writes)
{
	struct store_device *devices =
		prac_arena_alloc(judge->arena, (judge->n_senders + 1) * sizeof(*devices));

	for (size_t i = 0; i < judge->n_senders; i++) {
		struct store_device *now = &judge->senders[i].now;
		uint64_t acked = judge->asked[i].acked_through;

		if (judge->senders[i].has_moved) {
			now->acked_through =
				acked > now->acked_through ? acked : now->acked_through;
			devices[writes->n_devices++] = *now;
		}
	}
	writes->devices = devices;
}

void judge_run(struct judge *judge, struct judge_result *results, struct store_writes *writes_out)
{
	size_t n = judge->batch->n_inputs;

	judge->judged = prac_arena_room(judge->arena, (n + 1) * sizeof(*judge->judged));
	for (size_t i = 0; i < n; i++) {
		memset(&results[i], 0, sizeof(results[i]));
		judge_input(judge, i, &results[i]);
	}
	for (size_t i = 0; i < n; i++) {
		results[i].last_counter = judge->senders[judge->sender_of[i]].now.last_counter;
	}
	memset(writes_out, 0, sizeof(*writes_out));
	write_view(judge, writes_out);
	write_devices(judge, writes_out);
	writes_out->versions = judge->versions;
	writes_out->is_first = judge->is_first;
	writes_out->n_versions = judge->n_versions;
	writes_out->fan_outs = judge->fan_outs;
	writes_out->n_fan_outs = judge->n_fan_outs;
	writes_out->judged = judge->judged;
	writes_out->n_judged = judge->n_judged;
	writes_out->after = judge->facts->head;
	writes_out->head = judge->seq;
	writes_out->now_ms = judge->batch->now_ms;
}
