#include "common/catalog/move.h"

#include <string.h>

static const char was[] = "was_";

const struct prac_field *prac_move_was(const struct prac_type *type, const struct prac_field *arg)
{
	return strncmp(arg->name, was, sizeof(was) - 1) == 0
		       ? prac_field_find_name(type, arg->name + sizeof(was) - 1)
		       : NULL;
}

/* The argument that holds what the field was; NULL: there is none. */
static const struct prac_field *was_of(
	const struct prac_type *type, const struct prac_type *args, const struct prac_field *field)
{
	for (size_t i = 0; args != NULL && i < args->n_fields; i++) {
		if (prac_move_was(type, &args->fields[i]) == field) {
			return &args->fields[i];
		}
	}
	return NULL;
}

struct prac_value *prac_move_args(const struct prac_record *before,
	const struct prac_action *action, const struct prac_value *args, struct prac_arena *arena)
{
	const struct prac_type *type = action->args;
	struct prac_value *filled;

	if (type == NULL) {
		return NULL;
	}
	filled = prac_arena_alloc(arena, type->n_fields * sizeof(*filled));
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct prac_field *field = prac_move_was(before->type, &type->fields[i]);

		if (field != NULL) {
			filled[i] = before->values[field->index];
		} else if (args != NULL) {
			filled[i] = args[i];
		}
	}
	return filled;
}

/* Leads from the one state to the other, and from nowhere else. */
static bool leads(const struct prac_action *action, int32_t from, int32_t to)
{
	return from >= 0 && to >= 0 && action->to == to &&
	       action->from == UINT64_C(1) << (unsigned)from;
}

static bool is_reason(const struct prac_type *type, const struct prac_field *arg)
{
	return strcmp(arg->name, "reason") == 0 && prac_field_find_name(type, "reason") == NULL;
}

/* Does everything that the arguments say end in fields of which is known what they were? */
static bool is_plain(const struct prac_type *type, const struct prac_type *args)
{
	for (size_t i = 0; args != NULL && i < args->n_fields; i++) {
		const struct prac_field *arg = &args->fields[i];
		const struct prac_field *field = prac_field_find_name(type, arg->name);

		if (prac_move_was(type, arg) == NULL && !is_reason(type, arg) &&
			(field == NULL || was_of(type, args, field) == NULL)) {
			return false;
		}
	}
	return true;
}

/* False: an argument that must be there has no value to get. */
static bool fill(const struct prac_type *type, const struct prac_move *done, const char *reason,
	struct prac_move *back)
{
	const struct prac_type *from = done->action->args, *to = back->action->args;
	bool is_whole = true;

	for (size_t i = 0; to != NULL && i < to->n_fields; i++) {
		const struct prac_field *arg = &to->fields[i];
		const struct prac_field *field = prac_move_was(type, arg);
		const struct prac_field *source;

		if (is_reason(type, arg)) {
			back->args[i] = (struct prac_value){ .has = true,
				.bytes = prac_bytes_text(reason) };
			continue;
		}
		source = field != NULL && from != NULL
				 ? prac_field_find_name(from, field->name)
				 : was_of(type, from, prac_field_find_name(type, arg->name));
		if (source != NULL && done->args != NULL) {
			back->args[i] = done->args[source->index];
		}
		is_whole = is_whole && (back->args[i].has || (arg->flags & PRAC_REQUIRED) == 0);
	}
	return is_whole;
}

bool prac_move_back(const struct prac_type *type, const struct prac_move *done, const char *reason,
	struct prac_arena *arena, struct prac_move *back_out)
{
	const struct prac_action *action = done->action;

	for (size_t i = 0; i < type->n_actions; i++) {
		const struct prac_action *back = &type->actions[i];

		if (!leads(back, action->to, back->to) || !leads(action, back->to, action->to) ||
			!is_plain(type, action->args) || !is_plain(type, back->args)) {
			continue;
		}
		*back_out = (struct prac_move){ .action = back };
		if (back->args != NULL) {
			back_out->args = prac_arena_alloc(
				arena, back->args->n_fields * sizeof(*back_out->args));
		}
		return fill(type, done, reason, back_out);
	}
	return false;
}
