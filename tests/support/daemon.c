#include "tests/support/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/records_key.h"

enum {
	PATIENCE_S = 120, /* what works is done long before, on a busy machine too */
	STEP_US = 10000
};

static const char *program(void)
{
	const char *path = getenv("PRAC_PRACTICUMD");

	if (path == NULL) {
		fail_msg("PRAC_PRACTICUMD is not set; run the test with ctest");
	}
	return path;
}

static void path_in(const struct daemon *daemon, const char *name, char path[128])
{
	(void)snprintf(path, 128, "%s/%s", daemon->folder, name);
}

static char *file_text(const struct daemon *daemon, const char *name)
{
	char path[128];
	char *text = NULL;

	path_in(daemon, name, path);
	return g_file_get_contents(path, &text, NULL, NULL) ? text : g_strdup("");
}

static char *log_text(const struct daemon *daemon)
{
	return file_text(daemon, "log");
}

bool daemon_has_logged(const struct daemon *daemon, const char *text)
{
	g_autofree char *log = log_text(daemon);
	g_autofree char *signer = file_text(daemon, "signer.log");

	return strstr(log, text) != NULL || strstr(signer, text) != NULL;
}

static bool is_logged(struct daemon *daemon, const char *text)
{
	char *log = log_text(daemon);
	bool is_there = strstr(log, text) != NULL;

	if (!is_there && daemon->pid > 0 && waitpid(daemon->pid, NULL, WNOHANG) == daemon->pid) {
		daemon->pid = 0;
		print_error("%s", log);
		fail_msg("practicumd ended before %s", text);
	}
	g_free(log);
	return is_there;
}

void daemon_await_log(struct daemon *daemon, const char *text)
{
	for (int i = 0; i < PATIENCE_S * 1000000 / STEP_US; i++) {
		if (is_logged(daemon, text)) {
			return;
		}
		(void)usleep(STEP_US);
	}
	fail_msg("the log never said %s", text);
}

void daemon_configure(struct daemon *daemon, const char *line)
{
	char *text = g_strdup_printf(
		"[listen]\naddress = 127.0.0.1\nport = 0\nenroll_port = 0\n"
		"penalty_max_s = 0\n%s\n" /* every client here is 127.0.0.1 */
		"[server]\nstate_dir = %s/state\ndrain_s = 5\n"
		"[signer]\nstate_dir = %s/signer\nsocket = %s/signer.socket\n"
		"[db]\nconninfo = %s\nmigrate_user = practicum\nallow_unsafe = yes\n",
		line, daemon->folder, daemon->folder, daemon->folder, daemon->conninfo);

	assert_true(g_file_set_contents(daemon->config, text, -1, NULL));
	g_free(text);
}

/* Setup leaves a key that is there. */
static void give_key(struct daemon *daemon)
{
	char path[128];

	path_in(daemon, "state", path);
	assert_int_equal(mkdir(path, 0700), 0);
	path_in(daemon, "state/records.key", path);
	assert_true(g_file_set_contents_full(
		path, TEST_RECORDS_KEY, PRAC_SEAL_KEY, G_FILE_SET_CONTENTS_NONE, 0400, NULL));
}

void daemon_init(struct daemon *daemon, const char *conninfo)
{
	char out[4096];
	char path[128];
	char *trust = NULL;

	*daemon = (struct daemon){ .conninfo = conninfo };
	(void)snprintf(
		daemon->folder, sizeof(daemon->folder), "/tmp/prac-daemon-%d", (int)getpid());
	assert_int_equal(mkdir(daemon->folder, 0700), 0);
	(void)snprintf(daemon->config, sizeof(daemon->config), "%s/conf", daemon->folder);
	daemon_configure(daemon, "");
	give_key(daemon);
	if (daemon_run(daemon, "setup", out, sizeof(out)) != 0) {
		fail_msg("setup: %s", out);
	}
	path_in(daemon, "state/ca.pem", path);
	assert_true(g_file_get_contents(path, &trust, NULL, NULL));
	(void)snprintf(daemon->trust, sizeof(daemon->trust), "%s", trust);
	g_free(trust);
	daemon_start_signer(daemon);
}

static int remove_one(const char *path, const struct stat *facts, int type, struct FTW *where)
{
	(void)facts;
	(void)type;
	(void)where;
	return remove(path);
}

void daemon_deinit(struct daemon *daemon)
{
	if (daemon->pid > 0) {
		daemon_kill(daemon, SIGKILL);
		(void)daemon_wait(daemon);
	}
	daemon_stop_signer(daemon);
	(void)nftw(daemon->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void exec_program(const struct daemon *daemon, const char *command, const char *log_name,
	const char *failpoint)
{
	char path[128];
	int fd;

	path_in(daemon, log_name, path);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0 || dup2(fd, STDERR_FILENO) < 0 ||
		(failpoint != NULL && setenv("FAILPOINT", failpoint, 1) != 0)) {
		_exit(127);
	}
	(void)execl(program(), "practicumd", command, "--config", daemon->config, (char *)NULL);
	_exit(127);
}

static uint16_t port_of(const char *log, const char *listener)
{
	char *wanted = g_strdup_printf("listener=%s address=127.0.0.1 port=", listener);
	const char *at = strstr(log, wanted);
	size_t len = strlen(wanted);

	g_free(wanted);
	assert_non_null(at);
	return (uint16_t)strtoul(at + len, NULL, 10);
}

void daemon_start(struct daemon *daemon, const char *failpoint)
{
	char path[128];
	char *log;

	path_in(daemon, "log", path);
	(void)unlink(path);
	daemon->pid = fork();
	assert_true(daemon->pid >= 0);
	if (daemon->pid == 0) {
		exec_program(daemon, "serve", "log", failpoint);
	}
	daemon_await_log(daemon, "event=server.ready");
	log = log_text(daemon);
	daemon->port = port_of(log, "devices");
	daemon->enroll_port = port_of(log, "enroll");
	g_free(log);
}

void daemon_start_signer(struct daemon *daemon)
{
	char path[128];

	path_in(daemon, "signer.socket", path);
	(void)unlink(path);
	daemon->signer_pid = fork();
	assert_true(daemon->signer_pid >= 0);
	if (daemon->signer_pid == 0) {
		exec_program(daemon, "signer", "signer.log", NULL);
	}
	for (int i = 0; i < PATIENCE_S * 1000000 / STEP_US && access(path, F_OK) != 0; i++) {
		(void)usleep(STEP_US);
	}
	assert_int_equal(access(path, F_OK), 0);
}

void daemon_stop_signer(struct daemon *daemon)
{
	if (daemon->signer_pid > 0) {
		(void)kill(daemon->signer_pid, SIGTERM);
		(void)waitpid(daemon->signer_pid, NULL, 0);
	}
	daemon->signer_pid = 0;
}

int daemon_wait(struct daemon *daemon)
{
	for (int i = 0; i < PATIENCE_S * 1000000 / STEP_US; i++) {
		int status = 0;

		if (waitpid(daemon->pid, &status, WNOHANG) == daemon->pid) {
			daemon->pid = 0;
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		}
		(void)usleep(STEP_US);
	}
	fail_msg("practicumd does not end");
	return -1;
}

void daemon_kill(struct daemon *daemon, int signal)
{
	assert_true(daemon->pid > 0);
	(void)kill(daemon->pid, signal);
}

int daemon_run(struct daemon *daemon, const char *arguments, char *out, size_t size)
{
	char *line = g_strdup_printf("%s %s --config %s", program(), arguments, daemon->config);
	char *output = NULL;
	char *errors = NULL;
	int status = 0;
	GError *error = NULL;

	if (!g_spawn_command_line_sync(line, &output, &errors, &status, &error)) {
		fail_msg("%s: %s", line, error->message);
	}
	(void)snprintf(out, size, "%s%s", output, errors);
	g_free(output);
	g_free(errors);
	g_free(line);
	return WEXITSTATUS(status);
}

void assert_all_said(const char *out, const char *const *wanted, size_t n_wanted)
{
	const char *missing = NULL;

	for (size_t i = 0; i < n_wanted && missing == NULL; i++) {
		missing = strstr(out, wanted[i]) == NULL ? wanted[i] : NULL;
	}
	if (missing != NULL) {
		fail_msg("no %s in %s", missing, out);
	}
}
