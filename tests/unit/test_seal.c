#include "common/base/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t key[PRAC_SEAL_KEY] = { 1, 2, 3 };
static const uint8_t other_key[PRAC_SEAL_KEY] = { 1, 2, 4 };

static void what_was_sealed_comes_back(void **state)
{
	struct prac_arena arena = { 0 };
	struct prac_bytes sealed =
		prac_seal(key, prac_bytes_text("the secret"), &prac_env_system, &arena);
	struct prac_bytes secret;

	(void)state;
	assert_int_equal(sealed.len, 50);
	assert_int_equal(prac_unseal(key, sealed, &arena, &secret), PRAC_OK);
	assert_true(prac_bytes_equal(secret, prac_bytes_text("the secret")));
	prac_arena_deinit(&arena);
}

static void equal_secrets_look_different(void **state)
{
	struct prac_arena arena = { 0 };

	(void)state;
	assert_false(prac_bytes_equal(
		prac_seal(key, prac_bytes_text("the secret"), &prac_env_system, &arena),
		prac_seal(key, prac_bytes_text("the secret"), &prac_env_system, &arena)));
	prac_arena_deinit(&arena);
}

static void every_changed_or_missing_byte_is_noticed(void **state)
{
	struct prac_arena arena = { 0 };
	struct prac_bytes sealed = prac_seal(key, prac_bytes_text("x"), &prac_env_system, &arena);
	struct prac_bytes secret;
	uint8_t changed[64];

	(void)state;
	for (size_t i = 0; i < sealed.len; i++) {
		memcpy(changed, sealed.data, sealed.len);
		changed[i] ^= 1;
		assert_int_equal(prac_unseal(key, (struct prac_bytes){ changed, sealed.len },
					 &arena, &secret),
			PRAC_DATA_LOSS);
		assert_int_equal(
			prac_unseal(key, (struct prac_bytes){ sealed.data, i }, &arena, &secret),
			PRAC_DATA_LOSS);
	}
	prac_arena_deinit(&arena);
}

static void another_key_opens_nothing(void **state)
{
	struct prac_arena arena = { 0 };
	struct prac_bytes sealed = prac_seal(key, prac_bytes_text("x"), &prac_env_system, &arena);
	struct prac_bytes secret;

	(void)state;
	assert_int_equal(prac_unseal(other_key, sealed, &arena, &secret), PRAC_DATA_LOSS);
	prac_arena_deinit(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sealed_comes_back),
		cmocka_unit_test(equal_secrets_look_different),
		cmocka_unit_test(every_changed_or_missing_byte_is_noticed),
		cmocka_unit_test(another_key_opens_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
