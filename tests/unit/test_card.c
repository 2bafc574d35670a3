/* A card is half of a secret, its PIN the other half. */
#include "common/wire/card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct prac_enroll_code code = { .lookup = 0x12345,
	.secret = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 } };

static void the_login_of_a_card_tells_neither_code_nor_pin(void **state)
{
	struct prac_enroll_code other = code;
	char login[PRAC_CARD_LOGIN], again[PRAC_CARD_LOGIN], text[PRAC_ENROLL_TEXT];

	(void)state;
	prac_card_login(&code, login);
	assert_int_equal(strlen(login), 21);
	assert_int_equal(strspn(login + 5, "0123456789abcdef"), 16);
	assert_true(prac_card_is_login(login));
	assert_false(prac_card_is_login("ann.lee"));
	prac_enroll_code_format(&code, text);
	assert_null(strstr(login, text));
	assert_int_equal(prac_enroll_code_parse(text, &other), PRAC_OK);
	prac_card_login(&other, again);
	assert_string_equal(login, again);
	other.secret[9] ^= 1;
	prac_card_login(&other, again);
	assert_string_not_equal(login, again);
}

static void a_pin_is_checked_together_with_the_code(void **state)
{
	struct prac_enroll_code other = code;
	char password[PRAC_CARD_PASSWORD], with_other[PRAC_CARD_PASSWORD];

	(void)state;
	assert_int_equal(prac_card_password(&code, "123456", password), PRAC_OK);
	assert_int_equal(strlen(password), 36);
	assert_string_equal(password + 29, ":123456");
	other.secret[0] ^= 1;
	assert_int_equal(prac_card_password(&other, "123456", with_other), PRAC_OK);
	assert_string_not_equal(password, with_other);
	assert_int_equal(prac_card_password(&code, "123456789012", password), PRAC_OK);
}

static void a_pin_has_1_to_12_digits(void **state)
{
	static const char *const bad[] = { "", "1234567890123", "12a456", "12 456", "-12345" };
	char password[PRAC_CARD_PASSWORD];

	(void)state;
	for (size_t i = 0; i < PRAC_NELEM(bad); i++) {
		assert_int_equal(
			prac_card_password(&code, bad[i], password), PRAC_INVALID_ARGUMENT);
	}
}

static void a_pin_that_is_handed_out_has_6_digits(void **state)
{
	char pin[PRAC_CARD_PIN + 1];

	(void)state;
	for (int i = 0; i < 100; i++) {
		prac_card_pin(&prac_env_system, pin);
		assert_int_equal(strlen(pin), 6);
		assert_int_equal(strspn(pin, "0123456789"), 6);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_login_of_a_card_tells_neither_code_nor_pin),
		cmocka_unit_test(a_pin_is_checked_together_with_the_code),
		cmocka_unit_test(a_pin_has_1_to_12_digits),
		cmocka_unit_test(a_pin_that_is_handed_out_has_6_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
