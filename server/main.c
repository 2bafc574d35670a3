/* practicumd: the district server and the commands of its operator. */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/log.h"
#include "common/base/near.h"
#include "common/base/secret.h"
#include "common/base/version.h"
#include "server/command.h"
#include "server/exit_code.h"
#include "server/server.h"

struct command {
	const char *name, *usage, *summary, *example;
	int (*run)(struct command_call *call);
};

static const struct command commands[] = {
	{ "serve", "", "serve until SIGTERM; SIGHUP reads the configuration again",
		"practicumd serve --config /etc/practicum/practicumd.conf", command_serve },
	{ "signer", "",
		"hold the authority's key, the seal key and the pepper; SIGHUP reads them again",
		"practicumd signer --config /etc/practicum/practicumd.conf", command_signer },
	{ "check-config", "[--offline]",
		"say what is wrong with configuration, keys and database, and whether people sign in",
		"practicumd check-config --offline", command_check_config },
	{ "print-config", "[--effective]",
		"print the sample file, or what holds now and who said so",
		"practicumd print-config > /etc/practicum/practicumd.conf", command_print_config },
	{ "migrate", "[--plan]", "bring the database to this program's schema",
		"practicumd migrate --plan", command_migrate },
	{ "seal", "[--key-file FILE]",
		"seal words on health and discipline that stand in the clear or under an older key",
		"practicumd seal --key-file - < /var/lib/practicum/records.key", command_seal },
	{ "setup", "[--print-sql | --new-records-key]",
		"make schema, authority, keys and server certificate where missing; or one more key of the "
		"records",
		"practicumd setup --print-sql | sudo -u postgres psql", command_set_up },
	{ "enroll-code",
		"--school A[,B...] | --district [--ttl 24h] [--label L] [--person NAME] [--json]",
		"make a one-time code for a school's station or the district office",
		"practicumd enroll-code --school \"Oak Ridge High School\" --label Office --person \"A. Ray\"",
		command_enroll_code },
	{ "device", "list [--json] | revoke ID [--school S] | grant ID --school S",
		"show the enrolled devices; shut one out, or take a school from it or give it one; what is "
		"taken is erased there",
		"practicumd device revoke 0192f3c4", command_device },
	{ "ca", "status | add | trust | switch | retire [--force] | drop",
		"let another authority take over in steps that can be taken back; reload signer and server "
		"after each",
		"practicumd ca status", command_ca },
	{ "pepper", "status | new | end [--force]",
		"let another pepper take over, person by person as they sign in; reload the signer after new and "
		"end",
		"practicumd pepper status", command_pepper },
	{ "user",
		"add LOGIN --name NAME [--role R [--school A[,B...]]] [--staff NO | --student NO | --supervisor ID]\n"
		"       practicumd user role LOGIN ROLE [--school A[,B...]] [--remove] [--until DATE] [--reason TEXT]\n"
		"       practicumd user list [--json] | disable LOGIN | enable LOGIN | reset LOGIN\n"
		"       practicumd user sign-out LOGIN | --everybody",
		"people who sign in: make them, give and take roles, hand out one-time codes, end sessions",
		"practicumd user add ada.ray --name \"Ada Ray\" --role coordinator --school \"Oak Ridge High School\"",
		command_user },
	{ "epoch", "new | no-loss",
		"after a restore or failover: was acknowledged work lost (new) or not",
		"practicumd epoch new", command_epoch },
	{ "audit",
		"verify [--heads FILE] | list [--who LOGIN|DEVICE] [--record ID] [--since DATE] [--student ID] [--json]",
		"say whether the audit was changed, list what happened, or who saw a student's records",
		"practicumd audit list --who mlee --since 2026-09-01", command_audit },
	{ "dispose",
		"plan [--as-of DATE] [--json] | run --by NAME --reason TEXT [--as-of DATE] --yes | resume\n"
		"       practicumd dispose student ID --by NAME --request REF --yes\n"
		"       practicumd dispose certificate [ID] [--json] | list | replay FILE --by NAME",
		"dispose of what the district's retention rules say is due, or of one student's records on "
		"written request, with a certificate; after a restore replay what was disposed of",
		"practicumd dispose plan --as-of 2031-07-01", command_disposal },
	{ "status", "[--json]", "say whether the server serves and what it holds",
		"practicumd status --json", command_status },
};

int command_misused(const struct command_call *call, const char *fmt, ...)
{
	va_list args;

	(void)fprintf(stderr, "practicumd %s: ", call->argv[0]);
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	(void)fprintf(stderr, "; see practicumd %s --help\n", call->argv[0]);
	return EXIT_USAGE;
}

int command_flags(struct command_call *call, const GOptionEntry *entries)
{
	GOptionContext *context = g_option_context_new(NULL);
	GError *error = NULL;
	int code = EXIT_DONE;

	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &call->argc, &call->argv, &error)) {
		code = command_misused(call, "%s", error->message);
		g_error_free(error);
	}
	g_option_context_free(context);
	return code;
}

int command_serve(struct command_call *call)
{
	struct server_source source = { call->path, call->flags_argc, call->flags_argv };

	if (call->argc > 1) {
		return command_misused(call, "unknown argument %s", call->argv[1]);
	}
	return server_run(call->config, &source);
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < PRAC_NELEM(commands); i++) {
		if (strcmp(commands[i].name, name) == 0) {
			return &commands[i];
		}
	}
	return NULL;
}

static int print_help(void)
{
	printf("usage: practicumd COMMAND [--config FILE] [OPTION...]\n\n");
	for (size_t i = 0; i < PRAC_NELEM(commands); i++) {
		printf("  %-14s %s\n", commands[i].name, commands[i].summary);
	}
	printf("\nOptions of the configuration, for every command (default file: %s):\n",
		CONFIG_FILE);
	config_print_flags(stdout);
	printf("\nExit codes: 0 done, 1 refused, 64 usage, 69 database or server unreachable, 78 "
	       "configuration.\n\nExample: practicumd setup && practicumd serve\n");
	return EXIT_DONE;
}

static int print_command_help(const struct command *command)
{
	printf("usage: practicumd %s [--config FILE] %s\n\n%s.\n\nExample: %s\n", command->name,
		command->usage, command->summary, command->example);
	return EXIT_DONE;
}

/* --config and --help may stand anywhere. */
static bool take_common(int *argc, char **argv, char **path, bool *is_help)
{
	gboolean help = FALSE;
	GOptionEntry entries[] = {
		{ "config", 0, 0, G_OPTION_ARG_FILENAME, path, NULL, NULL },
		{ "help", 'h', 0, G_OPTION_ARG_NONE, &help, NULL, NULL },
		{ 0 },
	};
	GOptionContext *context = g_option_context_new(NULL);
	GError *error = NULL;
	bool is_good;

	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_set_ignore_unknown_options(context, TRUE);
	g_option_context_add_main_entries(context, entries, NULL);
	is_good = g_option_context_parse(context, argc, &argv, &error);
	if (!is_good) {
		(void)fprintf(stderr, "practicumd: %s\n", error->message);
		g_error_free(error);
	}
	g_option_context_free(context);
	*is_help = help;
	return is_good;
}

static int run(const struct command *command, const char *path, int argc, char **argv)
{
	struct config config;
	struct command_call call = { .config = &config, .path = path };
	enum prac_status status;
	int code;

	call.flags_argc = argc;
	call.flags_argv = g_memdup2(argv, (size_t)(argc + 1) * sizeof(*argv));
	status = config_load(&config, path, &argc, argv);
	if (status != PRAC_OK) {
		(void)fprintf(stderr, "practicumd: %s\n",
			config.opts.error != NULL ? config.opts.error : prac_status_text(status));
		config_deinit(&config);
		code = EXIT_CONFIG;
	} else {
		call.argc = argc - 1;
		call.argv = argv + 1;
		if (command->run != command_serve && command->run != command_signer) {
			/* An operator is told in one sentence what failed; the log is a service's. */
			prac_log_start("practicumd", PRAC_LOG_ERROR);
		}
		code = command->run(&call);
		if (command->run != command_serve) {
			config_deinit(&config);
		}
	}
	g_free(call.flags_argv);
	return code;
}

static int no_command(const char *word)
{
	struct prac_near near = { .word = word };

	for (size_t i = 0; i < PRAC_NELEM(commands); i++) {
		prac_near_try(&near, commands[i].name);
	}
	(void)fprintf(stderr, "practicumd: unknown command %s; %s%s%ssee practicumd --help\n", word,
		near.best == NULL ? "" : "did you mean ", near.best == NULL ? "" : near.best,
		near.best == NULL ? "" : "? ");
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const struct command *command;
	char *path = NULL;
	bool is_help;
	int code;

	umask(0077);
	prac_secret_process();
	if (!take_common(&argc, argv, &path, &is_help)) {
		return EXIT_USAGE;
	}
	command = argc > 1 ? find(argv[1]) : NULL;
	if (command != NULL) {
		code = is_help ? print_command_help(command) : run(command, path, argc, argv);
	} else if (is_help && argc == 1) {
		code = print_help();
	} else if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		prac_version_print("practicumd", stdout);
		code = EXIT_DONE;
	} else if (argc > 1) {
		code = no_command(argv[1]);
	} else {
		(void)fputs("practicumd: want a command; see practicumd --help\n", stderr);
		code = EXIT_USAGE;
	}
	g_free(path);
	return code;
}
