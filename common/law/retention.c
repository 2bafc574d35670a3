#include "common/law/retention.h"

#include <string.h>

#include "common/base/date.h"

enum {
	JUNE = 6,
	JUNE_DAYS = 30
};

static int32_t school_year_end(int32_t date)
{
	return prac_date_from_civil(prac_date_school_year(date), JUNE, JUNE_DAYS);
}

/* February 29 of a year without one is March 1, as prac_date_from_civil() counts on. */
static int32_t add_years(int32_t date, int32_t years)
{
	int year;
	int month;
	int day;

	prac_date_to_civil(date, &year, &month, &day);
	return prac_date_from_civil(year + (int)years, month, 1) + day - 1;
}

int32_t prac_retention_due(const struct prac_law_row *row, int32_t event)
{
	int32_t last =
		prac_policy_number(row, "school-year", 0) != 0 ? school_year_end(event) : event;

	last = add_years(last, prac_policy_number(row, "years", 0));
	return last + prac_policy_number(row, "days", 0) + 1;
}

int32_t prac_retention_cutoff(const struct prac_law_row *row, int32_t date)
{
	int32_t event = date;

	while (prac_retention_due(row, event) > date) {
		event--;
	}
	return event;
}

/* Does another set of its jurisdiction hold on the day instead? */
static bool is_replaced(
	const struct prac_policy *policy, const struct prac_law_set *set, int32_t date)
{
	for (size_t i = 0; i < policy->n; i++) {
		const struct prac_law_set *other = &policy->sets[i];

		if (other->starts_on > date || other->ends_on < date ||
			strcmp(other->jurisdiction, set->jurisdiction) != 0) {
			continue;
		}
		if (other->starts_on > set->starts_on ||
			(other->starts_on == set->starts_on && other->version > set->version)) {
			return true;
		}
	}
	return false;
}

static const struct prac_law_row *row_of(const struct prac_law_set *set, const char *class)
{
	const struct prac_law_row *found = NULL;

	for (size_t i = 0; i < set->n_rows && found == NULL; i++) {
		const char *of = prac_law_key(&set->rows[i], "class");

		if (strcmp(set->rows[i].kind, "keep") == 0 && of != NULL &&
			strcmp(of, class) == 0) {
			found = &set->rows[i];
		}
	}
	return found;
}

const struct prac_law_row *prac_retention_row(const struct prac_policy *policy, const char *class,
	int32_t date, const struct prac_law_set **set_out)
{
	const struct prac_law_row *best = NULL;

	for (size_t i = 0; i < policy->n; i++) {
		const struct prac_law_set *set = &policy->sets[i];
		const struct prac_law_row *row;

		if (strcmp(set->domain, "retention") != 0 || set->starts_on > date ||
			set->ends_on < date || is_replaced(policy, set, date)) {
			continue;
		}
		row = row_of(set, class);
		if (row != NULL && (best == NULL || prac_retention_cutoff(row, date) <
							    prac_retention_cutoff(best, date))) {
			best = row;
			*set_out = set;
		}
	}
	return best;
}
