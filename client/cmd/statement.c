#include "client/cmd/statement.h"

#include "catalog/types.h"

/* The request's statement, if it is about this record; else no bytes. */
static struct prac_bytes said_in(
	const struct prac_record *request, const struct prac_record *record)
{
	bool is_about = request->values[PRAC_RECORDS_REQUEST_RECORD_TYPE].number ==
			(int64_t)record->type->number;

	return is_about ? request->values[PRAC_RECORDS_REQUEST_STATEMENT].bytes
			: (struct prac_bytes){ NULL, 0 };
}

static size_t requests_of(struct cmd_call *call, const struct prac_record *record,
	const struct prac_record *const **requests_out)
{
	struct prac_facts facts;

	replica_facts(call->replica, &call->arena, &facts);
	return facts.children(facts.ctx, PRAC_RECORDS_REQUEST, PRAC_RECORDS_REQUEST_RECORD_ID_NO,
		&record->id, requests_out);
}

void statement_rows(
	struct cmd_call *call, const struct prac_record *record, struct print_table *table)
{
	const struct prac_record *const *requests;
	size_t n = requests_of(call, record, &requests);

	for (size_t i = 0; i < n; i++) {
		struct prac_bytes said = said_in(requests[i], record);

		if (said.len > 0) {
			print_table_row(
				table, (const char *[]){ "statement",
					       prac_arena_printf(&call->arena, "The family: %.*s",
						       (int)said.len, (const char *)said.data) });
		}
	}
}

void statement_put(struct cmd_call *call, const struct prac_record *record, json_t *object)
{
	const struct prac_record *const *requests;
	size_t n = requests_of(call, record, &requests);
	json_t *all = json_array();

	for (size_t i = 0; i < n; i++) {
		struct prac_bytes said = said_in(requests[i], record);

		if (said.len > 0) {
			json_array_append_new(all, json_stringn((const char *)said.data, said.len));
		}
	}
	if (json_array_size(all) > 0) {
		json_object_set(object, "statements", all);
	}
	json_decref(all);
}
