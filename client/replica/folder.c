#include "client/replica/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char lock_name[] = "link.lock";
static const char poke_name[] = "link.poke";

static bool join(const char *folder, const char *name, char path_out[FOLDER_PATH])
{
	int len = snprintf(path_out, FOLDER_PATH, "%s/%s", folder, name);

	return len > 0 && len < FOLDER_PATH;
}

static enum prac_status status_of_errno(void)
{
	if (errno == ENOENT) {
		return PRAC_NOT_FOUND;
	}
	if (errno == ENOSPC || errno == EDQUOT) {
		return PRAC_RESOURCE_EXHAUSTED;
	}
	return errno == EACCES || errno == EROFS ? PRAC_PERMISSION_DENIED : PRAC_INTERNAL;
}

enum prac_status folder_read(const char *folder, const char *name, size_t max, struct prac_buf *buf)
{
	char path[FOLDER_PATH];
	ssize_t n = 0;
	int fd;

	fd = join(folder, name, path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0) {
		return status_of_errno();
	}
	do {
		n = read(fd, prac_buf_reserve(buf, 4096), 4096);
		prac_buf_commit(buf, n > 0 ? (size_t)n : 0);
	} while (n > 0 && prac_buf_len(buf) <= max);
	(void)close(fd); /* only read */
	if (n < 0) {
		return PRAC_INTERNAL;
	}
	return n == 0 ? PRAC_OK : PRAC_RESOURCE_EXHAUSTED;
}

static bool write_all(int fd, struct prac_bytes bytes)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.data, bytes.len);

		if (n < 0 && errno != EINTR) {
			return false;
		}
		bytes.data += n > 0 ? n : 0;
		bytes.len -= n > 0 ? (size_t)n : 0;
	}
	return fsync(fd) == 0;
}

/* The rename must outlive a power cut as well. */
static bool sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0) {
		(void)close(fd); /* nothing was written through it */
	}
	return ok;
}

enum prac_status folder_write(const char *folder, const char *name, struct prac_bytes bytes)
{
	char path[FOLDER_PATH], beside[FOLDER_PATH];
	bool ok;
	int fd;

	if (!join(folder, name, path) ||
		snprintf(beside, sizeof(beside), "%s.new", path) >= (int)sizeof(beside)) {
		return PRAC_INVALID_ARGUMENT;
	}
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		return status_of_errno();
	}
	ok = write_all(fd, bytes);
	ok = close(fd) == 0 && ok;
	if (!ok || rename(beside, path) != 0 || !sync_folder(folder)) {
		return status_of_errno();
	}
	return PRAC_OK;
}

void folder_remove(const char *folder, const char *name)
{
	char path[FOLDER_PATH];

	if (join(folder, name, path)) {
		(void)unlink(path); /* it may not be there */
	}
}

void folder_erase(const char *folder, const char *name)
{
	static const uint8_t zeros[4096];
	char path[FOLDER_PATH];
	struct stat info;
	int fd = join(folder, name, path) ? open(path, O_WRONLY | O_CLOEXEC) : -1;

	if (fd >= 0 && fstat(fd, &info) == 0) {
		for (off_t at = 0; at < info.st_size; at += (off_t)sizeof(zeros)) {
			(void)write_all(fd, (struct prac_bytes){ zeros, sizeof(zeros) });
		}
	}
	if (fd >= 0) {
		(void)close(fd); /* synced by the write */
	}
	folder_remove(folder, name);
	(void)sync_folder(folder); /* it may not be there */
}

bool folder_is_private(const char *folder, const char *name)
{
	char path[FOLDER_PATH];
	struct stat info;

	return join(folder, name, path) && lstat(path, &info) == 0 && S_ISREG(info.st_mode) &&
	       info.st_uid == geteuid() && (info.st_mode & 0077) == 0;
}

int folder_hold(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX) != 0) {
		(void)close(fd); /* nothing was written through it */
		fd = -1;
	}
	return fd;
}

enum prac_status folder_make(const char *folder)
{
	char path[FOLDER_PATH];
	int len = snprintf(path, sizeof(path), "%s", folder);

	if (len <= 0 || len >= (int)sizeof(path)) {
		return PRAC_INVALID_ARGUMENT;
	}
	for (char *c = path + 1; *c != '\0'; c++) {
		if (*c == '/') {
			*c = '\0';
			(void)mkdir(path, 0700); /* the last one tells */
			*c = '/';
		}
	}
	return mkdir(path, 0700) == 0 || errno == EEXIST ? PRAC_OK : status_of_errno();
}

int folder_lock(const char *folder)
{
	char path[FOLDER_PATH];
	int fd =
		join(folder, lock_name, path) ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		(void)close(fd); /* nothing was written */
		return -1;
	}
	return fd;
}

/* Socket names are short (108 bytes); through the folder's descriptor any folder fits. */
static bool poke_address(int folder_fd, struct sockaddr_un *address)
{
	int len;

	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	len = snprintf(address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d/%s",
		folder_fd, poke_name);
	return len > 0 && len < (int)sizeof(address->sun_path);
}

int folder_listen(const char *folder)
{
	int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;
	mode_t mask;

	folder_remove(folder, poke_name);
	mask = umask(0177);
	if (fd >= 0 && (folder_fd < 0 || !poke_address(folder_fd, &address) ||
			       bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)) {
		(void)close(fd); /* nothing was sent */
		fd = -1;
	}
	(void)umask(mask);
	if (folder_fd >= 0) {
		(void)close(folder_fd); /* only a path */
	}
	return fd;
}

void folder_hear(int fd)
{
	char bytes[64];

	while (recv(fd, bytes, sizeof(bytes), 0) > 0) {
		bytes[0] = 0; /* a poke says nothing but that it came */
	}
}

bool folder_poke(const char *folder)
{
	int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_un address;
	bool ok;

	ok = folder_fd >= 0 && fd >= 0 && poke_address(folder_fd, &address) &&
	     sendto(fd, "p", 1, MSG_NOSIGNAL, (struct sockaddr *)&address, sizeof(address)) == 1;
	if (fd >= 0) {
		(void)close(fd); /* a poke is only a hint */
	}
	if (folder_fd >= 0) {
		(void)close(folder_fd); /* only a path */
	}
	return ok;
}
