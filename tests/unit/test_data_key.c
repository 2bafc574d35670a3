/* The data key of a state folder: to whom it opens, and to whom not. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/key/held.h"
#include "client/key/key.h"
#include "client/key/key_file.h"
#include "client/key/station.h"

struct place {
	char root[64], home[80], keys[80], other[80], credentials[80];
	struct data_key *key;
	uint8_t bytes[PRAC_SEAL_KEY];
	char text[REPLICA_KEY_TEXT];
};

static const uint8_t credential[32] = "thirty-two bytes that TPMs keep";

static const char *file_of(const char *folder, const char *name)
{
	static char path[400];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int set_up(void **state)
{
	static const char folder[] = "/tmp/practicum-key-";
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	memcpy(p->root, folder, sizeof(folder));
	memset(p->root + strlen(folder), 'X', 6); /* mkdtemp's */
	assert_non_null(mkdtemp(p->root));
	(void)snprintf(p->home, sizeof(p->home), "%s/home", p->root);
	(void)snprintf(p->keys, sizeof(p->keys), "%s/keys", p->root);
	(void)snprintf(p->other, sizeof(p->other), "%s/other", p->root);
	(void)snprintf(p->credentials, sizeof(p->credentials), "%s/credentials", p->root);
	assert_int_equal(mkdir(p->home, 0700), 0);
	assert_int_equal(mkdir(p->credentials, 0700), 0);
	assert_int_equal(setenv("PRACTICUM_KEYS", p->keys, 1), 0);
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	p->key = data_key_new(p->home, &prac_env_system);
	*state = p;
	return 0;
}

static void empty(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		(void)unlink(file_of(folder, entry->d_name)); /* not the dots */
	}
	if (dir != NULL) {
		(void)closedir(dir);
		assert_int_equal(rmdir(folder), 0);
	}
}

static int tear_down(void **state)
{
	struct place *p = *state;
	data_key_source(p->key)->erase(data_key_source(p->key)->ctx);
	data_key_free(p->key);
	empty(p->home);
	empty(p->keys);
	empty(p->other);
	empty(p->credentials);
	assert_int_equal(rmdir(p->root), 0);
	free(p);
	return 0;
}

/* As the next process finds it. */
static enum prac_status get_anew(struct place *p, bool may_make)
{
	const struct replica_keys *keys;

	data_key_free(p->key);
	p->key = data_key_new(p->home, &prac_env_system);
	keys = data_key_source(p->key);
	memset(p->text, 0, sizeof(p->text));
	return keys->get(keys->ctx, may_make, p->bytes, p->text);
}

static struct key_file read_file(struct place *p)
{
	struct prac_buf buf = { 0 };
	struct key_file file;

	assert_int_equal(folder_read(p->home, KEY_FILE, KEY_FILE_MAX, &buf), PRAC_OK);
	assert_int_equal(key_file_parse(prac_buf_bytes(&buf), &file), PRAC_OK);
	prac_buf_deinit(&buf);
	return file;
}

static const char *station_file(struct place *p)
{
	const struct key_file file = read_file(p);
	static char name[64];
	struct prac_buf buf = { 0 };

	key_hex(file.id.b, sizeof(file.id.b), &buf);
	(void)snprintf(name, sizeof(name), "%.*s.key", (int)prac_buf_len(&buf),
		(const char *)prac_buf_bytes(&buf).data);
	prac_buf_deinit(&buf);
	return name;
}

static void a_station_opens_its_key_with_nobody_there(void **state)
{
	struct place *p = *state;
	uint8_t made[PRAC_SEAL_KEY];
	struct stat info;

	assert_int_equal(get_anew(p, true), PRAC_OK);
	memcpy(made, p->bytes, sizeof(made));
	assert_int_equal(get_anew(p, false), PRAC_OK);
	assert_memory_equal(p->bytes, made, sizeof(made));
	assert_int_equal(read_file(p).entries[0].by, KEY_BY_FILE);
	assert_int_equal(stat(file_of(p->keys, station_file(p)), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
}

static void a_folder_without_the_machines_key_file_does_not_open(void **state)
{
	struct place *p = *state;
	uint8_t made[PRAC_SEAL_KEY];

	assert_int_equal(get_anew(p, true), PRAC_OK);
	memcpy(made, p->bytes, sizeof(made));
	assert_int_equal(setenv("PRACTICUM_KEYS", p->other, 1), 0);
	assert_int_equal(get_anew(p, false), PRAC_FAILED_PRECONDITION);
	assert_non_null(strstr(p->text, "wrapped to another machine"));
	assert_non_null(strstr(p->text, "enroll anew"));
	assert_int_equal(get_anew(p, true), PRAC_FAILED_PRECONDITION); /* and makes no other one */
	assert_int_equal(setenv("PRACTICUM_KEYS", p->keys, 1), 0);
	assert_int_equal(get_anew(p, false), PRAC_OK);
	assert_memory_equal(p->bytes, made, sizeof(made));
}

static void files_that_others_may_read_are_refused(void **state)
{
	struct place *p = *state;

	assert_int_equal(get_anew(p, true), PRAC_OK);
	assert_int_equal(chmod(file_of(p->keys, station_file(p)), 0640), 0);
	assert_int_equal(get_anew(p, false), PRAC_FAILED_PRECONDITION);
	assert_non_null(strstr(p->text, "others may read"));
	assert_int_equal(chmod(file_of(p->keys, station_file(p)), 0600), 0);
	assert_int_equal(chmod(file_of(p->home, KEY_FILE), 0604), 0);
	assert_int_equal(get_anew(p, false), PRAC_FAILED_PRECONDITION);
	assert_non_null(strstr(p->text, "data.key"));
}

static void a_damaged_or_missing_file_is_named_and_nothing_is_made_in_its_place(void **state)
{
	struct place *p = *state;

	assert_int_equal(get_anew(p, false), PRAC_FAILED_PRECONDITION);
	assert_non_null(strstr(p->text, "data.key is missing"));
	assert_int_equal(access(file_of(p->home, KEY_FILE), F_OK), -1);
	assert_int_equal(get_anew(p, true), PRAC_OK);
	assert_int_equal(folder_write(p->home, KEY_FILE, prac_bytes_text("practicum\n")), PRAC_OK);
	assert_int_equal(get_anew(p, true), PRAC_DATA_LOSS);
	assert_non_null(strstr(p->text, "damaged"));
}

static void another_key_file_does_not_open_it(void **state)
{
	struct place *p = *state;

	assert_int_equal(get_anew(p, true), PRAC_OK);
	assert_int_equal(folder_write(p->keys, station_file(p),
				 prac_bytes_text("00112233445566778899aabbccddeeff"
						 "00112233445566778899aabbccddeeff")),
		PRAC_OK);
	assert_int_equal(get_anew(p, false), PRAC_FAILED_PRECONDITION);
	assert_non_null(strstr(p->text, "does not open"));
}

static void a_credential_of_the_service_comes_before_a_key_file(void **state)
{
	struct place *p = *state;
	uint8_t made[PRAC_SEAL_KEY];
	struct replica_key_id id;

	assert_int_equal(folder_write(p->credentials, "practicum-station",
				 (struct prac_bytes){ credential, sizeof(credential) }),
		PRAC_OK);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", p->credentials, 1), 0);
	assert_int_equal(get_anew(p, true), PRAC_OK);
	memcpy(made, p->bytes, sizeof(made));
	id = replica_key_id(made);
	assert_int_equal(read_file(p).entries[0].by, KEY_BY_CREDENTIAL);
	assert_int_equal(access(p->keys, F_OK), -1);
	/* A command beside the service takes it from the keyring; after a start of the machine nobody has it. */
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	if (held_works()) {
		held_drop(&id);
		assert_int_equal(held_put(made, 0), true);
		assert_int_equal(get_anew(p, false), PRAC_OK);
	}
	held_drop(&id);
	assert_int_equal(get_anew(p, false), PRAC_FAILED_PRECONDITION);
	assert_non_null(strstr(p->text, "credential"));
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", p->credentials, 1), 0);
	assert_int_equal(get_anew(p, false), PRAC_OK);
	assert_memory_equal(p->bytes, made, sizeof(made));
	held_drop(&id);
}

static void a_short_credential_is_refused(void **state)
{
	struct place *p = *state;

	assert_int_equal(
		folder_write(p->credentials, "practicum-station", prac_bytes_text("short")),
		PRAC_OK);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", p->credentials, 1), 0);
	assert_int_equal(get_anew(p, true), PRAC_FAILED_PRECONDITION);
	assert_non_null(strstr(p->text, "32 to 1024"));
}

static void an_erased_key_is_had_by_nobody(void **state)
{
	struct place *p = *state;
	char path[400];

	assert_int_equal(get_anew(p, true), PRAC_OK);
	(void)snprintf(path, sizeof(path), "%s", file_of(p->keys, station_file(p)));
	data_key_source(p->key)->erase(data_key_source(p->key)->ctx);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(access(file_of(p->home, KEY_FILE), F_OK), -1);
	assert_int_equal(get_anew(p, false), PRAC_FAILED_PRECONDITION);
}

/* ---- people */

struct someone {
	struct prac_id id;
	const char *password;
	uint8_t salt[PRAC_PASSWORD_SALT];
};

static enum prac_status sign_in(struct place *p, const struct someone *who, const char *former)
{
	uint8_t made[PRAC_PASSWORD_KEY];
	const struct data_key_person person = { .id = who->id,
		.password = prac_bytes_text(who->password),
		.former = prac_bytes_text(former),
		.salt = who->salt,
		.made = made,
		.seconds = 60 };

	assert_int_equal(prac_password_key(person.password, who->salt, made), PRAC_OK);
	return data_key_sign_in(p->key, &person, p->text);
}

static void make_personal(struct place *p)
{
	if (!held_works()) {
		skip();
	}
	assert_int_equal(data_key_make_personal(p->key, p->text), PRAC_OK);
}

static const struct someone ann = { { { 1 } }, "correct horse battery", { 1 } };
static const struct someone bob = { { { 2 } }, "another long password", { 2 } };

static void a_personal_device_opens_only_while_somebody_is_signed_in(void **state)
{
	struct place *p = *state;
	uint8_t made[PRAC_SEAL_KEY];

	make_personal(p);
	assert_int_equal(get_anew(p, true), PRAC_UNAUTHENTICATED);
	assert_non_null(strstr(p->text, "nobody is signed in"));
	assert_int_equal(sign_in(p, &ann, ""), PRAC_OK);
	assert_int_equal(get_anew(p, true), PRAC_OK);
	memcpy(made, p->bytes, sizeof(made));
	assert_true(data_key_is_open(p->key));
	data_key_close(p->key);
	assert_false(data_key_is_open(p->key));
	assert_int_equal(get_anew(p, false), PRAC_UNAUTHENTICATED);
	assert_int_equal(sign_in(p, &ann, ""), PRAC_OK);
	assert_int_equal(get_anew(p, false), PRAC_OK);
	assert_memory_equal(p->bytes, made, sizeof(made));
}

static void the_key_ends_by_itself_when_nobody_is_there(void **state)
{
	struct place *p = *state;

	make_personal(p);
	assert_int_equal(sign_in(p, &ann, ""), PRAC_OK);
	data_key_extend(p->key, 1);
	assert_int_equal(get_anew(p, false), PRAC_OK);
	sleep(2);
	assert_int_equal(get_anew(p, false), PRAC_UNAUTHENTICATED);
}

static void another_person_gets_it_only_from_one_who_has_it_open(void **state)
{
	struct place *p = *state;

	make_personal(p);
	assert_int_equal(sign_in(p, &ann, ""), PRAC_OK);
	data_key_close(p->key);
	assert_int_equal(sign_in(p, &bob, ""), PRAC_FAILED_PRECONDITION);
	assert_non_null(strstr(p->text, "somebody else"));
	assert_int_equal(sign_in(p, &ann, ""), PRAC_OK);
	assert_int_equal(sign_in(p, &bob, ""), PRAC_OK);
	data_key_close(p->key);
	assert_int_equal(sign_in(p, &bob, ""), PRAC_OK);
	assert_int_equal(read_file(p).n_entries, 2);
}

static void a_new_password_opens_with_the_former_one_and_alone_from_then_on(void **state)
{
	static const struct someone changed = { { { 1 } }, "a password chosen later", { 9 } };
	struct place *p = *state;

	make_personal(p);
	assert_int_equal(sign_in(p, &ann, ""), PRAC_OK);
	data_key_close(p->key);
	assert_int_equal(sign_in(p, &changed, ""), PRAC_FAILED_PRECONDITION);
	assert_non_null(strstr(p->text, "the password you had before"));
	assert_int_equal(sign_in(p, &changed, "not that one"), PRAC_FAILED_PRECONDITION);
	assert_int_equal(sign_in(p, &changed, ann.password), PRAC_OK);
	data_key_close(p->key);
	assert_int_equal(sign_in(p, &changed, ""), PRAC_OK);
	data_key_close(p->key);
	assert_int_equal(sign_in(p, &ann, ""), PRAC_FAILED_PRECONDITION);
	assert_int_equal(read_file(p).n_entries, 1);
}

static void a_folder_with_a_key_does_not_become_personal(void **state)
{
	struct place *p = *state;

	assert_int_equal(get_anew(p, true), PRAC_OK);
	assert_int_equal(data_key_make_personal(p->key, p->text), PRAC_FAILED_PRECONDITION);
}

/* ---- the file */

#define HEAD    "practicum data key 1 "
#define ID      "id 00000000000000000000000000000000\n"
#define HEX8    "0011223344556677"
#define WRAPPED HEX8 HEX8 HEX8 HEX8 HEX8 HEX8 HEX8 HEX8 HEX8
#define PERSON  "person " HEX8 HEX8 " " HEX8 HEX8 " " WRAPPED "\n"

static void what_is_no_key_file_is_refused(void **state)
{
	static const char *const texts[] = { "", "practicum data key 2 machine\n", HEAD "machine\n",
		HEAD "machine\n" ID, HEAD "people\n", HEAD "personal\n" ID,
		HEAD "machine\n" ID PERSON, HEAD "personal\n" ID "file " WRAPPED "\n",
		HEAD "personal\n" ID PERSON PERSON, HEAD "machine\n" ID "file " WRAPPED,
		HEAD "machine\n" ID "file " WRAPPED "00\n",
		HEAD "machine\n" ID "file  " WRAPPED "\n",
		HEAD "machine\n" ID "file " WRAPPED "\ncredential " WRAPPED "\n" };
	struct key_file file;

	(void)state;
	for (size_t i = 0; i < PRAC_NELEM(texts); i++) {
		assert_int_equal(key_file_parse(prac_bytes_text(texts[i]), &file), PRAC_DATA_LOSS);
	}
	assert_int_equal(
		key_file_parse(prac_bytes_text(HEAD "machine\n" ID "file " WRAPPED "\n"), &file),
		PRAC_OK);
	assert_int_equal(
		key_file_parse(prac_bytes_text(HEAD "personal\n" ID PERSON), &file), PRAC_OK);
}

/* An entry is bound to its person: one that is written to another's name opens nothing. */
static void an_entry_moved_to_another_person_does_not_open(void **state)
{
	const uint8_t secret[PRAC_SEAL_KEY] = { 1 }, key[PRAC_SEAL_KEY] = { 2 };
	struct key_entry entry = { .by = KEY_BY_PERSON, .person = ann.id };
	struct key_file file = { .is_personal = true };
	uint8_t out[PRAC_SEAL_KEY];

	(void)state;
	assert_int_equal(key_file_wrap(&file, &entry, secret, key, &prac_env_system), PRAC_OK);
	assert_int_equal(key_file_unwrap(&file, &file.entries[0], secret, out), PRAC_OK);
	assert_memory_equal(out, key, sizeof(key));
	file.entries[0].person = bob.id;
	assert_int_equal(key_file_unwrap(&file, &file.entries[0], secret, out), PRAC_DATA_LOSS);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_station_opens_its_key_with_nobody_there),
		CASE(a_folder_without_the_machines_key_file_does_not_open),
		CASE(files_that_others_may_read_are_refused),
		CASE(a_damaged_or_missing_file_is_named_and_nothing_is_made_in_its_place),
		CASE(another_key_file_does_not_open_it),
		CASE(a_credential_of_the_service_comes_before_a_key_file),
		CASE(a_short_credential_is_refused),
		CASE(an_erased_key_is_had_by_nobody),
		CASE(a_personal_device_opens_only_while_somebody_is_signed_in),
		CASE(the_key_ends_by_itself_when_nobody_is_there),
		CASE(another_person_gets_it_only_from_one_who_has_it_open),
		CASE(a_new_password_opens_with_the_former_one_and_alone_from_then_on),
		CASE(a_folder_with_a_key_does_not_become_personal),
		cmocka_unit_test(what_is_no_key_file_is_refused),
		cmocka_unit_test(an_entry_moved_to_another_person_does_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
