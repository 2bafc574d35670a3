/*
 * Records of students as a folder that a parent can read: one CSV and one JSON file a type, a data
 * dictionary, and README.txt with to whom, why and what was left out. Nothing in it names another student.
 */
#pragma once

#include <glib.h>

#include "client/cmd/cmd.h"
#include "client/cmd/scrub.h"

struct dossier_page {
	const struct prac_record *record;
	struct prac_id student;
	bool is_sensitive; /* with fields of health, discipline and special populations */
};

struct dossier {
	struct cmd_call *call;
	const char *folder;
	GArray *pages; /* struct dossier_page */
	struct scrub *scrub;
	bool is_directory; /* only fields that are directory information */
	bool has_history;  /* also what this device entered for the records */
	const char *head;  /* first lines of README.txt */
};

/* CMD_DONE, or an exit code after cmd_fail(). */
int dossier_write(const struct dossier *dossier);
