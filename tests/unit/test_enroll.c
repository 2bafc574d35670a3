#include "common/wire/enroll.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* The literals below were computed apart from this code, the key with `openssl kdf`. */
static const struct prac_enroll_code code = { 0x12345, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 } };
static const char code_text[] = "28T5-0410-6105-0R3G-G28A-RWBY";

static const uint8_t exporter[PRAC_ENROLL_EXPORTER] = { 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a,
	0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a,
	0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a, 0x5a };

static void assert_digest(struct prac_digest digest, const char *hex)
{
	char text[PRAC_DIGEST_TEXT];

	prac_digest_format(&digest, text);
	assert_string_equal(text, hex);
}

static void assert_parses(const char *text)
{
	struct prac_enroll_code parsed = { 0 };

	assert_int_equal(prac_enroll_code_parse(text, &parsed), PRAC_OK);
	assert_int_equal(parsed.lookup, 0x12345);
	assert_memory_equal(parsed.secret, code.secret, sizeof(code.secret));
}

static void writes_six_groups_of_four(void **state)
{
	char text[PRAC_ENROLL_TEXT];

	(void)state;
	prac_enroll_code_format(&code, text);
	assert_string_equal(text, code_text);
}

static void reads_codes_as_people_write_them(void **state)
{
	(void)state;
	assert_parses(code_text);
	assert_parses("28t504106105 0r3gg28arwby");
	assert_parses("28T5-O4LO-6IO5-oR3G-G28A-RWBY"); /* O for 0, L and I for 1 */
	assert_parses(" 2-8T504106105--0R3GG28ARWBY ");
}

static void refuses_other_lengths_and_letters(void **state)
{
	static const char *const texts[] = { "", "28T5", "28T5-0410-6105-0R3G-G28A-RWB",
		"28T5-0410-6105-0R3G-G28A-RWBYY", "28T5-0410-6105-0R3G-G28A-RWBU",
		"28T5-0410-6105-0R3G-G28A-RWB!", "28T5_0410_6105_0R3G_G28A_RWBY" };
	struct prac_enroll_code parsed;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(prac_enroll_code_parse(texts[i], &parsed), PRAC_INVALID_ARGUMENT);
	}
}

static void sees_every_single_typing_error(void **state)
{
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	struct prac_enroll_code parsed;
	char text[PRAC_ENROLL_TEXT];

	(void)state;
	for (size_t i = 0; code_text[i] != '\0'; i++) {
		for (size_t k = 0; code_text[i] != '-' && letters[k] != '\0'; k++) {
			memcpy(text, code_text, sizeof(text));
			text[i] = letters[k];
			assert_int_equal(prac_enroll_code_parse(text, &parsed),
				letters[k] == code_text[i] ? PRAC_OK : PRAC_DATA_LOSS);
		}
	}
}

static void sees_neighbors_that_changed_places(void **state)
{
	struct prac_enroll_code parsed;
	char text[PRAC_ENROLL_TEXT];

	(void)state;
	for (size_t i = 0; i + 2 < sizeof(text); i++) {
		memcpy(text, code_text, sizeof(text));
		text[i] = code_text[i + 1];
		text[i + 1] = code_text[i];
		assert_int_equal(prac_enroll_code_parse(text, &parsed),
			code_text[i] == code_text[i + 1] || code_text[i] == '-' ||
					code_text[i + 1] == '-'
				? PRAC_OK
				: PRAC_DATA_LOSS);
	}
}

static void fill(void *ctx, void *out, size_t len)
{
	memset(out, *(const uint8_t *)ctx, len);
}

static void new_codes_survive_the_round_trip(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		uint8_t chance = (uint8_t)byte;
		const struct prac_env env = { .random = fill, .ctx = &chance };
		struct prac_enroll_code made;
		struct prac_enroll_code parsed;
		char text[PRAC_ENROLL_TEXT];

		prac_enroll_code_new(&env, &made);
		assert_true(made.lookup <= 0xfffff);
		prac_enroll_code_format(&made, text);
		assert_int_equal(prac_enroll_code_parse(text, &parsed), PRAC_OK);
		assert_int_equal(parsed.lookup, made.lookup);
		assert_memory_equal(parsed.secret, made.secret, sizeof(made.secret));
	}
}

static void the_key_is_hkdf_of_the_secret(void **state)
{
	(void)state;
	assert_digest(prac_enroll_key(&code),
		"aab7c0561fe93e480fab47fa6ec3ec233613a9c734dbbde4a946a488fca7cafd");
}

static void proofs_cover_side_connection_and_content(void **state)
{
	struct prac_digest key = prac_enroll_key(&code);

	(void)state;
	assert_digest(prac_enroll_client_proof(&key, exporter, prac_bytes_text("csr")),
		"982e319553a968861315aed4a2daae67d7f49873eed22d76474f1d7753a4703f");
	assert_digest(prac_enroll_server_proof(
			      &key, exporter, prac_bytes_text("chain"), prac_bytes_text("cert")),
		"1f5cefc54f7de72495c42123fb8ac51e03b7d2de1b347fb10df2a3fa0351110b");
}

/* Bytes that move from the chain to the certificate must change the proof. */
static void the_border_of_chain_and_certificate_is_proved(void **state)
{
	struct prac_digest key = prac_enroll_key(&code);
	struct prac_digest a = prac_enroll_server_proof(
		&key, exporter, prac_bytes_text("ab"), prac_bytes_text("c"));
	struct prac_digest b = prac_enroll_server_proof(
		&key, exporter, prac_bytes_text("a"), prac_bytes_text("bc"));

	(void)state;
	assert_false(prac_digest_equal(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_six_groups_of_four),
		cmocka_unit_test(reads_codes_as_people_write_them),
		cmocka_unit_test(refuses_other_lengths_and_letters),
		cmocka_unit_test(sees_every_single_typing_error),
		cmocka_unit_test(sees_neighbors_that_changed_places),
		cmocka_unit_test(new_codes_survive_the_round_trip),
		cmocka_unit_test(the_key_is_hkdf_of_the_secret),
		cmocka_unit_test(proofs_cover_side_connection_and_content),
		cmocka_unit_test(the_border_of_chain_and_certificate_is_proved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
