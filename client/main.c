/* practicum: the school's and the district office's program. One table of subcommands. */
#include <glib.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "client/cmd/cmd.h"
#include "client/cmd/help.h"
#include "client/link/link.h"
#include "common/base/log.h"
#include "common/base/version.h"

static const struct cmd *const commands[] = {
	&cmd_enroll,
	&cmd_login,
	&cmd_logout,
	&cmd_whoami,
	&cmd_card,
	&cmd_sync,
	&cmd_status,
	&cmd_list,
	&cmd_show,
	&cmd_add,
	&cmd_set,
	&cmd_do,
	&cmd_confirm,
	&cmd_history,
	&cmd_attach,
	&cmd_fetch,
	&cmd_transcribe,
	&cmd_exceptions,
	&cmd_conflicts,
	&cmd_drafts,
	&cmd_import,
	&cmd_export,
	&cmd_disclose,
	&cmd_disclosures,
	&cmd_hours,
	&cmd_rules,
	&cmd_report,
	&cmd_audit,
	&cmd_types,
	&cmd_describe,
};

/* The words of the command line. */
struct words {
	int n;
	char **v;
};

static const struct help_commands all = { commands, PRAC_NELEM(commands) };

static const struct cmd *find_command(const char *name)
{
	for (size_t i = 0; i < PRAC_NELEM(commands); i++) {
		if (strcmp(commands[i]->name, name) == 0) {
			return commands[i];
		}
	}
	return NULL;
}

/*
 * Takes the options out of argv; help is printed, which *is_help_out says. False with the words to say in
 * *error_out.
 */
static bool read_options(
	struct cmd_call *call, struct words *words, bool *is_help_out, const char **error_out)
{
	gboolean json = FALSE, help = FALSE;
	const GOptionEntry common[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &json, "print JSON, for programs", NULL },
		{ "help", 'h', 0, G_OPTION_ARG_NONE, &help, "print this", NULL },
		{ 0 },
	};
	const struct cmd *cmd = call->cmd;
	GOptionContext *context = g_option_context_new(cmd->synopsis);
	GError *error = NULL;
	char *name = g_strdup_printf("practicum %s", cmd->name);
	bool ok;

	g_set_prgname(name);
	g_option_context_set_summary(context, cmd->help);
	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_add_main_entries(context, common, NULL);
	if (cmd->options != NULL) {
		g_option_context_add_main_entries(context, cmd->options, NULL);
	}
	ok = g_option_context_parse(context, &words->n, &words->v, &error);
	if (!ok) {
		*error_out = prac_arena_printf(&call->arena, "%s; %spracticum %s --help lists them",
			error->message,
			error->code != G_OPTION_ERROR_UNKNOWN_OPTION
				? ""
				: help_near_option(
					  (const GOptionEntry *const[]){ common, cmd->options },
					  words->v, words->n, &call->arena),
			cmd->name);
		g_error_free(error);
	} else if (help) {
		help_command(cmd, context);
	}
	call->json = json;
	*is_help_out = help;
	g_option_context_free(context);
	g_free(name);
	return ok;
}

static const char *state_folder(struct prac_arena *arena)
{
	const char *home = g_getenv("PRACTICUM_HOME");

	return home != NULL && home[0] != '\0'
		       ? home
		       : prac_arena_printf(arena, "%s/practicum", g_get_user_data_dir());
}

/* The process that is connected, if any, sends what this command entered. */
static void poke(const struct cmd_call *call)
{
	struct replica_counters counters;

	if (call->cmd != &cmd_sync && replica_counters(call->replica, &counters) == PRAC_OK &&
		counters.n_unsent > 0) {
		(void)link_poke(call->home); /* nobody need be there */
	}
}

/* The district has revoked this device: all that is left to do is to tell it that nothing is left. */
static bool is_shut(struct cmd_call *call, struct replica_purge *purge_out)
{
	return replica_purge_read(call->replica, purge_out) == PRAC_OK &&
	       purge_out->revoked_ms != 0 && (call->cmd != &cmd_sync || purge_out->is_receipt_kept);
}

static int say_shut(const struct cmd_call *call, const struct replica_purge *purge)
{
	return cmd_fail(call, CMD_CONFIG,
		"this device was revoked by the district office and what it held is erased%s; to use "
		"it again ask for a new code, remove the folder %s and enroll",
		purge->is_receipt_kept ? "" : ", which practicum sync still has to tell it",
		call->home);
}

/* What a revoked device has to tell the server it tells without a key. */
static int run_as_person(struct cmd_call *call, bool is_revoked)
{
	int code = CMD_DONE;

	if (call->cmd->needs == CMD_NEEDS_PERSON) {
		code = cmd_check_person(call);
	} else if (call->cmd == &cmd_sync && !is_revoked) {
		code = cmd_check_key(call);
	}
	return code == CMD_DONE ? call->cmd->run(call) : code;
}

/* So long without contact that it may have been taken away: what is here waits for that. */
static bool is_lease_over(struct cmd_call *call, struct replica_lease *lease_out)
{
	return call->cmd != &cmd_sync && call->cmd != &cmd_status &&
	       replica_lease_read(call->replica, lease_out) == PRAC_OK && lease_out->is_over;
}

static int say_lease(const struct cmd_call *call, const struct replica_lease *lease)
{
	return cmd_fail(call, CMD_CONFIG,
		"this station has had no contact with the server for %u days and may work for %u: "
		"connect it to the network and run practicum sync, then it goes on; what was entered "
		"here is kept",
		lease->days_away, lease->days);
}

static int run_with_replica(struct cmd_call *call)
{
	const char *path = prac_arena_printf(&call->arena, "%s/replica.db", call->home);
	struct replica_identity identity;
	struct replica_purge purge = { 0 };
	struct replica_lease lease;
	enum prac_status status;
	int code;

	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		return cmd_fail(call, CMD_CONFIG,
			"this device is not enrolled (nothing in %s); run practicum enroll first",
			call->home);
	}
	status = cmd_open(call);
	if (status == PRAC_OK) {
		status = replica_identity(call->replica, &identity);
	}
	if (status == PRAC_NOT_FOUND) {
		code = cmd_fail(call, CMD_CONFIG,
			"this device is not enrolled; run practicum enroll first");
	} else if (status == PRAC_OK && is_shut(call, &purge)) {
		code = say_shut(call, &purge);
	} else if (status == PRAC_OK && is_lease_over(call, &lease)) {
		code = say_lease(call, &lease);
	} else {
		code = status == PRAC_OK ? run_as_person(call, purge.revoked_ms != 0)
					 : cmd_fail_replica(call, status);
		poke(call);
	}
	cmd_close(call);
	return code;
}

static int run_command(struct cmd_call *call)
{
	const struct cmd *cmd = call->cmd;

	if (call->n_words < cmd->min_words ||
		(cmd->max_words >= 0 && call->n_words > cmd->max_words)) {
		return cmd_fail(call, CMD_USAGE,
			"usage: practicum %s %s; practicum %s --help gives an example", cmd->name,
			cmd->synopsis, cmd->name);
	}
	call->home = state_folder(&call->arena);
	if (cmd->needs == CMD_NEEDS_FOLDER && g_mkdir_with_parents(call->home, 0700) != 0) {
		return cmd_fail(call, CMD_CONFIG, "the folder %s cannot be made", call->home);
	}
	return cmd->needs >= CMD_NEEDS_REPLICA ? run_with_replica(call) : cmd->run(call);
}

/* The command and its words; CMD_DONE too when help was all that was asked for. */
static int read_and_run(struct cmd_call *call, struct words *words)
{
	const char *error = NULL;
	bool is_help = false;

	if (!read_options(call, words, &is_help, &error)) {
		return cmd_fail(call, CMD_USAGE, "%s", error);
	}
	if (is_help) {
		return CMD_DONE;
	}
	call->words = words->v + 1;
	call->n_words = words->n - 1;
	return run_command(call);
}

/* "practicum help list" and "practicum -h" ask for what --help says. */
static bool wants_overview(struct words *words)
{
	static char help[] = "--help";
	bool is_word = words->n > 1 && strcmp(words->v[1], "help") == 0;

	if (is_word && words->n > 2) {
		words->v[1] = words->v[2];
		words->v[2] = help;
		return false;
	}
	return words->n < 2 || is_word || strcmp(words->v[1], help) == 0 ||
	       strcmp(words->v[1], "-h") == 0;
}

static int no_command(struct cmd_call *call, const char *word)
{
	if (word[0] == '-' && find_command(word + strspn(word, "-")) == NULL) {
		(void)fprintf(stderr,
			"practicum: want a command before %s; %spracticum --help lists them\n",
			word, help_near_command(all, word, &call->arena));
	} else {
		(void)fprintf(stderr, "practicum: no command %s; %spracticum --help lists them\n",
			word, help_near_command(all, word, &call->arena));
	}
	return CMD_USAGE;
}

/*
 * In the locale C, as of a service or a login without one, characters beyond ASCII would be printed as
 * numbers.
 */
static void speak_utf8(void)
{
	(void)setlocale(LC_ALL, ""); /* an unknown locale leaves "C" */
	if (strcmp(nl_langinfo(CODESET), "ANSI_X3.4-1968") == 0) {
		(void)setlocale(LC_CTYPE, "C.UTF-8");
	}
}

int main(int argc, char **argv)
{
	struct cmd_call call = { 0 };
	struct words words = { argc, argv };
	int code;

	(void)setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 }); /* keys and records are in memory */
	speak_utf8();
	if (wants_overview(&words)) {
		help_overview(all, argc < 2 ? stderr : stdout);
		code = argc < 2 ? CMD_USAGE : CMD_DONE;
	} else if (strcmp(argv[1], "--version") == 0) {
		prac_version_print("practicum", stdout);
		code = CMD_DONE;
	} else if ((call.cmd = find_command(argv[1])) == NULL) {
		code = no_command(&call, argv[1]);
	} else {
		prac_log_start("practicum", PRAC_LOG_WARNING);
		words.n--, words.v++;
		code = read_and_run(&call, &words);
	}
	prac_arena_deinit(&call.arena);
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		(void)fputs("practicum: the output could not be written\n", stderr);
		code = CMD_REFUSED;
	}
	return code;
}
