/* The vocabularies of OneRoster 1.1 and 1.2 (RULES 1.6). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "client/roster/flaw.h"

/* Index 0 stands for "none" and for an extension word such as ext:coach. */
#define ROSTER_ORG_TYPE_MAP(XX)      \
	XX(DEPARTMENT, "department") \
	XX(SCHOOL, "school")         \
	XX(DISTRICT, "district")     \
	XX(LOCAL, "local")           \
	XX(STATE, "state")           \
	XX(NATIONAL, "national")

#define ROSTER_SESSION_TYPE_MAP(XX)         \
	XX(GRADING_PERIOD, "gradingPeriod") \
	XX(SEMESTER, "semester")            \
	XX(SCHOOL_YEAR, "schoolYear")       \
	XX(TERM, "term")

/* Roles of both versions; which version knows which is in words.c. */
#define ROSTER_ROLE_WORD_MAP(XX)                            \
	XX(ADMINISTRATOR, "administrator")                  \
	XX(AIDE, "aide")                                    \
	XX(COUNSELOR, "counselor")                          \
	XX(DISTRICT_ADMINISTRATOR, "districtAdministrator") \
	XX(GUARDIAN, "guardian")                            \
	XX(PARENT, "parent")                                \
	XX(PRINCIPAL, "principal")                          \
	XX(PROCTOR, "proctor")                              \
	XX(RELATIVE, "relative")                            \
	XX(SITE_ADMINISTRATOR, "siteAdministrator")         \
	XX(STUDENT, "student")                              \
	XX(SYSTEM_ADMINISTRATOR, "systemAdministrator")     \
	XX(TEACHER, "teacher")

#define ROSTER_ENROLLMENT_ROLE_MAP(XX)     \
	XX(ADMINISTRATOR, "administrator") \
	XX(PROCTOR, "proctor")             \
	XX(STUDENT, "student")             \
	XX(TEACHER, "teacher")

#define ROSTER_SEX_MAP(XX)             \
	XX(MALE, "male")               \
	XX(FEMALE, "female")           \
	XX(UNSPECIFIED, "unspecified") \
	XX(OTHER, "other")

enum roster_org_type {
	ROSTER_ORG_OTHER,
#define XX(name, word) ROSTER_ORG_##name,
	ROSTER_ORG_TYPE_MAP(XX)
#undef XX
};

enum roster_session_type {
	ROSTER_SESSION_OTHER,
#define XX(name, word) ROSTER_SESSION_##name,
	ROSTER_SESSION_TYPE_MAP(XX)
#undef XX
};

enum roster_role_word {
	ROSTER_ROLE_OTHER,
#define XX(name, word) ROSTER_ROLE_##name,
	ROSTER_ROLE_WORD_MAP(XX)
#undef XX
};

enum roster_enrollment_role {
	ROSTER_ENROLLED_OTHER,
#define XX(name, word) ROSTER_ENROLLED_##name,
	ROSTER_ENROLLMENT_ROLE_MAP(XX)
#undef XX
};

enum roster_sex {
	ROSTER_SEX_NONE,
#define XX(name, word) ROSTER_SEX_##name,
	ROSTER_SEX_MAP(XX)
#undef XX
};

enum roster_race {
	ROSTER_AMERICAN_INDIAN = 1 << 0,
	ROSTER_ASIAN = 1 << 1,
	ROSTER_BLACK = 1 << 2,
	ROSTER_PACIFIC_ISLANDER = 1 << 3,
	ROSTER_WHITE = 1 << 4,
	ROSTER_TWO_OR_MORE = 1 << 5,
	ROSTER_HISPANIC = 1 << 6
};

struct roster_words {
	const char *const *words; /* [0] is unused */
	uint32_t n;
	uint32_t in_1_1, in_1_2; /* bit i: words[i] belongs to that version */
	bool is_open;            /* 1.2 accepts ext:<word> */
};

extern const struct roster_words roster_org_types, roster_session_types, roster_class_types,
	roster_user_roles, roster_role_types, roster_enrollment_roles, roster_sexes,
	roster_booleans;

/* CEDS grade levels; "9" instead of "09" is read in tolerant mode. */
extern const struct roster_words roster_grades;

/* "student"; empty for ROSTER_ROLE_OTHER. */
const char *roster_role_text(enum roster_role_word role) PRAC_RETURNS_NONNULL;
