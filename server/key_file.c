#include "server/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	FILE_MAX = 64 * 1024 /* bytes; none of these is larger */
};

enum prac_status key_file_fail(char why[KEYS_WHY], enum prac_status status, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)g_vsnprintf(why, KEYS_WHY, fmt, args);
	va_end(args);
	return status;
}

bool key_file_is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

enum prac_status key_file_read(
	const char *path, bool is_secret, struct prac_buf *buf, char why[KEYS_WHY])
{
	int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
					: open(path, O_RDONLY | O_CLOEXEC);
	struct stat facts;
	ssize_t n = -1;

	if (fd < 0 || fstat(fd, &facts) != 0) {
		(void)key_file_fail(why, PRAC_NOT_FOUND, "%s: %s; practicumd setup makes it", path,
			strerror(errno));
	} else if (is_secret && (facts.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
		(void)key_file_fail(why, PRAC_FAILED_PRECONDITION,
			"%s may be read by others: chmod 0400 %s", path, path);
	} else {
		n = read(fd, prac_buf_reserve(buf, FILE_MAX), FILE_MAX);
		if (n < 0) {
			(void)key_file_fail(why, PRAC_UNAVAILABLE, "%s: %s", path, strerror(errno));
		}
	}
	if (fd >= 0) {
		close(fd);
	}
	if (n < 0) {
		return PRAC_FAILED_PRECONDITION;
	}
	prac_buf_commit(buf, (size_t)n);
	return PRAC_OK;
}

/* What root makes belongs to whoever its folder belongs to: server and signer are two users. */
static bool give(int fd, const char *path)
{
	gchar *folder = g_path_get_dirname(path);
	struct stat facts;
	bool is_given = geteuid() != 0 ||
			(stat(folder, &facts) == 0 && fchown(fd, facts.st_uid, facts.st_gid) == 0);

	g_free(folder);
	return is_given;
}

/* So that the rename outlives a power cut. */
static bool keep_folder(const char *path)
{
	gchar *folder = g_path_get_dirname(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_kept = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0) {
		(void)close(fd);
	}
	g_free(folder);
	return is_kept;
}

/* A new file beside it, then a rename. */
enum prac_status key_file_write(
	const char *path, mode_t mode, struct prac_bytes bytes, char why[KEYS_WHY])
{
	struct prac_arena arena = { 0 };
	const char *draft = prac_arena_printf(&arena, "%s.new", path);
	bool is_clear = unlink(draft) == 0 || errno == ENOENT; /* of one that was cut off */
	int fd = is_clear ? open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode) : -1;
	bool is_written = fd >= 0 && fchmod(fd, mode) == 0 && give(fd, path) &&
			  write(fd, bytes.data, bytes.len) == (ssize_t)bytes.len && fsync(fd) == 0;
	enum prac_status status = PRAC_OK;

	if (fd >= 0) {
		is_written = close(fd) == 0 && is_written;
	}
	if (!is_written || rename(draft, path) != 0 || !keep_folder(path)) {
		status = key_file_fail(why, PRAC_UNAVAILABLE, "%s: %s", path, strerror(errno));
	}
	prac_arena_deinit(&arena);
	return status;
}

enum prac_status key_file_write_key(
	const char *path, const struct prac_key *key, char why[KEYS_WHY])
{
	struct prac_buf pem = { 0 };
	enum prac_status status = prac_key_to_pem(key, &pem);

	if (status == PRAC_OK) {
		status = key_file_write(path, 0400, prac_buf_bytes(&pem), why);
	}
	prac_wipe(&pem);
	prac_buf_deinit(&pem);
	return status;
}
