#include "server/signer_call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/operator.h"

enum {
	WAIT_S = 5
};

static int connect_to(const char *path)
{
	const struct timeval wait = { .tv_sec = WAIT_S };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = -1;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) != 0 ||
			       setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) != 0 ||
			       connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

static bool exchange(int fd, uint8_t frame[SIGNER_FRAME])
{
	size_t n = 0;

	if (send(fd, frame, SIGNER_FRAME, MSG_NOSIGNAL) != SIGNER_FRAME) {
		return false;
	}
	while (n < SIGNER_FRAME) {
		ssize_t part = recv(fd, frame + n, SIGNER_FRAME - n, 0);

		if (part == 0) {
			errno = ECONNRESET;
		}
		if (part <= 0) {
			return false;
		}
		n += (size_t)part;
	}
	return true;
}

enum prac_status signer_call(const struct config *config, struct signer_call *call)
{
	enum prac_status status = signer_message_write(&call->request, call->frame);
	int fd;

	if (status != PRAC_OK) {
		return status;
	}
	operator_become(config);
	fd = connect_to(config->signer_socket);
	operator_return();
	if (fd < 0 || !exchange(fd, call->frame)) {
		(void)fprintf(stderr,
			"practicumd: the signer does not answer at %s: %s; does `practicumd signer` run, "
			"and are you its server's user?\n",
			config->signer_socket, strerror(errno));
		status = PRAC_UNAVAILABLE;
	} else if (signer_message_read(call->frame, &call->answer) != PRAC_OK) {
		status = PRAC_DATA_LOSS;
	} else {
		status = (enum prac_status)call->answer.kind;
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	return status;
}
