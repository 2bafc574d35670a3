#include <string.h>

#include "tests/sim/sim.h"

enum {
	PUSH_MAX = 12,
	PATIENCE_MS = 3000
};

/* A request under way; it outlives the device's patience. */
struct call {
	struct sim_device *device;
	const struct sim_server *server;
	unsigned server_life;
	struct prac_arena arena; /* of the page */
};

static unsigned hash_row(const void *item)
{
	const struct sim_row *row = item;
	unsigned hash = row->feed.key.type;

	for (size_t i = 0; i < PRAC_ID_LEN; i++) {
		hash = hash * 31 + row->feed.key.id.b[i] + row->feed.scope.b[i];
	}
	return hash;
}

static gboolean same_row(const void *a, const void *b)
{
	const struct store_feed_row *left = &((const struct sim_row *)a)->feed;
	const struct store_feed_row *right = &((const struct sim_row *)b)->feed;

	return left->key.type == right->key.type && prac_id_equal(&left->key.id, &right->key.id) &&
	       prac_id_equal(&left->scope, &right->scope);
}

static void free_row(void *item)
{
	struct sim_row *row = item;

	prac_arena_deinit(&row->arena);
	g_free(row);
}

static void free_input(void *item)
{
	struct sim_input *input = item;

	union {
		const uint8_t *given;
		void *freed;
	} data = { input->bytes.data };

	g_free(data.freed);
	g_free(input);
}

void sim_device_init(struct sim_device *device, struct sim *sim, size_t index)
{
	bool is_district = index == 0;
	size_t n = is_district ? sim->n_schools : 1;

	memset(device, 0, sizeof(*device));
	device->sim = sim;
	device->clock = (struct world_clock){ sim->world, 0 };
	device->clock.skew_ms = (int64_t)world_below(sim->world, 90000) * 1000 - 60000000;
	device->env = world_env(&device->clock);
	device->device.id = prac_id_new(&device->env);
	device->device.incarnation = world_random(sim->world);
	device->device.district = is_district;
	for (size_t i = 0; i < n; i++) {
		size_t school = is_district ? i : (index - 1) % sim->n_schools;

		device->grants[i] = (struct prac_scope_grant){ sim->schools[school], 1 };
		device->scopes[device->n_scopes++] = sim->schools[school];
	}
	device->device.grants = device->grants;
	device->device.n_grants = n;
	device->scopes[device->n_scopes++] = prac_scope_reference;
	if (is_district) {
		device->scopes[device->n_scopes++] = prac_scope_district;
	}
	device->outbox = g_ptr_array_new_with_free_func(free_input);
	device->former = g_ptr_array_new_with_free_func(free_input);
	device->base = g_hash_table_new_full(hash_row, same_row, NULL, free_row);
}

void sim_device_deinit(struct sim_device *device)
{
	g_ptr_array_free(device->outbox, TRUE);
	g_ptr_array_free(device->former, TRUE);
	g_hash_table_destroy(device->base);
}

void sim_device_enter(
	struct sim_device *device, struct prac_mutation *mutation, struct prac_arena *arena)
{
	struct sim_input *input = g_new0(struct sim_input, 1);

	mutation->counter = device->outbox->len + 1;
	mutation->client_time_ms = device->env.wall_ms(device->env.ctx);
	prac_mutation_write(mutation, arena);
	input->bytes = (struct prac_bytes){ g_memdup2(mutation->bytes.data, mutation->bytes.len),
		mutation->bytes.len };
	input->hash = mutation->hash;
	input->incarnation = device->device.incarnation;
	input->counter = mutation->counter;
	g_ptr_array_add(device->outbox, input);
	g_hash_table_add(device->sim->entered, g_memdup2(&input->hash, sizeof(input->hash)));
}

static struct sim_input *input_at(const struct sim_device *device, uint64_t counter)
{
	return g_ptr_array_index(device->outbox, counter - 1);
}

static struct sim_server *pick_server(struct sim *sim)
{
	return &sim->servers[world_below(sim->world, sim->n_servers)];
}

static struct call *start_call(struct sim_device *device)
{
	struct call *call = g_new0(struct call, 1);
	struct sim_server *server = pick_server(device->sim);

	call->device = device;
	call->server = server;
	call->server_life = server->life;
	return call;
}

/* The network loses answers; a dead server gives none. */
static bool is_heard(const struct call *call)
{
	struct sim *sim = call->device->sim;

	return call->server->life == call->server_life &&
	       (sim->is_calm || !world_chance(sim->world, 100));
}

/* ---- push */

/* The copy of a mutation under a new incarnation has a new counter, and so other bytes. */
static void reincarnate(struct sim_device *device)
{
	GPtrArray *outbox = device->outbox;
	struct prac_arena arena = { 0 };

	device->sim->n_rewound++;
	device->device.incarnation = world_random(device->sim->world);
	device->outbox = g_ptr_array_new_with_free_func(free_input);
	for (unsigned i = 0; i < outbox->len; i++) {
		const struct sim_input *input = g_ptr_array_index(outbox, i);
		struct prac_mutation mutation;
		struct prac_problem problem;
		enum prac_reason reason;

		if (!input->is_judged && prac_mutation_read(input->bytes, &arena, &mutation,
						 &reason, &problem) == PRAC_OK) {
			sim_device_enter(device, &mutation, &arena);
		}
	}
	for (unsigned i = 0; i < outbox->len; i++) {
		struct sim_input *input = g_ptr_array_index(outbox, i);

		if (input->is_judged) {
			g_ptr_array_add(device->former, input);
		} else {
			free_input(input);
		}
	}
	g_ptr_array_set_free_func(outbox, NULL);
	g_ptr_array_free(outbox, TRUE);
	prac_arena_deinit(&arena);
}

static void take_verdict(struct sim_device *device, const struct prac_verdict *verdict)
{
	struct sim_input *input = input_at(device, verdict->counter);

	if (input->is_judged &&
		(input->verdict.seq != verdict->seq || input->verdict.kind != verdict->kind)) {
		sim_fault(device->sim, "P2: counter %llu has another verdict now",
			(unsigned long long)verdict->counter);
	}
	device->sim->n_replays += verdict->replayed ? 1 : 0;
	input->is_judged = true;
	input->verdict = *verdict;
	input->verdict.text = (struct prac_bytes){ 0 };
}

static void hear(struct sim_device *device, const struct sequencer_answer *answer)
{
	for (size_t i = 0; i < answer->n_verdicts; i++) {
		take_verdict(device, &answer->verdicts[i]);
	}
	if (strcmp(answer->reason, "REWOUND") == 0) {
		reincarnate(device);
	} else if (answer->status == PRAC_INTERNAL) {
		sim_fault(device->sim, "P2: a verdict is lost: %s", answer->reason);
	}
}

static void pushed(void *ctx, const struct sequencer_answer *answer)
{
	struct call *call = ctx;
	struct sim_device *device = call->device;

	/* Unheard, the device waits until it loses patience. */
	if (device->pushing == call && is_heard(call)) {
		device->pushing = NULL;
		hear(device, answer);
	}
	g_free(call);
}

static void lose_patience(void *ctx)
{
	struct sim_device *device = ctx;

	/* The calls themselves are freed when they are answered. */
	device->pushing = NULL;
	device->pulling = NULL;
}

void sim_device_push(struct sim_device *device)
{
	struct world *world = device->sim->world;
	struct prac_bytes bytes[PUSH_MAX];
	uint64_t first = 1;
	size_t n = 0;
	struct call *call;

	if (device->pushing != NULL) {
		return;
	}
	while (first <= device->outbox->len && input_at(device, first)->is_judged) {
		first++;
	}
	if (!device->sim->is_calm && world_chance(world, 150) && first > 1) {
		first -= world_below(world, first < 4 ? first : 4); /* once more */
	} else if (!device->sim->is_calm && world_chance(world, 30)) {
		first += 1 + world_below(world, 3); /* too far */
	}
	if (first > device->outbox->len) {
		return;
	}
	while (n < PUSH_MAX && first + n <= device->outbox->len) {
		bytes[n] = input_at(device, first + n)->bytes;
		n++;
	}
	call = start_call(device);
	device->pushing = call;
	world_forget(world, device);
	world_post(world, PATIENCE_MS, lose_patience, device);
	if (sequencer_submit(call->server->sequencer,
		    &(struct sequencer_push){ &device->device, bytes, n, pushed, call }) !=
		PRAC_OK) {
		device->pushing = NULL;
		g_free(call);
	}
}

/* ---- pull */

static void apply_row(struct sim_device *device, const struct store_page_row *from)
{
	struct sim_row *row = g_new0(struct sim_row, 1);
	const struct sim_row *known;

	row->feed = from->feed;
	known = g_hash_table_lookup(device->base, row);
	if (known != NULL && known->feed.seq > row->feed.seq) {
		sim_fault(device->sim, "P5: a row went back from %llu to %llu",
			(unsigned long long)known->feed.seq, (unsigned long long)row->feed.seq);
	}
	if (known != NULL && known->feed.gone == STORE_DELETED && row->feed.gone != STORE_DELETED) {
		sim_fault(device->sim, "P5: a deleted row came back");
	}
	if (from->record != NULL) {
		struct prac_buf buf = { 0 };

		row->record = prac_record_copy(&row->arena, from->record);
		prac_values_encode(
			from->record->type, from->record->values, from->record->extra, &buf);
		memset(row->record->values, 0,
			from->record->type->n_fields * sizeof(*row->record->values));
		if (prac_values_decode(row->record->type,
			    prac_arena_copy(&row->arena, prac_buf_bytes(&buf)), &row->arena,
			    row->record->values, &row->record->extra) != PRAC_OK) {
			sim_fault(device->sim, "P1: a row that cannot be read");
		}
		prac_buf_deinit(&buf);
	}
	g_hash_table_replace(device->base, row, row);
}

/* P1: what the device holds is what the model says of its scopes now. */
static void check_consistent(struct sim_device *device)
{
	struct sim *sim = device->sim;
	GHashTableIter iter;
	void *item;
	size_t n = 0;

	sim->n_checks++;
	g_hash_table_iter_init(&iter, device->base);
	while (g_hash_table_iter_next(&iter, &item, NULL)) {
		const struct sim_row *row = item;

		n += row->feed.gone == STORE_LIVE ? 1 : 0;
		if (!model_agrees(sim->model, &row->feed, row->record)) {
			sim_fault(sim, "P1: record %02x%02x of type %u differs at %llu",
				row->feed.key.id.b[14], row->feed.key.id.b[15],
				(unsigned)row->feed.key.type, (unsigned long long)device->cursor);
			return;
		}
	}
	if (n != model_count(sim->model, device->scopes, device->n_scopes)) {
		sim_fault(sim, "P1: %zu rows instead of %zu at %llu", n,
			model_count(sim->model, device->scopes, device->n_scopes),
			(unsigned long long)device->cursor);
	}
}

static void paged(void *ctx, enum prac_status status, const struct store_page *page)
{
	struct call *call = ctx;
	struct sim_device *device = call->device;

	if (device->pulling == call && status == PRAC_OK && is_heard(call)) {
		if (page->through < device->cursor) {
			sim_fault(device->sim, "P5: the cursor went back");
		}
		for (size_t i = 0; i < page->n_rows; i++) {
			apply_row(device, &page->rows[i]);
		}
		device->cursor = page->through;
		device->is_consistent = page->complete;
		if (page->complete) {
			model_follow(device->sim->model, device->sim->mem.db);
			check_consistent(device);
		}
	}
	if (device->pulling == call) {
		device->pulling = NULL;
	}
	prac_arena_deinit(&call->arena);
	g_free(call);
}

void sim_device_pull(struct sim_device *device)
{
	struct sim *sim = device->sim;
	struct call *call;
	struct store *store;

	if (device->pulling != NULL) {
		return;
	}
	call = start_call(device);
	device->pulling = call;
	store = &sim->servers[call->server - sim->servers].store.store;
	store->ops->page(store,
		&(struct store_page_ask){ .scopes = device->scopes,
			.n_scopes = device->n_scopes,
			.after = device->cursor,
			.max_rows = 1 + world_below(sim->world, 30),
			.max_bytes = 1 << 18,
			.device = device->device.id,
			.incarnation = device->device.incarnation },
		&call->arena, paged, call);
}

/* ---- what may happen to a station */

void sim_device_restore(struct sim_device *device)
{
	unsigned n = device->outbox->len;
	unsigned keep = n > 0 ? n - (unsigned)world_below(device->sim->world, n < 6 ? n : 6) : 0;

	/* The copy knows neither the inputs made after it nor the verdicts that came after it. What
	 * was judged of them is on the server; the rest a disk lost, and no protocol finds it. */
	g_ptr_array_set_size(device->outbox, (int)keep);
	for (unsigned i = keep > 3 ? keep - 3 : 0; i < keep; i++) {
		input_at(device, i + 1)->is_judged = false;
	}
	g_hash_table_remove_all(device->base);
	device->cursor = 0;
	device->pushing = NULL;
	device->pulling = NULL;
}

bool sim_device_is_done(const struct sim_device *device)
{
	for (unsigned i = 0; i < device->outbox->len; i++) {
		if (!input_at(device, i + 1)->is_judged) {
			return false;
		}
	}
	return device->is_consistent && device->cursor == device->sim->mem.db->head;
}

/* P2, P4: each verdict a device was told stands on the server, with what was sent. */
static void check_input(struct sim_device *device, const struct sim_input *input)
{
	const struct prac_mutation_key key = { device->device.id, input->incarnation,
		input->counter };
	const struct store_judged *judged = mem_db_judged(device->sim->mem.db, &key);

	if (judged == NULL || judged->verdict.seq != input->verdict.seq ||
		judged->verdict.kind != input->verdict.kind ||
		!prac_digest_equal(&judged->hash, &input->hash)) {
		sim_fault(device->sim, "P2: an acknowledged mutation is not on the server");
	}
	switch (input->verdict.kind) {
	case PRACTICUM__VERDICT_KIND__VERDICT_CONFLICT:
		device->sim->n_conflicts++;
		break;
	case PRACTICUM__VERDICT_KIND__VERDICT_REFUSED:
	case PRACTICUM__VERDICT_KIND__VERDICT_QUARANTINED:
		device->sim->n_refused++;
		break;
	case PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED:
	case PRACTICUM__VERDICT_KIND__VERDICT_UNSPECIFIED:
	case _PRACTICUM__VERDICT_KIND_IS_INT_SIZE:
		break;
	}
}

void sim_device_check_end(struct sim_device *device)
{
	for (unsigned i = 0; i < device->outbox->len; i++) {
		check_input(device, g_ptr_array_index(device->outbox, i));
	}
	for (unsigned i = 0; i < device->former->len; i++) {
		check_input(device, g_ptr_array_index(device->former, i));
	}
}
