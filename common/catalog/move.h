/* An action with its arguments, and the one that takes it back. */
#pragma once

#include "common/catalog/record.h"

#define PRAC_MOVE_IMPORT_BACK "the import was taken back" /* as reason */

struct prac_move {
	const struct prac_action *action;
	struct prac_value *args; /* action->args->n_fields of them; NULL: takes none */
};

/* The field whose value before the move the argument holds; NULL: it is another kind of argument. */
const struct prac_field *prac_move_was(const struct prac_type *type, const struct prac_field *arg);

/*
 * The arguments as given, with what each `was_FIELD` asks for: the value that the record has before the
 * move. args may be NULL. Lives in the arena where something is filled in.
 */
struct prac_value *prac_move_args(const struct prac_record *before,
	const struct prac_action *action, const struct prac_value *args, struct prac_arena *arena);

/*
 * The move back, as activate is of deactivate: it leads from where the one leads to where that starts, and
 * every field that the arguments of either are stored in gets the value it had. reason goes where it asks
 * for one. False: none is known to do so.
 */
bool prac_move_back(const struct prac_type *type, const struct prac_move *done, const char *reason,
	struct prac_arena *arena, struct prac_move *back_out);
