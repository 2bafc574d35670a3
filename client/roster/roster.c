#include "client/roster/roster.h"

#include <glib.h>

#include "client/roster/load.h"
#include "client/roster/package.h"
#include "client/roster/people.h"

static struct roster *roster_new(enum roster_mode mode)
{
	struct roster *roster = g_new0(struct roster, 1);

	prac_arena_init(&roster->arena, 0);
	roster->unread = "";
	roster_flaws_init(&roster->flaws, mode, &roster->arena);
	return roster;
}

/* Takes package, which may be NULL. */
static void read_package(struct roster *roster, struct roster_package *package)
{
	if (package != NULL) {
		roster_load_files(roster, package);
		roster_package_free(package);
	}
	if (roster->flaws.n_errors == 0) {
		roster_people_join(roster);
	}
	if (roster->flaws.n_errors > 0) {
		roster->n_persons = 0;
		roster->n_memberships = 0;
		roster->n_guardianships = 0;
	}
}

struct roster *roster_read(const char *path, enum roster_mode mode)
{
	struct roster *roster = roster_new(mode);

	read_package(roster, roster_package_open(path, &roster->flaws));
	return roster;
}

struct roster *roster_read_parts(struct prac_bytes parts, enum roster_mode mode)
{
	struct roster *roster = roster_new(mode);

	read_package(roster, roster_package_parts(parts, &roster->flaws));
	return roster;
}

void roster_free(struct roster *roster)
{
	if (roster == NULL) {
		return;
	}
	g_free(roster->orgs);
	g_free(roster->sessions);
	g_free(roster->courses);
	g_free(roster->classes);
	g_free(roster->users);
	g_free(roster->roles);
	g_free(roster->enrollments);
	g_free(roster->persons);
	g_free(roster->memberships);
	g_free(roster->guardianships);
	roster_flaws_deinit(&roster->flaws);
	prac_arena_deinit(&roster->arena);
	g_free(roster);
}
