/* The commands of a running district: epoch, status. */
#include <errno.h>
#include <glib.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "server/command.h"
#include "server/exit_code.h"
#include "server/machine.h"
#include "server/operator.h"
#include "sql/queries.h"

enum {
	CONNECT_MS = 2000,
	HOUR_S = 3600
};

/* ---- epoch */

static void on_epoch(void *ctx, struct db_rows *rows)
{
	*(int64_t *)ctx = db_rows_count(rows) == 1 ? db_rows_int(rows, 0, 0) : 0;
}

int command_epoch(struct command_call *call)
{
	bool is_new = call->argc == 2 && strcmp(call->argv[1], "new") == 0;
	bool is_kept = call->argc == 2 && strcmp(call->argv[1], "no-loss") == 0;
	struct operator op;
	int64_t epoch = 0;
	enum prac_status status;

	if (!is_new && !is_kept) {
		return command_misused(call, "want new or no-loss");
	}
	operator_init(&op, call->config);
	db_batch_add(op.batch, is_new ? &q_epoch_new : &q_epoch_keep, NULL, on_epoch, &epoch);
	status = operator_run(&op);
	operator_deinit(&op);
	if (status == PRAC_OK) {
		printf(is_new ? "epoch %016llx: stations send again what the server lost; start "
				"practicumd now\n"
			      : "epoch %016llx is kept; start practicumd now\n",
			(unsigned long long)epoch);
	}
	return operator_exit_code(status);
}

/* ---- status */

struct facts {
	int64_t epoch, head, devices, codes, mutations, schema;
};

static void on_facts(void *ctx, struct db_rows *rows)
{
	struct facts *facts = ctx;

	if (db_rows_count(rows) == 1) {
		facts->epoch = db_rows_int(rows, 0, 0);
		facts->head = db_rows_int(rows, 0, 1);
		facts->devices = db_rows_int(rows, 0, 2);
		facts->codes = db_rows_int(rows, 0, 3);
		facts->mutations = db_rows_int(rows, 0, 4);
		facts->schema = db_rows_int(rows, 0, 5);
	}
}

struct probe {
	uv_connect_t connect;
	uv_tcp_t tcp;
	uv_timer_t timer;
	bool is_open;
};

static void probe_end(struct probe *probe)
{
	if (!uv_is_closing((uv_handle_t *)&probe->tcp)) {
		uv_close((uv_handle_t *)&probe->tcp, NULL);
		uv_close((uv_handle_t *)&probe->timer, NULL);
	}
}

static void on_probed(uv_connect_t *connect, int status)
{
	struct probe *probe = container_of(connect, struct probe, connect);

	probe->is_open = status == 0;
	probe_end(probe);
}

static void on_late(uv_timer_t *timer)
{
	probe_end(container_of(timer, struct probe, timer));
}

/* Does anybody listen where the stations connect to? */
static bool is_listening(const struct config *config)
{
	bool is_any = strcmp(config->listen_address, "0.0.0.0") == 0;
	const char *address = is_any ? "127.0.0.1" : config->listen_address;
	struct probe probe = { 0 };
	struct sockaddr_storage to;
	uv_loop_t loop;

	if (uv_loop_init(&loop) != 0) {
		return false;
	}
	if (uv_ip4_addr(address, (int)config->listen_port, (struct sockaddr_in *)&to) != 0) {
		(void)uv_ip6_addr(strcmp(address, "::") == 0 ? "::1" : address,
			(int)config->listen_port, (struct sockaddr_in6 *)&to);
	}
	uv_tcp_init(&loop, &probe.tcp);
	uv_timer_init(&loop, &probe.timer);
	uv_timer_start(&probe.timer, on_late, CONNECT_MS, 0);
	if (uv_tcp_connect(&probe.connect, &probe.tcp, (struct sockaddr *)&to, on_probed) != 0) {
		probe_end(&probe);
	}
	uv_run(&loop, UV_RUN_DEFAULT);
	(void)uv_loop_close(&loop); /* both handles are closed */
	return probe.is_open;
}

static void print_backup(const struct config *config)
{
	int64_t now_s = prac_env_system.wall_ms(prac_env_system.ctx) / 1000;
	char why[KEYS_WHY];

	if (machine_warns_of_backup(config, now_s, why)) {
		printf("backup     %s\n", why);
	} else {
		printf("backup     %lld hours ago\n",
			(long long)(machine_backup_age_s(config, now_s) / HOUR_S));
	}
}

static void print_status(
	const struct config *config, const struct facts *facts, bool is_open, bool is_json)
{
	int64_t age_s =
		machine_backup_age_s(config, prac_env_system.wall_ms(prac_env_system.ctx) / 1000);
	char epoch[sizeof("0123456789abcdef")];
	json_t *answer;

	(void)snprintf(epoch, sizeof(epoch), "%016llx", (unsigned long long)facts->epoch);
	if (!is_json) {
		printf("server     %s\nschema     %lld\nepoch      %s\nhead       %lld\n"
		       "mutations  %lld\ndevices    %lld\ncodes      %lld\n",
			is_open ? "serves" : "does not answer", (long long)facts->schema, epoch,
			(long long)facts->head, (long long)facts->mutations,
			(long long)facts->devices, (long long)facts->codes);
		print_backup(config);
		return;
	}
	answer = json_pack("{s:b, s:I, s:s, s:I, s:I, s:I, s:I, s:o}", "serving", is_open, "schema",
		(json_int_t)facts->schema, "epoch", epoch, "head", (json_int_t)facts->head,
		"mutations", (json_int_t)facts->mutations, "devices", (json_int_t)facts->devices,
		"codes", (json_int_t)facts->codes, "backup_age_s",
		age_s < 0 ? json_null() : json_integer(age_s));
	(void)json_dumpf(answer, stdout, 0);
	(void)putchar('\n');
	json_decref(answer);
}

int command_status(struct command_call *call)
{
	gboolean is_json = FALSE;
	GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &is_json, NULL, NULL },
		{ 0 },
	};
	struct operator op;
	struct facts facts = { 0 };
	bool is_open;
	enum prac_status status;

	if (command_flags(call, entries) != EXIT_DONE) {
		return EXIT_USAGE;
	}
	operator_init(&op, call->config);
	db_batch_add(op.batch, &q_status, NULL, on_facts, &facts);
	status = operator_run(&op);
	operator_deinit(&op);
	if (status != PRAC_OK) {
		return operator_exit_code(status);
	}
	is_open = is_listening(call->config);
	print_status(call->config, &facts, is_open, is_json);
	return is_open ? EXIT_DONE : EXIT_UNREACHABLE;
}
