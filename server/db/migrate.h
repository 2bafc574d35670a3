/*
 * Brings the schema to what this program was built with. Forward only, one transaction for each
 * file. Blocks: for `practicumd migrate` and for tests, never on the loop.
 *
 * The table schema_migration holds number, name and SHA-256 of what was applied.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "common/base/status.h"
#include "sql/stmt.h"

struct db_migrate {
	const char *conninfo;
	/*
	 * Role to sign in as in place of conninfo's; NULL: that one. It becomes practicum_owner, where there
	 * is that role and it is no superuser.
	 */
	const char *user;
	const struct db_script *scripts; /* named 0001_x, 0002_y ..., a NULL name behind the last */
	bool is_plan;                    /* only say what would be done */
	FILE *out;                       /* a line for each step */
};

/*
 * PRAC_FAILED_PRECONDITION: a file that was applied has changed since, or the database is newer
 * than this program. PRAC_INVALID_ARGUMENT: the files are not numbered without gaps from 1.
 * PRAC_UNAVAILABLE: no connection. Anything else: the script's own fault; what it did is undone.
 * A sentence about it is in problem_out, which is "" otherwise.
 */
enum prac_status db_migrate(
	const struct db_migrate *migrate, char *problem_out, size_t size) PRAC_MUST_USE;

/* The number of the last one. */
unsigned db_migrate_count(const struct db_script *scripts);
