/*
 * What a report's file in sql/reports says of itself in its head: comment lines with a title, the
 * dimensions by which it can be broken down, the columns that count people and those that are no
 * figures, an empty one, then the definition of its figures. Both programs have the files embedded, so that a report can be described anywhere.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"

struct prac_report {
	const char *name;       /* borrowed: the file's */
	const char *title;      /* "WBL participation" */
	const char *definition; /* one paragraph */

	struct prac_report_names {
		const char **items;
		size_t n;
	} dimensions, counts, labels;
};

/* The texts are in the arena. */
void prac_report_read(const char *name, const char *sql, struct prac_arena *arena,
	struct prac_report *report_out);

bool prac_report_names_have(const struct prac_report_names *names, const char *name);
bool prac_report_has_dimension(const struct prac_report *report, const char *name);
