/* Students, where they attend, their guardians, and staff. */
#include <string.h>

#include "catalog/types.h"
#include "client/roster/wanted.h"

static const struct roster_user *row_of(const struct roster *roster, uint32_t person)
{
	return &roster->users[roster->persons[person].user];
}

static const char *phone_of(const struct roster_user *user)
{
	return user->phone[0] != '\0' ? user->phone : user->sms;
}

static void want_person(struct roster_wanting *wanting, struct roster_wanted_list *list,
	enum roster_kind kind, struct prac_record *record, uint32_t person)
{
	const char *key = wanting->roster->persons[person].key;
	struct roster_place place = { "users.csv", row_of(wanting->roster, person)->line,
		"identifier" };

	if (!roster_want(wanting, list, (struct roster_wanted){ key, record, person })) {
		roster_flaw_add(&wanting->roster->flaws, &place, ROSTER_FLAW_RECORD,
			kind == ROSTER_STUDENTS ? "another student has the number %s too"
						: "another staff member has the number %s too",
			key);
	}
}

/* ---- staff */

/* A roster knows no coordinators: the job is only set where a record begins. */
static int64_t job_of(enum roster_role_word role)
{
	if (role == ROSTER_ROLE_TEACHER) {
		return PRAC_STAFF_JOB_TEACHER;
	}
	if (role == ROSTER_ROLE_COUNSELOR) {
		return PRAC_STAFF_JOB_COUNSELOR;
	}
	if (role == ROSTER_ROLE_PRINCIPAL) {
		return PRAC_STAFF_JOB_PRINCIPAL;
	}
	return PRAC_STAFF_JOB_OTHER;
}

static void want_staff_member(struct roster_wanting *wanting, struct roster_wanted_list *list,
	const struct roster_membership *home)
{
	struct prac_record *record = roster_wanted_new(wanting, ROSTER_STAFF_MEMBERS);
	const struct roster_user *user = row_of(wanting->roster, home->person);
	const struct prac_id *school = &wanting->school_ids[home->org];

	roster_set_text(record, PRAC_STAFF_IDENTIFIER, wanting->roster->persons[home->person].key);
	roster_set_text(record, PRAC_STAFF_GIVEN_NAME, user->given);
	roster_set_text(record, PRAC_STAFF_FAMILY_NAME, user->family);
	roster_set_text(record, PRAC_STAFF_EMAIL, user->email);
	roster_set_text(record, PRAC_STAFF_PHONE, phone_of(user));
	roster_set_number(record, PRAC_STAFF_JOB, job_of(home->role));
	if (!prac_id_is_nil(school)) {
		roster_set_ref(record, PRAC_STAFF_SCHOOL_ID, school);
	}
	want_person(wanting, list, ROSTER_STAFF_MEMBERS, record, home->person);
}

void roster_want_staff(struct roster_wanting *wanting, struct roster_wanted_list *list)
{
	const struct roster *roster = wanting->roster;

	for (uint32_t i = 0; i < roster->n_memberships; i++) {
		const struct roster_membership *at = &roster->memberships[i];

		if (at->is_home && roster->persons[at->person].kind == ROSTER_STAFF) {
			want_staff_member(wanting, list, at);
		}
	}
}

/* ---- students */

static int64_t sex_of(enum roster_sex sex)
{
	static const int64_t sexes[] = {
		[ROSTER_SEX_MALE] = PRAC_STUDENT_SEX_MALE,
		[ROSTER_SEX_FEMALE] = PRAC_STUDENT_SEX_FEMALE,
		[ROSTER_SEX_OTHER] = PRAC_STUDENT_SEX_OTHER,
		[ROSTER_SEX_UNSPECIFIED] = PRAC_STUDENT_SEX_UNSPECIFIED,
	};

	return (size_t)sex < PRAC_NELEM(sexes) ? sexes[sex] : 0;
}

int64_t roster_race_of(uint32_t races)
{
	static const struct {
		uint32_t flags;
		int64_t race;
	} alone[] = {
		{ 0, 0 },
		{ ROSTER_AMERICAN_INDIAN, PRAC_STUDENT_RACE_AMERICAN_INDIAN_OR_ALASKAN_NATIVE },
		{ ROSTER_ASIAN, PRAC_STUDENT_RACE_ASIAN },
		{ ROSTER_BLACK, PRAC_STUDENT_RACE_BLACK_OR_AFRICAN_AMERICAN },
		{ ROSTER_PACIFIC_ISLANDER, PRAC_STUDENT_RACE_NATIVE_HAWAIIAN_OR_PACIFIC_ISLANDER },
		{ ROSTER_WHITE, PRAC_STUDENT_RACE_WHITE },
	};

	if ((races & ROSTER_HISPANIC) != 0) {
		return PRAC_STUDENT_RACE_HISPANIC_OR_LATINO;
	}
	for (size_t i = 0; i < PRAC_NELEM(alone); i++) {
		if (alone[i].flags == races) {
			return alone[i].race;
		}
	}
	return PRAC_STUDENT_RACE_TWO_OR_MORE_RACES;
}

static void want_student(
	struct roster_wanting *wanting, struct roster_wanted_list *list, uint32_t index)
{
	const struct roster_person *person = &wanting->roster->persons[index];
	const struct roster_user *user = row_of(wanting->roster, index);
	struct prac_record *record = roster_wanted_new(wanting, ROSTER_STUDENTS);
	int grade = roster_grade_number(user->grade);

	roster_set_ref(record, PRAC_STUDENT_SCHOOL_ID, &wanting->school_ids[person->home]);
	roster_set_text(record, PRAC_STUDENT_IDENTIFIER, person->key);
	roster_set_text(record, PRAC_STUDENT_GIVEN_NAME, user->given);
	roster_set_text(record, PRAC_STUDENT_MIDDLE_NAME, user->middle);
	roster_set_text(record, PRAC_STUDENT_FAMILY_NAME, user->family);
	roster_set_text(record, PRAC_STUDENT_PREFERRED_NAME, user->preferred_given);
	roster_set_text(record, PRAC_STUDENT_EMAIL, user->email);
	roster_set_text(record, PRAC_STUDENT_PHONE, phone_of(user));
	if (person->birth_date != ROSTER_NO_DATE) {
		roster_set_number(record, PRAC_STUDENT_BIRTH_DATE, person->birth_date);
	}
	if (grade != ROSTER_NO_GRADE) {
		roster_set_number(record, PRAC_STUDENT_GRADE, grade);
	}
	if (sex_of(person->sex) != 0) {
		roster_set_number(record, PRAC_STUDENT_SEX, sex_of(person->sex));
	}
	if (person->races != 0) {
		roster_set_number(record, PRAC_STUDENT_RACE, roster_race_of(person->races));
	}
	want_person(wanting, list, ROSTER_STUDENTS, record, index);
}

void roster_want_students(struct roster_wanting *wanting, struct roster_wanted_list *list)
{
	for (uint32_t i = 0; i < wanting->roster->n_persons; i++) {
		if (wanting->roster->persons[i].kind == ROSTER_STUDENT) {
			want_student(wanting, list, i);
		}
	}
}

/* ---- enrollments */

static int32_t begin_of(
	const struct roster_wanting *wanting, const struct roster_membership *membership)
{
	return membership->begin != ROSTER_NO_DATE ? membership->begin : wanting->year_begin;
}

void roster_want_attendance(struct roster_wanting *wanting, struct roster_wanted_list *list)
{
	const struct roster *roster = wanting->roster;

	for (uint32_t i = 0; i < roster->n_memberships; i++) {
		const struct roster_membership *at = &roster->memberships[i];

		if (roster->persons[at->person].kind != ROSTER_STUDENT) {
			continue;
		}
		struct prac_record *record = roster_wanted_new(wanting, ROSTER_ATTENDANCE);
		roster_set_ref(
			record, PRAC_ENROLLMENT_STUDENT_ID, &wanting->person_ids[at->person]);
		roster_set_ref(record, PRAC_ENROLLMENT_SCHOOL_ID, &wanting->school_ids[at->org]);
		roster_set_number(record, PRAC_ENROLLMENT_KIND,
			at->is_home ? PRAC_ENROLLMENT_KIND_HOME : PRAC_ENROLLMENT_KIND_CENTER);
		roster_set_number(record, PRAC_ENROLLMENT_STARTS_ON, begin_of(wanting, at));
		const char *key = roster_present_key(wanting, ROSTER_ATTENDANCE, record);
		if (key != NULL) {
			/* A membership is there once for a person and an org. */
			(void)roster_want(
				wanting, list, (struct roster_wanted){ key, record, at->person });
		}
	}
}

/* ---- guardians */

void roster_want_guardians(struct roster_wanting *wanting, struct roster_wanted_list *list)
{
	const struct roster *roster = wanting->roster;

	for (uint32_t i = 0; i < roster->n_guardianships; i++) {
		const struct roster_guardianship *pair = &roster->guardianships[i];
		const struct roster_user *user = row_of(roster, pair->guardian);
		struct prac_record *record = roster_wanted_new(wanting, ROSTER_GUARDIANS);

		roster_set_ref(
			record, PRAC_GUARDIAN_STUDENT_ID, &wanting->person_ids[pair->student]);
		roster_set_ref(record, PRAC_GUARDIAN_SCHOOL_ID, &wanting->owner_ids[pair->student]);
		roster_set_text(record, PRAC_GUARDIAN_NAME,
			prac_arena_printf(wanting->arena, "%s %s", user->given, user->family));
		roster_set_text(record, PRAC_GUARDIAN_RELATION, roster_role_text(pair->relation));
		roster_set_text(record, PRAC_GUARDIAN_EMAIL, user->email);
		roster_set_text(record, PRAC_GUARDIAN_PHONE, phone_of(user));
		const char *key = roster_present_key(wanting, ROSTER_GUARDIANS, record);
		if (key != NULL) {
			/* Two of one name are one guardian with two accounts. */
			(void)roster_want(wanting, list,
				(struct roster_wanted){ key, record, pair->guardian });
		}
	}
}
