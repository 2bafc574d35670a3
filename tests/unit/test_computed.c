/* States that only the calendar moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog/types.h"
#include "common/base/date.h"
#include "common/catalog/record.h"

static struct prac_arena arena;

static int32_t day(const char *text)
{
	int32_t date;

	assert_int_equal(prac_date_parse(text, &date), PRAC_OK);
	return date;
}

static void put_day(struct prac_record *record, size_t field, const char *text)
{
	record->values[field] = (struct prac_value){ .has = true, .number = day(text) };
}

static const char *on(const struct prac_record *record, const char *text)
{
	const struct prac_computed *computed = prac_record_computed(record, day(text));

	return computed != NULL ? computed->name : "";
}

static void a_policy_expires_the_day_after_its_last(void **state)
{
	struct prac_record *policy = prac_record_new(&arena, &prac_type_insurance);

	(void)state;
	policy->values[PRAC_INSURANCE_STATE].number = PRAC_INSURANCE_STATE_VERIFIED;
	put_day(policy, PRAC_INSURANCE_ENDS_ON, "2027-03-01");
	assert_string_equal(on(policy, "2026-11-30"), "");
	assert_string_equal(on(policy, "2026-12-01"), "expiring"); /* 90 days before */
	assert_string_equal(on(policy, "2027-03-01"), "expiring");
	assert_string_equal(on(policy, "2027-03-02"), "expired");
}

static void a_renewal_heals_by_itself(void **state)
{
	struct prac_record *policy = prac_record_new(&arena, &prac_type_insurance);

	(void)state;
	policy->values[PRAC_INSURANCE_STATE].number = PRAC_INSURANCE_STATE_VERIFIED;
	put_day(policy, PRAC_INSURANCE_ENDS_ON, "2027-03-01");
	assert_string_equal(on(policy, "2027-03-02"), "expired");
	put_day(policy, PRAC_INSURANCE_ENDS_ON, "2028-03-01");
	assert_string_equal(on(policy, "2027-03-02"), "");
}

static void without_a_date_or_in_another_state_nothing_expires(void **state)
{
	struct prac_record *policy = prac_record_new(&arena, &prac_type_insurance);

	(void)state;
	policy->values[PRAC_INSURANCE_STATE].number = PRAC_INSURANCE_STATE_VERIFIED;
	assert_string_equal(on(policy, "2099-01-01"), "");
	put_day(policy, PRAC_INSURANCE_ENDS_ON, "2027-03-01");
	policy->values[PRAC_INSURANCE_STATE].number = PRAC_INSURANCE_STATE_PENDING;
	assert_string_equal(on(policy, "2099-01-01"), "");
}

static void a_partner_is_dormant_after_a_year_without_a_talk(void **state)
{
	struct prac_record *partner = prac_record_new(&arena, &prac_type_organization);

	(void)state;
	partner->values[PRAC_ORGANIZATION_STATE].number = PRAC_ORGANIZATION_STATE_APPROVED;
	put_day(partner, PRAC_ORGANIZATION_LAST_CONTACT_ON, "2026-09-01");
	assert_string_equal(on(partner, "2027-08-31"), "");
	assert_string_equal(on(partner, "2027-09-01"), "dormant");
}

static void a_period_runs_from_its_first_day_through_its_last(void **state)
{
	struct prac_record *term = prac_record_new(&arena, &prac_type_grading_period);

	(void)state;
	put_day(term, PRAC_GRADING_PERIOD_STARTS_ON, "2026-08-03");
	put_day(term, PRAC_GRADING_PERIOD_ENDS_ON, "2026-12-18");
	assert_string_equal(on(term, "2026-08-02"), "");
	assert_string_equal(on(term, "2026-08-03"), "running");
	assert_string_equal(on(term, "2026-12-18"), "running");
	assert_string_equal(on(term, "2026-12-19"), "");
}

static int stop(void **state)
{
	(void)state;
	prac_arena_deinit(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_policy_expires_the_day_after_its_last),
		cmocka_unit_test(a_renewal_heals_by_itself),
		cmocka_unit_test(without_a_date_or_in_another_state_nothing_expires),
		cmocka_unit_test(a_partner_is_dormant_after_a_year_without_a_talk),
		cmocka_unit_test(a_period_runs_from_its_first_day_through_its_last),
	};

	return cmocka_run_group_tests(tests, NULL, stop);
}
