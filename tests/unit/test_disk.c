#include "client/key/disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <glib.h>

static char *sys;

/* A block device with this uuid of the device mapper; NULL: it is none of it. */
static void make(const char *block, const char *uuid)
{
	g_autofree char *folder = g_build_filename(sys, "dev/block", block, "dm", NULL);
	g_autofree char *file = g_build_filename(folder, "uuid", NULL);

	if (uuid == NULL) {
		*g_strrstr(folder, "/dm") = '\0';
	}
	assert_int_equal(g_mkdir_with_parents(folder, 0700), 0);
	if (uuid != NULL) {
		assert_true(g_file_set_contents(file, uuid, -1, NULL));
	}
}

static void a_disk_that_no_mapper_knows_is_not_known_to_be(void **state)
{
	(void)state;
	make("8:1", NULL);
	assert_false(disk_is_encrypted(sys, 8, 1));
	assert_false(disk_is_encrypted(sys, 0, 42)); /* as of btrfs: there is no such device */
}

static void luks_and_its_like_are(void **state)
{
	(void)state;
	make("253:0", "CRYPT-LUKS2-4a1f-root\n");
	make("253:1", "CRYPT-PLAIN-swap\n");
	make("253:2", "CRYPT-BITLK-win\n");
	assert_true(disk_is_encrypted(sys, 253, 0));
	assert_true(disk_is_encrypted(sys, 253, 1));
	assert_true(disk_is_encrypted(sys, 253, 2));
}

static void what_only_proves_content_is_not(void **state)
{
	(void)state;
	make("253:3", "CRYPT-VERITY-usr\n");
	make("253:4", "CRYPT-INTEGRITY-data\n");
	make("253:5", "LVM-plain\n");
	assert_false(disk_is_encrypted(sys, 253, 3));
	assert_false(disk_is_encrypted(sys, 253, 4));
	assert_false(disk_is_encrypted(sys, 253, 5));
}

static void a_volume_is_when_all_that_it_stands_on_is(void **state)
{
	(void)state;
	make("253:6", "LVM-home\n");
	make("253:6/slaves/dm-0", "CRYPT-LUKS2-one\n");
	assert_true(disk_is_encrypted(sys, 253, 6));
	make("253:6/slaves/sdb1", NULL);
	assert_false(disk_is_encrypted(sys, 253, 6));
	make("253:7", "LVM-thin\n");
	make("253:7/slaves/dm-5", "LVM-pool\n");
	make("253:7/slaves/dm-5/slaves/dm-0", "CRYPT-LUKS1-two\n");
	assert_true(disk_is_encrypted(sys, 253, 7));
}

static int setup(void **state)
{
	(void)state;
	sys = g_dir_make_tmp(NULL, NULL);
	return sys == NULL;
}

static int teardown(void **state)
{
	const char *const words[] = { "rm", "-rf", sys, NULL };

	(void)state;
	(void)g_spawn_sync(NULL, (char **)words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
		NULL, NULL);
	g_free(sys);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disk_that_no_mapper_knows_is_not_known_to_be),
		cmocka_unit_test(luks_and_its_like_are),
		cmocka_unit_test(what_only_proves_content_is_not),
		cmocka_unit_test(a_volume_is_when_all_that_it_stands_on_is),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
