#include "client/cmd/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const char terminal[] = "/dev/tty";

/* One byte at a time: what stands behind the line is not ours. */
static bool read_line(int fd, char line_out[SECRET_MAX + 1])
{
	size_t len = 0;
	char c = '\0';

	while (read(fd, &c, 1) == 1 && c != '\n') {
		if (len == SECRET_MAX) {
			return false;
		}
		line_out[len++] = c;
	}
	line_out[len] = '\0';
	if (len > 0 && line_out[len - 1] == '\r') {
		line_out[len - 1] = '\0';
	}
	return c == '\n' || len > 0;
}

static volatile sig_atomic_t caught;

static void catch_signal(int number)
{
	caught = number;
}

/* Ctrl-C must not leave a terminal that shows nothing. */
static bool read_unseen(int fd, char line_out[SECRET_MAX + 1])
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction before[PRAC_NELEM(numbers)];
	struct sigaction action = { .sa_handler = catch_signal };
	struct termios seen, unseen;
	bool ok;

	if (tcgetattr(fd, &seen) != 0) {
		return false;
	}
	caught = 0;
	for (size_t i = 0; i < PRAC_NELEM(numbers); i++) {
		(void)sigaction(
			numbers[i], &action, &before[i]); /* fails for no such number only */
	}
	unseen = seen;
	unseen.c_lflag &= ~(tcflag_t)ECHO;
	ok = tcsetattr(fd, TCSAFLUSH, &unseen) == 0 && read_line(fd, line_out);
	(void)tcsetattr(fd, TCSAFLUSH, &seen); /* nothing else can be done */
	for (size_t i = 0; i < PRAC_NELEM(numbers); i++) {
		(void)sigaction(numbers[i], &before[i], NULL);
	}
	if (caught != 0) {
		explicit_bzero(line_out, SECRET_MAX + 1);
		(void)raise(caught);
	}
	return ok;
}

static bool at_terminal(const char *prompt, bool is_seen, char line_out[SECRET_MAX + 1])
{
	int fd = open(terminal, O_RDWR | O_NOCTTY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, prompt, strlen(prompt)) == (ssize_t)strlen(prompt);

	if (ok) {
		ok = is_seen ? read_line(fd, line_out) : read_unseen(fd, line_out);
	}
	if (ok && !is_seen) {
		ok = write(fd, "\n", 1) == 1;
	}
	if (fd >= 0) {
		(void)close(fd); /* nothing is kept back in a terminal */
	}
	return ok;
}

bool secret_has_terminal(void)
{
	int fd = open(terminal, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0) {
		(void)close(fd); /* only looked */
	}
	return fd >= 0;
}

bool secret_ask(const char *prompt, char line_out[SECRET_MAX + 1])
{
	return at_terminal(prompt, true, line_out);
}

static bool from_file(const char *file, char line_out[SECRET_MAX + 1])
{
	bool is_input = strcmp(file, "-") == 0;
	int fd = is_input ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && read_line(fd, line_out);

	if (fd >= 0 && !is_input) {
		(void)close(fd); /* only read */
	}
	return ok;
}

static const char *why_not(const char *file)
{
	bool is_readable = strcmp(file, "-") == 0 || access(file, R_OK) == 0;

	return is_readable ? "has no line of at most 256 bytes" : g_strerror(errno);
}

bool secret_read(const struct cmd_call *call, const char *file, const char *prompt,
	char line_out[SECRET_MAX + 1])
{
	bool ok = file != NULL ? from_file(file, line_out) : at_terminal(prompt, false, line_out);

	if (!ok) {
		explicit_bzero(line_out, SECRET_MAX + 1);
	}
	if (!ok && file != NULL) {
		(void)cmd_fail(call, CMD_USAGE, "%s: %s", file, why_not(file));
	} else if (!ok) {
		(void)cmd_fail(call, CMD_USAGE,
			"there is no terminal to ask at; --password-file FILE reads the password "
			"from a file, and - from the standard input");
	}
	return ok;
}
