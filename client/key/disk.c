#include "client/key/disk.h"

#include <glib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum {
	LAYERS_MAX = 8 /* volumes on volumes */
};

static bool is_crypt(const char *block)
{
	g_autofree char *path = g_build_filename(block, "dm", "uuid", NULL);
	g_autofree char *uuid = NULL;

	return g_file_get_contents(path, &uuid, NULL, NULL) && g_str_has_prefix(uuid, "CRYPT-") &&
	       !g_str_has_prefix(uuid, "CRYPT-VERITY-") &&
	       !g_str_has_prefix(uuid, "CRYPT-INTEGRITY-");
}

static bool is_encrypted(const char *block, int n_layers)
{
	g_autofree char *folder = g_build_filename(block, "slaves", NULL);
	GDir *slaves;
	const char *name;
	bool is_all = true;
	size_t n = 0;

	if (is_crypt(block)) {
		return true;
	}
	slaves = n_layers < LAYERS_MAX ? g_dir_open(folder, 0, NULL) : NULL;
	while (slaves != NULL && is_all && (name = g_dir_read_name(slaves)) != NULL) {
		g_autofree char *below = g_build_filename(folder, name, NULL);

		is_all = is_encrypted(below, n_layers + 1);
		n++;
	}
	if (slaves != NULL) {
		g_dir_close(slaves);
	}
	return is_all && n > 0;
}

bool disk_is_encrypted(const char *sys, unsigned major, unsigned minor)
{
	g_autofree char *block = g_strdup_printf("%s/dev/block/%u:%u", sys, major, minor);

	return is_encrypted(block, 0);
}

bool disk_of_folder_is_encrypted(const char *folder)
{
	struct stat facts;

	return stat(folder, &facts) == 0 &&
	       disk_is_encrypted("/sys", major(facts.st_dev), minor(facts.st_dev));
}
