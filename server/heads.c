#include "server/heads.h"

#include <glib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/wire/audit_head.h"
#include "server/signer/signer.h"
#include "sql/queries.h"

enum {
	CHAINS = 2,
	EVERY_MS = 60 * 60 * 1000,
	AGAIN_MS = 60 * 1000 /* after signer or database were away */
};

struct heads {
	struct svc *svc;
	struct rpc_server *rpc;
	struct prac_audit_head now[CHAINS];   /* being signed */
	struct prac_audit_head shown[CHAINS]; /* as WELCOME tells */
	size_t n_now, n_shown, next;          /* next: of now, the one that is with the signer */
	struct prac_arena arena;              /* of the question under way */
	uint64_t due_ms;
	bool is_busy;
};

static uint64_t now_ms(const struct heads *heads)
{
	return heads->rpc->env->monotonic_ms(heads->rpc->env->ctx);
}

static void finish(struct heads *heads, enum prac_status status)
{
	heads->is_busy = false;
	heads->due_ms = now_ms(heads) + (status == PRAC_OK ? EVERY_MS : AGAIN_MS);
	prac_arena_reset(&heads->arena);
	if (status == PRAC_OK) {
		memcpy(heads->shown, heads->now, sizeof(heads->shown));
		heads->n_shown = heads->n_now;
		heads->rpc->heads = heads->shown;
		heads->rpc->n_heads = heads->n_shown;
	} else if (status != PRAC_CANCELLED) {
		prac_log(PRAC_LOG_WARNING, "server.heads", "status=%s", prac_status_name(status));
	}
}

static void stored(void *ctx, enum prac_status status)
{
	finish(ctx, status);
}

static void store(struct heads *heads)
{
	struct db_batch *batch = db_batch_new(&heads->arena);

	for (size_t i = 0; i < heads->n_now; i++) {
		const struct prac_audit_head *head = &heads->now[i];
		struct db_params *params = db_params_new(&heads->arena);

		db_param_bytes(params, prac_bytes_text(head->chain));
		db_param_int(params, head->number);
		db_param_bytes(params, prac_digest_bytes(&head->hash));
		db_param_bytes(params, (struct prac_bytes){ head->signature, head->signature_len });
		db_batch_add(batch, &q_audit_sign, params, NULL, NULL);
	}
	db_link_run(heads->svc->desk, batch, stored, heads);
}

static void sign_next(struct heads *heads);

static void signer_answered(void *ctx, enum prac_status status, const struct signer_answer *answer)
{
	struct heads *heads = ctx;
	struct prac_audit_head *head = &heads->now[heads->next];

	if (status == PRAC_OK && answer->signature.len > sizeof(head->signature)) {
		status = PRAC_INTERNAL;
	}
	if (status != PRAC_OK) {
		finish(heads, status);
		return;
	}
	memcpy(head->signature, answer->signature.data, answer->signature.len);
	head->signature_len = answer->signature.len;
	heads->next++;
	sign_next(heads);
}

static void sign_next(struct heads *heads)
{
	const struct prac_audit_head *head = &heads->now[heads->next];

	if (heads->next == heads->n_now) {
		store(heads);
		return;
	}
	signer_sign_head(heads->svc->signer,
		prac_audit_head_text(head->chain, head->number, &head->hash, &heads->arena),
		signer_answered, heads);
}

static void on_heads(void *ctx, struct db_rows *rows)
{
	struct heads *heads = ctx;

	heads->n_now = 0;
	for (size_t row = 0; row < db_rows_count(rows) && heads->n_now < CHAINS; row++) {
		struct prac_audit_head *head = &heads->now[heads->n_now];
		struct prac_bytes chain = db_rows_bytes(rows, row, 0);
		struct prac_bytes hash = db_rows_bytes(rows, row, 2);

		*head = (struct prac_audit_head){ .number = db_rows_int(rows, row, 1) };
		if (head->number == 0 || chain.len >= sizeof(head->chain) ||
			hash.len != sizeof(head->hash.b)) {
			continue; /* a chain without a link shows nothing */
		}
		memcpy(head->chain, chain.data, chain.len);
		memcpy(head->hash.b, hash.data, hash.len);
		heads->n_now++;
	}
}

static void heads_read(void *ctx, enum prac_status status)
{
	struct heads *heads = ctx;

	heads->next = 0;
	if (status == PRAC_OK) {
		sign_next(heads);
	} else {
		finish(heads, status);
	}
}

struct heads *heads_new(struct svc *svc, struct rpc_server *rpc)
{
	struct heads *heads = g_new0(struct heads, 1);

	heads->svc = svc;
	heads->rpc = rpc;
	return heads;
}

void heads_tick(struct heads *heads)
{
	struct db_batch *batch;

	if (heads->is_busy || now_ms(heads) < heads->due_ms) {
		return;
	}
	heads->is_busy = true;
	batch = db_batch_new(&heads->arena);
	db_batch_add(batch, &q_audit_heads, NULL, on_heads, heads);
	db_link_run(heads->svc->desk, batch, heads_read, heads);
}

void heads_free(struct heads *heads)
{
	if (heads != NULL) {
		prac_arena_deinit(&heads->arena);
		g_free(heads);
	}
}
