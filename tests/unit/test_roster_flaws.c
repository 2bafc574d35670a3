/* Each folder of tests/data/roster/flaws: what the reader answers, in both modes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/roster_fixture.h"

enum {
	FLAWS_MAX = 4
};

struct expected {
	enum roster_flaw_kind kind;
	bool is_tolerated;
	const char *file;
	uint32_t line;
	const char *column;
	const char *reason;
};

struct flawed {
	const char *sentence;
	const char *folder;
	const char *base; /* what the folder lies over */
	uint32_t n_flaws;
	struct expected flaws[FLAWS_MAX]; /* in the order of discovery */
};

static struct flawed cases[] = {
	{ "TRUE is no true", "boolean_in_capitals", "v11", 2,
		{
			{ ROSTER_FLAW_LETTER_CASE, true, "users.csv", 2, "enabledUser",
				"\"TRUE\" must be written true" },
			{ ROSTER_FLAW_LETTER_CASE, true, "demographics.csv", 2,
				"americanIndianOrAlaskaNative", "\"FALSE\" must be written false" },
		} },
	{ "Scheduled is no scheduled", "class_type_in_capitals", "v11", 1,
		{
			{ ROSTER_FLAW_LETTER_CASE, true, "classes.csv", 2, "classType",
				"\"Scheduled\" must be written scheduled" },
		} },
	{ "dateLastModified is a plain date", "modified_plain_date", "v11", 1,
		{
			{ ROSTER_FLAW_DATE_TIME, true, "orgs.csv", 3, "dateLastModified",
				"\"2026-08-01\": must be empty in a bulk file, and elsewhere YYYY-MM-DDTHH:MM:SS.sssZ" },
		} },
	{ "dateLastModified is an American date", "modified_american_date", "v11", 1,
		{
			{ ROSTER_FLAW_DATE_TIME, true, "orgs.csv", 3, "dateLastModified",
				"\"1/05/2023\": must be empty in a bulk file, and elsewhere YYYY-MM-DDTHH:MM:SS.sssZ" },
		} },
	{ "dateLastModified has a space and no zone", "modified_without_zone", "v11", 1,
		{
			{ ROSTER_FLAW_DATE_TIME, true, "orgs.csv", 3, "dateLastModified",
				"\"2026-08-01 12:00:00\": must be empty in a bulk file, and elsewhere YYYY-MM-DDTHH:MM:SS.sssZ" },
		} },
	{ "status and dateLastModified are filled in bulk", "status_in_bulk", "v11", 2,
		{
			{ ROSTER_FLAW_STATUS_IN_BULK, true, "orgs.csv", 3, "status",
				"must be empty in a bulk file" },
			{ ROSTER_FLAW_STATUS_IN_BULK, true, "orgs.csv", 3, "dateLastModified",
				"must be empty in a bulk file" },
		} },
	{ "a row of status inactive is left out", "status_inactive", "v11", 1,
		{
			{ ROSTER_FLAW_ROW_GONE, true, "users.csv", 7, "status",
				"\"inactive\" has no place in a bulk file: the row is left out" },
		} },
	{ "a row of status tobedeleted is left out", "status_tobedeleted", "v11", 1,
		{
			{ ROSTER_FLAW_ROW_GONE, true, "users.csv", 6, "status",
				"\"tobedeleted\" has no place in a bulk file: the row is left out" },
		} },
	{ "column names are misspelt", "header_misspelt", "v12", 2,
		{
			{ ROSTER_FLAW_HEADER_SPELLING, true, "users.csv", 1, "dateLastModified",
				"is written \"dataLastModified\"" },
			{ ROSTER_FLAW_HEADER_SPELLING, true, "users.csv", 1, "preferredGivenName",
				"is written \"prefferedGivenName\"" },
		} },
	{ "columns have other names than the standard gives", "header_other_names", "v12", 4,
		{
			{ ROSTER_FLAW_HEADER_SPELLING, true, "users.csv", 1, "userIds",
				"is written \"userId\"" },
			{ ROSTER_FLAW_HEADER_SPELLING, true, "users.csv", 1, "agentSourcedIds",
				"is written \"agents\"" },
			{ ROSTER_FLAW_HEADER_SPELLING, true, "users.csv", 1, "grades",
				"is written \"grade\"" },
			{ ROSTER_FLAW_HEADER_SPELLING, true, "demographics.csv", 1, "birthDate",
				"is written \"birthdate\"" },
		} },
	{ "columns stand in another order", "header_other_order", "v11", 1,
		{
			{ ROSTER_FLAW_HEADER_ORDER, true, "orgs.csv", 1, "",
				"the columns do not stand in the order of the standard" },
		} },
	{ "the header ends with empty names", "header_empty_names", "v12", 1,
		{
			{ ROSTER_FLAW_HEADER_EMPTY, true, "roles.csv", 1, "",
				"columns without a name at the end" },
		} },
	{ "a vendor adds a column", "vendor_column", "v11", 1,
		{
			{ ROSTER_FLAW_COLUMN_UNKNOWN, true, "orgs.csv", 1, "ext_region",
				"is no column of this file; further ones are called metadata.<name> and stand last" },
		} },
	{ "demographics are keyed by userSourcedId", "demographics_by_user", "v12", 1,
		{
			{ ROSTER_FLAW_KEYED_BY_USER, true, "demographics.csv", 1, "userSourcedId",
				"the standard has no such column: sourcedId is the user's" },
		} },
	{ "demographics have their own ids beside userSourcedId", "demographics_with_both_ids",
		"v12", 1,
		{
			{ ROSTER_FLAW_KEYED_BY_USER, true, "demographics.csv", 1, "userSourcedId",
				"the standard has no such column: sourcedId is the user's" },
		} },
	{ "a file is called userprofiles.csv", "file_name_in_small_letters", "v12", 1,
		{
			{ ROSTER_FLAW_FILE_NAME, true, "userProfiles.csv", 0, "",
				"is called userprofiles.csv: upper and lower case letters matter" },
		} },
	{ "the manifest gives no mode", "manifest_mode_empty", "v12", 2,
		{
			{ ROSTER_FLAW_MODE_EMPTY, true, "manifest.csv", 18, "file.results",
				"want absent or bulk" },
			{ ROSTER_FLAW_MODE_EMPTY, true, "manifest.csv", 24, "file.users",
				"want absent or bulk" },
		} },
	{ "the manifest has unknown and repeated properties", "manifest_unknown_property", "v11", 3,
		{
			{ ROSTER_FLAW_MANIFEST_PROPERTY, true, "manifest.csv", 20, "vendor.color",
				"is no property known here" },
			{ ROSTER_FLAW_MANIFEST_PROPERTY, true, "manifest.csv", 21,
				"manifest.version", "stands there twice; the first one counts" },
			{ ROSTER_FLAW_MANIFEST_PROPERTY, true, "manifest.csv", 19, "file.roles",
				"is a property of version 1.2" },
		} },
	{ "parentSourcedId resolves nowhere", "parent_dangling", "v11", 1,
		{
			{ ROSTER_FLAW_REFERENCE_DANGLING, true, "orgs.csv", 3, "parentSourcedId",
				"\"state\": no row has this sourcedId; it counts as without parent" },
		} },
	{ "courseSourcedId resolves nowhere", "course_dangling", "v11", 1,
		{
			{ ROSTER_FLAW_REFERENCE_DANGLING, true, "classes.csv", 2, "courseSourcedId",
				"\"gone\": courses.csv has no row with this sourcedId" },
		} },
	{ "a department is used as school", "department_as_school", "v11", 3,
		{
			{ ROSTER_FLAW_SCHOOL_TYPE, true, "classes.csv", 4, "schoolSourcedId",
				"\"center\" is an org of type department: want one of type school" },
			{ ROSTER_FLAW_SCHOOL_TYPE, true, "enrollments.csv", 3, "schoolSourcedId",
				"\"center\" is an org of type department: want one of type school" },
			{ ROSTER_FLAW_SCHOOL_TYPE, true, "enrollments.csv", 6, "schoolSourcedId",
				"\"center\" is an org of type department: want one of type school" },
		} },
	{ "lists have a space behind the comma", "list_with_spaces", "v11", 2,
		{
			{ ROSTER_FLAW_LIST_SPACE, true, "classes.csv", 2, "termSourcedIds",
				"a list has commas without spaces" },
			{ ROSTER_FLAW_LIST_SPACE, true, "users.csv", 3, "orgSourcedIds",
				"a list has commas without spaces" },
		} },
	{ "a grade has one digit", "grade_of_one_digit", "v12", 1,
		{
			{ ROSTER_FLAW_GRADE, true, "courses.csv", 2, "grades",
				"\"9\" must be written 09" },
		} },
	{ "a line is empty", "blank_line", "v11", 1,
		{
			{ ROSTER_FLAW_BLANK_LINE, true, "orgs.csv", 3, "", "an empty line" },
		} },
	{ "a user without role is left out", "user_without_role", "v12", 1,
		{
			{ ROSTER_FLAW_ROLE_MISSING, true, "users.csv", 6, "sourcedId",
				"has no row in roles.csv: the user is left out" },
		} },
	{ "the primary org has no role", "primary_org_without_role", "v12", 1,
		{
			{ ROSTER_FLAW_ROLE_MISSING, true, "users.csv", 5, "primaryOrgSourcedId",
				"roles.csv gives the user no role at this org" },
		} },
	{ "a name may hold a comma", "comma_in_name", "v11", 0,
		{ { 0, false, NULL, 0, NULL, NULL } } },
	{ "an extension role is lawful in 1.2", "role_extension", "v12", 0,
		{ { 0, false, NULL, 0, NULL, NULL } } },
	{ "delta files are refused", "delta", "v11", 1,
		{
			{ ROSTER_FLAW_DELTA, false, "manifest.csv", 11, "file.enrollments",
				"delta files are not supported yet: export the package as bulk" },
		} },
	{ "another version is refused", "version_unknown", "v11", 1,
		{
			{ ROSTER_FLAW_VERSION, false, "manifest.csv", 3, "oneroster.version",
				"want 1.1 or 1.2: no other version can be read" },
		} },
	{ "a mode nobody knows is refused", "manifest_mode_unknown", "v11", 1,
		{
			{ ROSTER_FLAW_MANIFEST, false, "manifest.csv", 16, "file.users",
				"want absent or bulk" },
		} },
	{ "a file that is announced must be there", "file_announced_and_missing", "v12", 1,
		{
			{ ROSTER_FLAW_FILE_MISSING, false, "userProfiles.csv", 0, "",
				"is not in the package although manifest.csv calls it bulk" },
		} },
	{ "a file that is called absent must not be there", "file_there_and_absent", "v11", 1,
		{
			{ ROSTER_FLAW_MANIFEST, false, "demographics.csv", 0, "",
				"is in the package although manifest.csv does not call it bulk" },
		} },
	{ "a Latin-1 byte is named with its column", "latin_1", "v11", 1,
		{
			{ ROSTER_FLAW_ENCODING, false, "users.csv", 4, "givenName",
				"is not UTF-8: save or export the file as UTF-8" },
		} },
	{ "UTF-16 is told from UTF-8", "utf_16", "v11", 1,
		{
			{ ROSTER_FLAW_ENCODING, false, "orgs.csv", 1, "",
				"the file is UTF-16: save or export it as UTF-8" },
		} },
	{ "control characters are refused", "control_character", "v11", 1,
		{
			{ ROSTER_FLAW_ENCODING, false, "orgs.csv", 3, "name",
				"holds a control character" },
		} },
	{ "a field may not hold a line break", "line_break_in_field", "v11", 2,
		{
			{ ROSTER_FLAW_LINE_BREAK, false, "orgs.csv", 3, "",
				"a quoted field does not end in its line; no field may hold a line break" },
			{ ROSTER_FLAW_QUOTES, false, "orgs.csv", 4, "",
				"a quotation mark inside a field must be doubled and the field quoted" },
		} },
	{ "a line may not end with a carriage return only", "carriage_return_only", "v11", 1,
		{
			{ ROSTER_FLAW_LINE_BREAK, false, "orgs.csv", 3, "",
				"a carriage return without line feed; lines end with CR LF or LF" },
		} },
	{ "a quotation mark must be doubled", "quote_in_field", "v11", 1,
		{
			{ ROSTER_FLAW_QUOTES, false, "orgs.csv", 3, "",
				"a quotation mark inside a field must be doubled and the field quoted" },
		} },
	{ "a row may not be shorter than the header", "cell_too_few", "v11", 1,
		{
			{ ROSTER_FLAW_CELLS, false, "orgs.csv", 3, "",
				"6 cells where the header has 7" },
		} },
	{ "a row may not be longer than the header", "cell_too_many", "v11", 1,
		{
			{ ROSTER_FLAW_CELLS, false, "orgs.csv", 3, "",
				"8 cells where the header has 7" },
		} },
	{ "a required column must be there", "column_missing", "v11", 2,
		{
			{ ROSTER_FLAW_COLUMN_UNKNOWN, true, "orgs.csv", 1, "nombre",
				"is no column of this file; further ones are called metadata.<name> and stand last" },
			{ ROSTER_FLAW_COLUMN_MISSING, false, "orgs.csv", 1, "name",
				"is missing in the header" },
		} },
	{ "a column may stand there once", "column_twice", "v11", 2,
		{
			{ ROSTER_FLAW_COLUMN_TWICE, false, "orgs.csv", 1, "name",
				"stands in the header twice" },
			{ ROSTER_FLAW_COLUMN_LEFT_OUT, true, "orgs.csv", 1, "identifier",
				"is missing in the header" },
		} },
	{ "a required value must be there", "required_empty", "v12", 1,
		{
			{ ROSTER_FLAW_REQUIRED, false, "users.csv", 2, "familyName",
				"must not be empty" },
		} },
	{ "a sourcedId has no spaces", "guid_with_space", "v11", 1,
		{
			{ ROSTER_FLAW_GUID, false, "enrollments.csv", 2, "sourcedId",
				"\"e 1\": want 1 to 255 of letters, digits and . / @ _ -" },
		} },
	{ "a sourcedId is unique in its file", "guid_twice", "v11", 1,
		{
			{ ROSTER_FLAW_DUPLICATE, false, "enrollments.csv", 3, "sourcedId",
				"\"e-1\" stands on an earlier line too" },
		} },
	{ "30 February is refused", "date_that_does_not_exist", "v11", 1,
		{
			{ ROSTER_FLAW_DATE, false, "demographics.csv", 3, "birthDate",
				"\"2010-02-30\": want a day that exists, as YYYY-MM-DD" },
		} },
	{ "an American date is refused", "date_american", "v12", 1,
		{
			{ ROSTER_FLAW_DATE, false, "demographics.csv", 2, "birthDate",
				"\"02/28/2010\": want a day that exists, as YYYY-MM-DD" },
		} },
	{ "nothing ends before it begins", "date_order", "v11", 1,
		{
			{ ROSTER_FLAW_DATE_ORDER, false, "enrollments.csv", 2, "endDate",
				"ends before it begins" },
		} },
	{ "a school year is one number", "year_as_range", "v11", 1,
		{
			{ ROSTER_FLAW_NUMBER, false, "academicSessions.csv", 2, "schoolYear",
				"\"2026-27\": want the year in which the school year ends, as YYYY" },
		} },
	{ "an unknown role is refused", "role_unknown", "v11", 1,
		{
			{ ROSTER_FLAW_WORD, false, "users.csv", 2, "role",
				"\"coach\" is not one of the words allowed here" },
		} },
	{ "a role of 1.2 is unknown in 1.1", "role_of_1_2_in_1_1", "v11", 1,
		{
			{ ROSTER_FLAW_WORD, false, "users.csv", 2, "role",
				"\"counselor\" is not one of the words allowed here" },
		} },
	{ "roleType takes no extension", "role_type_extension", "v12", 1,
		{
			{ ROSTER_FLAW_WORD, false, "roles.csv", 2, "roleType",
				"\"ext:first\" is not one of the words allowed here" },
		} },
	{ "userIds are in braces", "user_ids_without_braces", "v12", 1,
		{
			{ ROSTER_FLAW_USER_IDS, false, "users.csv", 4, "userIds",
				"\"State:100001\": want {type:id}, several with commas between" },
		} },
	{ "an enrollment of nobody is refused", "user_dangling", "v11", 1,
		{
			{ ROSTER_FLAW_REFERENCE, false, "enrollments.csv", 7, "userSourcedId",
				"\"s-9\": users.csv has no row with this sourcedId" },
		} },
	{ "an agent who is nobody is refused", "agent_dangling", "v11", 1,
		{
			{ ROSTER_FLAW_REFERENCE, false, "users.csv", 4, "agentSourcedIds",
				"\"g-9\": users.csv has no row with this sourcedId" },
		} },
	{ "a district is no school", "district_as_school", "v11", 1,
		{
			{ ROSTER_FLAW_REFERENCE_TYPE, false, "enrollments.csv", 2,
				"schoolSourcedId", "\"lea\" is not an org of type school" },
		} },
	{ "a semester is no school year", "semester_as_year", "v11", 1,
		{
			{ ROSTER_FLAW_REFERENCE_TYPE, false, "courses.csv", 2,
				"schoolYearSourcedId",
				"\"fall\" is not a session of type schoolYear" },
		} },
	{ "demographics of nobody are refused", "demographics_of_nobody", "v11", 1,
		{
			{ ROSTER_FLAW_REFERENCE, false, "demographics.csv", 3, "sourcedId",
				"users.csv has no row with this sourcedId" },
		} },
	{ "a role has no profile of another user", "profile_of_another_user", "v12", 1,
		{
			{ ROSTER_FLAW_REFERENCE_TYPE, false, "roles.csv", 6, "userProfileSourcedId",
				"is the profile of another user" },
		} },
	{ "a student needs a school", "student_without_school", "v12", 1,
		{
			{ ROSTER_FLAW_NO_SCHOOL, false, "users.csv", 5, "sourcedId",
				"the student belongs to no org of type school" },
		} },
	{ "one person has one birth date", "two_birth_dates", "v11", 1,
		{
			{ ROSTER_FLAW_IDENTITY, false, "users.csv", 5, "identifier",
				"names the same person as line 4, with another birth date" },
		} },
	{ "one identifier has one master identifier", "identifier_of_two_people", "v12", 1,
		{
			{ ROSTER_FLAW_IDENTITY, false, "users.csv", 5, "identifier",
				"belongs to another userMasterIdentifier too, on line 4" },
		} },
};

static void assert_flaw(
	const struct roster_flaw *flaw, const struct expected *expected, enum roster_mode mode)
{
	bool passes = expected->is_tolerated && mode == ROSTER_TOLERANT;

	assert_string_equal(flaw->reason, expected->reason);
	assert_string_equal(roster_flaw_word(flaw->kind), roster_flaw_word(expected->kind));
	assert_string_equal(flaw->file, expected->file);
	assert_int_equal(flaw->line, expected->line);
	assert_string_equal(flaw->column, expected->column);
	assert_int_equal(flaw->severity, passes ? ROSTER_WARNING : ROSTER_ERROR);
}

static bool is_refused(const struct flawed *flawed, enum roster_mode mode)
{
	for (uint32_t i = 0; i < flawed->n_flaws; i++) {
		if (mode == ROSTER_STRICT || !flawed->flaws[i].is_tolerated) {
			return true;
		}
	}
	return false;
}

static void check(const struct flawed *flawed, enum roster_mode mode)
{
	struct roster *roster = roster_fixture_read(flawed->base, flawed->folder, mode);

	assert_int_equal(roster->flaws.n, flawed->n_flaws);
	for (uint32_t i = 0; i < flawed->n_flaws; i++) {
		assert_flaw(&roster->flaws.rows[i], &flawed->flaws[i], mode);
	}
	assert_int_equal(roster->n_persons == 0, is_refused(flawed, mode));
	roster_free(roster);
}

static void answers_the_flaw(void **state)
{
	const struct flawed *flawed = *state;

	check(flawed, ROSTER_TOLERANT);
	check(flawed, ROSTER_STRICT);
}

/* What real files do wrong, as RULES 1.7 lists it: each stands in a folder above. */
static struct seen {
	const char *sentence;
	const char *folders[3];
} seen[] = {
	{ "1.7 no. 1: TRUE and FALSE", { "boolean_in_capitals" } },
	{ "1.7 no. 2: Scheduled", { "class_type_in_capitals" } },
	{ "1.7 no. 3: dateLastModified as a plain date", { "modified_plain_date" } },
	{ "1.7 no. 4: dateLastModified as 1/05/2023", { "modified_american_date" } },
	{ "1.7 no. 5: dateLastModified with a space and no zone", { "modified_without_zone" } },
	{ "1.7 no. 6: status and dateLastModified filled in bulk", { "status_in_bulk" } },
	{ "1.7 no. 7: status inactive", { "status_inactive" } },
	{ "1.7 no. 8: header misspelt", { "header_misspelt" } },
	{ "1.7 no. 9: columns in another order", { "header_other_order" } },
	{ "1.7 no. 10: birthdate, grade, userId, agents", { "header_other_names" } },
	{ "1.7 no. 11: demographics keyed by userSourcedId",
		{ "demographics_by_user", "demographics_with_both_ids" } },
	{ "1.7 no. 12: header with empty trailing names", { "header_empty_names" } },
	{ "1.7 no. 13: file name userprofiles.csv", { "file_name_in_small_letters" } },
	{ "1.7 no. 14: empty manifest mode", { "manifest_mode_empty" } },
	{ "1.7 no. 15: parentSourcedId or courseSourcedId that resolves nowhere",
		{ "parent_dangling", "course_dangling" } },
	{ "1.7 no. 16: a department used as school", { "department_as_school" } },
	{ "1.7 no. 17: list cells with a space after the comma", { "list_with_spaces" } },
	{ "1.7 no. 18: quoted commas in names", { "comma_in_name" } },
	{ "1.7 no. 19: vendor columns", { "vendor_column" } },
};

static const struct flawed *case_of(const char *folder)
{
	for (size_t i = 0; i < PRAC_NELEM(cases); i++) {
		if (strcmp(cases[i].folder, folder) == 0) {
			return &cases[i];
		}
	}
	fail_msg("no case has the folder %s", folder);
	return NULL;
}

static void is_among_the_fixtures(void **state)
{
	const struct seen *flaw = *state;

	for (size_t i = 0; i < PRAC_NELEM(flaw->folders) && flaw->folders[i] != NULL; i++) {
		check(case_of(flaw->folders[i]), ROSTER_TOLERANT);
		check(case_of(flaw->folders[i]), ROSTER_STRICT);
	}
}

int main(void)
{
	enum {
		N_CASES = PRAC_NELEM(cases),
		N_SEEN = PRAC_NELEM(seen)
	};
	struct CMUnitTest tests[N_CASES + N_SEEN];

	for (size_t i = 0; i < N_CASES; i++) {
		tests[i] = (struct CMUnitTest){ .name = cases[i].sentence,
			.test_func = answers_the_flaw,
			.initial_state = &cases[i] };
	}
	for (size_t i = 0; i < N_SEEN; i++) {
		tests[N_CASES + i] = (struct CMUnitTest){ .name = seen[i].sentence,
			.test_func = is_among_the_fixtures,
			.initial_state = &seen[i] };
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
