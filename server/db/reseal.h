/*
 * Brings a database to the newest records key (seal.h): what is plain or under an older key is sealed, and
 * the tables are rewritten so that nothing of it is left on their pages. Blocking; refused while a server runs. It signs in
 * as the one that migrates, since records that are frozen are sealed, too.
 */
#pragma once

#include <stdio.h>

#include "common/base/status.h"
#include "server/db/seal.h"

struct db_reseal {
	const char *conninfo, *user; /* who becomes the owner of the tables */
	const struct db_seal *seal;
	FILE *out; /* what was done, a line a table */
};

/*
 * May be ended at any point and begun again. PRAC_FAILED_PRECONDITION: these are not the keys of this
 * database, or a server serves from it while there is something to seal; others as PostgreSQL says. problem_out is a sentence then.
 */
enum prac_status db_reseal(
	const struct db_reseal *reseal, char *problem_out, size_t size) PRAC_MUST_USE;
