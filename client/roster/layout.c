#include "client/roster/layout.h"

#include <glib.h>
#include <string.h>

#define COLUMN(slot, name, kind, flags, target, words)             \
	{                                                          \
		(name), (words), (kind), (flags), (target), (slot) \
	}
#define TEXT(slot, name)               COLUMN(slot, name, ROSTER_TEXT, 0, 0, NULL)
#define NEED(slot, name)               COLUMN(slot, name, ROSTER_TEXT, ROSTER_REQUIRED, 0, NULL)
#define WORD(slot, name, words)        COLUMN(slot, name, ROSTER_WORD, 0, 0, &(words))
#define NEED_WORD(slot, name, words)   COLUMN(slot, name, ROSTER_WORD, ROSTER_REQUIRED, 0, &(words))
#define KIND(slot, name, kind)         COLUMN(slot, name, kind, 0, 0, NULL)
#define NEED_KIND(slot, name, kind)    COLUMN(slot, name, kind, ROSTER_REQUIRED, 0, NULL)
#define REF(slot, name, target, flags) COLUMN(slot, name, ROSTER_REF, flags, target, NULL)
#define REFS(slot, name, target)       COLUMN(slot, name, ROSTER_REFS, ROSTER_REQUIRED, target, NULL)
#define LIFE                                                                                     \
	NEED_KIND(SLOT_ID, "sourcedId", ROSTER_KEY), KIND(SLOT_STATUS, "status", ROSTER_STATUS), \
		KIND(SLOT_MODIFIED, "dateLastModified", ROSTER_DATE_TIME)
#define SCHOOL (ROSTER_REQUIRED | ROSTER_IS_SCHOOL)

static const struct roster_column orgs[] = {
	LIFE,
	NEED(ORG_NAME, "name"),
	NEED_WORD(ORG_TYPE, "type", roster_org_types),
	TEXT(ORG_IDENTIFIER, "identifier"),
	KIND(ORG_PARENT, "parentSourcedId", ROSTER_LATER_REFS),
};

static const struct roster_column sessions[] = {
	LIFE,
	NEED(SESSION_TITLE, "title"),
	NEED_WORD(SESSION_TYPE, "type", roster_session_types),
	NEED_KIND(SESSION_BEGIN, "startDate", ROSTER_DATE),
	NEED_KIND(SESSION_END, "endDate", ROSTER_DATE),
	KIND(SESSION_PARENT, "parentSourcedId", ROSTER_LATER_REFS),
	NEED_KIND(SESSION_YEAR, "schoolYear", ROSTER_YEAR),
};

static const struct roster_column courses[] = {
	LIFE,
	REF(COURSE_YEAR, "schoolYearSourcedId", ROSTER_SESSIONS, ROSTER_IS_YEAR),
	NEED(COURSE_TITLE, "title"),
	TEXT(COURSE_CODE, "courseCode"),
	KIND(COURSE_GRADES, "grades", ROSTER_GRADES),
	REF(COURSE_ORG, "orgSourcedId", ROSTER_ORGS, ROSTER_REQUIRED),
	TEXT(COURSE_SUBJECTS, "subjects"),
	TEXT(COURSE_SUBJECT_CODES, "subjectCodes"),
};

static const struct roster_column classes[] = {
	LIFE,
	NEED(CLASS_TITLE, "title"),
	KIND(CLASS_GRADES, "grades", ROSTER_GRADES),
	REF(CLASS_COURSE, "courseSourcedId", ROSTER_COURSES, ROSTER_REQUIRED | ROSTER_MAY_DANGLE),
	TEXT(CLASS_CODE, "classCode"),
	NEED_WORD(CLASS_TYPE, "classType", roster_class_types),
	TEXT(CLASS_LOCATION, "location"),
	REF(CLASS_SCHOOL, "schoolSourcedId", ROSTER_ORGS, SCHOOL),
	REFS(CLASS_TERMS, "termSourcedIds", ROSTER_SESSIONS),
	TEXT(CLASS_SUBJECTS, "subjects"),
	TEXT(CLASS_SUBJECT_CODES, "subjectCodes"),
	TEXT(CLASS_PERIODS, "periods"),
};

static const struct roster_column users_1_1[] = {
	LIFE,
	NEED_WORD(USER_ENABLED, "enabledUser", roster_booleans),
	REFS(USER_ORGS, "orgSourcedIds", ROSTER_ORGS),
	NEED_WORD(USER_ROLE, "role", roster_user_roles),
	NEED(USER_NAME, "username"),
	KIND(USER_IDS, "userIds", ROSTER_USER_IDS),
	NEED(USER_GIVEN, "givenName"),
	NEED(USER_FAMILY, "familyName"),
	TEXT(USER_MIDDLE, "middleName"),
	TEXT(USER_IDENTIFIER, "identifier"),
	TEXT(USER_EMAIL, "email"),
	TEXT(USER_SMS, "sms"),
	TEXT(USER_PHONE, "phone"),
	KIND(USER_AGENTS, "agentSourcedIds", ROSTER_LATER_REFS),
	KIND(USER_GRADES, "grades", ROSTER_GRADES),
	TEXT(USER_PASSWORD, "password"),
};

static const struct roster_column users_1_2[] = {
	LIFE,
	NEED_WORD(USER_ENABLED, "enabledUser", roster_booleans),
	NEED(USER_NAME, "username"),
	KIND(USER_IDS, "userIds", ROSTER_USER_IDS),
	NEED(USER_GIVEN, "givenName"),
	NEED(USER_FAMILY, "familyName"),
	TEXT(USER_MIDDLE, "middleName"),
	TEXT(USER_IDENTIFIER, "identifier"),
	TEXT(USER_EMAIL, "email"),
	TEXT(USER_SMS, "sms"),
	TEXT(USER_PHONE, "phone"),
	KIND(USER_AGENTS, "agentSourcedIds", ROSTER_LATER_REFS),
	KIND(USER_GRADES, "grades", ROSTER_GRADES),
	TEXT(USER_PASSWORD, "password"),
	TEXT(USER_MASTER, "userMasterIdentifier"),
	TEXT(USER_PREFERRED_GIVEN, "preferredGivenName"),
	TEXT(USER_PREFERRED_MIDDLE, "preferredMiddleName"),
	TEXT(USER_PREFERRED_FAMILY, "preferredFamilyName"),
	REF(USER_PRIMARY_ORG, "primaryOrgSourcedId", ROSTER_ORGS, 0),
	TEXT(USER_PRONOUNS, "pronouns"),
};

static const struct roster_column user_profiles[] = {
	LIFE,
	REF(PROFILE_USER, "userSourcedId", ROSTER_USERS, ROSTER_REQUIRED),
	NEED(PROFILE_TYPE, "profileType"),
	NEED(PROFILE_VENDOR, "vendorId"),
	TEXT(PROFILE_APPLICATION, "applicationId"),
	TEXT(PROFILE_DESCRIPTION, "description"),
	NEED(PROFILE_CREDENTIAL, "credentialType"),
	NEED(PROFILE_NAME, "username"),
	TEXT(PROFILE_PASSWORD, "password"),
};

static const struct roster_column roles[] = {
	LIFE,
	REF(ROLE_USER, "userSourcedId", ROSTER_USERS, ROSTER_REQUIRED),
	NEED_WORD(ROLE_TYPE, "roleType", roster_role_types),
	NEED_WORD(ROLE_ROLE, "role", roster_user_roles),
	KIND(ROLE_BEGIN, "beginDate", ROSTER_DATE),
	KIND(ROLE_END, "endDate", ROSTER_DATE),
	REF(ROLE_ORG, "orgSourcedId", ROSTER_ORGS, ROSTER_REQUIRED),
	REF(ROLE_PROFILE, "userProfileSourcedId", ROSTER_USER_PROFILES, 0),
};

static const struct roster_column enrollments[] = {
	LIFE,
	REF(ENROLLMENT_CLASS, "classSourcedId", ROSTER_CLASSES, ROSTER_REQUIRED),
	REF(ENROLLMENT_SCHOOL, "schoolSourcedId", ROSTER_ORGS, SCHOOL),
	REF(ENROLLMENT_USER, "userSourcedId", ROSTER_USERS, ROSTER_REQUIRED),
	NEED_WORD(ENROLLMENT_ROLE, "role", roster_enrollment_roles),
	WORD(ENROLLMENT_PRIMARY, "primary", roster_booleans),
	KIND(ENROLLMENT_BEGIN, "beginDate", ROSTER_DATE),
	KIND(ENROLLMENT_END, "endDate", ROSTER_DATE),
};

static const struct roster_column demographics[] = {
	LIFE,
	KIND(DEMOGRAPHIC_BIRTH, "birthDate", ROSTER_DATE),
	WORD(DEMOGRAPHIC_SEX, "sex", roster_sexes),
	WORD(DEMOGRAPHIC_RACES, "americanIndianOrAlaskaNative", roster_booleans),
	WORD(DEMOGRAPHIC_RACES + 1, "asian", roster_booleans),
	WORD(DEMOGRAPHIC_RACES + 2, "blackOrAfricanAmerican", roster_booleans),
	WORD(DEMOGRAPHIC_RACES + 3, "nativeHawaiianOrOtherPacificIslander", roster_booleans),
	WORD(DEMOGRAPHIC_RACES + 4, "white", roster_booleans),
	WORD(DEMOGRAPHIC_RACES + 5, "demographicRaceTwoOrMoreRaces", roster_booleans),
	WORD(DEMOGRAPHIC_RACES + 6, "hispanicOrLatinoEthnicity", roster_booleans),
	TEXT(DEMOGRAPHIC_COUNTRY, "countryOfBirthCode"),
	TEXT(DEMOGRAPHIC_STATE, "stateOfBirthAbbreviation"),
	TEXT(DEMOGRAPHIC_CITY, "cityOfBirth"),
	TEXT(DEMOGRAPHIC_RESIDENCE, "publicSchoolResidenceStatus"),
	COLUMN(DEMOGRAPHIC_USER, "userSourcedId", ROSTER_TEXT, ROSTER_STRAY, 0, NULL),
};

#define LAYOUT(file, noun, columns)                                               \
	{                                                                         \
		(file), noun ".csv", "file." noun, (columns), PRAC_NELEM(columns) \
	}

static const struct roster_layout layouts[ROSTER_N_FILES] = {
	[ROSTER_ORGS] = LAYOUT(ROSTER_ORGS, "orgs", orgs),
	[ROSTER_SESSIONS] = LAYOUT(ROSTER_SESSIONS, "academicSessions", sessions),
	[ROSTER_COURSES] = LAYOUT(ROSTER_COURSES, "courses", courses),
	[ROSTER_CLASSES] = LAYOUT(ROSTER_CLASSES, "classes", classes),
	[ROSTER_USERS] = LAYOUT(ROSTER_USERS, "users", users_1_2),
	[ROSTER_USER_PROFILES] = LAYOUT(ROSTER_USER_PROFILES, "userProfiles", user_profiles),
	[ROSTER_ROLES] = LAYOUT(ROSTER_ROLES, "roles", roles),
	[ROSTER_ENROLLMENTS] = LAYOUT(ROSTER_ENROLLMENTS, "enrollments", enrollments),
	[ROSTER_DEMOGRAPHICS] = LAYOUT(ROSTER_DEMOGRAPHICS, "demographics", demographics),
};

static const struct roster_layout users_layout_1_1 = LAYOUT(ROSTER_USERS, "users", users_1_1);

const struct roster_layout *roster_layout_find(enum roster_file file, enum roster_version version)
{
	if (version == ROSTER_1_1) {
		if (file == ROSTER_USERS) {
			return &users_layout_1_1;
		}
		if (file == ROSTER_ROLES || file == ROSTER_USER_PROFILES) {
			return NULL;
		}
	}
	return &layouts[file];
}

/* Seen in exports (RULES 1.7). */
static const struct {
	enum roster_file file; /* ROSTER_N_FILES: any */
	const char *written, *meant;
} misspelt[] = {
	{ ROSTER_N_FILES, "dataLastModified", "dateLastModified" },
	{ ROSTER_USERS, "prefferedGivenName", "preferredGivenName" },
	{ ROSTER_USERS, "prefferedMiddleName", "preferredMiddleName" },
	{ ROSTER_USERS, "prefferedFamilyName", "preferredFamilyName" },
	{ ROSTER_N_FILES, "grade", "grades" },
	{ ROSTER_USERS, "userId", "userIds" },
	{ ROSTER_USERS, "agents", "agentSourcedIds" },
};

const char *roster_column_meant(enum roster_file file, const char *written)
{
	for (size_t i = 0; i < PRAC_NELEM(misspelt); i++) {
		if ((misspelt[i].file == file || misspelt[i].file == ROSTER_N_FILES) &&
			g_ascii_strcasecmp(misspelt[i].written, written) == 0) {
			return misspelt[i].meant;
		}
	}
	return NULL;
}
