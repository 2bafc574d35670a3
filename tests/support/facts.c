#include "tests/support/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* A copy each time, as a replica gives: who compares, compares ids. */
static const struct prac_record *get(void *ctx, uint32_t type, const struct prac_id *id)
{
	struct facts *facts = ctx;

	for (size_t i = 0; i < facts->n_records; i++) {
		if (facts->records[i]->type->number == type &&
			prac_id_equal(&facts->records[i]->id, id)) {
			return prac_record_copy(&facts->arena, facts->records[i]);
		}
	}
	return NULL;
}

static size_t children(void *ctx, uint32_t type, uint32_t field, const struct prac_id *parent,
	const struct prac_record *const **records_out)
{
	struct facts *facts = ctx;
	const struct prac_record **found =
		prac_arena_alloc(&facts->arena, FACTS_MAX * sizeof(struct prac_record *));
	size_t n = 0;

	for (size_t i = 0; i < facts->n_records; i++) {
		const struct prac_record *record = facts->records[i];

		if (record->type->number != type || record->deleted) {
			continue;
		}
		if (field == 0) {
			found[n++] = record;
			continue;
		}
		const struct prac_value *value =
			&record->values[prac_field_find(record->type, field)->index];
		if (value->has ? prac_bytes_equal(value->bytes, prac_id_bytes(parent))
			       : prac_id_is_nil(parent)) {
			found[n++] = record;
		}
	}
	*records_out = found;
	return n;
}

static struct prac_id effect_id(void *ctx, size_t n)
{
	(void)ctx;
	return (struct prac_id){ { 0xef, [15] = (uint8_t)n } };
}

int facts_start(void **state)
{
	static struct facts facts;

	memset(&facts, 0, sizeof(facts));
	facts.access = (struct prac_facts){ get, children, &facts, NULL };
	facts.judgement = (struct prac_judgement){ .facts = &facts.access,
		.arena = &facts.arena,
		.today = 20676, /* 2026-08-11 */
		.now_ms = INT64_C(1786464000000),
		.effect_id = effect_id };
	*state = &facts;
	return 0;
}

int facts_stop(void **state)
{
	struct facts *facts = *state;

	prac_arena_deinit(&facts->arena);
	return 0;
}

/* References are written by the last byte of the id. */
static void set(struct facts *facts, const struct prac_type *type, struct prac_value *values,
	const char *assignment)
{
	size_t len = strcspn(assignment, "=");
	char *name = prac_arena_text(
		&facts->arena, (struct prac_bytes){ (const uint8_t *)assignment, len });
	const struct prac_field *field = prac_field_find_name(type, name);
	const char *text = assignment + len + 1;
	struct prac_problem problem;

	assert_non_null(field);
	if (field->kind == PRAC_REF && strlen(text) == 2) {
		text = prac_arena_printf(&facts->arena, "000000000000700080000000000000%s", text);
	}
	assert_int_equal(
		prac_value_parse(field, text, &facts->arena, &values[field->index], &problem),
		PRAC_OK);
}

void facts_set(struct facts *facts, struct prac_record *record, const char *assignment)
{
	set(facts, record->type, record->values, assignment);
}

struct prac_record *facts_make(struct facts *facts, const struct prac_type *type, uint8_t last, ...)
{
	struct prac_record *record = prac_record_new(&facts->arena, type);
	va_list args;

	record->id = (struct prac_id){ { [6] = 0x70, [8] = 0x80, [15] = last } };
	record->scope = (struct prac_id){ { [6] = 0x70, [8] = 0x80, [15] = 0xaa } };
	record->seq = 1;
	va_start(args, last);
	for (const char *text = va_arg(args, const char *); text != NULL;
		text = va_arg(args, const char *)) {
		facts_set(facts, record, text);
	}
	va_end(args);
	return record;
}

struct prac_record *facts_keep(struct facts *facts, struct prac_record *record)
{
	assert_true(facts->n_records < FACTS_MAX);
	facts->records[facts->n_records++] = record;
	return record;
}

struct prac_value *facts_args(struct facts *facts, const struct prac_type *args, ...)
{
	struct prac_value *values =
		prac_arena_alloc(&facts->arena, args->n_fields * sizeof(*values));
	va_list list;

	va_start(list, args);
	for (const char *text = va_arg(list, const char *); text != NULL;
		text = va_arg(list, const char *)) {
		set(facts, args, values, text);
	}
	va_end(list);
	return values;
}

enum prac_reason facts_check(
	struct facts *facts, const struct prac_record *before, const struct prac_record *after)
{
	facts->judgement.n_effects = 0;
	return prac_rules_find(after->type)->check(&facts->judgement, before, after);
}

enum prac_reason facts_act(struct facts *facts, struct prac_record *record, uint32_t action,
	const struct prac_value *args)
{
	facts->judgement.n_effects = 0;
	return prac_rules_find(record->type)
		->act(&facts->judgement, prac_action_find(record->type, action), args, record);
}

const char *facts_content(
	struct facts *facts, const struct prac_record *sheet, const struct prac_record *entry)
{
	struct prac_digest digest = prac_content_hash(sheet, &entry, 1);
	struct prac_buf text = { 0 };
	const char *assignment;

	prac_buf_append_text(&text, "content_hash=");
	for (size_t i = 0; i < PRAC_SHA256_LEN; i++) {
		prac_buf_printf(&text, "%02x", digest.b[i]);
	}
	assignment = prac_arena_text(&facts->arena, prac_buf_bytes(&text));
	prac_buf_deinit(&text);
	return assignment;
}
