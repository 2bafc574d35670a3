/* practicum list and show: what stands in the replica, with pending work laid over it. */
#include <stdio.h>
#include <string.h>

#include "catalog/types.h"
#include "client/cmd/cmd.h"
#include "client/cmd/find.h"
#include "client/cmd/growth.h"
#include "client/cmd/listing.h"
#include "client/cmd/print.h"
#include "client/cmd/reading.h"
#include "client/cmd/statement.h"
#include "client/cmd/warn.h"
#include "common/rules/rules.h"

enum {
	FILTERS_MAX = 16,
	COLUMNS_MAX = 24
};

struct listing {
	struct cmd_call row; /* the call, with an arena that lives as long as one row */
	const struct prac_type *type;
	struct print_table *table;
	const struct prac_computed *wanted; /* state=NAME of one that only the calendar moves */
	/* A column says what each breaks: a week is judged for each, so not of a whole table. */
	bool warns;
	struct listing_trace trace;
};

/* A type without stored states shows in a column of its own what the calendar says. */
static bool has_own_column(const struct prac_type *type)
{
	return type->state_field < 0 && type->n_computed > 0;
}

static json_t *record_json(struct listing *listing, const struct prac_record *record, bool pending)
{
	json_t *object = print_record_json(record, pending);

	if (listing->warns) {
		json_object_set_new(object, "breaks", warn_json(&listing->row, record));
	}
	return object;
}

static void print_cells(struct listing *listing, const struct prac_record *record, bool pending)
{
	struct cmd_call *call = &listing->row;
	const char *cells[COLUMNS_MAX];
	size_t n = 0;

	cells[n++] = print_id(call->replica, record->type, &record->id, &call->arena);
	for (size_t i = 0; i < record->type->n_columns && n < COLUMNS_MAX - 3; i++) {
		uint16_t index = record->type->columns[i];

		cells[n++] = index == record->type->state_field
				     ? print_state(record, &call->arena)
				     : print_field(call->replica, record, index, &call->arena);
	}
	if (has_own_column(record->type)) {
		cells[n++] = print_state(record, &call->arena);
	}
	if (listing->warns) {
		cells[n++] = warn_ids(call, record);
	}
	cells[n] = pending ? "waits" : "";
	print_table_row(listing->table, cells);
}

static bool on_record(void *ctx, const struct prac_record *record, bool pending)
{
	struct listing *listing = ctx;

	if (listing->wanted != NULL &&
		prac_record_computed(record, prac_env_today(&prac_env_system)) != listing->wanted) {
		return true;
	}
	listing_add(&listing->trace, record);
	if (print_table_is_json(listing->table)) {
		print_table_object(listing->table, record_json(listing, record, pending));
	} else {
		print_cells(listing, record, pending);
	}
	prac_arena_reset(&listing->row.arena);
	return true;
}

static struct print_table *table_of(const struct prac_type *type, bool warns, bool json)
{
	const char *heads[COLUMNS_MAX] = { "id" };
	size_t n = 1;

	for (size_t i = 0; i < type->n_columns && n < COLUMNS_MAX - 3; i++) {
		heads[n++] = type->fields[type->columns[i]].name;
	}
	if (has_own_column(type)) {
		heads[n++] = "state";
	}
	if (warns) {
		heads[n++] = "breaks";
	}
	heads[n++] = "sync";
	return print_table_new(heads, n, json);
}

/* "state=expired" where expired is computed; NULL: an ordinary filter. */
static const struct prac_computed *computed_filter(const struct prac_type *type, const char *word)
{
	for (size_t i = 0; g_str_has_prefix(word, "state=") && i < type->n_computed; i++) {
		if (strcmp(word + strlen("state="), type->computed[i].name) == 0) {
			return &type->computed[i];
		}
	}
	return NULL;
}

/* What the words ask for. False after cmd_fail(). */
static bool read_filters(struct cmd_call *call, struct listing *listing,
	struct replica_filter filters[FILTERS_MAX], size_t *n_out)
{
	size_t n = 0;

	for (char **word = call->words + 1; *word != NULL; word++) {
		struct replica_filter *filter = &filters[n];
		const struct prac_computed *wanted = computed_filter(listing->type, *word);

		if (wanted != NULL) {
			listing->wanted = wanted;
			continue;
		}
		n++;
		if (!find_value(call, listing->type, *word, &filter->field, &filter->value)) {
			return false;
		}
		if (replica_withholds(call->replica, filter->field)) {
			cmd_fail(call, CMD_REFUSED,
				"%s: your role does not see it, so nothing is found by it",
				filter->field->label);
			return false;
		}
	}
	*n_out = n;
	return true;
}

static int list(struct cmd_call *call)
{
	struct replica_filter filters[FILTERS_MAX];
	struct listing listing = { .row = *call, .type = cmd_type(call, call->words[0]) };
	struct replica_query query = { .type = listing.type, .filters = filters };
	enum prac_status status;
	int code;

	if (listing.type == NULL || !read_filters(call, &listing, filters, &query.n_filters)) {
		return CMD_REFUSED;
	}
	code = listing_begin(&listing.trace, call, PRAC_LISTING_KIND_LIST, listing.type);
	if (code != CMD_DONE) {
		return code;
	}
	listing.warns = query.n_filters > 0 && warn_has(listing.type);
	listing.table = table_of(listing.type, listing.warns, call->json);
	listing.row.arena = (struct prac_arena){ 0 };
	status = replica_list(call->replica, &query, on_record, &listing);
	prac_arena_deinit(&listing.row.arena);
	print_table_end(listing.table,
		call->n_words == 1 ? "There are none here yet."
				   : "None here match; a value is compared as a whole.");
	return listing_end(
		&listing.trace, status == PRAC_OK ? CMD_DONE : cmd_fail_replica(call, status));
}

const struct cmd cmd_list = {
	.name = "list",
	.synopsis = "TYPE [FIELD=VALUE...]",
	.help = "Lists records of a type, those that match every FIELD=VALUE. References may be given "
		"by id, number or name; an empty value matches records without one. A state that only the "
		"calendar moves is shown behind the stored one and may be asked for. The column sync "
		"says which ones have work that the server has not judged yet, the column breaks of a "
		"selection of time entries which labor rules each breaks. What the role of whoever is "
		"signed in does not see is `withheld`; with --json it is null and named in `withheld`. How many "
		"records of students you listed is written down, once a day.",
	.example =
		"practicum list placement state=active\n  practicum list insurance state=expired",
	.needs = CMD_NEEDS_PERSON,
	.min_words = 1,
	.max_words = 1 + FILTERS_MAX,
	.run = list,
};

/* What the rules of its type tell of a record beside what stands in it. */
struct told {
	const char *lapse; /* what has lapsed of what it rests on; NULL: nothing */
	const struct prac_derived *derived;
	size_t n_derived;
};

static struct told told_of(struct cmd_call *call, const struct prac_record *record)
{
	const struct prac_rules *rules = prac_rules_find(record->type);
	struct prac_judgement judgement = { .arena = &call->arena,
		.today = prac_env_today(&prac_env_system) };
	struct told told = { 0 };
	struct prac_facts facts;

	replica_facts(call->replica, &call->arena, &facts);
	judgement.facts = &facts;
	if (rules != NULL && rules->lapse != NULL) {
		told.lapse = rules->lapse(&judgement, record, judgement.today);
	}
	if (rules != NULL && rules->derive != NULL) {
		told.n_derived = rules->derive(&judgement, record, &told.derived);
	}
	return told;
}

static void print_record(struct cmd_call *call, const struct prac_record *record)
{
	struct told told = told_of(call, record);
	const struct prac_warning *warnings;
	size_t n = warn_of(call, record, &warnings);
	static const char *const heads[] = { "field", "value" };
	struct print_table *table = print_table_new(heads, PRAC_NELEM(heads), false);
	char id[PRAC_ID_TEXT];

	prac_id_format(&record->id, id);
	print_table_row(table, (const char *[]){ "id", id });
	for (size_t i = 0; i < record->type->n_fields; i++) {
		const struct prac_field *field = &record->type->fields[i];

		if ((int)i == record->type->state_field) {
			print_table_row(table,
				(const char *[]){ field->name, print_state(record, &call->arena) });
		} else if (record->values[i].has || (record->withheld >> i & 1) != 0) {
			print_table_row(table, (const char *[]){ field->name,
						       print_field(call->replica, record,
							       (uint16_t)i, &call->arena) });
		}
	}
	if (has_own_column(record->type)) {
		print_table_row(
			table, (const char *[]){ "state", print_state(record, &call->arena) });
	}
	if (told.lapse != NULL) {
		print_table_row(table, (const char *[]){ "suspended_by", told.lapse });
	}
	for (size_t i = 0; i < told.n_derived; i++) {
		print_table_row(
			table, (const char *[]){ told.derived[i].name, told.derived[i].words });
	}
	for (size_t i = 0; i < n; i++) {
		print_table_row(table, (const char *[]){ "breaks", warnings[i].words });
	}
	growth_rows(call, record, table);
	statement_rows(call, record, table);
	print_table_end(table, "");
}

static int show(struct cmd_call *call)
{
	const struct prac_type *type = cmd_type(call, call->words[0]);
	const struct prac_record *record;
	int code;

	if (type == NULL || (record = find_record(call, type, call->words[1])) == NULL) {
		return CMD_REFUSED;
	}
	code = reading_one(call, record, PRAC_RECORD_ACCESS_KIND_SHOWN);
	if (code != CMD_DONE) {
		return code;
	}
	if (call->json) {
		json_t *object = print_record_json(record, record->seq == 0);
		struct told told = told_of(call, record);

		if (told.lapse != NULL) {
			json_object_set_new(object, "suspended_by", json_string(told.lapse));
		}
		for (size_t i = 0; i < told.n_derived; i++) {
			json_object_set_new(
				object, told.derived[i].name, json_string(told.derived[i].words));
		}
		if (warn_has(type)) {
			json_object_set_new(object, "breaks", warn_json(call, record));
		}
		growth_put(call, record, object);
		statement_put(call, record, object);
		print_json(object);
	} else {
		print_record(call, record);
	}
	return CMD_DONE;
}

const struct cmd cmd_show = {
	.name = "show",
	.synopsis = "TYPE ID",
	.help = "Shows one record. ID is its id or the first digits of it, a number or a name. Of a placement "
		"with a class it also says which credit its approved hours make by now, and by which rule, and of one that "
		"earns credit when the student is in school less than the rules ask for. That you looked at a student's "
		"record is written down, once a day.",
	.example = "practicum show student \"Ann Lee\"",
	.needs = CMD_NEEDS_PERSON,
	.min_words = 2,
	.max_words = 2,
	.run = show,
};
