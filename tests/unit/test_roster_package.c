/* Packages as zips, whole and broken. */
#include "client/roster/package.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include <cmocka.h>

enum {
	LARGE = 200000 /* of a member whose bytes do not compress away */
};

struct reading {
	char path[64];
	struct prac_arena arena;
	struct roster_flaws flaws;
	struct roster_package *package;
};

static zip_t *zip_begin(struct reading *reading)
{
	static const char folder[] = "/tmp/practicum-zip-";
	int code = 0;
	int fd;

	memcpy(reading->path, folder, sizeof(folder));
	memset(reading->path + strlen(folder), 'X', 6); /* mkstemp's */
	reading->path[strlen(folder) + 6] = '\0';
	fd = mkstemp(reading->path);
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	zip_t *zip = zip_open(reading->path, ZIP_CREATE | ZIP_TRUNCATE, &code);
	assert_non_null(zip);
	return zip;
}

/* Borrows text until the zip is closed. */
static zip_uint64_t add(zip_t *zip, const char *name, const char *text, size_t len)
{
	zip_source_t *source = zip_source_buffer(zip, text, len, 0);
	zip_int64_t index = zip_file_add(zip, name, source, 0);

	assert_true(index >= 0);
	return (zip_uint64_t)index;
}

static void open_package(struct reading *reading)
{
	prac_arena_init(&reading->arena, 0);
	roster_flaws_init(&reading->flaws, ROSTER_TOLERANT, &reading->arena);
	reading->package = roster_package_open(reading->path, &reading->flaws);
}

static void end(struct reading *reading)
{
	roster_package_free(reading->package);
	roster_flaws_deinit(&reading->flaws);
	prac_arena_deinit(&reading->arena);
	assert_int_equal(unlink(reading->path), 0);
}

static void assert_flaw(const struct reading *reading, const char *reason)
{
	assert_int_equal(reading->flaws.n, 1);
	assert_string_equal(reading->flaws.rows[0].reason, reason);
	assert_int_equal(reading->flaws.rows[0].severity, ROSTER_ERROR);
}

static void reads_members_by_name(void **state)
{
	struct reading reading;
	char text[16] = { 0 };
	size_t len = 0;

	(void)state;
	zip_t *zip = zip_begin(&reading);
	add(zip, "orgs.csv", "a,b", 3);
	add(zip, "users.csv", "c,d", 3);
	assert_int_equal(zip_close(zip), 0);
	open_package(&reading);
	struct roster_stream *stream = roster_stream_open(reading.package, "users.csv");
	assert_int_equal(roster_stream_read(stream, text, sizeof(text) - 1, &len), PRAC_OK);
	assert_string_equal(text, "c,d");
	assert_int_equal(roster_stream_read(stream, text, sizeof(text) - 1, &len), PRAC_OK);
	assert_int_equal(len, 0);
	roster_stream_close(stream);
	assert_null(roster_stream_open(reading.package, "roles.csv"));
	assert_int_equal(reading.flaws.n, 0);
	end(&reading);
}

static void members_in_a_folder_of_the_zip_are_refused(void **state)
{
	struct reading reading;

	(void)state;
	zip_t *zip = zip_begin(&reading);
	add(zip, "export/orgs.csv", "a", 1);
	add(zip, "__MACOSX/orgs.csv", "b", 1);
	assert_int_equal(zip_close(zip), 0);
	open_package(&reading);
	assert_flaw(&reading,
		"export/orgs.csv stands in a folder of the zip: every file must stand at its root");
	end(&reading);
}

static void encrypted_members_are_refused(void **state)
{
	struct reading reading;

	(void)state;
	zip_t *zip = zip_begin(&reading);
	zip_uint64_t index = add(zip, "orgs.csv", "a", 1);
	assert_int_equal(zip_file_set_encryption(zip, index, ZIP_EM_AES_256, "secret"), 0);
	assert_int_equal(zip_close(zip), 0);
	open_package(&reading);
	assert_flaw(&reading, "orgs.csv is encrypted: export the zip without a password");
	end(&reading);
}

static char *noise(void)
{
	char *text = malloc(LARGE);
	uint32_t chance = 1;

	assert_non_null(text);
	for (size_t i = 0; i < LARGE; i++) {
		chance = chance * 1664525 + 1013904223;
		text[i] = (char)('a' + (chance >> 24) % 26);
	}
	return text;
}

static void spoil(const char *path, long at)
{
	FILE *file = fopen(path, "r+be");

	assert_non_null(file);
	assert_int_equal(fseek(file, at, SEEK_SET), 0);
	assert_int_equal(fwrite("????????", 1, 8, file), 8);
	assert_int_equal(fclose(file), 0);
}

static void a_damaged_member_is_told_from_its_end(void **state)
{
	struct reading reading;
	char *text = noise();
	char buffer[4096];
	size_t len = 1;
	enum prac_status status = PRAC_OK;

	(void)state;
	zip_t *zip = zip_begin(&reading);
	add(zip, "orgs.csv", text, LARGE);
	assert_int_equal(zip_close(zip), 0);
	spoil(reading.path, LARGE / 4);
	open_package(&reading);
	struct roster_stream *stream = roster_stream_open(reading.package, "orgs.csv");
	while (status == PRAC_OK && len > 0) {
		status = roster_stream_read(stream, buffer, sizeof(buffer), &len);
	}
	assert_int_equal(status, PRAC_DATA_LOSS);
	roster_stream_close(stream);
	end(&reading);
	free(text);
}

static void a_zip_without_its_end_cannot_be_read(void **state)
{
	struct reading reading;
	char *text = noise();

	(void)state;
	zip_t *zip = zip_begin(&reading);
	add(zip, "orgs.csv", text, LARGE);
	assert_int_equal(zip_close(zip), 0);
	assert_int_equal(truncate(reading.path, LARGE / 4), 0);
	open_package(&reading);
	assert_null(reading.package);
	assert_flaw(&reading, "not a zip file and not a folder");
	end(&reading);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_members_by_name),
		cmocka_unit_test(members_in_a_folder_of_the_zip_are_refused),
		cmocka_unit_test(encrypted_members_are_refused),
		cmocka_unit_test(a_damaged_member_is_told_from_its_end),
		cmocka_unit_test(a_zip_without_its_end_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
