#include "common/sync/merge.h"

#include <stdlib.h>
#include <string.h>

/* A patch of an older program says nothing about fields that came after it. */
static bool is_known(const struct prac_field *field, const struct prac_patch *patch)
{
	return field->since <= patch->schema;
}

static struct prac_value *copy_values(const struct prac_record *record, struct prac_arena *arena)
{
	size_t size = record->type->n_fields * sizeof(*record->values);
	struct prac_value *values = prac_arena_alloc(arena, size);

	memcpy(values, record->values, size);
	return values;
}

/* The group as it is now, in the eyes of the program that made the patch. */
static void encode_current(const struct prac_record *record, const struct prac_patch *patch,
	struct prac_arena *arena, struct prac_buf *buf)
{
	const struct prac_type *type = record->type;
	const struct prac_group *group = patch->group;
	struct prac_value *known = record->values;

	for (size_t i = 0; i < group->n_fields; i++) {
		uint16_t index = group->fields[i];

		if (is_known(&type->fields[index], patch) || !record->values[index].has) {
			continue;
		}
		if (known == record->values) {
			known = copy_values(record, arena);
		}
		known[index] = (struct prac_value){ 0 };
	}
	prac_group_encode(type, group, known, buf);
}

static void replace(struct prac_record *record, const struct prac_patch *patch)
{
	const struct prac_group *group = patch->group;

	for (size_t i = 0; i < group->n_fields; i++) {
		uint16_t index = group->fields[i];

		if (is_known(&record->type->fields[index], patch)) {
			record->values[index] = patch->new_fields[index];
		}
	}
}

/* Items of a list in their order, and once more sorted for looking up. */
struct items {
	struct prac_bytes *list, *sorted;
	size_t n;
};

static int compare_bytes(const void *a, const void *b)
{
	const struct prac_bytes *left = a;
	const struct prac_bytes *right = b;
	size_t len = left->len < right->len ? left->len : right->len;
	int order = len > 0 ? memcmp(left->data, right->data, len) : 0;

	return order != 0 ? order : (left->len > right->len) - (left->len < right->len);
}

static struct items read_items(const struct prac_value *value, struct prac_arena *arena)
{
	struct prac_bytes rest = value->has ? value->bytes : (struct prac_bytes){ 0 };
	struct prac_bytes item;
	struct items items = { 0 };

	while (prac_list_next(&rest, &item)) {
		items.n++;
	}
	if (items.n > 0) {
		items.list = prac_arena_alloc(arena, items.n * sizeof(item));
		items.sorted = prac_arena_alloc(arena, items.n * sizeof(item));
		rest = value->bytes;
		for (size_t i = 0; prac_list_next(&rest, &item); i++) {
			items.list[i] = item;
		}
		memcpy(items.sorted, items.list, items.n * sizeof(item));
		qsort(items.sorted, items.n, sizeof(item), compare_bytes);
	}
	return items;
}

static bool has_item(const struct items *items, const struct prac_bytes *item)
{
	return items->n > 0 &&
	       bsearch(item, items->sorted, items->n, sizeof(*item), compare_bytes) != NULL;
}

/* What is there without what the person took away, then what the person added. */
static struct prac_value unite(const struct prac_field *field, const struct prac_value *current,
	const struct prac_value *old_value, const struct prac_value *new_value,
	struct prac_arena *arena)
{
	struct items theirs = read_items(current, arena);
	struct items base = read_items(old_value, arena);
	struct items mine = read_items(new_value, arena);
	struct prac_bytes *result =
		prac_arena_alloc(arena, (theirs.n + mine.n + 1) * sizeof(*result));
	size_t n = 0;

	for (size_t i = 0; i < theirs.n; i++) {
		const struct prac_bytes *item = &theirs.list[i];

		if (!has_item(&base, item) || has_item(&mine, item)) {
			result[n++] = *item;
		}
	}
	for (size_t i = 0; i < mine.n; i++) {
		const struct prac_bytes *item = &mine.list[i];

		if (!has_item(&base, item) && !has_item(&theirs, item)) {
			result[n++] = *item;
		}
	}
	return prac_list_value(arena, field, result, n);
}

/* A set group holds lists only; anything else in it has one value at a time. */
static bool is_set(const struct prac_type *type, const struct prac_group *group)
{
	bool all_lists = true;

	for (size_t i = 0; i < group->n_fields; i++) {
		all_lists = all_lists && type->fields[group->fields[i]].kind == PRAC_TEXT_LIST;
	}
	return group->merge == PRAC_MERGE_SET && all_lists;
}

/* False: it was so already. */
static bool unite_group(
	struct prac_record *record, const struct prac_patch *patch, struct prac_arena *arena)
{
	const struct prac_type *type = record->type;
	bool changed = false;

	for (size_t i = 0; i < patch->group->n_fields; i++) {
		uint16_t index = patch->group->fields[i];
		const struct prac_field *field = &type->fields[index];
		struct prac_value *current = &record->values[index];
		struct prac_value united;

		if (!is_known(field, patch)) {
			continue;
		}
		united = unite(field, current, &patch->old_fields[index], &patch->new_fields[index],
			arena);
		changed = changed || !prac_value_equal(field, current, &united);
		*current = united;
	}
	return changed;
}

static enum prac_merge_result merge_current(struct prac_record *record,
	const struct prac_patch *patch, bool untouched, struct prac_bytes current,
	struct prac_arena *arena)
{
	if (prac_bytes_equal(current, patch->new_value)) {
		return PRAC_MERGED_SAME;
	}
	if (untouched || prac_bytes_equal(current, patch->old_value)) {
		replace(record, patch);
		return PRAC_MERGED_APPLIED;
	}
	if (is_set(record->type, patch->group)) {
		return unite_group(record, patch, arena) ? PRAC_MERGED_UNION : PRAC_MERGED_SAME;
	}
	return PRAC_MERGED_CONFLICT;
}

enum prac_merge_result prac_merge(struct prac_record *record, const struct prac_patch *patch,
	uint64_t base_seq, uint64_t seq, struct prac_arena *arena)
{
	uint64_t *group_seq = &record->group_seq[patch->group - record->type->groups];
	struct prac_buf current = { 0 };
	enum prac_merge_result result;

	encode_current(record, patch, arena, &current);
	result = merge_current(
		record, patch, *group_seq <= base_seq, prac_buf_bytes(&current), arena);
	prac_buf_deinit(&current);
	if (result == PRAC_MERGED_APPLIED || result == PRAC_MERGED_UNION) {
		*group_seq = seq;
	}
	return result;
}

void prac_overlay(
	struct prac_record *record, const struct prac_patch *patch, struct prac_arena *arena)
{
	struct prac_buf current = { 0 };

	encode_current(record, patch, arena, &current);
	if (merge_current(record, patch, false, prac_buf_bytes(&current), arena) ==
		PRAC_MERGED_CONFLICT) {
		replace(record, patch);
	}
	prac_buf_deinit(&current);
}
