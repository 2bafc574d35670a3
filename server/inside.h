/*
 * What server.c and serving.c share: the server's parts. server.c has the loop and its two timers, the
 * signals and the end; serving.c has what is configured, read again at SIGHUP and freed.
 */
#pragma once

#include <uv.h>

#include "server/chores.h"
#include "server/config.h"
#include "server/db/check.h"
#include "server/heads.h"
#include "server/keys.h"
#include "server/news.h"
#include "server/pulse.h"
#include "server/records_key.h"
#include "server/server.h"
#include "server/signer/signer.h"
#include "server/station.h"
#include "server/svc/hasher.h"
#include "server/sync/sequencer.h"
#include "server/sync/snapshot.h"
#include "server/sync/store_pg.h"

struct server {
	struct config config;
	const struct server_source *source;
	uv_loop_t loop;
	uv_signal_t signals[3];
	uv_timer_t quick, slow;
	struct keys_tls tls;
	struct records_key records_key;
	struct signer *signer;
	struct hasher *hasher;
	struct heads *heads; /* of the audit */
	struct db_pool *pool;
	struct db_link *desk;
	struct store_pg *store;
	struct sequencer *sequencer;
	struct chores chores;
	struct snapshots *snapshots;
	struct rpc_routes routes;
	struct rpc_server rpc;
	struct svc svc;
	struct stations *stations;
	struct news news;
	uint64_t weigh_ms; /* when the next counting is due */
	struct net_room room;
	struct net_listener *devices, *newcomers;
	bool must_check, is_live, is_draining, is_closing;
	uint64_t started_ms, drain_end_ms;
	struct pulse pulse; /* of the writer */
	int exit_code;
};

/* The files that the configuration names, as far as they can be told without a database. */
enum prac_status serving_prepare(struct server *server) PRAC_MUST_USE;

/*
 * Opens the spool, the services and the listeners once the database is the right one. committed hears of
 * each batch. Returns NULL, or what stands in the way; the text lives as long as server.
 */
const char *serving_begin(struct server *server, const struct db_checked *checked,
	void (*committed)(void *ctx, const struct notice *notice));

/* Reads the configuration and the keys again; what is refused leaves everything as it was. */
void serving_reload(struct server *server);

void serving_free(struct server *server);
