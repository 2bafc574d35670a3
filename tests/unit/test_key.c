#include "common/wire/key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct prac_arena arena;
static struct prac_key *key;

static int setup(void **state)
{
	(void)state;
	return prac_key_new(&key) == PRAC_OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	prac_key_free(key);
	key = NULL;
	prac_arena_deinit(&arena);
	return 0;
}

/* openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 */
static const char p384_pem[] = "-----BEGIN PRIVATE KEY-----\n"
			       "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDD2NDZtp1x4eAn+FXUP\n"
			       "Oh6Y68i8+0t/UXyloHwlnWl1N2VIuWFgp4K0r5caO0LVufehZANiAASuGbe8cUJx\n"
			       "ujsZu0rdpCbPkzN3/SL8hilC/TX/5FBznxT2MVszbb8OqxR0oMxWE+o7NniwBpX7\n"
			       "KnIB9hCAVcO2lWljORYeKaguJAQVT7a2T1XeHR5YFJjAurULxlemPQg=\n"
			       "-----END PRIVATE KEY-----\n";

/* openssl req -new -key p384.pem -subj /CN=x -outform DER */
static const uint8_t p384_csr[] = {
	0x30,
	0x82,
	0x01,
	0x04,
	0x30,
	0x81,
	0x8b,
	0x02,
	0x01,
	0x00,
	0x30,
	0x0c,
	0x31,
	0x0a,
	0x30,
	0x08,
	0x06,
	0x03,
	0x55,
	0x04,
	0x03,
	0x0c,
	0x01,
	0x78,
	0x30,
	0x76,
	0x30,
	0x10,
	0x06,
	0x07,
	0x2a,
	0x86,
	0x48,
	0xce,
	0x3d,
	0x02,
	0x01,
	0x06,
	0x05,
	0x2b,
	0x81,
	0x04,
	0x00,
	0x22,
	0x03,
	0x62,
	0x00,
	0x04,
	0xae,
	0x19,
	0xb7,
	0xbc,
	0x71,
	0x42,
	0x71,
	0xba,
	0x3b,
	0x19,
	0xbb,
	0x4a,
	0xdd,
	0xa4,
	0x26,
	0xcf,
	0x93,
	0x33,
	0x77,
	0xfd,
	0x22,
	0xfc,
	0x86,
	0x29,
	0x42,
	0xfd,
	0x35,
	0xff,
	0xe4,
	0x50,
	0x73,
	0x9f,
	0x14,
	0xf6,
	0x31,
	0x5b,
	0x33,
	0x6d,
	0xbf,
	0x0e,
	0xab,
	0x14,
	0x74,
	0xa0,
	0xcc,
	0x56,
	0x13,
	0xea,
	0x3b,
	0x36,
	0x78,
	0xb0,
	0x06,
	0x95,
	0xfb,
	0x2a,
	0x72,
	0x01,
	0xf6,
	0x10,
	0x80,
	0x55,
	0xc3,
	0xb6,
	0x95,
	0x69,
	0x63,
	0x39,
	0x16,
	0x1e,
	0x29,
	0xa8,
	0x2e,
	0x24,
	0x04,
	0x15,
	0x4f,
	0xb6,
	0xb6,
	0x4f,
	0x55,
	0xde,
	0x1d,
	0x1e,
	0x58,
	0x14,
	0x98,
	0xc0,
	0xba,
	0xb5,
	0x0b,
	0xc6,
	0x57,
	0xa6,
	0x3d,
	0x08,
	0xa0,
	0x00,
	0x30,
	0x0a,
	0x06,
	0x08,
	0x2a,
	0x86,
	0x48,
	0xce,
	0x3d,
	0x04,
	0x03,
	0x02,
	0x03,
	0x68,
	0x00,
	0x30,
	0x65,
	0x02,
	0x31,
	0x00,
	0xa4,
	0x56,
	0x95,
	0x65,
	0x78,
	0xff,
	0xfb,
	0x0e,
	0x1d,
	0x37,
	0x53,
	0xda,
	0xe6,
	0x57,
	0x6e,
	0x96,
	0x91,
	0xfd,
	0xba,
	0x3d,
	0x94,
	0x3d,
	0x23,
	0x17,
	0xb4,
	0x3d,
	0xc4,
	0xbd,
	0x33,
	0x03,
	0xa0,
	0xcf,
	0xba,
	0x52,
	0xf6,
	0x80,
	0x0f,
	0x0d,
	0xf8,
	0xc5,
	0x8d,
	0x56,
	0x75,
	0xa2,
	0x5c,
	0x7b,
	0x34,
	0x9a,
	0x02,
	0x30,
	0x6d,
	0xff,
	0x1d,
	0x41,
	0x6b,
	0xa8,
	0x07,
	0x8c,
	0x72,
	0x28,
	0xed,
	0xf9,
	0xf4,
	0xb6,
	0xc5,
	0xe9,
	0x92,
	0x74,
	0x9a,
	0x3f,
	0x6a,
	0x9c,
	0x1a,
	0xd7,
	0x0c,
	0x95,
	0xc6,
	0xb9,
	0xc7,
	0x92,
	0x0b,
	0xf0,
	0x8e,
	0xfb,
	0x28,
	0x95,
	0x9a,
	0x40,
	0x0a,
	0x8c,
	0x51,
	0xb5,
	0x14,
	0xee,
	0x82,
	0x83,
	0x84,
	0x37,
};

static void a_key_survives_pem(void **state)
{
	struct prac_buf pem = { 0 };
	struct prac_key *again = NULL;
	struct prac_bytes spki;
	struct prac_bytes spki_again;

	(void)state;
	assert_int_equal(prac_key_to_pem(key, &pem), PRAC_OK);
	assert_memory_equal(prac_buf_bytes(&pem).data, "-----BEGIN PRIVATE KEY-----\n", 28);
	assert_int_equal(prac_key_from_pem(prac_buf_bytes(&pem), &again), PRAC_OK);
	assert_int_equal(prac_key_spki(key, &arena, &spki), PRAC_OK);
	assert_int_equal(prac_key_spki(again, &arena, &spki_again), PRAC_OK);
	assert_true(prac_bytes_equal(spki, spki_again));
	prac_key_free(again);
	prac_wipe(&pem);
	assert_null(pem.data);
}

static void refuses_what_is_no_p256_key(void **state)
{
	struct prac_key *other = NULL;

	(void)state;
	assert_int_equal(prac_key_from_pem(prac_bytes_text(""), &other), PRAC_INVALID_ARGUMENT);
	assert_int_equal(prac_key_from_pem(prac_bytes_text("-----BEGIN PRIVATE KEY-----\nAAAA\n"
							   "-----END PRIVATE KEY-----\n"),
				 &other),
		PRAC_INVALID_ARGUMENT);
	assert_int_equal(
		prac_key_from_pem(prac_bytes_text(p384_pem), &other), PRAC_INVALID_ARGUMENT);
	assert_null(other);
}

static void a_request_yields_the_public_key(void **state)
{
	struct prac_bytes csr;
	struct prac_bytes spki;
	struct prac_bytes expected;

	(void)state;
	assert_int_equal(prac_csr_new(key, &arena, &csr), PRAC_OK);
	assert_int_equal(prac_csr_check(csr, &arena, &spki), PRAC_OK);
	assert_int_equal(prac_key_spki(key, &arena, &expected), PRAC_OK);
	assert_true(prac_bytes_equal(spki, expected));
}

static void a_request_of_another_curve_is_refused(void **state)
{
	struct prac_bytes spki;

	(void)state;
	assert_int_equal(
		prac_csr_check((struct prac_bytes){ p384_csr, sizeof(p384_csr) }, &arena, &spki),
		PRAC_INVALID_ARGUMENT);
}

/* Each byte of a request is covered by its structure or its signature. */
static void a_request_with_a_flipped_bit_is_refused(void **state)
{
	struct prac_bytes csr;
	struct prac_bytes spki;
	uint8_t *copy;

	(void)state;
	assert_int_equal(prac_csr_new(key, &arena, &csr), PRAC_OK);
	copy = prac_arena_alloc(&arena, csr.len);
	for (size_t i = 0; i < csr.len; i++) {
		memcpy(copy, csr.data, csr.len);
		copy[i] ^= 1;
		assert_int_equal(
			prac_csr_check((struct prac_bytes){ copy, csr.len }, &arena, &spki),
			PRAC_INVALID_ARGUMENT);
	}
}

static void a_request_ends_where_its_bytes_end(void **state)
{
	struct prac_bytes csr;
	struct prac_bytes spki;
	uint8_t *longer;

	(void)state;
	assert_int_equal(prac_csr_new(key, &arena, &csr), PRAC_OK);
	longer = prac_arena_alloc(&arena, 5000);
	memcpy(longer, csr.data, csr.len);
	assert_int_equal(prac_csr_check((struct prac_bytes){ longer, csr.len - 1 }, &arena, &spki),
		PRAC_INVALID_ARGUMENT);
	assert_int_equal(prac_csr_check((struct prac_bytes){ longer, csr.len + 1 }, &arena, &spki),
		PRAC_INVALID_ARGUMENT);
	assert_int_equal(prac_csr_check((struct prac_bytes){ longer, 5000 }, &arena, &spki),
		PRAC_INVALID_ARGUMENT);
	assert_int_equal(prac_csr_check((struct prac_bytes){ NULL, 0 }, &arena, &spki),
		PRAC_INVALID_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_key_survives_pem, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_what_is_no_p256_key, setup, teardown),
		cmocka_unit_test_setup_teardown(a_request_yields_the_public_key, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_request_of_another_curve_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_request_with_a_flipped_bit_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_request_ends_where_its_bytes_end, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
