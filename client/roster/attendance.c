#include "client/roster/attendance.h"

#include <glib.h>

#include "client/roster/rows.h"

/* Heads or links of lists, all at their end. */
static uint32_t *links_new(size_t n)
{
	uint32_t *links = g_malloc_n(n > 0 ? n : 1, sizeof(*links));

	for (size_t i = 0; i < n; i++) {
		links[i] = ROSTER_NONE;
	}
	return links;
}

void roster_roles_of_init(struct roster_roles_of *roles_of, const struct roster *roster)
{
	roles_of->first = links_new(roster->n_users);
	roles_of->next = links_new(roster->n_roles);
	for (uint32_t i = roster->n_roles; i-- > 0;) {
		uint32_t user = roster->roles[i].user;

		roles_of->next[i] = roles_of->first[user];
		roles_of->first[user] = i;
	}
}

void roster_roles_of_deinit(struct roster_roles_of *roles_of)
{
	g_free(roles_of->first);
	g_free(roles_of->next);
}

/* The person at hand: its memberships are the last ones of the roster. */
struct attending {
	struct roster *roster;
	const struct roster_roles_of *roles_of;
	uint32_t *first_enrollment, *next_enrollment; /* of a user; of an enrollment */
	uint32_t person;
	uint32_t from; /* first membership of the person */
};

/* A department stands for a school where an export calls it one (RULES 1.7). */
static bool is_school(const struct roster *roster, uint32_t org)
{
	enum roster_org_type type = roster->orgs[org].type;

	return type == ROSTER_ORG_SCHOOL || type == ROSTER_ORG_DEPARTMENT;
}

static struct roster_membership *membership_find(const struct attending *attending, uint32_t org)
{
	for (uint32_t i = attending->from; i < attending->roster->n_memberships; i++) {
		if (attending->roster->memberships[i].org == org) {
			return &attending->roster->memberships[i];
		}
	}
	return NULL;
}

static struct roster_membership *membership_at(
	struct attending *attending, uint32_t org, enum roster_role_word role)
{
	struct roster *roster = attending->roster;
	struct roster_membership *known = membership_find(attending, org);

	if (known != NULL) {
		return known;
	}
	roster->memberships =
		roster_grow(roster->memberships, roster->n_memberships, sizeof(*known));
	known = &roster->memberships[roster->n_memberships++];
	*known = (struct roster_membership){
		.person = attending->person,
		.org = org,
		.role = role,
		.begin = ROSTER_NO_DATE,
		.end = ROSTER_NO_DATE,
	};
	return known;
}

static void add_roles(struct attending *attending, uint32_t user)
{
	const struct roster *roster = attending->roster;
	bool is_student = roster->persons[attending->person].kind == ROSTER_STUDENT;

	for (uint32_t i = attending->roles_of->first[user]; i != ROSTER_NONE;
		i = attending->roles_of->next[i]) {
		const struct roster_role *role = &roster->roles[i];

		if (is_student &&
			(role->role != ROSTER_ROLE_STUDENT || !is_school(roster, role->org))) {
			continue;
		}
		struct roster_membership *at = membership_at(attending, role->org, role->role);
		if (at->begin == ROSTER_NO_DATE) {
			at->begin = role->begin;
			at->end = role->end;
		}
	}
}

/* A class in a school makes a student or a teacher belong there, also without a role row. */
static void add_classes(struct attending *attending, uint32_t user)
{
	const struct roster *roster = attending->roster;
	bool is_student = roster->persons[attending->person].kind == ROSTER_STUDENT;
	enum roster_enrollment_role wanted =
		is_student ? ROSTER_ENROLLED_STUDENT : ROSTER_ENROLLED_TEACHER;
	enum roster_role_word role = is_student ? ROSTER_ROLE_STUDENT : ROSTER_ROLE_TEACHER;

	for (uint32_t i = attending->first_enrollment[user]; i != ROSTER_NONE;
		i = attending->next_enrollment[i]) {
		const struct roster_enrollment *enrollment = &roster->enrollments[i];

		if (enrollment->role != wanted) {
			continue;
		}
		struct roster_membership *at = membership_at(attending, enrollment->school, role);
		at->n_classes++;
		if (at->begin == ROSTER_NO_DATE) {
			at->begin = enrollment->begin;
			at->end = enrollment->end;
		}
	}
}

/* What a user row calls the primary org, when the person belongs there. */
static struct roster_membership *claim_of(const struct attending *attending, uint32_t user)
{
	const struct roster *roster = attending->roster;
	uint32_t primary = roster->users[user].primary_org;
	struct roster_membership *claim =
		primary != ROSTER_NONE ? membership_find(attending, primary) : NULL;

	for (uint32_t i = attending->roles_of->first[user]; claim == NULL && i != ROSTER_NONE;
		i = attending->roles_of->next[i]) {
		if (roster->roles[i].is_primary) {
			claim = membership_find(attending, roster->roles[i].org);
		}
	}
	return claim;
}

/*
 * Rows that Ed-Fi writes for one student each call their own school primary; then the one with
 * most classes is home, and the first of equals.
 */
static struct roster_membership *home_of(const struct attending *attending)
{
	const struct roster *roster = attending->roster;
	struct roster_membership *home = NULL;

	for (uint32_t user = roster->persons[attending->person].first_user; user != ROSTER_NONE;
		user = roster->users[user].next_of_person) {
		struct roster_membership *claim = claim_of(attending, user);

		if (claim != NULL && (home == NULL || claim->n_classes > home->n_classes)) {
			home = claim;
		}
	}
	if (home == NULL && attending->from < roster->n_memberships) {
		home = &roster->memberships[attending->from];
	}
	return home;
}

static bool has_role_at(const struct attending *attending, uint32_t user, uint32_t org)
{
	for (uint32_t i = attending->roles_of->first[user]; i != ROSTER_NONE;
		i = attending->roles_of->next[i]) {
		if (attending->roster->roles[i].org == org) {
			return true;
		}
	}
	return false;
}

/* The row of the home school says the names and the grade; the first one when none is. */
static uint32_t row_at_home(const struct attending *attending)
{
	const struct roster *roster = attending->roster;
	const struct roster_person *person = &roster->persons[attending->person];

	for (uint32_t user = person->first_user; user != ROSTER_NONE;
		user = roster->users[user].next_of_person) {
		if (person->home != ROSTER_NONE && has_role_at(attending, user, person->home)) {
			return user;
		}
	}
	return person->first_user;
}

static void check_primary_org(const struct attending *attending, uint32_t user)
{
	const struct roster_user *row = &attending->roster->users[user];
	struct roster_place place = { "users.csv", row->line, "primaryOrgSourcedId" };

	if (row->primary_org != ROSTER_NONE && !has_role_at(attending, user, row->primary_org)) {
		roster_flaw_add(&attending->roster->flaws, &place, ROSTER_FLAW_ROLE_MISSING,
			"roles.csv gives the user no role at this org");
	}
}

static void attend(struct attending *attending)
{
	struct roster *roster = attending->roster;
	struct roster_person *person = &roster->persons[attending->person];
	struct roster_place place = { "users.csv", roster->users[person->first_user].line,
		"sourcedId" };

	attending->from = roster->n_memberships;
	for (uint32_t user = person->first_user; user != ROSTER_NONE;
		user = roster->users[user].next_of_person) {
		check_primary_org(attending, user);
		add_roles(attending, user);
		add_classes(attending, user);
	}
	struct roster_membership *home = home_of(attending);
	if (home != NULL) {
		home->is_home = true;
		person->home = home->org;
	} else if (person->kind == ROSTER_STUDENT) {
		roster_flaw_add(&roster->flaws, &place, ROSTER_FLAW_NO_SCHOOL,
			"the student belongs to no org of type school");
	}
	person->user = row_at_home(attending);
}

void roster_attendance_find(struct roster *roster, const struct roster_roles_of *roles_of)
{
	struct attending attending = { .roster = roster, .roles_of = roles_of };

	attending.first_enrollment = links_new(roster->n_users);
	attending.next_enrollment = links_new(roster->n_enrollments);
	for (uint32_t i = roster->n_enrollments; i-- > 0;) {
		uint32_t user = roster->enrollments[i].user;

		attending.next_enrollment[i] = attending.first_enrollment[user];
		attending.first_enrollment[user] = i;
	}
	for (uint32_t i = 0; i < roster->n_persons; i++) {
		attending.person = i;
		attend(&attending);
	}
	g_free(attending.first_enrollment);
	g_free(attending.next_enrollment);
}
