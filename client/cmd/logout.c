/* practicum logout: the end of a person's turn at a station. */
#include <stdio.h>
#include <string.h>

#include "client/cmd/cmd.h"
#include "client/cmd/print.h"
#include "client/cmd/secret.h"
#include "client/key/key.h"
#include "client/replica/people.h"
#include "client/sign_in/sign_in.h"

static gboolean yes;

static const GOptionEntry options[] = {
	{ "yes", 0, 0, G_OPTION_ARG_NONE, &yes, "also while input waits to be sent", NULL },
	{ 0 },
};

/* What waits is sent all the same, but its author should know before going home. */
static int check_unsent(struct cmd_call *call)
{
	struct replica_counters counters;
	char line[SECRET_MAX + 1];
	enum prac_status status = replica_counters(call->replica, &counters);
	size_t n;

	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	n = counters.n_unsent + counters.n_sent;
	if (n == 0 || yes) {
		return CMD_DONE;
	}
	if (!secret_has_terminal()) {
		return cmd_fail(call, CMD_REFUSED,
			"%zu input%s for the server; practicum sync sends what waits, and logout "
			"--yes signs out now: it is kept and sent later in the name of who entered it",
			n, n == 1 ? " waits" : "s wait");
	}
	(void)fprintf(stderr,
		"%zu input%s for the server. What waits is kept and sent later in the name of who "
		"entered it.\n",
		n, n == 1 ? " waits" : "s wait");
	if (!secret_ask("Sign out now? [y/N] ", line) || (line[0] != 'y' && line[0] != 'Y')) {
		return cmd_fail(call, CMD_REFUSED, "still signed in");
	}
	return CMD_DONE;
}

static int run(struct cmd_call *call)
{
	struct replica_who who;
	enum prac_status status = replica_who(call->replica, &call->arena, &who);
	bool is_told;
	int code;

	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	if (prac_id_is_nil(&who.person.who.id)) {
		return cmd_fail(call, CMD_REFUSED, "nobody is signed in here");
	}
	code = data_key_is_open(call->key) ? check_unsent(call) : CMD_DONE;
	if (code != CMD_DONE) {
		return code;
	}
	status = sign_in_end(call->replica, &prac_env_system, call->home, &is_told);
	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	data_key_close(call->key);
	if (call->json) {
		print_json(json_pack(
			"{ss sb}", "signed_out", who.person.login, "server_told", is_told ? 1 : 0));
	} else {
		printf("%s is signed out\n", who.person.name);
	}
	return CMD_DONE;
}

const struct cmd cmd_logout = {
	.name = "logout",
	.synopsis = "[--yes]",
	.help = "Signs out whoever is signed in at this station. Nothing that was entered is lost: it "
		"is sent with the next sync in the name of who entered it. While some waits, logout "
		"asks first.",
	.example = "practicum logout",
	.needs = CMD_NEEDS_REPLICA,
	.options = options,
	.run = run,
};
