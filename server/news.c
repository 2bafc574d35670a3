#include "server/news.h"

#include <glib.h>

#include "common/base/log.h"
#include "sql/queries.h"

struct listening {
	struct prac_arena arena;
};

static void on_listening(void *ctx, enum prac_status status)
{
	struct listening *listening = ctx;

	/* If it failed, so did the connection, or the head that is looked at every 2 s has to do. */
	if (status != PRAC_OK) {
		prac_log(PRAC_LOG_WARNING, "server.listen", "status=%s", prac_status_name(status));
	}
	prac_arena_deinit(&listening->arena);
	g_free(listening);
}

void news_listen(struct db_link *link)
{
	struct listening *listening = g_new0(struct listening, 1);
	struct db_batch *batch = db_batch_new(&listening->arena);

	db_batch_add(batch, &q_sync_listen, NULL, NULL, NULL);
	db_link_run(link, batch, on_listening, listening);
}

void news_tell(const struct news *news, const struct notice *notice)
{
	const struct heard_commit commit = { notice->after, notice->head };

	heard_add(stations_heard(news->stations), &commit);
	/* What two servers committed may be heard in another order. */
	news->svc->rpc->head = MAX(news->svc->rpc->head, notice->head);
	if (notice->is_all) {
		stations_poke(news->stations, notice->head);
		stations_refresh(news->stations);
	}
	svc_notify(news->svc->subscriptions, notice->scopes, notice->n_scopes, notice->head);
	for (size_t i = 0; i < notice->n_scopes; i++) {
		/* Perhaps a school: the district loads at once what it wrote there, and need not wait for
		 * the next look at the rights. */
		if (prac_id_equal(&notice->scopes[i], &prac_scope_reference)) {
			stations_refresh(news->stations);
		}
	}
}

void news_look(const struct news *news, uint64_t head)
{
	if (heard_look_again(stations_heard(news->stations), head)) {
		stations_poke(news->stations, head);
		stations_refresh(news->stations);
	}
}

void news_hear(const struct news *news, int pid, const char *payload)
{
	struct prac_arena arena = { 0 };
	struct notice notice;

	if (pid == db_link_pid(news->writer)) {
		return;
	}
	if (notice_read(&arena, payload, &notice) == PRAC_OK) {
		news_tell(news, &notice);
	} else {
		prac_log(PRAC_LOG_WARNING, "server.notice", "pid=%d why=\"not readable\"", pid);
	}
	prac_arena_deinit(&arena);
}
