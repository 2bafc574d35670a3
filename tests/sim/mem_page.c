/* Pages of the feed in memory, as the store on PostgreSQL reads them. */
#include <stdlib.h>

#include "tests/sim/mem_db.h"

static int compare_rows(const void *a, const void *b)
{
	const struct store_page_row *left = a;
	const struct store_page_row *right = b;
	int order = (left->feed.seq > right->feed.seq) - (left->feed.seq < right->feed.seq);

	if (order == 0) {
		order = (left->feed.key.type > right->feed.key.type) -
			(left->feed.key.type < right->feed.key.type);
	}
	if (order == 0) {
		order = prac_id_compare(&left->feed.key.id, &right->feed.key.id);
	}
	return order != 0 ? order : prac_id_compare(&left->feed.scope, &right->feed.scope);
}

static bool has_scope(const struct store_page_ask *ask, const struct prac_id *scope)
{
	for (size_t i = 0; i < ask->n_scopes; i++) {
		if (prac_id_equal(&ask->scopes[i], scope)) {
			return true;
		}
	}
	return false;
}

static void gather(const struct mem_db *db, const struct store_page_ask *ask,
	struct prac_arena *arena, struct store_page *page)
{
	page->rows = prac_arena_alloc(arena, (db->feed->len + 1) * sizeof(*page->rows));
	for (unsigned i = 0; i < db->feed->len; i++) {
		const struct store_feed_row *row =
			&g_array_index(db->feed, struct store_feed_row, i);

		if (row->seq > ask->after && has_scope(ask, &row->scope)) {
			page->rows[page->n_rows++].feed = *row;
		}
	}
	qsort(page->rows, page->n_rows, sizeof(*page->rows), compare_rows);
}

struct store_page *mem_db_page(
	struct mem_db *db, const struct store_page_ask *ask, struct prac_arena *arena)
{
	struct store_page *page = prac_arena_alloc(arena, sizeof(*page));
	size_t n_bytes = 0;
	size_t n = 0;

	gather(db, ask, arena, page);
	while (n < page->n_rows) {
		struct store_page_row *row = &page->rows[n];
		bool is_full = n >= ask->max_rows || n_bytes >= ask->max_bytes;

		if (n > 0 && is_full && row->feed.seq != page->rows[n - 1].feed.seq) {
			break;
		}
		if (row->feed.gone == STORE_LIVE) {
			const struct mem_record *record =
				mem_db_record(db, row->feed.key.type, &row->feed.key.id);

			row->record = mem_db_decode(record, arena);
			n_bytes += record->body.len;
		}
		n++;
	}
	page->complete = n == page->n_rows;
	page->through = page->complete ? db->head : page->rows[n - 1].feed.seq;
	page->n_rows = n;
	page->epoch = db->epoch;
	page->head = db->head;
	page->last_counter = mem_db_device(db, &ask->device, ask->incarnation)->last_counter;
	return page;
}
