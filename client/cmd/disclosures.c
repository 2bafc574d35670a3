/* practicum disclosures: to whom records of a student went (34 CFR 99.32), as a parent may see it. */
#include <stdio.h>
#include <string.h>

#include "catalog/types.h"
#include "client/cmd/cmd.h"
#include "client/cmd/csv.h"
#include "client/cmd/find.h"
#include "client/cmd/print.h"
#include "client/cmd/reading.h"
#include "client/replica/people.h"
#include "common/base/date.h"

static gchar *format;
static gboolean staff;

static const GOptionEntry options[] = {
	{ "format", 0, 0, G_OPTION_ARG_STRING, &format, "table (default), csv or json", "FORMAT" },
	{ "staff", 0, 0, G_OPTION_ARG_NONE, &staff,
		"who of the staff looked, instead; for the principal and the district office",
		NULL },
	{ 0 },
};

enum {
	CELLS = 7
};

/* The record of disclosures, or of readings. */
static const char *const outside_heads[CELLS] = { "date", "party", "legitimate_interest", "records",
	"lawful_by", "record", "further_parties" };
static const char *const staff_heads[CELLS] = { "date", "person", "kind", "type", "record",
	"records", "what" };

struct listing {
	struct cmd_call *call;
	struct prac_policy law;
	const char *const *heads;
	struct print_table *table; /* NULL: CSV */
};

static const char *text_of(
	const struct listing *listing, const struct prac_record *record, uint16_t index)
{
	return print_value(listing->call->replica, &record->type->fields[index],
		&record->values[index], &listing->call->arena);
}

/* Does 99.32(a) demand the entry, or is it kept though 99.32(d) does not? */
static const char *duty_of(const struct listing *listing, const struct prac_record *disclosure)
{
	const struct prac_law_row *row = prac_policy_named(&listing->law, "basis",
		text_of(listing, disclosure, PRAC_DISCLOSURE_BASIS),
		(int32_t)disclosure->values[PRAC_DISCLOSURE_MADE_ON].number);

	return row == NULL || prac_policy_number(row, "recorded", 1) != 0 ? "required (99.32(a))"
									  : "exempt (99.32(d))";
}

static void put(struct listing *listing, const char *const cells[CELLS])
{
	json_t *object;

	if (listing->table == NULL) {
		for (size_t i = 0; i < CELLS; i++) {
			(void)fputs(i == 0 ? "" : ",", stdout);
			csv_put(stdout, prac_bytes_text(cells[i]), true);
		}
		(void)fputs("\r\n", stdout);
	} else if (print_table_is_json(listing->table)) {
		object = json_object();
		for (size_t i = 0; i < CELLS; i++) {
			json_object_set_new(object, listing->heads[i], json_string(cells[i]));
		}
		print_table_object(listing->table, object);
	} else {
		print_table_row(listing->table, cells);
	}
}

static bool on_disclosure(void *ctx, const struct prac_record *record, bool pending)
{
	struct listing *listing = ctx;

	(void)pending;
	put(listing,
		(const char *const[CELLS]){ text_of(listing, record, PRAC_DISCLOSURE_MADE_ON),
			text_of(listing, record, PRAC_DISCLOSURE_PARTY),
			text_of(listing, record, PRAC_DISCLOSURE_PURPOSE),
			text_of(listing, record, PRAC_DISCLOSURE_WHAT),
			text_of(listing, record, PRAC_DISCLOSURE_BASIS), duty_of(listing, record),
			text_of(listing, record, PRAC_DISCLOSURE_FURTHER_PARTIES) });
	return true;
}

/* By name where it is known here; programs get the id. */
static const char *person_of(struct listing *listing, const struct prac_record *record)
{
	const struct prac_value *value = &record->values[PRAC_RECORD_ACCESS_PERSON_ID];
	struct prac_arena *arena = &listing->call->arena;
	const char *name = NULL;
	struct prac_id id;

	if (listing->table != NULL && !print_table_is_json(listing->table) && value->has &&
		prac_id_from_bytes(value->bytes, &id) == PRAC_OK) {
		name = replica_person_name(listing->call->replica, &id, arena);
	}
	return name != NULL ? name : text_of(listing, record, PRAC_RECORD_ACCESS_PERSON_ID);
}

static bool on_access(void *ctx, const struct prac_record *record, bool pending)
{
	struct listing *listing = ctx;
	const struct prac_type *type =
		prac_type_find((uint32_t)record->values[PRAC_RECORD_ACCESS_RECORD_TYPE].number);

	(void)pending;
	put(listing,
		(const char *const[CELLS]){ text_of(listing, record, PRAC_RECORD_ACCESS_MADE_ON),
			person_of(listing, record),
			text_of(listing, record, PRAC_RECORD_ACCESS_KIND),
			type == NULL ? "" : type->name,
			text_of(listing, record, PRAC_RECORD_ACCESS_RECORD_ID),
			text_of(listing, record, PRAC_RECORD_ACCESS_N_RECORDS),
			text_of(listing, record, PRAC_RECORD_ACCESS_WHAT) });
	return true;
}

static int list(struct listing *listing, const struct prac_record *student)
{
	const struct prac_type *type = staff ? &prac_type_record_access : &prac_type_disclosure;
	const struct replica_filter filter = { &type->fields[type->follow_field],
		{ .has = true, .bytes = prac_id_bytes(&student->id) } };
	const struct replica_query query = { type, &filter, 1 };
	enum prac_status status;

	for (size_t i = 0; listing->table == NULL && i < CELLS; i++) {
		printf("%s%s", i == 0 ? "" : ",", listing->heads[i]);
	}
	(void)fputs(listing->table == NULL ? "\r\n" : "", stdout);
	status = replica_list(
		listing->call->replica, &query, staff ? on_access : on_disclosure, listing);
	if (listing->table != NULL) {
		print_table_end(listing->table,
			staff ? "No reading is known here that you may see."
			      : "No records of this student went to anybody, as far as this device "
				"knows.");
	}
	return status == PRAC_OK ? CMD_DONE : cmd_fail_replica(listing->call, status);
}

static int run(struct cmd_call *call)
{
	struct listing listing = { .call = call, .heads = staff ? staff_heads : outside_heads };
	const char *form = format != NULL ? format : call->json ? "json" : "table";
	const struct prac_record *student;

	if (strcmp(form, "table") != 0 && strcmp(form, "csv") != 0 && strcmp(form, "json") != 0) {
		return cmd_fail(call, CMD_USAGE, "--format is table, csv or json");
	}
	student = find_record(call, &prac_type_student, call->words[0]);
	if (student == NULL) {
		return CMD_REFUSED;
	}
	listing.law = reading_law(call);
	if (strcmp(form, "csv") != 0) {
		listing.table = print_table_new(listing.heads, CELLS, strcmp(form, "json") == 0);
	}
	return list(&listing, student);
}

const struct cmd cmd_disclosures = {
	.name = "disclosures",
	.synopsis = "STUDENT [--staff] [--format table|csv|json]",
	.help = "Lists to whom records of a student went: the party, its legitimate interest, the date, "
		"what went and by what right. It is what a parent, or the student of age, may ask for "
		"(34 CFR 99.32(c)). What the law does not make the district write down is listed too, "
		"marked as exempt. Staff of the district are no party; --staff lists who of them "
		"showed, fetched or exported a record, to those who may see it. What was told by word "
		"or letter is entered with practicum add disclosure.",
	.example = "practicum disclosures \"Ann Lee\" --format csv > disclosures.csv\n"
		   "  practicum add disclosure student_id=\"Ann Lee\" kind=told what=\"address\" "
		   "party=\"County sheriff\" purpose=\"missing since noon\" basis=emergency",
	.needs = CMD_NEEDS_PERSON,
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.run = run,
};
