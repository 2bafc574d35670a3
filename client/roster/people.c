#include "client/roster/people.h"

#include <glib.h>
#include <string.h>

#include "client/roster/attendance.h"
#include "client/roster/guardians.h"
#include "client/roster/rows.h"

enum {
	NOBODY = 0 /* what a table answers for an unknown key; persons count from 1 in it */
};

/* Persons by "<kind><key kind><value>". */
struct joining {
	struct roster *roster;
	const struct roster_roles_of *roles_of;
	GHashTable *by_key;
	struct prac_arena scratch; /* of one user */
};

static void flaw(struct joining *joining, const struct roster_user *user, const char *column,
	enum roster_flaw_kind kind, const char *reason)
{
	struct roster_place place = { "users.csv", user->line, column };

	roster_flaw_add(&joining->roster->flaws, &place, kind, "%s", reason);
}

static bool is_guardian_role(enum roster_role_word role)
{
	return role == ROSTER_ROLE_GUARDIAN || role == ROSTER_ROLE_PARENT ||
	       role == ROSTER_ROLE_RELATIVE;
}

/* A student stays one whatever else; a teacher who is a parent too counts as staff. */
static bool kind_of(const struct joining *joining, uint32_t user, enum roster_person_kind *kind_out)
{
	bool has_role = false;
	const struct roster *roster = joining->roster;

	*kind_out = ROSTER_GUARDIAN;
	for (uint32_t i = joining->roles_of->first[user]; i != ROSTER_NONE;
		i = joining->roles_of->next[i]) {
		enum roster_role_word role = roster->roles[i].role;

		has_role = true;
		if (role == ROSTER_ROLE_STUDENT) {
			*kind_out = ROSTER_STUDENT;
		} else if (!is_guardian_role(role) && *kind_out != ROSTER_STUDENT) {
			*kind_out = ROSTER_STAFF;
		}
	}
	return has_role;
}

static const char *key_text(struct joining *joining, enum roster_person_kind kind,
	enum roster_key_kind key_kind, const char *value)
{
	return prac_arena_printf(
		&joining->scratch, "%u%u%s", (unsigned)kind, (unsigned)key_kind, value);
}

static uint32_t find(struct joining *joining, enum roster_person_kind kind,
	enum roster_key_kind key_kind, const char *value)
{
	if (value[0] == '\0') {
		return NOBODY;
	}
	return GPOINTER_TO_UINT(
		g_hash_table_lookup(joining->by_key, key_text(joining, kind, key_kind, value)));
}

static void enter(
	struct joining *joining, uint32_t person, enum roster_key_kind key_kind, const char *value)
{
	enum roster_person_kind kind = joining->roster->persons[person - 1].kind;
	const char *key = key_text(joining, kind, key_kind, value);

	if (value[0] != '\0' && !g_hash_table_contains(joining->by_key, key)) {
		char *kept = prac_arena_text(&joining->roster->arena, prac_bytes_text(key));
		g_hash_table_insert(joining->by_key, kept, GUINT_TO_POINTER(person));
	}
}

static uint32_t add_person(struct roster *roster, enum roster_person_kind kind)
{
	roster->persons = roster_grow(roster->persons, roster->n_persons, sizeof(*roster->persons));
	roster->persons[roster->n_persons] = (struct roster_person){
		.kind = kind,
		.key_kind = ROSTER_BY_SOURCED_ID,
		.user = ROSTER_NONE,
		.first_user = ROSTER_NONE,
		.home = ROSTER_NONE,
		.birth_date = ROSTER_NO_DATE,
	};
	return ++roster->n_persons;
}

/* The person of a user row, by the strongest number the row has; a new one when nobody has it. */
static uint32_t person_of(
	struct joining *joining, const struct roster_user *user, enum roster_person_kind kind)
{
	struct roster *roster = joining->roster;
	uint32_t by_master =
		find(joining, kind, ROSTER_BY_MASTER_IDENTIFIER, user->master_identifier);
	uint32_t by_identifier = find(joining, kind, ROSTER_BY_IDENTIFIER, user->identifier);

	if (by_master != NOBODY) {
		return by_master;
	}
	if (by_identifier == NOBODY) {
		return add_person(roster, kind);
	}
	const struct roster_person *other = &roster->persons[by_identifier - 1];
	if (user->master_identifier[0] != '\0' && other->key_kind == ROSTER_BY_MASTER_IDENTIFIER) {
		flaw(joining, user, "identifier", ROSTER_FLAW_IDENTITY,
			prac_arena_printf(&joining->scratch,
				"belongs to another userMasterIdentifier too, on line %u",
				roster->users[other->first_user].line));
		return add_person(roster, kind);
	}
	return by_identifier;
}

static void take_key(struct roster_person *person, const struct roster_user *user)
{
	if (user->master_identifier[0] != '\0' && person->key_kind != ROSTER_BY_MASTER_IDENTIFIER) {
		person->key_kind = ROSTER_BY_MASTER_IDENTIFIER;
		person->key = user->master_identifier;
	} else if (user->identifier[0] != '\0' && person->key_kind == ROSTER_BY_SOURCED_ID) {
		person->key_kind = ROSTER_BY_IDENTIFIER;
		person->key = user->identifier;
	} else if (person->key == NULL) {
		person->key = user->sourced_id;
	}
}

/* Two rows of one number with two birth dates are two people, or one mistake. */
static void take_birth_date(
	struct joining *joining, struct roster_person *person, const struct roster_user *user)
{
	if (user->birth_date == ROSTER_NO_DATE) {
		return;
	}
	if (person->birth_date != ROSTER_NO_DATE && person->birth_date != user->birth_date) {
		flaw(joining, user, "identifier", ROSTER_FLAW_IDENTITY,
			prac_arena_printf(&joining->scratch,
				"names the same person as line %u, with another birth date",
				joining->roster->users[person->first_user].line));
		return;
	}
	person->birth_date = user->birth_date;
}

/* Rows of a person are linked in the order of the file; they are few. */
static void append_row(struct roster *roster, struct roster_person *person, uint32_t row)
{
	uint32_t *link = &person->first_user;

	while (*link != ROSTER_NONE) {
		link = &roster->users[*link].next_of_person;
	}
	*link = row;
}

static void join_user(struct joining *joining, uint32_t row)
{
	struct roster *roster = joining->roster;
	struct roster_user *user = &roster->users[row];
	enum roster_person_kind kind;

	prac_arena_reset(&joining->scratch);
	if (!kind_of(joining, row, &kind)) {
		flaw(joining, user, "sourcedId", ROSTER_FLAW_ROLE_MISSING,
			"has no row in roles.csv: the user is left out");
		return;
	}
	uint32_t number = person_of(joining, user, kind);
	struct roster_person *person = &roster->persons[number - 1];

	take_birth_date(joining, person, user);
	person->sex = person->sex != ROSTER_SEX_NONE ? person->sex : user->sex;
	person->races = person->races != 0 ? person->races : user->races;
	append_row(roster, person, row);
	take_key(person, user);
	user->person = number - 1;
	enter(joining, number, ROSTER_BY_MASTER_IDENTIFIER, user->master_identifier);
	enter(joining, number, ROSTER_BY_IDENTIFIER, user->identifier);
}

void roster_people_join(struct roster *roster)
{
	struct roster_roles_of roles_of;
	struct joining joining = { .roster = roster, .roles_of = &roles_of };

	roster_roles_of_init(&roles_of, roster);
	prac_arena_init(&joining.scratch, 0);
	joining.by_key = g_hash_table_new(g_str_hash, g_str_equal);
	for (uint32_t row = 0; row < roster->n_users; row++) {
		join_user(&joining, row);
	}
	g_hash_table_destroy(joining.by_key);
	prac_arena_deinit(&joining.scratch);
	roster_attendance_find(roster, &roles_of);
	roster_guardians_find(roster, &roles_of);
	roster_roles_of_deinit(&roles_of);
}
