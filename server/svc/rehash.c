#include "server/svc/rehash.h"

#include "server/signer/signer.h"
#include "server/svc/hasher.h"
#include "sql/queries.h"

static void finish(struct svc_rehash *rehash)
{
	rehash->done(rehash->ctx, rehash->newest);
}

static void stored(void *ctx, enum prac_status status)
{
	(void)status; /* the old one still holds */
	finish(ctx);
}

static void hashed(void *ctx, enum prac_status status, const char *hash)
{
	struct svc_rehash *rehash = ctx;
	struct db_params *params;
	struct db_batch *batch;

	if (status != PRAC_OK) {
		finish(rehash);
		return;
	}
	params = db_params_new(rehash->arena);
	batch = db_batch_new(rehash->arena);
	db_param_id(params, &rehash->user);
	db_param_bytes(params, prac_arena_copy(rehash->arena, prac_bytes_text(hash)));
	db_param_int(params, rehash->newest);
	db_param_bytes(params, prac_bytes_text(rehash->hash));
	db_batch_add(batch, &q_pepper_rehash, params, NULL, NULL);
	db_link_run(rehash->svc->desk, batch, stored, rehash);
}

static void peppered(void *ctx, enum prac_status status, const struct signer_answer *answer)
{
	struct svc_rehash *rehash = ctx;

	rehash->newest = status == PRAC_OK ? answer->version : 0;
	if (rehash->newest <= rehash->pepper ||
		!hasher_make(rehash->svc->hasher, &answer->peppered, hashed, rehash)) {
		finish(rehash);
	}
}

void svc_rehash(struct svc_rehash *rehash)
{
	signer_pepper(rehash->svc->signer, 0, rehash->password, peppered, rehash);
}
