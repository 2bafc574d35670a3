#include "tests/sim/mem_db.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static unsigned hash_bytes(const void *data, size_t len)
{
	const uint8_t *bytes = data;
	unsigned hash = 2166136261U;

	for (size_t i = 0; i < len; i++) {
		hash = (hash ^ bytes[i]) * 16777619U;
	}
	return hash;
}

static unsigned hash_record(const void *item)
{
	const struct mem_record *record = item;

	return hash_bytes(record->id.b, PRAC_ID_LEN);
}

static gboolean same_record(const void *a, const void *b)
{
	const struct mem_record *left = a;
	const struct mem_record *right = b;

	return left->type->number == right->type->number && prac_id_equal(&left->id, &right->id);
}

static unsigned hash_judged(const void *item)
{
	const struct store_judged *judged = item;

	return hash_bytes(judged->key.device.b, PRAC_ID_LEN) ^ (unsigned)judged->key.incarnation ^
	       (unsigned)judged->key.counter;
}

static gboolean same_key(const void *a, const void *b)
{
	const struct prac_mutation_key *left = &((const struct store_judged *)a)->key;
	const struct prac_mutation_key *right = &((const struct store_judged *)b)->key;

	return left->counter == right->counter && left->incarnation == right->incarnation &&
	       prac_id_equal(&left->device, &right->device);
}

static struct prac_bytes own(struct prac_bytes bytes)
{
	return (struct prac_bytes){ g_memdup2(bytes.data, bytes.len), bytes.len };
}

static void disown(struct prac_bytes bytes)
{
	union {
		const uint8_t *given;
		void *freed;
	} data = { bytes.data };

	g_free(data.freed);
}

static void free_record(void *item)
{
	struct mem_record *record = item;

	disown(record->body);
	g_free(record);
}

static void free_judged(void *item)
{
	struct store_judged *judged = item;

	disown(judged->payload);
	disown(judged->verdict.text);
	g_free(judged);
}

struct mem_db *mem_db_new(void)
{
	struct mem_db *db = g_new0(struct mem_db, 1);

	db->records = g_ptr_array_new_with_free_func(free_record);
	db->history = g_ptr_array_new_with_free_func(free_record);
	db->mutations = g_ptr_array_new_with_free_func(free_judged);
	db->feed = g_array_new(FALSE, TRUE, sizeof(struct store_feed_row));
	db->devices = g_array_new(FALSE, TRUE, sizeof(struct store_device));
	db->by_key = g_hash_table_new(hash_record, same_record);
	db->by_counter = g_hash_table_new(hash_judged, same_key);
	db->epoch = 1;
	db->lives = g_array_new(FALSE, TRUE, sizeof(struct mem_life));
	g_array_append_val(db->lives, ((struct mem_life){ .epoch = 1 }));
	return db;
}

void mem_db_new_epoch(struct mem_db *db, uint64_t epoch, uint64_t micros)
{
	const struct mem_life life = { epoch, db->head };

	g_array_append_val(db->lives, life);
	db->epoch = epoch;
	db->head = micros > db->head ? micros : db->head + 1000000000;
}

uint64_t mem_db_lost_after(const struct mem_db *db, uint64_t epoch)
{
	for (unsigned i = 0; i + 1 < db->lives->len; i++) {
		if (g_array_index(db->lives, struct mem_life, i).epoch == epoch) {
			return g_array_index(db->lives, struct mem_life, i + 1).began_after;
		}
	}
	return 0;
}

void mem_db_free(struct mem_db *db)
{
	g_hash_table_destroy(db->by_key);
	g_hash_table_destroy(db->by_counter);
	g_ptr_array_free(db->records, TRUE);
	g_ptr_array_free(db->history, TRUE);
	g_ptr_array_free(db->mutations, TRUE);
	g_array_free(db->feed, TRUE);
	g_array_free(db->devices, TRUE);
	g_array_free(db->lives, TRUE);
	g_free(db);
}

static void *copy_record(const void *item, void *ctx)
{
	struct mem_record *record = g_memdup2(item, sizeof(*record));

	(void)ctx;
	record->body = own(record->body);
	return record;
}

static void *copy_judged(const void *item, void *ctx)
{
	struct store_judged *judged = g_memdup2(item, sizeof(*judged));

	(void)ctx;
	judged->payload = own(judged->payload);
	judged->verdict.text = own(judged->verdict.text);
	return judged;
}

static void copy_all(GPtrArray *to, GPtrArray *from, GCopyFunc copy)
{
	for (unsigned i = 0; i < from->len; i++) {
		g_ptr_array_add(to, copy(g_ptr_array_index(from, i), NULL));
	}
}

struct mem_db *mem_db_copy(const struct mem_db *db)
{
	struct mem_db *copy = mem_db_new();

	copy_all(copy->records, db->records, copy_record);
	copy_all(copy->history, db->history, copy_record);
	copy_all(copy->mutations, db->mutations, copy_judged);
	for (unsigned i = 0; i < copy->records->len; i++) {
		g_hash_table_add(copy->by_key, g_ptr_array_index(copy->records, i));
	}
	for (unsigned i = 0; i < copy->mutations->len; i++) {
		g_hash_table_add(copy->by_counter, g_ptr_array_index(copy->mutations, i));
	}
	g_array_append_vals(copy->feed, db->feed->data, db->feed->len);
	g_array_append_vals(copy->devices, db->devices->data, db->devices->len);
	g_array_set_size(copy->lives, 0);
	g_array_append_vals(copy->lives, db->lives->data, db->lives->len);
	copy->epoch = db->epoch;
	copy->head = db->head;
	return copy;
}

static struct mem_record *find_record(
	const struct mem_db *db, const struct prac_type *type, const struct prac_id *id)
{
	const struct mem_record like = { .type = type, .id = *id };

	return g_hash_table_lookup(db->by_key, &like);
}

const struct mem_record *mem_db_record(
	const struct mem_db *db, uint32_t type, const struct prac_id *id)
{
	return find_record(db, prac_type_find(type), id);
}

const struct store_judged *mem_db_judged(
	const struct mem_db *db, const struct prac_mutation_key *key)
{
	const struct store_judged like = { .key = *key };

	return g_hash_table_lookup(db->by_counter, &like);
}

const struct store_judged *mem_db_judged_as(const struct mem_db *db, uint64_t seq)
{
	for (unsigned i = db->mutations->len; i > 0; i--) {
		const struct store_judged *judged = g_ptr_array_index(db->mutations, i - 1);

		if (judged->verdict.seq == seq) {
			return judged;
		}
	}
	return NULL;
}

struct store_device *mem_db_device(
	struct mem_db *db, const struct prac_id *device, uint64_t incarnation)
{
	struct store_device fresh = { .id = *device, .incarnation = incarnation };

	for (unsigned i = 0; i < db->devices->len; i++) {
		struct store_device *known = &g_array_index(db->devices, struct store_device, i);

		if (known->incarnation == incarnation && prac_id_equal(&known->id, device)) {
			return known;
		}
	}
	g_array_append_val(db->devices, fresh);
	return &g_array_index(db->devices, struct store_device, db->devices->len - 1);
}

static struct store_feed_row *find_row(
	const struct mem_db *db, const struct prac_id *scope, const struct store_key *key)
{
	for (unsigned i = 0; i < db->feed->len; i++) {
		struct store_feed_row *row = &g_array_index(db->feed, struct store_feed_row, i);

		if (row->key.type == key->type && prac_id_equal(&row->key.id, &key->id) &&
			prac_id_equal(&row->scope, scope)) {
			return row;
		}
	}
	return NULL;
}

const struct store_feed_row *mem_db_feed_row(
	const struct mem_db *db, const struct store_feed_row *like)
{
	return find_row(db, &like->scope, &like->key);
}

/* ---- loads */

struct prac_record *mem_db_decode(const struct mem_record *from, struct prac_arena *arena)
{
	struct prac_record *record = prac_record_new(arena, from->type);
	enum prac_status status;

	record->id = from->id;
	record->scope = from->scope;
	record->seq = from->seq;
	record->deleted = from->deleted;
	memcpy(record->group_seq, from->group_seq, sizeof(record->group_seq));
	memset(record->values, 0, from->type->n_fields * sizeof(*record->values));
	status = prac_values_decode(from->type, prac_arena_copy(arena, from->body), arena,
		record->values, &record->extra);
	assert(status == PRAC_OK);
	(void)status;
	return record;
}

static void *room(struct prac_arena *arena, void *items, size_t n, size_t size)
{
	void *roomier = prac_arena_alloc(arena, (n + 1) * size);

	if (n > 0) {
		memcpy(roomier, items, n * size);
	}
	return roomier;
}

static void add_feed(const struct mem_db *db, const struct mem_record *record,
	struct prac_arena *arena, struct store_facts *facts)
{
	for (unsigned i = 0; i < db->feed->len; i++) {
		const struct store_feed_row *row =
			&g_array_index(db->feed, struct store_feed_row, i);

		if (row->key.type == record->type->number &&
			prac_id_equal(&row->key.id, &record->id)) {
			facts->feed = room(arena, facts->feed, facts->n_feed, sizeof(*row));
			facts->feed[facts->n_feed++] = *row;
		}
	}
}

static void add_record(const struct mem_db *db, const struct mem_record *record,
	const struct store_load *load, struct prac_arena *arena, struct store_facts *facts)
{
	if (record == NULL) {
		return;
	}
	facts->records =
		room(arena, facts->records, facts->n_records, sizeof(struct prac_record *));
	facts->records[facts->n_records++] = mem_db_decode(record, arena);
	if (load->with_feed) {
		add_feed(db, record, arena, facts);
	}
}

static bool read_reference(const struct mem_record *record, const struct prac_field *field,
	struct prac_arena *arena, struct prac_id *id_out)
{
	const struct prac_value *value = &mem_db_decode(record, arena)->values[field->index];

	return value->has && prac_id_from_bytes(value->bytes, id_out) == PRAC_OK;
}

static bool is_wanted(const struct store_load *load, const struct prac_id *id)
{
	for (size_t i = 0; i < load->n_ids; i++) {
		if (prac_id_equal(&load->ids[i], id)) {
			return true;
		}
	}
	return false;
}

static bool is_dated(
	const struct mem_record *record, const struct store_load *load, struct prac_arena *arena)
{
	const struct prac_value *date;

	if (load->date == NULL) {
		return true;
	}
	date = &mem_db_decode(record, arena)->values[load->date->index];
	return date->has && load->from <= date->number && date->number <= load->until;
}

static void load_children(const struct mem_db *db, const struct store_load *load,
	struct prac_arena *arena, struct store_facts *facts)
{
	for (unsigned i = 0; i < db->records->len; i++) {
		const struct mem_record *record = g_ptr_array_index(db->records, i);
		struct prac_id parent;

		if (record->type == load->type && !record->deleted &&
			(load->kind == STORE_SCOPE ? is_wanted(load, &record->scope)
				: read_reference(record, load->field, arena, &parent)
					? is_wanted(load, &parent)
					: load->or_none) &&
			is_dated(record, load, arena)) {
			add_record(db, record, load, arena, facts);
		}
	}
}

static void load_keys(const struct mem_db *db, const struct store_load *load,
	struct prac_arena *arena, struct store_facts *facts)
{
	for (unsigned i = 0; i < db->records->len; i++) {
		const struct mem_record *record = g_ptr_array_index(db->records, i);
		bool is_wanted_key = false;

		for (size_t k = 0; k < load->n_keys && !is_wanted_key; k++) {
			is_wanted_key =
				record->type == load->type && !record->deleted &&
				prac_record_same_key(mem_db_decode(record, arena), load->keys[k]);
		}
		if (is_wanted_key) {
			add_record(db, record, load, arena, facts);
		}
	}
}

static void load_parents(const struct mem_db *db, const struct store_load *load,
	struct prac_arena *arena, struct store_facts *facts)
{
	for (size_t i = 0; i < load->n_ids; i++) {
		const struct mem_record *record = find_record(db, load->type, &load->ids[i]);
		struct prac_id parent;

		if (record != NULL && read_reference(record, load->field, arena, &parent)) {
			add_record(db,
				find_record(db, prac_type_find(load->field->ref_type), &parent),
				load, arena, facts);
		}
	}
}

static void load_through(const struct mem_db *db, const struct store_load *load,
	struct prac_arena *arena, struct store_facts *facts)
{
	struct prac_id *named = prac_arena_alloc(arena, (db->records->len + 1) * sizeof(*named));
	struct store_load children = *load;
	struct prac_id by;

	children.ids = named;
	children.n_ids = 0;
	children.kind = load->field == NULL ? STORE_BY_ID : STORE_CHILDREN;
	for (unsigned i = 0; i < db->records->len; i++) {
		const struct mem_record *record = g_ptr_array_index(db->records, i);

		if (record->type == load->through && !record->deleted &&
			read_reference(record, load->by, arena, &by) && is_wanted(load, &by) &&
			read_reference(record, load->named, arena, &named[children.n_ids])) {
			children.n_ids++;
		}
	}
	mem_db_load(db, &children, arena, facts);
}

void mem_db_load(const struct mem_db *db, const struct store_load *load, struct prac_arena *arena,
	struct store_facts *facts)
{
	switch (load->kind) {
	case STORE_BY_ID:
		for (size_t i = 0; i < load->n_ids; i++) {
			add_record(
				db, find_record(db, load->type, &load->ids[i]), load, arena, facts);
		}
		break;
	case STORE_SCOPE:
	case STORE_CHILDREN:
		load_children(db, load, arena, facts);
		break;
	case STORE_BY_KEY:
		load_keys(db, load, arena, facts);
		break;
	case STORE_PARENTS:
		load_parents(db, load, arena, facts);
		break;
	case STORE_THROUGH:
		load_through(db, load, arena, facts);
		break;
	}
}

/* ---- writes */

static struct mem_record *encode(const struct prac_record *from)
{
	struct mem_record *record = g_new0(struct mem_record, 1);
	struct prac_buf buf = { 0 };

	record->type = from->type;
	record->id = from->id;
	record->scope = from->scope;
	record->seq = from->seq;
	record->deleted = from->deleted;
	memcpy(record->group_seq, from->group_seq, sizeof(record->group_seq));
	prac_values_encode(from->type, from->values, from->extra, &buf);
	record->body = own(prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
	return record;
}

static void write_record(struct mem_db *db, const struct prac_record *from)
{
	struct mem_record *written = encode(from);
	struct mem_record *known = find_record(db, from->type, &from->id);

	if (known == NULL) {
		g_ptr_array_add(db->records, written);
		g_hash_table_add(db->by_key, written);
	} else {
		disown(known->body);
		*known = *written;
		g_free(written);
	}
}

static void write_row(struct mem_db *db, const struct store_feed_row *row)
{
	struct store_feed_row *known = find_row(db, &row->scope, &row->key);

	if (known != NULL) {
		*known = *row;
	} else {
		g_array_append_val(db->feed, *row);
	}
}

static void fan_out_record(
	struct mem_db *db, const struct mem_record *record, const struct store_fan_out *fan_out)
{
	const struct store_feed_row wanted = { .scope = fan_out->scope,
		.key = { record->type->number, record->id },
		.gone = fan_out->gone,
		.seq = fan_out->seq };
	const struct store_feed_row *known = find_row(db, &wanted.scope, &wanted.key);
	bool is_later = known != NULL && known->seq > fan_out->seq;
	bool is_live = known != NULL && known->gone == STORE_LIVE;

	if (is_later || is_live == (fan_out->gone == STORE_LIVE)) {
		return;
	}
	if (fan_out->gone == STORE_LIVE ? !record->deleted
					: !prac_id_equal(&record->scope, &fan_out->scope)) {
		write_row(db, &wanted);
	}
}

static void write_fan_out(struct mem_db *db, const struct store_fan_out *fan_out)
{
	struct prac_arena arena = { 0 };

	for (unsigned i = 0; i < db->records->len; i++) {
		const struct mem_record *record = g_ptr_array_index(db->records, i);
		int follow = record->type->follow_field;
		struct prac_id student;

		if (follow >= 0 &&
			read_reference(record, &record->type->fields[follow], &arena, &student) &&
			prac_id_equal(&student, &fan_out->student)) {
			fan_out_record(db, record, fan_out);
		}
		prac_arena_reset(&arena);
	}
	prac_arena_deinit(&arena);
}

static void write_judged(struct mem_db *db, const struct store_judged *from)
{
	struct store_judged *judged = g_new0(struct store_judged, 1);

	*judged = *from;
	judged->payload = own(from->payload);
	judged->verdict.text = own(from->verdict.text);
	g_ptr_array_add(db->mutations, judged);
	g_hash_table_add(db->by_counter, judged);
}

void mem_db_write_devices(struct mem_db *db, const struct store_writes *writes)
{
	for (size_t i = 0; i < writes->n_devices; i++) {
		*mem_db_device(db, &writes->devices[i].id, writes->devices[i].incarnation) =
			writes->devices[i];
	}
}

bool mem_db_write(struct mem_db *db, const struct store_writes *writes)
{
	for (size_t i = 0; i < writes->n_records; i++) {
		const struct prac_record *record = writes->records[i];

		if (writes->is_new[i] == (find_record(db, record->type, &record->id) != NULL)) {
			return false;
		}
	}
	for (size_t i = 0; i < writes->n_judged; i++) {
		if (mem_db_judged(db, &writes->judged[i].key) != NULL) {
			return false;
		}
	}
	for (size_t i = 0; i < writes->n_records; i++) {
		write_record(db, writes->records[i]);
	}
	for (size_t i = 0; i < writes->n_versions; i++) {
		g_ptr_array_add(db->history, encode(writes->versions[i]));
	}
	for (size_t i = 0; i < writes->n_feed; i++) {
		write_row(db, &writes->feed[i]);
	}
	for (size_t i = 0; i < writes->n_fan_outs; i++) {
		write_fan_out(db, &writes->fan_outs[i]);
	}
	for (size_t i = 0; i < writes->n_judged; i++) {
		write_judged(db, &writes->judged[i]);
	}
	mem_db_write_devices(db, writes);
	db->head = writes->head > db->head ? writes->head : db->head;
	return true;
}
