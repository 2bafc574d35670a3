/* practicumd pepper: another pepper takes over, person by person as they sign in. */
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "server/command.h"
#include "server/exit_code.h"
#include "server/keys.h"
#include "server/operator.h"
#include "server/signer_call.h"
#include "server/user.h"
#include "sql/queries.h"

#define LOST                                                                           \
	"pepper %" PRId64                                                              \
	" is in use and the signer does not have it: put back the copy of pepper.key " \
	"that has it, or give new codes with practicumd pepper end --force"

/* Who signs in with something of another pepper than the newest. */
struct left {
	struct prac_arena arena;
	const char **logins; /* not of cards */
	size_t n, n_passwords, n_cards, n_factors;
	const char **locked_out; /* neither password nor code */
	size_t n_locked_out;
	int64_t highest; /* version of a pepper in a table */
};

static int say_wrong(const char *why)
{
	(void)fprintf(stderr, "practicumd: %s\n", why);
	return EXIT_REFUSED;
}

/* The newest version, of the signer's own mouth: what it has read is what counts. */
static int ask_newest(const struct config *config, uint32_t *newest_out)
{
	static const uint8_t any[4] = { 0 };
	struct signer_call ask = { .request = { .kind = SIGNER_PEPPER, .n_parts = 2 } };
	enum prac_status status;

	ask.request.parts[0] = (struct prac_bytes){ any, sizeof(any) };
	ask.request.parts[1] = prac_bytes_text("?"); /* of no use to anybody */
	status = signer_call(config, &ask);
	if (status == PRAC_OK && ask.answer.n_parts == 2 &&
		ask.answer.parts[0].len == sizeof(any)) {
		*newest_out = ask.answer.parts[0].data[3];
		return EXIT_DONE;
	}
	if (status != PRAC_UNAVAILABLE) { /* which is said */
		(void)fprintf(stderr, "practicumd: the signer tells no pepper: %s\n",
			prac_status_text(status));
	}
	return EXIT_UNREACHABLE;
}

static void on_left(void *ctx, struct db_rows *rows)
{
	struct left *left = ctx;

	left->logins =
		prac_arena_alloc(&left->arena, (db_rows_count(rows) + 1) * sizeof(*left->logins));
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		bool is_card = db_rows_bool(rows, i, 1);

		if (!is_card) {
			left->logins[left->n++] =
				prac_arena_text(&left->arena, db_rows_bytes(rows, i, 0));
		}
		left->n_cards += is_card;
		left->n_passwords += !is_card && db_rows_bool(rows, i, 2);
		left->n_factors += db_rows_bool(rows, i, 3);
	}
}

static void on_locked_out(void *ctx, struct db_rows *rows)
{
	struct left *left = ctx;

	left->n_locked_out = db_rows_count(rows);
	left->locked_out = prac_arena_alloc(
		&left->arena, (left->n_locked_out + 1) * sizeof(*left->locked_out));
	for (size_t i = 0; i < left->n_locked_out; i++) {
		left->locked_out[i] = prac_arena_text(&left->arena, db_rows_bytes(rows, i, 0));
	}
}

static void on_highest(void *ctx, struct db_rows *rows)
{
	((struct left *)ctx)->highest = db_rows_int(rows, 0, 0);
}

static int read_left(const struct config *config, uint32_t newest, struct left *left)
{
	struct operator op;
	struct db_params *params;
	enum prac_status status;

	operator_init(&op, config);
	params = db_params_new(&op.arena);
	db_param_int(params, newest);
	db_batch_add(op.batch, &q_pepper_left, params, on_left, left);
	db_batch_add(op.batch, &q_pepper_locked_out, NULL, on_locked_out, left);
	db_batch_add(op.batch, &q_pepper_highest, NULL, on_highest, left);
	status = operator_run(&op);
	operator_deinit(&op);
	return operator_exit_code(status);
}

static int count(const struct config *config, uint32_t *newest_out, struct left *left)
{
	int code = ask_newest(config, newest_out);

	return code == EXIT_DONE ? read_left(config, *newest_out, left) : code;
}

static int status(struct command_call *call, struct left *left)
{
	uint32_t newest;
	int code = count(call->config, &newest, left);

	if (code == EXIT_DONE) {
		printf("pepper %" PRIu32
		       " is the newest\n%zu passwords, %zu cards and %zu authenticators stand under "
		       "another one\n",
			newest, left->n_passwords, left->n_cards, left->n_factors);
		if (left->highest > newest) {
			printf(LOST "\n", left->highest);
		}
		for (size_t i = 0; i < left->n_locked_out; i++) {
			printf("%s has neither a password nor a code: practicumd user reset %s\n",
				left->locked_out[i], left->locked_out[i]);
		}
	}
	return code;
}

/* Before the file: what cannot be written down is not done (RELIABILITY 3.8). */
static enum prac_status note(struct operator* op, const char *what)
{
	struct db_params *params = db_params_new(&op->arena);

	db_param_bytes(params, prac_bytes_text(what));
	db_batch_add(op->batch, &q_audit_pepper, params, NULL, NULL);
	return operator_run(op);
}

/* ---- a new one */

/* A version that is in use already would be another pepper here than there. */
static int check_room(struct command_call *call, struct left *left)
{
	char why[KEYS_WHY];
	uint32_t n;
	int code;

	if (keys_count_peppers(call->config, &n, why) != PRAC_OK) {
		return say_wrong(why);
	}
	if (n >= VAULT_PEPPERS_MAX) {
		return say_wrong("pepper.key has as many peppers as it may");
	}
	code = read_left(call->config, n, left);
	if (code == EXIT_DONE && left->highest > n) {
		(void)fprintf(stderr, "practicumd: " LOST "\n", left->highest);
		code = EXIT_REFUSED;
	}
	return code;
}

static int make(struct command_call *call, struct left *left)
{
	struct operator op;
	char why[KEYS_WHY];
	enum prac_status status;
	int code = check_room(call, left);

	if (code != EXIT_DONE) {
		return code;
	}
	operator_init(&op, call->config);
	status = note(&op, "a new pepper");
	operator_deinit(&op);
	if (status != PRAC_OK) {
		return operator_exit_code(status);
	}
	if (keys_add_pepper(call->config, why) != PRAC_OK) {
		return say_wrong(why);
	}
	printf("a new pepper is made\nnow: copy pepper.key to where its copies are; systemctl reload practicumd-signer; then practicumd pepper "
	       "status says who still signs in under the old one\n");
	return EXIT_DONE;
}

/* ---- the end of the older ones */

static void print_codes(const struct left *left, char (*codes)[PRAC_ENROLL_TEXT])
{
	for (size_t i = 0; i < left->n; i++) {
		printf("%s  %s\n", codes[i], left->logins[i]);
	}
	if (left->n > 0) {
		printf("\neach for who is named, once, within %d hours; shown only now: practicum login "
		       "NAME --code CODE\n",
			USER_CODE_HOURS);
	}
	if (left->n_cards > 0) {
		printf("%zu cards open nothing any more: practicum card STUDENT makes new ones\n",
			left->n_cards);
	}
	(void)fflush(stdout);
}

/* What was sent may have happened although no answer came: then the codes are all that these people have. */
static int say_unended(enum prac_status status)
{
	if (status == PRAC_UNAVAILABLE || status == PRAC_UNKNOWN) {
		(void)fprintf(stderr,
			"practicumd: it may have happened, and if it did, the codes above count: ask "
			"practicumd pepper status, then run this again\n");
		return EXIT_UNREACHABLE;
	}
	(void)fprintf(stderr, "practicumd: nothing was changed; the codes above do not count\n");
	return operator_exit_code(status);
}

/* First the rows, with their event: an older pepper that is still in the file opens nothing then. */
static int end(struct command_call *call, uint32_t newest, struct left *left)
{
	char(*codes)[PRAC_ENROLL_TEXT] =
		prac_arena_alloc(&left->arena, (left->n + 1) * sizeof(*codes));
	char why[KEYS_WHY];
	struct operator op;
	struct db_params *params;
	enum prac_status status;

	operator_init(&op, call->config);
	op.purpose = DB_DISPOSAL;
	params = db_params_new(&op.arena);
	db_param_int(params, newest);
	db_batch_add(op.batch, &q_pepper_end, params, NULL, NULL);
	for (size_t i = 0; i < left->n; i++) {
		user_add_code(&op, left->logins[i], codes[i], NULL, NULL);
	}
	print_codes(left, codes);
	explicit_bzero(codes, (left->n + 1) * sizeof(*codes));
	status = note(&op, "the older peppers have ended");
	operator_deinit(&op);
	if (status != PRAC_OK) {
		return say_unended(status);
	}
	if (keys_end_peppers(call->config, newest, why) != PRAC_OK) {
		return say_wrong(why);
	}
	printf("the older peppers have ended\nnow: systemctl reload practicumd-signer\n");
	return EXIT_DONE;
}

static int check_end(struct command_call *call, struct left *left, bool is_forced)
{
	uint32_t newest, n;
	char why[KEYS_WHY];
	int code = count(call->config, &newest, left);

	if (code != EXIT_DONE) {
		return code;
	}
	if (keys_count_peppers(call->config, &n, why) != PRAC_OK) {
		return say_wrong(why);
	}
	if (n != newest) {
		return say_wrong("the signer has not read pepper.key since it was changed: "
				 "systemctl reload practicumd-signer");
	}
	if (left->n + left->n_cards > 0 && !is_forced) {
		(void)fprintf(stderr,
			"practicumd: %zu passwords, %zu cards and %zu authenticators stand under another "
			"pepper; they move as their people sign in. With --force these people get "
			"one-time codes, and students new cards.\n",
			left->n_passwords, left->n_cards, left->n_factors);
		return EXIT_REFUSED;
	}
	return end(call, newest, left);
}

int command_pepper(struct command_call *call)
{
	gboolean is_forced = FALSE;
	GOptionEntry entries[] = {
		{ "force", 0, 0, G_OPTION_ARG_NONE, &is_forced, NULL, NULL },
		{ 0 },
	};
	struct left left = { 0 };
	const char *word;
	int code;

	if (command_flags(call, entries) != EXIT_DONE) {
		return EXIT_USAGE;
	}
	word = call->argc == 2 ? call->argv[1] : "";
	if (strcmp(word, "status") == 0) {
		code = status(call, &left);
	} else if (strcmp(word, "new") == 0) {
		code = make(call, &left);
	} else if (strcmp(word, "end") == 0) {
		code = check_end(call, &left, is_forced);
	} else {
		code = command_misused(call, "want status, new or end");
	}
	prac_arena_deinit(&left.arena);
	return code;
}
