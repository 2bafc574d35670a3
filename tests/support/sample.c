#include "tests/support/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct prac_field *find(const struct prac_type *type, const char *name)
{
	const struct prac_field *field = prac_field_find_name(type, name);

	if (field == NULL) {
		(void)fprintf(stderr, "sample: %s has no field %s\n", type->name, name);
		abort();
	}
	return field;
}

void sample_set(struct prac_record *record, struct prac_arena *arena, const char *assignment)
{
	const char *equals = strchr(assignment, '=');
	size_t len = equals != NULL ? (size_t)(equals - assignment) : 0;
	struct prac_bytes name = { (const uint8_t *)assignment, len };
	const struct prac_field *field = find(record->type, prac_arena_text(arena, name));
	struct prac_value *value = &record->values[field->index];
	struct prac_problem problem = { 0 };

	memset(value, 0, sizeof(*value));
	if (equals != NULL && equals[1] != '\0' &&
		prac_value_parse(field, equals + 1, arena, value, &problem) != PRAC_OK) {
		(void)fprintf(stderr, "sample: %s: %s\n", assignment, problem.text);
		abort();
	}
}

struct prac_record *sample_record(struct prac_arena *arena, const struct prac_type *type,
	uint8_t nn, const char *const assignments[4])
{
	struct prac_record *record = prac_record_new(arena, type);

	record->id = sample_id(nn);
	for (size_t i = 0; i < 4 && assignments[i] != NULL; i++) {
		sample_set(record, arena, assignments[i]);
	}
	return record;
}

struct prac_id sample_id(uint8_t nn)
{
	struct prac_id id = { { 0 } };

	id.b[PRAC_ID_LEN - 1] = nn;
	return id;
}

struct prac_patch sample_patch(
	struct prac_arena *arena, const struct prac_record *before, const struct prac_record *after)
{
	struct prac_patch *patches;

	if (prac_patches_between(before, after, arena, &patches) != 1) {
		(void)fprintf(stderr, "sample: not one patch\n");
		abort();
	}
	return patches[0];
}

const char *sample_text(
	const struct prac_record *record, const char *name, struct prac_arena *arena)
{
	const struct prac_field *field = find(record->type, name);
	struct prac_buf buf = { 0 };
	const char *text;

	prac_value_format(field, &record->values[field->index], &buf);
	text = prac_arena_text(arena, prac_buf_bytes(&buf));
	prac_buf_deinit(&buf);
	return text;
}
