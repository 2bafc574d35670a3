#include "client/roster/guardians.h"

#include <glib.h>

#include "client/roster/cell.h"
#include "client/roster/rows.h"

struct search {
	struct roster *roster;
	const struct roster_roles_of *roles_of;
	GHashTable *users;         /* sourcedId -> row + 1 */
	GHashTable *pairs;         /* student and guardian that are known, as one 64-bit number */
	struct prac_arena scratch; /* of one user */
};

/* ROSTER_ROLE_OTHER: the row gives no such role; an agent may be a counselor too. */
static enum roster_role_word relation_of(const struct search *search, uint32_t user)
{
	for (uint32_t i = search->roles_of->first[user]; i != ROSTER_NONE;
		i = search->roles_of->next[i]) {
		enum roster_role_word role = search->roster->roles[i].role;

		if (role == ROSTER_ROLE_GUARDIAN || role == ROSTER_ROLE_PARENT ||
			role == ROSTER_ROLE_RELATIVE) {
			return role;
		}
	}
	return ROSTER_ROLE_OTHER;
}

static bool is_student(const struct roster *roster, uint32_t user)
{
	uint32_t person = roster->users[user].person;

	return person != ROSTER_NONE && roster->persons[person].kind == ROSTER_STUDENT;
}

static void add_pair(struct search *search, uint32_t student, uint32_t guardian)
{
	struct roster *roster = search->roster;
	struct roster_guardianship pair = {
		.student = roster->users[student].person,
		.guardian = roster->users[guardian].person,
		.relation = relation_of(search, guardian),
	};
	gint64 number = (gint64)((uint64_t)pair.student << 32 | pair.guardian);

	if (pair.relation == ROSTER_ROLE_OTHER || pair.guardian == ROSTER_NONE ||
		g_hash_table_contains(search->pairs, &number)) {
		return;
	}
	gint64 *key = prac_arena_alloc(&roster->arena, sizeof(*key));
	*key = number;
	g_hash_table_add(search->pairs, key);
	roster->guardianships =
		roster_grow(roster->guardianships, roster->n_guardianships, sizeof(pair));
	roster->guardianships[roster->n_guardianships++] = pair;
}

/* Students name their parents, and some exports let parents name their children. */
static void read_agents(struct search *search, uint32_t user)
{
	struct roster *roster = search->roster;
	const char *rest = roster->users[user].agents;
	bool is_spaced = false;

	prac_arena_reset(&search->scratch);
	for (const char *agent = roster_list_next(&search->scratch, &rest, &is_spaced);
		agent != NULL; agent = roster_list_next(&search->scratch, &rest, &is_spaced)) {
		uint32_t other = GPOINTER_TO_UINT(g_hash_table_lookup(search->users, agent));

		if (other == 0) {
			continue;
		}
		if (is_student(roster, user) && !is_student(roster, other - 1)) {
			add_pair(search, user, other - 1);
		} else if (!is_student(roster, user) && is_student(roster, other - 1)) {
			add_pair(search, other - 1, user);
		}
	}
}

void roster_guardians_find(struct roster *roster, const struct roster_roles_of *roles_of)
{
	struct search search = { .roster = roster, .roles_of = roles_of };

	prac_arena_init(&search.scratch, 0);
	search.users = g_hash_table_new(g_str_hash, g_str_equal);
	search.pairs = g_hash_table_new(g_int64_hash, g_int64_equal);
	for (uint32_t i = 0; i < roster->n_users; i++) {
		g_hash_table_insert(search.users, (gpointer)roster->users[i].sourced_id,
			GUINT_TO_POINTER(i + 1));
	}
	for (uint32_t i = 0; i < roster->n_users; i++) {
		if (roster->users[i].agents[0] != '\0') {
			read_agents(&search, i);
		}
	}
	g_hash_table_destroy(search.pairs);
	g_hash_table_destroy(search.users);
	prac_arena_deinit(&search.scratch);
}
