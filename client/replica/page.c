/* What the server says: rows into base, pending input laid over them again, the cursor moved. */
#include <string.h>

#include "client/replica/outbox.h"
#include "client/replica/rows.h"
#include "client/replica/scopes.h"
#include "client/replica/sealed.h"
#include "common/base/failpoint.h"
#include "sql/replica.h"

static void fill(struct replica *replica, const struct prac_type *type,
	const struct replica_row *in, struct row *row)
{
	row->owner = in->owner;
	row->seq = in->seq;
	row->has_base = true;
	sealed_split(replica, type, in->body, row);
	row->gone = PRACTICUM__GONE__GONE_NOT;
	row->group_seq = group_seq_pack(in->group_seq, in->n_group_seq, &replica->row_arena);
}

/* Input that was judged at or before this state of the record is in it. */
static void settle(struct replica *replica, const struct replica_row *in)
{
	if (replica->has_pending) {
		outbox_settle_record(replica, in->type, &in->id, in->seq);
	}
}

static void leave(struct replica *replica, const struct replica_row *in, struct row *row)
{
	row->scopes = scopes_without(row->scopes, &in->scope, &replica->row_arena);
	if (in->gone == PRACTICUM__GONE__GONE_DELETED && in->seq >= row->seq) {
		row->gone = PRACTICUM__GONE__GONE_DELETED;
		row->seq = in->seq;
	} else if (row->scopes.len == 0) {
		row->gone = in->gone;
	}
}

void page_apply_row(struct replica *replica, const struct replica_row *in, uint64_t mark)
{
	struct table *table = table_take(replica, in->type);
	bool is_gone = in->gone != PRACTICUM__GONE__GONE_NOT;
	struct row row = { .id = in->id, .mark = mark };

	if (table == NULL) {
		return;
	}
	if (!is_gone && !replica->has_pending) {
		fill(replica, table->type, in, &row);
		row.scopes = prac_id_bytes(&in->scope);
		if (row_insert(replica, table, &row)) {
			return;
		}
	}
	settle(replica, in);
	row = (struct row){ .id = in->id };
	if (!row_read(replica, table, &in->id, &replica->row_arena, &row) && is_gone) {
		return;
	}
	row.mark = mark != 0 ? mark : row.mark;
	if (is_gone) {
		leave(replica, in, &row);
	} else {
		if (!row.has_base) {
			/* Where it is seen was a guess, its owner, which may be a school not held here. */
			row.scopes = (struct prac_bytes){ 0 };
		}
		row.scopes = scopes_with(row.scopes, &in->scope, &replica->row_arena);
		/* Another scope may have brought a later state already; it never goes back. */
		if (!row.has_base || in->seq >= row.seq) {
			fill(replica, table->type, in, &row);
		} else {
			PRAC_SOMETIMES(LATER_STATE_KEPT);
		}
	}
	row_write(replica, table, &row);
}

/* As a rule none of them is here yet. Where one is, each is looked at; those that just came, once more. */
static void put_group(struct replica *replica, struct table *table, uint64_t mark)
{
	struct row rows[FILE_GROUP];
	bool is_new =
		table->n_group == FILE_GROUP && !replica->has_pending && !replica->meets_known;

	for (size_t i = 0; is_new && i < FILE_GROUP; i++) {
		const struct replica_row *in = table->group[i];

		rows[i] = (struct row){ .id = in->id, .mark = mark };
		fill(replica, table->type, in, &rows[i]);
		rows[i].scopes = prac_id_bytes(&in->scope);
	}
	if (!is_new || !rows_insert(replica, table, rows)) {
		replica->meets_known = replica->meets_known || is_new;
		for (size_t i = 0; i < table->n_group; i++) {
			page_apply_row(replica, table->group[i], mark);
		}
	}
	table->n_group = 0;
}

void page_apply_load(struct replica *replica, const struct replica_chunk *chunk, uint64_t mark)
{
	replica->meets_known = false;
	for (size_t i = 0; i < chunk->n_rows; i++) {
		const struct replica_row *in = &chunk->rows[i];
		struct table *table = table_take(replica, in->type);

		if (table == NULL) {
			continue;
		}
		if (in->gone != PRACTICUM__GONE__GONE_NOT) {
			put_group(replica, table, mark);
			page_apply_row(replica, in, mark);
			continue;
		}
		table->group[table->n_group++] = in;
		if (table->n_group == FILE_GROUP) {
			put_group(replica, table, mark);
		}
	}
	for (size_t i = 0; i < replica->n_tables; i++) {
		put_group(replica, &replica->tables[i], mark);
	}
}

enum prac_status replica_apply_page(struct replica *replica, const struct replica_page *page)
{
	file_begin(replica);
	if (page->last_counter >= replica->meta.next_counter) {
		/* Somebody else pushes under our name: a copy of this file, or its later state. */
		file_fail(replica, PRAC_ABORTED,
			"the server knows changes of this device that it never made");
	}
	(void)sealed_ready(replica); /* the transaction keeps its failure */
	for (size_t i = 0; i < page->n_rows && replica->failure == PRAC_OK; i++) {
		page_apply_row(replica, &page->rows[i], 0);
	}
	replica->meta.cursor = page->cursor;
	replica->meta.head = page->head;
	meta_save_position(replica);
	if (!scopes_are_loading(replica)) {
		outbox_settle(replica, page->cursor.seq);
	}
	return scopes_end(replica);
}

bool replica_is_consistent(const struct replica *replica)
{
	struct replica *mine = (struct replica *)replica; /* reading moves statements only */
	bool is_consistent;

	file_begin_read(mine);
	is_consistent = scopes_are_live(mine) && mine->meta.cursor.seq >= mine->meta.head;
	return file_end(mine) == PRAC_OK && is_consistent;
}
