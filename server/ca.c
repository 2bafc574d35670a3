/* practicumd ca: one authority follows another. */
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "server/command.h"
#include "server/exit_code.h"
#include "server/operator.h"
#include "server/turn_over.h"
#include "sql/queries.h"

static const struct {
	const char *name, *done, *undo;
} steps[TURN_OVER_N_STEPS] = {
	[TURN_OVER_ADD] = { "add", "another authority is made; nobody trusts it yet", "drop" },
	[TURN_OVER_TRUST] = { "trust",
		"both authorities are trusted; stations learn it as they connect", "retire" },
	[TURN_OVER_SWITCH] = { "switch",
		"the other authority signs now; stations get new certificates as they connect",
		"switch" },
	[TURN_OVER_RETIRE] = { "retire", "the authority that does not sign is not trusted any more",
		"trust" },
	[TURN_OVER_DROP] = { "drop", "the authority that was not trusted is gone", NULL },
};

static void on_count(void *ctx, struct db_rows *rows)
{
	*(int64_t *)ctx = db_rows_int(rows, 0, 0);
}

/* Devices that may still come with a certificate of another authority than this one. */
static int count_others(
	const struct config *config, const struct prac_digest *signs, int64_t *n_out)
{
	struct operator op;
	struct db_params *params;
	enum prac_status status;

	operator_init(&op, config);
	params = db_params_new(&op.arena);
	db_param_bytes(params, prac_digest_bytes(signs));
	db_batch_add(op.batch, &q_device_of_other_authority, params, on_count, n_out);
	status = operator_run(&op);
	operator_deinit(&op);
	return operator_exit_code(status);
}

/* Before the step: what cannot be written down is not done (RELIABILITY 3.8). */
static int note(const struct config *config, enum turn_over_step step)
{
	struct operator op;
	struct db_params *params;
	enum prac_status status;

	operator_init(&op, config);
	params = db_params_new(&op.arena);
	db_param_bytes(params, prac_bytes_text(steps[step].name));
	db_batch_add(op.batch, &q_audit_authority, params, NULL, NULL);
	status = operator_run(&op);
	operator_deinit(&op);
	return operator_exit_code(status);
}

static int say_wrong(const char *why)
{
	(void)fprintf(stderr, "practicumd: %s\n", why);
	return EXIT_REFUSED;
}

static int check_unused(const struct config *config, bool is_forced)
{
	struct turn_over_state state;
	char why[KEYS_WHY];
	int64_t n_devices = 0;
	int code;

	if (turn_over_state(config, &state, why) != PRAC_OK) {
		return say_wrong(why);
	}
	code = count_others(config, &state.signs, &n_devices);
	if (code != EXIT_DONE || n_devices == 0 || is_forced) {
		return code;
	}
	(void)fprintf(stderr,
		"practicumd: %" PRId64 " devices still have a certificate of the old authority "
		"(practicumd ca status); they get another as soon as they connect. With --force they "
		"need new codes.\n",
		n_devices);
	return EXIT_REFUSED;
}

static int take(struct command_call *call, enum turn_over_step step, bool is_forced)
{
	char why[KEYS_WHY];
	int code = EXIT_DONE;

	if (turn_over_check(call->config, step, why) != PRAC_OK) {
		return say_wrong(why);
	}
	if (step == TURN_OVER_RETIRE) {
		code = check_unused(call->config, is_forced);
	}
	if (code == EXIT_DONE) {
		code = note(call->config, step);
	}
	if (code != EXIT_DONE) {
		return code;
	}
	if (turn_over_take(call->config, step, why) != PRAC_OK) {
		return say_wrong(why);
	}
	printf("%s\nnow: systemctl reload practicumd-signer practicumd\n", steps[step].done);
	if (steps[step].undo != NULL) {
		printf("taken back by: practicumd ca %s\n", steps[step].undo);
	}
	return EXIT_DONE;
}

static void print_authority(const char *word, const struct prac_digest *spki, int64_t until_s)
{
	time_t until = (time_t)until_s;
	struct tm parts;
	char day[11], name[PRAC_DIGEST_TEXT];

	(void)gmtime_r(&until, &parts);
	(void)strftime(day, sizeof(day), "%Y-%m-%d", &parts);
	prac_digest_format(spki, name);
	printf("%-11s  %.16s  until %s\n", word, name, day);
}

static int status(struct command_call *call)
{
	struct turn_over_state state;
	char why[KEYS_WHY];
	int64_t n_devices = 0;
	int code;

	if (turn_over_state(call->config, &state, why) != PRAC_OK) {
		return say_wrong(why);
	}
	code = count_others(call->config, &state.signs, &n_devices);
	if (code != EXIT_DONE) {
		return code;
	}
	print_authority("signs", &state.signs, state.signs_until_s);
	if (state.has_other) {
		print_authority(state.is_other_trusted ? "trusted" : "not trusted", &state.other,
			state.other_until_s);
	}
	printf("%" PRId64
	       " devices have a certificate of another authority than the one that signs\n",
		n_devices);
	return EXIT_DONE;
}

int command_ca(struct command_call *call)
{
	gboolean is_forced = FALSE;
	GOptionEntry entries[] = {
		{ "force", 0, 0, G_OPTION_ARG_NONE, &is_forced, NULL, NULL },
		{ 0 },
	};

	if (command_flags(call, entries) != EXIT_DONE) {
		return EXIT_USAGE;
	}
	if (call->argc == 2 && strcmp(call->argv[1], "status") == 0) {
		return status(call);
	}
	for (int i = 0; i < TURN_OVER_N_STEPS && call->argc == 2; i++) {
		if (strcmp(call->argv[1], steps[i].name) == 0) {
			return take(call, (enum turn_over_step)i, is_forced);
		}
	}
	return command_misused(call, "want status, add, trust, switch, retire or drop");
}
