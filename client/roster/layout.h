/* Which columns the files of OneRoster 1.1 and 1.2 have and what stands in them (RULES 1.3-1.6). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "client/roster/roster.h"
#include "client/roster/words.h"

/* The files that are read, in the order in which their references resolve. */
enum roster_file {
	ROSTER_ORGS,
	ROSTER_SESSIONS,
	ROSTER_COURSES,
	ROSTER_CLASSES,
	ROSTER_USERS,
	ROSTER_USER_PROFILES,
	ROSTER_ROLES,
	ROSTER_ENROLLMENTS,
	ROSTER_DEMOGRAPHICS,
	ROSTER_N_FILES
};

enum roster_cell_kind {
	ROSTER_TEXT,
	ROSTER_KEY, /* the row's own sourcedId */
	ROSTER_STATUS,
	ROSTER_DATE_TIME,
	ROSTER_DATE,
	ROSTER_YEAR,
	ROSTER_WORD,      /* of `words` */
	ROSTER_GRADES,    /* a list of grade levels */
	ROSTER_USER_IDS,  /* {type:id},{type:id} */
	ROSTER_REF,       /* sourcedId of `target` */
	ROSTER_REFS,      /* a list of them */
	ROSTER_LATER_REFS /* a list that may name later rows of the same file: kept as text */
};

enum {
	ROSTER_REQUIRED = 1 << 0,
	ROSTER_MAY_DANGLE = 1 << 1, /* real files name parents and courses they leave out */
	ROSTER_IS_SCHOOL = 1 << 2,  /* the org must be of type school */
	ROSTER_IS_YEAR = 1 << 3,    /* the session must be of type schoolYear */
	ROSTER_STRAY = 1 << 4       /* not of the standard, but seen and of use */
};

/* Places of the cells the loader takes; the first three are the same in every file. */
enum {
	SLOT_ID,
	SLOT_STATUS,
	SLOT_MODIFIED,
	ORG_NAME = 3,
	ORG_TYPE,
	ORG_IDENTIFIER,
	ORG_PARENT,
	SESSION_TITLE = 3,
	SESSION_TYPE,
	SESSION_BEGIN,
	SESSION_END,
	SESSION_PARENT,
	SESSION_YEAR,
	COURSE_YEAR = 3,
	COURSE_TITLE,
	COURSE_CODE,
	COURSE_GRADES,
	COURSE_ORG,
	COURSE_SUBJECTS,
	COURSE_SUBJECT_CODES,
	CLASS_TITLE = 3,
	CLASS_GRADES,
	CLASS_COURSE,
	CLASS_CODE,
	CLASS_TYPE,
	CLASS_LOCATION,
	CLASS_SCHOOL,
	CLASS_TERMS,
	CLASS_SUBJECTS,
	CLASS_SUBJECT_CODES,
	CLASS_PERIODS,
	USER_ENABLED = 3,
	USER_ORGS,
	USER_ROLE,
	USER_NAME,
	USER_IDS,
	USER_GIVEN,
	USER_FAMILY,
	USER_MIDDLE,
	USER_IDENTIFIER,
	USER_EMAIL,
	USER_SMS,
	USER_PHONE,
	USER_AGENTS,
	USER_GRADES,
	USER_PASSWORD,
	USER_MASTER,
	USER_PREFERRED_GIVEN,
	USER_PREFERRED_MIDDLE,
	USER_PREFERRED_FAMILY,
	USER_PRIMARY_ORG,
	USER_PRONOUNS,
	PROFILE_USER = 3,
	PROFILE_TYPE,
	PROFILE_VENDOR,
	PROFILE_APPLICATION,
	PROFILE_DESCRIPTION,
	PROFILE_CREDENTIAL,
	PROFILE_NAME,
	PROFILE_PASSWORD,
	ROLE_USER = 3,
	ROLE_TYPE,
	ROLE_ROLE,
	ROLE_BEGIN,
	ROLE_END,
	ROLE_ORG,
	ROLE_PROFILE,
	ENROLLMENT_CLASS = 3,
	ENROLLMENT_SCHOOL,
	ENROLLMENT_USER,
	ENROLLMENT_ROLE,
	ENROLLMENT_PRIMARY,
	ENROLLMENT_BEGIN,
	ENROLLMENT_END,
	DEMOGRAPHIC_BIRTH = 3,
	DEMOGRAPHIC_SEX,
	DEMOGRAPHIC_RACES, /* seven flags, in the order of enum roster_race */
	DEMOGRAPHIC_COUNTRY = DEMOGRAPHIC_RACES + 7,
	DEMOGRAPHIC_STATE,
	DEMOGRAPHIC_CITY,
	DEMOGRAPHIC_RESIDENCE,
	DEMOGRAPHIC_USER,
	ROSTER_SLOTS = 24
};

struct roster_column {
	const char *name;
	const struct roster_words *words; /* NULL unless the kind is ROSTER_WORD */
	enum roster_cell_kind kind;
	unsigned flags;
	enum roster_file target;
	uint8_t slot;
};

struct roster_layout {
	enum roster_file file;
	const char *file_name; /* users.csv */
	const char *property;  /* file.users */
	const struct roster_column *columns;
	size_t n_columns;
};

/* NULL when the version has no such file. */
const struct roster_layout *roster_layout_find(enum roster_file file, enum roster_version version);

/* The standard's name for a column that real files call otherwise; NULL when it is not known. */
const char *roster_column_meant(enum roster_file file, const char *written);
