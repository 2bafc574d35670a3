/* What practicumd dispose prints: plans, certificates, the list of what is gone. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "server/command.h"
#include "server/dispose.h"
#include "server/exit_code.h"
#include "server/operator.h"
#include "sql/queries.h"

static const char method[] =
	"Rows deleted from the record tables; history keeps coded facts under a random key; names and "
	"texts erased from history, mutation log, refused input and conflicts; bytes of files deleted. "
	"Stations erase the records at their next sync (SQLite secure_delete). Backups made before keep "
	"them until they expire.";

static const struct prac_type *type_of(struct db_rows *rows, size_t row)
{
	return prac_type_find((uint32_t)db_rows_int(rows, row, 0));
}

static json_t *count_json(struct db_rows *rows, size_t row, const struct prac_policy *policy)
{
	const struct prac_type *type = type_of(rows, row);
	struct prac_bytes rule = db_rows_bytes(rows, row, 1), held = db_rows_bytes(rows, row, 2);
	char id[100];
	const struct prac_law_row *law;
	json_t *one;

	(void)snprintf(id, sizeof(id), "%.*s", (int)rule.len, (const char *)rule.data);
	law = policy != NULL ? dispose_row_named(policy, id) : NULL;
	one = json_pack("{s:s, s:s, s:s, s:I, s:I}", "type", type != NULL ? type->name : "",
		"retention", type != NULL ? type->retention : "", "rule", id, "n",
		(json_int_t)db_rows_int(rows, row, 3), "disposed",
		(json_int_t)db_rows_int(rows, row, 4));
	json_object_set_new(one, "held", json_stringn((const char *)held.data, held.len));
	json_object_set_new(one, "source", json_string(law != NULL ? law->source : ""));
	return one;
}

static void print_count(struct db_rows *rows, size_t row, const struct prac_policy *policy)
{
	json_t *one = count_json(rows, row, policy);
	const char *held = json_string_value(json_object_get(one, "held"));
	const char *source = json_string_value(json_object_get(one, "source"));

	printf("%-20s  %-10s  %-18s  %8" PRId64 "  %s%s%s%s\n",
		json_string_value(json_object_get(one, "type")),
		json_string_value(json_object_get(one, "retention")),
		json_string_value(json_object_get(one, "rule")), db_rows_int(rows, row, 3),
		held[0] != '\0'                 ? "held: "
		: db_rows_int(rows, row, 4) > 0 ? "disposed of"
						: "due",
		held, source[0] != '\0' ? "; " : "", source);
	json_decref(one);
}

void dispose_print_counts(void *ctx, struct db_rows *rows)
{
	struct dispose_print *print = ctx;
	size_t n = db_rows_count(rows);

	if (print->json == NULL && n > 0) {
		printf("%-20s  %-10s  %-18s  %8s\n", "type", "class", "rule", "records");
	}
	for (size_t row = 0; row < n; row++) {
		if (db_rows_bytes(rows, row, 2).len > 0) {
			print->n_held += db_rows_int(rows, row, 3);
		} else {
			print->n_due += db_rows_int(rows, row, 3);
		}
		if (print->json != NULL) {
			json_array_append_new(print->json, count_json(rows, row, print->policy));
		} else {
			print_count(rows, row, print->policy);
		}
	}
}

void dispose_print_kept(const struct prac_policy *policy, int32_t as_of)
{
	const char *separator = "Kept, since no adopted rule names the class: ";

	for (size_t i = 0; i < prac_n_types; i++) {
		const char *class = prac_types[i]->retention;
		bool is_first = dispose_rule_of(policy, class, as_of).row == NULL;

		for (size_t k = 0; k < i && is_first; k++) {
			is_first = strcmp(prac_types[k]->retention, class) != 0;
		}
		if (is_first) {
			printf("%s%s", separator, class);
			separator = ", ";
		}
	}
	if (separator[0] == ',') {
		printf(".\n");
	}
}

/* ---- certificates */

struct certificate {
	json_t *found; /* their heads */
};

static const char *const heads[] = { "id", "kind", "as of", "rules", "ordered by", "reason",
	"begun", "ended", "records", "sha-256 of the list", "list", "event of the audit",
	"student" };

static void take_heads(void *ctx, struct db_rows *rows)
{
	struct certificate *certificate = ctx;

	for (size_t row = 0; row < db_rows_count(rows); row++) {
		json_t *one = json_object();

		for (size_t i = 0; i < PRAC_NELEM(heads); i++) {
			struct prac_bytes text = db_rows_bytes(rows, row, i);

			json_object_set_new(
				one, heads[i], json_stringn((const char *)text.data, text.len));
		}
		json_array_append_new(certificate->found, one);
	}
}

static const char *word(const json_t *head, const char *name)
{
	return json_string_value(json_object_get(head, name));
}

static void print_all(const json_t *found)
{
	size_t i;
	json_t *head;

	printf("%-32s  %-9s  %-20s  %8s  %-16s  %s\n", "id", "kind", "ended", "records",
		"ordered by", "reason");
	json_array_foreach(found, i, head)
	{
		printf("%-32s  %-9s  %-20s  %8s  %-16s  %s\n", word(head, "id"), word(head, "kind"),
			word(head, "ended"), word(head, "records"), word(head, "ordered by"),
			word(head, "reason"));
	}
}

static enum prac_status ask(struct command_call *call, const struct db_stmt *stmt, const char *id,
	void (*take)(void *ctx, struct db_rows *rows), void *ctx)
{
	struct operator op;
	struct db_params *params;
	enum prac_status status;

	operator_init(&op, call->config);
	params = db_params_new(&op.arena);
	db_param_bytes(params, prac_bytes_text(id));
	db_batch_add(op.batch, stmt, params, take, ctx);
	status = operator_run(&op);
	operator_deinit(&op);
	return status;
}

/* Its counts: printed, or in the JSON. */
static enum prac_status ask_counts(struct command_call *call, const char *id, json_t *json)
{
	struct dispose_print print = { .json = json };

	return ask(call, &q_dispose_counts, id, dispose_print_counts, &print);
}

static int print_one(struct command_call *call, json_t *head, bool is_json)
{
	json_t *records = json_array();
	enum prac_status status;

	if (!is_json) {
		printf("CERTIFICATE OF DISPOSAL\n\n");
		for (size_t i = 0; i < PRAC_NELEM(heads); i++) {
			printf("%-20s  %s\n", heads[i], word(head, heads[i]));
		}
		printf("%-20s  %s\n\n", "method", method);
	}
	status = ask_counts(call, word(head, "id"), is_json ? records : NULL);
	if (is_json) {
		json_object_set(head, "types", records);
		json_object_set_new(head, "method", json_string(method));
		(void)json_dumpf(head, stdout, 0);
		(void)putchar('\n');
	}
	json_decref(records);
	return operator_exit_code(status);
}

int dispose_certificate(struct command_call *call, const char *id, bool is_json)
{
	struct certificate certificate = { .found = json_array() };
	enum prac_status status =
		ask(call, &q_dispose_certificate, id != NULL ? id : "", take_heads, &certificate);
	int code = operator_exit_code(status);
	size_t n = json_array_size(certificate.found);

	if (code == EXIT_DONE && id == NULL && is_json) {
		(void)json_dumpf(certificate.found, stdout, 0);
		(void)putchar('\n');
	} else if (code == EXIT_DONE && id == NULL) {
		print_all(certificate.found);
	} else if (code == EXIT_DONE && n == 1) {
		code = print_one(call, json_array_get(certificate.found, 0), is_json);
	} else if (code == EXIT_DONE) {
		(void)fprintf(stderr,
			n == 0 ? "practicumd: no disposal has the id %s; practicumd dispose "
				 "certificate lists them\n"
			       : "practicumd: several disposals begin with %s; use the whole id\n",
			id);
		code = EXIT_REFUSED;
	}
	json_decref(certificate.found);
	return code;
}

/* ---- the list */

static void print_list(void *ctx, struct db_rows *rows)
{
	(void)ctx;
	for (size_t row = 0; row < db_rows_count(rows); row++) {
		struct prac_bytes line = db_rows_bytes(rows, row, 0);

		printf("%.*s\n", (int)line.len, (const char *)line.data);
	}
}

int dispose_list(struct command_call *call)
{
	struct operator op;
	enum prac_status status;

	operator_init(&op, call->config);
	op.purpose = DB_DISPOSAL;
	db_batch_add(op.batch, &q_dispose_list, NULL, print_list, NULL);
	status = operator_run(&op);
	operator_deinit(&op);
	return operator_exit_code(status);
}
