#include "server/server.h"

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <uv.h>

#include "common/base/log.h"
#include "common/catalog/catalog.h"
#include "server/chores.h"
#include "server/config_note.h"
#include "server/db/check.h"
#include "server/db/migrate.h"
#include "server/exit_code.h"
#include "server/heads.h"
#include "server/keys.h"
#include "server/machine.h"
#include "server/news.h"
#include "server/notify.h"
#include "server/signer/signer.h"
#include "server/station.h"
#include "server/svc/hasher.h"
#include "server/svc/people.h"
#include "server/sync/sequencer.h"
#include "server/sync/snapshot.h"
#include "server/sync/store_pg.h"
#include "sql/migrations.h"

enum {
	WEIGH_MS = 250,        /* between two countings of memory */
	QUICK_MS = 50,         /* the sequencer's waiting */
	SLOW_MS = 2000,        /* rights, watchdog */
	RETRY_AFTER_MS = 2000, /* what a client waits after a planned end; jitter is its own */
	DATABASE_WAIT_MS = 60000
};

struct server {
	struct config config;
	const struct server_source *source;
	uv_loop_t loop;
	uv_signal_t signals[3];
	uv_timer_t quick, slow;
	struct keys_tls tls;
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
	struct net_listener *devices, *newcomers;
	bool must_check, is_live, is_draining, is_closing;
	uint64_t started_ms, drain_end_ms;
	uint64_t trips, trips_ms; /* of the writer, and when that last changed */
	int exit_code;
};

static uint64_t now_ms(void)
{
	return prac_env_system.monotonic_ms(prac_env_system.ctx);
}

static struct net_limits limits_of(const struct config *config)
{
	return (struct net_limits){ .connections = config->listen_connections,
		.per_address = config->listen_per_address,
		.handshake_ms = config->listen_handshake_s * 1000,
		.handshakes_per_s = config->listen_handshakes_per_s,
		.handshake_burst = config->listen_handshake_burst,
		.penalty_max_s = config->listen_penalty_max_s,
		.shared = config->listen_shared,
		.proxies = config->listen_proxies };
}

static void limit_stations(struct server *server, const struct config *config)
{
	const struct stations_limits limits = { .penalty_max_s = config->listen_penalty_max_s,
		.memory = config->listen_memory_mib * UINT64_C(1024) * 1024 };

	server->rpc.per_device = config->listen_per_device;
	stations_set_limits(server->stations, &limits);
}

/* ---- the end */

static void close_handle(uv_handle_t *handle, void *ctx)
{
	(void)ctx;
	if (!uv_is_closing(handle) && (handle->type == UV_SIGNAL || handle->type == UV_TIMER)) {
		uv_close(handle, NULL);
	}
}

static void pool_closed(void *ctx)
{
	(void)ctx;
}

/* Listeners and links are gone: what is left on the loop are this file's own handles. */
static void last_closed(void *ctx)
{
	struct server *server = ctx;

	for (size_t i = 0; i < PRAC_NELEM(server->signals); i++) {
		close_handle((uv_handle_t *)&server->signals[i], NULL);
	}
	close_handle((uv_handle_t *)&server->quick, NULL);
	close_handle((uv_handle_t *)&server->slow, NULL);
}

static void newcomers_closed(void *ctx)
{
	struct server *server = ctx;

	server->newcomers = NULL;
	if (server->snapshots != NULL) {
		snapshots_stop(server->snapshots);
	}
	signer_close(server->signer, NULL, NULL);
	chores_close(&server->chores, pool_closed, server);
	hasher_stop(server->hasher);
	db_pool_close(server->pool, pool_closed, server);
	db_link_close(server->desk, last_closed, server);
}

static void devices_closed(void *ctx)
{
	struct server *server = ctx;

	server->devices = NULL;
	if (server->newcomers != NULL) {
		net_listener_close(server->newcomers, newcomers_closed, server);
	} else {
		newcomers_closed(server);
	}
}

static void close_all(struct server *server)
{
	if (server->is_closing) {
		return;
	}
	server->is_closing = true;
	if (server->sequencer != NULL) {
		sequencer_stop(server->sequencer);
	}
	if (server->devices != NULL) {
		net_listener_close(server->devices, devices_closed, server);
	} else {
		devices_closed(server);
	}
}

static void give_up(struct server *server, int exit_code, const char *why)
{
	prac_log(PRAC_LOG_ERROR, "server.end", "code=%d why=\"%s\"", exit_code, why);
	server->exit_code = exit_code;
	close_all(server);
}

static void drain(struct server *server)
{
	if (server->is_draining || !server->is_live) {
		close_all(server); /* asked a second time, or nothing to drain */
		return;
	}
	server->is_draining = true;
	server->drain_end_ms = now_ms() + server->config.server_drain_s * (uint64_t)1000;
	prac_log(PRAC_LOG_INFO, "server.drain", "stations=%zu", stations_count(server->stations));
	notify_stopping();
	net_listener_stop(server->devices);
	net_listener_stop(server->newcomers);
	chores_stop(&server->chores);
	stations_drain(server->stations, RETRY_AFTER_MS);
}

/* ---- while it runs */

static enum prac_status read_keys(
	const struct config *config, struct keys_tls *tls_out, char why_out[KEYS_WHY])
{
	int64_t now_s = prac_env_system.wall_ms(prac_env_system.ctx) / 1000;
	enum prac_status status = machine_check_files(config, why_out);

	if (status == PRAC_OK) {
		status = keys_tls(config, now_s, tls_out, why_out);
	}
	if (status == PRAC_OK) {
		machine_log_warnings(config, tls_out->not_after_s, now_s);
	}
	return status;
}

static void reload(struct server *server)
{
	struct config config;
	struct keys_tls tls;
	struct net_limits limits;
	char why[KEYS_WHY] = "";
	char **argv = g_memdup2(server->source->argv,
		(size_t)(server->source->argc + 1) * sizeof(*server->source->argv));
	int argc = server->source->argc;
	enum prac_status status = config_load(&config, server->source->path, &argc, argv);

	g_free(argv);
	notify_reloading();
	if (status == PRAC_OK) {
		status = read_keys(&config, &tls, why);
	}
	if (status != PRAC_OK) {
		prac_log(PRAC_LOG_ERROR, "config.kept", "why=\"%s\"",
			config.opts.error != NULL ? config.opts.error : why);
		config_deinit(&config);
		notify_ready("serving; the last reload was refused");
		return;
	}
	config_log_ignored(&server->config, &config);
	config_note(server->desk, &config);
	limits = limits_of(&config);
	if (server->is_live && !server->is_draining) {
		limit_stations(server, &config);
		net_listener_reload(server->devices, tls.devices, &limits);
		net_listener_reload(server->newcomers, tls.newcomers, &limits);
	}
	keys_tls_deinit(&server->tls);
	server->tls = tls;
	if (server->stations != NULL) {
		stations_tell(server->stations, &server->tls, config.server_lease_days);
	}
	server->config.server_drain_s = config.server_drain_s;
	prac_log_level_set((enum prac_log_level)config.log_level);
	config_deinit(&config);
	prac_log(PRAC_LOG_INFO, "config.reloaded", "connections=%u", limits.connections);
	notify_ready("serving");
}

static void on_signal(uv_signal_t *signal, int number)
{
	struct server *server = signal->data;

	prac_log(PRAC_LOG_INFO, "server.signal", "number=%d", number);
	if (number == SIGHUP) {
		reload(server);
	} else {
		drain(server);
	}
}

static void check_database(struct server *server);

static void on_quick(uv_timer_t *timer)
{
	struct server *server = timer->data;

	if (!server->is_closing) {
		check_database(server);
	}
	if (server->sequencer == NULL) {
		return;
	}
	sequencer_tick(server->sequencer, now_ms());
	svc_check_full(&server->svc);
	if (now_ms() >= server->weigh_ms) {
		server->weigh_ms = now_ms() + WEIGH_MS;
		stations_weigh(server->stations);
	}
	if (server->svc.was_full && !server->rpc.is_full) {
		server->svc.was_full = false;
		stations_resume(server->stations);
	}
	if (server->is_draining && !server->is_closing &&
		((stations_count(server->stations) == 0 && sequencer_is_idle(server->sequencer)) ||
			now_ms() >= server->drain_end_ms)) {
		close_all(server);
	}
}

/* The loop turns, else we would not be here; the sequencer must turn as well. */
static bool is_alive(struct server *server)
{
	struct db_link *writer = db_pool_writer(server->pool);
	uint64_t trips = db_link_trips(writer);
	bool is_away = db_link_state(writer) == DB_DOWN || db_link_state(writer) == DB_CONNECTING;

	if (trips != server->trips || is_away || sequencer_waiting(server->sequencer) == 0) {
		server->trips = trips;
		server->trips_ms = now_ms();
	}
	return now_ms() - server->trips_ms < 4 * (uint64_t)SLOW_MS;
}

static void on_slow(uv_timer_t *timer)
{
	struct server *server = timer->data;

	if (server->is_live && !server->is_closing) {
		if (notify_watchdog_ms() > 0 && is_alive(server)) {
			notify_watchdog();
		}
		stations_refresh(server->stations);
		chores_tick(&server->chores);
		heads_tick(server->heads);
	} else if (!server->is_live && now_ms() - server->started_ms >= DATABASE_WAIT_MS) {
		give_up(server, EXIT_UNREACHABLE, "the database did not answer for a minute");
	}
}

/* ---- the start */

static void committed(void *ctx, const struct notice *notice)
{
	struct server *server = ctx;

	if (server->is_closing) {
		return;
	}
	news_tell(&server->news, notice);
	if (server->svc.was_full) {
		/* In the next turn of the loop, so that the sequencer need not wait for work. */
		uv_timer_start(&server->quick, on_quick, 0, QUICK_MS);
	}
}

static void fill_services(struct server *server, const struct db_checked *checked)
{
	server->store = store_pg_new(server->pool);
	server->sequencer =
		sequencer_new(&(struct sequencer_config){ .store = store_pg_store(server->store),
			.env = &prac_env_system,
			.zone = prac_zone_shared(server->config.server_zone),
			.committed = committed,
			.ctx = server });
	rpc_routes_add(&server->routes, svc_sync_methods, svc_n_sync_methods);
	rpc_routes_add(&server->routes, svc_report_methods, svc_n_report_methods);
	rpc_routes_add(&server->routes, svc_file_methods, svc_n_file_methods);
	rpc_routes_add(&server->routes, svc_import_methods, svc_n_import_methods);
	rpc_routes_add(&server->routes, svc_enroll_methods, svc_n_enroll_methods);
	rpc_routes_add(&server->routes, svc_device_methods, svc_n_device_methods);
	chores_begin(&server->chores, &(struct staging_config){ .loop = &server->loop,
					      .env = &prac_env_system,
					      .conninfo = server->config.db_conninfo,
					      .store = server->store,
					      .sequencer = server->sequencer });
	rpc_routes_add(&server->routes, svc_people_methods, svc_n_people_methods);
	server->rpc = (struct rpc_server){ .env = &prac_env_system,
		.epoch = checked->epoch,
		.head = checked->head,
		.services = &server->svc,
		.counters = svc_counters,
		.receive = svc_receive,
		.routes = &server->routes,
		.upgrade_by = server->config.server_upgrade_by };
	server->svc = (struct svc){ .env = &prac_env_system,
		.zone = prac_zone_shared(server->config.server_zone),
		.rpc = &server->rpc,
		.sequencer = server->sequencer,
		.store = store_pg_store(server->store),
		.snapshots = snapshots_source(server->snapshots),
		.subscriptions = svc_subscriptions_new(),
		.pool = server->pool,
		.desk = server->desk,
		.staging = server->chores.staging,
		.signer = server->signer };
	server->svc.server_name = prac_arena_printf(&server->config.arena, "%.*s",
		(int)strcspn(server->config.listen_names, ", "), server->config.listen_names);
	server->svc.hasher = server->hasher;
	server->svc.asks_sign_in = server->config.people_sign_in == CONFIG_SIGN_IN_REQUIRED;
	server->heads = heads_new(&server->svc, &server->rpc);
	server->stations = stations_new(&server->rpc, &server->svc);
	limit_stations(server, &server->config);
	stations_tell(server->stations, &server->tls, server->config.server_lease_days);
	server->news = (struct news){ .writer = db_pool_writer(server->pool),
		.svc = &server->svc,
		.stations = server->stations };
}

static enum prac_status listen_on(struct server *server, bool is_enroll,
	struct net_listener **listener_out, char why[PRAC_TLS_WHY])
{
	const struct config *config = &server->config;
	uint16_t port = (uint16_t)(is_enroll ? config->listen_enroll_port : config->listen_port);
	struct net_listener_config listen = { .loop = &server->loop,
		.env = &prac_env_system,
		.name = is_enroll ? "enroll" : "devices",
		.address = config->listen_address,
		.port = port,
		.fd = notify_socket(port),
		.limits = limits_of(config),
		.handler = is_enroll ? &station_newcomer_handler : &station_device_handler,
		.ctx = server->stations };

	return net_listener_new(&listen, is_enroll ? server->tls.newcomers : server->tls.devices,
		listener_out, why);
}

static enum prac_status open_spool(struct server *server)
{
	struct snapshots_config config = { .loop = &server->loop,
		.env = &prac_env_system,
		.pool = server->pool,
		.folder = prac_arena_printf(
			&server->config.arena, "%s/snapshot", server->config.state_dir) };

	if (mkdir(config.folder, 0700) != 0 && errno != EEXIST) {
		return PRAC_UNAVAILABLE;
	}
	return snapshots_new(&config, &server->snapshots);
}

static void go_live(struct server *server, const struct db_checked *checked)
{
	char why[PRAC_TLS_WHY];

	if (open_spool(server) != PRAC_OK) {
		give_up(server, EXIT_CONFIG, "the folder snapshot in state_dir cannot be used");
		return;
	}
	config_note(server->desk, &server->config);
	fill_services(server, checked);
	if (listen_on(server, false, &server->devices, why) != PRAC_OK ||
		listen_on(server, true, &server->newcomers, why) != PRAC_OK) {
		give_up(server, EXIT_CONFIG, why);
		return;
	}
	server->svc.server_port = net_listener_port(server->devices);
	server->is_live = true;
	server->trips_ms = now_ms();
	prac_log(PRAC_LOG_INFO, "server.ready", "epoch=%llu head=%llu",
		(unsigned long long)checked->epoch, (unsigned long long)checked->head);
	notify_ready("serving");
}

static void checked_database(void *ctx, enum prac_status status, const struct db_checked *checked)
{
	struct server *server = ctx;

	if (server->is_closing) {
		return;
	}
	if (status == PRAC_FAILED_PRECONDITION) {
		give_up(server, EXIT_CONFIG, checked->problem);
	} else if (status != PRAC_OK) {
		server->must_check = true;
		prac_log(
			PRAC_LOG_WARNING, "server.database", "status=%s", prac_status_name(status));
	} else if (!server->is_live) {
		go_live(server, checked);
	} else if (checked->epoch != server->rpc.epoch) {
		/* Sessions greeted with another epoch: a new start is the simple truth. */
		give_up(server, EXIT_UNREACHABLE, "the database has a new epoch");
	} else {
		news_look(&server->news, checked->head);
	}
}

/* Each time the database was reached, also after it was away: is it still the one it was? */
static void check_database(struct server *server)
{
	struct db_check check = { .schema = db_migrate_count(sql_migrations),
		.allow_unsafe = server->config.db_allow_unsafe,
		.env = &prac_env_system };

	if (server->must_check && !server->is_closing && db_link_state(server->desk) == DB_IDLE) {
		server->must_check = false;
		news_listen(server->desk);
		db_check_start(server->desk, &check, checked_database, server);
	}
}

static void on_desk_notified(void *ctx, int pid, const char *payload)
{
	struct server *server = ctx;

	if (server->is_live && !server->is_closing) {
		news_hear(&server->news, pid, payload);
	}
}

static void on_desk_state(void *ctx, struct db_link *link, enum db_state state)
{
	struct server *server = ctx;

	(void)link;
	if (state == DB_CONNECTING) {
		server->must_check = true;
	}
}

static void start_handles(struct server *server)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };

	for (size_t i = 0; i < PRAC_NELEM(numbers); i++) {
		uv_signal_init(&server->loop, &server->signals[i]);
		server->signals[i].data = server;
		uv_signal_start(&server->signals[i], on_signal, numbers[i]);
	}
	uv_timer_init(&server->loop, &server->quick);
	uv_timer_init(&server->loop, &server->slow);
	server->quick.data = server;
	server->slow.data = server;
	uv_timer_start(&server->quick, on_quick, QUICK_MS, QUICK_MS);
	uv_timer_start(&server->slow, on_slow, SLOW_MS, SLOW_MS);
}

static void start_database(struct server *server)
{
	server->signer = signer_new(&server->loop, server->config.signer_socket);
	server->hasher = hasher_new(&server->loop);
	server->pool = db_pool_new(&(struct db_pool_config){ .loop = &server->loop,
		.env = &prac_env_system,
		.conninfo = server->config.db_conninfo,
		.n_readers = server->config.db_readers,
		.takes_roles = true });
	server->desk = db_link_new(&(struct db_config){ .loop = &server->loop,
		.env = &prac_env_system,
		.conninfo = server->config.db_conninfo,
		.purpose = DB_DESK,
		.takes_role = true,
		.on_state = on_desk_state,
		.on_notified = on_desk_notified,
		.ctx = server });
}

/* What can be known without the database. */
static enum prac_status prepare(struct server *server)
{
	char why[KEYS_WHY];
	enum prac_status status = machine_check(&server->config, why);

	if (status == PRAC_OK) {
		status = read_keys(&server->config, &server->tls, why);
	}
	if (status == PRAC_OK) {
		status = db_conninfo_check(server->config.db_conninfo, why, sizeof(why));
	}
	if (status != PRAC_OK) {
		prac_log(PRAC_LOG_ERROR, "server.end", "code=%d why=\"%s\"", EXIT_CONFIG, why);
	}
	return status;
}

static void free_all(struct server *server)
{
	if (server->stations != NULL) {
		stations_free(server->stations);
		svc_subscriptions_free(server->svc.subscriptions);
		sequencer_free(server->sequencer);
		store_pg_free(server->store);
	}
	if (server->snapshots != NULL) {
		snapshots_free(server->snapshots);
	}
	hasher_free(server->hasher);
	heads_free(server->heads);
	keys_tls_deinit(&server->tls);
	config_deinit(&server->config);
}

int server_run(struct config *config, const struct server_source *source)
{
	struct server *server = g_new0(struct server, 1);
	int exit_code;

	server->config = *config;
	server->source = source;
	server->exit_code = EXIT_DONE;
	server->started_ms = now_ms();
	prac_log_start("practicumd", (enum prac_log_level)config->log_level);
	(void)signal(SIGPIPE, SIG_IGN);
	if (prepare(server) != PRAC_OK || uv_loop_init(&server->loop) != 0) {
		server->exit_code = EXIT_CONFIG;
	} else {
		start_handles(server);
		start_database(server);
		uv_run(&server->loop, UV_RUN_DEFAULT);
		if (uv_loop_close(&server->loop) != 0) {
			prac_log(PRAC_LOG_WARNING, "server.handles", "why=\"left open\"");
		}
	}
	exit_code = server->exit_code;
	free_all(server);
	g_free(server);
	return exit_code;
}
