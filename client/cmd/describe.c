/* practicum describe: fields, states and actions of a record type, in words. */
#include <inttypes.h>
#include <stdio.h>

#include "client/cmd/cmd.h"
#include "client/cmd/describe.h"
#include "client/cmd/print.h"
#include "common/base/wrap.h"
#include "common/catalog/move.h"
#include "common/rules/rights.h"

enum {
	HELP_INDENT = 4
};

/* "text", "student", "choice: paid, unpaid", "number (dollars)" */
static void put_kind(const struct prac_field *field, GString *words)
{
	const struct prac_type *target = prac_type_find(field->ref_type);

	g_string_append(words, target != NULL ? target->name : types_kind(field));
	for (size_t i = 0; field->kind == PRAC_ENUM && i < field->n_values; i++) {
		g_string_append_printf(words, "%s%s", i == 0 ? ": " : ", ", field->values[i].name);
	}
	if (field->unit[0] != '\0') {
		g_string_append_printf(words, " (%s)", field->unit);
	}
}

/* " coordinator, teacher" */
static void put_roles(uint32_t roles, GString *words)
{
	const char *before = " ";

	for (unsigned role = 1; role < PRAC_ROLES; role++) {
		if ((roles & PRAC_ROLE_BIT(role)) != 0) {
			g_string_append_printf(
				words, "%s%s", before, prac_role_name((enum prac_role)role));
			before = ", ";
		}
	}
}

/* "title: text, required (Title and kind)", and below it what it is. */
static void print_field_words(const struct prac_type *type, const struct prac_field *field)
{
	uint32_t viewers = prac_right_viewers((enum prac_mask)field->mask);
	GString *words = g_string_new(field->name), *lines = g_string_new(NULL);

	g_string_append(words, ": ");
	put_kind(field, words);
	g_string_append_printf(words, "%s (%s)",
		(field->flags & PRAC_REQUIRED) != 0 ? ", required" : "",
		type->groups[field->group].label);
	if (viewers != UINT32_MAX) {
		g_string_append(words, "; seen by");
		put_roles(viewers, words);
	}
	prac_wrap(lines, words->str, prac_wrap_width(), HELP_INDENT);
	g_string_printf(words, "%*s%s", HELP_INDENT, "", prac_field_words(type, field));
	prac_wrap(lines, words->str, prac_wrap_width(), HELP_INDENT);
	(void)fputs(lines->str, stdout);
	g_string_free(lines, TRUE);
	g_string_free(words, TRUE);
}

/* "draft or returned"; "any state" */
static void put_states(const struct prac_type *type, uint64_t states, GString *words)
{
	const struct prac_field *state = &type->fields[type->state_field];
	const char *before = "";

	if (states == 0) {
		g_string_append(words, "any state");
	}
	for (size_t i = 0; i < state->n_values; i++) {
		if ((states >> state->values[i].number & 1) != 0) {
			g_string_append_printf(words, "%s%s", before, state->values[i].name);
			before = " or ";
		}
	}
}

static void put_who(const struct prac_action *action, GString *words)
{
	if (action->roles != 0) {
		g_string_append(words, " By:");
		put_roles(action->roles, words);
		g_string_append(words, ".");
	}
	if (action->district) {
		g_string_append(words, " At the district office only.");
	}
}

/* What the program fills in is nothing to type. */
static void put_args(const struct prac_type *type, const struct prac_type *args, GString *words)
{
	const char *gap = " With: ";

	for (size_t i = 0; args != NULL && i < args->n_fields; i++) {
		const struct prac_field *arg = &args->fields[i];

		if (prac_move_was(type, arg) != NULL) {
			continue;
		}
		g_string_append_printf(words, "%s%s (", gap, arg->name);
		put_kind(arg, words);
		g_string_append_printf(words, "%s: %s",
			(arg->flags & PRAC_REQUIRED) != 0 ? ", required)" : ")",
			prac_argument_words(type, arg));
		gap = " ";
	}
}

static void put_guards(const struct prac_action *action, GString *words)
{
	for (size_t i = 0; i < action->n_guards; i++) {
		g_string_append_printf(words, "%s%s: %s", i == 0 ? " Before it: " : " ",
			action->guards[i]->label, action->guards[i]->help);
	}
}

static void print_action(const struct prac_type *type, const struct prac_action *action)
{
	const struct prac_field *state = &type->fields[type->state_field];
	GString *words = g_string_new(NULL);

	g_string_append_printf(words, "%s (%s), from ", action->name, action->label);
	put_states(type, action->from, words);
	if (action->to >= 0) {
		g_string_append_printf(words, " to %s", prac_enum_find(state, action->to)->name);
	}
	g_string_append_printf(words, ". %s", action->help);
	put_who(action, words);
	put_args(type, action->args, words);
	put_guards(action, words);
	print_paragraph(words->str);
	g_string_free(words, TRUE);
}

/* "expired: ... From the state verified, from 1 day after valid_until." */
static void print_computed(const struct prac_type *type, const struct prac_computed *computed)
{
	GString *words = g_string_new(NULL);

	g_string_append_printf(
		words, "%s (%s): %s Shown", computed->name, computed->label, computed->help);
	if (type->state_field >= 0) {
		g_string_append(words, " in ");
		put_states(type, computed->from, words);
	}
	if (computed->days == 0) {
		g_string_append(words, " from ");
	} else {
		g_string_append_printf(words, " from %" PRId32 " %s %s ",
			computed->days < 0 ? -computed->days : computed->days,
			computed->days == 1 || computed->days == -1 ? "day" : "days",
			computed->days < 0 ? "before" : "after");
	}
	g_string_append(words, type->fields[computed->since].name);
	if (computed->until >= 0) {
		g_string_append_printf(words, " through %s", type->fields[computed->until].name);
	}
	g_string_append(words, "; never stored.");
	print_paragraph(words->str);
	g_string_free(words, TRUE);
}

/* Who holds such records and who sees them. */
static void print_owner(const struct prac_type *type)
{
	static const char *const owners[] = {
		[PRAC_OWNER_REFERENCE] = "Every school sees it; the district writes it",
		[PRAC_OWNER_DISTRICT] = "The district alone sees and writes it",
		[PRAC_OWNER_BY_FIELD] = "It belongs to a school",
		[PRAC_OWNER_ASSIGNED] = "The server writes it",
		[PRAC_OWNER_TARGET] = "It belongs where the record it is about belongs",
	};
	const char *follows =
		type->follow_field < 0 ? "" : ", and is seen wherever its student is seen";

	printf("%s%s%s.\n", owners[type->owner], type->proposable ? ", a school proposes it" : "",
		follows);
}

static int describe(struct cmd_call *call)
{
	const struct prac_type *type = cmd_type(call, call->words[0]);

	if (type == NULL) {
		return CMD_REFUSED;
	}
	if (call->json) {
		print_json(types_json(type));
		return CMD_DONE;
	}
	printf("%s (%s)\n", type->name, type->label);
	print_paragraph(type->help);
	print_owner(type);
	(void)puts("");
	for (size_t i = 0; i < type->n_fields; i++) {
		print_field_words(type, &type->fields[i]);
	}
	(void)puts(type->n_actions > 0 ? "\nActions: practicum do TYPE ID ACTION" : "");
	for (size_t i = 0; i < type->n_actions; i++) {
		print_action(type, &type->actions[i]);
	}
	(void)puts(type->n_computed > 0 ? "\nStates that only the calendar moves" : "");
	for (size_t i = 0; i < type->n_computed; i++) {
		print_computed(type, &type->computed[i]);
	}
	return CMD_DONE;
}

const struct cmd cmd_describe = {
	.name = "describe",
	.synopsis = "TYPE",
	.help = "Tells the fields, states and actions of a record type: who may do what, with which "
		"words, and what must come before. Needs neither a replica nor a server.",
	.example = "practicum describe placement",
	.min_words = 1,
	.max_words = 1,
	.run = describe,
};
