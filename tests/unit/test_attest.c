#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/sync/attest.h"

enum {
	HOUR_MS = 60 * 60 * 1000
};

static uint8_t public_key[PRAC_SIGN_PUBLIC], secret[PRAC_SIGN_SECRET];

static bool holds_as(const struct prac_attestation *made, const struct prac_attestation *shown)
{
	uint8_t bytes[PRAC_ATTEST_LEN], signature[PRAC_SIGN_LEN];

	prac_attest_bytes(made, bytes);
	prac_sign(secret, (struct prac_bytes){ bytes, sizeof(bytes) }, signature);
	return prac_attest_verify(shown, (struct prac_bytes){ public_key, sizeof(public_key) },
		(struct prac_bytes){ signature, sizeof(signature) });
}

static const struct prac_attestation made = { .device = { { 1 } },
	.person = { { 2 } },
	.starts_ms = HOUR_MS,
	.ends_ms = INT64_C(9) * HOUR_MS };

static void what_was_signed_holds(void **state)
{
	(void)state;
	assert_true(holds_as(&made, &made));
}

static void another_device_person_or_time_does_not(void **state)
{
	struct prac_attestation shown = made;

	(void)state;
	shown.device.b[0]++;
	assert_false(holds_as(&made, &shown));
	shown = made;
	shown.person.b[15]++;
	assert_false(holds_as(&made, &shown));
	shown = made;
	shown.starts_ms--;
	assert_false(holds_as(&made, &shown));
	shown = made;
	shown.ends_ms++;
	assert_false(holds_as(&made, &shown));
}

static void nobody_is_there_for_longer_than_twelve_hours(void **state)
{
	struct prac_attestation longer = made;

	(void)state;
	longer.ends_ms = longer.starts_ms + INT64_C(12) * HOUR_MS;
	assert_true(holds_as(&longer, &longer));
	longer.ends_ms++;
	assert_false(holds_as(&longer, &longer));
	longer.ends_ms = longer.starts_ms;
	assert_false(holds_as(&longer, &longer));
	longer.starts_ms = -1;
	assert_false(holds_as(&longer, &longer));
	longer.starts_ms = INT64_MIN;
	longer.ends_ms = INT64_MAX;
	assert_false(holds_as(&longer, &longer));
}

static void the_signed_bytes_are_those_of_the_protocol(void **state)
{
	uint8_t bytes[PRAC_ATTEST_LEN];

	(void)state;
	prac_attest_bytes(&made, bytes);
	assert_memory_equal(bytes, "practicum attestation 1", 24);
	assert_memory_equal(bytes + 24, made.device.b, 16);
	assert_memory_equal(bytes + 40, made.person.b, 16);
	assert_memory_equal(bytes + 56, "\0\0\0\0\0\x36\xEE\x80", 8);
	assert_memory_equal(bytes + 64, "\0\0\0\0\x01\xEE\x62\x80", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_signed_holds),
		cmocka_unit_test(another_device_person_or_time_does_not),
		cmocka_unit_test(nobody_is_there_for_longer_than_twelve_hours),
		cmocka_unit_test(the_signed_bytes_are_those_of_the_protocol),
	};

	prac_sign_key_new(public_key, secret);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
