/* What SQL files become at build time. Texts are static and never change. */
#pragma once

/* One block of sql/queries: `-- name: roster_enroll` is q_roster_enroll. */
struct db_stmt {
	const char *name;
	const char *text;
	unsigned n_params; /* the highest $n in text */
};

/* One whole file, named after it without `.sql`. Tables of these end with a NULL name. */
struct db_script {
	const char *name;
	const char *text;
};
