/* The commands that prepare a server: configuration, schema, keys. */
#include <glib.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/command.h"
#include "server/db/check.h"
#include "server/db/migrate.h"
#include "server/exit_code.h"
#include "server/machine.h"
#include "server/operator.h"
#include "server/records_key.h"
#include "server/setup_sql.h"
#include "server/signer_call.h"
#include "sql/migrations.h"
#include "sql/queries.h"

enum {
	PROBLEM = 1000 /* bytes for PostgreSQL's words */
};

static int migrate(const struct config *config, bool is_plan)
{
	struct db_migrate ask = { .conninfo = config->db_conninfo,
		.user = config->db_migrate_user,
		.scripts = sql_migrations,
		.is_plan = is_plan,
		.out = stdout };
	char problem[PROBLEM];
	enum prac_status status = db_migrate(&ask, problem, sizeof(problem));

	if (status == PRAC_OK) {
		return EXIT_DONE;
	}
	(void)fprintf(stderr, "practicumd: %s\n", problem);
	if (status == PRAC_UNAVAILABLE) {
		(void)fprintf(stderr,
			"practicumd: migrate signs in as %s (db.migrate_user), which `practicumd setup "
			"--print-sql` makes; run it as the system user of that name\n",
			config->db_migrate_user);
	}
	return status == PRAC_UNAVAILABLE ? EXIT_UNREACHABLE : EXIT_REFUSED;
}

int command_migrate(struct command_call *call)
{
	gboolean is_plan = FALSE;
	GOptionEntry entries[] = {
		{ "plan", 0, 0, G_OPTION_ARG_NONE, &is_plan, NULL, NULL },
		{ 0 },
	};

	if (command_flags(call, entries) != EXIT_DONE) {
		return EXIT_USAGE;
	}
	return migrate(call->config, is_plan);
}

int command_set_up(struct command_call *call)
{
	gboolean is_print = FALSE, is_new_key = FALSE;
	GOptionEntry entries[] = {
		{ "print-sql", 0, 0, G_OPTION_ARG_NONE, &is_print, NULL, NULL },
		{ "new-records-key", 0, 0, G_OPTION_ARG_NONE, &is_new_key, NULL, NULL },
		{ 0 },
	};
	char why[KEYS_WHY];

	if (command_flags(call, entries) != EXIT_DONE) {
		return EXIT_USAGE;
	}
	if (is_print) {
		if (setup_sql_print(call->config->db_conninfo, call->config->db_migrate_user,
			    stdout) == PRAC_OK) {
			return EXIT_DONE;
		}
		(void)fprintf(stderr,
			"practicumd: db.conninfo, db.migrate_user: user, dbname and migrate_user must "
			"be plain names, a-z, 0-9 and _, and the two roles different ones\n");
		return EXIT_CONFIG;
	}
	if (is_new_key) {
		if (records_key_make(call->config, true, stdout, why) == PRAC_OK) {
			return EXIT_DONE;
		}
		(void)fprintf(stderr, "practicumd: %s\n", why);
		return EXIT_CONFIG;
	}
	if (keys_make(call->config, stdout, why) != PRAC_OK) {
		(void)fprintf(stderr, "practicumd: %s\n", why);
		return EXIT_CONFIG;
	}
	if (geteuid() == 0 && getpwnam(call->config->db_migrate_user) != NULL) {
		(void)printf("The schema comes when practicumd.service starts.\n");
		return EXIT_DONE;
	}
	return migrate(call->config, false);
}

int command_print_config(struct command_call *call)
{
	gboolean is_effective = FALSE;
	GOptionEntry entries[] = {
		{ "effective", 0, 0, G_OPTION_ARG_NONE, &is_effective, NULL, NULL },
		{ 0 },
	};

	if (command_flags(call, entries) != EXIT_DONE) {
		return EXIT_USAGE;
	}
	if (is_effective) {
		prac_opts_print(&call->config->opts, stdout);
	} else {
		config_print_sample(stdout);
	}
	return EXIT_DONE;
}

/* All that the start asks. */
static int check_database(const struct config *config, const struct db_seal *seal)
{
	const struct db_check check = { .schema = db_migrate_count(sql_migrations),
		.allow_unsafe = config->db_allow_unsafe,
		.env = &prac_env_system,
		.seal = seal };
	struct operator op;
	struct db_checked *checked;
	enum prac_status status;
	int code = EXIT_DONE;

	operator_init(&op, config);
	checked = db_check_add(op.batch, &check, &op.arena);
	status = operator_run(&op);
	status = db_check_end(checked, status, op.sqlstate);
	if (status == PRAC_UNAVAILABLE) {
		code = EXIT_UNREACHABLE;
	} else if (status != PRAC_OK) {
		(void)fprintf(stderr, "practicumd: %s\n",
			checked->problem[0] != '\0'
				? checked->problem
				: "the database does not answer as it should: run "
				  "practicumd migrate");
		code = EXIT_CONFIG;
	}
	operator_deinit(&op);
	return code;
}

int command_check_config(struct command_call *call)
{
	gboolean is_offline = FALSE;
	GOptionEntry entries[] = {
		{ "offline", 0, 0, G_OPTION_ARG_NONE, &is_offline, NULL, NULL },
		{ 0 },
	};
	char why[KEYS_WHY];
	struct keys_tls tls;
	struct records_key key;
	struct signer_call ask;
	int code;
	int64_t now_s = prac_env_system.wall_ms(prac_env_system.ctx) / 1000;

	if (command_flags(call, entries) != EXIT_DONE) {
		return EXIT_USAGE;
	}
	if (machine_check_files(call->config, why) != PRAC_OK ||
		machine_check(call->config, why) != PRAC_OK ||
		records_key_read(call->config, NULL, &key, why) != PRAC_OK ||
		keys_tls(call->config, now_s, &tls, why) != PRAC_OK) {
		(void)fprintf(stderr, "practicumd: %s\n", why);
		return EXIT_CONFIG;
	}
	if (machine_warns(call->config, tls.not_after_s, now_s, why)) {
		(void)fprintf(stderr, "practicumd: %s\n", why);
	}
	if (machine_warns_of_backup(call->config, now_s, why)) {
		(void)fprintf(stderr, "practicumd: %s\n", why);
	}
	keys_tls_deinit(&tls);
	(void)fprintf(stderr, "practicumd: %s\n", config_sign_in_text(call->config));
	if (is_offline) {
		records_key_wipe(&key);
		printf("configuration and keys are in order; the database was not asked\n");
		return EXIT_DONE;
	}
	/* Without it people are still served, so it is said and no mistake. */
	ask.request = (struct signer_message){ .kind = SIGNER_TRUST };
	(void)!signer_call(call->config, &ask);
	code = check_database(call->config, &key.seal);
	records_key_wipe(&key);
	if (code == EXIT_DONE) {
		printf("configuration, keys and database are in order\n");
	}
	return code;
}
