/*
 * The two files that a student information system delivers beside a OneRoster package, because OneRoster
 * has no place for what they say (RULES 1.8): CTE flags and special populations of students, and the
 * days of the calendar.
 */
#pragma once

#include "client/cmd/import_csv.h"

/* path is a CSV file. Each returns an exit code. */
int import_supplement(
	struct cmd_call *call, const char *path, const struct import_csv_options *options);
int import_calendar(
	struct cmd_call *call, const char *path, const struct import_csv_options *options);
