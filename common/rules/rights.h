/*
 * Who may do what: one table from access class and operation, or method, to roles. The server judges
 * every mutation and call by it, the station shows and offers by it. What has no row is denied.
 *
 * A role counts where its membership is: at a school for the records seen there, in the district for
 * all of them, and a student's for what is about that student.
 */
#pragma once

#include "common/catalog/record.h"

enum prac_right_op {
	PRAC_RIGHT_READ,
	PRAC_RIGHT_CREATE,
	PRAC_RIGHT_CHANGE,
	PRAC_RIGHT_DELETE,
	PRAC_RIGHT_ACT, /* an action that names no roles itself */
	PRAC_RIGHT_OPS
};

struct prac_right {
	enum prac_access access; /* 0: a method */
	int what;                /* enum prac_right_op, or MethodId of proto/sync.proto */
	uint32_t roles;          /* bit n: the role with number n */
	bool fresh; /* only within five minutes of a second factor (sql/queries/people.sql) */
	bool audited;
};

extern const struct prac_right prac_rights[];
extern const size_t prac_n_rights;

/* Roles that need a second factor to sign in at all: rights, exports, operation. */
extern const uint32_t prac_roles_with_factor;

#define PRAC_ROLE_BIT(role) (1U << (unsigned)(role))

const char *prac_role_name(enum prac_role role) PRAC_RETURNS_NONNULL;
enum prac_role prac_role_find(const char *name); /* PRAC_ROLE_NONE: no such role */

/* Held in the district's scope and counting for every school; else at one school. */
bool prac_role_is_district(enum prac_role role);

/* The row of a method; NULL: no person is asked for, the device's own rights decide. */
const struct prac_right *prac_right_method(int method);

/* The roles that may do this to records of the type; action NULL unless op is ACT. */
uint32_t prac_right_roles(
	const struct prac_type *type, enum prac_right_op op, const struct prac_action *action);

/* The roles that may say the group of a record they add; all bits: whoever may write the record. */
uint32_t prac_right_writers(const struct prac_type *type, const struct prac_group *group);

/* The roles that may change it: those writers that see all of it. */
uint32_t prac_right_changers(const struct prac_type *type, const struct prac_group *group);

/*
 * The roles that see fields of the class; all bits: whoever may read the record. Of PRAC_MASK_CONTENT that
 * depends on the record.
 */
uint32_t prac_right_viewers(enum prac_mask mask);

/* Bit n: field n is not for whoever holds these roles where the record stands. */
uint64_t prac_record_withheld(const struct prac_record *record, uint32_t roles);

/* Takes these values away and says so in the record; the values array must be its own. */
void prac_record_withhold(struct prac_record *record, uint64_t fields);

/* ---- a person */

struct prac_grant {
	struct prac_id scope; /* a school, or prac_scope_district */
	enum prac_role role;
	int64_t from_ms, until_ms; /* until_ms is out; INT64_MAX: without end */
};

struct prac_person {
	struct prac_id id;
	uint32_t subject_type; /* of the record that the person is; 0: none */
	struct prac_id subject;
	const struct prac_grant *grants;
	size_t n_grants;
};

/* Where a record stands for whom it asks. */
struct prac_place {
	const struct prac_id *scopes; /* in which it is seen */
	size_t n_scopes;
	bool is_common;                /* reference data: seen in every school */
	const struct prac_id *student; /* whom it is about; may be NULL */
};

/* Whom the record is about, as a place names it: the student it is, or follows. False: nobody. */
bool prac_record_student(const struct prac_record *record, struct prac_id *student_out);

/* Bit n: the person holds the role with number n at the place at some time from then to then. */
uint32_t prac_person_roles(const struct prac_person *person, const struct prac_place *place,
	int64_t from_ms, int64_t to_ms);

/* The same wherever it may be: what the person may be offered at all. */
uint32_t prac_person_all_roles(const struct prac_person *person, int64_t at_ms);
