/* practicum types: the record catalog, from the program itself. */
#include <stdio.h>
#include <string.h>

#include "client/cmd/cmd.h"
#include "client/cmd/print.h"
#include "common/catalog/sql.h"

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

static json_t *texts(const struct prac_enum_value *values, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++) {
		json_array_append_new(array, json_string(values[i].name));
	}
	return array;
}

static json_t *field_json(const struct prac_type *type, const struct prac_field *field)
{
	const struct prac_type *target = prac_type_find(field->ref_type);
	json_t *object = json_pack("{ss ss ss ss sb sb ss}", "name", field->name, "label",
		field->label, "kind", kinds[field->kind], "group", type->groups[field->group].name,
		"required", (field->flags & PRAC_REQUIRED) != 0, "immutable",
		(field->flags & PRAC_IMMUTABLE) != 0, "help",
		field->help == NULL ? "" : field->help);

	if (field->kind == PRAC_ENUM) {
		json_object_set_new(object, "values", texts(field->values, field->n_values));
	}
	if (target != NULL) {
		json_object_set_new(object, "refers_to", json_string(target->name));
	}
	return object;
}

static json_t *action_json(const struct prac_type *type, const struct prac_action *action)
{
	const struct prac_field *state = &type->fields[type->state_field];
	json_t *from = json_array(), *args = json_array();

	for (size_t i = 0; i < state->n_values; i++) {
		if (action->from == 0 || (action->from >> state->values[i].number & 1) != 0) {
			json_array_append_new(from, json_string(state->values[i].name));
		}
	}
	for (size_t i = 0; action->args != NULL && i < action->args->n_fields; i++) {
		json_array_append_new(args, json_string(action->args->fields[i].name));
	}
	return json_pack("{ss ss so so so}", "name", action->name, "label", action->label, "from",
		from, "to",
		action->to < 0 ? json_null() : json_string(prac_enum_find(state, action->to)->name),
		"args", args);
}

static json_t *type_json(const struct prac_type *type)
{
	json_t *fields = json_array(), *states = json_array(), *actions = json_array();

	for (size_t i = 0; i < type->n_fields; i++) {
		json_array_append_new(fields, field_json(type, &type->fields[i]));
	}
	if (type->state_field >= 0) {
		const struct prac_field *state = &type->fields[type->state_field];

		json_array_extend(states, texts(state->values, state->n_values));
	}
	for (size_t i = 0; i < type->n_actions; i++) {
		json_array_append_new(actions, action_json(type, &type->actions[i]));
	}
	return json_pack("{ss si ss ss so so so}", "name", type->name, "number", (int)type->number,
		"label", type->label, "help", type->help == NULL ? "" : type->help, "fields",
		fields, "states", states, "actions", actions);
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
	table = print_table_new(heads, PRAC_NELEM(heads), call->json);
	for (size_t i = 0; i < prac_n_types; i++) {
		const struct prac_type *type = prac_types[i];

		if (call->json) {
			print_table_object(table, type_json(type));
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

static void print_fields(const struct prac_type *type)
{
	static const char *const heads[] = { "field", "kind", "group", "", "help" };
	struct print_table *table = print_table_new(heads, PRAC_NELEM(heads), false);

	for (size_t i = 0; i < type->n_fields; i++) {
		const struct prac_field *field = &type->fields[i];
		const struct prac_type *target = prac_type_find(field->ref_type);
		GString *kind = g_string_new(target != NULL ? target->name : kinds[field->kind]);

		for (size_t v = 0; field->kind == PRAC_ENUM && v < field->n_values; v++) {
			g_string_append_printf(
				kind, "%s%s", v == 0 ? ": " : ", ", field->values[v].name);
		}
		print_table_row(table,
			(const char *[]){ field->name, kind->str, type->groups[field->group].label,
				(field->flags & PRAC_REQUIRED) != 0 ? "required" : "",
				field->help });
		g_string_free(kind, TRUE);
	}
	print_table_end(table, "");
}

/* "draft, returned" */
static char *states_from(const struct prac_field *state, const struct prac_action *action)
{
	GString *words = g_string_new(NULL);

	for (size_t i = 0; i < state->n_values; i++) {
		if (action->from == 0 || (action->from >> state->values[i].number & 1) != 0) {
			g_string_append_printf(
				words, "%s%s", words->len > 0 ? ", " : "", state->values[i].name);
		}
	}
	return g_string_free(words, FALSE);
}

static char *names_of(const struct prac_type *args)
{
	GString *words = g_string_new(NULL);

	for (size_t i = 0; args != NULL && i < args->n_fields; i++) {
		g_string_append_printf(words, "%s%s", i > 0 ? " " : "", args->fields[i].name);
	}
	return g_string_free(words, FALSE);
}

static void print_actions(const struct prac_type *type)
{
	static const char *const heads[] = { "action", "from", "to", "with" };
	struct print_table *table = print_table_new(heads, PRAC_NELEM(heads), false);

	for (size_t i = 0; i < type->n_actions; i++) {
		const struct prac_action *action = &type->actions[i];
		const struct prac_field *state = &type->fields[type->state_field];
		char *from = states_from(state, action), *with = names_of(action->args);

		print_table_row(table,
			(const char *[]){ action->name, from,
				action->to < 0 ? "" : prac_enum_find(state, action->to)->name,
				with });
		g_free(from);
		g_free(with);
	}
	print_table_end(table, "");
}

static int describe(struct cmd_call *call)
{
	const struct prac_type *type = cmd_type(call, call->words[0]);

	if (type == NULL) {
		return CMD_REFUSED;
	}
	if (call->json) {
		print_json(type_json(type));
		return CMD_DONE;
	}
	printf("%s: %s\n\n", type->name, type->help);
	print_fields(type);
	if (type->n_actions > 0) {
		(void)puts("");
		print_actions(type);
	}
	return CMD_DONE;
}

const struct cmd cmd_describe = {
	.name = "describe",
	.synopsis = "TYPE",
	.help = "Tells the fields, states and actions of a record type.",
	.example = "practicum describe placement",
	.min_words = 1,
	.max_words = 1,
	.run = describe,
};
