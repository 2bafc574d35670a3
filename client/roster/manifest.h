/* manifest.csv: the version of the package and what each file is (RULES 1.2). */
#pragma once

#include <stdbool.h>

#include "client/roster/layout.h"
#include "client/roster/package.h"

struct roster_manifest {
	enum roster_version version;
	/* Read the file: bulk, or not said in tolerant mode and then only when it is there. */
	bool is_bulk[ROSTER_N_FILES], is_unsaid[ROSTER_N_FILES];
	bool is_refused[ROSTER_N_FILES]; /* delta, or a word nobody knows: said already */
};

/* False when nothing more can be read; the flaws say why. */
bool roster_manifest_read(struct roster_package *package, struct roster_flaws *flaws,
	struct roster_manifest *manifest_out);
