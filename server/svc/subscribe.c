#include "server/svc/subscribe.h"

#include <glib.h>

struct svc_subscriptions {
	GHashTable *scopes; /* struct prac_id -> GPtrArray of struct rpc_session */
};

static void free_sessions(gpointer sessions)
{
	g_ptr_array_free(sessions, TRUE);
}

struct svc_subscriptions *svc_subscriptions_new(void)
{
	struct svc_subscriptions *subscriptions = g_new(struct svc_subscriptions, 1);

	subscriptions->scopes =
		g_hash_table_new_full(prac_id_hash, prac_id_same, g_free, free_sessions);
	return subscriptions;
}

void svc_subscriptions_free(struct svc_subscriptions *subscriptions)
{
	g_hash_table_destroy(subscriptions->scopes);
	g_free(subscriptions);
}

void svc_subscribe(struct svc_subscriptions *subscriptions, struct rpc_session *session)
{
	const struct rpc_peer *peer = rpc_session_peer(session);

	for (size_t i = 0; i < peer->n_grants; i++) {
		const struct prac_id *scope = &peer->grants[i].scope;
		GPtrArray *sessions = g_hash_table_lookup(subscriptions->scopes, scope);

		if (sessions == NULL) {
			sessions = g_ptr_array_new();
			g_hash_table_insert(
				subscriptions->scopes, g_memdup2(scope, sizeof(*scope)), sessions);
		}
		g_ptr_array_add(sessions, session);
	}
}

void svc_unsubscribe(struct svc_subscriptions *subscriptions, struct rpc_session *session)
{
	const struct rpc_peer *peer = rpc_session_peer(session);

	for (size_t i = 0; i < peer->n_grants; i++) {
		const struct prac_id *scope = &peer->grants[i].scope;
		GPtrArray *sessions = g_hash_table_lookup(subscriptions->scopes, scope);

		if (sessions == NULL) {
			continue;
		}
		g_ptr_array_remove_fast(sessions, session);
		if (sessions->len == 0) {
			g_hash_table_remove(subscriptions->scopes, scope);
		}
	}
}

void svc_notify(struct svc_subscriptions *subscriptions, const struct prac_id *scopes,
	size_t n_scopes, uint64_t head)
{
	for (size_t i = 0; i < n_scopes; i++) {
		const GPtrArray *sessions = g_hash_table_lookup(subscriptions->scopes, &scopes[i]);

		/* A session that holds several of the scopes keeps quiet after the first poke. */
		for (guint k = 0; sessions != NULL && k < sessions->len; k++) {
			rpc_session_poke(sessions->pdata[k], head);
		}
	}
}
