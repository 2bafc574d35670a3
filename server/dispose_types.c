#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/types.h"
#include "common/base/buf.h"
#include "common/base/date.h"
#include "server/dispose.h"

struct dispose_rule dispose_rule_of(
	const struct prac_policy *policy, const char *class, int32_t as_of)
{
	struct dispose_rule rule = { 0 };

	rule.row = prac_retention_row(policy, class, as_of, &rule.set);
	return rule;
}

static const struct prac_law_row *row_named(const struct prac_law_set *set, const char *id)
{
	const struct prac_law_row *found = NULL;

	for (size_t i = 0; i < set->n_rows && found == NULL; i++) {
		found = strcmp(set->rows[i].id, id) == 0 ? &set->rows[i] : NULL;
	}
	return found;
}

const struct prac_law_row *dispose_row_named(const struct prac_policy *policy, const char *id)
{
	const struct prac_law_row *found = NULL;

	for (size_t i = 0; i < policy->n && found == NULL; i++) {
		found = row_named(&policy->sets[i], id);
	}
	return found;
}

/* The field that says whose the record is; NULL: nobody's. */
static const char *student_of(const struct prac_type *type)
{
	const char *name = NULL;

	if (type == &prac_type_student) {
		return "id";
	}
	if (type->follow_field >= 0) {
		return type->fields[type->follow_field].name;
	}
	for (size_t i = 0; i < type->n_fields && name == NULL; i++) {
		if (type->fields[i].ref_type == prac_type_student.number) {
			name = type->fields[i].name;
		}
	}
	return name;
}

static const char *placement_of(const struct prac_type *type)
{
	const char *name = NULL;

	if (type == &prac_type_placement) {
		return "id";
	}
	for (size_t i = 0; i < type->n_fields && name == NULL; i++) {
		if (type->fields[i].ref_type == prac_type_placement.number) {
			name = type->fields[i].name;
		}
	}
	return name;
}

static const char *expiry_of(const struct prac_type *type)
{
	static const char *const names[] = { "valid_until", "expires_on", "ends_on" };
	const char *name = NULL;

	for (size_t i = 0; i < PRAC_NELEM(names) && name == NULL; i++) {
		const struct prac_field *field = prac_field_find_name(type, names[i]);

		name = field != NULL && field->kind == PRAC_DATE ? field->name : NULL;
	}
	return name;
}

/* Free words and bytes about people, and what is masked since it tells too much by itself. */
static bool is_erased(const struct prac_field *field)
{
	bool is_free = field->kind == PRAC_TEXT || field->kind == PRAC_TEXT_LIST ||
		       field->kind == PRAC_BLOB;

	return (is_free && field->personal != PRAC_PERSONAL_NONE) ||
	       (field->mask != PRAC_MASK_NONE && (field->flags & PRAC_REQUIRED) == 0);
}

static json_t *erased_of(const struct prac_type *type)
{
	json_t *names = json_array();

	for (size_t i = 0; i < type->n_fields; i++) {
		if (is_erased(&type->fields[i])) {
			json_array_append_new(names, json_string(type->fields[i].name));
		}
	}
	return names;
}

static json_t *references_of(const struct prac_type *type)
{
	json_t *refs = json_array();

	for (size_t i = 0; i < type->n_fields; i++) {
		const struct prac_field *field = &type->fields[i];

		if (field->kind == PRAC_REF && field->ref_type != 0) {
			json_array_append_new(refs, json_pack("{s:s, s:I}", "column", field->name,
							    "type", (json_int_t)field->ref_type));
		}
	}
	return refs;
}

/* A paper's kind may have a period of its own; NULL: records of the type have no such kind. */
static json_t *period_of(const struct prac_type *type, int32_t as_of)
{
	char day[PRAC_DATE_TEXT];
	json_t *period = NULL;

	prac_date_format(as_of, day);
	for (size_t i = 0; i < type->n_fields && period == NULL; i++) {
		const struct prac_field *field = &type->fields[i];

		if (field->kind == PRAC_REF && field->ref_type == prac_type_document_type.number) {
			period = json_pack("{s:s, s:s, s:s}", "column", field->name, "of",
				prac_type_document_type.name, "as_of", day);
		}
	}
	return period;
}

static void put_rule(
	json_t *one, const struct prac_type *type, const struct dispose_rule *rule, int32_t as_of)
{
	char cutoff[PRAC_DATE_TEXT];
	json_t *period = period_of(type, as_of);

	if (period != NULL) {
		json_object_set_new(one, "period", period);
	}
	if (rule->row == NULL) {
		return;
	}
	prac_date_format(prac_retention_cutoff(rule->row, as_of), cutoff);
	json_object_set_new(one, "rule", json_string(rule->row->id));
	json_object_set_new(one, "from", json_string(prac_law_key(rule->row, "from")));
	json_object_set_new(one, "cutoff", json_string(cutoff));
}

static json_t *type_of(const struct prac_type *type, const struct dispose_rule *rule, int32_t as_of)
{
	bool is_witness =
		type->access == PRAC_ACCESS_DISCLOSURE || type->access == PRAC_ACCESS_READING;
	bool is_about = prac_field_find_name(type, "record_type") != NULL &&
			prac_field_find_name(type, "record_id") != NULL;
	json_t *one = json_pack("{s:I, s:s, s:s?, s:s?, s:s?, s:b, s:b, s:b, s:o, s:o}", "number",
		(json_int_t)type->number, "name", type->name, "student", student_of(type),
		"placement", placement_of(type), "expiry", expiry_of(type), "reported",
		type->reported, "witness", is_witness, "about", is_about && !is_witness, "erase",
		erased_of(type), "refs", references_of(type));

	put_rule(one, type, rule, as_of);
	return one;
}

const char *dispose_types(const struct prac_policy *policy, int32_t as_of, struct prac_arena *arena)
{
	json_t *all = json_array();
	const char *copy;
	char *text;

	for (size_t i = 0; i < prac_n_types; i++) {
		struct dispose_rule rule = dispose_rule_of(policy, prac_types[i]->retention, as_of);

		json_array_append_new(all, type_of(prac_types[i], &rule, as_of));
	}
	text = json_dumps(all, JSON_COMPACT);
	copy = prac_arena_printf(arena, "%s", text != NULL ? text : "[]");
	free(text);
	json_decref(all);
	return copy;
}

static bool is_used(const struct prac_policy *policy, const struct prac_law_set *set, int32_t as_of)
{
	bool is_found = false;

	for (size_t i = 0; i < set->n_rows && !is_found; i++) {
		const char *class = prac_law_key(&set->rows[i], "class");

		is_found = class != NULL && dispose_rule_of(policy, class, as_of).set == set;
	}
	return is_found;
}

const char *dispose_sets(const struct prac_policy *policy, int32_t as_of, struct prac_arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < policy->n; i++) {
		const struct prac_law_set *set = &policy->sets[i];

		if (is_used(policy, set, as_of)) {
			text = prac_arena_printf(arena, "%s%s%s %s %d", text,
				text[0] == '\0' ? "" : ", ", set->domain, set->jurisdiction,
				(int)set->version);
		}
	}
	return text;
}
