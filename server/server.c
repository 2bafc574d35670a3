#include <glib.h>
#include <signal.h>
#include <uv.h>

#include "common/base/log.h"
#include "server/db/migrate.h"
#include "server/exit_code.h"
#include "server/inside.h"
#include "server/notify.h"
#include "sql/migrations.h"

enum {
	WEIGH_MS = 250,        /* between two countings of memory */
	QUICK_MS = 50,         /* the sequencer's waiting */
	SLOW_MS = 2000,        /* rights, watchdog */
	RETRY_AFTER_MS = 2000, /* what a client waits after a planned end; jitter is its own */
	DATABASE_WAIT_MS = 60000
};

static uint64_t now_ms(void)
{
	return prac_env_system.monotonic_ms(prac_env_system.ctx);
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

static void on_signal(uv_signal_t *signal, int number)
{
	struct server *server = signal->data;

	prac_log(PRAC_LOG_INFO, "server.signal", "number=%d", number);
	if (number == SIGHUP) {
		serving_reload(server);
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
	if (server->rpc.is_behind && !server->rpc.is_full) {
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
	bool is_away = db_link_state(writer) == DB_DOWN || db_link_state(writer) == DB_CONNECTING;
	bool is_busy = !is_away && sequencer_waiting(server->sequencer) > 0;

	return pulse_beats(&server->pulse, db_link_trips(writer), is_busy, now_ms());
}

static void on_slow(uv_timer_t *timer)
{
	struct server *server = timer->data;

	if (server->is_live && !server->is_closing) {
		if (notify_watchdog_ms() > 0 && is_alive(server)) {
			notify_watchdog();
		}
		stations_refresh(server->stations);
		server->must_check |= stations_want_claim(server->stations);
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
	if (server->rpc.is_behind) {
		/* In the next turn of the loop, so that the sequencer need not wait for work. */
		uv_timer_start(&server->quick, on_quick, 0, QUICK_MS);
	}
}

static void go_live(struct server *server, const struct db_checked *checked)
{
	const char *why = serving_begin(server, checked, committed);

	if (why != NULL) {
		give_up(server, EXIT_CONFIG, why);
		return;
	}
	server->is_live = true;
	server->pulse.changed_ms = now_ms();
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
		/* After the one systemd starts it again, after the other it does not (deploy). */
		give_up(server, checked->is_passing ? EXIT_UNREACHABLE : EXIT_CONFIG,
			checked->problem);
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
		.env = &prac_env_system,
		.seal = &server->records_key.seal };

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
		.takes_roles = true,
		.seal = &server->records_key.seal });
	server->desk = db_link_new(&(struct db_config){ .loop = &server->loop,
		.env = &prac_env_system,
		.conninfo = server->config.db_conninfo,
		.purpose = DB_DESK,
		.takes_role = true,
		.on_state = on_desk_state,
		.on_notified = on_desk_notified,
		.ctx = server });
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
	if (serving_prepare(server) != PRAC_OK || uv_loop_init(&server->loop) != 0) {
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
	serving_free(server);
	g_free(server);
	return exit_code;
}
