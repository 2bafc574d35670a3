#include "tests/support/edits.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "catalog/types.h"

struct edits {
	struct edits_config config;
	uint64_t state;
	GArray *known; /* of struct store_key: what was created, or tried to be */
};

enum {
	SUNDAY = 20695, /* 2026-08-30; days since 1970-01-01 */
	N_WEEKS = 20
};

struct edits *edits_new(const struct edits_config *config)
{
	struct edits *edits = g_new0(struct edits, 1);

	edits->config = *config;
	edits->state = config->seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	edits->known = g_array_new(FALSE, FALSE, sizeof(struct store_key));
	return edits;
}

void edits_free(struct edits *edits)
{
	g_array_free(edits->known, TRUE);
	g_free(edits);
}

/* splitmix64 */
static uint64_t next(struct edits *edits)
{
	uint64_t z = edits->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t edits_below(struct edits *edits, uint64_t n)
{
	return next(edits) % n;
}

static struct prac_id random_id(struct edits *edits)
{
	struct prac_id id = { .b = { 0x01, 0x99 } };
	uint64_t tail = next(edits);

	memcpy(id.b + 8, &tail, sizeof(tail));
	return id;
}

static struct prac_id school(struct edits *edits)
{
	return edits->config.schools[edits_below(edits, edits->config.n_schools)];
}

/* A record of the type that may exist; seldom one that does not. */
static struct prac_id some_id(struct edits *edits, uint32_t type)
{
	size_t start;

	if (type == PRAC_SCHOOL) {
		return school(edits);
	}
	if (edits->known->len == 0 || edits_below(edits, 30) == 0) {
		return random_id(edits);
	}
	start = edits_below(edits, edits->known->len);
	for (size_t i = 0; i < edits->known->len; i++) {
		const struct store_key *key = &g_array_index(
			edits->known, struct store_key, (start + i) % edits->known->len);

		if (key->type == type) {
			return key->id;
		}
	}
	return random_id(edits);
}

static struct prac_bytes random_text(
	struct edits *edits, const struct prac_field *field, struct prac_arena *arena)
{
	static const char *const texts[] = { "a", "O'Neil", "\"quoted\" \\ {x,y}", "Zoë", "NULL",
		"b b" };
	const char *text = texts[edits_below(edits, PRAC_NELEM(texts))];
	struct prac_bytes bytes = prac_bytes_text(text);
	char *filled;

	if (field->min > (int64_t)bytes.len && field->min < 1000) {
		filled = prac_arena_alloc(arena, (size_t)field->min);
		memset(filled, 'x', (size_t)field->min);
		bytes = (struct prac_bytes){ (const uint8_t *)filled, (size_t)field->min };
	} else if (field->max < (int64_t)bytes.len) {
		bytes.len =
			1; /* "a", "O", a quote, "N", "b": and half of nothing, for none begins with ë */
	}
	return bytes;
}

static int64_t random_number(struct edits *edits, const struct prac_field *field)
{
	int64_t min = field->min > INT64_MIN ? field->min : 0;
	int64_t max = field->max < INT64_MAX ? field->max : min + 1000;

	return min + (int64_t)edits_below(edits, (uint64_t)(max - min) + 1);
}

static struct prac_value random_list(
	struct edits *edits, const struct prac_field *field, struct prac_arena *arena)
{
	struct prac_bytes items[3];
	size_t n = 1 + edits_below(edits, 3);

	for (size_t i = 0; i < n; i++) {
		items[i] = random_text(edits, field, arena);
	}
	return prac_list_value(arena, field, items, n);
}

static struct prac_value reference(
	struct edits *edits, const struct prac_field *field, struct prac_arena *arena)
{
	struct prac_id id = some_id(edits, field->ref_type);

	return (struct prac_value){ .has = true,
		.bytes = prac_arena_copy(arena, prac_id_bytes(&id)) };
}

static struct prac_value random_value(
	struct edits *edits, const struct prac_field *field, struct prac_arena *arena)
{
	struct prac_value value = { .has = true };

	switch (field->kind) {
	case PRAC_TEXT:
	case PRAC_BLOB:
		value.bytes = random_text(edits, field, arena);
		break;
	case PRAC_TEXT_LIST:
		return random_list(edits, field, arena);
	case PRAC_REF:
		return reference(edits, field, arena);
	case PRAC_ENUM:
		value.number = field->values[edits_below(edits, field->n_values)].number;
		break;
	case PRAC_BOOL:
		value.number = (int64_t)edits_below(edits, 2);
		break;
	case PRAC_DATE:
		value.number = SUNDAY + 7 * (int64_t)edits_below(edits, N_WEEKS);
		break;
	case PRAC_TIME:
		value.number = (int64_t)edits_below(edits, 1440);
		break;
	case PRAC_INSTANT:
		value.number = INT64_C(1790000000000) + (int64_t)edits_below(edits, 1000000);
		break;
	case PRAC_INT:
	case PRAC_MINUTES:
	case PRAC_CENTS:
		value.number = random_number(edits, field);
		break;
	}
	return value;
}

static struct prac_id scope_of(struct edits *edits, const struct prac_record *record)
{
	struct prac_id scope = school(edits);
	const struct prac_type *type = record->type;

	if (type->owner == PRAC_OWNER_REFERENCE) {
		return prac_scope_reference;
	}
	if (type->owner_field >= 0 &&
		prac_id_from_bytes(record->values[type->owner_field].bytes, &scope) != PRAC_OK) {
		return school(edits);
	}
	return scope;
}

static struct prac_record *new_record(
	struct edits *edits, const struct prac_type *type, struct prac_arena *arena)
{
	struct prac_record *record = prac_record_new(arena, type);

	record->id = edits_below(edits, 20) == 0 ? some_id(edits, type->number) : random_id(edits);
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct prac_field *field = &type->fields[i];

		if ((field->flags & PRAC_STATE) != 0) {
			record->values[i] = (struct prac_value){ .has = true,
				.number = field->values[0].number };
		} else if ((field->flags & PRAC_REQUIRED) != 0 || edits_below(edits, 3) == 0) {
			record->values[i] = random_value(edits, field, arena);
		}
	}
	return record;
}

static void create(struct edits *edits, struct prac_mutation *mutation, struct prac_arena *arena)
{
	/* Mostly students and what shows them to schools, however many types the catalog has. */
	const struct prac_type *type =
		prac_types[edits_below(edits, 3) > 0 ? PRAC_STUDENT - 1 + edits_below(edits, 3)
						     : edits_below(edits, prac_n_types)];
	struct prac_record *record = new_record(edits, type, arena);
	const struct store_key key = { type->number, record->id };

	mutation->op = PRACTICUM__OP__OP_CREATE;
	mutation->type = type;
	mutation->type_number = type->number;
	mutation->id = record->id;
	mutation->scope = scope_of(edits, record);
	mutation->n_patches = prac_patches_between(NULL, record, arena, &mutation->patches);
	g_array_append_val(edits->known, key);
}

static void act(struct edits *edits, struct prac_mutation *mutation, struct prac_arena *arena)
{
	const struct prac_type *args;

	mutation->op = PRACTICUM__OP__OP_ACTION;
	mutation->action = &mutation->type->actions[edits_below(edits, mutation->type->n_actions)];
	args = mutation->action->args;
	if (args == NULL) {
		return;
	}
	mutation->args = prac_arena_alloc(arena, args->n_fields * sizeof(*mutation->args));
	for (size_t i = 0; i < args->n_fields; i++) {
		mutation->args[i] = random_value(edits, &args->fields[i], arena);
	}
}

/* With an old base also from an old value, or nothing would ever be in conflict. */
static void patch(struct edits *edits, struct prac_mutation *mutation,
	const struct prac_record *now, struct prac_arena *arena)
{
	struct prac_record *before = prac_record_copy(arena, now);
	struct prac_record *after = prac_record_copy(arena, now);
	size_t n = 1 + edits_below(edits, 3);

	mutation->op = PRACTICUM__OP__OP_PATCH;
	for (size_t i = 0; i < n; i++) {
		const struct prac_field *field =
			&now->type->fields[edits_below(edits, now->type->n_fields)];

		after->values[field->index] = random_value(edits, field, arena);
		if (mutation->base_seq < now->seq) {
			before->values[field->index] = random_value(edits, field, arena);
		}
	}
	mutation->n_patches = prac_patches_between(before, after, arena, &mutation->patches);
}

/* False: there is nothing to change. */
static bool change(struct edits *edits, struct prac_mutation *mutation, struct prac_arena *arena)
{
	const struct store_key *key;
	struct prac_record *now;
	uint64_t what = edits_below(edits, 10);

	if (edits->known->len == 0) {
		return false;
	}
	key = &g_array_index(edits->known, struct store_key, edits_below(edits, edits->known->len));
	now = edits->config.look(edits->config.ctx, key->type, &key->id, arena);
	if (now == NULL) {
		return false;
	}
	mutation->type = now->type;
	mutation->type_number = now->type->number;
	mutation->id = now->id;
	mutation->base_seq =
		edits_below(edits, 3) == 0 ? edits_below(edits, now->seq + 1) : now->seq;
	if (what < 3 && now->type->n_actions > 0) {
		act(edits, mutation, arena);
	} else if (what == 3) {
		mutation->op = PRACTICUM__OP__OP_DELETE;
		mutation->n_patches = prac_patches_between(now, NULL, arena, &mutation->patches);
	} else {
		patch(edits, mutation, now, arena);
		return mutation->n_patches > 0;
	}
	return true;
}

struct prac_bytes edits_next(struct edits *edits, uint64_t counter, struct prac_arena *arena)
{
	struct prac_mutation mutation = { .counter = counter,
		.client_time_ms = INT64_C(1790000000000) + (int64_t)counter };
	struct prac_mutation empty = mutation;

	if (edits_below(edits, 5) < 2 || !change(edits, &mutation, arena)) {
		mutation = empty;
		create(edits, &mutation, arena);
	}
	prac_mutation_write(&mutation, arena);
	return mutation.bytes;
}
