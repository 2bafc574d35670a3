/* practicum login: a person begins a turn at a station. */
#include <stdio.h>
#include <string.h>

#include "client/cmd/people_print.h"
#include "client/cmd/print.h"
#include "client/cmd/reading.h"
#include "client/cmd/secret.h"
#include "client/sign_in/sign_in.h"
#include "common/wire/card.h"

enum {
	CARD_HOURS = 24 /* where the district's rule set was made before there was the row */
};

static gchar *password_file, *former_file, *one_time, *factor, *card;
static gboolean offline;

static const GOptionEntry options[] = {
	{ "password-file", 0, 0, G_OPTION_ARG_FILENAME, &password_file,
		"read the password from the first line of FILE; - is the standard input", "FILE" },
	{ "former-password-file", 0, 0, G_OPTION_ARG_FILENAME, &former_file,
		"on a personal device, after a new password: the one before, which opens what is "
		"there",
		"FILE" },
	{ "code", 0, 0, G_OPTION_ARG_STRING, &one_time,
		"a one-time code of the district office: the password that is asked for is new",
		"CODE" },
	{ "card", 0, 0, G_OPTION_ARG_STRING, &card,
		"a student's card: the code that stands on it, as its QR gives it; the password that is "
		"asked for is the PIN",
		"CODE" },
	{ "factor", 0, 0, G_OPTION_ARG_STRING, &factor, "six digits of an authenticator",
		"DIGITS" },
	{ "offline", 0, 0, G_OPTION_ARG_NONE, &offline, "do not ask the server", NULL },
	{ 0 },
};

/* Whoever was here last, when no name is given. */
static const char *name_of(struct cmd_call *call, const struct replica_who *before)
{
	char line[SECRET_MAX + 1];

	if (call->n_words > 0) {
		return call->words[0];
	}
	if (!prac_id_is_nil(&before->person.who.id)) {
		return before->person.login;
	}
	if (secret_ask("Name: ", line) && line[0] != '\0') {
		return prac_arena_printf(&call->arena, "%s", line);
	}
	(void)cmd_fail(call, CMD_USAGE, "who signs in? practicum login NAME");
	return NULL;
}

/* A new password is typed twice where it cannot be seen. */
static bool read_password(struct cmd_call *call, char password[SECRET_MAX + 1])
{
	char again[SECRET_MAX + 1];
	bool ok;

	if (!secret_read(call, password_file,
		    one_time != NULL ? "New password: "
		    : card != NULL   ? "PIN: "
				     : "Password: ",
		    password)) {
		return false;
	}
	if (one_time == NULL || password_file != NULL) {
		return true;
	}
	ok = secret_read(call, NULL, "The same once more: ", again);
	if (ok && strcmp(password, again) != 0) {
		ok = false;
		(void)cmd_fail(call, CMD_USAGE,
			"these are two passwords; nothing was changed; type the same one twice");
	}
	explicit_bzero(again, sizeof(again));
	return ok;
}

static int say_signed_in(struct cmd_call *call, const struct sign_in_result *result,
	const struct replica_who *before)
{
	struct replica_who who;
	enum prac_status status = replica_who(call->replica, &call->arena, &who);

	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	if (call->json) {
		print_json(json_pack("{ss ss sb ss}", "login", who.person.login, "name",
			who.person.name, "with_server", result->is_offline ? 0 : 1, "until",
			people_time(call, who.ends_ms)));
		return CMD_DONE;
	}
	if (before->presence == REPLICA_PRESENT &&
		!prac_id_equal(&before->person.who.id, &who.person.who.id)) {
		printf("%s is signed out\n", before->person.name);
	}
	printf("%s is signed in%s until %s: %s\n", who.person.name,
		result->is_offline ? " without the server" : "", people_time(call, who.ends_ms),
		people_roles_text(call, &who.person.who));
	return CMD_DONE;
}

/* Shown once: an authenticator makes the digits of it from now on. */
static void say_secret(struct cmd_call *call, const char *login, const char *secret)
{
	if (call->json) {
		print_json(json_pack("{ss}", "factor_secret", secret));
		return;
	}
	printf("You need an authenticator as well; enter this secret into it, in place of one from "
	       "before. It is\nshown only now:\n\n  %s\n  "
	       "otpauth://totp/practicum:%s?secret=%s&issuer=practicum\n\n",
		secret, login, secret);
}

/* True: the digits were asked for, and the person goes on. */
static bool ask_factor(struct cmd_call *call, struct sign_in_words *words)
{
	char line[SECRET_MAX + 1];

	if (!secret_ask("Digits of the authenticator: ", line) || line[0] == '\0') {
		return false;
	}
	words->factor = prac_arena_printf(&call->arena, "%s", line);
	words->code = NULL;
	return true;
}

static int refuse(const struct cmd_call *call, const struct sign_in_result *result)
{
	switch (result->outcome) {
	case SIGN_IN_FACTOR:
		return cmd_fail(call, CMD_REFUSED, "%s: --factor DIGITS", result->text);
	case SIGN_IN_SECRET:
		return cmd_fail(call, CMD_REFUSED,
			"now sign in with the password and the authenticator's digits: practicum login "
			"--factor DIGITS");
	case SIGN_IN_UNREACHABLE:
		return cmd_fail(call, CMD_UNREACHABLE, "%s", result->text);
	case SIGN_IN_REFUSED:
	case SIGN_IN_DONE:
		break;
	}
	return cmd_fail(call, CMD_REFUSED, "%s", result->text);
}

static int sign_in(
	struct cmd_call *call, struct sign_in_words *words, const struct replica_who *before)
{
	struct sign_in_result result;
	enum prac_status status;
	bool goes_on = true;

	while (goes_on) {
		status = sign_in_run(call->replica, &prac_env_system, call->home, words, &result);
		if (status != PRAC_OK) {
			return cmd_fail_replica(call, status);
		}
		if (result.outcome == SIGN_IN_SECRET) {
			say_secret(call, words->login, result.secret);
		}
		goes_on = (result.outcome == SIGN_IN_FACTOR || result.outcome == SIGN_IN_SECRET) &&
			  words->factor == NULL && ask_factor(call, words);
	}
	return result.outcome == SIGN_IN_DONE ? say_signed_in(call, &result, before)
					      : refuse(call, &result);
}

/* Code and PIN take the place of name and password. False after cmd_fail(). */
/* By the rule set in force, as far as this station has heard. */
static int64_t card_hours(struct cmd_call *call)
{
	struct prac_policy law = reading_law(call);
	const struct prac_law_row *row =
		prac_policy_row(&law, "card", prac_env_today(&prac_env_system));

	return row == NULL ? CARD_HOURS : prac_policy_number(row, "hours", CARD_HOURS);
}

static bool use_card(struct cmd_call *call, struct sign_in_words *words, char pin[SECRET_MAX + 1])
{
	char *login = prac_arena_alloc(&call->arena, PRAC_CARD_LOGIN);
	char secret[PRAC_CARD_PASSWORD];
	struct prac_enroll_code code;

	if (prac_enroll_code_parse(card, &code) != PRAC_OK) {
		(void)cmd_fail(call, CMD_USAGE,
			"the code of the card is mistyped; it has 24 letters and digits");
		return false;
	}
	words->card_hours = card_hours(call);
	if (!read_password(call, pin)) {
		return false;
	}
	if (prac_card_password(&code, pin, secret) != PRAC_OK) {
		(void)cmd_fail(call, CMD_USAGE, "a PIN has digits only");
		return false;
	}
	prac_card_login(&code, login);
	words->login = login;
	memcpy(pin, secret, sizeof(secret)); /* in place of what was typed */
	explicit_bzero(secret, sizeof(secret));
	return true;
}

/* False after cmd_fail(). */
static bool use_name(struct cmd_call *call, struct sign_in_words *words,
	const struct replica_who *before, char password[SECRET_MAX + 1])
{
	words->login = name_of(call, before);
	return words->login != NULL && read_password(call, password);
}

static int run(struct cmd_call *call)
{
	struct sign_in_words words = {
		.code = one_time, .factor = factor, .is_offline = offline, .key = call->key
	};
	char password[SECRET_MAX + 1], former[SECRET_MAX + 1] = "";
	struct replica_who before;
	enum prac_status status = replica_who(call->replica, &call->arena, &before);
	int code;

	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	if (offline && one_time != NULL) {
		return cmd_fail(call, CMD_USAGE,
			"a one-time code needs the server; try again when it can be reached");
	}
	if (card != NULL && (one_time != NULL || call->n_words > 0)) {
		return cmd_fail(call, CMD_USAGE, "a card needs no name and no one-time code");
	}
	if (!(card != NULL ? use_card(call, &words, password)
			   : use_name(call, &words, &before, password))) {
		return CMD_USAGE;
	}
	words.password = prac_bytes_text(password);
	if (former_file != NULL && !secret_read(call, former_file, "", former)) {
		explicit_bzero(password, sizeof(password));
		return CMD_USAGE;
	}
	words.former = prac_bytes_text(former);
	code = sign_in(call, &words, &before);
	explicit_bzero(password, sizeof(password));
	explicit_bzero(former, sizeof(former));
	return code;
}

const struct cmd cmd_login = {
	.name = "login",
	.synopsis = "[NAME] [--code CODE] [--card CODE] [--password-file FILE]",
	.help = "Signs in a person, in whose name everything is entered from then on. Without the "
		"server that works for people who signed in here before, for 30 days since it was "
		"last heard. A student signs in with a card and a PIN. A sign-in ends after " PRAC_TEXT_OF(
			PRAC_IDLE_MINUTES) " minutes without a command, after 12 hours and with logout. A one-time code of the district office sets a new password. A personal "
					   "device (enroll --personal) opens with the password; whoever else wants to use it "
					   "signs in while the one before is still signed in.",
	.example = "practicum login a.ray\n"
		   "  practicum login --card ABCD-EFGH-JKMN-PQRS-TVWX-YZ01\n"
		   "  practicum login a.ray --code ABCD-EFGH-JKMN-PQRS-TVWX-YZ01",
	.needs = CMD_NEEDS_REPLICA,
	.max_words = 1,
	.options = options,
	.run = run,
};
