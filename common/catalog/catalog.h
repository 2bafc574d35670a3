/*
 * The catalog of record types: const tables generated at build time from proto/records. Whoever
 * handles records walks these tables; no code knows a record type by name but its rules file.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "common/base/id.h"

enum {
	PRAC_SCHEMA = 5,      /* version of the catalog this program was built with */
	PRAC_GROUPS_MAX = 16, /* field groups a type may have */
	PRAC_FIELDS_MAX = 64  /* fields a type may have */
};

enum prac_kind {
	PRAC_TEXT,
	PRAC_TEXT_LIST,
	PRAC_INT,
	PRAC_BOOL,
	PRAC_DATE,    /* days since 1970-01-01 */
	PRAC_TIME,    /* minutes of the day */
	PRAC_MINUTES, /* duration */
	PRAC_CENTS,
	PRAC_INSTANT, /* ms since 1970-01-01 UTC */
	PRAC_ENUM,
	PRAC_REF, /* 16-byte id of another record */
	PRAC_BLOB
};

enum prac_merge {
	PRAC_MERGE_VALUE,
	PRAC_MERGE_SET
};

enum prac_owner {
	PRAC_OWNER_REFERENCE,
	PRAC_OWNER_DISTRICT,
	PRAC_OWNER_BY_FIELD, /* the school that owner_field names: its id is the scope */
	PRAC_OWNER_ASSIGNED, /* only the server creates such records */
	PRAC_OWNER_TARGET    /* the scope of the record that record_type and record_id name */
};

/* What a person is in a membership: Role of proto/options.proto. */
#define PRAC_ROLE_MAP(XX)                                   \
	XX(COORDINATOR, 1, "coordinator")                   \
	XX(TEACHER, 2, "teacher")                           \
	XX(COUNSELOR, 3, "counselor")                       \
	XX(PRINCIPAL, 4, "principal")                       \
	XX(DISTRICT_COORDINATOR, 5, "district_coordinator") \
	XX(CTE_DIRECTOR, 6, "cte_director")                 \
	XX(DATA_CLERK, 7, "data_clerk")                     \
	XX(AUDITOR, 8, "auditor")                           \
	XX(ADMINISTRATOR, 9, "administrator")               \
	XX(OPERATOR, 10, "operator")                        \
	XX(STUDENT, 11, "student")                          \
	XX(SUPERVISOR, 12, "supervisor")

enum prac_role {
	PRAC_ROLE_NONE,
#define XX(name, number, word) PRAC_ROLE_##name = (number),
	PRAC_ROLE_MAP(XX)
#undef XX
	PRAC_ROLES /* one more than the last */
};

/* Visibility class of a type: Access of proto/options.proto. */
enum prac_access {
	PRAC_ACCESS_COMMON = 1,
	PRAC_ACCESS_STAFF,
	PRAC_ACCESS_PARTNER,
	PRAC_ACCESS_STUDENT,
	PRAC_ACCESS_WORK,
	PRAC_ACCESS_HOURS,
	PRAC_ACCESS_CASE,
	PRAC_ACCESS_DISCLOSURE,
	PRAC_ACCESS_READING
};

/* PersonalData of proto/options.proto. */
enum prac_personal {
	PRAC_PERSONAL_NONE,
	PRAC_PERSONAL_DIRECTORY,
	PRAC_PERSONAL_PERSONAL,
	PRAC_PERSONAL_SENSITIVE
};

/* Visibility class of a field: Mask of proto/options.proto. */
enum prac_mask {
	PRAC_MASK_NONE,
	PRAC_MASK_BIRTH_DATE,
	PRAC_MASK_POPULATIONS,
	PRAC_MASK_HEALTH,
	PRAC_MASK_DISCIPLINE,
	PRAC_MASK_FAMILY,
	PRAC_MASK_CONTENT, /* bytes of another record's fields: as those */
	PRAC_MASKS
};

enum prac_field_flag {
	PRAC_REQUIRED = 1 << 0, /* also set for the state */
	PRAC_IMMUTABLE = 1 << 1,
	PRAC_STATE = 1 << 2,
	PRAC_HASHED = 1 << 3,
	PRAC_SEALED = 1 << 4,
	PRAC_INDEXED = 1 << 5
};

struct prac_enum_value {
	int32_t number;
	const char *name; /* lower case, without the enum's prefix: "school_review" */
	const char *label;
};

struct prac_field {
	uint32_t number; /* in the message, never reused */
	uint16_t index;  /* in prac_type.fields and in a record's values */
	uint16_t group;  /* index in prac_type.groups */
	enum prac_kind kind;
	unsigned flags; /* of enum prac_field_flag */
	uint16_t since;
	uint8_t personal;  /* enum prac_personal */
	uint8_t mask;      /* enum prac_mask */
	uint32_t ref_type; /* 0: not a reference, or an id that is not checked */
	int64_t min, max;  /* as in FieldFacts; INT64_MIN and INT64_MAX when not said */
	const char *name, *label, *help, *unit; /* help and unit may be empty, never NULL */
	const struct prac_enum_value *values;
	size_t n_values;
	uint32_t
		writers; /* bit n: the role with number n may change it; 0: who may write the record */
};

struct prac_group {
	uint32_t number;
	const char *name, *label;
	enum prac_merge merge;
	const uint16_t *fields; /* indexes, in number order */
	size_t n_fields;
};

struct prac_type;

/* The field has this value: number of an enum's value, 0 or 1 of a yes or no. */
struct prac_condition {
	uint16_t field; /* index */
	int32_t number;
};

/* What must hold before a move (practicum.Guard); judged by common/rules/guard.h. */
struct prac_guard {
	const char *name, *label, *help;
	const struct prac_condition *when; /* of the judged record, any; none: always */
	size_t n_when;
	const uint16_t *has; /* fields of the judged record that must have a value */
	size_t n_has;
	int ref;           /* index of the judged record's reference, -1: the record itself */
	uint32_t children; /* type number, 0: the record at hand is looked at, not its children */
	uint32_t by;       /* number of the children's field that refers to it */
	const struct prac_condition *where; /* of the children that count, any; none: all */
	size_t n_where;
	uint64_t states;             /* bit n: state n will do; 0: any */
	bool every;                  /* of all children; else of one */
	int valid_from, valid_until; /* indexes of date fields of what is looked at, -1: none */
	const uint16_t *on; /* date fields of the judged record to be covered; none: today */
	size_t n_on;
};

/* A state that only the calendar moves (practicum.Computed). */
struct prac_computed {
	const char *name, *label, *help;
	uint64_t from; /* bit n: in the stored state n; 0: in every state */
	int since;     /* index of a date field */
	int32_t days;  /* it holds from `since` + days on */
	int until;     /* index of a date field, the last day; -1: none */
};

struct prac_action {
	uint32_t number;
	const char *name, *label, *help;
	uint64_t from; /* bit n: may start from the state with number n; 0: from every state */
	int32_t to;    /* state number, -1: unchanged or decided by the rules */
	const struct prac_type *args; /* may be NULL; a type without number, id and groups */
	bool district;                /* only for devices of the district office */
	/* Who may do it: bit n stands for the role with number n; 0: whoever may change the record. */
	uint32_t roles;
	const struct prac_guard *const *guards; /* all must hold */
	size_t n_guards;
};

/* Fields in which two records that are the same say the same (practicum.Alike). */
struct prac_alike {
	const uint16_t *fields; /* indexes */
	size_t n_fields;
};

struct prac_type {
	uint32_t number;
	const char *name; /* snake case; SQL table, file in common/rules and the word typed */
	const char *label, *plural, *help, *retention;
	enum prac_owner owner;
	enum prac_access access;
	int owner_field;  /* index, -1 when none */
	int follow_field; /* index of the reference to a student, -1 when none */
	int state_field;  /* index, -1 when none */
	bool append_only, reported;
	bool unique;     /* no two live records have the same natural key */
	bool proposable; /* schools may create it, and change it in its first state */
	uint64_t frozen; /* bit n: only actions change it in the state with number n */
	int frozen_with; /* index of the reference whose record freezes this one, -1 when none */
	const struct prac_field *fields; /* in number order */
	size_t n_fields;
	const struct prac_group *groups;
	size_t n_groups;
	const struct prac_action *actions;
	size_t n_actions;
	const struct prac_guard *guards;
	size_t n_guards;
	const struct prac_computed *computed; /* the first one that holds is the record's */
	size_t n_computed;
	const uint16_t *title, *natural_key, *columns; /* field indexes */
	size_t n_title, n_natural_key, n_columns;
	const struct prac_alike
		*alike; /* each by itself; none: nobody looks for doubles of the type */
	size_t n_alike;
};

/* Every record type, in number order. Names for their parts are in the generated catalog/types.h. */
extern const struct prac_type *const prac_types[];
extern const size_t prac_n_types;

/* NULL when unknown. */
const struct prac_type *prac_type_find(uint32_t number);
/* Place in prac_types of a type that there is. */
size_t prac_type_index(uint32_t number);
const struct prac_type *prac_type_find_name(const char *name);
const struct prac_field *prac_field_find(const struct prac_type *type, uint32_t number);
const struct prac_field *prac_field_find_name(const struct prac_type *type, const char *name);

/* What the field is, as a sentence: its help, or what its name says in every type (words.c). */
const char *prac_field_words(const struct prac_type *type, const struct prac_field *field);
/* The same of an argument of the type's action: of the field of that name, in which it is stored. */
const char *prac_argument_words(const struct prac_type *type, const struct prac_field *argument);
const struct prac_group *prac_group_find(const struct prac_type *type, uint32_t number);
const struct prac_action *prac_action_find(const struct prac_type *type, uint32_t number);
const struct prac_action *prac_action_find_name(const struct prac_type *type, const char *name);
const struct prac_enum_value *prac_enum_find(const struct prac_field *field, int64_t number);
const struct prac_enum_value *prac_enum_find_name(const struct prac_field *field, const char *name);

/* The server keeps its value sealed in PostgreSQL (server/db/seal.h): words on health or discipline, and bytes
 * that may hold some. Such a column is bytea. Of a type: of any of its fields. */
bool prac_field_is_closed(const struct prac_field *field);
bool prac_type_is_closed(const struct prac_type *type);

/* Number of the state that records of the type begin in; 0 when the type has no states. */
int32_t prac_type_first_state(const struct prac_type *type);

/* The two scopes that are no school: ...0001 and ...0002. */
extern const struct prac_id prac_scope_district;
extern const struct prac_id prac_scope_reference;
