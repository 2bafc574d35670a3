/*
 * A practicumd of one's own in a test: folder, configuration, keys, and the real program on free
 * ports. Everything blocks and fails the test on any error. Needs a database (tests/support/pg.h) and
 * PRAC_PRACTICUMD in the environment, the path of the program.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/bytes.h"

struct daemon {
	char folder[64];
	char config[96];
	const char *conninfo;
	pid_t pid, signer_pid; /* 0: does not run */
	uint16_t port, enroll_port;
	char trust[8192]; /* the authority, PEM */
};

/* Makes the folder, writes the configuration, runs setup, starts the signer. */
void daemon_init(struct daemon *daemon, const char *conninfo);
void daemon_deinit(struct daemon *daemon); /* kills it if it runs, removes the folder */

/* Starts `serve` and waits until it is ready. failpoint may be NULL. */
void daemon_start(struct daemon *daemon, const char *failpoint);

void daemon_start_signer(struct daemon *daemon);
void daemon_stop_signer(struct daemon *daemon);

/* Waits for the end, at most 30 s; the exit code, or 128 + the signal. */
int daemon_wait(struct daemon *daemon);
void daemon_kill(struct daemon *daemon, int signal);

/* Runs a command with the daemon's configuration; out gets what it prints. The exit code. */
int daemon_run(struct daemon *daemon, const char *arguments, char *out, size_t size);

/* Rewrites the configuration with this line behind the [listen] section's. */
void daemon_configure(struct daemon *daemon, const char *line);

/* Waits until the log holds the text. */
void daemon_await_log(struct daemon *daemon, const char *text);

/* Does one of the logs, the server's or the signer's, hold the text? */
bool daemon_has_logged(const struct daemon *daemon, const char *text);

/* What a command printed holds each of these. */
void assert_all_said(const char *out, const char *const *wanted, size_t n_wanted);
