#include "client/sign_in/sign_in.h"

#include <stdio.h>
#include <string.h>

#include "client/link/link.h"
#include "client/link/person.h"
#include "common/base/failpoint.h"
#include "common/base/password.h"
#include "common/base/seal.h"
#include "common/wire/binary.h"
#include "common/wire/card.h"

enum {
	DAY_MS = 24 * 60 * 60 * 1000,
	HOUR_MS = 60 * 60 * 1000
};

#define TEXT_WRONG "name or password is wrong"

struct attempt {
	struct replica *replica;
	const struct prac_env *env;
	const struct sign_in_words *words;
	struct sign_in_result *result;
	struct prac_arena arena;
	char login[SIGN_IN_LOGIN + 1]; /* small letters */
	struct replica_person person;  /* as it is known here; a nil id: it is not */
	struct prac_bytes token;
	bool is_open;     /* the password opened the key that is here */
	bool is_answered; /* the server said yes or no */
	bool is_welcome;  /* it said yes; person is as it says */
	bool has_factor;
	enum prac_status status; /* of the replica or of memory */
	uint8_t public_key[PRAC_SIGN_PUBLIC], secret[PRAC_SIGN_SECRET];
	uint8_t made[PRAC_PASSWORD_KEY]; /* of the password and the person's salt */
};

static void say(struct attempt *attempt, enum sign_in_outcome outcome, const char *text)
{
	attempt->result->outcome = outcome;
	(void)snprintf(attempt->result->text, sizeof(attempt->result->text), "%s", text);
}

static bool read_login(struct attempt *attempt)
{
	size_t len = strlen(attempt->words->login);

	for (size_t i = 0; i < len && len <= SIGN_IN_LOGIN; i++) {
		char c = attempt->words->login[i];

		attempt->login[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
	}
	return len > 0 && len <= SIGN_IN_LOGIN;
}

/* ---- the key */

/* For a name that is not known here it takes as long. */
static enum prac_status open_key(struct attempt *attempt)
{
	static const uint8_t nobody[PRAC_PASSWORD_SALT] = { 0 };
	const struct replica_person *person = &attempt->person;
	bool is_sealed = person->salt.len == PRAC_PASSWORD_SALT &&
			 person->public_key.len == PRAC_SIGN_PUBLIC;
	struct prac_bytes secret;
	enum prac_status status = prac_password_key(
		attempt->words->password, is_sealed ? person->salt.data : nobody, attempt->made);

	if (status == PRAC_OK && is_sealed &&
		prac_unseal(attempt->made, person->sealed, &attempt->arena, &secret) == PRAC_OK &&
		secret.len == PRAC_SIGN_SECRET) {
		memcpy(attempt->secret, secret.data, secret.len);
		memcpy(attempt->public_key, person->public_key.data, PRAC_SIGN_PUBLIC);
		explicit_bzero((void *)secret.data, secret.len);
		attempt->is_open = true;
	}
	return status;
}

/* The pair under the password that the server found right just now. */
static enum prac_status seal_key(struct attempt *attempt)
{
	uint8_t *salt = prac_arena_alloc(&attempt->arena, PRAC_PASSWORD_SALT);
	struct replica_person *person = &attempt->person;
	enum prac_status status;

	attempt->env->random(attempt->env->ctx, salt, PRAC_PASSWORD_SALT);
	status = prac_password_key(attempt->words->password, salt, attempt->made);
	if (status == PRAC_OK) {
		person->salt = (struct prac_bytes){ salt, PRAC_PASSWORD_SALT };
		person->sealed = prac_seal(attempt->made,
			(struct prac_bytes){ attempt->secret, PRAC_SIGN_SECRET }, attempt->env,
			&attempt->arena);
	}
	return status;
}

/* ---- before the server */

/* Then what the password opens here decides. A server that turns this device away is there. */
static bool is_unreachable(enum prac_status status)
{
	return status == PRAC_UNAVAILABLE || status == PRAC_DEADLINE_EXCEEDED;
}

static void on_refused(void *ctx, const Practicum__Status *status)
{
	struct attempt *attempt = ctx;
	struct prac_bytes reason = { status->reason.data, status->reason.len };
	char *text = prac_arena_text(&attempt->arena, prac_binary_bytes(status->text));

	if (is_unreachable((enum prac_status)status->code)) {
		return; /* the server cannot tell just now */
	}
	attempt->is_answered = true;
	say(attempt,
		prac_bytes_equal(reason, prac_bytes_text("FACTOR")) ? SIGN_IN_FACTOR
								    : SIGN_IN_REFUSED,
		text[0] != '\0' ? text : prac_status_text((enum prac_status)status->code));
}

static void on_answer(
	void *ctx, enum prac_status status, const ProtobufCMessage *message, const char *text)
{
	const Practicum__SignInResponse *response = (const Practicum__SignInResponse *)message;
	struct attempt *attempt = ctx;
	struct replica_person person = { 0 };

	if (status != PRAC_OK && !attempt->is_answered) {
		attempt->is_answered = !is_unreachable(status);
		say(attempt, attempt->is_answered ? SIGN_IN_REFUSED : SIGN_IN_UNREACHABLE, text);
	}
	if (status != PRAC_OK) {
		return;
	}
	attempt->is_answered = true;
	if (response->factor_secret.len > 0) {
		say(attempt, SIGN_IN_SECRET, "");
		(void)snprintf(attempt->result->secret, sizeof(attempt->result->secret), "%.*s",
			(int)response->factor_secret.len,
			(const char *)response->factor_secret.data);
		return;
	}
	if (response->person == NULL || response->session.len == 0 ||
		!person_read(response->person, &attempt->arena, &person)) {
		say(attempt, SIGN_IN_REFUSED, "the server's answer is not readable");
		return;
	}
	attempt->is_welcome = true;
	attempt->has_factor = response->factor != 0;
	attempt->token = prac_arena_copy(&attempt->arena, prac_binary_bytes(response->session));
	person.salt = attempt->person.salt;
	person.sealed = attempt->person.sealed;
	attempt->person = person;
}

static ProtobufCBinaryData text_of(const char *text)
{
	return prac_binary_text(text == NULL ? "" : text);
}

static void ask_server(struct attempt *attempt, const char *home)
{
	const struct sign_in_words *words = attempt->words;
	Practicum__SignInRequest request = PRACTICUM__SIGN_IN_REQUEST__INIT;
	const struct session_ask wanted = { .method = PRACTICUM__METHOD_ID__PEOPLE_SIGN_IN,
		.request = &request.base,
		.answer = &practicum__sign_in_response__descriptor,
		.refused = on_refused,
		.done = on_answer,
		.ctx = attempt };
	char text[LINK_TEXT];

	request.has_login = request.has_password = request.has_public_key = true;
	request.login = text_of(attempt->login);
	request.password = prac_binary(words->password);
	request.public_key =
		(ProtobufCBinaryData){ sizeof(attempt->public_key), attempt->public_key };
	request.has_code = words->code != NULL;
	request.code = text_of(words->code);
	request.has_factor = words->factor != NULL;
	request.factor = text_of(words->factor);
	if (link_ask(attempt->replica, attempt->env, home, &wanted, text) == PRAC_OK &&
		!attempt->is_answered) {
		say(attempt, SIGN_IN_UNREACHABLE, text);
	}
}

/* ---- both ways end here */

/* Of a personal device. False: it was said why not, and nobody is signed in. */
static bool open_device(struct attempt *attempt)
{
	const struct data_key_person person = { .id = attempt->person.who.id,
		.password = attempt->words->password,
		.former = attempt->words->former,
		.salt = attempt->person.salt.data,
		.made = attempt->made,
		.seconds = PEOPLE_IDLE_MS / 1000 };
	char text[REPLICA_KEY_TEXT];

	if (data_key_sign_in(attempt->words->key, &person, text) == PRAC_OK) {
		return true;
	}
	say(attempt, SIGN_IN_REFUSED, text);
	return false;
}

static enum prac_status enter(struct attempt *attempt)
{
	struct replica_identity identity;
	uint8_t bytes[PRAC_ATTEST_LEN], signature[PRAC_SIGN_LEN];
	struct replica_sign_in sign_in = { .person = &attempt->person,
		.token = attempt->token,
		.has_factor = attempt->has_factor,
		.signature = { signature, sizeof(signature) } };
	int64_t now_ms = attempt->env->wall_ms(attempt->env->ctx);
	enum prac_status status = replica_identity(attempt->replica, &identity);

	if (status != PRAC_OK) {
		return status;
	}
	if (!open_device(attempt)) {
		return replica_try_forget(
			attempt->replica, attempt->login); /* the password was right */
	}
	sign_in.attestation = (struct prac_attestation){ .device = identity.device,
		.person = attempt->person.who.id,
		.starts_ms = now_ms,
		.ends_ms = now_ms + PRAC_ATTEST_MAX_MS };
	prac_attest_bytes(&sign_in.attestation, bytes);
	prac_sign(attempt->secret, (struct prac_bytes){ bytes, sizeof(bytes) }, signature);
	attempt->person.public_key =
		(struct prac_bytes){ attempt->public_key, sizeof(attempt->public_key) };
	PRAC_FAILPOINT("before_sign_in_stored");
	status = replica_sign_in(attempt->replica, &sign_in);
	PRAC_FAILPOINT("after_sign_in_stored");
	say(attempt, SIGN_IN_DONE, "");
	return status;
}

static enum prac_status enter_online(struct attempt *attempt)
{
	enum prac_status status = PRAC_OK;

	attempt->person.known_ms = attempt->env->wall_ms(attempt->env->ctx);
	if (!attempt->is_open) {
		status = seal_key(attempt);
	}
	return status == PRAC_OK ? enter(attempt) : status;
}

/* This try is one of them. */
static bool is_blocked(struct attempt *attempt)
{
	unsigned n = 0;

	return prac_card_is_login(attempt->login) &&
	       (replica_tries(attempt->replica, attempt->login, &n) != PRAC_OK ||
		       n > PRAC_CARD_WRONG_MAX);
}

/* Who finds a card that was revoked meanwhile has no longer than this. */
static bool is_card_too_old(const struct attempt *attempt, int64_t since_ms)
{
	return prac_card_is_login(attempt->login) &&
	       since_ms >= attempt->words->card_hours * HOUR_MS;
}

static enum prac_status enter_offline(struct attempt *attempt)
{
	int64_t now_ms = attempt->env->wall_ms(attempt->env->ctx);
	int64_t since_ms = now_ms - attempt->person.known_ms;

	if (is_blocked(attempt)) {
		say(attempt, SIGN_IN_REFUSED,
			"this card is blocked here after five wrong PINs; sign in when the server can "
			"be reached");
		return PRAC_OK;
	}
	if (!attempt->is_open) {
		say(attempt, SIGN_IN_REFUSED,
			prac_card_is_login(attempt->login)
				? "card or PIN is wrong; the server is not there, and the first "
				  "sign-in at a station needs it"
				: TEXT_WRONG
				"; the server is not there, and the first sign-in at a "
				"station needs it");
		return PRAC_OK;
	}
	if (is_card_too_old(attempt, since_ms)) {
		char text[SIGN_IN_TEXT];

		(void)snprintf(text, sizeof(text),
			"a card works for %lld hours after this station last reached the server; sign "
			"in when it can be reached, or have a coordinator enter the hours",
			(long long)attempt->words->card_hours);
		say(attempt, SIGN_IN_REFUSED, text);
		return replica_try_forget(attempt->replica, attempt->login); /* the PIN was right */
	}
	if (since_ms >= PEOPLE_LEASE_MS || since_ms < -(int64_t)DAY_MS) {
		say(attempt, SIGN_IN_REFUSED,
			"this station has had no word of the server about you for 30 days; sign in "
			"when it can be reached");
		return PRAC_OK;
	}
	if (prac_person_all_roles(&attempt->person.who, now_ms) == 0) {
		say(attempt, SIGN_IN_REFUSED, "you have no role in this district now");
		return PRAC_OK;
	}
	attempt->result->is_offline = true;
	return enter(attempt);
}

static enum prac_status decide(struct attempt *attempt)
{
	bool may_forget;

	if (attempt->is_welcome) {
		return enter_online(attempt);
	}
	if (!attempt->is_answered && attempt->words->code == NULL) {
		return enter_offline(attempt);
	}
	/* The password was right: what is missing is no wrong try. */
	may_forget = attempt->result->outcome == SIGN_IN_FACTOR ||
		     attempt->result->outcome == SIGN_IN_SECRET;
	return may_forget ? replica_try_forget(attempt->replica, attempt->login) : PRAC_OK;
}

static enum prac_status prepare(struct attempt *attempt)
{
	enum prac_status status =
		replica_person(attempt->replica, attempt->login, &attempt->arena, &attempt->person);

	if (status != PRAC_OK && status != PRAC_NOT_FOUND) {
		return status;
	}
	status = open_key(attempt);
	if (status == PRAC_OK && !attempt->is_open) {
		prac_sign_key_new(attempt->public_key, attempt->secret);
	}
	return status;
}

static enum prac_status try_once(struct attempt *attempt, const char *home)
{
	int64_t wait_ms;
	enum prac_status status = replica_try(attempt->replica, attempt->login, &wait_ms);

	if (status == PRAC_OK && wait_ms > 0) {
		attempt->result->outcome = SIGN_IN_REFUSED;
		(void)snprintf(attempt->result->text, sizeof(attempt->result->text),
			"the last try was wrong; the next one counts in %lld s",
			(long long)(wait_ms + 999) / 1000);
		return PRAC_OK;
	}
	if (status == PRAC_OK) {
		status = prepare(attempt);
	}
	if (status == PRAC_RESOURCE_EXHAUSTED && replica_error(attempt->replica)[0] == '\0') {
		say(attempt, SIGN_IN_REFUSED,
			"not enough memory to check a password: 64 MiB are wanted");
		return PRAC_OK;
	}
	if (status == PRAC_OK && !attempt->words->is_offline) {
		ask_server(attempt, home);
	}
	return status == PRAC_OK ? decide(attempt) : status;
}

enum prac_status sign_in_run(struct replica *replica, const struct prac_env *env, const char *home,
	const struct sign_in_words *words, struct sign_in_result *result_out)
{
	struct attempt attempt = {
		.replica = replica, .env = env, .words = words, .result = result_out
	};
	enum prac_status status = PRAC_OK;

	*result_out = (struct sign_in_result){ .outcome = SIGN_IN_UNREACHABLE };
	if (!read_login(&attempt)) {
		say(&attempt, SIGN_IN_REFUSED, "a name has 1 to 80 letters and signs");
	} else if (words->password.len == 0 || words->password.len > PRAC_PASSWORD_MAX) {
		say(&attempt, SIGN_IN_REFUSED, "a password has 1 to 256 bytes");
	} else {
		status = try_once(&attempt, home);
	}
	explicit_bzero(attempt.secret, sizeof(attempt.secret));
	explicit_bzero(attempt.made, sizeof(attempt.made));
	prac_arena_deinit(&attempt.arena);
	return status;
}

/* ---- signing out */

static void on_ended(
	void *ctx, enum prac_status status, const ProtobufCMessage *message, const char *text)
{
	(void)message;
	(void)text;
	*(bool *)ctx = status == PRAC_OK;
}

enum prac_status sign_in_end(
	struct replica *replica, const struct prac_env *env, const char *home, bool *is_told_out)
{
	Practicum__SignOutRequest request = PRACTICUM__SIGN_OUT_REQUEST__INIT;
	const struct session_ask wanted = { .method = PRACTICUM__METHOD_ID__PEOPLE_SIGN_OUT,
		.request = &request.base,
		.answer = &practicum__sign_out_response__descriptor,
		.done = on_ended,
		.ctx = is_told_out };
	struct prac_arena arena = { 0 };
	struct replica_who who;
	char text[LINK_TEXT];
	enum prac_status status = replica_who(replica, &arena, &who);

	*is_told_out = false;
	if (status == PRAC_OK) {
		status = replica_sign_out(replica);
	}
	/* Here it is over; a session that the server is not told of ends there when it is idle. */
	if (status == PRAC_OK && who.token.len > 0) {
		request.has_session = true;
		request.session = prac_binary(who.token);
		*is_told_out =
			link_ask(replica, env, home, &wanted, text) == PRAC_OK && *is_told_out;
	}
	prac_arena_deinit(&arena);
	return status;
}
