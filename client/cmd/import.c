/* practicum import: a roster, a file of one type, and what becomes of batches. */
#include <string.h>

#include "client/cmd/cmd.h"
#include "client/cmd/import_batch.h"
#include "client/cmd/import_csv.h"
#include "client/cmd/import_roster.h"
#include "client/cmd/import_shipped.h"
#include "client/cmd/import_supplement.h"

static gboolean preview, strict, staged, raw, good_rows, adopt;
static char *zone;

static const GOptionEntry options[] = {
	{ "preview", 0, 0, G_OPTION_ARG_NONE, &preview, "say what would change, store nothing",
		NULL },
	{ "staged", 0, 0, G_OPTION_ARG_NONE, &staged,
		"at the district office: as a batch at the server, which can be taken back as one",
		NULL },
	{ "good-rows", 0, 0, G_OPTION_ARG_NONE, &good_rows,
		"of a CSV file: leave out the rows that cannot be stored", NULL },
	{ "raw", 0, 0, G_OPTION_ARG_NONE, &raw,
		"of a CSV file: cells as they are, as in a file whose name ends in .raw.csv",
		NULL },
	{ "adopt", 0, 0, G_OPTION_ARG_NONE, &adopt,
		"of what the program brings with it: put it into use as well", NULL },
	{ "strict", 0, 0, G_OPTION_ARG_NONE, &strict,
		"of a roster: refuse what the standard does not allow, also where it can be read",
		NULL },
	{ "zone", 0, 0, G_OPTION_ARG_STRING, &zone,
		"of a roster: time zone of its schools (America/New_York)", "ZONE" },
	{ 0 },
};

/* Of what the first word names no file was given. */
static int want_file(struct cmd_call *call)
{
	static const char *const words[] = { "oneroster", "supplement", "calendar", NULL };

	return g_strv_contains(words, call->words[0]) || cmd_type(call, call->words[0]) != NULL
		       ? cmd_fail(call, CMD_USAGE, "name the file to import")
		       : CMD_REFUSED;
}

static int run(struct cmd_call *call)
{
	const struct import_roster_options roster = { preview, strict, staged,
		zone != NULL ? zone : "America/New_York" };
	const struct import_csv_options csv = {
		.is_preview = preview, .is_staged = staged, .is_raw = raw, .is_good_rows = good_rows
	};
	const struct prac_type *type;
	int code;

	if (import_batch(call, &code)) {
		return code;
	}
	if (strcmp(call->words[0], "shipped") == 0) {
		return import_shipped(call, adopt, &csv);
	}
	if (call->n_words < 2) {
		return want_file(call);
	}
	if (strcmp(call->words[0], "oneroster") == 0) {
		return import_roster(call, &roster);
	}
	if (strcmp(call->words[0], "supplement") == 0) {
		return import_supplement(call, call->words[1], &csv);
	}
	if (strcmp(call->words[0], "calendar") == 0) {
		return import_calendar(call, call->words[1], &csv);
	}
	type = cmd_type(call, call->words[0]);

	return type == NULL ? CMD_REFUSED : import_csv(call, type, call->words[1], &csv);
}

const struct cmd cmd_import = {
	.name = "import",
	.synopsis =
		"TYPE|supplement|calendar FILE.csv | oneroster DIR|ZIP [--preview] | shipped [NAME] | "
		"list | status|send|reverse|discard ID",
	.help = "Imports a CSV file whose header names fields of TYPE. References are given by number or "
		"name. Rows are matched by id or by the type's key, so that a file may be imported "
		"again; empty cells change nothing, (empty) takes a value away. A column `do` names "
		"actions to carry out then, `do.FIELD` their arguments. Every fault is named with line and column; with "
		"one fault nothing is stored, unless --good-rows leaves such rows out. --preview "
		"lists what would be new and what would change from what to what.\n\n"
		"A OneRoster 1.1 or 1.2 bulk package, a folder or a zip, is imported at the district "
		"office: schools, staff, students, enrollments and guardians, matched by their "
		"numbers. Files of the package that are not read (grades, teaching material) are "
		"named. What it does not say stays; a student who left a school ends there, and staff whom it "
		"names no more lose access, unless their record says kept. Who is in it again goes on: "
		"the enrollment is reopened, the staff member active again.\n\n"
		"What OneRoster has no place for comes in two files beside it: `supplement` (CTE "
		"flags and special populations by student number) and `calendar` (leaid,date,"
		"isSchoolDay,schoolStart,schoolEnd). `shipped` brings the document types, activity "
		"types, competency frameworks and rubrics that the program has with it as drafts, "
		"or in use with --adopt; what is there already stays as it is.\n\n"
		"More than 5,000 changes go to the server as one batch: it checks all of them first, "
		"applies them beside other people's work and lists what it could not apply. "
		"`practicum import list` shows the batches, `status ID` how far one is, `reverse ID` "
		"takes back what nobody has changed since. What is smaller goes through the outbox; "
		"`reverse ID` takes it back as a whole, also without the network, and names the "
		"records that somebody has changed or used since, if there are any. Without a network the plan is kept: "
		"`send ID` goes on where it stopped, `discard ID` forgets it.",
	.example = "practicum import placement placements.csv --preview\n"
		   "  practicum import oneroster roster.zip --preview\n"
		   "  practicum import reverse 0193f2",
	.needs = CMD_NEEDS_PERSON,
	.min_words = 1,
	.max_words = 2,
	.options = options,
	.run = run,
};
