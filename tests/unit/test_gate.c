/* Who may come in: penalties and the header of a load balancer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "server/net/penalty.h"
#include "server/net/proxy.h"

enum {
	MAX_S = 600,
	NOW_MS = 1000000
};

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"

static void a_slip_is_forgiven_and_broken_bytes_are_not(void **state)
{
	struct net_penalties *penalties = net_penalties_new();

	(void)state;
	net_penalties_add(penalties, "slip", NET_OFFENSE_SLOW, MAX_S, NOW_MS);
	assert_int_equal(net_penalties_left_ms(penalties, "slip", NOW_MS), 0);
	net_penalties_add(penalties, "slip", NET_OFFENSE_SLOW, MAX_S, NOW_MS);
	assert_int_equal(net_penalties_left_ms(penalties, "slip", NOW_MS), 5000);
	net_penalties_add(penalties, "broken", NET_OFFENSE_BROKEN, MAX_S, NOW_MS);
	assert_int_equal(net_penalties_left_ms(penalties, "broken", NOW_MS), 75000);
	assert_int_equal(net_penalties_left_ms(penalties, "broken", NOW_MS + 75000), 0);
	assert_int_equal(net_penalties_left_ms(penalties, "other", NOW_MS), 0);
	net_penalties_free(penalties);
}

static void penalties_add_up_to_the_limit_and_none_is_none(void **state)
{
	struct net_penalties *penalties = net_penalties_new();

	(void)state;
	for (int i = 0; i < 100; i++) {
		net_penalties_add(penalties, "a", NET_OFFENSE_BROKEN, MAX_S, NOW_MS);
		net_penalties_add(penalties, "b", NET_OFFENSE_BROKEN, 0, NOW_MS);
	}
	assert_int_equal(net_penalties_left_ms(penalties, "a", NOW_MS), 585000);
	assert_int_equal(net_penalties_left_ms(penalties, "b", NOW_MS), 0);
	net_penalties_free(penalties);
}

static void the_table_does_not_grow_with_the_number_of_attackers(void **state)
{
	struct net_penalties *penalties = net_penalties_new();
	char key[32];

	(void)state;
	for (int i = 0; i < NET_PENALTY_KEYS_MAX + 1; i++) {
		(void)snprintf(key, sizeof(key), "%d", i);
		net_penalties_add(penalties, key, NET_OFFENSE_BROKEN, MAX_S, NOW_MS);
	}
	assert_int_equal(net_penalties_left_ms(penalties, "0", NOW_MS), 75000);
	assert_int_equal(net_penalties_left_ms(penalties, key, NOW_MS), 0);
	/* Those that have run off make room. */
	net_penalties_add(penalties, key, NET_OFFENSE_BROKEN, MAX_S, NOW_MS + 90000);
	assert_int_equal(net_penalties_left_ms(penalties, key, NOW_MS + 90000), 75000);
	net_penalties_free(penalties);
}

static enum prac_status read_header(const char *bytes, size_t len, size_t *len_out, char *address)
{
	*len_out = 0;
	return net_proxy_read((struct prac_bytes){ (const uint8_t *)bytes, len }, len_out, address);
}

static void a_header_names_the_source(void **state)
{
	static const char four[] =
		SIGNATURE "\x21\x11\0\x0c\xc0\0\2\1\x0a\0\0\1\x1f\x90\x1d\x13TLS";
	static const char six[] = SIGNATURE "\x21\x21\0\x24\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\5"
					    "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\1\0\2";
	char address[NET_PROXY_ADDRESS];
	size_t len;

	(void)state;
	assert_int_equal(read_header(four, sizeof(four) - 1, &len, address), PRAC_OK);
	assert_int_equal(len, 28);
	assert_string_equal(address, "192.0.2.1");
	assert_int_equal(read_header(six, sizeof(six) - 1, &len, address), PRAC_OK);
	assert_int_equal(len, 52);
	assert_string_equal(address, "2001:db8::5");
	for (size_t i = 0; i < 28; i++) {
		assert_int_equal(read_header(four, i, &len, address), PRAC_UNAVAILABLE);
	}
}

static void a_balancer_may_speak_for_itself(void **state)
{
	static const char local[] = SIGNATURE "\x20\0\0\0";
	char address[NET_PROXY_ADDRESS];
	size_t len;

	(void)state;
	assert_int_equal(read_header(local, sizeof(local) - 1, &len, address), PRAC_OK);
	assert_int_equal(len, 16);
	assert_string_equal(address, "");
}

static void what_is_no_header_is_refused(void **state)
{
	static const char *const wrong[] = {
		"\x16\x03\x01\0\0 a client hello...",    /* TLS at once */
		"PROXY TCP4 192.0.2.1 10.0.0.1 1 2\r\n", /* version 1 */
	};
	static const char version[] = SIGNATURE "\x11\x11\0\x0c............";
	static const char command[] = SIGNATURE "\x22\x11\0\x0c............";
	static const char small[] = SIGNATURE "\x21\x11\0\x0b...........";
	static const char large[] = SIGNATURE "\x21\x11\x02\x09";
	char address[NET_PROXY_ADDRESS];
	size_t len;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(read_header(wrong[i], 20, &len, address), PRAC_INVALID_ARGUMENT);
	}
	assert_int_equal(
		read_header(version, sizeof(version) - 1, &len, address), PRAC_INVALID_ARGUMENT);
	assert_int_equal(
		read_header(command, sizeof(command) - 1, &len, address), PRAC_INVALID_ARGUMENT);
	assert_int_equal(
		read_header(small, sizeof(small) - 1, &len, address), PRAC_INVALID_ARGUMENT);
	assert_int_equal(
		read_header(large, sizeof(large) - 1, &len, address), PRAC_INVALID_ARGUMENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slip_is_forgiven_and_broken_bytes_are_not),
		cmocka_unit_test(penalties_add_up_to_the_limit_and_none_is_none),
		cmocka_unit_test(the_table_does_not_grow_with_the_number_of_attackers),
		cmocka_unit_test(a_header_names_the_source),
		cmocka_unit_test(a_balancer_may_speak_for_itself),
		cmocka_unit_test(what_is_no_header_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
