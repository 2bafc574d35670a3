/* What a roster's import finds and does, for people and as JSON. */
#pragma once

#include <jansson.h>

#include "client/cmd/cmd.h"
#include "client/replica/imports.h"
#include "client/roster/plan.h"

/*
 * One line each on stderr: file, line, column, reason; then how many are like them. With json of a
 * roster that is refused, an object on stdout instead.
 */
void roster_print_flaws(const struct roster_flaws *flaws, bool json);

struct roster_print {
	const struct roster *roster;
	const struct roster_plan *plan;
	json_t *alike; /* rows of client/cmd/likeness.h, which people were shown before */
	const struct replica_import *here; /* how it is taken back; its id nil: not by itself */
};

/* The counts by record type; of a preview also the records, the first ones of each sort. */
void roster_print_plan(struct cmd_call *call, const struct roster_print *print, bool is_preview);
