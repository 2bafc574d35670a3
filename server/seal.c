/* practicumd seal: what the tables hold in the clear, or under an older key, goes under the newest one. */
#include <glib.h>
#include <stdio.h>

#include "server/command.h"
#include "server/db/reseal.h"
#include "server/exit_code.h"
#include "server/records_key.h"

enum {
	PROBLEM = 1000 /* bytes for PostgreSQL's words */
};

static int seal(const struct config *config, const struct db_seal *keys)
{
	const struct db_reseal reseal = { .conninfo = config->db_conninfo,
		.user = config->db_migrate_user,
		.seal = keys,
		.out = stdout };
	char problem[PROBLEM];
	enum prac_status status = db_reseal(&reseal, problem, sizeof(problem));

	if (status == PRAC_OK) {
		return EXIT_DONE;
	}
	(void)fprintf(stderr, "practicumd: %s\n", problem);
	return status == PRAC_UNAVAILABLE ? EXIT_UNREACHABLE : EXIT_REFUSED;
}

int command_seal(struct command_call *call)
{
	gchar *path = NULL;
	GOptionEntry entries[] = {
		{ "key-file", 0, 0, G_OPTION_ARG_FILENAME, &path, NULL, NULL },
		{ 0 },
	};
	struct records_key key;
	char why[KEYS_WHY];
	int code = EXIT_CONFIG;

	if (command_flags(call, entries) != EXIT_DONE) {
		return EXIT_USAGE;
	}
	if (call->argc > 1) {
		return command_misused(call, "unknown argument %s", call->argv[1]);
	}
	if (records_key_read(call->config, path, &key, why) == PRAC_OK) {
		code = seal(call->config, &key.seal);
		records_key_wipe(&key);
	} else {
		(void)fprintf(stderr, "practicumd: %s\n", why);
	}
	g_free(path);
	return code;
}
