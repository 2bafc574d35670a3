/* An entry for each rule of the shipped sets that breaks it; the borders stand in test_labor.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/labor.h"

#define A "2011-03-01"
#define B "2010-05-20"
#define C "2009-05-20"

/*
 * Entries of which the last one breaks the rule, for each rule of the shipped sets; what is shipped anew
 * needs its row here.
 */
static const struct {
	const char *id, *birth_date, *entries;
} broken[] = {
	{ "FED-MIN", "2013-03-01", "2026-08-15 10:00-11:00" },
	{ "FED-14-SCHOOLHRS", A, "2026-08-11 14:59-16:00" },
	{ "FED-14-DAY-S", A, "2026-08-14 15:00-18:01" },
	{ "FED-14-DAY-N", A, "2026-08-15 09:00-17:31 break=12:00+30" },
	{ "FED-14-WEEK-S", A,
		"2026-09-14 15:00-18:00;2026-09-15 15:00-18:00;2026-09-16 15:00-18:00;"
		"2026-09-17 15:00-17:00;2026-09-19 08:00-15:31 break=12:00+30" },
	{ "FED-14-WEEK-N", A,
		"2026-10-05 09:00-17:30 break=12:00+30;"
		"2026-10-06 09:00-17:30 break=12:00+30;"
		"2026-10-07 09:00-17:30 break=12:00+30;"
		"2026-10-08 09:00-17:30 break=12:00+30;"
		"2026-10-09 09:00-17:30 break=12:00+30;2026-10-10 10:00-10:01" },
	{ "FED-14-AM", A, "2026-10-10 06:59-08:00" },
	{ "FED-14-PM", A, "2026-10-10 18:00-19:01" },
	{ "FED-14-PM-SUM", A, "2026-07-15 20:00-21:01" },
	{ "FED-HO-1", C, "2026-10-05 10:00-11:00 ho=1" },
	{ "FED-HO-2", C, "2026-10-05 10:00-11:00 ho=2" },
	{ "FED-HO-3", C, "2026-10-05 10:00-11:00 ho=3" },
	{ "FED-HO-4", C, "2026-10-05 10:00-11:00 ho=4" },
	{ "FED-HO-5", C, "2026-10-05 10:00-11:00 ho=5" },
	{ "FED-HO-6", C, "2026-10-05 10:00-11:00 ho=6" },
	{ "FED-HO-7", C, "2026-10-05 10:00-11:00 ho=7" },
	{ "FED-HO-8", C, "2026-10-05 10:00-11:00 ho=8" },
	{ "FED-HO-9", C, "2026-10-05 10:00-11:00 ho=9" },
	{ "FED-HO-10", C, "2026-10-05 10:00-11:00 ho=10" },
	{ "FED-HO-11", C, "2026-10-05 10:00-11:00 ho=11" },
	{ "FED-HO-12", C, "2026-10-05 10:00-11:00 ho=12" },
	{ "FED-HO-13", C, "2026-10-05 10:00-11:00 ho=13" },
	{ "FED-HO-14", C, "2026-10-05 10:00-11:00 ho=14" },
	{ "FED-HO-15", C, "2026-10-05 10:00-11:00 ho=15" },
	{ "FED-HO-16", C, "2026-10-05 10:00-11:00 ho=16" },
	{ "FED-HO-17", C, "2026-10-05 10:00-11:00 ho=17" },
	{ "FED-14-WECEP-WEEK", A,
		"2026-08-10 15:00-18:00 wecep;2026-08-11 15:00-18:00 wecep;"
		"2026-08-12 15:00-18:00 wecep;2026-08-13 15:00-18:00 wecep;"
		"2026-08-14 15:00-18:00 wecep;2026-08-15 08:00-16:31 break=12:00+30 wecep" },
	{ "FED-14-WSP-DAY", A, "2026-08-11 09:00-17:01 wsp" },
	{ "FED-14-WSP-REST", A, "2026-08-11 15:00-18:01 wsp" },
	{ "FED-14-WSP-CYCLE", A,
		"2026-08-11 09:00-11:00 wsp;2026-08-18 09:00-11:00 wsp;"
		"2026-08-25 09:00-11:00 wsp;2026-09-01 09:00-11:00 wsp;"
		"2026-09-02 09:00-11:00 wsp;2026-09-03 09:00-11:00 wsp" },
	{ "TN-MIN", "2013-03-01", "2026-08-15 10:00-11:00" },
	{ "TN-14-SCHOOLHRS", A, "2026-08-11 07:00-08:01" },
	{ "TN-14-NIGHT-S", A, "2026-08-11 18:00-19:01" },
	{ "TN-14-NIGHT", A, "2026-08-14 20:00-21:01" },
	{ "TN-14-DAY-S", A, "2026-08-14 15:00-18:01" },
	{ "TN-14-DAY-N", A, "2026-08-15 09:00-17:31 break=12:00+30" },
	{ "TN-14-WEEK-S", A,
		"2026-09-14 15:00-18:00;2026-09-15 15:00-18:00;2026-09-16 15:00-18:00;"
		"2026-09-17 15:00-17:00;2026-09-19 08:00-15:31 break=12:00+30" },
	{ "TN-14-WEEK-N", A,
		"2026-10-05 09:00-17:30 break=12:00+30;"
		"2026-10-06 09:00-17:30 break=12:00+30;"
		"2026-10-07 09:00-17:30 break=12:00+30;"
		"2026-10-08 09:00-17:30 break=12:00+30;"
		"2026-10-09 09:00-17:30 break=12:00+30;2026-10-10 10:00-10:01" },
	{ "TN-16-CLASS", B, "2026-08-11 14:59-16:00" },
	{ "TN-16-NIGHT", B, "2026-10-18 18:00-22:01" },
	{ "TN-16-NIGHT-CONSENT", B,
		"2026-10-11 18:00-22:30 consent;2026-10-12 18:00-22:30 consent;"
		"2026-10-13 18:00-22:30 consent;2026-10-14 18:00-22:30 consent" },
	{ "TN-16-CONSENT-END", B, "2026-10-13 18:00-22:30 ended" },
	{ "TN-BREAK", C, "2026-10-05 14:00-20:00" },
};

static unsigned bit_of(const struct prac_labor_law *law, const char *id)
{
	unsigned bit = 0;

	while (bit < prac_labor_n_ids(law) && strcmp(prac_labor_id(law, bit), id) != 0) {
		bit++;
	}
	return bit;
}

/* Does the last of the entries break the rule? */
static bool breaks(struct labor_lab *lab, size_t row)
{
	unsigned bit = bit_of(lab->law, broken[row].id);
	size_t n;
	const struct prac_labor_verdict *verdicts =
		labor_lab_verdicts(lab, broken[row].birth_date, broken[row].entries, &n);

	return bit < prac_labor_n_ids(lab->law) && (verdicts[n - 1].violations >> bit & 1) != 0;
}

static void every_rule_that_is_shipped_is_broken_by_some_entry(void **state)
{
	struct labor_lab *lab = *state;

	assert_int_equal(prac_labor_n_ids(lab->law), PRAC_NELEM(broken));
	for (size_t i = 0; i < PRAC_NELEM(broken); i++) {
		if (!breaks(lab, i)) {
			print_error("%s is not broken by %s\n", broken[i].id, broken[i].entries);
			fail();
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LABOR_LAB_TEST(every_rule_that_is_shipped_is_broken_by_some_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
