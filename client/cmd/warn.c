#include "client/cmd/warn.h"

#include <string.h>

#include "catalog/types.h"
#include "common/base/env.h"

bool warn_has(const struct prac_type *type)
{
	const struct prac_rules *rules = prac_rules_find(type);

	return rules != NULL && rules->warn != NULL;
}

/* Each of these rules is one of an age: its id, and its words, would tell what the mask withholds. */
static size_t veil(struct cmd_call *call, const struct prac_warning **warnings)
{
	static const struct prac_warning some = { .rule = "child-labor",
		.words = "a child-labor rule of the student's age: the coordinator sees which" };

	if (!replica_withholds(call->replica, &prac_type_student.fields[PRAC_STUDENT_BIRTH_DATE])) {
		return 0;
	}
	*warnings = &some;
	return 1;
}

size_t warn_of(struct cmd_call *call, const struct prac_record *record,
	const struct prac_warning **warnings_out)
{
	struct prac_judgement judgement = { .arena = &call->arena,
		.today = prac_env_today(&prac_env_system) };
	struct prac_facts facts;
	size_t n, n_veiled;

	*warnings_out = NULL;
	if (!warn_has(record->type)) {
		return 0;
	}
	replica_facts(call->replica, &call->arena, &facts);
	judgement.facts = &facts;
	n = prac_rules_find(record->type)->warn(&judgement, record, warnings_out);
	n_veiled = n > 0 ? veil(call, warnings_out) : 0;
	return n_veiled > 0 ? n_veiled : n;
}

const char *warn_elsewhere(struct cmd_call *call, const struct prac_record *record)
{
	const struct prac_rules *rules = prac_rules_find(record->type);
	struct prac_judgement judgement = { .arena = &call->arena,
		.today = prac_env_today(&prac_env_system) };
	const struct prac_derived *derived;
	struct prac_facts facts;
	size_t n;

	if (rules == NULL || rules->derive == NULL) {
		return NULL;
	}
	replica_facts(call->replica, &call->arena, &facts);
	judgement.facts = &facts;
	n = rules->derive(&judgement, record, &derived);
	for (size_t i = 0; i < n; i++) {
		if (strcmp(derived[i].name, PRAC_DERIVED_ELSEWHERE) == 0) {
			return derived[i].words;
		}
	}
	return NULL;
}

const char *warn_ids(struct cmd_call *call, const struct prac_record *record)
{
	const struct prac_warning *warnings;
	size_t n = warn_of(call, record, &warnings);
	const char *ids = "";

	for (size_t i = 0; i < n; i++) {
		ids = prac_arena_printf(
			&call->arena, "%s%s%s", ids, i == 0 ? "" : " ", warnings[i].rule);
	}
	return ids;
}

json_t *warn_json(struct cmd_call *call, const struct prac_record *record)
{
	const struct prac_warning *warnings;
	size_t n = warn_of(call, record, &warnings);
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++) {
		json_array_append_new(array,
			json_pack("{ss ss}", "rule", warnings[i].rule, "text", warnings[i].words));
	}
	return array;
}
