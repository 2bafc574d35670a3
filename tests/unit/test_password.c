#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/password.h"
#include "common/base/sign.h"

static const char *problem(const char *password)
{
	return prac_password_problem(prac_bytes_text(password), "ada.ray");
}

static void twelve_characters_are_enough_and_eleven_are_not(void **state)
{
	(void)state;
	assert_null(problem("vexing-otter"));
	assert_non_null(problem("vexing-ottr"));
	/* Characters, not bytes. */
	assert_non_null(problem("\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9zebra"));
	assert_null(problem("\u00e9t\u00e9 quarante d"));
}

static void no_kind_of_character_is_asked_for(void **state)
{
	(void)state;
	assert_null(problem("four green herons wading"));
}

static void assert_refused(const char *password)
{
	if (problem(password) == NULL) {
		fail_msg("%s was taken", password);
	}
}

static void passwords_that_are_tried_first_are_refused(void **state)
{
	static const char *const common[] = { "password1234", "P@ssw0rd-2026!", "qwertyuiop123",
		"123456789012", "abababababab", "hunterhunter", "Iloveyou!!!!", "changeme2026",
		"  Welcome2026  ", "ada.ray202627", "aaaaaaaaaaaa", "!!!!!!!!!!!!!" };

	(void)state;
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++) {
		assert_refused(common[i]);
	}
}

static void a_password_is_text_of_at_most_256_bytes(void **state)
{
	char text[258];

	(void)state;
	for (size_t i = 0; i < 257; i++) {
		text[i] = (char)('a' + i * i % 26);
	}
	text[257] = '\0';
	assert_non_null(problem(text));
	text[256] = '\0';
	assert_null(problem(text));
	assert_non_null(problem("\xff\xfe vexing otter"));
	assert_non_null(prac_password_problem(
		(struct prac_bytes){ (const uint8_t *)"vexing\0otters", 13 }, NULL));
	assert_non_null(prac_password_problem((struct prac_bytes){ NULL, 0 }, NULL));
}

/* 64 MiB and two passes, with version 1.3 of Argon2id. */
#define COST "$argon2id$v=19$m=65536,t=2,p=1$"

static void only_the_password_that_was_hashed_verifies(void **state)
{
	struct prac_digest right = prac_sha256(prac_bytes_text("right"));
	struct prac_digest wrong = prac_sha256(prac_bytes_text("wrong"));
	char hash[PRAC_PASSWORD_HASH];

	(void)state;
	assert_int_equal(prac_password_hash(&right, hash), PRAC_OK);
	assert_int_equal(strncmp(hash, COST, strlen(COST)), 0);
	assert_int_equal(prac_password_verify(hash, &right), PRAC_OK);
	assert_int_equal(prac_password_verify(hash, &wrong), PRAC_UNAUTHENTICATED);
	assert_int_equal(prac_password_verify("", &right), PRAC_UNAUTHENTICATED);
}

static void nobodys_hash_costs_as_much_as_anybodys(void **state)
{
	struct prac_digest any = prac_sha256(prac_bytes_text("any"));

	(void)state;
	assert_int_equal(strncmp(prac_password_nobody(), COST, strlen(COST)), 0);
	assert_int_equal(prac_password_verify(prac_password_nobody(), &any), PRAC_UNAUTHENTICATED);
}

static void a_key_follows_from_password_and_salt(void **state)
{
	uint8_t salt[PRAC_PASSWORD_SALT] = { 1 };
	uint8_t keys[3][PRAC_PASSWORD_KEY];
	struct prac_bytes password = prac_bytes_text("vexing otter");

	(void)state;
	assert_int_equal(prac_password_key(password, salt, keys[0]), PRAC_OK);
	assert_int_equal(prac_password_key(password, salt, keys[1]), PRAC_OK);
	salt[0] = 2;
	assert_int_equal(prac_password_key(password, salt, keys[2]), PRAC_OK);
	assert_memory_equal(keys[0], keys[1], PRAC_PASSWORD_KEY);
	assert_memory_not_equal(keys[0], keys[2], PRAC_PASSWORD_KEY);
}

static void a_signature_holds_for_its_message_and_key_only(void **state)
{
	uint8_t public_key[2][PRAC_SIGN_PUBLIC], secret[2][PRAC_SIGN_SECRET];
	uint8_t signature[PRAC_SIGN_LEN];
	struct prac_bytes message = prac_bytes_text("ada was here");
	struct prac_bytes signed_bytes = { signature, sizeof(signature) };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		prac_sign_key_new(public_key[i], secret[i]);
	}
	prac_sign(secret[0], message, signature);
	assert_true(prac_sign_verify(
		(struct prac_bytes){ public_key[0], PRAC_SIGN_PUBLIC }, message, signed_bytes));
	assert_false(prac_sign_verify(
		(struct prac_bytes){ public_key[1], PRAC_SIGN_PUBLIC }, message, signed_bytes));
	assert_false(prac_sign_verify((struct prac_bytes){ public_key[0], PRAC_SIGN_PUBLIC },
		prac_bytes_text("ada was there"), signed_bytes));
	signed_bytes.len--;
	assert_false(prac_sign_verify(
		(struct prac_bytes){ public_key[0], PRAC_SIGN_PUBLIC }, message, signed_bytes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twelve_characters_are_enough_and_eleven_are_not),
		cmocka_unit_test(no_kind_of_character_is_asked_for),
		cmocka_unit_test(passwords_that_are_tried_first_are_refused),
		cmocka_unit_test(a_password_is_text_of_at_most_256_bytes),
		cmocka_unit_test(only_the_password_that_was_hashed_verifies),
		cmocka_unit_test(nobodys_hash_costs_as_much_as_anybodys),
		cmocka_unit_test(a_key_follows_from_password_and_salt),
		cmocka_unit_test(a_signature_holds_for_its_message_and_key_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
