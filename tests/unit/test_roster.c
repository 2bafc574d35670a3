#include "client/roster/roster.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/date.h"
#include "tests/support/roster_fixture.h"

static struct roster *read_whole(const char *base)
{
	struct roster *roster = roster_fixture_read(base, NULL, ROSTER_STRICT);

	assert_int_equal(roster->flaws.n, 0);
	return roster;
}

static const struct roster_person *person_find(
	const struct roster *roster, enum roster_person_kind kind, const char *key)
{
	for (uint32_t i = 0; i < roster->n_persons; i++) {
		const struct roster_person *person = &roster->persons[i];

		if (person->kind == kind && strcmp(person->key, key) == 0) {
			return person;
		}
	}
	fail_msg("nobody has the key %s", key);
	return NULL;
}

static const struct roster_membership *membership_find(
	const struct roster *roster, const struct roster_person *person, const char *org)
{
	for (uint32_t i = 0; i < roster->n_memberships; i++) {
		const struct roster_membership *at = &roster->memberships[i];

		if (at->person == (uint32_t)(person - roster->persons) &&
			strcmp(roster->orgs[at->org].sourced_id, org) == 0) {
			return at;
		}
	}
	return NULL;
}

static void assert_date(int32_t date, const char *expected)
{
	char text[PRAC_DATE_TEXT];

	prac_date_format(date, text);
	assert_string_equal(text, expected);
}

static void joins_two_rows_of_one_identifier_to_one_student(void **state)
{
	struct roster *roster = read_whole("v11");
	const struct roster_person *jose = person_find(roster, ROSTER_STUDENT, "100001");

	(void)state;
	assert_int_equal(roster->n_users, 6);
	assert_int_equal(roster->n_persons, 5);
	assert_int_equal(jose->key_kind, ROSTER_BY_IDENTIFIER);
	const struct roster_user *first = &roster->users[jose->first_user];
	const struct roster_user *second = &roster->users[first->next_of_person];
	assert_string_equal(first->sourced_id, "s-1-center");
	assert_string_equal(second->sourced_id, "s-1-high");
	assert_int_equal(second->next_of_person, ROSTER_NONE);
	assert_date(jose->birth_date, "2010-02-28");
	roster_free(roster);
}

static void the_same_number_of_a_teacher_is_somebody_else(void **state)
{
	struct roster *roster = read_whole("v11");
	const struct roster_person *teacher = person_find(roster, ROSTER_STAFF, "100001");

	(void)state;
	assert_string_equal(roster->users[teacher->user].given, "Ruth");
	roster_free(roster);
}

static void of_two_primary_schools_the_one_with_more_classes_is_home(void **state)
{
	struct roster *roster = read_whole("v11");
	const struct roster_person *jose = person_find(roster, ROSTER_STUDENT, "100001");
	const struct roster_membership *high = membership_find(roster, jose, "high");
	const struct roster_membership *center = membership_find(roster, jose, "center");

	(void)state;
	assert_string_equal(roster->orgs[jose->home].sourced_id, "high");
	assert_string_equal(roster->users[jose->user].sourced_id, "s-1-high");
	assert_true(high->is_home);
	assert_false(center->is_home);
	assert_int_equal(high->n_classes, 2);
	assert_int_equal(center->n_classes, 1);
	assert_date(center->begin, "2026-08-05");
	roster_free(roster);
}

static void without_identifier_the_sourced_id_is_the_key(void **state)
{
	struct roster *roster = read_whole("v11");
	const struct roster_person *mia = person_find(roster, ROSTER_STUDENT, "s-2");

	(void)state;
	assert_int_equal(mia->key_kind, ROSTER_BY_SOURCED_ID);
	assert_int_equal(mia->birth_date, ROSTER_NO_DATE);
	roster_free(roster);
}

static void the_master_identifier_is_the_strongest_key(void **state)
{
	struct roster *roster = read_whole("v12");
	const struct roster_person *jose = person_find(roster, ROSTER_STUDENT, "100001");

	(void)state;
	assert_int_equal(roster->version, ROSTER_1_2);
	assert_int_equal(jose->key_kind, ROSTER_BY_MASTER_IDENTIFIER);
	assert_string_equal(roster->orgs[jose->home].sourced_id, "high");
	assert_true(membership_find(roster, jose, "high")->is_home);
	assert_false(membership_find(roster, jose, "center")->is_home);
	assert_date(membership_find(roster, jose, "center")->end, "2027-05-28");
	roster_free(roster);
}

static void commas_quotes_and_accents_in_names_survive(void **state)
{
	struct roster *roster = read_whole("v12");
	const struct roster_person *jose = person_find(roster, ROSTER_STUDENT, "100001");
	const struct roster_user *row = &roster->users[jose->user];

	(void)state;
	assert_string_equal(row->given, "José");
	assert_string_equal(row->family, "O'Brien, Jr.");
	assert_string_equal(row->preferred_given, "Pepe");
	assert_string_equal(row->grade, "11");
	assert_int_equal(row->sex, ROSTER_SEX_MALE);
	assert_int_equal(row->races, ROSTER_WHITE | ROSTER_HISPANIC);
	roster_free(roster);
}

static void agents_of_either_side_become_guardians(void **state)
{
	struct roster *roster = read_whole("v11");
	const struct roster_person *elena = person_find(roster, ROSTER_GUARDIAN, "g-1");
	const struct roster_person *mia = person_find(roster, ROSTER_STUDENT, "s-2");

	(void)state;
	assert_int_equal(roster->n_guardianships, 2);
	assert_int_equal(roster->guardianships[1].student, mia - roster->persons);
	assert_int_equal(roster->guardianships[1].guardian, elena - roster->persons);
	assert_int_equal(roster->guardianships[1].relation, ROSTER_ROLE_PARENT);
	roster_free(roster);
}

static void demographics_find_their_user_by_the_stray_column(void **state)
{
	struct roster *roster =
		roster_fixture_read("v12", "demographics_with_both_ids", ROSTER_TOLERANT);
	const struct roster_person *jose = person_find(roster, ROSTER_STUDENT, "100001");

	(void)state;
	assert_date(jose->birth_date, "2010-02-28");
	roster_free(roster);
}

static void a_grade_of_one_digit_gets_its_zero(void **state)
{
	struct roster *roster = roster_fixture_read("v12", "grade_of_one_digit", ROSTER_TOLERANT);

	(void)state;
	assert_int_equal(roster->flaws.n_warnings, 1);
	assert_int_equal(roster->flaws.n_errors, 0);
	roster_free(roster);
}

static void columns_in_another_order_are_read_by_their_names(void **state)
{
	struct roster *roster = roster_fixture_read("v11", "header_other_order", ROSTER_TOLERANT);

	(void)state;
	assert_string_equal(roster->orgs[0].name, "Sample District, TN");
	assert_string_equal(roster->orgs[1].identifier, "479999000001");
	assert_int_equal(roster->orgs[1].parent, 0);
	roster_free(roster);
}

static void flaws_alike_are_counted_and_not_all_listed(void **state)
{
	char parts[8192];
	int len = snprintf(parts, sizeof(parts),
		"== manifest.csv\npropertyName,value\nmanifest.version,1.0\n"
		"oneroster.version,1.1\nfile.orgs,bulk\n== orgs.csv\n"
		"sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n");

	(void)state;
	for (int i = 0; i < 30; i++) {
		len += snprintf(
			parts + len, sizeof(parts) - (size_t)len, "o%d,,,Oak,SCHOOL,,\n", i);
	}
	struct prac_bytes bytes = { (const uint8_t *)parts, (size_t)len };
	struct roster *roster = roster_read_parts(bytes, ROSTER_TOLERANT);
	uint32_t n_listed = 0;

	for (uint32_t i = 0; i < roster->flaws.n; i++) {
		n_listed += roster->flaws.rows[i].kind == ROSTER_FLAW_LETTER_CASE;
	}
	assert_int_equal(n_listed, ROSTER_FLAWS_ALIKE);
	assert_true(roster->flaws.n_warnings >= 30);
	roster_free(roster);
}

static void files_that_are_not_read_are_named_with_the_reason(void **state)
{
	static const char parts[] = "== manifest.csv\npropertyName,value\nmanifest.version,1.0\n"
				    "oneroster.version,1.1\nfile.orgs,bulk\n"
				    "== orgs.csv\n== LineItems.csv\n== results.csv\n"
				    "== resources.csv\n== roles.csv\n== notes.txt\n";
	struct roster *roster = roster_read_parts(prac_bytes_text(parts), ROSTER_TOLERANT);
	struct roster *whole = read_whole("v11");

	(void)state;
	assert_string_equal(roster->unread,
		"grades, of which the completed courses come with `practicum import "
		"course_completion`: LineItems.csv, results.csv; teaching material: resources.csv; "
		"files of version 1.2 in a package of 1.1: roles.csv; no files of OneRoster: "
		"notes.txt");
	assert_string_equal(whole->unread, "");
	roster_free(whole);
	roster_free(roster);
}

static void a_file_name_that_is_no_text_is_told_as_one(void **state)
{
	static const char parts[] = "== manifest.csv\npropertyName,value\nmanifest.version,1.0\n"
				    "oneroster.version,1.1\nfile.orgs,bulk\n"
				    "== orgs.csv\n== \x1b[2J\xff.txt\n";
	struct roster *roster = roster_read_parts(prac_bytes_text(parts), ROSTER_TOLERANT);

	(void)state;
	assert_string_equal(
		roster->unread, "no files of OneRoster: \xEF\xBF\xBD[2J\xEF\xBF\xBD.txt");
	roster_free(roster);
}

static void a_path_that_is_not_there_is_a_flaw_of_the_package(void **state)
{
	struct roster *roster = roster_read("/nonexistent/roster.zip", ROSTER_TOLERANT);

	(void)state;
	assert_int_equal(roster->flaws.n, 1);
	assert_string_equal(
		roster->flaws.rows[0].reason, "cannot be opened: No such file or directory");
	assert_int_equal(roster->n_persons, 0);
	roster_free(roster);
}

static void a_file_that_is_no_zip_is_said_to_be_none(void **state)
{
	struct roster *roster = roster_read("/proc/self/exe", ROSTER_TOLERANT);

	(void)state;
	assert_int_equal(roster->flaws.n, 1);
	assert_string_equal(roster->flaws.rows[0].reason, "not a zip file and not a folder");
	roster_free(roster);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(joins_two_rows_of_one_identifier_to_one_student),
		cmocka_unit_test(the_same_number_of_a_teacher_is_somebody_else),
		cmocka_unit_test(of_two_primary_schools_the_one_with_more_classes_is_home),
		cmocka_unit_test(without_identifier_the_sourced_id_is_the_key),
		cmocka_unit_test(the_master_identifier_is_the_strongest_key),
		cmocka_unit_test(commas_quotes_and_accents_in_names_survive),
		cmocka_unit_test(agents_of_either_side_become_guardians),
		cmocka_unit_test(demographics_find_their_user_by_the_stray_column),
		cmocka_unit_test(a_grade_of_one_digit_gets_its_zero),
		cmocka_unit_test(columns_in_another_order_are_read_by_their_names),
		cmocka_unit_test(flaws_alike_are_counted_and_not_all_listed),
		cmocka_unit_test(files_that_are_not_read_are_named_with_the_reason),
		cmocka_unit_test(a_file_name_that_is_no_text_is_told_as_one),
		cmocka_unit_test(a_path_that_is_not_there_is_a_flaw_of_the_package),
		cmocka_unit_test(a_file_that_is_no_zip_is_said_to_be_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
