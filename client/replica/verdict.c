/* What the server said to people's input. */
#include <string.h>

#include "client/replica/outbox.h"
#include "client/replica/rows.h"
#include "client/replica/scopes.h"
#include "client/replica/sealed.h"
#include "common/base/failpoint.h"
#include "sql/replica.h"

enum draft {
	DRAFT_NONE,
	DRAFT_OPEN,
	DRAFT_CLOSED
};

struct judged {
	int64_t row;
	uint32_t type;
	struct prac_id id;
	bool was_draft;
};

/* False: not ours any more, or judged already (an answer that came twice). */
static bool find(
	struct replica *replica, uint64_t incarnation, uint64_t counter, struct judged *judged_out)
{
	sqlite3_stmt *stmt = file_use(replica, &q_replica_outbox_find);
	bool is_open;

	bind_u64(stmt, 1, incarnation);
	bind_u64(stmt, 2, counter);
	if (!file_row(replica, stmt)) {
		return false;
	}
	judged_out->row = sqlite3_column_int64(stmt, 0);
	judged_out->type = (uint32_t)sqlite3_column_int64(stmt, 1);
	judged_out->id = column_id(stmt, 2);
	is_open = sqlite3_column_int(stmt, 3) != REPLICA_JUDGED;
	judged_out->was_draft = sqlite3_column_int(stmt, 4) != DRAFT_NONE;
	(void)sqlite3_reset(stmt); /* a row was there */
	return is_open;
}

static bool is_refusal(const struct prac_verdict *verdict)
{
	return verdict->kind == PRACTICUM__VERDICT_KIND__VERDICT_REFUSED ||
	       verdict->kind == PRACTICUM__VERDICT_KIND__VERDICT_QUARANTINED;
}

static void judge(struct replica *replica, uint64_t incarnation, const struct prac_verdict *verdict)
{
	bool is_back = is_refusal(verdict);
	int64_t now_ms = outbox_now_ms(replica);
	struct sealed_place words;
	struct judged judged;
	sqlite3_stmt *stmt;

	if (!find(replica, incarnation, verdict->counter, &judged)) {
		return;
	}
	words = (struct sealed_place){ SEALED_WORDS, judged.type, judged.id, incarnation,
		verdict->counter };
	stmt = file_use(replica, &q_replica_outbox_judge);
	(void)sqlite3_bind_int64(stmt, 1, judged.row); /* step tells */
	/* Accepted input stays in the view until base has it, or the screen would flicker. */
	bind_u64(stmt, 2, is_back || PRAC_PLANTED(PRAC_PLANT_EARLY_SETTLED) ? 1 : 0);
	bind_u64(stmt, 3, is_back ? DRAFT_OPEN : DRAFT_NONE);
	bind_u64(stmt, 4, (uint64_t)verdict->kind);
	bind_u64(stmt, 5, (uint64_t)verdict->reason);
	bind_u64(stmt, 6, verdict->field);
	bind_u64(stmt, 7, verdict->seq);
	if (verdict->text.len > 0) {
		bind_bytes(
			stmt, 8, sealed_put(replica, &words, verdict->text, &replica->row_arena));
	}
	if (now_ms != 0) {
		(void)sqlite3_bind_int64(stmt, 9, now_ms); /* step */
	}
	file_run(replica, stmt);
	prac_arena_reset(&replica->row_arena);
	/* Accepted after all, by a restored server that had refused it: it is seen again. */
	replica->has_pending = replica->has_pending || !is_back;
	if (is_back) {
		PRAC_SOMETIMES(DRAFTED);
	}
	if (is_back || judged.was_draft || PRAC_PLANTED(PRAC_PLANT_EARLY_SETTLED)) {
		row_refresh(replica, judged.type, &judged.id);
	}
}

/* The server stored what attests who entered this before it judged it. Verdicts come by counter. */
static void attestations_sent(struct replica *replica, uint64_t incarnation,
	const struct prac_verdict *verdicts, size_t n)
{
	sqlite3_stmt *stmt;

	if (n == 0) {
		return;
	}
	stmt = file_use(replica, &q_replica_attestation_sent);
	bind_u64(stmt, 1, incarnation);
	bind_u64(stmt, 2, verdicts[0].counter);
	bind_u64(stmt, 3, verdicts[n - 1].counter);
	file_run(replica, stmt);
}

enum prac_status replica_judged(struct replica *replica, uint64_t incarnation,
	const struct prac_verdict *verdicts, size_t n)
{
	file_begin(replica);
	for (size_t i = 0; i < n; i++) {
		judge(replica, incarnation, &verdicts[i]);
	}
	attestations_sent(replica, incarnation, verdicts, n);
	/* The page may have come before the verdict. */
	if (!scopes_are_loading(replica)) {
		outbox_settle(replica, replica->meta.cursor.seq);
	}
	scopes_purge(replica);
	outbox_expire(replica);
	return scopes_end(replica);
}

static size_t count_open_conflicts(struct replica *replica)
{
	const struct prac_type *type = prac_type_find_name("conflict");
	struct replica_filter open = { 0 };
	struct replica_query query = { type, &open, 1 };
	size_t n;

	if (type == NULL || type->state_field < 0) {
		return 0;
	}
	open.field = &type->fields[type->state_field];
	open.value = prac_value_number(open.field->values[0].number);
	return replica_count(replica, &query, &n) == PRAC_OK ? n : 0;
}

enum prac_status replica_counters(struct replica *replica, struct replica_counters *counters_out)
{
	sqlite3_stmt *stmt;
	uint64_t oldest;

	file_begin_read(replica);
	*counters_out = (struct replica_counters){
		.incarnation = replica->meta.incarnation,
		.next_counter = replica->meta.next_counter,
		.epoch = replica->meta.cursor.epoch,
	};
	stmt = file_use(replica, &q_replica_outbox_oldest);
	bind_u64(stmt, 1, replica->meta.incarnation);
	oldest = (uint64_t)file_number(replica, stmt);
	counters_out->acked_through = (oldest != 0 ? oldest : replica->meta.next_counter) - 1;
	stmt = file_use(replica, &q_replica_outbox_counts);
	if (file_row(replica, stmt)) {
		counters_out->n_unsent = (size_t)sqlite3_column_int64(stmt, 0);
		counters_out->n_sent = (size_t)sqlite3_column_int64(stmt, 1);
		(void)sqlite3_reset(stmt); /* a row was there */
	}
	counters_out->n_drafts =
		(size_t)file_number(replica, file_use(replica, &q_replica_draft_count));
	counters_out->n_conflicts = count_open_conflicts(replica);
	return file_end(replica);
}
