#include "tests/sim/model_record.h"

#include <string.h>

#include "tests/sim/model_sum.h"

static unsigned hash_record(const void *item)
{
	const struct model_record *record = item;
	unsigned hash = record->type;

	for (size_t i = 0; i < PRAC_ID_LEN; i++) {
		hash = hash * 31 + record->id.b[i];
	}
	return hash;
}

static gboolean same_record(const void *a, const void *b)
{
	const struct model_record *left = a;
	const struct model_record *right = b;

	return left->type == right->type && prac_id_equal(&left->id, &right->id);
}

static void free_record(void *item)
{
	struct model_record *record = item;

	for (size_t i = 0; i < MODEL_GROUPS; i++) {
		g_bytes_unref(record->groups[i]);
	}
	g_bytes_unref(record->about.mine);
	g_free(record);
}

GHashTable *model_records_new(void)
{
	return g_hash_table_new_full(hash_record, same_record, NULL, free_record);
}

struct model_record *model_find(GHashTable *records, uint32_t type, const struct prac_id *id)
{
	const struct model_record like = { .type = type, .id = *id };

	return g_hash_table_lookup(records, &like);
}

struct model_record *model_add(
	GHashTable *records, uint32_t type, struct prac_id id, struct prac_id scope)
{
	struct model_record *record = g_new0(struct model_record, 1);

	record->type = type;
	record->id = id;
	record->scope = scope;
	for (size_t i = 0; i < MODEL_GROUPS; i++) {
		record->groups[i] = g_bytes_new(NULL, 0);
	}
	g_hash_table_add(records, record);
	return record;
}

static bool bytes_are(GBytes *bytes, ProtobufCBinaryData data)
{
	size_t len;
	const void *own = g_bytes_get_data(bytes, &len);

	return len == data.len && (len == 0 || memcmp(own, data.data, len) == 0);
}

bool model_group_is(const struct model_record *record, size_t group, ProtobufCBinaryData bytes)
{
	return bytes_are(record->groups[group], bytes);
}

void model_group_set(
	struct model_record *record, size_t group, const void *data, size_t len, uint64_t seq)
{
	g_bytes_unref(record->groups[group]);
	record->groups[group] = g_bytes_new(data, len);
	record->group_seq[group] = seq;
}

uint64_t model_record_hash(const struct model_record *record)
{
	uint64_t hash = model_hash_begin(record->type, &record->id, &record->scope);

	for (size_t i = 0; i < MODEL_GROUPS; i++) {
		size_t len;
		const uint8_t *data = g_bytes_get_data(record->groups[i], &len);

		hash = model_hash_group(
			hash, i, record->group_seq[i], (struct prac_bytes){ data, len });
	}
	return model_hash_end(hash);
}

/* Items of a set: tag of one or two bytes, a length below 128, text. NUL ends each in the result. */
static GPtrArray *items_of(const uint8_t *data, size_t len)
{
	GPtrArray *items = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);

	for (size_t at = 0; at < len;) {
		size_t tag_len = data[at] >= 0x80 ? 2 : 1;
		size_t item_len = tag_len + 1 + data[at + tag_len];

		g_ptr_array_add(items, g_bytes_new(data + at, item_len));
		at += item_len;
	}
	return items;
}

static bool has_item(const GPtrArray *items, GBytes *item)
{
	for (unsigned i = 0; i < items->len; i++) {
		if (g_bytes_equal(g_ptr_array_index(items, i), item)) {
			return true;
		}
	}
	return false;
}

static void append(GByteArray *set, GBytes *item)
{
	size_t len;
	const uint8_t *data = g_bytes_get_data(item, &len);

	g_byte_array_append(set, data, (unsigned)len);
}

static void unite(
	struct model_record *record, size_t group, const Practicum__GroupPatch *patch, uint64_t seq)
{
	size_t len;
	const uint8_t *data = g_bytes_get_data(record->groups[group], &len);
	GPtrArray *theirs = items_of(data, len);
	GPtrArray *old = items_of(patch->old_value.data, patch->old_value.len);
	GPtrArray *mine = items_of(patch->new_value.data, patch->new_value.len);
	GByteArray *set = g_byte_array_new();

	for (unsigned i = 0; i < theirs->len; i++) {
		GBytes *item = g_ptr_array_index(theirs, i);

		if (!has_item(old, item) || has_item(mine, item)) {
			append(set, item);
		}
	}
	for (unsigned i = 0; i < mine->len; i++) {
		GBytes *item = g_ptr_array_index(mine, i);

		if (!has_item(old, item) && !has_item(theirs, item)) {
			append(set, item);
		}
	}
	if (!bytes_are(record->groups[group], (ProtobufCBinaryData){ set->len, set->data })) {
		model_group_set(record, group, set->data, set->len, seq);
	}
	g_byte_array_free(set, TRUE);
	g_ptr_array_free(theirs, TRUE);
	g_ptr_array_free(old, TRUE);
	g_ptr_array_free(mine, TRUE);
}

static bool is_set(uint32_t type, uint32_t group)
{
	return (type == PRAC_STUDENT && (group == PRAC_STUDENT_GROUP_INTERESTS ||
						group == PRAC_STUDENT_GROUP_SKILLS)) ||
	       (type == PRAC_ORGANIZATION && group == PRAC_ORGANIZATION_GROUP_ALIASES);
}

bool model_merge(struct model_record *record, const Practicum__GroupPatch *patch, uint64_t base_seq,
	uint64_t seq)
{
	size_t group = patch->group - 1; /* these types number their groups from 1 on */

	if (bytes_are(record->groups[group], patch->new_value)) {
		return true;
	}
	if (record->group_seq[group] <= base_seq ||
		bytes_are(record->groups[group], patch->old_value)) {
		model_group_set(record, group, patch->new_value.data, patch->new_value.len, seq);
		return true;
	}
	if (is_set(record->type, patch->group)) {
		unite(record, group, patch, seq);
		return true;
	}
	return false;
}

void model_read_student(struct model_record *record, uint8_t tag, size_t group)
{
	size_t len;
	const uint8_t *data = g_bytes_get_data(record->groups[group], &len);

	for (size_t at = 0; at + 2 + PRAC_ID_LEN <= len; at += 2 + PRAC_ID_LEN) {
		if (data[at] == tag) {
			memcpy(record->student.b, data + at + 2, PRAC_ID_LEN);
			return;
		}
	}
}

static struct prac_id id_of(const struct prac_value *value)
{
	struct prac_id id = { { 0 } };

	if (value->has && value->bytes.len == PRAC_ID_LEN) {
		memcpy(id.b, value->bytes.data, PRAC_ID_LEN);
	}
	return id;
}

static void read_conflict(struct model_record *record, const struct prac_value *values)
{
	static const uint8_t open[] = { 0x08, PRAC_CONFLICT_STATE_OPEN };
	const struct prac_bytes mine = values[PRAC_CONFLICT_MINE].bytes;

	record->about.type = (uint32_t)values[PRAC_CONFLICT_RECORD_TYPE].number;
	record->about.id = id_of(&values[PRAC_CONFLICT_RECORD_ID]);
	record->about.group = (uint32_t)values[PRAC_CONFLICT_GROUP_NUMBER].number;
	record->about.kind = values[PRAC_CONFLICT_KIND].number;
	record->about.mine = g_bytes_new(mine.data, mine.len);
	/* A later mutation of the same batch may have resolved it: it began open. */
	model_group_set(record, 0, open, sizeof(open), record->seq);
}

void model_read_made(struct model_record *record, const struct mem_record *made)
{
	struct prac_arena arena = { 0 };
	struct prac_value values[PRAC_FIELDS_MAX] = { 0 };
	struct prac_buf buf = { 0 };
	struct prac_bytes extra;

	if (prac_values_decode(made->type, made->body, &arena, values, &extra) != PRAC_OK) {
		return;
	}
	for (size_t i = 0; i < made->type->n_groups; i++) {
		prac_buf_clear(&buf);
		prac_group_encode(made->type, &made->type->groups[i], values, &buf);
		if (prac_buf_len(&buf) > 0) {
			model_group_set(record, i, prac_buf_bytes(&buf).data, prac_buf_len(&buf),
				record->seq);
		}
	}
	if (made->type == &prac_type_conflict) {
		record->student = id_of(&values[PRAC_CONFLICT_STUDENT_ID]);
		read_conflict(record, values);
	} else if (made->type == &prac_type_approval) {
		record->student = id_of(&values[PRAC_APPROVAL_STUDENT_ID]);
	}
	prac_buf_deinit(&buf);
	prac_arena_deinit(&arena);
}
