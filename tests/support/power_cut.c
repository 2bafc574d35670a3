/*
 * What a loss of power leaves of a folder, for LD_PRELOAD: at each fsync() and fdatasync() of a file of
 * POWER_CUT_FOLDER its bytes of that moment go into POWER_CUT_IMAGE, which begins as a copy of the
 * folder. A file that is new has no name there until the folder itself is synced. Files that were
 * removed stay: whether a removal has reached the disk is for the test to say.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PIECE = 64 * 1024
};

static const char nameless[] = ".nameless";

static void must(bool is_done, const char *what)
{
	if (!is_done) {
		perror(what);
		abort();
	}
}

/* The path below POWER_CUT_FOLDER, "" for the folder itself; false: of another place. */
static bool find_name(int fd, char place[PATH_MAX], const char **name_out)
{
	const char *folder = getenv("POWER_CUT_FOLDER");
	char handle[32];
	ssize_t len;
	size_t n;

	if (folder == NULL) {
		return false;
	}
	n = strlen(folder);
	(void)snprintf(handle, sizeof(handle), "/proc/self/fd/%d", fd);
	len = readlink(handle, place, PATH_MAX - 1);
	must(len >= 0, handle);
	place[len] = '\0';
	if (strncmp(place, folder, n) != 0 || (place[n] != '/' && place[n] != '\0')) {
		return false;
	}
	*name_out = place[n] == '/' ? place + n + 1 : place + n;
	return strchr(*name_out, '/') == NULL;
}

/* By the descriptor the program has: to close another one of the file would drop its locks. */
static void keep_bytes(int fd, int image, const char *name)
{
	static uint8_t piece[PIECE];
	char temporary[NAME_MAX + 1];
	off_t at = 0;
	ssize_t n;
	int out;

	(void)snprintf(temporary, sizeof(temporary), "%s%s", name,
		faccessat(image, name, F_OK, 0) == 0 ? "" : nameless);
	out = openat(image, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(out >= 0, temporary);
	while ((n = pread(fd, piece, sizeof(piece), at)) > 0) {
		must(write(out, piece, (size_t)n) == n, temporary);
		at += n;
	}
	must(n == 0 && close(out) == 0, temporary);
}

static void keep_names(int image)
{
	DIR *folder = fdopendir(dup(image));
	char name[NAME_MAX + 1];
	const struct dirent *entry;
	size_t len;

	must(folder != NULL, "POWER_CUT_IMAGE");
	while ((entry = readdir(folder)) != NULL) {
		len = strlen(entry->d_name);
		if (len < sizeof(nameless) ||
			strcmp(entry->d_name + len + 1 - sizeof(nameless), nameless) != 0) {
			continue;
		}
		(void)snprintf(name, sizeof(name), "%.*s", (int)(len + 1 - sizeof(nameless)),
			entry->d_name);
		must(renameat(image, entry->d_name, image, name) == 0, name);
	}
	(void)closedir(folder);
}

static void keep(int fd)
{
	char place[PATH_MAX];
	const char *name, *where = getenv("POWER_CUT_IMAGE");
	int image;

	if (!find_name(fd, place, &name)) {
		return;
	}
	image = where != NULL ? open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	must(image >= 0, "POWER_CUT_IMAGE");
	if (name[0] == '\0') {
		keep_names(image);
	} else {
		keep_bytes(fd, image, name);
	}
	(void)close(image);
}

static int sync_as(const char *name, int fd)
{
	int (*real)(int) = NULL;
	void *found = dlsym(RTLD_NEXT, name);
	int rc;

	must(found != NULL, name);
	memcpy(&real, &found, sizeof(real)); /* ISO C has no cast to a function */
	rc = real(fd);
	if (rc == 0) {
		keep(fd);
	}
	return rc;
}

int fsync(int fd)
{
	return sync_as("fsync", fd);
}

int fdatasync(int fildes)
{
	return sync_as("fdatasync", fildes);
}
