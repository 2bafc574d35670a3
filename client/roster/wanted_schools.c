/* Schools from orgs and from what their students say about them. */
#include <string.h>

#include "catalog/types.h"
#include "client/roster/wanted.h"

enum {
	NCES_ID_LEN = 12,
	HIGHEST_OF_MIDDLE = 8
};

/* What the students of an org say about it. */
struct school_facts {
	bool is_used, is_home;
	int lowest, highest; /* ROSTER_NO_GRADE: nobody says */
};

static void count_student(
	const struct roster *roster, const struct roster_membership *at, struct school_facts *facts)
{
	const struct roster_person *person = &roster->persons[at->person];
	int grade = roster_grade_number(roster->users[person->user].grade);

	facts->is_used = true;
	facts->is_home = facts->is_home || at->is_home;
	if (grade == ROSTER_NO_GRADE) {
		return;
	}
	if (facts->lowest == ROSTER_NO_GRADE || grade < facts->lowest) {
		facts->lowest = grade;
	}
	if (grade > facts->highest) {
		facts->highest = grade;
	}
}

static struct school_facts *school_facts_find(const struct roster *roster)
{
	struct school_facts *facts = g_new0(struct school_facts, roster->n_orgs + 1);

	for (uint32_t i = 0; i < roster->n_orgs; i++) {
		facts[i].is_used = roster->orgs[i].type == ROSTER_ORG_SCHOOL;
		facts[i].lowest = ROSTER_NO_GRADE;
		facts[i].highest = ROSTER_NO_GRADE;
	}
	for (uint32_t i = 0; i < roster->n_memberships; i++) {
		const struct roster_membership *at = &roster->memberships[i];

		if (roster->persons[at->person].kind == ROSTER_STUDENT) {
			count_student(roster, at, &facts[at->org]);
		}
	}
	return facts;
}

/* OneRoster has one word for both: a school that is nobody's home is a career center. */
static int64_t school_kind(const struct school_facts *facts)
{
	if (facts->lowest == ROSTER_NO_GRADE) {
		return PRAC_SCHOOL_KIND_OTHER;
	}
	if (!facts->is_home) {
		return PRAC_SCHOOL_KIND_CENTER;
	}
	if (facts->lowest > HIGHEST_OF_MIDDLE) {
		return PRAC_SCHOOL_KIND_HIGH;
	}
	return facts->highest > HIGHEST_OF_MIDDLE ? PRAC_SCHOOL_KIND_COMBINED
						  : PRAC_SCHOOL_KIND_MIDDLE;
}

static bool is_nces_id(const char *text)
{
	return strlen(text) == NCES_ID_LEN && strspn(text, "0123456789") == NCES_ID_LEN;
}

static struct prac_record *want_school(struct roster_wanting *wanting, const struct roster_org *org,
	const struct school_facts *facts)
{
	struct prac_record *school = roster_wanted_new(wanting, ROSTER_SCHOOLS);

	roster_set_text(school, PRAC_SCHOOL_NAME, org->name);
	roster_set_text(school, PRAC_SCHOOL_CODE,
		org->identifier[0] != '\0' ? org->identifier : org->sourced_id);
	if (is_nces_id(org->identifier)) {
		roster_set_text(school, PRAC_SCHOOL_NCES_ID, org->identifier);
	}
	roster_set_number(school, PRAC_SCHOOL_KIND, school_kind(facts));
	roster_set_text(school, PRAC_SCHOOL_ZONE, wanting->input->zone);
	if (facts->lowest != ROSTER_NO_GRADE) {
		roster_set_number(school, PRAC_SCHOOL_LOWEST_GRADE, facts->lowest);
		roster_set_number(school, PRAC_SCHOOL_HIGHEST_GRADE, facts->highest);
	}
	return school;
}

void roster_want_schools(struct roster_wanting *wanting, struct roster_wanted_list *list)
{
	const struct roster *roster = wanting->roster;
	struct school_facts *facts = school_facts_find(roster);

	for (uint32_t i = 0; i < roster->n_orgs; i++) {
		const struct roster_org *org = &roster->orgs[i];
		struct roster_place place = { "orgs.csv", 0, "identifier" };

		if (!facts[i].is_used) {
			continue;
		}
		struct prac_record *school = want_school(wanting, org, &facts[i]);
		const char *key = roster_present_key(wanting, ROSTER_SCHOOLS, school);
		if (!roster_want(wanting, list, (struct roster_wanted){ key, school, i })) {
			roster_flaw_add(&wanting->roster->flaws, &place, ROSTER_FLAW_RECORD,
				"two schools have the number %s", key);
		}
	}
	g_free(facts);
}
