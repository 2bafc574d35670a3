/*
 * usage: roster_check PACKAGE   reads a OneRoster package strictly, prints each flaw as
 * file:line:column: reason, then how much was read. Exit 1 with a flaw.
 */
#include <stdio.h>

#include "client/roster/roster.h"

int main(int argc, char **argv)
{
	if (argc != 2) {
		(void)fputs("usage: roster_check PACKAGE\n", stderr);
		return 64;
	}
	struct roster *roster = roster_read(argv[1], ROSTER_STRICT);
	bool is_whole = roster->flaws.n == 0;

	for (uint32_t i = 0; i < roster->flaws.n; i++) {
		const struct roster_flaw *flaw = &roster->flaws.rows[i];

		printf("%s:%u:%s: %s\n", flaw->file, flaw->line, flaw->column, flaw->reason);
	}
	printf("users %u\npersons %u\nmemberships %u\nguardianships %u\nenrollments %u\n",
		roster->n_users, roster->n_persons, roster->n_memberships, roster->n_guardianships,
		roster->n_enrollments);
	roster_free(roster);
	return is_whole ? 0 : 1;
}
