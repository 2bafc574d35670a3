#include "server/news.h"

#include <glib.h>

#include "common/base/log.h"
#include "server/sync/notice.h"
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

void news_tell(
	const struct news *news, const struct prac_id *scopes, size_t n_scopes, uint64_t head)
{
	/* What two servers committed may be heard in another order. */
	news->svc->rpc->head = MAX(news->svc->rpc->head, head);
	svc_notify(news->svc->subscriptions, scopes, n_scopes, head);
	for (size_t i = 0; i < n_scopes; i++) {
		/* Perhaps a school: the district loads at once what it wrote there, and need not wait for
		 * the next look at the rights. */
		if (prac_id_equal(&scopes[i], &prac_scope_reference)) {
			stations_refresh(news->stations);
		}
	}
}

void news_look(const struct news *news, uint64_t head)
{
	if (head > news->svc->rpc->head) {
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
	if (notice_read(&arena, payload, &notice) != PRAC_OK) {
		prac_log(PRAC_LOG_WARNING, "server.notice", "pid=%d why=\"not readable\"", pid);
	} else if (notice.n_scopes == 0) {
		news_look(news, notice.head);
	} else {
		news_tell(news, notice.scopes, notice.n_scopes, notice.head);
	}
	prac_arena_deinit(&arena);
}
