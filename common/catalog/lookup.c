#include <assert.h>
#include <string.h>

#include "common/catalog/record.h"

const struct prac_id prac_scope_district = { { [15] = 1 } };
const struct prac_id prac_scope_reference = { { [15] = 2 } };

/*
 * Tables are short (at most 64 fields, about 70 types) and numbers nearly dense, so the row is
 * where its number says or a few before it.
 */
const struct prac_type *prac_type_find(uint32_t number)
{
	size_t i = number < prac_n_types ? number : prac_n_types;

	while (i > 0 && prac_types[i - 1]->number > number) {
		i--;
	}
	return i > 0 && prac_types[i - 1]->number == number ? prac_types[i - 1] : NULL;
}

size_t prac_type_index(uint32_t number)
{
	size_t i = number < prac_n_types ? number : prac_n_types;

	assert(i > 0);
	while (prac_types[i - 1]->number != number) {
		i--;
		assert(i > 0);
	}
	return i - 1;
}

const struct prac_type *prac_type_find_name(const char *name)
{
	for (size_t i = 0; i < prac_n_types; i++) {
		if (strcmp(prac_types[i]->name, name) == 0) {
			return prac_types[i];
		}
	}
	return NULL;
}

const struct prac_field *prac_field_find(const struct prac_type *type, uint32_t number)
{
	size_t i = number < type->n_fields ? number : type->n_fields;

	while (i > 0 && type->fields[i - 1].number > number) {
		i--;
	}
	return i > 0 && type->fields[i - 1].number == number ? &type->fields[i - 1] : NULL;
}

const struct prac_field *prac_field_find_name(const struct prac_type *type, const char *name)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		if (strcmp(type->fields[i].name, name) == 0) {
			return &type->fields[i];
		}
	}
	return NULL;
}

const struct prac_group *prac_group_find(const struct prac_type *type, uint32_t number)
{
	for (size_t i = 0; i < type->n_groups; i++) {
		if (type->groups[i].number == number) {
			return &type->groups[i];
		}
	}
	return NULL;
}

const struct prac_action *prac_action_find(const struct prac_type *type, uint32_t number)
{
	for (size_t i = 0; i < type->n_actions; i++) {
		if (type->actions[i].number == number) {
			return &type->actions[i];
		}
	}
	return NULL;
}

const struct prac_action *prac_action_find_name(const struct prac_type *type, const char *name)
{
	for (size_t i = 0; i < type->n_actions; i++) {
		if (strcmp(type->actions[i].name, name) == 0) {
			return &type->actions[i];
		}
	}
	return NULL;
}

const struct prac_enum_value *prac_enum_find(const struct prac_field *field, int64_t number)
{
	for (size_t i = 0; i < field->n_values; i++) {
		if (field->values[i].number == number) {
			return &field->values[i];
		}
	}
	return NULL;
}

const struct prac_enum_value *prac_enum_find_name(const struct prac_field *field, const char *name)
{
	for (size_t i = 0; i < field->n_values; i++) {
		if (strcmp(field->values[i].name, name) == 0) {
			return &field->values[i];
		}
	}
	return NULL;
}

const struct prac_type *prac_record_target(const struct prac_record *record, struct prac_id *id_out)
{
	const struct prac_field *type = prac_field_find_name(record->type, "record_type");
	const struct prac_field *id = prac_field_find_name(record->type, "record_id");

	if (type == NULL || id == NULL ||
		prac_id_from_bytes(record->values[id->index].bytes, id_out) != PRAC_OK) {
		return NULL;
	}
	return prac_type_find((uint32_t)record->values[type->index].number);
}

int32_t prac_type_first_state(const struct prac_type *type)
{
	return type->state_field < 0 ? 0 : type->fields[type->state_field].values[0].number;
}

bool prac_field_is_closed(const struct prac_field *field)
{
	return (field->kind == PRAC_TEXT || field->kind == PRAC_BLOB) &&
	       (field->mask == PRAC_MASK_HEALTH || field->mask == PRAC_MASK_DISCIPLINE ||
		       field->mask == PRAC_MASK_CONTENT);
}

bool prac_type_is_closed(const struct prac_type *type)
{
	for (size_t i = 0; i < type->n_fields; i++) {
		if (prac_field_is_closed(&type->fields[i])) {
			return true;
		}
	}
	return false;
}
