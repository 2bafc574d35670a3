#include "tests/support/scene.h"

#include <string.h>

#include "catalog/types.h"
#include "tests/support/live_server.h"
#include "tests/support/plant.h"

struct prac_id scene_school[2];

struct prac_id scene_id(const struct prac_type *type, size_t at)
{
	if (type == &prac_type_school) {
		return scene_school[at];
	}
	return (struct prac_id){ { 0x55, [13] = (uint8_t)(type->number / 256),
		[14] = (uint8_t)type->number, [15] = (uint8_t)at } };
}

struct prac_id scene_owner(const struct prac_type *type, size_t at)
{
	switch (type->owner) {
	case PRAC_OWNER_REFERENCE:
		return prac_scope_reference;
	case PRAC_OWNER_DISTRICT:
		return prac_scope_district;
	case PRAC_OWNER_BY_FIELD:
	case PRAC_OWNER_ASSIGNED:
	case PRAC_OWNER_TARGET:
		break;
	}
	return scene_school[at];
}

/* Ids are those of the school or student of the side. */
static struct prac_value value_of(const struct prac_field *field, size_t at)
{
	struct prac_id id = field->ref_type == PRAC_SCHOOL ? scene_school[at]
							   : scene_id(&prac_type_student, at);

	return plant_value(field, &id, &arena);
}

static bool is_named(const struct prac_field *field, const char *name)
{
	return strcmp(field->name, name) == 0;
}

/* What says where the record is and whom it is about; of a target a student's. */
static bool is_placing(const struct prac_type *type, const struct prac_field *field)
{
	return field->index == type->owner_field || field->index == type->follow_field ||
	       (type->owner == PRAC_OWNER_TARGET &&
		       (is_named(field, "record_type") || is_named(field, "record_id")));
}

struct prac_record *scene_record(const struct prac_type *type, size_t at, bool is_whole)
{
	struct prac_record *record = prac_record_new(&arena, type);

	record->id = scene_id(type, at);
	record->scope = scene_owner(type, at);
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct prac_field *field = &type->fields[i];

		if (is_placing(type, field) || (is_whole && (field->flags & PRAC_REQUIRED) != 0)) {
			record->values[i] = value_of(field, at);
		}
		if (type->owner == PRAC_OWNER_TARGET && is_named(field, "record_type")) {
			record->values[i].number = PRAC_STUDENT;
		}
	}
	if (type == &prac_type_evaluation && is_whole) {
		/* What the other side writes is kept from the student, whatever the rights (unit.turn). */
		record->values[PRAC_EVALUATION_EVALUATOR].number =
			PRAC_EVALUATION_EVALUATOR_STUDENT;
	}
	return record;
}

bool scene_follows_student(const struct prac_type *type)
{
	return type == &prac_type_student || type->follow_field >= 0;
}

void scene_plant(const struct prac_type *type, size_t at)
{
	plant_record(scene_record(type, at, true),
		scene_follows_student(type) ? &scene_school[at] : NULL);
}

void scene_change(struct prac_mutation *mutation, const struct prac_group *group)
{
	struct prac_record *after = prac_record_new(&arena, mutation->type);
	const struct prac_record *before = prac_record_new(&arena, mutation->type);

	for (size_t i = 0; i < group->n_fields; i++) {
		const struct prac_field *field = &mutation->type->fields[group->fields[i]];

		if ((field->flags & PRAC_STATE) == 0) {
			after->values[field->index] = value_of(field, SCENE_OWN);
		}
	}
	mutation->op = PRACTICUM__OP__OP_PATCH;
	mutation->n_patches = prac_patches_between(before, after, &arena, &mutation->patches);
}

void scene_action(struct prac_mutation *mutation, const struct prac_action *action)
{
	const struct prac_type *args = action->args;

	mutation->op = PRACTICUM__OP__OP_ACTION;
	mutation->action = action;
	if (args == NULL) {
		return;
	}
	mutation->args = prac_arena_alloc(&arena, args->n_fields * sizeof(*mutation->args));
	for (size_t i = 0; i < args->n_fields; i++) {
		if ((args->fields[i].flags & PRAC_REQUIRED) != 0) {
			mutation->args[i] = value_of(&args->fields[i], SCENE_OWN);
		}
	}
}
