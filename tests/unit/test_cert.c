#include "common/wire/cert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum {
	NOW_S = 1795000000, /* 2026-11-18 */
	DAY_S = 86400
};

static struct prac_arena arena;
static struct prac_ca *ca;
static struct prac_key *key;
static struct prac_cert_order order;
static const struct prac_id device = { { 1, 0x99, 2, 3, 4, 5, 0x70, 7, 0x80, 9, 10, 11, 12, 13, 14,
	15 } };

static int setup(void **state)
{
	(void)state;
	order = (struct prac_cert_order){ .now_s = NOW_S, .days = 90 };
	return prac_ca_new("Test authority", NOW_S, &ca) == PRAC_OK &&
			       prac_key_new(&key) == PRAC_OK &&
			       prac_key_spki(key, &arena, &order.spki) == PRAC_OK
		       ? 0
		       : -1;
}

static int teardown(void **state)
{
	(void)state;
	prac_ca_free(ca);
	prac_key_free(key);
	ca = NULL;
	key = NULL;
	prac_arena_deinit(&arena);
	return 0;
}

static void a_device_certificate_names_the_device(void **state)
{
	struct prac_digest spki = prac_sha256(order.spki);
	struct prac_cert_facts facts;
	struct prac_bytes pem;

	(void)state;
	assert_int_equal(prac_ca_issue_device(ca, &order, &device, &arena, &pem), PRAC_OK);
	assert_int_equal(prac_cert_read(pem, &facts), PRAC_OK);
	assert_false(facts.is_ca);
	assert_true(facts.has_device);
	assert_true(prac_id_equal(&facts.device, &device));
	assert_true(prac_digest_equal(&facts.spki, &spki));
	assert_int_equal(facts.not_before_s, NOW_S - 300);
	assert_int_equal(facts.not_after_s, NOW_S + 90 * DAY_S);
}

static void a_server_certificate_names_no_device(void **state)
{
	struct prac_cert_facts facts;
	struct prac_bytes pem;

	(void)state;
	assert_int_equal(
		prac_ca_issue_server(ca, &order, "wbl.example.org,10.0.0.1,::1", &arena, &pem),
		PRAC_OK);
	assert_int_equal(prac_cert_read(pem, &facts), PRAC_OK);
	assert_false(facts.has_device);
	assert_false(facts.is_ca);
}

/* OpenSSL's words for extensions are a small language; nobody may write in it through a name. */
static void refuses_names_that_are_none(void **state)
{
	static const char *const names[] = { "", ",", "a,", ",a", "a b", "a,URI:x", "-a", ".a",
		"*.a", "a;critical", "email:move", "1::2::3", "a\n", "\xc3\xa9.org" };
	struct prac_bytes pem;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(prac_ca_issue_server(ca, &order, names[i], &arena, &pem),
			PRAC_INVALID_ARGUMENT);
	}
}

static void refuses_public_keys_of_other_kinds(void **state)
{
	/* Ed25519, RFC 8410 section 10.1. */
	static const uint8_t ed25519[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70,
		0x03, 0x21, 0x00, 0x19, 0xbf, 0x44, 0x09, 0x69, 0x84, 0xcd, 0xfe, 0x85, 0x41, 0xba,
		0xc1, 0x67, 0xdc, 0x3b, 0x96, 0xc8, 0x50, 0x86, 0xaa, 0x30, 0xb6, 0xb6, 0xcb, 0x0c,
		0x5c, 0x38, 0xad, 0x70, 0x31, 0x66, 0xe1 };
	struct prac_bytes pem;

	(void)state;
	order.spki = (struct prac_bytes){ ed25519, sizeof(ed25519) };
	assert_int_equal(
		prac_ca_issue_device(ca, &order, &device, &arena, &pem), PRAC_INVALID_ARGUMENT);
	order.spki = (struct prac_bytes){ ed25519, 10 };
	assert_int_equal(
		prac_ca_issue_device(ca, &order, &device, &arena, &pem), PRAC_INVALID_ARGUMENT);
}

static void an_authority_survives_pem(void **state)
{
	struct prac_buf key_pem = { 0 };
	struct prac_ca *again = NULL;
	struct prac_cert_facts facts;
	struct prac_bytes pem;

	(void)state;
	assert_int_equal(prac_ca_cert(ca, &arena, &pem), PRAC_OK);
	assert_int_equal(prac_key_to_pem(prac_ca_key(ca), &key_pem), PRAC_OK);
	assert_int_equal(prac_ca_from_pem(pem, prac_buf_bytes(&key_pem), &again), PRAC_OK);
	assert_int_equal(prac_cert_read(pem, &facts), PRAC_OK);
	assert_true(facts.is_ca);
	assert_int_equal(facts.not_after_s, NOW_S + 3653LL * DAY_S);
	prac_ca_free(again);
	prac_wipe(&key_pem);
}

static void no_device_can_pose_as_an_authority(void **state)
{
	struct prac_buf key_pem = { 0 };
	struct prac_ca *other = NULL;
	struct prac_bytes device_pem;
	struct prac_bytes ca_pem;

	(void)state;
	assert_int_equal(prac_ca_issue_device(ca, &order, &device, &arena, &device_pem), PRAC_OK);
	assert_int_equal(prac_ca_cert(ca, &arena, &ca_pem), PRAC_OK);
	assert_int_equal(prac_key_to_pem(key, &key_pem), PRAC_OK);
	assert_int_equal(prac_ca_from_pem(device_pem, prac_buf_bytes(&key_pem), &other),
		PRAC_INVALID_ARGUMENT);
	assert_int_equal(
		prac_ca_from_pem(ca_pem, prac_buf_bytes(&key_pem), &other), PRAC_INVALID_ARGUMENT);
	prac_wipe(&key_pem);
}

static void text_without_a_certificate_is_refused(void **state)
{
	struct prac_cert_facts facts;
	struct prac_bytes pem;

	(void)state;
	assert_int_equal(prac_cert_read(prac_bytes_text(""), &facts), PRAC_INVALID_ARGUMENT);
	assert_int_equal(prac_cert_read(prac_bytes_text("hello"), &facts), PRAC_INVALID_ARGUMENT);
	assert_int_equal(prac_ca_cert(ca, &arena, &pem), PRAC_OK);
	pem.len /= 2;
	assert_int_equal(prac_cert_read(pem, &facts), PRAC_INVALID_ARGUMENT);
}

static void no_two_certificates_are_alike(void **state)
{
	struct prac_bytes a;
	struct prac_bytes b;

	(void)state;
	assert_int_equal(prac_ca_issue_device(ca, &order, &device, &arena, &a), PRAC_OK);
	assert_int_equal(prac_ca_issue_device(ca, &order, &device, &arena, &b), PRAC_OK);
	assert_false(prac_bytes_equal(a, b)); /* serial numbers are drawn */
}

/* 60 of 90 days, and for this key 0 to 7.5 more; so are other keys', but on other days. */
static void a_certificate_is_renewed_after_two_thirds_and_not_all_on_one_day(void **state)
{
	struct prac_cert_facts facts = { .not_before_s = NOW_S, .not_after_s = NOW_S + 90 * DAY_S };

	(void)state;
	facts.spki.b[0] = 0;
	assert_int_equal(prac_cert_renew_at_s(&facts), NOW_S + 60 * DAY_S);
	facts.spki.b[0] = 128;
	assert_int_equal(prac_cert_renew_at_s(&facts), NOW_S + 60 * DAY_S + 324000);
	facts.spki.b[0] = 255;
	assert_in_range(prac_cert_renew_at_s(&facts), NOW_S + 67 * DAY_S, NOW_S + 68 * DAY_S);
}

/* A second authority, self-signed, with what the first says of it. */
struct successor {
	struct prac_ca *ca;
	struct prac_bytes pem, cross, both;
};

static struct successor succeed(const char *name)
{
	struct successor next = { 0 };
	struct prac_bytes first;

	assert_int_equal(prac_ca_new(name, NOW_S, &next.ca), PRAC_OK);
	assert_int_equal(prac_ca_cert(next.ca, &arena, &next.pem), PRAC_OK);
	assert_int_equal(prac_ca_cert(ca, &arena, &first), PRAC_OK);
	next.both = prac_bytes_text(prac_arena_printf(&arena, "%.*s%.*s", (int)next.pem.len,
		(const char *)next.pem.data, (int)first.len, (const char *)first.data));
	return next;
}

static void a_new_authority_counts_only_when_one_we_trust_vouches_for_it(void **state)
{
	const struct prac_bytes nothing = { NULL, 0 };
	struct successor next = succeed("Test authority");
	struct prac_bytes first, by_itself;

	(void)state;
	assert_int_equal(prac_ca_cert(ca, &arena, &first), PRAC_OK);
	assert_int_equal(prac_ca_cross(ca, next.pem, NOW_S, &arena, &next.cross), PRAC_OK);
	assert_int_equal(prac_ca_cross(next.ca, next.pem, NOW_S, &arena, &by_itself), PRAC_OK);
	assert_true(prac_authorities_are_proven(first, first, nothing));
	assert_true(prac_authorities_are_proven(first, next.both, next.cross));
	assert_false(prac_authorities_are_proven(first, next.both, nothing));
	assert_false(prac_authorities_are_proven(first, next.both, by_itself));
	assert_false(prac_authorities_are_proven(first, nothing, next.cross));
	assert_true(prac_authorities_are_proven(next.both, next.pem, nothing));
	prac_ca_free(next.ca);
}

static void nobody_vouches_for_what_is_no_authority_of_the_district(void **state)
{
	struct successor other = succeed("Another authority");
	struct prac_bytes pem;

	(void)state;
	assert_int_equal(prac_ca_issue_device(ca, &order, &device, &arena, &pem), PRAC_OK);
	assert_int_equal(
		prac_ca_cross(ca, other.pem, NOW_S, &arena, &other.cross), PRAC_INVALID_ARGUMENT);
	assert_int_equal(
		prac_ca_cross(ca, pem, NOW_S, &arena, &other.cross), PRAC_INVALID_ARGUMENT);
	prac_ca_free(other.ca);
}

static void the_first_authority_is_the_one_that_signs(void **state)
{
	struct successor next = succeed("Test authority");
	struct prac_bytes old, young;

	(void)state;
	assert_int_equal(prac_ca_issue_device(ca, &order, &device, &arena, &old), PRAC_OK);
	assert_int_equal(prac_ca_issue_device(next.ca, &order, &device, &arena, &young), PRAC_OK);
	assert_true(prac_cert_is_of_first(young, next.both));
	assert_false(prac_cert_is_of_first(old, next.both));
	prac_ca_free(next.ca);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_device_certificate_names_the_device, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_server_certificate_names_no_device, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_names_that_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(
			refuses_public_keys_of_other_kinds, setup, teardown),
		cmocka_unit_test_setup_teardown(an_authority_survives_pem, setup, teardown),
		cmocka_unit_test_setup_teardown(
			no_device_can_pose_as_an_authority, setup, teardown),
		cmocka_unit_test_setup_teardown(
			text_without_a_certificate_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(no_two_certificates_are_alike, setup, teardown),
		cmocka_unit_test(a_certificate_is_renewed_after_two_thirds_and_not_all_on_one_day),
		cmocka_unit_test_setup_teardown(
			a_new_authority_counts_only_when_one_we_trust_vouches_for_it, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			nobody_vouches_for_what_is_no_authority_of_the_district, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_first_authority_is_the_one_that_signs, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
