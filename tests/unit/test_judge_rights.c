#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "tests/support/office.h"

#define ACCEPTED    PRACTICUM__VERDICT_KIND__VERDICT_ACCEPTED
#define REFUSED     PRACTICUM__VERDICT_KIND__VERDICT_REFUSED
#define QUARANTINED PRACTICUM__VERDICT_KIND__VERDICT_QUARANTINED

static int start(void **state)
{
	*state = office_open();
	return 0;
}

static int stop(void **state)
{
	office_close(*state);
	return 0;
}

static void assert_verdict(
	const struct prac_verdict *verdict, Practicum__VerdictKind kind, enum prac_reason reason)
{
	assert_int_equal(verdict->reason, reason);
	assert_int_equal(verdict->kind, kind);
}

static struct prac_record *organization(struct office *office, uint8_t nn)
{
	return sample_record(&office->arena, &prac_type_organization, nn,
		(const char *const[4]){ "name=Mill", "kind=employer", "postal_code=37830", NULL });
}

static struct prac_record *add_organization(struct office *office)
{
	(void)office_create(office, &office->a, organization(office, 0x40));
	return office_last(office, &prac_type_organization);
}

static void a_station_does_not_change_what_it_may_not_see(void **state)
{
	struct office *office = *state;
	struct prac_record *student = office_add_student(office);
	struct prac_record *rejected;

	assert_verdict(
		office_patch(office, &office->b, student, office_edit(office, student, "grade=11")),
		QUARANTINED, PRAC_REASON_RIGHTS_LOST);
	/* Kept for the school whose record it is. */
	rejected = office_last(office, &prac_type_rejected);
	assert_int_equal(rejected->scope.b[15], OFFICE_SCHOOL_A);
}

static void a_scope_taken_away_quarantines_what_comes_late(void **state)
{
	struct office *office = *state;
	struct prac_record *student = office_add_student(office);

	student->id = sample_id(0x41);
	office->a.device.n_grants = 0;
	assert_verdict(
		office_create(office, &office->a, student), QUARANTINED, PRAC_REASON_RIGHTS_LOST);
	assert_int_equal(office_last(office, &prac_type_rejected)->scope.b[15], OFFICE_SCHOOL_A);
}

static void a_record_is_owned_by_the_school_it_names(void **state)
{
	struct office *office = *state;
	struct prac_record *student = office_add_student(office);

	student->id = sample_id(0x41);
	student->scope = sample_id(OFFICE_SCHOOL_B);
	assert_verdict(office_create(office, &office->district, student), REFUSED,
		PRAC_REASON_WRONG_SCOPE);
}

static void both_schools_of_a_shared_student_may_edit(void **state)
{
	struct office *office = *state;
	struct prac_record *guardian = (office_add_student(office), office_add_guardian(office));

	(void)office_create(office, &office->district, office_enrollment(office, 0x42));
	assert_verdict(office_patch(office, &office->b, guardian,
			       office_edit(office, guardian, "phone=222")),
		ACCEPTED, PRAC_REASON_NONE);
}

static void both_schools_of_a_shared_student_may_add(void **state)
{
	struct office *office = *state;
	struct prac_record *guardian = (office_add_student(office), office_add_guardian(office));

	guardian->id = sample_id(0x45);
	assert_verdict(
		office_create(office, &office->b, guardian), QUARANTINED, PRAC_REASON_RIGHTS_LOST);
	(void)office_create(office, &office->district, office_enrollment(office, 0x42));
	guardian->id = sample_id(0x46);
	assert_verdict(office_create(office, &office->b, guardian), ACCEPTED, PRAC_REASON_NONE);
	assert_int_equal(office_row(office, guardian, OFFICE_SCHOOL_A)->gone, STORE_LIVE);
	assert_int_equal(office_row(office, guardian, OFFICE_SCHOOL_B)->gone, STORE_LIVE);
}

static void the_district_adds_to_a_school_that_it_has_just_made(void **state)
{
	struct office *office = *state;
	struct prac_record *student = office_add_student(office);

	office->district.device.n_grants = 0;
	student->id = sample_id(0x47);
	sample_set(student, &office->arena, "identifier=4712");
	assert_verdict(
		office_create(office, &office->district, student), ACCEPTED, PRAC_REASON_NONE);
}

static void only_the_district_writes_reference_data(void **state)
{
	struct office *office = *state;
	struct prac_record *school = office_last(office, &prac_type_school);

	assert_verdict(office_patch(office, &office->b, school,
			       office_edit(office, school, "city=Oak Ridge")),
		REFUSED, PRAC_REASON_NOT_ALLOWED);
	assert_verdict(office_patch(office, &office->district, school,
			       office_edit(office, school, "city=Oak Ridge")),
		ACCEPTED, PRAC_REASON_NONE);
}

static void a_refused_proposal_is_kept_at_the_proposing_school(void **state)
{
	struct office *office = *state;
	struct prac_record *school = office_last(office, &prac_type_school);

	(void)office_patch(
		office, &office->b, school, office_edit(office, school, "city=Oak Ridge"));
	assert_int_equal(office_last(office, &prac_type_rejected)->scope.b[15], OFFICE_SCHOOL_B);
}

static void a_school_proposes_a_partner_and_edits_its_proposal(void **state)
{
	struct office *office = *state;
	struct prac_record *partner;

	assert_verdict(office_create(office, &office->a, organization(office, 0x40)), ACCEPTED,
		PRAC_REASON_NONE);
	partner = office_last(office, &prac_type_organization);
	assert_verdict(office_patch(office, &office->b, partner,
			       office_edit(office, partner, "city=Oak Ridge")),
		ACCEPTED, PRAC_REASON_NONE);
	assert_verdict(
		office_delete(office, &office->a, partner), REFUSED, PRAC_REASON_NOT_ALLOWED);
}

static void only_the_district_approves_a_partner(void **state)
{
	struct office *office = *state;
	struct prac_record *partner = add_organization(office);

	assert_verdict(office_act(office, &office->a, partner, "approve", NULL), REFUSED,
		PRAC_REASON_NOT_ALLOWED);
	assert_verdict(office_act(office, &office->a, partner, "contact", NULL), ACCEPTED,
		PRAC_REASON_NONE);
	assert_verdict(office_act(office, &office->district, partner, "approve", NULL), ACCEPTED,
		PRAC_REASON_NONE);
	/* No proposal any more. */
	assert_verdict(office_patch(office, &office->a, partner,
			       office_edit(office, partner, "city=Oak Ridge")),
		REFUSED, PRAC_REASON_NOT_ALLOWED);
}

static void resolving_a_conflict_is_no_way_around_the_district(void **state)
{
	struct office *office = *state;
	struct prac_record *partner = add_organization(office);
	const struct prac_value mine[2] = { { .has = true,
		.number = PRAC_CONFLICT_RESOLVE_CHOICE_MINE } };
	const struct prac_record *conflict;

	(void)office_patch(office, &office->a, partner, office_edit(office, partner, "city=X"));
	(void)office_patch(office, &office->b, partner, office_edit(office, partner, "city=Y"));
	conflict = office_last(office, &prac_type_conflict);
	(void)office_act(office, &office->district, partner, "approve", NULL);
	assert_verdict(office_act(office, &office->b, conflict, "resolve", mine), REFUSED,
		PRAC_REASON_NOT_ALLOWED);
	assert_string_equal(
		sample_text(office_last(office, &prac_type_organization), "city", &office->arena),
		"X");
}

static void a_station_makes_no_conflicts_by_hand(void **state)
{
	struct office *office = *state;
	struct prac_record *conflict = sample_record(
		&office->arena, &prac_type_conflict, 0x43, (const char *const[4]){ NULL });

	conflict->scope = sample_id(OFFICE_SCHOOL_A);
	assert_verdict(
		office_create(office, &office->a, conflict), REFUSED, PRAC_REASON_NOT_ALLOWED);
}

static void a_record_does_not_name_what_the_station_may_not_see(void **state)
{
	struct office *office = *state;
	struct prac_record *guardian = (office_add_student(office), office_add_guardian(office));

	guardian = office_edit(office, guardian, "school_id=000000000000000000000000000000b0");
	guardian->id = sample_id(0x44);
	guardian->scope = sample_id(OFFICE_SCHOOL_B);
	assert_verdict(office_create(office, &office->b, guardian), REFUSED,
		PRAC_REASON_MISSING_REFERENCE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

/* The scan of a record; whose it is, the caller says. */
static struct prac_record *scan(
	struct office *office, const struct prac_type *type, const struct prac_id *id)
{
	struct prac_record *attachment = sample_record(&office->arena, &prac_type_attachment, 0x50,
		(const char *const[4]){ "file_name=agreement.pdf", "format=pdf", "size=9", NULL });
	static const uint8_t sha256[32] = { 1 };

	attachment->values[PRAC_ATTACHMENT_RECORD_TYPE] =
		(struct prac_value){ .has = true, .number = type->number };
	attachment->values[PRAC_ATTACHMENT_RECORD_ID] =
		(struct prac_value){ .has = true, .bytes = prac_id_bytes(id) };
	attachment->values[PRAC_ATTACHMENT_SHA256] =
		(struct prac_value){ .has = true, .bytes = { sha256, sizeof(sha256) } };
	return attachment;
}

static void a_file_is_owned_where_its_record_is(void **state)
{
	struct office *office = *state;
	struct prac_record *student = office_add_student(office);
	struct prac_record *attachment = scan(office, student->type, &student->id);

	attachment->values[PRAC_ATTACHMENT_STUDENT_ID] =
		attachment->values[PRAC_ATTACHMENT_RECORD_ID];
	attachment->scope = sample_id(OFFICE_SCHOOL_B);
	assert_verdict(office_create(office, &office->b, attachment), REFUSED,
		PRAC_REASON_MISSING_REFERENCE); /* school B does not see the student */
	attachment->id = sample_id(0x52);
	assert_verdict(
		office_create(office, &office->a, attachment), REFUSED, PRAC_REASON_WRONG_SCOPE);
	attachment->id = sample_id(0x51);
	attachment->scope = sample_id(OFFICE_SCHOOL_A);
	assert_verdict(office_create(office, &office->a, attachment), ACCEPTED, PRAC_REASON_NONE);
	assert_non_null(office_row(office, attachment, OFFICE_SCHOOL_A));
	assert_null(office_row(office, attachment, OFFICE_SCHOOL_B));
}

static void a_file_is_about_the_student_of_its_record(void **state)
{
	struct office *office = *state;
	struct prac_record *student = office_add_student(office);
	struct prac_record *guardian = office_add_guardian(office);
	struct prac_record *attachment = scan(office, guardian->type, &guardian->id);

	attachment->scope = guardian->scope;
	assert_verdict(
		office_create(office, &office->a, attachment), REFUSED, PRAC_REASON_INVALID_VALUE);
	attachment->id = sample_id(0x51);
	attachment->values[PRAC_ATTACHMENT_STUDENT_ID] =
		(struct prac_value){ .has = true, .bytes = prac_id_bytes(&student->id) };
	assert_verdict(office_create(office, &office->a, attachment), ACCEPTED, PRAC_REASON_NONE);
}

static void a_file_of_nothing_is_refused(void **state)
{
	struct office *office = *state;
	struct prac_id nothing = sample_id(0x77);
	struct prac_record *attachment = scan(office, &prac_type_placement, &nothing);

	attachment->scope = sample_id(OFFICE_SCHOOL_A);
	assert_verdict(office_create(office, &office->a, attachment), REFUSED,
		PRAC_REASON_MISSING_REFERENCE);
}

static void a_school_gives_the_scan_of_a_record_of_all_schools(void **state)
{
	struct office *office = *state;
	struct prac_record *mill = add_organization(office);
	struct prac_record *attachment = scan(office, mill->type, &mill->id);

	attachment->scope = mill->scope;
	assert_verdict(office_create(office, &office->b, attachment), ACCEPTED, PRAC_REASON_NONE);
	attachment = office_last(office, &prac_type_attachment);
	assert_verdict(office_patch(office, &office->b, attachment,
			       office_edit(office, attachment, "note=mine")),
		REFUSED, PRAC_REASON_NOT_ALLOWED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_station_does_not_change_what_it_may_not_see),
		TEST(a_scope_taken_away_quarantines_what_comes_late),
		TEST(a_record_is_owned_by_the_school_it_names),
		TEST(both_schools_of_a_shared_student_may_edit),
		TEST(both_schools_of_a_shared_student_may_add),
		TEST(the_district_adds_to_a_school_that_it_has_just_made),
		TEST(only_the_district_writes_reference_data),
		TEST(a_refused_proposal_is_kept_at_the_proposing_school),
		TEST(a_school_proposes_a_partner_and_edits_its_proposal),
		TEST(only_the_district_approves_a_partner),
		TEST(resolving_a_conflict_is_no_way_around_the_district),
		TEST(a_station_makes_no_conflicts_by_hand),
		TEST(a_record_does_not_name_what_the_station_may_not_see),
		TEST(a_file_is_owned_where_its_record_is),
		TEST(a_file_is_about_the_student_of_its_record),
		TEST(a_file_of_nothing_is_refused),
		TEST(a_school_gives_the_scan_of_a_record_of_all_schools),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
