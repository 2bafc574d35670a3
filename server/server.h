/* practicumd serve: one loop, everything on it, from the start to the drained end. */
#pragma once

#include "server/config.h"

/* How to read the configuration again at SIGHUP. */
struct server_source {
	const char *path; /* NULL: the default */
	int argc;         /* flags of the command line, with the program's name in front */
	char **argv;
};

/* Takes config. Returns the exit code of the program; the log says what happened. */
int server_run(struct config *config, const struct server_source *source);
