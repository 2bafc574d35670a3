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
