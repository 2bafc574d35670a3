#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/log.h"
#include "server/config_note.h"
#include "server/exit_code.h"
#include "server/inside.h"
#include "server/machine.h"
#include "server/notify.h"
#include "server/svc/people.h"

enum {
	NEWCOMERS_MAX = 256 /* connections at once that enroll */
};

/* Whoever enrolls shows no certificate: a crowd of them leaves room for the district's devices. */
static uint32_t share_of(const struct config *config, bool is_enroll)
{
	uint32_t n = config->listen_connections;

	return is_enroll ? MAX(MIN(n / 4, NEWCOMERS_MAX), 1) : n;
}

static struct net_limits limits_of(const struct config *config, bool is_enroll)
{
	return (struct net_limits){ .connections = config->listen_connections,
		.share = share_of(config, is_enroll),
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

/* ---- keys and files */

enum prac_status serving_prepare(struct server *server)
{
	char why[KEYS_WHY];
	enum prac_status status = machine_check(&server->config, why);

	if (status == PRAC_OK) {
		status = machine_read_keys(&server->config, &server->tls, why);
	}
	if (status == PRAC_OK) {
		status = records_key_read(&server->config, NULL, &server->records_key, why);
	}
	if (status == PRAC_OK) {
		status = db_conninfo_check(server->config.db_conninfo, why, sizeof(why));
	}
	if (status != PRAC_OK) {
		prac_log(PRAC_LOG_ERROR, "server.end", "code=%d why=\"%s\"", EXIT_CONFIG, why);
	}
	return status;
}

/* ---- services and listeners */

static void fill_services(struct server *server, const struct db_checked *checked,
	void (*committed)(void *ctx, const struct notice *notice))
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
	server->svc.asks_encryption = server->config.server_disks == CONFIG_DISKS_ENCRYPTED;
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
		.limits = limits_of(config, is_enroll),
		.room = &server->room,
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

const char *serving_begin(struct server *server, const struct db_checked *checked,
	void (*committed)(void *ctx, const struct notice *notice))
{
	char why[PRAC_TLS_WHY];

	if (open_spool(server) != PRAC_OK) {
		return "the folder snapshot in state_dir cannot be used";
	}
	config_note(server->desk, &server->config);
	fill_services(server, checked, committed);
	if (listen_on(server, false, &server->devices, why) != PRAC_OK ||
		listen_on(server, true, &server->newcomers, why) != PRAC_OK) {
		return prac_arena_printf(&server->config.arena, "%s", why);
	}
	server->svc.server_port = net_listener_port(server->devices);
	return NULL;
}

/* ---- again, and never more */

void serving_reload(struct server *server)
{
	struct config config;
	struct keys_tls tls;
	struct net_limits devices, newcomers;
	char why[KEYS_WHY] = "";
	char **argv = g_memdup2(server->source->argv,
		(size_t)(server->source->argc + 1) * sizeof(*server->source->argv));
	int argc = server->source->argc;
	enum prac_status status = config_load(&config, server->source->path, &argc, argv);

	g_free(argv);
	notify_reloading();
	if (status == PRAC_OK) {
		status = machine_read_keys(&config, &tls, why);
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
	devices = limits_of(&config, false);
	newcomers = limits_of(&config, true);
	if (server->is_live && !server->is_draining) {
		limit_stations(server, &config);
		net_listener_reload(server->devices, tls.devices, &devices);
		net_listener_reload(server->newcomers, tls.newcomers, &newcomers);
	}
	keys_tls_deinit(&server->tls);
	server->tls = tls;
	if (server->stations != NULL) {
		stations_tell(server->stations, &server->tls, config.server_lease_days);
	}
	server->config.server_drain_s = config.server_drain_s;
	server->config.server_disks = config.server_disks;
	server->svc.asks_encryption = config.server_disks == CONFIG_DISKS_ENCRYPTED;
	prac_log_level_set((enum prac_log_level)config.log_level);
	config_deinit(&config);
	prac_log(PRAC_LOG_INFO, "config.reloaded", "connections=%u", devices.connections);
	notify_ready("serving");
}

void serving_free(struct server *server)
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
	records_key_wipe(&server->records_key);
	config_deinit(&server->config);
}
