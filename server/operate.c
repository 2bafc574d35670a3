/* The commands of a running district: devices, epoch, status. */
#include <errno.h>
#include <glib.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <uv.h>

#include "server/command.h"
#include "server/exit_code.h"
#include "server/operator.h"
#include "sql/queries.h"

enum {
	DAY_LEN = 11,
	CONNECT_MS = 2000
};

static int code_of(enum prac_status status)
{
	if (status == PRAC_OK) {
		return EXIT_DONE;
	}
	return status == PRAC_UNAVAILABLE ? EXIT_UNREACHABLE : EXIT_REFUSED;
}

static void day_of(struct db_rows *rows, size_t row, size_t column, char text[DAY_LEN])
{
	time_t seconds;
	struct tm parts;

	text[0] = '\0';
	if (!db_rows_is_null(rows, row, column)) {
		seconds = (time_t)(db_rows_instant(rows, row, column) / 1000);
		(void)gmtime_r(&seconds, &parts);
		(void)strftime(text, DAY_LEN, "%Y-%m-%d", &parts);
	}
}

/* ---- device */

static void print_devices(void *ctx, struct db_rows *rows)
{
	(void)ctx;
	printf("%-8s  %-10s  %-10s  %-10s  %-8s  %s\n", "id", "enrolled", "last seen", "revoked",
		"holds", "label");
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		struct prac_id id = db_rows_id(rows, i, 0);
		struct prac_bytes label = db_rows_bytes(rows, i, 1);
		char text[PRAC_ID_TEXT];
		char days[3][DAY_LEN];

		prac_id_format(&id, text);
		day_of(rows, i, 4, days[0]);
		day_of(rows, i, 5, days[1]);
		day_of(rows, i, 7, days[2]);
		printf("%s  %-10s  %-10s  %-10s  %-8s  %.*s\n", text, days[0], days[1], days[2],
			db_rows_bool(rows, i, 3) ? "district" : "schools", (int)label.len,
			(const char *)label.data);
	}
}

static void dump_devices(void *ctx, struct db_rows *rows)
{
	json_t *all = json_array();

	(void)ctx;
	for (size_t i = 0; i < db_rows_count(rows); i++) {
		struct prac_id id = db_rows_id(rows, i, 0);
		struct prac_bytes label = db_rows_bytes(rows, i, 1);
		struct prac_bytes person = db_rows_bytes(rows, i, 2);
		char text[PRAC_ID_TEXT];
		char days[3][DAY_LEN];

		prac_id_format(&id, text);
		day_of(rows, i, 4, days[0]);
		day_of(rows, i, 5, days[1]);
		day_of(rows, i, 7, days[2]);
		json_array_append_new(
			all, json_pack("{s:s, s:s%, s:s%, s:b, s:s, s:s, s:b}", "id", text, "label",
				     label.data, label.len, "person", person.data, person.len,
				     "district", db_rows_bool(rows, i, 3), "enrolled", days[0],
				     "last_seen", days[1], "revoked", days[2][0] != '\0'));
	}
	(void)json_dumpf(all, stdout, 0);
	(void)putchar('\n');
	json_decref(all);
}

static int device_list(struct command_call *call, bool is_json)
{
	struct operator op;
	enum prac_status status;

	operator_init(&op, call->config);
	db_batch_add(op.batch, &q_device_list, NULL, is_json ? dump_devices : print_devices, NULL);
	status = operator_run(&op);
	operator_deinit(&op);
	return code_of(status);
}

static void on_revoked(void *ctx, struct db_rows *rows)
{
	struct prac_bytes label;

	*(size_t *)ctx = db_rows_count(rows);
	if (db_rows_count(rows) == 1) {
		label = db_rows_bytes(rows, 0, 1);
		printf("revoked %.*s; a running server closes its connection within 5 s\n",
			(int)label.len, (const char *)label.data);
	}
}

static int device_revoke(struct command_call *call, const char *prefix)
{
	struct operator op;
	struct db_params *params;
	size_t n_revoked = 0;
	enum prac_status status;

	operator_init(&op, call->config);
	params = db_params_new(&op.arena);
	db_param_bytes(params, prac_bytes_text(prefix));
	db_batch_add(op.batch, &q_device_revoke, params, on_revoked, &n_revoked);
	status = operator_run(&op);
	operator_deinit(&op);
	if (status == PRAC_OK && n_revoked != 1) {
		(void)fprintf(stderr,
			"practicumd: not exactly one device has an id that begins "
			"with %s\n",
			prefix);
		return EXIT_REFUSED;
	}
	return code_of(status);
}

int command_device(struct command_call *call)
{
	gboolean is_json = FALSE;
	GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &is_json, NULL, NULL },
		{ 0 },
	};

	if (command_flags(call, entries) != EXIT_DONE) {
		return EXIT_USAGE;
	}
	if (call->argc == 2 && strcmp(call->argv[1], "list") == 0) {
		return device_list(call, is_json);
	}
	if (call->argc == 3 && strcmp(call->argv[1], "revoke") == 0) {
		return device_revoke(call, call->argv[2]);
	}
	return command_misused(call, "want list or revoke ID");
}

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
	return code_of(status);
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

static void print_status(const struct facts *facts, bool is_open, bool is_json)
{
	json_t *answer;

	if (!is_json) {
		printf("server     %s\nschema     %lld\nepoch      %016llx\nhead       %lld\n"
		       "mutations  %lld\ndevices    %lld\ncodes      %lld\n",
			is_open ? "serves" : "does not answer", (long long)facts->schema,
			(unsigned long long)facts->epoch, (long long)facts->head,
			(long long)facts->mutations, (long long)facts->devices,
			(long long)facts->codes);
		return;
	}
	answer = json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I}", "serving", is_open, "schema",
		(json_int_t)facts->schema, "epoch", (json_int_t)facts->epoch, "head",
		(json_int_t)facts->head, "mutations", (json_int_t)facts->mutations, "devices",
		(json_int_t)facts->devices, "codes", (json_int_t)facts->codes);
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
		return code_of(status);
	}
	is_open = is_listening(call->config);
	print_status(&facts, is_open, is_json);
	return is_open ? EXIT_DONE : EXIT_UNREACHABLE;
}
