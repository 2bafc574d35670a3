#include "tests/support/roster_fixture.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

static void append_file(GString *parts, const char *folder, const char *name)
{
	char *path = g_build_filename(folder, name, NULL);
	char *content = NULL;
	gsize len = 0;

	if (!g_file_get_contents(path, &content, &len, NULL)) {
		(void)fprintf(stderr, "cannot read %s\n", path);
		abort();
	}
	g_string_append_printf(parts, "== %s\n", name);
	g_string_append_len(parts, content, (gssize)len);
	if (len > 0 && content[len - 1] != '\n') {
		g_string_append_c(parts, '\n');
	}
	g_free(content);
	g_free(path);
}

static bool has_file(const char *folder, const char *name)
{
	char *path = g_build_filename(folder, name, NULL);
	bool exists = g_file_test(path, G_FILE_TEST_EXISTS);

	g_free(path);
	return exists;
}

/* Every file of folder that other, which may be NULL, does not have. */
static void append_folder(GString *parts, const char *folder, const char *other)
{
	GDir *dir = g_dir_open(folder, 0, NULL);

	if (dir == NULL) {
		(void)fprintf(stderr, "cannot open %s\n", folder);
		abort();
	}
	for (const char *name = g_dir_read_name(dir); name != NULL; name = g_dir_read_name(dir)) {
		if (other == NULL || !has_file(other, name)) {
			append_file(parts, folder, name);
		}
	}
	g_dir_close(dir);
}

struct roster *roster_fixture_read(const char *base, const char *flaws, enum roster_mode mode)
{
	GString *parts = g_string_new(NULL);
	char *base_folder = g_build_filename(PRAC_ROSTER_DATA, base, NULL);
	char *flaws_folder =
		flaws != NULL ? g_build_filename(PRAC_ROSTER_DATA, "flaws", flaws, NULL) : NULL;

	if (flaws_folder != NULL) {
		append_folder(parts, flaws_folder, NULL);
	}
	append_folder(parts, base_folder, flaws_folder);
	struct prac_bytes bytes = { (const uint8_t *)parts->str, parts->len };
	struct roster *roster = roster_read_parts(bytes, mode);

	g_string_free(parts, TRUE);
	g_free(base_folder);
	g_free(flaws_folder);
	return roster;
}
