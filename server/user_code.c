#include <string.h>

#include "server/user.h"
#include "sql/queries.h"

void user_add_code(struct operator* op, const char *login, char code_out[PRAC_ENROLL_TEXT],
	void (*row)(void *ctx, struct db_rows *rows), void *ctx)
{
	struct prac_enroll_code code;
	struct prac_digest key;
	struct db_params *params = db_params_new(&op->arena);
	const struct prac_env *env = &prac_env_system;

	prac_enroll_code_new(env, &code);
	prac_enroll_code_format(&code, code_out);
	db_param_bytes(params, prac_bytes_text(login));
	key = prac_enroll_key(&code);
	key = prac_sha256(prac_digest_bytes(&key));
	db_param_bytes(params, prac_arena_copy(&op->arena, prac_digest_bytes(&key)));
	db_param_instant(params, env->wall_ms(env->ctx) + USER_CODE_HOURS * INT64_C(3600000));
	db_batch_add(op->batch, &q_user_code, params, row, ctx);
	explicit_bzero(&code, sizeof(code));
}
