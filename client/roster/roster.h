/*
 * Reads a OneRoster bulk package, version 1.1 or 1.2, from a folder or a zip: every flaw is
 * answered with file, line, column and reason, and the user rows are joined to people by their
 * lasting identifiers (RULES part 1). Pure input: nothing here knows a record, a replica or a
 * server.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/roster/flaw.h"
#include "client/roster/words.h"
#include "common/base/arena.h"
#include "common/base/bytes.h"

enum roster_version {
	ROSTER_1_1,
	ROSTER_1_2
};

#define ROSTER_NONE    UINT32_MAX /* an index that refers to nothing */
#define ROSTER_NO_DATE INT32_MIN

/*
 * Rows as they stand in the files, one array a file. Other rows are named by their index, texts
 * are UTF-8 and never NULL, dates are days since 1970-01-01.
 */
struct roster_org {
	const char *sourced_id, *name, *identifier;
	enum roster_org_type type;
	uint32_t parent;
};

struct roster_session {
	const char *sourced_id, *title;
	enum roster_session_type type;
	int32_t begin, end;  /* end is the first day after it */
	int32_t school_year; /* the year in which it ends */
	uint32_t parent;
};

struct roster_course {
	const char *sourced_id, *title, *code;
	uint32_t org;
};

struct roster_class {
	const char *sourced_id, *title, *code;
	uint32_t course, school;
	bool is_homeroom;
};

/* A row of users.csv with its row of demographics.csv. */
struct roster_user {
	const char *sourced_id, *username, *identifier, *master_identifier;
	const char *given, *middle, *family, *preferred_given, *preferred_family;
	const char *email, *sms, *phone;
	const char *grade;  /* the first one given, as 09; empty when none */
	const char *agents; /* sourcedIds with commas between, resolved into guardians */
	uint32_t primary_org;
	int32_t birth_date;
	enum roster_sex sex;
	uint32_t races; /* bits of enum roster_race */
	bool is_enabled;
	uint32_t line;
	uint32_t person;         /* ROSTER_NONE when it has no role */
	uint32_t next_of_person; /* the next row of the same person, ROSTER_NONE at the end */
};

/* A row of roles.csv, or one org of a 1.1 user. */
struct roster_role {
	uint32_t user, org;
	enum roster_role_word role;
	bool is_primary;
	int32_t begin, end;
};

struct roster_enrollment {
	uint32_t user, class_index, school;
	enum roster_enrollment_role role;
	int32_t begin, end;
};

/* What a person is to the schools; the same number may name a student and a teacher. */
enum roster_person_kind {
	ROSTER_STUDENT,
	ROSTER_GUARDIAN,
	ROSTER_STAFF
};

/* By what the user rows of a person were joined, the strongest first (RULES 1.9). */
enum roster_key_kind {
	ROSTER_BY_MASTER_IDENTIFIER,
	ROSTER_BY_IDENTIFIER,
	ROSTER_BY_SOURCED_ID
};

/* Everything but the key is taken from `user`, the row of the home school. */
struct roster_person {
	enum roster_person_kind kind;
	enum roster_key_kind key_kind;
	const char *key;
	uint32_t user;       /* the row to take names and grade from */
	uint32_t first_user; /* all rows, by next_of_person: their sourcedIds are the aliases */
	uint32_t home;       /* org; ROSTER_NONE when the person has none */
	int32_t birth_date;  /* ROSTER_NO_DATE: no labor check is possible */
	enum roster_sex sex;
	uint32_t races; /* as of the first row that says one */
};

/* A person at one org: for students a school, home or other (a career center). */
struct roster_membership {
	uint32_t person, org;
	enum roster_role_word role;
	bool is_home;
	int32_t begin, end;
	uint32_t n_classes;
};

struct roster_guardianship {
	uint32_t student, guardian; /* persons */
	enum roster_role_word relation;
};

struct roster {
	enum roster_version version;
	struct roster_flaws flaws; /* usable only when flaws.n_errors is 0 */
	const char *unread;        /* files that nothing is taken from, and why; empty: none */
	struct roster_org *orgs;
	struct roster_session *sessions;
	struct roster_course *courses;
	struct roster_class *classes;
	struct roster_user *users;
	struct roster_role *roles;
	struct roster_enrollment *enrollments;
	/* Empty when there are errors. Memberships stand in the order of their persons. */
	struct roster_person *persons;
	struct roster_membership *memberships;
	struct roster_guardianship *guardianships;
	uint32_t n_orgs, n_sessions, n_courses, n_classes, n_users, n_roles, n_enrollments;
	uint32_t n_persons, n_memberships, n_guardianships;
	struct prac_arena arena; /* holds every text */
};

/*
 * Never NULL: what could not be read is a flaw. path is a folder or a zip. Strict refuses whatever
 * the standard does not allow; tolerant turns the flaws that can be read all the same (RULES 1.7)
 * into warnings.
 */
struct roster *roster_read(const char *path, enum roster_mode mode) PRAC_RETURNS_NONNULL;

/* The same from memory: each file begins with a line `== name.csv`. For tests. */
struct roster *roster_read_parts(
	struct prac_bytes parts, enum roster_mode mode) PRAC_RETURNS_NONNULL;

void roster_free(struct roster *roster); /* may be NULL */
