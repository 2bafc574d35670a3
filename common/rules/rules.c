#include "common/rules/rules.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

static const struct {
	const char *name;
	const char *text;
} reasons[] = {

#define XX(name, number, text) [number] = { #name, text },
	PRAC_REASON_MAP(XX)
#undef XX
};

const char *prac_reason_text(enum prac_reason reason)
{
	return (size_t)reason < PRAC_NELEM(reasons) ? reasons[reason].text
						    : "for a reason this version does not know";
}

const char *prac_reason_name(enum prac_reason reason)
{
	return (size_t)reason < PRAC_NELEM(reasons) ? reasons[reason].name : "UNKNOWN";
}

void prac_rules_complete(struct prac_judgement *judgement, const struct prac_record *before,
	struct prac_record *record)
{
	const struct prac_rules *rules = prac_rules_find(record->type);

	if (rules != NULL && rules->complete != NULL) {
		rules->complete(judgement, before, record);
	}
}

struct prac_value prac_judgement_person(const struct prac_judgement *judgement)
{
	struct prac_bytes person = prac_id_bytes(&judgement->person);

	return prac_id_is_nil(&judgement->person)
		       ? (struct prac_value){ 0 }
		       : (struct prac_value){ .has = true,
				 .bytes = prac_arena_copy(judgement->arena, person) };
}

struct prac_record *prac_effect_new(
	struct prac_judgement *judgement, const struct prac_type *type, const struct prac_id *scope)
{
	struct prac_record *record = prac_record_new(judgement->arena, type);

	assert(judgement->n_effects < PRAC_EFFECTS_MAX);
	record->id = judgement->effect_id(judgement->effect_ctx, judgement->n_effects);
	record->scope = *scope;
	judgement->effects[judgement->n_effects++] = record;
	return record;
}

struct prac_record *prac_effect_change(
	struct prac_judgement *judgement, const struct prac_record *record)
{
	struct prac_record *copy = prac_record_copy(judgement->arena, record);

	assert(judgement->n_effects < PRAC_EFFECTS_MAX);
	judgement->effects[judgement->n_effects++] = copy;
	return copy;
}

const struct prac_record *prac_facts_follow(const struct prac_judgement *judgement,
	const struct prac_record *record, size_t field_index)
{
	const struct prac_value *value = &record->values[field_index];
	struct prac_id id;

	if (!value->has || prac_id_from_bytes(value->bytes, &id) != PRAC_OK) {
		return NULL;
	}
	return judgement->facts->get(
		judgement->facts->ctx, record->type->fields[field_index].ref_type, &id);
}

const struct prac_record *prac_facts_target(
	const struct prac_judgement *judgement, const struct prac_record *record)
{
	struct prac_id id;
	const struct prac_type *type = prac_record_target(record, &id);

	return type == NULL ? NULL
			    : judgement->facts->get(judgement->facts->ctx, type->number, &id);
}

static bool hides(
	struct prac_judgement *judgement, const struct prac_record *record, uint32_t roles)
{
	const struct prac_rules *rules = prac_rules_find(record->type);

	return rules != NULL && rules->hides != NULL && rules->hides(judgement, record, roles);
}

bool prac_rules_hide(
	struct prac_judgement *judgement, const struct prac_record *record, uint32_t roles)
{
	const struct prac_record *target = prac_facts_target(judgement, record);

	return hides(judgement, record, roles) ||
	       (target != NULL && hides(judgement, target, roles));
}

size_t prac_facts_all(const struct prac_judgement *judgement, uint32_t type,
	const struct prac_record *const **records_out)
{
	const struct prac_facts *facts = judgement->facts;

	return facts->children(facts->ctx, type, 0, &prac_scope_reference, records_out);
}

void prac_find(struct prac_findings *findings, const struct prac_field *field, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args); /* a long title is cut */
	va_end(args);
	if (findings->words == NULL) {
		findings->field = field;
		findings->words = prac_arena_printf(findings->arena, "%s", text);
	} else {
		findings->words =
			prac_arena_printf(findings->arena, "%s; %s", findings->words, text);
	}
}

enum prac_reason prac_refuse(struct prac_judgement *judgement, enum prac_reason reason,
	const struct prac_field *field, const char *fmt, ...)
{
	char text[sizeof(judgement->problem.text)];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	prac_problem_set(&judgement->problem, field, "%s", text);
	return reason;
}

enum prac_reason prac_refuse_duplicate(struct prac_judgement *judgement,
	const struct prac_record *record, const struct prac_record *existing)
{
	const struct prac_type *type = record->type;
	const char *key = prac_record_key_text(record, judgement->arena);
	char id[PRAC_ID_TEXT];

	if (existing == NULL) {
		return prac_refuse(judgement, PRAC_REASON_DUPLICATE,
			&type->fields[type->natural_key[0]],
			"there is one already with %s, at a school that this device does not see; "
			"ask the district office",
			key);
	}
	judgement->existing = existing->id;
	prac_id_format(&existing->id, id);
	return prac_refuse(judgement, PRAC_REASON_DUPLICATE, &type->fields[type->natural_key[0]],
		"there is one already with %s: %s %s; change that one", key, type->name, id);
}
