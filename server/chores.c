#include "server/chores.h"

void chores_begin(struct chores *chores, const struct staging_config *config)
{
	chores->staging = staging_new(config);
	chores->rejudge = rejudge_new(&(struct rejudge_config){ .loop = config->loop,
		.env = config->env,
		.conninfo = config->conninfo,
		.sequencer = config->sequencer });
}

void chores_tick(struct chores *chores)
{
	staging_tick(chores->staging);
	rejudge_tick(chores->rejudge);
}

void chores_stop(struct chores *chores)
{
	staging_stop(chores->staging);
	rejudge_stop(chores->rejudge);
}

static void one_closed(void *ctx)
{
	struct chores *chores = ctx;

	if (--chores->n_open == 0) {
		chores->closed(chores->closed_ctx);
	}
}

void chores_close(struct chores *chores, db_closed_fn closed, void *ctx)
{
	if (chores->staging == NULL) {
		return;
	}
	chores->closed = closed;
	chores->closed_ctx = ctx;
	chores->n_open = 2;
	staging_close(chores->staging, one_closed, chores);
	rejudge_close(chores->rejudge, one_closed, chores);
}
