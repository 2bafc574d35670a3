#include "client/roster/store.h"

#include "client/roster/rows.h"

static const char *text(struct roster_load *load, const struct roster_row *row, unsigned slot)
{
	struct prac_bytes bytes = row->cells[slot].text;

	return bytes.len > 0 ? prac_arena_text(&load->roster->arena, bytes) : "";
}

static uint32_t ref(const struct roster_row *row, unsigned slot)
{
	const struct roster_cell *cell = &row->cells[slot];

	return cell->n_refs > 0 ? cell->refs[0] : ROSTER_NONE;
}

/* Words that are missing or of an extension become 0, the first value of every enum. */
static unsigned word(const struct roster_row *row, unsigned slot)
{
	int32_t number = row->cells[slot].number;

	return number > 0 ? (unsigned)number : 0;
}

static bool is_true(const struct roster_row *row, unsigned slot)
{
	return word(row, slot) == 2;
}

static void check_order(struct roster_load *load, const struct roster_row *row, unsigned begin,
	unsigned end, const char *column)
{
	struct roster_place place = { row->file, row->line, column };
	int32_t from = row->cells[begin].number;
	int32_t to = row->cells[end].number;

	if (from != ROSTER_NO_DATE && to != ROSTER_NO_DATE && to < from) {
		roster_flaw_add(&load->roster->flaws, &place, ROSTER_FLAW_DATE_ORDER,
			"ends before it begins");
	}
}

/* A reference to a row of the same file, which may stand further down. */
static void keep_later(
	struct roster_load *load, const struct roster_row *row, unsigned slot, uint32_t index)
{
	if (row->cells[slot].text.len == 0) {
		return;
	}
	load->later = roster_grow(load->later, load->n_later, sizeof(*load->later));
	load->later[load->n_later++] =
		(struct roster_later){ index, row->line, text(load, row, slot) };
}

static uint32_t store_org(struct roster_load *load, const struct roster_row *row)
{
	struct roster *roster = load->roster;

	roster->orgs = roster_grow(roster->orgs, roster->n_orgs, sizeof(*roster->orgs));
	roster->orgs[roster->n_orgs] = (struct roster_org){
		.sourced_id = text(load, row, SLOT_ID),
		.name = text(load, row, ORG_NAME),
		.identifier = text(load, row, ORG_IDENTIFIER),
		.type = (enum roster_org_type)word(row, ORG_TYPE),
		.parent = ROSTER_NONE,
	};
	keep_later(load, row, ORG_PARENT, roster->n_orgs);
	return roster->n_orgs++;
}

static uint32_t store_session(struct roster_load *load, const struct roster_row *row)
{
	struct roster *roster = load->roster;

	check_order(load, row, SESSION_BEGIN, SESSION_END, "endDate");
	roster->sessions =
		roster_grow(roster->sessions, roster->n_sessions, sizeof(*roster->sessions));
	roster->sessions[roster->n_sessions] = (struct roster_session){
		.sourced_id = text(load, row, SLOT_ID),
		.title = text(load, row, SESSION_TITLE),
		.type = (enum roster_session_type)word(row, SESSION_TYPE),
		.begin = row->cells[SESSION_BEGIN].number,
		.end = row->cells[SESSION_END].number,
		.school_year = row->cells[SESSION_YEAR].number,
		.parent = ROSTER_NONE,
	};
	keep_later(load, row, SESSION_PARENT, roster->n_sessions);
	return roster->n_sessions++;
}

static uint32_t store_course(struct roster_load *load, const struct roster_row *row)
{
	struct roster *roster = load->roster;

	roster->courses = roster_grow(roster->courses, roster->n_courses, sizeof(*roster->courses));
	roster->courses[roster->n_courses] = (struct roster_course){
		.sourced_id = text(load, row, SLOT_ID),
		.title = text(load, row, COURSE_TITLE),
		.code = text(load, row, COURSE_CODE),
		.org = ref(row, COURSE_ORG),
	};
	return roster->n_courses++;
}

static uint32_t store_class(struct roster_load *load, const struct roster_row *row)
{
	struct roster *roster = load->roster;
	uint32_t school = ref(row, CLASS_SCHOOL);

	if (school == ROSTER_NONE) {
		return ROSTER_NONE;
	}
	roster->classes = roster_grow(roster->classes, roster->n_classes, sizeof(*roster->classes));
	roster->classes[roster->n_classes] = (struct roster_class){
		.sourced_id = text(load, row, SLOT_ID),
		.title = text(load, row, CLASS_TITLE),
		.code = text(load, row, CLASS_CODE),
		.course = ref(row, CLASS_COURSE),
		.school = school,
		.is_homeroom = word(row, CLASS_TYPE) == 1,
	};
	return roster->n_classes++;
}

static void add_role(struct roster *roster, const struct roster_role *role)
{
	roster->roles = roster_grow(roster->roles, roster->n_roles, sizeof(*roster->roles));
	roster->roles[roster->n_roles++] = *role;
}

/* 1.1 says the role in the user's row: it holds at every org, the first one being the primary. */
static void add_user_roles(struct roster *roster, const struct roster_row *row)
{
	const struct roster_cell *orgs = &row->cells[USER_ORGS];

	for (uint32_t i = 0; i < orgs->n_refs; i++) {
		struct roster_role role = {
			.user = roster->n_users,
			.org = orgs->refs[i],
			.role = (enum roster_role_word)word(row, USER_ROLE),
			.is_primary = i == 0,
			.begin = ROSTER_NO_DATE,
			.end = ROSTER_NO_DATE,
		};
		add_role(roster, &role);
	}
}

static const char *first_grade(const struct roster_row *row)
{
	return roster_grades.words[word(row, USER_GRADES)];
}

static uint32_t store_user(struct roster_load *load, const struct roster_row *row)
{
	struct roster *roster = load->roster;

	roster->users = roster_grow(roster->users, roster->n_users, sizeof(*roster->users));
	roster->users[roster->n_users] = (struct roster_user){
		.sourced_id = text(load, row, SLOT_ID),
		.username = text(load, row, USER_NAME),
		.identifier = text(load, row, USER_IDENTIFIER),
		.master_identifier = text(load, row, USER_MASTER),
		.given = text(load, row, USER_GIVEN),
		.middle = text(load, row, USER_MIDDLE),
		.family = text(load, row, USER_FAMILY),
		.preferred_given = text(load, row, USER_PREFERRED_GIVEN),
		.preferred_family = text(load, row, USER_PREFERRED_FAMILY),
		.email = text(load, row, USER_EMAIL),
		.sms = text(load, row, USER_SMS),
		.phone = text(load, row, USER_PHONE),
		.grade = first_grade(row),
		.agents = text(load, row, USER_AGENTS),
		.primary_org = ref(row, USER_PRIMARY_ORG),
		.birth_date = ROSTER_NO_DATE,
		.is_enabled = is_true(row, USER_ENABLED),
		.line = row->line,
		.person = ROSTER_NONE,
		.next_of_person = ROSTER_NONE,
	};
	add_user_roles(roster, row);
	return roster->n_users++;
}

static uint32_t store_profile(struct roster_load *load, const struct roster_row *row)
{
	load->profile_users =
		roster_grow(load->profile_users, load->n_profiles, sizeof(*load->profile_users));
	load->profile_users[load->n_profiles] = ref(row, PROFILE_USER);
	return load->n_profiles++;
}

static uint32_t store_role(struct roster_load *load, const struct roster_row *row)
{
	struct roster_place place = { row->file, row->line, "userProfileSourcedId" };
	uint32_t profile = ref(row, ROLE_PROFILE);
	struct roster_role role = {
		.user = ref(row, ROLE_USER),
		.org = ref(row, ROLE_ORG),
		.role = (enum roster_role_word)word(row, ROLE_ROLE),
		.is_primary = word(row, ROLE_TYPE) == 1,
		.begin = row->cells[ROLE_BEGIN].number,
		.end = row->cells[ROLE_END].number,
	};

	check_order(load, row, ROLE_BEGIN, ROLE_END, "endDate");
	if (role.user == ROSTER_NONE || role.org == ROSTER_NONE) {
		return ROSTER_NONE;
	}
	if (profile != ROSTER_NONE && load->profile_users[profile] != role.user) {
		roster_flaw_add(&load->roster->flaws, &place, ROSTER_FLAW_REFERENCE_TYPE,
			"is the profile of another user");
	}
	add_role(load->roster, &role);
	return load->roster->n_roles - 1;
}

static uint32_t store_enrollment(struct roster_load *load, const struct roster_row *row)
{
	struct roster *roster = load->roster;
	struct roster_enrollment enrollment = {
		.user = ref(row, ENROLLMENT_USER),
		.class_index = ref(row, ENROLLMENT_CLASS),
		.school = ref(row, ENROLLMENT_SCHOOL),
		.role = (enum roster_enrollment_role)word(row, ENROLLMENT_ROLE),
		.begin = row->cells[ENROLLMENT_BEGIN].number,
		.end = row->cells[ENROLLMENT_END].number,
	};

	check_order(load, row, ENROLLMENT_BEGIN, ENROLLMENT_END, "endDate");
	if (enrollment.user == ROSTER_NONE || enrollment.class_index == ROSTER_NONE ||
		enrollment.school == ROSTER_NONE) {
		return ROSTER_NONE;
	}
	roster->enrollments =
		roster_grow(roster->enrollments, roster->n_enrollments, sizeof(enrollment));
	roster->enrollments[roster->n_enrollments] = enrollment;
	return roster->n_enrollments++;
}

/* The row belongs to the user whose sourcedId it carries, or whom its stray column names. */
static uint32_t store_demographics(struct roster_load *load, const struct roster_row *row)
{
	bool has_user = row->cells[DEMOGRAPHIC_USER].text.len > 0;
	unsigned slot = has_user ? DEMOGRAPHIC_USER : SLOT_ID;
	struct roster_place place = { row->file, row->line, "sourcedId" };
	const char *id = (const char *)row->cells[slot].text.data;
	uint32_t index = ROSTER_NONE;

	if (roster_lookup(load, ROSTER_USERS, id, &index) == ROSTER_UNKNOWN) {
		roster_flaw_add(&load->roster->flaws, &place, ROSTER_FLAW_REFERENCE,
			"users.csv has no row with this sourcedId");
	}
	if (index == ROSTER_NONE) {
		return ROSTER_NONE;
	}
	struct roster_user *user = &load->roster->users[index];
	user->birth_date = row->cells[DEMOGRAPHIC_BIRTH].number;
	user->sex = (enum roster_sex)word(row, DEMOGRAPHIC_SEX);
	for (unsigned i = 0; i < 7; i++) {
		user->races |= is_true(row, DEMOGRAPHIC_RACES + i) ? 1U << i : 0;
	}
	return index;
}

const roster_store_fn roster_stores[ROSTER_N_FILES] = {
	[ROSTER_ORGS] = store_org,
	[ROSTER_SESSIONS] = store_session,
	[ROSTER_COURSES] = store_course,
	[ROSTER_CLASSES] = store_class,
	[ROSTER_USERS] = store_user,
	[ROSTER_USER_PROFILES] = store_profile,
	[ROSTER_ROLES] = store_role,
	[ROSTER_ENROLLMENTS] = store_enrollment,
	[ROSTER_DEMOGRAPHICS] = store_demographics,
};
