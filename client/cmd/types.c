/* practicum types: the record catalog, from the program itself. */
#include <stdio.h>
#include <string.h>

#include "client/cmd/cmd.h"
#include "client/cmd/describe.h"
#include "client/cmd/print.h"
#include "common/catalog/sql.h"
#include "common/rules/rights.h"

static gboolean wants_sql;

static const GOptionEntry options[] = {
	{ "sql", 0, 0, G_OPTION_ARG_NONE, &wants_sql,
		"print the migration that the type needs, for review", NULL },
	{ 0 },
};

static const char *const kinds[] = {
	[PRAC_TEXT] = "text",
	[PRAC_TEXT_LIST] = "text list",
	[PRAC_INT] = "number",
	[PRAC_BOOL] = "yes or no",
	[PRAC_DATE] = "date",
	[PRAC_TIME] = "time",
	[PRAC_MINUTES] = "duration",
	[PRAC_CENTS] = "money",
	[PRAC_INSTANT] = "instant",
	[PRAC_ENUM] = "choice",
	[PRAC_REF] = "reference",
	[PRAC_BLOB] = "bytes",
};

const char *types_kind(const struct prac_field *field)
{
	return kinds[field->kind];
}

static json_t *texts(const struct prac_enum_value *values, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++) {
		json_array_append_new(array, json_string(values[i].name));
	}
	return array;
}

static const char *const personal[] = { "none", "directory", "personal", "sensitive" };

static json_t *field_json(
	const struct prac_type *type, const struct prac_field *field, const char *words)
{
	const struct prac_type *target = prac_type_find(field->ref_type);
	json_t *object = json_pack("{ss ss ss sb sb ss si ss ss}", "name", field->name, "label",
		field->label, "kind", kinds[field->kind], "required",
		(field->flags & PRAC_REQUIRED) != 0, "immutable",
		(field->flags & PRAC_IMMUTABLE) != 0, "help", words, "since", field->since, "unit",
		field->unit, "personal_data", personal[field->personal]);

	if (type->n_groups > 0) {
		json_object_set_new(object, "group", json_string(type->groups[field->group].name));
	}
	if (field->kind == PRAC_ENUM) {
		json_object_set_new(object, "values", texts(field->values, field->n_values));
	}
	if (target != NULL) {
		json_object_set_new(object, "refers_to", json_string(target->name));
	}
	return object;
}

/* Names of the states whose bits are set; all for a type's every state. */
static json_t *states_json(const struct prac_type *type, uint64_t states)
{
	json_t *array = json_array();

	for (size_t i = 0; type->state_field >= 0 && i < type->fields[type->state_field].n_values;
		i++) {
		const struct prac_enum_value *value = &type->fields[type->state_field].values[i];

		if (states == 0 || (states >> value->number & 1) != 0) {
			json_array_append_new(array, json_string(value->name));
		}
	}
	return array;
}

static json_t *action_json(const struct prac_type *type, const struct prac_action *action)
{
	const struct prac_field *state = &type->fields[type->state_field];
	json_t *args = json_array(), *arguments = json_array();
	json_t *roles = json_array(), *guards = json_array();

	for (size_t i = 0; action->args != NULL && i < action->args->n_fields; i++) {
		const struct prac_field *arg = &action->args->fields[i];

		json_array_append_new(args, json_string(arg->name));
		json_array_append_new(
			arguments, field_json(action->args, arg, prac_argument_words(type, arg)));
	}
	for (unsigned role = 1; role < PRAC_ROLES; role++) {
		if ((action->roles & PRAC_ROLE_BIT(role)) != 0) {
			json_array_append_new(
				roles, json_string(prac_role_name((enum prac_role)role)));
		}
	}
	for (size_t i = 0; i < action->n_guards; i++) {
		json_array_append_new(
			guards, json_pack("{ss ss ss}", "name", action->guards[i]->name, "label",
					action->guards[i]->label, "help", action->guards[i]->help));
	}
	return json_pack("{ss ss ss so so so so so so sb}", "name", action->name, "label",
		action->label, "help", action->help, "from", states_json(type, action->from), "to",
		action->to < 0 ? json_null() : json_string(prac_enum_find(state, action->to)->name),
		"args", args, "arguments", arguments, "roles", roles, "guards", guards,
		"district_only", action->district);
}

static json_t *computed_json(const struct prac_type *type, const struct prac_computed *computed)
{
	return json_pack("{ss ss ss so ss si so}", "name", computed->name, "label", computed->label,
		"help", computed->help, "from", states_json(type, computed->from), "since",
		type->fields[computed->since].name, "days", (int)computed->days, "until",
		computed->until < 0 ? json_null()
				    : json_string(type->fields[computed->until].name));
}

json_t *types_json(const struct prac_type *type)
{
	json_t *states = type->state_field < 0 ? json_array()
					       : texts(type->fields[type->state_field].values,
							 type->fields[type->state_field].n_values);
	json_t *fields = json_array(), *actions = json_array(), *computed = json_array();

	for (size_t i = 0; i < type->n_fields; i++) {
		json_array_append_new(fields, field_json(type, &type->fields[i],
						      prac_field_words(type, &type->fields[i])));
	}
	for (size_t i = 0; i < type->n_actions; i++) {
		json_array_append_new(actions, action_json(type, &type->actions[i]));
	}
	for (size_t i = 0; i < type->n_computed; i++) {
		json_array_append_new(computed, computed_json(type, &type->computed[i]));
	}
	return json_pack("{ss si ss ss ss ss so so so so}", "name", type->name, "number",
		(int)type->number, "label", type->label, "plural", type->plural, "help", type->help,
		"retention", type->retention, "fields", fields, "states", states, "actions",
		actions, "computed_states", computed);
}

static int print_sql(struct cmd_call *call)
{
	const struct prac_type *type;
	struct prac_buf sql = { 0 };

	if (call->n_words != 1) {
		return cmd_fail(call, CMD_USAGE, "name one type: practicum types --sql TYPE");
	}
	type = cmd_type(call, call->words[0]);
	if (type == NULL) {
		return CMD_REFUSED;
	}
	prac_sql_migration(type, &sql);
	(void)fwrite(sql.data + sql.start, 1, prac_buf_len(&sql), stdout);
	prac_buf_deinit(&sql);
	return CMD_DONE;
}

static int run(struct cmd_call *call)
{
	static const char *const heads[] = { "type", "label", "what it is" };
	struct print_table *table;

	if (wants_sql) {
		return print_sql(call);
	}
	if (call->n_words > 0) {
		return cmd_fail(call, CMD_USAGE,
			"this lists all of them; practicum describe %s tells of one, and practicum "
			"types --sql %s prints its migration",
			call->words[0], call->words[0]);
	}
	table = print_table_new(heads, PRAC_NELEM(heads), call->json);
	for (size_t i = 0; i < prac_n_types; i++) {
		const struct prac_type *type = prac_types[i];

		if (call->json) {
			print_table_object(table, types_json(type));
		} else {
			print_table_row(
				table, (const char *[]){ type->name, type->label, type->help });
		}
	}
	print_table_end(table, "");
	return CMD_DONE;
}

const struct cmd cmd_types = {
	.name = "types",
	.synopsis = "[--json | --sql TYPE]",
	.help = "Lists the record types this program knows. Needs neither a replica nor a server.",
	.example = "practicum types\n  practicum types --sql placement",
	.max_words = 1,
	.options = options,
	.run = run,
};
