/*
 * People.SignIn: a password, perhaps a second factor or a one-time code, becomes a session on this
 * device. A name that nobody has takes the same way and the same time as a wrong password.
 */
#include <string.h>

#include "common/base/sign.h"
#include "common/base/totp.h"
#include "common/rules/rights.h"
#include "common/wire/binary.h"
#include "common/wire/card.h"
#include "server/signer/signer.h"
#include "server/svc/hasher.h"
#include "server/svc/people.h"
#include "server/svc/rehash.h"
#include "sql/queries.h"

enum {
	FACTOR_MAX = 16,
	SALT = 16
};

/* In the call's arena, from the request to the answer. */
struct sign_in {
	struct rpc_call *call;
	struct svc *svc;
	char login[SVC_LOGIN_MAX + 1]; /* small letters */
	char factor_code[FACTOR_MAX + 1];
	struct prac_bytes password, public_key;
	bool has_code;
	struct prac_digest code_key; /* SHA-256, as it is stored */
	bool may_try;
	int64_t n_tries; /* that failed on this device, with this one */
	int64_t again_s;
	/* Of the person; nobody: all of it empty, and the way is gone to its end all the same. */
	bool is_found, needs_factor, is_code_right, has_factor, is_first;
	bool is_card, is_counted; /* a student's card, and its PIN may be tried */
	struct prac_id user;
	char hash[PRAC_PASSWORD_HASH];
	uint32_t pepper, factor_pepper, new_pepper, newest_pepper;
	uint8_t salt[SALT], old_salt[SALT];
	uint64_t last_step, step;
	char secret_text[PRAC_TOTP_SECRET_TEXT];
	uint8_t token[SVC_TOKEN];
	struct svc_persons persons;
};

static struct db_params *try_params(struct sign_in *in)
{
	struct db_params *params = db_params_new(rpc_arena(in->call));

	db_param_id(params, &rpc_call_peer(in->call)->device);
	db_param_bytes(params, prac_bytes_text(in->login));
	return params;
}

/* The same words for every way to be wrong. */
static void refusal_noted(void *ctx, enum prac_status status)
{
	struct sign_in *in = ctx;

	if (status != PRAC_OK) {
		rpc_fail(in->call, PRAC_UNAVAILABLE);
		return;
	}
	if (in->is_card && !in->is_counted) {
		rpc_failf(in->call, PRAC_UNAUTHENTICATED, "CARD_BLOCKED",
			"this card is blocked after five wrong PINs; a coordinator of the school "
			"frees it");
		return;
	}
	rpc_failf(in->call, PRAC_UNAUTHENTICATED, "SIGN_IN",
		in->has_code ? "name or code is wrong, or the code was used or is over"
			     : "name or password is wrong");
}

/* No answer before the audit has it. */
static void refuse(struct sign_in *in)
{
	struct prac_arena *arena = rpc_arena(in->call);
	struct db_batch *batch = db_batch_new(arena);
	struct db_params *params = try_params(in);

	db_param_int(params, in->n_tries);
	db_batch_add(batch, &q_audit_sign_in_refused, params, NULL, NULL);
	db_link_run(in->svc->desk, batch, refusal_noted, in);
}

static void busy(struct sign_in *in)
{
	rpc_fail_later(in->call, HASHER_BUSY_MS, hasher_busy_text);
}

static void fail(struct sign_in *in, enum prac_status status)
{
	if (status == PRAC_RESOURCE_EXHAUSTED) {
		busy(in);
	} else {
		rpc_fail(in->call, PRAC_UNAVAILABLE);
	}
}

static struct db_params *user_params(struct sign_in *in)
{
	struct db_params *params = db_params_new(rpc_arena(in->call));

	db_param_id(params, &in->user);
	return params;
}

static void on_mine(void *ctx, struct db_rows *rows)
{
	((struct sign_in *)ctx)->is_first = db_rows_count(rows) == 1;
}

/* ---- the end: a session */

static void signed_in(void *ctx, enum prac_status status)
{
	struct sign_in *in = ctx;
	Practicum__SignInResponse response = PRACTICUM__SIGN_IN_RESPONSE__INIT;

	if (status != PRAC_OK) {
		rpc_fail(in->call, PRAC_UNAVAILABLE);
		return;
	}
	if (in->persons.n != 1) {
		rpc_failf(in->call, PRAC_PERMISSION_DENIED, "NO_ROLE",
			"you have no role in this district now");
		return;
	}
	response.has_session = true;
	response.session = prac_binary((struct prac_bytes){ in->token, sizeof(in->token) });
	response.person = in->persons.persons[0];
	response.has_factor = true;
	response.factor = in->step != 0;
	rpc_reply(in->call, &response.base);
}

static void open_session(struct sign_in *in)
{
	struct prac_arena *arena = rpc_arena(in->call);
	const struct prac_env *env = in->svc->env;
	struct db_batch *batch = db_batch_new(arena);
	struct db_params *session = db_params_new(arena);
	struct db_params *device = user_params(in);

	env->random(env->ctx, in->token, sizeof(in->token));
	db_param_bytes(
		session, svc_token_hash(in->call, (struct prac_bytes){ in->token, SVC_TOKEN }));
	db_param_id(session, &in->user);
	db_param_id(session, &rpc_call_peer(in->call)->device);
	db_param_bool(session, in->step != 0);
	db_batch_add(batch, &q_people_session_new, session, NULL, NULL);
	if (in->public_key.len == PRAC_SIGN_PUBLIC) {
		db_param_id(device, &rpc_call_peer(in->call)->device);
		db_param_bytes(device, in->public_key);
		db_batch_add(batch, &q_people_device, device, NULL, NULL);
	}
	if (in->is_card) {
		db_batch_add(batch, &q_card_right, user_params(in), NULL, NULL);
	}
	db_batch_add(batch, &q_people_try_forget, try_params(in), NULL, NULL);
	db_batch_add(batch, &q_people_try_sweep, NULL, NULL, NULL);
	svc_persons_add(batch, &(struct svc_persons_ask){ .ids = &in->user, .n_ids = 1 }, arena,
		&in->persons);
	db_link_run(in->svc->desk, batch, signed_in, in);
}

/* ---- the second factor */

static void renew_secret(struct sign_in *in);

static void step_taken(void *ctx, enum prac_status status)
{
	struct sign_in *in = ctx;

	if (status != PRAC_OK) {
		rpc_fail(in->call, PRAC_UNAVAILABLE);
	} else if (!in->is_first) {
		refuse(in);
	} else if (in->newest_pepper > in->factor_pepper) {
		renew_secret(in); /* it is made of the pepper */
	} else {
		open_session(in);
	}
}

static void factor_known(void *ctx, enum prac_status status, const struct signer_answer *answer)
{
	struct sign_in *in = ctx;
	struct db_batch *batch;
	struct db_params *params;

	if (status == PRAC_NOT_FOUND) {
		signer_pepper_lost(&in->user, in->factor_pepper);
		refuse(in);
		return;
	}
	if (status != PRAC_OK) {
		fail(in, status);
		return;
	}
	in->step = prac_totp_find(prac_digest_bytes(&answer->peppered), in->factor_code,
		in->svc->env->wall_ms(in->svc->env->ctx) / 1000, in->last_step);
	if (in->step == 0) {
		refuse(in);
		return;
	}
	batch = db_batch_new(rpc_arena(in->call));
	params = user_params(in);
	db_param_int(params, (int64_t)in->step);
	db_param_bytes(params, (struct prac_bytes){ in->salt, SALT });
	db_batch_add(batch, &q_people_factor_step, params, on_mine, in);
	db_link_run(in->svc->desk, batch, step_taken, in);
}

/* What the signer makes the secret of: nobody else can, and it stands nowhere. */
static struct prac_bytes factor_seed(struct sign_in *in)
{
	static const char title[] = "second factor";
	uint8_t *seed = prac_arena_alloc(rpc_arena(in->call), sizeof(title) + PRAC_ID_LEN + SALT);

	memcpy(seed, title, sizeof(title));
	memcpy(seed + sizeof(title), in->user.b, PRAC_ID_LEN);
	memcpy(seed + sizeof(title) + PRAC_ID_LEN, in->salt, SALT);
	return (struct prac_bytes){ seed, sizeof(title) + PRAC_ID_LEN + SALT };
}

static void check_factor(struct sign_in *in)
{
	if (in->has_factor && in->factor_code[0] == '\0') {
		rpc_failf(in->call, PRAC_UNAUTHENTICATED, "FACTOR",
			"the code of your authenticator is wanted as well");
	} else if (in->has_factor) {
		signer_pepper(
			in->svc->signer, in->factor_pepper, factor_seed(in), factor_known, in);
	} else if (in->needs_factor) {
		rpc_failf(in->call, PRAC_UNAUTHENTICATED, "FACTOR_MISSING",
			"your role needs an authenticator: ask for a new one-time code");
	} else {
		open_session(in);
	}
}

/* ---- a password */

static void rehashed(void *ctx, uint32_t newest)
{
	struct sign_in *in = ctx;

	in->newest_pepper = newest;
	check_factor(in);
}

static void verified(void *ctx, enum prac_status status, const char *hash)
{
	struct sign_in *in = ctx;
	struct svc_rehash *rehash;

	(void)hash;
	if (status == PRAC_UNAUTHENTICATED || (status == PRAC_OK && !in->is_found)) {
		refuse(in);
	} else if (status != PRAC_OK) {
		fail(in, status);
	} else {
		rehash = prac_arena_alloc(rpc_arena(in->call), sizeof(*rehash));
		*rehash = (struct svc_rehash){ .svc = in->svc,
			.arena = rpc_arena(in->call),
			.user = in->user,
			.password = in->password,
			.hash = in->hash,
			.pepper = in->pepper,
			.done = rehashed,
			.ctx = in };
		svc_rehash(rehash);
	}
}

/* Under a pepper that the signer does not have nothing can be checked: from there on it is nobody's. */
static void password_peppered(
	void *ctx, enum prac_status status, const struct signer_answer *answer)
{
	struct sign_in *in = ctx;
	const char *hash = in->hash[0] != '\0' ? in->hash : prac_password_nobody();

	if (status == PRAC_NOT_FOUND && in->pepper != 0) {
		signer_pepper_lost(&in->user, in->pepper);
		in->is_found = false;
		in->hash[0] = '\0';
		in->pepper = 0;
		signer_pepper(in->svc->signer, 0, in->password, password_peppered, in);
	} else if (status != PRAC_OK) {
		fail(in, status);
	} else if (!hasher_verify(in->svc->hasher, hash, &answer->peppered, verified, in)) {
		busy(in);
	}
}

/* ---- a one-time code */

static void reply_secret(struct sign_in *in)
{
	Practicum__SignInResponse response = PRACTICUM__SIGN_IN_RESPONSE__INIT;

	response.has_factor_secret = true;
	response.factor_secret = prac_binary_text(in->secret_text);
	rpc_reply(in->call, &response.base);
}

/* The password of a one-time code, a secret, or both. */
static void stored(void *ctx, enum prac_status status)
{
	struct sign_in *in = ctx;

	if (status != PRAC_OK) {
		rpc_fail(in->call, PRAC_UNAVAILABLE);
	} else if (!in->is_first) {
		refuse(in);
	} else if (in->secret_text[0] != '\0') {
		reply_secret(in);
	} else {
		open_session(in);
	}
}

static struct db_params *factor_params(struct sign_in *in)
{
	struct db_params *factor = user_params(in);

	db_param_bytes(factor, (struct prac_bytes){ in->salt, SALT });
	db_param_int(factor, in->factor_pepper);
	return factor;
}

static void store_password(struct sign_in *in)
{
	struct prac_arena *arena = rpc_arena(in->call);
	struct db_batch *batch = db_batch_new(arena);
	struct db_params *password = user_params(in);

	db_param_bytes(password, prac_bytes_text(in->hash));
	db_param_int(password, in->new_pepper);
	db_param_bytes(password, prac_digest_bytes(&in->code_key));
	db_batch_add(batch, &q_people_code_password, password, on_mine, in);
	if (in->needs_factor) {
		db_batch_add(batch, &q_people_factor, factor_params(in), NULL, NULL);
	}
	db_batch_add(batch, &q_people_try_forget, try_params(in), NULL, NULL);
	db_link_run(in->svc->desk, batch, stored, in);
}

/* In place of the one under the older pepper, which was shown a moment ago. */
static void store_secret(struct sign_in *in)
{
	struct db_batch *batch = db_batch_new(rpc_arena(in->call));
	struct db_params *factor = factor_params(in);

	db_param_bytes(factor, (struct prac_bytes){ in->old_salt, SALT });
	db_batch_add(batch, &q_people_factor_renew, factor, on_mine, in);
	db_batch_add(batch, &q_people_try_forget, try_params(in), NULL, NULL);
	db_link_run(in->svc->desk, batch, stored, in);
}

static void secret_made(void *ctx, enum prac_status status, const struct signer_answer *answer)
{
	struct sign_in *in = ctx;

	if (status != PRAC_OK) {
		fail(in, status);
		return;
	}
	in->factor_pepper = answer->version;
	prac_totp_secret_format(answer->peppered.b, in->secret_text);
	if (in->has_code) {
		store_password(in);
	} else {
		store_secret(in);
	}
}

static void renew_secret(struct sign_in *in)
{
	memcpy(in->old_salt, in->salt, SALT);
	in->svc->env->random(in->svc->env->ctx, in->salt, SALT);
	signer_pepper(in->svc->signer, 0, factor_seed(in), secret_made, in);
}

static void hashed(void *ctx, enum prac_status status, const char *hash)
{
	struct sign_in *in = ctx;

	if (status != PRAC_OK) {
		fail(in, status);
		return;
	}
	if (!in->is_code_right) {
		refuse(in);
		return;
	}
	memcpy(in->hash, hash, sizeof(in->hash));
	if (in->needs_factor) {
		renew_secret(in);
	} else {
		store_password(in);
	}
}

static void new_peppered(void *ctx, enum prac_status status, const struct signer_answer *answer)
{
	struct sign_in *in = ctx;

	if (status != PRAC_OK) {
		fail(in, status);
		return;
	}
	in->new_pepper = answer->version;
	if (!hasher_make(in->svc->hasher, &answer->peppered, hashed, in)) {
		busy(in);
	}
}

/* ---- the beginning */

static void on_code(void *ctx, struct db_rows *rows)
{
	struct sign_in *in = ctx;
	struct prac_bytes key;

	if (db_rows_count(rows) == 1) {
		key = db_rows_bytes(rows, 0, 0);
		in->is_code_right = key.len == sizeof(in->code_key.b) &&
				    prac_digest_equal(&in->code_key,
					    (const struct prac_digest *)(const void *)key.data);
	}
}

static void on_secrets(void *ctx, struct db_rows *rows)
{
	struct sign_in *in = ctx;
	struct prac_bytes hash, salt;

	if (db_rows_count(rows) != 1) {
		return;
	}
	hash = db_rows_bytes(rows, 0, 1);
	salt = db_rows_bytes(rows, 0, 3);
	in->user = db_rows_id(rows, 0, 0);
	if (hash.len > 0 && hash.len < sizeof(in->hash)) {
		memcpy(in->hash, hash.data, hash.len);
	}
	in->is_found = hash.len > 0 || in->has_code;
	in->pepper = (uint32_t)db_rows_int(rows, 0, 2);
	in->has_factor = salt.len == SALT;
	if (in->has_factor) {
		memcpy(in->salt, salt.data, SALT);
	}
	in->factor_pepper = (uint32_t)db_rows_int(rows, 0, 4);
	in->last_step = (uint64_t)db_rows_int(rows, 0, 5);
	in->needs_factor = db_rows_bool(rows, 0, 6);
	in->is_card = db_rows_bool(rows, 0, 7);
}

static void on_card(void *ctx, struct db_rows *rows)
{
	((struct sign_in *)ctx)->is_counted = db_rows_count(rows) == 1;
}

static void known(void *ctx, enum prac_status status)
{
	struct sign_in *in = ctx;

	if (status != PRAC_OK) {
		rpc_fail(in->call, PRAC_UNAVAILABLE);
	} else if (in->is_card && !in->is_counted) {
		refuse(in);
	} else if (in->has_code) {
		signer_pepper(in->svc->signer, 0, in->password, new_peppered, in);
	} else {
		signer_pepper(in->svc->signer, in->pepper, in->password, password_peppered, in);
	}
}

static void tried(void *ctx, enum prac_status status)
{
	struct sign_in *in = ctx;
	struct prac_arena *arena = rpc_arena(in->call);
	struct db_batch *batch = db_batch_new(arena);
	struct db_params *code = db_params_new(arena), *secrets = db_params_new(arena);
	struct db_params *card = db_params_new(arena);

	if (status != PRAC_OK) {
		rpc_fail(in->call, PRAC_UNAVAILABLE);
		return;
	}
	if (!in->may_try) {
		rpc_fail_later(in->call, (uint64_t)in->again_s * 1000,
			prac_arena_printf(arena,
				"the last try was wrong; the next one counts in %lld s",
				(long long)in->again_s));
		return;
	}
	if (in->has_code) {
		db_param_bytes(code, prac_bytes_text(in->login));
		db_batch_add(batch, &q_people_code, code, on_code, in);
	}
	if (prac_card_is_login(in->login)) {
		db_param_bytes(card, prac_bytes_text(in->login));
		db_batch_add(batch, &q_card_try, card, on_card, in);
	}
	db_param_bytes(secrets, prac_bytes_text(in->login));
	svc_add_roles_with_factor(secrets, arena);
	db_batch_add(batch, &q_people_secrets, secrets, on_secrets, in);
	db_link_run(in->svc->desk, batch, known, in);
}

static void on_try(void *ctx, struct db_rows *rows)
{
	struct sign_in *in = ctx;

	in->may_try = db_rows_count(rows) == 1;
	in->n_tries = in->may_try ? db_rows_int(rows, 0, 0) : 0;
}

static void on_again(void *ctx, struct db_rows *rows)
{
	struct sign_in *in = ctx;

	in->again_s = db_rows_count(rows) == 1 ? db_rows_int(rows, 0, 0) : 1;
}

static bool read_code(struct sign_in *in, ProtobufCBinaryData text)
{
	struct prac_enroll_code code;
	struct prac_digest key;

	if (text.len == 0) {
		return true;
	}
	in->has_code = true;
	if (prac_enroll_code_parse(prac_arena_text(rpc_arena(in->call),
					   (struct prac_bytes){ text.data, text.len }),
		    &code) != PRAC_OK) {
		return false;
	}
	key = prac_enroll_key(&code);
	in->code_key = prac_sha256(prac_digest_bytes(&key));
	return true;
}

/* NULL: all is there. Else what is wrong, in words. */
static const char *read_request(struct sign_in *in, const Practicum__SignInRequest *request)
{
	in->password = prac_binary_bytes(request->password);
	in->public_key = prac_binary_bytes(request->public_key);
	if (!svc_fold_login(request->login, in->login)) {
		return "login: want 1 to 80 bytes";
	}
	if (in->password.len == 0 || in->password.len > PRAC_PASSWORD_MAX) {
		return "password: want 1 to 256 bytes";
	}
	if (request->factor.len > FACTOR_MAX) {
		return "factor: want 6 digits";
	}
	if (request->factor.len > 0) {
		memcpy(in->factor_code, request->factor.data, request->factor.len);
	}
	if (in->public_key.len != 0 && in->public_key.len != PRAC_SIGN_PUBLIC) {
		return "public_key: want 32 bytes";
	}
	if (!read_code(in, request->code)) {
		return "code: mistyped; it has 24 letters and digits";
	}
	return in->has_code ? prac_password_problem(in->password, in->login) : NULL;
}

void svc_sign_in(struct rpc_call *call)
{
	struct prac_arena *arena = rpc_arena(call);
	struct sign_in *in = prac_arena_alloc(arena, sizeof(*in));
	struct db_batch *batch;
	const char *problem;

	in->call = call;
	in->svc = rpc_services(call);
	problem = read_request(in, rpc_request(call));
	if (problem != NULL) {
		rpc_failf(call, PRAC_INVALID_ARGUMENT, "REQUEST", "%s", problem);
		return;
	}
	batch = db_batch_new(arena);
	db_batch_add(batch, &q_people_try, try_params(in), on_try, in);
	db_batch_add(batch, &q_people_again, try_params(in), on_again, in);
	db_link_run(in->svc->desk, batch, tried, in);
}
