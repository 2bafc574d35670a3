#include "common/rules/rights.h"

#include "catalog/types.h"

#include <string.h>

#include "common/base/macros.h"

#define C  PRAC_ROLE_BIT(PRAC_ROLE_COORDINATOR)
#define T  PRAC_ROLE_BIT(PRAC_ROLE_TEACHER)
#define N  PRAC_ROLE_BIT(PRAC_ROLE_COUNSELOR)
#define P  PRAC_ROLE_BIT(PRAC_ROLE_PRINCIPAL)
#define DC PRAC_ROLE_BIT(PRAC_ROLE_DISTRICT_COORDINATOR)
#define CD PRAC_ROLE_BIT(PRAC_ROLE_CTE_DIRECTOR)
#define DK PRAC_ROLE_BIT(PRAC_ROLE_DATA_CLERK)
#define AU PRAC_ROLE_BIT(PRAC_ROLE_AUDITOR)
#define AD PRAC_ROLE_BIT(PRAC_ROLE_ADMINISTRATOR)
#define OP PRAC_ROLE_BIT(PRAC_ROLE_OPERATOR)
#define ST PRAC_ROLE_BIT(PRAC_ROLE_STUDENT)
#define SV PRAC_ROLE_BIT(PRAC_ROLE_SUPERVISOR)

#define SCHOOL   (C | T | N | P)
#define DISTRICT (DC | CD | DK)
#define READERS  (SCHOOL | DISTRICT | AU)

/* Of MethodId; this folder knows no messages. */
enum {
	REPORT_RUN = 4,
	DEVICE_RENEW = 6, /* of a certificate that is over */
	IMPORT_PUT = 10,
	IMPORT_REVERSE = 13,
	PEOPLE_CARD = 29,
	PEOPLE_BULK_READ = 31
};

const struct prac_right prac_rights[] = {
	{ PRAC_ACCESS_COMMON, PRAC_RIGHT_READ, READERS | ST | SV, false, false },
	{ PRAC_ACCESS_COMMON, PRAC_RIGHT_CREATE, DISTRICT, false, true },
	{ PRAC_ACCESS_COMMON, PRAC_RIGHT_CHANGE, DISTRICT, false, true },
	{ PRAC_ACCESS_COMMON, PRAC_RIGHT_DELETE, DISTRICT, false, true },
	{ PRAC_ACCESS_COMMON, PRAC_RIGHT_ACT, DISTRICT, false, true },

	{ PRAC_ACCESS_STAFF, PRAC_RIGHT_READ, READERS, false, false },
	{ PRAC_ACCESS_STAFF, PRAC_RIGHT_CREATE, DISTRICT, false, true },
	{ PRAC_ACCESS_STAFF, PRAC_RIGHT_CHANGE, DISTRICT, false, true },
	{ PRAC_ACCESS_STAFF, PRAC_RIGHT_DELETE, DK, false, true },
	{ PRAC_ACCESS_STAFF, PRAC_RIGHT_ACT, DISTRICT, false, true },

	{ PRAC_ACCESS_PARTNER, PRAC_RIGHT_READ, READERS | ST, false, false },
	{ PRAC_ACCESS_PARTNER, PRAC_RIGHT_CREATE, C | T | DISTRICT, false, true },
	{ PRAC_ACCESS_PARTNER, PRAC_RIGHT_CHANGE, C | T | DISTRICT, false, true },
	{ PRAC_ACCESS_PARTNER, PRAC_RIGHT_DELETE, DC | CD, false, true },
	{ PRAC_ACCESS_PARTNER, PRAC_RIGHT_ACT, C | T | DC | CD, false, true },

	{ PRAC_ACCESS_STUDENT, PRAC_RIGHT_READ, READERS | ST, false, true },
	{ PRAC_ACCESS_STUDENT, PRAC_RIGHT_CREATE, C | N | DISTRICT, false, true },
	{ PRAC_ACCESS_STUDENT, PRAC_RIGHT_CHANGE, C | N | DISTRICT, false, true },
	{ PRAC_ACCESS_STUDENT, PRAC_RIGHT_DELETE, C | DC | DK, false, true },
	{ PRAC_ACCESS_STUDENT, PRAC_RIGHT_ACT, C | N | DISTRICT, false, true },

	{ PRAC_ACCESS_WORK, PRAC_RIGHT_READ, READERS | ST | SV, false, true },
	{ PRAC_ACCESS_WORK, PRAC_RIGHT_CREATE, C | T | N | DISTRICT, false, true },
	{ PRAC_ACCESS_WORK, PRAC_RIGHT_CHANGE, C | T | N | DISTRICT, false, true },
	{ PRAC_ACCESS_WORK, PRAC_RIGHT_DELETE, C | T | DC, false, true },
	{ PRAC_ACCESS_WORK, PRAC_RIGHT_ACT, C | T | P | DC | CD, false, true },

	{ PRAC_ACCESS_HOURS, PRAC_RIGHT_READ, READERS | ST | SV, false, true },
	{ PRAC_ACCESS_HOURS, PRAC_RIGHT_CREATE, C | T | DISTRICT | ST, false, true },
	{ PRAC_ACCESS_HOURS, PRAC_RIGHT_CHANGE, C | T | DISTRICT | ST, false, true },
	{ PRAC_ACCESS_HOURS, PRAC_RIGHT_DELETE, C | T | DC | ST, false, true },
	{ PRAC_ACCESS_HOURS, PRAC_RIGHT_ACT, C | T | DC, false, true },

	{ PRAC_ACCESS_CASE, PRAC_RIGHT_READ, READERS, false, true },
	{ PRAC_ACCESS_CASE, PRAC_RIGHT_CHANGE, C | T | N | DISTRICT, false, true },
	{ PRAC_ACCESS_CASE, PRAC_RIGHT_ACT, C | T | N | DISTRICT, false, true },

	{ PRAC_ACCESS_DISCLOSURE, PRAC_RIGHT_READ, READERS | ST, false, true },
	{ PRAC_ACCESS_DISCLOSURE, PRAC_RIGHT_CREATE, READERS | ST, false, true },

	{ PRAC_ACCESS_READING, PRAC_RIGHT_READ, P | DISTRICT | AU, false, true },
	{ PRAC_ACCESS_READING, PRAC_RIGHT_CREATE, READERS, false, true },

	{ 0, REPORT_RUN, DISTRICT | AU, false, true },
	{ 0, DEVICE_RENEW, READERS | AD | OP, false, true },
	{ 0, IMPORT_PUT, DISTRICT, false, true }, { 0, IMPORT_REVERSE, DISTRICT, false, true },
	{ 0, PEOPLE_BULK_READ, DISTRICT, true, true },
	{ 0, PEOPLE_CARD, C, false, true }, /* of students at the coordinator's own school */
};
const size_t prac_n_rights = PRAC_NELEM(prac_rights);

/* Who sees fields of a class, of those who may read the record; the other classes: all of them. */
static const uint32_t viewers[PRAC_MASKS] = {
	[PRAC_MASK_BIRTH_DATE] = C | N | P | DISTRICT | AU | ST,
	[PRAC_MASK_POPULATIONS] = N | P | DISTRICT | AU | ST,
	[PRAC_MASK_HEALTH] = C | N | P | DC | ST,
	[PRAC_MASK_DISCIPLINE] = C | N | P | DC | CD,
	[PRAC_MASK_FAMILY] = C | N | P | DC | DK | ST,
};

const uint32_t prac_roles_with_factor = AD | OP | DC | CD | DK;

static const char *const names[PRAC_ROLES] = { "none",
#define XX(name, number, word) [PRAC_ROLE_##name] = (word),
	PRAC_ROLE_MAP(XX)
#undef XX
};

const char *prac_role_name(enum prac_role role)
{
	return names[(unsigned)role < PRAC_ROLES ? role : PRAC_ROLE_NONE];
}

enum prac_role prac_role_find(const char *name)
{
	for (unsigned role = 1; role < PRAC_ROLES; role++) {
		if (strcmp(names[role], name) == 0) {
			return (enum prac_role)role;
		}
	}
	return PRAC_ROLE_NONE;
}

bool prac_role_is_district(enum prac_role role)
{
	return (PRAC_ROLE_BIT(role) & (DISTRICT | AU | AD | OP)) != 0;
}

static const struct prac_right *find(enum prac_access access, int what)
{
	for (size_t i = 0; i < prac_n_rights; i++) {
		if (prac_rights[i].access == access && prac_rights[i].what == what) {
			return &prac_rights[i];
		}
	}
	return NULL;
}

const struct prac_right *prac_right_method(int method)
{
	return find((enum prac_access)0, method);
}

uint32_t prac_right_roles(
	const struct prac_type *type, enum prac_right_op op, const struct prac_action *action)
{
	const struct prac_right *right = find(type->access, (int)op);
	uint32_t roles = right == NULL ? 0 : right->roles;

	if (op != PRAC_RIGHT_ACT || action == NULL) {
		return roles;
	}
	if (action->roles != 0) {
		return action->roles;
	}
	return action->district ? roles & DISTRICT : roles;
}

uint32_t prac_right_writers(const struct prac_type *type, const struct prac_group *group)
{
	uint32_t roles = UINT32_MAX;

	for (size_t i = 0; i < group->n_fields; i++) {
		uint32_t writers = type->fields[group->fields[i]].writers;

		roles &= writers == 0 ? UINT32_MAX : writers;
	}
	return roles;
}

uint32_t prac_right_viewers(enum prac_mask mask)
{
	return viewers[mask] == 0 ? UINT32_MAX : viewers[mask];
}

/* Who sees all of the group; NULL: all of the record. */
static uint32_t group_viewers(const struct prac_type *type, const struct prac_group *group)
{
	uint32_t roles = UINT32_MAX;

	for (size_t i = 0; i < type->n_fields; i++) {
		const struct prac_field *field = &type->fields[i];

		if (group == NULL || &type->groups[field->group] == group) {
			roles &= prac_right_viewers((enum prac_mask)field->mask);
		}
	}
	return roles;
}

uint32_t prac_right_changers(const struct prac_type *type, const struct prac_group *group)
{
	return prac_right_writers(type, group) & group_viewers(type, group);
}

/* Who sees what the record holds of another: a group when it names one, else everything. */
static uint32_t content_viewers(const struct prac_record *record)
{
	const struct prac_field *field = prac_field_find_name(record->type, "group_number");
	const struct prac_group *group = NULL;
	struct prac_id id;
	const struct prac_type *type = prac_record_target(record, &id);

	if (type == NULL) {
		return 0; /* newer than this program: nobody knows what is in it */
	}
	if (field != NULL) {
		group = prac_group_find(type, (uint32_t)record->values[field->index].number);
	}
	return group_viewers(type, group);
}

uint64_t prac_record_withheld(const struct prac_record *record, uint32_t roles)
{
	uint64_t fields = 0;

	for (size_t i = 0; i < record->type->n_fields; i++) {
		enum prac_mask mask = (enum prac_mask)record->type->fields[i].mask;
		uint32_t may = mask == PRAC_MASK_CONTENT ? content_viewers(record)
							 : prac_right_viewers(mask);

		if ((roles & may) == 0) {
			fields |= UINT64_C(1) << i;
		}
	}
	return fields;
}

void prac_record_withhold(struct prac_record *record, uint64_t fields)
{
	record->withheld |= fields;
	for (size_t i = 0; i < record->type->n_fields; i++) {
		if ((fields >> i & 1) != 0) {
			record->values[i] = (struct prac_value){ 0 };
		}
	}
}

static bool covers(const struct prac_grant *grant, const struct prac_place *place)
{
	if (prac_role_is_district(grant->role)) {
		return prac_id_equal(&grant->scope, &prac_scope_district);
	}
	if (place->is_common) {
		return true;
	}
	if (grant->role == PRAC_ROLE_SUPERVISOR) {
		return false; /* acts through what a station captures, not by the records seen there */
	}
	for (size_t i = 0; i < place->n_scopes; i++) {
		if (prac_id_equal(&grant->scope, &place->scopes[i])) {
			return true;
		}
	}
	return false;
}

static bool is_held(const struct prac_grant *grant, int64_t from_ms, int64_t to_ms)
{
	return grant->from_ms <= to_ms && from_ms < grant->until_ms;
}

/* A student sees what is about that student and what is about nobody. */
static bool is_own(const struct prac_person *person, const struct prac_place *place)
{
	return place->student == NULL ? place->is_common
				      : prac_id_equal(place->student, &person->subject);
}

uint32_t prac_person_roles(const struct prac_person *person, const struct prac_place *place,
	int64_t from_ms, int64_t to_ms)
{
	uint32_t roles = 0;

	for (size_t i = 0; i < person->n_grants; i++) {
		const struct prac_grant *grant = &person->grants[i];

		if (is_held(grant, from_ms, to_ms) && covers(grant, place) &&
			(grant->role != PRAC_ROLE_STUDENT || is_own(person, place))) {
			roles |= PRAC_ROLE_BIT(grant->role);
		}
	}
	return roles;
}

uint32_t prac_person_all_roles(const struct prac_person *person, int64_t at_ms)
{
	uint32_t roles = 0;

	for (size_t i = 0; i < person->n_grants; i++) {
		if (is_held(&person->grants[i], at_ms, at_ms)) {
			roles |= PRAC_ROLE_BIT(person->grants[i].role);
		}
	}
	return roles;
}

bool prac_record_student(const struct prac_record *record, struct prac_id *student_out)
{
	int follow = record->type->follow_field;

	if (record->type->number == PRAC_STUDENT) {
		*student_out = record->id;
		return true;
	}
	return follow >= 0 && record->values[follow].has &&
	       prac_id_from_bytes(record->values[follow].bytes, student_out) == PRAC_OK;
}
