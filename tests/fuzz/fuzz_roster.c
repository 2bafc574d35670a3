/* A whole package, as roster_read_parts() takes it, in both modes, and what it would import. */
#include <stddef.h>
#include <stdint.h>

#include "client/roster/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void plan(struct roster *roster)
{
	struct roster_plan_input input = { .env = &prac_env_system, .zone = "America/New_York" };
	struct prac_arena arena;

	prac_arena_init(&arena, 0);
	(void)roster_plan_make(roster, &input, &arena); /* the arena frees it */
	prac_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct prac_bytes parts = { data, len };

	roster_free(roster_read_parts(parts, ROSTER_STRICT));
	struct roster *roster = roster_read_parts(parts, ROSTER_TOLERANT);
	if (roster->flaws.n_errors == 0) {
		plan(roster);
	}
	roster_free(roster);
	return 0;
}
