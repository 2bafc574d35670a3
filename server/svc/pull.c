#include "server/svc/pull.h"

#include "common/base/failpoint.h"
#include "common/wire/binary.h"
#include "server/svc/svc.h"

enum {
	ROWS_MAX = 1000,
	BYTES_MAX = 256 * 1024
};

/* In the call's arena, from the request to the answer. */
struct pull {
	struct rpc_call *call;
	struct svc *svc;
	struct prac_cursor cursor;
};

static void set_cursor(
	struct pull *pull, uint64_t seq, Practicum__PullPage *page, struct prac_buf *buf)
{
	struct prac_cursor cursor = { .epoch = pull->svc->rpc->epoch,
		.seq = seq,
		.scope_set = rpc_call_peer(pull->call)->scope_set };

	prac_cursor_encode(&cursor, buf);
	page->has_cursor = true;
	page->cursor = prac_binary(prac_buf_bytes(buf));
}

static void fail_epoch(struct rpc_call *call)
{
	rpc_failf(call, PRAC_DATA_LOSS, "EPOCH_CHANGED",
		"the server was restored; its data is loaded again and unsent work is kept");
}

/* What the device may hold is not what its cursor stands for: it learns that before any rows. */
static void send_grants(struct pull *pull)
{
	const struct rpc_peer *peer = rpc_call_peer(pull->call);
	struct prac_arena *arena = rpc_arena(pull->call);
	Practicum__PullPage page = PRACTICUM__PULL_PAGE__INIT;
	Practicum__ScopeGrant *grants = prac_arena_alloc(arena, peer->n_grants * sizeof(*grants));
	struct prac_buf cursor = { 0 };

	PRAC_SOMETIMES(GRANTS_FIRST);
	page.n_grants = peer->n_grants;
	page.grants = prac_arena_alloc(arena, peer->n_grants * sizeof(Practicum__ScopeGrant *));
	for (size_t i = 0; i < peer->n_grants; i++) {
		practicum__scope_grant__init(&grants[i]);
		grants[i].has_scope = true;
		grants[i].scope = prac_binary_id(&peer->grants[i].scope);
		grants[i].has_generation = true;
		grants[i].generation = peer->grants[i].generation;
		page.grants[i] = &grants[i];
	}
	set_cursor(pull, pull->cursor.seq, &page, &cursor);
	page.has_head = true;
	page.head = pull->svc->rpc->head;
	page.has_complete = true;
	page.complete = false;
	rpc_reply(pull->call, &page.base);
	prac_buf_deinit(&cursor);
}

/* The body stands in bodies from *at on, where it is found when that has stopped growing. */
static void fill_row(
	Practicum__Row *row, const struct store_page_row *from, struct prac_buf *bodies)
{
	practicum__row__init(row);
	row->has_record_type = true;
	row->record_type = from->feed.key.type;
	row->has_record_id = true;
	row->record_id = prac_binary_id(&from->feed.key.id);
	row->has_scope = true;
	row->scope = prac_binary_id(&from->feed.scope);
	row->has_seq = true;
	row->seq = from->feed.seq;
	if (from->record == NULL) {
		row->has_gone = true;
		row->gone = (Practicum__Gone)from->feed.gone;
		return;
	}
	row->has_owner = true;
	row->owner = prac_binary_id(&from->record->scope);
	row->n_group_seq = from->record->type->n_groups;
	row->group_seq = (uint64_t *)from->record->group_seq; /* packed, not changed */
	row->has_body = true;
	row->body.len = prac_buf_len(bodies);
	prac_values_encode(from->record->type, from->record->values, from->record->extra, bodies);
	row->body.len = prac_buf_len(bodies) - row->body.len;
}

static void fill_rows(struct pull *pull, const struct store_page *from, Practicum__PullPage *page,
	struct prac_buf *bodies)
{
	struct prac_arena *arena = rpc_arena(pull->call);
	Practicum__Row *rows = prac_arena_alloc(arena, from->n_rows * sizeof(*rows));
	const uint8_t *body;

	page->n_rows = from->n_rows;
	page->rows = prac_arena_alloc(arena, from->n_rows * sizeof(Practicum__Row *));
	for (size_t i = 0; i < from->n_rows; i++) {
		page->rows[i] = &rows[i];
		fill_row(&rows[i], &from->rows[i], bodies);
	}
	body = prac_buf_bytes(bodies).data;
	for (size_t i = 0; i < from->n_rows; i++) {
		rows[i].body.data = (uint8_t *)body;
		body += rows[i].body.len;
	}
}

static void send_page(struct pull *pull, const struct store_page *from)
{
	Practicum__PullPage page = PRACTICUM__PULL_PAGE__INIT;
	struct prac_buf bodies = { 0 };
	struct prac_buf cursor = { 0 };

	fill_rows(pull, from, &page, &bodies);
	set_cursor(pull, from->through, &page, &cursor);
	page.has_head = true;
	page.head = from->head;
	page.has_complete = true;
	page.complete = from->complete;
	page.has_last_counter = true;
	page.last_counter = from->last_counter;
	rpc_reply(pull->call, &page.base);
	prac_buf_deinit(&bodies);
	prac_buf_deinit(&cursor);
}

static void page_read(void *ctx, enum prac_status status, const struct store_page *page)
{
	struct pull *pull = ctx;

	if (status != PRAC_OK) {
		rpc_fail(pull->call, PRAC_UNAVAILABLE);
	} else if (page->epoch != pull->cursor.epoch) {
		fail_epoch(pull->call);
	} else if (pull->cursor.seq > page->head) {
		rpc_failf(pull->call, PRAC_OUT_OF_RANGE, "BEYOND_HEAD",
			"the device is ahead of the server, which was restored without a new epoch");
	} else {
		send_page(pull, page);
	}
}

static size_t at_most(bool is_said, uint32_t said, size_t limit)
{
	return is_said && said > 0 && said < limit ? said : limit;
}

static void read_page(struct pull *pull, const Practicum__PullRequest *request)
{
	const struct rpc_peer *peer = rpc_call_peer(pull->call);
	struct prac_arena *arena = rpc_arena(pull->call);
	struct prac_id *scopes = prac_arena_alloc(arena, peer->n_grants * sizeof(*scopes));
	struct store_page_ask *ask = prac_arena_alloc(arena, sizeof(*ask));

	for (size_t i = 0; i < peer->n_grants; i++) {
		scopes[i] = peer->grants[i].scope;
	}
	*ask = (struct store_page_ask){ .scopes = scopes,
		.n_scopes = peer->n_grants,
		.after = pull->cursor.seq,
		.max_rows = at_most(request->has_max_rows, request->max_rows, ROWS_MAX),
		.max_bytes = at_most(request->has_max_bytes, request->max_bytes, BYTES_MAX),
		.device = peer->device,
		.pass = peer->pass,
		.incarnation = rpc_call_incarnation(pull->call) };
	pull->svc->store->ops->page(pull->svc->store, ask, arena, page_read, pull);
}

void svc_pull(struct rpc_call *call)
{
	const Practicum__PullRequest *request = rpc_request(call);
	struct pull *pull = prac_arena_alloc(rpc_arena(call), sizeof(*pull));
	struct prac_bytes cursor = { request->cursor.data, request->cursor.len };

	pull->call = call;
	pull->svc = rpc_services(call);
	if (prac_cursor_decode(cursor, &pull->cursor) != PRAC_OK) {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "BAD_CURSOR",
			"cursor: not one that this server gave");
		return;
	}
	if (cursor.len == 0) {
		pull->cursor.epoch = pull->svc->rpc->epoch;
	}
	if (pull->cursor.epoch != pull->svc->rpc->epoch) {
		fail_epoch(call);
	} else if (pull->cursor.scope_set != rpc_call_peer(call)->scope_set) {
		send_grants(pull);
	} else {
		read_page(pull, request);
	}
}
