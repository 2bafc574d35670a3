#include "client/cmd/faults.h"

#include "common/catalog/move.h"

struct faults {
	struct cmd_call *call;
	const struct prac_field
		*refused; /* what the refusal is about; NULL: the record as a whole */
	GString *lacking; /* "title (Title), pay (Pay: unpaid, wage)" */
	GPtrArray *others;
	bool has_refused; /* it is among them */
	size_t n_lacking;
};

static void add_lacking(struct faults *faults, const struct prac_field *field)
{
	GString *words = faults->lacking;

	g_string_append_printf(
		words, "%s%s (%s", faults->n_lacking == 0 ? "" : ", ", field->name, field->label);
	for (size_t i = 0; field->kind == PRAC_ENUM && i < field->n_values; i++) {
		g_string_append_printf(words, "%s%s", i == 0 ? ": " : ", ", field->values[i].name);
	}
	g_string_append_c(words, ')');
	faults->n_lacking++;
}

static void add(
	struct faults *faults, const struct prac_value *values, const struct prac_problem *problem)
{
	const struct prac_field *field = problem->field;

	faults->has_refused = faults->has_refused || field == faults->refused;
	if ((field->flags & PRAC_REQUIRED) != 0 && !values[field->index].has) {
		add_lacking(faults, field);
	} else {
		g_ptr_array_add(
			faults->others, g_strdup(cmd_problem(&faults->call->arena, problem)));
	}
}

static struct faults begin(struct cmd_call *call, const struct replica_refusal *refusal)
{
	return (struct faults){ .call = call,
		.refused = refusal->problem.field,
		.lacking = g_string_new(NULL),
		.others = g_ptr_array_new_with_free_func(g_free) };
}

static void end(struct faults *faults)
{
	g_string_free(faults->lacking, TRUE);
	g_ptr_array_free(faults->others, TRUE);
}

/* A rule's words say more than that its value is not there. */
static int say(struct faults *faults, const char *what, const struct replica_refusal *refusal)
{
	if (!faults->has_refused) {
		return cmd_fail_refusal(faults->call, refusal);
	}
	for (guint i = 0; i < faults->others->len; i++) {
		cmd_fail(faults->call, CMD_REFUSED, "%s",
			(const char *)g_ptr_array_index(faults->others, i));
	}
	return faults->n_lacking == 0
		       ? cmd_fail(faults->call, CMD_REFUSED, "nothing was stored (%s)",
				 prac_reason_name(refusal->reason))
		       : cmd_fail(faults->call, CMD_REFUSED,
				 "%s lacks %s%s (%s); nothing was stored", what,
				 faults->lacking->str,
				 faults->n_lacking > 1
					 ? "; what follows from another one is filled in"
					 : "",
				 prac_reason_name(refusal->reason));
}

/* A record being looked at. */
struct look {
	struct faults faults;
	const struct prac_value *values;
};

static void on_problem(void *ctx, const struct prac_problem *problem)
{
	struct look *look = ctx;

	add(&look->faults, look->values, problem);
}

int faults_of_record(struct cmd_call *call, const struct prac_record *before,
	const struct prac_record *after, const struct replica_refusal *refusal)
{
	struct look look = { begin(call, refusal), after->values };
	enum prac_status status = PRAC_OK;
	int code;

	if (refusal->reason == PRAC_REASON_INVALID_VALUE) {
		status = replica_check_values(call->replica, before, after, on_problem, &look);
	}
	code = status == PRAC_OK ? say(&look.faults, after->type->name, refusal)
				 : cmd_fail_replica(call, status);
	end(&look.faults);
	return code;
}

int faults_of_action(struct cmd_call *call, const struct prac_type *type,
	const struct prac_action *action, const struct prac_value *args,
	const struct replica_refusal *refusal)
{
	struct faults faults = begin(call, refusal);
	int code;
	size_t n = args == NULL || refusal->reason != PRAC_REASON_INVALID_VALUE
			   ? 0
			   : action->args->n_fields;

	for (size_t i = 0; i < n; i++) {
		const struct prac_field *field = &action->args->fields[i];
		struct prac_problem problem = { 0 };

		/* The program fills in what was before. */
		if (prac_move_was(type, field) == NULL &&
			prac_value_check(field, &args[i], &problem) != PRAC_OK) {
			add(&faults, args, &problem);
		}
	}
	code = say(&faults, action->name, refusal);
	end(&faults);
	return code;
}
