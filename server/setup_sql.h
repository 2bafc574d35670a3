/* What a database administrator runs once, before practicumd setup. */
#pragma once

#include <stdio.h>

#include "common/base/status.h"

/*
 * For the role and the database that conninfo names; it may be run again. INVALID_ARGUMENT: one of them
 * is no plain name, of small letters, digits and underscores.
 */
enum prac_status setup_sql_print(const char *conninfo, FILE *out) PRAC_MUST_USE;
