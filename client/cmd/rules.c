/* practicum rules: the law that the district judges by, as dated sets. */
#include "client/cmd/rules.h"

#include <stdio.h>
#include <string.h>

#include "catalog/types.h"
#include "client/cmd/print.h"
#include "common/base/date.h"
#include "common/rules/statute.h"

static gchar *from_text, *source_text, *because_text;
static gchar **dropped;

static const GOptionEntry options[] = {
	{ "from", 0, 0, G_OPTION_ARG_STRING, &from_text,
		"change: first day of the new set; rejudge, changes: first week", "DATE" },
	{ "source", 0, 0, G_OPTION_ARG_STRING, &source_text,
		"change: the law, policy or decision it comes from", "TEXT" },
	{ "drop", 0, 0, G_OPTION_ARG_STRING_ARRAY, &dropped, "change: leave out a row", "ID" },
	{ "because", 0, 0, G_OPTION_ARG_STRING, &because_text,
		"rejudge: have the sheets judged anew, for this reason", "TEXT" },
	{ 0 },
};

struct prac_judgement rules_ask(struct cmd_call *call)
{
	struct prac_facts *facts = prac_arena_alloc(&call->arena, sizeof(*facts));

	replica_facts(call->replica, &call->arena, facts);
	return (struct prac_judgement){
		.facts = facts, .arena = &call->arena, .today = prac_env_today(&prac_env_system)
	};
}

/* ---- list */

static void put_set(struct cmd_call *call, struct print_table *table,
	const struct prac_law_set *set, const char *state)
{
	char from[PRAC_DATE_TEXT], until[PRAC_DATE_TEXT] = "";
	const char *version = prac_arena_printf(&call->arena, "%d", (int)set->version);

	prac_date_format(set->starts_on, from);
	if (set->ends_on != PRAC_LAW_OPEN_END) {
		prac_date_format(set->ends_on, until);
	}
	if (call->json) {
		print_table_object(table,
			json_pack("{ss ss si ss ss si ss ss}", "domain", set->domain,
				"jurisdiction", set->jurisdiction, "version", (int)set->version,
				"starts_on", from, "ends_on", until, "rows", (int)set->n_rows,
				"state", state, "source", set->source));
		return;
	}
	print_table_row(table, (const char *[]){ set->domain, set->jurisdiction, version, from,
				       until, state, set->source });
}

/* The record that holds the shipped set, draft or not; NULL: it is not installed. */
static const struct prac_record *installed(const struct prac_judgement *judgement,
	const struct prac_law_set *shipped, int64_t *last_version_out)
{
	const struct prac_record *const *records, *found = NULL;
	size_t n = prac_facts_all(judgement, PRAC_RULE_SET, &records);
	struct prac_law_set set;
	const char *error;

	*last_version_out = 0;
	for (size_t i = 0; i < n; i++) {
		if (prac_statute_read(records[i], judgement->arena, &set, &error) != PRAC_OK ||
			strcmp(set.domain, shipped->domain) != 0 ||
			strcmp(set.jurisdiction, shipped->jurisdiction) != 0) {
			continue;
		}
		if (set.version > *last_version_out) {
			*last_version_out = set.version;
		}
		if (set.starts_on == shipped->starts_on &&
			prac_law_set_is_shipped(&set, judgement->arena)) {
			found = records[i];
		}
	}
	return found;
}

static int list(struct cmd_call *call)
{
	static const char *const heads[] = { "domain", "jurisdiction", "version", "from", "until",
		"state", "source" };
	struct print_table *table = print_table_new(heads, PRAC_NELEM(heads), call->json);
	struct prac_judgement judgement = rules_ask(call);
	struct prac_law_book shipped = prac_law_book_make(NULL, 0, &call->arena);
	const struct prac_record *const *records;
	size_t n = prac_facts_all(&judgement, PRAC_RULE_SET, &records);
	struct prac_law_set set;
	const char *error;
	int64_t version;

	for (size_t i = 0; i < shipped.n; i++) {
		if (installed(&judgement, &shipped.sets[i], &version) == NULL) {
			put_set(call, table, &shipped.sets[i], "shipped, not installed");
		}
	}
	for (size_t i = 0; i < n; i++) {
		if (prac_statute_read(records[i], &call->arena, &set, &error) == PRAC_OK) {
			put_set(call, table, &set,
				prac_arena_printf(&call->arena, "%s%s",
					print_state(records[i], &call->arena),
					records[i]->values[PRAC_RULE_SET_DEPARTURE].has
						? ", demands less"
						: ""));
		}
	}
	print_table_end(table, "There are none.");
	return CMD_DONE;
}

/* ---- install and change */

static struct prac_value text_value(const char *text)
{
	return (struct prac_value){ .has = text[0] != '\0', .bytes = prac_bytes_text(text) };
}

static struct prac_record *record_of(struct cmd_call *call, const struct prac_law_set *set)
{
	struct prac_record *record = prac_record_new(&call->arena, &prac_type_rule_set);
	const struct prac_field *fields = record->type->fields;
	struct prac_value *values = record->values;
	struct prac_bytes *rows = prac_arena_alloc(&call->arena, (set->n_rows + 1) * sizeof(*rows));
	const struct prac_field *domain = &fields[PRAC_RULE_SET_DOMAIN];

	for (size_t i = 0; i < domain->n_values; i++) {
		if (strcmp(domain->values[i].name, set->domain) == 0) {
			values[PRAC_RULE_SET_DOMAIN] = prac_value_number(domain->values[i].number);
		}
	}
	for (size_t i = 0; i < set->n_rows; i++) {
		rows[i] = prac_bytes_text(prac_law_row_text(&set->rows[i], &call->arena));
	}
	values[PRAC_RULE_SET_PARAMETERS] =
		prac_list_value(&call->arena, &fields[PRAC_RULE_SET_PARAMETERS], rows, set->n_rows);
	values[PRAC_RULE_SET_JURISDICTION] = text_value(set->jurisdiction);
	values[PRAC_RULE_SET_SOURCE] = text_value(set->source);
	values[PRAC_RULE_SET_VERSION] = prac_value_number(set->version);
	values[PRAC_RULE_SET_STARTS_ON] = prac_value_number(set->starts_on);
	values[PRAC_RULE_SET_ENDS_ON] =
		(struct prac_value){ .has = set->ends_on != PRAC_LAW_OPEN_END,
			.number = set->ends_on };
	cmd_begin_state(record);
	return record;
}

static int save(struct cmd_call *call, const struct prac_law_set *set)
{
	struct prac_record *record = record_of(call, set);
	struct replica_refusal refusal = { 0 };
	enum prac_status status = replica_save(call->replica, NULL, record, &refusal);
	const char *looser = prac_law_set_looser(set, &call->arena);

	if (status != PRAC_OK) {
		return refusal.reason != PRAC_REASON_NONE ? cmd_fail_refusal(call, &refusal)
							  : cmd_fail_replica(call, status);
	}
	if (!call->json) {
		printf("%s %s %d is a draft: practicum do rule_set %s approve%s\n", set->domain,
			set->jurisdiction, (int)set->version,
			print_id(call->replica, record->type, &record->id, &call->arena),
			looser == NULL ? "" : " departure=TEXT");
	}
	if (looser != NULL) {
		(void)cmd_fail(
			call, CMD_DONE, "it demands less than the law as shipped: %s", looser);
	}
	return CMD_DONE;
}

static int install(struct cmd_call *call)
{
	struct prac_judgement judgement = rules_ask(call);
	struct prac_law_book shipped = prac_law_book_make(NULL, 0, &call->arena);
	int code = CMD_DONE;
	size_t n = 0;

	for (size_t i = 0; code == CMD_DONE && i < shipped.n; i++) {
		struct prac_law_set set = shipped.sets[i];
		int64_t last_version;

		if (installed(&judgement, &set, &last_version) == NULL) {
			set.version = last_version >= set.version ? (int32_t)last_version + 1
								  : set.version;
			code = save(call, &set);
			n++;
		}
	}
	if (n == 0 && !call->json) {
		printf("every shipped set is installed\n");
	}
	return code;
}

static bool is_dropped(const char *id)
{
	return dropped != NULL && g_strv_contains((const gchar *const *)dropped, id);
}

/* The set in force on the day, with the rows of the words in place of those of the same id. */
static bool change_rows(struct cmd_call *call, struct prac_law_set *set)
{
	struct prac_law_row *rows = prac_arena_alloc(
		&call->arena, (set->n_rows + (size_t)call->n_words) * sizeof(*rows));
	const char *error;
	size_t n = 0;

	for (size_t i = 0; i < set->n_rows; i++) {
		if (!is_dropped(set->rows[i].id)) {
			rows[n++] = set->rows[i];
		}
	}
	for (char **word = call->words + 3; *word != NULL; word++) {
		struct prac_law_row row;
		size_t at = 0;

		if (prac_law_row_read(prac_bytes_text(*word), &call->arena, &row, &error) !=
			PRAC_OK) {
			(void)cmd_fail(call, CMD_REFUSED, "%s", error);
			return false;
		}
		while (at < n && strcmp(rows[at].id, row.id) != 0) {
			at++;
		}
		rows[at] = row;
		n = at == n ? n + 1 : n;
	}
	set->rows = rows;
	set->n_rows = n;
	return true;
}

static struct prac_law_set set_on(
	struct cmd_call *call, const struct prac_judgement *judgement, int32_t date)
{
	struct prac_law_book book = prac_statute_book(judgement);
	struct prac_law_set set = {
		.domain = call->words[1], .jurisdiction = call->words[2], .source = ""
	};

	for (size_t i = 0; i < book.n; i++) {
		const struct prac_law_set *other = &book.sets[i];

		if (strcmp(other->domain, set.domain) == 0 &&
			strcmp(other->jurisdiction, set.jurisdiction) == 0 &&
			other->starts_on <= date && date <= other->ends_on) {
			set = *other;
		}
	}
	return set;
}

static int change(struct cmd_call *call)
{
	struct prac_judgement judgement = rules_ask(call);
	struct prac_law_set set;
	int64_t last_version;
	int32_t from;

	if (call->n_words < 3 || from_text == NULL || source_text == NULL ||
		prac_date_parse(from_text, &from) != PRAC_OK) {
		return cmd_fail(call, CMD_USAGE,
			"want: change DOMAIN JURISDICTION [ROW...] --from DATE --source TEXT");
	}
	set = set_on(call, &judgement, from);
	(void)installed(&judgement, &set, &last_version);
	set.version = set.version > last_version ? set.version + 1 : (int32_t)last_version + 1;
	set.starts_on = from;
	set.ends_on = PRAC_LAW_OPEN_END;
	set.source = source_text;
	return change_rows(call, &set) ? save(call, &set) : CMD_REFUSED;
}

/* --from, or the first day of this school year; false: said why not. */
static bool first_week(struct cmd_call *call, int32_t *from_out)
{
	enum {
		JULY = 7
	};

	*from_out = prac_date_from_civil(
		prac_date_school_year(prac_env_today(&prac_env_system)) - 1, JULY, 1);
	if (from_text != NULL && prac_date_parse(from_text, from_out) != PRAC_OK) {
		(void)cmd_fail(call, CMD_USAGE, "--from %s is no day; write YYYY-MM-DD", from_text);
		return false;
	}
	*from_out = prac_date_week_start(*from_out);
	return true;
}

static int rejudge(struct cmd_call *call)
{
	int32_t from;

	return first_week(call, &from) ? rules_rejudge(call, from, because_text) : CMD_USAGE;
}

static int changes(struct cmd_call *call)
{
	int32_t from;

	return first_week(call, &from) ? rules_changes(call, from) : CMD_USAGE;
}

static int run(struct cmd_call *call)
{
	static const struct {
		const char *name;
		int (*run)(struct cmd_call *call);
	} words[] = { { "list", list }, { "install", install }, { "change", change },
		{ "rejudge", rejudge }, { "changes", changes } };

	for (size_t i = 0; i < PRAC_NELEM(words); i++) {
		if (strcmp(words[i].name, call->words[0]) == 0) {
			return words[i].run(call);
		}
	}
	return cmd_fail(call, CMD_USAGE,
		"no word %s; there are list, install, change, rejudge and changes", call->words[0]);
}

const struct cmd cmd_rules = {
	.name = "rules",
	.synopsis = "list | install | change DOMAIN JURISDICTION [ROW...] | rejudge | changes",
	.help = "The rules that hours, credit, eligibility, visits and reports are judged by: dated sets, "
		"the district's over those that the program ships.\n"
		"\n"
		"list shows both. install enters the shipped ones as drafts, for the district to read and "
		"approve; until then they hold all the same. change makes a draft of the set in force on "
		"--from, with each ROW in place of the one of its id or added, without those of --drop. "
		"A set demands no less than the shipped law unless it is approved with departure=TEXT, and "
		"begins in no year that is over.\n"
		"\n"
		"When an approved set, the calendar or a student's release periods, consents, plans or birth "
		"date change, the server judges the sheets that are not approved anew by itself. changes "
		"lists from --from on (this school year) what became broken or clear in them, and by which "
		"change. rejudge compares all sheets here, the approved ones too, with the rules and calendar "
		"of today and lists what differs; with --because those that are not approved are judged "
		"anew. One that says the same stays as it is.",
	.example =
		"practicum rules change labor district --from 2026-08-01 --source \"Board 2026-14\" "
		"\\\n    'DI-DAY=day-sum age:14-15 most:2h | At most 2 hours a day. | Board "
		"2026-14'\n  practicum rules changes --from 2026-10-01",
	.needs = CMD_NEEDS_REPLICA,
	.min_words = 1,
	.max_words = 3 + PRAC_LAW_ROWS_MAX,
	.options = options,
	.run = run,
};
