#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/totp.h"

/* Secret and times of RFC 6238, appendix B; the last six of its eight digits. */
static const char secret[] = "12345678901234567890";

static void the_codes_are_those_of_rfc_6238(void **state)
{
	static const struct {
		int64_t now_s;
		uint32_t code;
	} vectors[] = { { 59, 287082 }, { 1111111109, 81804 }, { 1111111111, 50471 },
		{ 1234567890, 5924 }, { 2000000000, 279037 }, { 20000000000, 353130 } };

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		assert_int_equal(prac_totp_code(prac_bytes_text(secret),
					 (uint64_t)vectors[i].now_s / PRAC_TOTP_STEP_S),
			vectors[i].code);
	}
}

static void a_code_holds_for_its_step_and_the_ones_beside_it(void **state)
{
	struct prac_bytes key = prac_bytes_text(secret);

	(void)state;
	assert_int_equal(prac_totp_find(key, "081804", 1111111109, 0), 37037036);
	assert_int_equal(prac_totp_find(key, "081 804", 1111111109 + 30, 0), 37037036);
	assert_int_equal(prac_totp_find(key, "081804", 1111111109 - 30, 0), 37037036);
	assert_int_equal(prac_totp_find(key, "081804", 1111111109 + 61, 0), 0);
}

static void a_code_counts_once(void **state)
{
	(void)state;
	assert_int_equal(
		prac_totp_find(prac_bytes_text(secret), "081804", 1111111109, 37037036), 0);
}

static void what_is_no_six_digits_is_no_code(void **state)
{
	static const char *const wrong[] = { "", "81804", "0818040", "08180x", "-81804",
		"081804a" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(
			prac_totp_find(prac_bytes_text(secret), wrong[i], 1111111109, 0), 0);
	}
}

static void a_secret_prints_as_base_32(void **state)
{
	uint8_t bytes[PRAC_TOTP_SECRET] = "foobarfoobarfoobarfoobarfoobarfo";
	char text[PRAC_TOTP_SECRET_TEXT];

	(void)state;
	prac_totp_secret_format(bytes, text);
	assert_string_equal(text, "MZXW6YTBOJTG633CMFZGM33PMJQXEZTPN5RGC4TGN5XWEYLSMZXQ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_codes_are_those_of_rfc_6238),
		cmocka_unit_test(a_code_holds_for_its_step_and_the_ones_beside_it),
		cmocka_unit_test(a_code_counts_once),
		cmocka_unit_test(what_is_no_six_digits_is_no_code),
		cmocka_unit_test(a_secret_prints_as_base_32),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
