#include "common/base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void assert_digest(struct prac_digest digest, const char *hex)
{
	char text[PRAC_DIGEST_TEXT];

	prac_digest_format(&digest, text);
	assert_string_equal(text, hex);
}

/* FIPS 180-2 appendix B.1. */
static void sha256_of_abc(void **state)
{
	const struct prac_bytes parts[] = { prac_bytes_text("a"), { NULL, 0 },
		prac_bytes_text("bc") };

	(void)state;
	assert_digest(prac_sha256(prac_bytes_text("abc")),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_digest(prac_sha256_parts(parts, 3),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_digest(prac_sha256((struct prac_bytes){ NULL, 0 }),
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231 test case 2. */
static void hmac_with_a_short_key(void **state)
{
	(void)state;
	assert_digest(prac_hmac_sha256(prac_bytes_text("Jefe"),
			      prac_bytes_text("what do ya want for nothing?")),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void equal_only_when_every_byte_is(void **state)
{
	struct prac_digest a = prac_sha256(prac_bytes_text("abc"));
	struct prac_digest b = a;

	(void)state;
	assert_true(prac_digest_equal(&a, &b));
	b.b[31] ^= 1;
	assert_false(prac_digest_equal(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_of_abc),
		cmocka_unit_test(hmac_with_a_short_key),
		cmocka_unit_test(equal_only_when_every_byte_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
