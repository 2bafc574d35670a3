#include "tests/sim/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	JOBS_MAX = 256
};

/* The tally fits a pipe, so that nobody waits for who reads it. */
static void play(int out, jobs_fn fn, const void *ctx, unsigned nth, unsigned n_jobs)
{
	struct tally tally = { 0 };
	bool holds = fn(ctx, nth, n_jobs, &tally);

	(void)fflush(stdout); /* nobody is left to hear that it failed */
	_exit(holds && write(out, &tally, sizeof(tally)) == (ssize_t)sizeof(tally) ? 0 : 1);
}

static bool start(int *out, jobs_fn fn, const void *ctx, unsigned nth, unsigned n_jobs)
{
	int ends[2];
	pid_t pid;

	if (pipe(ends) != 0) {
		return false;
	}
	pid = fork();
	if (pid == 0) {
		play(ends[1], fn, ctx, nth, n_jobs);
	}
	(void)close(ends[1]); /* was not written to here */
	*out = ends[0];
	return pid > 0;
}

static bool end(int from, struct tally *tally)
{
	struct tally part;
	bool holds = read(from, &part, sizeof(part)) == (ssize_t)sizeof(part);

	if (holds) {
		tally_add(tally, &part);
	}
	(void)close(from); /* was read to its end */
	return holds;
}

bool jobs_run(unsigned n_jobs, jobs_fn fn, const void *ctx, struct tally *tally)
{
	int outs[JOBS_MAX];
	unsigned n = 0;
	bool holds = true;

	if (n_jobs <= 1) {
		return fn(ctx, 0, 1, tally);
	}
	(void)fflush(stdout); /* or each job says it again */
	n_jobs = n_jobs < JOBS_MAX ? n_jobs : JOBS_MAX;
	while (n < n_jobs && start(&outs[n], fn, ctx, n, n_jobs)) {
		n++;
	}
	for (unsigned i = 0; i < n; i++) {
		holds = end(outs[i], tally) && holds;
	}
	while (wait(NULL) > 0) {
	}
	return holds && n == n_jobs;
}
