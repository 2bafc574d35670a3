/* practicum sync: sends what waits, gets what is new; with --watch stays connected. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "client/cmd/cmd.h"
#include "client/cmd/print.h"
#include "client/link/link.h"
#include "common/base/log.h"

enum {
	OTHER_LOOKS = 100, /* at the outbox while another process sends it */
	OTHER_LOOK_US = 100 * 1000
};

static gboolean watch;
static gint wait_s;

static const GOptionEntry options[] = {
	{ "watch", 0, 0, G_OPTION_ARG_NONE, &watch, "stay connected until interrupted", NULL },
	{ "wait", 0, 0, G_OPTION_ARG_INT, &wait_s,
		"try for so many seconds when the server cannot be reached", "SECONDS" },
	{ 0 },
};

static void show_progress(void *ctx, const struct session_progress *progress)
{
	switch (progress->phase) {
	case SESSION_HELLO:
		(void)fputs("\r\033[Kconnecting", stderr);
		break;
	case SESSION_LOADING:
		(void)fprintf(stderr, "\r\033[Kfirst load: part %u of %u", progress->chunk,
			progress->n_chunks);
		break;
	case SESSION_CATCHING_UP:
		if (progress->file_size > 0) {
			(void)fprintf(stderr, "\r\033[Kfile: %" PRIu64 " of %" PRIu64 " KiB",
				progress->file_place / 1024, progress->file_size / 1024);
			break;
		}
		(void)fprintf(stderr, "\r\033[Kchange %" PRIu64 " of %" PRIu64, progress->seq,
			progress->head);
		break;
	case SESSION_CURRENT:
	case SESSION_CLOSED:
		(void)fputs("\r\033[K", stderr);
		break;
	}
	(void)ctx;
}

static int exit_code(enum prac_status status)
{
	if (status == PRAC_UNAVAILABLE || status == PRAC_DEADLINE_EXCEEDED) {
		return CMD_UNREACHABLE;
	}
	return status == PRAC_FAILED_PRECONDITION || status == PRAC_UNAUTHENTICATED ? CMD_CONFIG
										    : CMD_REFUSED;
}

static int say_result(struct cmd_call *call)
{
	bool complete = replica_is_consistent(call->replica);
	struct replica_counters counters;
	enum prac_status status = replica_counters(call->replica, &counters);
	json_int_t n_waiting;

	if (status != PRAC_OK) {
		return cmd_fail_replica(call, status);
	}
	n_waiting = (json_int_t)counters.n_unsent + (json_int_t)counters.n_sent;
	if (call->json) {
		print_json(json_pack("{sI sI sI sb}", "unsent", n_waiting, "drafts",
			(json_int_t)counters.n_drafts, "conflicts",
			(json_int_t)counters.n_conflicts, "complete", complete));
		return CMD_DONE;
	}
	printf("in sync%s\n", complete ? "" : " but for what changed meanwhile");
	if (counters.n_drafts > 0) {
		printf("%zu refused, kept as drafts: practicum drafts\n", counters.n_drafts);
	}
	if (counters.n_conflicts > 0) {
		printf("%zu conflict%s to decide: practicum conflicts\n", counters.n_conflicts,
			counters.n_conflicts == 1 ? "" : "s");
	}
	return CMD_DONE;
}

static int fail(struct cmd_call *call, enum prac_status status, const char *text)
{
	struct replica_counters counters = { 0 };
	size_t n_waiting = 0;

	if (replica_counters(call->replica, &counters) == PRAC_OK) {
		n_waiting = counters.n_unsent + counters.n_sent;
	}
	if (n_waiting > 0) {
		return cmd_fail(call, exit_code(status), "%s; %zu change%s kept and will be sent",
			text, n_waiting, n_waiting == 1 ? " is" : "s are");
	}
	return cmd_fail(call, exit_code(status), "%s", text);
}

/* Another process of this device is connected: it is woken, and this one looks on. */
static int wait_for_other(struct cmd_call *call)
{
	struct replica_counters counters = { .n_unsent = 1 };
	enum prac_status status = PRAC_OK;

	for (int i = 0; i < OTHER_LOOKS && status == PRAC_OK; i++) {
		status = replica_counters(call->replica, &counters);
		if (status == PRAC_OK && counters.n_unsent + counters.n_sent == 0 &&
			replica_is_consistent(call->replica)) {
			return say_result(call);
		}
		if (i == 0) {
			(void)link_poke(call->home); /* it looks by itself as well, only later */
		}
		(void)usleep(OTHER_LOOK_US); /* woken early it only looks early */
	}
	return fail(call, PRAC_UNAVAILABLE, "the connected process does not reach the server");
}

static int run(struct cmd_call *call)
{
	struct link_options link = { .folder = call->home,
		.watch = watch != FALSE,
		.patience_ms = wait_s > 0 ? (uint32_t)wait_s * 1000 : 0 };
	char text[LINK_TEXT];
	enum prac_status status;

	if (!call->json && isatty(STDERR_FILENO) == 1) {
		link.progress = show_progress;
	}
	if (watch) {
		prac_log_level_set(
			PRAC_LOG_INFO); /* a service tells when its link comes and goes */
	}
	status = link_run(call->replica, &prac_env_system, &link, text);
	if (status == PRAC_ALREADY_EXISTS && !watch) {
		return wait_for_other(call);
	}
	if (status != PRAC_OK) {
		return fail(call, status, text[0] != '\0' ? text : prac_status_text(status));
	}
	return watch ? CMD_DONE : say_result(call);
}

const struct cmd cmd_sync = {
	.name = "sync",
	.synopsis = "[--watch] [--wait SECONDS]",
	.help = "Sends what was entered here and gets what is new. With --watch it stays connected and "
		"syncs whenever something changes on either side; other practicum commands wake it. "
		"Without a network everything entered is kept and sent later.",
	.example = "practicum sync --watch",
	.needs = CMD_NEEDS_REPLICA,
	.max_words = 0,
	.options = options,
	.run = run,
};
