#include "common/base/id.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int64_t now_ms;
static uint8_t chance;

static int64_t fake_wall_ms(void *ctx)
{
	(void)ctx;
	return now_ms;
}

static void fake_random(void *ctx, void *out, size_t len)
{
	(void)ctx;
	memset(out, chance, len);
}

static const struct prac_env env = { .wall_ms = fake_wall_ms, .random = fake_random };

static void start(int64_t ms, uint8_t fill)
{
	prac_id_restart();
	now_ms = ms;
	chance = fill;
}

/* RFC 9562 appendix A.6 has this time; the random parts here are all ones. */
static void has_the_layout_of_version_7(void **state)
{
	char text[PRAC_ID_TEXT];
	struct prac_id id;

	(void)state;
	start(0x017f22e279b0, 0xff);
	id = prac_id_new(&env);
	prac_id_format(&id, text);
	assert_string_equal(text, "017f22e2-79b0-77ff-bfff-ffffffffffff");
}

static void ids_of_one_millisecond_ascend(void **state)
{
	struct prac_id last;

	(void)state;
	start(1000, 0xff);
	last = prac_id_new(&env);
	/* More than the 12-bit counter holds, so that the borrowed millisecond is tried too. */
	for (int i = 0; i < 5000; i++) {
		struct prac_id next = prac_id_new(&env);

		assert_true(prac_id_compare(&last, &next) < 0);
		last = next;
	}
}

static void ids_ascend_when_the_clock_steps_back(void **state)
{
	struct prac_id before;
	struct prac_id after;

	(void)state;
	start(5000, 0x11);
	before = prac_id_new(&env);
	now_ms = 10;
	after = prac_id_new(&env);
	assert_true(prac_id_compare(&before, &after) < 0);
}

static void a_restart_repeats_the_ids_of_a_history(void **state)
{
	struct prac_id first;
	struct prac_id again;

	(void)state;
	start(7000, 0x22);
	first = prac_id_new(&env);
	now_ms = 9000;
	(void)prac_id_new(&env);
	start(7000, 0x22);
	again = prac_id_new(&env);
	assert_true(prac_id_equal(&first, &again));
}

static void parses_what_it_formats_and_any_case(void **state)
{
	char text[PRAC_ID_TEXT];
	struct prac_id id;

	(void)state;
	assert_int_equal(prac_id_parse("00112233-4455-6677-8899-AABBCCDDEEFF", &id), PRAC_OK);
	assert_memory_equal(
		id.b, "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16);
	prac_id_format(&id, text);
	assert_string_equal(text, "00112233-4455-6677-8899-aabbccddeeff");
	assert_int_equal(prac_id_parse("00112233445566778899aabbccddeeff", &id), PRAC_OK);
}

static void refuses_what_is_no_id(void **state)
{
	static const char *const texts[] = { "", "0", "00112233-4455-6677-8899-aabbccddeef",
		"00112233-4455-6677-8899-aabbccddeefff", "00112233-4455-6677-8899-aabbccddeefg",
		"001122334-455-6677-8899-aabbccddeeff", "00112233 4455 6677 8899 aabbccddeeff",
		"{0112233445566778899aabbccddeef}" };
	struct prac_id id;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(prac_id_parse(texts[i], &id), PRAC_INVALID_ARGUMENT);
	}
}

static void bytes_are_exactly_sixteen(void **state)
{
	struct prac_id id = { { 1 } };
	struct prac_id copy;

	(void)state;
	assert_int_equal(prac_id_from_bytes(prac_id_bytes(&id), &copy), PRAC_OK);
	assert_true(prac_id_equal(&id, &copy));
	assert_int_equal(
		prac_id_from_bytes((struct prac_bytes){ id.b, 15 }, &copy), PRAC_INVALID_ARGUMENT);
	assert_int_equal(
		prac_id_from_bytes((struct prac_bytes){ NULL, 0 }, &copy), PRAC_INVALID_ARGUMENT);
	assert_false(prac_id_is_nil(&id));
	assert_true(prac_id_is_nil(&(struct prac_id){ { 0 } }));
}

/* Two records of one millisecond differ in their last four bytes, so these make the hash. */
static void hashes_by_its_random_end(void **state)
{
	struct prac_id first, other, later;

	(void)state;
	assert_int_equal(prac_id_parse("01890000-0000-7000-8000-000011223344", &first), PRAC_OK);
	assert_int_equal(prac_id_parse("01890000-0000-7000-8000-000011223345", &other), PRAC_OK);
	assert_int_equal(prac_id_parse("01890000-0001-7000-8000-000011223344", &later), PRAC_OK);
	assert_int_not_equal(prac_id_hash(&first), prac_id_hash(&other));
	assert_int_equal(prac_id_hash(&first), prac_id_hash(&later));
	assert_true(prac_id_same(&first, &first));
	assert_false(prac_id_same(&first, &later));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_the_layout_of_version_7),
		cmocka_unit_test(ids_of_one_millisecond_ascend),
		cmocka_unit_test(ids_ascend_when_the_clock_steps_back),
		cmocka_unit_test(a_restart_repeats_the_ids_of_a_history),
		cmocka_unit_test(parses_what_it_formats_and_any_case),
		cmocka_unit_test(refuses_what_is_no_id),
		cmocka_unit_test(bytes_are_exactly_sixteen),
		cmocka_unit_test(hashes_by_its_random_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
