/* The subcommands of practicumd: one row each in main.c. */
#pragma once

#include "server/config.h"

struct command_call {
	struct config *config;
	const char *path; /* of the configuration file; NULL: the default */
	int argc;         /* what is left of the command line, the command's name first */
	char **argv;
	int flags_argc; /* the whole command line, for SIGHUP */
	char **flags_argv;
};

/* Each returns an exit code (exit_code.h). */
int command_serve(struct command_call *call);
int command_signer(struct command_call *call);
int command_check_config(struct command_call *call);
int command_print_config(struct command_call *call);
int command_migrate(struct command_call *call);
int command_seal(struct command_call *call);
int command_set_up(struct command_call *call);
int command_enroll_code(struct command_call *call);
int command_ca(struct command_call *call);
int command_pepper(struct command_call *call);
int command_device(struct command_call *call);
int command_epoch(struct command_call *call);
int command_user(struct command_call *call);
int command_status(struct command_call *call);
int command_audit(struct command_call *call);
int command_disposal(struct command_call *call);

/* Says on stderr what is wrong with the command line; returns EXIT_USAGE. */
int command_misused(const struct command_call *call, const char *fmt, ...) PRAC_PRINTF(2, 3);

struct _GOptionEntry;

/* Takes the command's own flags out; EXIT_DONE, or EXIT_USAGE with the reason said. */
int command_flags(struct command_call *call, const struct _GOptionEntry *entries);
