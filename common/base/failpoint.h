/*
 * Named points at which a test has the program die, as `kill -9` would: FAILPOINT=name:n in the
 * environment, at the n-th time it gets there. name:n:stop halts it there instead, until SIGCONT.
 * Compiled in with PRAC_FAILPOINTS only (Debug builds).
 */
#pragma once

#ifdef PRAC_FAILPOINTS
void prac_failpoint(const char *name);
#define PRAC_FAILPOINT(name) prac_failpoint(name)
#else
#define PRAC_FAILPOINT(name) ((void)0)
#endif

/* Mistakes that the simulator plants to see that it finds them (SYNC 5.4). */
enum prac_plant {
	PRAC_PLANT_NOTHING,
	PRAC_PLANT_PURGE_FIRST,  /* a scope is erased though input of it was not judged */
	PRAC_PLANT_NO_GENERATION /* a page is applied though the grants are others now */
};

#ifdef PRAC_FAILPOINTS
extern enum prac_plant prac_planted;
#define PRAC_PLANTED(plant) (prac_planted == (plant))
#else
#define PRAC_PLANTED(plant) 0
#endif
