/* Who is told when a scope changes: sessions by the scopes their device holds. */
#pragma once

#include "server/rpc/session.h"

struct svc_subscriptions;

struct svc_subscriptions *svc_subscriptions_new(void) PRAC_RETURNS_NONNULL;
void svc_subscriptions_free(struct svc_subscriptions *subscriptions); /* nobody is in it */

/* For the scopes of the session's peer as they are now: unsubscribe before they change. */
void svc_subscribe(struct svc_subscriptions *subscriptions, struct rpc_session *session);
void svc_unsubscribe(struct svc_subscriptions *subscriptions, struct rpc_session *session);

/* Something in these scopes became visible: pokes each session once. */
void svc_notify(struct svc_subscriptions *subscriptions, const struct prac_id *scopes,
	size_t n_scopes, uint64_t head);
