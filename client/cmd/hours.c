/* practicum hours check: judges working time by the child labor rules, without replica or server. */
#include <stdio.h>
#include <string.h>

#include "client/cmd/cmd.h"
#include "client/cmd/hours_input.h"
#include "client/cmd/print.h"
#include "common/base/date.h"

static gchar *rules_name, *birth_text, *zone_name, *enrolled_text, *calendar_path, *entries_path;

static const GOptionEntry options[] = {
	{ "rules", 0, 0, G_OPTION_ARG_STRING, &rules_name,
		"whose rules: us-tn is federal and Tennessee law, us federal law alone", "NAME" },
	{ "birth-date", 0, 0, G_OPTION_ARG_STRING, &birth_text, "of the student, YYYY-MM-DD",
		"DATE" },
	{ "zone", 0, 0, G_OPTION_ARG_STRING, &zone_name,
		"time zone of the work site; default America/New_York", "ZONE" },
	{ "enrolled", 0, 0, G_OPTION_ARG_STRING, &enrolled_text,
		"1: enrolled in a school, the default; 0: not", "0|1" },
	{ "calendar", 0, 0, G_OPTION_ARG_FILENAME, &calendar_path,
		"days of the public school district where the student lives", "FILE" },
	{ "entries", 0, 0, G_OPTION_ARG_FILENAME, &entries_path, "the working time", "FILE" },
	{ 0 },
};

/* What one check has at hand. */
struct check {
	struct cmd_call *call;
	const struct prac_labor_law *law;
	struct prac_labor_minor minor;
	struct prac_labor_calendar calendar;
	struct prac_zone *zone;
	struct hours_lines lines;
	struct prac_labor_verdict *verdicts;
};

/* Says all flaws of a file; the exit code, or CMD_DONE when there is none. */
static int say_flaws(const struct check *check, const char *path, const struct hours_flaws *flaws)
{
	size_t n_said = flaws->n < HOURS_FLAWS_MAX ? flaws->n : HOURS_FLAWS_MAX;

	for (size_t i = 0; i < n_said; i++) {
		cmd_fail(check->call, CMD_REFUSED, "%s %s", path, flaws->words[i]);
	}
	if (flaws->n > n_said) {
		cmd_fail(check->call, CMD_REFUSED, "%s: and %zu more like these", path,
			flaws->n - n_said);
	}
	return flaws->n == 0 ? CMD_DONE : CMD_REFUSED;
}

static int read_table(const struct check *check, const char *path, struct csv_table *table_out)
{
	const char *error;

	if (csv_read(path, HOURS_ROWS_MAX, &check->call->arena, table_out, &error) != PRAC_OK) {
		return cmd_fail(check->call, CMD_REFUSED, "%s: %s", path, error);
	}
	if (table_out->n_rows > 0 && csv_separator(&table_out->rows[0]) != NULL) {
		return cmd_fail(check->call, CMD_REFUSED,
			"%s: the columns are separated by %s; save the file with commas between "
			"them",
			path, csv_separator(&table_out->rows[0]));
	}
	return CMD_DONE;
}

static void say_unknown(const struct check *check, const char *path, const char *columns)
{
	if (columns != NULL) {
		cmd_fail(check->call, CMD_DONE, "%s: columns not read: %s", path, columns);
	}
}

static int read_calendar(struct check *check)
{
	struct hours_flaws flaws = { .arena = &check->call->arena };
	const char *unknown = NULL;
	struct csv_table table;
	int code = read_table(check, calendar_path, &table);

	if (code == CMD_DONE) {
		hours_read_calendar(&table, &flaws, &check->calendar, &unknown);
		say_unknown(check, calendar_path, unknown);
		code = say_flaws(check, calendar_path, &flaws);
	}
	return code;
}

static int read_entries(struct check *check)
{
	struct hours_flaws flaws = { .arena = &check->call->arena };
	const char *unknown = NULL;
	struct csv_table table;
	int code = read_table(check, entries_path, &table);

	if (code == CMD_DONE) {
		hours_read_entries(&table, &flaws, &check->lines, &unknown);
		say_unknown(check, entries_path, unknown);
		code = say_flaws(check, entries_path, &flaws);
	}
	for (size_t i = 0; i < check->lines.n; i++) {
		check->lines.entries[i].zone = check->zone;
	}
	return code;
}

/* What only the judgement of the row shows, and days the calendar lacks. */
static void find_fault(const struct check *check, size_t index, struct hours_flaws *flaws)
{
	static const struct {
		const char *column, *words;
	} faults[] = {
		[PRAC_LABOR_FAULT_EMPTY] = { "end", "nothing lies between start and end; mend the "
						    "times or take the row out" },
		[PRAC_LABOR_FAULT_BREAK] = { "break_start",
			"the break does not lie inside the shift; mend break_start or "
			"break_minutes" },
		[PRAC_LABOR_FAULT_BIRTH] = { "date", "is before the birth date; mend one of them" },
	};
	enum prac_labor_fault fault = check->verdicts[index].fault;
	int32_t date = check->lines.entries[index].date, missing = 0;
	size_t line = check->lines.lines[index];
	char text[PRAC_DATE_TEXT];

	if (fault != PRAC_LABOR_FAULT_NONE) {
		hours_flaw(flaws, line, faults[fault].column, "%s", faults[fault].words);
	} else if (!prac_labor_is_in_force(check->law, date)) {
		hours_flaw(
			flaws, line, "date", "no rule of %s is in force on that day", rules_name);
	} else if (prac_labor_lacks_day(&check->calendar, date, &missing)) {
		prac_date_format(missing, text);
		hours_flaw(flaws, line, "date",
			"the calendar must have the whole week, Sunday to Saturday, and the day "
			"after it; add %s to %s",
			text, calendar_path);
	}
}

static int judge(struct check *check)
{
	struct prac_arena *arena = &check->call->arena;
	struct hours_flaws flaws = { .arena = arena };

	check->minor.calendar = &check->calendar;
	check->verdicts = prac_arena_alloc(arena, (check->lines.n + 1) * sizeof(*check->verdicts));
	prac_labor_judge(check->law, &check->minor,
		&(struct prac_labor_entries){ check->lines.entries, check->lines.n }, arena,
		check->verdicts);
	for (size_t i = 0; i < check->lines.n; i++) {
		find_fault(check, i, &flaws);
	}
	return say_flaws(check, entries_path, &flaws);
}

static bool has(uint64_t ids, unsigned bit)
{
	return (ids >> bit & 1) != 0;
}

static const char *lifted_words(const struct check *check, size_t index, unsigned bit)
{
	const struct prac_law_row *row =
		prac_labor_exemption(check->law, bit, &check->minor, &check->lines.entries[index]);

	return prac_arena_printf(&check->call->arena, "%s does not bind: %s (%s)",
		prac_labor_id(check->law, bit), row == NULL ? "" : row->words,
		row == NULL ? "" : row->source);
}

static const char *skipped_words = "a time that the clock change skips is read one hour later";
static const char *nothing_words = "the break takes up the whole shift; nothing was worked";

static json_t *entry_json(const struct check *check, size_t index)
{
	const struct prac_labor_verdict *verdict = &check->verdicts[index];
	json_t *violations = json_array(), *notes = json_array();

	for (unsigned bit = 0; bit < prac_labor_n_ids(check->law); bit++) {
		if (has(verdict->violations, bit)) {
			json_array_append_new(
				violations, json_string(prac_labor_id(check->law, bit)));
		}
		if (has(verdict->lifted, bit)) {
			json_array_append_new(notes, json_string(lifted_words(check, index, bit)));
		}
	}
	if (verdict->is_skipped_hour) {
		json_array_append_new(notes, json_string(skipped_words));
	}
	if (verdict->minutes == 0) {
		json_array_append_new(notes, json_string(nothing_words));
	}
	return json_pack("{si si so so}", "entry", (int)index + 1, "minutes", (int)verdict->minutes,
		"violations", violations, "notes", notes);
}

/* The cells of an entry; the first row has all, the ones below only what is said of it. */
struct line {
	struct print_table *table;
	const char *entry, *date, *times, *worked;
};

static void print_line(
	struct line *line, const char *verdict, const char *words, const char *source)
{
	print_table_row(line->table, (const char *[]){ line->entry, line->date, line->times,
					     line->worked, verdict, words, source });
	line->entry = line->date = line->times = line->worked = "";
}

static void print_entry(const struct check *check, size_t index, struct print_table *table)
{
	const struct prac_labor_entry *entry = &check->lines.entries[index];
	const struct prac_labor_verdict *verdict = &check->verdicts[index];
	struct prac_arena *arena = &check->call->arena;
	char date[PRAC_DATE_TEXT], from[PRAC_TIME_TEXT], until[PRAC_TIME_TEXT];
	struct line line = { .table = table, .date = date };

	prac_date_format(entry->date, date);
	prac_time_format(entry->starts_at, from);
	prac_time_format(entry->ends_at, until);
	line.entry = prac_arena_printf(arena, "%zu", index + 1);
	line.times = prac_arena_printf(arena, "%s-%s", from, until);
	line.worked = prac_arena_printf(
		arena, "%d:%02d", (int)verdict->minutes / 60, (int)verdict->minutes % 60);
	if (verdict->violations == 0) {
		print_line(&line, "lawful", "", "");
	}
	for (unsigned bit = 0; bit < prac_labor_n_ids(check->law); bit++) {
		const struct prac_law_row *row = prac_labor_row(check->law, bit, entry->date);

		if (has(verdict->violations, bit)) {
			print_line(&line, prac_labor_id(check->law, bit),
				row == NULL ? "" : row->words, row == NULL ? "" : row->source);
		}
		if (has(verdict->lifted, bit)) {
			print_line(&line, "note", lifted_words(check, index, bit), "");
		}
	}
	if (verdict->is_skipped_hour) {
		print_line(&line, "note", skipped_words, "");
	}
	if (verdict->minutes == 0) {
		print_line(&line, "note", nothing_words, "");
	}
}

static void print(const struct check *check)
{
	static const char *const heads[] = { "entry", "date", "time", "worked", "verdict", "rule",
		"source" };
	struct print_table *table = print_table_new(heads, PRAC_NELEM(heads), check->call->json);

	for (size_t i = 0; i < check->lines.n; i++) {
		if (check->call->json) {
			print_table_object(table, entry_json(check, i));
		} else {
			print_entry(check, i, table);
		}
	}
	print_table_end(table, "no entries");
}

static int read_options(struct check *check)
{
	struct cmd_call *call = check->call;

	if (strcmp(call->words[0], "check") != 0) {
		return cmd_fail(call, CMD_USAGE, "no word %s; it is: practicum hours check",
			call->words[0]);
	}
	if (rules_name == NULL || birth_text == NULL || calendar_path == NULL ||
		entries_path == NULL) {
		return cmd_fail(call, CMD_USAGE,
			"--rules, --birth-date, --calendar and --entries are needed; "
			"practicum hours --help gives an example");
	}
	check->law = prac_labor_law_shipped(rules_name, &call->arena);
	if (check->law == NULL) {
		return cmd_fail(call, CMD_USAGE, "no rules %s; there are us-tn and us", rules_name);
	}
	if (prac_date_parse(birth_text, &check->minor.birth_date) != PRAC_OK) {
		return cmd_fail(call, CMD_USAGE,
			"--birth-date %s is no day; write YYYY-MM-DD, as in 2010-05-20",
			birth_text);
	}
	check->minor.is_enrolled = enrolled_text == NULL || strcmp(enrolled_text, "1") == 0;
	if (!check->minor.is_enrolled && strcmp(enrolled_text, "0") != 0) {
		return cmd_fail(call, CMD_USAGE, "--enrolled %s: write 1 or 0", enrolled_text);
	}
	check->zone = prac_zone_open(zone_name == NULL ? "America/New_York" : zone_name);
	if (check->zone == NULL) {
		return cmd_fail(call, CMD_USAGE,
			"no time zone %s on this machine (package tzdata); write a name as in "
			"America/Chicago",
			zone_name == NULL ? "America/New_York" : zone_name);
	}
	return CMD_DONE;
}

static int run(struct cmd_call *call)
{
	struct check check = { .call = call };
	int code = read_options(&check);

	if (code == CMD_DONE) {
		code = read_calendar(&check);
	}
	if (code == CMD_DONE) {
		code = read_entries(&check);
	}
	if (code == CMD_DONE) {
		code = judge(&check);
	}
	if (code == CMD_DONE) {
		print(&check);
	}
	prac_zone_close(check.zone);
	return code;
}

const struct cmd cmd_hours = {
	.name = "hours",
	.synopsis = "check --rules NAME --birth-date DATE --calendar FILE --entries FILE [--json]",
	.help = "Judges working time by the child labor rules. Needs neither a replica nor a server.\n"
		"\n"
		"The calendar is CSV with the first line date,kind,class_start,class_end; kind is "
		"school, holiday, break or summer, and a school day has class times. It must have "
		"every day of each entry's week, Sunday to Saturday, and the day after that week: "
		"a day that is not there is no guess. A release period is given by class times "
		"that leave it out.\n"
		"\n"
		"The entries are CSV with the first line "
		"date,start,end,break_start,break_minutes,parental_consent,"
		"student_learner_agreement,ho. "
		"Columns may stand in any order. Times are HH:MM at the work site; an end before the "
		"start is on the next day, a break_start before the start too. Flags are 1 or 0, "
		"empty is 0; ho is the number of a hazardous order or empty.\n"
		"\n"
		"The answer has one object or block for each entry in the order of the file. Worked "
		"minutes are real elapsed time less the break. Of a daily or weekly sum that entry "
		"is marked that, in time order, takes it over the limit. A rule that an exemption "
		"lifts is a note. Exit 0 once judged, 1 for a bad row.",
	.example = "practicum hours check --rules us-tn --birth-date 2010-05-20 \\\n"
		   "    --calendar days.csv --entries shifts.csv --json",
	.needs = CMD_NEEDS_NOTHING,
	.min_words = 1,
	.max_words = 1,
	.options = options,
	.run = run,
};
