/*
 * practicumd signer: the process that alone holds the authority's key, the seal key and the pepper.
 * It answers frames of one size on a Unix socket (server/signer/wire.h), one after the other, for
 * the one user who owns the socket. SIGHUP reads the keys again, SIGTERM ends it.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/log.h"
#include "server/command.h"
#include "server/exit_code.h"
#include "server/keys.h"
#include "server/notify.h"
#include "server/signer/vault.h"
#include "server/signer/wire.h"

enum {
	PEERS_MAX = 16,     /* a server or two and operators' commands */
	TURN_MS = 2000,     /* longest sleep: the watchdog is fed in between */
	NOBODY_UID = 65534, /* what a user namespace shows for everybody it does not know */
	BACKLOG = 16
};

struct peer {
	int fd;             /* -1: free */
	size_t n_in, n_out; /* bytes of the frame received; bytes of the answer not sent yet */
	uint8_t in[SIGNER_FRAME], out[SIGNER_FRAME];
};

struct office {
	const struct config *config;
	struct vault *vault;
	int fd;
	uid_t owner; /* the only one who is answered */
	bool is_inherited;
	struct peer peers[PEERS_MAX];
};

/* Set by signals, which are blocked but while ppoll() sleeps. */
static volatile sig_atomic_t must_end, must_reload;

static void on_signal(int number)
{
	if (number == SIGHUP) {
		must_reload = 1;
	} else {
		must_end = 1;
	}
}

static void take_signals(sigset_t *while_asleep)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t blocked;

	(void)sigemptyset(&blocked);
	for (size_t i = 0; i < PRAC_NELEM(numbers); i++) {
		(void)sigaddset(&blocked, numbers[i]);
		(void)sigaction(numbers[i], &action, NULL);
	}
	(void)sigprocmask(SIG_BLOCK, &blocked, while_asleep);
	for (size_t i = 0; i < PRAC_NELEM(numbers); i++) {
		(void)sigdelset(while_asleep, numbers[i]);
	}
	(void)signal(SIGPIPE, SIG_IGN);
}

static void hang_up(struct peer *peer)
{
	(void)close(peer->fd);
	explicit_bzero(peer, sizeof(*peer));
	peer->fd = -1;
}

static void send_rest(struct peer *peer)
{
	while (peer->n_out > 0) {
		ssize_t n = send(peer->fd, peer->out + SIGNER_FRAME - peer->n_out, peer->n_out,
			MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			hang_up(peer);
		}
		if (n < 0) {
			return;
		}
		peer->n_out -= (size_t)n;
	}
	explicit_bzero(peer->out, sizeof(peer->out));
}

static void answer(struct office *office, struct peer *peer)
{
	struct prac_arena arena = { 0 };
	struct signer_message request, answer;

	if (signer_message_read(peer->in, &request) != PRAC_OK) {
		prac_log(PRAC_LOG_WARNING, "signer.refused", "why=\"not a frame\"");
		hang_up(peer);
		return;
	}
	vault_answer(office->vault, &request, &prac_env_system, &arena, &answer);
	prac_log(PRAC_LOG_INFO, "signer.answer", "kind=%u status=%s", request.kind,
		prac_status_name((enum prac_status)answer.kind));
	if (signer_message_write(&answer, peer->out) != PRAC_OK) {
		prac_log(PRAC_LOG_ERROR, "signer.refused", "why=\"the answer does not fit\"");
		hang_up(peer);
		prac_arena_deinit(&arena);
		return;
	}
	explicit_bzero(peer->in, sizeof(peer->in));
	peer->n_in = 0;
	peer->n_out = SIGNER_FRAME;
	prac_arena_deinit(&arena);
	send_rest(peer);
}

static void receive(struct office *office, struct peer *peer)
{
	ssize_t n = recv(peer->fd, peer->in + peer->n_in, SIGNER_FRAME - peer->n_in, 0);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		hang_up(peer);
	} else if (n > 0) {
		peer->n_in += (size_t)n;
		if (peer->n_in == SIGNER_FRAME) {
			answer(office, peer);
		}
	}
}

static struct peer *free_peer(struct office *office)
{
	for (size_t i = 0; i < PEERS_MAX; i++) {
		if (office->peers[i].fd < 0) {
			return &office->peers[i];
		}
	}
	return NULL;
}

static void admit(struct office *office)
{
	int fd = accept4(office->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct ucred who = { .uid = NOBODY_UID };
	socklen_t len = sizeof(who);
	struct peer *peer = free_peer(office);

	if (fd < 0) {
		return;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0 || who.uid != office->owner ||
		peer == NULL) {
		prac_log(PRAC_LOG_WARNING, "signer.refused", "uid=%u why=\"%s\"", who.uid,
			peer == NULL ? "too many connections" : "not the owner of the socket");
		(void)close(fd);
		return;
	}
	peer->fd = fd;
}

static void reload(struct office *office)
{
	struct vault *vault = NULL;
	char why[KEYS_WHY];

	notify_reloading();
	if (keys_vault(office->config, &vault, why) == PRAC_OK) {
		vault_free(office->vault);
		office->vault = vault;
		prac_log(PRAC_LOG_INFO, "signer.reloaded", "user=%u", office->owner);
	} else {
		prac_log(PRAC_LOG_ERROR, "signer.kept", "why=\"%s\"", why);
	}
	notify_ready("answering");
}

static void turn(struct office *office, const sigset_t *while_asleep)
{
	struct timespec longest = { .tv_sec = TURN_MS / 1000 };
	struct pollfd polls[PEERS_MAX + 1];

	polls[PEERS_MAX] = (struct pollfd){ .fd = office->fd, .events = POLLIN };
	for (size_t i = 0; i < PEERS_MAX; i++) {
		polls[i] = (struct pollfd){ .fd = office->peers[i].fd,
			.events = office->peers[i].n_out > 0 ? POLLOUT : POLLIN };
	}
	if (ppoll(polls, PRAC_NELEM(polls), &longest, while_asleep) <= 0) {
		return;
	}
	for (size_t i = 0; i < PEERS_MAX; i++) {
		if (polls[i].revents != 0 && office->peers[i].n_out > 0) {
			send_rest(&office->peers[i]);
		} else if (polls[i].revents != 0) {
			receive(office, &office->peers[i]);
		}
	}
	if (polls[PEERS_MAX].revents != 0) {
		admit(office);
	}
}

/* The socket of the service manager belongs to whom its unit says; one made here to the caller. */
static bool open_socket(struct office *office)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = office->config->signer_socket;
	struct stat facts;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return false;
	}
	office->fd = notify_unix_socket(path);
	office->is_inherited = office->fd >= 0;
	if (!office->is_inherited) {
		(void)g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
		office->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)unlink(path); /* of one that was killed */
		if (office->fd < 0 ||
			bind(office->fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
			chmod(path, 0600) != 0 || listen(office->fd, BACKLOG) != 0) {
			return false;
		}
	}
	if (stat(path, &facts) != 0) {
		return false;
	}
	office->owner = facts.st_uid;
	if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0 || office->owner == NOBODY_UID) {
		errno = EPERM;
		return false;
	}
	return fcntl(office->fd, F_SETFL, O_NONBLOCK) == 0;
}

static int serve(struct office *office)
{
	sigset_t while_asleep;

	take_signals(&while_asleep);
	prac_log(PRAC_LOG_INFO, "signer.ready", "socket=%s user=%u", office->config->signer_socket,
		office->owner);
	notify_ready("answering");
	while (must_end == 0) {
		if (must_reload != 0) {
			must_reload = 0;
			reload(office);
		}
		if (notify_watchdog_ms() > 0) {
			notify_watchdog();
		}
		turn(office, &while_asleep);
	}
	notify_stopping();
	for (size_t i = 0; i < PEERS_MAX; i++) {
		if (office->peers[i].fd >= 0) {
			hang_up(&office->peers[i]);
		}
	}
	(void)close(office->fd);
	if (!office->is_inherited) {
		(void)unlink(office->config->signer_socket);
	}
	return EXIT_DONE;
}

int command_signer(struct command_call *call)
{
	struct office *office;
	char why[KEYS_WHY];
	int code = EXIT_CONFIG;

	if (call->argc > 1) {
		return command_misused(call, "unknown argument %s", call->argv[1]);
	}
	office = g_new0(struct office, 1);
	office->config = call->config;
	for (size_t i = 0; i < PEERS_MAX; i++) {
		office->peers[i].fd = -1;
	}
	prac_log_start("practicumd-signer", (enum prac_log_level)call->config->log_level);
	if (keys_vault(call->config, &office->vault, why) != PRAC_OK) {
		prac_log(PRAC_LOG_ERROR, "signer.end", "why=\"%s\"", why);
	} else if (!open_socket(office)) {
		prac_log(PRAC_LOG_ERROR, "signer.end", "socket=%s why=\"%s\"",
			call->config->signer_socket, g_strerror(errno));
	} else {
		code = serve(office);
	}
	vault_free(office->vault);
	g_free(office);
	return code;
}
