/* What a database administrator runs before practicumd setup, and again for an installation that is older. */
#pragma once

#include <stdio.h>

#include "common/base/status.h"

/*
 * For the role and the database that conninfo names, and the role that migrates; it may be run again.
 * INVALID_ARGUMENT: one of them is no plain name, of small letters, digits and underscores, or both roles
 * are one.
 */
enum prac_status setup_sql_print(
	const char *conninfo, const char *migrate_user, FILE *out) PRAC_MUST_USE;
