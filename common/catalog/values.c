#include <string.h>

#include "common/catalog/coding.h"
#include "common/catalog/record.h"

struct prac_record *prac_record_new(struct prac_arena *arena, const struct prac_type *type)
{
	struct prac_record *record = prac_arena_alloc(arena, sizeof(*record));

	record->type = type;
	record->values = prac_arena_alloc(arena, type->n_fields * sizeof(*record->values));
	if (type->state_field >= 0) {
		record->values[type->state_field].has = true;
		record->values[type->state_field].number = prac_type_first_state(type);
	}
	return record;
}

struct prac_record *prac_record_copy(struct prac_arena *arena, const struct prac_record *record)
{
	struct prac_record *copy = prac_arena_alloc(arena, sizeof(*copy));
	size_t len = record->type->n_fields * sizeof(*copy->values);

	*copy = *record;
	copy->values = prac_arena_alloc(arena, len);
	memcpy(copy->values, record->values, len);
	return copy;
}

/* A message being read. */
struct reading {
	struct prac_bytes input;
	struct prac_arena *arena;
	bool is_canonical; /* so far; of a group */
};

/* Bytes in one place that arrived in several, or not in their shortest form. */
static void gather(
	const struct reading *reading, struct prac_bytes *run, const struct prac_coded *field)
{
	bool is_empty = run->len == 0;
	bool is_borrowed = !is_empty && run->data >= reading->input.data &&
			   run->data < reading->input.data + reading->input.len;
	struct prac_buf shortest = { 0 };

	if (field->minimal &&
		(is_empty || (is_borrowed && run->data + run->len == field->whole.data))) {
		run->data = is_empty ? field->whole.data : run->data;
		run->len += field->whole.len;
		return;
	}
	if (is_empty || is_borrowed) {
		/* As long as the input: all that can follow fits, so there is no growing. */
		uint8_t *room = prac_arena_alloc(reading->arena, reading->input.len);

		if (!is_empty) {
			memcpy(room, run->data, run->len);
		}
		run->data = room;
	}
	prac_coding_put(&shortest, field);
	memcpy((uint8_t *)run->data + run->len, prac_buf_bytes(&shortest).data,
		prac_buf_len(&shortest));
	run->len += prac_buf_len(&shortest);
	prac_buf_deinit(&shortest);
}

static enum prac_coding_type coding_of(enum prac_kind kind)
{
	return kind == PRAC_TEXT || kind == PRAC_TEXT_LIST || kind == PRAC_REF || kind == PRAC_BLOB
		       ? PRAC_CODING_BYTES
		       : PRAC_CODING_VARINT;
}

/* As protobuf does it: 32-bit kinds take the low half, a boolean is whether anything is set. */
static int64_t number_of(enum prac_kind kind, uint64_t varint)
{
	if (kind == PRAC_DATE || kind == PRAC_TIME || kind == PRAC_ENUM) {
		return (int32_t)(uint32_t)varint;
	}
	return kind == PRAC_BOOL ? varint != 0 : (int64_t)varint;
}

static enum prac_status read_value(const struct reading *reading, const struct prac_coded *coded,
	const struct prac_field *field, struct prac_value *value)
{
	if (coded->type != coding_of(field->kind)) {
		return PRAC_INVALID_ARGUMENT;
	}
	value->has = true;
	if (field->kind == PRAC_TEXT_LIST) {
		gather(reading, &value->bytes, coded);
	} else if (coded->type == PRAC_CODING_BYTES) {
		value->bytes = coded->bytes;
	} else {
		value->number = number_of(field->kind, coded->varint);
	}
	return PRAC_OK;
}

enum prac_status prac_values_decode(const struct prac_type *type, struct prac_bytes bytes,
	struct prac_arena *arena, struct prac_value *values, struct prac_bytes *extra_out)
{
	const struct reading reading = { .input = bytes, .arena = arena };
	struct prac_bytes rest = bytes;
	struct prac_coded coded;
	enum prac_status status = PRAC_OK;

	memset(values, 0, type->n_fields * sizeof(*values));
	*extra_out = (struct prac_bytes){ 0 };
	while (status == PRAC_OK && rest.len > 0) {
		status = prac_coding_next(&rest, &coded);
		if (status != PRAC_OK) {
			break;
		}
		const struct prac_field *field = prac_field_find(type, coded.number);
		if (field == NULL) {
			gather(&reading, extra_out, &coded);
		} else {
			status = read_value(&reading, &coded, field, &values[field->index]);
		}
	}
	return status;
}

static void write_value(
	const struct prac_field *field, const struct prac_value *value, struct prac_buf *buf)
{
	if (!value->has) {
		return;
	}
	if (field->kind == PRAC_TEXT_LIST) {
		prac_buf_append(buf, value->bytes.data, value->bytes.len);
	} else if (coding_of(field->kind) == PRAC_CODING_BYTES) {
		prac_coding_put_bytes(buf, field->number, value->bytes);
	} else {
		prac_coding_put_tag(buf, field->number, PRAC_CODING_VARINT);
		prac_coding_put_varint(buf, (uint64_t)value->number);
	}
}

void prac_values_encode(const struct prac_type *type, const struct prac_value *values,
	struct prac_bytes extra, struct prac_buf *buf)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		write_value(&type->fields[i], &values[i], buf);
	}
	prac_buf_append(buf, extra.data, extra.len);
}

void prac_group_encode(const struct prac_type *type, const struct prac_group *group,
	const struct prac_value *values, struct prac_buf *buf)
{
	for (size_t i = 0; i < group->n_fields; i++) {
		write_value(&type->fields[group->fields[i]], &values[group->fields[i]], buf);
	}
}

void prac_group_copy(
	const struct prac_group *group, const struct prac_value *from, struct prac_value *to)
{
	for (size_t i = 0; i < group->n_fields; i++) {
		to[group->fields[i]] = from[group->fields[i]];
	}
}

/* Is the field as prac_group_encode() would write it, behind the last one? */
static bool is_canonical(const struct prac_coded *coded, const struct prac_field *field,
	const struct prac_value *value, uint32_t last)
{
	return coded->minimal &&
	       (coded->number > last || (coded->number == last && field->kind == PRAC_TEXT_LIST)) &&
	       (coded->type != PRAC_CODING_VARINT || (uint64_t)value->number == coded->varint);
}

/* Into values, of which only the group's are set, whatever comes back. */
static enum prac_status read_group(struct reading *reading, const struct prac_type *type,
	const struct prac_group *group, struct prac_value *values)
{
	struct prac_bytes rest = reading->input;
	struct prac_coded coded;
	uint32_t last = 0;

	for (size_t i = 0; i < group->n_fields; i++) {
		values[group->fields[i]] = (struct prac_value){ 0 };
	}
	while (rest.len > 0) {
		const struct prac_field *field;
		struct prac_value *value;

		if (prac_coding_next(&rest, &coded) != PRAC_OK) {
			return PRAC_INVALID_ARGUMENT;
		}
		field = prac_field_find(type, coded.number);
		if (field == NULL || &type->groups[field->group] != group) {
			return PRAC_INVALID_ARGUMENT;
		}
		value = &values[field->index];
		if (read_value(reading, &coded, field, value) != PRAC_OK) {
			return PRAC_INVALID_ARGUMENT;
		}
		reading->is_canonical =
			reading->is_canonical && is_canonical(&coded, field, value, last);
		last = coded.number;
	}
	return PRAC_OK;
}

enum prac_status prac_group_apply(const struct prac_type *type, const struct prac_group *group,
	struct prac_bytes bytes, struct prac_arena *arena, struct prac_value *values)
{
	struct prac_value read[PRAC_FIELDS_MAX];
	struct reading reading = { .input = bytes, .arena = arena };
	enum prac_status status = read_group(&reading, type, group, read);

	if (status == PRAC_OK) {
		prac_group_copy(group, read, values);
	}
	return status;
}

enum prac_status prac_group_read(const struct prac_type *type, const struct prac_group *group,
	struct prac_arena *arena, struct prac_bytes *bytes, struct prac_value *values_out)
{
	struct reading reading = { .input = *bytes, .arena = arena, .is_canonical = true };
	enum prac_status status = read_group(&reading, type, group, values_out);

	if (status == PRAC_OK && !reading.is_canonical) {
		struct prac_buf buf = { 0 };

		prac_group_encode(type, group, values_out, &buf);
		*bytes = prac_arena_copy(arena, prac_buf_bytes(&buf));
		prac_buf_deinit(&buf);
	}
	return status;
}

bool prac_value_equal(
	const struct prac_field *field, const struct prac_value *a, const struct prac_value *b)
{
	if (!a->has || !b->has) {
		return a->has == b->has;
	}
	return coding_of(field->kind) == PRAC_CODING_BYTES ? prac_bytes_equal(a->bytes, b->bytes)
							   : a->number == b->number;
}

struct prac_value prac_value_number(int64_t number)
{
	return (struct prac_value){ .has = true, .number = number };
}

struct prac_value prac_value_bytes(struct prac_bytes bytes)
{
	return (struct prac_value){ .has = true, .bytes = bytes };
}

struct prac_value prac_value_id(const struct prac_id *id)
{
	return prac_value_bytes(prac_id_bytes(id));
}

struct prac_value prac_value_text(const char *text)
{
	return text == NULL ? (struct prac_value){ 0 } : prac_value_bytes(prac_bytes_text(text));
}

bool prac_list_next(struct prac_bytes *rest, struct prac_bytes *item_out)
{
	struct prac_coded coded;

	if (rest->len == 0 || prac_coding_next(rest, &coded) != PRAC_OK) {
		return false;
	}
	*item_out = coded.bytes;
	return true;
}

bool prac_list_has(struct prac_bytes list, struct prac_bytes item)
{
	struct prac_bytes one;

	while (prac_list_next(&list, &one)) {
		if (prac_bytes_equal(one, item)) {
			return true;
		}
	}
	return false;
}

struct prac_value prac_list_value(struct prac_arena *arena, const struct prac_field *field,
	const struct prac_bytes *items, size_t n_items)
{
	struct prac_value value = { .has = n_items > 0 };
	struct prac_buf buf = { 0 };

	for (size_t i = 0; i < n_items; i++) {
		prac_coding_put_bytes(&buf, field->number, items[i]);
	}
	value.bytes = prac_arena_copy(arena, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
	return value;
}
